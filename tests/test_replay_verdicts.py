"""Verdicts on replays: false alarms and power over simulated workloads, and what a verdict rests on."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from scipy import stats

_SPEC = importlib.util.spec_from_file_location("agg_replay_verdicts", ROOT / "models/marts/platform/agg_replay_verdicts.py")
assert _SPEC is not None
assert _SPEC.loader is not None
MODEL = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(MODEL)
ALPHA = MODEL.DEFAULTS["alpha"]
CHANGES = ("faster", "slower")


def workload(rng: Any, effect: float = 0, statements: int = 12, pairs: int = 25, spread: float = 0.3) -> tuple[Any, Any, Any]:
    """Keys and durations of both sides: each statement has its median, each run its own noise of `spread` in logarithms on either side."""
    keys = np.repeat(np.arange(statements), pairs)
    medians = 1e6 * rng.lognormal(0, 1, statements)[keys]
    baseline = medians * rng.lognormal(0, spread, len(keys))
    return keys, baseline, medians * rng.lognormal(0, spread, len(keys)) * (1 + effect)


def simulated(effect: float, simulations: int, seed: int) -> tuple[float, float, float]:
    """Share of the simulations with a change over all, share with a change in any statement, share of statements with one."""
    rng = np.random.default_rng(seed)
    over_all = any_statement = statements = 0.0
    for number in range(simulations):
        *own, whole = MODEL.verdicts(*workload(rng, effect), resamples=999, seed=number)
        over_all += whole["verdict"] in CHANGES
        changed = [row["verdict"] in CHANGES for row in own]
        any_statement += any(changed)
        statements += sum(changed) / len(changed)
    return over_all / simulations, any_statement / simulations, statements / simulations


def test_false_alarms_keep_to_the_stated_rate() -> None:
    """A thousand workloads without a change: over all, and in any of twelve statements, no more alarms than alpha allows for."""
    over_all, any_statement, _ = simulated(0, 1000, seed=0)
    assert over_all <= ALPHA
    assert any_statement <= ALPHA


def test_power_grows_with_the_effect() -> None:
    """What the page says that shifts of 5, 10 and 20 percent are found with (docs/replay.md)."""
    over_all, _, statements = zip(*(simulated(effect, 100, seed=1) for effect in (0.05, 0.1, 0.2)), strict=True)
    assert over_all[0] > 0.3
    assert over_all[1] > 0.9
    assert over_all[2] == 1
    assert statements[0] < statements[1] < statements[2]
    assert statements[2] > 0.3


def test_pairs_of_a_statement_move_together() -> None:
    """Statements that change each in its own way, as much up as down: pairs alone would seem certain, statements do not."""
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(200):
        keys, baseline, target = workload(rng)
        _, baseline, target = keys, baseline, target * rng.lognormal(0, 0.3, 12)[keys]
        alarms += MODEL.verdicts(keys, baseline, target, resamples=99)[-1]["verdict"] in CHANGES
    assert alarms / 200 <= 0.08  # 0.05, and what 200 draws may be off
    assert stats.binomtest(alarms, 200, ALPHA, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize(
    ("ratio", "spread", "pairs", "expected"),
    [
        (1.0, 0.01, 30, "same"), (1.03, 0.01, 30, "same"), (0.7, 0.1, 30, "faster"), (1.4, 0.1, 30, "slower"),
        (1.0, 1.5, 30, "cannot tell"), (0.1, 0.01, 7, "cannot tell"), (1.0, 0.0, 30, "same"), (2.0, 0.0, 30, "slower"),
    ],
)  # fmt: skip
def test_verdicts_by_hand(ratio: float, spread: float, pairs: int, expected: str) -> None:
    """Among them: a change that is certain and too small to matter, and one that is large and rests on seven pairs."""
    rng = np.random.default_rng(2)
    baseline = 1e6 * rng.lognormal(0, 1, pairs)
    rows = MODEL.verdicts(np.zeros(pairs, int), baseline, baseline * ratio * rng.lognormal(0, spread, pairs))
    assert rows[0]["verdict"] == expected
    if pairs >= 8:
        assert rows[0]["ratio_low"] <= rows[0]["ratio"] * (1 + 1e-9)
        assert rows[0]["ratio"] <= rows[0]["ratio_high"] * (1 + 1e-9)
    else:
        assert rows[0]["ratio_low"] is None


def test_intervals_hold_the_truth() -> None:
    """Of one statement with skewed noise, 20 pairs: at least 90 of 100 intervals of 95 percent."""
    rng = np.random.default_rng(3)
    held = 0
    for number in range(100):
        logarithms = rng.exponential(1, 20) - 1
        low, high = MODEL.bootstrap_interval(logarithms, {**MODEL.DEFAULTS, "seed": number}, rng)
        held += low <= 0 <= high
    assert held >= 88


def test_many_statements_are_held_together() -> None:
    """Of 400 statements without a change about 20 have a p-value below 0.05; none is called a change for it."""
    rng = np.random.default_rng(4)
    *own, _ = MODEL.verdicts(*workload(rng, statements=400, pairs=10), resamples=99)
    assert sum(row["p_value"] < ALPHA for row in own) > 8
    assert not any(row["verdict"] in CHANGES for row in own)


def test_the_same_input_gives_the_same_numbers_again() -> None:
    keys, baseline, target = workload(np.random.default_rng(6), 0.1)
    assert MODEL.verdicts(keys, baseline, target) == MODEL.verdicts(keys, baseline, target)


def test_nothing_to_compare_gives_nothing() -> None:
    assert MODEL.verdicts(np.array([], int), np.array([]), np.array([])) == []
