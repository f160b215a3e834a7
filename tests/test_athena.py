"""The project on the real dbt-athena adapter, on Trino behind Athena's API: same marts as on DuckDB, row for row."""

from __future__ import annotations

import gzip
import io
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pytest
from athena_standin import AthenaStandIn, Lake
from conftest import NO_TESTS, Compilations, DbtResult, Warehouse
from engine_builds import Plan, plan
from engine_marts import FRACTION_MARTS, MARTS, NOT_COMPARED, S3_MARTS
from make_landing import make_landing
from maven import Missing
from pyarrow import compute, parquet
from pyathena.error import OperationalError
from test_redshift import FEED_TABLES, assert_kept, feed_queries, leave_out_unbuilt, plain

# of a second the file of a landed record, and what is told apart by where it lies, differ between a folder and a bucket
OWN_COLUMNS = (*NOT_COMPARED, "landing_file")


@dataclass
class Pair:
    """The same landing folder built on both engines."""

    lake: Lake
    server: AthenaStandIn | None
    athena: Warehouse
    local: Warehouse
    results: list[DbtResult] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    sent: list[list[str]] = field(default_factory=list)
    plan: Plan | None = None

    def needs(self, *models: str) -> None:
        """Leaves a test out whose models are as they were when they were last built here."""
        leave_out_unbuilt(self.plan, self.athena, models)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on Athena."""
        self.needs(*re.findall(r"\bdev_(?!operations)\w+\.(\w+)", query))
        return self.lake.rows(query)

    @property
    def stand_in(self) -> AthenaStandIn:
        """The stand-in's insides, for tests that look there."""
        if self.server is None:
            pytest.skip("looks inside the stand-in; a real account is being tested")
        return self.server

    def register(self) -> None:
        """The deliveries of the sample's inventories, as partitions of an external table."""
        root = self.local.landing / "s3_inventory"
        folders = [folder.relative_to(root).as_posix() for folder in sorted(root.glob("*/*/hive/dt=*"))]
        self.athena.dbt("run-operation", "register_s3_costs", "--args", json.dumps({"folders": {"s3_inventory": folders}})).must_pass()

    def land(self, batches: tuple[int | None, ...]) -> None:
        """Lands parts of the sample in both."""
        for batch in batches:
            make_landing(self.local.landing, scale=0.4, only=batch)
        for file in self.local.landing.glob("replay/**/*.parquet"):
            in_milliseconds(file)
        self.lake.land(self.local.landing)

    def build(self, *arguments: str) -> None:
        """The whole project on both."""
        before = len(self.server.statements()) if self.server else 0
        selection = self.plan.selection if self.plan else []
        self.results.append(self.athena.dbt("build", *selection, *arguments).must_pass())
        self.athena.remember_results()
        if self.server:
            statements = self.server.statements()[before:]
            # a commit that another one was before is begun again
            self.failed += [
                (each.reason, each.text[:300])
                for each in statements
                if each.state != "SUCCEEDED" and "ICEBERG_COMMIT_ERROR" not in each.reason
            ]
            self.sent.append([each.text for each in statements if each.state == "SUCCEEDED"])
        self.local.dbt("build", *selection, *NO_TESTS).must_pass()


def in_milliseconds(file: Path) -> None:
    """Moments without microseconds: those of landed Parquet files are read by a table of Hive, which has none (docs/engines/athena.md)."""
    table = parquet.read_table(file)
    coarse = [
        compute.floor_temporal(column, unit="millisecond") if pa.types.is_timestamp(column.type) else column for column in table.columns
    ]
    if any(new != old for new, old in zip(coarse, table.columns, strict=True)):
        parquet.write_table(pa.table(coarse, schema=table.schema), file)


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Lake, AthenaStandIn | None]]:
    """The stand-in; a prefix of a real bucket where the environment names one."""
    if real := Lake.named():
        try:
            yield real, None
        finally:
            real.clear()
        return
    try:
        with AthenaStandIn() as server:
            yield Lake.of(server), server
    except Missing as reason:
        pytest.skip(f"no stand-in for Athena: {reason}")


@pytest.fixture(scope="module")
def pair(
    place: tuple[Lake, AthenaStandIn | None],
    tmp_path_factory: pytest.TempPathFactory,
    compiled: Compilations,
    request: pytest.FixtureRequest,
) -> Iterator[Pair]:
    """Built twice on both, with new files between: what the plan says, on a real account everything."""
    failed_before = request.session.testsfailed
    lake, server = place
    local = Warehouse(tmp_path_factory.mktemp("pair"))
    builds = plan("athena", compiled) if server else None
    both = Pair(lake, server, Warehouse(tmp_path_factory.mktemp("athena"), environment=lake.environment), local, plan=builds)
    both.land((0, 1, 2))
    both.register()
    both.build(*NO_TESTS)
    both.land((None,))
    both.register()
    both.build()
    yield both
    if builds and request.session.testsfailed == failed_before:
        builds.keep()


def columns_of(pair: Pair, table: str, leave_out: tuple[str, ...] = ()) -> str:
    """Columns that are compared."""
    names = [row[0] for row in pair.local.rows(f"select column_name from information_schema.columns where table_name = '{table}'")]
    return ", ".join(name for name in names if name not in (*OWN_COLUMNS, *leave_out))


def ordered(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows by what they have that is no fraction."""
    return sorted(rows, key=lambda row: [str(value) for value in row if not isinstance(value, (float, Decimal))])


@pytest.mark.parametrize("mart", MARTS)
def test_marts_equal_those_of_duckdb(pair: Pair, mart: str) -> None:
    query = f"select {columns_of(pair, mart)} from dev_marts.{mart}"
    ours = plain(pair.rows(query))
    assert len(ours) > 1
    assert ours == plain(pair.local.rows(query))


@pytest.mark.parametrize("mart", [*FRACTION_MARTS, *S3_MARTS])
def test_marts_with_fractions_equal_those_of_duckdb(pair: Pair, mart: str) -> None:
    """Sums of fractions depend on the order of the rows in their last digits, and amounts on how an engine makes a decimal of a double."""
    compare_fractions(pair, mart, 1e-9)


# a forecast is what a search for the likeliest ends at: from inputs that differ in their last digits it ends a little apart
@pytest.mark.parametrize(("mart", "close"), [("agg_replay_verdicts", 1e-9), ("agg_s3_cost_forecast", 1e-3)])
def test_python_models_on_spark_equal_those_on_duckdb(pair: Pair, mart: str, close: float) -> None:
    if not pair.lake.spark_work_group:
        pytest.skip(f"no Spark: {pair.stand_in.spark.missing}")
    compare_fractions(pair, mart, close)


def compare_fractions(pair: Pair, mart: str, close: float) -> None:
    """A mart on both engines; of amounts nine digits count."""
    query = f"select {columns_of(pair, mart)} from dev_marts.{mart}"
    ours, theirs = ordered(pair.rows(query)), ordered(pair.local.rows(query))
    assert len(ours) == len(theirs) > 1
    for our, their in zip(ours, theirs, strict=True):
        for own, other in zip(our, their, strict=True):
            if isinstance(other, float):
                assert own == pytest.approx(other, rel=close)
            elif isinstance(other, Decimal):
                assert abs(own - other) <= Decimal("1e-9")
            else:
                assert own == other


@pytest.mark.parametrize("source", FEED_TABLES)
def test_change_feeds_end_as_on_duckdb(pair: Pair, source: str) -> None:
    for table, query in feed_queries(pair.local, source).items():
        assert plain(pair.rows(query)) == plain(pair.local.rows(query)), table
        assert pair.rows(query)


def test_what_became_of_records_is_the_same_as_on_duckdb(pair: Pair) -> None:
    """Of each source as many records accepted, quarantined and known, for the same reasons: the sample has lines that were cut off."""
    names = pair.local.rows("select table_name from information_schema.tables where table_name like 'delivered\\_%' escape '\\' order by 1")
    assert len(names) > (15 if pair.plan is None or pair.plan.everything else 0)
    header = "the record is the header of its file"
    for (name,) in names:
        query = f"select outcome, outcome_reason, count(*) from dev_staging.{name} group by outcome, outcome_reason"
        ours, theirs = (sorted(map(str, where.rows(query))) for where in (pair.lake, pair.local))
        if any(header in row for row in ours):
            # a header is a record here where a file may have one or not, and that of the next file its duplicate
            ours, theirs = ([row for row in rows if header not in row and "'duplicate'" not in row] for rows in (ours, theirs))
        assert ours == theirs, name


def test_a_file_that_arrives_during_a_load_waits_for_the_next(pair: Pair) -> None:
    """The list of files and their records are several statements: between them the folder may change."""
    counted = "select count(*) from dev_streaming.mv_orders"
    line = json.dumps({"partition": 7, "offset": 1, "ts": 1700000000000, "key": None, "payload": "{}"}) + "\n"

    def put(name: str) -> None:
        pair.lake.client("s3").put_object(Bucket=pair.lake.bucket, Key=f"{pair.lake.prefix}landing/kafka/orders/{name}", Body=line.encode())

    begin = pair.stand_in.athena.start

    def start(request: dict[str, Any]) -> str:
        if re.match(r"\s*(--[^\n]*\n\s*)?insert into \S*mv_orders\S*\s", request["QueryString"], re.DOTALL):
            put("meanwhile.jsonl")
        return begin(request)

    before = pair.rows(counted)[0][0]
    put("in-time.jsonl")
    with mock.patch.object(pair.stand_in.athena, "start", start):
        pair.athena.dbt("run", "-s", "mv_orders").must_pass()
    assert pair.rows(counted)[0][0] == before + 1
    pair.athena.dbt("run", "-s", "mv_orders").must_pass()
    assert pair.rows(counted)[0][0] == before + 2
    pair.athena.dbt("run", "-s", "mv_orders").must_pass()
    assert pair.rows(counted)[0][0] == before + 2


def test_a_file_that_cannot_be_read_fails_one_load_and_is_left_out(pair: Pair) -> None:
    """Trino's own answer to a gzip that was cut off; a path that the condition leaves out is not opened (trinodb/trino#27170)."""
    records = "".join(
        json.dumps({"partition": 8, "offset": offset, "ts": 1700000000000, "key": None, "payload": "{}"}) + "\n" for offset in range(2000)
    )
    whole, name = gzip.compress(records.encode()), "orders-cut.jsonl.gz"
    counted = "select count(*) from dev_streaming.mv_orders where kafka_partition = 8"
    noted = f"select outcome from dev_operations.landing_files where landing_file like '%/{name}' order by refresh_time"

    def put(key: str, content: bytes) -> None:
        pair.lake.client("s3").put_object(Bucket=pair.lake.bucket, Key=f"{pair.lake.prefix}landing/kafka/orders/{key}", Body=content)

    put(name, whole[: len(whole) // 2])
    put("orders-behind.jsonl", b'{"partition": 8, "offset": 9000, "ts": 1700000000000, "key": null, "payload": "{}"}\n')
    failed = pair.athena.dbt("run", "-s", "mv_orders")
    assert failed.code == 1
    assert f"mv_orders: Athena cannot read s3://{pair.lake.bucket}/{pair.lake.prefix}landing/kafka/orders/{name}." in failed.output
    assert pair.rows(counted) == [(0,)]
    pair.athena.dbt("run", "-s", "mv_orders").must_pass()
    assert pair.rows(counted) == [(1,)]
    assert [outcome for (outcome,) in pair.rows(noted)] == ["unreadable"]
    warned = pair.athena.dbt("test", "-s", "mv_orders,test_name:every_landed_file_is_readable").must_pass()
    assert "WARN=1" in warned.output
    put(name, whole)
    address = f"s3://{pair.lake.bucket}/{pair.lake.prefix}landing/kafka/orders/{name}"
    again = ("run-operation", "read_landed_file_again", "--args")
    pair.athena.dbt(*again, json.dumps({"model": "mv_orders", "file": address})).must_pass()
    assert "leaves no file" in pair.athena.dbt(*again, json.dumps({"model": "mv_orders", "file": address})).output
    pair.athena.dbt("run", "-s", "mv_orders").must_pass()
    assert pair.rows(counted) == [(2001,)]
    assert "WARN=0" in pair.athena.dbt("test", "-s", "mv_orders,test_name:every_landed_file_is_readable").must_pass().output


@pytest.mark.parametrize(
    ("message", "file"),
    [
        ("HIVE_CURSOR_ERROR: Failed to read file at s3://lake/landing/a/b.gz. You may need to manually clean", "s3://lake/landing/a/b.gz"),
        ("HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://lake/landing/a (offset=0, length=9): Not a gzip", "s3://lake/landing/a"),
        (
            "HIVE_BAD_DATA: Field n's type INT64 in parquet file s3://lake/landing/n.parquet is incompatible with",
            "s3://lake/landing/n.parquet",
        ),
        ("HIVE_CURSOR_ERROR: Failed to read file at s3://lake/landing/a/my export 1.gz", "s3://lake/landing/a/my export 1.gz"),
        (
            "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://lake/landing/my (2).gz (offset=0, length=9)",
            "s3://lake/landing/my (2).gz",
        ),
        (
            "HIVE_BAD_DATA: Malformed Parquet file. Expected magic number: PAR1 got: 6.8 [s3://lake/landing/k.csv]",
            "s3://lake/landing/k.csv",
        ),
        (
            "HIVE_BAD_DATA: Not valid Parquet file: expected: PAR1 [s3://lake/landing/v. 1: last [a].csv] (1.2.3)",
            "s3://lake/landing/v. 1: last [a].csv",
        ),
        (
            "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://lake/landing/v. 1: a.gz (offset=0, length=9): x",
            "s3://lake/landing/v. 1: a.gz",
        ),
        ("HIVE_CURSOR_ERROR: Failed to read file at s3://other/landing/a/b.gz", "None"),
        ("HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://lake/landing/a: Please reduce your request rate", "None"),
        ("HIVE_CURSOR_ERROR: Failed to read file at s3://lake/landing/a: Access Denied (Status Code: 403)", "None"),
        ("TYPE_MISMATCH: line 1:8: s3://lake/landing/a", "None"),
    ],
)
def test_only_what_is_in_a_file_leaves_it_out(tmp_path: Path, message: str, file: str) -> None:
    """Messages as users report them; what S3 says of access or of its load is no reason to leave a file out for good."""
    warehouse = Warehouse(tmp_path)
    inline = f'select {{{{ "\'" ~ unreadable_file("{message}") ~ "\'" }}}} as file'
    result = warehouse.dbt("compile", "--inline", inline, "--vars", json.dumps({"landing_root": "s3://lake/landing"})).must_pass()
    assert f"select '{file}' as file" in result.output


def test_every_test_of_the_project_ran(pair: Pair) -> None:
    """Data tests and unit tests as part of the second build, none of them skipped."""
    done = re.search(r"Done\. PASS=(\d+) WARN=(\d+) ERROR=(\d+) SKIP=(\d+)", pair.results[-1].output)
    assert done
    assert (done[2], done[3], done[4]) == ("0", "0", "0")
    if pair.plan is None or pair.plan.everything:
        assert int(done[1]) > 900


def test_nothing_was_refused(pair: Pair) -> None:
    """The first statement that Athena or Trino turned down, if any."""
    assert pair.stand_in
    assert pair.failed == []


@pytest.mark.parametrize(("load", "name"), [(0, "first"), (1, "second")])
def test_statements_per_node_are_those_kept(pair: Pair, load: int, name: str) -> None:
    assert pair.stand_in
    assert_kept(f"athena_statements_{name}", pair.sent[load], pair.plan)


def test_nothing_is_left_behind(pair: Pair) -> None:
    """No scratch table in Glue, and no object in the bucket that no table has."""
    tables = pair.lake.tables()
    assert [name for name in tables if re.search(r"__(dbt_tmp|ha|bkp|tmp_not_partitioned)", name)] == []
    locations = [
        table["StorageDescriptor"]["Location"].removeprefix(f"s3://{pair.lake.bucket}/{pair.lake.prefix}").rstrip("/") + "/"
        for table in tables.values()
    ]
    data = pair.lake.keys("data/")
    assert len(data) > 100
    assert [key for key in data if not any(key.startswith(place) for place in locations if place != "/")] == []


def test_tables_are_iceberg_of_version_two(pair: Pair) -> None:
    kinds = {
        name: table["Parameters"].get("table_type", "").upper()
        for name, table in pair.lake.tables().items()
        if table["TableType"] != "VIRTUAL_VIEW" and not name.endswith("__landing")
    }
    assert set(kinds.values()) == {"ICEBERG"}
    assert pair.rows('select count(*) from dev_marts."fct_orders$snapshots"')[0][0] >= 1


def test_a_table_is_tended_and_its_past_is_seen(pair: Pair) -> None:
    """Retention, time travel, small files written together, snapshots and what they alone held removed."""
    pair.needs("current_dms__sporting_event")
    model, table = "current_dms__sporting_event", "dev_staging.current_dms__sporting_event"

    def operation(name: str, **arguments: Any) -> None:
        pair.athena.dbt("run-operation", name, "--args", json.dumps({"model": model, **arguments})).must_pass()

    def counted(what: str) -> int:
        return int(pair.rows(f'select count(*) from dev_staging."{model}${what}"')[0][0])

    now = pair.rows(f"select * from {table}")
    operation("set_snapshot_retention", max_age_seconds=86400, keep=2)
    operation("create_previous_snapshot_view", as_of=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}")
    assert len(pair.rows(f"select * from {table}__previous")) == len(now)
    operation("optimize_table")
    assert plain(pair.rows(f"select * from {table}")) == plain(now)
    pair.rows(f"delete from {table} where id = (select min(id) from {table})")
    assert len(pair.rows(f"select * from {table}")) == len(now) - 1
    before = counted("snapshots")
    operation("vacuum_table")
    assert counted("snapshots") == before  # none of them is a day old
    operation("set_snapshot_retention", max_age_seconds=1, keep=1)
    operation("vacuum_table")
    assert counted("snapshots") == 1
    assert len(pair.rows(f"select * from {table}")) == len(now) - 1
    # a delete leaves the row in its data file, and the vacuum did; then it is in none
    gone = pair.rows(f"select min(id) from {table}")[0][0]
    pair.rows(f"delete from {table} where id = {gone}")
    assert gone in ids_in_files(pair, model)
    operation("forget_deleted_rows")
    assert gone not in ids_in_files(pair, model)
    assert len(pair.rows(f"select * from {table}")) == len(now) - 2
    threshold = f"select value from dev_staging.\"{model}$properties\" where key = 'optimize_rewrite_delete_file_threshold'"
    assert pair.rows(threshold) == [("2",)]


def ids_in_files(pair: Pair, model: str) -> set[Any]:
    """Values of the column id in all data files below a table's folder, whether a snapshot names them or not."""
    client, found = pair.lake.client("s3"), set()
    for key in pair.lake.keys("data/"):
        if f"/{model}/" in key and key.endswith(".parquet") and "/metadata/" not in key:
            content = client.get_object(Bucket=pair.lake.bucket, Key=pair.lake.prefix + key)["Body"].read()
            table = parquet.read_table(io.BytesIO(content))
            found |= set(table["id"].to_pylist()) if "id" in table.column_names else set()
    return found


def test_docs_have_the_columns_of_tables_and_views(pair: Pair) -> None:
    pair.athena.dbt("docs", "generate").must_pass()
    nodes = json.loads((pair.athena.target / "catalog.json").read_text())["nodes"]
    assert nodes["model.millrace.fct_orders"]["columns"]["order_id"]["type"]
    assert nodes["model.millrace.quarantine_msk__orders"]["columns"]["arrived_at"]["type"].startswith("timestamp")


def test_throttled_statements_are_sent_again(pair: Pair) -> None:
    pair.stand_in.athena.throttled = 2
    pair.athena.dbt("run", "-s", "dim_date").must_pass()
    assert pair.stand_in.athena.throttled == 0


def test_a_workgroup_limits_what_a_statement_reads(pair: Pair) -> None:
    """A workgroup per schedule with a limit of its own, as docs/engines/athena.md proposes."""
    pair.stand_in.work_group("small", 10)
    pair.athena.environment["MILLRACE_ATHENA_WORKGROUP"] = "small"
    try:
        result = pair.athena.dbt("test", "-s", "fct_orders,test_type:generic")
    finally:
        pair.athena.environment["MILLRACE_ATHENA_WORKGROUP"] = pair.lake.work_group
    assert result.code != 0
    assert "Bytes scanned limit was exceeded" in result.output


def test_folders_by_day_are_read_from_where_late_files_may_be(pair: Pair) -> None:
    """The first load reads all of them, a later one the days before the newest that was taken; without partitions that somebody adds."""
    pair.needs("copy_device_readings")
    if pair.server is None:
        pytest.skip("looks at statements of the stand-in")
    loads = [
        each.text for each in pair.server.statements() if re.search(r"(create table|insert into) \S*copy_device_readings\S*\s", each.text)
    ]
    assert re.findall(r"landed_on >= '([^']*)'", loads[0]) == ["2023/06/01"]
    assert pair.lake.tables()["dev_streaming.copy_device_readings__landing"]["Parameters"]["projection.enabled"] == "true"
    newest = max(key.split("/device-readings/")[1][:10] for key in pair.lake.keys("landing/firehose/device-readings/"))
    first = datetime.strptime(newest, "%Y/%m/%d") - timedelta(days=7)
    assert re.findall(r"landed_on >= '([^']*)'", loads[-1]) == [max("2023/06/01", f"{first:%Y/%m/%d}")]


def test_a_view_is_described_without_running_it(pair: Pair) -> None:
    """Athena is asked for a view's columns; rows that nobody asked for would be read, paid for, and written to the bucket of results."""
    if pair.server is None:
        pytest.skip("looks at statements of the stand-in")
    sent = [" ".join(text.split()) for load in pair.sent for text in load]
    views = [text for text in sent if re.search(r"create or replace view ", text)]
    assert views
    queries = [text for text in sent if re.match(r"(/\*.*?\*/ *)?(select|with) ", text) and len(text) > 300]
    bare = [re.sub(r"^/\*.*?\*/ *", "", text) for text in queries]
    assert [text[:200] for text in bare if any(text in view for view in views)] == []


def test_tables_are_tagged_for_lake_formation(pair: Pair) -> None:
    pair.needs("dim_user_profile_identified")
    assert pair.stand_in
    client = pair.lake.client("lakeformation")
    for key, values in {"layer": ["marts"], "owner": ["retail"], "classification": ["personal"]}.items():
        client.create_lf_tag(TagKey=key, TagValues=values)
    pair.athena.environment["MILLRACE_LAKE_FORMATION"] = "true"
    try:
        pair.athena.dbt("run", "-s", "dim_user_profile_identified").must_pass()
    finally:
        del pair.athena.environment["MILLRACE_LAKE_FORMATION"]
    analyst = {"DataLakePrincipalIdentifier": "arn:aws:iam::111122223333:role/analyst"}
    marts = {"LFTagPolicy": {"ResourceType": "TABLE", "Expression": [{"TagKey": "layer", "TagValues": ["marts"]}]}}
    client.grant_permissions(Principal=analyst, Resource=marts, Permissions=["SELECT", "DESCRIBE"])
    table = {"DatabaseName": "dev_marts", "Name": "dim_user_profile_identified"}
    found = client.get_resource_lf_tags(Resource={"Table": table})
    assert {tag["TagKey"]: tag["TagValues"] for tag in found["LFTagsOnTable"]} == {"layer": ["marts"], "owner": ["retail"]}
    column = client.get_resource_lf_tags(Resource={"TableWithColumns": {**table, "ColumnNames": ["email"]}})["LFTagsOnColumns"]
    assert [tag["TagValues"] for each in column for tag in each["LFTags"] if tag["TagKey"] == "classification"] == [["personal"]]


def test_the_summary_and_the_report_run(pair: Pair) -> None:
    pair.needs("accounting_cur__line_items", "agg_s3_chargeback", "accounting_dms__sporting_event")
    assert "kafka/orders" in pair.athena.dbt("--quiet", "run-operation", "load_summary").must_pass().output
    assert '"tables"' in pair.athena.dbt("--quiet", "run-operation", "s3_costs_report").must_pass().output


# --- the engine by itself: what the stand-in has to do as Athena does ---------------------------------------------------------------


@pytest.fixture(scope="module")
def lake(place: tuple[Lake, AthenaStandIn | None]) -> Lake:
    """The bucket, and a database to try things in."""
    place[0].rows("create schema if not exists dev_scratch")
    return place[0]


def scratch(lake: Lake, name: str) -> str:
    """A folder to try things in."""
    return f"s3://{lake.bucket}/{lake.prefix}scratch/{name}/"


def made(lake: Lake, name: str, query: str, properties: str = "table_type = 'ICEBERG', is_external = false, location =") -> None:
    """A table of a query."""
    lake.rows(f"create table dev_scratch.{name} with ({properties} '{scratch(lake, name)}') as {query}")


def test_a_statement_opens_a_hundred_partitions_and_no_more(lake: Lake) -> None:
    properties = "table_type = 'ICEBERG', is_external = false, partitioning = array['number'], location ="
    made(lake, "hundred", "select number from unnest(sequence(1, 100)) as numbers (number)", properties)
    with pytest.raises(OperationalError, match="100 open writers"):
        made(lake, "hundred_and_one", "select number from unnest(sequence(1, 101)) as numbers (number)", properties)


@pytest.mark.parametrize(("value", "reason"), [("json '{}'", "not supported"), ("interval '1' day", "not supported")])
def test_types_that_iceberg_has_not(lake: Lake, value: str, reason: str) -> None:
    with pytest.raises(OperationalError, match=reason):
        made(lake, "odd", f"select {value} as odd")


def test_a_table_of_hive_has_milliseconds(lake: Lake) -> None:
    """And so have views; which is why every table here is Iceberg."""
    with pytest.raises(OperationalError, match="precision"):
        made(lake, "hive", "select timestamp '2024-01-01 00:00:00.123456' as moment", "table_type = 'HIVE', external_location =")
    with pytest.raises(OperationalError, match="Unsupported Hive type"):
        lake.rows("create or replace view dev_scratch.moments as select timestamp '2024-01-01 00:00:00.123456' as moment")


def test_statements_that_trino_takes_and_athena_does_not(lake: Lake) -> None:
    made(lake, "kept", "select 1 as number")
    for statement in ("truncate table dev_scratch.kept", "alter table dev_scratch.kept execute optimize", "start transaction"):
        with pytest.raises(OperationalError):
            lake.rows(statement)
    assert lake.rows("select number from dev_scratch.kept") == [(1,)]


def test_the_past_of_a_table_is_seen(lake: Lake) -> None:
    made(lake, "travelled", "select 1 as number")
    (first,) = lake.rows('select snapshot_id from dev_scratch."travelled$snapshots"')
    lake.rows("insert into dev_scratch.travelled select 2")
    lake.rows("merge into dev_scratch.travelled as t using (select 1 as number) as s on t.number = s.number when matched then delete")
    assert lake.rows("select number from dev_scratch.travelled") == [(2,)]
    assert lake.rows(f"select number from dev_scratch.travelled for version as of {first[0]}") == [(1,)]
    time.sleep(2)
    assert lake.rows("select number from dev_scratch.travelled for timestamp as of current_timestamp - interval '1' second") == [(2,)]


def test_unload_writes_files_into_an_empty_folder(lake: Lake) -> None:
    statement = f"unload (select 1 as number) to '{scratch(lake, 'unloaded')}' with (format = 'PARQUET')"
    lake.rows(statement)
    assert len(lake.keys("scratch/unloaded/")) == 1
    with pytest.raises(OperationalError, match="already exists"):
        lake.rows(statement)


def test_partitions_of_landed_folders_are_added_and_found(lake: Lake) -> None:
    for key, line in (("dt=1/a.csv", "1"), ("dt=2/a.csv", "2"), ("elsewhere/a.csv", "3")):
        lake.client("s3").put_object(Bucket=lake.bucket, Key=f"{lake.prefix}scratch/landed/{key}", Body=line.encode())
    lake.rows(
        "create external table `dev_scratch`.`landed` (line string) partitioned by (dt string) row format delimited fields terminated by "
        f"'\\001' stored as textfile location '{scratch(lake, 'landed')}'"
    )
    assert lake.rows("select line from dev_scratch.landed") == []
    lake.rows("msck repair table `dev_scratch`.`landed`")
    assert lake.rows("select line, dt from dev_scratch.landed order by 1") == [("1", "1"), ("2", "2")]
    added = f"alter table `dev_scratch`.`landed` add if not exists partition (dt='3') location '{scratch(lake, 'landed/elsewhere')}'"
    lake.rows(added)
    lake.rows(added)
    assert lake.rows("select line from dev_scratch.landed where dt = '3'") == [("3",)]


def test_commits_at_one_time_are_all_kept(lake: Lake) -> None:
    """Glue has versions of a table: of two commits to one Iceberg table one begins again. Every thread of dbt writes load marks."""
    made(lake, "shared", "select 0 as number")
    with ThreadPoolExecutor(4) as writers:
        list(writers.map(lambda number: lake.rows(f"insert into dev_scratch.shared select {number}"), range(1, 13)))
    assert sorted(lake.rows("select number from dev_scratch.shared")) == [(number,) for number in range(13)]


def test_a_statement_is_stopped(lake: Lake) -> None:
    athena = lake.client("athena")
    lists = ", ".join(f"unnest(sequence(1, 10000)) as {name} (number)" for name in "abc")
    begun = athena.start_query_execution(
        QueryString=f"select count(*) from {lists} where a.number + b.number > c.number",
        ResultConfiguration={"OutputLocation": f"s3://{lake.bucket}/{lake.prefix}results/"},
    )["QueryExecutionId"]
    time.sleep(2)
    athena.stop_query_execution(QueryExecutionId=begun)
    assert athena.get_query_execution(QueryExecutionId=begun)["QueryExecution"]["Status"]["State"] == "CANCELLED"
