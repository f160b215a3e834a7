"""Benchmark of a day's list on a history of lists: what the marts behind the inventories take for one new day, by the days that there are.

A bucket with N groups of objects a day (prefix, class and so on, as they are kept) has 1, 10 and 100 days of history. Then a new day comes,
and after it another list of the day before: a late one. Seconds are those of the models, through dbt; the history is copies of a day that
dbt built.

    python bench/bench_s3_history.py --groups 234000 --days 1 10 100

Prints the seconds of each model, and the ratio of the longest history to the one before it (aim: at most 1.2 from 10 to 100 days). Needs
some 3 GB of disk.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

import duckdb
from bench_loads import node_seconds

MODELS = ["agg_s3_inventory_deliveries", "agg_s3_inventory_lists", "fct_s3_storage", "agg_s3_prefix_weights"]
# a lake of 4,000 folders in three classes, with older versions
GROUPS = """
    select
        md5(concat_ws('-', $day, $hour, place)) as group_key, 'all' as configuration,
        strftime(day_on, '%Y-%m-%d') || '-' || $hour || '-00' as delivery, 'lake' as bucket_name,
        'lake/table_' || place % 40 || '/part=' || place // 40 % 100 || '/' as prefix,
        ['STANDARD', 'STANDARD_IA', 'GLACIER'][1 + place // 4000 % 3] as storage_class, '' as access_tier,
        case when place // 12000 % 5 = 0 then 'noncurrent' else 'current' end as version_kind, 'SSE-S3' as encryption_status,
        'age ' || place // 12000 as age_class, 1000 as objects, 1000000 + place as size_bytes, 10 as small_objects,
        1000 as missing_small_bytes, 0 as marker_bytes, 'a' as first_key, 'z' as last_key,
        day_on as inventory_on, 'accepted' as outcome, '' as landing_file,
        now() at time zone 'UTC' as refresh_time, now() at time zone 'UTC' as loaded_at, 'bench' as load_id
    from range($groups) as numbers(place), (select cast(date '2024-01-01' + cast($day as integer) as date) as day_on) as days
"""
# what a day has in each table, and what is another on the next one
TABLES = {
    "dev_staging.delivered_s3__inventory": "md5(group_key || $day) as group_key, strftime({}, '%Y-%m-%d') || '-01-00' as delivery",
    "dev_marts.agg_s3_inventory_deliveries": "strftime({}, '%Y-%m-%d') || '-01-00' as delivery",
    "dev_marts.agg_s3_inventory_lists": "strftime({}, '%Y-%m-%d') || '-01-00' as delivery, {} as listed_on",
    "dev_marts.fct_s3_storage": "strftime({}, '%Y-%m-%d') || '-01-00' as delivery",
    "dev_marts.agg_s3_prefix_weights": "weight as weight",
}


def load(folder: Path) -> dict[str, float]:
    """Seconds of each model in a load of what staging has."""
    seconds = node_seconds(folder, "run", "-s", *MODELS)
    return {model: seconds[model] for model in MODELS}


def list_day(database: Path, day: int, groups: int, hour: str = "01") -> None:
    """Staging accepts a list of the day."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            f"insert into dev_staging.delivered_s3__inventory by name {GROUPS}", {"day": day, "hour": hour, "groups": groups}
        )


def copy_day(database: Path, day: int) -> None:
    """The first day once more, everywhere."""
    with duckdb.connect(str(database)) as connection:
        for table, others in TABLES.items():
            own = f"cast(date '2024-01-01' + {day} as date)"
            changed = f"{own} as inventory_on, {others.replace('{}', own).replace('$day', str(day))}"
            connection.execute(
                f"insert into {table} by name select * replace ({changed}) from {table} where inventory_on = date '2024-01-01'"
            )
        connection.execute("checkpoint")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Benchmark of a day's list on a history of lists.")
    parser.add_argument("--groups", type=int, default=234_000, help="rows that a day's list is kept as")
    parser.add_argument("--days", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--turns", type=int, default=3, help="new days on each history; the median counts")
    arguments = parser.parse_args()
    totals: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "landing").mkdir()
        database = folder / "millrace.duckdb"
        tests = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        node_seconds(folder, "build", *tests, "-s", "ref_s3_inventory_filters", "+agg_s3_prefix_weights")
        list_day(database, 0, arguments.groups)
        load(folder)
        known = 1
        for days in arguments.days:
            while known < days:
                copy_day(database, known)
                known += 1
            found = []
            for _ in range(arguments.turns):
                list_day(database, known, arguments.groups)
                known += 1
                found.append(load(folder))
            list_day(database, known - 2, arguments.groups, hour="13")
            late = load(folder)
            middle = {model: statistics.median(seconds[model] for seconds in found) for model in MODELS}
            totals[days] = sum(middle.values())
            print(f"{days} days: {totals[days]:.2f} s for a new day, {sum(late.values()):.2f} s for a late list", flush=True)
            for model, seconds in middle.items():
                print(f"  {model} {seconds:.2f} s")
        with duckdb.connect(str(database), read_only=True) as connection:
            ((rows, found_days),) = connection.execute(
                "select count(*), count(distinct inventory_on) from dev_marts.fct_s3_storage where objects > 0"
            ).fetchall()
            assert rows == known * arguments.groups, (rows, known)
            assert found_days == known, (found_days, known)
    if len(totals) > 1:
        *_, before, longest = totals
        print(f"ratio from {before} to {longest} days: {totals[longest] / totals[before]:.2f} (aim: at most 1.2)")


if __name__ == "__main__":
    main()
