"""dbt-duckdb plugin: looks at landed files before DuckDB reads them.

DuckDB stops a whole statement at one truncated gzip or one byte that is no UTF-8. This plugin adds two SQL functions, so that a
bad file gets a defined answer and the others are taken all the same:

- ``landing_file_check(path, format)`` -> struct(content_hash, records, problem, is_plain)
- ``landing_file_lines(path, format)`` -> list of records, for the files whose ``is_plain`` is false
"""

from __future__ import annotations

import atexit
import csv
import gzip
import hashlib
import io
import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

FORMATS = ("jsonl", "csv")

# What read_csv() cannot take inside a line: the separator that stands for "no separator", a bare CR, a NUL.
_CONTROL_BYTES = (b"\x01", b"\r", b"\x00")


@dataclass(frozen=True)
class FileCheck:
    """What is known of a landed file.

    content_hash: SHA-256 of the bytes on disk, in hexadecimal. records: how many records the file holds, blank lines and the
    CSV header not counted; null where it cannot be read. problem: why it cannot be read, else null. is_plain: whether DuckDB
    may read it directly.
    """

    content_hash: str | None
    records: int | None
    problem: str | None
    is_plain: bool


def check_file(path: str, file_format: str) -> FileCheck:
    """Reads a file once and says whether and how it can be taken. Raises ValueError for an unknown format."""
    if file_format not in FORMATS:
        raise ValueError(f"landing_file_check: format {file_format!r} is not one of {', '.join(FORMATS)}")
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        return FileCheck(None, None, f"cannot be opened: {error.strerror}", False)
    content_hash = hashlib.sha256(raw).hexdigest()
    try:
        data = _decompress(path, raw)
    except (EOFError, OSError, zlib.error) as error:
        return FileCheck(content_hash, None, f"gzip cannot be read: {error}", False)
    is_text = _is_utf8(data) and not any(byte in data for byte in _CONTROL_BYTES)
    if file_format == "jsonl":
        return FileCheck(content_hash, _count_lines(data), None, is_text and bool(raw))
    records, is_regular = _survey_csv(data)
    return FileCheck(content_hash, records, None, is_text and is_regular)


def file_lines(path: str, file_format: str) -> list[str]:
    r"""Records of a file that DuckDB cannot read directly: lines of text, or one JSON object per CSV record.

    Bytes that are no UTF-8 come as ``\\xff``. A CSV record that does not fit the header is ``{"invalid_record": <text>}``.
    """
    data = _decompress(path, Path(path).read_bytes())
    if file_format == "jsonl":
        return [line for line in _as_text(data).replace("\r\n", "\n").split("\n") if line.strip()]
    return [json.dumps(record, ensure_ascii=False) for record in _csv_records(data)]


def _decompress(path: str, raw: bytes) -> bytes:
    if path.endswith(".gz") and raw:
        return gzip.decompress(raw)
    return raw


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_text(data: bytes) -> str:
    return data.decode("utf-8", errors="backslashreplace").replace("\x00", "\\x00")


def _count_lines(data: bytes) -> int:
    if b"\r" in data or b"\n\n" in data or data.startswith(b"\n"):
        return sum(1 for line in data.split(b"\n") if line.strip())
    return data.count(b"\n") + (1 if data and not data.endswith(b"\n") else 0)


def _survey_csv(data: bytes) -> tuple[int, bool]:
    """Number of records, and whether there are any and each has as many fields as the header."""
    rows = csv.reader(io.StringIO(_as_text(data), newline=""))
    width = len(next(rows, []))
    lengths = [len(row) for row in rows if row]
    return len(lengths), bool(lengths) and all(length == width for length in lengths)


def _csv_records(data: bytes) -> list[dict[str, str | None]]:
    """Records by header name; blank values are null. A record with another number of fields keeps its text."""
    rows = csv.reader(io.StringIO(_as_text(data), newline=""))
    header = next(rows, None)
    records: list[dict[str, str | None]] = []
    for row in rows:
        if not row:
            continue
        if header is None or len(row) != len(header):
            text = io.StringIO()
            csv.writer(text, lineterminator="").writerow(row)
            records.append({"invalid_record": text.getvalue()})
        else:
            records.append({name: value or None for name, value in zip(header, row, strict=True)})
    return records


class Plugin(BasePlugin):
    """Registers the functions on the connection that dbt-duckdb opens."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Called by dbt-duckdb once per process."""
        check_type = duckdb.struct_type({"content_hash": "VARCHAR", "records": "BIGINT", "problem": "VARCHAR", "is_plain": "BOOLEAN"})

        def check(path: str, file_format: str) -> dict[str, object]:
            return asdict(check_file(path, file_format))

        # a process that ends with a function still registered prints a page about leaked objects
        atexit.register(conn.close)
        conn.create_function("landing_file_check", check, ["VARCHAR", "VARCHAR"], check_type)
        conn.create_function("landing_file_lines", file_lines, ["VARCHAR", "VARCHAR"], duckdb.list_type("VARCHAR"))
