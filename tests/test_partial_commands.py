"""dbt's own ways to build a part: --empty and --sample, --defer, one domain alone, a model with an alias, two commands at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import NO_TESTS, Warehouse, copy_project
from make_feeds import write_feeds

# the policies, the clinic with its point-in-time table and bridge, and the replica with its snapshot
SELECTION = (
    "-s",
    "+dim_policy",
    "+pit_encounter",
    "+bridge_encounter",
    "+snap_aurora_orders",
    "+accounting_dms__policies",
)


def kept(warehouse: Warehouse) -> dict[str, Any]:
    """Rows of each table that keeps what earlier loads brought, and how far each reader has read."""
    tables = [
        node["relation_name"]
        for node in warehouse.manifest()["nodes"].values()
        if node["resource_type"] in ("model", "snapshot") and node["config"]["materialized"] in ("incremental", "snapshot")
    ]
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        there = {f'"millrace"."{schema}"."{name}"' for schema, name in connection.execute(
            "select table_schema, table_name from information_schema.tables").fetchall()}  # fmt: skip
        rows = {table: connection.execute(f"select count(*) from {table}").fetchall()[0][0] for table in tables if table in there}
        marks = connection.execute(
            "select consumer, source_name, max(loaded_until) from dev_operations.load_marks where state = 'read' group by all order by all"
        ).fetchall()
    return {**rows, "marks": marks}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse with a load, and new files that nobody has read beyond staging."""
    warehouse = Warehouse(tmp_path_factory.mktemp("partial"))
    write_feeds(warehouse.landing)
    warehouse.dbt("build", *SELECTION, *NO_TESTS).must_pass()
    warehouse.write("dms/insurance/policies/2023/01/17/20230117-090000000.csv", "I,110009,2024-03-31,Urban,CA,WEST,1,Retail,N,N\n")
    warehouse.dbt("run", "-s", "copy_dms_policies", "delivered_dms__policies", "stg_dms__policies").must_pass()
    return warehouse


def test_empty_and_sample_build_and_move_no_mark(built: Warehouse) -> None:
    before = kept(built)
    for option in ("--empty", "--sample=1 day"):
        built.dbt("build", *SELECTION, option, *NO_TESTS).must_pass()
        after = kept(built)
        assert after["marks"] == before["marks"]
        assert all(after[table] >= rows for table, rows in before.items() if table != "marks"), option
        deleted = built.rows("select count(*) from dev_snapshots.snap_aurora_orders where dbt_is_deleted = 'True'")
        assert deleted == [(0,)]
        if option == "--empty":
            assert built.rows("select count(*) from dev_vault.hub_policy where policy_id = '110009'") == [(0,)]
    # what was staged all the while arrives
    built.dbt("build", *SELECTION, *NO_TESTS).must_pass()
    assert built.rows("select count(*) from dev_vault.hub_policy where policy_id = '110009'") == [(1,)]
    assert built.rows("select is_current from dev_marts.dim_policy where policy_id = '110009' and not is_inferred") == [(True,)]


def test_a_mark_that_moved_without_its_rows_fails_the_gate(built: Warehouse) -> None:
    built.dbt("test", "-s", "hub_policy_holds_every_key_of_policies").must_pass()
    with duckdb.connect(str(built.database)) as connection:
        connection.execute("delete from dev_vault.hub_policy where policy_id = '110001'")
    result = built.dbt("test", "-s", "hub_policy_holds_every_key_of_policies")
    assert result.code != 0
    with duckdb.connect(str(built.database)) as connection:
        connection.execute("insert into dev_vault.hub_policy select md5('110001'), '110001', now(), 'x', 'stg_dms__policies'")


def test_the_summary_is_of_what_is_built(built: Warehouse) -> None:
    printed = built.dbt("--quiet", "run-operation", "load_summary").must_pass().output.split("\n")
    assert [line.split()[0] for line in printed if line.strip() and not line.startswith("/")][:2] == ["Source", "insurance"]
    assert "aurora_orders" not in " ".join(printed)


def test_a_developer_s_schema_builds_on_the_deferred_one(built: Warehouse) -> None:
    """Production is `dev`; the developer's schema has none of the parents of what is built."""
    state = built.folder / "state"
    state.mkdir(exist_ok=True)
    shutil.copyfile(built.target / "manifest.json", state / "manifest.json")
    developer = Warehouse(built.folder, environment={"MILLRACE_SCHEMA": "someone"})
    selected = ("-s", "hub_policy", "sat_policy", "sat_policy_status", "dim_policy")
    for _ in range(2):
        developer.dbt("run", *selected, "--defer", "--state", str(state), "--favor-state").must_pass()
    columns = "policy_id, insured_value, is_deleted, is_current"
    question = f"select {columns} from {{}}_marts.dim_policy where not is_inferred and policy_id <> '110009' order by all"
    assert built.rows(question.format("someone")) == built.rows(question.format("dev"))
    marks = built.rows("select distinct consumer, source_name from someone_operations.load_marks order by all")
    assert ("hub_policy", "stg_dms__policies") in marks
    assert built.rows("select distinct record_source from someone_vault.sat_policy") == [("stg_dms__policies",)]
    # a clone of production goes on from there
    cloned = Warehouse(built.folder, environment={"MILLRACE_SCHEMA": "clone"})
    cloned.dbt("clone", *selected, "--state", str(state)).must_pass()


def test_a_model_with_an_alias_is_read_once(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    for path, alias in (("staging/insurance/dms/stg_dms__policies", "policies_staged"), ("vault/insurance/sat_policy", "policy_versions")):
        file = project / f"models/{path}.sql"
        text = file.read_text()
        file.write_text(f"{{{{ config(alias='{alias}') }}}}\n{text}")
    warehouse = Warehouse(tmp_path, project)
    write_feeds(warehouse.landing)
    selected = ("-s", "+dim_policy")
    warehouse.dbt("run", *selected).must_pass()
    assert warehouse.rows("select distinct record_source from dev_vault.policy_versions") == [("stg_dms__policies",)]
    marks = warehouse.rows("select consumer, source_name from dev_operations.load_marks where state = 'read' order by all")
    assert ("sat_policy", "stg_dms__policies") in marks
    assert ("dim_policy", "sat_policy") in marks
    # the second load knows what the first one read
    warehouse.dbt("run", *selected).must_pass()
    compiled = (warehouse.target / "compiled/millrace/models/vault/insurance/sat_policy.sql").read_text()
    assert "marks.source_name = 'stg_dms__policies'" in compiled


def test_a_file_that_is_open_elsewhere_is_named_without_a_traceback(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    with duckdb.connect(str(warehouse.database)):
        result = warehouse.dbt("run", "-s", "copy_dms_policies")
    assert result.code != 0
    assert "is open in another process, and DuckDB lets one at a time write. Nothing was changed." in " ".join(result.output.split())
    assert "Traceback" not in result.output
