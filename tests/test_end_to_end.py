"""The whole project by dbt itself, on DuckDB: first build, builds with new files between, and a build with nothing new."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import NO_TESTS, ROOT, Warehouse, copy_of
from make_landing import EXTRACT_FOLDER, make_landing

MARTS = [
    "dim_customer",
    "dim_product",
    "dim_store",
    "fct_orders",
    "fct_order_status_changes",
    "dim_taxi_zone",
    "fct_yellow_taxi_trips",
]


# what the tests look at beside the marts
COMPARED = ("sat_customer", "sat_order", "accounting_msk__orders")


def marts(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of every mart."""
    return {mart: sorted(warehouse.rows(f"select * from dev_marts.{mart}"), key=repr) for mart in MARTS}


def versions(warehouse: Warehouse, satellite: str, key: str) -> list[tuple[Any, ...]]:
    """Versions of a satellite, equal neighbours folded."""
    return warehouse.rows(
        f"select {key}, event_at, hashdiff from dev_vault.{satellite} "
        f"qualify hashdiff is distinct from lag(hashdiff) over (partition by {key} order by event_at, kafka_partition, kafka_offset) "
        "order by all"
    )


SATELLITES = [("sat_customer", "customer_hk"), ("sat_order", "order_hk"), ("sat_order_line_status", "order_line_hk")]


@pytest.fixture(scope="module")
def one_shot(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample, built at once."""
    return copy_of(sample, tmp_path_factory.mktemp("one_shot"))


@pytest.fixture(scope="module")
def in_batches(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The same files, landed out of order and built one batch after the other, with a build that has nothing new between."""
    warehouse = Warehouse(tmp_path_factory.mktemp("in_batches"))
    # what stands behind no landing folder
    warehouse.dbt("build", "-s", "resource_type:seed", "dim_date", *NO_TESTS).must_pass()
    branch = ("-s", *(f"+{mart}" for mart in MARTS), *COMPARED)
    for batch in (5, 0, 7, 2):
        make_landing(warehouse.landing, scale=0.2, only=batch)
        warehouse.dbt("build", *branch, *NO_TESTS).must_pass()
    warehouse.dbt("run", *branch).must_pass()
    make_landing(warehouse.landing, scale=0.2)
    build_news(warehouse)
    return warehouse


def news(warehouse: Warehouse) -> list[str]:
    """Looks at every landing folder; what has news behind it."""
    warehouse.dbt("run", "--selector", "landing").must_pass()
    return warehouse.dbt("--quiet", "run-operation", "models_with_news").must_pass().output.split()


def build_news(warehouse: Warehouse) -> list[str]:
    """What a schedule does that builds only what has news; the names of the models that were built."""
    warehouse.dbt("build", "-s", *news(warehouse)).must_pass()
    results = json.loads((warehouse.target / "run_results.json").read_text())["results"]
    return [result["unique_id"].split(".")[2] for result in results if result["unique_id"].startswith("model.")]


def test_batches_give_the_marts_of_one_load(one_shot: Warehouse, in_batches: Warehouse) -> None:
    assert marts(in_batches) == marts(one_shot)
    assert len(marts(one_shot)["fct_orders"]) > 500
    for satellite, key in SATELLITES:
        assert versions(in_batches, satellite, key) == versions(one_shot, satellite, key)


def test_news_alone_reach_every_mart(one_shot: Warehouse, in_batches: Warehouse) -> None:
    """Nothing but the branches with news was built behind the last files: every table of the marts is that of a build of everything."""
    tables = [
        name
        for (name,) in one_shot.rows("select table_name from information_schema.tables where table_schema = 'dev_marts' order by 1")
        # the costs of logs are made of seeds, which have no landing behind them
        if name not in ("fct_loads", "agg_s3_cost_forecast", "agg_log_storage_costs")
    ]
    assert len(tables) > 40
    for table in tables:
        # policies have no time of their own: their versions begin when a load took them, and the key of a version has its beginning in it
        own = {"loaded_at", "list_loaded_at", "load_id", "policy_version_key"}
        # and when the files of a bill were written and taken
        own |= {"dim_policy": {"valid_from", "valid_to"}, "agg_s3_bills": {"modified_at", "arrived_at"}}.get(table, set())
        columns = [name for name, *_ in one_shot.rows(f"describe dev_marts.{table}") if name not in own]
        query = f"select {', '.join(columns)} from dev_marts.{table}"
        assert sorted(in_batches.rows(query), key=repr) == sorted(one_shot.rows(query), key=repr), table
    # dim_date and the seeds have no landing behind them: what is new there says state:modified
    assert news(in_batches) == ["no_news"]


def test_news_in_one_topic_builds_its_branch_and_no_other(sample: Warehouse, tmp_path: Path) -> None:
    warehouse = copy_of(sample, tmp_path / "copy")
    assert news(warehouse) == ["no_news"]
    line = {"OrderID": "news", "CustomerID": "C1", "ProductID": "P1", "OrderStatus": "Initiated", "Price": "1", "EventType": "Orders"}
    record = {"topic": "orders", "partition": 0, "offset": 10**9, "ts": 1693970133000, "key": "n", "payload": json.dumps(line)}
    warehouse.write("kafka/orders/news.jsonl", json.dumps(record) + "\n")
    assert news(warehouse) == ["mv_orders+"]
    # a part of the branch, and one that read nothing, keep it on the list; a build that succeeds takes it off
    warehouse.dbt("run", "-s", "delivered_msk__orders").must_pass()
    assert news(warehouse) == ["mv_orders+"]
    warehouse.dbt("run", "-s", "mv_orders+", "--empty").must_pass()
    assert news(warehouse) == ["mv_orders+"]
    built = build_news(warehouse)
    assert warehouse.rows("select count(*) from dev_marts.fct_orders where order_id = 'news'") == [(1,)]
    assert {"mv_orders", "delivered_msk__orders", "sat_order", "fct_orders", "agg_customer_value"} <= set(built)
    assert not {"fct_yellow_taxi_trips", "agg_s3_charges", "sat_policy", "copy_appflow_accounts"} & set(built)
    assert news(warehouse) == ["no_news"]


def test_news_in_each_landing_folder_are_seen(sample: Warehouse, tmp_path: Path) -> None:
    """A file more, the copy of one that is there under another name, in every folder that a landing model reads."""
    warehouse = copy_of(sample, tmp_path / "copy")
    taken = warehouse.rows(
        "select model_name, max(landing_file) from dev_operations.landing_files where outcome = 'taken' group by model_name order by 1"
    )
    assert len(taken) > 25
    for _, name in taken:
        file = warehouse.landing / name
        if "s3_inventory" in name:
            # a list names its files
            symlink = next(file.parent.parent.glob("hive/dt=*/symlink.txt"))
            folder = symlink.parent.with_name("dt=2024-04-28-01-00")
            folder.mkdir()
            (folder / "symlink.txt").write_text(f"s3://inventories/{file.parent.name}/copy-{file.name}\n")
        # the full loads of DMS are known by their names
        another = f"LOAD9{file.name[5:]}" if file.name.startswith("LOAD0") else f"copy-{file.name}"
        shutil.copyfile(file, file.with_name(another))
    assert set(news(warehouse)) == {f"{model}+" for model, _ in taken}


def test_each_load_reads_only_new_files(in_batches: Warehouse) -> None:
    taken = in_batches.rows(
        "select landing_file, count(*), sum(records) from dev_operations.landing_files "
        "where model_name = 'mv_orders' and outcome = 'taken' group by all"
    )
    assert len(taken) == 8
    assert {count for _, count, _ in taken} == {1}
    landed = in_batches.rows("select count(*), count(distinct refresh_time) from dev_streaming.mv_orders")
    assert landed == [(sum(records for _, _, records in taken), 5)]


def test_every_record_is_accounted_for(one_shot: Warehouse, in_batches: Warehouse) -> None:
    """Lines in the files, counted here, against accepted + duplicate + quarantined."""
    for warehouse in (one_shot, in_batches):
        totals = warehouse.rows(
            "select sum(delivered_records), sum(accepted_records), sum(duplicate_records), sum(quarantined_records) "
            "from dev_staging.accounting_msk__orders"
        )[0]
        assert totals[0] == totals[1] + totals[2] + totals[3]
        assert min(totals) > 0
        positions = warehouse.rows(
            "select count(*), count(distinct (kafka_partition, kafka_offset, event_at)) from dev_staging.stg_msk__orders"
        )[0]
        assert positions[0] == positions[1] == totals[1]


def test_a_build_with_nothing_new_changes_nothing(one_shot: Warehouse) -> None:
    tables = one_shot.rows(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema like 'dev_%' and table_type = 'BASE TABLE'"
    )
    before = {table: sorted(one_shot.rows(f"select * from {table}"), key=repr) for (table,) in tables}
    one_shot.dbt("build", *NO_TESTS).must_pass()
    after = {table: sorted(one_shot.rows(f"select * from {table}"), key=repr) for (table,) in tables}
    # but for the audit, which says that there was a load
    changed = [table for table in before if before[table] != after[table] and table != "dev_operations.loads"]
    assert changed == []


def test_snapshots_end_on_the_day_that_counts_as_today(warehouse: Warehouse) -> None:
    """A day that is named, and the clock's where none is."""
    for named in ("2024-02-10", ""):
        warehouse.environment["MILLRACE_SNAPSHOTS_END_ON"] = named
        before = f"{datetime.now(UTC):%Y-%m-%d}"
        warehouse.dbt("run", "-s", "ref_snapshots").must_pass()
        last = warehouse.rows("select cast(cast(max(snapshot_at) as date) as varchar) from dev_vault.ref_snapshots")[0][0]
        assert last == named if named else last in (before, f"{datetime.now(UTC):%Y-%m-%d}")


def test_full_refresh_does_not_destroy_history(one_shot: Warehouse) -> None:
    """The files are gone, as a stream's records are after its retention."""
    before = marts(one_shot)
    kept = one_shot.landing.rename(one_shot.folder / "expired")
    try:
        result = one_shot.dbt("run", "--full-refresh").must_pass()
        assert "allow_full_refresh" in result.output
        assert marts(one_shot) == before
    finally:
        kept.rename(one_shot.landing)


def test_full_refresh_rebuilds_when_told_so(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    make_landing(warehouse.landing, scale=0.02)
    selection = ("-s", "+tag:retail", "+tag:mobility")
    warehouse.dbt("run", *selection, "--full-refresh").must_pass()
    first = marts(warehouse)
    warehouse.dbt("run", *selection, "--full-refresh", "--vars", '{"allow_full_refresh": true}').must_pass()
    assert marts(warehouse) == first
    loads = warehouse.rows("select count(distinct load_id), count(*) from dev_staging.delivered_msk__orders")[0]
    assert loads[0] == 1
    assert loads[1] == warehouse.rows("select count(*) from dev_streaming.mv_orders")[0][0]
    # without the flag the variable alone rebuilds nothing
    warehouse.dbt("run", *selection, "--vars", '{"allow_full_refresh": true}').must_pass()
    assert warehouse.rows("select count(*) from dev_staging.delivered_msk__orders")[0][0] == loads[1]


def test_top_five_routes_equal_a_plain_reading_of_the_files(one_shot: Warehouse) -> None:
    output = one_shot.dbt("--quiet", "show", "--select", "top_five_routes", "--output", "json").must_pass().output
    shown = json.loads(output[output.index("{") :])["show"]
    zones: dict[str, str] = {}
    for file in sorted((one_shot.landing / "copy/taxi_zone_lookup").glob("*.csv")):
        with file.open(newline="") as lines:
            zones.update({row["location_id"]: row["zone"] for row in csv.DictReader(lines)})
    counts: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for file in (one_shot.landing / "copy/yellow_taxi_trip").glob("*.csv"):
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                names = [zones.get(row[f"{end}_location_id"], "Not in the lookup") for end in ("pickup", "dropoff")]
                route = " - ".join(sorted(names, key=str.encode, reverse=True))
                counts[route] += 1
                times = [datetime.fromisoformat(row[f"{end}_datetime"]) for end in ("pickup", "dropoff")]
                duration = int((times[1] - times[0]).total_seconds())
                seconds[route] += duration if 0 < duration < 86_400 else 0
    minutes = {
        route: (Decimal(total) / 60).quantize(Decimal("0.0001"), ROUND_HALF_UP).quantize(Decimal("0.1"), ROUND_HALF_UP)
        for route, total in seconds.items()
    }
    expected = sorted(counts, key=lambda route: (-counts[route], -minutes[route], route))[:5]
    assert [(row["route"], row["trip_count"], row["total_duration_minutes"]) for row in shown] == [
        (route, counts[route], float(minutes[route])) for route in expected
    ]


def test_taxi_rows_equal_the_files(one_shot: Warehouse) -> None:
    """Row counts and money reconcile with the files, odd trips included."""
    total, count = 0, 0
    for file in (one_shot.landing / "copy/yellow_taxi_trip").glob("*.csv"):
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                total += round(float(row["total_amount"]) * 100)
                count += 1
    rows = one_shot.rows("select count(*), sum(total_usd), count(*) filter (total_usd < 0) from dev_marts.fct_yellow_taxi_trips")[0]
    assert (rows[0], round(rows[1] * 100)) == (count, total)
    assert rows[2] > 0


def test_the_extract_is_small_and_enough(tmp_path: Path) -> None:
    """Without the real months the sample is the extract and generated trips."""
    rows = sum(len(file.read_text().splitlines()) - 1 for file in EXTRACT_FOLDER.glob("*.csv"))
    assert rows <= 200
    subprocess.run(
        [sys.executable, str(ROOT / "sample/make_landing.py"), "--root", str(tmp_path / "landing"), "--scale", "0.02"],
        check=True, env={"MILLRACE_REAL_DATA": str(tmp_path / "nowhere"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    warehouse = Warehouse(tmp_path)
    warehouse.dbt("build", "-s", "+tag:mobility").must_pass()
    assert warehouse.rows("select count(*) > 2000 from dev_marts.fct_yellow_taxi_trips") == [(True,)]


def test_the_sample_is_the_same_for_a_seed(tmp_path: Path) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    make_landing(tmp_path / "a", scale=0.05, seed=3)
    make_landing(tmp_path / "b", scale=0.05, seed=3)
    make_landing(tmp_path / "c", scale=0.05, seed=4)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert content(tmp_path / "a") != content(tmp_path / "c")


def test_a_zone_that_goes_back_to_its_old_name_is_seen(warehouse: Warehouse) -> None:
    """The same path and content as the first delivery, but not as the latest one."""
    header = "location_id,borough,zone,service_zone\n"
    for name in ("Old", "New", "Old"):
        warehouse.write("copy/taxi_zone_lookup/zones.csv", header + f"1,Queens,{name},Boro Zone\n")
        warehouse.dbt("run", "-s", "+dim_taxi_zone").must_pass()
        assert warehouse.rows("select zone_name from dev_marts.dim_taxi_zone") == [(name,)]


def test_docs_are_one_file(one_shot: Warehouse) -> None:
    one_shot.dbt("docs", "generate", "--static").must_pass()
    page = (one_shot.target / "static_index.html").read_text()
    assert "fct_orders" in page
    assert "order line (an order and a product)" in page


def test_the_summary_names_every_source(one_shot: Warehouse) -> None:
    output = one_shot.dbt("--quiet", "run-operation", "load_summary").must_pass().output
    for source in ("kafka/orders", "copy/yellow_taxi_trip", "copy/taxi_zone_lookup"):
        assert source in output


def test_production_writes_to_the_plain_layer_names(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, environment={"MILLRACE_ENV": "production"})
    make_landing(warehouse.landing, scale=0.01)
    warehouse.dbt("build", "--selector", "retail", *NO_TESTS).must_pass()
    schemas = {row[0] for row in warehouse.rows("select distinct table_schema from information_schema.tables")}
    assert {"streaming", "staging", "vault", "marts", "operations"} <= schemas
    wrong = Warehouse(tmp_path, environment={"MILLRACE_ENV": "prod"}).dbt("parse")
    assert wrong.code != 0
    assert "MILLRACE_ENV is 'prod'" in wrong.output
