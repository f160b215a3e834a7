"""Writes replayed workloads as UNLOAD of SYS_QUERY_HISTORY leaves them: replay/<what_if_timestamp>/<cluster_identifier>/*.parquet.

Beside it, under replay_usage/, what the serverless ones report in SYS_SERVERLESS_USAGE.

A workload of three kinds of users ran on a baseline cluster; its ETL users were replayed on a producer and its BI users on a consumer, a
data sharing split. Statements repeat, some are cached, some may fail or run into a timeout. The effect of
each cluster on each kind of statement is known, so that what a comparison finds can be held against it.

    python sample/make_replay.py --root landing --statements 400 --seed 7
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from make_feeds import write_if_changed

WHAT_IF = datetime(2024, 3, 5, 21)
BASELINE = "baseline-ra3-4xlarge-2"
PRODUCER = "producer-serverless32RPU"
CONSUMER = "consumer-serverless64RPU"
CAPACITY = {PRODUCER: 32, CONSUMER: 64}

COLUMNS = {
    "user_id": "INTEGER", "query_id": "BIGINT", "query_label": "VARCHAR", "transaction_id": "BIGINT", "session_id": "INTEGER",
    "database_name": "VARCHAR", "query_type": "VARCHAR", "status": "VARCHAR", "result_cache_hit": "BOOLEAN", "start_time": "TIMESTAMP",
    "end_time": "TIMESTAMP", "elapsed_time": "BIGINT", "queue_time": "BIGINT", "execution_time": "BIGINT", "error_message": "VARCHAR",
    "returned_rows": "BIGINT", "returned_bytes": "BIGINT", "query_text": "VARCHAR", "redshift_version": "VARCHAR",
    "usage_limit": "VARCHAR", "compute_type": "VARCHAR", "compile_time": "BIGINT", "planning_time": "BIGINT",
    "lock_wait_time": "BIGINT", "user_query_hash": "VARCHAR", "generic_query_hash": "VARCHAR", "query_hash_version": "INTEGER",
    "username": "VARCHAR",
}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A statement that the workload repeats with other values, and how long it takes on the baseline."""

    user: str
    kind: str
    text: str
    median_seconds: float
    # how many times as long it takes elsewhere
    factors: dict[str, float]
    weight: int = 10


TEMPLATES = [
    Template("etl_load", "COPY", "copy sales.orders from 's3://lake/orders/{n}/' iam_role default format parquet", 20, {PRODUCER: 0.8}, 6),
    Template("etl_load", "INSERT", "insert into sales.daily select * from #stage_{n} where day = '{day}'", 8, {PRODUCER: 0.7}, 8),
    Template("etl_load", "UPDATE", "update sales.orders set state = 'closed' where id in ({n}, {m})", 3, {PRODUCER: 1.5}, 8),
    Template("bi_daily", "SELECT", "select store, sum(amount) from sales.daily where day = '{day}' group by store", 2, {CONSUMER: 0.6}, 30),
    Template("bi_daily", "SELECT", "select count(*) from sales.orders where amount > {n}.5 -- dashboard {m}\n", 0.5, {CONSUMER: 1.0}, 30),
    Template("bi_adhoc", "SELECT", "select * from sales.orders o join sales.lines l using (id) where o.id = {n}", 12, {CONSUMER: 0.5}, 10),
    Template("bi_adhoc", "SELECT", '/* {{"tool": "pad"}} */ select max(day) from sales.daily', 0.1, {CONSUMER: 1.0}, 20),
]


def statements(rng: random.Random, number: int) -> Iterator[tuple[int, Template, str, float]]:
    """The workload: number, template, text and seconds after its beginning."""
    for index in range(number):
        template = rng.choices(TEMPLATES, [template.weight for template in TEMPLATES])[0]
        day = (WHAT_IF - timedelta(days=rng.randint(1, 5))).date()
        yield index, template, template.text.format(n=rng.randint(1, 50), m=rng.randint(1, 9), day=day), 1800 * index / number


def replayed(cluster: str, users: set[str], number: int, seed: int, spread: float) -> list[dict[str, Any]]:
    """What a cluster says of the queries of these users."""
    rows = []
    user_numbers = {user: 100 + place for place, user in enumerate(sorted({template.user for template in TEMPLATES}))}
    noise = random.Random(f"{cluster}-{seed}")
    for index, template, text, offset in statements(random.Random(seed), number):
        base = random.Random(f"{seed}-{index}").lognormvariate(math.log(template.median_seconds), 0.6)
        if template.user not in users:
            continue
        cached = "max(day)" in text and noise.random() < 0.5
        factor = 1.0 if cluster == BASELINE else template.factors.get(cluster, 1.0)
        elapsed = 0.004 if cached else base * factor * noise.lognormvariate(0, spread)
        failed = "id in (1" in text and cluster != BASELINE
        timed_out = not failed and elapsed > 60
        elapsed = 60.0 if timed_out else elapsed
        started = WHAT_IF + timedelta(seconds=60 + offset)
        # as Redshift Test Drive writes it (core/replay/connection_thread.py): json.dumps, the transaction as a text
        tag = {
            "xid": str(1000 + index // 3), "query_idx": index, "replay_start": f"{WHAT_IF:%Y-%m-%dT%H:%M:%S}+00:00", "source": "Test-Drive",
        }  # fmt: skip
        marker = f"/* {json.dumps(tag)} */ "
        rows.append(
            {
                "user_id": user_numbers[template.user],
                "query_id": (5000 if cluster == BASELINE else 9000) + index,
                "query_label": "default", "transaction_id": 70_000 + index // 3, "session_id": 300 + index % 5, "database_name": "dev",
                "query_type": template.kind, "status": "failed" if failed else "canceled" if timed_out else "success",
                "result_cache_hit": cached, "start_time": started, "end_time": started + timedelta(seconds=elapsed),
                "elapsed_time": round(elapsed * 1e6), "queue_time": round(elapsed * 0.02e6), "execution_time": round(elapsed * 0.9 * 1e6),
                "error_message": "permission denied for relation orders" if failed
                else "Query cancelled on statement timeout" if timed_out else "",
                "returned_rows": 0 if failed or timed_out else random.Random(text).randint(0, 1000), "returned_bytes": 0,
                "query_text": marker + text, "redshift_version": "1.0.63590", "usage_limit": "", "compute_type": "primary",
                "compile_time": round(elapsed * 0.05e6), "planning_time": round(elapsed * 0.02e6), "lock_wait_time": 0,
                "user_query_hash": hashlib.sha1(text.encode()).hexdigest(),
                "generic_query_hash": hashlib.sha1(template.text.encode()).hexdigest(), "query_hash_version": 1,
                "username": template.user,
            }
        )  # fmt: skip
    return rows


def write_cluster(
    root: Path,
    cluster: str,
    rows: list[dict[str, Any]],
    columns: dict[str, str] | None = None,
    what_if: datetime = WHAT_IF,
    folder: str = "replay",
) -> None:
    """One unload."""
    columns = columns or COLUMNS
    file = root / folder / f"{what_if:%Y-%m-%d-%H-%M-%S}" / cluster / "0000_part_00.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    # a column of strings each, and one statement: a row at a time takes a hundred times as long
    names = list(columns)
    connection = duckdb.connect()
    connection.execute("create table unloaded (" + ", ".join(f"{name} {kind}" for name, kind in columns.items()) + ")")
    lists = [[None if row[name] is None else str(row[name]) for row in rows] for name in names]
    values = ", ".join(f"cast(unnest(?::varchar[]) as {kind})" for kind in columns.values())
    connection.execute(f"insert into unloaded select {values}", lists)
    with tempfile.NamedTemporaryFile(suffix=".parquet") as written:
        connection.execute(f"copy unloaded to '{written.name}' (format parquet)")
        write_if_changed(file, Path(written.name).read_bytes())


USAGE_COLUMNS = {
    "start_time": "TIMESTAMP", "end_time": "TIMESTAMP", "compute_seconds": "DOUBLE", "compute_capacity": "DOUBLE",
    "data_storage": "INTEGER", "cross_region_transferred_data": "INTEGER", "charged_seconds": "INTEGER",
}  # fmt: skip


def used(rows: list[dict[str, Any]], capacity: int) -> list[dict[str, Any]]:
    """What a serverless warehouse reports of each minute in which a query ran: a minute at least is charged, at its base capacity."""
    minutes = {
        row["start_time"].replace(second=0, microsecond=0) + timedelta(minutes=number)
        for row in rows
        for number in range(int((row["end_time"] - row["start_time"].replace(second=0, microsecond=0)) / timedelta(minutes=1)) + 1)
    }
    return [
        {
            "start_time": minute, "end_time": minute + timedelta(minutes=1), "compute_seconds": float(capacity * 60),
            "compute_capacity": float(capacity), "data_storage": 1024, "cross_region_transferred_data": 0,
            "charged_seconds": capacity * 60,
        }
        for minute in sorted(minutes)
    ]  # fmt: skip


def write_replay(root: Path, number: int = 400, seed: int = 7, spread: float = 0.15) -> None:
    """The baseline with everybody, and the split over two warehouses."""
    etl = {template.user for template in TEMPLATES if template.user.startswith("etl")}
    everybody = {template.user for template in TEMPLATES}
    for cluster, users in ((BASELINE, everybody), (PRODUCER, etl), (CONSUMER, everybody - etl)):
        rows = replayed(cluster, users, number, seed, spread)
        write_cluster(root, cluster, rows)
        if cluster in CAPACITY:
            write_cluster(root, cluster, used(rows, CAPACITY[cluster]), USAGE_COLUMNS, folder="replay_usage")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Writes replayed workloads.")
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("MILLRACE_LANDING", "landing")))
    parser.add_argument("--statements", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    write_replay(arguments.root, arguments.statements, arguments.seed)


if __name__ == "__main__":
    main()
