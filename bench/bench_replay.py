"""Benchmark of the comparison of replays, as a ratio within one run.

A baseline and three targets with N / 4 queries each: landing, staging, all marts and the statistics of the verdicts through dbt (execution
time of the models) against one statement in DuckDB that reads the same Parquet files, lets queries meet by their tag and takes the
percentiles of the pairs; and against one that takes percentiles alone.

    python bench/bench_replay.py --queries 5000000

Prints the seconds of each model, the ratio and the peak memory. Needs about 3 GB of disk per million queries.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from bench_loads import ROOT, node_seconds

sys.path.insert(0, str(ROOT / "sample"))
from make_replay import BASELINE, COLUMNS

TARGETS = {"serverless-32": 0.8, "serverless-64": 0.6, "ra3-xlplus": 1.3}
STATEMENTS = 2000
PERCENTILES = [0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999]
TEXT = """
    '/* {"xid":' || place // 3 || ',"query_idx":' || place || ',"replay_start":"2024-03-05T21:00:00","source":"Test-Drive"} */ '
    || 'select store, sum(amount) from sales.t' || template || ' where day = ''2024-03-0' || place % 9 || ''' and id in (' || place
    || ', 7) group by store'
"""


def write_cluster(landing: Path, cluster: str, factor: float, number: int, seed: int) -> None:
    """The same queries with other noise: statements that repeat with values of their own, over half a day."""
    folder = landing / "replay/2024-03-05-21-00-00" / cluster
    folder.mkdir(parents=True)
    given = {
        "user_id": "100 + template % 20", "query_id": f"{seed * 100_000_000} + place", "transaction_id": "place // 3",
        "session_id": "300 + place % 50", "database_name": "'dev'", "status": "'success'", "result_cache_hit": "place % 17 = 0",
        "query_type": "case when template % 10 = 0 then 'INSERT' else 'SELECT' end", "start_time": "started_at",
        "end_time": "started_at + to_microseconds(elapsed_us)", "elapsed_time": "elapsed_us", "queue_time": "elapsed_us // 50",
        "execution_time": "elapsed_us * 9 // 10", "returned_rows": "place % 1000", "returned_bytes": "place % 1000 * 80",
        "compile_time": "elapsed_us // 20", "planning_time": "elapsed_us // 50", "lock_wait_time": "0", "query_text": TEXT,
        "generic_query_hash": "md5(template::varchar)", "query_hash_version": "1", "username": "'user_' || template % 20",
    }  # fmt: skip
    columns = ", ".join(f"cast({given.get(name, 'null')} as {kind}) as {name}" for name, kind in COLUMNS.items())
    base, noise = "(hash(place) % 1000000 / 1000000.0)", f"(hash(place * 7 + {seed}) % 1000000 / 1000000.0)"
    duckdb.execute(
        f"""copy (
            select {columns}
            from (
                select place, place % {STATEMENTS} as template,
                    timestamp '2024-03-05 21:01:00' + to_microseconds(place * 43200000000 // {number}) as started_at,
                    cast(1000 * exp(6 * {base}) * {factor} * (0.8 + 0.4 * {noise}) as bigint) as elapsed_us
                from range({number}) as numbers(place)
            )
        ) to '{folder}/0000_part_00.parquet' (format parquet)"""
    )


def by_hand(landing: Path) -> tuple[float, float]:
    """Seconds of two statements straight from the files: percentiles of each cluster; and those of the pairs, met by their replay tag."""
    duckdb.execute("set threads = 2")
    files = f"read_parquet('{landing}/replay/*/*/*.parquet', filename = true)"
    measures = "sum(queue_time), sum(planning_time), sum(compile_time), sum(lock_wait_time), sum(execution_time)"
    started = time.perf_counter()
    duckdb.execute(
        f"""select parse_path(filename)[-2] as cluster, count(*), avg(elapsed_time), stddev(elapsed_time),
            quantile_cont(elapsed_time, {PERCENTILES}), {measures}
        from {files}
        where status = 'success' and not result_cache_hit
        group by all"""
    ).fetchall()
    unpaired = time.perf_counter() - started
    started = time.perf_counter()
    sides = ", ".join(
        f"count(*), avg({side}.elapsed_time), stddev({side}.elapsed_time), quantile_cont({side}.elapsed_time, {PERCENTILES}), "
        + measures.replace("sum(", f"sum({side}.")
        for side in ("baseline", "target")
    )
    duckdb.execute(
        f"""with replayed as (
            select parse_path(filename)[-2] as cluster, status = 'success' and not result_cache_hit as is_compared, elapsed_time,
                queue_time, planning_time, compile_time, lock_wait_time, execution_time,
                regexp_extract(query_text, '"xid":([0-9]+),"query_idx":([0-9]+)', ['xid', 'query_idx']) as tag,
                row_number() over (partition by cluster, tag order by start_time) as occurrence
            from {files}
        )
        select target.cluster, {sides}
        from replayed as baseline
        inner join replayed as target
            on baseline.tag = target.tag and baseline.occurrence = target.occurrence
        where baseline.cluster = '{BASELINE}' and target.cluster <> '{BASELINE}' and baseline.is_compared and target.is_compared
        group by all"""
    ).fetchall()
    return unpaired, time.perf_counter() - started


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Benchmark of the comparison of replays.")
    parser.add_argument("--queries", type=int, default=5_000_000)
    parser.add_argument("--memory", default="2GB", help="what DuckDB may take; the process needs more")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed, (cluster, factor) in enumerate({BASELINE: 1.0, **TARGETS}.items()):
            write_cluster(folder / "landing", cluster, factor, arguments.queries // 4, seed)
        unpaired, hand = by_hand(folder / "landing")
        os.environ["MILLRACE_MEMORY_LIMIT"] = arguments.memory
        tests = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        models = node_seconds(folder, "build", *tests, "-s", "ref_capacity_prices", "+path:models/marts/platform")
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    for model, seconds in sorted(models.items(), key=lambda item: -item[1]):
        print(f"  {model} {seconds:.2f} s")
    whole = sum(models.values())
    print(f"{arguments.queries:,} queries of four clusters: {whole:.1f} s; by hand: pairs {hand:.2f} s, percentiles alone {unpaired:.2f} s")
    print(f"ratio to percentiles of the pairs by hand: {whole / hand:.1f} (aim: at most 3), to percentiles alone: {whole / unpaired:.1f}")
    print(f"peak memory: {memory:.2f} GiB (aim: under 4)")


if __name__ == "__main__":
    main()
