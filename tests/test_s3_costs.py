"""Allocation of the S3 bill: to the last digit, against an allocator of a few lines, the published figures, and bills as they go wrong."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import landing_files
import pyarrow.orc
import pyarrow.parquet
import pytest
from compiled_project import CompiledProject, Replay
from conftest import ROOT, Compilations, Warehouse, copy_of
from histories import hold_over
from hypothesis import strategies as st
from make_landing import REAL_TAXI_FOLDER
from make_s3_costs import ACCOUNT, BUCKET, MONTH, line, logged, write_bill, write_inventory, write_log

MODELS = ["fct_s3_requests", "agg_s3_bills", "ref_s3_owners", "ref_s3_shared_costs", "dim_date", "+agg_s3_chargeback",
          "+agg_s3_prefix_costs", "path:models/staging/platform/cur", "path:models/staging/platform/focus",
          "path:models/staging/platform/s3"]  # fmt: skip
STANDARD = "TimedStorage-ByteHrs"


def build(warehouse: Warehouse, *arguments: str) -> None:
    """Loads and tests everything of the bill."""
    warehouse.dbt("build", "-s", *MODELS, *arguments).must_pass()


@pytest.fixture(scope="module")
def billed(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample, built."""
    return copy_of(sample, tmp_path_factory.mktemp("s3_costs"))


def listed(key: str, size: int | None, **fields: Any) -> dict[str, Any]:
    """A row of an inventory."""
    return {"bucket": BUCKET, "key": key, "size": size, "is_latest": True, "storage_class": "STANDARD", **fields}


def amounts(warehouse: Warehouse, columns: str = "prefix", where: str = "true") -> dict[Any, Decimal]:
    """Cost by columns of the allocation."""
    rows = warehouse.rows(
        f"select {columns}, sum(cost_amount) from dev_marts.fct_s3_cost_allocation where {where} group by all order by all"
    )
    return {row[0] if len(row) == 2 else row[:-1]: row[-1] for row in rows}


def test_the_sample_adds_up(billed: Warehouse) -> None:
    """The bill, its lines, the parts, the tree and the teams are one sum; what has no prefix says why."""
    sums = [
        billed.rows(f"select sum(cost_amount) from dev_marts.{model}")[0][0]
        for model in ("agg_s3_charges", "fct_s3_cost_allocation", "agg_s3_chargeback", "agg_s3_prefix_costs where depth = 0")
    ]
    files = f"{billed.landing}/cur/*/*/*/*.parquet"
    lines = duckdb.execute(f"select line_item_unblended_cost from read_parquet('{files}')").fetchall()
    assert sums == sums[:1] * 4
    # amounts are doubles in Parquet: the bill is what they are written as
    assert abs(sum(Decimal(repr(cost)) for (cost,) in lines) - sums[0]) < Decimal("1e-13")
    reasons = amounts(billed, "unallocated_reason", "bucket_name = 'old-logs'")
    assert list(reasons) == ["the bucket has no inventory"]
    assert set(amounts(billed, "component")) == {"usage", "tax", "credit"}
    assert sum(amounts(billed, where="component = 'tax'").values()) == Decimal("1.37")


def test_owners_of_their_time(billed: Warehouse) -> None:
    """The clicks went from one team to another in mid-month; the longest prefix counts; a new rule changes nothing before its day."""
    teams = billed.rows(
        "select team, min(usage_on), max(usage_on) from dev_marts.fct_s3_cost_allocation "
        f"where prefix = 'raw/clicks/2024/03/' and component = 'usage' and usage_on >= '{MONTH}' group by all order by all"
    )
    assert teams == [("marketing", date(2024, 3, 16), date(2024, 3, 31)), ("web", date(2024, 3, 1), date(2024, 3, 15))]
    assert amounts(billed, "distinct team", "prefix = 'raw/orders/'").keys() == {"ingestion"}
    assert amounts(billed, "distinct team", "prefix = '(root)'").keys() == {"data platform"}


def test_owners_by_tags_of_their_time(marts: Marts) -> None:
    """A prefix comes before a tag, a tag before the bucket; the tag of the day counts, and none where there is none."""
    days = [MONTH + timedelta(days=number) for number in range(3)]
    inventory = [
        {"configuration": "all", "inventory_on": MONTH, "delivery": "x", "bucket_name": BUCKET, "prefix": prefix,
         "storage_class": "STANDARD", "access_tier": "", "version_kind": "current", "encryption_status": "",
         "age_class": "unknown", "objects": 1, "size_bytes": 1, "small_objects": 0, "missing_small_bytes": 0, "marker_bytes": 0}
        for prefix in ("a/", "b/")
    ]  # fmt: skip
    lines = [
        {
            "landing": "copy_cur_line_items", "report_name": "r", "payer_account_id": ACCOUNT, "product_code": "AmazonS3",
            "currency": "USD", "billing_period_starts_on": MONTH, "line_item_type": "Usage",
            "usage_starts_at": datetime(day.year, day.month, day.day),
            "usage_ends_at": datetime(day.year, day.month, day.day, 1), "usage_type": STANDARD, "bucket_name": BUCKET, "owner_tag": tag,
            "unblended_cost": Decimal(2),
        }
        for day, tag in zip(days, ("web", "apps", None), strict=True)
    ]  # fmt: skip
    owners: list[Row] = [
        {"bucket_name": BUCKET, "prefix": "a/", "team": "alpha", "valid_from": MONTH},
        {"bucket_name": "*", "tag_value": "web", "team": "web team", "valid_from": MONTH},
        {"bucket_name": "*", "tag_value": "apps", "team": "apps team", "valid_from": MONTH, "valid_to": MONTH + timedelta(days=1)},
        {"bucket_name": BUCKET, "team": "lake team", "valid_from": MONTH},
    ]
    connection = marts.run(lines, inventory, [], owners, [])
    found = connection.execute("select usage_on, prefix, team from dev_marts.fct_s3_cost_allocation order by all").fetchall()
    assert found == [
        (days[0], "a/", "alpha"), (days[0], "b/", "web team"), (days[1], "a/", "alpha"), (days[1], "b/", "lake team"),
        (days[2], "a/", "alpha"), (days[2], "b/", "lake team"),
    ]  # fmt: skip


def test_a_tag_of_the_bill_is_landed(warehouse: Warehouse) -> None:
    """The column that s3_owner_tag names comes from CSV by the name that AWS writes; what is no column is refused."""
    header = "identity/LineItemId,bill/BillingPeriodStartDate,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/LineItemType,"
    header += (
        "lineItem/ProductCode,lineItem/UsageType,lineItem/ResourceId,lineItem/CurrencyCode,lineItem/UnblendedCost,resourceTags/user:team"
    )
    start = "2024-03-01T00:00:00Z,2024-03-01T00:00:00Z,2024-03-02T00:00:00Z"
    rows = [f"1,{start},Usage,AmazonS3,{STANDARD},{BUCKET},USD,1,web", f"2,{start},Usage,AmazonS3,{STANDARD},other,USD,1,"]
    warehouse.write("cur/r/20240301-20240401/r-00001.csv", "\n".join([header, *rows]) + "\n")
    variables = ["--vars", json.dumps({"s3_owner_tag": "resource_tags_user_team"})]
    warehouse.dbt("run", "-s", "+agg_s3_bucket_tags", *variables).must_pass()
    assert warehouse.rows("select * from dev_marts.agg_s3_bucket_tags") == [(BUCKET, date(2024, 3, 1), "web")]
    result = warehouse.dbt(
        "compile", "-s", "copy_cur_line_items", "--no-populate-cache", "--vars", json.dumps({"s3_owner_tag": "user:team"})
    )
    assert result.code != 0
    assert "the variable s3_owner_tag is 'user:team'" in result.output


def test_shared_costs_are_borne(billed: Warehouse) -> None:
    """Even halves of the shared team; the unowned bucket by what the others cost; each source adds up."""
    borne: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for from_team, team, cost in billed.rows(
        f"select from_team, team, cost_amount from dev_marts.agg_s3_chargeback where billing_period_starts_on = '{MONTH}'"
    ):
        borne[from_team][team] = cost
    assert set(borne["shared"]) == {"ingestion", "finance"}
    assert abs(borne["shared"]["ingestion"] - borne["shared"]["finance"]) < Decimal("1e-11")
    own = amounts(billed, "team", f"billing_period_starts_on = '{MONTH}'")
    assert set(borne["unowned"]) == set(own) - {"shared", "unowned"}
    whole = sum(cost for team, cost in own.items() if team in borne["unowned"])
    for team, cost in borne["unowned"].items():
        assert abs(cost - own["unowned"] * own[team] / whole) < Decimal("1e-11")
    assert {team: sum(parts.values()) for team, parts in borne.items()} == own


def test_the_published_figure(warehouse: Warehouse) -> None:
    """Source 7: 750 of 1,000 bytes, 10 dollars of storage beside a request: 75 percent, 10, 7.5. Its traps are in the files too."""
    day = date(2024, 3, 1)
    objects = [listed("app_logs/a", 500), listed("app_logs/deep/b", 250), listed("app-logs/c", 150), listed("d", 100)]
    other = [{**listed("app_logs/a", 9_000), "bucket": "other"}]
    # the scan begins after midnight, the bucket is listed twice a day, and another bucket is beside it
    write_inventory(warehouse.landing, BUCKET, datetime(2024, 3, 1, 1), [listed("app_logs/old", 77_777)])
    write_inventory(warehouse.landing, BUCKET, datetime(2024, 3, 1, 13), objects)
    write_inventory(warehouse.landing, "other", datetime(2024, 3, 1, 1), other)
    hours = [
        line(
            day, STANDARD, "StandardStorage", 0, cost, line_item_usage_start_date=start, line_item_usage_end_date=start + timedelta(hours=1)
        )
        for cost, start in ((8.0, datetime(2024, 3, 1)), (2.0, datetime(2024, 3, 1, 7)))
    ]
    write_bill(warehouse.landing, [*hours, line(day, "Requests-Tier1", "PutObject", 1, 5.0)])
    build(warehouse)
    variables = {"s3_share_bucket": BUCKET, "s3_share_prefix": "app_logs/", "s3_share_day": "2024-03-01"}
    warehouse.dbt("compile", "-s", "s3_prefix_share", "--vars", json.dumps(variables)).must_pass()
    compiled = (warehouse.target / "compiled/millrace/analyses/platform/s3_prefix_share.sql").read_text()
    ((day_on, percent, total, cost, remark),) = warehouse.rows(compiled)
    assert remark is None
    assert (day_on, float(percent), float(total), float(cost)) == (day, 75.0, 10.0, 7.5)
    storage = amounts(warehouse, where="charge_kind = 'storage'")
    assert {prefix: float(cost) for prefix, cost in storage.items()} == {
        "(root)": 1,
        "app-logs/": 1.5,
        "app_logs/": 5,
        "app_logs/deep/": 2.5,
    }


def test_gigabyte_months(warehouse: Warehouse) -> None:
    """S3's guide: 42,259,901,212,262,400 byte-hours in March are 52,900 GB-months."""
    shown = warehouse.dbt(
        "--quiet", "show", "--output", "json", "--inline", "select {{ gigabyte_months('42259901212262400', 31) }} as months"
    )
    assert json.loads(shown.must_pass().output)["show"][0]["months"] == 52900.0


def test_the_focus_sample(warehouse: Warehouse) -> None:
    """942 lines of AWS for exactly 18.0066386184; 36 of S3 for 0.0018150185, all without a bucket; the word NULL is nothing."""
    source = REAL_TAXI_FOLDER.parent / "focus/focus_sample.csv"
    if not source.exists():
        pytest.skip("no FOCUS sample at hand (MILLRACE_REAL_DATA)")
    warehouse.write("focus/sample/focus_sample.csv", source.read_bytes())
    build(warehouse)
    of_aws = "from dev_staging.stg_focus__line_items where product_code = 'AmazonS3' or product_code like 'AWS: %'"
    assert warehouse.rows(f"select count(*), sum(unblended_cost) {of_aws}") == [(942, Decimal("18.0066386184").quantize(Decimal("1e-18")))]
    assert amounts(warehouse, "unallocated_reason") == {"the line names no bucket": Decimal("0.0018150185").quantize(Decimal("1e-18"))}
    assert warehouse.rows("select count(*) from dev_staging.quarantine_focus__line_items") == [(0,)]


def test_requests_go_to_who_asked(billed: Warehouse) -> None:
    """Access logs split requests by the bill's operation, transfer by bytes sent; a day without a log falls back, and says so."""
    puts = amounts(billed, "prefix", "usage_type = 'Requests-Tier1' and component = 'usage' and usage_on = '2024-03-05'")
    assert {prefix: float(cost) for prefix, cost in puts.items()} == {"raw/clicks/2024/03/": 0.015, "raw/orders/": 0.005}
    sent = amounts(billed, "prefix", "charge_kind = 'data transfer' and component = 'usage' and usage_on = '2024-03-05'")
    assert set(sent) == {"marts/finance/", "shared/lookup/", "raw/orders/"}
    methods = amounts(billed, "distinct allocation_method", "charge_kind = 'requests' and usage_on = '2024-03-20'")
    assert set(methods) == {"objects, without access logs"}
    # a fault of S3's own is no charge, a deletion is none either; sessions of one role are one requester
    assert billed.rows(
        "select operation, requester, sum(requests), sum(billed_requests) from dev_marts.fct_s3_requests "
        "where prefix = 'raw/orders/' and requested_on = '2024-03-05' group by all order by all"
    ) == [
        ("REST.DELETE.OBJECT", f"arn:aws:sts::{ACCOUNT}:assumed-role/ingest", 1, 1),
        ("REST.GET.BUCKET", f"arn:aws:sts::{ACCOUNT}:assumed-role/ingest", 4, 4),
        ("REST.GET.OBJECT", f"arn:aws:sts::{ACCOUNT}:assumed-role/analyst", 1, 0),
        ("REST.PUT.OBJECT", f"arn:aws:sts::{ACCOUNT}:assumed-role/ingest", 3, 3),
        ("S3.EXPIRE.OBJECT", f"arn:aws:sts::{ACCOUNT}:assumed-role/lifecycle", 1, 1),
    ]
    assert billed.rows("select quarantine_reason, record_text, requests from dev_staging.quarantine_s3__access_logs") == [
        ("the line is no record of an access log", "a line that was cut of", 1)
    ]


def test_logs_as_they_come(warehouse: Warehouse) -> None:
    """The published line; keys that were encoded twice; a key like a quote; blank lines, bytes that are no UTF-8, compressed files."""
    published = (
        "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be lake [06/Feb/2019:00:00:38 +0000] 192.0.2.3 "
        "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be 3E57427F3EXAMPLE REST.GET.VERSIONING - "
        '"GET /lake?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6Uk= SigV4 '
        "ECDHE-RSA-AES128-GCM-SHA256 AuthHeader lake.s3.us-west-1.amazonaws.com TLSV1.2 arn:aws:s3:us-west-1:123456789012:accesspoint/x -"
    )
    moment = datetime(2024, 3, 1, 3)
    odd = [
        published, "", logged(moment, "REST.PUT.OBJECT", "with%2520blank/x", "PUT", "r", 0),
        logged(moment, "REST.PUT.OBJECT", "%25C3%25B6/x", "PUT", "r", 0), logged(moment, "REST.PUT.OBJECT", "a%2522b/x", "PUT", "r", 0),
        logged(moment, "S3.EXPIRE.OBJECT", "old/x", "-", "r", 0), published.replace("06/Feb", "31/Feb"), published[:150],
    ]  # fmt: skip
    write_log(warehouse.landing, moment, odd)
    wild = logged(moment, "REST.GET.OBJECT", "wild/x", "GET", "r", 7).encode().replace(b"aws-cli", b"\xff\x00")
    warehouse.write(f"s3_access_logs/{BUCKET}/2024-03-01-04-00-00-B", wild + b"\r\n")
    warehouse.write(f"s3_access_logs/{BUCKET}/2024-03-01-05-00-00-C.gz", gzip.compress(f"{odd[2]}\n".encode()))
    warehouse.write(f"s3_access_logs/{BUCKET}/2024-03-01-06-00-00-D", b"")
    warehouse.dbt("build", "-s", "+fct_s3_requests", "quarantine_s3__access_logs", "accounting_s3__access_logs").must_pass()
    assert warehouse.rows("select bucket_name, prefix, operation, requests, bytes_sent from dev_marts.fct_s3_requests order by all") == [
        ("lake", "(root)", "REST.GET.VERSIONING", 1, 113), (BUCKET, 'a"b/', "REST.PUT.OBJECT", 1, 0),
        (BUCKET, "old/", "S3.EXPIRE.OBJECT", 1, 0), (BUCKET, "wild/", "REST.GET.OBJECT", 1, 7),
        (BUCKET, "with blank/", "REST.PUT.OBJECT", 2, 0), (BUCKET, "ö/", "REST.PUT.OBJECT", 1, 0),
    ]  # fmt: skip
    assert warehouse.rows("select quarantine_reason, requests from dev_staging.quarantine_s3__access_logs order by all") == [
        ("the day of the request does not exist", 1), ("the line is no record of an access log", 1),
    ]  # fmt: skip
    assert warehouse.rows("select sum(delivered_records), sum(accepted_records), sum(quarantined_records) "
                          "from dev_staging.accounting_s3__access_logs") == [(9, 7, 2)]  # fmt: skip


def test_a_bill_of_another_generator(warehouse: Warehouse) -> None:
    """koku-nise writes reports for another project's tests: 12.5 for 0.023 an hour over March are 213.90, and each line of it arrives."""
    program = ROOT / ".venv/nise/bin/nise"
    assert program.exists(), "there is no koku-nise; make test installs it, from tests/support/nise.txt"
    generator = {
        "S3Generator": {"start_date": "2024-03-01", "end_date": "2024-04-01", "amount": 12.5, "rate": 0.023, "resource_id": "lake"}
    }
    static = {"generators": [generator], "accounts": {"payer": 9999999999999, "user": [9999999999999]}}
    warehouse.write("../nise/static.yml", json.dumps(static))
    command = [
        str(program),
        "report",
        "aws",
        "--static-report-file",
        "static.yml",
        "-s",
        "2024-03-01",
        "-e",
        "2024-04-01",
        "--write-monthly",
    ]
    subprocess.run(command, cwd=warehouse.folder / "nise", check=True, capture_output=True)
    files = list((warehouse.folder / "nise").glob("*.csv"))
    for file in files:
        warehouse.write(f"cur/nise/{file.stem}/{file.name}", file.read_bytes())
    build(warehouse)
    texts = [row["lineItem/UnblendedCost"] for file in files for row in csv.DictReader(file.read_text().splitlines())]
    assert len(texts) == 744
    ((lines, cost),) = warehouse.rows("select count(*), sum(unblended_cost) from dev_staging.stg_cur__line_items")
    assert (lines, cost) == (744, sum(Decimal(text) for text in texts))
    assert sum(amounts(warehouse).values()) == cost == Decimal("213.9")
    assert warehouse.rows("select count(*) from dev_staging.quarantine_cur__line_items") == [(0,)]


ANALYSES = [
    "s3_cost_by_account", "s3_cost_by_requester", "s3_cost_per_gigabyte", "s3_unusual_days", "s3_cold_prefixes", "s3_listed_against_billed",
    "s3_against_budget",
    "s3_unfinished_uploads", "s3_old_versions", "s3_small_objects", "s3_lifecycle_candidates", "s3_top_prefixes", "s3_month_over_month",
    "s3_prefix_share", "s3_chargeback_statement", "s3_unencrypted_objects",
]  # fmt: skip


@pytest.fixture(scope="module")
def analysed(billed: Warehouse) -> dict[str, list[Row]]:
    """What each analysis says of the sample."""
    variables = json.dumps({"s3_share_bucket": "nobody's"})
    billed.dbt("compile", "-s", *ANALYSES, "--vars", variables).must_pass()
    folder = billed.target / "compiled/millrace/analyses/platform"
    found = {}
    with duckdb.connect(str(billed.database), read_only=True) as connection:
        for name in ANALYSES:
            cursor = connection.execute((folder / f"{name}.sql").read_text())
            columns = [column[0] for column in cursor.description or []]
            found[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return found


def test_analyses_add_up(billed: Warehouse, analysed: dict[str, list[Row]]) -> None:
    """Accounts, requesters and the dearest with the rest, and changes are sums of the bill; a bucket that nobody knows is named."""
    bill = sum(amounts(billed).values())
    assert sum(row["cost_amount"] for row in analysed["s3_cost_by_account"]) == bill
    asked = amounts(billed, where="component = 'usage' and charge_kind in ('requests', 'retrieval', 'data transfer')")
    assert sum(row["cost_amount"] for row in analysed["s3_cost_by_requester"]) == sum(asked.values())
    requesters = {row["requester"].rpartition("/")[2] for row in analysed["s3_cost_by_requester"]}
    assert {"ingest", "analyst", "(not logged)"} <= requesters
    month = amounts(billed, where=f"billing_period_starts_on = '{MONTH}'")
    assert sum(row["cost_amount"] for row in analysed["s3_top_prefixes"]) == sum(month.values())
    assert [row["prefix"] for row in analysed["s3_top_prefixes"]][-1] == "(other)"
    changes = analysed["s3_month_over_month"]
    assert sum(row["cost_amount"] for row in changes) == bill
    now = [row for row in changes if row["billing_period_starts_on"] == MONTH]
    assert sum(row["change_amount"] for row in now) == sum(row["cost_amount"] - row["cost_amount_before"] for row in now)
    assert {"requests", "data transfer", "tax", "storage"} <= {row["charge_kind"] for row in now}
    for row in now:
        if row["component"] == "usage":
            assert row["change_by_volume"] + row["change_by_price"] == row["change_amount"]
    assert sum(row["cost_amount"] for row in analysed["s3_against_budget"]) == bill
    assert {row["budget_amount"] for row in analysed["s3_against_budget"]} == {None}
    assert analysed["s3_prefix_share"][0]["remark"] == "no bill and no inventory knows the bucket"


def test_analyses_of_waste(billed: Warehouse, analysed: dict[str, list[Row]]) -> None:
    """Old versions by class, with their share of what it cost; the sample's bill is what its lists have; alternatives do not add up."""
    old = {(row["prefix"], row["storage_class"]): row for row in analysed["s3_old_versions"]}
    assert ("marts/finance/", "STANDARD") in old
    where = "prefix = 'marts/finance/' and storage_class = 'STANDARD'"
    (cost,) = amounts(billed, "prefix", f"{where} and charge_kind = 'storage' and billing_period_starts_on = '{MONTH}'").values()
    ((share,),) = billed.rows(
        "select sum(case when version_kind = 'noncurrent' then size_bytes end) / sum(size_bytes) from dev_marts.fct_s3_storage "
        f"where {where} and inventory_on = (select max(inventory_on) from dev_marts.fct_s3_storage)"
    )
    assert float(old["marts/finance/", "STANDARD"]["old_versions_cost"]) == pytest.approx(float(cost) * share)
    small = {row["prefix"]: row for row in analysed["s3_small_objects"]}
    assert small["marts/finance/reports/"]["small_objects"] > 0
    differences = [row for row in analysed["s3_listed_against_billed"] if row["bucket_name"] == BUCKET]
    assert {row["reason"].split(",")[0] for row in differences} <= {
        "none to speak of",
        "the list is of another day",
        "what came after the list",
    }
    assert {row["reason"] for row in analysed["s3_listed_against_billed"] if row["bucket_name"] == "old-logs"} == {
        "the bucket has no inventory"
    }
    by_age: dict[Any, list[Row]] = defaultdict(list)
    for row in analysed["s3_lifecycle_candidates"]:
        by_age[row["prefix"], row["age_class"]].append(row)
    assert by_age
    for alternatives in by_age.values():
        alternatives.sort(key=lambda row: row["alternative"])
        assert [row["saving_to_add"] > 0 for row in alternatives] == [True] + [False] * (len(alternatives) - 1)
        assert alternatives[0]["monthly_saving"] == max(row["monthly_saving"] for row in alternatives)
        for row in alternatives:
            more = {"DEEP_ARCHIVE": (32768 * 0.00099 + 8192 * 0.023) * row["objects"] / 2**30}.get(row["target_class"])
            if more is not None:
                assert row["monthly_cost_then"] == pytest.approx(row["gigabytes"] * 0.00099 + more, rel=0.02)


# --- bills as they come ----------------------------------------------------------------------------------------------------------------


def test_a_bill_that_is_written_anew(warehouse: Warehouse) -> None:
    """A month is delivered again: fewer parts, other amounts under old identifiers, a negative adjustment. Only the last state counts."""
    day = MONTH
    write_inventory(warehouse.landing, BUCKET, datetime(2024, 3, 1, 1), [listed("a/x", 3), listed("b/y", 1)])
    write_bill(warehouse.landing, [line(day, STANDARD, "StandardStorage", 1, 8.0)])
    write_bill(warehouse.landing, [line(day, STANDARD, "Other", 1, 100.0)], part=2)
    build(warehouse)
    assert sum(amounts(warehouse).values()) == 108
    write_bill(warehouse.landing, [line(day, STANDARD, "StandardStorage", 1, 6.0), line(day, STANDARD, "Adjusted", 1, -2.0)])
    next(warehouse.landing.glob("cur/*/*/*/*-00002.*")).unlink()
    build(warehouse)
    assert {prefix: float(cost) for prefix, cost in amounts(warehouse).items()} == {"a/": 3, "b/": 1}
    # old months are cleared away: what was billed stays
    shutil.rmtree(warehouse.landing / "cur")
    build(warehouse)
    assert sum(amounts(warehouse).values()) == 4


def test_versions_of_a_report_in_folders_of_their_own(warehouse: Warehouse) -> None:
    """The folder that was written last is the bill, whole; a line that its file has twice counts once."""
    write_inventory(warehouse.landing, BUCKET, datetime(2024, 3, 1, 1), [listed("a/x", 1)])
    write_bill(warehouse.landing, [line(MONTH, STANDARD, "StandardStorage", 1, 8.0)], report="r")
    first = warehouse.landing / "cur/r/year=2024"
    first.rename(warehouse.landing / "cur/r/20240301-20240401-first")
    build(warehouse)
    twice = line(MONTH, STANDARD, "StandardStorage", 1, 5.0)
    write_bill(warehouse.landing, [twice, twice], report="r")
    first.rename(warehouse.landing / "cur/r/20240301-20240401-second")
    build(warehouse)
    assert amounts(warehouse) == {"a/": 5}
    assert warehouse.rows(
        "select sum(delivered_records), sum(accepted_records), sum(duplicate_records) from dev_staging.accounting_cur__line_items"
    ) == [(3, 2, 1)]


def in_use(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Which version of each month is the bill, and why."""
    return warehouse.rows(
        "select report_name, bill_version, reason, line_items_in_use from dev_marts.agg_s3_bills where is_in_use order by all"
    )


def written_at(file: Path, moment: datetime) -> None:
    """Sets when a file was written."""
    os.utime(file, (moment.timestamp(), moment.timestamp()))


def test_the_manifest_names_the_version(warehouse: Warehouse) -> None:
    """Versions of a month in one load: the manifest's counts, whatever the names and times; a closed month mends when the right one comes.

    Layouts: Data Exports User Guide, Understanding your report versions, and Understanding export delivery.
    """
    cost, resource = "lineItem/UnblendedCost", "lineItem/ResourceId"

    def version(path: str, amount: str, moment: datetime | None = None, bucket: str = "b") -> None:
        file = warehouse.write(path, cur_text({cost: amount, resource: bucket}))
        written_at(file, moment or datetime(2024, 4, 1))

    # a report that keeps its versions: the later name and the later time are not the one that is named
    version("cur/kept/20240301-20240401/f0aa/kept-00001.csv", "10.0", datetime(2024, 4, 3))
    version("cur/kept/20240301-20240401/1b00/kept-00001.csv", "25.0")
    for folder, named in (("", "1b00"), ("f0aa/", "f0aa"), ("1b00/", "1b00")):
        manifest = {"assemblyId": named, "reportKeys": [f"x/kept/20240301-20240401/{named}/kept-00001.csv"]}
        text = json.dumps(manifest, indent=2 if folder else None)
        warehouse.write(f"cur/kept/20240301-20240401/{folder}kept-Manifest.json", text)
    # no manifest: the file's time; the earlier name was written last
    version("cur/bare/20240301-20240401/f0aa/bare-00001.csv", "1.0", bucket="c")
    version("cur/bare/20240301-20240401/1b00/bare-00001.csv", "2.0", datetime(2024, 4, 3), bucket="c")
    # exports: the folder has the moment, and the manifest of the month stands beside the data
    for stamp, amount in (("20240402T010203Z-b1", "4.0"), ("20240403T010203Z-a1", "8.0")):
        version(f"cur2/kept/data/BILLING_PERIOD=2024-03/{stamp}/kept-00001.csv", amount, bucket="d")
        version(f"cur2/bare/data/BILLING_PERIOD=2024-03/{stamp}/bare-00001.csv", amount, bucket="e")
    manifest = {"executionId": "b1", "dataFiles": ["s3://x/kept/data/BILLING_PERIOD=2024-03/20240402T010203Z-b1/kept-00001.csv"]}
    warehouse.write("cur2/kept/metadata/BILLING_PERIOD=2024-03/kept-Manifest.json", json.dumps(manifest))
    # what AWS writes beside a bill is none of it
    for name in ("kept-RedshiftManifest.json", "kept-QuickSightManifest.json", "kept-create-table.sql", "crawler-cfn.yml"):
        warehouse.write(f"cur/kept/20240301-20240401/{name}", "{}")
    warehouse.write("cur/kept/cost_and_usage_data_status/cost_and_usage_data_status.parquet", b"PAR1")
    warehouse.dbt("build", "-s", *MODELS, "--exclude", "every_s3_bill_is_counted_once").must_pass()
    assert in_use(warehouse) == [
        ("bare", "1b00", "its files were written last, and no manifest tells", 1),
        ("bare", "20240403T010203Z-a1", "its files were written last, and no manifest tells", 1),
        ("kept", "1b00", "the manifest names it", 1), ("kept", "20240402T010203Z-b1", "the manifest names it", 1),
    ]  # fmt: skip
    assert amounts(warehouse, "bucket_name") == {"b": 25, "c": 2, "d": 4, "e": 8}
    assert warehouse.rows("select count(*) from dev_operations.landing_files where problem is not null") == [(0,)]
    # AWS closes the month once more: while the new version is on its way the old one stays, then the manifest names it
    version("cur/kept/20240301-20240401/0000/kept-00001.csv", "30.0", datetime(2024, 4, 1))
    warehouse.dbt("build", "-s", *MODELS, "--exclude", "every_s3_bill_is_counted_once").must_pass()
    assert amounts(warehouse, "bucket_name", "bucket_name = 'b'") == {"b": 25}
    warehouse.write("cur/kept/20240301-20240401/kept-Manifest.json", json.dumps({"assemblyId": "0000"}))
    warehouse.dbt("build", "-s", *MODELS, "--exclude", "every_s3_bill_is_counted_once").must_pass()
    assert amounts(warehouse, "bucket_name", "bucket_name = 'b'") == {"b": 30}


def test_lines_that_cannot_be(warehouse: Warehouse) -> None:
    """CSV with the names that AWS writes; what is no amount, time or record is refused; unknown types and currencies are told apart."""
    header = "identity/LineItemId,bill/BillingPeriodStartDate,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/LineItemType,"
    header += "lineItem/ProductCode,lineItem/UsageType,lineItem/ResourceId,lineItem/CurrencyCode,lineItem/UnblendedCost,bill/PayerAccountId"
    start = "2024-03-01T00:00:00Z,2024-03-01T00:00:00Z,2024-03-02T00:00:00Z"
    rows = [
        f"1,{start},Usage,AmazonS3,EUC1-{STANDARD},{BUCKET},USD,0.000000123456789,1",
        f"2,{start},Usage,AmazonS3,{STANDARD},{BUCKET},EUR,1e-7,1",
        f"3,{start},Usage,AmazonS3,Moon-Bytes-Anew,{BUCKET},USD,1,1", f"4,{start},Usage,AmazonS3,{STANDARD},{BUCKET},USD,free,1",
        f"5,{start},Usage,AmazonS3,{STANDARD},{BUCKET},,1,1", "6,2024-03-01T00:00:00Z,soon,,Usage,AmazonS3,x,y,USD,1,1", "7,short",
        f"8,{start},Usage,AmazonEC2,BoxUsage,i-1,USD,7,1", f"9,{start},Usage,AmazonS3,EUC1-TimedStorage-GDA-Staging,{BUCKET},USD,2,1",
    ]  # fmt: skip
    warehouse.write("cur/r/20240301-20240401/r-00001.csv", "\n".join([header, *rows]) + "\n")
    write_inventory(warehouse.landing, BUCKET, datetime(2024, 3, 1, 1), [listed("a/x", 1)])
    build(warehouse)
    assert warehouse.rows("select quarantine_reason from dev_staging.quarantine_cur__line_items order by 1") == [
        ("the currency is missing",), ("the record does not fit the header",), ("the start of the usage is missing or no timestamp",),
        ("unblended_cost is no amount",),
    ]  # fmt: skip
    assert amounts(warehouse, "currency, prefix, unallocated_reason") == {
        ("EUR", "a/", None): Decimal("0.0000001"), ("USD", "a/", None): Decimal("0.000000123456789"),
        ("USD", None, "parts of unfinished uploads are in no inventory"): 2, ("USD", None, "the usage type is not mapped"): 1,
    }  # fmt: skip
    assert (
        "Warning in test every_s3_usage_type_is_mapped" in warehouse.dbt("test", "-s", "every_s3_usage_type_is_mapped").must_pass().output
    )
    # a line that staging lost is missed, though all that it has adds up
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("delete from dev_staging.delivered_cur__line_items where line_item_id = '9'")
    lost = warehouse.dbt("test", "-s", "every_landed_cent_is_staged")
    assert lost.code != 0
    assert "Failure in test every_landed_cent_is_staged" in lost.output


def cur_text(*rows: dict[str, str]) -> str:
    """A report as AWS writes it in CSV (Data Exports User Guide, legacy CUR columns), with these values beside the usual ones."""
    usual = {
        "identity/LineItemId": "1", "bill/InvoiceId": "", "bill/PayerAccountId": "100000000001",
        "bill/BillingPeriodStartDate": "2024-03-01T00:00:00Z",
        "lineItem/UsageAccountId": "100000000001", "lineItem/LineItemType": "Usage", "lineItem/UsageStartDate": "2024-03-05T00:00:00Z",
        "lineItem/UsageEndDate": "2024-03-06T00:00:00Z", "lineItem/ProductCode": "AmazonS3", "lineItem/UsageType": STANDARD,
        "lineItem/Operation": "StandardStorage", "lineItem/ResourceId": "b", "lineItem/UsageAmount": "1", "lineItem/CurrencyCode": "USD",
        "lineItem/UnblendedCost": "1.0",
    }  # fmt: skip
    lines = [",".join(usual), *(",".join({**usual, **row}.values()) for row in rows)]
    return "\n".join(lines) + "\n"


def test_lines_resources_and_reports_of_every_kind(warehouse: Warehouse) -> None:
    """A discount under the identifier of its usage counts beside it; a resource is at its bucket or its kind; members of a payer add up."""
    kind, cost, resource, account = "lineItem/LineItemType", "lineItem/UnblendedCost", "lineItem/ResourceId", "lineItem/UsageAccountId"
    one, two = {account: "100000000131"}, {account: "100000000132"}
    resources = {
        "s5-b": "s5-b", "arn:aws:s3:::s5-b": "s5-b", "arn:aws-us-gov:s3:::s5-b": "s5-b", "arn:aws-cn:s3:::s5-b/key": "s5-b",
        "arn:aws:s3express:us-east-1:1:bucket/s5x--use1-az4--x-s3": "s5x--use1-az4--x-s3",
        "arn:aws:s3tables:us-east-1:1:bucket/tables-one": "tables-one",
        "arn:aws:s3tables:us-east-1:1:bucket/tables-two/table/1": "tables-two",
        "arn:aws:s3:us-east-1:1:storage-lens/default-account-dashboard": "Storage Lens",
        "arn:aws:s3:us-east-1:1:accesspoint/ap": "access point", "": "none", "s5-b/raw/": "s5-b",
    }  # fmt: skip
    lines = [{"identity/LineItemId": f"r{number}", resource: name} for number, name in enumerate(resources)]
    discount = [{resource: "s4-b", cost: "100.0"}, {resource: "s4-b", kind: "EdpDiscount", cost: "-9.0"}]
    warehouse.write("cur/main/20240301-20240401/main-00001.csv", cur_text(*discount, discount[0], *lines))
    for report, member in (("m1", one), ("m2", two)):
        warehouse.write(f"cur/{report}/20240301-20240401/r-00001.csv", cur_text({**member, resource: f"s13-{report}", cost: "2.0"}))
    build(warehouse)
    found = warehouse.rows(
        "select case when bucket_name <> '' then bucket_name when resource_kind <> '' then resource_kind else 'none' end, sum(cost_amount) "
        "from dev_marts.agg_s3_charges group by 1"
    )
    expected = Counter(resources.values()) | {"s4-b": 91, "s13-m1": 2, "s13-m2": 2}
    assert {name: float(amount) for name, amount in found} == {name: float(amount) for name, amount in expected.items()}
    # the usage line was there twice, word for word
    assert warehouse.rows("select count(*) from dev_staging.delivered_cur__line_items where outcome = 'duplicate'") == [(1,)]
    reasons = amounts(warehouse, "unallocated_reason", "bucket_name = ''")
    assert {name: float(amount) for name, amount in reasons.items()} == {
        "the line is for no bucket: Storage Lens": 1, "the line is for no bucket: access point": 1, "the line names no bucket": 1,
    }  # fmt: skip
    # what may be of Storage Lens is a kind of its own, and named where it costs something
    assert amounts(warehouse, "bucket_name, unallocated_reason", "charge_kind = 'Storage Lens'") == {
        ("", "the line is for no bucket: Storage Lens"): 1, ("s5-b", "AWS does not document what lines of Storage Lens say"): 2,
    }  # fmt: skip
    gate = warehouse.dbt("test", "-s", "no_line_of_storage_lens_has_a_cost").must_pass()
    assert "Warning in test no_line_of_storage_lens_has_a_cost" in gate.output


def test_two_reports_of_one_month_fail(warehouse: Warehouse) -> None:
    for report in ("one", "two"):
        write_bill(warehouse.landing, [line(MONTH, STANDARD, "StandardStorage", 1, 8.0)], report=report)
    result = warehouse.dbt("build", "-s", *MODELS)
    assert result.code != 0
    assert "Failure in test every_s3_bill_is_counted_once" in result.output


def test_inventories_that_come_late_twice_or_over_each_other(warehouse: Warehouse) -> None:
    """The widest configuration counts; a data file without its list waits; odd keys are prefixes too; a row without a key is refused."""
    odd = ["ö/ü/x", "a//b/x", "/x", "with%20blank/x", "new\nline/x", "deep/1/2/3/4/5/x", "_a/x", "folder/"]
    write_inventory(warehouse.landing, BUCKET, datetime(2024, 3, 1, 1), [listed(key, 10) for key in odd])
    write_inventory(warehouse.landing, BUCKET, datetime(2024, 3, 1, 2), [listed("a//b/x", 10)], configuration="a-only")
    write_inventory(warehouse.landing, BUCKET, datetime(2024, 3, 3, 1), [listed("late/x", 10), listed("", 5)])
    lists = next(warehouse.landing.glob("s3_inventory/*/*/hive/dt=2024-03-03-01-00/symlink.txt"))
    text = lists.read_text()
    lists.unlink()
    write_bill(warehouse.landing, [line(MONTH + timedelta(days=number), STANDARD, "StandardStorage", 1, 8.0) for number in range(3)])
    build(warehouse)
    prefixes = {"ö/ü/", "a//b/", "/", "with%20blank/", "new\nline/", "deep/1/2/3/", "_a/", "folder/"}
    assert amounts(warehouse) == dict.fromkeys(prefixes, 3)
    assert warehouse.rows("select filled_days from dev_marts.agg_s3_inventory_days order by charged_on") == [(0,), (1,), (2,)]
    lists.write_text(text)
    build(warehouse)
    assert amounts(warehouse, where="usage_on = '2024-03-03'") == {"late/": 8}
    assert warehouse.rows("select quarantine_reason, objects from dev_staging.quarantine_s3__inventory") == [("the key is missing", 1)]
    before = warehouse.rows("select count(*) from dev_staging.delivered_s3__inventory")
    build(warehouse)
    assert warehouse.rows("select count(*) from dev_staging.delivered_s3__inventory") == before


def test_marts_of_the_inventories_built_one_by_one(warehouse: Warehouse, tmp_path: Path) -> None:
    """Weights before the storage that they read, a late list, lists of two configurations: the marts are as rebuilt from all lists."""
    loads = [
        ("all", 1, {"a/x": 10, "b/x": 5, "c/x": 7}), ("all", 4, {"a/x": 10, "b/y": 6}),
        # behind the first list more was there than behind the second
        ("all", 2, {"a/x": 10, "a/z": 3, "c/x": 7}),
        # from then on two lists of one day, of which one has a part
        ("part", 4, {"a/x": 10}), ("part", 2, {"a/x": 10, "a/z": 3}),
    ]  # fmt: skip
    marts = ["agg_s3_inventory_deliveries", "agg_s3_inventory_lists", "fct_s3_storage", "agg_s3_prefix_weights"]
    warehouse.dbt("seed", "-s", "ref_s3_inventory_filters").must_pass()
    for number, (configuration, day, sizes) in enumerate(loads):
        keys = [listed(key, size) for key, size in sizes.items()]
        write_inventory(warehouse.landing, BUCKET, datetime(2024, 3, day, 1), keys, configuration=configuration)
        if number % 2:
            warehouse.dbt("run", "-s", "+agg_s3_prefix_weights", "--exclude", "fct_s3_storage").must_pass()
            warehouse.dbt("run", "-s", "fct_s3_storage", "agg_s3_prefix_weights").must_pass()
        else:
            warehouse.dbt("run", "-s", "+agg_s3_prefix_weights").must_pass()
        if number in (0, 2):
            continue
        rebuilt = copy_of(warehouse, tmp_path / str(number))
        rebuilt.dbt("run", "--full-refresh", "-s", *marts).must_pass()
        for mart in marts[2:]:
            query = f"select * from dev_marts.{mart} order by all"
            assert warehouse.rows(query) == rebuilt.rows(query), (number, mart)


def test_configurations_are_merged_by_what_they_cover(marts: Marts) -> None:
    """Parts of a bucket by filters that cut folders, overlap, one that lists versions, a weekly one; less in the lists is no deletion."""

    def rows_of(day: int, configuration: str, sizes: dict[str, int], kind: str = "current") -> list[Row]:
        return [
            {
                "configuration": configuration, "inventory_on": MONTH + timedelta(days=day), "delivery": f"2024-03-{day + 1:02}-01-00",
                "bucket_name": BUCKET, "prefix": f"{key.rpartition('/')[0]}/" if "/" in key else "(root)", "storage_class": "STANDARD_IA",
                "access_tier": "", "version_kind": kind, "encryption_status": "", "age_class": "unknown", "objects": 1, "size_bytes": size,
                "small_objects": 0, "missing_small_bytes": 0, "marker_bytes": 0, "first_key": key, "last_key": key,
            }
            for key, size in sizes.items()
        ]  # fmt: skip

    def run(inventory: list[Row], filters: list[Row] | None = None) -> duckdb.DuckDBPyConnection:
        line_of = {
            "landing": "copy_cur_line_items", "report_name": "r", "payer_account_id": ACCOUNT, "product_code": "AmazonS3",
            "currency": "USD", "billing_period_starts_on": MONTH, "line_item_type": "Usage", "usage_type": "EarlyDelete-SIA",
            "bucket_name": BUCKET, "usage_starts_at": datetime(2024, 3, 2), "usage_ends_at": datetime(2024, 3, 3),
            "unblended_cost": Decimal(1),
        }  # fmt: skip
        return marts.run([line_of], inventory, [], [], [], filters)

    def stored(connection: duckdb.DuckDBPyConnection, day: int) -> dict[str, int]:
        query = "select prefix, sum(size_bytes) from dev_marts.fct_s3_storage where inventory_on = ? group by 1"
        return dict(connection.execute(query, [MONTH + timedelta(days=day)]).fetchall())

    def vanished(connection: duckdb.DuckDBPyConnection) -> set[str]:
        query = "select prefix from dev_marts.agg_s3_prefix_weights where driver = 'vanished bytes'"
        return {prefix for (prefix,) in connection.execute(query).fetchall()}

    # filters that cut a folder are added, one within another counts once
    cut = rows_of(0, "a", {"x/log-a1": 1, "x/log-a2": 2}) + rows_of(0, "b", {"x/log-b": 4, "y/1": 8}) + rows_of(0, "c", {"x/log-a1": 1})
    assert stored(run(cut, [{"bucket_name": BUCKET, "configuration": "b", "prefix": "x/log-b", "valid_from": MONTH}]), 0) == {
        "x/": 7, "y/": 8,
    }  # fmt: skip
    # current versions of all, and all versions of a part
    current = {"x/1": 1, "y/1": 8}
    versions = rows_of(0, "all", current) + rows_of(0, "x", {"x/1": 1}) + rows_of(0, "x", {"x/2": 16}, "noncurrent")
    assert stored(run(versions), 0) == {"x/": 17, "y/": 8}
    # all of it on Sundays, a part each day: the rest is still there, and what went from the part is a deletion
    weekly = rows_of(0, "all", {"x/1": 1, "x/2": 2, "y/1": 8, "z": 32}) + rows_of(0, "x", {"x/1": 1, "x/2": 2})
    weekly += rows_of(1, "x", {"x/1": 1})
    connection = run(weekly)
    assert stored(connection, 1) == {"x/": 1, "y/": 8, "(root)": 32}
    assert vanished(connection) == {"x/"}
    # a list of another coverage long after, and one whose filter is said to have changed
    assert vanished(run(rows_of(0, "all", current) + rows_of(40, "x", {"x/1": 1}))) == set()
    filters: list[Row] = [
        {"bucket_name": BUCKET, "configuration": "all", "prefix": None, "valid_from": MONTH, "valid_to": MONTH + timedelta(days=1)},
        {"bucket_name": BUCKET, "configuration": "all", "prefix": "x/", "valid_from": MONTH + timedelta(days=1)},
    ]
    changed = rows_of(0, "all", current) + rows_of(1, "all", {"x/1": 1})
    assert vanished(run(changed, filters)) == set()
    assert vanished(run(changed)) == {"y/"}


def test_two_configurations_over_a_prefix_each(warehouse: Warehouse) -> None:
    """Three hundred bytes of hot beside 9,700 of cold: 100.00 are 3.00 and 97.00, whichever lists more objects."""
    begun = datetime(2024, 3, 1, 1)
    write_inventory(warehouse.landing, BUCKET, begun, [listed(f"hot/{number}", 100) for number in range(3)], configuration="only-hot")
    write_inventory(warehouse.landing, BUCKET, begun, [listed("cold/0", 4_700), listed("cold/1", 5_000)], configuration="only-cold")
    write_bill(warehouse.landing, [line(MONTH, STANDARD, "StandardStorage", 1, 100.0)])
    build(warehouse)
    assert amounts(warehouse) == {"hot/": 3, "cold/": 97}
    assert warehouse.rows("select configuration, covered_prefix from dev_marts.agg_s3_inventory_lists order by 1") == [
        ("only-cold", "cold/"), ("only-hot", "hot/"),
    ]  # fmt: skip


def test_costs_by_object_where_they_are_asked_for(warehouse: Warehouse) -> None:
    """Objects below what is named have a cost each, in storage and in requests; the others by their folders, and the sum is the bill's."""
    begun = datetime(2024, 3, 1, 1)
    objects = [
        listed("raw/a/one", 3_000),
        listed("raw/a/two", 1_000),
        listed("raw/b", 2_000),
        listed("rawer/x", 2_500),
        listed("rawer/y", 1_500),
    ]
    write_inventory(warehouse.landing, BUCKET, begun, objects)
    requests = [line(MONTH, "Requests-Tier2", "GetObject", 1, 40.0)]
    write_bill(warehouse.landing, [line(MONTH, STANDARD, "StandardStorage", 1, 100.0), *requests])
    moment = datetime(2024, 3, 1, 12)
    keys = ("raw/a/one", "raw/a/one", "raw/b", "rawer/x")
    write_log(warehouse.landing, moment, [logged(moment, "REST.GET.OBJECT", key, "GET", "r", 10) for key in keys])
    build(warehouse, "--vars", json.dumps({"s3_object_prefixes": [f"{BUCKET}/raw/"]}))
    storage = {"raw/a/one": 30, "raw/a/two": 10, "raw/b": 20, "rawer/": 40}
    assert amounts(warehouse, where="charge_kind = 'storage'") == storage
    assert amounts(warehouse, where="charge_kind = 'requests'") == {"raw/a/one": 20, "raw/b": 10, "rawer/": 10}
    tree = dict(warehouse.rows("select (depth, prefix), cost_amount from dev_marts.agg_s3_prefix_costs"))
    assert {place: cost for (_, place), cost in tree.items()} == {"": 140, "raw/": 90, "raw/a/": 60, "rawer/": 50}


def test_inventories_in_csv_and_orc(warehouse: Warehouse) -> None:
    """The same objects in three formats give the same storage: CSV by the columns of its manifest, with keys decoded."""
    rows = [listed("raw/with blank+plus/ö", 10, last_modified_date=1709251200000), listed("raw/x", 200_000, is_latest=False)]
    rows[0]["intelligent_tiering_access_tier"] = "FREQUENT_ACCESS"
    for bucket in ("parquet", "csv", "orc"):
        write_inventory(
            warehouse.landing, bucket, datetime(2024, 3, 1, 1), [{**row, "bucket": bucket} for row in rows], name=f"{bucket}.parquet"
        )
    # the lists of S3 itself have moments where the sample has milliseconds
    data = warehouse.landing / "s3_inventory/parquet/all-versions/data/parquet.parquet"
    table = pyarrow.parquet.read_table(data)
    moments = table["last_modified_date"].cast(pyarrow.timestamp("ms", "UTC"))
    pyarrow.parquet.write_table(table.set_column(table.schema.get_field_index("last_modified_date"), "last_modified_date", moments), data)
    for bucket in ("csv", "orc"):
        folder = warehouse.landing / f"s3_inventory/{bucket}/all-versions"
        symlink = folder / "hive/dt=2024-03-01-01-00/symlink.txt"
        data = folder / f"data/{bucket}.parquet"
        table = pyarrow.parquet.read_table(data)
        data.unlink()
        name = f"{bucket}.orc" if bucket == "orc" else f"{bucket}.csv.gz"
        symlink.write_text(symlink.read_text().replace(f"{bucket}.parquet", name))
        if bucket == "orc":
            pyarrow.orc.write_table(table, folder / "data" / name)
            continue
        texts = [
            f'"{bucket}","raw/with+blank%2Bplus/%C3%B6","true","false","10","2024-03-01T00:00:00.000Z","STANDARD","FREQUENT_ACCESS"',
            f'"{bucket}","raw/x","false","false","200000","","STANDARD",""',
        ]
        (folder / "data" / name).write_bytes(gzip.compress("\n".join(texts).encode()))
    models = ["+fct_s3_storage", "quarantine_s3__inventory", "accounting_s3__inventory"]
    # nothing says what the columns are: the list waits
    warehouse.dbt("build", "-s", *models).must_pass()
    assert warehouse.rows("select distinct bucket_name from dev_marts.fct_s3_storage order by 1") == [("orc",), ("parquet",)]
    schema = "Bucket, Key, IsLatest, IsDeleteMarker, Size, LastModifiedDate, StorageClass, IntelligentTieringAccessTier"
    manifest = {"files": [{"key": "inventories/csv/all-versions/data/csv.csv.gz"}], "fileFormat": "CSV", "fileSchema": schema}
    warehouse.write("s3_inventory/csv/all-versions/2024-03-01T01-00Z/manifest.json", json.dumps(manifest))
    noted = "select count(*) from dev_operations.landing_files where outcome = 'unreadable'"
    assert warehouse.rows(noted) == [(1,)]
    warehouse.dbt("build", "-s", *models).must_pass()
    columns = "prefix, storage_class, access_tier, version_kind, age_class, objects, size_bytes, small_objects, missing_small_bytes"
    found = [
        warehouse.rows(f"select {columns} from dev_marts.fct_s3_storage where bucket_name = '{bucket}' order by all")
        for bucket in ("parquet", "csv", "orc")
    ]
    assert found[0] == found[1] == found[2]
    assert found[0] == [
        ("raw/", "STANDARD", "", "noncurrent", "unknown", 1, 200_000, 0, 0),
        ("raw/with blank+plus/", "STANDARD", "FREQUENT_ACCESS", "current", "below 30 days", 1, 10, 1, 131_062),
    ]


def test_a_list_lands_whole(warehouse: Warehouse) -> None:
    """Two files of one list: while one is missing or cannot be read, none lands, or what it lists would seem deleted."""
    begun = datetime(2024, 3, 1, 1)
    write_inventory(warehouse.landing, BUCKET, begun, [listed("a/x", 10)], name="one.parquet")
    write_inventory(warehouse.landing, BUCKET, begun, [listed("a/y", 5), listed("b/x", 5)], name="two.parquet")
    folder = warehouse.landing / f"s3_inventory/{BUCKET}/all-versions"
    symlink = folder / "hive/dt=2024-03-01-01-00/symlink.txt"
    symlink.write_text("s3://i/data/one.parquet\ns3://i/data/two.parquet\n")
    second = folder / "data/two.parquet"
    whole = second.read_bytes()
    stored = "select prefix, objects, size_bytes from dev_marts.fct_s3_storage order by all"
    for state in (None, whole[:-9], whole):
        second.unlink(missing_ok=True)
        if state:
            second.write_bytes(state)
        warehouse.dbt("build", "-s", "+fct_s3_storage").must_pass()
        assert warehouse.rows(stored) == ([("a/", 2, 15), ("b/", 1, 5)] if state == whole else [])
    warehouse.dbt("build", "-s", "+fct_s3_storage").must_pass()
    assert warehouse.rows(stored) == [("a/", 2, 15), ("b/", 1, 5)]


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("s3_cost_measure", "list", "the variable s3_cost_measure is 'list'"), ("s3_prefix_depth", 0, "the variable s3_prefix_depth is 0"),
        ("s3_fallback_drivers", {"requests": "weather"}, "got 'weather' for 'requests'"),
        ("s3_owner_patterns", [{"pattern": "x"}], "the variable s3_owner_patterns needs a pattern"),
        ("s3_object_prefixes", ["lake"], "the variable s3_object_prefixes has lake"),
    ],
)  # fmt: skip
def test_wrong_settings_are_named(warehouse: Warehouse, variable: str, value: Any, told: str) -> None:
    models = ["agg_s3_charges", "copy_s3_inventory", "fct_s3_cost_allocation"]
    result = warehouse.dbt("compile", "-s", *models, "--no-populate-cache", "--vars", json.dumps({variable: value}))
    assert result.code != 0
    assert told in result.output


# --- against an allocator of a few lines -----------------------------------------------------------------------------------------------

MARTS = ["agg_s3_bucket_tags", "agg_s3_inventory_deliveries", "agg_s3_inventory_lists", "fct_s3_storage", "fct_s3_requests",
         "agg_s3_charges", "agg_s3_prefix_weights", "agg_s3_request_weights", "agg_s3_inventory_days", "fct_s3_usage_allocation",
         "fct_s3_cost_allocation", "agg_s3_chargeback", "agg_s3_prefix_costs"]  # fmt: skip
TYPES = {
    "TimedStorage-ByteHrs": ("bytes", "STANDARD"), "EUC1-TimedStorage-SIA-ByteHrs": ("bytes", "STANDARD_IA"),
    "TimedStorage-GlacierByteHrs": ("bytes", "GLACIER"), "USE2-TimedStorage-SIA-SmObjects": ("small", "STANDARD_IA"),
    "APN1-Requests-Tier1": ("objects", None), "DataTransfer-Out-Bytes": ("size", None), "Sometimes-Else": ("none", None),
    "Monitoring-Automation-INT": ("monitored", "INTELLIGENT_TIERING"), "EUC1-EarlyDelete-SIA": ("vanished", "STANDARD_IA"),
    "EU-StorageLens-ObjCount": ("objects", None), "StorageLens-PrefixLevel": ("none", None),
}  # fmt: skip
# operation of a log: what the bill calls it, and its tier
OPERATIONS = {"REST.PUT.OBJECT": ("PutObject", "1"), "REST.GET.BUCKET": ("ListBucket", "1"), "REST.GET.OBJECT": ("GetObject", "2"),
              "REST.DELETE.OBJECT": ("", "")}  # fmt: skip
Row = dict[str, Any]
Ask = Callable[[str], list[tuple[Any, ...]]]
# lines, inventories, requests, filters of inventories
Bill = tuple[list[Row], list[Row], list[Row], list[Row]]


@dataclass
class Marts:
    """The marts' compiled SQL over tables in place of staging."""

    project: CompiledProject

    def start(self) -> Replay:
        """Nothing loaded, and the calendar."""
        replay = Replay(self.project)
        self.give(replay, "dim_date", [{"date_on": MONTH + timedelta(days=number)} for number in range(-40, 80)])
        return replay

    def give(self, replay: Replay, name: str, rows: list[Row], is_new: bool = True) -> None:
        """Rows of a table in place of staging or of a seed; not is_new: beside those that it has."""
        relation, columns = self.project.landings[name]
        if is_new:
            replay.connection.execute(f"delete from {relation}")
        if rows:
            marks = ", ".join("?" * len(columns))
            values = [[row.get(column) for column in columns] for row in rows]
            replay.connection.executemany(f"insert into {relation} values ({marks})", values)

    def run(
        self,
        lines: list[Row],
        inventory: list[Row],
        requests: list[Row],
        owners: list[Row],
        shared: list[Row],
        filters: list[Row] | None = None,
    ) -> duckdb.DuckDBPyConnection:
        """Everything built once."""
        replay = self.start()
        given = {
            "stg_cur__line_items": lines, "stg_s3__access_logs": requests, "ref_s3_owners": owners, "ref_s3_shared_costs": shared,
            "ref_s3_inventory_filters": filters or [],
            "stg_s3__inventory": [{"loaded_at": datetime(2024, 5, 1), **row} for row in inventory],
        }  # fmt: skip
        for name, rows in given.items():
            self.give(replay, name, rows)
        replay.load()
        return replay.connection


@pytest.fixture(scope="module")
def marts(compiled: Compilations) -> Marts:
    """Compiled once."""
    columns = {
        "stg_cur__line_items": dict.fromkeys(
            ["landing", "report_name", "invoice_id", "payer_account_id", "usage_account_id", "line_item_type", "product_code", "usage_type",
             "operation", "bucket_name", "resource_kind", "currency", "owner_tag"], "varchar"
        ) | {"billing_period_starts_on": "date", "usage_starts_at": "timestamp", "usage_ends_at": "timestamp", "usage_amount": "double",
             "unblended_cost": "decimal(38, 18)"},
        "stg_s3__inventory": dict.fromkeys(
            ["configuration", "delivery", "bucket_name", "prefix", "storage_class", "access_tier", "version_kind", "encryption_status",
             "age_class", "first_key", "last_key"], "varchar",
        ) | {"inventory_on": "date", "loaded_at": "timestamp"}
        | dict.fromkeys(["objects", "size_bytes", "small_objects", "missing_small_bytes", "marker_bytes"], "bigint"),
        "stg_s3__access_logs": dict.fromkeys(["bucket_name", "prefix", "operation", "requester"], "varchar")
        | {"requested_on": "date", "is_billed": "boolean", "requests": "bigint", "bytes_sent": "bigint"},
        "ref_s3_owners": dict.fromkeys(["bucket_name", "prefix", "tag_value", "team", "cost_centre", "data_set"], "varchar")
        | {"valid_from": "date", "valid_to": "date"},
        "ref_s3_inventory_filters": dict.fromkeys(["bucket_name", "configuration", "prefix"], "varchar")
        | {"valid_from": "date", "valid_to": "date"},
        "ref_s3_shared_costs": {"team": "varchar", "rule": "varchar", "to_team": "varchar", "share": "decimal(18, 9)", "valid_from": "date",
                                "valid_to": "date"},
        "dim_date": {"date_on": "date"},
    }  # fmt: skip
    columns["stg_focus__line_items"] = columns["stg_cur__line_items"]
    return Marts(CompiledProject.over(compiled, MARTS, columns))


@st.composite
def whole_lists(draw: st.DrawFn, prefixes: list[str]) -> list[Row]:
    """Inventories of some days by one configuration that lists everything: classes, versions, markers, small objects come and go."""
    inventory: list[Row] = []
    for number in draw(st.lists(st.integers(0, 5), max_size=4, unique=True)):
        for bucket in draw(st.lists(st.sampled_from([BUCKET, "other"]), min_size=1, unique=True)):
            for prefix in draw(st.lists(st.sampled_from(prefixes), min_size=1, unique=True)):
                for storage_class in draw(
                    st.lists(st.sampled_from(["STANDARD", "STANDARD_IA", "GLACIER", "INTELLIGENT_TIERING"]), min_size=1, unique=True)
                ):
                    kind = draw(st.sampled_from(["current", "current", "noncurrent", "delete marker"]))
                    objects = draw(st.integers(1, 1000))
                    small = draw(st.integers(0, objects)) if kind != "delete marker" else 0
                    inventory.append(
                        {
                            "configuration": "all", "inventory_on": MONTH + timedelta(days=number), "bucket_name": bucket, "prefix": prefix,
                            "delivery": f"{MONTH + timedelta(days=number)}-01-00", "storage_class": storage_class, "access_tier": "",
                            "version_kind": kind, "encryption_status": "", "age_class": "unknown", "objects": objects,
                            "size_bytes": 0 if kind == "delete marker" else draw(st.integers(0, 10**15)), "small_objects": small,
                            "missing_small_bytes": small * 1000, "marker_bytes": 20 * objects if kind == "delete marker" else 0,
                        }
                    )  # fmt: skip
    return inventory


@st.composite
def configured_lists(draw: st.DrawFn, prefixes: list[str]) -> tuple[list[Row], list[Row]]:
    """Lists of one bucket by several configurations: filters overlap or cut folders, are named or not, some list current versions alone.

    Each object has a key, so that what any of the lists has is counted once; each row says which objects it is, by its key.
    """
    own = draw(st.lists(st.sampled_from(["", "a/", "a/b/", "a/x", "a/y", "c/", "c/y", "x", "y"]), min_size=1, max_size=4, unique=True))
    versions = {prefix: draw(st.booleans()) for prefix in own}
    objects = [
        (place, key, kind, storage_class, draw(st.integers(1, 10**12)))
        for place in prefixes
        for key in ("x", "y")
        for kind in ("current", draw(st.sampled_from(["noncurrent", "delete marker"])))
        for storage_class in [draw(st.sampled_from(["STANDARD", "GLACIER"]))]
        # each filter has something to list
        if kind == "current" or draw(st.booleans())
    ]
    inventory = []
    for number in draw(st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True)):
        listed_on = MONTH + timedelta(days=number)
        for prefix in own:
            for place, name, kind, storage_class, size in objects:
                key = f"{'' if place == '(root)' else place}{name}"
                if not key.startswith(prefix) or (kind != "current" and not versions[prefix]):
                    continue
                is_marker = kind == "delete marker"
                inventory.append(
                    {
                        "configuration": f"of {prefix}", "inventory_on": listed_on, "bucket_name": BUCKET, "prefix": place,
                        "delivery": f"{listed_on}-01-00", "storage_class": storage_class, "access_tier": "", "version_kind": kind,
                        "encryption_status": "", "age_class": "unknown", "objects": 1, "size_bytes": 0 if is_marker else size + number,
                        "small_objects": 0, "missing_small_bytes": 0, "marker_bytes": 20 if is_marker else 0, "first_key": key,
                        "last_key": key,
                    }
                )  # fmt: skip
    named = draw(st.lists(st.sampled_from(own), unique=True))
    filters: list[Row] = [
        {"bucket_name": BUCKET, "configuration": f"of {prefix}", "prefix": prefix or None, "valid_from": MONTH - timedelta(days=99)}
        for prefix in named
    ]
    return inventory, filters


def counted_once(inventory: list[Row]) -> list[Row]:
    """What the lists have, each object of a day once, whichever configurations list it."""
    identity = ("bucket_name", "inventory_on", "first_key", "version_kind", "storage_class")
    return list(
        {tuple(row[name] for name in identity) if row.get("first_key") else number: row for number, row in enumerate(inventory)}.values()
    )


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    """Lines of a bill over a few days, inventories of some, access logs, filters of the inventories."""
    prefixes = ["a/", "a/b/", "c/", "(root)"]
    if draw(st.booleans()):
        inventory, filters = draw(configured_lists(prefixes))
    else:
        inventory, filters = draw(whole_lists(prefixes)), []
    requests = [
        {
            "bucket_name": draw(st.sampled_from([BUCKET, "unlisted"])), "prefix": draw(st.sampled_from(prefixes)), "requester": "-",
            "requested_on": MONTH + timedelta(days=draw(st.integers(0, 5))), "operation": draw(st.sampled_from(list(OPERATIONS))),
            "is_billed": draw(st.sampled_from([True, True, False])), "requests": draw(st.integers(1, 1000)),
            "bytes_sent": draw(st.sampled_from([0, 10**9])),
        }
        for _ in range(draw(st.integers(0, 4)))
    ]  # fmt: skip
    lines = []
    for place in range(draw(st.integers(1, 6))):
        usage = draw(st.sampled_from(["Usage"] * 5 + ["Tax", "Credit", "EdpDiscount"]))
        start = datetime(2024, 3, 1) + timedelta(hours=draw(st.integers(0, 5 * 24)))
        lines.append(
            {
                "landing": "copy_cur_line_items", "report_name": "r", "invoice_id": draw(st.sampled_from([None, "i1", "i2"])),
                "payer_account_id": draw(st.sampled_from([ACCOUNT, ACCOUNT, "999"])), "line_item_type": usage,
                "usage_account_id": draw(st.sampled_from(["1", "2", "3"])),
                "product_code": "AmazonS3", "usage_type": draw(st.sampled_from(list(TYPES))) if usage == "Usage" else None,
                "operation": draw(st.sampled_from(["PutObject", "o0"])) if place == 0 else f"o{place}",
                "bucket_name": draw(st.sampled_from([BUCKET, BUCKET, "other", "unlisted", None])),
                # by prefix or under a dashboard, whatever the usage type: a line of Storage Lens
                "resource_kind": draw(st.sampled_from([*["bucket"] * 8, "prefix", "Storage Lens"])),
                "currency": draw(st.sampled_from(["USD", "USD", "EUR"])), "billing_period_starts_on": MONTH, "usage_starts_at": start,
                "usage_ends_at": start + timedelta(hours=draw(st.sampled_from([0, 1, 24, 72]))), "usage_amount": 1.0,
                "unblended_cost": draw(st.decimals(Decimal("-50"), Decimal("5000"), places=draw(st.sampled_from([2, 9, 18])))),
            }
        )  # fmt: skip
    return lines, inventory, requests, filters


def weight_of(row: Row, driver: str, storage_class: str | None) -> int:
    """What a row of an inventory weighs for a charge."""
    kind, of_class = row["version_kind"], row["storage_class"] == storage_class
    if driver == "bytes":
        own = (
            row["size_bytes"] + (32768 * row["objects"] if storage_class == "GLACIER" else 0) if of_class and kind != "delete marker" else 0
        )
        names = row["marker_bytes"] + (8192 * row["objects"] if row["storage_class"] == "GLACIER" else 0)
        return int(own + (names if storage_class == "STANDARD" else 0))
    if driver == "small":
        return int(row["missing_small_bytes"]) if of_class else 0
    if driver == "monitored":
        return int(row["objects"] - row["small_objects"]) if of_class and kind != "delete marker" else 0
    if driver == "class":
        return int(row["size_bytes"]) if of_class and kind != "delete marker" else 0
    return int({"objects": row["objects"], "size": row["size_bytes"]}.get(driver, 0))


def logged_weights(row: Row, requests: list[Row]) -> dict[str | None, int]:
    """What the access logs of a charge's days say: billed requests of its operation, else of its tier; bytes sent for transfer."""
    kind = row["usage_type"]
    until = max(row["usage_ends_at"] - timedelta(microseconds=1), row["usage_starts_at"]).date()
    own = [
        each
        for each in requests
        if each["bucket_name"] == row["bucket_name"] and row["usage_starts_at"].date() <= each["requested_on"] <= until
    ]
    for place in (0, 1):
        weights: dict[str | None, int] = defaultdict(int)
        for each in own:
            if "Requests-Tier" in kind:
                fits = each["is_billed"] and OPERATIONS[each["operation"]][place] == (row["operation"], kind[-1])[place]
                weights[each["prefix"]] += each["requests"] if fits else 0
            elif kind.startswith("DataTransfer"):
                weights[each["prefix"]] += each["bytes_sent"]
        if any(weights.values()):
            return weights
    return {}


def shares_of(row: Row, inventory: list[Row], requests: list[Row]) -> dict[str | None, Fraction]:
    """Share of each prefix in a charge of use; nothing where nobody can be named."""
    if row["resource_kind"] == "prefix" or (row["resource_kind"] == "Storage Lens" and not row["usage_type"].endswith("-ObjCount")):
        return {}
    logged = logged_weights(row, requests)
    if logged:
        return {prefix: Fraction(weight, sum(logged.values())) for prefix, weight in logged.items() if weight}
    driver, storage_class = TYPES[row["usage_type"]]
    days = sorted({each["inventory_on"] for each in inventory if each["bucket_name"] == row["bucket_name"]})
    until = max(row["usage_ends_at"] - timedelta(microseconds=1), row["usage_starts_at"])
    charged = [
        row["usage_starts_at"].date() + timedelta(days=number) for number in range((until.date() - row["usage_starts_at"].date()).days + 1)
    ]
    nearest = [min(days, key=lambda each: (abs((each - day).days), each)) for day in charged] if days else []

    def weights_on(day: date, kind: str) -> dict[str | None, int]:
        found: dict[str | None, int] = defaultdict(int)
        for each in inventory:
            if each["bucket_name"] == row["bucket_name"] and each["inventory_on"] == day:
                found[each["prefix"]] += weight_of(each, kind, storage_class)
        return found

    weights: dict[str | None, int] = defaultdict(int)
    for day in nearest if driver == "vanished" else ():
        # what the list before had more of
        if days.index(day):
            now = weights_on(day, "class")
            for prefix, weight in weights_on(days[days.index(day) - 1], "class").items():
                weights[prefix] += max(0, weight - now[prefix])
    if not any(weights.values()):
        for day in nearest:
            for prefix, weight in weights_on(day, "class" if driver == "vanished" else driver).items():
                weights[prefix] += weight
    whole = sum(weights.values())
    return {prefix: Fraction(weight, whole) for prefix, weight in weights.items() if weight}


def apart(bill: Bill, number: int) -> Bill:
    """The same bill with accounts, invoices, operations and buckets of its own; what has none stays without one."""
    own = ("payer_account_id", "usage_account_id", "invoice_id", "bucket_name")

    def row_of(row: Row, *more: str) -> Row:
        return {name: f"{value}-{number}" if name in (*own, *more) and value is not None else value for name, value in row.items()}

    lines, inventory, requests, filters = bill
    return tuple([row_of(row) for row in rows] for rows in (lines, inventory, requests, filters))  # type: ignore[return-value]


def test_any_bill_is_allocated_as_a_plain_allocator_does(marts: Marts) -> None:
    hold_over(
        bills(), lambda group: check_bills(marts, [apart(bill, number) for number, bill in enumerate(group)]), examples=[([], [], [], [])]
    )


def check_bills(marts: Marts, group: list[Bill]) -> None:
    """Bills of accounts that have nothing in common, allocated side by side."""
    lines, inventory, requests, filters = all_of(group)
    check_allocation(marts.run(lines, inventory, requests, *rules_of(len(group)), filters), group)


def all_of(group: Sequence[Bill]) -> Bill:
    """Several bills as one."""
    return tuple([row for bill in group for row in bill[part]] for part in range(4))  # type: ignore[return-value]


def rules_of(bills: int) -> tuple[list[Row], list[Row]]:
    """Owners of so many bills, and whose costs others pay."""
    owners: list[Row] = [{"bucket_name": "*", "prefix": None, "team": "rest", "valid_from": MONTH}]
    for number in range(bills):
        bucket = f"{BUCKET}-{number}"
        owners += [
            {"bucket_name": bucket, "prefix": "a/", "team": "alpha", "valid_from": MONTH},
            {"bucket_name": bucket, "prefix": "a/b/", "team": "beta", "valid_from": MONTH + timedelta(days=2),
             "valid_to": MONTH + timedelta(days=4)},
        ]  # fmt: skip
    shared: list[Row] = [
        {"team": "rest", "rule": "fixed", "to_team": "alpha", "share": Decimal("0.3"), "valid_from": MONTH},
        {"team": "beta", "rule": "proportional", "valid_from": MONTH},
    ]
    return owners, shared


def check_allocation(connection: duckdb.DuckDBPyConnection, group: Sequence[Bill]) -> None:
    """What is allocated is what the plain allocator says of each of these bills."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        return connection.execute(query.replace("mart.", "dev_marts.")).fetchall()

    check_totals(rows, all_of(group)[0])
    check_parts(rows, group)
    check_shares_and_owners(rows)


def check_parts(rows: Ask, group: Sequence[Bill]) -> None:
    """Each charge of use is split as the plain allocator does."""
    # accounts and operations identify the lines
    found: dict[tuple[str, str], dict[str | None, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for account, operation, prefix, cost in rows(
        "select usage_account_id, operation, prefix, cost_amount from mart.fct_s3_cost_allocation"
    ):
        found[account.split("-")[1], operation][prefix] += cost
    # to the twelfth digit, exact halves away from zero, and what that leaves, in the largest
    for number, (own_lines, listed_rows, own_requests, _) in enumerate(group):
        own_inventory = counted_once(listed_rows)
        for each in own_lines:
            if each["line_item_type"] != "Usage":
                continue
            expected = shares_of(each, own_inventory, own_requests)
            own = found[str(number), each["operation"]]
            assert set(own) == (set(expected) or {None})
            off = [prefix for prefix, share in expected.items() if own[prefix] != rounded(Fraction(each["unblended_cost"]) * share)]
            assert len(off) <= 1, (each, off)
            assert all(expected[prefix] == max(expected.values()) for prefix in off), (each, off)


@dataclass(frozen=True)
class Load:
    """What is there in one load of a bill: its lines and the filters as they are now, lists and logs that came."""

    lines: list[Row]
    filters: list[Row]
    inventory: list[Row]
    requests: list[Row]
    # how many models it got to, 0 for all, and what was left out
    stopped_behind: int = 0
    without: tuple[str, ...] = ()


LIST = ("bucket_name", "configuration", "inventory_on", "delivery")


@st.composite
def loaded_bills(draw: st.DrawFn) -> tuple[Bill, list[Row], list[Load]]:
    """A bill, lists that were listed anew on the same day, and both in up to three loads.

    Lists come in any order, some of them in two parts; the bill and the filters of inventories are others until the last load; a load may
    be killed, or leave a model out.
    """
    lines, inventory, requests, filters = draw(bills())
    anew = [
        {
            **row,
            "delivery": row["delivery"].replace("-01-00", "-00-30"),
            "size_bytes": row["size_bytes"] // 2,
            "age_class": draw(st.sampled_from(["unknown", "below 30 days"])),
        }
        for row in inventory
        if row["inventory_on"].day % 2 and draw(st.booleans())
    ]
    number = draw(st.integers(1, 3))
    place = st.integers(0, number - 1)
    of_list: dict[tuple[Any, ...], tuple[int, int]] = {}
    arrivals: list[list[Row]] = [[] for _ in range(number)]
    for row in inventory + anew:
        key = tuple(row[name] for name in LIST)
        if key not in of_list:
            of_list[key] = (draw(place), draw(place)) if draw(st.integers(0, 4)) == 0 else (draw(place),) * 2
        first, second = of_list[key]
        arrivals[draw(st.sampled_from([first, second])) if first != second else first].append(row)
    logs = [draw(place) for _ in requests]
    loads = []
    for turn in range(number):
        is_last = turn == number - 1
        own = lines if is_last else [
            {**row, "unblended_cost": row["unblended_cost"] / draw(st.sampled_from([1, 2]))} for row in lines if draw(st.booleans())
        ]  # fmt: skip
        stopped = 0 if is_last or not turn else draw(st.sampled_from([0, 0, *range(1, len(MARTS))]))
        without = () if is_last or not turn else draw(st.sampled_from([(), ("fct_s3_storage",), ("agg_s3_inventory_lists",)]))
        loads.append(
            Load(
                own, filters if is_last else draw(st.sampled_from([filters, []])), arrivals[turn],
                [row for row, of_load in zip(requests, logs, strict=True) if of_load == turn], stopped, without,
            )
        )  # fmt: skip
    return (lines, inventory, requests, filters), anew, loads


def test_any_split_into_loads_gives_the_marts_of_one(marts: Marts) -> None:
    """Late lists, in parts and listed anew, changes of coverage, restated bills, killed and partial loads: as the allocator has it."""

    def check(group: Sequence[tuple[Bill, list[Row], list[Load]]]) -> None:
        own_bills = [apart(bill, number) for number, (bill, _, _) in enumerate(group)]
        lines, inventory, requests, filters = all_of(own_bills)
        anew = all_of([apart(([], rows, [], []), number) for number, (_, rows, _) in enumerate(group)])[1]
        owners, shared = rules_of(len(group))
        expected = marts.run(lines, inventory + anew, requests, owners, shared, filters)
        replay = marts.start()
        marts.give(replay, "ref_s3_owners", owners)
        marts.give(replay, "ref_s3_shared_costs", shared)
        turns = max(len(loads) for _, _, loads in group)
        for turn in range(turns):
            # a history with fewer loads begins later, so that all end together
            own = [(loads[turn - turns + len(loads)] if turn >= turns - len(loads) else Load([], [], [], [])) for _, _, loads in group]
            parts = all_of([apart((load.lines, load.inventory, load.requests, load.filters), number) for number, load in enumerate(own)])
            stamp = {"loaded_at": datetime(2024, 5, 1) + timedelta(hours=turn)}
            marts.give(replay, "stg_cur__line_items", parts[0])
            marts.give(replay, "stg_s3__inventory", [row | stamp for row in parts[1]], is_new=False)
            marts.give(replay, "stg_s3__access_logs", parts[2], is_new=False)
            marts.give(replay, "ref_s3_inventory_filters", parts[3])
            is_whole = turn in (0, turns - 1)
            stopped = 0 if is_whole else min((load.stopped_behind for load in own if load.stopped_behind), default=0)
            without = () if is_whole else next((load.without for load in own if load.without), ())
            replay.load(stopped or None, without)
        for model in marts.project.models:
            known = ("loaded_at", "load_id", "list_loaded_at")
            columns = [name for name, *_ in replay.rows(f"describe {model.relation}") if name not in known]
            query = f"select {', '.join(columns)} from {model.relation} order by all"
            assert replay.connection.execute(query).fetchall() == expected.execute(query).fetchall(), model.name
        check_allocation(replay.connection, own_bills)

    hold_over(loaded_bills(), check)


def test_a_month_is_closed(warehouse: Warehouse, tmp_path: Path) -> None:
    """A month is open, restated and closed in three loads, with late lists: the marts of one load, and of the plain allocator."""
    bucket = f"{BUCKET}-0"
    # day: what the list that counts has, by key
    sizes = {
        1: {"a/x": 600_000, "a/b/y": 300_000, "c/ia": 800_000}, 2: {"a/x": 650_000, "c/ia": 500_000}, 3: {"a/x": 700_000, "c/ia": 200_000},
    }  # fmt: skip

    def listing(day: int, hour: int = 1, factor: int = 1) -> None:
        rows = [
            {**listed(key, size * factor, storage_class="STANDARD_IA" if "ia" in key else "STANDARD"), "bucket": bucket}
            for key, size in sizes[day].items()
        ]
        write_inventory(warehouse.landing, bucket, datetime(2024, 3, day, hour), rows)

    def bill(version: str, days: int, price: Decimal, invoice: str, more: Sequence[tuple[str, str, str, str]] = ()) -> list[Row]:
        """A version of the month, as AWS keeps it beside those before; the manifest names it."""
        parts = [(kind, "Usage", f"{kind} {day}", str(price * day)) for day in range(1, days + 1) for kind in list(TYPES)[:2]]
        parts += [("EUC1-EarlyDelete-SIA", "Usage", f"early {day}", str(price)) for day in range(2, days + 1)]
        texts, own = [], []
        for number, (usage, kind, operation, cost) in enumerate([*parts, *more]):
            day = int(operation.rpartition(" ")[2])
            start, end = (datetime(2024, 3, day) + timedelta(days=further) for further in (0, 1))
            texts.append({
                "identity/LineItemId": f"{number}", "bill/InvoiceId": invoice, "bill/PayerAccountId": f"{ACCOUNT}-0",
                "lineItem/UsageAccountId": "1-0", "lineItem/LineItemType": kind, "lineItem/UsageStartDate": f"{start:%Y-%m-%dT%H:%M:%SZ}",
                "lineItem/UsageEndDate": f"{end:%Y-%m-%dT%H:%M:%SZ}", "lineItem/UsageType": usage, "lineItem/Operation": operation,
                "lineItem/ResourceId": bucket, "lineItem/UnblendedCost": cost,
            })  # fmt: skip
            own.append({
                "usage_type": usage, "line_item_type": kind, "operation": operation, "unblended_cost": Decimal(cost), "currency": "USD",
                "bucket_name": bucket, "resource_kind": "bucket", "usage_starts_at": start, "usage_ends_at": end,
            })  # fmt: skip
        folder = "cur/main/20240301-20240401"
        warehouse.write(f"{folder}/{version}/main-00001.csv", cur_text(*texts))
        warehouse.write(f"{folder}/main-Manifest.json", json.dumps({"assemblyId": version}))
        return own

    # open: a list that is listed anew later that day; restated: another price, more days; closed: an invoice, a discount, tax and a credit
    bill("9f", 1, Decimal("0.7"), "")
    listing(1, hour=1, factor=3)
    build(warehouse)
    bill("0a", 2, Decimal("0.333333333333333"), "")
    listing(3)
    build(warehouse)
    open_cost = sum(amounts(warehouse).values())
    lines = bill(
        "5c", 3, Decimal("0.3"), "i-1",
        [("", "EdpDiscount", "discount 3", "-0.123"), ("", "Tax", "tax 3", "0.77"), ("", "Credit", "credit 3", "-0.05")],
    )  # fmt: skip
    listing(1, hour=13)
    listing(2)
    build(warehouse)
    assert sum(amounts(warehouse).values()) == sum(row["unblended_cost"] for row in lines) != open_cost
    inventory = [
        {"bucket_name": bucket, "inventory_on": MONTH + timedelta(days=day - 1), "prefix": f"{key.rpartition('/')[0]}/", "objects": 1,
         "storage_class": "STANDARD_IA" if "ia" in key else "STANDARD", "version_kind": "current", "size_bytes": size, "marker_bytes": 0}
        for day, own in sizes.items() for key, size in own.items()
    ]  # fmt: skip

    def rows(query: str) -> list[tuple[Any, ...]]:
        return warehouse.rows(query.replace("mart.", "dev_marts."))

    check_totals(rows, lines)
    check_parts(rows, [(lines, inventory, [], [])])
    once = Warehouse(tmp_path / "once")
    shutil.copytree(warehouse.landing, once.landing)
    build(once)
    for model in MARTS:
        known = ("loaded_at", "load_id", "list_loaded_at")
        columns = [name for name, *_ in once.rows(f"describe dev_marts.{model}") if name not in known]
        query = f"select {', '.join(columns)} from dev_marts.{model} order by all"
        assert warehouse.rows(query) == once.rows(query), model


def rounded(part: Fraction) -> Decimal:
    """To twelve digits, halves away from zero."""
    units = (abs(part) * 10**12 + Fraction(1, 2)).__floor__()
    return Decimal(units if part >= 0 else -units).scaleb(-12)


def check_totals(rows: Ask, lines: list[Row]) -> None:
    """To the last digit, whatever the amounts are, and whoever bears them."""
    billed: dict[str, Decimal] = defaultdict(Decimal)
    for each in lines:
        billed[each["currency"]] += each["unblended_cost"]
    for mart in ("agg_s3_charges", "fct_s3_cost_allocation", "agg_s3_chargeback", "agg_s3_prefix_costs where depth = 0"):
        assert dict(rows(f"select currency, sum(cost_amount) from mart.{mart} group by currency")) == dict(billed), mart
    assert rows("select count(*) from mart.fct_s3_cost_allocation where (prefix is null) <> (unallocated_reason is not null)") == [(0,)]


def check_shares_and_owners(rows: Ask) -> None:
    """A tax or a credit keeps the shares of what was used; the team is the owner of the day."""
    for operation, bucket, prefix, share in rows(
        "select operation, bucket_name, prefix, share from mart.fct_s3_cost_allocation "
        "where component <> 'usage' and allocation_method <> 'unallocated'"
    ):
        assert 0 < share <= 1, (operation, bucket, prefix)
    for usage_on, bucket, prefix, team in rows("select distinct usage_on, bucket_name, prefix, team from mart.fct_s3_cost_allocation"):
        is_owned = (bucket or "").startswith(f"{BUCKET}-")
        is_beta = is_owned and prefix == "a/b/" and MONTH + timedelta(days=2) <= usage_on < MONTH + timedelta(days=4)
        is_alpha = is_owned and (prefix or "").startswith("a/")
        assert team == ("beta" if is_beta else "alpha" if is_alpha else "rest")


def test_spread_charges_follow_what_was_used(marts: Marts) -> None:
    """A tax on the account's invoice follows the use on it: three to one, and what has no prefix stays without one."""
    inventory = [
        {"configuration": "all", "inventory_on": MONTH, "delivery": "x", "bucket_name": BUCKET, "prefix": prefix,
         "storage_class": "STANDARD", "access_tier": "", "version_kind": "current", "encryption_status": "",
         "age_class": "unknown", "objects": 1, "size_bytes": size, "small_objects": 0, "missing_small_bytes": 0, "marker_bytes": 0}
        for prefix, size in (("a/", 3), ("b/", 1))
    ]  # fmt: skip
    base = {
        "landing": "copy_cur_line_items", "report_name": "r", "invoice_id": "i1", "payer_account_id": ACCOUNT, "usage_account_id": "1",
        "product_code": "AmazonS3", "currency": "USD", "billing_period_starts_on": MONTH, "usage_starts_at": datetime(2024, 3, 1),
        "usage_ends_at": datetime(2024, 3, 2), "line_item_type": "Usage", "usage_type": STANDARD, "bucket_name": BUCKET,
    }  # fmt: skip
    lines = [
        base | {"operation": "stored", "unblended_cost": Decimal(8)},
        base | {"operation": "lost", "unblended_cost": Decimal(2), "bucket_name": None},
        base | {"operation": "elsewhere", "unblended_cost": Decimal(90), "invoice_id": "i2", "usage_account_id": "2", "bucket_name": None},
        base | {"operation": "tax", "unblended_cost": Decimal(1), "line_item_type": "Tax", "bucket_name": None},
        base | {"operation": "credit", "unblended_cost": Decimal(-4), "line_item_type": "Credit"},
    ]  # fmt: skip
    connection = marts.run(lines, inventory, [], [], [])
    found = connection.execute(
        "select operation, coalesce(prefix, unallocated_reason), cast(cost_amount as double) from dev_marts.fct_s3_cost_allocation "
        "where component <> 'usage' order by all"
    ).fetchall()
    assert found == [
        ("credit", "a/", -3), ("credit", "b/", -1), ("tax", "a/", 0.6), ("tax", "b/", 0.2), ("tax", "the line names no bucket", 0.2),
    ]  # fmt: skip


@dataclass(frozen=True)
class Version:
    """A version of a month's bill as it lands: its folder, and when its file was written and loaded."""

    month: date
    layout: str
    identifier: str
    written_at: datetime
    loaded_at: datetime

    @property
    def stamp(self) -> datetime:
        """When an export says that it was written; a report says nothing of it."""
        return self.written_at if self.layout == "kept report" else self.written_at.replace(microsecond=0)

    @property
    def folder(self) -> str:
        """The folder under the landing, as AWS names it in each layout."""
        if self.layout == "kept report":
            return f"cur/r/{self.month:%Y%m%d}-20240501/{self.identifier}/"
        return f"cur2/r/data/BILLING_PERIOD={self.month:%Y-%m}/{self.written_at:%Y%m%dT%H%M%SZ}-{self.identifier}/"


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Version], dict[tuple[str, date], tuple[str, datetime]]]:
    """Versions of some months, in any order of names, times and loads, and what the manifest of each month names, if there is one."""
    hours = st.integers(0, 40)
    versions, named = [], {}
    for layout in draw(st.lists(st.sampled_from(["kept report", "kept export"]), min_size=1, unique=True)):
        for month in draw(st.lists(st.sampled_from([MONTH, date(2024, 4, 1)]), min_size=1, unique=True)):
            identifiers = draw(st.lists(st.sampled_from(["a1", "b2", "0c", "1", "b2-1"]), min_size=1, max_size=4, unique=True))
            for identifier in identifiers:
                written, loaded = (datetime(2024, 4, 2) + timedelta(hours=draw(hours)) for _ in range(2))
                versions.append(Version(month, layout, identifier, written, loaded))
            if draw(st.booleans()):
                named[layout, month] = (draw(st.sampled_from([*identifiers, "not landed"])), datetime(2024, 4, 9))
    return versions, named


def bill_of(versions: list[Version], identifier: str | None) -> Version:
    """The version that a month's bill is: the one that is named, else the one that was written last."""
    named = [version for version in versions if version.identifier == identifier]
    return named[0] if named else max(versions, key=lambda version: (version.stamp, version.loaded_at, version.folder))


def test_the_bill_is_the_version_that_a_plain_reading_takes(compiled: Compilations) -> None:
    nodes = {node["name"]: node for node in compiled["local", "full"].manifest()["nodes"].values()}
    text = nodes["stg_cur__bill_files"]["compiled_code"]

    def check(group: Sequence[tuple[list[Version], dict[tuple[str, date], tuple[str, datetime]]]]) -> None:
        connection = duckdb.connect()
        connection.execute("attach ':memory:' as millrace; use millrace")
        tables = {
            "dev_operations.landing_files": "model_name varchar, landing_file varchar, outcome varchar, modified_at timestamp",
            "dev_staging.delivered_cur__line_items": "landing varchar, report_name varchar, billing_period_starts_on date, "
            "bill_folder varchar, landing_file varchar, outcome varchar",
            **dict.fromkeys(
                ["dev_streaming.copy_cur_manifests", "dev_streaming.copy_cur2_manifests"], "assembly_id varchar, landing_file varchar"
            ),
        }
        for name, columns in tables.items():
            connection.execute(f"create schema if not exists {name.split('.')[0]}")
            connection.execute(f"create table {name} ({columns}, refresh_time timestamp)")
        expected = {}
        for number, (versions, named) in enumerate(group):
            for version in versions:
                kind, folder = version.folder.split("/")[0], version.folder.replace("/r/", f"/r{number}/")
                file = f"{folder}r-00001.csv"
                connection.execute(
                    "insert into dev_staging.delivered_cur__line_items values (?, ?, ?, ?, ?, 'accepted', ?)",
                    [f"copy_{kind}_line_items", f"r{number}", version.month, folder, file, version.loaded_at],
                )
                connection.execute(
                    "insert into dev_operations.landing_files values (?, ?, 'taken', ?, ?)",
                    [f"copy_{kind}_line_items", file, version.written_at, version.loaded_at],
                )
                # the manifest in the folder of a version speaks of that one alone
                own = folder.replace("/data/", "/metadata/")
                connection.execute(
                    f"insert into dev_streaming.copy_{kind}_manifests values (?, ?, ?)",
                    [version.identifier, f"{own}r-Manifest.json", version.loaded_at],
                )
            for layout, month in {(version.layout, version.month) for version in versions}:
                own_versions = [version for version in versions if (version.layout, version.month) == (layout, month)]
                identifier, moment = named.get((layout, month), (None, None))
                bill = bill_of(own_versions, identifier)
                expected[number, layout, month] = bill.folder.replace("/r/", f"/r{number}/")
                if identifier:
                    kind, folder = bill.folder.split("/")[0], bill.folder.replace("/r/", f"/r{number}/").rsplit("/", 2)[0]
                    connection.execute(
                        f"insert into dev_streaming.copy_{kind}_manifests values (?, ?, ?)",
                        [identifier, f"{folder.replace('/data/', '/metadata/')}/r-Manifest.json", moment],
                    )
        found = connection.execute(
            f"select report_name, landing, billing_period_starts_on, bill_folder from ({text}) as files where is_in_use"
        ).fetchall()
        layouts = {"copy_cur_line_items": "kept report", "copy_cur2_line_items": "kept export"}
        assert {(int(name[1:]), layouts[landing], month): folder for name, landing, month, folder in found} == expected

    hold_over(deliveries(), check)


USAGE_LINE = {
    "landing": "copy_cur_line_items", "report_name": "r", "payer_account_id": ACCOUNT, "usage_account_id": "1", "product_code": "AmazonS3",
    "currency": "USD", "billing_period_starts_on": MONTH, "line_item_type": "Usage", "usage_starts_at": datetime(2024, 3, 1),
    "usage_ends_at": datetime(2024, 3, 2), "usage_type": STANDARD, "bucket_name": BUCKET, "unblended_cost": Decimal(1),
}  # fmt: skip
STORED_ROW = {
    "configuration": "all", "inventory_on": MONTH, "delivery": "x", "bucket_name": BUCKET, "storage_class": "STANDARD", "access_tier": "",
    "version_kind": "current", "encryption_status": "", "age_class": "unknown", "objects": 1, "small_objects": 0, "missing_small_bytes": 0,
    "marker_bytes": 0,
}  # fmt: skip


def test_every_usage_type_of_the_service_is_mapped(marts: Marts) -> None:
    """AWS's list, in regions of every kind of name; what ends as the storage of buckets does and is another's is not theirs."""
    lines = (ROOT / "tests/support/s3_usage_types.txt").read_text().splitlines()
    types = [line for line in lines if not line.startswith("#")]
    assert len(types) > 130
    regions = ["", "EU-", "EUC1-", "UGW1-", "CNN1-", "APS10-"]
    bill = [{**USAGE_LINE, "usage_type": region + name, "operation": name} for name in types for region in regions]
    bill += [{**USAGE_LINE, "usage_type": f"{pair}{name}", "operation": name} for name in types for pair in ("USE1-EUW1-", "USW2-EU-")
             if name.startswith(("AWS-", "S3RTC-"))]  # fmt: skip
    bill += [{**USAGE_LINE, "usage_type": f"NA-EU--MRAP-{way}-Bytes", "operation": f"MRAP-{way}-Bytes"} for way in ("In", "Out")]
    connection = marts.run(bill, [], [], [], [])
    found: dict[str, set[str]] = defaultdict(set)
    for name, kind in connection.execute("select distinct operation, charge_kind from dev_marts.agg_s3_charges").fetchall():
        found[name].add(kind)
    assert set(found) == set(types)
    assert {name: kinds for name, kinds in found.items() if len(kinds) > 1 or "not mapped" in kinds} == {}
    storage = {name for name, kinds in found.items() if kinds == {"storage"}}
    assert storage == {name for name in types if re.match("TimedStorage-.*ByteHrs$", name)}


@pytest.mark.parametrize(
    ("amount", "sizes"),
    [
        # exact halves of the twelfth digit, which doubles put on either side
        ("0.000000000001", [1, 1]), ("-0.000000000003", [1, 1]), ("0.000000000005", [3, 3, 4]), ("123456.000000000015", [10**18, 10**18]),
        ("0.1", [1, 2]), ("987654321.123456789123456789", [10**18 + 1, 10**17]),
    ],
)  # fmt: skip
def test_parts_are_worked_out_in_whole_numbers(marts: Marts, amount: str, sizes: list[int]) -> None:
    inventory = [{**STORED_ROW, "prefix": f"{place}/", "size_bytes": size} for place, size in enumerate(sizes)]
    connection = marts.run([{**USAGE_LINE, "unblended_cost": Decimal(amount)}], inventory, [], [], [])
    found = dict(connection.execute("select prefix, cost_amount from dev_marts.fct_s3_cost_allocation").fetchall())
    assert sum(found.values()) == Decimal(amount)
    exact = [Fraction(amount) * size / sum(sizes) for size in sizes]
    largest = max(range(len(sizes)), key=lambda place: (sizes[place], -place))
    for place, part in enumerate(exact):
        if place != largest:
            assert found[f"{place}/"] == rounded(part), place


def test_a_tag_in_a_map_is_an_owner(warehouse: Warehouse) -> None:
    """CUR 2.0 has tags in maps: resource_tags, and of late tags, whose keys say where they come from; in CSV the maps are JSON."""
    columns = {
        "identity_line_item_id": "'1'", "bill_payer_account_id": "'1'", "bill_billing_period_start_date": "timestamp '2024-03-01'",
        "line_item_usage_account_id": "'1'", "line_item_line_item_type": "'Usage'",
        "line_item_usage_start_date": "timestamp '2024-03-01'", "line_item_usage_end_date": "timestamp '2024-03-02'",
        "line_item_product_code": "'AmazonS3'", "line_item_usage_type": f"'{STANDARD}'", "line_item_currency_code": "'USD'",
        "line_item_unblended_cost": "1.5::double",
    }  # fmt: skip
    maps = {
        "map": ("map {'user_team': 'web', 'user_x': 'y'}", "map {'resourceTags/Team': 'other'}"),
        "late": ("map {'user_x': 'y'}", "map {'accountTag/Team': 'no', 'resourceTags/Team': 'apps \"b\"'}"),
        "none": ("null::map(varchar, varchar)", "map {'iamPrincipal/team': 'no'}"),
    }
    rows = [
        f"select {', '.join(f'{value} as {name}' for name, value in columns.items())}, '{bucket}' as line_item_resource_id, "
        f"{own} as resource_tags, {every} as tags"
        for bucket, (own, every) in maps.items()
    ]
    file = warehouse.write("cur2/e/data/BILLING_PERIOD=2024-03/e-00001.snappy.parquet", b"")
    duckdb.execute(f"copy ({' union all '.join(rows)}) to '{file}' (format parquet)")
    texts = duckdb.execute(f"select {', '.join(columns.values())}").fetchone()
    own = '"{""user:team"":""csv""}"'
    text = f"{','.join(columns)},line_item_resource_id,resource_tags\n{','.join(map(str, texts or ()))},text,{own}\n"
    text += f"{','.join(map(str, texts or ()))},broken,not json\n"
    warehouse.write("cur2/e/data/BILLING_PERIOD=2024-03/e-00002.csv.gz", gzip.compress(text.encode()))
    variables = ["--vars", json.dumps({"s3_owner_tag": "resource_tags_user_team"})]
    warehouse.dbt("run", "-s", "+agg_s3_bucket_tags", *variables).must_pass()
    assert warehouse.rows("select bucket_name, owner_tag from dev_marts.agg_s3_bucket_tags order by 1") == [
        ("late", 'apps "b"'), ("map", "web"), ("text", "csv"),
    ]  # fmt: skip
    assert warehouse.rows("select sum(unblended_cost) from dev_staging.stg_cur__line_items") == [(Decimal("7.5"),)]


def test_parts_of_a_bill_in_zip_archives(tmp_path: Path) -> None:
    """AWS's other compression: one CSV file in each archive; what is none is refused with the reason."""
    options = json.dumps({"kind": "tabular", "header": True, "delimiter": ",", "columns": ["line_item_unblended_cost"], "names": {}})
    archives = {
        "good.csv.zip": {"r-1.csv": b"lineItem/UnblendedCost,x\n1.50,\n2.25,\n"}, "two.csv.zip": {"a.csv": b"a\n1\n", "b.csv": b"a\n1\n"},
        "empty.csv.zip": {}, "bomb.csv.zip": {"r.csv": b"a\n" * 40_000_000},
    }  # fmt: skip
    for name, files in archives.items():
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for inside, data in files.items():
                archive.writestr(inside, data)
    (tmp_path / "cut.csv.zip").write_bytes((tmp_path / "good.csv.zip").read_bytes()[:-9])
    checks = {Path(check.file).name: check for check in landing_files.check_files([str(path) for path in tmp_path.iterdir()], options)}
    assert (checks["good.csv.zip"].records, checks["good.csv.zip"].problem) == (2, None)
    records = [json.loads(record)["columns"] for record in landing_files.file_records(str(tmp_path / "good.csv.zip"), options)]
    assert [record["line_item_unblended_cost"] for record in records] == ["1.50", "2.25"]
    problems = {name: (check.problem or "").split(":")[0] for name, check in checks.items() if name != "good.csv.zip"}
    assert set(problems.values()) <= {"zip cannot be read", "is not read"}, problems
    assert "unpacks to more than" in (checks["bomb.csv.zip"].problem or "")
