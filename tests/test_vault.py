"""The vault's table kinds over generated histories, against a simple reference of each: any batches, any order, twice, and killed."""

from __future__ import annotations

import copy
import itertools
import json
import re
import shutil
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
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
    happened,
    hashdiff,
    hub,
    in_order,
    relationship_sets,
    relationships,
    sets,
    spans,
    trimmed,
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
    keys = st.sampled_from(["C1", "C1", "C2", "c2", "C|3", "C1 ", None])
    for offset in range(draw(st.integers(1, 10))):
        fields = {
            "customer_id": draw(keys),
            "country": draw(st.sampled_from(["de", "DE", "fr", "fr ", "", None])),
            "product_id": draw(st.sampled_from(["P1", "P2", None])),
            "line_number": draw(st.sampled_from(["1", "2", "1 ", None])),
            "amount": draw(st.sampled_from([5, 7, None])),
            "is_active": draw(st.sampled_from([True, False, None])),
            "changed_at": draw(st.sampled_from([datetime(2023, 12, 31, 10, 0, 0, 500000), None])),
            "change_kind": draw(st.sampled_from(["insert", "update", "update", "delete"])),
        }
        if draw(st.integers(0, 7)) == 0:
            fields["event_at"] = None
        stated = event(offset, draw(st.integers(1, 4)), draw(st.sampled_from(["A", "B", "C", "A ", " A", ""])), **fields)
        found.append(("stg_proof__events", [stated]))
        if draw(st.integers(0, 7)) == 0:
            # another payload at the same place
            found.append(("stg_proof__events", [{**stated, "amount": 8}]))
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
        days = draw(st.sampled_from([0, 1, 2, 3, None]))
        place = {"event_at": None if days is None else DAY_1 + timedelta(days=days), "log_partition": 0, "log_offset": offset}
        customer = draw(keys)
        phones = draw(st.lists(st.tuples(st.sampled_from(["1", "2", None]), st.sampled_from(["home", "work"])), max_size=3, unique=True))
        members: list[tuple[str | None, str | None]] = [*phones] or [(None, None)]
        rows = [{"customer_id": customer, "phone": phone, "phone_kind": kind, **place} for phone, kind in members]
        found.append(("stg_proof__sets", rows))
    return found


Delivery = tuple[str, list[Record]]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Delivery], list[list[Delivery]]]:
    """Deliveries as produced, and as they came: shuffled, some of them twice or in two parts, cut into batches."""
    produced = draw(records())
    parts = [
        (model, part) for model, rows in produced for part in ((rows[:1], rows[1:]) if len(rows) > 1 and draw(st.booleans()) else (rows,))
    ]
    came = draw(st.permutations(parts + draw(st.lists(st.sampled_from(produced), max_size=4))))
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
    return trimmed(record["customer_id"])


def state(record: Record) -> tuple[Any, ...]:
    return record["state"], record["is_active"], record["changed_at"]


def flat(lines: dict[Any, list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """One row per version: key, value, from, to."""
    return sorted(((key, *version) for key, line in lines.items() for version in line), key=repr)


class Vault:
    """A loaded vault beside what was delivered to it."""

    def __init__(self, replay: Replay, produced: list[Delivery]) -> None:
        self.replay = replay
        self.events = in_order(self._rows(produced, STAGED[0]))
        self.others = self._rows(produced, STAGED[1])
        self.phones = self._rows(produced, STAGED[2])
        # every customer key that a source named, and how
        self.named = [[customer(record)] for record in self.events] + [[trimmed(record["client"])] for record in self.others]
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
    regions = [(customer(record), upper(trimmed(record["country"]))) for record in vault.events]
    regions += [(trimmed(record["client"]), upper(record["nation"])) for record in vault.others]
    hub_region = vault.found("select region_hk, customer_id, country, is_partial_key from {hub_region}")
    assert {(key, (name, country)) for key, name, country, _ in hub_region} == hub(regions)
    assert all(partial == (((name is None) or (country is None)) and key != ZERO) for key, name, country, partial in hub_region)
    assert len(hub_region) == len(hub(regions))


def check_links(vault: Vault) -> None:
    """With a dependent child key, same-as, transactional."""
    purchases = [(customer(record), record["product_id"], trimmed(record["line_number"])) for record in vault.events]
    purchases += [(trimmed(record["client"]), record["product_id"], record["line_number"]) for record in vault.others]
    assert vault.found("select purchase_hk, customer_hk, product_hk, line_number, is_partial_key from {link_purchase}") == sorted(
        {(hash_key(list(p)), hash_key([p[0]]), hash_key([p[1]]), p[2], None in p) for p in purchases}, key=repr
    )
    pairs = {(trimmed(record["client"]), record["nation"]) for record in vault.others if trimmed(record["client"]) != record["nation"]}
    assert vault.found("select master_customer_hk, duplicate_customer_hk from {link_same_customer}") == sorted(
        {(hash_key([one]), hash_key([two])) for one, two in pairs}, key=repr
    )
    accounts = {(coded("shop", customer(e)), e["product_id"]) for e in vault.events if e["change_kind"] != "delete" or names_all(e)}
    accounts |= {(coded("crm", trimmed(record["client"])), record["product_id"]) for record in vault.others}
    assert vault.found("select account_product_hk, account_hk, product_hk, is_partial_key from {link_account}") == sorted(
        {(hash_key(list(a)), hash_key([a[0]]), hash_key([a[1]]), None in a) for a in accounts}, key=repr
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


def coded(code: str, key: str | None) -> str | None:
    return key and f"{code}:{key}"


def names_all(record: Record) -> bool:
    return record["customer_id"] is not None and record["product_id"] is not None


def as_read(satellite: str) -> str:
    """The rows of a satellite that say something else than the row before, which satellite_versions() reads."""
    before = "lag(hashdiff) over (partition by customer_hk order by event_at, log_partition, log_offset, hashdiff)"
    return (
        "select customer_hk, event_at, log_partition, log_offset, hashdiff, state, is_active, changed_at"
        f" from (select *, {before} as hashdiff_before from {{{satellite}}}) where hashdiff is distinct from hashdiff_before"
    )


def check_satellites(vault: Vault) -> None:
    """By hash key, by a key of two columns, of status, computed, by natural key, and of sets."""
    assert vault.found("select customer_hk, (state, is_active, changed_at), valid_from, valid_to from {fct_customer}") == flat(vault.states)
    # its payload is all but, its amount is no version; where a load died between the two, one may keep a row more
    assert vault.found(as_read("sat_customer_whole")) == vault.found(as_read("sat_customer") + f" and customer_hk <> '{ZERO}'")
    amounts = versions(vault.events, region_hk, lambda record: record["amount"])
    assert vault.found("select region_hk, amount, valid_from, valid_to from {fct_region}") == flat(amounts)
    assert vault.found("select customer_hk, is_deleted, valid_from, valid_to from {fct_customer_status}") == flat(vault.deletions)
    assert vault.found("select customer_hk, is_first_class, valid_from, valid_to from {fct_customer_class}") == flat(first_class(vault))
    countries = versions(vault.events, lambda record: trimmed(record["country"]), lambda record: record["state"])
    assert vault.found("select country, state, valid_from, valid_to from {fct_country}") == flat(countries)
    districts = versions(vault.events, district, lambda record: record["state"])
    assert vault.found("select (customer_id, country), state, valid_from, valid_to from {fct_district}") == flat(districts)
    phones = [
        (hash_key([name]), phone, kind, start, end)
        for name, line in sets(vault.phones).items()
        for members, start, end in line
        for phone, kind in members
    ]
    assert vault.found("select customer_hk, phone, phone_kind, valid_from, valid_to from {fct_customer_phones}") == sorted(phones, key=repr)


def first_class(vault: Vault) -> dict[Any, list[tuple[Any, ...]]]:
    return versions(vault.events, customer_hk, lambda record: record["state"] == "A" and record["is_active"] is True)


def district(record: Record) -> tuple[str | None, str | None] | None:
    codes = customer(record), trimmed(record["country"])
    return None if codes == (None, None) else codes


def region_hk(record: Record) -> str | None:
    if record["customer_id"] is None and record["country"] is None:
        return None
    return hash_key([record["customer_id"], upper(record["country"])])


def check_relationships(vault: Vault) -> None:
    """What was in effect, and when."""
    assert vault.found("select customer_hk, product_hk, valid_from, valid_to from {fct_favourite} where is_effective") == sorted(
        ((hash_key([str(name)]), hash_key([product]), start, end) for name, product, start, end in flat(vault.favourites)), key=repr
    )

    baskets = relationship_sets(vault.events, customer, lambda record: record["product_id"])
    assert vault.found("select customer_hk, product_hk, valid_from, valid_to from {fct_basket}") == sorted(
        ((hash_key([str(name)]), hash_key([product]), start, end) for name, product, start, end in flat(baskets)), key=repr
    )
    offers: dict[Any, list[tuple[Any, ...]]] = dict(relationships(vault.events, buyer, lambda record: record["product_id"]))
    assert vault.found("select customer_hk, country_hk, product_hk, valid_from, valid_to from {fct_offer} where is_effective") == sorted(
        (
            (hash_key([name[0]]), hash_key([name[1]]), hash_key([product]), start, end)
            for name, line in offers.items()
            for product, start, end in line
        ),
        key=repr,
    )


def buyer(record: Record) -> Any:
    """Customer and country; where one of them is missing, each relationship is by itself."""
    codes = district(record)
    return (*codes, record["product_id"]) if codes and None in codes else codes


def check_codes_and_days(vault: Vault) -> None:
    """Reference tables and record tracking."""
    assert vault.found("select (customer_id, country) from {ref_district}") == sorted(
        {(named,) for record in vault.events if (named := district(record))}, key=repr
    )
    codes = {trimmed(record["country"]) for record in vault.events} | {record["nation"] for record in vault.others}
    assert vault.found("select country from {ref_country}") == sorted(((code,) for code in codes if code is not None), key=repr)
    seen = {(hash_key([customer(record)]), happened(record).date(), STAGED[0]) for record in vault.events}
    seen |= {(hash_key([trimmed(record["client"])]), record["event_at"].date(), STAGED[1]) for record in vault.others}
    assert vault.found("select customer_hk, seen_on, record_source from {sat_customer_seen}") == sorted(seen, key=repr)
    stated = {
        (hash_key([customer(record)]), happened(record).date(), name, hashdiff(payload), STAGED[0])
        for record in vault.events
        for name, payload in (("sat_customer", state(record)), ("sat_region", record["amount"]))
    }
    stated |= {
        (hash_key([trimmed(record["client"])]), record["event_at"].date(), "sat_origin", hashdiff(record["nation"]), STAGED[1])
        for record in vault.others
    }
    tracked = "select customer_hk, seen_on, satellite_name, hashdiff, record_source from {sat_customer_tracked}"
    assert vault.found(tracked) == sorted(stated, key=repr)
    # the hashdiff is that of the satellite: each of its versions was stated on a day
    unstated = "select v.hashdiff from {sat_customer} as v anti join {sat_customer_tracked} as t using (customer_hk, hashdiff)"
    assert vault.found(f"{unstated} where v.customer_hk <> '{ZERO}'") == []


def check_snapshots(vault: Vault) -> None:
    """Point-in-time tables and bridges."""
    keys = [hash_key([name]) for name in {trimmed(name) for (name,) in vault.named} if name is not None]
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
    origins = relationships(vault.events, lambda record: record["product_id"], lambda record: trimmed(record["country"]), deletes=False)
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
    terms = {(trimmed(record["country"]), record["is_active"], record["changed_at"]) for record in events} | {(None, None, None)}
    found = replay.rows("select trim(country, ' '), is_active, changed_at from {dim_terms}")
    assert sorted(found, key=repr) == sorted(terms, key=repr)
    assert replay.rows("select count(distinct terms_key) from {dim_terms}") == [(len(terms),)]
    assert replay.rows(f"select is_active from {{dim_terms}} where terms_key = '{ZERO}'") == [(None,)]
    groups: dict[tuple[str, int | None], list[Record]] = {}
    for record in events:
        groups.setdefault((hash_key([customer(record)]), record["amount"]), []).append(record)
    payments = [
        (name, amount, len(line), None if amount is None else amount * len(line), latest(line)) for (name, amount), line in groups.items()
    ]
    found = replay.rows("select customer_hk, amount, payments, paid, latest_at from {agg_payments}")
    assert sorted(found, key=repr) == sorted(payments, key=repr)

    clients = [row["client"] for name, rows in produced for row in rows if name == STAGED[1]]
    spelled = replay.rows("select client, records from {agg_spellings}")
    assert sorted(spelled, key=repr) == sorted(((client, clients.count(client)) for client in set(clients)), key=repr)


def latest(line: Sequence[Record]) -> datetime | None:
    return max((record["event_at"] for record in line if record["event_at"]), default=None)


def check_dimensions(replay: Replay, produced: list[Delivery]) -> None:
    """Every type of slowly changing dimension against its reference, over two satellites."""
    events = in_order(row for name, rows in produced for row in rows if name == STAGED[0])
    others = [row for name, rows in produced for row in rows if name == STAGED[1]]
    states = versions(events, customer, lambda record: (record["state"], record["is_active"], record["changed_at"]))
    deletions = versions(events, customer, lambda record: (record["change_kind"] == "delete",))
    keys = {customer(record) for record in events} | {trimmed(record["client"]) for record in others} | {None}
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
        return re.sub(r" *$", lambda blanks: f"~{number}{blanks.group()}", value, count=1) if name in OWN_KEYS and value else value

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

    stops = st.lists(st.integers(0, 38), min_size=1, max_size=3)
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
    assert states_found(replay) == expected
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


def states_found(replay: Replay) -> str:
    """States and days of the only customer's versions."""
    rows = replay.rows("select state, valid_from from {fct_customer} order by version_number")
    return " ".join(f"{state}{(moment - DAY_1).days + 1}" for state, moment in rows)


@pytest.mark.parametrize("loads", [1, 3])
def test_blanks_count_in_payload_and_not_in_keys(vault: CompiledProject, loads: int) -> None:
    spelled = [event(1, 1, "A"), event(2, 2, "B", customer_id="C1 "), event(3, 3, "A"), event(4, 4, " A", customer_id=" C1")]
    deliveries = [(STAGED[0], [each]) for each in spelled]
    replay = loaded(vault, [deliveries] if loads == 1 else [[each] for each in deliveries])
    assert states_found(replay) == "A1 B2 A3  A4"
    assert replay.rows("select customer_id from {hub_customer} where customer_id is not null") == [("C1",)]


def test_spellings_of_a_group_are_groups(vault: CompiledProject) -> None:
    """'x' twice, 'x ' once, then 'x' again: no record is lost or counted twice."""
    other = {"nation": None, "product_id": None, "line_number": None, "event_at": DAY_1, "log_partition": 0}
    spelled = [("x", 1), ("x", 2), ("x ", 3), ("x", 4)]
    rows = [(STAGED[1], [{**other, "client": client, "log_offset": offset}]) for client, offset in spelled]
    replay = loaded(vault, [rows[:3], rows[3:]])
    assert sorted(replay.rows("select client, records from {agg_spellings}")) == [("x", 3), ("x ", 1)]


def with_rule(project: CompiledProject, rule: str) -> CompiledProject:
    """The same project, whose computed satellite has another rule version."""
    other = copy.copy(project)
    other.models = [
        replace(
            model,
            full_sql=under_rule(model.full_sql, rule),
            incremental_sql=under_rule(model.incremental_sql, rule),
            consumer=model.consumer.replace(" rule 1", f" rule {rule}"),
        )
        for model in project.models
    ]
    return other


def under_rule(sql: str, rule: str) -> str:
    for text in ("rule_version = '1'", "cast('1' as varchar) as rule_version", "sat_customer_class rule 1'"):
        sql = sql.replace(text, text.replace("1", rule))
    return sql


def test_a_rule_computes_what_came_under_another(vault: CompiledProject) -> None:
    """A load per word and rule; back at a rule, it has computed all versions, and each once."""

    def compare(group: Sequence[tuple[History, list[str]]]) -> None:
        produced, batches = side_by_side([history for history, _ in group])
        replay = Replay(vault)
        for number, batch in enumerate([*batches, []]):
            replay.project = with_rule(vault, group[0][1][number % len(group[0][1])])
            land(replay, batch)
            replay.load()
        found = Vault(replay, produced)
        assert found.found("select customer_hk, is_first_class, valid_from, valid_to from {fct_customer_class}") == flat(first_class(found))

    one_two_one: History = (states_of("A1 B2 A3"), [states_of("A1"), states_of("B2"), states_of("A3")])
    rules = st.lists(st.sampled_from("12"), min_size=1, max_size=4)
    hold_over(st.tuples(histories(), rules), compare, number=max(HISTORIES // 3, 1), examples=[(one_two_one, ["1", "2", "1"])])


@pytest.mark.parametrize("loads", [1, 2])
def test_a_set_in_two_parts_is_one_set(vault: CompiledProject, loads: int) -> None:
    """Two phones and one without a number, which is a phone too; on the day before, one of them."""

    def phone(number: str | None, kind: str, day: int) -> Record:
        place = {"event_at": DAY_1 + timedelta(days=day - 1), "log_partition": 0, "log_offset": day}
        return {"customer_id": "C1", "phone": number, "phone_kind": kind, **place}

    parts = [[phone("1", "home", 1), phone("1", "home", 2)], [phone("2", "work", 2), phone(None, "car", 2)]]
    deliveries = [(STAGED[2], part) for part in parts]
    replay = loaded(vault, [deliveries] if loads == 1 else [[each] for each in deliveries])
    assert sorted(
        replay.rows("select phone, phone_kind, dayofmonth(valid_from), version_number, is_current from {fct_customer_phones}"), key=repr
    ) == [("1", "home", 1, 1, False), ("1", "home", 2, 2, True), ("2", "work", 2, 2, True), (None, "car", 2, 2, True)]


@pytest.mark.parametrize("batches", [["A11 B11"], ["A11", "B11"], ["B11", "A11"], ["A11", "B11", "A11 B11"]])
def test_two_payloads_at_one_place_are_two_versions(vault: CompiledProject, batches: list[str]) -> None:
    """Whatever the batches, and with version keys of their own: a fact that refers to one meets one."""
    replay = loaded(vault, [states_of(batch) for batch in batches])
    assert states_found(replay) == " ".join(sorted(("A1", "B1"), key=lambda word: hashdiff((word[0], True, None))))
    assert replay.rows("select count(*), count(distinct customer_version_key) from {sat_customer}") == [(3, 3)]


def test_a_record_without_a_time_is_the_oldest_and_stored_once(vault: CompiledProject) -> None:
    late = (STAGED[0], [event(1, 1, "A", event_at=None)])
    replay = loaded(vault, [[late], states_of("B2"), states_of("C3"), [late]])
    assert replay.rows("select state, year(valid_from) from {fct_customer} order by version_number") == [
        ("A", 1900), ("B", 2024), ("C", 2024),
    ]  # fmt: skip
    for model in ("sat_customer where customer_hk <> repeat('0', 32)", "sat_country", "sat_district"):
        name, _, rest = model.partition(" ")
        assert replay.rows(f"select count(*) from {{{name}}} {rest}") == [(3,)], model
    assert replay.rows("select count(*) from {sat_customer_seen} where seen_on < '2024-01-01'") == [(1,)]


@pytest.mark.parametrize("year", [1850, 1900])
def test_a_member_that_is_older_than_all_times(vault: CompiledProject, year: int) -> None:
    """No version is inferred before, and the value before the latest change is known."""
    replay = loaded(vault, [[(STAGED[0], [event(1, 1, "A", event_at=datetime(year, 1, 1))]), *states_of("B2")]])
    of_c1 = f"where customer_hk = '{hash_key(['C1'])}'"
    assert replay.rows(f"select state, valid_from, is_inferred from {{dim_customer_type_2}} {of_c1} order by version_number") == [
        ("A", datetime(year, 1, 1), False), ("B", datetime(2024, 1, 2), False),
    ]  # fmt: skip
    assert replay.rows(f"select state, previous_state from {{dim_customer_type_3}} {of_c1}") == [("B", "A")]


def test_null_is_no_empty_code(vault: CompiledProject) -> None:
    codes = [(STAGED[0], [event(1, 1, "A", country=None)]), (STAGED[0], [event(2, 2, "B", country="")])]
    for batches in ([codes], [[each] for each in codes], [codes, codes]):
        replay = loaded(vault, batches)
        assert sorted(replay.rows("select customer_id, country from {ref_district}"), key=repr) == [("C1", ""), ("C1", None)]
        assert sorted(replay.rows("select country, state, valid_to from {fct_district}"), key=repr) == [("", "B", None), (None, "A", None)]


def test_a_driving_key_without_a_part_ends_nothing(vault: CompiledProject) -> None:
    """Of customer and country one is missing: P2 need not be of the customer or the country whose product was P1. A delete ends it."""
    words = [("P1", 1, "update"), ("P2", 2, "update"), ("P1", 3, "delete")]
    rows = [event(day, day, country=None, product_id=product, change_kind=kind) for product, day, kind in words]
    replay = loaded(vault, [[(STAGED[0], [row])] for row in rows])
    assert replay.rows("select product_hk, dayofmonth(valid_to) from {fct_offer} where is_effective order by valid_from") == [
        (hash_key(["P1"]), 3), (hash_key(["P2"]), None),
    ]  # fmt: skip


def test_relationships_stated_at_one_moment_are_a_set(vault: CompiledProject) -> None:
    """P1 and P2 at one moment, then P2 and P3: each holds while it is stated, where one at a time would take the last."""
    words = [("P1", 1), ("P2", 1), ("P2", 2), ("P3", 2)]
    rows = [(STAGED[0], [event(offset, day, product_id=product)]) for offset, (product, day) in enumerate(words)]
    for batches in ([rows], [[each] for each in rows], [[each] for each in rows[::-1]]):
        replay = loaded(vault, batches)
        found = replay.rows("select product_hk, dayofmonth(valid_from), dayofmonth(valid_to), is_current from {fct_basket}")
        assert sorted(found, key=repr) == sorted(
            [(hash_key(["P1"]), 1, 2, False), (hash_key(["P2"]), 1, None, True), (hash_key(["P3"]), 2, None, True)], key=repr
        )


def test_a_source_that_states_several_at_once_is_found(vault: CompiledProject, compiled_vault: Compilations) -> None:
    """Two products at one moment, under two spellings of the customer; neither the same one twice nor a delete is several."""
    query = next(compiled_vault["local", "full"].target.rglob("compiled/**/events_state_one_product_at_a_time.sql")).read_text()
    rows = [
        event(1, 1, product_id="P1"),
        event(2, 1, product_id="P1"),
        event(3, 1, product_id="P2", change_kind="delete"),
        event(4, 2, product_id="P1"),
        event(5, 2, customer_id="C1 ", product_id="P2"),
    ]
    replay = loaded(vault, [[(STAGED[0], rows)]])
    assert replay.connection.execute(query).fetchall() == [(hash_key(["C1"]), datetime(2024, 1, 2), 2)]


def test_the_key_of_a_hub_is_that_of_its_satellites(compiled_vault: Compilations) -> None:
    """A part with a case rule here and a collision code there: the code keeps its case, trimming and case come before it."""
    ruled = "{'column': 'number', 'case': 'upper'%s}"
    text = (
        "select {{ hash_key(settled_parts([" + ruled % "" + "])) }} as in_hub, in_satellite from (select "
        "{{ key_text(" + ruled % "" + ", column={'column': 'number', 'collision_code': 'crm'}) }} as number, "
        "{{ hash_key([" + ruled % ", 'collision_code': 'crm'" + "]) }} as in_satellite from (select ' a-1 ' as number))"
    )
    result = compiled_vault.beside("local").dbt(
        "--quiet", "compile", "--inline", text, "--no-populate-cache", "--vars", "{static_compile: full}"
    )
    in_hub, in_satellite = duckdb.execute(result.must_pass().output).fetchall()[0]
    assert in_hub == in_satellite == hash_key(["crm:A-1"])


def test_types_are_found_where_they_are_declared(vault: CompiledProject) -> None:
    """link_payment names neither its boolean nor its timestamp; the YAML of its staging does."""
    code = next(model.full_sql for model in vault.models if model.name == "link_payment")
    assert "case when is_active then '1' when not is_active then '0' end" in code
    assert "epoch_us(changed_at)" in code


def test_a_delete_with_the_key_alone_names_no_combination(vault: CompiledProject) -> None:
    """One with all keys does. Combinations that a record states without a key are kept."""
    rows = [
        event(1, 1, product_id="P1"),
        event(2, 2, product_id=None, change_kind="delete"),
        event(3, 3, product_id="P2", change_kind="delete"),
        event(4, 4, customer_id="C2", product_id=None),
    ]
    replay = loaded(vault, [[(STAGED[0], rows)]])
    named = [("shop:C1", "P1"), ("shop:C1", "P2"), ("shop:C2", None)]
    assert sorted(replay.rows("select account_hk, product_hk, is_partial_key from {link_account}")) == sorted(
        (hash_key([account]), hash_key([product]), product is None) for account, product in named
    )


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
    assert compared == 44


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


def test_a_spine_by_the_hour_has_columns_by_period(compiled_vault: Compilations, redshift_connection: Any) -> None:
    """The last hours up to the moment that counts as now, then days, and no hour twice; alike on DuckDB and Redshift's stand-in."""
    spine = (
        "{{ snapshot_spine(starts_on='2023-12-30', until=\"cast('2024-01-02 02:30:00' as timestamp)\", "
        "retention={'hourly_hours': 5, 'daily_days': 3, 'weekly_days': 9}, windows=true) }}"
    )
    expected = [
        (datetime(2023, 12, 31), "daily", False, False, True, True),
        (datetime(2024, 1, 1), "daily", False, True, False, True),
        (datetime(2024, 1, 1, 22), "hourly", False, True, False, True),
        (datetime(2024, 1, 1, 23), "hourly", False, True, False, True),
        (datetime(2024, 1, 2), "daily", False, True, False, True),
        (datetime(2024, 1, 2, 1), "hourly", False, True, False, True),
        (datetime(2024, 1, 2, 2), "hourly", True, True, False, True),
    ]
    for target in ("local", "redshift_password"):
        command = ("--quiet", "compile", "--target", target, "--no-populate-cache", "--vars", "{static_compile: full}", "--inline", spine)
        sql = "with" + compiled_vault.beside(target).dbt(*command).must_pass().output.split("with", 1)[1]
        if target == "local":
            assert sorted(duckdb.connect().execute(sql).fetchall()) == expected
        else:
            with redshift_connection.cursor() as cursor:
                cursor.execute(sql)
                assert sorted(tuple(row) for row in cursor.fetchall()) == expected


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
        ("bridge_bad", "{{ bridge(key='customer_hk', hub=ref('hub_customer'), steps=[{'relation': ref('sat_offer'), 'key': 'offer_hk', "
         "'driving_key': 'customer_hk', 'hub_keys': ['product_hk'], 'position': ['log_offset']}], snapshots='ref_snapshots') }}",
         "bridge(): step 1 begins at customer_hk, but sat_offer has one relationship at a time for customer_hk and country_hk"),
        ("bridge_bad", "{{ bridge(key='customer_hk', hub=ref('hub_customer'), steps=[{'relation': ref('sat_basket'), 'key': 'basket_hk', "
         "'driving_key': 'customer_hk', 'hub_keys': ['product_hk'], 'position': ['log_offset']}], snapshots='ref_snapshots') }}",
         "sat_basket has one relationship at a time for customer_hk, and them as a set"),
        ("sat_bad", "{{ effectivity_satellite(key='a_hk', hubs={'b_hk': ['b']}, driving_keys=['b_hk'], source=ref('stg_proof__events'), "
         "position=['d'], relationships='all') }}", "relationships is 'one at a time' or 'as a set', got 'all'"),
        ("sat_bad", "{{ effectivity_satellite(key='a_hk', hubs={'b_hk': ['b']}, driving_keys=['b_hk'], source=ref('stg_proof__events'), "
         "position=['change_order'], relationships='as a set') }}", "sets are of one event time, which does not count in a change feed"),
        ("sat_bad", "{{ satellite(key='a_hk', business_keys=['a'], payload=['state', 'is_good'], source=ref('stg_proof__events'), "
         "position=['log_offset']) }}", "is_good looks like a boolean or a timestamp"),
        ("sat_bad", "{{ satellite(key='a_hk', business_keys=['a'], payload=['state', 'seen_at'], source=ref('stg_proof__events'), "
         "position=['log_offset']) }}", "or state its data_type in the YAML of this model or of stg_proof__events"),
        ("sat_bad", "{{ satellite(key='a_hk', business_keys=['customer_id'], payload={'exclude': ['stat']}, "
         "source=ref('stg_proof__events'), position=['log_offset']) }}", "which the YAML of stg_proof__events does not have: stat"),
        ("dim_bad", "{{ junk_dimension(key='a_key', attributes=['is_active'], source=ref('stg_proof__events')) }}",
         "is_active is declared as a boolean or a timestamp"),
        ("ref_bad", "{{ snapshot_spine(retention={'daily_days': '30'}) }}", "snapshot_retention needs the whole number daily_days"),
        ("hub_bad", "{{ hub(key='a_hk', business_keys=[{'column': 'a', 'case': 'lower'}], sources=[{'relation': "
         "ref('stg_proof__events')}]) }}", "'case': 'keep' or 'upper'"),
        ("agg_bad", "{{ incremental_aggregate(key='a_hk', group_by={'b': 'b'}, measures={'c': 'count(*)'}, columns=[], "
         "source=ref('pit_customer')) }}", "the rows of pit_customer change (incremental_strategy merge)"),
        ("hub_bad", "{{ hub(key='a_hk', business_keys=['a'], sources=[{'relation': ref('stg_proof__events'), 'business_keys': "
         "[{'column': 'a', 'collision_code': \"o'k\"}]}]) }}", "'collision_code': letters and digits"),
        ("sat_bad", "{{ record_tracking_satellite(key='a_hk', business_keys=['a'], sources=[{'relation': ref('stg_proof__events'), "
         "'satellites': {'sat_a': ['state']}}, {'relation': ref('stg_proof__others')}]) }}", "of 2 sources, 1 name satellites"),
    ],
)  # fmt: skip
def test_wrong_arguments_stop_with_model_argument_and_fix(compiled_vault: Compilations, model: str, text: str, message: str) -> None:
    result = compiled_vault.beside("local").dbt("compile", "--inline", text, "--no-populate-cache", "--vars", "{static_compile: full}")
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
