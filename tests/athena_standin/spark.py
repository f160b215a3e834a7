"""The part of Athena's API that runs Python models: sessions of Spark, and calculations in them."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from maven import Missing, jar, java_home

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv/spark/bin/python"
JAVA = (17, 21)  # releases that Spark 4.0 runs on
JARS = (
    ("org.apache.iceberg", "iceberg-spark-runtime-4.0_2.13", "1.10.0", "0480f1248e0a8b50ae2a730d7ad3e1a727351c362ca63f4a0c35182087a49323"),
    ("org.apache.iceberg", "iceberg-aws-bundle", "1.10.0", "172370cfc32a5f1ae5399b210e86fc04a366dc29a112d97ac8ffc74df7525596"),
)
LONGEST_WAIT = 20


class Spark:
    """Sessions by their identifier. They share one process of Spark for each set of properties.

    missing: what of Spark is not to be had here; empty where it can run.
    """

    def __init__(self, endpoint: str, region: str) -> None:
        self._endpoint, self._region = endpoint, region
        self._jars: list[Path] = []
        self.missing = ""
        try:
            if not PYTHON.exists():
                raise Missing("no environment for Spark in .venv/spark; make .venv/spark/.installed")
            self._java = java_home(*JAVA)
            self._jars = [jar(*one) for one in JARS]
        except Missing as reason:
            self.missing = str(reason)
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._sessions: dict[str, str] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._threads = ThreadPoolExecutor(4)
        self.calculations: dict[str, tuple[str, str, Future[dict[str, Any]]]] = {}

    def close(self) -> None:
        """Ends what runs."""
        for process in self._processes.values():
            process.kill()
            process.wait()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def start_session(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartSession."""
        given = request.get("EngineConfiguration", {}).get("SparkProperties", {})
        catalog = next((name for name in given if name.startswith("spark.sql.catalog.") and name.count(".") == 3), None)
        here = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
                "spark.sql.catalogImplementation": "in-memory", "spark.sql.shuffle.partitions": "2",
                "spark.jars": ",".join(map(str, self._jars))}  # fmt: skip
        if catalog:
            here |= {f"{catalog}.s3.endpoint": self._endpoint, f"{catalog}.glue.endpoint": self._endpoint,
                     f"{catalog}.s3.path-style-access": "true", f"{catalog}.client.region": self._region}  # fmt: skip
        properties = json.dumps({**given, **here}, sort_keys=True)
        identifier = str(uuid.uuid4())
        self._sessions[identifier] = properties
        if properties not in self._processes:
            self._processes[properties] = self._begun(properties)
            self._locks[properties] = threading.Lock()
        return {"SessionId": identifier, "State": "IDLE"}

    def _begun(self, properties: str) -> subprocess.Popen[str]:
        environment = {
            "PATH": f"{self._java / 'bin'}:{os.environ['PATH']}", "JAVA_HOME": str(self._java), "AWS_ACCESS_KEY_ID": "stand-in",
            "AWS_SECRET_ACCESS_KEY": "stand-in", "AWS_REGION": self._region, "HOME": os.environ.get("HOME", "/tmp"),
            "PYSPARK_PYTHON": str(PYTHON),
        }  # fmt: skip
        return subprocess.Popen(
            [str(PYTHON), str(Path(__file__).with_name("spark_session.py")), properties],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
        )  # fmt: skip

    def start_calculation(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartCalculationExecution."""
        identifier = str(uuid.uuid4())
        session = request["SessionId"]
        self.calculations[identifier] = (session, request["CodeBlock"], self._threads.submit(self._run, session, request["CodeBlock"]))
        return {"CalculationExecutionId": identifier, "State": "CREATING"}

    def _run(self, session: str, code: str) -> dict[str, Any]:
        properties = self._sessions[session]
        process = self._processes[properties]
        assert process.stdin
        assert process.stdout
        with self._locks[properties]:
            process.stdin.write(json.dumps(code) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        return dict(json.loads(answer)) if answer else {"State": "FAILED", "StateChangeReason": "the session of Spark ended"}

    def calculation(self, identifier: str) -> dict[str, Any]:
        """GetCalculationExecution, held back while it runs."""
        session, _, future = self.calculations[identifier]
        try:
            status = future.result(LONGEST_WAIT)
        except TimeoutError:
            status = {"State": "RUNNING"}
        return {"CalculationExecutionId": identifier, "SessionId": session, "Status": status,
                "Result": {"StdOutS3Uri": "", "StdErrorS3Uri": "", "ResultS3Uri": "", "ResultType": ""}}  # fmt: skip
