"""The hash of keys: golden vectors, an independent implementation, and no collisions in an adversarial set."""

from __future__ import annotations

import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ROOT, Warehouse
from hypothesis import given, settings
from hypothesis import strategies as st

VECTORS = json.loads((ROOT / "tests/support/hash_vectors.json").read_text())


def hash_text(parts: list[str | None], case_rule: str = "keep", trim: bool = True) -> str:
    """The specification of docs/hash.md, in Python."""
    written = []
    for part in parts:
        if part is None:
            written.append("^0")
            continue
        text = part.strip(" ") if trim else part
        if case_rule == "upper":
            text = "".join(letter.upper() if "a" <= letter <= "z" else letter for letter in text)
        written.append(text.replace("^", "^^").replace("|", "^|"))
    return "|".join(written)


def hash_key(parts: list[str | None], case_rule: str = "keep", algorithm: str = "md5") -> str:
    """Hash key of a business key."""
    digest = hashlib.new(algorithm, hash_text(parts, case_rule).encode())
    return "0" * len(digest.hexdigest()) if all(part is None for part in parts) else digest.hexdigest()


def compiled_hashes(folder: Path, target: str) -> dict[str, str]:
    """The macro's SQL for one, two and three parts, by algorithm and case rule."""
    warehouse = Warehouse(folder, environment={"MILLRACE_TARGET": target})
    names = {}
    for algorithm in ("md5", "sha256"):
        marked = "".join(
            f"[{rule}{count}]{{{{ hash_key({[f'part{number}' for number in range(count)]}, case_rule='{rule}') }}}}"
            for rule in ("keep", "upper")
            for count in (1, 2, 3)
        )
        marked += "[coded1]{{ hash_key([{'column': 'part0', 'collision_code': 'crm'}]) }}"
        result = warehouse.dbt(
            "--quiet", "compile", "--inline", marked, "--vars", json.dumps({"hash_algorithm": algorithm}), "--no-populate-cache"
        ).must_pass()
        for piece in result.output.split("[")[1:]:
            name, _, sql = piece.partition("]")
            names[f"{algorithm}-{name}"] = sql.strip()
    return names


@pytest.fixture(scope="module")
def expressions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The hash as DuckDB takes it."""
    return compiled_hashes(tmp_path_factory.mktemp("hash"), "local")


def duckdb_hash(expressions: dict[str, str], parts: list[str | None], rule: str = "keep", algorithm: str = "md5") -> str:
    """What the macro gives on DuckDB."""
    columns = ", ".join(f"cast(${number + 1} as varchar) as part{number}" for number in range(len(parts)))
    query = f"select {expressions[f'{algorithm}-{rule}{len(parts)}']} from (select {columns})"
    return str(duckdb.execute(query, parts).fetchall()[0][0])


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["why"] for vector in VECTORS])
def test_golden_vectors(expressions: dict[str, str], vector: dict[str, object]) -> None:
    parts, rule = vector["parts"], str(vector.get("case_rule", "keep"))
    assert isinstance(parts, list)
    for algorithm in ("md5", "sha256"):
        assert hash_key(parts, rule, algorithm) == vector[algorithm]
        assert duckdb_hash(expressions, parts, rule, algorithm) == vector[algorithm]


def literal_query(expression: str, parts: list[str | None]) -> str:
    """Query of a compiled hash over literals."""
    texts = ["cast(null as varchar(200))" if part is None else "cast('" + part.replace("'", "''") + "' as varchar(200))" for part in parts]
    columns = ", ".join(f"{text} as part{number}" for number, text in enumerate(texts))
    return f"select {expression} as found from (select {columns}) as keys"


@pytest.fixture(scope="module")
def redshift_hashes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The hash as Redshift takes it."""
    return compiled_hashes(tmp_path_factory.mktemp("redshift_hashes"), "redshift_password")


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["why"] for vector in VECTORS])
def test_golden_vectors_on_redshift(redshift_connection: Any, redshift_hashes: dict[str, str], vector: dict[str, Any]) -> None:
    for algorithm in ("md5", "sha256"):
        expression = redshift_hashes[f"{algorithm}-{vector.get('case_rule', 'keep')}{len(vector['parts'])}"]
        with redshift_connection.cursor() as cursor:
            cursor.execute(literal_query(expression, vector["parts"]))
            assert [tuple(row) for row in cursor.fetchall()] == [(vector[algorithm],)]


def test_a_collision_code_tells_the_keys_of_two_systems_apart(expressions: dict[str, str]) -> None:
    assert duckdb_hash(expressions, [" A-1 "], "coded") == hash_key(["crm:A-1"]) != hash_key(["A-1"])
    assert duckdb_hash(expressions, [None], "coded") == hash_key([None])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.none() | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=1, max_size=3))
def test_the_macro_follows_the_specification(expressions: dict[str, str], parts: list[str | None]) -> None:
    assert duckdb_hash(expressions, parts) == hash_key(parts)


def test_no_two_keys_of_the_adversarial_set_collide() -> None:
    words = [
        None,
        "",
        "a",
        "A",
        "|",
        "^",
        "^0",
        "^|",
        "a|b",
        "a^",
        "|a",
        "0",
        "00",
        "NULL",
        "null",
        "ä",
        "ß",
        "\t",
        "a\tb",
        "1",
        "1.0",
    ]
    seen: dict[str, list[str | None]] = {}
    for count in (1, 2, 3):
        for parts in itertools.product(words, repeat=count):
            text = hash_text(list(parts))
            if all(part is None for part in parts):
                continue
            assert text not in seen, (parts, seen.get(text))
            seen[text] = list(parts)


def test_an_unknown_algorithm_stops_with_the_fix(tmp_path: Path) -> None:
    result = Warehouse(tmp_path).dbt("compile", "--inline", "{{ digest('x') }}", "--vars", '{"hash_algorithm": "crc32"}')
    assert result.code != 0
    assert "Use md5 or sha256" in result.output
