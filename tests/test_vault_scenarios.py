"""The scenarios of a public package's test suite: tables in, tables out. Run where the folder is, which is not part of this repository.

AutomateDV's (Apache-2.0), as JSON. Its vocabulary: src_pk hash key, src_nk business key, src_fk keys of hubs, src_cdk child keys of a
set, src_dfk and src_sfk driving and secondary key, src_eff effective from. Hashes are written md5('A||B'), which names the values. A raw
batch becomes staged records here, a table that is populated at the start becomes a load of its own.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from compiled_project import CompiledProject, Replay
from conftest import ROOT, Compilations
from test_hash import hash_key
from test_vault import copy_vault_project

FOLDER = Path(os.environ.get("MILLRACE_VAULT_SCENARIOS", ROOT.parent / "shared/data/vault_scenarios"))
SCENARIOS: list[dict[str, Any]] = json.loads((FOLDER / "scenarios.json").read_text())["scenarios"] if FOLDER.exists() else []
KINDS = {"hub": "hub", "link": "link", "t_link": "link", "sat": "sat", "ma_sat": "sat", "eff_sat": "sat", "xts": "sat"}
OPEN_END = "9999-12-31"

# What comes out differently here, and why.
NO_KEY = "a record without the other key is dropped there; here it says that the relationship before it is over, and leads to the zero key"
ENDS = "ending the relationship before is switched off there; here a driving key has one relationship at a time, that is what it is for"
DIVERGENCES = {
    "EFF-09": NO_KEY,
    "EFF-COMP-PK-01": NO_KEY,
    "EFF-COMP-PK-02": NO_KEY,
    "EFF-MUL-10": NO_KEY,
    "EFF-DAU-01": ENDS,
    "EFF-DAU-02": ENDS,
    "EFF-AUB-04": "three relationships of one driving key at one moment all stay open there; here the last one in order is in effect",
}

pytestmark = pytest.mark.skipif(not SCENARIOS, reason="the scenarios are not here (MILLRACE_VAULT_SCENARIOS)")


def listed(value: Any) -> list[str]:
    """A name or a list of names as a list."""
    return [] if value is None else [value] if isinstance(value, str) else list(value)


class Shape:
    """A vault table of the scenarios: its kind, its metadata, and the source columns its hashes are made of."""

    def __init__(self, scenario: dict[str, Any], table: str, kind: str) -> None:
        self.kind = kind
        self.metadata = scenario["metadata"][table]
        self.hashed: dict[str, list[str]] = {}
        self.hashdiffs = {"HASHDIFF"}
        self.stages = list(scenario["hashed"])
        for stage in self.stages:
            for name, columns in scenario["hashed"][stage].items():
                if isinstance(columns, dict):
                    self.hashdiffs.add(name)
                self.hashed.setdefault(name, columns["columns"] if isinstance(columns, dict) else listed(columns))
        derived: dict[str, str] = next(iter(scenario["derived"].values()), {})
        loaded = self.metadata["src_ldts"]
        effective = self.metadata.get("src_eff")
        self.event_at = derived.get(effective, effective) if effective else loaded

    def columns_of(self, role: str) -> list[str]:
        """Source columns of a role's keys."""
        found: list[str] = []
        for name in listed(self.metadata.get(role)):
            found += self.hashed.get(name, [name])
        return list(dict.fromkeys(found))

    def payload(self) -> list[str]:
        """Descriptive columns."""
        return listed(self.metadata.get("src_payload"))

    def sources(self) -> int:
        """Number of staged tables that it reads."""
        return len(self.stages) if self.kind in ("hub", "link") else 1

    def text(self) -> str:
        """The model."""
        refs = [f"ref('stg_scenario__source{number}')" for number in range(self.sources())]
        if self.kind == "hub":
            keys = list(dict.fromkeys(self.columns_of("src_nk") + self.columns_of("src_pk")))
            relations = ", ".join(f"{{'relation': {ref}}}" for ref in refs)
            return f"{{{{ hub(key='table_hk', business_keys={keys}, sources=[{relations}]) }}}}"
        if self.kind == "xts":
            relations = ", ".join(f"{{'relation': {ref}}}" for ref in refs)
            return f"{{{{ record_tracking_satellite(key='table_hk', business_keys={self.columns_of('src_pk')}, sources=[{relations}]) }}}}"
        hubs = {f"{name}_hk": self.hashed[name] for name in listed(self.metadata.get("src_fk"))}
        if self.kind == "link":
            return f"{{{{ link(key='table_hk', hubs={hubs}, sources=[{', '.join(refs)}]) }}}}"
        if self.kind == "t_link":
            own = [column for column in self.columns_of("src_pk") if [column] not in hubs.values()]
            payload = [column for column in self.payload() if column not in own]
            return (
                f"{{{{ transactional_link(key='table_hk', hubs={hubs}, transaction_keys={own}, payload={payload}, "
                f"source={refs[0]}, restated='ignore') }}}}"
            )
        if self.kind == "eff_sat":
            driving = {f"{name}_hk": self.hashed.get(name, [name]) for name in listed(self.metadata["src_dfk"])}
            other = {f"{name}_hk": self.hashed.get(name, [name]) for name in listed(self.metadata["src_sfk"])}
            return (
                f"{{{{ effectivity_satellite(key='table_hk', hubs={ {**driving, **other} }, driving_keys={list(driving)}, "
                f"source={refs[0]}, position=['load_number', 'log_offset'], operation='change_kind') }}}}"
            )
        if self.kind == "ma_sat":
            return (
                f"{{{{ multi_active_satellite(key='table_hk', business_keys={self.columns_of('src_pk')}, "
                f"active_keys={self.columns_of('src_cdk')}, payload={self.payload()}, source={refs[0]}, position=['load_number']) }}}}"
            )
        return (
            f"{{{{ satellite(key='table_hk', business_keys={self.columns_of('src_pk')}, payload={self.payload()}, source={refs[0]}, "
            "position=['load_number', 'log_offset']) }}"
        )

    def values(self, columns: list[str], row: list[Any]) -> dict[str, Any]:
        """A row of a vault table, its hashes read back into what they are made of."""
        found: dict[str, Any] = {}
        for name, value in zip(columns, row, strict=True):
            if isinstance(value, str) and (match := re.fullmatch(r"(?:md5|sha|sha1|sha256)\('(.*)'\)", value, re.IGNORECASE)):
                parts = [None if part == "^^" else part for part in match.group(1).split("||")]
                source = self.hashed.get(name, [])
                if len(source) == len(parts) and name not in self.hashdiffs:
                    found.update(dict(zip(source, parts, strict=True)))
            else:
                found[name] = None if value in ("", "NULL") else value
        return found


def shape_name(scenario: dict[str, Any], table: str, kind: str) -> str:
    """One model per text."""
    text = Shape(scenario, table, kind).text()
    return f"{KINDS[kind]}_{kind}_{hash_key([text])[:8]}"


def loads(scenario: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Tables that the scenario loads, and their kinds."""
    yield from dict.fromkeys((step["name"], step["kind"]) for step in scenario["steps"] if step["do"] == "load")


@pytest.fixture(scope="module")
def scenario_models(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    """A model per shape of table, over staged tables that have all the columns there are."""
    project = copy_vault_project(tmp_path_factory.mktemp("scenarios"))
    for folder in ("staging/proof", "vault/proof", "marts/proof"):
        for file in (project / "models" / folder).iterdir():
            file.unlink()
    columns = sorted(
        {name for s in SCENARIOS for step in s["steps"] for name in step.get("columns", [])}
        | {name for s in SCENARIOS for names in s["hashed"].values() for made in names.values()
           for name in (made["columns"] if isinstance(made, dict) else listed(made))}
    )  # fmt: skip
    types = {**dict.fromkeys(columns, "varchar"), "event_at": "timestamp", "load_number": "integer", "log_offset": "bigint"}
    types["change_kind"] = "varchar"
    names = [f"stg_scenario__source{number}" for number in range(3)]
    properties = ["version: 2", "models:"]
    for name in names:
        (project / f"models/staging/proof/{name}.sql").write_text("select 1 as loaded_at")
        staged = ", ".join(f"{column}: {kind}" for column, kind in types.items())
        properties.append(f"  - {{name: {name}, config: {{meta: {{staged_columns: {{{staged}}}}}}}, columns: [{{name: loaded_at}}]}}")
    for scenario in SCENARIOS:
        for table, kind in loads(scenario):
            model = project / f"models/vault/proof/{shape_name(scenario, table, kind)}.sql"
            model.write_text(Shape(scenario, table, kind).text())
    (project / "models/staging/proof/_proof.yml").write_text("\n".join(properties))
    compiled = Compilations("scenarios", project, tmp_path_factory.mktemp("compiled"))
    return CompiledProject(compiled, *names)


class Run:
    """One scenario on a database of its own."""

    def __init__(self, project: CompiledProject, scenario: dict[str, Any]) -> None:
        self.scenario = scenario
        self.shapes = {table: Shape(scenario, table, kind) for table, kind in loads(scenario)}
        self.names = {table: shape_name(scenario, table, shape.kind) for table, shape in self.shapes.items()}
        self.project = copy.copy(project)
        self.project.models = [model for model in project.models if model.name in self.names.values()]
        self.replay = Replay(self.project)
        self.offset = 0
        # keys of which a part is missing: kept here, dropped there
        self.partial: set[str] = set()
        self.load_number = 0

    def stage(self, stage_number: int, rows: list[dict[str, Any]], shape: Shape) -> None:
        """Records of one batch."""
        landed = []
        for row in rows:
            self.offset += 1
            ended = row.get("END_DATE") is not None and not str(row["END_DATE"]).startswith(OPEN_END)
            keys = [row.get(column) for column in shape.columns_of("src_pk")]
            if None in keys:
                self.partial.add(hash_key(keys))
            landed.append(
                {
                    **row,
                    "event_at": row.get(shape.event_at) or row.get(shape.metadata["src_ldts"]),
                    "load_number": self.load_number,
                    "log_offset": self.offset,
                    "change_kind": "delete" if ended else "update",
                }
            )
        self.replay.land_rows(f"stg_scenario__source{stage_number}", landed)

    def go(self) -> Iterator[tuple[str, Shape, dict[str, Any]]]:
        """Carries the steps out; gives each expectation."""
        shape = next(iter(self.shapes.values()))
        raw: list[dict[str, Any]] = []
        for step in self.scenario["steps"]:
            if step["do"] == "populated" and step["name"] in self.shapes:
                self.load_number += 1
                self.stage(0, [self.shapes[step["name"]].values(step["columns"], row) for row in step["rows"]], shape)
                self.replay.load()
            elif step["do"] == "raw":
                cells = [[None if cell in ("", "NULL") else cell for cell in row] for row in step["rows"]]
                raw = [dict(zip(step["columns"], row, strict=True)) for row in cells]
                self.load_number += 1
            elif step["do"] == "stage":
                stages = shape.stages
                self.stage(stages.index(step["name"]) if shape.sources() > 1 and step["name"] in stages else 0, raw, shape)
            elif step["do"] == "load":
                self.replay.load()
            elif step["do"] in ("expect", "expect_empty") and step["name"] in self.shapes:
                yield self.names[step["name"]], self.shapes[step["name"]], step

    def found(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.replay.rows(query)


def moment(value: Any) -> datetime | None:
    """A date or a time as written in the scenarios."""
    return None if value is None else datetime.fromisoformat(str(value)[:26]).replace(tzinfo=None)


def rows_here_and_there(run: Run, model: str, shape: Shape, step: dict[str, Any]) -> tuple[Counter[Any], Counter[Any]]:
    """The table as it is, and as it is expected, in the columns that both have."""
    expected = [shape.values(step["columns"], row) for row in step.get("rows", [])]
    if shape.kind == "hub":
        keys = list(dict.fromkeys(shape.columns_of("src_nk") + shape.columns_of("src_pk")))
        here = run.found(f"select {', '.join(keys)} from {{{model}}} where table_hk <> repeat('0', 32)")
        if len(keys) > 1:
            here = run.found(f"select {', '.join(keys)} from {{{model}}} where not is_partial_key and table_hk <> repeat('0', 32)")
        return Counter(here), Counter(tuple(row[key] for key in keys) for row in expected)
    if shape.kind in ("link", "t_link"):
        hubs = listed(shape.metadata["src_fk"])
        payload = [name for name in shape.payload() if name in step["columns"]] if shape.kind == "t_link" else []
        partial = "not is_partial_key" if shape.kind == "link" else " and ".join(f"{hub}_hk <> repeat('0', 32)" for hub in hubs)
        here = run.found(f"select {', '.join([f'{hub}_hk' for hub in hubs] + payload)} from {{{model}}} where {partial}")
        return Counter(here), Counter(
            tuple([hash_key([row[name] for name in shape.hashed[hub]]) for hub in hubs] + [row[name] for name in payload])
            for row in expected
        )
    keys = shape.columns_of("src_pk")
    if shape.kind == "xts":
        here = [row for row in run.found(f"select table_hk, seen_on from {{{model}}}") if row[0] not in run.partial]
        loaded = shape.metadata["src_ldts"]
        return Counter(here), Counter({(hash_key([row[key] for key in keys]), moment(row[loaded]).date()) for row in expected})  # type: ignore[union-attr]
    if shape.kind == "eff_sat":
        here = run.found(
            f"select table_hk from (select table_hk, is_effective from {{{model}}} qualify row_number() over (partition by table_hk "
            "order by event_at desc, load_number desc, log_offset desc) = 1) where is_effective"
        )
        names = [f"{name}" for name in listed(shape.metadata["src_dfk"]) + listed(shape.metadata["src_sfk"])]
        latest: dict[tuple[Any, ...], tuple[str, bool]] = {}
        for row in expected:
            key = tuple(row.get(part) for name in names for part in shape.hashed.get(name, [name]))
            stamp = str(row[shape.metadata["src_ldts"]])
            if key not in latest or stamp >= latest[key][0]:
                latest[key] = (stamp, str(row["END_DATE"]).startswith(OPEN_END))
        return Counter(here), Counter((hash_key(list(key)),) for key, (_, is_open) in latest.items() if is_open)
    payload = shape.payload() + shape.columns_of("src_cdk")
    child_keys = shape.columns_of("src_cdk") if shape.kind == "ma_sat" else []
    named = " and ".join(f"{name} is not null" for name in child_keys) or "true"
    here = run.found(f"select {', '.join(['table_hk', 'event_at', *payload])} from {{{model}}} where {named}")
    here = [row for row in here if row[0] not in run.partial]
    effective = shape.metadata.get("src_eff") if shape.metadata.get("src_eff") in step["columns"] else shape.metadata["src_ldts"]
    return Counter(here), Counter(
        (hash_key([row[key] for key in keys]), moment(row[effective]), *(row[name] for name in payload)) for row in expected
    )


@pytest.mark.parametrize("scenario", [pytest.param(scenario, id=scenario["id"]) for scenario in SCENARIOS])
def test_scenario(scenario_models: CompiledProject, scenario: dict[str, Any]) -> None:
    run = Run(scenario_models, scenario)
    differences = []
    expectations = 0
    for model, shape, step in run.go():
        here, there = rows_here_and_there(run, model, shape, step)
        expectations += 1
        if here != there:
            differences.append(
                f"only here {sorted((here - there).items(), key=repr)}, only there {sorted((there - here).items(), key=repr)}"
            )
    assert expectations
    if scenario["id"] in DIVERGENCES:
        assert differences, "listed as a divergence, and is none"
    else:
        assert not differences, "\n".join(differences)
