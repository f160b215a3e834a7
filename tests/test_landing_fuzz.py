"""No content of a landed file stops a load: files of every format, broken in every way, are built by one dbt command.

MILLRACE_FUZZ_FILES says how many (1,000; `make test-all` takes 10,000), MILLRACE_FUZZ_SEED with which numbers to begin. The only
assertion is that the build is green, that every good file is taken, and that every line of the broken ones is accounted for.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import random
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import landing_files
import pyarrow
import pyarrow.parquet
import pytest
from conftest import ROOT, Warehouse
from make_s3_costs import logged
from test_bad_input import kafka_line, order

FILES = int(os.environ.get("MILLRACE_FUZZ_FILES", "1000"))
SEED = int(os.environ.get("MILLRACE_FUZZ_SEED", "20"))

PIECES = [
    b'"', b"'", b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\n", b"\r\n", b"\r", b"\x00", b"\x01", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\xe2\x80\xa8", b"\\ud83d", b"\\u0000", b"NaN", b"1e999", b"null", b"-1", b"9" * 25, b"0000-00-00", b" ", b"\t", b'""', b"}{", b"\n\n",
    b"#", b"landing_file", b"record_number", b"order,group", b"1693612800000000000", b'{"a":' * 3, b"[[[", b"\x1f\x8b\x08", b"PK\x03\x04",
]  # fmt: skip
NAMES = [
    "{0}", "{0}.dat", "{0}.tbl", "{0}.TXT", "part[{0}]", "p*{0}", "p?{0}", "a\\{0}", "it's {0}", "{0}é", "{0}\u202e", "{{{0}}}", "-{0}",
    "{0}.csv.zip", "{0} .json", "{0}%2F", "{0}\n", "{0};drop", "{0}.gz.json", "{0}.0001", "x" * 150 + "{0}",
]  # fmt: skip


def table_of(text: str) -> bytes:
    """A CSV as Parquet, texts all."""
    header, *rows = [line.split(",") for line in text.strip().splitlines()]
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({name: [row[place] for row in rows] for place, name in enumerate(header)}), file)
    return file.getvalue()


TRIPS = "\n".join((ROOT / "sample/taxi_extract/yellow_tripdata_extract.csv").read_text().splitlines()[:5]) + "\n"
ACCOUNTS = (
    "account_number,name,type,annualrevenue,active,isdeleted,lastmodifieddate\n"
    '{0}01,"Acme, ""Big""",Customer,1000000,true,false,2024-01-01T00:00:00.000Z\n'
    "{0}02,Müller,Prospect,,false,true,2024-01-02T00:00:00.000+0100\n"
)
PLAYERS = (
    "op,ar_h_change_seq,last_update_time,mlb_id,mlb_name,mlb_pos,mlb_team,mlb_team_long,bats,throws,birth_year\n"
    "I,20220922184210000000000000000000001,2022-09-22 18:42:10.000000,{0},A,P,NYY,New York,L,R,1990\n"
)


def topic(number: int) -> bytes:
    """Lines of an orders topic; the partition is the number."""
    lines = [kafka_line(offset, order(offset, CustomerName="Ωmega \U0001f600"), partition=number) for offset in range(3)]
    return "\n".join([*lines, ""]).encode()


def stream(number: int) -> bytes:
    """An answer of Kinesis with two profiles."""
    records = [
        {
            "SequenceNumber": f"{number}{place:055}",
            "ApproximateArrivalTimestamp": "2024-01-01T00:00:00+00:00",
            "Data": base64.b64encode(json.dumps({"login": {"uuid": f"u{number}-{place}"}, "name": {"first": "Zoë"}}).encode()).decode(),
            "PartitionKey": "p",
        }
        for place in (1, 2)
    ]
    return json.dumps({"Records": records, "MillisBehindLatest": 0}).encode()


def readings(number: int) -> bytes:
    """Records of devices, back to back and in lines."""
    records = [json.dumps({"device_id": f"d{number}", "measured_at": f"2024-01-01T00:0{place}:00Z", "t": 1.5}) for place in range(3)]
    return f"{records[0]}{records[1]}\n{records[2]}\n".encode()


def log(number: int) -> bytes:
    """Lines of an access log."""
    moment = datetime(2024, 3, 1, 12, tzinfo=UTC)
    return (logged(moment, "REST.GET.OBJECT", f"raw/{number}/a", "GET /a", "-", 10) + "\n").encode() * 2


# folder, ending, what a good file is, and how to count the good records of file 1,000,000
KINDS: dict[str, tuple[str, str, Callable[[int], bytes], str]] = {
    "topic": ("kafka/orders", ".jsonl", topic, "delivered_msk__orders where kafka_partition = 1000000"),
    "trips": (
        "copy/yellow_taxi_trip",
        ".csv",
        lambda _: TRIPS.encode(),
        "delivered_taxi__yellow_trips where landing_file like '%/good.csv'",
    ),
    "accounts": (
        "appflow/accounts",
        ".csv",
        lambda number: ACCOUNTS.format(number).encode(),
        "delivered_appflow__accounts where account_number like '1000000%'",
    ),
    "stream": (
        "kinesis/my-data-stream/shardId-000000000000",
        ".json",
        stream,
        "delivered_kinesis__user_profiles where user_id like 'u1000000-%'",
    ),
    "readings": ("firehose/device-readings", "", readings, "delivered_firehose__device_readings where device_id = 'd1000000'"),
    "players": (
        "dms/dms_sample/mlb_data",
        ".parquet",
        lambda number: table_of(PLAYERS.format(number)),
        "delivered_dms__mlb_data where mlb_id = '1000000'",
    ),
    "log": ("s3_access_logs/bucket", "", log, "delivered_s3__access_logs where prefix like '%1000000%'"),
}
SHARES = {"topic": 5, "trips": 3, "accounts": 3, "stream": 3, "readings": 3, "players": 1, "log": 1}


def broken(chance: random.Random, data: bytes) -> bytes:
    """A file with one to three things wrong."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data) + 1)
        to = min(at + chance.choice([1, 5, 50]), len(data))
        kind = chance.randrange(12)
        if kind <= 2:
            data = data[:at] + chance.choice(PIECES) + data[at:]
        elif kind <= 4:
            data = data[:at] + chance.choice(PIECES) + data[to:]
        elif kind == 5:
            data = data[:at]
        elif kind == 6:
            data = data[:at] + data[to:]
        elif kind == 7:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        elif kind == 8:
            data = data[:at] + data[at:to] * 3 + data[to:]
        elif kind == 9:
            data = data[:at] + chance.choice([b"[", b'{"a":', b"]", b"}", b'"']) * chance.choice([50, 300, 20_000]) + data[at:]
        elif kind == 10:
            data = data.decode("utf-8", "replace").encode(
                chance.choice(["utf-16", "utf-16-le", "latin-1", "utf-8-sig", "cp500"]), "replace"
            )
        else:
            packed = gzip.compress(data, mtime=0)
            data = chance.choice([packed, packed[: len(packed) // 2], gzip.compress(packed, mtime=0), packed + packed, zlib.compress(data)])
    return data


def other(chance: random.Random, kind: str) -> bytes:
    """A file of another format."""
    return KINDS[chance.choice([name for name in KINDS if name != kind])][2](chance.randrange(10**6))


def write_files(warehouse: Warehouse, chance: random.Random) -> list[tuple[str, Path]]:
    """The broken files, and a good one in each folder."""
    written = []
    for kind, (folder, ending, good, _) in KINDS.items():
        day = "/2022/01/01" if kind == "players" else ""
        warehouse.write(f"{folder}{day}/good{ending}", good(1_000_000))
        for number in range(FILES * SHARES[kind] // sum(SHARES.values())):
            data = other(chance, kind) if chance.random() < 0.03 else broken(chance, good(number))
            name = chance.choice(NAMES).format(number) if chance.random() < 0.2 else str(number)
            name += ending if chance.random() < 0.9 else ""
            name += ".gz" if data.startswith(b"\x1f\x8b") and chance.random() < 0.5 else ""
            file = warehouse.write(f"{folder}{day}/{chance.choice(['', '', 'a/', 'b=1/'])}{name}".replace("\x00", ""), data)
            written.append((kind, file))
    return written


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, list[tuple[str, Path]]]:
    """The files, and the build."""
    warehouse = Warehouse(tmp_path_factory.mktemp("fuzz"))
    files = write_files(warehouse, random.Random(SEED))
    sources = [count.split(" ")[0].removeprefix("delivered_") for *_, count in KINDS.values()]
    selection = [f"{layer}_{source}" for source in sources for layer in ("delivered", "accounting")]
    landings = [f"{number}+{model}" for model in selection[::2] for number in (1,)]
    tests = ["--exclude", "test_name:quarantine_stays_low", "resource_type:unit_test"]
    warehouse.dbt("build", "-s", *selection, *landings, *tests).must_pass()
    return warehouse, files


def test_every_good_file_is_taken(fuzzed: tuple[Warehouse, list[tuple[str, Path]]]) -> None:
    """And every file is in the list of files, taken or with a reason."""
    warehouse, files = fuzzed
    for kind, (*_, query) in KINDS.items():
        expected = {"topic": 3, "trips": 4, "accounts": 2, "stream": 2, "readings": 3, "players": 1, "log": 1}[kind]
        assert warehouse.rows(f"select count(*) from dev_staging.{query}") == [(expected,)], kind
    listed = {
        row[0]
        for row in warehouse.rows("select landing_file from dev_operations.landing_files where outcome = 'taken' or problem is not null")
    }
    # a reason that no reader gives: an error that was not thought of
    assert not warehouse.rows("select landing_file, problem from dev_operations.landing_files where problem like 'cannot be read: %'")
    missing = {landing_files._shown(str(file.relative_to(warehouse.landing))) for _, file in files} - listed
    assert not {name for name in missing if not landing_files._UNFINISHED.search(Path(name).name)}


def test_every_line_is_accounted_for(fuzzed: tuple[Warehouse, list[tuple[str, Path]]]) -> None:
    """The accounts of the build are whole (its own test); and what the files hold is in the records that were read of them."""
    warehouse, files = fuzzed
    counts = dict(warehouse.rows("select landing_file, records from dev_operations.landing_files where outcome = 'taken'"))
    for kind, file in files:
        name = landing_files._shown(str(file.relative_to(warehouse.landing)))
        if counts.get(name) is None:
            continue
        raw = file.read_bytes()
        if kind in ("topic", "log"):
            lines = [line for line in landing_files._unpack(name, raw).split(b"\n") if line.strip()]
            if counts[name] != len(lines):  # a newline was lost: the records on the line are counted one by one
                assert any(line.count(b'"offset"') > 1 for line in lines), name
                assert counts[name] == len(landing_files.file_records(str(file), '{"kind": "jsonl"}')) > len(lines), name
        elif kind == "readings":
            options = '{"kind": "firehose"}'
            records = [json.loads(record) for record in landing_files.file_records(str(file), options)]
            texts = "".join(str(record.get("payload", record.get("invalid_payload"))) for record in records)
            whole = landing_files._as_text(landing_files._unpack(name, raw, salvages=True))
            assert bare(texts) == bare(whole), name
        elif kind in ("trips", "accounts") and not raw.startswith(b"PAR1"):
            data = landing_files._unpack(name, raw)
            texts = "".join(text for _, text in landing_files._csv_rows(data, {}))
            assert bare(texts) == bare(landing_files._as_text(data)), name


def bare(text: str) -> str:
    """A text without blanks, and without what stands around and between the elements of an array."""
    return "".join(character for character in text if not character.isspace() and character not in "[],")


def test_json_files(tmp_path: Path) -> None:
    """Files of JSON objects, which no feed of the project has: as many records as were counted, all of them JSON for DuckDB."""
    chance = random.Random(SEED)
    options = json.dumps({"kind": "json", "columns": ["device_id", "landing_file", "order"]})
    for number in range(FILES // 10):
        (tmp_path / str(number)).write_bytes(broken(chance, readings(number)))
    checks = landing_files.check_files(sorted(str(file) for file in tmp_path.iterdir()), options)
    for check in checks:
        if check.problem is None:
            records = landing_files.file_records(check.file, options)
            assert len(records) == check.records
            assert duckdb.execute("select coalesce(bool_and(json_valid(r)), true) from (select unnest(?) as r)", [records]).fetchone() == (
                True,
            )
