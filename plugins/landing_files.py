"""dbt-duckdb plugin: looks at landed files before DuckDB reads them, and reads the formats DuckDB has no reader for.

DuckDB stops a whole statement at one truncated gzip or one byte that is no UTF-8. This plugin adds two SQL functions, so that a
bad file gets a defined answer and the others are taken all the same:

- ``landing_files_check(paths, options)`` -> list of struct(file, content_hash, records, problem, is_plain, cut_line)
- ``landing_file_records(path, options)`` -> list of JSON texts, for the files whose ``is_plain`` is false

``options`` is a JSON object: ``kind``, one of FORMATS, and for CSV ``header`` (true or "auto"), ``delimiter`` and ``columns``, the
names by position where a file has no header. A tabular file is Parquet or CSV, as its name says; a header of it counts without signs, so
that ``lineItem/UsageType`` is ``line_item_usage_type``. A file of an S3 Inventory is Parquet, ORC or CSV by its name; the columns of a
CSV file are those of the manifest that lists it, and its keys are decoded.
"""

from __future__ import annotations

import atexit
import base64
import binascii
import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import duckdb
import numpy
import pyarrow
import pyarrow.lib
import pyarrow.orc
import pyarrow.parquet
from dbt.adapters.duckdb.plugins import BasePlugin
from isal import igzip, isal_zlib

FORMATS = ("jsonl", "json", "csv", "parquet", "tabular", "kinesis", "firehose", "text", "inventory")

# What DuckDB's readers may take otherwise than we mean: control characters, and lines longer than they have room for.
_CONTROL_BYTES = (b"\x01", b"\r", b"\x00")
_LONGEST_LINE = 16_000_000
_GZIP = b"\x1f\x8b"
_GZIP_ERRORS: tuple[type[Exception], ...] = (EOFError, OSError, isal_zlib.error)  # type: ignore[assignment]


@dataclass(frozen=True)
class FileCheck:
    """What is known of a landed file.

    content_hash: SHA-256 of the bytes on disk, in hexadecimal. records: how many records the file holds, blank lines and the
    CSV header not counted; null where it cannot be read. problem: why it cannot be read, else null. is_plain: whether DuckDB
    may read it directly. cut_line: last line of a plain JSON lines file, where it is no JSON: a consumer was cut off.
    """

    file: str
    content_hash: str | None
    records: int | None
    problem: str | None
    is_plain: bool
    cut_line: str | None = None


def check_files(paths: list[str], options: str) -> list[FileCheck]:
    """Reads each file once and says whether and how it can be taken. Raises ValueError for an unknown format."""
    settings = _settings(options)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda path: _check_file(path, settings), paths))


def file_records(path: str, options: str) -> list[str]:
    r"""Records of a file that DuckDB cannot read directly: the lines of a jsonl or text file, else one JSON object per record.

    Bytes that are no UTF-8 come as ``\\xff``. CSV and JSON records have the file's field names; one that does not fit is
    ``{"invalid_record": <text>}``. Kinesis records have shard_id, sequence_number, arrived_at, partition_key, payload and
    invalid_payload; Firehose records payload or invalid_payload.
    """
    settings = _settings(options)
    data = _decompress(path, Path(path).read_bytes())
    kind = _kind(path, settings)
    if kind in ("jsonl", "text"):
        return [line for line in _as_text(data).replace("\r\n", "\n").split("\n") if line.strip()]
    if settings["kind"] == "inventory":
        return [json.dumps(record, ensure_ascii=False) for record in _inventory_records(path, data, settings)]
    readers = {"csv": _csv_records, "json": _json_records, "kinesis": _kinesis_records, "firehose": _firehose_records}
    return [json.dumps(record, ensure_ascii=False) for record in readers[kind](path, data, settings)]


def _settings(options: str) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(options)
    if settings.get("kind") not in FORMATS:
        raise ValueError(f"landing_files_check: format {settings.get('kind')!r} is not one of {', '.join(FORMATS)}")
    return settings


def _kind(path: str, settings: dict[str, Any]) -> str:
    """Format of a file: that of its folder, or of its name where the folder has both."""
    kind: str = settings["kind"]
    if kind in ("tabular", "inventory"):
        return "parquet" if path.endswith(".parquet") else "orc" if path.endswith(".orc") else "csv"
    return kind


def _check_file(path: str, settings: dict[str, Any]) -> FileCheck:
    kind = _kind(path, settings)
    try:
        with Path(path).open("rb") as file:
            if kind == "parquet":
                return _check_parquet(path, file)
            raw = file.read()
    except OSError as error:
        return FileCheck(path, None, None, f"cannot be opened: {error.strerror}", False)
    content_hash = hashlib.sha256(raw).hexdigest()
    try:
        data = _decompress(path, raw)
    except _GZIP_ERRORS as error:
        return FileCheck(path, content_hash, None, f"gzip cannot be read: {error}", False)
    if settings["kind"] == "inventory":
        try:
            return FileCheck(path, content_hash, sum(1 for _ in _inventory_records(path, data, settings)), None, False)
        except (pyarrow.lib.ArrowException, ValueError) as error:
            return FileCheck(path, content_hash, None, str(error), False)
    if kind in ("jsonl", "text"):
        records, is_short = _survey_lines(data)
        is_plain = bool(raw) and is_short and _is_plain_text(data)
        return FileCheck(path, content_hash, records, None, is_plain, _cut_line(data) if is_plain and kind == "jsonl" else None)
    if kind == "csv":
        records, is_regular = _survey_csv(data, settings)
        return FileCheck(path, content_hash, records, None, is_regular and settings["kind"] == "csv" and _is_plain_text(data))
    try:
        reader = {"json": _json_records, "kinesis": _kinesis_records, "firehose": _firehose_records}[kind]
        return FileCheck(path, content_hash, sum(1 for _ in reader(path, data, settings)), None, False)
    except ValueError as error:
        return FileCheck(path, content_hash, None, str(error), False)


def _check_parquet(path: str, file: io.BufferedReader) -> FileCheck:
    content_hash = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        return FileCheck(path, content_hash, pyarrow.parquet.read_metadata(file).num_rows, None, True)
    except (pyarrow.lib.ArrowException, OSError) as error:
        return FileCheck(path, content_hash, None, f"Parquet cannot be read: {error}", False)


def _decompress(path: str, raw: bytes) -> bytes:
    """Content of a file that says it is gzip, by its name or by its first bytes."""
    if not raw or not (path.endswith(".gz") or raw.startswith(_GZIP)):
        return raw
    return bytes(igzip.decompress(raw))  # type: ignore[no-untyped-call]


def _is_plain_text(data: bytes) -> bool:
    return not any(byte in data for byte in _CONTROL_BYTES) and (data.isascii() or _is_utf8(data))


def _cut_line(data: bytes) -> str | None:
    """The last line where it is no JSON."""
    line = data[data.rfind(b"\n", 0, len(data) - 1) + 1 :]
    try:
        json.loads(line)
    except ValueError:
        return line.decode().rstrip("\n") or None
    return None


def _is_utf8(data: bytes) -> bool:
    """As bytes.decode() would say, sixty times as fast: one text of an Arrow array, which is validated where it lies."""
    bounds = pyarrow.py_buffer(numpy.array([0, len(data)], dtype=numpy.int64))
    text = pyarrow.LargeStringArray.from_buffers(1, bounds, pyarrow.py_buffer(data))
    try:
        text.validate(full=True)
    except pyarrow.lib.ArrowInvalid:
        return False
    return True


def _as_text(data: bytes) -> str:
    return data.decode("utf-8", errors="backslashreplace").replace("\x00", "\\x00")


def _survey_lines(data: bytes) -> tuple[int, bool]:
    """Number of lines that are not blank, and whether all are short enough for DuckDB's reader."""
    ends = numpy.flatnonzero(numpy.frombuffer(data, dtype=numpy.uint8) == 10)
    lengths = numpy.diff(ends, prepend=-1, append=len(data))
    is_short = int(lengths.max()) <= _LONGEST_LINE
    if b"\r" in data or bool((lengths[:-1] == 1).any()):
        return sum(1 for line in data.split(b"\n") if line.strip()), is_short
    return len(ends) + (1 if data and not data.endswith(b"\n") else 0), is_short


# --- CSV ---------------------------------------------------------------------------------------------------------------------


def _csv_rows(data: bytes, settings: dict[str, Any]) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(_as_text(data), newline=""), delimiter=settings.get("delimiter", ","))
    return (row for row in rows if row)


def _header(first: list[str], settings: dict[str, Any]) -> list[str] | None:
    """Names of the fields, where the first record is a header. Without one, the declared columns count by position."""
    if settings.get("header", True) is True:
        return first
    declared = {name.lower() for name in settings["columns"]}
    known = sum(name.strip().lower() in declared for name in first)
    # a new column of the source is no reason to take a header for a record
    return first if known * 2 > len(first) else None


def _declared_names(header: list[str], settings: dict[str, Any]) -> list[str]:
    """Names of a header as the model declares them: case does not count, nor do blanks around them, nor in a tabular file any signs."""
    signs = r"[^a-z0-9]" if settings["kind"] == "tabular" else r"^\s+|\s+$"
    declared = {re.sub(signs, "", name.lower()): name for name in settings.get("columns", [])}
    return [declared.get(re.sub(signs, "", name.lower()), name) for name in header]


def _survey_csv(data: bytes, settings: dict[str, Any]) -> tuple[int, bool]:
    """Number of records, and whether DuckDB may read them: a header, and each record with as many fields."""
    rows = _csv_rows(data, settings)
    first = next(rows, [])
    if _header(first, settings) is None:
        return sum(1 for _ in rows) + 1, False
    lengths = [len(row) for row in rows]
    is_regular = bool(lengths) and all(length == len(first) for length in lengths)
    return len(lengths), is_regular and _declared_names(first, settings) == first


def _csv_records(path: str, data: bytes, settings: dict[str, Any]) -> Iterator[dict[str, str | None]]:
    """Records by field name; blank values are null. A record with another number of fields keeps its text."""
    rows = _csv_rows(data, settings)
    first = next(rows, None)
    if first is None:
        return
    header = _header(first, settings)
    names = settings["columns"] if header is None else _declared_names(header, settings)
    for row in [first, *rows] if header is None else rows:
        if len(row) != len(names):
            text = io.StringIO()
            csv.writer(text, lineterminator="", delimiter=settings.get("delimiter", ",")).writerow(row)
            yield {"invalid_record": text.getvalue()}
        else:
            yield {name: value or None for name, value in zip(names, row, strict=True)}


def _inventory_records(path: str, data: bytes, settings: dict[str, Any]) -> Iterator[dict[str, str | None]]:
    """Rows of an inventory's file in ORC or CSV. Raises ValueError where no manifest says what the columns of a CSV file are."""
    if path.endswith(".orc"):
        for row in pyarrow.orc.ORCFile(io.BytesIO(data)).read().to_pylist():
            yield {name: _scalar_text(value) if not isinstance(value, datetime) else value.isoformat() for name, value in row.items()}
        return
    names = _declared_names(_manifest_schema(path), {**settings, "kind": "tabular"})
    for row in _csv_rows(data, settings):
        # a list without a value at its end may lack the field
        record = {name: value or None for name, value in zip(names, row, strict=False)}
        if record.get("key"):
            record["key"] = unquote_plus(record["key"] or "")
        yield record


def _manifest_schema(path: str) -> list[str]:
    """Columns of a CSV file of an inventory, as the manifest says that lists it: <configuration>/<moment>/manifest.json."""
    for manifest in sorted(Path(path).parent.parent.glob("*/manifest.json"), reverse=True):
        try:
            said = json.loads(manifest.read_bytes())
            if any(file["key"].rsplit("/", 1)[-1] == Path(path).name for file in said["files"]):
                return [name.strip() for name in said["fileSchema"].split(",")]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    raise ValueError("no manifest.json beside the data lists the file, so nothing says what its columns are")


# --- JSON --------------------------------------------------------------------------------------------------------------------


def _json_records(path: str, data: bytes, settings: dict[str, Any]) -> Iterator[dict[str, str | None]]:
    """Objects one behind the other; values as text, objects and arrays as JSON text."""
    for text, value in _json_values(_as_text(data)):
        if isinstance(value, dict):
            yield {name: _scalar_text(field) for name, field in value.items()}
        else:
            yield {"invalid_record": text}


def _scalar_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, _Digits):
        return value.digits
    return json.dumps(value, ensure_ascii=False)


def _firehose_records(path: str, data: bytes, settings: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Records back to back or line by line, as Firehose writes what it was given."""
    for text, value in _json_values(_as_text(data)):
        yield {"invalid_payload" if value is _INVALID else "payload": text}


_INVALID = object()


def _json_values(text: str) -> Iterator[tuple[str, Any]]:
    """Text and value of each JSON document; what is none is given to the end of its line, with the value _INVALID."""
    decoder = json.JSONDecoder(parse_float=_Digits, parse_constant=_refuse_constant)
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        try:
            value, end = decoder.raw_decode(text, position)
        except ValueError:
            end = text.find("\n", position)
            end = len(text) if end == -1 else end
            value = _INVALID
        yield text[position:end].rstrip(), value
        position = end


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


class _Digits(float):
    """A number with a fraction, and the digits it was read from."""

    digits: str

    def __new__(cls, digits: str) -> _Digits:
        number = super().__new__(cls, digits)
        number.digits = digits
        return number


# --- Kinesis -----------------------------------------------------------------------------------------------------------------


def _kinesis_records(path: str, data: bytes, settings: dict[str, Any]) -> Iterator[dict[str, str | None]]:
    """Records of `aws kinesis get-records`; the folder is the shard. Raises ValueError where the file is not one."""
    try:
        records = json.loads(data or b'{"Records": []}', parse_float=str, parse_int=str)["Records"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError("is not what `aws kinesis get-records` writes: no JSON object with Records") from error
    shard = Path(path).parent.name
    for record in records:
        try:
            payload = base64.b64decode(record["Data"], validate=True)
            position = str(int(record["SequenceNumber"]))
            arrived = str(record["ApproximateArrivalTimestamp"])
        except (KeyError, TypeError, ValueError, binascii.Error):
            yield {"shard_id": shard, "invalid_payload": json.dumps(record, ensure_ascii=False)}
            continue
        envelope: dict[str, str | None] = {
            "shard_id": shard,
            "sequence_number": position,
            "arrived_at": arrived,
            "partition_key": record.get("PartitionKey"),
        }
        values = list(_json_values(_as_text(payload)))
        is_json = len(values) == 1 and values[0][1] is not _INVALID
        yield {**envelope, "payload" if is_json else "invalid_payload": _as_text(payload)}


class Plugin(BasePlugin):
    """Registers the functions on the connection that dbt-duckdb opens."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Called by dbt-duckdb once per process."""
        check_type = duckdb.struct_type(
            {
                "file": "VARCHAR",
                "content_hash": "VARCHAR",
                "records": "BIGINT",
                "problem": "VARCHAR",
                "is_plain": "BOOLEAN",
                "cut_line": "VARCHAR",
            }
        )
        texts = duckdb.list_type("VARCHAR")

        def check(paths: list[str], options: str) -> list[dict[str, object]]:
            return [asdict(found) for found in check_files(paths, options)]

        # a process that ends with a function still registered prints a page about leaked objects
        atexit.register(conn.close)
        conn.create_function("landing_files_check", check, [texts, "VARCHAR"], duckdb.list_type(check_type))
        conn.create_function("landing_file_records", file_records, ["VARCHAR", "VARCHAR"], texts)
