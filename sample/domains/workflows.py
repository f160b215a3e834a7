"""Writes the ledger of a manager of workflows, one document per change of a launch: workflows/launches/*.jsonl.

The fields are those that AWS's posts on genomics workflows name (launch, type, compute engine, data and configuration path,
status, log stream); the states are those of AWS Batch. Launches that succeed, one for which the memory was too small, one that
nobody has capacity for, one that was taken from Spot and went on on demand, and one without a configuration.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from make_feeds import write_if_changed

BEGIN = datetime(2024, 3, 5, 8, tzinfo=UTC)
WAY = ["SUBMITTED", "RUNNABLE", "STARTING", "RUNNING"]


def change(launch: str, status: str, minutes: float, engine: str | None = "AWS Batch", **fields: Any) -> dict[str, Any]:
    """One change, minutes behind the beginning of the sample."""
    return {
        "launch_id": launch, "workflow_type": "Snakemake", "compute_engine": engine, "data_path": "s3://genomes/run-7/",
        "configuration_path": f"s3://genomes/config/{launch}.yaml", "status": status, "attempt": 1, "is_spot": False,
        "log_stream": f"{launch}.log", "changed_at": (BEGIN + timedelta(minutes=minutes)).isoformat(), **fields,
    }  # fmt: skip


def way(
    launch: str, begin: float, minutes: float, end: str = "SUCCEEDED", engine: str | None = "AWS Batch", **fields: Any
) -> list[dict[str, Any]]:
    """The changes of a launch that went its way."""
    own = [change(launch, state, begin + number, engine) for number, state in enumerate(WAY)]
    return [*own, change(launch, end, begin + len(WAY) - 1 + minutes, engine, **fields)]


def write(root: Path) -> None:
    """The sample."""
    changes = [
        *way("L-1", 0, 57, cost_amount=1.25), *way("L-2", 5, 77, cost_amount=1.75), *way("L-3", 9, 97, cost_amount=2.0),
        *way("L-4", 12, 40, engine=None, cost_amount=3.5),
        *way("L-5", 20, 12, "FAILED", error_message="OutOfMemoryError: Container killed due to memory usage", cost_amount=0.3),
        # nobody has capacity for it
        *[change("L-6", state, 30 + number) for number, state in enumerate(WAY[:2])],
        # taken from Spot, begun once more on demand
        *[change("L-7", state, 40 + number, is_spot=True) for number, state in enumerate(WAY)],
        *[change("L-7", state, 60 + number, attempt=2) for number, state in enumerate(WAY[1:])],
        change("L-7", "SUCCEEDED", 93, attempt=2, cost_amount=2.2),
        change("L-8", "FAILED", 50, configuration_path=None, error_message="MissingRequiredParametersError: configuration file"),
    ]  # fmt: skip
    file = root / "workflows" / "launches" / "2024-03-05.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_if_changed(file, "".join(json.dumps(one) + "\n" for one in changes).encode())
