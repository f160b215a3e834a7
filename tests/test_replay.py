"""Comparison of replayed workloads: the sample, whose effects are known, and replays as they go wrong."""

from __future__ import annotations

import csv
import json
import math
import random
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from conftest import Warehouse, copy_of
from land_test_drive import land_test_drive
from make_replay import BASELINE, COLUMNS, CONSUMER, PRODUCER, USAGE_COLUMNS, WHAT_IF, replayed, used, write_cluster

MODELS = [
    "ref_capacity_prices", "+fct_replayed_query_pairs+", "+fct_replay_concurrency+", "+fct_replay_query_costs+",
    "+agg_replay_price_performance", "path:models/staging/platform/replay",
]  # fmt: skip
ETL = {"etl_load"}
BI = {"bi_daily", "bi_adhoc"}


def build(warehouse: Warehouse) -> None:
    """Loads and tests what the comparison needs."""
    warehouse.dbt("build", "-s", *MODELS).must_pass()


@pytest.fixture(scope="module")
def compared(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample, built."""
    return copy_of(sample, tmp_path_factory.mktemp("replay"))


def test_a_split_adds_up_to_the_whole(compared: Warehouse) -> None:
    rows = compared.rows(
        "select configuration_name, queries, not_replayed_queries, missing_queries from dev_marts.agg_replay_comparison order by 1"
    )
    of_etl, of_bi = len(replayed(BASELINE, ETL, 400, 7, 0.15)), len(replayed(BASELINE, BI, 400, 7, 0.15))
    assert of_etl + of_bi == 400
    assert rows == [(CONSUMER, 400, of_etl, 0), ("data-sharing", 400, 0, 0), (PRODUCER, 400, of_bi, 0)]
    seconds = "select configuration_name, baseline_elapsed_seconds, target_elapsed_seconds from dev_marts.agg_replay_comparison order by 1"
    (_, bi_before, bi_after), (_, before, after), (_, etl_before, etl_after) = compared.rows(seconds)
    assert before == pytest.approx(bi_before + etl_before)
    assert after == pytest.approx(bi_after + etl_after)
    assert after < before


def test_the_effect_of_each_statement_is_found(compared: Warehouse) -> None:
    """Medians of the paired ratios against the factors that the sample was made with."""
    ratios = dict(
        compared.rows(
            "select statement_text, median(target_elapsed_us / baseline_elapsed_us) from dev_marts.fct_replayed_query_pairs "
            "where configuration_name = 'data-sharing' and pair_class = 'compared' group by all"
        )
    )
    expected = {
        "copy sales.orders from ? iam_role default format parquet": 0.8,
        "insert into sales.daily select * from #temp where day = ?": 0.7,
        "update sales.orders set state = ? where id in (?)": 1.5,
        "select store, sum(amount) from sales.daily where day = ? group by store": 0.6,
        "select count(*) from sales.orders where amount > ?": 1.0,
        "select * from sales.orders o join sales.lines l using (id) where o.id = ?": 0.5,
        "select max(day) from sales.daily": 1.0,
    }
    assert ratios.keys() == expected.keys()
    assert all(ratios[text] == pytest.approx(factor, rel=0.12) for text, factor in expected.items())


def query(number: int | None, text: str = "select 1", **fields: Any) -> dict[str, Any]:
    """A query of the baseline as an unload has it."""
    sample = replayed(BASELINE, BI, 5, 7, 0.0)[0]
    own = {
        "query_id": number,
        "query_text": text,
        "username": "ana",
        "result_cache_hit": False,
        "status": "success",
        "generic_query_hash": None,
        "user_query_hash": None,
    }
    row = {**sample, **own, **fields}
    return {**row, "end_time": row["start_time"] + timedelta(microseconds=abs(row["elapsed_time"]))}


def test_every_pair_is_classified(warehouse: Warehouse) -> None:
    baseline = [
        query(1), query(2, "select 2 from slow"), query(3, "select 3 from cached"), query(4, "select 4 from broken"),
        query(5, "select 5 from mended", status="failed"), query(6, "select 6 from bad", status="failed"), query(7, "select 7 from lost"),
        query(8, "select 8 from elsewhere", username="etl"), query(9, "select 9 from cancelled"),
    ]  # fmt: skip
    target = [
        query(11, "SELECT  7; -- another number"), query(12, "select 2 from slow", status="canceled", error_message="statement timeout"),
        query(13, "select 3 from cached", result_cache_hit=True), query(14, "select 4 from broken", status="failed"),
        query(15, "select 5 from mended"), query(16, "select 6 from bad", status="failed"), query(17, "select 10 from extra"),
        query(19, "select 9 from cancelled", status="canceled"),
    ]  # fmt: skip
    write_cluster(warehouse.landing, BASELINE, baseline)
    write_cluster(warehouse.landing, "target", target)
    build(warehouse)
    assert warehouse.rows(
        "select coalesce(baseline_query_id, target_query_id), pair_class from dev_marts.fct_replayed_query_pairs order by 1"
    ) == [
        (1, "compared"), (2, "new timeout"), (3, "from the cache"), (4, "new error"), (5, "resolved error"), (6, "failed in both"),
        (7, "missing in the target"), (8, "not part of the target"), (9, "new error"), (17, "only in the target"),
    ]  # fmt: skip


def test_repeats_pair_up_one_to_one(warehouse: Warehouse) -> None:
    """Three runs against two: two pairs in order, one left over; not six rows."""
    rng = random.Random(1)
    runs = [query(number, f"select {rng.randint(1, 99)}", start_time=query(0)["start_time"].replace(minute=number)) for number in (1, 2, 3)]
    write_cluster(warehouse.landing, BASELINE, runs)
    write_cluster(warehouse.landing, "target", [{**run, "query_id": run["query_id"] + 10} for run in reversed(runs[:2])])
    build(warehouse)
    pairs = "select baseline_query_id, target_query_id from dev_marts.fct_replayed_query_pairs order by 1"
    assert warehouse.rows(pairs) == [(1, 11), (2, 12), (3, None)]


def tag(xid: object, number: int, **fields: str) -> str:
    """The comment as Redshift Test Drive writes it (core/replay/connection_thread.py): json.dumps with its own blanks, xid a text."""
    started = {"replay_start": "2024-03-01T00:00:00.123456+00:00", "source": "Test-Drive"}
    return f"/* {json.dumps({'xid': xid, 'query_idx': number, **started, **fields})} */ "


def test_queries_meet_whatever_the_replay_made_of_them(warehouse: Warehouse) -> None:
    """A replay per case, each with the pairs that are right: [baseline, target], null where a query has no counterpart."""
    long_text = "select a from t where x in (" + ", ".join(f"'value{number:05}'" for number in range(600))
    cases: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[int | None, int | None]]]] = {
        # ten repeats of one statement, the first one lost
        "real tag": (
            [query(number, tag(str(2612600 + number), 0) + "select 1 from k") for number in range(10)],
            [query(number + 100, tag(str(2612600 + number), 0) + "select 1 from k") for number in range(1, 10)],
            [(0, None), *((number, number + 100) for number in range(1, 10))],
        ),
        "forms of the tag": (
            [query(1, '/* {"xid":7,"query_idx":1,"replay_start":"x"} */ select 1'), query(2, tag("8", 0) + "select 2"),
             query(3, '/* {"replay_start": "x", "query_idx": 4, "xid": "9"} */ select 3')],
            [query(11, tag("9", 4) + "select 3"), query(12, tag("8", 0, source="SimpleReplay") + "select 2"),
             query(13, tag("7", 1) + "select 1")],
            [(1, 13), (2, 12), (3, 11)],
        ),
        "several statements under one tag": (
            [query(1, tag("7", 0) + "insert into a select 1"), query(2, tag("7", 0) + "update b set x = 1"),
             query(3, tag("7", 0) + "delete from c")],
            [query(11, tag("7", 0) + "delete from c"), query(12, tag("7", 0) + "insert into a select 1")],
            [(1, 12), (2, None), (3, 11)],
        ),
        "copy as the tool rewrites it": (
            [query(1, tag("7", 0) + "copy t from 's3://own/x' iam_role 'arn:1'", query_type="COPY")],
            [query(11, tag("7", 0) + "copy t from 's3://other/y' credentials '' csv", query_type="COPY")],
            [(1, 11)],
        ),
        "swapped repeats": (
            [query(1, "select 1 from d", user_query_hash="u1", generic_query_hash="g"),
             query(2, "select 2 from d", user_query_hash="u2", generic_query_hash="g")],
            [query(11, "select 2 from d", user_query_hash="u2", generic_query_hash="g"),
             query(12, "select 1 from d", user_query_hash="u1", generic_query_hash="g")],
            [(1, 12), (2, 11)],
        ),
        # with their values they are two statements, though the engine gives no hash
        "swapped repeats without a hash": (
            [query(1, "select 1 from d"), query(2, "select 2  from d;")], [query(11, "SELECT 2 from d"), query(12, "select 1 from d")],
            [(1, 12), (2, 11)],
        ),
        # repeats with the same values meet before those with others, though these stand behind the same query
        "repeats on the other side of a query": (
            [query(1, "select a from a"), query(2, "select 1 from d"), query(3, "select 1 from d"), query(4, "select b from b"),
             query(5, "select 2 from d"), query(6, "select 2 from d")],
            [query(11, "select a from a"), query(12, "select 2 from d"), query(13, "select 2 from d"), query(14, "select b from b"),
             query(15, "select 1 from d"), query(16, "select 1 from d")],
            [(1, 11), (2, 15), (3, 16), (4, 14), (5, 12), (6, 13)],
        ),
        # those behind a and behind b have their partners there; nothing else tells the repeats apart
        "a lost repeat between others": (
            [query(1, "select r"), query(2, "select a from a"), query(3, "select r"), query(4, "select b from b"), query(5, "select r")],
            [query(12, "select a from a"), query(13, "select r"), query(14, "select b from b"), query(15, "select r")],
            [(1, None), (2, 12), (3, 13), (4, 14), (5, 15)],
        ),
        "a text that was cut": ([query(1, long_text[:4000])], [query(11, (tag("1", 0) + long_text)[:4000])], [(1, 11)]),
        "system users": ([query(1), query(2, username="rdsdb")], [query(11)], [(1, 11)]),
        # get_unload_replacements() and get_copy_replacement() of the tool (core/replay/transactions_parser.py), no tag in the baseline
        "unload as the tool rewrites it": (
            [query(1, "unload ('select a from a') to 's3://own/out/a_' credentials '' parquet"),
             query(2, "UNLOAD ('select b from b') TO 's3://own/out/b_' iam_role 'arn:aws:iam::123456789012:role/own' parquet;")],
            [query(11, tag("7", 0) + "UNLOAD ('select b from b') TO 's3://lab/x/2024_c_1f/UNLOADs/own/out/b_'  IAM_ROLE 'arn:9' parquet;"),
             query(12, tag("8", 0) + "unload ('select a from a') to 's3://lab/x/2024_c_1f/UNLOADs/own/out/a_'  IAM_ROLE 'arn:9' parquet;")],
            [(1, 12), (2, 11)],
        ),
        "copy from another bucket": (
            [query(1, "copy t from 's3://own/in/1' credentials '' csv"), query(2, "copy t from 's3://own/in/2' with credentials as '' csv"),
             query(3, "copy u from 's3://own/in/3' access_key_id '' secret_access_key '' session_token '' csv")],
            [query(11, tag("7", 0) + "copy u from 's3://lab/in/3'  IAM_ROLE 'arn:9' csv;"),
             query(12, tag("8", 0) + "copy t from 's3://lab/in/2'  IAM_ROLE 'arn:9' csv;"),
             query(13, tag("9", 0) + "copy t from 's3://lab/in/1'  IAM_ROLE 'arn:9' csv;")],
            [(1, 13), (2, 12), (3, 11)],
        ),
        "copy from another folder": (
            [query(1, "copy t from 's3://own/in/1' iam_role '' csv"), query(2, "copy u from 's3://own/in/2' iam_role '' csv")],
            [query(11, tag("7", 0) + "copy u from 's3://lab/all'  IAM_ROLE 'arn:9' csv;"),
             query(12, tag("8", 0) + "copy t from 's3://lab/all'  IAM_ROLE 'arn:9' csv;")],
            [(1, 12), (2, 11)],
        ),
        # a database made from the share has a name of its own
        "consumer of shared data": (
            [query(1, "select a from s.t"), query(2, "select 2 from s.t")],
            [query(11, tag("7", 0) + "select 3 from s.t", database_name="shared"),
             query(12, tag("8", 0) + "select a from s.t", database_name="shared")],
            [(1, 12), (2, 11)],
        ),
        # all of them log in as the master user
        "federated users": (
            [query(1, "select a from t", username="IAM:ana"), query(2, "select b from t", username="IAMR:etl"),
             query(3, "select a from t", username="AWSIDC:x:bo")],
            [query(11, "select b from t", username="awsuser"), query(12, "select a from t", username="awsuser"),
             query(13, "select a from t", username="awsuser")],
            [(1, 12), (2, 11), (3, 13)],
        ),
        "a text that the tag made too long": (
            [query(1, long_text[:3950])], [query(11, (tag("1", 0) + long_text)[:4000])], [(1, 11)]
        ),
        "calls of procedures": (
            [query(1, "call load_day('2024-01-01', 3)"), query(2, "CALL other(1)")],
            [query(11, tag("7", 0) + "call other(2);"), query(12, tag("8", 0) + "call load_day('2024-02-01', 4);")],
            [(1, 12), (2, 11)],
        ),
    }  # fmt: skip
    for hour, (baseline, target, _) in enumerate(cases.values()):
        for cluster, rows in ((BASELINE, baseline), ("target", target)):
            own = [{"user_query_hash": None, **row} if "user_query_hash" not in row else row for row in rows]
            write_cluster(warehouse.landing, cluster, own, what_if=WHAT_IF + timedelta(hours=hour))
    # half of the queries of a user who has another name there
    baseline = [query(number, tag(str(number), 0) + f"select {number} from t", username="IAM:ana-b") for number in range(4)]
    target = [query(number + 10, tag(str(number), 0) + f"select {number} from t", username="ana_b") for number in range(2)]
    write_cluster(warehouse.landing, BASELINE, baseline, what_if=WHAT_IF + timedelta(hours=40))
    write_cluster(warehouse.landing, "target", target, what_if=WHAT_IF + timedelta(hours=40))
    build(warehouse)
    moments = [row[0] for row in warehouse.rows("select distinct what_if_timestamp from dev_marts.fct_replayed_query_pairs order by 1")]
    pairs = "select baseline_query_id, target_query_id from dev_marts.fct_replayed_query_pairs where what_if_timestamp = '{}' order by 1"
    for moment, (name, (_, _, expected)) in zip(moments, cases.items(), strict=False):
        found = warehouse.rows(pairs.format(moment))
        assert found == expected, name
    classes = f"select pair_class, count(*) from dev_marts.fct_replayed_query_pairs where what_if_timestamp = '{moments[-1]}' group by 1"
    assert dict(warehouse.rows(classes)) == {"compared": 2, "missing in the target": 2}


def test_replays_that_are_as_they_were_are_not_paired_again(warehouse: Warehouse, tmp_path: Path) -> None:
    """A replay is paired again for a query that came late, and for other settings; one that has no target any more has no pairs."""
    moments = [WHAT_IF + timedelta(hours=hour) for hour in range(2)]
    for moment in moments:
        write_cluster(warehouse.landing, BASELINE, [query(number, f"select {number} from t") for number in range(3)], what_if=moment)
        write_cluster(warehouse.landing, "target", [query(number + 10, f"select {number} from t") for number in range(2)], what_if=moment)
    build(warehouse)
    columns = "what_if_timestamp, configuration_name, baseline_query_id, target_query_id, pair_class"
    pairs = f"select {columns} from dev_marts.fct_replayed_query_pairs"
    stored = "select what_if_timestamp, count(*) from dev_marts.fct_replayed_query_pairs where class_reason = 'as it was stored' group by 1"
    connection = duckdb.connect(str(warehouse.database))
    connection.execute("update dev_marts.fct_replayed_query_pairs set class_reason = 'as it was stored'")
    connection.close()
    # a query of the second replay comes late
    write_cluster(tmp_path / "late", "target", [query(12, "select 2 from t")], what_if=moments[1])
    (file,) = (tmp_path / "late").rglob("*.parquet")
    shutil.copyfile(file, warehouse.landing / file.relative_to(tmp_path / "late").with_name("0001_part_00.parquet"))
    warehouse.dbt("run", "-s", "+fct_replayed_query_pairs").must_pass()
    names = [f"{moment:%Y-%m-%d-%H-%M-%S}" for moment in moments]
    assert warehouse.rows(stored) == [(names[0], 3)]
    classes = [row[4] for row in sorted(warehouse.rows(pairs), key=repr)]
    assert classes == ["compared", "compared", "missing in the target", "compared", "compared", "compared"]
    kept = sorted(warehouse.rows(pairs), key=repr)
    warehouse.dbt("run", "-s", "fct_replayed_query_pairs", "--full-refresh").must_pass()
    assert sorted(warehouse.rows(pairs), key=repr) == kept
    # a command that reads nothing takes nothing out
    warehouse.dbt("run", "-s", "fct_replayed_query_pairs", "--empty").must_pass()
    assert sorted(warehouse.rows(pairs), key=repr) == kept
    # other settings hold for old replays too
    settings = ("--vars", json.dumps({"replay_leave_out_first_runs": True}))
    warehouse.dbt("run", "-s", "fct_replayed_query_pairs", *settings).must_pass()
    assert warehouse.rows(stored) == []
    nobody = ("--vars", json.dumps({"replay_baseline": "nothing-like-it"}))
    warehouse.dbt("run", "-s", "dim_replay_configuration", "fct_replayed_query_pairs", *nobody).must_pass()
    assert {row[4] for row in warehouse.rows(pairs)} == {"only in the target"}
    excluded = ("--vars", json.dumps({"replay_excluded_databases": ["dev"]}))
    warehouse.dbt("run", "-s", "dim_replay_configuration", "fct_replayed_query_pairs", *excluded).must_pass()
    assert warehouse.rows(pairs) == []
    warehouse.dbt("run", "-s", "dim_replay_configuration", "fct_replayed_query_pairs").must_pass()
    assert sorted(warehouse.rows(pairs), key=repr) == kept


def test_what_does_not_meet_has_a_class_and_a_reason(warehouse: Warehouse) -> None:
    """Comments alone, what the extraction leaves out, loads that were not run, what a procedure runs: none of these is missing."""
    begin = query(0)["start_time"]

    def step(number: int, text: str, second: int, seconds: int, session: int = 7, **fields: Any) -> dict[str, Any]:
        spans = {"start_time": begin + timedelta(seconds=second), "elapsed_time": seconds * 1_000_000, "session_id": session}
        return query(number, text, **spans, **fields)

    baseline = [
        step(1, "/* health check */", 0, 1), step(2, "-- fetch next from c", 1, 1), step(3, "show timezone", 2, 1),
        step(4, "copy t from 's3://own/in' iam_role '' csv", 3, 1), step(5, "unload ('select 1') to 's3://own/x' iam_role ''", 4, 1),
        step(6, "unload ('select 2') to 's3://own/y' iam_role '' csv", 5, 1), step(7, "select lost from t", 6, 1),
        step(8, "call load_day('2024-01-01')", 10, 10, query_type="UTILITY"),
        step(9, "insert into d select * from s where day = $1", 11, 4),
        step(10, "delete from s where day = $1", 15, 4), step(11, "select a from other_session", 12, 2, session=8),
        step(12, "select secret from hr", 30, 1, database_name="hr"), step(13, "analyze t", 31, 1, query_type="ANALYZE"),
    ]  # fmt: skip
    target = [
        step(105, "unload ('select 1') to 's3://lab/r/UNLOADs/own/x' iam_role 'arn:9'", 4, 1),
        step(108, tag("7", 0) + "call load_day('2024-01-01');", 10, 5, query_type="UTILITY"),
        step(109, "insert into d select * from s where day = $1", 11, 2), step(111, "select a from other_session", 12, 1, session=8),
        step(112, "select extra", 40, 1),
    ]  # fmt: skip
    write_cluster(warehouse.landing, BASELINE, baseline)
    write_cluster(warehouse.landing, "target", target)
    settings = {"replay_excluded_databases": ["hr"], "replay_excluded_query_types": ["analyze"]}
    warehouse.dbt("build", "-s", *MODELS, "--vars", json.dumps(settings)).must_pass()
    pairs = "select baseline_query_id, target_query_id, pair_class, class_reason from dev_marts.fct_replayed_query_pairs order by 1, 2"
    left_out, call = "left out by the replay", "a procedure ran it"
    no_load = "the target has no COPY or no UNLOAD at all"
    found = [(*row[:3], (row[3] or "").partition(":")[0] or None) for row in warehouse.rows(pairs)]
    assert found == [
        (1, None, left_out, "a comment alone"), (2, None, left_out, "a comment alone"),
        (3, None, left_out, "what the extraction of a workload leaves out"),
        (4, None, "not part of the target", no_load), (5, 105, "compared", None),
        (6, None, "missing in the target", "the target has other queries of the user"),
        (7, None, "missing in the target", "the target has other queries of the user"),
        (8, 108, "compared", None), (9, 109, "within a call", call), (10, None, "within a call", call), (11, 111, "compared", None),
        (None, 112, "only in the target", "no query of the baseline has its tag, hash or text"),
    ]  # fmt: skip
    # the seconds of the call count once, and it is work
    assert warehouse.rows(
        "select baseline_elapsed_seconds, target_elapsed_seconds, within_call_queries, left_out_queries, missing_queries "
        "from dev_marts.agg_replay_comparison"
    ) == [(13, 7, 2, 3, 2)]
    assert warehouse.rows("select is_utility from dev_marts.fct_replayed_query_pairs where baseline_query_id = 8") == [(False,)]
    assert warehouse.rows("select covers_workload from dev_marts.agg_replay_price_performance where not is_baseline") == [(False,)]


def test_files_of_older_versions_and_broken_records(warehouse: Warehouse) -> None:
    """A column that an older version lacks is null, a user without a name goes by number; what cannot be is refused; no baseline fails."""
    older = {
        name: kind
        for name, kind in COLUMNS.items()
        if name not in ("compile_time", "planning_time", "lock_wait_time", "generic_query_hash", "query_hash_version", "username")
    }
    write_cluster(warehouse.landing, "only", [query(1), query(2, elapsed_time=-5), query(None), query(None)], older)
    write_cluster(warehouse.landing, "moved", [query(3)])
    shutil.copytree(next(warehouse.landing.glob("replay/*/moved")), warehouse.landing / "replay/march/moved")
    shutil.rmtree(next(warehouse.landing.glob("replay/2024*/moved")))
    result = warehouse.dbt("build", "-s", *MODELS)
    assert result.code != 0
    assert "every_replay_has_one_baseline" in result.output
    assert warehouse.rows("select query_id, compile_us, user_name from dev_staging.stg_replay__queries") == [(1, None, "101")]
    assert warehouse.rows("select query_id, quarantine_reason from dev_staging.quarantine_replay__queries order by 1") == [
        (-1, "query_id is missing"), (-1, "query_id is missing"), (2, "the query ended before it began"),
        (3, "the folder is no what-if timestamp"),
    ]  # fmt: skip


def test_nothing_in_common_and_a_clock_that_is_behind(warehouse: Warehouse) -> None:
    """The one fails and names the gate, the other warns."""
    write_cluster(warehouse.landing, BASELINE, [query(1, "select a from t")])
    early = query(2)["start_time"] - timedelta(hours=3)
    write_cluster(warehouse.landing, "target", [query(2, "select b from u", start_time=early)])
    result = warehouse.dbt("build", "-s", *MODELS)
    assert result.code != 0
    assert "Failure in test every_target_has_queries_in_common" in result.output
    assert "Warning in test every_replayed_query_began_after_its_replay" in result.output


def test_time_outs_are_beyond_the_limit_and_first_runs_are_left_out(warehouse: Warehouse) -> None:
    """A target that answers only what is quick holds no latency; what fails on both sides is held against neither; reruns are named."""
    text = "select a from t where day = 1"

    def runs(first: int, cold_us: int) -> list[dict[str, Any]]:
        own = [query(first, text, elapsed_time=cold_us)]
        own += [query(first + number, text, elapsed_time=1_000_000) for number in range(1, 10)]
        return [*own, query(first + 10, "select once from u", elapsed_time=2_000_000), query(first + 11, "select bad", status="failed")]

    slow = query(12, "select slow from v", elapsed_time=15_000_000)
    write_cluster(warehouse.landing, BASELINE, [*runs(0, 9_000_000), slow])
    write_cluster(
        warehouse.landing,
        "target",
        [*runs(100, 8_000_000), {**slow, "query_id": 112, "status": "canceled", "error_message": "Query timeout"}],
    )
    write_cluster(warehouse.landing, "again", [*runs(200, 9_000_000), {**slow, "query_id": 212}])
    settings = {"replay_leave_out_first_runs": True, "replay_reruns": ["again"]}
    warehouse.dbt("build", "-s", *MODELS, "--vars", json.dumps(settings)).must_pass()
    held = "select configuration_name, failed_queries, holds_latency_target from dev_marts.agg_replay_price_performance order by 1"
    assert warehouse.rows(held) == [("again", 0, True), (BASELINE, 0, True), ("target", 1, False)]
    classes = (
        "select pair_class, count(*) from dev_marts.fct_replayed_query_pairs where configuration_name = 'target' group by 1 order by 1"
    )
    assert warehouse.rows(classes) == [("compared", 10), ("failed in both", 1), ("first run", 1), ("new timeout", 1)]
    assert warehouse.rows(
        "select baseline_elapsed_seconds, first_run_queries from dev_marts.agg_replay_comparison where configuration_name = 'target'"
    ) == [(11.0, 1)]
    verdicts = (
        "select configuration_name, is_rerun, reruns, verdict from dev_marts.agg_replay_verdicts where statement_key = 'all' order by 1"
    )
    assert warehouse.rows(verdicts) == [("again", True, 0, "same"), ("target", False, 1, "same")]
    reason = "select reason, pairs from dev_marts.agg_replay_verdicts where statement_key = 'total' and configuration_name = 'target'"
    assert warehouse.rows(reason)[0][0].startswith("queries that succeeded in the baseline and fail or time out here: 1")
    assert warehouse.rows(reason)[0][1] == 11


def test_a_file_is_taken_once(compared: Warehouse, tmp_path: Path) -> None:
    before = compared.rows("select count(*) from dev_staging.delivered_replay__queries")
    build(compared)
    assert compared.rows("select count(*) from dev_staging.delivered_replay__queries") == before
    files = f"{compared.landing}/replay/*/*/*.parquet"
    assert before == duckdb.execute(f"select count(*) from read_parquet('{files}')").fetchall()


def test_the_surest_way_to_meet_goes_first(warehouse: Warehouse) -> None:
    """Tag before the hash of the engine before the text; hashes of two versions never meet; nothing pairs up twice."""
    marker = '/* {"xid":7,"query_idx": %s,"replay_start":"2024-03-05T21:00:00","source":"Test-Drive"} */ '
    hashed = {"generic_query_hash": "aa", "query_hash_version": 1}
    baseline = [
        query(1, marker % 1 + "select a from t"), query(2, marker % 2 + "select b from t"), query(3, "select c from t", **hashed),
        query(4, "select d from t where x = 4"), query(5, "select e from t", **hashed | {"query_hash_version": 2}),
    ]  # fmt: skip
    target = [
        # the texts are those of each other's partners
        query(11, marker % 1 + "select b from t"), query(12, marker % 2 + "select a from t"), query(13, "select other from t", **hashed),
        query(14, "SELECT d FROM t WHERE x = 5"), query(15, "select none from t", **hashed),
    ]  # fmt: skip
    write_cluster(warehouse.landing, BASELINE, baseline)
    write_cluster(warehouse.landing, "target", target)
    build(warehouse)
    assert warehouse.rows(
        "select baseline_query_id, target_query_id, pairing_method from dev_marts.fct_replayed_query_pairs order by 1, 2"
    ) == [
        (1, 11, "replay tag and verb"), (2, 12, "replay tag and verb"), (3, 13, "query hash"), (4, 14, "statement text"),
        (5, None, None), (None, 15, None),
    ]  # fmt: skip
    coverage = "select queries, paired_by_tag_queries, paired_by_hash_queries, paired_by_text_queries from dev_marts.agg_replay_comparison"
    assert warehouse.rows(coverage) == [(6, 2, 1, 1)]


def test_percentiles_are_those_of_duckdb(compared: Warehouse) -> None:
    for side in ("baseline", "target"):
        measures = ["p25", "p50", "p75", "p90", "p95", "p99", "p999"]
        ours = compared.rows(
            f"select {', '.join(f'{name}_seconds' for name in measures)}, mean_seconds, deviation_seconds, min_seconds, max_seconds "
            f"from dev_marts.agg_replay_durations where configuration_name = 'data-sharing' and side = '{side}'"
        )[0]
        theirs = compared.rows(
            f"with own as (select {side}_elapsed_us / 1e6 as s from dev_marts.fct_replayed_query_pairs "
            "where configuration_name = 'data-sharing' and pair_class = 'compared') "
            "select quantile_cont(s, [0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999]), avg(s), stddev_samp(s), min(s), max(s) from own"
        )[0]
        assert ours == pytest.approx([*theirs[0], *theirs[1:]])


def test_totals_are_those_of_the_pairs(compared: Warehouse) -> None:
    """Every phase, and what none of them explains."""
    sums = compared.rows(
        "select target_elapsed_seconds, target_queue_seconds + target_planning_seconds + target_compile_seconds + target_lock_wait_seconds "
        "+ target_execution_seconds + target_residual_seconds, baseline_elapsed_seconds - saved_seconds "
        "from dev_marts.agg_replay_comparison order by configuration_name"
    )
    plain = compared.rows(
        "select sum(target_elapsed_us) / 1e6 from dev_marts.fct_replayed_query_pairs where pair_class = 'compared' "
        "group by configuration_name order by configuration_name"
    )
    for (elapsed, phases, less_saved), (own,) in zip(sums, plain, strict=True):
        assert elapsed == pytest.approx(own)
        assert phases == pytest.approx(own)
        assert less_saved == pytest.approx(own)


def seconds_of_the_tenth(number: int, start: int, end: int) -> dict[str, Any]:
    """A query from one second to another."""
    begin = query(0)["start_time"].replace(minute=0, second=0, microsecond=0)
    return query(number, start_time=begin + timedelta(seconds=start), elapsed_time=(end - start) * 1_000_000)


def test_concurrency_by_hand(warehouse: Warehouse) -> None:
    """0-10 one, 10-20 two, 20-30 one, 30-40 none, 40-44 three: 44 seconds with a mean of 52 / 44."""
    spans = [(0, 20), (10, 30), (40, 44), (40, 44), (40, 44)]
    write_cluster(warehouse.landing, BASELINE, [seconds_of_the_tenth(number, *span) for number, span in enumerate(spans)])
    warehouse.dbt("build", "-s", "+agg_replay_concurrency").must_pass()
    assert warehouse.rows("select seconds, running_queries from dev_marts.fct_replay_concurrency order by valid_from") == [
        (10, 1), (10, 2), (10, 1), (10, 0), (4, 3),
    ]  # fmt: skip
    rows = warehouse.rows(
        "select observed_seconds, mean_queries, deviation_queries, p25_queries, p50_queries, p75_queries, max_queries "
        "from dev_marts.agg_replay_concurrency"
    )
    mean = 52 / 44
    spread = math.sqrt((20 * (1 - mean) ** 2 + 10 * (2 - mean) ** 2 + 10 * mean**2 + 4 * (3 - mean) ** 2) / 44)
    assert rows == [(44, pytest.approx(mean), pytest.approx(spread), 1, 1, 2, 3)]


def test_what_is_charged_is_split_over_the_queries(warehouse: Warehouse) -> None:
    """Two minutes of usage: one alone, then two at a time one of which runs half as long, then none; and usage before the replay."""
    spans = [(0, 60), (60, 120), (60, 90)]
    runs = [seconds_of_the_tenth(number, *span) for number, span in enumerate(spans)]
    begin = runs[0]["start_time"]
    write_cluster(warehouse.landing, BASELINE, runs)
    write_cluster(warehouse.landing, PRODUCER, runs)

    def minute(number: int, charged: int | None) -> dict[str, Any]:
        spans = {"start_time": begin + timedelta(minutes=number), "end_time": begin + timedelta(minutes=number + 1)}
        return {**used(runs, 32)[0], **spans, "charged_seconds": charged}

    minutes = [minute(-5, 700), minute(0, 1920), minute(1, 1921), minute(3, 60), minute(9, None)]
    write_cluster(warehouse.landing, PRODUCER, minutes, USAGE_COLUMNS, folder="replay_usage")
    build(warehouse)
    assert warehouse.rows("select quarantine_reason from dev_staging.quarantine_replay__serverless_usage") == [
        ("charged_seconds is missing",),
    ]  # fmt: skip
    parts = "select query_id, charged_rpu_us from dev_marts.fct_replay_query_costs order by 1 nulls last"
    assert warehouse.rows(parts) == [(0, 1_920_000_000), (1, 1_280_666_666), (2, 640_333_334), (None, 760_000_000)]
    costs = (
        "select cluster_identifier, cost_basis, charged_rpu_seconds, cast(cost_amount as double) from dev_marts.fct_replay_costs order by 1"
    )
    assert warehouse.rows(costs) == [
        (BASELINE, "node hours", None, pytest.approx(2 * 3.26 * 120 / 3600, abs=1e-6)),
        (PRODUCER, "charged seconds", 3841, pytest.approx(3841 / 3600 * 0.375, abs=1e-6)),
    ]


def test_the_cheapest_configuration_that_holds_the_target(compared: Warehouse) -> None:
    """The baseline is cheaper and too slow; a part of the workload is never the answer; without a price there is none."""
    columns = "select configuration_name, holds_latency_target, is_cheapest_within_target, cost_ratio is null"
    assert compared.rows(f"{columns} from dev_marts.agg_replay_price_performance order by 1") == [
        (BASELINE, False, False, False), (CONSUMER, True, False, True), ("data-sharing", True, True, False), (PRODUCER, False, False, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("replay_capacity", {"a": {"unit": "RPU", "units": 0, "region": "r"}}, "needs unit, units and region for each cluster"),
        ("replay_capacity", {"a": 32}, "needs unit, units and region for each cluster"),
        ("replay_latency_target", {"percentile": "p42", "seconds": 1}, "needs a percentile (p50, p90, p95, p99) and seconds"),
    ],
)
def test_wrong_settings_are_named(warehouse: Warehouse, variable: str, value: Any, told: str) -> None:
    models = ["fct_replay_costs", "agg_replay_price_performance"]
    result = warehouse.dbt("compile", "-s", *models, "--no-populate-cache", "--vars", json.dumps({variable: value}))
    assert result.code != 0
    assert f"the variable {variable} {told}" in result.output


def test_limits_fail_the_command(compared: Warehouse) -> None:
    """A comparison that gates a deployment: the exit code, and which measure of which target it was."""
    test = ["test", "-s", "every_replay_keeps_to_its_limits", "--vars"]
    compared.dbt(*test, json.dumps({"replay_limits": {"*": {"missing": 0, "elapsed_ratio": 1}, CONSUMER: {"new_errors": 0}}})).must_pass()
    failed = compared.dbt(*test, json.dumps({"replay_limits": {"*": {"new_errors": 0}, PRODUCER: {"degraded_share": 0.1}}}))
    assert failed.code != 0
    # new errors of the producer, and of the split that it is part of
    assert "Got 3 results" in failed.output
    unknown = compared.dbt(*test, json.dumps({"replay_limits": {"*": {"slower": 0}}}))
    assert "replay_limits: 'slower' of '*' is not known" in unknown.output


@pytest.mark.parametrize(
    ("analysis", "rows"),
    [
        ("replay_by_user", 3 * 3), ("replay_by_query_type", 3 * 4), ("replay_extremes", 3 * 3 * 10), ("replay_cache_effect", 2),
        ("replay_warm_up", 3), ("replay_other_results", 0), ("replay_price_performance", 4), ("replay_phases", 3 * 7),
        ("replay_percentiles", 3 * 7), ("replay_improved_and_degraded", 3),
    ],
)  # fmt: skip
def test_analyses_answer(compared: Warehouse, analysis: str, rows: int) -> None:
    compared.dbt("compile", "-s", analysis).must_pass()
    found = compared.rows((compared.target / f"compiled/millrace/analyses/platform/{analysis}.sql").read_text())
    assert len(found) == rows


def test_degrees_and_errors_add_up(compared: Warehouse) -> None:
    compared.dbt("compile", "-s", "replay_degree_of_change", "replay_new_errors").must_pass()
    compiled = compared.target / "compiled/millrace/analyses/platform"
    counted: dict[str, dict[str, int]] = {"replay_degree_of_change": {}, "replay_new_errors": {}}
    for name, own in counted.items():
        queries = f"select configuration_name, sum(queries) from ({(compiled / f'{name}.sql').read_text()}) group by 1"
        own.update({configuration: int(number) for configuration, number in compared.rows(queries)})
    comparison = compared.rows(
        "select configuration_name, compared_queries, new_error_queries + new_timeout_queries + resolved_error_queries "
        "from dev_marts.agg_replay_comparison"
    )
    for configuration, of_all, of_errors in comparison:
        assert counted["replay_degree_of_change"][configuration] == of_all
        assert counted["replay_new_errors"].get(configuration, 0) == of_errors


def test_phases_percentiles_and_shares_are_those_of_the_pairs(compared: Warehouse) -> None:
    """Against the pairs themselves."""
    names = ("replay_phases", "replay_percentiles", "replay_improved_and_degraded", "replay_degree_of_change")
    compared.dbt("compile", "-s", *names).must_pass()
    sql = {name: (compared.target / f"compiled/millrace/analyses/platform/{name}.sql").read_text() for name in names}
    pairs = "from dev_marts.fct_replayed_query_pairs where pair_class = 'compared' group by 1"
    times = compared.rows(f"select configuration_name, sum(baseline_elapsed_us) / 1e6, sum(target_elapsed_us) / 1e6 {pairs}")
    for configuration, baseline, target in times:
        shown = compared.rows(
            f"select baseline_seconds, target_seconds, saved_seconds from ({sql['replay_phases']}) "
            f"where configuration_name = '{configuration}' and phase = 'elapsed'"
        )
        assert shown == [(pytest.approx(baseline), pytest.approx(target), pytest.approx(baseline - target))]
    for configuration, baseline, target in compared.rows(
        "select configuration_name, quantile_cont(baseline_elapsed_us, 0.9) / 1e6, quantile_cont(target_elapsed_us, 0.9) / 1e6 " + pairs
    ):
        shown = compared.rows(
            f"select baseline_seconds, target_seconds, changed_by from ({sql['replay_percentiles']}) "
            f"where configuration_name = '{configuration}' and percentile = 'p90'"
        )
        assert shown == [(pytest.approx(baseline), pytest.approx(target), pytest.approx((target - baseline) / baseline))]
    assert compared.rows(
        "select count(*), min(improved_queries + same_queries + degraded_queries - compared_queries), "
        "min(round(improved_share + same_share + degraded_share, 9)), max(round(improved_share + same_share + degraded_share, 9)) "
        f"from ({sql['replay_improved_and_degraded']})"
    ) == [(3, 0, 1, 1)]
    shares = compared.rows(f"select sum(queries_share) from ({sql['replay_degree_of_change']}) group by configuration_name")
    assert [share for (share,) in shares] == [pytest.approx(1)] * 3


def test_the_unload_keeps_users_who_are_gone(warehouse: Warehouse) -> None:
    """A left join to the users, a comparison with the moment itself, and one column for the name."""
    expression = "{{ unload_replay_statement('2024-03-05-21-00-00', 'base', columns=['user_id', 'query_id']) }}"
    compiled = warehouse.dbt(
        "--quiet",
        "compile",
        "--target",
        "redshift",
        "--no-populate-cache",
        "--vars",
        "{landing_root: s3://millrace-landing, static_compile: full}",
        "--inline",
        expression,
    )
    assert (
        "unload ($$ select history.user_id, history.query_id, trim(users.usename) as username from sys_query_history as history "
        "left join pg_user as users on history.user_id = users.usesysid where history.start_time >= '2024-03-05 21:00:00' $$) to "
        "'s3://millrace-landing/replay/2024-03-05-21-00-00/base/' iam_role default format as parquet parallel off allowoverwrite"
    ) in " ".join(compiled.output.split())


def test_the_usage_of_a_serverless_warehouse_is_unloaded(warehouse: Warehouse) -> None:
    """Records that end behind the beginning of the replay, into a folder beside the queries."""
    expression = "{{ unload_usage_statement('2024-03-05-21-00-00', 'serverless-32') }}"
    compiled = warehouse.dbt("--quiet", "compile", "--vars", "{landing_root: s3://millrace-landing}", "--inline", expression)
    assert (
        "unload ($$ select start_time, end_time, compute_seconds, compute_capacity, data_storage, cross_region_transferred_data, "
        "charged_seconds from sys_serverless_usage where end_time >= '2024-03-05 21:00:00' $$) to "
        "'s3://millrace-landing/replay_usage/2024-03-05-21-00-00/serverless-32/' iam_role default format as parquet parallel off "
        "allowoverwrite"
    ) in " ".join(compiled.output.split())


def test_system_views_in_s3_tables_are_unloaded_by_athena(warehouse: Warehouse) -> None:
    """Of one warehouse, since the replay began; the statement is one of Athena's grammar."""
    table = '"s3tablescatalog/aws-redshift"."ns-1".sys_query_history'
    arguments = f"'2024-03-05-21-00-00', 'base', 'etl', '{table}'"
    for columns, selected in (
        (
            ", columns=['query_id', 'start_time', 'username']",
            "query_id, cast(start_time as timestamp(3)) as start_time, trim(username) as username",
        ),
        ("", ", ".join(COLUMNS)),
    ):
        expression = "{{ unload_delivered_replay_statement(" + arguments + columns + ") }}"
        compiled = warehouse.dbt("--quiet", "compile", "--vars", "{landing_root: s3://millrace-landing}", "--inline", expression)
        text = re.sub(r"(?:cast|trim)\((\w+)(?: as timestamp\(3\))?\) as \w+", r"\1", compiled.output) if not columns else compiled.output
        statement = " ".join(text[text.index("unload (") :].split())
        assert statement == (
            f"unload (select {selected} from {table} where warehouse_name = 'etl' and start_time >= timestamp '2024-03-05 21:00:00') to "
            "'s3://millrace-landing/replay/2024-03-05-21-00-00/base/' with (format = 'PARQUET')"
        )
    inner = statement[len("unload (") : statement.index(") to 's3")]
    assert sqlglot.parse_one(inner, read="athena").sql(dialect="athena")
    for own, told in (
        ("'etl x', 'a.b'", "'warehouse' is 'etl x'"), ("none, 'a.b'", "'warehouse' is 'None'"), ("'etl', 'a; drop'", "'system_table' is"),
    ):  # fmt: skip
        refused = warehouse.dbt(
            "compile", "--inline", "{{ unload_delivered_replay_statement('2024-03-05-21-00-00', 'base', " + own + ") }}"
        )
        assert refused.code != 0
        assert told in refused.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("'2024-03-05', 'base'", "'what_if_timestamp' is '2024-03-05'. It should be yyyy-mm-dd-hh-mm-ss"),
        ("'2024-03-05-21-00-00', 'a/b'", "'cluster' is 'a/b'. It should be letters, digits, dots, hyphens and underscores"),
        ("'2024-03-05-21-00-00', 'base', 'me'", "'role_arn' is 'me'. It should be arn:aws:iam::<12 digits>:role/<name>, or default"),
    ],
)
def test_wrong_arguments_of_the_unload(warehouse: Warehouse, arguments: str, message: str) -> None:
    refused = warehouse.dbt("compile", "--inline", "{{ unload_replay_statement(" + arguments + ") }}")
    assert refused.code != 0
    assert message in refused.output


TEST_DRIVE_COLUMNS = [
    "user_id", "user_name", "query_id", "transaction_id", "session_id", "database_name", "start_time", "end_time", "elapsed_time", "status",
    "result_cache_hit", "queue_time", "execution_time", "query_text", "query_label", "query_type", "error_message", "returned_rows",
    "returned_bytes", "redshift_version",
]  # fmt: skip


def write_analysis(folder: Path, rows: list[dict[str, Any]], columns: list[str] = TEST_DRIVE_COLUMNS) -> Path:
    """The raw_data folder of an analysis: CSV of the view without a suffix, true and false as t and f, and other files beside it."""
    folder.mkdir(parents=True)
    with (folder / "sys_query_history000").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            own = {**row, "user_name": row["username"], "result_cache_hit": "t" if row["result_cache_hit"] else "f"}
            writer.writerow(["" if own[name] is None else str(own[name]) for name in columns])
    (folder / "statement_types000").write_text("statement_type,aborted,total_count\nSELECT,0,10\n")
    return folder


def test_folders_of_test_drive_are_compared_as_unloads_are(compared: Warehouse, warehouse: Warehouse, tmp_path: Path) -> None:
    """The sample as Test Drive leaves it gives the same classes, ways to meet and seconds, but for the phases that the tool leaves out."""
    what_if = f"{WHAT_IF:%Y-%m-%d-%H-%M-%S}"
    for cluster, users in ((BASELINE, ETL | BI), (PRODUCER, ETL), (CONSUMER, BI)):
        rows = replayed(cluster, users, 400, 7, 0.15)
        assert land_test_drive(write_analysis(tmp_path / "analysis" / cluster, rows), warehouse.landing, what_if, cluster) == len(rows)
    build(warehouse)
    figures = (
        "select configuration_name, queries, compared_queries, paired_by_tag_queries, new_error_queries, improved_queries, "
        "baseline_elapsed_seconds, target_elapsed_seconds, target_compile_seconds is null from dev_marts.agg_replay_comparison order by 1"
    )
    theirs = [(*row[:-1], True) for row in compared.rows(figures)]
    assert warehouse.rows(figures) == theirs
    assert warehouse.rows("select count(*) from dev_staging.quarantine_replay__queries") == [(0,)]


def test_broken_folders_of_test_drive(warehouse: Warehouse, tmp_path: Path) -> None:
    """A value that is none is refused by staging; a folder that is none stops, with what is wrong."""
    broken = {**query(1), "start_time": "yesterday"}
    folder = write_analysis(tmp_path / "raw_data", [query(2, "select \"a\",\n'b'"), broken])
    assert land_test_drive(folder, warehouse.landing, "2024-03-05-21-00-00", BASELINE) == 2
    warehouse.dbt("build", "-s", "+stg_replay__queries", "+quarantine_replay__queries").must_pass()
    assert warehouse.rows("select query_id, query_text from dev_staging.stg_replay__queries") == [(2, "select \"a\",\n'b'")]
    assert warehouse.rows("select query_id, quarantine_reason from dev_staging.quarantine_replay__queries") == [
        (1, "start_time is missing")
    ]
    for raw_data, what_if, cluster, told in (
        (tmp_path, "2024-03-05-21-00-00", "a", "has no file sys_query_history"),
        (write_analysis(tmp_path / "other", [], ["user_id"]), "2024-03-05-21-00-00", "a", "has no column query_id, start_time, query_text"),
        (folder, "march", "a", "--what-if is 'march'"),
        (folder, "2024-03-05-21-00-00", "a/b", "--cluster is 'a/b'"),
    ):
        with pytest.raises(ValueError, match=told):
            land_test_drive(raw_data, warehouse.landing, what_if, cluster)
