"""dbt-duckdb plugin: looks at landed files before DuckDB reads them, and reads the formats DuckDB has no reader for.

DuckDB stops a whole statement at one truncated gzip or one byte that is no UTF-8. This plugin adds SQL functions, so that a bad file gets
a defined answer and the others are taken all the same:

- ``landing_folder_exists(folder)`` -> boolean
- ``landing_files_found(folder, options)`` -> list of struct(file, size_bytes, modified_at): every file under a folder that a load looks at
- ``landing_files_check(paths, options)`` -> list of struct(file, content_hash, records, problem, is_plain, cut_line)
- ``landing_file_records(path, options)`` -> list of JSON texts, for the files whose ``is_plain`` is false

``options`` is a JSON object: ``kind``, one of FORMATS; for files with columns ``header`` (true or "auto"), ``delimiter``, ``columns``, the
names by position where a file has no header, and ``names``, other names of columns; for documents ``unnest``, the name of an array
whose elements are the records. A tabular file is Parquet or CSV; a header of it counts without signs, so that ``lineItem/UsageType`` is
``line_item_usage_type``. A file of an S3 Inventory is Parquet, ORC or CSV by its name; the columns of a CSV file are those of the manifest
that lists it, and its keys are decoded. A manifest is what a bill's manifest says, line by line.

A file is never trusted: it may unpack to a thousand times its size, be nested a million levels deep, or hold any byte. What cannot be
read is a record of its own with its text, or the file is unreadable with a reason.
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
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import duckdb
import numpy
import pyarrow
import pyarrow.compute
import pyarrow.lib
import pyarrow.orc
import pyarrow.parquet
from aws_kinesis_agg import DIGEST_SIZE, MAGIC
from aws_kinesis_agg.deaggregator import messages_pb2
from dbt.adapters.duckdb.plugins import BasePlugin
from google.protobuf.message import DecodeError
from isal import isal_zlib

FORMATS = ("jsonl", "json", "csv", "parquet", "tabular", "kinesis", "firehose", "text", "inventory", "manifest")

# What DuckDB's readers may take otherwise than we mean: control characters, and lines longer than they have room for.
_CONTROL_BYTES = (b"\x01", b"\r", b"\x00", b"\\u0000")
_LONGEST_LINE = 16_000_000
_LONGEST_CSV_LINE = 1_000_000
# Values nested deeper are no record: Redshift's SUPER and Trino stop at 1,000 levels, and Python before.
_DEEPEST = 200
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_GZIP_ERRORS: tuple[type[Exception], ...] = (EOFError, OSError, isal_zlib.error)  # type: ignore[assignment]
# A file may unpack to this, and beyond it to so many times its size. Deflate makes at most 1,032 of one.
_UNPACKED_FREELY = 64 * 2**20
_UNPACKED_RATIO = 200
# Marks at the beginning of files of other kinds.
_OTHER_KINDS = {
    _ZIP: "a zip archive",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
    b"Obj\x01": "Avro",
    b"ORC": "ORC",
    b"PAR1": "Parquet",
    b"%PDF-": "PDF",
}
# Names that say another kind than the folder's: by format, what a name may not end in.
_DATA_NAMES = {
    "delimited": ("csv", "tsv", "psv", "tbl"),
    "json": ("json", "jsonl", "ndjson"),
    "binary": ("parquet", "pq", "orc", "avro"),
    "packed": ("zip", "bz2", "xz", "zst", "zstd", "lz4", "snappy", "lzo", "7z", "tar", "tgz", "rar", "br"),
    "other": ("md", "pdf", "html", "xml", "yml", "yaml", "sql", "py", "sh", "xls", "xlsx", "md5", "sha1", "sha256", "sig", "png", "jpg"),
}
# Unfinished files, which a tool writes under such a name and then renames, and lists of files, which hold no records.
_UNFINISHED = re.compile(r"^[._]|[.](tmp|temp|part|partial|filepart|crdownload|swp|crc)$|~$", re.IGNORECASE)
_LISTS = re.compile(r"(^|[-._])manifest([.](json|checksum))?$|^symlink[.]txt$", re.IGNORECASE)
# What AWS writes beside the lines of a bill: manifests, for Redshift and QuickSight too, statements that make tables, and its state.
_BESIDE_BILLS = re.compile(
    r"manifest[.]json$|-create-table[.]sql$|RedshiftCommands[.]sql$|^crawler-cfn[.]yml$|^cost_and_usage_data_status[.]", re.IGNORECASE
)
_STATUS_FOLDER = "cost_and_usage_data_status"
_BILL_MANIFEST = re.compile(r"(^|-)manifest[.]json$", re.IGNORECASE)


class Unreadable(ValueError):
    """A file that cannot be taken, with the reason."""


@dataclass(frozen=True)
class FileCheck:
    """What is known of a landed file.

    content_hash: SHA-256 of the bytes on disk, in hexadecimal. records: how many records the file holds, blank lines and the
    CSV header not counted; null where it cannot be read. problem: why it cannot be read, else null. is_plain: whether DuckDB
    may read it directly. is_parquet: whether by its reader of Parquet. cut_line: last line of a plain JSON lines file, where it is
    no JSON: a consumer was cut off.
    """

    file: str
    content_hash: str | None
    records: int | None
    problem: str | None
    is_plain: bool
    cut_line: str | None = None
    is_parquet: bool = False


@dataclass(frozen=True)
class FoundFile:
    r"""A file under a landing folder. A name that is no UTF-8 is shown with ``\xff`` for its bytes."""

    file: str
    size_bytes: int
    modified_at: datetime


def find_files(folder: str, options: str) -> list[FoundFile]:
    """Every file under a folder, names read as they stand. Left out are unfinished files, lists of files, and what stands beside bills."""
    kind = _settings(options)["kind"]
    found = []
    for where, _, names in os.walk(folder):
        for name in names:
            if _UNFINISHED.search(name) or _is_left_out(where, name, kind):
                continue
            path = f"{where}/{name}"  # as the folder is spelt: ./landing stays what it is
            try:
                state = Path(path).stat()
            except OSError:
                continue  # gone since, or a link to nothing
            if stat.S_ISREG(state.st_mode):
                moment = datetime(1970, 1, 1) + timedelta(microseconds=state.st_mtime_ns // 1000)
                found.append(FoundFile(_shown(path), state.st_size, moment))
    return sorted(found, key=lambda file: file.file)


def _is_left_out(where: str, name: str, kind: str) -> bool:
    """Whether a file holds none of the records that are looked for: lists of files, and what AWS writes beside a bill."""
    if kind == "manifest":
        return not _BILL_MANIFEST.search(name)
    if kind == "tabular" and (_BESIDE_BILLS.search(name) or _STATUS_FOLDER in Path(where).parts):
        return True
    return kind in ("csv", "parquet", "tabular", "inventory") and _LISTS.search(name) is not None


def check_files(paths: list[str], options: str) -> list[FileCheck]:
    """Reads each file once and says whether and how it can be taken. Raises ValueError for an unknown format."""
    settings = _settings(options)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda path: _check_file(path, settings), paths))


def file_records(path: str, options: str) -> list[str]:
    r"""Records of a file that DuckDB cannot read directly: the lines of a text file, else one JSON object per record.

    Bytes that are no UTF-8 come as ``\\xff``. A record of a file with columns has columns (an object of the declared ones),
    unknown_fields (JSON text) and invalid_record (text of one that does not fit). A Kafka record has partition, offset, ts, key,
    headers, payload and invalid_payload; a Kinesis record shard_id, sequence_number, sub_sequence_number, arrived_at, partition_key,
    payload and invalid_payload; a Firehose record payload or invalid_payload. Rows of an inventory have the file's field names.
    """
    settings = _settings(options)
    raw = Path(_opened(path)).read_bytes()
    kind = _kind(path, raw, settings)
    if kind == "text":
        return [_clean(line) for line in _as_text(_unpack(path, raw)).replace("\r\n", "\n").split("\n") if line.strip()]
    if settings["kind"] == "inventory":
        return [_json_text(record) for record in _inventory_records(path, raw, settings)]
    if kind == "parquet":
        return [_json_text(record) for record in _parquet_records(raw, settings)]
    readers = {
        "jsonl": _kafka_records, "csv": _csv_records, "json": _json_records, "kinesis": _kinesis_records, "firehose": _firehose_records,
    }  # fmt: skip
    return [_json_text(record) for record in readers[kind](path, _unpack(path, raw, salvages=kind == "firehose"), settings)]


def _settings(options: str) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(options)
    if settings.get("kind") not in FORMATS:
        raise ValueError(f"landing_files_check: format {settings.get('kind')!r} is not one of {', '.join(FORMATS)}")
    return settings


def _kind(path: str, raw: bytes, settings: dict[str, Any]) -> str:
    """Format of a file: that of its folder, or what the file itself is where the folder may have several."""
    kind: str = settings["kind"]
    if kind == "manifest":
        return "text"
    if kind in ("csv", "tabular") and raw.startswith(b"PAR1"):
        return "parquet"
    if kind in ("tabular", "inventory"):
        return "parquet" if path.endswith(".parquet") else "orc" if path.endswith(".orc") else "csv"
    return kind


# --- names -------------------------------------------------------------------------------------------------------------------


def _shown(path: str) -> str:
    r"""A path as text: a name that is no UTF-8 keeps its bytes as ``\xff``."""
    return os.fsencode(path).decode("utf-8", errors="backslashreplace")


def _opened(path: str) -> str:
    """The path on disk of one that _shown() gave."""
    if os.path.lexists(path) or "\\x" not in path:
        return path
    real = Path("/" if path.startswith("/") else ".")
    for part in path.strip("/").split("/"):
        real = next((child for child in real.iterdir() if _shown(child.name) == part), real / part) if part != ".." else real / part
    return str(real)


def _other_name(path: str, settings: dict[str, Any]) -> str | None:
    """Why a file is none of its folder's, as far as its name says."""
    kind = settings["kind"]
    if kind in ("text", "firehose", "inventory", "manifest") or (kind == "tabular" and path.lower().endswith(".csv.zip")):
        return None
    endings = Path(path).name.lower().split(".")[1:]
    ending = endings[-2] if len(endings) > 1 and endings[-1] == "gz" else endings[-1] if endings else ""
    others = [*_DATA_NAMES["packed"], *_DATA_NAMES["other"]]
    if kind in ("jsonl", "json", "kinesis"):
        others += [*_DATA_NAMES["delimited"], *_DATA_NAMES["binary"]]
    elif kind == "parquet":
        others += [*_DATA_NAMES["delimited"], *_DATA_NAMES["json"], "orc", "avro"]
    else:
        others += [*_DATA_NAMES["json"], "orc", "avro"]
    if ending not in others:
        return None
    return f"is not read: its name ends in .{ending}, and this folder is read as {_READ_AS[kind]}"


_READ_AS = {
    "jsonl": "JSON lines, plain or gzipped",
    "json": "JSON objects, plain or gzipped",
    "kinesis": "answers of `aws kinesis get-records`, plain or gzipped",
    "csv": "CSV, plain or gzipped, and Parquet",
    "tabular": "Parquet and CSV, plain, gzipped or in a zip archive",
    "parquet": "Parquet",
    "inventory": "Parquet, ORC and CSV",
    "firehose": "records, plain or gzipped",
    "text": "lines, plain or gzipped",
    "manifest": "manifests of bills",
}


def _is_safe_name(path: str) -> bool:
    """Whether DuckDB's readers take a path for what it is: they read names as patterns, and a compression from their ending."""
    return os.path.lexists(path) and not re.search(r"[][*?{}\\\x00-\x1f]|[.]zstd?$", path)


# --- looking at a file -------------------------------------------------------------------------------------------------------


def _check_file(path: str, settings: dict[str, Any]) -> FileCheck:
    try:
        with Path(_opened(path)).open("rb") as file:
            content_hash = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            if (problem := _other_name(path, settings)) is not None:
                return FileCheck(path, content_hash, None, problem, False)
            if _kind(path, file.peek(4), settings) == "parquet":
                return _check_parquet(path, file, content_hash, settings)
            raw = file.read()
    except OSError as error:
        return FileCheck(path, None, None, f"cannot be opened: {error.strerror}", False)
    try:
        return _check_content(path, raw, content_hash, settings)
    except Unreadable as error:
        return FileCheck(path, content_hash, None, str(error), False)
    # one file that nobody thought of does not stop the others
    except Exception as error:
        return FileCheck(path, content_hash, None, f"cannot be read: {type(error).__name__}: {error}", False)


def _check_content(path: str, raw: bytes, content_hash: str, settings: dict[str, Any]) -> FileCheck:
    kind = _kind(path, raw, settings)
    if settings["kind"] == "inventory":
        return FileCheck(path, content_hash, sum(1 for _ in _inventory_records(path, raw, settings)), None, False)
    # what DuckDB would read itself: it goes by the name, and takes a mark at the beginning for content
    data, is_marked = _unpack_marked(path, raw, salvages=kind == "firehose")
    as_it_stands = bool(raw) and not is_marked and _is_safe_name(path) and path.endswith(".gz") == raw.startswith(_GZIP)
    if kind in ("jsonl", "text"):
        records, is_regular = _survey_lines(data, kind)
        is_plain = as_it_stands and is_regular and _is_plain_text(data)
        if kind == "jsonl" and not is_plain:
            records = sum(1 for _ in _kafka_records(path, data, settings))
        return FileCheck(path, content_hash, records, None, is_plain, _cut_line(data) if is_plain and kind == "jsonl" else None)
    if kind == "csv":
        records, is_regular = _survey_csv(data, settings)
        is_plain = as_it_stands and is_regular and settings["kind"] == "csv" and _is_plain_text(data)
        return FileCheck(path, content_hash, records, None, is_plain)
    reader = {"json": _json_records, "kinesis": _kinesis_records, "firehose": _firehose_records}[kind]
    return FileCheck(path, content_hash, sum(1 for _ in reader(path, data, settings)), None, False)


def _check_parquet(path: str, file: io.BufferedReader, content_hash: str, settings: dict[str, Any]) -> FileCheck:
    try:
        parquet = pyarrow.parquet.ParquetFile(file)
        names, rows = parquet.schema_arrow.names, parquet.metadata.num_rows
        if os.fstat(file.fileno()).st_size <= _UNPACKED_FREELY:
            _read_every_page(_opened(path))
    except (pyarrow.lib.ArrowException, duckdb.Error, OSError, ValueError) as error:
        return FileCheck(path, content_hash, None, f"Parquet cannot be read: {error}", False)
    is_plain = (
        _is_safe_name(path)
        and not _OWN_NAMES.intersection(name.lower() for name in names)
        and len({name.lower() for name in names}) == len(names)
    )
    if not is_plain and "columns" in settings and settings["kind"] != "inventory":
        file.seek(0)
        try:
            rows = sum(1 for _ in _parquet_records(file.read(), settings))
        except (pyarrow.lib.ArrowException, OSError, ValueError, OverflowError) as error:
            return FileCheck(path, content_hash, None, f"Parquet cannot be read: {error}", False)
    if not is_plain and ("columns" not in settings or settings["kind"] == "inventory"):
        problem = "Parquet cannot be read: its name has one of [ ] * ? { } and \\, or its columns are named twice or as this project's"
        return FileCheck(path, content_hash, None, problem, False)
    return FileCheck(path, content_hash, rows, None, is_plain, is_parquet=True)


def _read_every_page(path: str) -> None:
    """Reads a Parquet file as DuckDB will: a broken page would stop the statement that reads all files. Raises duckdb.Error."""
    name = re.sub(r"[][*?]", lambda sign: f"[{sign.group()}]", path)
    if "\\" not in path:
        with duckdb.connect(config={"threads": "1"}) as connection:
            connection.execute("select max(hash(rows_of)) from read_parquet(?) as rows_of", [name]).fetchall()


def _unpack(path: str, raw: bytes, salvages: bool = False) -> bytes:
    return _unpack_marked(path, raw, salvages)[0]


def _unpack_marked(path: str, raw: bytes, salvages: bool = False) -> tuple[bytes, bool]:
    """Content of a file in UTF-8, and whether more was done to it than to unpack it once: a mark at the beginning of a text is none of it.

    salvages: see _members(). Raises Unreadable.
    """
    data, is_marked = raw, False
    if path.lower().endswith(".csv.zip") and raw.startswith(_ZIP[:2]):
        data, is_marked = _zipped(raw), True
    elif raw and (path.endswith(".gz") or raw.startswith(_GZIP)):
        data = b"".join(_members(raw, salvages))
        if data.startswith(_GZIP):  # a tool gzips what was gzipped
            data, is_marked = b"".join(_members(data, salvages)), True
    for mark, kind in _OTHER_KINDS.items():
        if data.startswith(mark):
            raise Unreadable(f"is not read: it is {kind}, which is no text")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace").lstrip("\ufeff").encode(), True
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:], True
    return data, is_marked


def _zipped(raw: bytes) -> bytes:
    """Content of the one CSV file in a zip archive, as AWS packs the parts of a report. Raises Unreadable."""
    most = max(_UNPACKED_FREELY, _UNPACKED_RATIO * len(raw))
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            files = [file for file in archive.infolist() if not file.is_dir()]
            if len(files) != 1:
                raise Unreadable(f"zip cannot be read: it holds {len(files)} files, and a part of a bill is one")
            with archive.open(files[0]) as packed:
                data = packed.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"zip cannot be read: {error}") from error
    if len(data) > most:
        raise Unreadable(f"zip cannot be read: it unpacks to more than {_UNPACKED_RATIO} times its size")
    return data


def _members(raw: bytes, salvages: bool = False) -> Iterator[bytes]:
    """Parts of a gzip file: several may stand one behind the other. Raises Unreadable.

    salvages: whether a part that cannot be read stands as a line of hexadecimal digits, where another one can be read: in an object of
    Firehose each record may be one.
    """
    left = raw
    most = max(_UNPACKED_FREELY, _UNPACKED_RATIO * len(raw))
    broken = Unreadable("gzip cannot be read: it has no content")
    has_read = False
    while left.strip(b"\x00"):
        try:
            data, behind = _member(left, most)
        except Unreadable as error:
            begin = left.find(_GZIP + b"\x08", 1)
            if not salvages or (begin == -1 and not has_read):
                raise
            broken, behind = error, left[begin:] if begin != -1 else b""
            data = f"\ngzip {left[: len(left) - len(behind)].hex()}\n".encode()
        else:
            has_read = True
            most -= len(data)
        yield data
        left = behind
    if raw and not has_read:
        raise broken


def _member(raw: bytes, most: int) -> tuple[bytes, bytes]:
    """Content of the part that a gzip file begins with, and what stands behind it. most: bytes that it may have. Raises Unreadable."""
    stream = isal_zlib.decompressobj(wbits=31)
    try:
        data = stream.decompress(raw, most + 1)
        if len(data) > most:
            raise Unreadable(f"gzip cannot be read: it unpacks to more than {_UNPACKED_RATIO} times its size")
        data += stream.flush()
    except _GZIP_ERRORS as error:
        raise Unreadable(f"gzip cannot be read: {error}") from error
    if not stream.eof:
        raise Unreadable("gzip cannot be read: it ends before its end was written")
    return data, stream.unused_data


def _is_plain_text(data: bytes) -> bool:
    return not any(byte in data for byte in _CONTROL_BYTES) and (data.isascii() or _is_utf8(data))


def _cut_line(data: bytes) -> str | None:
    """The last line where it is no JSON."""
    line = data[data.rfind(b"\n", 0, len(data) - 1) + 1 :]
    try:
        json.loads(line)
    except (ValueError, RecursionError):
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
    return data.decode("utf-8", errors="backslashreplace").replace("\x00", "\\x00").replace("\ufeff", "")


def _clean(text: str) -> str:
    """A text that can be stored: bytes that are no UTF-8 and half characters by their numbers."""
    if "\x00" in text:
        text = text.replace("\x00", "\\x00")
    try:
        text.encode()
    except UnicodeEncodeError:
        return re.sub("[\ud800-\udfff]", _numbered, text)
    return text


def _numbered(found: re.Match[str]) -> str:
    number = ord(found.group())
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"


def _json_text(record: dict[str, Any]) -> str:
    """A record as JSON; its texts can be stored."""
    return json.dumps(_cleaned(record), ensure_ascii=False)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return {_clean(name): _cleaned(field) for name, field in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value


def _survey_lines(data: bytes, kind: str) -> tuple[int, bool]:
    """Number of lines that are not blank, and whether DuckDB may read them: short ones, and in JSON lines one object on each.

    The last line may be cut off.
    """
    bytes_of = numpy.frombuffer(data, dtype=numpy.uint8)
    ends = numpy.flatnonzero(bytes_of == 10)
    lengths = numpy.diff(ends, prepend=-1, append=len(data))
    begins = numpy.concatenate(([0], ends + 1))
    first = bytes_of[begins[begins < len(data)]]
    # a line of blanks begins with one; the newline of an empty line is none
    is_regular = int(lengths.max()) <= _LONGEST_LINE and not bool(((first <= 32) & (first != 10)).any())
    if kind == "jsonl" and is_regular and len(ends):
        filled = lengths[:-1] > 1
        is_regular = (
            bool((bytes_of[begins[:-1][filled]] == ord("{")).all())
            and bool((bytes_of[ends[filled] - 1] == ord("}")).all())
            and re.search(rb"\}[ \t]*[^\s,\]\}\"\\]", data) is None
            and not _has_deep_line(bytes_of, ends, int(lengths.max()))
        )
    if b"\r" in data or not is_regular or bool((lengths[:-1] == 1).any()):
        return sum(1 for line in data.split(b"\n") if line.strip()), is_regular
    return len(ends) + (1 if data and not data.endswith(b"\n") else 0), is_regular


def _has_deep_line(bytes_of: Any, ends: Any, longest: int) -> bool:
    """Whether a line has as many opening brackets as only one that is nested too deep must have."""
    opening = numpy.flatnonzero((bytes_of & 0xDF) == ord("["))  # both kinds differ by that bit
    if longest < _DEEPEST or len(opening) < _DEEPEST:
        return False
    close = numpy.flatnonzero(opening[_DEEPEST - 1 :] - opening[: 1 - _DEEPEST] <= longest)
    return bool((numpy.searchsorted(ends, opening[close]) == numpy.searchsorted(ends, opening[close + _DEEPEST - 1])).any())


# --- CSV ---------------------------------------------------------------------------------------------------------------------

# A field may be as long as its file: a LOB of DMS has no other bound.
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

# The columns that a landing table has beside those of its files.
_OWN_NAMES = frozenset(("landing_file", "record_number", "refresh_time", "invalid_record", "unknown_fields"))


def _csv_rows(data: bytes, settings: dict[str, Any]) -> Iterator[tuple[list[str], str]]:
    """Fields and text of each record.

    A record over several lines that has another number of fields than the first one, or whose quote is never closed, is one with a
    broken quote: its first line is given alone, without fields, and reading goes on behind that line.
    """
    delimiter = settings.get("delimiter") or ","
    lines = io.StringIO(_as_text(data), newline="").readlines()
    at, expected = 0, 0
    while at < len(lines):
        line = lines[at]
        row: list[str] | None = line.rstrip("\r\n").split(delimiter)
        size = 1
        if '"' in line:
            row, size = _quoted_row(lines, at, delimiter)
            if size > 1 and (row is None or (expected and len(row) != expected)):
                row, size = None, 1
        if row != [""]:
            expected = expected or len(row or [])
            yield row or [], "".join(lines[at : at + size]).rstrip("\r\n")
        at += size


def _quoted_row(lines: list[str], at: int, delimiter: str) -> tuple[list[str] | None, int]:
    """Fields of the record that begins in a line, and over how many lines it goes; no fields where a quote is not closed as it should.

    A quote that stands wrong within one line is taken for a letter, as all readers do that are not strict.
    """
    strict = csv.reader((lines[number] for number in range(at, len(lines))), delimiter=delimiter, strict=True)
    try:
        return next(strict), strict.line_num
    except csv.Error as error:
        if strict.line_num > 1 or "unexpected end" in str(error):
            return None, 2
    # the end of the file closes a quote for it: an empty line behind it shows that
    lenient = csv.reader(chain(lines[at : at + 1], ["\n"]), delimiter=delimiter)
    row = next(lenient)
    return (row, 1) if lenient.line_num == 1 else (None, 2)


def _header(first: list[str], settings: dict[str, Any]) -> list[str] | None:
    """Names of the fields, where the first record is a header. Without one, the declared columns count by position."""
    if settings.get("header", True) is True:
        return first
    declared = {name.lower() for name in [*settings["columns"], *settings.get("names", {})]}
    known = sum(name.strip().lower() in declared for name in first)
    # a new column of the source is no reason to take a header for a record
    return first if known * 2 > len(first) else None


def _declared_names(header: list[str], settings: dict[str, Any]) -> list[str]:
    """Names of a header as the model declares them: case does not count, nor do blanks around them, nor in a tabular file any signs."""
    signs = r"[^a-z0-9]" if settings["kind"] == "tabular" else r"^\s+|\s+$"
    declared = {re.sub(signs, "", name.lower()): name for name in settings.get("columns", [])}
    declared |= {re.sub(signs, "", name.lower()): column for name, column in settings.get("names", {}).items()}
    names: list[str] = []
    for name in header:
        column = declared.get(re.sub(signs, "", name.lower()), name)
        names.append(name if column in names else column)  # of two columns with one name the first is it
    return names


def _survey_csv(data: bytes, settings: dict[str, Any]) -> tuple[int, bool]:
    """Number of records, and whether DuckDB may read them: a header, and each record with as many fields."""
    rows = _csv_rows(data, settings)
    first, _ = next(rows, ([], ""))
    if _header(first, settings) is None:
        return sum(1 for _ in rows) + 1, False
    is_regular = (
        _declared_names(first, {**settings, "names": {}}) == first
        and all(re.fullmatch(r"\w+", name, re.ASCII) for name in first)
        and len({name.lower() for name in first}) == len(first)
        and not _OWN_NAMES.intersection(name.lower() for name in first)
        and len(first) > 1  # an empty line would be a value
        and not (b'"' in data and _has_odd_quotes(data, settings))
    )
    records, longest = 0, 0
    for row, text in rows:
        records += 1
        is_regular = is_regular and len(row) == len(first)
        longest = max(longest, len(text))
    return records, is_regular and records > 0 and longest <= _LONGEST_CSV_LINE


def _has_odd_quotes(data: bytes, settings: dict[str, Any]) -> bool:
    """Whether a quote stands where a strict reader has none."""
    ends = "\n" + re.escape(settings.get("delimiter") or ",")
    outside = re.sub(rf'(?:\A|(?<=[{ends}]))"[^"]*(?:""[^"]*)*"(?=[{ends}]|\Z)', "", _as_text(data))
    return '"' in outside


def _csv_records(path: str, data: bytes, settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Records by field name; blank values are null. A record with another number of fields keeps its text.

    The full load of DMS has no operation unless it is asked for one, and by default no header to say so: its file is named LOAD and
    eight digits, and its records have a field less.
    """
    rows = _csv_rows(data, settings)
    first = next(rows, None)
    if first is None:
        return
    header = _header(first[0], settings)
    names: list[str] = settings["columns"] if header is None else _declared_names(header, settings)
    if header is None and len(first[0]) == len(names) - 1 and re.match(r"LOAD[0-9A-F]{8}([.]|$)", Path(path).name):
        names = names[1:]
    for row, text in [first, *rows] if header is None else rows:
        if not row or len(row) != len(names):
            yield {"invalid_record": text}
        else:
            yield _named_record(names, [value or None for value in row], settings)


def _named_record(names: list[str], values: list[Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Declared columns and others apart; of two columns with one name the second is one of the others."""
    declared = {name.lower(): name for name in settings["columns"]}
    columns: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        column = declared.get(name.lower())
        if column is not None and column not in columns:
            columns[column] = value
        elif value is not None:
            others[name] = value
    return {"columns": columns, "unknown_fields": json.dumps(_cleaned(others), ensure_ascii=False) if others else None}


def _parquet_records(raw: bytes, settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of a Parquet file that DuckDB's reader cannot be given, with values as text."""
    table = pyarrow.parquet.read_table(io.BytesIO(raw))
    names = _declared_names(table.schema.names, settings)
    texts = [[_value_text(value) for value in column.to_pylist()] for column in map(_plain_moments, table.columns)]
    for row in zip(*texts, strict=True):
        yield _named_record(names, list(row), settings)


def _plain_moments(column: Any) -> Any:
    """Nanoseconds as microseconds, which Python has."""
    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        return pyarrow.compute.cast(column, pyarrow.timestamp("us", column.type.tz), safe=False)
    return column


def _value_text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return _clean(value.decode("utf-8", errors="surrogateescape"))
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _inventory_records(path: str, raw: bytes, settings: dict[str, Any]) -> Iterator[dict[str, str | None]]:
    """Rows of an inventory's file in ORC or CSV. Raises Unreadable where no manifest says what the columns of a CSV file are."""
    if path.endswith(".orc"):
        for row in pyarrow.orc.ORCFile(io.BytesIO(raw)).read().to_pylist():
            yield {name: _scalar_text(value) if not isinstance(value, datetime) else value.isoformat() for name, value in row.items()}
        return
    names = _declared_names(_manifest_schema(path), {**settings, "kind": "tabular"})
    for row, _ in _csv_rows(_unpack(path, raw), settings):
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
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    raise Unreadable("no manifest.json beside the data lists the file, so nothing says what its columns are")


# --- JSON --------------------------------------------------------------------------------------------------------------------

_INVALID = object()
_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]', re.DOTALL)
_STEPS = {"{": 1, "[": 1, "}": -1, "]": -1}
_OPENING = re.compile(r"[{\[]")
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


class _Digits(float):
    """A number with a fraction, and the digits it was read from."""

    digits: str

    def __new__(cls, digits: str) -> _Digits:
        number = super().__new__(cls, digits)
        number.digits = digits
        return number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _whole_number(digits: str) -> int | _Digits:
    """Python refuses to read numbers of more than 4,300 digits."""
    return int(digits) if len(digits) < 4000 else _Digits(digits)


_DECODER = json.JSONDecoder(parse_float=_Digits, parse_int=_whole_number, parse_constant=_refuse_constant)


def _json_values(text: str) -> Iterator[tuple[str, Any]]:
    """Text and value of each JSON document, and of what is none, with the value _INVALID.

    Documents stand back to back or line by line. What is none goes to the end of its line, or to where the next document begins: a
    bracket from which a whole one can be read that ends where documents end. Of an array of objects each element counts by itself.
    """
    position, size = 0, len(text)
    tries = 20 * size + 1_000_000  # characters to look at in vain, so that no file takes longer than its size allows
    while position < size:
        if text[position].isspace():
            position += 1
            continue
        value, end = _document(text, position)
        if value is _INVALID and text[position] == "[":
            elements, behind, spent = _broken_array(text, position, tries)
            tries -= spent
            if elements:
                yield from elements
                position = behind
                continue
        if value is _INVALID and end == position:
            end, spent = _next_document(text, position, tries)
            tries -= spent
        yield text[position:end].rstrip(), value
        position = end


_BETWEEN = re.compile(r"\s*([,\]])\s*")
_BLANKS = re.compile(r"\s*")


def _broken_array(text: str, position: int, tries: int) -> tuple[list[tuple[str, Any]], int, int]:
    """Elements of an array of objects that is no JSON as a whole, where it goes on behind them, and the characters looked at in vain.

    An element that is none is one with the value _INVALID, where it can be told where it ends; else the array ends before it. No
    elements where none is an object.
    """
    elements: list[tuple[str, Any]] = []
    at, spent = _BLANKS.match(text, position + 1).end(), 0  # type: ignore[union-attr]
    behind = at
    while at < len(text) and spent <= tries:
        value, end = _document(text, at)
        if value is not _INVALID and not isinstance(value, dict):
            break
        if end == at:
            end = _end_of_brackets(text, at, at + tries - spent)
            spent += max(end - at, 0) or min(len(text) - at, tries - spent)
        between = _BETWEEN.match(text, end) if end > at else None
        if between is None:
            break
        elements.append((text[at:end], value))
        at = behind = between.end()
        if between.group(1) == "]":
            break
    if not any(value is not _INVALID for _, value in elements):
        return [], position, spent
    return elements, behind, spent


def _document(text: str, position: int) -> tuple[Any, int]:
    """Value of the document that begins here, and its end; (_INVALID, position) where there is none."""
    try:
        value, end = _DECODER.raw_decode(text, position)
    except RecursionError:
        return _INVALID, _end_of_brackets(text, position)
    except ValueError:
        return _INVALID, position
    if not _is_storable(text, value, position, end):
        return _INVALID, end
    return value, end


def _is_storable(text: str, value: Any, position: int, end: int) -> bool:
    """Whether every engine can keep a document: none that is nested too deep, and no halves of characters."""
    if isinstance(value, (dict, list)) and not _is_shallow(text, position, end):
        return False
    return _HALF_CHARACTER.search(text, position, end) is None or not _has_half_character(value)


def _is_shallow(text: str, position: int, end: int) -> bool:
    """Whether a part of a text that is JSON is not nested too deep."""
    if text.count("{", position, end) + text.count("[", position, end) < _DEEPEST:
        return True
    depth = deepest = 0
    for found in _BRACKETS.finditer(text, position, end):
        depth += _STEPS.get(found.group(), 0)
        deepest = max(deepest, depth)
    return deepest < _DEEPEST


def _has_half_character(value: Any) -> bool:
    if isinstance(value, str):
        return any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return any(_has_half_character(name) or _has_half_character(field) for name, field in value.items())
    return isinstance(value, list) and any(_has_half_character(item) for item in value)


def _end_of_brackets(text: str, position: int, limit: int = sys.maxsize) -> int:
    """Where the brackets that open here are closed; the same position where they are not, before the limit."""
    depth = 0
    if text[position] not in "{[":
        return position
    for found in _BRACKETS.finditer(text, position, min(limit, len(text))):
        depth += _STEPS.get(found.group(), 0)
        if depth <= 0:
            return found.end()
    return position


def _next_document(text: str, position: int, tries: int) -> tuple[int, int]:
    """End of what is no document from here on, and how many characters were looked at in vain."""
    line = text.find("\n", position)
    line = len(text) if line == -1 else line
    spent = 0
    for found in _OPENING.finditer(text, position + 1, line):
        if spent > tries:
            break
        try:
            _, end = _DECODER.raw_decode(text, found.start())
        except RecursionError:
            spent += 10_000
        except ValueError as error:
            spent += max(getattr(error, "pos", found.start()) - found.start(), 1)
        else:
            if end == len(text) or text[end] in "\r\n{[" or text[end:line].strip() == "":
                return found.start(), spent
            spent += end - found.start()
    return line, spent


def _elements(text: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The records of a document: those of an array of objects, else the document itself."""
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        yield text, value
        return
    position = 1
    for item in value:
        while text[position].isspace() or text[position] == ",":
            position += 1
        _, end = _DECODER.raw_decode(text, position)
        yield text[position:end], item
        position = end


def _records_within(text: str, settings: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Text of each record of what a producer sent, and whether it is JSON: documents, elements of arrays, and of the array to unnest."""
    array = settings.get("unnest")
    for whole, document in _json_values(text):
        for one, value in _elements(whole, document):
            items = value.get(array) if array and isinstance(value, dict) else None
            if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
                for item in items:
                    yield json.dumps({**value, array: item}, ensure_ascii=False), True
            else:
                yield one, value is not _INVALID


def _json_records(path: str, data: bytes, settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Objects one behind the other; values as text, objects and arrays as JSON text."""
    for whole, document in _json_values(_as_text(data)):
        for text, value in _elements(whole, document):
            if isinstance(value, dict):
                names = _declared_names(list(value), settings)
                yield _named_record(names, [_scalar_text(field) for field in value.values()], settings)
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
    for text, is_json in _records_within(_as_text(data), settings):
        yield {"payload" if is_json else "invalid_payload": text}


# --- what producers wrap their records in ------------------------------------------------------------------------------------


def _unwrapped(data: bytes) -> bytes:
    """What a producer sent, without what it wrapped it in: gzip, and the schema's number of Confluent's or Glue's registry."""
    if data.startswith(_GZIP):
        try:
            return _unpack("", data)
        except Unreadable:
            return data
    if data[:1] == b"\x00" and data[5:6] in (b"{", b"["):
        return data[5:]
    if data[:2] == b"\x03\x00" and data[18:19] in (b"{", b"["):
        return data[18:]
    if data[:2] == b"\x03\x05":
        stream = zlib.decompressobj()
        try:
            content = stream.decompress(data[18:], _UNPACKED_FREELY)
        except zlib.error:
            return data
        return content if stream.eof else data
    return data


def _user_records(data: bytes) -> list[tuple[bytes, str | None]]:
    """The records that Kinesis Producer Library put into one, each with its partition key; else the one, whose key is null.

    Its format: awslabs/amazon-kinesis-producer, aggregation-format.md.
    """
    if not data.startswith(MAGIC) or hashlib.md5(data[len(MAGIC) : -DIGEST_SIZE]).digest() != data[-DIGEST_SIZE:]:
        return [(data, None)]
    message = messages_pb2.AggregatedRecord()
    try:
        message.ParseFromString(data[len(MAGIC) : -DIGEST_SIZE])
        keys = message.partition_key_table
        return [(record.data, keys[record.partition_key_index]) for record in message.records] or [(data, None)]
    except (DecodeError, IndexError):
        return [(data, None)]


# --- Kafka -------------------------------------------------------------------------------------------------------------------


def _kafka_records(path: str, data: bytes, settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Records of `kcat -C -J`. It writes bytes from 0x80 on as they are, so a key or a value may be no UTF-8."""
    for line in data.split(b"\n"):
        if line.strip():
            yield from _records_of_line(line.removesuffix(b"\r"))


def _records_of_line(line: bytes) -> Iterator[dict[str, Any]]:
    """The record on a line; or those on it, where a newline was lost between them."""
    record = _kafka_record(line)
    if "offset" not in record and line.count(b'"offset"') > 1:
        texts = [text for text, _ in _json_values(line.decode("utf-8", errors="surrogateescape"))]
        found = [_kafka_record(text.encode("utf-8", errors="surrogateescape")) for text in texts]
        if any("offset" in one for one in found):
            yield from found
            return
    yield record


def _kafka_record(line: bytes) -> dict[str, Any]:
    try:
        text = line.decode("utf-8", errors="surrogateescape")
        record = _DECODER.decode(text) if _is_shallow(text, 0, len(text)) else {}
        partition, offset = (_position(record[name], bits) for name, bits in (("partition", 31), ("offset", 63)))
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"invalid_payload": _as_text(line)}
    key, value = record.get("key"), record.get("payload")
    envelope = {
        "partition": partition,
        "offset": offset,
        "ts": _milliseconds(record.get("ts")),
        "key": _scalar_text(key),
        "headers": _plain_numbers(record.get("headers")),
    }
    if value is None:
        return envelope
    text = _scalar_text(value) or ""
    try:
        text = _unwrapped(text.encode("utf-8", errors="surrogateescape")).decode("utf-8", errors="surrogateescape")
    except UnicodeEncodeError:  # half a character
        return {**envelope, "invalid_payload": text}
    found, end = _document(text, len(text) - len(text.lstrip()))
    is_json = found is not _INVALID and not text[end:].strip()
    return {**envelope, "payload" if is_json and not _has_bytes(text) else "invalid_payload": text}


def _has_bytes(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" or character == "\x00" for character in text)


def _position(value: Any, bits: int) -> int:
    """A partition or an offset. Raises ValueError for what is none."""
    number = int(value) if isinstance(value, str) and value.isascii() else value
    if isinstance(number, bool) or not isinstance(number, int) or not -(2**bits) <= number < 2**bits:
        raise ValueError("no position")
    return number


def _milliseconds(value: Any) -> int | None:
    """A time stamp, at most what a BIGINT holds."""
    try:
        number = int(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(min(number, 2**63 - 1), -(2**63))


# --- Kinesis -----------------------------------------------------------------------------------------------------------------


def _kinesis_records(path: str, data: bytes, settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Records of `aws kinesis get-records`; the folder is the shard. A file may hold several answers, one behind the other.

    Of an answer that is no JSON as a whole, cut off or with a broken record, the records count that can be read; the rest is one record.
    Raises Unreadable where no answer can be found.
    """
    shard = Path(path).parent.name
    answers = list(_answers(_as_text(data)))
    if answers and not any(isinstance(records, list) for _, records in answers):
        raise Unreadable("is not what `aws kinesis get-records` writes: no JSON object with Records")
    for text, records in answers:
        if not isinstance(records, list):
            yield {"shard_id": shard, "invalid_payload": text}
            continue
        for record in records:
            yield from _kinesis_record(shard, record, settings)


_RECORDS = re.compile(r'\s*\{[^][{}]*"Records"\s*:\s*(?=\[)')
_END_OF_ANSWER = re.compile(r'(?:\s*,\s*"\w+"\s*:\s*(?:"[^"\n]*"|[0-9.]+|null|\[\s*\]))*\s*\}')


def _answers(text: str) -> Iterator[tuple[str, list[Any] | None]]:
    """Text and Records of each answer; None for what is no answer. A broken answer is several: its records, and what of it is none."""
    position = 0
    tries = 20 * len(text) + 1_000_000
    while (position := _BLANKS.match(text, position).end()) < len(text):  # type: ignore[union-attr]
        value, end = _document(text, position)
        if value is _INVALID and (begin := _RECORDS.match(text, position)) is not None:
            elements, behind, spent = _broken_array(text, begin.end(), tries)
            tries -= spent
            if elements:
                for element, record in elements:
                    yield element, None if record is _INVALID else [record]
                rest = _END_OF_ANSWER.match(text, behind)
                position = rest.end() if rest is not None else behind
                continue
        if value is _INVALID and end == position:
            # all of it, up to where another answer begins
            following = re.compile(r"^\{", re.MULTILINE).search(text, position + 1)
            end = following.start() if following is not None else len(text)
        yield text[position:end].rstrip(), value.get("Records") if isinstance(value, dict) else None
        position = end


def _kinesis_record(shard: str, record: Any, settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    try:
        data = base64.b64decode(record["Data"], validate=True)
        position = str(_sequence_number(record["SequenceNumber"]))
        arrived = _scalar_text(record["ApproximateArrivalTimestamp"])
    except (KeyError, TypeError, ValueError, binascii.Error):
        yield {"shard_id": shard, "invalid_payload": json.dumps(_plain_numbers(record), ensure_ascii=False)}
        return
    number = 0
    for user_data, key in _user_records(data):
        content = _unwrapped(user_data)
        records = list(_records_within(_as_text(content), settings)) if _is_utf8(content) else []
        if not any(is_json for _, is_json in records):
            records = [(_as_text(content), False)]
        for text, is_json in records:
            yield {
                "shard_id": shard,
                "sequence_number": position,
                "sub_sequence_number": number,
                "arrived_at": arrived,
                "partition_key": _scalar_text(record.get("PartitionKey")) if key is None else key,
                "payload" if is_json else "invalid_payload": text,
            }
            number += 1


def _sequence_number(value: Any) -> int:
    text = _scalar_text(value) or ""
    if not re.fullmatch(r"[0-9]{1,128}", text):
        raise ValueError("no sequence number")
    return int(text)


def _plain_numbers(value: Any) -> Any:
    """A value whose numbers json.dumps() writes as they were read."""
    if isinstance(value, _Digits):
        return value.digits
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain_numbers(item) for name, item in value.items()}
    return value


class Plugin(BasePlugin):
    """Registers the functions on the connection that dbt-duckdb opens."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Called by dbt-duckdb once per process."""
        found_type = duckdb.struct_type({"file": "VARCHAR", "size_bytes": "BIGINT", "modified_at": "TIMESTAMP"})
        check_type = duckdb.struct_type(
            {
                "file": "VARCHAR",
                "content_hash": "VARCHAR",
                "records": "BIGINT",
                "problem": "VARCHAR",
                "is_plain": "BOOLEAN",
                "cut_line": "VARCHAR",
                "is_parquet": "BOOLEAN",
            }
        )
        texts = duckdb.list_type("VARCHAR")

        def find(folder: str, options: str) -> list[dict[str, object]]:
            return [asdict(file) for file in find_files(folder, options)]

        def check(paths: list[str], options: str) -> list[dict[str, object]]:
            return [asdict(found) for found in check_files(paths, options)]

        # a process that ends with a function still registered prints a page about leaked objects
        atexit.register(conn.close)
        # what a folder holds is not the same twice
        conn.create_function("landing_files_found", find, ["VARCHAR", "VARCHAR"], duckdb.list_type(found_type), side_effects=True)
        conn.create_function("landing_folder_exists", os.path.isdir, ["VARCHAR"], "BOOLEAN", side_effects=True)
        conn.create_function("landing_files_check", check, [texts, "VARCHAR"], duckdb.list_type(check_type))
        conn.create_function("landing_file_records", file_records, ["VARCHAR", "VARCHAR"], texts)
