"""The care domain: the hybrid model answers what the vault answers, from fewer relations, whatever the deliveries."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlglot
from compiled_project import CompiledProject, Replay
from conftest import Compilations, Warehouse, copy_of
from histories import HISTORIES, hold_over
from hypothesis import strategies as st
from sqlglot import exp

DAY_1 = datetime(2023, 3, 1)
RESULTS = ["fct_patient_encounters", "pit_encounter", "bridge_encounter"]

Row = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def care(compiled: Compilations) -> CompiledProject:
    """The models behind the clinic's three tables."""
    landings = [f"copy_dms_clinic_{table}" for table in ("patients", "providers", "encounters")]
    return CompiledProject(compiled, *landings, parentless=["ref_snapshots"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Row], list[list[Row]]]:
    """Changes of a few patients, providers and encounters, and a delivery of them: cut, shuffled, and some of them twice."""
    rows: list[Row] = []
    for number in range(draw(st.integers(1, 10))):
        moment = DAY_1 + timedelta(days=draw(st.integers(0, 5)), seconds=number)
        change = {"op": draw(st.sampled_from(["I", "U", "U", "D"])), "committed_at": f"{moment}.000000"}
        table = draw(st.sampled_from(["patients", "providers", "encounters", "encounters"]))
        values: dict[str, str | None]
        if table == "patients":
            values = {"patient_id": draw(st.sampled_from(["PT-1", "PT-2"])), "postal_code": draw(st.sampled_from(["1", "2"]))}
        elif table == "providers":
            values = {"provider_id": draw(st.sampled_from(["PR-1", "PR-2"])), "department": draw(st.sampled_from(["A", "B"]))}
        else:
            values = {
                "encounter_id": draw(st.sampled_from(["EN-1", "EN-2"])),
                "patient_id": draw(st.sampled_from(["PT-1", "PT-2", None])),
                "provider_id": draw(st.sampled_from(["PR-1", "PR-2"])),
                "started_at": f"2023-03-0{draw(st.integers(1, 6))} 09:00:00",
                "heart_rate": draw(st.sampled_from(["70", "130", None])),
            }
        rows.append((f"copy_dms_clinic_{table}", {**change, **values, "landing_file": "changes.csv", "record_number": number}))
    came = draw(st.permutations(rows + draw(st.lists(st.sampled_from(rows), max_size=3))))
    cuts = sorted(draw(st.lists(st.integers(0, len(came)), max_size=3)))
    bounds = [0, *cuts, len(came)]
    return rows, [came[start:end] for start, end in itertools.pairwise(bounds)]


def loaded(care: CompiledProject, batches: list[list[Row]]) -> Replay:
    """Loads the batches one after the other."""
    replay = Replay(care)
    for batch in batches:
        for landing in care.landings:
            replay.land_rows(landing, [row for name, row in batch if name == landing])
        replay.load()
    return replay


def content(replay: Replay, model: str) -> list[tuple[Any, ...]]:
    """Rows of a model, when they were written left out."""
    excluded = " exclude (loaded_at, load_id)" if model != "fct_patient_encounters" else ""
    return sorted(replay.rows(f"select *{excluded} from {{{model}}}"), key=repr)


def apart(rows: list[Row], number: int) -> list[Row]:
    """The same changes with keys and a file of their own."""

    def own(name: str, value: Any) -> Any:
        if name == "landing_file":
            return f"{number}/{value}"
        return f"{value}-{number}" if name.endswith("_id") and value is not None else value

    return [(table, {name: own(name, value) for name, value in row.items()}) for table, row in rows]


def test_any_delivery_gives_the_facts_and_snapshots_of_one_clean_load(care: CompiledProject) -> None:
    def check(group: Sequence[tuple[list[Row], list[list[Row]]]]) -> None:
        rows = [row for number, (each, _) in enumerate(group) for row in apart(each, number)]
        own = [[apart(batch, number) for batch in batches] for number, (_, batches) in enumerate(group)]
        batches = [[row for batch in together for row in batch] for together in itertools.zip_longest(*own, fillvalue=[])]
        clean, delivered = loaded(care, [rows]), loaded(care, batches)
        for model in RESULTS:
            assert content(delivered, model) == content(clean, model), model

    hold_over(histories(), check, number=max(HISTORIES // 5, 1))


def test_a_member_that_comes_late_fills_in(care: CompiledProject) -> None:
    """The fact is there at once, with the ghost record for its provider; the provider's load repairs it, and nothing else touches it."""
    encounter = {
        "op": "I", "committed_at": "2023-03-02 10:00:00.000000", "encounter_id": "EN-1", "patient_id": "PT-1", "provider_id": "PR-1",
        "started_at": "2023-03-02 09:00:00", "landing_file": "a.csv", "record_number": 1,
    }  # fmt: skip
    provider = {
        "op": "I", "committed_at": "2023-03-05 10:00:00.000000", "provider_id": "PR-1", "department": "A", "landing_file": "b.csv",
        "record_number": 1,
    }  # fmt: skip
    question = (
        "select departments.department, departments.record_source from {fct_patient_encounters} as facts "
        "inner join {sat_provider} as departments using (dim_provider_id)"
    )
    replay = loaded(care, [[("copy_dms_clinic_encounters", encounter)]])
    assert replay.rows(question) == [(None, "ghost record")]
    replay.land_rows("copy_dms_clinic_providers", [provider])
    replay.load()
    assert replay.rows(question) == [("A", "stg_dms__clinic_providers")]


def relations(sql: str) -> int:
    """Relations that the outer SELECT joins."""
    statement = sqlglot.parse_one(sql, read="duckdb")
    assert isinstance(statement, exp.Select)
    return 1 + len(statement.args["joins"])


def test_the_hybrid_answers_what_the_vault_answers(built_care: Warehouse) -> None:
    manifest = built_care.manifest()["nodes"]
    vault, hybrid = (manifest[f"analysis.millrace.encounters_through_the_{way}"]["compiled_code"] for way in ("vault", "hybrid"))
    assert (relations(vault), relations(hybrid)) == (5, 3)
    answer = built_care.rows(vault)
    assert answer == built_care.rows(hybrid)
    assert len(answer) == 25
    departments = {row[0]: row[-1] for row in answer}
    # given to another provider later; the department of the day, not of today
    assert departments["EN-1"] == "Heart Centre"
    assert departments["EN-10"] == "Internal Medicine"
    assert departments["EN-16"] == "Diabetes Centre"


def test_joins_and_time_of_both_ways_are_shown(built_care: Warehouse) -> None:
    names = ["encounters_through_the_vault", "encounters_through_the_hybrid"]
    arguments = json.dumps({"analyses": names, "repeats": 2})
    output = built_care.dbt("run-operation", "time_analyses", "--args", arguments).must_pass().output
    assert "encounters_through_the_vault: 4 joins of 5 relations, 25 rows" in output
    built_care.dbt("compile", "-s", "encounters_vault_against_hybrid").must_pass()
    shown = built_care.rows(built_care.manifest()["nodes"]["analysis.millrace.encounters_vault_against_hybrid"]["compiled_code"])
    assert {row[:4] for row in shown} == {(names[0], 5, 4, 25), (names[1], 3, 2, 25)}
    assert shown[0][5] == 1 <= shown[1][5]
    for wrong in ({"analyses": ["nothing"]}, {"analyses": names, "repeats": 0}):
        refused = built_care.dbt("run-operation", "time_analyses", "--args", json.dumps(wrong))
        assert refused.code != 0
        assert "millrace: time_analyses" in refused.output


@pytest.fixture(scope="module")
def built_care(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample, with the analyses of the domain compiled."""
    warehouse = copy_of(sample, tmp_path_factory.mktemp("care"))
    warehouse.dbt("compile", "-s", "encounters_through_the_vault", "encounters_through_the_hybrid").must_pass()
    return warehouse


def test_facts_of_the_sample(built_care: Warehouse) -> None:
    facts = {
        row[0]: row[1:]
        for row in built_care.rows(
            "select encounter_id, is_deleted, is_critical, duration_minutes, full_name, patients.record_source "
            "from dev_marts.fct_patient_encounters inner join dev_vault.sat_patient as patients using (dim_patient_id)"
        )
    }
    assert facts["EN-7"] == (True, False, 180.0, "Ana Souza", "stg_dms__clinic_patients")
    # the patient that nobody has told of
    assert facts["EN-90"] == (False, False, 180.0, None, "ghost record")
    assert "EN-91" not in facts
    assert built_care.rows("select count(*) from dev_staging.delivered_dms__clinic_encounters where outcome = 'quarantined'") == [(1,)]
    # before its deletion the encounter has a provider in the snapshots, and none after it
    turns = built_care.rows(
        "select snapshot_at < timestamp '2023-03-09 08:00:00', provider_hk <> repeat('0', 32) from dev_vault.bridge_encounter "
        "inner join dev_vault.hub_encounter using (encounter_hk) where encounter_id = 'EN-7' group by all"
    )
    assert turns == [(False, False)]
    # the periodic snapshot counts what the bridge leads to, without the deleted one
    assert built_care.rows(
        "select sum(encounters), sum(open_encounters) from dev_marts.fct_provider_snapshots where snapshot_at = timestamp '2023-04-01'"
    ) == [(24, 0)]
