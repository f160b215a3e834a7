"""What stops or fails by itself: a load that is refused whole, facts that do not fit the landing, models that would read everything."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import landing_files
import pytest
from conftest import Compilations, Warehouse, copy_project


@pytest.fixture(scope="module")
def gate(compiled: Compilations) -> str:
    """The gate's SQL on the accounts of one feed, whose relation is `accounts`."""
    nodes = compiled["local", "full"].manifest()["nodes"]
    node = next(node for node in nodes.values() if node["name"].startswith("quarantine_stays_low_accounting_dms__policies"))
    relation = next(node["relation_name"] for node in nodes.values() if node["name"] == "accounting_dms__policies")
    return str(node["compiled_code"]).replace(relation, "accounts")


def test_every_feed_has_the_gate(compiled: Compilations) -> None:
    nodes = compiled["local", "full"].manifest()["nodes"].values()
    guarded = {
        node["attached_node"]
        for node in nodes
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "quarantine_stays_low"
    }
    assert {node["unique_id"] for node in nodes if node["name"].startswith("accounting_") and node["resource_type"] == "model"} == guarded


# loads of (accepted, duplicate, quarantined), and whether the last one fails
# accepted, delivered before, refused, and of the refused those of erased persons
LOADS: list[tuple[list[tuple[int, ...]], bool]] = [
    ([], False),
    ([(10, 0, 0)], False),
    ([(0, 0, 5)], True),
    ([(0, 3, 5)], True),
    ([(0, 0, 2)], False),
    ([(0, 5, 0)], False),
    ([(5, 0, 5)], False),
    ([(100, 0, 1), (10, 0, 10)], True),
    ([(50, 0, 50), (10, 0, 10)], False),
    ([(100, 0, 1), (90, 0, 2)], False),
    ([(100, 0, 1), (2, 0, 2)], False),
    ([(0, 0, 5), (5, 0, 0)], False),
    ([(50, 0, 50), (0, 0, 3)], True),
    ([(0, 0, 5, 5)], False),
    ([(0, 0, 8, 5)], True),
    ([(50, 0, 50, 50), (50, 0, 40)], True),
    ([(50, 0, 0), (50, 0, 40, 39)], False),
]


@pytest.mark.parametrize(("loads", "fails"), LOADS)
def test_a_load_that_is_refused_whole_fails(gate: str, loads: list[tuple[int, ...]], fails: bool) -> None:
    """And one of which far more is refused than of those before it; a record or two are no sign."""
    connection = duckdb.connect()
    connection.execute(
        "create table accounts (landing varchar, refresh_time timestamp, accepted_records bigint, duplicate_records bigint, "
        "quarantined_records bigint, erased_records bigint)"
    )
    for number, load in enumerate(loads):
        moment = datetime(2024, 1, 1) + timedelta(hours=number)
        connection.execute("insert into accounts values ('a', ?, ?, ?, ?, ?)", [moment, *(*load, 0)[:4]])
        connection.execute("insert into accounts values ('b', ?, 10, 0, 0, 0)", [moment])
    found: list[Any] = connection.execute(gate).fetchall()
    assert bool(found) == fails


@pytest.mark.parametrize("folder", ["a", "./a", "./a/../a"])
def test_files_are_named_as_their_folder_is_spelt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c[1].csv").write_text("id\n")
    (tmp_path / "a/_c.csv").write_text("id\n")
    (tmp_path / "a/manifest.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    options = '{"kind": "csv", "columns": ["id"]}'
    found = [file.file for file in landing_files.find_files(folder, options)]
    assert found == [f"{folder}/b/c[1].csv"]
    assert [check.records for check in landing_files.check_files(found, options)] == [0]


def test_a_feed_that_does_not_fit_its_landing_stops(tmp_path: Path) -> None:
    """With the feed, the fact and the fix; and so does a model that would read everything with each load."""
    project = copy_project(tmp_path / "project")
    settings = project / "dbt_project.yml"
    feed = "    misfit: {key: [id], operation: false, committed_at: changed_on, columns: {id: {}}}\n"
    feed += "    unmarked: {key: [id], operation: false, committed_at: arrival, columns: {id: {}}}\n"
    settings.write_text(settings.read_text().replace("  change_feeds:\n", "  change_feeds:\n" + feed, 1))
    landing = "{{ config(materialized='copied_files', meta={'landing_path': 'a', 'landing_format': 'csv', 'copied_columns': ['id']}) }}\n"
    (project / "models/streaming/copy_misfit.sql").write_text(landing + "{{ copied_records(['id']) }}\n")
    own = landing.replace("['id']", "['id', 'Refresh_Time']") + "{{ copied_records(['id', 'Refresh_Time']) }}\n"
    folder = project / "models/staging/retail/misfit"
    folder.mkdir()
    (folder / "delivered_a__misfit.sql").write_text("{{ delivered_changes('misfit', [ref('copy_misfit')]) }}\n")
    (folder / "delivered_a__unmarked.sql").write_text("{{ delivered_changes('unmarked', [ref('copy_misfit')]) }}\n")
    (folder / "stg_a__unmarked.sql").write_text("{{ accepted_changes('unmarked', ref('delivered_a__unmarked')) }}\n")
    (folder / "history_a__unmarked.sql").write_text("{{ change_history('unmarked', ref('stg_a__unmarked')) }}\n")
    warehouse = Warehouse(tmp_path, project)
    output = " ".join(warehouse.dbt("build", "-s", "copy_misfit+").output.split())
    assert (
        "delivered_a__misfit: change feed 'misfit': 'committed_at' names the column changed_on, which copy_misfit does not land. Add it to "
        "that model's columns, or name one of: id."
    ) in output
    assert (
        "history_a__unmarked: it reads what is new of stg_a__unmarked by its column loaded_at, which the YAML of stg_a__unmarked does not "
        "name, so every load would read everything. Add to that YAML: columns: [{name: loaded_at}]."
    ) in output
    assert "copy_misfit: there is no folder ../landing/a, so nothing was read." in output
    (project / "models/streaming/copy_misfit.sql").write_text(own)
    output = " ".join(warehouse.dbt("parse").output.split())
    assert "copy_misfit: copied_records(): 'columns' has 'Refresh_Time', which is a column that each landed record gets" in output
