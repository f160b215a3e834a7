"""Writes the sample change feeds and streams: each a few records as the real tool writes them, with the cases that matter.

The facts of the worked examples are those of the articles the project follows (docs/change_feeds.md names them): the sporting event
whose rows 1 and 11 change while 21 goes and 5 comes, the 25 insurance policies and their five changes, the table whose columns are
added, renamed and dropped, the DynamoDB transaction, and the products that Debezium's own tutorial changes.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

POLICIES = """\
200242,2023-01-02,Urban,NY,East,1617630,Retail,N,N
200314,2023-01-02,Urban,NY,East,8678500,Apartment,Y,Y
200359,2023-01-02,Rural,WI,Midwest,2052660,Farming,N,N
200315,2023-01-02,Urban,NY,East,17580000,Apartment,Y,Y
200385,2023-01-02,Urban,NY,East,1925000,Hospitality,N,N
200388,2023-01-04,Urban,IL,Midwest,12934500,Apartment,Y,Y
200358,2023-01-05,Urban,WI,Midwest,928300,Office Bldg,N,N
200264,2023-01-07,Rural,NY,East,2219900,Farming,N,N
200265,2023-01-07,Urban,NY,East,14100000,Apartment,Y,Y
100582,2023-03-25,Urban,NJ,East,4651680,Apartment,Y,Y
100487,2023-03-25,Urban,NY,East,5990067,Apartment,N,N
100519,2023-03-25,Rural,NY,East,4102500,Farming,N,N
100462,2023-03-25,Urban,NY,East,3400000,Construction,Y,Y
100486,2023-03-26,Urban,NY,East,9973900,Apartment,Y,Y
100463,2023-03-27,Urban,NY,East,15480000,Office Bldg,Y,Y
100595,2023-03-27,Rural,NY,East,2446600,Farming,N,N
100617,2023-03-27,Urban,VT,Northeast,8861500,Office Bldg,N,N
100580,2023-03-30,Urban,NH,Northeast,97920,Office Bldg,Y,Y
100581,2023-03-30,Urban,NY,East,5150000,Apartment,Y,Y
100475,2023-03-31,Rural,WI,Midwest,1451662,Farming,N,N
100503,2023-03-31,Urban,NJ,East,1761960,Office Bldg,N,N
100504,2023-03-31,Rural,NY,East,1649105,Farming,N,N
100616,2023-03-31,Urban,NY,East,2329500,Apartment,N,N
100611,2023-04-25,Urban,NJ,East,1595500,Office Bldg,Y,Y
100621,2023-04-25,Urban,MI,Central,394220,Retail,N,N
"""
POLICIES_HEADER = "policy_id,expiry_date,location_name,state_code,region_name,insured_value,business_type,earthquake,flood\n"
POLICY_CHANGES = """\
U,100462,2024-12-31,Urban,NY,East,3400000,Construction,Y,Y
U,100463,2023-03-27,Urban,NY,East,1000000,Office Bldg,Y,Y
U,100475,2023-03-31,Rural,WI,Midwest,1451662,Farming,N,Y
I,110001,2024-03-31,Urban,CA,WEST,210000,Office Bldg,N,N
I,110002,2024-03-31,Rural,FL,East,975000,Retail,N,Y
"""

# id, name, description, weight
PRODUCTS: list[tuple[int, str, str, float]] = [
    (101, "scooter", "Small 2-wheel scooter", 3.14),
    (102, "car battery", "12V car battery", 8.1),
    (103, "12-pack drill bits", "12-pack of drill bits with sizes ranging from #40 to #3", 0.8),
    (104, "hammer", "12oz carpenter's hammer", 0.75),
    (105, "hammer", "14oz carpenter's hammer", 0.875),
    (106, "hammer", "16oz carpenter's hammer", 1.0),
    (107, "rocks", "box of assorted rocks", 5.3),
    (108, "jacket", "water resistent black wind breaker", 0.1),
    (109, "spare tire", "24 inch spare tire", 22.2),
]
# operation, row, log sequence number, commit time in milliseconds; the nine rows of the snapshot share one log sequence number
PRODUCT_CHANGES: list[tuple[str, tuple[int, str, str, float], int, int]] = [
    ("u", (106, "hammer", "18oz carpenter hammer", 1.0), 34131104, 1596010889629),
    ("u", (107, "rocks", "box of assorted rocks", 5.1), 34132200, 1596010930407),
    ("c", (110, "jacket", "water resistent white wind breaker", 0.2), 34132560, 1596010946488),
    ("c", (111, "scooter", "Big 2-wheel scooter ", 5.18), 34133072, 1596010976756),
    ("u", (110, "jacket", "new water resistent white wind breaker", 0.5), 34133344, 1596010982228),
    ("u", (111, "scooter", "Big 2-wheel scooter ", 5.17), 34133584, 1596010985627),
    ("d", (111, "scooter", "Big 2-wheel scooter ", 5.17), 34133800, 1596010988168),
]

FIRST_SEQUENCE_NUMBER = 49590338271490256608559692538361571095921575989136588898


def write_if_changed(target: Path, data: bytes | str) -> None:
    """Writes a file unless the same content is there: an untouched file is not looked at again by a load."""
    content = data.encode() if isinstance(data, str) else data
    if not target.exists() or target.read_bytes() != content:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def parquet(rows: list[dict[str, Any]]) -> bytes:
    """A Parquet file of the rows; its columns are those of the first one."""
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def kafka_line(topic: str, partition: int, offset: int, timestamp_ms: int, key: Any, value: Any) -> str:
    """A record as ``kcat -C -J`` writes it; key and value become JSON text, None stays null."""
    return json.dumps(
        {
            "topic": topic,
            "partition": partition,
            "offset": offset,
            "tstype": "create",
            "ts": timestamp_ms,
            "broker": 1,
            "key": None if key is None else json.dumps(key),
            "payload": None if value is None else json.dumps(value, ensure_ascii=False),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def kinesis_answer(records: list[tuple[int, datetime, str, Any]]) -> str:
    """Records (sequence number, arrival, partition key, value) as ``aws kinesis get-records`` writes them, on one line."""
    return json.dumps(
        {
            "Records": [
                {
                    "SequenceNumber": str(number),
                    "ApproximateArrivalTimestamp": arrived.replace(tzinfo=UTC).isoformat(),
                    "Data": base64.b64encode(
                        value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
                    ).decode(),
                    "PartitionKey": key,
                }
                for number, arrived, key, value in records
            ],
            "MillisBehindLatest": 0,
        }
    )


def debezium(operation: str, row: dict[str, Any], lsn: int, timestamp_ms: int, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """An envelope as Debezium writes it for PostgreSQL."""
    return {
        "before": before,
        "after": None if operation == "d" else row,
        "source": {
            "version": "1.2.1.Final",
            "connector": "postgresql",
            "name": "shop",
            "ts_ms": timestamp_ms,
            "snapshot": "true" if operation == "r" else "false",
            "db": "postgres",
            "schema": "inventory",
            "table": "products",
            "lsn": lsn,
        },
        "op": operation,
        "ts_ms": timestamp_ms + 300,
        "transaction": None,
    }


def product_records() -> list[tuple[Any, Any]]:
    """Keys and values of the products topic: the snapshot, the changes, and the tombstone behind the delete."""

    def image(row: tuple[int, str, str, float]) -> dict[str, Any]:
        return dict(zip(("id", "name", "description", "weight"), row, strict=True))

    records: list[tuple[Any, Any]] = []
    images: dict[int, dict[str, Any]] = {}
    for row in PRODUCTS:
        images[row[0]] = image(row)
        records.append(({"id": row[0]}, debezium("r", image(row), 34078720, 1596001099437)))
    for operation, row, lsn, timestamp_ms in PRODUCT_CHANGES:
        records.append(({"id": row[0]}, debezium(operation, image(row), lsn, timestamp_ms, images.get(row[0]))))
        images[row[0]] = image(row)
    records.append(({"id": 111}, None))
    return records


def transaction_event(name: str, number: int, created: datetime, transaction: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """A DynamoDB item change as it comes over Kinesis; a REMOVE has no new image."""
    keys = {"pk": {"S": "CUSTOMER#CUST_123"}, "sk": {"S": f"TRANSACTION#{transaction}"}}
    change: dict[str, Any] = {
        "ApproximateCreationDateTime": int((created - datetime(1970, 1, 1)) / timedelta(milliseconds=1)),
        "Keys": keys,
        "SizeBytes": 694,
    }
    if name != "REMOVE":
        change["NewImage"] = {**keys, **attributes}
    return {
        "awsRegion": "us-east-1",
        "eventID": f"6d24680a-6d12-49e2-8a6b-{number:012x}",
        "eventName": name,
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": "sample-dynamoDB",
        "dynamodb": change,
        "eventSource": "aws:dynamodb",
    }


def transaction_events() -> list[tuple[datetime, dict[str, Any]]]:
    """The article's INSERT; a MODIFY that carries one column; another transaction that is removed."""
    start = datetime(2022, 7, 8, 15, 42, 3, 614000)
    first = {
        "completionDateTime": {"S": "2022-07-08T23:59:59Z"},
        "OutofPockPercent": {"N": 50.00},
        "calculationRequirements": {
            "M": {
                "dependentIds": {
                    "L": [
                        {"M": {"sk": {"S": f"CUSTOMER#2022-07-08T23:59:59Z#{name}"}, "pk": {"S": "CUSTOMER#CUST_123"}}}
                        for name in ("CUST_567", "CUST_890")
                    ]
                }
            }
        },
        "Event": {"S": "SAMPLE"},
        "Provider": {"S": "PV-123"},
        "OutofPockAmount": {"N": 1000},
        "lastCalculationDateTime": {"S": "2022-07-08T00:00:00Z"},
        "OutofPockMax": {"N": 2000},
        "isFinal": {"BOOL": False},
        "remark": {"NULL": True},
    }
    name = "2022-07-08T23:59:59Z#CUST_345"
    other = "2022-07-09T10:00:00Z#CUST_346"
    return [
        (start, transaction_event("INSERT", 1, start, name, first)),
        (start, transaction_event("INSERT", 2, start, other, {"OutofPockAmount": {"N": "75"}, "Provider": {"S": "PV-7"}})),
        (
            start + timedelta(minutes=5),
            transaction_event("MODIFY", 3, start + timedelta(minutes=5), name, {"OutofPockAmount": {"N": "1250.50"}}),
        ),
        (start + timedelta(minutes=9), transaction_event("REMOVE", 4, start + timedelta(minutes=9), other, {})),
    ]


def write_dms(root: Path) -> None:
    """Full loads and dated change files, as AWS DMS writes them."""
    events = root / "dms/dms_sample/sporting_event"
    rows = [
        f"I,2022-09-22 17:00:00.000000,{number},{'baseball' if number % 3 else 'football'},{number % 30 + 1},{number % 29 + 2},"
        f"{number % 40 + 1},2022-10-{number:02d} 19:30:00,2022-10-{number:02d},0\n"
        for number in range(1, 31)
        if number != 5
    ]
    write_if_changed(events / "LOAD00000001.csv", "".join(rows))
    changes = [
        "U,2022-09-22 18:41:02.000000,1,baseball,2,3,2,2022-10-01 20:00:00,2022-10-01,0\n",
        "U,2022-09-22 18:41:02.000000,11,baseball,12,13,12,2022-10-11 19:30:00,2022-10-11,1\n",
        "D,2022-09-22 18:42:10.000000,21,football,22,23,22,2022-10-21 19:30:00,2022-10-21,0\n",
        "I,2022-09-22 18:42:30.000000,5,baseball,6,7,6,2022-10-05 19:30:00,2022-10-05,0\n",
    ]
    write_if_changed(events / "2022/09/22/20220922-184314489.csv", "".join(changes))

    def player(number: int, name: str, bats: str, throws: str, stamp: str, **control: str) -> dict[str, Any]:
        return {
            **control,
            "last_update_time": stamp,
            "mlb_id": number,
            "mlb_name": name,
            "mlb_pos": "2B",
            "mlb_team": "KC",
            "mlb_team_long": "Kansas City Royals",
            "bats": bats,
            "throws": throws,
            "birth_year": "1988",
        }

    players = root / "dms/dms_sample/mlb_data"
    loaded = "2022-09-22 17:00:00.000000"
    write_if_changed(
        players / "LOAD00000001.parquet",
        parquet([player(506560, "Christian Colón", "L", "R", loaded), player(506702, "Salvador Pérez", "R", "R", loaded)]),
    )
    stamp = "2022-09-22 18:41:02.000000"
    write_if_changed(
        players / "2022/09/22/20220922-184314490.parquet",
        parquet(
            [
                # two changes of one row in one commit: the sequence tells which came last
                player(506560, "Christian Colón", "S", "R", stamp, Op="U", AR_H_CHANGE_SEQ="20220922184102000000000000000000001"),
                player(506560, "Christian Colón", "R", "R", stamp, Op="U", AR_H_CHANGE_SEQ="20220922184102000000000000000000002"),
            ]
        ),
    )

    objects = root / "dms/db/object"
    base = {"object_name": "obj1", "object_description": "Object-1", "new_column_add": "", "new_field_1": "", "object_id": 1}
    write_if_changed(objects / "LOAD00000001.parquet", parquet([{"last_update_time": loaded, **base}]))
    steps: list[dict[str, Any]] = [
        {"object_name": "obj2", "test_column": 22, "object_description": "test-2", "new_column_add": "", "new_field_1": "", "object_id": 2},
        {
            "object_name": "obj3",
            "test_column": 33,
            "object_description": "test-3",
            "new_column_add": "",
            "new_field_2": "new-3",
            "object_id": 3,
        },
        {"object_name": "obj4", "test_column": 44, "object_description": "test-4", "new_column_add": "", "object_id": 4},
    ]
    for hour, row in enumerate(steps, start=18):
        write_if_changed(
            objects / f"2022/09/22/20220922-{hour}0000000.parquet",
            parquet([{"Op": "I", "last_update_time": f"2022-09-22 {hour}:00:00.000000", **row}]),
        )

    policies = root / "dms/insurance/policies"
    write_if_changed(policies / "LOAD00000001.csv", POLICIES_HEADER + POLICIES)
    write_if_changed(policies / "2023/01/15/20230115-090000000.csv", POLICY_CHANGES)


def write_clinic(root: Path) -> None:
    """Patients, providers and encounters of a clinic: a full load and two change files each, with what happens in life.

    An encounter comes before its provider is known, one names a patient that never is, one is given to another provider, one is
    deleted, a correction of the first day comes with the last file, and a record without a start is refused.
    """
    names = ["Amara Diallo", "Jonas Weber", "Mei Lin", "Sofia Rossi", "Liam O'Brien", "Noor Haddad", "Pavel Novák", "Ana Souza"]
    groups = ["A+", "0-", "B+", "AB+"]
    folder = root / "dms/clinic"

    def day(number: int, time: str = "08:00:00") -> str:
        return f"2023-03-{number:02d} {time}.000000"

    patients = "op,committed_at,patient_id,full_name,born_on,postal_code,blood_group\n"
    first = [
        f"I,{day(1)},PT-{number},{name},19{50 + number * 5}-0{number}-1{number},10{number}00,{groups[number % 4]}\n"
        for number, name in enumerate(names, start=1)
    ]
    changes = [
        f"U,{day(8)},PT-1,Amara Diallo,1955-01-11,20100,0-\n",
        f"U,{day(9)},PT-3,Mei Lin-Schmidt,1965-03-13,10300,AB+\n",
    ]
    write_if_changed(folder / "patients/LOAD00000001.csv", patients + "".join(first))
    write_if_changed(folder / "patients/2023/03/10/20230310-000000000.csv", patients + "".join(changes))

    providers = "op,committed_at,provider_id,provider_name,specialty,department\n"
    write_if_changed(
        folder / "providers/LOAD00000001.csv",
        providers + f"I,{day(1)},PR-1,Dr. Okoye,cardiology,Heart Centre\nI,{day(1)},PR-2,Dr. Lindqvist,endocrinology,Internal Medicine\n",
    )
    write_if_changed(
        folder / "providers/2023/03/10/20230310-000000000.csv",
        providers
        + f"U,{day(6)},PR-2,Dr. Lindqvist,endocrinology,Diabetes Centre\n"
        + f"I,{day(7)},PR-3,Dr. Tanaka,emergency medicine,Emergency\n",
    )

    encounters = "op,committed_at,encounter_id,patient_id,provider_id,encounter_kind,started_at,ended_at,heart_rate,glucose\n"
    kinds = ["inpatient", "outpatient", "emergency"]
    admitted = [
        f"I,{day(1 + number % 9, '09:30:00')},EN-{number},PT-{number % 8 + 1},PR-{number % 3 + 1},{kinds[number % 3]},"
        f"2023-03-0{1 + number % 9} 09:00:00,2023-03-0{1 + number % 9} {10 + number % 5}:00:00,"
        f"{62 + number * 7 % 80},{80 + number * 11}.50\n"
        for number in range(1, 25)
    ]
    admitted.append(f"I,{day(4)},EN-90,PT-99,PR-1,outpatient,2023-03-04 09:00:00,,71,\n")
    admitted.append(f"I,{day(4)},EN-91,PT-2,PR-1,outpatient,,,71,95.00\n")
    write_if_changed(folder / "encounters/LOAD00000001.csv", encounters + "".join(admitted))
    write_if_changed(
        folder / "encounters/2023/03/10/20230310-000000000.csv",
        encounters
        # given to another provider; ended; deleted; and a correction that comes days later than it was made
        + f"U,{day(8)},EN-1,PT-2,PR-1,outpatient,2023-03-02 09:00:00,2023-03-02 11:00:00,69,91.50\n"
        + f"U,{day(9)},EN-90,PT-99,PR-1,outpatient,2023-03-04 09:00:00,2023-03-04 12:00:00,71,110.00\n"
        + f"D,{day(9)},EN-7,PT-8,PR-2,outpatient,2023-03-08 09:00:00,2023-03-08 12:00:00,111,157.50\n"
        + f"U,{day(2, '10:00:00')},EN-1,PT-2,PR-2,outpatient,2023-03-02 09:00:00,2023-03-02 11:00:00,70,91.50\n",
    )


def write_appflow(root: Path) -> None:
    """Two runs of a flow: all accounts, then those that changed since, one of them deleted, one without a required value."""
    header = "Account_Number,Name,Type,AnnualRevenue,Active,IsDeleted,LastModifiedDate\n"
    first = [
        "A-1,Müller & Söhne,Customer,1200000,true,false,2023-05-01T08:00:00.000Z\n",
        "A-2,Okafor Ltd,Prospect,NULL,true,false,2023-05-01T08:00:00.000Z\n",
        "A-3,Rossi S.p.A.,Customer,50000.5,false,false,2023-05-01T08:00:00.000Z\n",
        ",No Number,Customer,1,true,false,2023-05-01T08:00:00.000Z\n",
    ]
    second = [
        "A-2,Okafor Ltd,Customer,90000,true,false,2023-05-01T08:03:00.000Z\n",
        "A-2,Okafor Holding,Customer,90000,true,false,2023-05-01T08:04:00.000Z\n",
        "A-3,Rossi S.p.A.,Customer,50000.5,false,true,2023-05-01T08:04:30.000Z\n",
        "A-9,Never Seen,Customer,1,true,true,2023-05-01T08:04:40.000Z\n",
        "A-4,Blank Active,Customer,1,,false,2023-05-01T08:04:50.000Z\n",
    ]
    for run, rows in (("run-0001", first), ("run-0002", second)):
        write_if_changed(root / f"appflow/accounts/{run}/accounts.csv.gz", gzip.compress((header + "".join(rows)).encode(), mtime=0))


def write_matches(root: Path) -> None:
    """What data stewards state of customers, in two files: one match is taken back; one statement names no second customer."""
    header = "statement_number,stated_at,master_customer_id,duplicate_customer_id,statement,reason\n"
    first = (
        "1,2024-03-01 09:00:00,C103,crm:A-2,same,the contract names both numbers\n"
        "2,2024-03-01 09:00:00,C103,shop:11,same,same e-mail address\n"
        "3,2024-03-01 09:05:00,C100,shop:10,same,same e-mail address\n"
        "4,2024-03-02 10:00:00,C108,crm:A-1,same,the names are alike\n"
    )
    second = "5,2024-03-09 16:30:00,C108,crm:A-1,different,they asked: another company\n6,2024-03-09 16:35:00,C110,,same,\n"
    write_if_changed(root / "stewards/customer_matches/2024-03-02.csv", header + first)
    write_if_changed(root / "stewards/customer_matches/2024-03-09.csv", header + second)


def write_products(root: Path) -> None:
    """The Debezium topic, one partition."""
    lines = [
        kafka_line("inventory.products", 0, offset, 1596010990000 + offset, key, value)
        for offset, (key, value) in enumerate(product_records())
    ]
    # Debezium was restarted and sends its last change again
    lines.append(kafka_line("inventory.products", 0, len(lines), 1596010999000, *product_records()[-2]))
    write_if_changed(root / "kafka/inventory.products/products-0000.jsonl", "\n".join(lines) + "\n")


def write_kinesis(root: Path) -> None:
    """Two streams; the transactions' stream was split, so later changes come from another shard."""
    events = transaction_events()
    folder = root / "kinesis/demo-data-stream"
    first = [(FIRST_SEQUENCE_NUMBER + number, moment, "CUST_123", event) for number, (moment, event) in enumerate(events[:2])]
    write_if_changed(folder / "shardId-000000000000/0001.json", kinesis_answer(first))
    again = first[-1]
    later = [(FIRST_SEQUENCE_NUMBER * 10 + number, moment, "CUST_123", event) for number, (moment, event) in enumerate(events[2:])]
    write_if_changed(folder / "shardId-000000000001/0001.json", kinesis_answer([again, *later]))

    def profile(number: int, city: str, **changes: Any) -> dict[str, Any]:
        return {
            "gender": "female",
            "name": {"title": "Ms", "first": "Zoë", "last": f"Müller-{number}"},
            "location": {"city": city, "country": "Switzerland", "postcode": 8000 + number},
            "email": f"zoe.{number}@example.com",
            "login": {"uuid": f"00000000-0000-4000-8000-{number:012d}"},
            "dob": {"date": "1990-02-01T04:05:06.000Z", "age": 33},
            "cell": f"079 555 01 {number:02d}",
            **changes,
        }

    arrived = datetime(2023, 8, 1, 12)
    values: list[Any] = [profile(1, "Zürich"), profile(2, "Genève"), profile(1, "Basel"), b"no json", profile(3, "Bern", email=7)]
    records = [(FIRST_SEQUENCE_NUMBER + number, arrived + timedelta(seconds=number), "user", value) for number, value in enumerate(values)]
    write_if_changed(root / "kinesis/my-data-stream/shardId-000000000000/0001.json", kinesis_answer(records))


def write_firehose(root: Path) -> None:
    """Records back to back in one object, line by line in the next, which delivers one of them again; a broken one in the last."""

    def reading(device: int, minute: int, temperature: float | None) -> str:
        return json.dumps(
            {
                "device_id": f"sensor-{device}",
                "measured_at": f"2023-06-01T10:{minute:02d}:00Z",
                "temperature": temperature,
                "humidity": 40.5,
                "battery": 97,
            }
        )

    folder = root / "firehose/device-readings/2023/06/01/10"
    for name, text in (
        ("device-readings-1-2023-06-01-10-05-00-a1b2.gz", reading(1, 1, 20.5) + reading(2, 1, -17.0) + reading(1, 2, 20.7)),
        ("device-readings-1-2023-06-01-10-10-00-c3d4.gz", "\n".join([reading(1, 2, 20.7), reading(2, 2, None), reading(2, 3, 21.0)])),
        ("device-readings-1-2023-06-01-10-15-00-e5f6.gz", "{broken\n" + reading(2, 4, 21.5)),
    ):
        write_if_changed(folder / name, gzip.compress(text.encode(), mtime=0))


def write_copies(root: Path) -> None:
    """Store sales as COPY would load them, and two copies of the shop database's tables."""
    sales = [
        f"{2450815 + day}|{36000 + line}|{line}|{100 + line}|1|1|7|4|2|{day * 10 + line // 2}|{line}|10.50|20.00|{18 - line % 3}.25|"
        f"1.00|36.50|21.00|40.00|2.92||36.50|39.42|15.50"
        for day in range(3)
        for line in range(1, 6)
    ]
    for day in range(3):
        text = "\n".join(sales[day * 5 : day * 5 + 5]) + "\n"
        write_if_changed(root / f"copy/store_sales/2023-01-0{day + 1}/store_sales_{day}.txt.gz", gzip.compress(text.encode(), mtime=0))
    orders = "order_id,customer_id,order_date\n1,10,2024-01-05\n2,10,2024-01-06\n3,11,2024-02-01\n"
    items = "order_id,line_number,quantity,price\n1,1,2,10.00\n1,2,1,5.50\n2,1,3,7.25\n"
    write_if_changed(root / "zero_etl/ecommerce/orders/copy-0001.csv", orders)
    write_if_changed(root / "zero_etl/ecommerce/order_items/copy-0001.csv", items)


def write_feeds(root: Path) -> None:
    """Writes all of them under the landing root."""
    write_dms(root)
    write_clinic(root)
    write_appflow(root)
    write_matches(root)
    write_products(root)
    write_kinesis(root)
    write_firehose(root)
    write_copies(root)
