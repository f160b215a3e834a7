"""Properties over generated histories, most of them in groups that share a database.

Nine tenths of the time of a history goes to DuckDB's reading of the models' SQL, whatever lands. So twenty histories share one database,
with keys, files and positions of their own, and each expectation is about all of them at once. The first histories of a property run alone:
Hypothesis makes a counterexample among them as small as it can. When a group fails, each of its histories runs alone.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

History = TypeVar("History")
# how many histories a property is tried on
HISTORIES = int(os.environ.get("MILLRACE_HISTORIES", "60"))
ALONE = 15
GROUP = 20
SETTINGS = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


def hold_over(
    histories: st.SearchStrategy[History],
    check: Callable[[Sequence[History]], None],
    number: int = HISTORIES,
    examples: Sequence[History] = (),
    on_failure: Callable[[History], None] = lambda _: None,
) -> None:
    """Fails unless `check` holds for groups of one and of twenty generated histories, `number` in all, and for each of the examples.

    `check` loads the histories of a group side by side. `on_failure` gets the smallest history that failed.
    """
    failed: list[History] = []

    def alone(history: History) -> None:
        try:
            check([history])
        except BaseException:
            failed.append(history)
            raise

    @settings(SETTINGS, max_examples=max(1, min(number, ALONE)))
    @given(history=histories)
    def singles(history: History) -> None:
        alone(history)

    for given_example in examples:
        singles = example(history=given_example)(singles)

    # a group that fails is taken apart below, which gives a smaller counterexample than shrinking all of it at once
    @settings(SETTINGS, max_examples=max(1, (number - ALONE) // GROUP), phases=[Phase.generate])
    @given(group=st.lists(histories, min_size=GROUP, max_size=GROUP))
    def groups(group: list[History]) -> None:
        try:
            check(group)
        except BaseException:
            for history in sorted(group, key=lambda each: len(repr(each))):
                alone(history)
            raise

    try:
        singles()
        if number > ALONE:
            groups()
    except BaseException:
        if failed:
            on_failure(failed[-1])
        raise


def side_by_side(group: Sequence[Any], apart: Callable[[Any, int], Any]) -> tuple[list[Any], list[list[Any]]]:
    """Histories (records, and their batches) as one, in a database that they share: first batches together, then second ones, and so on.

    `apart` gives the history of a number keys and positions of its own.
    """
    own = [apart(history, number) for number, history in enumerate(group)]
    together = itertools.zip_longest(*(batches for _, batches in own), fillvalue=[])
    return [record for records, _ in own for record in records], [[record for batch in batches for record in batch] for batches in together]
