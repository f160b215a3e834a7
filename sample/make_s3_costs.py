"""Writes a bill of S3, inventories of its buckets and access logs, into the folders cur, s3_inventory and s3_access_logs.

Two buckets in March 2024, and the bill of the month before: a lake with five owners, several storage classes, old versions and small
objects, listed every day but one; and one without an inventory. Storage is charged by the day at list prices of us-east-1 for what the
inventory lists, so that bill and bytes agree; beside it requests, transfer, monitoring, a credit and tax.

    python sample/make_s3_costs.py --root landing
"""

from __future__ import annotations

import argparse
import calendar
import os
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from make_feeds import write_if_changed

BUCKET = "sales-lake"
MONTH = date(2024, 3, 1)
DAYS = 31
ACCOUNT = "111122223333"
GB = 2**30
# usage type, class, tier, dollars per GB and month
CLASSES = [
    ("TimedStorage-ByteHrs", "STANDARD", "", 0.023), ("TimedStorage-SIA-ByteHrs", "STANDARD_IA", "", 0.0125),
    ("TimedStorage-INT-FA-ByteHrs", "INTELLIGENT_TIERING", "FREQUENT_ACCESS", 0.023), ("TimedStorage-GlacierByteHrs", "GLACIER", "",
    0.0036),
]  # fmt: skip
# prefix, class, tier, objects, bytes of one, growth in objects per day, whether it is the latest version
PREFIXES = [
    ("raw/clicks/2024/03/", "STANDARD", "", 4000, 600_000_000, 130, True), ("raw/orders/", "STANDARD", "", 900, 1_600_000_000, 20, True),
    ("raw/orders/", "GLACIER", "", 300, 8_000_000_000, 0, True), ("marts/finance/", "STANDARD", "", 120, 12_000_000_000, 2, True),
    ("marts/finance/", "STANDARD", "", 60, 11_000_000_000, 1, False), ("marts/finance/reports/", "STANDARD_IA", "", 2000, 40_000, 10, True),
    ("shared/lookup/", "INTELLIGENT_TIERING", "FREQUENT_ACCESS", 800, 300_000_000, 3, True), ("", "STANDARD", "", 3, 1_000_000, 0, True),
]  # fmt: skip

INVENTORY = {
    "bucket": "VARCHAR", "key": "VARCHAR", "version_id": "VARCHAR", "is_latest": "BOOLEAN", "is_delete_marker": "BOOLEAN", "size": "BIGINT",
    "last_modified_date": "BIGINT", "storage_class": "VARCHAR", "is_multipart_uploaded": "BOOLEAN", "replication_status": "VARCHAR",
    "encryption_status": "VARCHAR", "intelligent_tiering_access_tier": "VARCHAR", "bucket_key_status": "VARCHAR",
}  # fmt: skip
CUR = {
    "identity_line_item_id": "VARCHAR", "identity_time_interval": "VARCHAR", "bill_invoice_id": "VARCHAR",
    "bill_payer_account_id": "VARCHAR",
    "bill_billing_period_start_date": "TIMESTAMP", "bill_billing_period_end_date": "TIMESTAMP", "line_item_usage_account_id": "VARCHAR",
    "line_item_line_item_type": "VARCHAR", "line_item_usage_start_date": "TIMESTAMP", "line_item_usage_end_date": "TIMESTAMP",
    "line_item_product_code": "VARCHAR", "line_item_usage_type": "VARCHAR", "line_item_operation": "VARCHAR",
    "line_item_resource_id": "VARCHAR",
    "line_item_usage_amount": "DOUBLE", "line_item_currency_code": "VARCHAR", "line_item_unblended_cost": "DOUBLE",
    "line_item_blended_cost": "DOUBLE", "line_item_line_item_description": "VARCHAR", "product_servicecode": "VARCHAR",
    "pricing_unit": "VARCHAR",
}  # fmt: skip


def write_parquet(file: Path, rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    """Rows with these columns and types; what a row lacks is null."""
    connection = duckdb.connect()
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    lists = [[None if row.get(name) is None else str(row[name]) for row in rows] for name in columns]
    values = ", ".join(f"cast(unnest(?::varchar[]) as {kind})" for kind in columns.values())
    connection.execute(f"create table written ({declared})")
    connection.execute(f"insert into written select {values}", lists)
    with tempfile.NamedTemporaryFile(suffix=".parquet") as written:
        connection.execute(f"copy written to '{written.name}' (format parquet)")
        write_if_changed(file, Path(written.name).read_bytes())


def write_inventory(
    root: Path, bucket: str, begun: datetime, rows: list[dict[str, Any]], configuration: str = "all-versions", name: str | None = None
) -> None:
    """One delivery: a data file, and the symlink file that names it."""
    folder = root / "s3_inventory" / bucket / configuration
    name = name or f"{bucket}-{configuration}-{begun:%Y%m%d%H%M}.parquet"
    write_parquet(folder / "data" / name, rows, INVENTORY)
    symlink = folder / f"hive/dt={begun:%Y-%m-%d-%H-%M}/symlink.txt"
    write_if_changed(symlink, f"s3://inventories/{bucket}/{configuration}/data/{name}\n")


def write_bill(root: Path, rows: list[dict[str, Any]], month: date = MONTH, report: str = "account-cur", part: int = 1) -> None:
    """A part of a report of one month, as it is overwritten with every delivery."""
    folder = root / f"cur/{report}/year={month.year}/month={month.month}"
    write_parquet(folder / f"{report}-{part:05}.snappy.parquet", rows, CUR)


def listed(day: date) -> list[dict[str, Any]]:
    """What the lake holds on a day; a row per object."""
    rows = []
    for place, (prefix, storage_class, tier, objects, size, growth, is_latest) in enumerate(PREFIXES):
        number = objects + growth * (day - MONTH).days
        for index in range(0, number, 10):
            # ten objects of the sample's size make one row: the list stays small
            modified = datetime(2023, 6, 1) + timedelta(days=index % 270)
            rows.append(
                {
                    "bucket": BUCKET, "key": f"{prefix}part-{place}-{index:06}.parquet", "is_latest": is_latest, "is_delete_marker": False,
                    "size": size, "last_modified_date": int(modified.timestamp() * 1000), "storage_class": storage_class,
                    "intelligent_tiering_access_tier": tier or None, "encryption_status": "SSE-S3" if place else "NOT-SSE",
                }
            )  # fmt: skip
    rows.append({"bucket": BUCKET, "key": "raw/orders/gone.parquet", "is_latest": True, "is_delete_marker": True, "storage_class": None})
    return rows


# who asks for what: operation, key as a log has it, request, requester, how often a day, bytes sent
REQUESTS = [
    ("REST.PUT.OBJECT", "raw/clicks/2024/03/part-new.parquet", "PUT", "ingest", 9, 0),
    ("REST.PUT.OBJECT", "raw/orders/part%2520new.parquet", "PUT", "ingest", 3, 0),
    ("REST.GET.OBJECT", "marts/finance/part-3-000010.parquet", "GET", "analyst", 12, 8_000_000),
    ("REST.GET.OBJECT", "shared/lookup/part-6-000020.parquet", "GET", "analyst", 5, 1_000_000),
    ("REST.HEAD.OBJECT", "marts/finance/part-3-000010.parquet", "HEAD", "analyst", 2, 300),
    ("REST.GET.BUCKET", "-", "GET /?list-type=2&prefix=raw%2Forders%2F", "ingest", 4, 2_000),
    ("REST.DELETE.OBJECT", "raw/orders/gone.parquet", "DELETE", "ingest", 1, 0),
]  # fmt: skip


def logged(moment: datetime, operation: str, key: str, request: str, requester: str, sent: int, status: int = 200) -> str:
    """A line of an access log. request: method, or method and URI; '-' where S3 itself did it."""
    uri = request if request == "-" else f'"{request if "/" in request else f"{request} /{key}"} HTTP/1.1"'
    identity = f"arn:aws:sts::{ACCOUNT}:assumed-role/{requester}/session-{moment:%H}"
    return (
        f"79a59df900b949e5 {BUCKET} [{moment:%d/%b/%Y:%H:%M:%S} +0000] 192.0.2.3 {identity} 3E57427F3EXAMPLE {operation} {key} {uri} "
        f'{"-" if request == "-" else status} - {sent or "-"} - 7 - "-" "aws-cli/2" - s9lzHYrFp76ZVxRcpX9= SigV4 ECDHE-RSA AuthHeader - - -'
    )


def write_log(root: Path, moment: datetime, lines: list[str], bucket: str = BUCKET) -> None:
    """A file of access logs, named as S3 does."""
    text = "".join(f"{line}\n" for line in lines)
    write_if_changed(root / f"s3_access_logs/{bucket}/{moment:%Y-%m-%d-%H-%M-%S}-E568B2907131C0C0", text)


def logs_of(day: date) -> list[str]:
    """What was asked of the lake on a day."""
    moment = datetime(day.year, day.month, day.day, 3)
    lines = [
        logged(moment + timedelta(minutes=number), operation, key, request, requester, sent)
        for operation, key, request, requester, times, sent in REQUESTS
        for number in range(times)
    ]
    lines.append(logged(moment, "REST.GET.OBJECT", "raw/orders/x", "GET", "analyst", 500, 503))
    lines.append(logged(moment, "S3.EXPIRE.OBJECT", "raw/orders/old.parquet", "-", "lifecycle", 0))
    if day.day == 7:
        lines.append("a line that was cut of")
    return lines


def line(day: date, usage_type: str, operation: str, amount: float, cost: float, **fields: Any) -> dict[str, Any]:
    """A line of the bill for a day."""
    start = datetime(day.year, day.month, day.day)
    month = start.replace(day=1)
    return {
        "identity_line_item_id": f"{usage_type}-{operation}-{fields.get('line_item_resource_id', BUCKET)}", "bill_invoice_id": "INV-1",
        "identity_time_interval": f"{start:%Y-%m-%dT00:00:00Z}/{start + timedelta(days=1):%Y-%m-%dT00:00:00Z}",
        "bill_payer_account_id": ACCOUNT, "line_item_usage_account_id": ACCOUNT, "bill_billing_period_start_date": month,
        "bill_billing_period_end_date": (month + timedelta(days=32)).replace(day=1), "line_item_line_item_type": "Usage",
        "line_item_usage_start_date": start, "line_item_usage_end_date": start + timedelta(days=1), "line_item_product_code": "AmazonS3",
        "line_item_usage_type": usage_type, "line_item_operation": operation, "line_item_resource_id": BUCKET,
        "line_item_usage_amount": amount,
        "line_item_currency_code": "USD", "line_item_unblended_cost": cost, "line_item_blended_cost": cost,
        "product_servicecode": "AmazonS3",
        "pricing_unit": "GB-Mo", **fields,
    }  # fmt: skip


def billed(day: date) -> list[dict[str, Any]]:
    """The lines of a day."""
    rows = listed(day)
    days = calendar.monthrange(day.year, day.month)[1]
    lines = []
    for usage_type, storage_class, tier, price in CLASSES:
        own = [row for row in rows if row["storage_class"] == storage_class and (row["intelligent_tiering_access_tier"] or "") == tier]
        stored = sum(row["size"] + (32768 if storage_class == "GLACIER" else 0) for row in own)
        if storage_class == "STANDARD":
            stored += sum(8192 for row in rows if row["storage_class"] == "GLACIER") + len("raw/orders/gone.parquet")
        amount = stored / GB / days
        lines.append(
            line(day, usage_type, "StandardStorage" if storage_class == "STANDARD" else f"{storage_class}Storage", amount, amount * price)
        )
    small = sum(131072 - row["size"] for row in rows if row["storage_class"] == "STANDARD_IA") / GB / days
    lines.append(line(day, "TimedStorage-SIA-SmObjects", "StandardIASizeOverhead", small, small * 0.0125))
    lines.append(line(day, "Requests-Tier1", "PutObject", 4000, 4000 * 0.000005, pricing_unit="Requests"))
    lines.append(line(day, "Requests-Tier2", "GetObject", 90_000, 90_000 * 0.0000004, pricing_unit="Requests"))
    lines.append(line(day, "DataTransfer-Out-Bytes", "GetObject", 1.5, 1.5 * 0.09, pricing_unit="GB"))
    lines.append(line(day, "Monitoring-Automation-INT", "", 80 / days, 80 / days * 0.0000025, pricing_unit="Objects"))
    lines.append(line(day, "TimedStorage-ByteHrs", "StandardStorage", 2 / days, 2 / days * 0.023, line_item_resource_id="old-logs"))
    return lines


def write_s3_costs(root: Path) -> None:
    """The sample."""
    days = [MONTH + timedelta(days=number) for number in range(DAYS)]
    lines = [line for day in days for line in billed(day)]
    month = {
        "line_item_usage_start_date": datetime(2024, 3, 1), "line_item_usage_end_date": datetime(2024, 4, 1), "line_item_resource_id": None,
        "line_item_blended_cost": None,
    }  # fmt: skip
    lines.append(line(MONTH, "", "", 0, 1.37, line_item_line_item_type="Tax", identity_line_item_id="tax", **month))
    lines.append(
        line(
            MONTH,
            "TimedStorage-ByteHrs",
            "StandardStorage",
            0,
            -0.5,
            line_item_line_item_type="Credit",
            identity_line_item_id="credit",
            **month,
        )
    )
    write_bill(root, lines)
    # of the month before there is the bill alone
    before = [MONTH - timedelta(days=number) for number in range(29, 0, -1)]
    write_bill(root, [line | {"bill_invoice_id": "INV-0"} for day in before for line in billed(day)], month=before[0])
    for day in days:
        # one day's list never came, nor another one's log
        if day.day != 20:
            write_log(root, datetime(day.year, day.month, day.day, 4, 30), logs_of(day))
        if day.day != 12:
            write_inventory(root, BUCKET, datetime(day.year, day.month, day.day, 1), listed(day))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Writes a bill of S3 and inventories of its buckets.")
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("MILLRACE_LANDING", "landing")))
    write_s3_costs(parser.parse_args().root)


if __name__ == "__main__":
    main()
