"""Benchmark of landing and staging, as ratios within one run.

1. Landing and staging N order events through dbt (execution time of these nodes) against the plainest SQL that reads the same files
   straight into one typed table.
2. A load of 100,000 new events on 2 N loaded ones against the same load on N / 5: events that go on in offset and time, as they usually do,
   and by itself the case that one in a hundred of them was delivered before. And the peak memory of the first load of 2 N events.

    python bench/bench_loads.py --events 5000000

Prints medians of the ratios. Needs some disk in a temporary folder (about 0.5 GB per million events).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "sample"))
from make_landing import write_orders  # noqa: E402

FILE_EVENTS = 100_000
PART_EVENTS = 1_000_000
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


def node_seconds(folder: Path, *arguments: str) -> dict[str, float]:
    """Seconds of each model in a dbt command over the landing folder in `folder`, start-up left out."""
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
        [str(Path(sys.executable).with_name("dbt")), "--quiet", *arguments, "--profiles-dir", str(profiles)],
        cwd=ROOT, env=environment, check=True,
    )  # fmt: skip
    results = json.loads((folder / "target/run_results.json").read_text())["results"]
    return {name.split(".")[-1]: result["execution_time"] for result in results if (name := result["unique_id"]).startswith("model.")}


def dbt_load(folder: Path) -> float:
    """Seconds that landing and staging take."""
    return sum(node_seconds(folder, "run", "-s", *NODES).values())


def write_part(folder: Path, part: int, events: int) -> None:
    """One part of the topic in files of 100,000 events; each goes on in offset and time where the one before it ends."""
    own = folder / f"part-{part}"
    write_orders(own, random.Random(part), events, max(1, events // FILE_EVENTS), None, part * 2 * PART_EVENTS, part * timedelta(days=40))
    for file in sorted((own / "kafka/orders").iterdir()):
        file.rename(folder / f"{part:03d}-{file.name}")
    shutil.rmtree(own)


def make_topic(folder: Path, events: int, first_part: int = 0) -> list[Path]:
    """Files of a topic with that many events, some 100,000 in each."""
    folder.mkdir(parents=True)
    parts = max(1, events // PART_EVENTS)
    sizes = [PART_EVENTS] * parts if events >= PART_EVENTS else [events]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(write_part, [folder] * len(sizes), range(first_part, first_part + len(sizes)), sizes))
    return sorted(folder.iterdir())


def lines_of(file: Path) -> list[str]:
    """Lines of a file, gzipped or not."""
    data = file.read_bytes()
    return (gzip.decompress(data) if file.suffix == ".gz" else data).decode().splitlines()


def with_redeliveries(new: Path, before: list[Path], target: Path) -> Path:
    """The new file with one record in a hundred that an earlier file holds."""
    rng = random.Random(3)
    lines = lines_of(new)
    again = [line for file in before for line in lines_of(file)[:-1]]
    lines[: len(lines) // 100] = rng.sample(again, len(lines) // 100)
    target.write_text("\n".join(lines) + "\n")
    return target


def landed(folder: Path, files: list[Path]) -> Path:
    """A landing folder with links to these files."""
    topic = folder / "landing/kafka/orders"
    topic.mkdir(parents=True, exist_ok=True)
    for file in files:
        if not (topic / file.name).exists():
            os.link(file, topic / file.name)
    return folder / "landing"


def against_plain_sql(files: list[Path], scratch: Path, runs: int) -> list[float]:
    """Ratio of each pair of runs."""
    ratios = []
    for run in range(runs):
        folder = scratch / f"run-{run}"
        landing = landed(folder, files)
        ours = dbt_load(folder)
        plain = plain_sql(landing, folder / "plain.duckdb")
        print(f"  landing and staging {ours:.2f} s, plain SQL {plain:.2f} s, ratio {ours / plain:.2f}", flush=True)
        ratios.append(ours / plain)
        shutil.rmtree(folder)
    return ratios


def growth(small: list[Path], large: list[Path], cases: dict[str, Path], scratch: Path, runs: int) -> tuple[dict[str, float], float]:
    """For each new file the time of its load on a large history over that on a small one; peak memory of the large one in GiB."""
    seconds: dict[tuple[str, str], float] = {}
    memory = 0.0
    for name, files in (("small", small), ("large", large)):
        folder = scratch / name
        landed(folder, files)
        dbt_load(folder)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        for case, new in cases.items():
            times = []
            for run in range(runs):
                copy = scratch / f"{name}-{run}"
                landed(copy, [*files, new])
                shutil.copyfile(folder / "millrace.duckdb", copy / "millrace.duckdb")
                times.append(dbt_load(copy))
                shutil.rmtree(copy)
            seconds[case, name] = statistics.median(times)
            print(f"  {FILE_EVENTS:,} events, {case}, on the {name} history: {seconds[case, name]:.2f} s", flush=True)
        shutil.rmtree(folder)
    return {case: seconds[case, "large"] / seconds[case, "small"] for case in cases}, memory


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Benchmark of landing and staging.")
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        files = make_topic(scratch / "topic", 2 * arguments.events)
        new = make_topic(scratch / "new", FILE_EVENTS, 2 * arguments.events // PART_EVENTS + 1)[0]
        new = new.rename(new.with_name("999-" + new.name))
        again = with_redeliveries(new, files[: max(1, len(files) // 10)], new.with_name("998-again.jsonl"))
        print(f"Landing and staging {arguments.events:,} events against plain SQL", flush=True)
        ratio = statistics.median(against_plain_sql(files[: len(files) // 2], scratch, arguments.runs))
        print(f"Growth with history: {arguments.events // 5:,} and {2 * arguments.events:,} events", flush=True)
        cases = {"all new": new, "one in a hundred delivered before": again}
        grown, memory = growth(files[: max(1, len(files) // 10)], files, cases, scratch, arguments.runs)
    print(f"ratio to plain SQL: {ratio:.2f} (median of {arguments.runs}; aim: at most 2.5)")
    for (case, found), aim in zip(grown.items(), (1.2, 1.5), strict=True):
        print(f"ratio of a load on ten times the history, {case}: {found:.2f} (aim: at most {aim})")
    print(f"peak memory of the first load of {2 * arguments.events:,} events: {memory:.2f} GiB (aim: under 4)")


if __name__ == "__main__":
    main()
