"""Verdicts on replays: false alarms and power over simulated workloads, and what a verdict rests on."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from scipy import stats

_SPEC = importlib.util.spec_from_file_location("verdict_rates", ROOT / "bench/verdict_rates.py")
assert _SPEC is not None
assert _SPEC.loader is not None
SIMULATIONS = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(SIMULATIONS)
MODEL = SIMULATIONS.MODEL
ALPHA = MODEL.DEFAULTS["alpha"]
CHANGES = MODEL.CHANGES


def workload(rng: Any, effect: float = 0, statements: int = 12, pairs: int = 25, spread: float = 0.3) -> tuple[Any, Any, Any]:
    """Keys and durations of both sides: each statement has its median, each run its own noise of `spread` in logarithms on either side."""
    keys = np.repeat(np.arange(statements), pairs)
    medians = 1e6 * rng.lognormal(0, 1, statements)[keys]
    baseline = medians * rng.lognormal(0, spread, len(keys))
    return keys, baseline, medians * rng.lognormal(0, spread, len(keys)) * (1 + effect)


def by_key(rows: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {row["statement_key"]: row for row in rows}


@pytest.mark.parametrize(
    ("shared", "own", "reruns"), [(0, 0, 0), (0.03, 0, 1), (0.05, 0, 1), (0.1, 0, 1), (0, 0.1, 1), (0.05, 0.1, 2), (0.1, 0, 3), (0, 0.1, 3)]
)
def test_false_alarms_keep_to_the_stated_rate(shared: float, own: float, reruns: int) -> None:
    """Workloads without a change, whatever the noise of a run is: no more alarms than alpha allows for, over all and in any statement."""
    simulations = 200
    found = SIMULATIONS.rates(simulations, shared, own, 0, reruns)
    for name in ("all", "total", "any"):
        alarms = round(found[name] * simulations)
        assert stats.binomtest(alarms, simulations, ALPHA, alternative="greater").pvalue > 0.01, (name, alarms)


def test_without_a_rerun_a_shift_of_the_whole_run_is_taken_for_a_change() -> None:
    """Which is why the reason says how large a shift would undo the verdict."""
    assert SIMULATIONS.rates(100, 0.1, 0, 0, 0)["all"] > 0.3
    rng = np.random.default_rng(7)
    row = by_key(MODEL.verdicts(*workload(rng, 0.3)))["all"]
    assert row["verdict"] == "slower"
    assert row["undone_by"] == pytest.approx(row["ratio_low"] - 1)
    assert row["reason"] == f"of these two runs alone: a shift of {row['undone_by']:.1%} of the whole run would undo it"


def test_power_grows_with_the_effect() -> None:
    """What the page says that shifts of 5, 10 and 20 percent are found with (docs/replay.md)."""
    none = [SIMULATIONS.rates(100, 0, 0, shift, 0) for shift in (0.05, 0.1, 0.2)]
    assert none[0]["all"] > 0.3
    assert none[1]["all"] > 0.85
    assert none[2]["all"] > 0.98
    assert none[0]["statements"] < none[1]["statements"] < none[2]["statements"]
    assert none[2]["statements"] > 0.3
    assert SIMULATIONS.rates(100, 0, 0, 0.2, 3)["all"] > 0.9


def test_a_rerun_that_differs_as_much_takes_the_verdict_back() -> None:
    """The same two runs: sure by themselves, within the noise when the baseline's rerun is as far from it as the target."""
    rng = np.random.default_rng(8)
    keys, baseline, target = workload(rng, 0.2)
    rerun = baseline * 1.2 * rng.lognormal(0, 0.3, len(keys))
    assert by_key(MODEL.verdicts(keys, baseline, target))["all"]["verdict"] == "slower"
    row = by_key(MODEL.verdicts(keys, baseline, target, reruns=[(keys, baseline, rerun)]))["all"]
    assert row["verdict"] == "within the noise of a rerun"
    assert row["reason"].startswith("reruns of the baseline differ so much that it is ")
    assert row["reruns"] == 1
    calm = [(keys, baseline, baseline * rng.lognormal(0, 0.01, len(keys))) for _ in range(3)]
    assert by_key(MODEL.verdicts(keys, baseline, target, reruns=calm))["all"]["verdict"] == "slower"


def test_the_typical_statement_and_the_seconds_answer_two_questions() -> None:
    """Two thousand BEGIN and COMMIT of microseconds say nothing; loads that double turn the seconds, not the typical statement."""
    rng = np.random.default_rng(9)
    keys, baseline, target = workload(rng, -0.2, statements=60, spread=0.1)
    begins = np.full(2000, 1000)
    utility = np.concatenate([np.zeros(len(keys), bool), np.ones(2000, bool)])
    longer = by_key(
        MODEL.verdicts(
            np.concatenate([keys, begins]),
            np.concatenate([baseline, np.full(2000, 60)]),
            np.concatenate([target, np.full(2000, 110)]),
            utility,
        )
    )
    assert longer["all"]["verdict"] == longer["total"]["verdict"] == "faster"
    assert longer["all"]["ratio"] == pytest.approx(0.8, abs=0.03)
    assert longer[1000]["verdict"] == "same"  # 50 microseconds are none
    loads = np.repeat(np.arange(200, 220), 25)
    slow = 4e8 * rng.lognormal(0, 0.2, len(loads))
    found = by_key(MODEL.verdicts(np.concatenate([keys, loads]), np.concatenate([baseline, slow]), np.concatenate([target, 2.1 * slow])))
    assert found["all"]["verdict"] in ("cannot tell", "faster")
    assert found["total"]["verdict"] == "slower"
    assert found["total"]["ratio"] == pytest.approx(2.1, abs=0.05)


def test_utility_statements_alone_have_no_typical_one() -> None:
    rows = by_key(MODEL.verdicts(np.zeros(20, int), np.full(20, 60.0), np.full(20, 110.0), np.ones(20, bool)))
    assert (rows["all"]["verdict"], rows["all"]["reason"]) == ("cannot tell", "no statement does work of its own")


def test_pairs_of_a_statement_move_together() -> None:
    """Statements that change each in its own way, as much up as down: pairs alone would seem certain, statements do not."""
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(200):
        keys, baseline, target = workload(rng)
        _, baseline, target = keys, baseline, target * rng.lognormal(0, 0.3, 12)[keys]
        alarms += by_key(MODEL.verdicts(keys, baseline, target, resamples=99))["all"]["verdict"] in CHANGES
    assert stats.binomtest(alarms, 200, ALPHA, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize(
    ("ratio", "spread", "pairs", "expected"),
    [
        (1.0, 0.01, 30, "same"), (1.03, 0.01, 30, "same"), (0.7, 0.1, 30, "faster"), (1.4, 0.1, 30, "slower"),
        (1.0, 1.5, 30, "cannot tell"), (1.0, 0.0, 30, "same"), (2.0, 0.0, 30, "slower"), (10, 0.1, 8, "slower"), (0.1, 0.3, 9, "faster"),
        (0.1, 0.01, 4, "large change, few pairs"), (28, 0.2, 3, "large change, few pairs"), (1.2, 0.01, 4, "cannot tell"),
        (3, 0.0, 1, "large change, few pairs"),
    ],
)  # fmt: skip
def test_verdicts_by_hand(ratio: float, spread: float, pairs: int, expected: str) -> None:
    """Among them: a change that is certain and too small to matter, few pairs that can tell, and fewer that cannot."""
    rng = np.random.default_rng(2)
    baseline = 1e6 * rng.lognormal(0, 1, pairs)
    row = MODEL.verdicts(np.zeros(pairs, int), baseline, baseline * ratio * rng.lognormal(0, spread, pairs))[0]
    assert row["verdict"] == expected
    assert (row["reason"] is not None) == (expected != "same")
    if pairs >= 5:
        assert row["ratio_low"] <= row["ratio"] * (1 + 1e-9)
        assert row["ratio"] <= row["ratio_high"] * (1 + 1e-9)
    else:
        assert f"{pairs} of the 5 pairs" in row["reason"]


def test_intervals_hold_the_truth() -> None:
    """Of one statement with skewed noise, 20 pairs: at least 90 of 100 intervals of 95 percent."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(100):
        ratios = np.exp(rng.exponential(1, 20) - 1)
        row = MODEL.verdicts(np.zeros(20, int), np.full(20, 1e6), 1e6 * ratios, resamples=9)[0]
        held += row["ratio_low"] <= 1 <= row["ratio_high"]
    assert held >= 88


def test_variances_are_moderated_as_by_limma() -> None:
    """Equal variances give the common one; p-values of many statements of three pairs without a change are uniform."""
    rng = np.random.default_rng(10)
    degrees = np.full(400, 2.0)
    variances = rng.chisquare(2, 400) / 2
    found, _ = MODEL.moderated(variances, degrees)
    assert found.std() < 0.3 * variances.std()
    p_values = [row["p_value"] for row in MODEL.verdicts(*workload(rng, statements=400, pairs=3), resamples=9)[:-2]]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_many_statements_are_held_together() -> None:
    """Of 400 statements without a change about 20 have a p-value below 0.05; none is called a change for it."""
    rng = np.random.default_rng(4)
    own = MODEL.verdicts(*workload(rng, statements=400, pairs=10), resamples=99)[:-2]
    assert sum(row["p_value"] < ALPHA for row in own) > 8
    assert not any(row["verdict"] in CHANGES for row in own)


def test_configurations_are_held_together() -> None:
    """Holm over the configurations of a replay: the p-value of the surest counts as many times as there are configurations."""
    rng = np.random.default_rng(11)
    settings = MODEL.DEFAULTS
    rows = [row for _ in range(3) for row in MODEL.compared(MODEL.Pairs(*workload(rng, 0.05)), [], settings)]
    whole = sorted((row for row in MODEL.judged(rows, settings) if row["statement_key"] == "all"), key=lambda row: float(row["p_value"]))
    assert [row["adjusted_p_value"] for row in whole] == pytest.approx(
        [
            min(1, 3 * whole[0]["p_value"]),
            min(1, max(3 * whole[0]["p_value"], 2 * whole[1]["p_value"])),
            min(1, max(3 * whole[0]["p_value"], 2 * whole[1]["p_value"], whole[2]["p_value"])),
        ]
    )


def test_the_same_input_gives_the_same_numbers_again() -> None:
    keys, baseline, target = workload(np.random.default_rng(6), 0.1)
    assert MODEL.verdicts(keys, baseline, target) == MODEL.verdicts(keys, baseline, target)


def test_nothing_to_compare_gives_nothing() -> None:
    assert MODEL.verdicts(np.array([], int), np.array([]), np.array([])) == []
