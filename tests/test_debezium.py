"""What Debezium's connectors write: positions of each of them, positions that start over, flattened rows, its encodings.

The envelopes follow the connectors' documentation (the source blocks of debezium.io's pages per connector, releases 2.4 to 3.0).
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from compiled_project import CompiledProject, Replay
from conftest import Compilations
from feeds_project import Feeds, copy_feeds_project, kafka_row, replayed

NAMED = {"format": "debezium", "key": ["id"], "columns": {"id": {"type": "integer"}, "name": {"type": "text(20)"}}}
FEEDS: Feeds = {
    "named": NAMED,
    "flat": {**NAMED, "soft_delete": {"from": "__deleted", "values": ["true"]}},
    "flat_alone": {**NAMED, "operation": False},
    "typed": {
        "format": "debezium",
        "key": ["id"],
        "columns": {
            "id": {"type": "integer"}, "big": {"type": "integer"}, "price": {"type": "decimal(10, 2)"}, "born": {"type": "date"},
            "moment": {"type": "timestamp"}, "ok": {"type": "boolean"}, "doc": {"type": "json"}, "tags": {"type": "json"},
            "note": {"type": "text(20)"},
        },
    },
    "documents": {
        "format": "debezium",
        "key": ["_id"],
        "extended_json": True,
        "columns": {
            "_id": {"type": "text(40)"}, "total": {"type": "decimal(10, 2)"}, "count": {"type": "integer"}, "at": {"type": "timestamp"},
            "on": {"type": "date"}, "rate": {"type": "float"}, "name": {"type": "text(20)"}, "tags": {"type": "json"},
            "create_time": {"type": "timestamp"},
        },
    },
    "coded": {**NAMED, "decimals": "base64", "columns": {"id": {"type": "integer"}, "price": {"type": "decimal(30, 2)"}}},
}  # fmt: skip

Row = dict[str, Any]


@pytest.fixture(scope="module")
def compiled_feeds(tmp_path_factory: pytest.TempPathFactory) -> Compilations:
    """The feeds above, compiled as they are asked for."""
    folder = copy_feeds_project(tmp_path_factory.mktemp("feeds"), FEEDS)
    return Compilations("debezium", folder, tmp_path_factory.mktemp("compiled_feeds"))


@pytest.fixture(scope="module")
def project(compiled_feeds: Compilations) -> dict[str, CompiledProject]:
    """The models of each feed."""
    return {name: CompiledProject(compiled_feeds, f"land_{name}") for name in FEEDS}


def change(
    offset: int, operation: str, before: str | None, after: str | None, source: dict[str, Any], partition: int = 0, number: int = 1
) -> Row:
    """A landed envelope; the record came to Kafka when the source says that it happened."""
    images: list[Any] = [None if name is None else {"id": number, "name": name} for name in (before, after)]
    if source["connector"] == "mongodb":
        images = [image and json.dumps(image) for image in images]
    moment = int(source.get("ts_ms") or 1_700_000_000_000)
    envelope = {"before": images[0], "after": images[1], "source": source, "op": operation, "ts_ms": moment, "transaction": None}
    return kafka_row(partition, offset, moment, json.dumps({"id": number}), envelope)


def current(replay: Replay, name: str) -> list[tuple[Any, ...]]:
    """Rows of the table as it is now."""
    return replay.rows(f"select id, name, version_number from {{current_s__{name}}} order by id")


def outcomes(replay: Replay, name: str) -> list[tuple[Any, ...]]:
    """How many records had which outcome."""
    return replay.rows(f"select outcome, outcome_reason, count(*) from {{delivered_s__{name}}} group by all order by all")


def positions(connector: str, number: int) -> dict[str, Any]:
    """The source block of the change with this number: the fields that tell its position, as the connector writes them."""
    base = {"connector": connector, "name": "s", "ts_ms": 1_752_400_000_000 + number * 1000, "snapshot": "false", "db": "d", "table": "t"}
    fields: dict[str, dict[str, Any]] = {
            "postgresql": {"schema": "public", "txId": 700 + number, "lsn": 99_999_999 + number * 60, "sequence": f'["1","{number}"]'},
            # log files are numbered, and 1000000 comes behind 999999
            "mysql": {"server_id": 1, "gtid": None, "file": f"binlog.{999_998 + number}", "pos": 900 - number * 100, "row": 0},
            "mariadb": {"server_id": 1, "gtid": f"0-1-{number}", "file": "mariadb-bin.000009", "pos": 1 + number * 99, "row": 0},
            "sqlserver": {
                "schema": "dbo", "change_lsn": f"00000030:00000e4{number}:0002", "commit_lsn": f"00000030:00000e4{number}:0003",
                "event_serial_no": 2,
            },
            "db2": {"schema": "DB2INST1", "change_lsn": f"00000000:0000000{number}:02", "commit_lsn": f"00000000:0000000{number}:03"},
            # one commit holds them all; SCNs are text and get longer
            "oracle": {
                "schema": "S", "txId": "06000a00", "scn": str(9_998 + number), "commit_scn": "20000", "rs_id": "0x1", "ssn": 0,
                "redo_thread": 1,
            },
            # several operations of one second, told apart by ord alone
            "mongodb": {"collection": "c", "ord": 8 + number, "ts_ms": 1_752_400_000_000, "lsid": None, "txnNumber": None},
            "informix": {"schema": "s", "change_lsn": str(9_998 + number), "commit_lsn": str(9_999 + number), "txId": "1"},
            # a connector whose positions nobody knows
            "spanner": {"low_watermark": None},
    }  # fmt: skip
    return {**base, **fields[connector]}


CONNECTORS = ["postgresql", "mysql", "mariadb", "sqlserver", "db2", "oracle", "mongodb", "informix", "spanner"]


def four_changes(connector: str) -> list[Row]:
    """c(A), u(A to B), u(B to A), u(A to B): the second and the last have equal images."""
    states = [None, "A", "B", "A", "B"]
    return [
        change(number, "c" if number == 0 else "u", states[number], states[number + 1], positions(connector, number)) for number in range(4)
    ]


@pytest.mark.parametrize("connector", CONNECTORS)
def test_equal_images_of_any_connector_are_changes_of_their_own(project: dict[str, CompiledProject], connector: str) -> None:
    records = four_changes(connector)
    for loads in ([records], [[record] for record in records], [list(reversed(records))]):
        replay = replayed(project["named"], "named", *loads)
        assert current(replay, "named") == [(1, "B", 4)]
        assert outcomes(replay, "named") == [("accepted", None, 4)]
        names = replay.rows("select name from {history_s__named} order by version_number")
        assert names == [("A",), ("B",), ("A",), ("B",)]


@pytest.mark.parametrize("connector", CONNECTORS[:-1])
def test_what_a_restarted_connector_sends_again_is_known_by_its_position(project: dict[str, CompiledProject], connector: str) -> None:
    records = four_changes(connector)
    again = [{**record, "kafka_offset": record["kafka_offset"] + 4} for record in records[1:3]]
    last = change(9, "u", "B", "C", positions(connector, 4))
    for loads in ([[*records, *again, last]], [records, again, [last]], [[*again, last], records], [again, [last], records]):
        replay = replayed(project["named"], "named", *loads)
        assert current(replay, "named") == [(1, "C", 5)], loads
        assert outcomes(replay, "named") == [("accepted", None, 5), ("duplicate", "delivered before", 2)]


def started_over(kind: str) -> list[Row]:
    """The old server's change and the new one's, which is later by offset and by time and earlier by position."""
    old = {
        "connector": "mysql",
        "ts_ms": 1_700_000_000_000,
        "server_id": 1,
        "gtid": "x:900",
        "file": "mysql-bin.000120",
        "pos": 900,
        "row": 0,
    }
    new = {**old, "ts_ms": 1_700_000_600_000, "server_id": 2, "gtid": "x:400", "file": "mysql-bin.000003", "pos": 400}
    later = {**new, "ts_ms": 1_700_000_700_000, "pos": 900}
    if kind == "new snapshot":
        new = {**new, "snapshot": "true"}
    if kind == "PostgreSQL, restored":
        old, new, later = (
            {"connector": "postgresql", "ts_ms": source["ts_ms"], "lsn": lsn, "txId": 1}
            for source, lsn in ((old, 990_000_000), (new, 24_023_128), (later, 24_023_500))
        )
    if kind == "SQL Server, restored":
        old, new, later = (
            {"connector": "sqlserver", "ts_ms": source["ts_ms"], "commit_lsn": lsn, "change_lsn": lsn, "event_serial_no": 1}
            for source, lsn in ((old, "0000f030:00000e41:0003"), (new, "00000030:00000e41:0003"), (later, "00000030:00000e42:0003"))
        )
    if kind == "Oracle, another database":
        old, new, later = (
            {"connector": "oracle", "ts_ms": source["ts_ms"], "scn": scn, "commit_scn": scn, "ssn": 0}
            for source, scn in ((old, "90000000"), (new, "1200"), (later, "1300"))
        )
    first = change(0, "c", None, "old", old)
    second = change(1, "r" if kind == "new snapshot" else "u", None if kind == "new snapshot" else "old", "new", new)
    return [first, second, change(2, "u", "new", "newer", later)]


KINDS = ["fail-over", "new snapshot", "PostgreSQL, restored", "SQL Server, restored", "Oracle, another database"]


@pytest.mark.parametrize("kind", KINDS)
def test_positions_that_start_over_begin_an_epoch(project: dict[str, CompiledProject], kind: str) -> None:
    """In every order of delivery, in one load and in several."""
    records = started_over(kind)
    for count, right in ((2, "new"), (3, "newer")):
        for order in itertools.permutations(records[:count]):
            for loads in ([list(order)], [[record] for record in order]):
                replay = replayed(project["named"], "named", *loads)
                assert current(replay, "named") == [(1, right, count)], [row["kafka_offset"] for row in order]


def test_another_partition_and_a_second_fail_over(project: dict[str, CompiledProject]) -> None:
    def source(server: int, file: int, minute: int) -> dict[str, Any]:
        return {
            "connector": "mysql",
            "server_id": server,
            "file": f"b.{file:06d}",
            "pos": 4,
            "row": 0,
            "ts_ms": 1_700_000_000_000 + minute * 60_000,
        }

    states = [(1, 50), (1, 51), (2, 3), (2, 4), (1, 52), (1, 53), (3, 7)]
    records = [
        change(number, "u", "x", f"v{number}", source(server, file, number), partition, partition + 1)
        for number, (server, file) in enumerate(states)
        for partition in (0, 1)
    ]
    for loads in ([records], [records[:4], records[4:9], records[9:]], [[record] for record in records]):
        replay = replayed(project["named"], "named", *loads)
        assert current(replay, "named") == [(1, "v6", 7), (2, "v6", 7)]
        names = replay.rows("select name from {history_s__named} where id = 1 order by version_number")
        assert names == [(f"v{number}",) for number in range(7)]


def test_statement_times_that_go_back_begin_no_epoch(project: dict[str, CompiledProject]) -> None:
    """MySQL stamps a change with the beginning of its statement, which may have waited for a lock."""
    sources = [
        {
            "connector": "mysql",
            "server_id": 1,
            "file": "b.000001",
            "pos": 100 * number,
            "row": 0,
            "ts_ms": 1_700_000_000_000 + 1000 * second,
        }
        for number, second in enumerate([5, 3, 4, 9, 8])
    ]
    records = [change(number, "u", "x", f"v{number}", source) for number, source in enumerate(sources)]
    again = [{**record, "kafka_offset": record["kafka_offset"] + 5} for record in records[2:]]
    for loads in ([[*records, *again]], [records[:2], records[2:], again], [[*again, *records]]):
        replay = replayed(project["named"], "named", *loads)
        assert current(replay, "named") == [(1, "v4", 5)]
        assert replay.rows("select count(distinct substring(change_order, 1, 20)) from {stg_s__named}") == [(1,)]


def test_a_row_of_an_incremental_snapshot_stands_where_it_was_written(project: dict[str, CompiledProject]) -> None:
    """PostgreSQL's incremental snapshots have no lsn; the row was read between two changes."""
    read = {"connector": "postgresql", "snapshot": "incremental", "ts_ms": 1_700_000_000_500}
    records = [
        change(0, "c", None, "A", {"connector": "postgresql", "lsn": 100, "ts_ms": 1_700_000_000_000}),
        change(1, "r", None, "B", read),
        change(2, "u", "B", "C", {"connector": "postgresql", "lsn": 200, "ts_ms": 1_700_000_001_000}),
        change(3, "r", None, "C", {**read, "ts_ms": 1_700_000_002_000}),
    ]
    for loads in ([records], [[record] for record in records]):
        replay = replayed(project["named"], "named", *loads)
        assert current(replay, "named") == [(1, "C", 4)]
        names = replay.rows("select name from {history_s__named} order by version_number")
        assert names == [("A",), ("B",), ("C",), ("C",)]


def test_a_change_that_the_order_puts_wrong_fails_a_test(compiled_feeds: Compilations, project: dict[str, CompiledProject]) -> None:
    """Later by offset and time, earlier by position: a third server's change that comes behind those of a fourth."""

    def source(file: int, minute: int) -> dict[str, Any]:
        return {"connector": "mysql", "file": f"b.{file:06d}", "pos": 4, "row": 0, "ts_ms": 1_700_000_000_000 + minute * 60_000}

    records = [change(number, "u", "x", f"v{number}", source(*place)) for number, place in enumerate([(50, 0), (20, 1), (30, 2)])]
    nodes = compiled_feeds["local", "full"].manifest()["nodes"].values()
    gate = next(
        node for node in nodes if node["name"].startswith("order_follows_offset_and_time") and node["attached_node"].endswith("named")
    )
    failures = "select partition_text, offset_text from (" + gate["compiled_code"] + ")"
    assert replayed(project["named"], "named", records).rows(failures) == []
    late = replayed(project["named"], "named", [records[0], records[2]], [records[1]])
    assert late.rows(failures) == [("0000000000", "00000000000000000001")]


# --- flattened --------------------------------------------------------------------------------------------------------------------


def flat(offset: int, number: int, payload: dict[str, Any] | None) -> Row:
    """A row as ExtractNewRecordState leaves it."""
    return kafka_row(0, offset, 1_752_400_000_000 + offset * 1000, json.dumps({"id": number}), payload and {"id": number, **payload})


def test_flattened_rows_with_a_deleted_flag(project: dict[str, CompiledProject]) -> None:
    """delete.tombstone.handling.mode=rewrite-with-tombstone, add.fields=op,source.ts_ms; the flag in any case."""
    records = [
        flat(0, 1, {"name": "a", "__op": "c", "__deleted": "false", "__source_ts_ms": 1752400000000}),
        flat(1, 2, {"name": "b", "__op": "c", "__deleted": "FALSE", "__source_ts_ms": 1752400000000}),
        flat(2, 1, {"name": "a", "__op": "d", "__deleted": "True", "__source_ts_ms": 1752400100000}),
        flat(3, 1, None),
        flat(4, 3, {"name": "c", "__op": "u", "__deleted": "maybe", "__source_ts_ms": 1752400000000}),
    ]
    for loads in ([records], [[record] for record in records]):
        replay = replayed(project["flat"], "flat", *loads)
        assert current(replay, "flat") == [(2, "b", 1)]
        assert outcomes(replay, "flat") == [
            ("accepted", None, 3), ("duplicate", "tombstone: the delete came before it", 1),
            ("quarantined", "__deleted is neither a mark of a deleted row nor of one that is there", 1),
        ]  # fmt: skip
        deleted = replay.rows("select id, name, is_deleted, valid_from::varchar from {history_s__flat} where is_deleted")
        assert deleted == [(1, "a", True, "2025-07-13 09:48:20")]
        # what Debezium adds is no column of the source
        assert replay.rows("select column_name from {columns_s__flat} where not is_declared") == []


def test_flattened_rows_whose_deletes_are_tombstones(project: dict[str, CompiledProject]) -> None:
    """The default mode without add.fields: a delete leaves a tombstone alone."""
    records = [flat(0, 1, {"name": "a"}), flat(1, 2, {"name": "b"}), flat(2, 1, None), flat(3, 2, {"name": "a"}), flat(4, 2, {"name": "b"})]
    for loads in ([records], [[record] for record in records]):
        replay = replayed(project["flat_alone"], "flat_alone", *loads)
        assert current(replay, "flat_alone") == [(2, "b", 3)]
        assert outcomes(replay, "flat_alone") == [("accepted", None, 5)]


# --- encodings --------------------------------------------------------------------------------------------------------------------


def read(project: dict[str, CompiledProject], feed: str, column: str, value: Any) -> Any:
    """What becomes of one value: what the table holds, or the reason of its quarantine."""
    source = {"connector": "mysql", "file": "b.1", "pos": 4, "row": 0, "ts_ms": 1_700_000_000_000}
    envelope = {"before": None, "after": {"id": 1, column: value}, "source": source, "op": "c"}
    replay = replayed(project[feed], feed, [kafka_row(0, 0, 1_700_000_000_000, '{"id":1}', envelope)])
    refused = replay.rows(f"select quarantine_reason from {{quarantine_s__{feed}}}")
    return refused[0][0] if refused else replay.rows(f"select {column}::varchar from {{current_s__{feed}}}")[0][0]


VALUES: list[tuple[str, Any, str]] = [
    ("big", 9223372036854775807, "9223372036854775807"),
    ("big", -9223372036854775807, "-9223372036854775807"),
    ("big", "9223372036854775808", "big is no whole number"),
    # io.debezium.time.Date and isostring
    ("born", 18460, "2020-07-17"),
    ("born", -1, "1969-12-31"),
    ("born", "2017-09-15Z", "2017-09-15"),
    ("born", "2017-09-15", "2017-09-15"),
    # io.debezium.time.Timestamp, MicroTimestamp, NanoTimestamp, ZonedTimestamp
    ("moment", 1595008822123, "2020-07-17 18:00:22.123"),
    ("moment", 1595008822123456, "2020-07-17 18:00:22.123456"),
    ("moment", 1595008822123456789, "2020-07-17 18:00:22.123456"),
    ("moment", -631152000000, "1950-01-01 00:00:00"),
    ("moment", 0, "1970-01-01 00:00:00"),
    ("moment", "2020-07-17T18:00:22Z", "2020-07-17 18:00:22"),
    ("moment", "2020-07-17T18:00:22.123456789Z", "2020-07-17 18:00:22.123456"),
    ("moment", "soon", "moment is no timestamp"),
    # org.apache.kafka.connect.data.Decimal, VariableScaleDecimal, and the modes double and string
    ("price", "EtaH", "12345.67"),
    ("price", "7Sl5", "-12345.67"),
    ("price", {"scale": 2, "value": "EtaH"}, "12345.67"),
    ("price", {"scale": 0, "value": "BQ=="}, "5.00"),
    ("price", {"scale": 1, "value": "BQ=="}, "0.50"),
    ("price", "AA==", "0.00"),
    ("price", "12.50", "12.50"),
    ("price", 12.5, "12.50"),
    ("price", "1234", "1234.00"),
    ("price", [1], "price is an object or an array"),
    ("price", {"amount": 1}, "price is an object or an array"),
    ("price", "f39/f39/f39/", "price is no decimal number with 2 digits"),
    ("ok", 1, "true"),
    ("doc", '{"key1": "value1"}', '{"key1": "value1"}'),
    ("tags", ["a", "b"], '["a","b"]'),
    ("note", ["a"], "note is an object or an array"),
    ("note", {"a": 1}, "note is an object or an array"),
]


@pytest.fixture(scope="module")
def values_read(project: dict[str, CompiledProject]) -> dict[int, str]:
    """Each of the values in a row of its own, all in one load: what the table holds, or the reason of its quarantine."""
    source = {"connector": "mysql", "file": "b.1", "pos": 4, "row": 0, "ts_ms": 1_700_000_000_000}
    records = [
        kafka_row(
            0, number, 1_700_000_000_000, json.dumps({"id": number}),
            {"before": None, "after": {"id": number, column: value}, "source": source, "op": "c"},
        )
        for number, (column, value, _) in enumerate(VALUES)
    ]  # fmt: skip
    replay = replayed(project["typed"], "typed", records)
    refused = replay.rows("select record_text, quarantine_reason from {quarantine_s__typed}")
    found = {json.loads(record)["after"]["id"]: reason for record, reason in refused}
    for column in {column for column, *_ in VALUES}:
        held = dict(replay.rows(f"select id, {column}::varchar from {{current_s__typed}}"))
        found |= {number: held[number] for number, (name, *_) in enumerate(VALUES) if name == column and number in held}
    return found


@pytest.mark.parametrize("number", range(len(VALUES)), ids=lambda number: f"{VALUES[number][0]}-{VALUES[number][1]}")
def test_a_value_is_read_by_its_declared_type(values_read: dict[int, str], number: int) -> None:
    assert values_read[number] == VALUES[number][2]


@pytest.mark.parametrize(
    ("value", "expected"), [("1234", "-26588.24"), ("AAEAAAAAAAAAAAAA", "12089258196146291747061.76"), ("/w==", "-0.01")]
)
def test_digits_are_base64_where_the_feed_says_so(project: dict[str, CompiledProject], value: str, expected: str) -> None:
    assert read(project, "coded", "price", value) == expected


def test_a_column_that_is_declared_late_is_read_as_it_was_written(project: dict[str, CompiledProject]) -> None:
    """What an undeclared column held is kept in Debezium's encoding."""
    source = {"connector": "mysql", "file": "b.1", "pos": 4, "row": 0, "ts_ms": 1_700_000_000_000}
    kept = {"price": "EtaH", "born": 18460, "moment": 1595008822123, "tags": ["a"], "note": "x"}
    envelope = {"before": None, "after": {"id": 1, **kept}, "source": source, "op": "c"}
    replay = replayed(project["typed"], "typed", [kafka_row(0, 0, 1_700_000_000_000, '{"id":1}', envelope)])
    values = "select price::varchar, born::varchar, moment::varchar, tags, note from {stg_s__typed}"
    declared = replay.rows(values)
    assert declared == [("12345.67", "2020-07-17", "2020-07-17 18:00:22.123", '["a"]', "x")]
    replay.connection.execute(
        f"update {project['typed'].relation('delivered_s__typed')} set price = null, born = null, moment = null, tags = null, note = null, "
        "undeclared_columns = ?",
        [json.dumps(kept)],
    )
    replay.load()
    assert [(*row[:3], row[3].replace(" ", ""), row[4]) for row in replay.rows(values)] == declared


# --- MongoDB ----------------------------------------------------------------------------------------------------------------------


def mongo(offset: int, operation: str, identifier: str, after: dict[str, Any] | None, **more: Any) -> Row:
    """A change as the connector writes it: key and image are texts of extended JSON (the page's tables of keys and of change events)."""
    source = {"connector": "mongodb", "collection": "c", "ord": 1, "ts_ms": 1_752_400_000_000 + offset * 1000, "rs": "rs0"}
    image = None if after is None else json.dumps(after)
    envelope = {"before": None, "after": image, "source": source, "op": operation, "ts_ms": 1_752_400_000_000, **more}
    return kafka_row(0, offset, 1_752_400_000_000 + offset * 1000, json.dumps({"id": identifier}), envelope)


def test_documents_of_mongodb_in_extended_json(project: dict[str, CompiledProject]) -> None:
    """Strict, canonical and relaxed forms of numbers and moments; deletes and their tombstones have the identifier in the key alone."""
    oid = "596e275826f08b2730779e1f"
    key = json.dumps({"$oid": oid}).replace(":", " :")
    strict = {
        "_id": {"$oid": oid}, "total": {"$numberDecimal": "12.50"}, "count": {"$numberLong": "9007199254740993"}, "rate": 0.5,
        "at": {"$date": 1565546054692}, "on": {"$date": {"$numberLong": "1565546054692"}}, "name": "a", "tags": ["x", {"$oid": oid}],
        # as the customers of the connector's example have it: a moment that was stored as a number
        "create_time": {"$numberLong": "1558965506000"},
    }  # fmt: skip
    relaxed = {
        **strict,
        "total": 13,
        "count": {"$numberInt": "7"},
        "rate": {"$numberDouble": "1.5"},
        "at": {"$date": "2019-08-11T17:54:14.692Z"},
    }
    records = [
        mongo(0, "c", key, strict),
        mongo(1, "c", "1234", {"_id": {"$numberLong": "1234"}, "name": "b"}),
        mongo(2, "c", '"1234x"', {"_id": "1234x", "name": "c"}),
        mongo(3, "u", key, relaxed),
        mongo(4, "d", "1234", None),
        kafka_row(0, 5, 1_752_400_005_000, json.dumps({"id": "1234"}), None),
        mongo(6, "d", '"1234x"', None),
        mongo(7, "c", "5", {"_id": {"$numberInt": "5"}, "name": {"$binary": "AA==", "$type": "00"}}),
        # capture.mode=change_streams: what was changed, and no image
        mongo(8, "u", key, None, updateDescription={"removedFields": None, "updatedFields": '{"name": "z"}', "truncatedArrays": None}),
    ]
    for loads in ([records], [[record] for record in records], [list(reversed(records))]):
        replay = replayed(project["documents"], "documents", *loads)
        assert outcomes(replay, "documents") == [
            ("accepted", None, 6), ("duplicate", "tombstone: the delete came before it", 1),
            ("quarantined", "name is an object or an array", 1), ("quarantined", "the change has no image of the row", 1),
        ]  # fmt: skip
        columns = '_id, total::varchar, "count", "at"::varchar, "on"::varchar, rate, name'
        assert replay.rows(f"select {columns} from {{current_s__documents}}") == [
            (oid, "13.00", 7, "2019-08-11 17:54:14.692", "2019-08-11", 1.5, "a")
        ]
        first = replay.rows(f"select {columns}, tags from {{history_s__documents}} where version_number = 1 and _id = '{oid}'")
        assert [row[:7] for row in first] == [(oid, "12.50", 9007199254740993, "2019-08-11 17:54:14.692", "2019-08-11", 0.5, "a")]
        assert json.loads(first[0][7]) == ["x", {"$oid": oid}]
        assert replay.rows("select create_time::varchar from {current_s__documents}") == [("2019-05-27 13:58:26",)]
        assert replay.rows("select _id from {history_s__documents} where is_deleted order by 1") == [("1234",), ("1234x",)]


def test_an_update_without_an_image_of_the_row_is_refused(project: dict[str, CompiledProject]) -> None:
    """Its key is no image: the row would lose what it holds."""
    source = {"connector": "postgresql", "lsn": 1, "ts_ms": 1_700_000_000_000}
    records = [
        change(0, "c", None, "A", source),
        change(1, "u", None, None, {**source, "lsn": 2}),
        change(2, "d", None, None, {**source, "lsn": 3}, number=2),
    ]
    replay = replayed(project["named"], "named", records)
    assert current(replay, "named") == [(1, "A", 1)]
    assert outcomes(replay, "named") == [("accepted", None, 2), ("quarantined", "the change has no image of the row", 1)]
