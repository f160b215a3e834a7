"""Runs the project's compiled DuckDB SQL without dbt: the same statements as dbt sends, in milliseconds instead of seconds.

Lets property tests replay hundreds of histories. Landing is replaced by inserting rows into the landing tables; the models, their
load marks and their order are the project's own. tests/test_end_to_end.py shows that dbt itself gives the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from conftest import Compilations


@dataclass(frozen=True)
class Model:
    """What the runner needs of a manifest node."""

    name: str
    relation: str
    materialized: str
    strategy: str
    unique_key: tuple[str, ...]
    marked_parents: tuple[tuple[str, str], ...]
    full_sql: str
    incremental_sql: str
    removal_flag: str = "is_deleted"
    # whose load marks it has: its own, or its rule's
    consumer: str = ""


KAFKA_COLUMNS = {
    "kafka_partition": "integer",
    "kafka_offset": "bigint",
    "kafka_timestamp": "timestamp",
    "kafka_key": "varchar",
    "kafka_headers": "json",
    "refresh_time": "timestamp",
    "payload": "json",
    "invalid_payload": "varchar",
}
KINESIS_COLUMNS = {
    "shard_id": "varchar",
    "sequence_number": "varchar",
    "sub_sequence_number": "bigint",
    "approximate_arrival_timestamp": "timestamp",
    "partition_key": "varchar",
    "refresh_time": "timestamp",
    "payload": "json",
    "invalid_payload": "varchar",
}
COPIED_COLUMNS = {
    "unknown_fields": "varchar",
    "invalid_record": "varchar",
    "landing_file": "varchar",
    "record_number": "bigint",
    "refresh_time": "timestamp",
}


def landing_columns(node: dict[str, Any]) -> dict[str, str]:
    """Names and types of a landing model's columns on DuckDB."""
    meta = node["config"]["meta"]
    if meta.get("staged_columns"):
        return {**meta["staged_columns"], "loaded_at": "timestamp"}
    if meta.get("copied_columns"):
        return {**dict.fromkeys(meta["copied_columns"], "varchar"), **COPIED_COLUMNS}
    return KINESIS_COLUMNS if meta.get("landing_format") == "kinesis" else KAFKA_COLUMNS


class CompiledProject:
    """The models downstream of some landing models, in the order dbt runs them.

    parentless: those of them that read no model. beside: further landing models, of whose models those are taken that the others read;
    nothing lands there.
    """

    def __init__(self, compiled: Compilations, *landing_models: str, parentless: Sequence[str] = (), beside: Sequence[str] = ()) -> None:
        full = compiled["local", "full"].manifest()["nodes"]
        incremental = compiled["local", "incremental"].manifest()["nodes"]
        landings = [f"model.millrace.{name}" for name in (*landing_models, *beside)]
        self.landings = {full[key]["name"]: (full[key]["relation_name"], landing_columns(full[key])) for key in landings}
        self.landing = full[landings[0]]["relation_name"]
        self.schemas = sorted({str(node["schema"]) for node in full.values() if node["resource_type"] in ("model", "seed")})
        wanted = set(landings)
        found: list[str] = []
        pending = [key for key, node in full.items() if node["resource_type"] == "model"]
        while True:
            ready = [
                key
                for key in pending
                if key not in wanted
                and ((parents := self._model_parents(full[key])) or full[key]["name"] in parentless)
                and all(parent in wanted for parent in parents)
            ]
            if not ready:
                break
            for key in ready:
                wanted.add(key)
                pending.remove(key)
                found.append(key)
        # names of models behind which nothing ever lands
        self.still: set[str] = set()
        if beside:
            moved = self._downstream(full, found, {f"model.millrace.{name}" for name in landing_models})
            found = self._needed(full, found, moved)
            self.still = {full[key]["name"] for key in found if key not in moved}
        self.models = [self._model(full, key, incremental[key]["compiled_code"]) for key in found]

    @classmethod
    def over(cls, compiled: Compilations, models: Sequence[str], tables: dict[str, dict[str, str]]) -> CompiledProject:
        """These models alone, in this order, over tables in place of all else that they read: names of nodes, with columns and types."""
        project = cls.__new__(cls)
        full = compiled["local", "full"].manifest()["nodes"]
        incremental = compiled["local", "incremental"].manifest()["nodes"]
        keys = {node["name"]: key for key, node in full.items() if node["resource_type"] in ("model", "seed")}
        project.landings = {name: (full[keys[name]]["relation_name"], columns) for name, columns in tables.items()}
        project.landing = next(iter(project.landings.values()))[0]
        project.schemas = sorted({str(node["schema"]) for node in full.values() if node["resource_type"] in ("model", "seed")})
        project.still = set()
        project.models = [cls._model(full, keys[name], incremental[keys[name]]["compiled_code"]) for name in models]
        return project

    @classmethod
    def _downstream(cls, nodes: dict[str, Any], found: list[str], landings: set[str]) -> set[str]:
        """The landing models and the models behind them."""
        moved = set(landings)
        for key in found:
            if moved.intersection(cls._model_parents(nodes[key])):
                moved.add(key)
        return moved

    @classmethod
    def _needed(cls, nodes: dict[str, Any], found: list[str], moved: set[str]) -> list[str]:
        """These models, and what they read, in order."""
        needed = set(moved)
        for key in reversed(found):
            if key in needed:
                needed.update(cls._model_parents(nodes[key]))
        return [key for key in found if key in needed]

    @staticmethod
    def _model_parents(node: dict[str, Any]) -> list[str]:
        return [parent for parent in node["depends_on"]["nodes"] if parent.startswith("model.")]

    @staticmethod
    def _model(nodes: dict[str, Any], node_id: str, incremental_sql: str) -> Model:
        node = nodes[node_id]
        return Model(
            name=node["name"],
            relation=node["relation_name"],
            materialized=node["config"]["materialized"],
            strategy=node["config"].get("incremental_strategy") or "",
            unique_key=(key,) if isinstance(key := node["config"]["unique_key"], str) else tuple(key or ()),
            marked_parents=tuple(
                (nodes[parent]["name"], nodes[parent]["relation_name"])
                for parent in node["depends_on"]["nodes"]
                if parent.startswith("model.") and "loaded_at" in nodes[parent]["columns"]
            ),
            full_sql=node["compiled_code"],
            incremental_sql=incremental_sql,
            removal_flag=node["config"]["meta"].get("removal_flag", "is_deleted"),
            consumer=" rule ".join([node["name"], *filter(None, [node["config"]["meta"].get("rule_version")])]),
        )

    def relation(self, name: str) -> str:
        """Full name of a model's relation."""
        return next(model.relation for model in self.models if model.name == name)


class Replay:
    """One scratch database that loads batches of records through the compiled project."""

    def __init__(self, project: CompiledProject) -> None:
        self.project = project
        self.connection = duckdb.connect()
        self.connection.execute(
            "attach ':memory:' as millrace; use millrace; set TimeZone = 'UTC'; set threads = 1; pragma disable_optimizer"
        )
        for schema in [*project.schemas, "dev_operations"]:
            self.connection.execute(f"create schema if not exists {schema}")
        self.connection.execute(
            "create table dev_operations.load_marks (consumer varchar, source_name varchar, loaded_until timestamp, "
            "load_id varchar, state varchar, recorded_at timestamp)"
        )
        self.connection.execute(
            "create table dev_operations.landing_files (model_name varchar, refresh_time timestamp, records bigint, outcome varchar)"
        )
        self.connection.execute("create table dev_operations.erased_keys (request varchar, key_digest varchar, recorded_at timestamp)")
        self.connection.execute(
            "create table dev_operations.loads (job varchar, load_id varchar, model_name varchar, state varchar, recorded_at timestamp)"
        )
        for relation, columns in project.landings.values():
            declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            self.connection.execute(f"create table {relation} ({declared})")
        self.built: set[str] = set()
        self.still_built: set[str] = set()

    def land(self, records: list[tuple[int | None, int | None, str | None, object, str | None]]) -> None:
        """Lands Kafka records (partition, offset, timestamp, payload, invalid payload) in one refresh of the only landing model."""
        names = ("kafka_partition", "kafka_offset", "kafka_timestamp", "payload", "invalid_payload")
        self.land_rows(next(iter(self.project.landings)), [dict(zip(names, record, strict=True)) for record in records])

    def land_rows(self, landing_model: str, rows: list[dict[str, Any]]) -> None:
        """Lands rows in one refresh of a landing model; payloads are given as values and stored as JSON."""
        relation, columns = self.project.landings[landing_model]
        clock = "refresh_time" if "refresh_time" in columns else "loaded_at"
        stamp = self.connection.execute(
            f"select greatest(now() at time zone 'UTC', max({clock}) + to_microseconds(1)) from {relation}"
        ).fetchall()[0][0]
        if not rows:
            return
        names = [name for name in columns if name != clock]
        values = [
            json.dumps(row["payload"], ensure_ascii=False) if name == "payload" and row.get("payload") is not None else row.get(name)
            for row in rows
            for name in names
        ]
        quoted = ", ".join(f'"{name}"' for name in [*names, clock])
        marks = f"({', '.join('?' * len(names))}, cast('{stamp}' as timestamp))"
        self.connection.execute(f"insert into {relation} ({quoted}) values {', '.join([marks] * len(rows))}", values)

    def load(self, stop_after: int | None = None, without: Sequence[str] = ()) -> None:
        """Runs the models once; `stop_after` stops behind that many, as a killed run would; `without` leaves some out."""
        for model in self.project.models[:stop_after]:
            if model.name not in self.still_built and model.name not in without:
                self._run(model)
            if model.name in self.project.still:
                self.still_built.add(model.name)

    def _run(self, model: Model) -> None:
        connection = self.connection
        if model.materialized in ("view", "table"):
            connection.execute(f"create or replace {model.materialized} {model.relation} as {model.full_sql}")
            return
        connection.execute("begin")
        if model.name not in self.built:
            connection.execute(f"create table {model.relation} as {model.full_sql}")
            self.built.add(model.name)
        elif model.strategy == "append":
            connection.execute(f"insert into {model.relation} by name {model.incremental_sql}")
        else:
            connection.execute(f"create or replace temp table merge_source as {model.incremental_sql}")
            matches = " and ".join(f"target.{key} = source.{key}" for key in model.unique_key)
            # the statements of dbt-duckdb's merge and of the project's current_state (macros/cdc/current_state.sql)
            flagged = f"source.{model.removal_flag}"
            deletes = f"when matched and {flagged} then delete when not matched and {flagged} then do nothing "
            connection.execute(
                f"merge into {model.relation} as target using merge_source as source on {matches} "
                f"{deletes if model.strategy == 'current_state' else ''}"
                "when matched then update by name when not matched then insert by name"
            )
        for name, relation in model.marked_parents:
            connection.execute(
                "insert into dev_operations.load_marks select ?, ?, max(loaded_at), 'test', 'read', now() "
                f"from {relation} having max(loaded_at) is not null",
                [model.consumer, name],
            )
        connection.execute("commit")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query; {model} stands for a model's relation."""
        names = {model.name: model.relation for model in self.project.models}
        return self.connection.execute(query.format(**names)).fetchall()

    def table(self, model: str) -> list[tuple[Any, ...]]:
        """All rows of a mart, ordered."""
        return sorted(self.rows("select * from {" + model + "}"), key=repr)
