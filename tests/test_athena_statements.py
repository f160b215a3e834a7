"""How the stand-in for Athena reads statements: what it says to Trino, and what it refuses as Athena does."""

from __future__ import annotations

import pytest
from athena_standin.statements import LONGEST_STATEMENT, Refused, bare, hive_type, read

ICEBERG = " location 's3://d/e/' tblproperties ('table_type' = 'ICEBERG')"
REFUSED = {
    "start transaction": "not supported",
    "commit": "not supported",
    "truncate table a.b": "not supported",
    "grant select on a.b to role c": "not supported",
    "create materialized view a.b as select 1": "not supported",
    "create or replace table a.b as select 1 as c": "not supported",
    "call system.flush_metadata_cache()": "not supported",
    "set session query_max_run_time = '1m'": "not supported",
    "comment on table a.b is 'c'": "not supported",
    "create table if not exists a.b as select 1 as c": "not supported",
    "create table a.b (c int) location 's3://d/e/'": "only Iceberg",
    "create table a.b (c int) tblproperties ('table_type' = 'ICEBERG')": "has a location",
    "create table a.b (c int) location 's3://d/' tblproperties ('table_type' = 'ICEBERG', 'a.b' = 'c')": "Unsupported table property",
    "create table a.b with (table_type = 'iceberg', is_external = false) as select 1 as c": "location in S3",
    "create table a.b with (table_type = 'iceberg', location = 's3://d/', is_external = true) as select 1 as c": "is_external",
    "create table a.b with (table_type = 'iceberg', location = 's3://d/', sorted_by = array['c']) as select 1 as c": "sorted_by",
    "create schema `Sales-2024`": "not supported",
    "create or replace view a.Total as select 1 as c": "small letters",
    "create external table a.b (c string) location 'hdfs://d/'": "not a folder in S3",
    "alter table a.b execute optimize": "ParseException",
    "alter table a.b set location 's3://d/'": "ParseException",
    "unload (select 1 as c) to '/tmp/d' with (format = 'parquet')": "UNLOAD",
    "select '" + "x" * LONGEST_STATEMENT + "'": "less than or equal to 262144",
    "select '" + "é" * (LONGEST_STATEMENT // 2) + "'": "less than or equal to 262144",  # of bytes
    # Supported data types for Iceberg tables; Creating Iceberg tables; Reserved keywords
    "create table a.b (c timestamp(6))" + ICEBERG: "no type",
    "create table a.b (c varchar(10))" + ICEBERG: "no type",
    "create table a.b (c smallint)" + ICEBERG: "no type",
    "create table a.b (c int not null)" + ICEBERG: "no constraints",
    "create table a.b (c int) partitioned by (d int)" + ICEBERG: "a partition is a column",
    "create table a.b (date int)" + ICEBERG: "reserved word",
    'create table a.b ("c" int)' + ICEBERG: "in backticks",
    # CREATE TABLE AS; Considerations and limitations for CTAS queries
    "create table a.b with (partitioned_by = array['c']) as select 1 as c, 2 as d": "last columns",
    "create table a.b with (bucketed_by = array['c']) as select 1 as c": "go together",
    "create table a.b with (write_compression = 'ZSTD', parquet_compression = 'GZIP') as select 1 as c": "one of",
    # Athena engine version 3
    "with function f(x int) returns int return x select f(1)": "inline functions",
    "select * from json_table('{}', 'lax $' columns (a int path 'lax $.a'))": "JSON_TABLE",
    "select * from table(exclude_columns(input => table(t), columns => descriptor(a)))": "EXCLUDE_COLUMNS",
    # Data types in Amazon Athena
    "create external table a.b (c timestamp(3)) location 's3://d/'": "no type",
    "create external table a.b (c text) location 's3://d/'": "no type",
    "create external table a.b (c integer) location 's3://d/'": "no type",
    "create external table a.b (order string) location 's3://d/'": "reserved word",
}


@pytest.mark.parametrize("statement", REFUSED)
def test_what_athena_refuses_is_refused(statement: str) -> None:
    with pytest.raises(Refused, match=REFUSED[statement]):
        read(statement)


TAKEN = [
    "show tblproperties a.b", "show tblproperties a.b ('c')", "show create table a.b", "show create view a.b", "show databases",
    "show views in a", "describe formatted a.b", "prepare p from select ?", "execute p using 1", "deallocate prepare p",
    "create table a.b (`date` int, c array<struct<x:int>>, d decimal(10, 2)) partitioned by (bucket(16, `date`))" + ICEBERG,
    "create external table a.b (`c` string, d varchar(20), e timestamp) partitioned by (x string) location 's3://d/'",
    "create table a.b with (partitioned_by = array['d']) as select 1 as c, 2 as d",
    "select \"json_table\" from t where x = 'with function'",
]  # fmt: skip


@pytest.mark.parametrize("statement", TAKEN)
def test_what_athena_takes_is_taken(statement: str) -> None:
    assert read(statement).action


@pytest.mark.parametrize(
    "kind", ["timestamp(6)", "timestamp(3) with time zone", "time(3)", "json", "uuid", "interval day to second", 'row("a" timestamp(6))']
)
def test_types_that_a_view_cannot_have(kind: str) -> None:
    with pytest.raises(Refused, match="Unsupported Hive type"):
        hive_type(kind)


def test_types_of_a_view() -> None:
    kinds = {
        "varchar": "string", "varchar(3)": "varchar(3)", "integer": "int", "bigint": "bigint", "timestamp(3)": "timestamp",
        "decimal(18,2)": "decimal(18,2)", "array(varchar)": "array<string>", 'row("a" integer, "b" array(double))':
        "struct<a:int,b:array<double>>", "map(varchar, bigint)": "map<string,bigint>", "varbinary": "binary", "boolean": "boolean",
    }  # fmt: skip
    assert {kind: hive_type(kind) for kind in kinds} == kinds


def test_comments_and_one_semicolon_go() -> None:
    assert bare("-- /* {} */\n/* a */ select 1 -- b\n;\n/* c */ ") == "select 1 -- b"


def test_a_table_of_iceberg_is_made_in_trinos_words() -> None:
    made = read(
        "create table if not exists `a`.`b` (c string, d timestamp, e decimal(18, 2)) partitioned by (day(d), c) location 's3://f/g/' "
        "tblproperties ('table_type' = 'ICEBERG', 'format' = 'parquet', 'vacuum_min_snapshots_to_keep' = '3')"
    )
    assert made.text == (
        "create table if not exists iceberg.a.b (c varchar, d timestamp(6), e decimal(18, 2)) with (location = 's3://f/g', "
        "format = 'PARQUET', format_version = 2, partitioning = array['day(d)', 'c'], "
        "extra_properties = map(array['vacuum_min_snapshots_to_keep'], array['3']))"
    )


def test_an_external_table_is_read_as_glue_has_it() -> None:
    table = read(
        "create external table `a`.`b` (c string, d struct<e:int,f:array<string>>) partitioned by (dt string) "
        "row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde' with serdeproperties ('separatorChar' = '|') stored as textfile "
        "location 's3://g/h/' tblproperties ('skip.header.line.count' = '1')"
    ).arguments["table"]
    assert table["PartitionKeys"] == [{"Name": "dt", "Type": "string"}]
    assert table["StorageDescriptor"]["Columns"][1] == {"Name": "d", "Type": "struct<e:int,f:array<string>>"}
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"separatorChar": "|"}
    assert table["Parameters"]["skip.header.line.count"] == "1"
