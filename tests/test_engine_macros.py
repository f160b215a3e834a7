"""Engine macros mean the same on DuckDB and on Redshift's SQL: one expression each, compiled for both, run on both."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Warehouse

TEXT = "cast({} as varchar(200))"

# name: expression, and the rows it gives over the texts of CASES or over PAYLOAD
CASES: dict[str, tuple[str, list[str | None], list[Any]]] = {
    "to_integer": (
        "{{ to_integer('word') }}",
        ["5", "-7", "+3", "1.0", "1.5", "five", "", None, "1234567890123456789", " 5", "1e3", "12\n"],
        [5, -7, 3, 1, None, None, None, None, 1234567890123456789, None, None, None],
    ),
    "to_integer of 64 bits": (
        "{{ to_integer('word') }}",
        ["9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9999999999999999999.0", "9" * 30],
        [2**63 - 1, None, -(2**63), None, None, None],
    ),
    "to_decimal": (
        "{{ to_decimal('word', 12, 2) }}",
        ["5", "-7.25", "7.250", "7.255", "1,5", "abc", None],
        ["5.00", "-7.25", "7.25", None, None, None, None],
    ),
    "to_decimal without a fraction": (
        "{{ to_decimal('word', 38, 0) }}",
        ["9" * 38, "-" + "1" * 38, "7.00", "7.5", "9" * 39, "", None],
        ["9" * 38, "-" + "1" * 38, "7", None, None, None, None],
    ),
    "to_decimal of a fraction alone": ("{{ to_decimal('word', 3, 3) }}", ["0.125", "-0.5", "1.5", ".5"], ["0.125", "-0.500", None, None]),
    "timestamp_from_epoch_ms": (
        "{{ timestamp_from_epoch_ms(to_integer('word')) }}",
        ["0", "1693612800123", "-1", "253402300799000", "9223372036854775807", "-9223372036854775808", None],
        [
            "1970-01-01 00:00:00",
            "2023-09-02 00:00:00.123000",
            "1969-12-31 23:59:59.999000",
            "9999-12-31 23:59:59",
            "9999-12-31 23:59:59",
            "0001-01-01 00:00:00",
            None,
        ],
    ),
    "timestamp_from_epoch_us": (
        "{{ timestamp_from_epoch_us(to_integer('word')) }}",
        ["1693612800123456", "-1", "9223372036854775807", "-9223372036854775808", None],
        ["2023-09-02 00:00:00.123456", "1969-12-31 23:59:59.999999", "9999-12-31 23:59:59", "0001-01-01 00:00:00", None],
    ),
    "to_money": (
        "{{ as_text(to_money('word')) }}",
        ["8", "-0.5", "0.000000123456789", "1e-7", "2.5E-05", "free", "", None],
        ["8." + "0" * 18, "-0.5" + "0" * 17, "0.000000123456789000", "0.0000001" + "0" * 11, "0.000025" + "0" * 12, None, None, None],
    ),
    "key_prefix": (
        "coalesce(nullif({{ key_prefix('word', 2) }}, ''), '-')",
        ["a/b/c/d.txt", "a/b", "a", "/x", "a//b/c", "ö/x", "", None],
        ["a/b/", "a/", "-", "/", "a//", "ö/", "-", "-"],
    ),
    # a message is cut first and quoted then: with 999 letters before it, a doubled quote was cut in two
    "message_literal": ("cast({{ message_literal('x' * 999 ~ \"'s end\", 1000) }} as varchar(1000))", [None], ["x" * 999 + "'"]),
    "message_literal of odd characters": (
        "cast({{ message_literal('a\\\\b\\n100 % {0}', 20) }} as varchar(1000))",
        [None],
        ["a\\b 100 % {0}"],
    ),
    "url_decode": (
        "{{ url_decode('word') }}",
        ["a%2Fb", "a%20b%2520c", "a+b", "100%", "%zz", "", None],
        ["a/b", "a b%20c", "a+b", "100%", "%zz", "", None],
    ),
    "access_log_day": ("{{ access_log_day('word') }}", ["[06/Feb/2019:00:00:38", "[31/Dec/2024:23:59:59"], ["2019-02-06", "2024-12-31"]),
    "s3_request_tier": (
        "{{ s3_request_tier('word') }}",
        ["REST.PUT.OBJECT", "REST.GET.BUCKET", "REST.GET.ACL", "REST.DELETE.OBJECT", "S3.EXPIRE.OBJECT", "REST.POST.MULTI_OBJECT_DELETE"],
        ["1", "1", "2", "", "", ""],
    ),
    "is_access_log": (
        "case when {{ matches_pattern('word', access_log_pattern()) }} then 'yes' else 'no' end",
        [
            '79a b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a 3E5 REST.GET.VERSIONING - "GET /b?versioning HTTP/1.1" 200 - 113 - 7 - "-"',
            "79a b [06/Feb/2019:00:00:38 +0000] - AmazonS3 3E5 S3.EXPIRE.OBJECT a%2Fb - - - - 7",
            '79a b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a 3E5 REST.GET.OBJECT k "GET /b?versioning HT',
            "cut off",
        ],
        ["yes", "yes", "no", "no"],
    ),
    "elapsed_days": (
        "{{ elapsed_days(to_date('word'), \"cast('2024-03-01' as date)\") }}",
        ["2024-02-28", "2024-03-02", None],
        [2, -1, None],
    ),
    "age_class": (
        "{{ age_class(age_code(elapsed_days(listed_on('word'), to_date(\"'2024-03-01'\")))) }}",
        ["1709251200000", "2024-01-15 10:00:00", "2023-12-01T00:00:00.000Z", "2020-01-01", None],
        ["below 30 days", "30 to 90 days", "90 to 180 days", "180 days and more", "unknown"],
    ),
    "s3_charge_rule": (
        "{{ s3_charge_rule('word', 1, \"'not mapped'\") }}",
        [
            "TimedStorage-ByteHrs",
            "TimedStorage-INT-DAA-ByteHrs",
            "TimedStorage-SIA-SmObjects",
            "TimedStorage-GDA-Staging",
            "Requests-Tier1",
            "Standard-Retrieval-Bytes",
            "DataTransfer-Out-Bytes",
            "EarlyDelete-SIA",
            "Inventory-ObjectsListed",
            "Tables-TimedStorage-ByteHrs",
            "x",
        ],
        [
            "storage",
            "storage",
            "small objects",
            "unfinished uploads",
            "requests",
            "retrieval",
            "data transfer",
            "early deletion",
            "management",
            "table buckets",
            "not mapped",
        ],
    ),
    "to_date": (
        "{{ to_date('word') }}",
        ["2023-09-02", "2023-09-02T10:00:00Z", "2023-02-30", "02.09.2023", "", None],
        ["2023-09-02", "2023-09-02", None, None, None, None],
    ),
    "to_timestamp_utc": (
        "{{ to_timestamp_utc('word') }}",
        ["2023-09-02", "2023-09-02 10:11:12.123456", "2023-09-02T10:11:12+02:00", "2023-09-02T10:11:12Z", "2023-02-30", "now", None],
        ["2023-09-02 00:00:00", "2023-09-02 10:11:12.123456", "2023-09-02 08:11:12", "2023-09-02 10:11:12", None, None, None],
    ),
    "to_timestamp_utc of nanoseconds": (
        "{{ to_timestamp_utc('word') }}",
        [
            "2023-09-02 10:11:12.123456789",
            "2023-09-02T10:11:12.9999999+02:00",
            "2023-09-02T10:11:12.0000001Z",
            "2023-09-02 10:11:12.1234567890",
        ],
        ["2023-09-02 10:11:12.123456", "2023-09-02 08:11:12.999999", "2023-09-02 10:11:12", None],
    ),
    "replace_pattern": ("{{ replace_pattern('word', '(^|[^0-9])[0-9]+', '\\\\1?') }}", ["a1,22 3", "", None], ["a?,? ?", "", None]),
    "normalised_statement": (
        "{{ normalised_statement('word') }}",
        [
            "/* {\"xid\":1} */ SELECT * FROM t1 WHERE a = 'it''s -- no /* c */' and b in (1, 2,3) -- x\n and c=1.5e3;",
            "select x from #stage_01ab where y='/*' -- '\n",
            "insert into x\tvalues (1,'a',2),(3,'b',4)",
            'select "1a".b, $1 from s.t2019',
            "COPY t FROM 's3://own/x' CREDENTIALS '' CSV",
            "unload ('select 1') to 's3://own/y'  with credentials as ''",
            "copy t from 's3://own/x' access_key_id '' secret_access_key '' session_token '' csv",
            "copy t from 's3://lab/x'  IAM_ROLE 'arn:aws:iam::123456789012:role/lab' csv;",
            None,
        ],
        [
            "select * from t1 where a = ? and b in (?) and c=?",
            "select x from #temp where y=?",
            "insert into x values (?)",
            'select "1a".b, $1 from s.t2019',
            "copy t from ? iam_role ? csv",
            "unload (?) to ? iam_role ?",
            "copy t from ? iam_role ? csv",
            "copy t from ? iam_role ? csv",
            None,
        ],
    ),
    "exact_statement_key": (
        "{{ exact_statement_key('word') }}",
        [
            "/* {\"xid\":1} */ UNLOAD ('select 1') TO 's3://lab/x/2024_c_1f/UNLOADs/own/out/y_'  IAM_ROLE 'arn:9' parquet;",
            "unload ('select 1') to 's3://own/out/y_' credentials '' parquet",
            "unload ('select 1') to 's3://own/out/z_' credentials '' parquet",
            "select 'from s3://own/x'",
            None,
        ],
        [
            *(
                hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
                for text in (
                    "unload ('select 1' ) to s3:/out/y_' iam_role ? parquet",
                    "unload ('select 1' ) to s3:/out/y_' iam_role ? parquet",
                    "unload ('select 1' ) to s3:/out/z_' iam_role ? parquet",
                    "select 'from s3://own/x'",
                )
            ),
            None,
        ],
    ),
    "replay_never_runs": (
        "{{ replay_never_runs('word') }} is not null",
        ["", "select 1", "show x", "select pg_cancel_backend(?)", "insert into t values ($1)", "select * from shows", None],
        [True, False, True, True, True, False, False],
    ),
    "replay_folder": ("{{ replay_folder('word', 2) }}", ["s3://b/replay/2024/c-1/0.parquet", "x"], ["2024", None]),
    "clean_text": ("{{ clean_text('word') }}", ["  a b ", "   ", "\ta", "", None], ["a b", None, "\ta", None, None]),
    "upper_ascii": ("{{ upper_ascii('word') }}", ["aZé", "straße"], ["AZé", "STRAßE"]),
    "byte_length": ("{{ byte_length('word') }}", ["abc", "äö", "山", None], [3, 4, 3, None]),
    "digest": ("{{ digest('word') }}", ["C104"], ["fbead1fd590a2934e8745090536dfca0"]),
    "hash_key": ("{{ hash_key(['word', 'word']) }}", [" a|b ", None], ["427dc62d8541987cdbd58fab7224ad3b", "0" * 32]),
    "hex_to_integer": ("{{ hex_to_integer('word') }}", ["ff", "fffffffffffffff", "0", None], [255, 1152921504606846975, 0, None]),
    "digest_of_set": (
        "{{ digest_of_set(digest('word')) }}",
        ["C104", None],
        ["1:1134534508382560915:353660460116176380", None],
    ),
    "is_unparsed": ("{{ is_unparsed('word', to_integer('word')) }}", ["5", "x", "  ", None], [False, True, False, False]),
    "elapsed_us": (
        "{{ elapsed_us(\"cast('2023-01-01 00:00:00.5' as timestamp)\", to_timestamp_utc('word')) }}",
        ["2023-01-01 00:00:01.000001", "2023-01-01 00:00:00"],
        [500_001, -500_000],
    ),
    "elapsed_minutes": (
        "{{ elapsed_minutes(\"cast('2022-01-18 15:04:43' as timestamp)\", to_timestamp_utc('word')) }}",
        ["2022-01-18 15:12:51"],
        [8.133333333333333],
    ),
    "add_microseconds": ("{{ add_microseconds(to_timestamp_utc('word'), 1) }}", ["2023-01-01"], ["2023-01-01 00:00:00.000001"]),
    "add_microseconds by an expression": (
        "{{ add_microseconds(\"cast('2023-01-01 00:00:00' as timestamp)\", '(' ~ to_integer('word') ~ ' - 1)') }}",
        ["0", "2000001"],
        ["2022-12-31 23:59:59.999999", "2023-01-01 00:00:02"],
    ),
    "moment_of_count": (
        "{{ moment_of_count(to_integer('word'), ['s', 'ms', 'us', 'ns']) }}",
        ["0", "1722360292", "1595008822123", "1595008822123456", "1595008822123456789", "-631152000000", "soon", None],
        [
            "1970-01-01 00:00:00",
            "2024-07-30 17:24:52",
            "2020-07-17 18:00:22.123000",
            "2020-07-17 18:00:22.123456",
            "2020-07-17 18:00:22.123456",
            "1950-01-01 00:00:00",
            None,
            None,
        ],
    ),
    "moment_of_count of milliseconds alone": (
        "{{ moment_of_count(to_integer('word'), ['ms']) }}",
        ["1722360292000", "1722360292000000", "9223372036854775807"],
        ["2024-07-30 17:24:52", None, None],
    ),
    "number_of_hex": (
        "{{ number_of_hex(base64_as_hex('word'), 2) }}",
        ["EtaH", "7Sl5", "AA==", "/w==", "AAEAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA==", "12.5", "EtaH=", "", None],
        ["12345.67", "-12345.67", "0.00", "-0.01", "12089258196146291747061.76", None, None, None, None, None],
    ),
    "add_days": ("{{ add_days(to_date('word'), '3') }}", ["2023-02-27"], ["2023-03-02"]),
    "iso_day_of_week": ("{{ iso_day_of_week(to_date('word')) }}", ["2023-09-03", "2023-09-04"], [7, 1]),
}
PAYLOAD = json.dumps(
    {"Text": "x", "Number": 5, "Fraction": 2.5, "Flag": True, "Nothing": None, "Object": {"Inner": "y"}, "List": ["a", "b"], "Empty": []}
)
FIELDS = ["Text", "Number", "Fraction", "Flag", "Nothing", "Object", "List", "Absent"]
PAYLOAD_CASES = {
    "payload_field": (
        "select {% for f in "
        + str(FIELDS)
        + " %}{{ payload_field('doc', f) }} as c{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %} "
        "from (select {{ payload_document('payload', " + str(FIELDS) + ") }} as doc from payloads) as documents",
        [("x", "5", "2.5", "true", None, None, None, None)],
    ),
    "payload_is_nested": (
        "select {{ payload_is_nested('doc', 'Object') }} as a, {{ payload_is_nested('doc', 'List') }} as b, "
        "{{ payload_is_nested('doc', 'Text') }} as c, {{ payload_is_nested('doc', 'Absent') }} as d "
        "from (select {{ payload_document('payload', ['Object', 'List', 'Text', 'Absent']) }} as doc from payloads) as documents",
        [(True, True, False, False)],
    ),
    "payload_at": (
        "select {{ payload_at('payload', ['Object', 'Inner']) }} as a, {{ payload_at('payload', ['Object']) }} as b, "
        "{{ payload_at('payload', ['Absent', 'Inner']) }} as c, {{ payload_at('payload', ['text']) }} as d from payloads",
        [("y", None, None, None)],
    ),
    "payload_kind": (
        "select {{ payload_kind('payload', ['Object']) }} as a, {{ payload_kind('payload', ['List']) }} as b, "
        "{{ payload_kind('payload', ['Number']) }} as c, {{ payload_kind('payload', ['Nothing']) }} as d, "
        "{{ payload_kind('payload', ['Object', 'Absent']) }} as e from payloads",
        [("object", "array", "scalar", None, None)],
    ),
    # Redshift's JSON_SERIALIZE gives the text null for nothing
    "payload_as_text": (
        "select {{ payload_as_text(payload_child('payload', ['Absent'])) }} as a, "
        "{{ payload_as_text(payload_child('payload', ['Nothing'])) }} as b, "
        "replace({{ payload_as_text(payload_child('payload', ['Object'])) }}, ' ', '') as c from payloads",
        [(None, None, '{"Inner":"y"}')],
    ),
    "payload_unnest": (
        "select {{ payload_element_text('items') }} as a from payloads as p {{ payload_unnest('p', 'payload', ['List'], 'items') }}",
        [("a",), ("b",)],
    ),
    "payload_unnest of an empty array": (
        "select {{ payload_element_text('items') }} as a from payloads as p {{ payload_unnest('p', 'payload', ['Empty'], 'items') }}",
        [(None,)],
    ),
    "payload_unnest of no array": (
        "select {{ payload_element_text('items') }} as a from payloads as p {{ payload_unnest('p', 'payload', ['Absent'], 'items') }}",
        [(None,)],
    ),
}


def compiled(folder: Path, target: str) -> dict[str, str]:
    """SQL of every case for a target."""
    marked = "".join(f"[[{name}]]{text}" for name, (text, *_) in {**CASES, **PAYLOAD_CASES}.items())
    warehouse = Warehouse(folder, environment={"MILLRACE_TARGET": target})
    output = warehouse.dbt("--quiet", "compile", "--inline", marked, "--no-populate-cache").must_pass().output
    return {name: sql.strip() for name, sql in re.findall(r"\[\[(.*?)\]\](.*?)(?=\[\[|\Z)", output, re.DOTALL)}


def rows_of(word: str | None) -> str:
    """A relation with one row, one column."""
    literal = "null" if word is None else "'" + word.replace("'", "''") + "'"
    return f"(select {TEXT.format(literal)} as word) as words"


def shown(value: object) -> object:
    """Numbers, texts and booleans as they are, the rest as text without trailing zeros of a second."""
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


@pytest.fixture(scope="module")
def duckdb_sql(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Compiled for DuckDB."""
    return compiled(tmp_path_factory.mktemp("duckdb"), "local")


@pytest.fixture(scope="module")
def redshift(tmp_path_factory: pytest.TempPathFactory, redshift_connection: Any) -> Iterator[tuple[dict[str, str], Any]]:
    """Compiled for Redshift, and a cursor whose session is set as staging sets it."""
    sql = compiled(tmp_path_factory.mktemp("redshift"), "redshift_password")
    table = f"{redshift_connection.schema}.payloads"
    with redshift_connection.cursor() as cursor:
        cursor.execute("set enable_case_sensitive_identifier to true")
        cursor.execute(f"create table {table} as select json_parse('{PAYLOAD}') as payload")
        yield {name: text.replace("from payloads", f"from {table}") for name, text in sql.items()}, cursor


@pytest.mark.parametrize("name", CASES)
def test_expressions_on_duckdb(duckdb_sql: dict[str, str], name: str) -> None:
    _, words, expected = CASES[name]
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    found = [shown(connection.execute(f"select {duckdb_sql[name]} from {rows_of(word)}").fetchall()[0][0]) for word in words]
    assert found == expected


@pytest.mark.parametrize("name", CASES)
def test_expressions_on_redshift(redshift: tuple[dict[str, str], Any], name: str) -> None:
    sql, cursor = redshift
    _, words, expected = CASES[name]
    found = []
    for word in words:
        cursor.execute(f"select {sql[name]} as found from {rows_of(word)}")
        found.append(shown(cursor.fetchall()[0][0]))
    assert found == expected


@pytest.mark.parametrize("name", PAYLOAD_CASES)
def test_payloads_on_duckdb(duckdb_sql: dict[str, str], name: str) -> None:
    connection = duckdb.connect()
    connection.execute("create table payloads as select cast(? as json) as payload", [PAYLOAD])
    assert sorted(connection.execute(duckdb_sql[name]).fetchall()) == PAYLOAD_CASES[name][1]


@pytest.mark.parametrize("name", PAYLOAD_CASES)
def test_payloads_on_redshift(redshift: tuple[dict[str, str], Any], name: str) -> None:
    sql, cursor = redshift
    cursor.execute("set enable_case_sensitive_identifier to true")
    cursor.execute(sql[name])
    assert sorted(tuple(row) for row in cursor.fetchall()) == PAYLOAD_CASES[name][1]


def test_fields_that_differ_by_case_alone_are_refused(tmp_path: Path) -> None:
    """DuckDB's structs cannot hold both; payload_at() can tell them apart."""
    result = Warehouse(tmp_path).dbt("compile", "--inline", "{{ payload_document('payload', ['Id', 'ID']) }}", "--no-populate-cache")
    assert result.code != 0
    assert "differ by case alone" in result.output
