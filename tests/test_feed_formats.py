"""What a feed declares is read or refused, and a value of another kind than its column's is never lost in silence."""

from __future__ import annotations

import base64
import itertools
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from compiled_project import CompiledProject, Replay
from conftest import ROOT, Compilations
from feeds_project import Feeds, copy_feeds_project, kinesis_row, replayed

DYNAMODB = {
    "format": "dynamodb",
    "key": ["pk"],
    "columns": {
        "pk": {"type": "text(40)"}, "a": {"type": "text(200)"}, "amount": {"from": "Amount", "type": "decimal(10, 2)"},
        "city": {"from": "Address.M.City", "type": "text(60)"}, "items": {"from": "Items.L", "type": "json"},
    },
}  # fmt: skip
DOCUMENTS = {
    "format": "documents",
    "stream": "kinesis",
    "key": ["id"],
    "committed_at": "at",
    "change_sequence": "seq",
    "soft_delete": {"from": "meta.gone", "values": ["true"]},
    "operation": False,
    "columns": {"id": {"type": "text(20)"}, "first": {"from": "name.first", "type": "text(40)"}, "tags": {"type": "json"}},
}
FLAGGED = {
    "key": ["id"],
    "committed_at": "changed",
    "soft_delete": {"from": "isdeleted", "values": ["true"]},
    "columns": {"id": {"type": "text(20)"}, "name": {"type": "text(40)"}},
}
FEEDS: Feeds = {
    "items": DYNAMODB,
    "documents": DOCUMENTS,
    "flagged": FLAGGED,
    "states": {**FLAGGED, "soft_delete": {"from": "isdeleted", "values": ["Deleted"]}},
    "two_states": {**FLAGGED, "soft_delete": {"from": "isdeleted", "values": ["gone"], "present": ["here"]}},
}
FILES = ["id", "name", "isdeleted", "changed"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the feeds above."""
    return copy_feeds_project(tmp_path_factory.mktemp("feeds"), FEEDS, dict.fromkeys(("flagged", "states", "two_states"), FILES))


@pytest.fixture(scope="module")
def project(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, CompiledProject]:
    """The models of each feed."""
    compiled = Compilations("formats", folder, tmp_path_factory.mktemp("compiled_feeds"))
    return {name: CompiledProject(compiled, f"land_{name}") for name in FEEDS}


def item(number: int, image: dict[str, Any], created: Any = 1_722_360_292_000, **event: Any) -> dict[str, Any]:
    """An item change as a Kinesis stream of DynamoDB carries it."""
    change = {"ApproximateCreationDateTime": created, "Keys": {"pk": {"S": "k"}}, "NewImage": {"pk": {"S": "k"}, **image}}
    return kinesis_row(number, {"eventID": f"e{number}", "eventName": "INSERT", "dynamodb": change, **event})


def refused(replay: Replay, name: str) -> list[str]:
    """Reasons of the quarantined records."""
    return [reason for (reason,) in replay.rows(f"select quarantine_reason from {{quarantine_s__{name}}} order by 1")]


# --- DynamoDB: the types of the attribute values are those of its API reference ---------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        {"B": base64.b64encode(b"bytes").decode()}, {"L": [{"S": "x"}]}, {"L": []}, {"M": {"x": {"S": "y"}}}, {"M": {}}, {"SS": ["a"]},
        {"NS": ["1"]}, {"BS": ["YQ=="]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("attribute", ["a", "Amount"])
def test_an_attribute_of_another_kind_is_refused(project: dict[str, CompiledProject], attribute: str, value: dict[str, Any]) -> None:
    replay = replayed(project["items"], "items", [item(0, {attribute: value}), item(1, {attribute: {"N": "7"}})])
    assert refused(replay, "items") == [f"{attribute} is a binary value, a list, a map or a set"]
    assert replay.rows("select coalesce(a, cast(amount as integer)::varchar) from {current_s__items}") == [("7",)]


def test_what_lies_inside_another_kind_is_refused(project: dict[str, CompiledProject]) -> None:
    records = [
        item(0, {"Address": {"S": "Bern"}}),
        item(1, {"Address": {"M": {"City": {"L": []}}}}),
        item(2, {"Items": {"SS": ["a"]}}),
        # nothing is lost in these
        item(3, {"Address": {"NULL": True}, "a": {"NULL": True}, "Items": {"NULL": True}}),
        item(4, {"Address": {"M": {}}}),
        item(5, {"Address": {"M": {"City": {"S": "Bern"}}}, "Items": {"L": [{"S": "a"}]}, "a": {"BOOL": True}}),
    ]
    replay = replayed(project["items"], "items", records)
    assert refused(replay, "items") == [
        "Address is not of the type M", "Address.M.City is a binary value, a list, a map or a set", "Items is not of the type L",
    ]  # fmt: skip
    assert replay.rows("select city, items, a from {current_s__items}") == [("Bern", '[{"S":"a"}]', "true")]


def test_attributes_that_nobody_declared_are_kept_and_seen(project: dict[str, CompiledProject]) -> None:
    replay = replayed(project["items"], "items", [item(0, {"Extra": {"S": "v"}, "Blob": {"B": "YQ=="}, "a": {"S": "x"}})])
    kept = replay.rows("select undeclared_columns from {stg_s__items}")[0][0]
    assert json.loads(kept) == {"Extra": {"S": "v"}, "Blob": {"B": "YQ=="}}
    columns = replay.rows("select column_name, state from {columns_s__items} where not is_declared order by 1")
    assert columns == [("Blob", "undeclared"), ("Extra", "undeclared")]


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        # DynamoDB Streams: seconds, also as SDKs write them
        (1722360292, "2024-07-30 17:24:52"),
        (1.722360292e9, "2024-07-30 17:24:52"),
        ("1.722360292E9", "2024-07-30 17:24:52"),
        (1722360292.5, "2024-07-30 17:24:52.5"),
        ("2024-07-30T17:24:52.000Z", "2024-07-30 17:24:52"),
        # Kinesis Data Streams for DynamoDB: milliseconds, or microseconds
        (1722360292000, "2024-07-30 17:24:52"),
        (1722360292123456, "2024-07-30 17:24:52.123456"),
    ],
)
def test_creation_times_are_seconds_milliseconds_or_microseconds(project: dict[str, CompiledProject], created: Any, expected: str) -> None:
    replay = replayed(project["items"], "items", [item(0, {"a": {"S": "one"}}, created)])
    assert replay.rows("select valid_from::varchar from {history_s__items}") == [(expected,)]


@pytest.mark.parametrize("created", [10**17, "soon", None])
def test_a_creation_time_that_is_none_is_refused(project: dict[str, CompiledProject], created: Any) -> None:
    assert refused(replayed(project["items"], "items", [item(0, {"a": {"S": "one"}}, created)]), "items") == [
        "the change has no commit time"
    ]


def test_seconds_and_milliseconds_are_of_one_order(project: dict[str, CompiledProject]) -> None:
    records = [
        item(0, {"a": {"S": "one"}}, 1722360292), item(1, {"a": {"S": "two"}}, 1722360293000), item(2, {"a": {"S": "three"}}, 1722360294),
    ]  # fmt: skip
    for order in itertools.permutations(records):
        assert replayed(project["items"], "items", list(order)).rows("select a from {current_s__items}") == [("three",)]


# --- documents --------------------------------------------------------------------------------------------------------------------


def document(number: int, **values: Any) -> dict[str, Any]:
    """A document with its time and its sequence."""
    return kinesis_row(number, {"id": "1", "at": "2024-01-01T00:00:00Z", "seq": number, **values})


def test_documents_have_deletes_a_sequence_and_kinds(project: dict[str, CompiledProject]) -> None:
    records = [
        document(0, name={"first": "Ana"}, seq=9),
        document(1, name={"first": "Eva"}, seq=10, tags=["x"]),
        document(2, id="2", name={"first": "Bo"}, meta={"gone": "FALSE"}),
        document(3, id="2", name={"first": "Bo"}, meta={"gone": True}, seq=11),
        document(4, id="3", name={"first": ["Cy"]}),
        document(5, id="3", name="Cy"),
        document(6, id="3", name={"first": {"en": "Cy"}}),
        document(7, id="3", name={"first": "Cy"}, meta={"gone": "perhaps"}),
        document(8, id={"x": 1}),
    ]
    for loads in ([records], [[record] for record in reversed(records)]):
        replay = replayed(project["documents"], "documents", *loads)
        assert replay.rows("select id, first, tags from {current_s__documents}") == [("1", "Eva", '["x"]')]
        assert refused(replay, "documents") == [
            "id is an object or an array",
            "meta.gone is neither a mark of a deleted row nor of one that is there",
            "name is no object",
            "name.first is an object or an array",
            "name.first is an object or an array",
        ]


# --- deleted flags ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feed", "flag", "outcome"),
    [
        ("flagged", "true", "gone"), ("flagged", "TRUE", "gone"), ("flagged", "True", "gone"), ("flagged", "1", "gone"),
        ("flagged", "false", "there"), ("flagged", "FALSE", "there"), ("flagged", "0", "there"), ("flagged", None, "there"),
        ("flagged", "maybe", "refused"), ("flagged", "2", "refused"),
        ("states", "deleted", "gone"), ("states", "active", "there"),
        ("two_states", "GONE", "gone"), ("two_states", "Here", "there"), ("two_states", "elsewhere", "refused"),
    ],
)  # fmt: skip
def test_a_deleted_flag_counts_whatever_its_case(project: dict[str, CompiledProject], feed: str, flag: str | None, outcome: str) -> None:
    row = {"id": "1", "name": "a", "isdeleted": flag, "changed": "2024-01-01 00:00:00", "landing_file": "a.csv", "record_number": 1}
    replay = replayed(project[feed], feed, [row])
    there = replay.rows(f"select count(*) from {{current_s__{feed}}}")[0][0]
    reasons = refused(replay, feed)
    assert ("refused" if reasons else "there" if there else "gone") == outcome
    assert not reasons or reasons == ["isdeleted is neither a mark of a deleted row nor of one that is there"]


# --- facts that a format does not read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feed", "change", "message"),
    [
        ("items", {"soft_delete": {"from": "x", "values": ["true"]}}, "'soft_delete' is"),
        ("items", {"committed_at": "at"}, "'committed_at' is at. It should be one of the facts that the format 'dynamodb' reads: format"),
        ("documents", {"null_values": ["NULL"]}, "'null_values' is"),
        ("documents", {"snapshots": "first"}, "'snapshots' is first"),
        ("documents", {"operation": {"insert": ["i"]}}, "'operation' is"),
        ("flagged", {"tombstones": "delete"}, "'tombstones' is delete"),
        ("flagged", {"stream": "kafka"}, "'stream' is kafka"),
        ("flagged", {"soft_delete": {"from": "isdeleted", "values": "true"}}, "'soft_delete' is"),
        ("flagged", {"columns": {"id": {"type": "text(20)", "unit": "ms"}}}, "'unit of id' is ms"),
        ("documents", {"columns": {"id": {}, "Changed_At": {"type": "timestamp"}}}, "'columns' is Changed_At. It should be another name"),
        ("documents", {"columns": {"id": {"from": ["id", "ID"]}}}, "'from of id' is ['id', 'ID']. It should be one name"),
    ],
)  # fmt: skip
def test_a_fact_that_the_format_does_not_read_is_refused(feed: str, change: dict[str, Any], message: str) -> None:
    """The macro by itself, as dbt renders it; tests/test_feeds_end_to_end.py sees dbt stop."""

    def stop(text: str) -> None:
        raise ValueError(text)

    surroundings = {
        "var": lambda name, default: {**FEEDS, feed: {**FEEDS[feed], **change}},
        "model": SimpleNamespace(name="delivered_s"),
        "exceptions": SimpleNamespace(raise_compiler_error=stop),
    }
    macros = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string((ROOT / "macros/cdc/change_feed.sql").read_text())
    with pytest.raises(ValueError, match=re.escape(f"delivered_s: change feed '{feed}': {message}")):
        macros.make_module(surroundings).change_feed(feed)  # type: ignore[attr-defined]
