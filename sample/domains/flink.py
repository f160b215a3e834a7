"""Writes operations on a Flink application as `aws kinesisanalyticsv2 describe-application-operation` has them: flink/operations/*.jsonl.

The three operations of AWS's example of a system rollback: a start, an update that failed, and what took it back;
and an update of ours on the next day, which went well. docs/jobs.md has the command.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from make_feeds import write_if_changed

APPLICATION = "sample-app-system-rollback-test"


def operation(identifier: str, kind: str, start: str, end: str | None, state: str, **details: Any) -> dict[str, Any]:
    """One document, with the names that the command adds."""
    return {
        "Operation": kind, "StartTime": start, "EndTime": end, "OperationStatus": state, **details,
        "ApplicationName": APPLICATION, "OperationId": identifier, "UpdatedAt": end or start,
    }  # fmt: skip


def write(root: Path) -> None:
    """The sample."""
    operations = [
        operation("Z4mg9iXiXXXX", "SystemRollbackApplication", "2024-06-20T16:52:13+01:00", "2024-06-20T16:54:49+01:00", "SUCCESSFUL"),
        operation(
            "zIxXBZfQXXXX", "UpdateApplication", "2024-06-20T16:50:04+01:00", "2024-06-20T16:52:13+01:00", "FAILED",
            ApplicationVersionChangeDetails={"ApplicationVersionUpdatedFrom": 3, "ApplicationVersionUpdatedTo": 4},
            OperationFailureDetails={
                "RollbackOperationId": "Z4mg9iXiXXXX",
                "ErrorInfo": {"ErrorString": "org.apache.flink.runtime.rest.handler.RestHandlerException: Could not execute application."},
            },
        ),
        operation(
            "aM2fT9wqXXXX", "UpdateApplication", "2024-06-21T09:00:00+01:00", "2024-06-21T09:02:10+01:00", "SUCCESSFUL",
            ApplicationVersionChangeDetails={"ApplicationVersionUpdatedFrom": 3, "ApplicationVersionUpdatedTo": 5},
        ),
        operation("BPyrMrrlXXXX", "StartApplication", "2024-06-20T15:26:03+01:00", "2024-06-20T15:28:05+01:00", "SUCCESSFUL"),
    ]  # fmt: skip
    file = root / "flink" / "operations" / "2024-06-20.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_if_changed(file, "".join(json.dumps(one) + "\n" for one in operations).encode())
