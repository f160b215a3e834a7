"""Updates of Flink applications and launches of workflows: the published example, and documents as they come late, twice and incomplete."""

from __future__ import annotations

import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import Warehouse
from domains.flink import APPLICATION, operation
from domains.flink import write as write_operations
from domains.workflows import change, way
from domains.workflows import write as write_launches

UPDATES = ["+fct_application_updates", "quarantine_flink__operations", "accounting_flink__operations"]
LAUNCHES = ["+agg_workflow_launches", "quarantine_workflows__launches", "accounting_workflows__launches"]
FACTS = "select operation_id, update_outcome, downtime_seconds, is_up_again from dev_marts.fct_application_updates order by 1"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The samples."""
    warehouse = Warehouse(tmp_path_factory.mktemp("services"))
    write_operations(warehouse.landing)
    write_launches(warehouse.landing)
    warehouse.dbt("build", "-s", *UPDATES, *LAUNCHES).must_pass()
    return warehouse


def land(warehouse: Warehouse, folder: str, name: str, *documents: dict[str, Any]) -> None:
    warehouse.write(f"{folder}/{name}.jsonl", "".join(json.dumps(one) + "\n" for one in documents))


def moment(minute: int, second: int = 0) -> str:
    return f"2024-07-01T10:{minute:02}:{second:02}+00:00"


def test_an_update_that_was_rolled_back(published: Warehouse) -> None:
    """AWS Big Data Blog, system rollback of Managed Service for Apache Flink: 129 seconds of update, 156 of rollback."""
    assert published.rows(FACTS) == [("aM2fT9wqXXXX", "succeeded", 130.0, True), ("zIxXBZfQXXXX", "rolled back", 285.0, True)]
    columns = "version_from, version_to, rollback_operation_id, up_again_at"
    assert published.rows(f"select {columns} from dev_marts.fct_application_updates order by operation_id desc") == [
        (3, 4, "Z4mg9iXiXXXX", datetime(2024, 6, 20, 15, 54, 49)), (3, 5, None, datetime(2024, 6, 21, 8, 2, 10)),
    ]  # fmt: skip


def test_what_becomes_of_updates(tmp_path: Path) -> None:
    """Without details the next operation is the rollback, if it is one. Documents land in any order and again; the last state counts."""
    warehouse = Warehouse(tmp_path)
    update, back = "UpdateApplication", "SystemRollbackApplication"
    documents = [
        operation("01", update, moment(0), moment(1), "SUCCESSFUL"),
        # taken back, and the details did not land
        operation("02", update, moment(2), moment(3), "FAILED"),
        operation("03", back, moment(3), moment(4), "SUCCESSFUL"),
        # the rollback failed too: somebody started it again later
        operation("04", update, moment(5), moment(6), "FAILED"),
        operation("05", back, moment(6), moment(7), "FAILED"),
        operation("06", "StopApplication", moment(8), moment(9), "SUCCESSFUL"),
        operation("07", "StartApplication", moment(10), moment(11), "SUCCESSFUL"),
        # nothing takes it back where that is not asked for
        operation("08", update, moment(12), moment(13), "FAILED"),
        operation("09", "StartApplication", moment(20), moment(21), "SUCCESSFUL"),
        operation("10", update, moment(22), None, "IN_PROGRESS"),
        {**operation("11", update, moment(22), None, "IN_PROGRESS"), "ApplicationName": "other"},
    ]
    refused = [{**documents[0], "OperationId": None}, {**documents[0], "OperationId": "12", "StartTime": "soon"}]
    chance = random.Random(4)
    shuffled = [*documents, *documents[:4], *refused]
    chance.shuffle(shuffled)
    land(warehouse, "flink/operations", "first", *shuffled[:7])
    warehouse.dbt("build", "-s", *UPDATES).must_pass()
    land(warehouse, "flink/operations", "second", *shuffled[7:])
    warehouse.dbt("build", "-s", *UPDATES, "--exclude", "test_name:quarantine_stays_low").must_pass()
    expected = [
        ("01", "succeeded", 60.0, True), ("02", "rolled back", 120.0, True), ("04", "rollback failed", 360.0, True),
        ("08", "failed", 540.0, True), ("10", "in progress", None, False), ("11", "in progress", None, False),
    ]  # fmt: skip
    assert warehouse.rows(FACTS) == expected
    reasons = "select quarantine_reason from dev_staging.quarantine_flink__operations order by 1"
    assert warehouse.rows(reasons) == [("OperationId is missing",), ("StartTime is no timestamp",)]
    # its end lands, and what it was before once more behind it
    land(warehouse, "flink/operations", "third", operation("10", update, moment(22), moment(23), "FAILED"), documents[9])
    land(warehouse, "flink/operations", "fourth", operation("12", back, moment(23), None, "IN_PROGRESS"))
    warehouse.dbt("run", "-s", *UPDATES).must_pass()
    assert warehouse.rows(FACTS) == [*expected[:4], ("10", "rolling back", None, False), expected[5]]
    # a rollback that the details name, and that has not landed
    named = {"OperationFailureDetails": {"RollbackOperationId": "14"}}
    land(warehouse, "flink/operations", "fifth", operation("13", update, moment(30), moment(31), "FAILED", **named))
    warehouse.dbt("run", "-s", *UPDATES).must_pass()
    assert warehouse.rows(FACTS)[-1] == ("13", "rolling back", None, False)
    assert {name for (name,) in warehouse.rows("select application_name from dev_marts.fct_application_updates")} == {APPLICATION, "other"}


def test_launches_of_the_sample(published: Warehouse) -> None:
    columns = "launch_id, launch_status, error_class, attempts, was_on_spot, fell_back_to_on_demand, is_stuck, is_in_order"
    rows = published.rows(f"select {columns} from dev_marts.fct_workflow_launches order by 1")
    assert rows[3:] == [
        ("L-4", "SUCCEEDED", None, 1, False, False, False, True),
        ("L-5", "FAILED", "OutOfMemoryError", 1, False, False, False, True),
        ("L-6", "RUNNABLE", None, 1, False, False, True, True),
        ("L-7", "SUCCEEDED", None, 2, True, True, False, True),
        ("L-8", "FAILED", "MissingRequiredParametersError", 1, False, False, False, True),
    ]
    # 53, 60, 80 and 100 minutes: the middle of the second and third, and 15 hundredths short of the last
    assert published.rows(
        "select compute_engine, launches, succeeded_launches, failed_launches, stuck_launches, retries, p50_seconds / 60, "
        "p95_seconds / 60, cost_dollars, dollars_per_success from dev_marts.agg_workflow_launches order by 1"
    ) == [("AWS Batch", 7, 4, 2, 1, 1, 70.0, 97.0, 7.5, 1.875), ("default", 1, 1, 0, 0, 0, 43.0, 43.0, 3.5, 3.5)]


def test_launches_in_any_order_are_those_of_one_load(published: Warehouse, tmp_path: Path) -> None:
    """Changes shuffled over three loads, some again; a step back without a new attempt and an unknown state are shown as such."""
    # the status reason of AWS Batch, as users report it (Seqera support, Spot interruptions)
    taken = "Host EC2 (instance i-0282b396e52b4c95d) terminated."
    odd = [
        *way("O-1", 0, 5), change("O-2", "RUNNING", 1), change("O-2", "RUNNABLE", 2), change("O-3", "THINKING", 3),
        change("O-4", "RUNNING", 400), *way("O-7", 0, 5, "FAILED", error_message=taken),
        *way("O-8", 0, 5, "FAILED", error_message="exit 1"),
    ]  # fmt: skip
    refused = [{**change("O-5", "RUNNING", 4), "changed_at": None}, {**change("O-6", "RUNNING", 4), "status": None}]
    files = list((published.landing / "workflows/launches").glob("*.jsonl"))
    documents = [json.loads(line) for file in files for line in file.read_text().splitlines()] + odd
    query = "select * from dev_marts.fct_workflow_launches order by launch_id"
    once, parts = Warehouse(tmp_path / "once"), Warehouse(tmp_path / "parts")
    land(once, "workflows/launches", "all", *documents, *refused)
    once.dbt("build", "-s", *LAUNCHES, "--exclude", "test_name:quarantine_stays_low").must_pass()
    random.Random(7).shuffle(documents)
    for number in range(3):
        again = documents[: number * 2]
        land(parts, "workflows/launches", str(number), *documents[number::3], *again)
        parts.dbt("run", "-s", *LAUNCHES).must_pass()
    assert parts.rows(query) == once.rows(query)
    classes = "select launch_id, error_class from dev_marts.fct_workflow_launches where launch_id > 'O-4' order by 1"
    assert once.rows(classes) == [("O-7", "spot interruption"), ("O-8", "other")]
    shown = (
        "select launch_id, is_in_order, is_stuck from dev_marts.fct_workflow_launches where launch_id between 'O-1' and 'O-4' order by 1"
    )
    assert once.rows(shown) == [("O-1", True, False), ("O-2", False, True), ("O-3", False, True), ("O-4", True, False)]
    reasons = "select quarantine_reason from dev_staging.quarantine_workflows__launches order by 1"
    assert once.rows(reasons) == [("status is missing",), ("the change has no commit time",)]
