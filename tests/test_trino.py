"""What is compiled for Athena means on Trino, the engine under Athena, what it means on DuckDB: expressions, payloads, hashes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from maven import Missing
from test_engine_macros import CASES, PAYLOAD, PAYLOAD_CASES, compiled, rows_of, shown
from test_hash import VECTORS, compiled_hashes, literal_query
from trino_server import TrinoServer


@pytest.fixture(scope="module")
def server() -> Iterator[TrinoServer]:
    """A server for these tests; where there is none the tests say why they were not run."""
    try:
        trino = TrinoServer()
    except Missing as reason:
        pytest.skip(f"no Trino: {reason}")
    with trino:
        yield trino


@pytest.fixture(scope="module")
def athena_sql(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The cases of the other engines, compiled for Athena."""
    return compiled(tmp_path_factory.mktemp("athena"), "athena")


@pytest.fixture(scope="module")
def athena_hashes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The hash as Athena takes it."""
    return compiled_hashes(tmp_path_factory.mktemp("athena_hashes"), "athena")


@pytest.mark.parametrize("name", CASES)
def test_expressions_on_trino(server: TrinoServer, athena_sql: dict[str, str], name: str) -> None:
    _, words, expected = CASES[name]
    assert [shown(server.rows(f"select {athena_sql[name]} as found from {rows_of(word)}")[0][0]) for word in words] == expected


@pytest.mark.parametrize("name", PAYLOAD_CASES)
def test_payloads_on_trino(server: TrinoServer, athena_sql: dict[str, str], name: str) -> None:
    query = athena_sql[name].replace("from payloads", f"from (select '{PAYLOAD}' as payload)")
    assert sorted(server.rows(query)) == PAYLOAD_CASES[name][1]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["why"] for vector in VECTORS])
def test_golden_vectors_on_trino(server: TrinoServer, athena_hashes: dict[str, str], vector: dict[str, Any]) -> None:
    for algorithm in ("md5", "sha256"):
        expression = athena_hashes[f"{algorithm}-{vector.get('case_rule', 'keep')}{len(vector['parts'])}"]
        assert server.rows(literal_query(expression, vector["parts"])) == [(vector[algorithm],)]


def test_the_session_is_utc_and_times_have_microseconds(server: TrinoServer) -> None:
    """What the comparisons above rest on."""
    assert server.rows("select current_timezone(), timestamp '2023-01-01 00:00:00.000001'") == [
        ("UTC", datetime(2023, 1, 1, microsecond=1))
    ]
