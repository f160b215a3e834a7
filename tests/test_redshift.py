"""The project on the real dbt-redshift adapter and driver, against the stand-in: same marts as on DuckDB, row for row."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import redshift_connector
from conftest import NO_TESTS, ROOT, Cluster, Compilations, DbtResult, Warehouse, cluster_of, copy_project, data_of
from engine_builds import Plan, plan
from engine_marts import FRACTION_MARTS, MARTS, NOT_COMPARED
from make_landing import make_landing
from redshift_standin import RedshiftStandIn
from redshift_standin.rewrite import Refused, Session, rewrite

EXTERNAL_SCHEMA = (
    "create external schema millrace_msk from msk iam_role default authentication iam "
    "cluster_arn 'arn:aws:kafka:eu-central-1:123456789012:cluster/orders/1'"
)
KINESIS_SCHEMA = "create external schema millrace_kinesis from kinesis iam_role default"
# what a zero-ETL integration keeps in a database of its own
REPLICA = """
create schema aurora__ecommerce;
create table aurora__ecommerce.orders as
    select * from (values (1, 10, date '2024-01-05'), (2, 10, date '2024-01-06'), (3, 11, date '2024-02-01'))
    as orders (order_id, customer_id, order_date);
create table aurora__ecommerce.order_items as
    select * from (values (1, 1, 2, 10.00), (1, 2, 1, 5.50), (2, 1, 3, 7.25)) as items (order_id, line_number, quantity, price)
"""
CORPUS = json.loads((ROOT / "tests/support/redshift_corpus.json").read_text())


def run(server: RedshiftStandIn, sql: str) -> None:
    """One statement through the driver."""
    connection = cluster_of(server).connect()
    try:
        connection.cursor().execute(sql)
    finally:
        connection.close()


def prepare(server: RedshiftStandIn) -> None:
    """What a warehouse has before the first run: external schemas over the streams, and the replica's database."""
    run(server, EXTERNAL_SCHEMA)
    run(server, KINESIS_SCHEMA)
    server.direct(REPLICA)


@dataclass
class Pair:
    """The same landing folder built on both engines. `schema` is what the schemas on Redshift begin with."""

    cluster: Cluster
    server: RedshiftStandIn | None
    redshift: Warehouse
    local: Warehouse
    schema: str = "dev"
    plan: Plan | None = None
    sent: list[list[str]] = field(default_factory=list)

    def has(self, model: str) -> bool:
        """Whether a model was built."""
        return model in {result["unique_id"].split(".")[2] for result in self.redshift.results}

    def needs(self, *models: str) -> None:
        """Leaves a test out whose models are as they were when they were last built here."""
        leave_out_unbuilt(self.plan, self.redshift, models)

    @property
    def stand_in(self) -> RedshiftStandIn:
        """The stand-in's insides, for tests that look there."""
        if self.server is None:
            pytest.skip("looks inside the stand-in; a real cluster is being tested")
        return self.server

    def dbt(self, *arguments: str) -> DbtResult:
        """A dbt command on the Redshift target."""
        start = len(self.server.statements) if self.server else 0
        result = self.redshift.dbt(*arguments)
        self.sent.append(self.server.statements[start:] if self.server else [])
        return result

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query through the driver. Schemas are written as those of a developer, dev_<layer>."""
        self.needs(*re.findall(r"\bdev_(?!operations)\w+\.(\w+)", query))
        connection = self.cluster.connect()
        try:
            cursor = connection.cursor()
            cursor.execute(query.replace("dev_", f"{self.schema}_"))
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            connection.close()


def leave_out_unbuilt(plan: Plan | None, warehouse: Warehouse, models: Sequence[str]) -> None:
    """Leaves a test out where the plan of builds has not what it looks at."""
    if plan is None or plan.everything:
        return
    built = {result["unique_id"].split(".")[2] for result in warehouse.results}
    if missing := sorted(name for name in models if name in warehouse.nodes and name not in built):
        pytest.skip(f"{plan}: {', '.join(missing)} not among those built")


def register_replay(pair: Pair) -> None:
    """The replayed workload of the sample, as partitions of an external table."""
    clusters = sorted(folder.name for folder in (pair.local.landing / "replay").glob("*/*"))
    arguments = {"what_if_timestamp": "2024-03-05-21-00-00", "clusters": clusters}
    pair.redshift.dbt("run-operation", "register_replay", "--args", json.dumps(arguments)).must_pass()


def register_s3_costs(pair: Pair) -> None:
    """The bill and the inventories of the sample, as partitions of external tables."""
    landing = pair.local.landing
    folders = {
        "cur": [folder.relative_to(landing / "cur").as_posix() for folder in landing.glob("cur/*/year=*/month=*")],
        "s3_access_logs": sorted(folder.name for folder in landing.glob("s3_access_logs/*")),
        "s3_inventory": [
            folder.relative_to(landing / "s3_inventory").as_posix() for folder in sorted(landing.glob("s3_inventory/*/*/hive/dt=*"))
        ],
    }
    pair.redshift.dbt("run-operation", "register_s3_costs", "--args", json.dumps({"folders": folders})).must_pass()


def built(pair: Pair, *arguments: str) -> Pair:
    """Builds both: what the plan says, or what MILLRACE_TEST_REDSHIFT_SELECT names."""
    selection = ["-s", *pair.cluster.select.split()] if pair.cluster.select else pair.plan.selection if pair.plan else []
    pair.dbt("build", *selection, *arguments).must_pass()
    pair.redshift.remember_results()
    pair.local.dbt("build", *selection, *NO_TESTS).must_pass()
    return pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, compiled: Compilations, request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Built twice on both, with new files between; on a real cluster twice on the sample that it has."""
    failed_before = request.session.testsfailed
    local = Warehouse(tmp_path_factory.mktemp("pair"))
    folder = tmp_path_factory.mktemp("redshift")
    real = Cluster.named()
    if real:
        if not real.sample:
            pytest.skip(
                "builds on a real cluster need MILLRACE_TEST_REDSHIFT_SAMPLE, _LANDING and _STREAM_SCHEMA (docs/engines/redshift.md)"
            )
        local.landing.symlink_to(real.sample)
        schema = f"millrace_test_{os.getpid()}"
        both = Pair(real, None, Warehouse(folder, environment=real.environment(schema)), local, schema)
        try:
            yield built(built(both))
        finally:
            connection = real.connect()
            for layer in ("marts", "vault", "staging", "streaming", "snapshots", "reference", "operations"):
                connection.cursor().execute(f"drop schema if exists {schema}_{layer} cascade")
            connection.close()
        return
    with warnings.catch_warnings(), RedshiftStandIn(local.landing) as server:
        warnings.simplefilter("ignore")
        cluster = cluster_of(server)
        builds = plan("redshift", compiled)
        both = Pair(cluster, server, Warehouse(folder, environment=cluster.environment("dev")), local, plan=builds)
        prepare(server)
        for batch in (0, 1, 2):
            make_landing(local.landing, scale=0.4, only=batch)
        register_replay(both)
        register_s3_costs(both)
        built(both, *NO_TESTS)
        make_landing(local.landing, scale=0.4)
        yield built(both)
        if request.session.testsfailed == failed_before:
            builds.keep()


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with numbers as text of one form, ordered."""
    return sorted((tuple(str(value) if value is not None else None for value in row) for row in rows), key=repr)


def columns_of(pair: Pair, mart: str) -> str:
    """Columns that are compared."""
    # by name: an ALTER or a merge may order columns differently, and that is no difference
    return ", ".join(
        row[0]
        for row in pair.local.rows(f"select column_name from information_schema.columns where table_name = '{mart}'")
        if row[0] not in NOT_COMPARED
    )


@pytest.mark.parametrize("mart", ["agg_s3_charges", "fct_s3_cost_allocation", "agg_s3_chargeback", "agg_s3_prefix_costs"])
def test_s3_costs_equal_those_of_duckdb(pair: Pair, mart: str) -> None:
    """To nine digits: a double of the bill becomes a decimal of eighteen in ways of the engine's own. All else to the letter."""
    names = [name for name in columns_of(pair, mart).split(", ") if name not in ("share", "usage_amount", "landing_file")]
    columns = ", ".join(
        f"cast(round({name}, 9) as decimal(18, 9)) as {name}" if name.endswith(("_cost", "_amount")) else name for name in names
    )
    ours = plain(pair.rows(f"select {columns} from dev_marts.{mart}"))
    assert len(ours) > 5
    assert ours == plain(pair.local.rows(f"select {columns} from dev_marts.{mart}"))


@pytest.mark.parametrize(
    "mart", ["fct_s3_storage", "fct_s3_requests", "agg_s3_prefix_weights", "agg_s3_request_weights", "agg_s3_inventory_days"]
)
def test_s3_storage_equals_that_of_duckdb(pair: Pair, mart: str) -> None:
    columns = columns_of(pair, mart)
    ours = plain(pair.rows(f"select {columns} from dev_marts.{mart}"))
    assert len(ours) > 20
    assert ours == plain(pair.local.rows(f"select {columns} from dev_marts.{mart}"))


@pytest.mark.parametrize("mart", MARTS)
def test_marts_equal_those_of_duckdb(pair: Pair, mart: str) -> None:
    columns = columns_of(pair, mart)
    ours = plain(pair.rows(f"select {columns} from dev_marts.{mart}"))
    assert len(ours) > 1
    assert ours == plain(pair.local.rows(f"select {columns} from dev_marts.{mart}"))


def test_the_report_on_a_replay_is_that_of_duckdb(pair: Pair) -> None:
    """The same tables in the page, but for the verdicts, whose model is not built there."""
    pair.needs("dim_replay_configuration", "fct_replayed_query_pairs", "fct_replay_concurrency")
    pair.needs(*(f"agg_replay_{name}" for name in ("comparison", "durations", "price_performance", "concurrency", "workload")))

    def tables(warehouse: Warehouse) -> dict[str, Any]:
        return data_of(warehouse.dbt("--quiet", "run-operation", "replay_report").must_pass().output)["tables"]  # type: ignore[no-any-return]

    ours, local = tables(pair.redshift), tables(pair.local)
    assert local.keys() - ours.keys() == {"verdicts"}
    for name, table in ours.items():
        assert len(table["rows"]) > 0 or name == "errors"
        assert table["source"] == local[name]["source"]
        by_name = [[dict(zip(own["columns"], row, strict=True)) for row in own["rows"]] for own in (table, local[name])]
        assert len(by_name[0]) == len(by_name[1])
        for row, other in zip(*by_name, strict=True):
            assert row == {column: pytest.approx(value) if isinstance(value, float) else value for column, value in other.items()}, name


@pytest.mark.parametrize("mart", FRACTION_MARTS)
def test_marts_with_fractions_equal_those_of_duckdb(pair: Pair, mart: str) -> None:
    """Sums of fractions depend on the order of the rows in their last digits."""
    columns = columns_of(pair, mart)

    def ordered(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return sorted(rows, key=lambda row: [str(value) for value in row if not isinstance(value, float)])

    ours = ordered(pair.rows(f"select {columns} from dev_marts.{mart}"))
    theirs = ordered(pair.local.rows(f"select {columns} from dev_marts.{mart}"))
    assert len(ours) == len(theirs) > 1
    for our, their in zip(ours, theirs, strict=True):
        for own, other in zip(our, their, strict=True):
            assert own == (pytest.approx(other, rel=1e-12) if isinstance(other, float) else other)


@pytest.mark.parametrize("hub", ["hub_customer", "hub_order", "link_order_line"])
def test_hash_keys_equal_those_of_duckdb(pair: Pair, hub: str) -> None:
    key = hub.split("_", 1)[1] + "_hk"
    query = f"select {key} from dev_vault.{hub} order by 1"
    assert pair.rows(query) == pair.local.rows(query)


def test_refused_records_equal_those_of_duckdb(pair: Pair) -> None:
    """But for lines without a position, which no broker delivers."""
    query = (
        "select outcome_reason, count(*) from dev_staging.delivered_msk__orders where outcome = 'quarantined' "
        "and kafka_offset >= 0 group by outcome_reason order by outcome_reason"
    )
    assert pair.rows(query) == pair.local.rows(query)
    assert len(pair.rows(query)) >= 4


def test_nothing_was_refused(pair: Pair) -> None:
    assert pair.stand_in.refused == []


def test_a_streaming_view_is_created_once_and_refreshed_with_one_statement(pair: Pair) -> None:
    assert pair.stand_in.statements
    for number, statements in enumerate(pair.sent[:2]):
        text = [re.sub(r"^/\*.*?\*/\s*", "", statement.strip(), flags=re.DOTALL).lower() for statement in statements]
        about = [statement.split()[0] for statement in text if re.match(r"(create|refresh|drop|alter)\b.*mv_orders", statement, re.DOTALL)]
        about = [word for word in about if word in ("create", "refresh", "drop", "alter")]
        created = [statement for statement in text if re.match(r"create materialized view \S*mv_orders", statement)]
        assert len(created) == (1 if number == 0 else 0)
        assert [statement for statement in text if statement.startswith("refresh") and "mv_orders" in statement] == [
            'refresh materialized view "dev"."dev_streaming"."mv_orders"'
        ]
        assert "drop" not in about


def summarised(statements: list[str]) -> dict[str, list[str]]:
    """Per model, seed and snapshot what was sent: the verb and the object of each statement, in order."""
    nodes: dict[str, list[str]] = {}
    for statement in statements:
        comment = re.match(r"^(?:-- )?/\*\s*(\{.*?\})\s*\*/\s*", statement.strip(), re.DOTALL)
        node = json.loads(comment.group(1)).get("node_id", "") if comment else ""
        if not comment or node.split(".")[0] not in ("model", "seed", "snapshot"):
            continue
        text = re.sub(r"(--[^\n]*\n|/\*.*?\*/)", " ", statement.strip()[comment.end() :], flags=re.DOTALL)
        text = re.sub(r"dbt_tmp\d+", "dbt_tmp", " ".join(text.split()).lower())
        verb = re.match(
            r"(create (temporary |external |or replace )?(table|view)|create materialized view|refresh materialized view|insert into|"
            r"merge into|update|delete from|alter table|drop (table|view)|comment on \w+|"
            r"copy job run|copy|truncate|set|analyze) ?(if (not )?exists )?(\S+)?",
            text,
        )
        nodes.setdefault(node, []).append(verb.group(0).strip() if verb else text.split()[0])
    return dict(sorted(nodes.items()))


def assert_kept(name: str, statements: list[str], builds: Plan | None) -> None:
    """What the adapter sends for each node changes only when we say so: MILLRACE_KEEP_STATEMENTS=1 writes what was built into the file."""
    file = ROOT / f"tests/support/{name}.json"
    found = summarised(statements)
    everything = builds is not None and builds.everything
    kept = json.loads(file.read_text())
    if os.environ.get("MILLRACE_KEEP_STATEMENTS") and builds:
        kept = found if everything else dict(sorted({**kept, **found}.items()))
        file.write_text(json.dumps(kept, indent=1) + "\n")
    assert found == (kept if everything else {node: kept.get(node) for node in found})


@pytest.mark.parametrize(("load", "name"), [(0, "first"), (1, "second")])
def test_statements_per_node_are_those_kept(pair: Pair, load: int, name: str) -> None:
    assert pair.stand_in.statements
    assert_kept(f"redshift_statements_{name}", pair.sent[load], pair.plan)


def test_vault_tables_are_distributed_and_sorted_by_their_key(pair: Pair) -> None:
    """Hubs and satellites of a key lie together; a satellite's versions lie in event order."""
    assert pair.stand_in.statements
    created = [" ".join(statement.split()).lower() for statement in pair.sent[0]]
    for table, sort_key in (("sat_order_line_status", "order_line_hk,event_at"), ("hub_order", "order_hk")):
        statement = next(text for text in created if re.search(rf'create table "dev"."dev_vault"."{table}\w*"', text))
        key = sort_key.split(",")[0]
        assert f"distkey ({key})" in statement
        assert re.search(rf"sortkey ?\( ?{sort_key} ?\)", statement), statement[:400]


def test_full_refresh_drops_no_streaming_view(pair: Pair) -> None:
    before = pair.rows("select count(*) from dev_streaming.mv_orders")
    result = pair.dbt("run", "-s", "mv_orders", "--full-refresh").must_pass()
    assert "does not drop a streaming view" in result.output
    assert pair.rows("select count(*) from dev_streaming.mv_orders") == before
    assert not [statement for statement in pair.sent[-1] if re.search(r"(?i)\bdrop\b", statement)]


def test_a_build_with_nothing_new_changes_nothing(pair: Pair) -> None:
    marts = [mart for mart in MARTS if pair.has(mart)]
    tables = [*[f"dev_marts.{mart}" for mart in marts], "dev_vault.sat_order_line_status", "dev_staging.delivered_msk__orders"]
    before = {table: plain(pair.rows(f"select * from {table}")) for table in tables}
    pair.dbt("build", *(pair.plan.selection if pair.plan else ()), *NO_TESTS).must_pass()
    assert {table: plain(pair.rows(f"select * from {table}")) for table in tables} == before


def test_the_health_of_the_stream_is_in_the_system_views(pair: Pair) -> None:
    states = pair.rows("select sum(scanned_rows) from sys_stream_scan_states where mv_name = 'mv_orders'")
    assert states == pair.rows("select count(*) from dev_streaming.mv_orders")
    assert pair.rows("select count(*) >= 2 from sys_mv_refresh_history where mv_name = 'mv_orders'") == [(True,)]


def test_docs_are_generated(pair: Pair) -> None:
    pair.dbt("docs", "generate").must_pass()
    catalog = json.loads((pair.redshift.target / "catalog.json").read_text())
    assert "model.millrace.fct_orders" in catalog["nodes"]


def test_the_summary_runs(pair: Pair) -> None:
    pair.needs("accounting_dms__sporting_event", "accounting_cur__line_items")
    assert "kafka/orders" in pair.dbt("--quiet", "run-operation", "load_summary").must_pass().output


def test_readers_get_the_marts_and_a_timeout_is_set(pair: Pair) -> None:
    pair.stand_in.direct("create role analyst login")
    pair.redshift.environment.update({"MILLRACE_READERS": "analyst", "MILLRACE_STATEMENT_TIMEOUT_MS": "600000"})
    try:
        pair.dbt("run", "-s", "dim_store", "dim_date").must_pass()
    finally:
        del pair.redshift.environment["MILLRACE_READERS"], pair.redshift.environment["MILLRACE_STATEMENT_TIMEOUT_MS"]
    allowed = "select has_table_privilege('analyst', 'dev_marts.{}', 'select')"
    assert [pair.rows(allowed.format(mart))[0][0] for mart in ("dim_store", "dim_date", "dim_customer")] == [True, True, False]
    assert any("set statement_timeout to 600000" in statement for statement in pair.sent[-1])


def test_a_python_model_is_refused_while_parsing_and_its_result_is_read_from_a_table(pair: Pair, tmp_path: Path) -> None:
    assert pair.stand_in.statements
    project = copy_project(tmp_path / "project")
    folder = project / "models/marts/core"
    (folder / "scores.py").write_text("def model(dbt, session):\n    return session.sql('select 1 as id, 0.5 as score')\n")
    redshift = Warehouse(tmp_path / "redshift", project, pair.redshift.environment)
    refused = redshift.dbt("parse")
    assert refused.code != 0
    assert "scores is a Python model, and Redshift runs none" in refused.output

    (folder / "_scores.yml").write_text(
        "version: 2\nmodels:\n  - name: scores\n    config: {contract: {enforced: false}}\n"
        "sources:\n  - name: python_results\n    tables: [{name: scores}]\n"
    )
    settings = project / "dbt_project.yml"
    place = "      core:                          # conformed dimensions go with every domain\n"
    assert place in settings.read_text()
    switch = "        scores:\n          +enabled: \"{{ target.type != 'redshift' }}\"\n"
    settings.write_text(settings.read_text().replace(place, place + switch))
    (folder / "best.sql").write_text(
        "{{ config(contract={'enforced': false}) }}\nselect max(score) as score from {{ python_result('scores') }}\n"
    )
    local = Warehouse(tmp_path / "local", project)
    local.dbt("run", "-s", "scores", "best").must_pass()
    assert [float(row[0]) for row in local.rows("select score from dev_marts.best")] == [0.5]
    pair.stand_in.direct("create schema python_results; create table python_results.scores as select 1 as id, 0.75 as score")
    redshift.dbt("run", "-s", "best").must_pass()
    assert [float(row[0]) for row in pair.rows("select score from dev_marts.best")] == [0.75]


FEED_TABLES = [
    "dms__sporting_event", "dms__mlb_data", "dms__policies", "appflow__accounts", "debezium__products", "kinesis__user_profiles",
    "s3__store_sales",
]  # fmt: skip


def feed_queries(local: Warehouse, source: str) -> dict[str, str]:
    """History and current state of a feed, without what each engine's own loads say. What is ordered by arrival has their times."""
    nodes = local.manifest()["nodes"]
    own = {"loaded_at", "load_id", "change_order", "columns_version", "change_id"}
    if source in ("dms__policies", "s3__store_sales"):
        own |= {"valid_from", "valid_to", "changed_at"}
    queries = {}
    for table in (f"history_{source}", f"current_{source}"):
        columns = ", ".join(name for name in nodes[f"model.millrace.{table}"]["columns"] if name not in own)
        queries[table] = f"select {columns} from dev_staging.{table}"
    return queries


@pytest.mark.parametrize("source", FEED_TABLES)
def test_change_feeds_end_as_on_duckdb(pair: Pair, source: str) -> None:
    for table, query in feed_queries(pair.local, source).items():
        assert plain(pair.rows(query)) == plain(pair.local.rows(query)), table
        assert pair.rows(query)


def test_transactions_and_their_dependents_end_as_on_duckdb(pair: Pair) -> None:
    for query in (
        "select * from dev_marts.fct_customer_transactions",
        "select customer_key, transaction_key, dependent_key from dev_staging.stg_kinesis__transaction_dependents",
        # COPY refuses the object with a malformed record, whose other reading is of 10:04
        "select device_id, measured_at, temperature_celsius from dev_staging.stg_firehose__device_readings "
        "where measured_at < '2023-06-01 10:04:00'",
        "select * from dev_marts.agg_customer_revenue",
        "select masked_email, masked_cell_phone, birth_year from dev_marts.dim_user_profile",
    ):
        found = [[value for value in row if not (isinstance(value, datetime) and value.year > 2025)] for row in pair.rows(query)]
        expected = [[value for value in row if not (isinstance(value, datetime) and value.year > 2025)] for row in pair.local.rows(query)]
        assert plain([tuple(row) for row in found]) == plain([tuple(row) for row in expected])
        assert found


def test_refused_files_show_in_the_health_of_the_copy_jobs(pair: Pair) -> None:
    """COPY refuses a whole file: one with a malformed record, Parquet files with other columns than the list's."""
    pair.needs("copy_store_sales", "copy_device_readings", "copy_dms_object")
    assert pair.stand_in.statements
    output = pair.dbt("--quiet", "run-operation", "copy_job_health").must_pass().output
    assert "millrace_dev_streaming_copy_store_sales" in output
    assert "device-readings-1-2023-06-01-10-15-00-e5f6.gz" in output
    assert "dms/db/object/2022/09/22/20220922-180000000.parquet" in output
    files = "select count(*) from rs.copy_job_files where job_name like '%store_sales' and status = 'I'"
    assert pair.stand_in.rows(files) == [(3,)]


def test_copy_jobs_are_altered_dropped_and_created(pair: Pair) -> None:
    pair.needs("copy_store_sales", "current_s3__store_sales")
    assert pair.stand_in.statements
    model = "{action: %s, model: copy_store_sales}"
    for action in ("auto_on", "auto_off", "run", "drop", "create", "run"):
        pair.dbt("run-operation", "copy_job", "--args", model % action).must_pass()
    sent = [" ".join(text.split()).lower() for text in pair.stand_in.statements]
    job = "millrace_dev_streaming_copy_store_sales"
    for statement in (f"copy job alter {job} auto on", f"copy job alter {job} auto off", f"copy job drop {job}"):
        assert any(text.endswith(statement) for text in sent)
    # the new job loads all files again, and staging counts them as duplicates
    before = pair.rows("select count(*) from dev_staging.current_s3__store_sales")
    pair.dbt("run", "-s", "copy_store_sales+").must_pass()
    assert pair.rows("select count(*) from dev_staging.current_s3__store_sales") == before
    for arguments, message in ((model % "stop", "'action' is 'stop'"), ("{action: run, model: mv_orders}", "'model' is 'mv_orders'")):
        result = pair.dbt("run-operation", "copy_job", "--args", arguments)
        assert result.code != 0
        assert message in result.output


def test_external_schemas_over_streams_of_other_accounts(pair: Pair) -> None:
    assert pair.stand_in.statements
    own, other = "arn:aws:iam::111111111111:role/RedshiftStreamRole", "arn:aws:iam::222222222222:role/KinesisStreamRole"
    operation = ("run-operation", "create_stream_schema", "--args")
    pair.dbt(*operation, json.dumps({"schema": "other_account", "source": "kinesis", "role_arns": [own, other]})).must_pass()
    assert f"iam_role '{own},{other}'" in " ".join(pair.stand_in.statements)
    cluster = "arn:aws:kafka:eu-central-1:222222222222:cluster/orders/1"
    pair.dbt(*operation, json.dumps({"schema": "msk", "source": "msk", "role_arns": ["default"], "cluster_arn": cluster})).must_pass()
    for arguments, message in (
        ({"schema": "a b", "source": "kinesis", "role_arns": [own]}, "'schema' is 'a b'"),
        ({"schema": "a", "source": "sqs", "role_arns": [own]}, "'source' is 'sqs'"),
        ({"schema": "a", "source": "kinesis", "role_arns": [f"{own}, {other}"]}, "'role_arns' is"),
        ({"schema": "a", "source": "msk", "role_arns": [own]}, "'cluster_arn' is"),
    ):
        result = pair.dbt(*operation, json.dumps(arguments))
        assert result.code != 0
        assert message in result.output


def test_personal_columns_are_masked_for_all_but_a_role(pair: Pair) -> None:
    pair.needs("current_kinesis__user_profiles")
    assert pair.stand_in.statements
    arguments = "{model: current_kinesis__user_profiles, reader_role: personal_data_reader}"
    pair.dbt("run-operation", "mask_personal_data", "--args", arguments).must_pass()
    sent = [" ".join(text.split()) for text in pair.stand_in.statements]
    for column in ("email", "born_on", "last_name"):
        attached = [text for text in sent if "attach masking policy" in text and f"({column})" in text]
        assert len(attached) == 2
        assert any(text.endswith("to public") for text in attached)
        assert any("to role personal_data_reader priority" in text for text in attached)
    assert not any("attach masking policy" in text and "(country)" in text for text in sent)


def test_a_load_that_finds_another_one_stops_and_a_dead_one_is_taken_over(pair: Pair) -> None:
    assert pair.stand_in.statements

    def other(load: str, minutes_ago: int) -> None:
        for state in ("Ready", "Running"):
            pair.stand_in.direct(
                f"insert into dev_operations.loads (job, load_id, model_name, state, recorded_at) values "
                f"('nightly', '{load}', 'dim_store', '{state}', (now() at time zone 'UTC') - interval '{minutes_ago} minutes')"
            )

    status = "select status from dev_marts.fct_loads where load_id = '{}'"
    stores = "select store_hk, store_name from dev_marts.dim_store"
    other("alive", 5)
    before = plain(pair.rows(stores))
    result = pair.dbt("run", "-s", "dim_store", "dim_product")
    assert result.code != 0
    said = " ".join(result.output.split())
    assert "load alive of the job 'nightly' is running since" in said
    assert "Nothing was changed." in said
    assert plain(pair.rows(stores)) == before
    # what has no model in common goes on
    pair.dbt("run", "-s", "dim_product").must_pass()
    # somebody knows better
    pair.dbt("run-operation", "release_load", "--args", "{load_id: alive}").must_pass()
    assert pair.rows(status.format("alive")) == [("Failed",)]
    pair.dbt("run", "-s", "dim_store").must_pass()

    other("dead", 90)
    result = pair.dbt("run", "-s", "dim_store").must_pass()
    assert "load dead (nightly) gave no sign of life" in result.output
    assert pair.rows(status.format("dead")) == [("Failed",)]
    rows = pair.rows(
        "select status, delivered_records - accepted_records - duplicate_records - quarantined_records from dev_marts.fct_loads "
        "where model_name = 'delivered_msk__orders' and status = 'Complete'"
    )
    assert {row[1] for row in rows} == {0}
    assert len(rows) >= 2


# --- strictness of the stand-in -----------------------------------------------------------------------------------------------


def test_a_kinesis_stream_is_read_by_shard_and_sequence_number(tmp_path: Path) -> None:
    """Sequence numbers have 56 digits; a record that is too large is skipped and named; a refresh goes on where the last one ended."""
    warehouse = Warehouse(tmp_path)
    first = "49590338271490256608559692538361571095921575989136588898"
    second = "49590338271490256608559692538361571095921575989136588899"

    def land(name: str, *records: tuple[str, bytes]) -> None:
        listed = [
            {
                "SequenceNumber": number,
                "ApproximateArrivalTimestamp": "2023-09-02T08:00:00+02:00",
                "Data": base64.b64encode(data).decode(),
                "PartitionKey": "k",
            }
            for number, data in records
        ]
        warehouse.write(f"kinesis/clicks/shardId-000000000000/{name}.json", json.dumps({"Records": listed}))

    with warnings.catch_warnings(), RedshiftStandIn(warehouse.landing) as server:
        warnings.simplefilter("ignore")
        run(server, "create external schema streams from kinesis iam_role 'arn:aws:iam::1:role/a,arn:aws:iam::2:role/b'")
        run(
            server,
            "create materialized view public.clicks auto refresh yes as select approximate_arrival_timestamp, partition_key, shard_id, "
            "sequence_number, refresh_time, case when can_json_parse(kinesis_data) then json_parse(kinesis_data) end as payload "
            'from streams."clicks"',
        )
        server.direct("update rs.settings set max_record_bytes = 20")
        land("a", (first, b'{"a": 1}'))
        run(server, "refresh materialized view public.clicks")
        land("b", (first, b'{"a": 1}'), (second, b"no json"), (second + "1", b"x" * 21))
        run(server, "refresh materialized view public.clicks")
        run(server, "refresh materialized view public.clicks")
        rows = server.rows("select sequence_number, payload::text, approximate_arrival_timestamp::text from public.clicks order by 1")
        assert rows == [(first, '{"a": 1}', "2023-09-02 06:00:00"), (second, None, "2023-09-02 06:00:00")]
        assert server.rows('select mv_name, "position" from rs.sys_stream_scan_errors') == [("clicks", second + "1")]
        assert server.rows("select sum(scanned_rows), count(*) from rs.sys_stream_scan_states") == [(2, 2)]


@pytest.mark.parametrize("case", CORPUS["refused"], ids=[case["sql"][:60] for case in CORPUS["refused"]])
def test_what_redshift_refuses_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(Refused) as refusal:
        rewrite(case["sql"], Session(in_transaction=case.get("in_transaction") == "yes"))
    assert case["because"].lower() in str(refusal.value).lower()


@pytest.mark.parametrize("case", CORPUS["answers"], ids=[case["sql"][:60] for case in CORPUS["answers"]])
def test_what_redshift_answers_is_answered(redshift_connection: Any, case: dict[str, Any]) -> None:
    with redshift_connection.cursor() as cursor:
        cursor.execute("set enable_case_sensitive_identifier to false")
        for statement in case.get("before", []):
            cursor.execute(statement)
        cursor.execute(case["sql"])
        assert [str(value) if value is not None else None for value in cursor.fetchall()[0]] == case["row"]


@pytest.mark.parametrize("case", CORPUS["refused"], ids=[case["sql"][:60] for case in CORPUS["refused"]])
def test_it_is_refused_through_the_driver_too(redshift_connection: Any, case: dict[str, str]) -> None:
    """By the stand-in, for the same reason; by a real cluster, where one is named, for its own."""
    reason = re.escape(case["because"]) if redshift_connection.is_stand_in else ""
    with redshift_connection.cursor() as cursor:
        if case.get("in_transaction"):
            cursor.execute("begin")
        try:
            with pytest.raises(redshift_connector.error.ProgrammingError, match=f"(?i){reason}"):
                cursor.execute(case["sql"])
        finally:
            cursor.execute("rollback")


def test_text_that_is_too_long_in_bytes_is_refused(pair: Pair) -> None:
    run(pair.stand_in, "create table public.narrow (name varchar(4))")
    run(pair.stand_in, "insert into public.narrow values ('abcd')")
    with pytest.raises(redshift_connector.error.ProgrammingError):
        run(pair.stand_in, "insert into public.narrow values ('äöü')")


def test_a_refused_statement_leaves_the_connection_usable(pair: Pair) -> None:
    assert pair.stand_in.statements
    connection = pair.cluster.connect()
    try:
        cursor = connection.cursor()
        with pytest.raises(redshift_connector.error.ProgrammingError, match="FILTER"):
            cursor.execute("select count(*) filter (where true) from public.narrow")
        cursor.execute("select 1")
        assert list(cursor.fetchall()[0]) == [1]
    finally:
        connection.close()


def test_an_erased_person_is_gone_as_on_duckdb(pair: Pair) -> None:
    """The same operation on both ends with the same tables; what is delivered again stays out (behind the tests that read the sample)."""
    pair.needs("dim_customer", "fct_patient_encounters", "current_kinesis__user_profiles", "dim_same_customer")
    people = [("customer", "C100", "mv_orders"), ("patient", "PT-1", "copy_dms_clinic_patients")]
    for number, (person, key, _) in enumerate(people):
        arguments = json.dumps({"person": person, "key": [key], "request": f"DSR-{number}"})
        pair.dbt("run-operation", "erase_person", "--args", arguments).must_pass()
        pair.local.dbt("run-operation", "erase_person", "--args", arguments).must_pass()
    # a topic delivers nothing twice, files do: delivered_ tables differ by the duplicates
    record = "select request, relation_name, erased_rows from dev_operations.erasures where relation_name not like 'delivered%'"
    assert plain(pair.rows(record)) == plain(pair.local.rows(record))
    # keys have one digest everywhere; texts that nobody could read are spelled differently by the engines
    customer = hashlib.md5(b"customer_hk||" + hashlib.md5(b"C100").hexdigest().encode()).hexdigest()
    listed = f"select request from dev_operations.erased_keys where key_digest = '{customer}'"
    assert pair.rows(listed) == pair.local.rows(listed) == [("DSR-0",)]
    records = [line for file in sorted((pair.local.landing / "kafka/orders").glob("*.jsonl")) for line in file.read_text().splitlines()]
    again = [re.sub(r'"offset":(\d+)', lambda found: f'"offset":{int(found[1]) + 1_000_000}', line) for line in records if '"C10' in line]
    assert again
    pair.local.write("kafka/orders/again.jsonl", "\n".join(again) + "\n")
    for warehouse in (pair, pair.local):
        warehouse.dbt("build", "-s", "mv_orders+").must_pass()
    for table, key in (("dim_customer", "customer_id"), ("fct_orders", "customer_hk"), ("fct_patient_encounters", "patient_hk")):
        names = f"select {key}, count(*) from dev_marts.{table} group by {key}"
        assert plain(pair.rows(names)) == plain(pair.local.rows(names))
    assert pair.rows("select count(*) from dev_marts.dim_customer where customer_id = 'C100'") == [(0,)]
    accepted = "select count(*), count(distinct customer_id) from dev_staging.delivered_msk__orders where outcome = 'accepted'"
    assert pair.rows(accepted) == pair.local.rows(accepted)
    delivered = "select count(*) from dev_staging.delivered_msk__orders where "
    assert pair.rows(delivered + "customer_id = 'C100'") == [(0,)]
    assert pair.rows(delivered + "outcome_reason like 'erased%' and kafka_offset >= 1000000")[0][0] > 0


def test_the_suite_runs_against_a_named_cluster(tmp_path: Path) -> None:
    """The way to a real cluster, with the stand-in in its place: builds, statements and expressions run, and the schemas go afterwards."""
    make_landing(tmp_path / "sample", scale=0.4)
    with warnings.catch_warnings(), RedshiftStandIn(tmp_path / "sample") as server:
        warnings.simplefilter("ignore")
        prepare(server)
        settings = {
            "HOST": server.host,
            "PORT": str(server.port),
            "SSL": "false",
            "SAMPLE": str(tmp_path / "sample"),
            "LANDING": "s3://landing-bucket",
            "SELECT": "+dim_store +dim_product",
        }
        environment = {**os.environ, **{f"MILLRACE_TEST_REDSHIFT_{name}": value for name, value in settings.items()}}
        files = ["tests/test_redshift.py", "tests/test_engine_macros.py"]
        tests = "(marts_equal and (dim_product or dim_store)) or statements_per_node or expressions_on_redshift"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", *files, "-k", tests],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        assert "looks inside the stand-in" in done.stdout
        left = "select count(*) from pg_namespace where nspname like 'millrace_test%'"
        assert server.rows(left) == [(0,)]


def test_nothing_is_left_running(tmp_path: Path) -> None:
    with RedshiftStandIn(tmp_path) as server:
        folder = Path(server._folder.name)
        assert folder.exists()
    assert not folder.exists()
    with pytest.raises(redshift_connector.error.InterfaceError):
        cluster_of(server).connect()
