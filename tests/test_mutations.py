"""Twenty changes of macros that a reader might let pass; each is found by the properties, run in groups as `make test` runs them.

Run by `make test-all` (MILLRACE_MUTATIONS=1): each change compiles the models it reaches anew. Those marked `undone` take back the mend
of a fault that was found once. A change is made in the parsed project of a fork; no file is touched.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import test_change_feeds as feeds
import test_promises as promises
import test_vault as vaults
from compiled_project import CompiledProject
from conftest import Compilations, Warehouse
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from test_vault import compiled_vault  # noqa: F401

pytestmark = pytest.mark.skipif(not os.environ.get("MILLRACE_MUTATIONS"), reason="MILLRACE_MUTATIONS is not set; make test-all sets it")
GROUPS, SIZE = 6, 20


@dataclass(frozen=True)
class Mutation:
    """A text of a macro and what stands in its place; what sees it: a feed's name, `orders` or `vault`."""

    macro: str
    old: str
    new: str
    seen_by: str
    undone: bool = False


MUTATIONS = [
    # loads
    Mutation("is_new_record", "marks.consumer = '{{ load_mark_consumer() }}'", "1 = 1", "orders", undone=True),
    Mutation("is_new_record", "and marks.source_name = '{{ relation_name(relation) }}'", "", "orders"),
    Mutation("is_new_change", "where seen.landing = '{{ relation_name(relation) }}'", "", "sporting_event", undone=True),
    Mutation("known_deliveries", "<= furthest.furthest_offset", "< furthest.furthest_offset", "orders", undone=True),
    Mutation("delivery_outcomes", "numbered.delivery_number > 1", "numbered.delivery_number > 2", "sporting_event"),
    Mutation("duckdb__new_deliveries", "having count(*) > 1", "having count(*) > 2", "orders"),
    # change feeds
    Mutation("change_history", "order by change_order, change_id) as valid_to", "order by event_at, change_id) as valid_to", "mlb_data"),
    Mutation("change_history", "versions_back = 1 as is_current", "version_number = 1 as is_current", "products"),
    Mutation("current_state", "        is_current\n", "        true\n", "accounts"),
    Mutation("accepted_changes", "change_kind <> 'delete'", "true", "products", undone=True),
    Mutation("settled_changes", "['refresh_time', 'change_order']", "['change_order desc']", "sporting_event"),
    # vault
    Mutation(
        "touched_records",
        "    where {% for part in keys %}",
        "    where {{ is_new_record(source, 'records') }} and {% for part in keys %}",
        "vault",
        undone=True,
    ),
    Mutation("multi_active_satellite", "known.members < ordered.members", "false", "vault", undone=True),
    Mutation("key_join_text", "key_text(part, alias=alias)", "alias ~ '.' ~ key_column(part)", "vault", undone=True),
    Mutation("satellite_body", "order by {{ in_order }})", "order by {{ position | join(', ') }})", "vault", undone=True),
    Mutation("satellite_versions", "where previous_hashdiff is null or previous_hashdiff <> hashdiff", "", "vault", undone=True),
    Mutation("rows_not_stored", "where known.{{ keys[0] }} is null", "", "vault", undone=True),
    Mutation("effectivity_satellite", "in (stated_{{ column }}, '{{ zero_key() }}')", "= stated_{{ column }}", "vault", undone=True),
    Mutation("valid_at", "{{ versions }}.valid_from <= {{ moment }}", "{{ versions }}.valid_from < {{ moment }}", "vault"),
    Mutation("incremental_aggregate", "where {{ is_new_record(source, 'records') }}", "where false", "vault"),
    Mutation("multi_active_satellite", "ordered.previous_set_hashdiff <> ordered.set_hashdiff", "false", "vault"),
]


def mutated(compiled: Compilations, mutation: Mutation, folder: Path, landings: Sequence[str]) -> Compilations:
    """The project compiled with the change, as far as the models behind these landing models."""
    copy = Compilations.__new__(Compilations)
    dict.__init__(copy)
    copy.kind, copy.project, copy.folder = compiled.kind, compiled.project, folder
    for branch in ("full", "incremental"):
        warehouse = Warehouse(folder / branch, compiled.project, kind=compiled.kind)
        warehouse.environment |= compiled["local", branch].environment
        warehouse.environment["MILLRACE_TEST_MUTATION"] = json.dumps([mutation.macro, mutation.old, mutation.new])
        variables = json.dumps({"static_compile": branch})
        warehouse.dbt("compile", "-s", *(f"{name}+" for name in landings), "--no-populate-cache", "--vars", variables).must_pass()
        copy["local", branch] = warehouse
    return copy


def survives(check: Callable[[list[Any]], None], histories: st.SearchStrategy[Any]) -> bool:
    """Whether some groups of histories see nothing."""

    @seed(7)
    @settings(max_examples=GROUPS, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.lists(histories, min_size=SIZE, max_size=SIZE))
    def run(group: list[Any]) -> None:
        check(group)

    try:
        run()
    except Exception:
        return False
    return True


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: f"{each.macro}: {each.old[:40]}")
def test_a_change_of_a_macro_is_found(
    compiled: Compilations,
    compiled_vault: Compilations,  # noqa: F811
    tmp_path: Path,
    mutation: Mutation,
) -> None:
    random.seed(7)
    if mutation.seen_by == "vault":
        project = CompiledProject(
            mutated(compiled_vault, mutation, tmp_path, (*vaults.STAGED, "ref_snapshots")), *vaults.STAGED, parentless=["ref_snapshots"]
        )

        def check(group: list[Any]) -> None:
            produced, batches = vaults.side_by_side(group)
            vaults.check_all(vaults.loaded(project, batches), produced)

        assert not survives(check, vaults.histories())
    elif mutation.seen_by == "orders":
        beside = ("copy_appflow_accounts", "copy_aurora_orders", "copy_customer_matches")
        project = CompiledProject(mutated(compiled, mutation, tmp_path, ("mv_orders", *beside)), "mv_orders", beside=beside)
        assert not survives(lambda group: promises.check_delivery(project, group), promises.histories())
    else:
        feed = feeds.FEEDS[mutation.seen_by]
        project = CompiledProject(mutated(compiled, mutation, tmp_path, feed.landings), *feed.landings)
        assert not survives(lambda group: feeds.check(project, feed, group), feeds.histories())


def test_there_are_twenty_of_them() -> None:
    assert len(MUTATIONS) >= 20
    assert sum(each.undone for each in MUTATIONS) >= 10
