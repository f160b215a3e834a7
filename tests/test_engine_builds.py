"""No change of SQL can land without having run on Redshift's and Athena's stand-ins: what changed is always among what is built."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Compilations, Warehouse, copy_project
from engine_builds import ORDERS_PATH, node_digests, planned, shared_digest

NODES = {"fct_orders": "a", "dim_store": "b", "hub_order": "c"}


def test_what_changed_is_built_with_what_it_reads(tmp_path: Path) -> None:
    file = tmp_path / "builds.json"
    first = planned("athena", NODES, "s", "changed", file)
    assert first.everything
    assert first.selection == []
    first.keep(file)
    same = planned("athena", NODES, "s", "changed", file)
    assert same.selection == ["-s", *ORDERS_PATH]
    changed = planned("athena", {**NODES, "hub_order": "d", "sat_new": "e"}, "s", "changed", file)
    assert changed.selection == ["-s", *ORDERS_PATH, "+hub_order", "+sat_new"]
    # what all nodes share
    assert planned("athena", NODES, "other", "changed", file).everything
    assert planned("athena", NODES, "s", "all", file).everything
    # the note of one engine says nothing of another
    assert planned("redshift", NODES, "s", "changed", file).everything
    # a quick run builds the orders path and notes nothing
    quick = planned("athena", {**NODES, "hub_order": "d"}, "other", "orders", file)
    assert quick.selection == ["-s", *ORDERS_PATH]
    quick.keep(file)
    assert planned("athena", {**NODES, "hub_order": "d"}, "s", "changed", file).changed == {"hub_order"}
    with pytest.raises(AssertionError, match="orders, changed, all"):
        planned("athena", NODES, "s", "nothing", file)


@pytest.mark.parametrize("engine", ["redshift", "athena"])
def test_a_changed_model_has_another_digest(compiled: Compilations, tmp_path: Path, engine: str) -> None:
    """Its SQL, a macro behind it, its configuration and its tests; what is compiled twice from one text has one digest."""
    branches = [compiled[engine, branch].manifest() for branch in ("full", "incremental")]
    before = node_digests(branches)
    assert len(before) > 200
    node = branches[0]["nodes"]["model.millrace.dim_store"]
    for key, value in (("compiled_code", node["compiled_code"] + " "), ("config", {**node["config"], "unique_key": "other"})):
        changed = [{**manifest, "nodes": {**manifest["nodes"], "model.millrace.dim_store": {**node, key: value}}} for manifest in branches]
        assert {name for name, found in node_digests(changed).items() if found != before[name]} == {"dim_store"}
    # the sample of a domain is part of the models that have its tag
    samples = tmp_path / "sample/domains"
    samples.mkdir(parents=True)
    (samples / "retail.py").write_text("# another sample")
    retail = {node["name"] for node in branches[0]["nodes"].values() if "retail" in node["tags"] and node["resource_type"] == "model"}
    found = {name for name, one in node_digests(branches, tmp_path).items() if one != before[name]}
    assert retail <= found and "dim_trip_terms" not in found
    less = {key: each for key, each in branches[0]["nodes"].items() if not key.startswith("test.millrace.never_null_dim_store")}
    assert len(less) < len(branches[0]["nodes"])
    changed = [{**branches[0], "nodes": less}, branches[1]]
    assert {name for name, found in node_digests(changed).items() if found != before[name]} == {"dim_store"}


def test_a_change_in_a_file_reaches_the_plan(compiled: Compilations, tmp_path: Path) -> None:
    """By dbt itself: a model's file and a vault macro are changed, and the models they belong to are to be built."""
    project = copy_project(tmp_path / "project")
    shutil.copyfile(ROOT / "tests/support/static_compile.sql", project / "macros/static_compile.sql")
    store = project / "models/marts/retail/dim_store.sql"
    store.write_text(store.read_text() + "\n-- one more line")
    link = project / "macros/vault/link.sql"
    text = link.read_text()
    assert "is_partial_key" in text
    link.write_text(text.replace(" as is_partial_key", " and true as is_partial_key"))
    warehouse = Warehouse(tmp_path, project)
    warehouse.environment |= compiled["athena", "full"].environment
    names = ("dim_store", "link_order_line", "hub_order")
    command = ("compile", "--target", "athena", "--no-populate-cache", "-s", *names, "--vars", json.dumps({"static_compile": "full"}))
    warehouse.dbt(*command).must_pass()
    own, theirs = warehouse.manifest(), compiled["athena", "full"].manifest()
    for manifest in (own, theirs):
        manifest["nodes"] = {
            key: {**node, "compiled_code": node.get("compiled_code")} for key, node in manifest["nodes"].items() if node["name"] in names
        }
    before, after = node_digests([theirs]), node_digests([own])
    assert {name for name in names if before[name] != after[name]} == {"dim_store", "link_order_line"}


def test_what_all_share_is_in_the_shared_digest(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    for part in ("macros", "sample", "plugins", "tests/redshift_standin", "tests/athena_standin", "tests/support"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (
        "profiles.yml.example",
        "requirements.txt",
        "dbt_project.yml",
        *(f"tests/{file.name}" for file in (ROOT / "tests").glob("*.py")),
    ):
        shutil.copyfile(ROOT / name, folder / name)
    before = {engine: shared_digest(engine, folder) for engine in ("redshift", "athena")}
    assert before == {engine: shared_digest(engine) for engine in ("redshift", "athena")}
    for name, engines in (
        ("macros/engine/payload.sql", {"redshift", "athena"}), ("macros/cdc/current_state.sql", {"redshift", "athena"}),
        ("tests/redshift_standin/rewrite.py", {"redshift"}), ("tests/athena_standin/statements.py", {"athena"}),
        ("macros/vault/hub.sql", set()), ("macros/streaming/land_files_athena.sql", {"athena"}),
    ):  # fmt: skip
        file = folder / name
        text = file.read_text()
        file.write_text(text + "\n")
        assert {engine for engine in before if shared_digest(engine, folder) != before[engine]} == engines, name
        file.write_text(text)
    lock = folder / "tests/support/tests.txt"
    text = lock.read_text()
    assert "trino==" in text
    lock.write_text(text.replace("trino==", "trino==1"))
    assert shared_digest("athena", folder) != before["athena"]
    assert shared_digest("redshift", folder) == before["redshift"]
