"""dbt commands as processes of their own. Those of a project that is parsed already are forks of a process that holds its manifest.

Parsing is most of a short command: 22 s of it for other variables, 4 s where dbt can go on from what it parsed before. A fork takes the
parsed project over as it is. This module imports nothing heavy: each of these processes imports it first.
"""

from __future__ import annotations

import atexit
import functools
import json
import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

# dbt commands begin as forks of a process that has imported dbt: a third of a short command is the import
DBT_PROCESSES = multiprocessing.get_context("forkserver")
DBT_PROCESSES.set_forkserver_preload(["dbt.cli.main", "dbt.adapters.duckdb", "dbt.adapters.redshift", "dbt.adapters.athena", "agate"])
# What dbt reads of these while it parses ends in the manifest; a command with another value of one of them parses for itself.
# tests/test_dbt_runs.py holds this list against the project.
PARSED_VARIABLES = frozenset(
    {
        "allow_full_refresh",
        "change_feeds",
        "replay_same_within",
        "replay_same_within_ms",
        "s3_inventory_columns",
        "s3_inventory_format",
        "s3_owner_tag",
    }
)
# Read when a command runs, and never while parsing.
RUN_ENVIRONMENT = frozenset(
    {
        "MILLRACE_LANDING", "MILLRACE_DB", "MILLRACE_SNAPSHOTS_END_ON", "MILLRACE_JOB", "MILLRACE_MEMORY_LIMIT", "MILLRACE_REDSHIFT_HOST",
        "MILLRACE_REDSHIFT_PORT", "MILLRACE_REDSHIFT_USER", "MILLRACE_REDSHIFT_SSLMODE", "DBT_ENV_SECRET_REDSHIFT_PASSWORD",
        "DBT_TARGET_PATH", "DBT_LOG_PATH", "DBT_SEND_ANONYMOUS_USAGE_STATS", "DBT_USE_COLORS", "MILLRACE_ERASURE_SALT",
        "MILLRACE_STATEMENT_TIMEOUT_MS", "MILLRACE_ATHENA_WORKGROUP", "MILLRACE_LAKE_FORMATION",
        "MILLRACE_TEST_MUTATION",
    }
)  # fmt: skip


def _enter(folder: Path, environment: dict[str, str], output: Path) -> None:
    """Makes this process one that runs in a folder, with an environment, and prints into a file."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _read_services_once() -> None:
    """dbt-athena makes a session of AWS per node, and each reads the same descriptions of services: two thirds of a build's time."""
    from botocore import loaders

    reader: Any = loaders.JSONFileLoader
    read = functools.cache(reader()._load_file)
    reader._load_file = lambda _, path, opener: read(path, opener)


def run_dbt(arguments: list[str], folder: Path, environment: dict[str, str], output: Path) -> None:
    """Body of a process that runs dbt's command line, parsing included."""
    _enter(folder, environment, output)
    from dbt.cli.main import cli

    _read_services_once()
    sys.argv = ["dbt", *arguments]
    try:
        cli()
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out, and dbt-duckdb closes the database there


def _run_parsed(manifest: Any, arguments: list[str], folder: Path, environment: dict[str, str], output: Path) -> int:
    """Body of a fork that runs a command on a parsed project; dbt's exit code: 1 where a node failed, 2 where dbt itself stopped."""
    _enter(folder, environment, output)
    from dbt.cli.main import dbtRunner

    if mutation := environment.get("MILLRACE_TEST_MUTATION"):
        name, old, new = json.loads(mutation)
        macro = manifest.macros[f"macro.millrace.{name}"]
        if old not in macro.macro_sql:
            raise LookupError(f"{name} has no {old!r}")
        macro.macro_sql = macro.macro_sql.replace(old, new)
    done = dbtRunner(manifest=manifest).invoke(arguments)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    return 0 if done.success else 1 if done.exception is None else 2


def _serve(link: Connection, parse: list[str], folder: Path, environment: dict[str, str], output: Path) -> None:
    """Body of the process that holds a manifest: parses once, then forks for each command it is sent."""
    _enter(folder, environment, output)
    from dbt.cli.main import dbtRunner

    _read_services_once()
    parsed = dbtRunner().invoke(parse)
    link.send(parsed.success)
    if not parsed.success:
        return
    while True:
        try:
            command = link.recv()
        except EOFError:
            return
        child = os.fork()
        if child == 0:
            code = 2
            try:
                link.close()
                os.setpgid(0, 0)
                code = _run_parsed(parsed.result, *command)
            finally:
                os._exit(code)
        link.send(child)
        link.send(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def received(link: Connection) -> Any:
    """What the process that holds a manifest sent."""
    try:
        return link.recv()
    except EOFError:
        raise AssertionError("the process that holds the parsed project has ended") from None


@dataclass
class Running:
    """A command that was started."""

    pid: int
    _link: Connection

    def has_ended(self) -> bool:
        """Whether it came to its end."""
        return self._link.poll()

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        return int(received(self._link))

    def kill(self) -> None:
        """Ends it as an operator's `kill -9` does."""
        os.kill(self.pid, signal.SIGKILL)


class ParsedProject:
    """A process that holds a project's manifest; one command at a time runs as its fork."""

    def __init__(self, parse: list[str], folder: Path, environment: dict[str, str], output: Path) -> None:
        self._link, theirs = DBT_PROCESSES.Pipe()
        self._process = DBT_PROCESSES.Process(target=_serve, args=(theirs, parse, folder, environment, output), daemon=True)
        self._process.start()
        theirs.close()
        parsed = received(self._link)
        assert parsed, output.read_text()[-6000:]

    def start(self, arguments: list[str], folder: Path, environment: dict[str, str], output: Path) -> Running:
        """Starts a command. The next one may start when this one has been waited for."""
        self._link.send((arguments, folder, environment, output))
        return Running(received(self._link), self._link)

    def run(self, arguments: list[str], folder: Path, environment: dict[str, str], output: Path) -> int:
        """Runs a command; its exit code."""
        return self.start(arguments, folder, environment, output).wait()

    def close(self) -> None:
        """Ends the process."""
        self._link.close()
        self._process.join(10)


def given_variables(arguments: list[str]) -> dict[str, Any]:
    """Value of --vars among a command's arguments."""
    if "--vars" not in arguments:
        return {}
    import yaml

    return dict(yaml.safe_load(arguments[arguments.index("--vars") + 1]) or {})


def parses_for_itself(arguments: list[str]) -> bool:
    """Whether a command has to read the project's files itself: `parse` does nothing else, and some variables are read while parsing."""
    return arguments[0] in ("parse", "deps", "clean") or bool(PARSED_VARIABLES & set(given_variables(arguments)))


@contextmanager
def copied_back(known: Path, written: Path) -> Iterator[None]:
    """What dbt parsed is taken from `known` where it is there, and kept there where it is not."""
    if known.exists():
        written.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(known, written)
    yield
    if not known.exists() and written.exists():
        shutil.copyfile(written, known)
