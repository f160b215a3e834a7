"""Properties of the orders path over generated histories: the promises of exactly-once, batch invariance and accounting."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from compiled_project import CompiledProject, Replay
from conftest import Compilations
from histories import HISTORIES, hold_over, side_by_side
from hypothesis import strategies as st

MARTS = ["dim_customer", "dim_product", "dim_store", "fct_orders", "fct_order_status_changes"]
DAY_0 = datetime(2023, 9, 2)

Record = tuple[int | None, int | None, str | None, Any, str | None]


def event(day: int, position: int, status: str = "Initiated", order: str = "1", **fields: Any) -> Record:
    """An order event: its day, its position in partition 0 and its status."""
    payload = {
        "EventType": "Orders", "OrderID": order, "CustomerID": "C1", "CustomerName": "David", "OrderDate": "2023-09-02",
        "Store_Name": "Store-1", "ProductID": "P1", "ProductName": "Widget", "Quatity": "5", "Price": "2500",
        "OrderStatus": status, **fields,
    }  # fmt: skip
    return (0, position, str(DAY_0 + timedelta(days=day)), payload, None)


@pytest.fixture(scope="module")
def project(compiled: Compilations) -> CompiledProject:
    """The models behind the orders topic."""
    beside = ("copy_appflow_accounts", "copy_aurora_orders", "copy_customer_matches")
    return CompiledProject(compiled, "mv_orders", beside=beside)


def load_all(project: CompiledProject, batches: Sequence[Sequence[Record]]) -> Replay:
    """Loads the batches one after the other."""
    replay = Replay(project)
    for batch in batches:
        replay.land(list(batch))
        replay.load()
    return replay


def statuses(replay: Replay, order: str = "1") -> list[tuple[str, int]]:
    """Status history of an order: status and day since when."""
    rows = replay.rows(
        f"select order_status, valid_from from {{fct_order_status_changes}} where order_id = '{order}' order by status_number"
    )
    return [(status, (valid_from - DAY_0).days) for status, valid_from in rows]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Record], list[list[Record]]]:
    """Records of a few orders in the order produced, and a delivery of them: cut, shuffled, and some of them twice."""
    records: list[Record] = []
    for position in range(draw(st.integers(1, 10))):
        kind = draw(st.sampled_from(["event"] * 8 + ["no json", "tombstone", "no position", "bad price", "no key"]))
        day = draw(st.integers(0, 4))
        name = draw(st.sampled_from(["David", "Dave", "d'Avid|^"]))
        item = event(
            day,
            position,
            draw(st.sampled_from("ABC")),
            draw(st.sampled_from(["1", "2"])),
            CustomerName=name,
            CustomerID=draw(st.sampled_from(["C1", "C2"])),
            ProductID=draw(st.sampled_from(["P1", "P2"])),
            Store_Name=draw(st.sampled_from(["Store-1", None])),
        )
        if kind == "no json":
            item = (0, position, item[2], None, "{")
        elif kind == "tombstone":
            item = (0, position, item[2], None, None)
        elif kind == "no position":
            item = (None, None, None, None, f"cut line {position}")
        elif kind == "bad price":
            item = event(day, position, Price="abc")
        elif kind == "no key":
            item = event(day, position, OrderID=None)
        records.append(item)
    deliveries = draw(st.permutations(records + draw(st.lists(st.sampled_from(records), max_size=4))))
    cuts = sorted(draw(st.lists(st.integers(0, len(deliveries)), max_size=3)))
    bounds = [0, *cuts, len(deliveries)]
    return records, [deliveries[start:end] for start, end in itertools.pairwise(bounds)]


History = tuple[list[Record], list[list[Record]]]


def apart(history: History, number: int) -> History:
    """The same history with keys and a partition of its own."""
    names = {"OrderID", "CustomerID", "ProductID", "Store_Name"}

    def own(record: Record) -> Record:
        partition, position, moment, payload, invalid = record
        if isinstance(payload, dict):
            payload = {name: f"{value}-{number}" if name in names and value is not None else value for name, value in payload.items()}
        if partition is None and invalid is not None:
            invalid = f"{invalid} of {number}"
        return (None if partition is None else number, position, moment, payload, invalid)

    records, batches = history
    return [own(record) for record in records], [[own(record) for record in batch] for batch in batches]


LATE_REPEATS: list[History] = [
    (
        [event(1, 0, "A"), event(3, 2, "A"), event(2, 1, "B")],
        [[event(1, 0, "A")], [event(3, 2, "A")], [event(2, 1, "B")]],
    ),
    ([event(1, 0, "A"), event(2, 1, "C"), event(3, 2, "C")], [[event(1, 0, "A"), event(3, 2, "C")], [event(2, 1, "C")]]),
]


def check_delivery(project: CompiledProject, group: Sequence[History]) -> None:
    """The marts of the batches are those of one clean load, and every record is accounted for."""
    records, batches = side_by_side(group, apart)
    clean = load_all(project, [records])
    delivered = load_all(project, batches)
    for mart in MARTS:
        assert delivered.table(mart) == clean.table(mart), mart
    for replay in (clean, delivered):
        landed, outcomes, accepted = replay.rows(
            "select (select count(*) from " + project.landing + "), count(*), "
            "count(*) filter (outcome = 'accepted') from {delivered_msk__orders}"
        )[0]
        assert landed == outcomes
        assert accepted == sum(1 for record in records if record[3] is not None and is_acceptable(record))


def test_any_delivery_gives_the_marts_of_one_clean_load(project: CompiledProject) -> None:
    hold_over(histories(), lambda group: check_delivery(project, group), examples=LATE_REPEATS)


def is_acceptable(record: Record) -> bool:
    """Whether the generated record is a good one."""
    payload = record[3]
    return payload["OrderID"] is not None and payload["Price"] != "abc"


@pytest.mark.parametrize("stop", range(23))
def test_a_run_killed_behind_any_model_changes_nothing(project: CompiledProject, stop: int) -> None:
    """Every load of a few histories dies behind as many models; the last one goes to its end."""

    def check(group: Sequence[History]) -> None:
        records, batches = side_by_side(group, apart)
        killed = Replay(project)
        killed.load()
        for batch in batches:
            killed.land(list(batch))
            killed.load(stop_after=stop)
        killed.load()
        clean = load_all(project, [records])
        for mart in MARTS:
            assert killed.table(mart) == clean.table(mart), mart

    # the first thing that Hypothesis tries is the simplest, the second is a real one
    five = st.lists(histories(), min_size=5, max_size=5)
    hold_over(five, lambda groups: check([each for group in groups for each in group]), number=2)


def test_runs_killed_anywhere_change_nothing(project: CompiledProject) -> None:
    """Each load dies somewhere else."""
    stops = st.lists(st.integers(0, 22), max_size=3)

    def check(group: Sequence[tuple[History, list[int]]]) -> None:
        records, batches = side_by_side([history for history, _ in group], apart)
        killed = Replay(project)
        killed.load()
        for number, batch in enumerate(batches):
            killed.land(list(batch))
            # as one process loads all of them, it dies where the first of them says
            places = [places[number] for _, places in group if number < len(places)]
            if places:
                killed.load(stop_after=places[0])
        killed.load()
        clean = load_all(project, [records])
        for mart in MARTS:
            assert killed.table(mart) == clean.table(mart), mart

    hold_over(st.tuples(histories(), stops), check, number=max(HISTORIES // 2, 1))


def test_status_history_equals_a_plain_reading_of_the_records(project: CompiledProject) -> None:
    """An independent reference: sort by time and position, keep what differs from the one before."""

    def check(group: Sequence[History]) -> None:
        records, batches = side_by_side(group, apart)
        expected: dict[tuple[str, str], list[tuple[str, str]]] = {}
        good = [record for record in records if record[3] is not None and is_acceptable(record)]
        for _, _, moment, payload, _ in sorted(good, key=lambda record: (record[2], record[1])):
            line = expected.setdefault((payload["OrderID"], payload["ProductID"]), [])
            if not line or line[-1][0] != payload["OrderStatus"]:
                line.append((payload["OrderStatus"], str(moment)))
        replay = load_all(project, batches)
        actual: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for order, product, status, moment in replay.rows(
            "select changes.order_id, product.product_id, order_status, valid_from from {fct_order_status_changes} as changes "
            "inner join {dim_product} as product using (product_hk) order by changes.order_id, product_id, status_number"
        ):
            actual.setdefault((order, product), []).append((status, str(moment)))
        assert actual == expected

    hold_over(histories(), check, number=max(HISTORIES // 2, 1))


def day_batch(*states: str) -> list[Record]:
    """Records from words like 'B2': state and day; a third character is the position where the day does not give it."""
    return [event(int(word[1]), int(word[2:] or word[1]), word[0]) for word in states]


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        pytest.param([["A1", "B2"], ["A1", "B2"]], "A1 B2", id="replay of a batch of two versions"),
        pytest.param([["A1", "B2"], ["B2", "C3"]], "A1 B2 C3", id="overlapping batches"),
        pytest.param([["A1", "C3"], ["B2"]], "A1 B2 C3", id="late version between two"),
        pytest.param([["A1", "C3"], ["A2"]], "A1 C3", id="late record that changes nothing"),
        pytest.param([["A1", "C3"], ["C2"]], "A1 C2", id="late record that brings a version forward"),
        pytest.param([["A1", "C3"], ["B2", "C4"]], "A1 B2 C3", id="late version with a repeat behind it"),
        pytest.param([["A11"], ["B12"]], "A1 B1", id="second state at the same moment in a second batch"),
        pytest.param([["A11", "B12"], ["A11", "B12"]], "A1 B1", id="replayed tie"),
        pytest.param([["A1"], ["A3"], ["B2"]], "A1 B2 A3", id="repeat that was folded away comes back"),
        pytest.param([["A1", "B2", "A3"]], "A1 B2 A3", id="there and back in one batch"),
        pytest.param([["A3"], ["A1"], ["B2"]], "A1 B2 A3", id="there and back, backwards"),
    ],
)
def test_versions_of_a_satellite(project: CompiledProject, batches: list[list[str]], expected: str) -> None:
    replay = load_all(project, [day_batch(*batch) for batch in batches])
    assert " ".join(f"{status}{day}" for status, day in statuses(replay)) == expected
    # nothing is stored that is no change, but for the row that a late arrival made equal to its neighbour
    stored = replay.rows("select count(*) from {sat_order_line_status}")[0][0]
    assert stored == len(expected.split()) + (1 if batches == [["A1", "C3"], ["C2"]] else 0)


def test_a_topic_created_anew_is_no_redelivery(project: CompiledProject) -> None:
    """Offsets start over; the time stamps tell the records apart."""
    replay = load_all(project, [[event(0, 0, "A"), event(1, 1, "B")], [event(5, 0, "C")]])
    assert statuses(replay) == [("A", 0), ("B", 1), ("C", 5)]


def test_a_clock_set_back_hides_nothing(project: CompiledProject) -> None:
    """Marks of the future must not make the next load invisible."""
    replay = load_all(project, [[event(0, 0, "A")]])
    replay.connection.execute("update dev_operations.load_marks set loaded_until = loaded_until + interval 1 year")
    replay.land([event(1, 1, "B")])
    replay.load()
    assert statuses(replay) == [("A", 0), ("B", 1)]


def test_a_load_without_accepted_records_is_not_read_again(project: CompiledProject) -> None:
    """The mark of staging is on every delivered record, so it moves also when all of them are refused."""
    replay = load_all(project, [[event(0, 0, "A")], [event(0, 0, "A"), (0, 1, str(DAY_0), None, "{")]])
    replay.load()
    assert replay.rows("select outcome, count(*) from {delivered_msk__orders} group by all order by all") == [
        ("accepted", 1),
        ("duplicate", 1),
        ("quarantined", 1),
    ]
