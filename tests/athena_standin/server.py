"""The stand-in's server: Athena's API, beside moto's S3, Glue, STS and Lake Formation, over a Trino server."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from unittest import mock

import boto3
import trino
from moto.athena.models import athena_backends
from moto.athena.responses import AthenaResponse
from moto.core.exceptions import JsonRESTError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.glue.responses import GlueResponse
from moto.lakeformation.models import lakeformation_backends
from moto.server import ThreadedMotoServer
from trino.exceptions import TrinoQueryError
from trino_server import TrinoServer

from .spark import Spark
from .statements import ICEBERG_PROPERTIES, Refused, Statement, as_extra_properties, hive_type, read, trino_type

REGION = "eu-central-1"
BUCKET = "millrace-athena"
LONGEST_WAIT = 20  # seconds that a question for a running statement is held back
FINISHED = ("SUCCEEDED", "FAILED", "CANCELLED")
# errors of the engine that are the statement's fault are Athena's "user" errors
USER_ERROR, SYSTEM_ERROR = 2, 1


@dataclass
class Execution:
    """One statement and what became of it."""

    text: str
    request: dict[str, Any]
    identifier: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "QUEUED"
    kind: str = "DML"
    reason: str = ""
    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    updated: int | None = None
    scanned: int = 0
    milliseconds: int = 0
    cursor: Any = None
    done: threading.Event = field(default_factory=threading.Event)


def written(value: Any) -> dict[str, str]:
    """A cell of a result as Athena writes it."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"VarCharValue": str(value).lower()}
    return {"VarCharValue": value if isinstance(value, str) else json.dumps(value) if isinstance(value, (list, dict)) else str(value)}


class Catalogue:
    """What Athena does by itself with Glue and S3, and Trino with statements."""

    def __init__(self, trino_port: int, endpoint: str) -> None:
        self._port = trino_port
        keys = {"region_name": REGION, "aws_access_key_id": "stand-in", "aws_secret_access_key": "stand-in", "endpoint_url": endpoint}
        self.glue = boto3.client("glue", **keys)  # type: ignore[call-overload]
        self.s3 = boto3.client("s3", **keys)  # type: ignore[call-overload]

    def cursor(self, schema: str = "default") -> Any:
        """A session of Trino, in UTC. Values come as the text that Trino sends."""
        connection = trino.dbapi.connect(  # type: ignore[no-untyped-call]
            host="127.0.0.1", port=self._port, user="athena", timezone="UTC", catalog="awsdatacatalog", schema=schema,
            legacy_primitive_types=True,
        )  # fmt: skip
        return connection.cursor(legacy_primitive_types=True)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a statement of Trino's."""
        cursor = self.cursor()
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]

    def table(self, schema: str, name: str) -> dict[str, Any]:
        """A table as Glue has it."""
        try:
            return dict(self.glue.get_table(DatabaseName=schema, Name=name)["Table"])
        except self.glue.exceptions.EntityNotFoundException as error:
            raise Refused(f"FAILED: SemanticException [Error 10001]: Table not found {schema}.{name}") from error

    def exists(self, schema: str, name: str) -> bool:
        """Whether Glue has a table or view of this name."""
        try:
            self.table(schema, name)
        except Refused:
            return False
        return True

    def is_iceberg(self, table: dict[str, Any]) -> bool:
        """Whether a table of Glue's is one of Iceberg."""
        return str(table.get("Parameters", {}).get("table_type", "")).upper() == "ICEBERG"

    def _update(self, schema: str, table: dict[str, Any]) -> None:
        known = ("Name", "TableType", "Parameters", "StorageDescriptor", "PartitionKeys", "ViewOriginalText", "ViewExpandedText", "Owner")
        self.glue.update_table(DatabaseName=schema, TableInput={name: table[name] for name in known if name in table})

    def create_schema(self, name: str) -> None:
        """CREATE SCHEMA IF NOT EXISTS."""
        with suppress(self.glue.exceptions.AlreadyExistsException):
            self.glue.create_database(DatabaseInput={"Name": name})

    def drop_schema(self, name: str, cascade: bool) -> None:
        """DROP SCHEMA, with its tables where it says so."""
        tables = self.glue.get_tables(DatabaseName=name)["TableList"]
        if tables and not cascade:
            raise Refused(f"FAILED: SemanticException: the database {name} is not empty")
        for table in tables:
            self.drop(name, table["Name"], view=table["TableType"] == "VIRTUAL_VIEW")
        self.glue.delete_database(Name=name)

    def create_external_table(self, schema: str, name: str, table: dict[str, Any], lenient: bool) -> None:
        """CREATE EXTERNAL TABLE: an entry of Glue's, over a folder that is there or not."""
        try:
            self.glue.create_table(DatabaseName=schema, TableInput={"Name": name, **table})
        except self.glue.exceptions.AlreadyExistsException as error:
            if not lenient:
                raise Refused(f"FAILED: AlreadyExistsException: Table {name} already exists") from error

    def create_view(self, schema: str, name: str, text: str) -> None:
        """CREATE OR REPLACE VIEW. Glue holds its columns in Hive's types, which is why some are refused."""
        cursor = self.cursor(schema)
        cursor.execute(f"prepare described from {text}")
        cursor.fetchall()
        cursor.execute("describe output described")
        columns = [{"Name": row[0], "Type": hive_type(row[4])} for row in cursor.fetchall()]
        cursor = self.cursor(schema)
        cursor.execute(f"create or replace view awsdatacatalog.{schema}.{name} security invoker as {text}")
        cursor.fetchall()
        table = self.table(schema, name)
        table["StorageDescriptor"]["Columns"] = columns
        self._update(schema, table)

    def drop(self, schema: str, name: str, view: bool) -> None:
        """DROP TABLE or VIEW: an Iceberg table with its files, any other without."""
        if not self.exists(schema, name):
            return
        table = self.table(schema, name)
        if view or not self.is_iceberg(table):
            self.glue.delete_table(DatabaseName=schema, Name=name)
        else:
            self.ask(f"drop table iceberg.{schema}.{name}")

    def rename(self, schema: str, name: str, to: dict[str, str]) -> None:
        """ALTER TABLE RENAME, which Athena has for Iceberg alone."""
        if not self.is_iceberg(self.table(schema, name)):
            raise Refused("FAILED: SemanticException: only Iceberg tables are renamed")
        self.ask(f"alter table iceberg.{schema}.{name} rename to {to['schema']}.{to['name']}")

    def set_properties(self, schema: str, name: str, given: dict[str, str]) -> None:
        """ALTER TABLE SET TBLPROPERTIES: those of Iceberg are kept by the table's metadata, others by Glue."""
        table = self.table(schema, name)
        if not self.is_iceberg(table):
            table["Parameters"] = {**table.get("Parameters", {}), **given}
            self._update(schema, table)
            return
        if unknown := set(given) - ICEBERG_PROPERTIES:
            raise Refused(f"Unsupported table property key: {', '.join(sorted(unknown))}")
        self.ask(f"alter table iceberg.{schema}.{name} set properties {as_extra_properties(given)}")

    def add_partitions(self, schema: str, name: str, listed: list[tuple[dict[str, str], str]], lenient: bool) -> None:
        """ALTER TABLE ADD PARTITION."""
        table = self.table(schema, name)
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        for values, location in listed:
            if set(values) != set(keys):
                raise Refused(f"FAILED: SemanticException: the partition keys are {keys}, not {sorted(values)}")
            folder = location or table["StorageDescriptor"]["Location"] + "".join(f"{key}={values[key]}/" for key in keys)
            storage = {**table["StorageDescriptor"], "Location": folder}
            try:
                self.glue.create_partition(
                    DatabaseName=schema,
                    TableName=name,
                    PartitionInput={"Values": [values[key] for key in keys], "StorageDescriptor": storage},
                )
            except self.glue.exceptions.AlreadyExistsException as error:
                if not lenient:
                    raise Refused("FAILED: AlreadyExistsException: Partition already exists") from error

    def drop_partition(self, schema: str, name: str, values: dict[str, str]) -> None:
        """ALTER TABLE DROP PARTITION."""
        keys = [key["Name"] for key in self.table(schema, name).get("PartitionKeys", [])]
        self.glue.delete_partition(DatabaseName=schema, TableName=name, PartitionValues=[values[key] for key in keys])

    def add_columns(self, schema: str, name: str, columns: list[tuple[str, str]]) -> None:
        """ALTER TABLE ADD COLUMNS."""
        table = self.table(schema, name)
        if self.is_iceberg(table):
            for column, kind in columns:
                self.ask(f"alter table iceberg.{schema}.{name} add column {column} {trino_type(kind.strip())}")
            return
        table["StorageDescriptor"]["Columns"] += [{"Name": column, "Type": kind.strip()} for column, kind in columns]
        self._update(schema, table)

    def drop_column(self, schema: str, name: str, column: str) -> None:
        """ALTER TABLE DROP COLUMN, which Athena has for Iceberg alone."""
        if not self.is_iceberg(self.table(schema, name)):
            raise Refused("FAILED: ParseException: columns of Hive tables are replaced, not dropped")
        self.ask(f"alter table iceberg.{schema}.{name} drop column {column}")

    def repair(self, schema: str, name: str) -> None:
        """MSCK REPAIR TABLE: folders named key=value become partitions."""
        self.ask(f"call awsdatacatalog.system.sync_partition_metadata('{schema}', '{name}', 'ADD')")

    def metadata_of(self, schema: str, name: str) -> dict[str, str]:
        """Properties in an Iceberg table's metadata."""
        return dict(self.ask(f'select key, value from iceberg.{schema}."{name}$properties"'))

    def optimize(self, schema: str, name: str, condition: str) -> None:
        """OPTIMIZE ... REWRITE DATA USING BIN_PACK."""
        if not self.is_iceberg(self.table(schema, name)):
            raise Refused("NOT_SUPPORTED: OPTIMIZE is for Iceberg tables")
        self.ask(f"alter table iceberg.{schema}.{name} execute optimize {condition}")

    def vacuum(self, schema: str, name: str) -> None:
        """VACUUM: snapshots past their age go, but for so many; then files that no snapshot names."""
        if not self.is_iceberg(self.table(schema, name)):
            raise Refused("NOT_SUPPORTED: VACUUM is for Iceberg tables")
        given = self.metadata_of(schema, name)
        age = float(given.get("vacuum_max_snapshot_age_seconds", "432000"))
        keep = int(given.get("vacuum_min_snapshots_to_keep", "1"))
        # Trino knows an age alone: that of the last one to keep, where it is older
        ages = self.ask(
            f'select to_unixtime(current_timestamp) - to_unixtime(committed_at) as seconds from iceberg.{schema}."{name}$snapshots" '
            f"order by seconds limit {keep}"
        )
        age = max(age, float(ages[-1][0]) + 1) if keep > 1 else age
        if len(ages) == keep:
            self.ask(f"alter table iceberg.{schema}.{name} execute expire_snapshots(retention_threshold => '{age:.0f}s')")
        self.ask(f"alter table iceberg.{schema}.{name} execute remove_orphan_files(retention_threshold => '{age:.0f}s')")

    def unload(self, text: str, location: str, given: dict[str, str]) -> None:
        """UNLOAD: a table of Hive over the folder, forgotten once its files are written."""
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        if self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("KeyCount"):
            raise Refused(f"HIVE_PATH_ALREADY_EXISTS: Target directory for table {location} already exists")
        kind = given.get("format", "parquet").upper()
        name = f"unload_{uuid.uuid4().hex}"
        parts = f", partitioned_by = {given['partitioned_by']}" if "partitioned_by" in given else ""
        self.create_schema("default")
        head = f"create table awsdatacatalog.default.{name} with (external_location = '{location}', format = '{kind}'{parts})"
        self.ask(f"{head} as {text}")
        self.glue.delete_table(DatabaseName="default", Name=name)


class Athena:
    """Athena's API: statements are queued, run by a few threads, asked for and stopped."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.executions: dict[str, Execution] = {}
        self.throttled = 0  # so many of the next statements are turned away
        self._threads = ThreadPoolExecutor(8)

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def start(self, request: dict[str, Any]) -> str:
        """StartQueryExecution."""
        execution = Execution(request["QueryString"], request)
        self.executions[execution.identifier] = execution
        self._threads.submit(self._run, execution)
        return execution.identifier

    def _run(self, execution: Execution) -> None:
        execution.state = "RUNNING"
        try:
            statement = read(execution.text)
            execution.kind = statement.kind
            self._perform(statement, execution)
            state = "SUCCEEDED"
        except Refused as refusal:
            state, execution.reason = "FAILED", str(refusal)
        except TrinoQueryError as error:
            state, execution.reason = "FAILED", f"{error.error_name}: {error.message}"
        except Exception as error:
            state, execution.reason = "FAILED", f"INTERNAL_ERROR_QUERY_ENGINE: {type(error).__name__}: {error}"
        if execution.state != "CANCELLED":
            execution.state = state
        execution.done.set()

    def _perform(self, statement: Statement, execution: Execution) -> None:
        if statement.action == "query":
            self._query(statement.text, execution)
        else:
            getattr(self.catalogue, statement.action)(**statement.arguments)

    def _query(self, text: str, execution: Execution) -> None:
        schema = execution.request.get("QueryExecutionContext", {}).get("Database", "default")
        execution.cursor = cursor = self.catalogue.cursor(schema)
        cursor.execute(text)
        rows = cursor.fetchall()
        statistics = cursor.stats or {}
        execution.scanned = int(statistics.get("physicalInputBytes") or 0)
        execution.milliseconds = int(statistics.get("elapsedTimeMillis") or 0)
        if cursor.update_type:
            execution.updated = cursor.rowcount if cursor.rowcount >= 0 else (rows[0][0] if rows and rows[0] else None)
        else:
            execution.rows = [list(row) for row in rows]
            execution.columns = [self._column(column) for column in cursor.description]
        limit = self._work_group(execution).get("BytesScannedCutoffPerQuery")
        if limit and execution.scanned > limit:
            execution.state = "CANCELLED"
            execution.reason = f"Bytes scanned limit was exceeded: {execution.scanned} of {limit}"
            execution.rows, execution.columns = [], []

    def _work_group(self, execution: Execution) -> dict[str, Any]:
        groups = athena_backends[DEFAULT_ACCOUNT_ID][REGION].work_groups
        return dict(groups[execution.request.get("WorkGroup", "primary")].configuration)

    def _column(self, described: Any) -> dict[str, Any]:
        kind = str(described[1])
        plain = kind.partition("(")[0] + (" with time zone" if kind.endswith("with time zone") else "")
        return {
            "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": described[0], "Label": described[0], "Type": plain,
            "Precision": described[4] or 0, "Scale": described[5] or 0, "Nullable": "UNKNOWN", "CaseSensitive": plain == "varchar",
        }  # fmt: skip

    def stop(self, identifier: str) -> None:
        """StopQueryExecution."""
        execution = self.executions[identifier]
        if execution.state not in FINISHED:
            execution.state, execution.reason = "CANCELLED", "Query cancelled by user"
            if execution.cursor:
                execution.cursor.cancel()

    def described(self, identifier: str) -> dict[str, Any]:
        """GetQueryExecution. A running statement's answer is held back a little: who asks again and again need not."""
        execution = self.executions[identifier]
        execution.done.wait(LONGEST_WAIT)
        status: dict[str, Any] = {"State": execution.state, "SubmissionDateTime": 0, "CompletionDateTime": 0}
        if execution.reason:
            status["StateChangeReason"] = execution.reason
        if execution.state == "FAILED":
            category = SYSTEM_ERROR if execution.reason.startswith("INTERNAL") else USER_ERROR
            # 233 is what Athena answers where an Iceberg table could not be written
            kind = 233 if "ICEBERG_COMMIT_ERROR" in execution.reason else 1000
            status["AthenaError"] = {"ErrorCategory": category, "ErrorType": kind, "Retryable": False, "ErrorMessage": execution.reason}
        return {
            "QueryExecutionId": identifier,
            "Query": execution.text,
            "StatementType": execution.kind,
            "Status": status,
            "Statistics": {
                "DataScannedInBytes": execution.scanned,
                "EngineExecutionTimeInMillis": execution.milliseconds,
                "TotalExecutionTimeInMillis": execution.milliseconds,
            },
            "QueryExecutionContext": execution.request.get("QueryExecutionContext", {}),
            "WorkGroup": execution.request.get("WorkGroup", "primary"),
        }

    def results(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetQueryResults, a thousand rows a page; the first row of the first page are the names."""
        execution = self.executions[request["QueryExecutionId"]]
        begun = int(request.get("NextToken") or 0)
        page = int(request.get("MaxResults") or 1000)
        rows = [{"Data": [written(value) for value in row]} for row in execution.rows[begun : begun + page]]
        if begun == 0 and execution.kind == "DML" and execution.columns:
            rows.insert(0, {"Data": [{"VarCharValue": column["Name"]} for column in execution.columns]})
        answer: dict[str, Any] = {"ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": execution.columns}}}
        if execution.updated is not None:
            answer["UpdateCount"] = execution.updated
        if begun + page < len(execution.rows):
            answer["NextToken"] = str(begun + page)
        return answer


class AthenaStandIn:
    """S3, Glue, STS, Lake Formation and Athena on loopback, on free ports; gone when the block ends.

    Statements are kept in the order they came, with what became of them.
    """

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
            server.start()
            stack.callback(server.stop)
            host, port = server.get_host_and_port()
            self.endpoint = f"http://{host}:{port}"
            storage = [
                f"s3.endpoint={self.endpoint}", f"s3.region={REGION}", "s3.path-style-access=true", "s3.aws-access-key=stand-in",
                "s3.aws-secret-key=stand-in", "fs.native-s3.enabled=true", f"hive.metastore.glue.endpoint-url={self.endpoint}",
                f"hive.metastore.glue.region={REGION}", "hive.metastore.glue.aws-access-key=stand-in",
                "hive.metastore.glue.aws-secret-key=stand-in",
            ]  # fmt: skip
            catalogs = {
                "awsdatacatalog": [
                    "connector.name=hive", "hive.metastore=glue", "hive.iceberg-catalog-name=iceberg", "hive.security=allow-all",
                    "hive.non-managed-table-writes-enabled=true", "hive.recursive-directories=true", "hive.table-statistics-enabled=false",
                    "hive.max-partitions-per-writers=100",
                    "hive.ignore-absent-partitions=true", "hive.collect-column-statistics-on-write=false", *storage,
                ],
                "iceberg": [
                    "connector.name=iceberg", "iceberg.catalog.type=glue", "iceberg.max-partitions-per-writer=100",
                    "iceberg.expire-snapshots.min-retention=0s", "iceberg.remove-orphan-files.min-retention=0s",
                    "iceberg.allowed-extra-properties=*", "iceberg.security=allow-all", *storage,
                ],
            }  # fmt: skip
            # one writer for each statement: Athena counts the open partitions of a statement, Trino those of a writer
            writers = ("task.min-writer-count=1", "task.max-writer-count=1")
            self.trino = stack.enter_context(TrinoServer(catalogs, memory="2G", settings=writers))
            self.catalogue = Catalogue(self.trino.port, self.endpoint)
            self.athena = Athena(self.catalogue)
            stack.callback(self.athena.close)
            self.spark = Spark(self.endpoint, REGION)
            stack.callback(self.spark.close)
            for owner, name, answer in self._answers():
                stack.enter_context(mock.patch.object(owner, name, answer, create=True))
            # a table without tags has none, and is no error
            lakeformation_backends[DEFAULT_ACCOUNT_ID][REGION].lf_table_tags = defaultdict(list)
            self.catalogue.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
            self._stack = stack.pop_all()
        return self

    def _answers(self) -> list[tuple[type, str, Any]]:
        athena, spark = self.athena, self.spark

        def asked(response: Any) -> dict[str, Any]:
            return dict(json.loads(response.body or "{}"))

        def turned_away(kind: str, message: str) -> tuple[str, dict[str, int]]:
            return json.dumps({"__type": kind, "Message": message}), {"status": 400}

        def start_query_execution(response: Any) -> Any:
            request = asked(response)
            if athena.throttled:
                athena.throttled -= 1
                return turned_away("TooManyRequestsException", "You have exceeded the limit for the number of queries you can run")
            if request.get("WorkGroup", "primary") not in athena_backends[DEFAULT_ACCOUNT_ID][REGION].work_groups:
                return turned_away("InvalidRequestException", f"WorkGroup {request['WorkGroup']} is not found.")
            return json.dumps({"QueryExecutionId": athena.start(request)})

        def stop_query_execution(response: Any) -> str:
            athena.stop(asked(response)["QueryExecutionId"])
            return "{}"

        get_table = GlueResponse.get_table

        def get_table_as_asked(response: Any) -> Any:
            # Trino tells its views by a comment, and dbt writes a description in its place: each sees what it wrote
            answer: Any = get_table(response)
            table = answer.result["Table"]
            if "java" in response.headers.get("User-Agent", "").lower() and table.get("TableType") == "VIRTUAL_VIEW":
                answer.result["Table"] = {
                    **table, "Description": "Presto View", "Parameters": {**table["Parameters"], "comment": "Presto View"},
                }  # fmt: skip
            return answer

        update_table, updates = GlueResponse.update_table, threading.Lock()

        def update_table_as_read(response: Any) -> Any:
            # moto has no regard for VersionId: of two commits to one Iceberg table the later one would take away what the earlier one wrote
            wanted = response.parameters.get("VersionId")
            with updates:
                table = response.parameters["TableInput"]["Name"]
                known = response.glue_backend.get_table(response.parameters["DatabaseName"], table).as_dict()["VersionId"]
                if wanted and wanted != known:
                    raise JsonRESTError("ConcurrentModificationException", f"Update table failed due to concurrent modifications: {table}")
                return update_table(response)

        return [
            (GlueResponse, "get_table", get_table_as_asked),
            (GlueResponse, "update_table", update_table_as_read),
            (AthenaResponse, "start_query_execution", start_query_execution),
            (AthenaResponse, "stop_query_execution", stop_query_execution),
            (AthenaResponse, "get_query_execution",
             lambda response: json.dumps({"QueryExecution": athena.described(asked(response)["QueryExecutionId"])})),
            (AthenaResponse, "get_query_results", lambda response: json.dumps(athena.results(asked(response)))),
            (AthenaResponse, "start_session", lambda response: json.dumps(spark.start_session(asked(response)))),
            (AthenaResponse, "get_session_status", lambda response: json.dumps({"Status": {"State": "IDLE"}})),
            (AthenaResponse, "start_calculation_execution", lambda response: json.dumps(spark.start_calculation(asked(response)))),
            (AthenaResponse, "get_calculation_execution",
             lambda response: json.dumps(spark.calculation(asked(response)["CalculationExecutionId"]))),
            # statistics of columns are asked for and written by Trino, and nothing here depends on them
            *((GlueResponse, name, lambda response: json.dumps({"ColumnStatisticsList": [], "Errors": []}))
              for name in ("get_column_statistics_for_table", "get_column_statistics_for_partition",
                           "update_column_statistics_for_table", "update_column_statistics_for_partition",
                           "delete_column_statistics_for_table", "delete_column_statistics_for_partition")),
        ]  # fmt: skip

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def work_group(self, name: str, most_bytes: int) -> None:
        """A workgroup with a limit of the bytes that a statement may scan, also below the ten megabytes that Athena asks for."""
        configuration = {"BytesScannedCutoffPerQuery": most_bytes, "EnforceWorkGroupConfiguration": False}
        athena_backends[DEFAULT_ACCOUNT_ID][REGION].create_work_group(name, configuration, "", [])

    def statements(self) -> list[Execution]:
        """All statements so far."""
        return list(self.athena.executions.values())
