"""How often agg_replay_verdicts raises a false alarm, and how often it finds a shift: simulated workloads, as a table in Markdown.

A workload has 12 statements of 25 pairs whose durations have 30 % noise on either side. Beside it a run may be slower or faster as a
whole (noise of a run), and each statement of a run by itself. docs/replay.md has what this prints:

    python bench/verdict_rates.py --simulations 1000
"""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

_SPEC = importlib.util.spec_from_file_location(
    "agg_replay_verdicts", Path(__file__).parents[1] / "models/marts/platform/agg_replay_verdicts.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
MODEL = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(MODEL)

STATEMENTS, PAIRS, SPREAD = 12, 25, 0.3
# shared by a run, per statement of a run, shift, reruns
CASES = [
    *((shared, own, 0.0, 1) for shared, own in ((0.0, 0.0), (0.03, 0.0), (0.05, 0.0), (0.1, 0.0), (0.0, 0.1), (0.05, 0.1))),
    *((shared, own, 0.0, 3) for shared, own in ((0.05, 0.0), (0.1, 0.0), (0.0, 0.1))),
    (0.0, 0.0, 0.0, 0),
    (0.0, 0.0, 0.0, 3),
    *((0.0, 0.0, shift, reruns) for reruns in (0, 1, 3) for shift in (0.05, 0.1, 0.2)),
    *((0.05, 0.0, shift, reruns) for reruns in (1, 3) for shift in (0.05, 0.1, 0.2)),
]


def run(rng: Any, medians: Any, keys: Any, shared: float, own: float, shift: float = 0) -> Any:
    """Durations of a run, in microseconds."""
    statements = rng.normal(0, own, len(medians))[keys]
    return medians[keys] * np.exp(rng.normal(0, shared) + statements + rng.normal(0, SPREAD, len(keys))) * (1 + shift)


def rates(simulations: int, shared: float, own: float, shift: float, reruns: int, seed: int = 0) -> dict[str, float]:
    """Share of the simulations with a change: of the typical statement, of the seconds, of any statement; and of the statements."""
    rng = np.random.default_rng(seed)
    keys = np.repeat(np.arange(STATEMENTS), PAIRS)
    found = dict.fromkeys(("all", "total", "any", "statements"), 0.0)
    for _ in range(simulations):
        medians = 1e6 * rng.lognormal(0, 1, STATEMENTS)
        baseline, target = run(rng, medians, keys, shared, own), run(rng, medians, keys, shared, own, shift)
        again = [(keys, baseline, run(rng, medians, keys, shared, own)) for _ in range(reruns)]
        rows = MODEL.verdicts(keys, baseline, target, reruns=again, resamples=199)
        changed = {row["statement_key"]: row["verdict"] in MODEL.CHANGES for row in rows}
        of_statements = [is_changed for key, is_changed in changed.items() if key not in ("all", "total")]
        shares = {"all": changed["all"], "total": changed["total"], "any": any(of_statements), "statements": float(np.mean(of_statements))}
        for name, share in shares.items():
            found[name] += float(share) / simulations
    return found


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=1000)
    simulations = parser.parse_args().simulations
    print("| noise of a run | noise of a statement | shift | reruns | typical statement | seconds | any statement | of the statements |")
    print("|---|---|---|---|---|---|---|---|")
    for shared, own, shift, reruns in CASES:
        found = rates(simulations, shared, own, shift, reruns)
        shares = [f"{value:.0%}" if value >= 0.1 else f"{value:.1%}" for value in found.values()]
        print(f"| {shared:.0%} | {own:.0%} | {shift:.0%} | {reruns} | {' | '.join(shares)} |", flush=True)


if __name__ == "__main__":
    main()
