"""Erasure of a person: nothing is left, nothing else is touched, nothing comes back, and the record of it names nobody."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Warehouse
from make_landing import make_landing

# what is in the warehouse as the source sent it; docs/erasure.md
LANDING_SCHEMA = "dev_streaming"
UUID = "00000000-0000-4000-8000-000000000001"
SELECTION = ("-s", "+tag:retail", "+tag:care")


@dataclass(frozen=True)
class Case:
    """A person of the sample: what to say to the operation, where the records come from, and the words that give the person away."""

    person: str
    key: str
    source: str
    landings: tuple[str, ...]
    words: tuple[str, ...]
    # what the hub has of another system, and what the person owns: only their hash keys give the person away
    keys: tuple[str, ...] = ()

    def traces(self) -> str:
        """Regular expression of the words and of the hash keys made of them."""
        hashes = [duckdb.execute("select md5(?)", [word]).fetchall()[0][0] for word in (self.key, *self.words, *self.keys)]
        words = "|".join(re.sub(r"[-#@.]", lambda found: f"[{found[0]}]", word) for word in (*self.words, *hashes))
        return f"(^|[^A-Za-z0-9_])({words})($|[^A-Za-z0-9_])"


CASES = [
    Case("customer", "C100", "msk__orders", ("mv_orders",), ("C100", "David Smith")),
    Case("account", "A-2", "appflow__accounts", ("copy_appflow_accounts",), ("A-2", "Okafor Ltd", "Okafor Holding"), ("crm:A-2",)),
    Case("patient", "PT-1", "dms__clinic_patients", ("copy_dms_clinic_patients", "copy_dms_clinic_encounters"), ("PT-1", "Amara Diallo")),
    Case("member", "CUSTOMER#CUST_123", "kinesis__customer_transactions", ("mv_customer_transactions",), ("CUST_123",)),
    Case("user", UUID, "kinesis__user_profiles", ("mv_user_profiles",), (UUID, "zoe.1@example.com")),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample's domains that have persons in them, built once: a search through all rows of all tables wants small ones."""
    warehouse = Warehouse(tmp_path_factory.mktemp("built"))
    make_landing(warehouse.landing, scale=0.01)
    warehouse.dbt("build", *SELECTION).must_pass()
    shutil.copytree(warehouse.landing, warehouse.folder / "kept/landing")
    shutil.copyfile(warehouse.database, warehouse.folder / "kept/millrace.duckdb")
    return warehouse


@pytest.fixture
def restored(built: Warehouse) -> Warehouse:
    """The same as it was when it was built, whatever another test did to it."""
    shutil.rmtree(built.landing)
    shutil.copytree(built.folder / "kept/landing", built.landing)
    shutil.copyfile(built.folder / "kept/millrace.duckdb", built.database)
    return built


def relations(warehouse: Warehouse, kind: str = "%") -> list[str]:
    """Tables and views of the project, without what landed."""
    found = warehouse.rows(
        "select table_schema || '.' || table_name from information_schema.tables "
        f"where table_schema like 'dev%' and table_schema <> '{LANDING_SCHEMA}' and table_type like '{kind}' order by 1"
    )
    return [name for (name,) in found]


def traces(warehouse: Warehouse, case: Case) -> dict[str, int]:
    """Rows per relation in which some column gives the person away."""
    pattern = case.traces()
    counts = {
        name: warehouse.rows(f"select count(*) from {name} as rows where regexp_matches(to_json(rows)::varchar, '{pattern}')")[0][0]
        for name in relations(warehouse)
    }
    return {name: rows for name, rows in counts.items() if rows}


def erase(warehouse: Warehouse, case: Case, request: str = "DSR-1") -> str:
    """Runs the operation."""
    arguments = json.dumps({"person": case.person, "key": [case.key], "request": request})
    return warehouse.dbt("run-operation", "erase_person", "--args", arguments).must_pass().output


def lines(file: Path) -> list[str]:
    """Lines of a landed file."""
    data = file.read_bytes()
    return (gzip.decompress(data) if file.suffix == ".gz" else data).decode().splitlines()


def deliver_again(warehouse: Warehouse) -> None:
    """What the sources sent, once more: as it was, in other files, and at other positions, as after a replay into a new topic or task."""
    orders = [line for file in sorted((warehouse.landing / "kafka/orders").iterdir()) for line in lines(file)]
    warehouse.write("kafka/orders/again.jsonl", "\n".join(orders) + "\n")
    moved = [re.sub(r'"offset":(\d+)', lambda found: f'"offset":{int(found[1]) + 1_000_000}', line) for line in orders]
    warehouse.write("kafka/orders/moved.jsonl", "\n".join(moved) + "\n")
    for file in sorted((warehouse.landing / "kinesis").rglob("*.json")):
        batch = json.loads(file.read_text())
        file.with_name("again.json").write_text(json.dumps(batch, indent=1))
        for record in batch["Records"]:
            record["SequenceNumber"] = "5" + record["SequenceNumber"]
            # the same change under another event id
            payload = base64.b64decode(record["Data"]).replace(b'"eventID": "6', b'"eventID": "7')
            record["Data"] = base64.b64encode(payload).decode()
        file.with_name("moved.json").write_text(json.dumps(batch))
    accounts = warehouse.landing / "appflow/accounts/run-0002/accounts.csv.gz"
    text = "\n".join(lines(accounts)) + "\n"
    warehouse.write("appflow/accounts/run-0003/accounts.csv", text)
    warehouse.write("appflow/accounts/run-0004/accounts.csv", text.replace("2023-05-01T", "2023-06-01T"))
    statements = warehouse.landing / "stewards/customer_matches/2024-03-02.csv"
    warehouse.write("stewards/customer_matches/again.csv", statements.read_text())
    warehouse.write("stewards/customer_matches/moved.csv", statements.read_text().replace("2024-03-0", "2024-04-0"))
    for table in ("patients", "encounters"):
        header, *rows = lines(warehouse.landing / f"dms/clinic/{table}/LOAD00000001.csv")
        warehouse.write(f"dms/clinic/{table}/2023/03/27/20230327-000000000.csv", "\n".join([header, *rows]) + "\n")
        later = [re.sub(r"^(\w,2023-03-)\d\d", r"\g<1>28", row) for row in rows]
        warehouse.write(f"dms/clinic/{table}/2023/03/28/20230328-000000000.csv", "\n".join([header, *later]) + "\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.person)
def test_nothing_is_left_and_nothing_comes_back(restored: Warehouse, case: Case) -> None:
    before = traces(restored, case)
    assert any(name.startswith("dev_staging.delivered_") for name in before)
    assert any(name.startswith("dev_marts.") for name in before)
    others = content(restored, case)

    assert "DSR-1" in erase(restored, case)
    assert traces(restored, case) == {}
    kept = content(restored, case)
    assert kept.keys() == others.keys()
    assert all(kept[name] <= others[name] for name in kept)

    deliver_again(restored)
    # with its gates: a load of nothing but an erased person's records is no source that has changed
    restored.dbt("build", "-s", *[f"{landing}+" for landing in case.landings]).must_pass()
    assert traces(restored, case) == {}
    # they were delivered, and are counted
    accounts = f"dev_staging.accounting_{case.source}"
    refused = restored.rows(
        f"select sum(erased_records), sum(duplicate_records) from {accounts} "
        f"where refresh_time = (select max(refresh_time) from {accounts})"
    )
    assert min(refused[0]) > 0


def content(warehouse: Warehouse, case: Case) -> dict[str, set[str]]:
    """Rows of the vault and the marts, those that give the person away left out."""
    traces = re.compile(case.traces())
    return {
        name: {row for (row,) in warehouse.rows(f"select to_json(rows)::varchar from {name} as rows") if not traces.search(row)}
        for name in relations(warehouse, "BASE TABLE")
        if name.startswith(("dev_vault.", "dev_marts."))
    }


def test_a_customer_of_the_shop_database_goes_with_orders_and_items(restored: Warehouse) -> None:
    """The shop database counts from 1: no word gives the customer away, so the tables are asked one by one."""
    questions = {
        "orders": "select order_id, customer_id from dev_staging.stg_aurora__orders order by 1",
        "replica": "select distinct order_id, customer_id from dev_staging.delivered_aurora__orders order by 1",
        "history": "select order_id, customer_id from dev_snapshots.snap_aurora_orders order by 1",
        "items": "select distinct order_id from dev_snapshots.snap_aurora_order_items order by 1",
        "revenue": "select order_id, customer_id from dev_marts.agg_order_revenue order by 1",
        "customers": "select customer_id from dev_marts.agg_customer_revenue order by 1",
        "hub": "select customer_id from dev_vault.hub_customer where customer_id like 'shop:%' order by 1",
        "dimension": "select customer_id from dev_marts.dim_customer where customer_id like 'shop:%' order by 1",
        "pairs": "select count(*) from dev_vault.link_same_customer",
        "statements": "select count(*) from dev_vault.sat_same_customer",
        "value": "select shop_orders from dev_marts.agg_customer_value where customer_id = 'C100'",
    }
    before = {name: restored.rows(question) for name, question in questions.items()}
    assert before["orders"] == before["history"] == before["revenue"] == [(1, 10), (2, 10), (3, 11)]
    assert before["value"] == [(2,)]
    erase(restored, Case("shop_customer", "10", "aurora__orders", (), ()))
    # the database goes on to hold the customer, and the replica with it
    copy = restored.landing / "zero_etl/ecommerce/orders/copy-0001.csv"
    restored.write("zero_etl/ecommerce/orders/copy-0002.csv", copy.read_text())
    restored.dbt("build", "-s", "+tag:retail").must_pass()
    after = {name: restored.rows(question) for name, question in questions.items()}
    assert after == {
        "orders": [(3, 11)],
        "replica": [("3", "11"), (None, None)],
        "history": [(3, 11)],
        "items": [],
        "revenue": [(3, 11)],
        "customers": [(11,)],
        "hub": [("shop:11",)],
        "dimension": [("shop:11",)],
        "pairs": [(before["pairs"][0][0] - 1,)],
        "statements": [(before["statements"][0][0] - 1,)],
        "value": [(0,)],
    }


OF_ORDERS = [
    "dev_vault.hub_customer", "dev_vault.hub_order", "dev_vault.link_order_line", "dev_vault.link_order_placement",
    "dev_vault.sat_customer",
    "dev_vault.sat_order", "dev_vault.sat_order_line", "dev_vault.sat_order_line_status", "dev_marts.dim_customer",
    "dev_marts.dim_same_customer", "dev_marts.fct_orders",
    "dev_marts.fct_order_status_changes",
]  # fmt: skip


def rows_of(warehouse: Warehouse, relation: str) -> list[tuple[Any, ...]]:
    """Rows without what says when they were written."""
    return sorted(warehouse.rows(f"select columns(lambda c: c not in ('loaded_at', 'load_id')) from {relation}"), key=repr)


def test_what_is_left_is_what_a_load_without_the_person_gives(restored: Warehouse, tmp_path: Path) -> None:
    case = CASES[0]
    erase(restored, case)
    clean = Warehouse(tmp_path / "clean")
    shutil.copytree(restored.landing, clean.landing, dirs_exist_ok=True)
    shutil.rmtree(clean.landing / "kafka/orders")
    for file in sorted((restored.landing / "kafka/orders").iterdir()):
        clean.write(f"kafka/orders/{file.stem.split('.')[0]}.jsonl", "".join(f"{line}\n" for line in lines(file) if case.key not in line))
    names = [name.split(".")[1] for name in OF_ORDERS]
    clean.dbt("run", "-s", *[f"+{name}" for name in names]).must_pass()
    for relation in OF_ORDERS:
        assert rows_of(restored, relation) == rows_of(clean, relation), relation
    assert rows_of(clean, "dev_marts.fct_orders")


def test_a_text_that_nobody_could_read_is_erased_by_the_words_in_it(warehouse: Warehouse) -> None:
    broken = '{"OrderID": "9", "CustomerID": "C100", "CustomerName": "David Smith"'
    other = '{"OrderID": "9", "CustomerID": "C1001", "CustomerName": "Ana Smith"'
    record = '{{"topic":"orders","partition":0,"offset":{},"tstype":"create","ts":1693970133000,"broker":1,"key":"9","payload":{}}}\n'
    warehouse.write("kafka/orders/a.jsonl", record.format(1, json.dumps(broken)) + record.format(2, json.dumps(other)))
    texts = "select record_text from dev_staging.quarantine_msk__orders order by kafka_offset"
    warehouse.dbt("run", "-s", "+quarantine_msk__orders").must_pass()
    assert warehouse.rows(texts) == [(broken,), (other,)]
    erase(warehouse, CASES[0])
    assert warehouse.rows(texts) == [(None,), (other,)]
    # at another position it is the same text still
    warehouse.write("kafka/orders/b.jsonl", record.format(7, json.dumps(broken)))
    warehouse.dbt("run", "-s", "+quarantine_msk__orders").must_pass()
    assert warehouse.rows(texts) == [(None,), (other,), (None,)]


def test_the_record_of_an_erasure_and_repeating_and_lifting_it(restored: Warehouse) -> None:
    case = next(case for case in CASES if case.person == "user")
    erase(restored, case)
    state = "select state, relation_name, erased_rows from dev_operations.erasures where request = 'DSR-1' order by recorded_at"
    first = restored.rows(state)
    assert first[0] == ("Running", None, None)
    assert first[-1] == ("Complete", None, sum(rows for _, name, rows in first if name))
    assert ("Erased", "dim_user_profile_identified", 1) in first
    # once more finds nothing but the records that were blanked, which say nothing of whom
    erase(restored, case)
    assert restored.rows(state)[-1] == ("Complete", None, 0)
    assert restored.rows("select count(*) from dev_operations.erased_keys") == [(1,)]

    restored.dbt("run-operation", "lift_erasure", "--args", "{request: DSR-1}").must_pass()
    assert restored.rows(state)[-1] == ("Lifted", None, None)
    deliver_again(restored)
    restored.dbt("run", "-s", "+dim_user_profile_identified").must_pass()
    assert "dev_marts.dim_user_profile_identified" in traces(restored, case)


@pytest.mark.parametrize(
    ("operation", "arguments", "message"),
    [
        ("erase_person", {"person": "nobody", "key": ["1"], "request": "D1"}, "'person' is 'nobody'. It should be one of customer"),
        (
            "erase_person",
            {"person": "customer", "key": [], "request": "D1"},
            "'key' is '[]'. It should be one value for each of customer_id",
        ),
        ("erase_person", {"person": "customer", "key": [""], "request": "D1"}, "one value for each of customer_id"),
        ("erase_person", {"person": "customer", "key": ["1", "2"], "request": "D1"}, "one value for each of customer_id"),
        ("erase_person", {"person": "customer", "key": ["1"], "request": "D Smith"}, "'request' is 'D Smith'. It should be a number or"),
        ("lift_erasure", {"request": "D7"}, "'request' is 'D7'. It should be a request that erase_person was given"),
    ],
)
def test_wrong_arguments_are_named(built: Warehouse, operation: str, arguments: dict[str, Any], message: str) -> None:
    result = built.dbt("run-operation", operation, "--args", json.dumps(arguments))
    assert result.code != 0
    assert message in " ".join(result.output.split())
