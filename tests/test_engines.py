"""Three engines, one text: every model parses and compiles for each, on a first and on a later load, without a server."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from importlib.metadata import version
from pathlib import Path

import pytest
import sqlglot
from conftest import ROOT, TARGETS, Compilations, Warehouse
from dbt.config.runtime import load_profile
from dbt.flags import set_from_args
from dbt_common.context import set_invocation_context
from engine_builds import digest, planned
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp

# Functions that the engine's manual has. A new one goes in here only after a look into the manual.
STANDARD = {
    "first_value",
    "cast", "coalesce", "replace", "count", "nullif", "max", "min", "sum", "row_number", "lag", "lead", "greatest", "least",
    "round", "split_part", "try_cast", "extract", "md5", "length", "lower", "substring", "translate", "json_parse", "abs", "avg", "sqrt",
    "floor", "ceil", "ln", "upper", "date_trunc", "reverse", "chr", "regexp_replace", "stddev_samp",
}  # fmt: skip
FUNCTIONS = {
    "redshift": STANDARD
    | {
        "btrim", "dateadd", "datediff", "date_part", "mod", "octet_length", "is_object", "is_array", "from_varbyte", "sha2",
        "can_json_parse", "json_serialize", "json_serialize_to_varbyte", "json_size", "lpad", "rpad", "ltrim", "dense_rank", "bool_or",
        "strtol", "regexp_substr",
    },
    "athena": STANDARD
    | {
        "regexp_like", "to_utf8", "to_hex", "sha256", "element_at", "json_extract_scalar", "json_extract",
        "json_format", "to_unixtime", "try", "from_iso8601_timestamp_nanos", "from_unixtime_nanos", "day_of_week", "date_add", "lpad",
        "ltrim", "dense_rank", "map_filter", "map_keys", "map_values",
        "from_utf8", "from_base64", "from_unixtime", "regexp_extract", "split",
        "starts_with", "unnest", "bool_or", "from_base", "mod", "url_decode", "power",
    },
}  # fmt: skip
# models whose SQL is that of another change feed but for names: sqlglot alone looks at them, sqlfluff takes its time
SAME_SHAPE = (
    "__mlb_data", "__object", "__store_sales", "__order_items", "__accounts", "__policies", "__user_profiles", "__clinic_patients",
    "__clinic_providers", "__clinic_encounters", "__job_runs",
)  # fmt: skip
NO_FUNCTIONS = {
    "varchar",
    "decimal",
    "timestamp",
    "map",
    "over",
    "in",
    "and",
    "or",
    "on",
    "as",
    "when",
    "then",
    "else",
    "exists",
    "array",
}

# Constructs that DuckDB takes and the engine refuses, each with where it says so.
DENIED = {
    "redshift": {
        r"\bfilter\s*\(\s*where": "aggregate FILTER: Database Developer Guide, unsupported PostgreSQL features",
        r"\blateral\b": "LATERAL: Database Developer Guide, FROM clause",
        r"\bdistinct\s+on\b": "DISTINCT ON: unsupported PostgreSQL features",
        r"\bfrom\s*\(\s*values\b": "VALUES as a table: unsupported PostgreSQL features",
        r"\b(generate_series|array_agg|string_agg|unnest)\s*\(": "leader-node or missing functions",
        r"\bis\s+(not\s+)?distinct\s+from\b": "IS DISTINCT FROM: not in the list of comparison conditions",
        r"\bunion\s+all\s+by\s+name\b": "DuckDB only",
    },
    "athena": {
        r"\bqualify\b": "QUALIFY: Trino has none",
        r"\blateral\b": "written as cross join unnest",
        r"::": "casts with a double colon",
        r"\bunion\s+all\s+by\s+name\b": "DuckDB only",
    },
}


@pytest.mark.parametrize("target", TARGETS)
def test_parses_and_compiles_without_credentials(compiled: Compilations, target: str) -> None:
    """Nothing of AWS is in the environment of a test's commands, and compiling asks no server."""
    assert len(compiled[target, "full"].manifest()["nodes"]) > 500


@pytest.mark.parametrize("target", ["redshift_serverless", "redshift_password"])
def test_other_ways_to_log_in_are_complete(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """The profile alone, as dbt reads it: models do not differ by how one logs in."""
    for name in [name for name in os.environ if name.startswith(("MILLRACE_", "DBT_", "AWS_"))]:
        monkeypatch.delenv(name)
    set_from_args(Namespace(PROFILES_DIR=str(warehouse.profiles())), None)
    set_invocation_context(os.environ)
    profile = load_profile(str(ROOT), {}, target_override=target)
    assert profile.credentials.type == "redshift"
    assert profile.credentials.to_dict()["sslmode"] == "require"


def compiled_files(compiled: Compilations, target: str, at_least: int = 60) -> list[tuple[str, Path]]:
    """Branch and file of the compiled SQL of models, analyses and gates; once where both branches say the same."""
    files = {
        file.read_text(): (branch, file)
        for branch in ("full", "incremental")
        for file in sorted(compiled[target, branch].target.rglob("compiled/**/*.sql"))
    }
    assert len(files) > at_least
    return list(files.values())


def dialect_problems(compiled: Compilations, target: str, at_least: int = 60) -> list[str]:
    """What two parsers of the engine's dialect do not take.

    sqlfluff takes a tenth of a second for a thousand characters: it reads the files that differ from those it read last, which are noted in
    tests/support/engine_builds.json, and of files that differ by names alone one.
    """
    files = compiled_files(compiled, target, at_least)
    texts = {"/".join(file.parts[file.parts.index("compiled") + 2 :]) + f" {branch}": file.read_text() for branch, file in files}
    parser = digest([version("sqlfluff"), Path(__file__).read_text()])
    read = planned(
        f"{target}: dialect of {compiled.kind}",
        {name: digest(text) for name, text in texts.items()},
        parser,
        "all" if os.environ.get("MILLRACE_ENGINE_BUILDS") == "all" else "changed",
    )
    linter = Linter(config=FluffConfig(overrides={"dialect": target, "templater": "raw", "large_file_skip_byte_limit": 0}))
    problems = []
    for name, text in texts.items():
        sqlglot.parse_one(text, read=target)
        if (read.everything or name in read.changed) and not name.split(".sql")[0].endswith(SAME_SHAPE):
            problems += [f"{name}: {violation.desc()}" for violation in linter.parse_string(text).violations]
    if not problems:
        read.keep()
    return problems


@pytest.mark.parametrize("target", ["redshift", "athena"])
def test_compiled_sql_is_of_the_engine_s_dialect(compiled: Compilations, target: str) -> None:
    assert dialect_problems(compiled, target) == []


def unknown_constructs(text: str, target: str) -> list[str]:
    """Functions that are not on the engine's list, and constructs that it refuses."""
    # in one pass: a literal may hold two hyphens, and a comment an apostrophe
    code = re.sub(r"'[^']*'|--[^\n]*", lambda found: "''" if found.group().startswith("'") else "", text).lower()
    called = set(re.findall(r"\b([a-z_][a-z0-9_]*)\s*\(", code)) - NO_FUNCTIONS - {"from", "join", "using", "by", "where"}
    ctes = {cte.alias.lower() for statement in sqlglot.parse(text, read=target) if statement for cte in statement.find_all(exp.CTE)}
    found = [f"function {name}" for name in sorted(called - FUNCTIONS[target] - ctes)]
    # relations with a list of columns: unnest(...) as name (column)
    found = [name for name in found if not re.search(rf"\bas {name.split()[1]} \(", code)]
    return found + [reason for pattern, reason in DENIED[target].items() if re.search(pattern, code)]


@pytest.mark.parametrize("target", ["redshift", "athena"])
def test_compiled_sql_uses_only_what_the_engine_has(compiled: Compilations, target: str) -> None:
    problems = {file.name: found for _, file in compiled_files(compiled, target) if (found := unknown_constructs(file.read_text(), target))}
    assert problems == {}


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("redshift", "select count(*) filter (where x > 1) from t"),
        ("redshift", "select array_agg(x) from t"),
        ("redshift", "select distinct on (x) x from t"),
        ("redshift", "select gen_random_uuid() from t"),
        ("athena", "select x from t qualify row_number() over (order by x) = 1"),
        ("athena", "select epoch_us(x) from t"),
    ],
)
def test_the_check_finds_what_the_engine_refuses(target: str, text: str) -> None:
    code = [reason for pattern, reason in DENIED[target].items() if re.search(pattern, text)]
    called = set(re.findall(r"\b([a-z_][a-z0-9_]*)\s*\(", text)) - NO_FUNCTIONS - FUNCTIONS[target]
    assert code or called


def test_incremental_models_compile_to_both_branches(compiled: Compilations) -> None:
    for target in TARGETS:
        full = compiled[target, "full"].manifest()["nodes"]
        later = compiled[target, "incremental"].manifest()["nodes"]
        same = [
            key
            for key, node in full.items()
            if node["config"]["materialized"] == "incremental" and node["compiled_code"] == later[key]["compiled_code"]
        ]
        assert same == []


def test_only_engine_macros_look_at_the_engine() -> None:
    """No model, vault macro or analysis tests the target's type; each engine macro that differs says so by dispatch."""
    offenders = [
        str(file.relative_to(ROOT))
        for folder in ("models", "macros/vault", "macros/operations", "macros/tests", "analyses", "tests/gates", "snapshots")
        for file in (ROOT / folder).rglob("*.*")
        if "target.type" in file.read_text() and not file.name.endswith("__unit_tests.yml")
    ]
    assert offenders == []


def test_operations_on_iceberg_tables_are_athena_s(compiled: Compilations) -> None:
    """The statements of the operations, compiled for Athena without a server; on other engines they stop."""
    warehouse = compiled.beside("athena")

    def compiled_text(expression: str) -> str:
        done = warehouse.dbt(
            "--quiet", "compile", "--target", "athena", "--no-populate-cache", "--vars", "{static_compile: full}", "--inline", expression
        )
        return " ".join(done.must_pass().output.split())

    table = "ref('current_dms__sporting_event')"
    columns = "[['id', 'bigint'], ['start_date_time', 'timestamp(6)']]"
    text = compiled_text("{{ previous_snapshot_view(" + table + ", " + columns + ") }}")
    assert 'view "awsdatacatalog"."dev_staging"."current_dms__sporting_event__previous"' in text
    assert "id, cast(start_date_time as timestamp(3)) as start_date_time" in text
    assert "for timestamp as of current_timestamp - interval '5' minute" in text
    text = compiled_text("{{ previous_snapshot_view(" + table + ", " + columns + ", as_of='2022-09-22 18:40:00') }}")
    assert "for timestamp as of timestamp '2022-09-22 18:40:00 UTC'" in text
    text = compiled_text("{{ snapshot_retention_statement(" + table + ", 1, 1) }}")
    assert "alter table `dev_staging`.`current_dms__sporting_event` set tblproperties ( 'vacuum_max_snapshot_age_seconds' = '1'" in text
    operations = [
        ("create_previous_snapshot_view", "{model: current_dms__sporting_event}"),
        ("vacuum_table", "{model: current_dms__sporting_event}"),
        ("copy_job", "{action: run, model: copy_store_sales}"),
        ("create_stream_schema", "{schema: a, source: kinesis, role_arns: [default]}"),
    ]
    for operation, arguments in operations:
        result = compiled.beside("local").dbt("run-operation", operation, "--args", arguments)
        assert result.code != 0
        assert f"the macro '{operation}' has no body for the engine 'duckdb'" in result.output


ERASURE = """
{%- set customer = var('persons')['customer'] -%}
{%- set subjects = [customer] + customer['owns'] -%}
{%- set node = {'name': 'delivered_msk__orders', 'config': {'meta': {'identity': ['kafka_offset']}}} -%}
{%- set columns = ['order_id', 'customer_id', 'kafka_offset', 'outcome', 'outcome_reason', 'record_text'] -%}
{%- set conditions = rows_to_erase(node, columns, subjects, ["O'Neil-\\\\ 1"], 'R1') -%}
{{ record_erased_keys('R1', erased_key_of_values(customer, ["O'Neil-\\\\ 1"])) }}
;;
{{ record_erased_keys('R1', erased_texts(ref('delivered_msk__orders'), conditions[2])) }}
;;
{{ erasure_state('R1', 'customer', 'Erased', 'delivered_msk__orders', 3) }}
{% for condition in conditions -%}
;;
{{ blank_rows(node, ref('delivered_msk__orders'), columns, condition) }}
;;
delete from {{ ref('delivered_msk__orders') }} where {{ condition }}
{% endfor -%}
"""


@pytest.mark.parametrize("target", ["redshift", "athena"])
def test_statements_of_an_erasure_are_of_the_engine_s_dialect(compiled: Compilations, target: str) -> None:
    """Columns of what identifies a record stay, the others go; a key is quoted so that every engine reads it alike."""
    done = compiled.beside(target).dbt(
        "--quiet", "compile", "--target", target, "--no-populate-cache", "--vars", "{static_compile: full}", "--inline", ERASURE
    )
    statements = done.must_pass().output.split(";;")
    assert len(statements) == 9
    for statement in statements:
        assert sqlglot.parse_one(statement, read=target)
        assert unknown_constructs(statement, target) == []
    assert "'O''Neil-' || chr(92) || ' 1'" in statements[0]
    blanked = " ".join(statements[3].split())
    assert "set order_id = null, customer_id = null, record_text = null, outcome_reason = case" in blanked
    assert "outcome = 'quarantined'" in statements[7]
    assert "(^|[^A-Za-z0-9_])O''Neil[-]. 1($|[^A-Za-z0-9_])" in statements[7]
