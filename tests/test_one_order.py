"""One order for every consumer of a feed: whichever landing model came first, however the records were cut, whatever a delete carries."""

from __future__ import annotations

import itertools
import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from compiled_project import CompiledProject, Replay
from conftest import Compilations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make_feeds import POLICIES, POLICY_CHANGES

HISTORIES = int(os.environ.get("MILLRACE_HISTORIES", "60"))
POLICY_COLUMNS = [
    "policy_id", "expiry_date", "location_name", "state_code", "region_name", "insured_value", "business_type", "earthquake", "flood",
]  # fmt: skip
LOAD, CHANGES = "copy_dms_policies_load", "copy_dms_policies"

Landed = tuple[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def policies(compiled: Compilations) -> CompiledProject:
    """The models behind the policies."""
    return CompiledProject(compiled, LOAD, CHANGES)


@pytest.fixture(scope="module")
def events(compiled: Compilations) -> CompiledProject:
    """The models behind the sporting events, which have commit times."""
    return CompiledProject(compiled, "copy_dms_sporting_event_load", "copy_dms_sporting_event")


@pytest.fixture(scope="module")
def care(compiled: Compilations) -> CompiledProject:
    """The models behind the clinic's three tables."""
    landings = [f"copy_dms_clinic_{table}" for table in ("patients", "providers", "encounters")]
    return CompiledProject(compiled, *landings, parentless=["ref_snapshots"])


def policy_file(text: str, name: str) -> Landed:
    """The rows of one file of policies, for the landing model that its name says."""
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        values = line.split(",")
        operation = {} if name.startswith("LOAD") else {"op": values.pop(0)}
        file = f"dms/insurance/policies/{name}"
        rows.append({**operation, **dict(zip(POLICY_COLUMNS, values, strict=True)), "landing_file": file, "record_number": number})
    return (LOAD if name.startswith("LOAD") else CHANGES), rows


SAMPLE = [
    policy_file(POLICIES, "LOAD00000001.csv"),
    policy_file(POLICY_CHANGES, "2023/01/15/20230115-090000000.csv"),
]
# a second change file: one policy goes back to what it was, one goes, one that came is changed, one goes and comes back
MORE = policy_file(
    """\
U,100463,2023-03-27,Urban,NY,East,15480000,Office Bldg,Y,Y
D,100475,,,,,,,,
U,110001,2024-03-31,Urban,CA,WEST,215000,Office Bldg,N,N
D,110002,2024-03-31,Rural,FL,East,975000,Retail,N,Y
I,110002,2024-03-31,Rural,FL,East,975000,Retail,N,Y
""",
    "2023/01/16/20230116-090000000.csv",
)

# the policies as they are after the change file, written by hand from the two texts of the article
RIGHT_POLICIES = """\
100462 2024-12-31 Urban NY East 3400000.00 Construction true true
100463 2023-03-27 Urban NY East 1000000.00 Office_Bldg true true
100475 2023-03-31 Rural WI Midwest 1451662.00 Farming false true
100486 2023-03-26 Urban NY East 9973900.00 Apartment true true
100487 2023-03-25 Urban NY East 5990067.00 Apartment false false
100503 2023-03-31 Urban NJ East 1761960.00 Office_Bldg false false
100504 2023-03-31 Rural NY East 1649105.00 Farming false false
100519 2023-03-25 Rural NY East 4102500.00 Farming false false
100580 2023-03-30 Urban NH Northeast 97920.00 Office_Bldg true true
100581 2023-03-30 Urban NY East 5150000.00 Apartment true true
100582 2023-03-25 Urban NJ East 4651680.00 Apartment true true
100595 2023-03-27 Rural NY East 2446600.00 Farming false false
100611 2023-04-25 Urban NJ East 1595500.00 Office_Bldg true true
100616 2023-03-31 Urban NY East 2329500.00 Apartment false false
100617 2023-03-27 Urban VT Northeast 8861500.00 Office_Bldg false false
100621 2023-04-25 Urban MI Central 394220.00 Retail false false
110001 2024-03-31 Urban CA WEST 210000.00 Office_Bldg false false
110002 2024-03-31 Rural FL East 975000.00 Retail false true
200242 2023-01-02 Urban NY East 1617630.00 Retail false false
200264 2023-01-07 Rural NY East 2219900.00 Farming false false
200265 2023-01-07 Urban NY East 14100000.00 Apartment true true
200314 2023-01-02 Urban NY East 8678500.00 Apartment true true
200315 2023-01-02 Urban NY East 17580000.00 Apartment true true
200358 2023-01-05 Urban WI Midwest 928300.00 Office_Bldg false false
200359 2023-01-02 Rural WI Midwest 2052660.00 Farming false false
200385 2023-01-02 Urban NY East 1925000.00 Hospitality false false
200388 2023-01-04 Urban IL Midwest 12934500.00 Apartment true true
"""
VALUES = "policy_id, expiry_date, location_name, state_code, region_name, insured_value, business_type, earthquake_coverage, flood_coverage"


def answer(rows: list[tuple[Any, ...]]) -> str:
    """Rows as the text above."""
    lines = [" ".join(str(value).replace(" ", "_") for value in row) for row in rows]
    return "".join(line.replace("True", "true").replace("False", "false") + "\n" for line in sorted(lines))


def loaded(project: CompiledProject, loads: list[list[Landed]]) -> Replay:
    """Loads them one after the other; within a load the landing models are built in the order given."""
    replay = Replay(project)
    for load in loads:
        for landing, rows in load:
            replay.land_rows(landing, rows)
        replay.load()
    return replay


def orders(files: list[Landed]) -> list[list[list[Landed]]]:
    """Every order of the files, in one load and in a load each."""
    permutations = [list(order) for order in itertools.permutations(files)]
    return [[order] for order in permutations] + [[[file] for file in order] for order in permutations]


def without_times(replay: Replay, model: str) -> list[tuple[Any, ...]]:
    """Rows of the policies' models without what a load stamps: a policy's change counts as made when it came."""
    excluded = {
        "dim_policy": "policy_version_key, valid_from, valid_to",
        "history_dms__policies": "change_id, valid_from, valid_to, loaded_at, load_id, change_order",
        "current_dms__policies": "changed_at, loaded_at, load_id",
    }[model]
    return sorted(replay.rows(f"select * exclude ({excluded}) from {{{model}}}"), key=repr)


@pytest.mark.parametrize("loads", orders(SAMPLE))
def test_the_policies_are_those_written_by_hand(policies: CompiledProject, loads: list[list[Landed]]) -> None:
    """All 27 of them, every value, in both orders of the landing models, in one load and in two."""
    replay = loaded(policies, loads)
    assert answer(replay.rows(f"select {VALUES} from {{dim_policy}} where is_current and policy_id is not null")) == RIGHT_POLICIES
    assert answer(replay.rows(f"select {VALUES} from {{current_dms__policies}}")) == RIGHT_POLICIES
    assert answer(replay.rows(f"select {VALUES} from {{history_dms__policies}} where is_current")) == RIGHT_POLICIES
    # what the three were before is a version of its own, in the dimension too
    before = replay.rows(
        "select policy_id, expiry_date::varchar, insured_value::varchar, flood_coverage, is_deleted from {dim_policy} "
        "where not is_current and not is_inferred and policy_id is not null order by 1"
    )
    assert before == [
        ("100462", "2023-03-25", "3400000.00", True, False),
        ("100463", "2023-03-27", "15480000.00", True, False),
        ("100475", "2023-03-31", "1451662.00", False, False),
    ]


def test_any_order_of_landing_models_and_files_gives_the_same_policies(policies: CompiledProject) -> None:
    right = None
    for loads in orders([*SAMPLE, MORE]):
        replay = loaded(policies, loads)
        tables = {model: without_times(replay, model) for model in ("dim_policy", "history_dms__policies", "current_dms__policies")}
        right = right or tables
        assert tables == right
        wrong = replay.rows("select count(*) from {history_dms__policies} where valid_from > valid_to")
        assert wrong == [(0,)]
    replay = loaded(policies, [[*SAMPLE, MORE]])
    assert replay.rows("select insured_value::varchar, is_deleted from {dim_policy} where policy_id = '100463' order by valid_from") == [
        (None, None), ("15480000.00", False), ("1000000.00", False), ("15480000.00", False),
    ]  # fmt: skip
    # a delete without an image and one with: what the policy was stays on both
    deletes = "select policy_id, insured_value::varchar, flood_coverage from {history_dms__policies} where is_deleted order by 1"
    assert replay.rows(deletes) == [("100475", "1451662.00", True), ("110002", "975000.00", True)]


Event = tuple[str, dict[str, Any]]


@st.composite
def event_histories(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """A full load that is stamped with its transfer, changes before and behind that moment, and a delivery of them."""
    rows: list[Event] = []
    for number in range(draw(st.integers(1, 8))):
        key = str(draw(st.integers(1, 2)))
        if draw(st.booleans()) and not any(row["id"] == key for _, row in rows):
            row = {"cdc_timestamp": "2024-01-03 12:00:00.000000", "id": key, "home_team_id": "9", "landing_file": "LOAD00000001.csv"}
            rows.append(("copy_dms_sporting_event_load", {**row, "record_number": number}))
            continue
        operation = draw(st.sampled_from("IUUD"))
        change: dict[str, Any] = {
            "op": operation,
            "cdc_timestamp": f"{datetime(2024, 1, 1) + timedelta(days=draw(st.integers(0, 4)), seconds=number)}.000000",
            "id": key,
            "home_team_id": None if operation == "D" and draw(st.booleans()) else str(draw(st.integers(1, 3))),
            "landing_file": "2024/20240101-000000000.csv",
        }
        rows.append(("copy_dms_sporting_event", {**change, "record_number": number}))
    came = draw(st.permutations(rows))
    cuts = sorted(draw(st.lists(st.integers(0, len(came)), max_size=3)))
    return rows, [list(came[start:end]) for start, end in itertools.pairwise([0, *cuts, len(came)])]


@settings(max_examples=max(HISTORIES // 6, 1), deadline=None, suppress_health_check=list(HealthCheck))
@given(history=event_histories())
def test_satellites_and_history_of_a_feed_have_one_order(events: CompiledProject, history: tuple[list[Event], list[list[Event]]]) -> None:
    """The dimension, which reads satellites, says of every moment what the history says, and deliveries change nothing."""
    rows, batches = history
    landings = ("copy_dms_sporting_event_load", "copy_dms_sporting_event")
    delivered = loaded(events, [[(name, [row for landing, row in batch if landing == name]) for name in landings] for batch in batches])
    clean = loaded(events, [[(name, [row for landing, row in rows if landing == name]) for name in reversed(landings)]])
    dimension = "select * from {dim_sporting_event} order by all"
    assert delivered.rows(dimension) == clean.rows(dimension)
    told = "select id::varchar, valid_from, valid_to, home_team_id, is_deleted from {{history_dms__sporting_event}} {} order by all"
    assert delivered.rows(told.format("")) == clean.rows(told.format(""))
    spoken = delivered.rows(told.format("where valid_to is null or valid_to > valid_from"))
    for key, valid_from, _, team, is_deleted in spoken:
        found = delivered.rows(
            f"select home_team_id, is_deleted from {{dim_sporting_event}} where sporting_event_id::varchar = '{key}' "
            f"and valid_from <= timestamp '{valid_from}' and (valid_to is null or valid_to > timestamp '{valid_from}')"
        )
        # what is known of an event that was first heard of by its delete is that it is deleted
        assert found == [(team, is_deleted)], (key, valid_from)


# --- a delete with the key alone ------------------------------------------------------------------------------------------------


def test_a_delete_with_the_key_alone_ends_the_relationship_and_writes_no_version(care: CompiledProject) -> None:
    """AWS DMS with a source that logs the key alone (PostgreSQL's default replica identity): EN-1's delete; EN-2's has the whole image."""
    encounter = {"op": "I", "committed_at": "2023-03-02 09:30:00.000000", "encounter_kind": "outpatient", "heart_rate": "70"}
    times = {"started_at": "2023-03-02 09:00:00", "ended_at": "2023-03-02 11:00:00", "landing_file": "LOAD00000001.csv"}
    first = {**encounter, **times, "encounter_id": "EN-1", "patient_id": "PT-1", "provider_id": "PR-1", "record_number": 1}
    second = {**encounter, **times, "encounter_id": "EN-2", "patient_id": "PT-2", "provider_id": "PR-2", "record_number": 2}
    delete = {"op": "D", "committed_at": "2023-03-11 08:00:00.000000", "landing_file": "2023/03/11/20230311-000000000.csv"}
    deletes = [
        {**delete, "encounter_id": "EN-1", "record_number": 1},
        {**second, **delete, "encounter_id": "EN-2", "record_number": 2},
    ]
    for loads in ([[first, second, *deletes]], [[first, second], deletes], [deletes, [first, second]]):
        replay = loaded(care, [[("copy_dms_clinic_encounters", rows)] for rows in loads])
        turns = replay.rows(
            "select encounter_id, event_at::varchar, is_effective from {sat_patient_encounter} inner join {hub_encounter} "
            "using (encounter_hk) order by all"
        )
        assert turns == [
            ("EN-1", "2023-03-02 09:30:00", True), ("EN-1", "2023-03-11 08:00:00", False),
            ("EN-2", "2023-03-02 09:30:00", True), ("EN-2", "2023-03-11 08:00:00", False),
        ]  # fmt: skip
        versions = replay.rows(
            "select encounter_id, encounter_kind, heart_rate from {sat_encounter} inner join {hub_encounter} using (encounter_hk) "
            "where sat_encounter.record_source <> 'ghost record' order by all"
        )
        assert versions == [("EN-1", "outpatient", 70), ("EN-2", "outpatient", 70)]
        statuses = replay.rows(
            "select encounter_id, is_deleted from {sat_encounter_status} inner join {hub_encounter} using (encounter_hk) "
            "where encounter_id is not null order by all"
        )
        assert statuses == [("EN-1", False), ("EN-1", True), ("EN-2", False), ("EN-2", True)]
        bridged = replay.rows(
            "select distinct encounter_id, patient_hk = repeat('0', 32) from {bridge_encounter} inner join {hub_encounter} "
            "using (encounter_hk) where snapshot_at >= timestamp '2023-03-12' order by all"
        )
        assert bridged == [("EN-1", True), ("EN-2", True)]


def test_loads_follow_each_other_where_no_file_is_known(policies: CompiledProject) -> None:
    """Redshift's COPY tells no file, and the numbers it gives records grow within a load alone: a later load may number from below."""

    def states(*numbered: tuple[str, int]) -> list[Landed]:
        row = {"op": "U", "policy_id": "P1", "expiry_date": "2030-01-01", "insured_value": "1.00", "landing_file": None}
        return [(CHANGES, [{**row, "state_code": state, "record_number": number} for state, number in numbered])]

    replay = loaded(policies, [states(("LA", 7), ("NY", 8)), states(("TX", 2))])
    versions = "select state_code from {history_dms__policies} where policy_id = 'P1' order by change_order"
    assert replay.rows(versions) == [("LA",), ("NY",), ("TX",)]
    assert replay.rows("select state_code from {current_dms__policies} where policy_id = 'P1'") == [("TX",)]
