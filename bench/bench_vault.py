"""Benchmark of the vault, as ratios within one run.

1. First load of a hub, a link and a satellite from N staged rows through dbt (execution time of these nodes) against hand-written SQL
   with the same result.
2. A load of 100,000 changes into a satellite of 4 N versions against the same into 0.4 N.

    python bench/bench_vault.py --rows 5000000

Prints medians of the ratios, and how many statements each model sends. Needs about 0.5 GB of disk per million rows.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
CHANGES = 100_000
MODELS = {
    "hub_customer": """
        {{ hub(key='customer_hk', business_keys=['customer_id'], sources=[{'relation': ref('stg_bench__events')}]) }}""",
    "link_purchase": """
        {{ link(key='purchase_hk', hubs={'customer_hk': ['customer_id'], 'product_hk': ['product_id']},
            sources=[ref('stg_bench__events')]) }}""",
    "sat_customer": """
        {{ satellite(key='customer_hk', business_keys=['customer_id'], payload=['customer_name', 'city', 'amount'],
            source=ref('stg_bench__events'), position=['log_partition', 'log_offset']) }}""",
}
# the specification of docs/hash.md, by hand
TEXT = "coalesce(replace(replace(trim({0}, ' '), '^', '^^'), '|', '^|'), '^0')"
KEY = "case when customer_id is not null then md5(" + TEXT.format("customer_id") + ") else repeat('0', 32) end"
PRODUCT = "case when product_id is not null then md5(" + TEXT.format("product_id") + ") else repeat('0', 32) end"
PURCHASE = f"md5({TEXT.format('customer_id')} || '|' || {TEXT.format('product_id')})"
BY_HAND = [
    f"""create table hub_customer as
        select {KEY} as customer_hk, customer_id, now() as loaded_at, 'load' as load_id, 'stg' as record_source
        from (select distinct customer_id from stg_bench__events)""",
    f"""create table link_purchase as
        select {PURCHASE} as purchase_hk, {KEY} as customer_hk, {PRODUCT} as product_hk, now() as loaded_at, 'load' as load_id,
            'stg' as record_source
        from (select distinct customer_id, product_id from stg_bench__events)""",
    f"""create table sat_customer as
        select customer_hk, event_at, log_partition, log_offset, hashdiff, customer_name, city, amount, now() as loaded_at,
            'load' as load_id, 'stg' as record_source
        from (
            select *, {KEY} as customer_hk,
                md5({TEXT.format("customer_name")} || '|' || {TEXT.format("city")} || '|' || {TEXT.format("cast(amount as varchar)")})
                    as hashdiff
            from stg_bench__events
            where customer_id is not null
        )
        qualify hashdiff is distinct from lag(hashdiff) over (
            partition by customer_id order by event_at, log_partition, log_offset
        )""",
]


def stage(database: Path, rows: int, first: int = 0, keys: int | None = None) -> None:
    """Staged rows: ten records a customer, each fifth a repeat of the one before it."""
    keys = keys or max(rows // 10, 1)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists dev_staging")
        select = f"""
            select 'C' || (number * 7919 % {keys}) as customer_id, 'P' || (number % 50000) as product_id,
                'Name ' || (number // 5 % 1000) as customer_name, 'City ' || (number // 5 % 300) as city,
                cast(number // 5 % 9973 as decimal(18, 2)) as amount,
                timestamp '2024-01-01' + to_microseconds(number * 1000000) as event_at,
                cast(number % 8 as integer) as log_partition, number as log_offset,
                now()::timestamp + to_microseconds({first}) as loaded_at
            from range({first}, {first + rows}) as numbers (number)"""
        exists = connection.execute("from information_schema.tables where table_name = 'stg_bench__events'").fetchall()
        connection.execute(
            f"insert into dev_staging.stg_bench__events {select}" if exists else f"create table dev_staging.stg_bench__events as {select}"
        )


def bench_project(folder: Path) -> Path:
    """The project's macros over the three models."""
    project = folder / "project"
    for part in ("macros", "plugins"):
        shutil.copytree(ROOT / part, project / part)
    shutil.copyfile(ROOT / "dbt_project.yml", project / "dbt_project.yml")
    shutil.copyfile(ROOT / "profiles.yml.example", project / "profiles.yml")
    shutil.copytree(ROOT / "models/operations", project / "models/operations")
    for file in (ROOT / "models").glob("_*"):
        shutil.copyfile(file, project / "models" / file.name)
    for layer in ("staging/bench", "vault/bench"):
        (project / "models" / layer).mkdir(parents=True)
    # the staged table is made before the run; the model stands for it
    (project / "models/staging/bench/stg_bench__events.sql").write_text("select 1 as loaded_at")
    (project / "models/staging/bench/_bench.yml").write_text(
        "version: 2\nmodels:\n  - name: stg_bench__events\n    columns:\n      - name: loaded_at\n"
    )
    for name, text in MODELS.items():
        (project / f"models/vault/bench/{name}.sql").write_text(text)
    return project


def dbt_run(project: Path, database: Path, *models: str) -> tuple[float, dict[str, int]]:
    """Seconds that the models take inside a dbt run, and the statements that each sends."""
    target = database.parent / "target"
    logs = database.parent / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    environment = {
        **os.environ, "MILLRACE_DB": str(database), "MILLRACE_LANDING": str(database.parent), "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(logs), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "MILLRACE_SCHEMA": "dev",
    }  # fmt: skip
    subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), "--quiet", "run", "--threads", "1", "-s", *models, "--log-level-file", "debug"],
        cwd=project, env=environment, check=True,
    )  # fmt: skip
    results = json.loads((target / "run_results.json").read_text())["results"]
    text = (logs / "dbt.log").read_text()
    statements = {model: len(re.findall(rf'"node_id": "model\.millrace\.{model}"', text)) for model in models}
    return float(sum(result["execution_time"] for result in results if result["unique_id"].startswith("model."))), statements


def first_load(project: Path, scratch: Path, rows: int, runs: int) -> tuple[list[float], dict[str, int]]:
    """Ratio of each pair of first loads."""
    ratios = []
    statements: dict[str, int] = {}
    for run in range(runs):
        folder = scratch / f"first-{run}"
        folder.mkdir()
        database = folder / "millrace.duckdb"
        stage(database, rows)
        with duckdb.connect(str(database)) as connection:
            connection.execute("set threads = 2; create schema by_hand; set search_path = 'by_hand,dev_staging'")
            started = time.perf_counter()
            for statement in BY_HAND:
                connection.execute(statement)
            by_hand = time.perf_counter() - started
        ours, statements = dbt_run(project, database, *MODELS)
        with duckdb.connect(str(database)) as connection:
            for table, key in (("hub_customer", "customer_hk"), ("link_purchase", "purchase_hk"), ("sat_customer", "hashdiff, log_offset")):
                missing = connection.execute(
                    f"select count(*) from (select {key} from by_hand.{table} except select {key} from dev_vault.{table})"
                ).fetchall()[0][0]
                if missing:
                    raise SystemExit(f"{table}: {missing} rows of the hand-written SQL are not in the model's table")
        print(f"  first load {ours:.2f} s, by hand {by_hand:.2f} s, ratio {ours / by_hand:.2f}", flush=True)
        ratios.append(ours / by_hand)
        shutil.rmtree(folder)
    return ratios, statements


def growth(project: Path, scratch: Path, rows: int, runs: int) -> float:
    """Ratio of a load of changes into a large satellite to the same into a small one."""
    seconds: dict[str, float] = {}
    for name, size in (("small", rows * 4 // 10), ("large", rows * 4)):
        folder = scratch / name
        folder.mkdir()
        database = folder / "millrace.duckdb"
        stage(database, size)
        dbt_run(project, database, "sat_customer")
        stage(database, CHANGES, first=size * 3, keys=max(size // 10, 1))
        times = []
        for run in range(runs):
            copy = scratch / f"{name}-{run}"
            copy.mkdir()
            shutil.copyfile(database, copy / "millrace.duckdb")
            times.append(dbt_run(project, copy / "millrace.duckdb", "sat_customer")[0])
            shutil.rmtree(copy)
        with duckdb.connect(str(database)) as connection:
            versions = connection.execute("select count(*) from dev_vault.sat_customer").fetchall()[0][0]
        seconds[name] = statistics.median(times)
        print(f"  {CHANGES:,} changes into a satellite of {versions:,} versions: {seconds[name]:.2f} s", flush=True)
        shutil.rmtree(folder)
    return seconds["large"] / seconds["small"]


def main() -> None:
    """Runs both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--part", choices=["first", "growth"], help="one part alone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        project = bench_project(scratch)
        if arguments.part != "growth":
            ratios, statements = first_load(project, scratch, arguments.rows, arguments.runs)
            print(
                f"first load of hub, link and satellite from {arguments.rows:,} rows against SQL by hand: {statistics.median(ratios):.2f}"
            )
            print("statements per model: " + ", ".join(f"{model} {count}" for model, count in statements.items()))
        if arguments.part != "first":
            ratio = growth(project, scratch, arguments.rows, arguments.runs)
            print(f"{CHANGES:,} changes on {arguments.rows * 4:,} staged rows against {arguments.rows * 4 // 10:,}: {ratio:.2f}")


if __name__ == "__main__":
    main()
