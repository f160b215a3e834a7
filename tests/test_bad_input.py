"""Bad input gets a defined answer: what docs/landing.md says of each case."""

from __future__ import annotations

import gzip
import json
import os
from typing import Any

from conftest import NO_TESTS, ROOT, Warehouse, copy_project


def kafka_line(offset: int, payload: Any, partition: int = 0) -> str:
    """A line as kcat writes it."""
    value = payload if payload is None or isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return json.dumps(
        {
            "topic": "orders",
            "partition": partition,
            "offset": offset,
            "tstype": "create",
            "ts": 1693612800000 + offset,
            "payload": value,
        },
        ensure_ascii=False,
    )


def order(number: int, **fields: Any) -> dict[str, Any]:
    """A good order event."""
    return {"OrderID": str(number), "CustomerID": "C1", "ProductID": "P1", "OrderStatus": "Initiated", "Price": "1", **fields}


def run(warehouse: Warehouse) -> None:
    """Loads the orders topic and tests it."""
    warehouse.dbt("build", "-s", "ref_order_status", "+quarantine_msk__orders", "+stg_msk__orders", "+accounting_msk__orders").must_pass()


def outcomes(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Number of records per outcome and reason."""
    return warehouse.rows(
        "select outcome, coalesce(outcome_reason, ''), count(*) from dev_staging.delivered_msk__orders group by all order by all"
    )


def test_no_landing_folder_is_an_empty_load(warehouse: Warehouse) -> None:
    warehouse.dbt("build").must_pass()
    assert warehouse.rows("select count(*) from dev_streaming.mv_orders") == [(0,)]
    assert warehouse.rows("select customer_id from dev_marts.dim_customer") == [("unknown",)]
    # and what lands afterwards is taken
    warehouse.write("kafka/orders/a.jsonl", kafka_line(0, order(1)))
    warehouse.dbt("build", "-s", "+fct_orders", *NO_TESTS).must_pass()
    assert warehouse.rows("select order_id from dev_marts.fct_orders") == [("1",)]


def test_files_of_every_bad_kind(warehouse: Warehouse) -> None:
    good = kafka_line(0, order(1)) + "\n"
    packed = gzip.compress((kafka_line(1, order(2)) + "\n" + kafka_line(2, order(3)) + "\n").encode() * 50)
    warehouse.write("kafka/orders/empty.jsonl", "")
    warehouse.write("kafka/orders/empty.jsonl.gz", b"")
    warehouse.write("kafka/orders/good.jsonl", good)
    truncated = warehouse.write("kafka/orders/truncated.jsonl.gz", packed[: len(packed) // 2])
    warehouse.write("kafka/orders/no_gzip.jsonl.gz", "plain text")
    warehouse.write("kafka/orders/.hidden.jsonl", good)
    warehouse.write("kafka/orders/upload.jsonl.tmp", good)
    warehouse.write("kafka/orders/bytes.jsonl", b"\n" + kafka_line(3, order(4)).encode() + b"\r\n" + b'{"partition":0,\xff\xfe}\n\x01\n')
    run(warehouse)
    assert outcomes(warehouse) == [("accepted", "", 2), ("quarantined", "the record has no position", 2)]
    refused = {row[0] for row in warehouse.rows("select record_text from dev_staging.quarantine_msk__orders")}
    assert refused == {'{"partition":0,\\xff\\xfe}', "\x01"}
    unreadable = dict(warehouse.rows("select landing_file, problem from dev_operations.landing_files where outcome = 'unreadable'"))
    assert set(unreadable) == {"kafka/orders/truncated.jsonl.gz", "kafka/orders/no_gzip.jsonl.gz"}
    assert "gzip cannot be read" in unreadable["kafka/orders/truncated.jsonl.gz"]

    # the upload is finished: the file is taken, once
    truncated.write_bytes(packed)
    run(warehouse)
    assert outcomes(warehouse)[0] == ("accepted", "", 4)


def test_an_unreadable_file_shows_as_a_warning(warehouse: Warehouse) -> None:
    warehouse.write("kafka/orders/no_gzip.jsonl.gz", "plain text")
    result = warehouse.dbt("build", "-s", "mv_orders").must_pass()
    assert "WARN=1" in result.output


def test_records_of_every_bad_kind(warehouse: Warehouse) -> None:
    lines = [
        kafka_line(0, order(1, Channel="web", Nested={"a": 1})),
        kafka_line(1, "{"),
        kafka_line(2, order(2, OrderID="")),
        kafka_line(3, order(3, Price="much")),
        kafka_line(4, order(4, Quatity=True)),
        kafka_line(5, order(5, OrderStatus="x" * 257)),
        kafka_line(6, order(6, CustomerName="山" * 86)),
        kafka_line(7, None),
        kafka_line(8, '"just text"'),
        kafka_line(9, order(7, ProductID=["P1"])),
        "[]",
        kafka_line(0, order(1, Channel="web", Nested={"a": 1})),
    ]
    warehouse.write("kafka/orders/a.jsonl", "\n".join(lines))
    run(warehouse)
    assert outcomes(warehouse) == [
        ("accepted", "", 1),
        ("duplicate", "delivered before", 1),
        ("quarantined", "OrderID is missing", 2),
        ("quarantined", "Price is no decimal number with four digits", 1),
        ("quarantined", "Quatity is no whole number", 1),
        ("quarantined", "a field is an object or an array", 1),
        ("quarantined", "a text is longer than 256 bytes", 2),
        ("quarantined", "the payload is empty (tombstone)", 1),
        ("quarantined", "the payload is no JSON", 1),
        ("quarantined", "the record has no position", 1),
    ]


def test_a_file_that_grew_adds_what_is_new(warehouse: Warehouse) -> None:
    """Same path, other content: taken again, and what was known is a duplicate. Touched alone: not opened for its records."""
    file = warehouse.write("kafka/orders/a.jsonl", kafka_line(0, order(1)) + "\n")
    run(warehouse)
    os.utime(file, (1_700_000_000, 1_700_000_000))
    run(warehouse)
    file.write_text(kafka_line(0, order(1)) + "\n" + kafka_line(1, order(2)) + "\n")
    run(warehouse)
    assert outcomes(warehouse) == [("accepted", "", 2), ("duplicate", "delivered before", 1)]


TRIPS = (ROOT / "sample/taxi_extract/yellow_tripdata_extract.csv").read_text().splitlines()


def trip_outcomes(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Number of trips per outcome and reason."""
    warehouse.dbt("build", "-s", "+stg_taxi__yellow_trips", "+quarantine_taxi__yellow_trips").must_pass()
    return warehouse.rows(
        "select outcome, coalesce(outcome_reason, ''), count(*) from dev_staging.delivered_taxi__yellow_trips group by all order by all"
    )


def test_trip_files_of_every_bad_kind(warehouse: Warehouse) -> None:
    header, first, second, third = TRIPS[:4]
    columns = header.split(",")

    def with_value(line: str, column: str, value: str) -> str:
        fields = line.split(",")
        fields[columns.index(column)] = value
        return ",".join(fields)

    rows = [
        first,
        first,
        second + ",one field too many",
        "three,fields,only",
        with_value(third, "pickup_datetime", "yesterday"),
        with_value(third, "total_amount", "ten"),
        with_value(third, "passenger_count", "1.0"),
    ]
    warehouse.write("copy/yellow_taxi_trip/a.csv", "\n".join([header, *rows]) + "\n")
    warehouse.write("copy/yellow_taxi_trip/empty.csv", "")
    warehouse.write("copy/yellow_taxi_trip/header_only.csv", header + "\n")
    expected = [
        ("accepted", "", 3),
        ("quarantined", "pickup_datetime is missing or no timestamp", 1),
        ("quarantined", "the record does not fit the header", 2),
        ("quarantined", "total_amount is no decimal number with two digits", 1),
    ]
    assert trip_outcomes(warehouse) == expected
    # the same trips under another name, and one more
    warehouse.write("copy/yellow_taxi_trip/b.csv.gz", gzip.compress("\n".join([header, first, first, second, ""]).encode()))
    assert trip_outcomes(warehouse) == [("accepted", "", 4), ("duplicate", "delivered before", 2), *expected[1:]]


def test_trip_files_with_other_columns(warehouse: Warehouse) -> None:
    """Columns in another order, one missing, one nobody knows: names decide, and the unknown one is kept."""
    header, first = TRIPS[:2]
    fields = dict(zip(header.split(","), first.split(","), strict=True))
    del fields["congestion_surcharge"]
    turned = dict(reversed({**fields, "airport_fee": "1.25"}.items()))
    warehouse.write("copy/yellow_taxi_trip/a.csv", ",".join(turned) + "\n" + ",".join(turned.values()) + "\n")
    assert trip_outcomes(warehouse) == [("accepted", "", 1)]
    rows = warehouse.rows("select unknown_fields, trip_distance_miles from dev_staging.delivered_taxi__yellow_trips")
    assert json.loads(rows[0][0]) == {"airport_fee": "1.25"}
    assert float(rows[0][1]) == float(fields["trip_distance"])


def error_of(warehouse: Warehouse, model: str, text: str, *arguments: str) -> str:
    """Output of a build of a scratch project in which one model has this text."""
    project = copy_project(warehouse.folder / "project", only=["retail"])
    next(project.rglob(f"{model}.sql")).write_text(text)
    result = Warehouse(warehouse.folder, project).dbt(*(arguments or ("build", "-s", model)))
    assert result.code != 0
    return result.output


def test_wrong_configuration_names_model_argument_and_fix(warehouse: Warehouse) -> None:
    output = error_of(warehouse, "mv_orders", "{{ config(materialized='streaming_view') }} {{ kafka_records('orders') }}")
    assert "mv_orders: the config meta 'landing_path' is missing" in output

    warehouse_2 = (
        "{{ config(materialized='streaming_view', meta={'landing_path': 'a', 'landing_format': 'avro'}) }} {{ kafka_records('orders') }}"
    )
    output = error_of(Warehouse(warehouse.folder / "2"), "mv_orders", warehouse_2)
    assert "landing_format is 'avro'. Use jsonl" in output

    satellite = (
        "{{ satellite(key='order_hk', business_keys=['order_id'], payload=['store_name'], source=ref('stg_msk__orders'), position=[]) }}"
    )
    output = error_of(Warehouse(warehouse.folder / "3"), "sat_order", satellite, "parse")
    assert "sat_order: satellite() needs the argument 'position'" in output

    hub = "{{ config(unique_key='order_hk') }} {{ hub('order_hk', ['order_id'], [{'relation': ref('stg_msk__orders')}]) }}"
    output = error_of(Warehouse(warehouse.folder / "4"), "hub_order", hub)
    assert "hub_order: hub() is insert-only and takes no unique_key" in output

    hub = "{{ hub('order_hk', ['order_id'], [{'relation': ref('stg_msk__orders'), 'business_keys': ['order_id', 'product_id']}]) }}"
    output = error_of(Warehouse(warehouse.folder / "5"), "hub_order", hub)
    assert "hub_order: hub(): source stg_msk__orders gives 2 business keys, the table has 1. Give one for each key column" in output

    columns = "{{ config(materialized='copied_files', meta={'landing_path': 'a', 'landing_format': 'csv'}) }} {{ copied_records('zone') }}"
    output = error_of(Warehouse(warehouse.folder / "6"), "copy_taxi_zone_lookup", columns, "parse")
    assert "copied_records() wants 'columns' as a list" in output
