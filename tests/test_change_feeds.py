"""Properties of the change feeds over generated histories: batch invariance, exactly once, accounting, and the right answer.

Each history is what a source did (changes in commit order, several of them at one moment) and how it was delivered (files or positions
cut into batches, some of them again, a load that dies between two models). It is plain data: one that fails is written to
tests/corpus and replayed by every run from then on.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from compiled_project import CompiledProject, Replay
from conftest import Compilations
from histories import hold_over
from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "corpus"
START = datetime(2024, 1, 1)

Row = dict[str, Any]
History = dict[str, Any]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Changes of three rows: [key, value or null for a delete, whether a new moment begins]; and their delivery."""
    changes: list[list[Any]] = []
    alive: set[int] = set()
    for _ in range(draw(st.integers(1, 12))):
        key = draw(st.integers(1, 3))
        value = None if key in alive and draw(st.integers(0, 3)) == 0 else draw(st.sampled_from([1, 2, 3, None]))
        if value is None and key not in alive:
            value = 1
        (alive.discard if value is None else alive.add)(key)
        changes.append([key, value, draw(st.booleans())])
    pieces = sorted(draw(st.lists(st.integers(0, len(changes)), max_size=4)))
    files = [[start, end] for start, end in itertools.pairwise([0, *pieces, len(changes)]) if end > start]
    order = draw(st.permutations(range(len(files))))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=3)))
    batches = [list(order[start:end]) for start, end in itertools.pairwise([0, *cuts, len(order)])]
    return {
        "changes": changes,
        "files": files,
        "batches": batches,
        # whole files delivered again, at the end of a batch that comes after them
        "again": draw(st.lists(st.integers(0, len(files) - 1), max_size=2, unique=True)),
        # after how many models each load dies; 99 is none
        "stops": [draw(st.sampled_from([99, 99, *range(6)])) for _ in batches],
        "partial": draw(st.lists(st.booleans(), min_size=len(changes), max_size=len(changes))),
        "full_load": draw(st.booleans()),
    }


@dataclass(frozen=True)
class Feed:
    """A change feed under test: its landing models, its models' names, and how a file's changes become landed rows."""

    name: str
    landings: tuple[str, ...]
    source: str
    key: str
    value: str
    render: Callable[[History, int, int], list[tuple[str, Row]]]
    compares_times: bool = True


def moments(history: History) -> list[datetime]:
    """Commit time of each change. A file begins a new moment: within one, only a file's own order tells what came first."""
    starts = {start for start, _ in history["files"]}
    moment = START
    result = []
    for number, (_, _, is_new) in enumerate(history["changes"]):
        if is_new or number in starts:
            moment += timedelta(seconds=1)
        result.append(moment)
    return result


def is_insert(history: History, number: int) -> bool:
    """Whether the change brings a row that was not there."""
    key = history["changes"][number][0]
    before = [value for other, value, _ in history["changes"][:number] if other == key]
    return not before or before[-1] is None


def dms_rows(history: History, file: int, delivery: int) -> list[tuple[str, Row]]:
    """A DMS change file; the first may be a full load of the rows it inserts, which carry the time of the transfer."""
    start, end = history["files"][file]
    rows: list[tuple[str, Row]] = []
    name = f"dms/2024/01/01/{file:04d}" + (f"-again-{delivery}" if delivery else "") + ".csv"
    is_load = history["full_load"] and file == 0 and all(is_insert(history, number) for number in range(start, end))
    for number in range(start, end):
        key, value, _ = history["changes"][number]
        operation = "D" if value is None else "I" if is_insert(history, number) else "U"
        row = {
            "op": None if is_load else operation,
            # a full load is stamped when it is transferred, which may be after the changes that follow it
            "cdc_timestamp": str(START + timedelta(days=1)) if is_load else str(moments(history)[number]),
            "id": str(key),
            "home_team_id": None if value is None else str(value),
            "landing_file": name,
            "record_number": number - start + 1,
        }
        rows.append(("copy_dms_sporting_event_load" if is_load else "copy_dms_sporting_event", row))
    return rows


def sequenced_rows(history: History, file: int, delivery: int) -> list[tuple[str, Row]]:
    """A DMS change file with a change sequence, all of it at one moment, in files whose names do not sort as they were written."""
    start, end = history["files"][file]
    rows: list[tuple[str, Row]] = []
    for number in range(start, end):
        key, value, _ = history["changes"][number]
        row = {
            "op": "D" if value is None else "I" if is_insert(history, number) else "U",
            "ar_h_change_seq": f"2024010100000000000000{number:013d}",
            "last_update_time": str(START),
            "mlb_id": str(key),
            "mlb_name": None if value is None else str(value),
            "landing_file": f"dms/{9 - file}-{delivery}.parquet",
            "record_number": number - start + 1,
        }
        rows.append(("copy_dms_mlb_data", row))
    return rows


def account_rows(history: History, file: int, delivery: int) -> list[tuple[str, Row]]:
    """An AppFlow file: a deleted account is a row with the flag."""
    start, end = history["files"][file]
    rows: list[tuple[str, Row]] = []
    for number in range(start, end):
        key, value, _ = history["changes"][number]
        row = {
            "account_number": str(key),
            "name": "NULL" if value is None else str(value),
            "active": "true",
            "isdeleted": "true" if value is None else "false",
            "lastmodifieddate": moments(history)[number].isoformat() + ".000Z",
            "landing_file": f"appflow/accounts/{file:04d}-{delivery}.csv.gz",
            "record_number": number - start + 1,
        }
        rows.append(("copy_appflow_accounts", row))
    return rows


def debezium_rows(history: History, file: int, delivery: int) -> list[tuple[str, Row]]:
    """Debezium envelopes of a partition per key; what is sent again has new offsets. A delete has neither image, then a tombstone."""
    start, end = history["files"][file]
    rows: list[tuple[str, Row]] = []
    for number in range(start, end):
        key, value, _ = history["changes"][number]
        operation = "d" if value is None else "c" if is_insert(history, number) else "u"
        if history["full_load"] and file == 0 and operation == "c":
            operation = "r"
        position = {
            "kafka_partition": key,
            "kafka_offset": 2 * number + 1000 * delivery,
            "kafka_timestamp": str(START + timedelta(days=delivery)),
            "kafka_key": json.dumps({"id": key}),
        }
        image = None if value is None else {"id": key, "name": str(value), "description": "Ünïcode ''\"", "weight": 1.5}
        envelope = {"before": None, "after": image, "op": operation, "source": {"lsn": 1000 + number, "ts_ms": 1704067200000}}
        # connectors with and without the schema in each message
        rows.append(("mv_products", {**position, "payload": {"schema": {}, "payload": envelope} if number % 2 else envelope}))
        if value is None:
            rows.append(("mv_products", {**position, "kafka_offset": position["kafka_offset"] + 1, "payload": None}))
    return rows


def dynamodb_rows(history: History, file: int, delivery: int) -> list[tuple[str, Row]]:
    """DynamoDB item changes over two shards; a change carries one column or both."""
    start, end = history["files"][file]
    rows: list[tuple[str, Row]] = []
    for number in range(start, end):
        key, value, _ = history["changes"][number]
        keys = {"pk": {"S": "CUSTOMER#C1"}, "sk": {"S": f"TRANSACTION#{key}"}}
        change: Row = {"ApproximateCreationDateTime": 1704067200000 + number // 3, "Keys": keys}
        if value is not None:
            change["NewImage"] = {**keys, "OutofPockMax": {"NULL": True}}
            change["NewImage"].update(
                {"OutofPockAmount": {"N": str(value)}} if history["partial"][number] else {"Provider": {"S": str(value)}}
            )
        name = "REMOVE" if value is None else "INSERT" if is_insert(history, number) else "MODIFY"
        row = {
            "shard_id": f"shardId-{number % 2}",
            "sequence_number": str(10**55 + number if number < 8 else 10**56 + number),
            "approximate_arrival_timestamp": str(START),
            "payload": {"eventID": f"e{number}", "eventName": name, "dynamodb": change},
        }
        rows.append(("mv_customer_transactions", row))
    return rows


def profile_rows(history: History, file: int, delivery: int) -> list[tuple[str, Row]]:
    """Documents of users over Kinesis; nothing is ever deleted."""
    start, end = history["files"][file]
    rows: list[tuple[str, Row]] = []
    for number in range(start, end):
        key, value, _ = history["changes"][number]
        row = {
            "shard_id": "shardId-0",
            "sequence_number": str(10**55 + number if number < 8 else 10**56 + number),
            "approximate_arrival_timestamp": str(START),
            "payload": {"login": {"uuid": str(key)}, "name": {"first": str(value or 0)}},
        }
        rows.append(("mv_user_profiles", row))
    return rows


FEEDS = {
    feed.name: feed
    for feed in [
        Feed(
            "sporting_event",
            ("copy_dms_sporting_event_load", "copy_dms_sporting_event"),
            "dms__sporting_event",
            "id",
            "home_team_id",
            dms_rows,
        ),
        Feed("mlb_data", ("copy_dms_mlb_data_load", "copy_dms_mlb_data"), "dms__mlb_data", "mlb_id", "mlb_name", sequenced_rows),
        Feed("accounts", ("copy_appflow_accounts",), "appflow__accounts", "account_number", "account_name", account_rows),
        Feed("products", ("mv_products",), "debezium__products", "id", "name", debezium_rows),
        Feed(
            "customer_transactions",
            ("mv_customer_transactions",),
            "kinesis__customer_transactions",
            "substring(transaction_key, 13)",
            "coalesce(cast(cast(out_of_pocket_amount as bigint) as varchar), '-') || coalesce(provider, '-')",
            dynamodb_rows,
        ),
        Feed("user_profiles", ("mv_user_profiles",), "kinesis__user_profiles", "user_id", "first_name", profile_rows),
    ]
}


@pytest.fixture(scope="module")
def projects(compiled: Compilations) -> dict[str, CompiledProject]:
    """The staging models of each feed."""
    return {name: CompiledProject(compiled, *feed.landings) for name, feed in FEEDS.items()}


def expected_rows(feed: Feed, history: History) -> dict[str, str]:
    """The source's table after all changes, worked out in Python."""
    rows: dict[str, dict[str, str]] = {}
    for (key, value, _), is_amount in zip(history["changes"], history["partial"], strict=True):
        if feed.name == "user_profiles":
            rows[str(key)] = {"value": str(value or 0)}
        elif value is None:
            rows.pop(str(key), None)
        elif feed.name == "customer_transactions":
            rows.setdefault(str(key), {"amount": "-", "provider": "-"})["amount" if is_amount else "provider"] = str(value)
        else:
            rows[str(key)] = {"value": str(value)}
    return {key: "".join(row.values()) for key, row in rows.items()}


def apart(history: History, number: int) -> History:
    """The same history with keys of its own."""
    return {**history, "changes": [[key + 10 * number, value, is_new] for key, value, is_new in history["changes"]]}


def rows_of(feed: Feed, history: History, number: int, file: int, delivery: int) -> list[tuple[str, Row]]:
    """Landed rows of a file; its name, the shard and the identity of an event are the history's own too."""
    rows = feed.render(history, file, delivery)
    for _, row in rows:
        if "landing_file" in row:
            row["landing_file"] = row["landing_file"].replace("/", f"/h{number}/", 1)
        if "shard_id" in row:
            row["shard_id"] += f"-{number}"
        if "eventID" in (row.get("payload") or {}):
            row["payload"]["eventID"] += f"h{number}"
    return rows


def deliver(replay: Replay, rows: list[tuple[str, Row]]) -> int:
    """Lands rows, each landing model in one refresh; how many."""
    for landing in {landing for landing, _ in rows}:
        replay.land_rows(landing, [row for name, row in rows if name == landing])
    return len(rows)


def contents(replay: Replay, feed: Feed) -> list[Any]:
    """Everything that the models say, but for when and by which load it came."""
    load = "exclude (loaded_at, load_id)"
    staged = replay.rows(f"select * exclude (loaded_at, load_id, arrived_at, change_order) from {{stg_{feed.source}}} order by change_id")
    history = replay.rows(f"select * {load.replace(')', ', change_order)')} from {{history_{feed.source}}} order by change_id")
    current = replay.rows(f"select * {load} from {{current_{feed.source}}} order by all")
    return [staged, history, current]


def delivered_in_batches(project: CompiledProject, feed: Feed, group: Sequence[History]) -> tuple[Replay, int]:
    """The histories delivered as they say, side by side, and how many rows landed; the loads die where the longest of them says."""
    replay = Replay(project)
    landed = 0
    seen: list[list[int]] = [[] for _ in group]
    longest: list[int] = max((history["stops"] for history in group), key=lambda stops: len(stops))
    for place, stop in enumerate(longest):
        rows: list[tuple[str, Row]] = []
        for number, history in enumerate(group):
            batch = history["batches"][place] if place < len(history["batches"]) else None
            if batch is None:
                continue
            seen[number] += batch
            rows += [row for file in batch for row in rows_of(feed, history, number, file, 0)]
            rows += [row for file in history["again"] if file in seen[number] for row in rows_of(feed, history, number, file, 1)]
        landed += deliver(replay, rows)
        replay.load(stop_after=stop)
    replay.load()
    return replay, landed


def check(project: CompiledProject, feed: Feed, histories: Sequence[History]) -> None:
    """The whole property, for histories side by side."""
    group = [apart(history, number) for number, history in enumerate(histories)]
    clean = Replay(project)
    deliver(
        clean,
        [row for number, each in enumerate(group) for file in range(len(each["files"])) for row in rows_of(feed, each, number, file, 0)],
    )
    clean.load()
    delivered, landed = delivered_in_batches(project, feed, group)
    assert contents(delivered, feed) == contents(clean, feed)

    # the right answer, not only the same one
    current = dict(delivered.rows(f"select cast({feed.key} as varchar), cast({feed.value} as varchar) from {{current_{feed.source}}}"))
    assert current == {key: value for history in group for key, value in expected_rows(feed, history).items()}
    versions = delivered.rows(f"select count(*), count(*) filter (is_current) from {{history_{feed.source}}}")
    changes = [change for history in group for change in history["changes"]]
    assert versions == [(len(changes), len({key for key, _, _ in changes}))]
    gaps = delivered.rows(
        f"select count(*) from (select *, lead(valid_from) over (partition by {feed.key} order by version_number) as next_from "
        f"from {{history_{feed.source}}}) where next_from is distinct from valid_to"
    )
    assert gaps == [(0,)]

    # every record is accounted for, in every load
    accounts = delivered.rows(
        "select coalesce(sum(delivered_records), 0), "
        "count(*) filter (delivered_records <> accepted_records + duplicate_records + quarantined_records) "
        f"from {{accounting_{feed.source}}}"
    )
    assert accounts == [(landed, 0)]
    assert delivered.rows(f"select count(*) from {{quarantine_{feed.source}}}") == [(0,)]


def remember(feed: Feed, history: History) -> None:
    """Writes a failing history to the corpus."""
    text = json.dumps({"feed": feed.name, "history": history}, indent=1)
    CORPUS.mkdir(exist_ok=True)
    (CORPUS / f"{feed.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.json").write_text(text + "\n")


@pytest.mark.parametrize("name", FEEDS)
def test_any_delivery_gives_the_tables_of_one_clean_load(projects: dict[str, CompiledProject], name: str) -> None:
    feed = FEEDS[name]
    hold_over(histories(), lambda group: check(projects[name], feed, group), on_failure=lambda history: remember(feed, history))


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.json")), ids=lambda file: file.stem)
def test_no_history_that_ever_failed_fails_again(projects: dict[str, CompiledProject], file: Path) -> None:
    case = json.loads(file.read_text())
    check(projects[case["feed"]], FEEDS[case["feed"]], [case["history"]])
