"""Schedules, held against the graph: what selectors.yml runs, in which order, and that nothing is left out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import NO_TESTS, ROOT, Compilations, Warehouse
from make_landing import make_landing

# from the fastest to the slowest
SCHEDULES = ("near_real_time", "hourly", "daily")
BUILT = ("model", "seed", "snapshot")
Nodes = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def nodes(compiled: Compilations) -> Nodes:
    """The project's graph."""
    manifest = compiled["local", "full"].manifest()
    # a unit test has its tags in its config alone
    return {key: {"tags": node["config"].get("tags"), **node} for part in ("nodes", "unit_tests") for key, node in manifest[part].items()}


def parents(nodes: Nodes, key: str) -> list[str]:
    """What a node reads, of what dbt builds."""
    return [parent for parent in nodes[key]["depends_on"].get("nodes", []) if parent in nodes and nodes[parent]["resource_type"] in BUILT]


def fastest(node: dict[str, Any]) -> int:
    """Place of a node's fastest schedule; behind all of them where it has none."""
    return next((place for place, name in enumerate(SCHEDULES) if name in node["tags"]), len(SCHEDULES))


def slower_parents(nodes: Nodes) -> list[tuple[str, str]]:
    """Pairs of a node and a parent that no schedule of the node's pace has built before."""
    return sorted(
        (nodes[parent]["name"], node["name"])
        for key, node in nodes.items()
        if node["resource_type"] in BUILT
        for parent in parents(nodes, key)
        if fastest(nodes[parent]) > fastest(node)
    )


def run_by(nodes: Nodes, tag: str) -> set[str]:
    """The tests that a selector by tag runs: its own, and those whose parents are selected or built before (buildable)."""
    selected = {key for key, node in nodes.items() if tag in node["tags"]}
    there = {key for key in selected if nodes[key]["resource_type"] in BUILT}
    pending = list(there)
    while pending:
        for parent in parents(nodes, pending.pop()):
            if parent not in there:
                there.add(parent)
                pending.append(parent)
    return {
        node["name"]
        for key, node in nodes.items()
        if node["resource_type"] in ("test", "unit_test")
        and (key in selected or (set(parents(nodes, key)) <= there and selected.intersection(parents(nodes, key))))
    }


def test_everything_has_a_schedule(nodes: Nodes) -> None:
    assert [node["name"] for node in nodes.values() if node["resource_type"] in BUILT and fastest(node) == len(SCHEDULES)] == []


def test_no_parent_has_a_slower_schedule_than_its_child(nodes: Nodes) -> None:
    assert slower_parents(nodes) == []


def test_every_test_runs_in_a_schedule(nodes: Nodes) -> None:
    every = {node["name"] for node in nodes.values() if node["resource_type"] in ("test", "unit_test")}
    assert every - {name for tag in SCHEDULES for name in run_by(nodes, tag)} == set()


@pytest.mark.parametrize("domain", sorted(folder.name for folder in (ROOT / "models/staging").iterdir() if folder.is_dir()))
def test_a_domain_s_tag_needs_no_other(nodes: Nodes, domain: str) -> None:
    """`dbt build -s tag:<domain>` on an empty warehouse finds everything that it reads."""
    tagged = {key for key, node in nodes.items() if domain in node["tags"] and node["resource_type"] in BUILT}
    assert tagged
    missing = {(nodes[key]["name"], nodes[parent]["name"]) for key in tagged for parent in parents(nodes, key) if parent not in tagged}
    assert missing == set()


def test_selectors_name_what_there_is(compiled: Compilations, nodes: Nodes) -> None:
    selectors = compiled["local", "full"].manifest()["selectors"]
    tags = {tag for node in nodes.values() for tag in node["tags"]}
    assert set(re.findall(r"'method': 'tag', 'value': '(\w+)'", str(selectors))) <= tags
    # the gate and the look at what lands go by other things than tags
    assert len(re.findall(r"'method': 'tag'", str(selectors))) == len(selectors) - 2
    kinds = set(re.findall(r"'method': 'config.materialized', 'value': '(\w+)'", str(selectors["landing"])))
    landings = {node["config"]["materialized"] for node in nodes.values() if node["path"].startswith("streaming/")}
    assert kinds == landings - {"view"}
    domains = {folder.name for folder in (ROOT / "models/staging").iterdir() if folder.is_dir()}
    assert domains | set(SCHEDULES) | {"gate", "landing"} == set(selectors)


def test_the_checks_see_what_is_wrong(nodes: Nodes) -> None:
    """A slower parent, a node without a schedule, a test across schedules: as they were."""
    key = "model.millrace.stg_msk__orders"
    slow = {**nodes, key: {**nodes[key], "tags": ["retail", "daily"]}}
    assert ("stg_msk__orders", "hub_order") in slower_parents(slow)
    assert fastest({**nodes[key], "tags": ["retail"]}) == len(SCHEDULES)
    known = next(key for key, node in nodes.items() if node["name"] == "order_statuses_are_known_ones")
    alone = {**nodes, known: {**nodes[known], "tags": []}}
    assert not any("order_statuses_are_known_ones" in run_by(alone, tag) for tag in SCHEDULES)


def test_every_selector_runs_in_turn_on_an_empty_warehouse(warehouse: Warehouse) -> None:
    make_landing(warehouse.landing, scale=0.01)
    for selector in SCHEDULES:
        warehouse.dbt("build", "--selector", selector, *NO_TESTS).must_pass()
    nodes = warehouse.manifest()["nodes"].values()
    made = {(node["schema"], node["alias"]) for node in nodes if node["resource_type"] in BUILT}
    assert made <= set(warehouse.rows("select table_schema, table_name from information_schema.tables"))
