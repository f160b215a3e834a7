"""Forms in which tools write, and forms in which they break: what is read of each, and that nothing else is lost by it.

One build of a scratch project with a feed for each source; where the forms come from stands beside them.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import struct
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from conftest import Warehouse, copy_project

EVENTS = "format: documents, stream: %s, key: [id], operation: false, committed_at: %s, columns: {id: {type: integer}, "
CHANGES = "operation: {from: op, insert: [I], update: [U], delete: [D]}"
FEEDS = {
    "odd_topic": EVENTS % ("kafka", "arrival") + "name: {}}",
    "odd_stream": EVENTS % ("kinesis", "arrival") + "name: {}}",
    "odd_objects": EVENTS % ("firehose", "at") + "v: {type: float}}",
    "log_events": "format: documents, stream: firehose, key: [event_id], operation: false, committed_at: arrival, columns: "
    "{event_id: {from: logEvents.id}, log_group: {from: logGroup}, message: {from: logEvents.message}}",
    "odd_accounts": "key: [id], operation: false, committed_at: changed, columns: {id: {}, name: {}, born: {type: date}}",
    "json_rows": "key: [id], operation: false, committed_at: arrival, columns: {id: {type: integer}, name: {}}",
    "plain_dms": f"key: [id], {CHANGES}, committed_at: committed, columns: "
    '{id: {type: integer}, name: {}, credit: {type: "decimal(12, 2)"}}',
    "reserved": f"key: [order], {CHANGES}, committed_at: arrival, columns: "
    '{order: {type: "decimal(38, 0)"}, group: {type: "decimal(38)"}, at: {from: "first name"}, whole: {type: integer}}',
    "fine_times": f"key: [id], {CHANGES}, committed_at: at, columns: {{id: {{type: integer}}}}",
}
COPIED = "{{ config(materialized='copied_files', meta=%s) }}\n{{ copied_records(%s) }}\n"


def copied(path: str, columns: list[str], **meta: Any) -> str:
    """A landing model of files with columns."""
    return COPIED % ({"landing_path": path, "landing_format": "csv", "copied_columns": columns, **meta}, columns)


LANDINGS = {
    "odd_topic": "{{ config(materialized='streaming_view', meta={'landing_path': 'kafka/odd_topic'}) }}\n"
    "{{ kafka_records('odd_topic') }}\n",
    "odd_stream": "{{ config(materialized='streaming_view', meta={'landing_path': 'kinesis/odd', 'landing_format': 'kinesis'}) }}\n"
    "{{ kinesis_records('odd') }}\n",
    "odd_objects": "{{ config(materialized='copied_files', meta={'landing_path': 'firehose/odd', 'landing_format': 'firehose'}) }}\n"
    "{{ firehose_records() }}\n",
    "log_events": "{{ config(materialized='copied_files', meta={'landing_path': 'firehose/logs', 'landing_format': 'firehose', "
    "'landing_unnest': 'logEvents'}) }}\n{{ firehose_records() }}\n",
    "odd_accounts": copied("appflow/odd", ["id", "name", "born", "changed"]),
    "json_rows": copied("appflow/json", ["id", "name"], landing_format="json"),
    "plain_dms": copied("dms/plain", ["op", "committed", "id", "name", "credit"], landing_header="auto"),
    "reserved": copied("dms/reserved", ["op", "order", "group", "first name", "whole"]),
    "fine_times": copied("dms/fine", ["op", "id", "at"], landing_format="parquet"),
    "no_folder": copied("copy/misspelt", ["id"]),
}


def kcat(offset: int, payload: Any, ts: int = 1704067200000, **more: Any) -> bytes:
    """A line of `kcat -C -J` (edenhill/kcat, json.c)."""
    record = {"topic": "t", "partition": 0, "offset": offset, "tstype": "create", "ts": ts, "broker": 0, "key": None, "payload": payload}
    return json.dumps({**record, **more}).encode() + b"\n"


def document(number: int, **more: Any) -> str:
    """A record of most feeds here."""
    return json.dumps({"id": number, "name": f"n{number}", **more})


def answer(*data: bytes, first: int = 1, key: str = "p") -> str:
    """What `aws kinesis get-records` prints."""
    records = [
        {
            "SequenceNumber": str(49590338271490256608559692538361571095921575989136588000 + first + place),
            "ApproximateArrivalTimestamp": "2024-01-01T00:00:00+00:00",
            "Data": base64.b64encode(record).decode(),
            "PartitionKey": key,
        }
        for place, record in enumerate(data)
    ]
    return json.dumps({"Records": records, "NextShardIterator": "i", "MillisBehindLatest": 0})


def aggregate(*records: str) -> bytes:
    """What the Kinesis Producer Library puts into one record, by the library of AWS that writes it."""
    aggregator = RecordAggregator()
    for number, record in enumerate(records):
        aggregator.add_user_record(f"key{number}", record)
    return bytes(aggregator.clear_and_get().get_contents()[2])


def log_message(*numbers: int, kind: str = "DATA_MESSAGE") -> bytes:
    """What a subscription filter of CloudWatch Logs sends (its user guide, SubscriptionFilters)."""
    events = [{"id": str(number), "timestamp": 1510109208016, "message": f"m{number}"} for number in numbers]
    return json.dumps(
        {"messageType": kind, "owner": "1", "logGroup": "/aws/f", "logStream": "s", "subscriptionFilters": ["f"], "logEvents": events}
    ).encode()


def parquet(table: pyarrow.Table) -> bytes:
    """A Parquet file of version 2.6, which has nanoseconds, as pandas and Spark write it."""
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file, version="2.6")
    return file.getvalue()


def write_topic(warehouse: Warehouse) -> None:
    """Time stamps in other units, Confluent's and kcat's forms, what breaks a parser, and names that are patterns."""
    ts = 1704067200000
    stamps = {0: ts, 1: ts * 1_000_000, 2: ts * 1000, 3: ts // 1000, 4: -1, 5: -(10**18), 6: 2**63 - 1}
    warehouse.write("kafka/odd_topic/stamps.jsonl", b"".join(kcat(number, document(number), stamp) for number, stamp in stamps.items()))
    confluent = b"".join(kcat(100 + number, "#" + document(100 + number)) for number in (0, 1))
    confluent = confluent.replace(b"#", b"\\u0000\\u0000\\u0000\\u0000\\u0005", 1).replace(b"#", b"\\u0000\\u0000\\u0000\xff\xc8", 1)
    warehouse.write("kafka/odd_topic/confluent.json", confluent)
    binary = kcat(110, document(110), key="#", headers=["trace", "a", "none", None]).replace(b'"#"', b'"\xff\x00"'.replace(b"\x00", b"k"))
    warehouse.write("kafka/odd_topic/binary_key.ndjson", binary)
    plain = kcat(111, document(111), headers=["trace", "b"])
    warehouse.write("kafka/odd_topic/headers.jsonl", plain)
    deep = "[" * 100_000 + "]" * 100_000
    lines = [kcat(120, '{"id": 120, "name": ' + deep + "}"), kcat(121, document(121)), b'{"a":' * 20_000 + b"\n", b"[" * 20_000 + b"\n"]
    warehouse.write("kafka/odd_topic/deep.jsonl", b"".join(lines)[:-1])
    half = kcat(130, '{"id": 130, "name": "\\ud83d"}') + kcat(131, document(131)) + kcat(132, "#").replace(b"#", b"\\ud83d")
    warehouse.write("kafka/odd_topic/half.jsonl", half)
    warehouse.write("kafka/odd_topic/part1.jsonl", kcat(140, document(140)))
    warehouse.write("kafka/odd_topic/part[1].jsonl", kcat(141, document(141)))
    warehouse.write("kafka/odd_topic/part*.jsonl", kcat(142, document(142)))
    warehouse.write("kafka/odd_topic/part?.jsonl", kcat(143, document(143)))
    warehouse.write("kafka/odd_topic/it's a \\ name.jsonl", kcat(144, document(144)))
    warehouse.write("kafka/odd_topic/no_ending", kcat(145, document(145)))
    warehouse.write("kafka/odd_topic/rows.csv", "id,name\n1,a\n")
    warehouse.write("kafka/odd_topic/log.jsonl.zip", b"PK\x03\x04rest")
    warehouse.write("kafka/odd_topic/wrongly_named.jsonl", b"PK\x03\x04rest")
    warehouse.write("kafka/odd_topic/mark.jsonl", b"\xef\xbb\xbf" + kcat(150, document(150)))
    two_on_a_line = kcat(151, document(151)).strip() + kcat(152, document(152)) + kcat(153, document(153))
    warehouse.write("kafka/odd_topic/two_on_a_line.jsonl", two_on_a_line)
    broken = kcat(154, document(154)) + b'{"partition":0,"offset":nothing}\n' + kcat(155, document(155))
    warehouse.write("kafka/odd_topic/broken_line.jsonl", broken)
    # a record cut off before its end, and the next one on the same line: found by 10,000 broken files
    lost_newline = kcat(160, document(160))[:-25] + kcat(161, document(161)) + kcat(162, document(162))
    warehouse.write("kafka/odd_topic/lost_newline.jsonl", lost_newline)
    warehouse.write("kafka/odd_topic/wide.jsonl", kcat(156, document(156)).decode().encode("utf-16"))
    os.utime(warehouse.write(os.fsdecode(b"kafka/odd_topic/\xff\xfe.jsonl"), kcat(157, document(157))))


def write_streams(warehouse: Warehouse) -> None:
    """Records within records of Kinesis; objects of Firehose, one with a broken record; logs by subscription."""
    folder = "kinesis/odd/shardId-000000000000"
    kpl = aggregate(document(1), document(2), document(3))
    bad_sum = kpl[:-1] + bytes([kpl[-1] ^ 1])
    data = [
        kpl,
        bad_sum,
        gzip.compress(document(4).encode()),
        (document(5) + document(6)).encode(),
        f"[{document(7)}, {document(8)}]".encode(),
        b"\x00" + struct.pack(">I", 7) + document(9).encode(),
        b"\x03\x00" + bytes(16) + document(10).encode(),
        b"no json",
        b"\xff\n\x00",
        (document(11) + '{"id": ').encode(),
        document(12).encode() + b"\n",
        ('{"id": 13, "name": ' + "[" * 5000 + "]" * 5000 + "}").encode(),
        aggregate(document(14), "no json"),
    ]
    warehouse.write(f"{folder}/one.json", answer(*data))
    # several answers in one file, as a loop of the command line makes it, one of them cut off
    several = answer(document(20).encode(), first=30) + "\n" + answer(document(21).encode(), first=31) + answer(b"x", first=32)[:50]
    warehouse.write(f"{folder}/several.json", several)
    # one that was cut off while it was printed, and one in which a record was broken
    pretty = json.dumps(json.loads(answer(*(document(number).encode() for number in (30, 31, 32)), first=40)), indent=4)
    warehouse.write(f"{folder}/cut_off.json", pretty[: pretty.rindex('"Data"')])
    broken = answer(*(document(number).encode() for number in (33, 34, 35)), first=50).replace(
        '"49590338271490256608559692538361571095921575989136588051"', ""
    )
    warehouse.write(f"{folder}/broken_record.json", broken)
    warehouse.write(f"{folder}/none.json", "no answer")

    def event(number: int, value: str = "1.0") -> str:
        return f'{{"id":{number},"at":"2024-01-01T00:00:00Z","v":{value}}}'

    folder = "firehose/odd/2024/01/01/00"
    warehouse.write(f"{folder}/middle", event(3) + '{"id":4,"at":' + event(5) + event(6))
    warehouse.write(f"{folder}/lines.json", event(7) + '\n{"id":8,"at"\n' + event(9) + "\n")
    warehouse.write(f"{folder}/text.txt", event(10) + "\n")
    warehouse.write(f"{folder}/numbers", event(12, "1e400") + event(13, "NaN") + event(14))
    warehouse.write(f"{folder}/array", f"[{event(15)},\n{event(16)}]")
    warehouse.write(f"{folder}/broken_array", f"[{event(24)},\n{event(25, 'tru')}, {event(26)}]\n[{event(27)}, " + event(28)[:-1])
    warehouse.write(f"{folder}/deep", event(17) + '{"id":' * 100_000 + "\n" + event(18, "[" * 5000 + "]" * 5000) + event(19))
    warehouse.write(f"{folder}/marks", "\ufeff" + event(20) + "\ufeff" + event(21))
    warehouse.write("firehose/odd/customer_id=7/year=2024/x", event(22) + event(23))

    folder = "firehose/logs/2024/01/01/00"
    warehouse.write(
        f"{folder}/members", gzip.compress(log_message(1, 2)) + gzip.compress(log_message(3, kind="CONTROL_MESSAGE").replace(b'"3"', b'""'))
    )
    member = gzip.compress(log_message(8))
    members = [gzip.compress(log_message(9)), member[:40] + b"x" + member[41:], gzip.compress(log_message(10)), member[:60]]
    warehouse.write(f"{folder}/broken_member", b"".join(members))
    warehouse.write(f"{folder}/cut_off.gz", member[:60])
    warehouse.write(f"{folder}/plain", log_message(4) + log_message(5, 6))
    warehouse.write(f"{folder}/twice.gz", gzip.compress(gzip.compress(log_message(7))))


def write_files(warehouse: Warehouse) -> None:
    """CSV, JSON and Parquet as AppFlow and DMS write them, and as they break."""
    header = "Id,Name,Born,Changed\n"

    def row(number: str, name: str = "n", born: str = "2000-01-01") -> str:
        return f"{number},{name},{born},2024-01-01T00:00:00Z\n"

    # AppFlow's own name of an object: flow execution id and time, without an ending
    warehouse.write("appflow/odd/3f2b1c1e-8b1e-4d2b-9a6e-2b7e5f1f0a11-2024-01-04T00-00-00", header + row("001"))
    warehouse.write("appflow/odd/mark.csv", "\ufeff" + header + row("002"))
    warehouse.write("appflow/odd/quote.csv", header + row("003") + row("004", '"open') + row("005") + row("006", '"a ""b"" c"'))
    warehouse.write("appflow/odd/quotes.csv", header + row("007", '"open') + row("008") + row("009", '"open') + row("010"))
    warehouse.write("appflow/odd/lob.csv", header + row("011", "x" * 300_000) + row("012"))
    own = "Id,Name,Born,Changed,landing_file,Record_Number,refresh_time,invalid_record,unknown_fields,order\n"
    warehouse.write("appflow/odd/own.csv", own + row("013").strip() + ",a,b,c,d,e,f\n")
    warehouse.write("appflow/odd/twice.csv", "Id,ID,Name,Born,Changed\n014,other,n,2000-01-01,2024-01-01T00:00:00Z\n")
    warehouse.write("appflow/odd/zero.csv", header + row("015", born="0000-00-00"))
    warehouse.write("appflow/odd/comment.csv", "id,name,born,changed\n" + row("#16") + row("017"))
    warehouse.write(
        "appflow/odd/bytes.dat", header.encode() + b"018,M\xfcller,2000-01-01,2024-01-01T00:00:00Z\n019,a\x00b,,2024-01-01T00:00:00Z\n"
    )
    warehouse.write("appflow/odd/part[1].csv", header.lower() + row("020"))
    warehouse.write("appflow/odd/part1.csv", header.lower() + row("021"))
    warehouse.write("appflow/odd/0000_part_00", header + row("022"))  # UNLOAD's own
    warehouse.write("appflow/odd/export.csv.zip", b"PK\x03\x04rest")
    warehouse.write("appflow/odd/rows.json", "{}")
    warehouse.write("appflow/odd/bomb.csv.gz", gzip.compress(bytes(200_000_000), 9))
    warehouse.write("appflow/json/a.jsonl", '{"Id":1,"Name":"ok"}\n{"Id":2,"Name":"half \\ud83d emoji"}\n[{"Id":3},{"Id":4}]\n')
    warehouse.write("appflow/json/deep.json", '{"Id":5}\n{"Id":' + "[" * 20_000)

    warehouse.write("dms/plain/LOAD00000001.csv", "2024-03-01 08:00:00.000000,1,Ana,10.00\n2024-03-01 08:00:00.000000,2,Wei,20.00\n")
    warehouse.write("dms/plain/2024/03/01/20240301-090000000.csv", "U,2024-03-01 08:30:00.000000,1,Ana,11.00\n")
    nines = "9" * 38
    rows = [f"I,{nines},{nines[:-1]},x,9223372036854775807", "I,2,3,y,-9223372036854775808", "I,3,3,y,9223372036854775808"]
    warehouse.write("dms/reserved/LOAD00000001.csv", "\n".join(["Op,order,group,first name,whole", *rows, ""]))
    moments = pyarrow.array([1709280000123456789], pyarrow.timestamp("ns"))
    warehouse.write("dms/fine/LOAD00000001.parquet", parquet(pyarrow.table({"Op": ["I"], "id": [1], "at": moments})))
    other = parquet(pyarrow.table({"Op": ["I"], "id": [2], "at": moments, "record_number": [7]}))
    warehouse.write("dms/fine/LOAD[2].parquet", other)
    warehouse.write("dms/fine/LOAD00000003.parquet", other[:100] + bytes(20) + other[120:])


def write_trips(warehouse: Warehouse) -> None:
    """The commission's own names (data dictionary of the yellow trip records), in CSV and in Parquet as it publishes them since 2022."""
    lines = (Path(__file__).parent.parent / "sample/taxi_extract/yellow_tripdata_extract.csv").read_text().splitlines()[:3]
    warehouse.write("copy/yellow_taxi_trip/renamed.csv", "\n".join([*lines, ""]))
    trips = [
        ("2022-01-18 15:04:43", "2022-01-18 15:12:51"), ("2022-01-18 15:03:28", "2022-01-18 15:15:52"),
        ("2022-01-06 17:49:22", "2022-01-06 17:57:03"), ("2022-01-09 20:00:55", "2022-01-09 20:04:14"),
        ("2022-01-24 16:16:53", "2022-01-24 16:31:36"),
    ]  # fmt: skip
    names = [
        "VendorID", "tpep_pickup_datetime", "tpep_dropoff_datetime", "passenger_count", "trip_distance", "RatecodeID", "store_and_fwd_flag",
        "PULocationID", "DOLocationID", "payment_type", "fare_amount", "extra", "mta_tax", "tip_amount", "tolls_amount",
        "improvement_surcharge", "total_amount", "congestion_surcharge",
    ]  # fmt: skip
    rows = [["2", began, ended, "1.0", "1.13", "1.0", "N", "141", "229", "2", *["7.0"] * 8, "1.25"] for began, ended in trips]
    warehouse.write("copy/yellow_taxi_trip/official.csv", "\n".join(",".join(row) for row in [[*names, "airport_fee"], *rows[:3]]) + "\n")
    floats = {"passenger_count", "trip_distance", "RatecodeID", "Airport_fee", *names[10:]}
    columns: dict[str, Any] = {}
    for place, name in enumerate([*names, "Airport_fee"]):
        values = [row[place] for row in rows[3:]]
        if name.startswith("tpep"):
            columns[name] = pyarrow.array([datetime.fromisoformat(value) for value in values], pyarrow.timestamp("us"))
        elif name.startswith("store"):
            columns[name] = values
        else:
            columns[name] = [float(value) for value in values] if name in floats else [int(value) for value in values]
    columns["cbd_congestion_fee"] = [0.75, 0.75]
    warehouse.write("copy/yellow_taxi_trip/yellow_tripdata_2025-01.parquet", parquet(pyarrow.table(columns)))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, str]:
    """The forms of all sources, landed and staged by one command, and what it printed."""
    folder = tmp_path_factory.mktemp("forms")
    project = copy_project(folder / "project")
    settings = project / "dbt_project.yml"
    feeds = "".join(f"    {name}: {{{facts}}}\n" for name, facts in FEEDS.items())
    settings.write_text(settings.read_text().replace("  change_feeds:\n", "  change_feeds:\n" + feeds, 1))
    for name, text in LANDINGS.items():
        (project / f"models/streaming/copy_{name}.sql").write_text(text)
    staging = project / "models/staging/retail/forms"
    staging.mkdir()
    models = []
    for name in FEEDS:
        landing = f"ref('copy_{name}')"
        (staging / f"delivered_forms__{name}.sql").write_text(f"{{{{ delivered_changes('{name}', [{landing}]) }}}}\n")
        (staging / f"stg_forms__{name}.sql").write_text(f"{{{{ accepted_changes('{name}', ref('delivered_forms__{name}')) }}}}\n")
        (staging / f"history_forms__{name}.sql").write_text(f"{{{{ change_history('{name}', ref('stg_forms__{name}')) }}}}\n")
        (staging / f"current_forms__{name}.sql").write_text(f"{{{{ current_state('{name}', ref('history_forms__{name}')) }}}}\n")
        accounting = f"{{{{ load_accounting({landing}, ref('delivered_forms__{name}')) }}}}\n"
        (staging / f"accounting_forms__{name}.sql").write_text(accounting)
        models.append(f"  - {{name: accounting_forms__{name}, data_tests: [accounts_for_every_record]}}\n")
        models += [
            f"  - {{name: {kind}_forms__{name}, columns: [{{name: loaded_at}}]}}\n" for kind in ("delivered", "stg", "history", "current")
        ]
    (staging / "_forms.yml").write_text("version: 2\nmodels:\n" + "".join(models))
    warehouse = Warehouse(folder, project)
    write_topic(warehouse)
    write_streams(warehouse)
    write_files(warehouse)
    write_trips(warehouse)
    selection = ["+delivered_taxi__yellow_trips", "copy_no_folder"]
    selection += [f"{kind}_forms__{name}" for name in FEEDS for kind in ("accounting", "delivered", "stg", "history", "current")]
    selection += [f"copy_{name}" for name in FEEDS]
    result = warehouse.dbt("build", "-s", *selection).must_pass()
    return warehouse, result.output


def outcomes(warehouse: Warehouse, feed: str) -> dict[str, int]:
    """Number of records by outcome, and by reason where there is one."""
    rows = warehouse.rows(
        f"select coalesce(outcome_reason, outcome), count(*) from dev_staging.delivered_forms__{feed} group by all order by all"
    )
    return {str(reason): int(number) for reason, number in rows}


def ids(warehouse: Warehouse, feed: str, key: str = "id") -> list[Any]:
    """Keys of the accepted records."""
    return [row[0] for row in warehouse.rows(f'select "{key}" from dev_staging.stg_forms__{feed} order by 1')]


def test_kafka_records(built: tuple[Warehouse, str]) -> None:
    """Time stamps in other units are refused; Confluent's and kcat's forms, names that are patterns and good lines are read."""
    warehouse, _ = built
    read = [0, 100, 101, 110, 111, 121, 131, *range(140, 146), *range(150, 158), 161, 162]
    assert ids(warehouse, "odd_topic") == read
    assert outcomes(warehouse, "odd_topic") == {
        "accepted": len(read),
        "the change has no commit time": 1,
        "the payload is no JSON": 3,
        "the record has no position": 4,
        "the time stamp is implausible": 5,
    }
    records = "select kafka_key, kafka_headers from dev_streaming.copy_odd_topic where kafka_offset = "
    key, headers = warehouse.rows(records + "110")[0]
    assert (key, json.loads(headers)) == ("\\xffk", ["trace", "a", "none", None])
    assert json.loads(warehouse.rows(records + "111")[0][1]) == ["trace", "b"]
    refused = {
        str(row[0])[:20]
        for row in warehouse.rows("select record_text from dev_staging.delivered_forms__odd_topic where outcome = 'quarantined'")
    }
    assert {'{"partition":0,"offs', '{"a":{"a":{"a":{"a":', "[[[[[[[[[[[[[[[[[[[["} < refused


def test_kinesis_records(built: tuple[Warehouse, str]) -> None:
    """Records of the producer library, gzipped ones, several documents and arrays; each in order, with a place of its own."""
    warehouse, _ = built
    read = [*range(1, 13), 14, 20, 21, 30, 31, 33, 35]
    assert ids(warehouse, "odd_stream") == read
    assert outcomes(warehouse, "odd_stream") == {"accepted": len(read), "the payload is no JSON": 6, "the record has no position": 3}
    rows = warehouse.rows(
        "select payload ->> 'id', sub_sequence_number, partition_key from dev_streaming.copy_odd_stream "
        "where sequence_number = (select min(sequence_number) from dev_streaming.copy_odd_stream) order by sub_sequence_number"
    )
    assert rows == [("1", 0, "key0"), ("2", 1, "key1"), ("3", 2, "key2")]


def test_firehose_objects(built: tuple[Warehouse, str]) -> None:
    """Of an object with a broken record the others are read; arrays are events; logs are unnested."""
    warehouse, _ = built
    assert ids(warehouse, "odd_objects") == [3, 5, 6, 7, 9, 10, 14, 15, 16, 17, 19, 20, 21, 22, 23, 24, 26, 27]
    assert outcomes(warehouse, "odd_objects") == {"accepted": 18, "the payload is no JSON": 7, "v is no number": 1}
    texts = {row[0] for row in warehouse.rows("select invalid_payload from dev_streaming.copy_odd_objects where payload is null")}
    assert {'{"id":4,"at":', '{"id":8,"at"', '{"id":13,"at":"2024-01-01T00:00:00Z","v":NaN}'} < texts
    events = warehouse.rows("select event_id, log_group, message from dev_staging.stg_forms__log_events order by event_id")
    assert events == [(str(number), "/aws/f", f"m{number}") for number in (1, 10, 2, 4, 5, 6, 7, 9)]
    assert outcomes(warehouse, "log_events") == {"accepted": 8, "logEvents.id is missing": 1, "the payload is no JSON": 2}


def test_csv_and_json_files(built: tuple[Warehouse, str]) -> None:
    """Objects without an ending, marks, broken quotes, columns named as the project's own, zero dates, lines that look like a comment."""
    warehouse, _ = built
    read = ["#16", *(f"{number:03}" for number in range(1, 23) if number not in (4, 7, 9, 11, 16))]
    assert ids(warehouse, "odd_accounts") == read
    assert outcomes(warehouse, "odd_accounts") == {
        "accepted": len(read),
        "name is longer than 256 bytes": 1,
        "the record does not fit the header": 3,
    }
    rows = dict(warehouse.rows("select id, unknown_fields from dev_streaming.copy_odd_accounts where unknown_fields is not null"))
    assert {key: json.loads(value) for key, value in rows.items()} == {
        "013": {"landing_file": "a", "Record_Number": "b", "refresh_time": "c", "invalid_record": "d", "unknown_fields": "e", "order": "f"},
        "014": {"ID": "other"},
    }
    names = dict(warehouse.rows("select id, name from dev_staging.stg_forms__odd_accounts where id in ('006', '018', '019')"))
    assert names == {"006": 'a "b" c', "018": "M\\xfcller", "019": "a\\x00b"}
    assert warehouse.rows("select born from dev_staging.stg_forms__odd_accounts where id = '015'") == [(None,)]
    assert ids(warehouse, "json_rows") == [1, 3, 4, 5]
    assert outcomes(warehouse, "json_rows") == {"accepted": 4, "the record does not fit the header": 2}


def test_change_files_of_dms(built: tuple[Warehouse, str]) -> None:
    """Its defaults (no header, full load without Op) in one landing model; reserved names; 38 digits; nanoseconds; a broken page."""
    warehouse, _ = built
    rows = warehouse.rows("select id, name, credit from dev_staging.current_forms__plain_dms order by id")
    assert rows == [(1, "Ana", Decimal("11.00")), (2, "Wei", Decimal("20.00"))]
    nines = Decimal("9" * 38)
    rows = warehouse.rows('select "order", "group", "at", whole from dev_staging.current_forms__reserved order by 1')
    assert rows == [(Decimal(2), Decimal(3), "y", -(2**63)), (nines, Decimal("9" * 37), "x", 2**63 - 1)]
    assert outcomes(warehouse, "reserved") == {"accepted": 2, "whole is no whole number": 1}
    moments = warehouse.rows("select distinct event_at from dev_staging.stg_forms__fine_times")
    assert moments == [(datetime(2024, 3, 1, 8, 0, 0, 123456),)]
    assert ids(warehouse, "fine_times") == [1, 2]
    unknown = warehouse.rows("select unknown_fields from dev_streaming.copy_fine_times where unknown_fields is not null")
    assert [json.loads(row[0]) for row in unknown] == [{"record_number": "7"}]


def test_trips_under_the_commission_s_own_names(built: tuple[Warehouse, str]) -> None:
    warehouse, _ = built
    rows = warehouse.rows(
        "select (epoch_us(dropped_off_at) - epoch_us(picked_up_at)) / 60000000, pickup_location_id, rate_code_id, unknown_fields "
        "from dev_staging.delivered_taxi__yellow_trips where outcome = 'accepted' and landing_file not like '%renamed%' "
        "order by picked_up_at desc"
    )
    minutes = [14.716666666666667, 12.4, 8.133333333333333, 3.316666666666667, 7.683333333333334]
    assert sorted(float(row[0]) for row in rows) == sorted(minutes)
    assert {row[1:3] for row in rows} == {(141, 1)}
    others = [json.loads(row[3]) for row in rows]
    assert others.count({"airport_fee": "1.25"}) == 3
    assert others.count({"Airport_fee": "1.25", "cbd_congestion_fee": "0.75"}) == 2
    assert warehouse.rows("select count(*) from dev_staging.delivered_taxi__yellow_trips where outcome <> 'accepted'") == [(0,)]
    assert warehouse.rows("select count(*) from dev_staging.delivered_taxi__yellow_trips") == [(7,)]


def test_files_that_are_not_read_are_named(built: tuple[Warehouse, str]) -> None:
    """With the reason, in the list of files; and a landing folder that is not there is a warning."""
    warehouse, output = built
    problems = dict(warehouse.rows("select landing_file, problem from dev_operations.landing_files where problem is not null"))
    assert problems.pop("dms/fine/LOAD00000003.parquet").startswith("Parquet cannot be read")
    reasons = {Path(file).name: problem.split(":")[1].split(",")[0].strip() for file, problem in problems.items()}
    assert reasons == {
        "cut_off.gz": "it ends before its end was written",
        "bomb.csv.gz": "it unpacks to more than 200 times its size",
        "export.csv.zip": "its name ends in .zip",
        "rows.json": "its name ends in .json",
        "none.json": "no JSON object with Records",
        "log.jsonl.zip": "its name ends in .zip",
        "rows.csv": "its name ends in .csv",
        "wrongly_named.jsonl": "it is a zip archive",
    }
    assert "copy_no_folder: there is no folder ../landing/copy/misspelt, so nothing was read" in output.replace("\n", " ")


def test_a_column_that_landed_before_it_was_declared_is_read(built: tuple[Warehouse, str]) -> None:
    """Its values are in unknown_fields of those records, and staging that is rebuilt reads them there."""
    warehouse, _ = built
    names = "select name from dev_staging.stg_forms__odd_accounts where id = '001'"
    assert warehouse.rows(names) == [("n",)]
    with duckdb.connect(str(warehouse.database)) as connection:
        unknown = json.dumps({"Name": "x", "name": "before"})
        connection.execute("update dev_streaming.copy_odd_accounts set name = null, unknown_fields = ? where id = '001'", [unknown])
    models = ["delivered_forms__odd_accounts", "stg_forms__odd_accounts"]
    warehouse.dbt("run", "-s", *models, "--full-refresh", "--vars", "{allow_full_refresh: true}").must_pass()
    assert warehouse.rows(names) == [("before",)]
