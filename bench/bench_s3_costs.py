"""Benchmark of the allocation of the S3 bill, as a ratio within one run.

One day of a large bucket, N listed objects in Parquet files of a million: landing, staging and all marts through dbt (execution time of the
models) against one statement in DuckDB that scans the same files and sums objects and bytes by prefix of the same depth and by class.

    python bench/bench_s3_costs.py --objects 50000000

Prints the seconds of each model, the ratio, the bytes that Athena would scan (read columns, new partition) and the peak memory. Needs about
0.6 GB of disk per ten million objects.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
from bench_loads import ROOT, node_seconds

sys.path.insert(0, str(ROOT / "sample"))
from make_s3_costs import BUCKET, INVENTORY, line, write_bill

DAY = date(2024, 3, 1)
DEPTH = 4
# a bucket as lakes are: forty tables, partitions by day and hour, most of it in STANDARD, much of it small
KEY = """
    'lake/table_' || lpad(cast(place % 40 as varchar), 2, '0') || '/day=2024-' || lpad(cast(1 + place // 40 % 3 as varchar), 2, '0') || '-'
    || lpad(cast(1 + hash(place) % 28 as varchar), 2, '0') || '/hour=' || lpad(cast(hash(place * 3) % 24 as varchar), 2, '0')
    || '/part-' || lpad(cast(place as varchar), 10, '0') || '.snappy.parquet'
"""


def write_inventory(landing: Path, objects: int, per_file: int = 1_000_000) -> None:
    """A delivery of this many objects: data files, and the symlink file that names them."""
    folder = landing / f"s3_inventory/{BUCKET}/all-versions"
    (folder / "data").mkdir(parents=True)
    given = {
        "bucket": f"'{BUCKET}'", "key": KEY, "is_latest": "hash(place * 5) % 10 > 0", "is_delete_marker": "false",
        "size": "cast(exp(6 + 12 * (hash(place * 7) % 1000000 / 1000000.0)) as bigint)",
        "last_modified_date": "1700000000000 + place % 9000000000",
        "storage_class": "case when place % 5 = 0 then 'STANDARD_IA' when place % 7 = 0 then 'GLACIER' else 'STANDARD' end",
        "encryption_status": "'SSE-S3'", "version_id": "md5(cast(place as varchar))",
    }  # fmt: skip
    columns = ", ".join(f"cast({given.get(name, 'null')} as {kind}) as {name}" for name, kind in INVENTORY.items())
    names = []
    for first in range(0, objects, per_file):
        names.append(f"part-{first // per_file:05}.parquet")
        last = min(first + per_file, objects)
        duckdb.execute(
            f"copy (select {columns} from range({first}, {last}) as numbers(place)) to '{folder / 'data' / names[-1]}' (format parquet)"
        )
    symlink = folder / f"hive/dt={DAY}-01-00/symlink.txt"
    symlink.parent.mkdir(parents=True)
    symlink.write_text("".join(f"s3://inventories/{BUCKET}/all-versions/data/{name}\n" for name in names))


def by_hand(landing: Path) -> float:
    """Seconds of one statement that scans the lists and sums them by prefix and class."""
    duckdb.execute("set threads = 2")
    started = time.perf_counter()
    duckdb.execute(
        f"""select regexp_extract(key, '^([^/]*/){{1,{DEPTH}}}') as prefix, storage_class, count(*), sum(size)
        from read_parquet('{landing}/s3_inventory/*/*/data/*.parquet')
        group by all"""
    ).fetchall()
    return time.perf_counter() - started


def scanned_bytes(landing: Path) -> tuple[int, int]:
    """Bytes of the columns that copy_s3_inventory reads, compressed as in the files, and bytes of all columns: what Athena bills by."""
    read = (
        "bucket", "key", "is_latest", "is_delete_marker", "size", "last_modified_date", "storage_class", "encryption_status",
        "intelligent_tiering_access_tier",
    )  # fmt: skip
    own, whole = duckdb.execute(
        f"""select sum(case when path_in_schema in {read} then total_compressed_size end), sum(total_compressed_size)
        from parquet_metadata('{landing}/s3_inventory/*/*/data/*.parquet')"""
    ).fetchall()[0]
    return int(own), int(whole)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Benchmark of the allocation of the S3 bill.")
    parser.add_argument("--objects", type=int, default=50_000_000)
    parser.add_argument("--memory", default="2GB", help="what DuckDB may take; the process needs more")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inventory(folder / "landing", arguments.objects)
        usages = (
            "TimedStorage-ByteHrs",
            "TimedStorage-SIA-ByteHrs",
            "TimedStorage-SIA-SmObjects",
            "TimedStorage-GlacierByteHrs",
            "Requests-Tier1",
        )
        write_bill(folder / "landing", [line(DAY, usage, usage, 1, 1000.0) for usage in usages])
        hand = by_hand(folder / "landing")
        own, all_columns = scanned_bytes(folder / "landing")
        os.environ["MILLRACE_MEMORY_LIMIT"] = arguments.memory
        tests = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        seeds = ["ref_s3_owners", "ref_s3_shared_costs", "dim_date"]
        models = node_seconds(folder, "build", *tests, "-s", *seeds, "+agg_s3_chargeback", "+agg_s3_prefix_costs")
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        groups, whole = (
            duckdb.connect(str(folder / "millrace.duckdb"), read_only=True)
            .execute("select count(*), sum(objects) from dev_streaming.copy_s3_inventory")
            .fetchall()[0]
        )
    assert whole == arguments.objects, (whole, arguments.objects)
    for model, seconds in sorted(models.items(), key=lambda item: -item[1])[:12]:
        print(f"  {model} {seconds:.2f} s")
    total = sum(models.values())
    print(f"{arguments.objects:,} listed objects, kept as {groups:,} rows: {total:.1f} s; scanned and summed by hand: {hand:.2f} s")
    print(f"ratio: {total / hand:.2f} (aim: at most 3)")
    print(f"Athena would scan {own / 2**30:.2f} of {all_columns / 2**30:.2f} GiB of this delivery, once, and none of those it has taken")
    print(f"peak memory: {memory:.2f} GiB (aim: under 4)")


if __name__ == "__main__":
    main()
