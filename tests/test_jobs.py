"""Runs of jobs: waiting, running and cost, against published figures, and documents as they go wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import Warehouse, copy_of
from make_jobs import emr_run, glue_run

MODELS = ["ref_capacity_prices", "+agg_job_configurations", "path:models/staging/platform/glue", "path:models/staging/platform/emr"]


@pytest.fixture(scope="module")
def built(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample."""
    return copy_of(sample, tmp_path_factory.mktemp("jobs"))


def test_costs_of_worker_types(built: Warehouse) -> None:
    """Source 35, 3 TB: 537.4, 264.6 and 122.6 minutes; $236.46, $232.85 and $215.78."""
    rows = built.rows(
        "select configuration_name, p50_running_seconds / 60, round(cost_per_run, 2), round(running_ratio, 3), round(cost_ratio, 3), "
        "runs, succeeded_runs, waiting_runs from dev_marts.agg_job_configurations where service = 'Glue' order by 1"
    )
    assert rows == [
        ("G.2X x 30", pytest.approx(537.4), 236.46, 1.0, 1.0, 1, 1, 0),
        ("G.4X x 30", pytest.approx(264.6), 232.85, 0.492, 0.985, 1, 1, 0),
        ("G.8X x 30", pytest.approx(122.6), 215.78, 0.228, 0.913, 4, 2, 3),
    ]


def test_larger_executors(built: Warehouse) -> None:
    """Source 36: 153,244 and 108,136 milliseconds, 29.44 % less."""
    rows = built.rows(
        "select round(100 * (1 - running_ratio), 2), cost_ratio < 0.72 from dev_marts.agg_job_configurations "
        "where service = 'EMR' order by 1"
    )
    assert rows == [(0.0, False), (29.44, True)]


def test_what_became_of_waiting(built: Warehouse) -> None:
    """Source 38: runs that wait, that waited and ran, and one for which the fifteen minutes were over."""
    assert built.rows(
        "select run_outcome, queue_outcome, waiting_seconds, running_seconds, cast(cost_amount as double), cost_basis "
        "from dev_marts.fct_job_runs where service = 'Glue' order by requested_at"
    ) == [
        ("succeeded", "ran at once", 20, 32244, pytest.approx(236.456), "DPU hours"),
        ("succeeded", "ran at once", 20, 15876, pytest.approx(232.848), "DPU hours"),
        ("succeeded", "ran at once", 20, 7356, pytest.approx(215.776), "DPU hours"),
        ("succeeded", "waited, then ran", 400, 7356, pytest.approx(215.776), "DPU hours"),
        ("failed", "gave up", 900, 0, 0, "DPU hours"),
        ("waiting", "waiting", 90, 0, 0, "DPU hours"),
    ]


def land(warehouse: Warehouse, service: str, *runs: dict[str, Any], name: str = "runs") -> None:
    """Documents back to back, as a command prints them."""
    warehouse.write(f"job_runs/{service}/{name}.jsonl", "".join(json.dumps(run, indent=2) for run in runs))


def test_states_of_a_run_that_land_in_turn(warehouse: Warehouse) -> None:
    """The newest counts, also where it comes first; what cannot be used is refused; no cost for EMR on EKS, nor where no price is known."""
    ended = glue_run(1, "G.1X", 10, 10, 600, JobRunQueuingEnabled=False)
    waiting = {**glue_run(1, "G.1X", 10, 10, 0, waiting=5, JobRunState="WAITING"), "CompletedOn": None}
    land(
        warehouse,
        "glue",
        ended,
        {**ended, "Id": None},
        {**ended, "Id": "jr_2", "JobRunState": None},
        {**ended, "Id": "jr_3", "ExecutionTime": "long"},
    )
    eks = {**emr_run(1, "", 60_000, 4), "state": "COMPLETED", "billedResourceUtilization": None, "applicationId": None}
    land(warehouse, "emr", eks, {**eks, "jobRunId": "other", "state": "ANEW"})
    warehouse.dbt("build", "-s", *MODELS, "--vars", "{job_runs_region: moon-1}").must_pass()
    land(warehouse, "glue", ended, waiting, name="again")
    warehouse.dbt("build", "-s", *MODELS, "--vars", "{job_runs_region: moon-1}").must_pass()
    assert warehouse.rows(
        "select service, run_outcome, running_seconds, cost_amount, cost_basis from dev_marts.fct_job_runs order by service, run_outcome"
    ) == [
        ("EMR", "succeeded", 60, None, "capacity unknown"), ("EMR", "unknown", 60, None, "capacity unknown"),
        ("Glue", "succeeded", 600, None, "price unknown"),
    ]  # fmt: skip
    assert warehouse.rows("select count(*), sum(case when is_current then 1 else 0 end) from dev_staging.history_glue__job_runs") == [
        (2, 1)
    ]
    assert warehouse.rows("select quarantine_reason from dev_staging.quarantine_glue__job_runs order by 1") == [
        ("ExecutionTime is no whole number",), ("Id is missing",), ("JobRunState is missing",),
    ]  # fmt: skip
    assert warehouse.rows("select sum(delivered_records), sum(duplicate_records) from dev_staging.accounting_glue__job_runs") == [(6, 1)]


def test_break_even_of_provisioned_capacity(built: Warehouse) -> None:
    """24 DPUs for 8 hours are the least one can buy; less is paid for all the same."""
    plans = {"athena_capacity_plans": [{"dpus": 24, "minutes": 60}, {"dpus": 48, "minutes": 600}]}
    built.dbt("compile", "-s", "athena_capacity_break_even", "--vars", json.dumps(plans)).must_pass()
    rows = built.rows((built.target / "compiled/millrace/analyses/platform/athena_capacity_break_even.sql").read_text())
    assert [[float(value) if not isinstance(value, str) else value for value in row] for row in rows] == [
        [24, 60, 480, 57.6, "USD", 11.52], [48, 600, 600, 144.0, "USD", 28.8],
    ]  # fmt: skip
    refused = built.dbt(
        "compile", "-s", "athena_capacity_break_even", "--vars", json.dumps({"athena_capacity_plans": [{"dpus": 8, "minutes": 1}]})
    )
    assert refused.code != 0
    assert "the variable athena_capacity_plans needs dpus (24 or more, in steps of 4) and minutes" in refused.output
