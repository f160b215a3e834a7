"""How the stand-in for Athena reads statements: what it says to Trino, and what it refuses as Athena does."""

from __future__ import annotations

import pytest
from athena_standin.statements import LONGEST_STATEMENT, Refused, bare, hive_type, read

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
}


@pytest.mark.parametrize("statement", REFUSED)
def test_what_athena_refuses_is_refused(statement: str) -> None:
    with pytest.raises(Refused, match=REFUSED[statement]):
        read(statement)


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
