"""Writes runs of jobs as `aws glue get-job-runs` and `aws emr-serverless get-job-run` have them: job_runs/<service>/*.jsonl.

Three sizes of workers for one job of Glue, whose costs AWS published, runs that waited for capacity and one that gave up; and one job of
EMR Serverless with small and with large executors.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from make_feeds import write_if_changed

BEGIN = datetime(2024, 3, 5, 20, tzinfo=UTC)


def glue_run(number: int, worker: str, workers: int, dpu: float, seconds: int, **fields: Any) -> dict[str, Any]:
    """A run of Glue; waiting: seconds before it began."""
    waiting = fields.pop("waiting", 20)
    started = BEGIN + timedelta(hours=number)
    ended = started + timedelta(seconds=waiting + seconds)
    return {
        "Id": f"jr_{number:064x}", "Attempt": 0, "JobName": "load_orders", "StartedOn": started.isoformat(),
        "LastModifiedOn": ended.isoformat(), "CompletedOn": ended.isoformat(), "JobRunState": "SUCCEEDED", "AllocatedCapacity": int(dpu),
        "ExecutionTime": seconds, "Timeout": 2880,
        "MaxCapacity": dpu, "WorkerType": worker, "NumberOfWorkers": workers, "LogGroupName": "/aws-glue/jobs", "GlueVersion": "4.0",
        "ExecutionClass": "STANDARD", "JobRunQueuingEnabled": True, **fields,
    }  # fmt: skip


def emr_run(number: int, settings: str, milliseconds: int, vcpu: int, **fields: Any) -> dict[str, Any]:
    """A run of EMR Serverless."""
    created = BEGIN + timedelta(hours=number)
    started = created + timedelta(seconds=5)
    ended = started + timedelta(milliseconds=milliseconds)
    hours = milliseconds / 3_600_000
    return {
        "applicationId": "00f1a2b3c4d5e6f7", "jobRunId": f"00f{number:013x}", "name": "shuffle", "state": "SUCCESS", "stateDetails": "",
        "createdAt": created.isoformat(), "startedAt": started.isoformat(), "endedAt": ended.isoformat(), "updatedAt": ended.isoformat(),
        "queuedDurationMilliseconds": 0, "totalExecutionDurationSeconds": milliseconds // 1000, "releaseLabel": "emr-6.10.0",
        "jobDriver": {"sparkSubmit": {"entryPoint": "s3://jobs/shuffle.py", "sparkSubmitParameters": settings}},
        "billedResourceUtilization": {"vCPUHour": round(vcpu * hours, 3), "memoryGBHour": round(vcpu * 8 * hours, 3), "storageGBHour": 0.0},
        **fields,
    }  # fmt: skip


def write_job_runs(root: Path) -> None:
    """The sample."""
    glue = [
        glue_run(1, "G.2X", 30, 60, 32_244), glue_run(2, "G.4X", 30, 120, 15_876), glue_run(3, "G.8X", 30, 240, 7_356),
        glue_run(4, "G.8X", 30, 240, 7_356, waiting=400),
        glue_run(5, "G.8X", 30, 240, 0, waiting=900, JobRunState="FAILED", ErrorMessage="Max concurrent DPUs exceeded"),
        {**glue_run(6, "G.8X", 30, 240, 0, waiting=90, JobRunState="WAITING"), "CompletedOn": None},
    ]  # fmt: skip
    emr = [
        emr_run(1, "--conf spark.executor.cores=4 --conf spark.executor.instances=48", 153_244, 192),
        emr_run(2, "--conf spark.executor.cores=8 --conf spark.executor.instances=24", 108_136, 192),
    ]
    for service, runs in {"glue": glue, "emr": emr}.items():
        text = "".join(json.dumps(run) + "\n" for run in runs)
        file = root / "job_runs" / service / "2024-03-06.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_if_changed(file, text.encode())
