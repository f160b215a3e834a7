"""The vault's table kinds over generated histories, against a simple reference of each: any batches, any order, twice, and killed."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from compiled_project import CompiledProject, Replay
from conftest import ROOT, Compilations, Warehouse, cluster_of, copy_macros
from engine_builds import plan
from histories import HISTORIES, hold_over
from hypothesis import strategies as st
from redshift_standin import RedshiftStandIn
from test_engines import compiled_files, dialect_problems, unknown_constructs
from test_hash import hash_key
from vault_reference import (
    ZERO,
    Record,
    first_seen,
    hub,
    in_order,
    relationships,
    sets,
    spans,
    upper,
    valid_at,
    versions,
)

DAY_1 = datetime(2024, 1, 1)
SNAPSHOTS = [DAY_1 + timedelta(days=number) for number in range(10)]
STAGED = ("stg_proof__events", "stg_proof__others", "stg_proof__sets")
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


def copy_vault_project(folder: Path) -> Path:
    """The project's macros over the models of tests/vault_project, one for each table kind."""
    copy_macros(folder)
    shutil.copytree(ROOT / "tests/vault_project", folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def compiled_vault(tmp_path_factory: pytest.TempPathFactory) -> Compilations:
    """The models of every table kind, compiled as they are asked for."""
    return Compilations("vault", copy_vault_project(tmp_path_factory.mktemp("vault")), tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module")
def vault(compiled_vault: Compilations) -> CompiledProject:
    """The same, to be replayed on DuckDB."""
    return CompiledProject(compiled_vault, *STAGED, parentless=["ref_snapshots"])


# --- what is delivered ------------------------------------------------------------------------------------------------------------


def event(offset: int, day: int, state: str = "A", **fields: Any) -> Record:
    """A record of stg_proof__events."""
    return {
        "customer_id": "C1", "country": "de", "product_id": "P1", "line_number": "1", "state": state, "amount": 5, "is_active": True,
        "changed_at": None, "change_kind": "update", "event_at": DAY_1 + timedelta(days=day - 1), "log_partition": 0,
        "log_offset": offset, **fields,
    }  # fmt: skip


@st.composite
def records(draw: st.DrawFn) -> list[tuple[str, list[Record]]]:
    """Deliveries: the staged model, and the rows of one message."""
    found: list[tuple[str, list[Record]]] = []
    keys = st.sampled_from(["C1", "C1", "C2", "c2", "C|3", None])
    for offset in range(draw(st.integers(1, 10))):
        fields = {
            "customer_id": draw(keys),
            "country": draw(st.sampled_from(["de", "DE", "fr", None])),
            "product_id": draw(st.sampled_from(["P1", "P2", None])),
            "line_number": draw(st.sampled_from(["1", "2", None])),
            "amount": draw(st.sampled_from([5, 7, None])),
            "is_active": draw(st.sampled_from([True, False, None])),
            "changed_at": draw(st.sampled_from([datetime(2023, 12, 31, 10, 0, 0, 500000), None])),
            "change_kind": draw(st.sampled_from(["insert", "update", "update", "delete"])),
        }
        found.append(("stg_proof__events", [event(offset, draw(st.integers(1, 4)), draw(st.sampled_from("ABC")), **fields)]))
    for offset in range(draw(st.integers(0, 3))):
        place = {"event_at": DAY_1 + timedelta(days=draw(st.integers(0, 3)), hours=12), "log_partition": 1, "log_offset": offset}
        other = {
            "client": draw(st.sampled_from(["C1", " C1 ", "C5", None])),
            "nation": draw(st.sampled_from(["de", "C5", None])),
            "product_id": draw(st.sampled_from(["P1", "P3", None])),
            "line_number": draw(st.sampled_from(["1", None])),
        }
        found.append(("stg_proof__others", [{**other, **place}]))
    for offset in range(draw(st.integers(0, 5))):
        place = {"event_at": DAY_1 + timedelta(days=draw(st.integers(0, 3))), "log_partition": 0, "log_offset": offset}
        customer = draw(keys)
        phones = draw(st.lists(st.tuples(st.sampled_from("12"), st.sampled_from(["home", "work"])), max_size=3, unique=True))
        members: list[tuple[str | None, str | None]] = [*phones] or [(None, None)]
        rows = [{"customer_id": customer, "phone": phone, "phone_kind": kind, **place} for phone, kind in members]
        found.append(("stg_proof__sets", rows))
    return found


Delivery = tuple[str, list[Record]]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Delivery], list[list[Delivery]]]:
    """Deliveries as produced, and as they came: shuffled, some of them twice, cut into batches."""
    produced = draw(records())
    came = draw(st.permutations(produced + draw(st.lists(st.sampled_from(produced), max_size=4))))
    cuts = sorted(draw(st.lists(st.integers(0, len(came)), max_size=3)))
    bounds = [0, *cuts, len(came)]
    return produced, [came[start:end] for start, end in itertools.pairwise(bounds)]


def land(replay: Replay, batch: list[Delivery]) -> None:
    """Stages a batch."""
    for model in STAGED:
        replay.land_rows(model, [row for name, rows in batch for row in rows if name == model])


def loaded(vault: CompiledProject, batches: list[list[Delivery]], stops: list[int] | None = None) -> Replay:
    """Loads the batches; load number n is killed behind stops[n] models, and at the end there is one undisturbed load."""
    replay = Replay(vault)
    for number, batch in enumerate(batches):
        land(replay, batch)
        replay.load(stop_after=stops[number] if stops and number < len(stops) else None)
    if stops:
        replay.load()
    return replay


# --- what should come out ---------------------------------------------------------------------------------------------------------


def customer(record: Record) -> str | None:
    return record["customer_id"]  # type: ignore[no-any-return]


def state(record: Record) -> tuple[Any, ...]:
    return record["state"], record["is_active"], record["changed_at"]


def flat(lines: dict[Any, list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """One row per version: key, value, from, to."""
    return sorted(((key, *version) for key, line in lines.items() for version in line), key=repr)


def stripped(text: str | None) -> str | None:
    return text if text is None else text.strip(" ")


class Vault:
    """A loaded vault beside what was delivered to it."""

    def __init__(self, replay: Replay, produced: list[Delivery]) -> None:
        self.replay = replay
        self.events = in_order(self._rows(produced, STAGED[0]))
        self.others = self._rows(produced, STAGED[1])
        self.phones = self._rows(produced, STAGED[2])
        # every customer key that a source named, and how
        self.named = [[record["customer_id"]] for record in self.events] + [[stripped(record["client"])] for record in self.others]
        self.states = versions(self.events, customer_hk, state)
        self.deletions = versions(self.events, customer_hk, lambda record: record["change_kind"] == "delete")
        self.favourites: dict[Any, list[tuple[Any, datetime, datetime | None]]] = dict(
            relationships(self.events, customer, lambda record: record["product_id"])
        )

    @staticmethod
    def _rows(produced: list[Delivery], model: str) -> list[Record]:
        return [row for name, rows in produced for row in rows if name == model]

    def found(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query, ordered."""
        return sorted(self.replay.rows(query), key=repr)


def customer_hk(record: Record) -> str | None:
    return hash_key([customer(record)]) if customer(record) else None


def check(replay: Replay, produced: list[Delivery]) -> None:
    """Every table kind of the vault against its reference."""
    vault = Vault(replay, produced)
    check_hubs(vault)
    check_links(vault)
    check_satellites(vault)
    check_relationships(vault)
    check_codes_and_days(vault)
    check_snapshots(vault)


def check_hubs(vault: Vault) -> None:
    """From two sources, one and two key columns, a case rule."""
    assert {(key, (name,)) for key, name in vault.found("select customer_hk, customer_id from {hub_customer}")} == hub(vault.named)
    regions = [(record["customer_id"], upper(record["country"])) for record in vault.events]
    regions += [(stripped(record["client"]), upper(record["nation"])) for record in vault.others]
    hub_region = vault.found("select region_hk, customer_id, country, is_partial_key from {hub_region}")
    assert {(key, (name, country)) for key, name, country, _ in hub_region} == hub(regions)
    assert all(partial == (((name is None) or (country is None)) and key != ZERO) for key, name, country, partial in hub_region)
    assert len(hub_region) == len(hub(regions))


def check_links(vault: Vault) -> None:
    """With a dependent child key, same-as, transactional."""
    purchases = [(record["customer_id"], record["product_id"], record["line_number"]) for record in vault.events]
    purchases += [(stripped(record["client"]), record["product_id"], record["line_number"]) for record in vault.others]
    assert vault.found("select purchase_hk, customer_hk, product_hk, line_number, is_partial_key from {link_purchase}") == sorted(
        {(hash_key(list(p)), hash_key([p[0]]), hash_key([p[1]]), p[2], None in p) for p in purchases}, key=repr
    )
    pairs = {(stripped(record["client"]), record["nation"]) for record in vault.others if stripped(record["client"]) != record["nation"]}
    assert vault.found("select master_customer_hk, duplicate_customer_hk from {link_same_customer}") == sorted(
        {(hash_key([one]), hash_key([two])) for one, two in pairs}, key=repr
    )
    assert vault.found("select customer_hk, product_hk, log_offset, event_at, amount, is_active, changed_at from {link_payment}") == sorted(
        (
            (
                hash_key([e["customer_id"]]), hash_key([e["product_id"]]), str(e["log_offset"]), e["event_at"], e["amount"],
                e["is_active"], e["changed_at"],
            )
            for e in vault.events
        ),
        key=repr,
    )  # fmt: skip


def check_satellites(vault: Vault) -> None:
    """By hash key, by a key of two columns, of status, computed, by natural key, and of sets."""
    assert vault.found("select customer_hk, (state, is_active, changed_at), valid_from, valid_to from {fct_customer}") == flat(vault.states)
    amounts = versions(vault.events, region_hk, lambda record: record["amount"])
    assert vault.found("select region_hk, amount, valid_from, valid_to from {fct_region}") == flat(amounts)
    assert vault.found("select customer_hk, is_deleted, valid_from, valid_to from {fct_customer_status}") == flat(vault.deletions)
    classes = versions(vault.events, customer_hk, lambda record: record["state"] == "A" and record["is_active"] is True)
    assert vault.found("select customer_hk, is_first_class, valid_from, valid_to from {fct_customer_class}") == flat(classes)
    countries = versions(vault.events, lambda record: record["country"], lambda record: record["state"])
    assert vault.found("select country, state, valid_from, valid_to from {fct_country}") == flat(countries)
    phones = [
        (hash_key([name]), phone, kind, start, end)
        for name, line in sets(vault.phones).items()
        for members, start, end in line
        for phone, kind in members
    ]
    assert vault.found("select customer_hk, phone, phone_kind, valid_from, valid_to from {fct_customer_phones}") == sorted(phones, key=repr)


def region_hk(record: Record) -> str | None:
    if record["customer_id"] is None and record["country"] is None:
        return None
    return hash_key([record["customer_id"], upper(record["country"])])


def check_relationships(vault: Vault) -> None:
    """What was in effect, and when."""
    assert vault.found("select customer_hk, product_hk, valid_from, valid_to from {fct_favourite} where is_effective") == sorted(
        ((hash_key([str(name)]), hash_key([product]), start, end) for name, product, start, end in flat(vault.favourites)), key=repr
    )


def check_codes_and_days(vault: Vault) -> None:
    """Reference tables and record tracking."""
    codes = {record["country"] for record in vault.events} | {record["nation"] for record in vault.others}
    assert vault.found("select country from {ref_country}") == sorted(((code,) for code in codes if code is not None), key=repr)
    seen = {(hash_key([customer(record)]), record["event_at"].date(), STAGED[0]) for record in vault.events}
    seen |= {(hash_key([stripped(record["client"])]), record["event_at"].date(), STAGED[1]) for record in vault.others}
    assert vault.found("select customer_hk, seen_on, record_source from {sat_customer_seen}") == sorted(seen, key=repr)


def check_snapshots(vault: Vault) -> None:
    """Point-in-time tables and bridges."""
    keys = [hash_key([name]) for name in {stripped(name) for (name,) in vault.named} if name is not None]
    expected = [
        (key, moment, valid_at(vault.states.get(key, []), moment), valid_at(vault.deletions.get(key, []), moment))
        for key in keys
        for moment in SNAPSHOTS
    ]
    assert vault.found(
        "select pit.customer_hk, snapshot_at, case when customer_version_key <> '" + ZERO + "' then (state, is_active, changed_at) end, "
        "is_deleted from {pit_customer} as pit inner join {sat_customer} as states using (customer_version_key) "
        "inner join {sat_customer_status} as statuses using (customer_status_key)"
    ) == sorted((row for row in expected if row[2] is not None or row[3] is not None), key=repr)
    origins = relationships(vault.events, lambda record: record["product_id"], lambda record: record["country"], deletes=False)
    begun = first_seen(vault.events, customer)
    path = []
    for name, moment in itertools.product(begun, SNAPSHOTS):
        if moment < begun[name]:
            continue
        effective = [product for product, start, end in vault.favourites[name] if start <= moment and (end is None or end > moment)]
        product = effective[-1] if effective else None
        country = valid_at(origins.get(product, []), moment) if product else None
        path.append((hash_key([str(name)]), moment, hash_key([product]), hash_key([country])))
    assert vault.found("select customer_hk, snapshot_at, product_hk, country_hk from {bridge_customer}") == sorted(path, key=repr)


def check_facts(replay: Replay, produced: list[Delivery]) -> None:
    """The junk dimension and the incremental aggregate against their references."""
    events = [row for name, rows in produced for row in rows if name == STAGED[0]]
    terms = {(record["country"], record["is_active"], record["changed_at"]) for record in events} | {(None, None, None)}
    found = replay.rows("select country, is_active, changed_at from {dim_terms}")
    assert sorted(found, key=repr) == sorted(terms, key=repr)
    assert replay.rows("select count(distinct terms_key) from {dim_terms}") == [(len(terms),)]
    assert replay.rows(f"select is_active from {{dim_terms}} where terms_key = '{ZERO}'") == [(None,)]
    groups: dict[tuple[str, int | None], list[Record]] = {}
    for record in events:
        groups.setdefault((hash_key([customer(record)]), record["amount"]), []).append(record)
    payments = [
        (name, amount, len(line), None if amount is None else amount * len(line), max(record["event_at"] for record in line))
        for (name, amount), line in groups.items()
    ]
    found = replay.rows("select customer_hk, amount, payments, paid, latest_at from {agg_payments}")
    assert sorted(found, key=repr) == sorted(payments, key=repr)


def check_dimensions(replay: Replay, produced: list[Delivery]) -> None:
    """Every type of slowly changing dimension against its reference, over two satellites."""
    events = in_order(row for name, rows in produced for row in rows if name == STAGED[0])
    others = [row for name, rows in produced for row in rows if name == STAGED[1]]
    states = versions(events, customer, lambda record: (record["state"], record["is_active"], record["changed_at"]))
    deletions = versions(events, customer, lambda record: (record["change_kind"] == "delete",))
    keys = {customer(record) for record in events} | {stripped(record["client"]) for record in others} | {None}
    expected: dict[int, list[tuple[Any, ...]]] = {0: [], 1: [], 2: [], 3: [], 6: []}
    for key in keys:
        line = [
            ((*(state or (None, None))[:2], *(deleted or (None,))), start, end, state is None and deleted is None)
            for (state, deleted), start, end in spans(states.get(key, []), deletions.get(key, []))
        ]
        identity = (hash_key([key]), key)
        known = [version for version in line if not version[3]]
        expected[0].append((*identity, *(known or line)[0][0], (known or line)[0][3]))
        expected[1].append((*identity, *line[-1][0], line[-1][3]))
        before: list[Any] = [None, None, None]
        for earlier, later in itertools.pairwise(known):
            before = [old if old != new else kept for old, new, kept in zip(earlier[0], later[0], before, strict=True)]
        expected[3].append((*identity, *line[-1][0], *before, line[-1][3]))
        for number, (values, start, end, inferred) in enumerate(line, start=1):
            expected[2].append((*identity, *values, start, end, number, end is None, inferred))
            expected[6].append((*identity, *values, *line[-1][0], start, end, number, end is None, inferred))
    columns = {
        0: "", 1: "", 2: "valid_from, valid_to, version_number, is_current, ",
        3: "previous_state, previous_is_active, previous_is_deleted, ",
        6: "current_state, current_is_active, current_is_deleted, valid_from, valid_to, version_number, is_current, ",
    }  # fmt: skip
    for kind, rows in expected.items():
        found = replay.rows(
            f"select customer_hk, customer_id, state, is_active, is_deleted, {columns[kind]}is_inferred "
            f"from {{dim_customer_type_{kind}}} where customer_hk <> repeat('f', 32)"
        )
        assert sorted(found, key=repr) == sorted(rows, key=repr), kind


History = tuple[list[Delivery], list[list[Delivery]]]
OWN_KEYS = ("customer_id", "client", "nation", "country", "product_id")


def apart(deliveries: list[Delivery], number: int) -> list[Delivery]:
    """The same deliveries with keys, partitions and offsets of their own; what has no key stays without one."""

    def own(name: str, value: Any) -> Any:
        if name == "log_partition":
            return value + 2 * number
        # two events without any key are two events
        if name == "log_offset":
            return value + 100 * number
        # behind the text, before the blanks at its end
        return (
            re.sub(r" *$", lambda blanks: f"~{number}{blanks.group()}", value, count=1) if name in OWN_KEYS and value is not None else value
        )

    return [(model, [{name: own(name, value) for name, value in row.items()} for row in rows]) for model, rows in deliveries]


def side_by_side(group: Sequence[History]) -> History:
    """Histories as one: their first batches together, then their second ones, and so on."""
    own = [[apart(batch, number) for batch in batches] for number, (_, batches) in enumerate(group)]
    together = itertools.zip_longest(*own, fillvalue=[])
    produced = [delivery for number, (each, _) in enumerate(group) for delivery in apart(each, number)]
    return produced, [[delivery for batch in batches for delivery in batch] for batches in together]


def check_all(replay: Replay, produced: list[Delivery]) -> None:
    """Every table kind, fact and dimension against its reference."""
    check(replay, produced)
    check_facts(replay, produced)
    check_dimensions(replay, produced)


LATE_BETWEEN_EQUALS: History = (
    [("stg_proof__events", [event(0, 1, "A")]), ("stg_proof__events", [event(2, 3, "A")]), ("stg_proof__events", [event(1, 2, "B")])],
    [
        [("stg_proof__events", [event(0, 1, "A")])],
        [("stg_proof__events", [event(2, 3, "A")])],
        [("stg_proof__events", [event(1, 2, "B")])],
    ],
)


def test_every_table_kind_equals_its_reference(vault: CompiledProject) -> None:
    def compare(group: Sequence[History]) -> None:
        produced, batches = side_by_side(group)
        check_all(loaded(vault, batches), produced)

    hold_over(histories(), compare, examples=[LATE_BETWEEN_EQUALS])


def test_histories_side_by_side_share_nothing(vault: CompiledProject) -> None:
    """Two histories with the same event, of no customer and no product: in a group they are two events, as they are alone."""
    nobody: History = (
        [(STAGED[0], [event(0, 1, customer_id=None, product_id=None)])],
        [[(STAGED[0], [event(0, 1, customer_id=None, product_id=None)])]],
    )
    produced, batches = side_by_side([nobody, nobody])
    check_all(loaded(vault, batches), produced)


def test_a_load_killed_between_two_models_changes_nothing(vault: CompiledProject) -> None:
    """The loads of a group die where its first history says."""

    def compare(group: Sequence[tuple[History, list[int]]]) -> None:
        produced, batches = side_by_side([history for history, _ in group])
        check_all(loaded(vault, batches, group[0][1]), produced)

    stops = st.lists(st.integers(0, 28), min_size=1, max_size=3)
    hold_over(st.tuples(histories(), stops), compare, number=max(HISTORIES // 2, 1))


# --- the cases that the known packages get wrong ----------------------------------------------------------------------------------


def states_of(words: str) -> list[Delivery]:
    """Deliveries from words like 'B2': state and day; a third character is the position where the day does not give it."""
    return [("stg_proof__events", [event(int(word[2:] or word[1]), int(word[1]), word[0])]) for word in words.split()]


@pytest.mark.parametrize(
    ("batches", "expected", "redundant"),
    [
        pytest.param(["A1 B2", "A1 B2"], "A1 B2", 0, id="replay of a batch of two versions"),
        pytest.param(["A1 B2", "B2 C3"], "A1 B2 C3", 0, id="overlapping batches"),
        pytest.param(["A1 C3", "B2"], "A1 B2 C3", 0, id="late version between two"),
        pytest.param(["A1 C3", "A2"], "A1 C3", 0, id="late record that changes nothing"),
        pytest.param(["A1 C3", "C2"], "A1 C2", 1, id="late record that brings a version forward"),
        pytest.param(["A1 C3", "B2 C4"], "A1 B2 C3", 0, id="late version with a repeat behind it"),
        pytest.param(["A11", "B12"], "A1 B1", 0, id="second state at the same moment in a second batch"),
        pytest.param(["A11 B12", "A11 B12"], "A1 B1", 0, id="replayed tie"),
        pytest.param(["A1", "A3", "B2"], "A1 B2 A3", 0, id="repeat that was folded away comes back"),
        pytest.param(["A1 B2 A3"], "A1 B2 A3", 0, id="there and back in one batch"),
        pytest.param(["A3", "A1", "B2"], "A1 B2 A3", 0, id="there and back, backwards"),
    ],
)
def test_versions_of_a_satellite(vault: CompiledProject, batches: list[str], expected: str, redundant: int) -> None:
    replay = loaded(vault, [states_of(batch) for batch in batches])
    rows = replay.rows("select state, valid_from from {fct_customer} order by version_number")
    assert " ".join(f"{state}{(moment - DAY_1).days + 1}" for state, moment in rows) == expected
    # nothing is stored but the changes, the ghost record, and the row that a late arrival made equal to its neighbour
    assert replay.rows("select count(*) from {sat_customer}")[0][0] == len(rows) + 1 + redundant


def test_a_source_that_is_empty_at_first_loads_later(vault: CompiledProject) -> None:
    other = {"client": "C9", "nation": "de", "product_id": "P1", "line_number": "1", "event_at": DAY_1, "log_partition": 0, "log_offset": 0}
    replay = loaded(vault, [states_of("A1"), states_of("B2"), [("stg_proof__others", [other])]])
    assert ("C9",) in replay.rows("select customer_id from {hub_customer}")
    assert replay.rows("select count(*) from {link_purchase}") == [(2,)]


def test_an_event_stated_with_other_content_is_kept_and_shows(vault: CompiledProject) -> None:
    """Nobody can tell which of the two is right: both are there, whatever the batches, and the key is no longer unique."""
    batches = [[("stg_proof__events", [event(1, 1, amount=5)])], [("stg_proof__events", [event(1, 1, amount=6)])]]
    for order_of_batches in (batches, batches[::-1], [batches[0] + batches[1]]):
        replay = loaded(vault, order_of_batches)
        assert replay.rows("select count(*), count(distinct payment_hk) from {link_payment}") == [(2, 1)]


def test_point_in_time_rows_are_repaired_and_no_others(vault: CompiledProject) -> None:
    """A late version writes the snapshots it was valid at, and leaves the rest of its key and all other keys alone."""
    first = [*states_of("A1 C4"), ("stg_proof__events", [event(9, 1, "A", customer_id="C2")])]
    replay = loaded(vault, [first])
    before = dict(replay.rows("select (customer_hk, snapshot_at), loaded_at from {pit_customer}"))
    land(replay, states_of("B2"))
    replay.load()
    after = dict(replay.rows("select (customer_hk, snapshot_at), loaded_at from {pit_customer}"))
    repaired = {(key, moment.day) for (key, moment), loaded_at in after.items() if loaded_at != before[key, moment]}
    assert repaired == {(hash_key(["C1"]), 2), (hash_key(["C1"]), 3)}


# --- three engines ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["redshift", "athena"])
def test_every_table_kind_is_of_the_engine_s_dialect(compiled_vault: Compilations, target: str) -> None:
    assert dialect_problems(compiled_vault, target, at_least=25) == []
    files = compiled_files(compiled_vault, target, at_least=25)
    assert {file.name: found for _, file in files if (found := unknown_constructs(file.read_text(), target))} == {}


@pytest.fixture(scope="module")
def engines(
    tmp_path_factory: pytest.TempPathFactory, compiled_vault: Compilations, request: pytest.FixtureRequest
) -> Iterator[tuple[Warehouse, Warehouse, RedshiftStandIn]]:
    """The vault project built by dbt in three batches, on DuckDB and on the Redshift stand-in, where anything of it changed."""
    builds = plan("redshift", compiled_vault, name="redshift: vault kinds")
    if not builds.everything and not builds.changed:
        pytest.skip(f"{builds.engine}: as they were when they were last built there")
    failed_before = request.session.testsfailed
    project = copy_vault_project(tmp_path_factory.mktemp("engines"))
    local = Warehouse(tmp_path_factory.mktemp("local"), project, kind="vault kinds")
    with warnings.catch_warnings(), RedshiftStandIn(tmp_path_factory.mktemp("standin")) as server:
        warnings.simplefilter("ignore")
        redshift = Warehouse(tmp_path_factory.mktemp("redshift"), project, cluster_of(server).environment("dev"), kind="vault kinds")
        for batch in (1, 2, 3):
            for warehouse in (local, redshift):
                warehouse.dbt("build", *(NO_UNIT_TESTS if batch > 1 else ()), "--vars", json.dumps({"batch": batch})).must_pass()
        yield local, redshift, server
        if request.session.testsfailed == failed_before:
            builds.keep()


def plain(value: object) -> object:
    return str(value) if isinstance(value, datetime) else value


def test_every_table_kind_is_equal_on_redshift(engines: tuple[Warehouse, Warehouse, RedshiftStandIn], vault: CompiledProject) -> None:
    local, _, server = engines
    connection = cluster_of(server).connect()
    cursor = connection.cursor()
    compared = 0
    for model in vault.models:
        schema, name = model.relation.replace('"', "").split(".")[1:]
        columns = [
            column
            for (column,) in local.rows(
                f"select column_name from information_schema.columns where table_schema = '{schema}' and table_name = '{name}'"
            )
            if column not in ("loaded_at", "load_id")
        ]
        query = f"select {', '.join(columns)} from {schema}.{name}"
        cursor.execute(query)
        there = sorted((tuple(plain(value) for value in row) for row in cursor.fetchall()), key=repr)
        here = sorted((tuple(plain(value) for value in row) for row in local.rows(query)), key=repr)
        assert there == here, name
        assert here, name
        compared += 1
    connection.close()
    assert compared == 33


def test_snapshots_that_leave_the_spine_leave_the_table(engines: tuple[Warehouse, Warehouse, RedshiftStandIn]) -> None:
    """Ten weeks later the days are weeks; what the tables keep is what the spine keeps."""
    local, redshift, server = engines
    for warehouse in (local, redshift):
        warehouse.dbt("run", "-s", "ref_snapshots", "pit_customer", "bridge_customer", "--vars", '{"today": "2024-03-20"}').must_pass()
    for table in ("pit_customer", "bridge_customer"):
        query = f"select distinct snapshot_at from dev_vault.{table} order by 1"
        kept = [moment for (moment,) in local.rows(query)]
        assert [moment for moment in kept if moment < datetime(2024, 2, 1)] == [datetime(2024, 1, day) for day in (1, 8, 15, 22, 29)]
        assert kept[-1] == datetime(2024, 3, 20)
        connection = cluster_of(server).connect()
        cursor = connection.cursor()
        cursor.execute(query)
        assert [row[0] for row in cursor.fetchall()] == kept
        connection.close()


# --- what is refused --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "text", "message"),
    [
        ("hub_bad", "{{ hub(key='a_hk', business_keys=[], sources=[]) }}", "hub() needs the argument 'business_keys'"),
        ("sat_bad", "{{ satellite(key='a_hk', business_keys=['a'], payload=['b'], source=ref('stg_proof__events'), position=[]) }}",
         "needs the argument 'position'"),
        ("sat_bad", "{{ config(unique_key='a_hk') }}{{ satellite(key='a_hk', business_keys=['a'], payload=['b'], "
         "source=ref('stg_proof__events'), position=['c']) }}", "insert-only and takes no unique_key"),
        ("sat_bad", "{{ effectivity_satellite(key='a_hk', hubs={'b_hk': ['b']}, driving_keys=['c_hk'], source=ref('stg_proof__events'), "
         "position=['d']) }}", "driving_keys has c_hk, which hubs does not have (b_hk)"),
        ("bridge_bad", "{{ bridge(key='a_hk', hub=ref('hub_customer'), steps=[{'relation': ref('sat_origin'), 'key': 'b_hk', "
         "'driving_key': 'c_hk', 'hub_keys': ['d_hk'], 'position': ['e']}], snapshots='ref_snapshots') }}",
         "step 1 begins at c_hk, which no step before leads to"),
        ("ref_bad", "{{ snapshot_spine(retention={'daily_days': '30'}) }}", "snapshot_retention needs the whole number daily_days"),
        ("hub_bad", "{{ hub(key='a_hk', business_keys=[{'column': 'a', 'case': 'lower'}], sources=[{'relation': "
         "ref('stg_proof__events')}]) }}", "'case': 'keep' or 'upper'"),
        ("agg_bad", "{{ incremental_aggregate(key='a_hk', group_by={'b': 'b'}, measures={'c': 'count(*)'}, columns=[], "
         "source=ref('pit_customer')) }}", "the rows of pit_customer change (incremental_strategy merge)"),
        ("hub_bad", "{{ hub(key='a_hk', business_keys=['a'], sources=[{'relation': ref('stg_proof__events'), 'business_keys': "
         "[{'column': 'a', 'collision_code': \"o'k\"}]}]) }}", "'collision_code': letters and digits"),
    ],
)  # fmt: skip
def test_wrong_arguments_stop_with_model_argument_and_fix(compiled_vault: Compilations, model: str, text: str, message: str) -> None:
    result = compiled_vault["local", "full"].dbt("compile", "--inline", text, "--no-populate-cache", "--vars", "{static_compile: full}")
    assert result.code != 0
    assert message in re.sub(r"\s+", " ", result.output)


def test_a_wrong_argument_names_the_model_too(tmp_path: Path) -> None:
    project = copy_vault_project(tmp_path / "project")
    (project / "models/vault/proof/hub_bad.sql").write_text("{{ hub(key='a_hk', business_keys=[], sources=[]) }}")
    result = Warehouse(tmp_path, project).dbt("compile", "-s", "hub_bad")
    assert result.code != 0
    assert "millrace: hub_bad: hub() needs the argument 'business_keys'" in re.sub(r"\s+", " ", result.output)


def test_no_vault_macro_asks_the_database_while_it_renders() -> None:
    for folder in ("vault", "dimensional"):
        for file in (ROOT / "macros" / folder).glob("*.sql"):
            assert not re.search(r"run_query|statement\(|load_result|adapter\.(?!dispatch)", file.read_text()), file.name
