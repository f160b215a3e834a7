"""Streams and change feeds by dbt itself, on DuckDB: the worked examples of the sources, a broker, a broken table, thirty kills."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from confluent_kafka import Producer
from conftest import ROOT, Warehouse, copy_project
from land_topic import land_topic
from make_feeds import PRODUCT_CHANGES, PRODUCTS, parquet, write_feeds
from make_landing import make_landing

FEEDS = ["+current_dms__sporting_event", "+current_dms__policies", "+current_dms__mlb_data", "+current_debezium__products"]


@pytest.fixture(scope="module")
def stepwise(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, dict[str, list[tuple[Any, ...]]]]:
    """Full loads built first, then with the changes; and what the tables said in between."""
    warehouse = Warehouse(tmp_path_factory.mktemp("feeds"))
    write_feeds(warehouse.landing)
    changes = warehouse.folder / "later"
    for folder in ("dms/dms_sample/sporting_event/2022", "dms/insurance/policies/2023", "dms/dms_sample/mlb_data/2022"):
        (changes / folder).parent.mkdir(parents=True, exist_ok=True)
        (warehouse.landing / folder).rename(changes / folder)
    warehouse.dbt("build", "-s", "+tag:ticketing", "+tag:insurance", "+tag:care", "+tag:retail").must_pass()
    between = {
        "policies": warehouse.rows("select * exclude (loaded_at, load_id) from dev_staging.current_dms__policies order by policy_id"),
        "events": warehouse.rows("select id, sold_out from dev_staging.current_dms__sporting_event order by id"),
    }
    shutil.copytree(changes, warehouse.landing, dirs_exist_ok=True)
    warehouse.dbt("build", "-s", "+tag:ticketing", "+tag:insurance").must_pass()
    return warehouse, between


def test_sporting_events_one_and_eleven_change_21_goes_and_5_comes(stepwise: tuple[Warehouse, dict[str, list[tuple[Any, ...]]]]) -> None:
    warehouse, between = stepwise
    assert [number for number, _ in between["events"]] == [number for number in range(1, 31) if number != 5]
    rows = warehouse.rows(
        "select id, home_team_id, away_team_id, start_date_time, sold_out, version_number from dev_staging.current_dms__sporting_event "
        "where id in (1, 5, 11, 21) order by id"
    )
    assert rows == [
        (1, 2, 3, datetime(2022, 10, 1, 20), 0, 2),
        # the published MERGE left away_team_id out of its UPDATE and sold_out out of its INSERT
        (5, 6, 7, datetime(2022, 10, 5, 19, 30), 0, 1),
        (11, 12, 13, datetime(2022, 10, 11, 19, 30), 1, 2),
    ]
    assert warehouse.rows("select count(*) from dev_staging.current_dms__sporting_event") == [(29,)]
    gone = warehouse.rows(
        "select change_kind, is_deleted, is_current, valid_to from dev_staging.history_dms__sporting_event where id = 21 "
        "order by version_number"
    )
    assert gone == [("snapshot", False, False, datetime(2022, 9, 22, 18, 42, 10)), ("delete", True, True, None)]


def test_25_policies_become_27(stepwise: tuple[Warehouse, dict[str, list[tuple[Any, ...]]]]) -> None:
    warehouse, between = stepwise
    changed = ("100462", "100463", "100475", "110001", "110002")
    before = {row[0]: row for row in between["policies"]}
    assert len(before) == 25
    assert sum(policy in before for policy in changed) == 3
    assert (before["100462"][1], before["100463"][5], before["100475"][8]) == (date(2023, 3, 25), Decimal("15480000.00"), False)
    after = {
        row[0]: row
        for row in warehouse.rows("select policy_id, expiry_date, insured_value, flood_coverage from dev_staging.current_dms__policies")
    }
    assert len(after) == 27
    assert [after[policy] for policy in changed] == [
        ("100462", date(2024, 12, 31), Decimal("3400000.00"), True),
        ("100463", date(2023, 3, 27), Decimal("1000000.00"), True),
        ("100475", date(2023, 3, 31), Decimal("1451662.00"), True),
        ("110001", date(2024, 3, 31), Decimal("210000.00"), False),
        ("110002", date(2024, 3, 31), Decimal("975000.00"), True),
    ]


def test_two_changes_of_one_commit_end_with_the_later_one(stepwise: tuple[Warehouse, dict[str, list[tuple[Any, ...]]]]) -> None:
    rows = stepwise[0].rows("select mlb_id, bats from dev_staging.current_dms__mlb_data order by mlb_id")
    assert rows == [(506560, "R"), (506702, "R")]


def test_products_are_those_of_the_tutorial(stepwise: tuple[Warehouse, dict[str, list[tuple[Any, ...]]]]) -> None:
    """Nine snapshot rows with one log sequence number, changes, a delete with its tombstone, and a change that was sent again."""
    expected = {row[0]: row for row in PRODUCTS}
    for operation, row, _, _ in PRODUCT_CHANGES:
        expected.pop(row[0], None)
        if operation != "d":
            expected[row[0]] = row
    rows = stepwise[0].rows("select id, name, description, weight from dev_staging.current_debezium__products order by id")
    assert rows == sorted(expected.values())
    assert len(rows) == 10
    outcomes = stepwise[0].rows("select outcome_reason, count(*) from dev_staging.delivered_debezium__products group by all order by all")
    assert outcomes == [("delivered before", 1), ("tombstone: the delete came before it", 1), (None, 16)]


def test_a_change_that_carries_one_column_erases_no_other(stepwise: tuple[Warehouse, dict[str, list[tuple[Any, ...]]]]) -> None:
    """The DynamoDB transaction: INSERT, then a MODIFY of the amount; another one is removed."""
    warehouse = stepwise[0]
    rows = warehouse.rows("select * exclude (loaded_at) from dev_marts.fct_customer_transactions")
    assert rows == [
        (
            "2022-07-08T23:59:59Z#CUST_345",
            "CUST_123",
            "PV-123",
            Decimal("50.00"),
            Decimal("1250.50"),
            Decimal("2000.00"),
            2,
            datetime(2022, 7, 8, 23, 59, 59),
            datetime(2022, 7, 8, 15, 47, 3, 614000),
        )
    ]
    attributes = warehouse.rows("select is_final from dev_staging.current_kinesis__customer_transactions")
    assert attributes == [(False,)]
    dependents = warehouse.rows("select dependent_key from dev_staging.stg_kinesis__transaction_dependents order by 1")
    assert dependents == [("CUSTOMER#2022-07-08T23:59:59Z#CUST_567",), ("CUSTOMER#2022-07-08T23:59:59Z#CUST_890",)]
    shards = warehouse.rows(
        "select partition_name, length(last_position), delivered_records "
        "from dev_staging.positions_kinesis__customer_transactions order by 1"
    )
    assert shards == [("shardId-000000000000", 56, 2), ("shardId-000000000001", 57, 3)]


def test_deleted_accounts_go_and_unknown_deletes_do_not_come(stepwise: tuple[Warehouse, dict[str, list[tuple[Any, ...]]]]) -> None:
    warehouse = stepwise[0]
    rows = warehouse.rows(
        "select account_number, account_name, annual_revenue from dev_staging.current_appflow__accounts order by account_number"
    )
    assert rows == [("A-1", "Müller & Söhne", Decimal("1200000.00")), ("A-2", "Okafor Holding", Decimal("90000.00"))]
    refused = warehouse.rows("select quarantine_reason from dev_staging.quarantine_appflow__accounts order by 1")
    assert refused == [("account_number is missing",), ("active is missing",)]


def test_orders_without_items_have_no_revenue_and_are_there(stepwise: tuple[Warehouse, dict[str, list[tuple[Any, ...]]]]) -> None:
    warehouse = stepwise[0]
    rows = warehouse.rows("select order_id, order_lines, total_revenue_usd from dev_marts.agg_order_revenue order by 1")
    assert rows == [(1, 2, Decimal("25.50")), (2, 1, Decimal("21.75")), (3, 0, Decimal("0.00"))]
    rows = warehouse.rows("select customer_id, orders, total_revenue_usd from dev_marts.agg_customer_revenue order by 1")
    assert rows == [(10, 2, Decimal("47.25")), (11, 1, Decimal("0.00"))]
    # the next copy lacks an order: it is gone, and the snapshot says so
    warehouse.write("zero_etl/ecommerce/orders/copy-0002.csv", "order_id,customer_id,order_date\n1,10,2024-01-05\n3,12,2024-02-01\n")
    warehouse.dbt("build", "-s", "copy_aurora_orders+").must_pass()
    assert warehouse.rows("select count(*) from dev_marts.dim_customer where customer_id = 'shop:12'") == [(1,)]
    assert warehouse.rows("select order_id, customer_id from dev_staging.stg_aurora__orders order by 1") == [(1, 10), (3, 12)]
    history = warehouse.rows(
        "select order_id, customer_id, dbt_is_deleted, dbt_valid_to is null from dev_snapshots.snap_aurora_orders "
        "order by 1, dbt_valid_from"
    )
    assert (2, 10, "True", True) in history
    assert [row for row in history if row[0] == 3] == [(3, 11, "False", False), (3, 12, "False", True)]


CUSTOMERS = """
    select customers.customer_id, customers.customer_system, coalesce(masters.customer_id, customers.customer_id), customers.customer_name
    from dev_marts.dim_customer as customers
    left join dev_marts.dim_same_customer as same_customers on customers.customer_hk = same_customers.customer_hk
    left join dev_marts.dim_customer as masters on same_customers.master_customer_hk = masters.customer_hk
    where not customers.is_unknown
    order by customers.customer_id
"""


def state(warehouse: Warehouse, name: str, *statements: str) -> None:
    """Lands what data stewards state."""
    header = "statement_number,stated_at,master_customer_id,duplicate_customer_id,statement,reason"
    warehouse.write(f"stewards/customer_matches/{name}.csv", "\n".join([header, *statements]) + "\n")


def test_three_systems_know_one_customer_and_stewards_say_so(warehouse: Warehouse) -> None:
    write_feeds(warehouse.landing)
    shutil.rmtree(warehouse.landing / "stewards")
    selection = ("-s", "+agg_customer_value", "+quarantine_stewards__customer_matches")
    state(warehouse, "1", "1,2024-03-01 09:00:00,C1,crm:A-2,same,", "2,2024-03-01 09:00:00,C1,shop:10,same,", "3,noon,C1,crm:A-3,same,")
    warehouse.dbt("build", *selection).must_pass()
    assert warehouse.rows("select quarantine_reason from dev_staging.quarantine_stewards__customer_matches") == [
        ("the change has no commit time",)
    ]
    # the statements name C1, whom the orders topic has not brought: they are kept, with a warning, and wait
    assert warehouse.rows(CUSTOMERS) == [
        ("crm:A-1", "CRM", "crm:A-1", "Müller & Söhne"),
        ("crm:A-2", "CRM", "crm:A-2", "Okafor Holding"),
        ("crm:A-3", "CRM", "crm:A-3", "Rossi S.p.A."),
        ("crm:A-9", "CRM", "crm:A-9", "Never Seen"),
        ("shop:10", "shop database", "shop:10", "Unknown"),
        ("shop:11", "shop database", "shop:11", "Unknown"),
    ]
    assert warehouse.rows("select count(*) from dev_vault.link_same_customer") == [(2,)]

    event = {"OrderID": "1", "CustomerID": "C1", "CustomerName": "Zoë", "ProductID": "P1", "OrderStatus": "Initiated", "Quatity": "2"}
    record = {"topic": "orders", "partition": 0, "offset": 0, "tstype": "create", "ts": 1693970133000, "broker": 1, "key": "1"}
    payload = json.dumps({**event, "Price": "3.50"})
    warehouse.write("kafka/orders/a.jsonl", json.dumps({**record, "payload": payload}) + "\n")
    warehouse.dbt("build", *selection).must_pass()
    assert {name: master for name, _, master, _ in warehouse.rows(CUSTOMERS) if name != master} == {"crm:A-2": "C1", "shop:10": "C1"}
    value = "select * exclude (customer_hk) from dev_marts.agg_customer_value where customer_id = 'C1'"
    assert warehouse.rows(value) == [("C1", "Zoë", 3, Decimal("90000.00"), 1, Decimal("7.0000"), 2, Decimal("47.25"))]

    # a statement is taken back, another one made; the pair stays in the link. The file that takes it back comes first
    state(warehouse, "2", "5,2024-03-03 09:00:00,C1,crm:A-2,different,")
    state(warehouse, "3", "4,2024-03-02 09:00:00,C1,crm:A-2,same,", "6,2024-03-03 09:05:00,C1,crm:A-1,same,")
    warehouse.dbt("build", *selection).must_pass()
    assert {name: master for name, _, master, _ in warehouse.rows(CUSTOMERS) if name != master} == {"crm:A-1": "C1", "shop:10": "C1"}
    assert warehouse.rows("select count(*) from dev_vault.link_same_customer") == [(3,)]
    assert warehouse.rows(value) == [("C1", "Zoë", 3, Decimal("1200000.00"), 1, Decimal("7.0000"), 2, Decimal("47.25"))]
    # every identifier is of one customer, and nothing is counted twice
    assert warehouse.rows("select sum(identifiers), sum(shop_orders) from dev_marts.agg_customer_value") == [(8, 3)]

    # statements that contradict each other fail the gate
    state(
        warehouse,
        "4",
        "7,2024-03-04 09:00:00,crm:A-3,crm:A-1,same,",
        "8,2024-03-04 09:00:00,shop:11,C1,same,",
        "9,2024-03-04 09:00:00,C1,C1,same,",
    )
    warehouse.dbt("run", *selection).must_pass()
    assert warehouse.dbt("test", "-s", "every_customer_has_one_master").code != 0
    gate = warehouse.manifest()["nodes"]["test.millrace.every_customer_has_one_master"]["compiled_code"]
    assert warehouse.rows(f"select problem, count(*) from ({gate}) as problems group by all order by all") == [
        ("has several masters", 1), ("is stated to be the same as itself", 1), ("its master has a master", 2),
    ]  # fmt: skip


def test_personal_data_stays_out_of_the_mart_that_all_may_read(stepwise: tuple[Warehouse, dict[str, list[tuple[Any, ...]]]]) -> None:
    warehouse = stepwise[0]
    assert warehouse.rows("select masked_email, masked_cell_phone, birth_year from dev_marts.dim_user_profile order by 2")[0] == (
        "***@example.com",
        "*** *** ** 01",
        1990,
    )
    nodes = warehouse.manifest()["nodes"]
    personal = {
        name
        for name, column in nodes["model.millrace.current_kinesis__user_profiles"]["columns"].items()
        if column["config"]["meta"].get("classification") == "personal"
    }
    assert personal == {"user_id", "title", "first_name", "last_name", "email", "cell_phone", "born_on", "city"}
    assert not personal & set(nodes["model.millrace.dim_user_profile"]["columns"])
    open_text = " ".join(str(row) for row in warehouse.rows("select * from dev_marts.dim_user_profile"))
    assert not re.search(r"Zoë|Müller|zoe\.|555", open_text)


# --- a source whose columns change --------------------------------------------------------------------------------------------


def with_columns(project: Path, **changes: str | None) -> None:
    """Changes columns of the feed `object`: a type, or None where the column is not declared."""
    settings = project / "dbt_project.yml"
    text = (ROOT / "dbt_project.yml").read_text()
    landing = project / "models/streaming/copy_dms_object.sql"
    sql = (ROOT / "models/streaming/copy_dms_object.sql").read_text()
    start = text.index("    object: ")
    block = text[start : text.index("    policies:")]
    changed = block
    for column, kind in changes.items():
        line = next(line for line in block.splitlines(keepends=True) if line.strip().startswith(f"{column}:"))
        changed = changed.replace(line, f"        {column}: {{type: {kind}}}\n" if kind else "")
        if kind is None:
            sql = sql.replace(f" '{column}',", "")
    settings.write_text(text.replace(block, changed))
    landing.write_text(sql)


def test_a_table_whose_columns_change_loses_nothing(tmp_path: Path) -> None:
    """The four steps: a column added, one renamed, one dropped. Then one declared late, one widened, one narrowed."""
    project = copy_project(tmp_path / "project", only=["ticketing"])
    warehouse = Warehouse(tmp_path, project)
    write_feeds(warehouse.landing)
    objects = warehouse.landing / "dms/db/object"
    later = sorted(objects.rglob("2022*.parquet"))
    texts = {file: file.read_bytes() for file in later}
    for file in later:
        file.unlink()
    select = ["-s", "+current_dms__object", "columns_dms__object", "quarantine_dms__object", "accounting_dms__object"]
    with_columns(project, test_column=None, new_field_2=None)
    for step in range(len(later) + 1):
        if step:
            later[step - 1].write_bytes(texts[later[step - 1]])
        warehouse.dbt("build", *select).must_pass()
        assert warehouse.rows("select count(*) from dev_staging.current_dms__object") == [(step + 1,)]
    states = dict(warehouse.rows("select column_name, state from dev_staging.columns_dms__object"))
    assert states["test_column"] == "undeclared"
    assert states["new_field_1"] == "no values since last_seen_at"
    assert states["object_name"] == "in use"

    # declared now: what came before is filled in
    with_columns(project)
    warehouse.dbt("build", *select).must_pass()
    seven = "object_id, object_name, test_column, object_description, new_column_add, new_field_1, new_field_2"
    expected = [
        (1, "obj1", None, "Object-1", "", "", None),
        (2, "obj2", 22, "test-2", "", "", None),
        (3, "obj3", 33, "test-3", "", None, "new-3"),
        (4, "obj4", 44, "test-4", "", None, None),
    ]
    for table in ("current_dms__object", "history_dms__object"):
        assert warehouse.rows(f"select {seven} from dev_staging.{table} order by object_id") == expected

    # wider
    with_columns(project, test_column='"decimal(18, 2)"')
    row = {"Op": "U", "last_update_time": "2022-09-22 21:00:00.000000", "object_id": 4, "object_name": "obj4", "test_column": "44.25"}
    warehouse.write("dms/db/object/2022/09/22/20220922-210000000.parquet", parquet([row]))
    warehouse.dbt("build", *select).must_pass()
    rows = warehouse.rows("select object_id, test_column from dev_staging.current_dms__object order by 1")
    assert rows == [(1, None), (2, Decimal("22.00")), (3, Decimal("33.00")), (4, Decimal("44.25"))]

    # narrower: the new record is refused, and the test says that an old one would lose its value
    with_columns(project)
    row = {**row, "last_update_time": "2022-09-22 22:00:00.000000", "test_column": "44.75"}
    warehouse.write("dms/db/object/2022/09/22/20220922-220000000.parquet", parquet([row]))
    result = warehouse.dbt("build", *select)
    assert result.code != 0
    assert "every_value_has_its_type" in result.output
    refused = warehouse.rows("select quarantine_reason from dev_staging.quarantine_dms__object")
    assert refused == [("test_column is no whole number",)]
    # what was stored stays as it is: nothing behind the failed test was built
    assert warehouse.rows("select test_column from dev_staging.current_dms__object where object_id = 4") == [(Decimal("44.25"),)]


def test_wrong_facts_stop_with_the_feed_the_fact_and_the_fix(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", only=["ticketing"])
    warehouse = Warehouse(tmp_path, project)
    settings = project / "dbt_project.yml"
    text = settings.read_text()
    for old, new, message in [
        ("      key: [mlb_id]\n", "      key: [nobody]\n", "change feed 'mlb_data': 'key' is ['nobody']. It should be a list of names"),
        ("      key: [mlb_id]\n", "      key: [mlb_id]\n      colour: red\n", "'mlb_data': 'colour' is red"),
        ("        mlb_id: {type: integer}\n", "        mlb_id: {type: int}\n", "'type of mlb_id' is int. It should be text"),
        ("    mlb_data:  ", "    players:  ", "there is no change feed 'mlb_data'. Declare it under vars: change_feeds"),
    ]:
        assert old in text
        settings.write_text(text.replace(old, new))
        result = warehouse.dbt("parse")
        assert result.code != 0
        assert message in " ".join(result.output.split())


# --- failures -----------------------------------------------------------------------------------------------------------------


def test_one_broken_table_stops_no_other_and_the_run_ends_red(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    write_feeds(warehouse.landing)
    warehouse.dbt("run", "-s", *FEEDS).must_pass()
    # the file is free between two runs
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("alter table dev_streaming.mv_products drop column payload")
    warehouse.write("dms/insurance/policies/2023/01/16/20230116-090000000.csv", "D,110002,,,,,,,,\n")
    warehouse.write("kafka/inventory.products/more.jsonl", '{"partition":0,"offset":99,"ts":1,"key":"{\\"id\\":1}","payload":"{}"}\n')
    result = warehouse.dbt("run", "-s", *FEEDS)
    assert result.code == 1
    assert warehouse.rows("select count(*) from dev_staging.current_dms__policies") == [(26,)]
    last = warehouse.rows(
        "select model_name, state from dev_operations.loads "
        "qualify row_number() over (partition by model_name order by recorded_at desc) = 1"
    )
    states = dict(last)
    assert states["mv_products"] == "Failed"
    assert states["current_debezium__products"] == "Failed"
    assert states["current_dms__policies"] == "Complete"


def test_a_second_load_of_a_duckdb_file_stops_and_names_the_first(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    write_feeds(warehouse.landing)
    warehouse.dbt("run", "-s", "+current_dms__policies").must_pass()
    with duckdb.connect(str(warehouse.database)) as other:
        before = other.execute("select count(*) from dev_operations.loads").fetchall()
        result = warehouse.dbt("run", "-s", "+current_dms__policies")
        assert result.code != 0
        assert "Conflicting lock is held" in result.output
        assert str(os.getpid()) in result.output
        assert other.execute("select count(*) from dev_operations.loads").fetchall() == before
    # one that died at work is taken over by the next, which goes on from what it left
    with duckdb.connect(str(warehouse.database)) as other:
        other.execute(
            "insert into dev_operations.loads (job, load_id, model_name, state, recorded_at) "
            "values ('nightly', 'dead', 'current_dms__policies', 'Running', now() at time zone 'UTC')"
        )
    result = warehouse.dbt("run", "-s", "+current_dms__policies").must_pass()
    assert "load dead (nightly) gave no sign of life" in result.output
    assert warehouse.rows("select state from dev_operations.loads where load_id = 'dead' order by 1") == [("Failed",), ("Running",)]


def test_a_live_topic_is_landed_and_built(tmp_path: Path) -> None:
    """A broker on a TCP port of this machine, a producer, the consumer that lands, and dbt; then more of it, and a second build."""
    producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "ignored"})
    brokers = ",".join(f"{broker.host}:{broker.port}" for broker in producer.list_topics(timeout=10).brokers.values())
    warehouse = Warehouse(tmp_path)
    sample = tmp_path / "sample"
    make_landing(sample, scale=0.02)
    lines = [line for file in sorted((sample / "kafka/orders").glob("*.jsonl")) for line in file.read_text().splitlines()]
    records = [json.loads(line) for line in lines if line.endswith("}")]
    select = ["-s", "+stg_msk__orders", "quarantine_msk__orders", "accounting_msk__orders", "positions_msk__orders", "ref_order_status"]
    landed = 0
    for part in (records[: len(records) // 2], records[len(records) // 2 :]):
        for record in part:
            value = record["payload"]
            producer.produce("orders", key=record["key"], value=value if value is None else value.encode(), timestamp=record["ts"])
        assert producer.flush(30) == 0
        landed += land_topic(brokers, "orders", warehouse.landing)
        warehouse.dbt("build", *select).must_pass()
    assert landed == len(records)
    assert land_topic(brokers, "orders", warehouse.landing) == 0
    marks = warehouse.rows(
        "select status, sum(delivered_records), sum(missing_positions), count(distinct load_id), bool_and(ended_at >= started_at) "
        "from dev_staging.positions_msk__orders group by all"
    )
    assert marks == [("Complete", landed, 0, 2, True)]
    assert warehouse.rows("select count(*) from dev_staging.delivered_msk__orders where outcome = 'duplicate'") == [(0,)]


KILLED = [
    "+fct_order_status_changes",
    "+current_dms__sporting_event",
    "+current_debezium__products",
    "+current_kinesis__customer_transactions",
]
RESULTS = [
    "dev_marts.fct_order_status_changes",
    "dev_staging.history_dms__sporting_event",
    "dev_staging.current_dms__sporting_event",
    "dev_staging.history_debezium__products",
    "dev_staging.current_debezium__products",
    "dev_staging.current_kinesis__customer_transactions",
]


def without_load(warehouse: Warehouse, table: str) -> list[tuple[Any, ...]]:
    """Rows of a table but for when and by which load they came."""
    found = {row[0] for row in warehouse.rows(f"describe {table}")} & {"loaded_at", "load_id", "change_order"}
    exclude = f"exclude ({', '.join(found)})" if found else ""
    return sorted(warehouse.rows(f"select * {exclude} from {table}"), key=repr)


def test_thirty_kills_in_a_row_change_nothing(tmp_path: Path) -> None:
    """`dbt run` killed hard at random moments while files keep landing; then one run to the end."""
    source = tmp_path / "source"
    make_landing(source, scale=0.1, batches=25)
    shutil.rmtree(source / "copy")
    undisturbed = Warehouse(tmp_path / "undisturbed")
    shutil.copytree(source, undisturbed.landing)
    undisturbed.dbt("run", "-s", *KILLED).must_pass()

    killed = Warehouse(tmp_path / "killed")
    killed.landing.mkdir(parents=True)
    rng = random.Random(4)
    files = [file for file in sorted(source.rglob("*")) if file.is_file()]
    rng.shuffle(files)
    reached = 0
    for _ in range(30):
        process = killed.start("run", "-s", *KILLED)
        while not process.has_ended():
            if killed.output.exists() and "START" in killed.output.read_text():
                reached += 1
                break
            time.sleep(0.02)
        # while it runs, the next files land: each whole, as a rename puts it there
        for file in [files.pop() for _ in range(min(2, len(files)))]:
            target = killed.landing / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target.with_name("_" + file.name))
            target.with_name("_" + file.name).rename(target)
        time.sleep(rng.random() * 2)
        process.kill()
        process.wait()
    assert reached == 30
    for file in files:
        target = killed.landing / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    killed.dbt("run", "-s", *KILLED).must_pass()
    for table in RESULTS:
        assert without_load(killed, table) == without_load(undisturbed, table), table
    accounts = killed.rows(
        "select outcome, count(*) from dev_staging.delivered_msk__orders where outcome <> 'duplicate' group by all order by all"
    )
    assert accounts == undisturbed.rows(
        "select outcome, count(*) from dev_staging.delivered_msk__orders where outcome <> 'duplicate' group by all order by all"
    )
    landed = "select (select count(*) from dev_streaming.mv_orders), (select count(*) from dev_staging.delivered_msk__orders)"
    assert len(set(killed.rows(landed)[0])) == 1
    # the audit knows which of them died
    ended = killed.rows("select state, message like '%taken over', count(distinct load_id) > 10 from dev_operations.loads group by all")
    assert ("Failed", True, True) in ended
