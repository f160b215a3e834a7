"""The project on the real dbt-redshift adapter and driver, against the stand-in: same marts as on DuckDB, row for row."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redshift_connector
from conftest import ROOT, DbtResult, Warehouse
from make_landing import make_landing
from redshift_standin import RedshiftStandIn
from redshift_standin.rewrite import Refused, Session, rewrite

MARTS = ["dim_customer", "dim_product", "dim_store", "fct_orders", "fct_order_status_changes", "dim_taxi_zone", "fct_yellow_taxi_trips"]
CORPUS = json.loads((ROOT / "tests/support/redshift_corpus.json").read_text())


def connect(server: RedshiftStandIn) -> Any:
    """A connection by Redshift's own driver."""
    connection = redshift_connector.connect(host=server.host, port=server.port, user="dbt", password="unused", database="dev", ssl=False)
    connection.autocommit = True
    return connection


def run(server: RedshiftStandIn, sql: str) -> None:
    """One statement through the driver."""
    connection = connect(server)
    try:
        connection.cursor().execute(sql)
    finally:
        connection.close()


@dataclass
class Pair:
    """The same landing folder built on both engines."""

    server: RedshiftStandIn
    redshift: Warehouse
    local: Warehouse
    results: list[DbtResult]
    sent: list[list[str]]

    def dbt(self, *arguments: str) -> DbtResult:
        """A dbt command on the Redshift target."""
        start = len(self.server.statements)
        result = self.redshift.dbt(*arguments)
        self.sent.append(self.server.statements[start:])
        self.results.append(result)
        return result


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Built twice on both, with new files between."""
    folder = tmp_path_factory.mktemp("pair")
    local = Warehouse(folder)
    with warnings.catch_warnings(), RedshiftStandIn(local.landing) as server:
        warnings.simplefilter("ignore")
        redshift = Warehouse(
            tmp_path_factory.mktemp("redshift"),
            environment={
                "MILLRACE_TARGET": "redshift_password",
                "MILLRACE_REDSHIFT_HOST": server.host,
                "MILLRACE_REDSHIFT_PORT": str(server.port),
                "MILLRACE_REDSHIFT_SSLMODE": "disable",
                "MILLRACE_LANDING": "s3://landing-bucket",
                "DBT_ENV_SECRET_REDSHIFT_PASSWORD": "unused",
            },
        )
        run(
            server,
            "create external schema millrace_msk from msk iam_role default authentication iam "
            "cluster_arn 'arn:aws:kafka:eu-central-1:123456789012:cluster/orders/1'",
        )
        both = Pair(server, redshift, local, [], [])
        for batch in (0, 1, 2):
            make_landing(local.landing, scale=0.4, only=batch)
        both.dbt("build").must_pass()
        local.dbt("build").must_pass()
        make_landing(local.landing, scale=0.4)
        both.dbt("build").must_pass()
        local.dbt("build").must_pass()
        yield both


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with numbers as text of one form, ordered."""
    return sorted((tuple(str(value) if value is not None else None for value in row) for row in rows), key=repr)


@pytest.mark.parametrize("mart", MARTS)
def test_marts_equal_those_of_duckdb(pair: Pair, mart: str) -> None:
    # by name: an ALTER or a merge may order columns differently, and that is no difference
    columns = ", ".join(
        row[0] for row in pair.local.rows(f"select column_name from information_schema.columns where table_name = '{mart}'")
    )
    ours = plain(pair.server.rows(f"select {columns} from dev_marts.{mart}"))
    assert len(ours) > 1
    assert ours == plain(pair.local.rows(f"select {columns} from dev_marts.{mart}"))


@pytest.mark.parametrize("hub", ["hub_customer", "hub_order", "link_order_line"])
def test_hash_keys_equal_those_of_duckdb(pair: Pair, hub: str) -> None:
    key = hub.split("_", 1)[1] + "_hk"
    query = f"select {key} from dev_vault.{hub} order by 1"
    assert pair.server.rows(query) == pair.local.rows(query)


def test_refused_records_equal_those_of_duckdb(pair: Pair) -> None:
    """But for lines without a position, which no broker delivers."""
    query = (
        "select outcome_reason, count(*) from dev_staging.delivered_msk__orders where outcome = 'quarantined' "
        "and kafka_offset >= 0 group by outcome_reason order by outcome_reason"
    )
    assert pair.server.rows(query) == pair.local.rows(query)
    assert len(pair.server.rows(query)) >= 4


def test_nothing_was_refused(pair: Pair) -> None:
    assert pair.server.refused == []


def test_a_streaming_view_is_created_once_and_refreshed_with_one_statement(pair: Pair) -> None:
    for number, statements in enumerate(pair.sent[:2]):
        text = [re.sub(r"^/\*.*?\*/\s*", "", statement.strip(), flags=re.DOTALL).lower() for statement in statements]
        about = [statement.split()[0] for statement in text if re.match(r"(create|refresh|drop|alter)\b.*mv_orders", statement, re.DOTALL)]
        about = [word for word in about if word in ("create", "refresh", "drop", "alter")]
        created = [statement for statement in text if statement.startswith("create materialized view")]
        assert len(created) == (1 if number == 0 else 0)
        assert [statement for statement in text if statement.startswith("refresh")] == [
            'refresh materialized view "dev"."dev_streaming"."mv_orders"'
        ]
        assert "drop" not in about


def test_full_refresh_drops_no_streaming_view(pair: Pair) -> None:
    before = pair.server.rows("select count(*) from dev_streaming.mv_orders")
    result = pair.dbt("run", "-s", "mv_orders", "--full-refresh").must_pass()
    assert "does not drop a streaming view" in result.output
    assert pair.server.rows("select count(*) from dev_streaming.mv_orders") == before
    assert not [statement for statement in pair.sent[-1] if re.search(r"(?i)\bdrop\b", statement)]


def test_a_build_with_nothing_new_changes_nothing(pair: Pair) -> None:
    tables = [*[f"dev_marts.{mart}" for mart in MARTS], "dev_vault.sat_order_line_status", "dev_staging.delivered_msk__orders"]
    before = {table: plain(pair.server.rows(f"select * from {table}")) for table in tables}
    pair.dbt("build").must_pass()
    assert {table: plain(pair.server.rows(f"select * from {table}")) for table in tables} == before


def test_the_health_of_the_stream_is_in_the_system_views(pair: Pair) -> None:
    states = pair.server.rows("select sum(scanned_rows) from rs.sys_stream_scan_states where mv_name = 'mv_orders'")
    assert states == pair.server.rows("select count(*) from dev_streaming.mv_orders")
    assert pair.server.rows("select count(*) >= 2 from rs.sys_mv_refresh_history where mv_name = 'mv_orders'") == [(True,)]


def test_docs_are_generated(pair: Pair) -> None:
    pair.dbt("docs", "generate").must_pass()
    catalog = json.loads((pair.redshift.target / "catalog.json").read_text())
    assert "model.millrace.fct_orders" in catalog["nodes"]


def test_the_summary_runs(pair: Pair) -> None:
    assert "kafka/orders" in pair.dbt("--quiet", "run-operation", "load_summary").must_pass().output


# --- strictness of the stand-in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CORPUS["refused"], ids=[case["sql"][:60] for case in CORPUS["refused"]])
def test_what_redshift_refuses_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(Refused) as refusal:
        rewrite(case["sql"], Session(in_transaction=case.get("in_transaction") == "yes"))
    assert case["because"].lower() in str(refusal.value).lower()


@pytest.mark.parametrize("case", CORPUS["answers"], ids=[case["sql"][:60] for case in CORPUS["answers"]])
def test_what_redshift_answers_is_answered(pair: Pair, case: dict[str, Any]) -> None:
    connection = connect(pair.server)
    try:
        cursor = connection.cursor()
        for statement in case.get("before", []):
            cursor.execute(statement)
        cursor.execute(case["sql"])
        assert [str(value) if value is not None else None for value in cursor.fetchall()[0]] == case["row"]
    finally:
        connection.close()


def test_text_that_is_too_long_in_bytes_is_refused(pair: Pair) -> None:
    run(pair.server, "create table public.narrow (name varchar(4))")
    run(pair.server, "insert into public.narrow values ('abcd')")
    with pytest.raises(redshift_connector.error.ProgrammingError):
        run(pair.server, "insert into public.narrow values ('äöü')")


def test_a_refused_statement_leaves_the_connection_usable(pair: Pair) -> None:
    connection = connect(pair.server)
    try:
        cursor = connection.cursor()
        with pytest.raises(redshift_connector.error.ProgrammingError, match="FILTER"):
            cursor.execute("select count(*) filter (where true) from public.narrow")
        cursor.execute("select 1")
        assert list(cursor.fetchall()[0]) == [1]
    finally:
        connection.close()


def test_nothing_is_left_running(tmp_path: Path) -> None:
    with RedshiftStandIn(tmp_path) as server:
        folder = Path(server._folder.name)
        assert folder.exists()
    assert not folder.exists()
    with pytest.raises(redshift_connector.error.InterfaceError):
        connect(server)
