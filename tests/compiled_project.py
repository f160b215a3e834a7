"""Runs the project's compiled DuckDB SQL without dbt: the same statements as dbt sends, in milliseconds instead of seconds.

Lets property tests replay hundreds of histories. Landing is replaced by inserting records into mv_orders; the models, their load
marks and their order are the project's own. tests/test_end_to_end.py shows that dbt itself gives the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import duckdb
from conftest import Warehouse


@dataclass(frozen=True)
class Model:
    """What the runner needs of a manifest node."""

    name: str
    relation: str
    materialized: str
    unique_key: str | None
    marked_parents: tuple[tuple[str, str], ...]
    full_sql: str
    incremental_sql: str


class CompiledProject:
    """The models downstream of one landing model, in the order dbt runs them."""

    def __init__(self, compiled: dict[tuple[str, str], Warehouse], landing_model: str) -> None:
        full = compiled["local", "full"].manifest()["nodes"]
        incremental = compiled["local", "incremental"].manifest()["nodes"]
        self.landing = full[f"model.millrace.{landing_model}"]["relation_name"]
        self.schemas = sorted({str(node["schema"]) for node in full.values() if node["resource_type"] in ("model", "seed")})
        wanted = {f"model.millrace.{landing_model}"}
        self.models: list[Model] = []
        pending = [key for key, node in full.items() if node["resource_type"] == "model"]
        while True:
            ready = [
                key
                for key in pending
                if key not in wanted
                and (parents := [p for p in full[key]["depends_on"]["nodes"] if p.startswith("model.")])
                and all(parent in wanted for parent in parents)
            ]
            if not ready:
                break
            for key in ready:
                wanted.add(key)
                pending.remove(key)
                self.models.append(self._model(full, key, incremental[key]["compiled_code"]))

    @staticmethod
    def _model(nodes: dict[str, Any], key: str, incremental_sql: str) -> Model:
        node = nodes[key]
        return Model(
            name=node["name"],
            relation=node["relation_name"],
            materialized=node["config"]["materialized"],
            unique_key=node["config"]["unique_key"],
            marked_parents=tuple(
                (nodes[parent]["name"], nodes[parent]["relation_name"])
                for parent in node["depends_on"]["nodes"]
                if parent.startswith("model.") and "loaded_at" in nodes[parent]["columns"]
            ),
            full_sql=node["compiled_code"],
            incremental_sql=incremental_sql,
        )

    def relation(self, name: str) -> str:
        """Full name of a model's relation."""
        return next(model.relation for model in self.models if model.name == name)


class Replay:
    """One scratch database that loads batches of order records through the compiled project."""

    def __init__(self, project: CompiledProject) -> None:
        self.project = project
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as millrace; use millrace; set TimeZone = 'UTC'; set threads = 1")
        for schema in [*project.schemas, "dev_operations"]:
            self.connection.execute(f"create schema if not exists {schema}")
        self.connection.execute(
            "create table dev_operations.load_marks (consumer varchar, source_name varchar, loaded_until timestamp, "
            "load_id varchar, state varchar, recorded_at timestamp)"
        )
        self.connection.execute(
            "create table dev_operations.landing_files (model_name varchar, refresh_time timestamp, records bigint, outcome varchar)"
        )
        self.connection.execute(
            f"create table {project.landing} (kafka_partition integer, kafka_offset bigint, kafka_timestamp timestamp, "
            "kafka_key varchar, refresh_time timestamp, payload json, invalid_payload varchar)"
        )
        self.built: set[str] = set()

    def land(self, records: list[tuple[int | None, int | None, str | None, object, str | None]]) -> None:
        """Lands records (partition, offset, timestamp, payload, invalid payload) in one refresh."""
        stamp = self.connection.execute(
            f"select greatest(now() at time zone 'UTC', max(refresh_time) + to_microseconds(1)) from {self.project.landing}"
        ).fetchall()[0][0]
        for partition, offset, timestamp, payload, invalid in records:
            self.connection.execute(
                f"insert into {self.project.landing} values (?, ?, ?, ?, ?, ?, ?)",
                [partition, offset, timestamp, None, stamp, None if payload is None else json.dumps(payload), invalid],
            )

    def load(self, stop_after: int | None = None) -> None:
        """Runs the models once; `stop_after` stops behind that many, as a run that was killed between two would."""
        for model in self.project.models[:stop_after]:
            self._run(model)

    def _run(self, model: Model) -> None:
        connection = self.connection
        if model.materialized in ("view", "table"):
            connection.execute(f"create or replace {model.materialized} {model.relation} as {model.full_sql}")
            return
        connection.execute("begin")
        if model.name not in self.built:
            connection.execute(f"create table {model.relation} as {model.full_sql}")
            self.built.add(model.name)
        elif model.unique_key is None:
            connection.execute(f"insert into {model.relation} by name {model.incremental_sql}")
        else:
            connection.execute(f"create or replace temp table merge_source as {model.incremental_sql}")
            connection.execute(
                f"merge into {model.relation} as target using merge_source as source "
                f"on target.{model.unique_key} = source.{model.unique_key} "
                "when matched then update by name when not matched then insert by name"
            )
        for name, relation in model.marked_parents:
            connection.execute(
                "insert into dev_operations.load_marks select ?, ?, max(loaded_at), 'test', 'read', now() "
                f"from {relation} having max(loaded_at) is not null",
                [model.name, name],
            )
        connection.execute("commit")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query; {model} stands for a model's relation."""
        names = {model.name: model.relation for model in self.project.models}
        return self.connection.execute(query.format(**names)).fetchall()

    def table(self, model: str) -> list[tuple[Any, ...]]:
        """All rows of a mart, ordered."""
        return sorted(self.rows("select * from {" + model + "}"), key=repr)
