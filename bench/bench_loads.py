"""Benchmark of landing and staging, as ratios within one run.

1. Landing and staging N order events through dbt (execution time of these nodes) against the plainest SQL that reads the same files
   straight into one typed table.
2. A load of new events on a large history against the same load on a small one.

    python bench/bench_loads.py --events 1000000

Prints medians of the ratios. Needs some disk in a temporary folder (about 0.4 GB per million events).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "sample"))
from make_landing import make_landing  # noqa: E402

NODES = ("mv_orders", "delivered_msk__orders")
FIELDS = ["OrderID", "CustomerID", "CustomerName", "Store_Name", "ProductID", "ProductName", "OrderStatus"]


def plain_sql(landing: Path, database: Path) -> float:
    """Seconds of one statement that reads the files into a typed table, without checks, duplicates or quarantine."""
    texts = ", ".join(f"order_fields.{field}" for field in FIELDS)
    structure = json.dumps(dict.fromkeys([*FIELDS, "OrderDate", "Quatity", "Price"], "VARCHAR"))
    with duckdb.connect(str(database)) as connection:
        connection.execute("set threads = 2")
        started = time.perf_counter()
        connection.execute(
            f"""
            create or replace table orders as
            with records as (
                select "partition", "offset", epoch_ms(ts) as event_at,
                    json_transform(case when json_valid(payload) then payload end, '{structure}') as order_fields
                from read_json('{landing}/kafka/orders/*', format = 'newline_delimited', ignore_errors = true,
                    columns = {{'partition': 'INTEGER', 'offset': 'BIGINT', 'ts': 'BIGINT', 'payload': 'VARCHAR'}})
            )
            select "partition", "offset", event_at, {texts}, try_cast(order_fields.OrderDate as timestamp) as ordered_at,
                try_cast(order_fields.Quatity as bigint) as quantity, try_cast(order_fields.Price as decimal(18, 4)) as unit_price
            from records
            """
        )
        return time.perf_counter() - started


def dbt_load(folder: Path) -> float:
    """Seconds that landing and staging take inside a dbt run, start-up left out."""
    environment = {
        **os.environ,
        "MILLRACE_LANDING": str(folder / "landing"),
        "MILLRACE_DB": str(folder / "millrace.duckdb"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    profiles = folder / "profiles"
    profiles.mkdir(exist_ok=True)
    shutil.copyfile(ROOT / "profiles.yml.example", profiles / "profiles.yml")
    subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), "--quiet", "run", "-s", *NODES, "--profiles-dir", str(profiles)],
        cwd=ROOT, env=environment, check=True,
    )  # fmt: skip
    results = json.loads((folder / "target/run_results.json").read_text())["results"]
    return float(sum(result["execution_time"] for result in results if result["unique_id"].startswith("model.")))


def against_plain_sql(events: int, runs: int) -> list[float]:
    """Ratio of each pair of runs."""
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        landing = Path(name) / "landing"
        make_landing(landing, scale=events / 20_000, batches=max(8, events // 100_000))
        for run in range(runs):
            folder = Path(name) / str(run)
            folder.mkdir()
            (folder / "landing").symlink_to(landing)
            ours = dbt_load(folder)
            plain = plain_sql(landing, folder / "plain.duckdb")
            print(f"  {events:,} events: landing and staging {ours:.2f} s, plain SQL {plain:.2f} s, ratio {ours / plain:.2f}")
            ratios.append(ours / plain)
    return ratios


def growth(small: int, large: int, delta: int) -> float:
    """Ratio of the time of a load of `delta` events on `large` loaded ones to the same on `small`."""
    seconds = {}
    for history in (small, large):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            total = history + delta
            files = max(2, total // delta)
            make_landing(folder / "landing", scale=total / 20_000, batches=files)
            held_back = sorted((folder / "landing/kafka/orders").iterdir())[-1]
            later = held_back.rename(folder / held_back.name)
            dbt_load(folder)
            later.rename(held_back)
            seconds[history] = dbt_load(folder)
            print(f"  {delta:,} new events on {history:,}: {seconds[history]:.2f} s")
    return seconds[large] / seconds[small]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Benchmark of landing and staging.")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    print("Landing and staging against plain SQL")
    ratio = statistics.median(against_plain_sql(arguments.events, arguments.runs))
    print("Growth with history")
    grown = growth(arguments.events // 10, arguments.events, max(20_000, arguments.events // 50))
    print(f"ratio to plain SQL: {ratio:.2f} (median of {arguments.runs})")
    print(f"ratio of a load on ten times the history: {grown:.2f}")


if __name__ == "__main__":
    main()
