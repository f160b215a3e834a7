"""The runner of dbt commands: what it takes for granted of dbt and of the project, held against both."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Warehouse
from dbt_runs import PARSED_VARIABLES, RUN_ENVIRONMENT, parses_for_itself


@pytest.fixture(scope="module")
def command_line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for all command lines: the second one and the third read what the first one parsed."""
    folder = tmp_path_factory.mktemp("command_line")
    (folder / "profiles").mkdir()
    shutil.copyfile(ROOT / "profiles.yml.example", folder / "profiles/profiles.yml")
    return folder


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "-s", "dim_date"), 0),
        # a node failed
        (("run", "-s", "dim_date", "--vars", "{calendar_starts_on: never}"), 1),
        # dbt itself stopped
        (("run", "-s", "dim_date", "--no-such-option"), 2),
    ],
)
def test_a_fork_ends_as_the_command_line_does(warehouse: Warehouse, command_line: Path, arguments: tuple[str, ...], code: int) -> None:
    """One command line per kind of exit code."""
    forked = warehouse.dbt(*arguments)
    assert forked.code == code, forked.output
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("MILLRACE_", "DBT_"))},
        "MILLRACE_LANDING": str(command_line / "landing"), "MILLRACE_DB": str(command_line / "millrace.duckdb"),
        "DBT_TARGET_PATH": str(command_line / "target"), "DBT_LOG_PATH": str(command_line / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }  # fmt: skip
    command = [str(Path(sys.executable).with_name("dbt")), *arguments, "--profiles-dir", str(command_line / "profiles")]
    assert subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode == code


def test_variables_that_dbt_reads_while_parsing_are_known() -> None:
    """In configuration, YAML and config() blocks; what stands elsewhere is read when a command runs."""
    settings = (ROOT / "dbt_project.yml").read_text()
    declared = set(yaml.safe_load(settings)["vars"])
    texts = [settings.split("\nmodels:")[1]]
    texts += [file.read_text() for folder in ("models", "snapshots", "seeds", "analyses") for file in (ROOT / folder).rglob("*.yml")]
    macros = {
        name: body
        for file in (ROOT / "macros").rglob("*.sql")
        for name, body in re.findall(r"\{%-? macro (\w+)\(.*?%\}(.*?)\{%-? endmacro", file.read_text(), re.DOTALL)
    }
    for file in [*(ROOT / "models").rglob("*.sql"), *(ROOT / "snapshots").rglob("*.sql")]:
        text = file.read_text()
        if "config(" in text:
            # up to the end of the block: what it is given may be worked out above it
            head = text[: text.index("config(")] + "".join(re.findall(r"\bconfig\((.*?)\)\s*[-}]", text, re.DOTALL)[:1])
            texts += [head, *(macros[name] for name in re.findall(r"\b(\w+)\(", head) if name in macros)]
    found = {name for text in texts for name in re.findall(r"\bvar\('(\w+)'", text)} & declared
    assert found <= PARSED_VARIABLES
    assert parses_for_itself(["run", "--vars", json.dumps(dict.fromkeys(PARSED_VARIABLES, 1))])
    assert not parses_for_itself(["run", "--vars", "{s3_prefix_depth: 0}"])


def test_the_environment_that_dbt_reads_while_parsing_is_known() -> None:
    settings = (ROOT / "dbt_project.yml").read_text().split("\nmodels:")[1]
    found = set(re.findall(r"env_var\('(\w+)'", settings))
    for file in (ROOT / "models").rglob("*.sql"):
        for block in re.findall(r"\bconfig\((.*?)\)\s*\}", file.read_text(), re.DOTALL):
            found |= set(re.findall(r"env_var\('(\w+)'", block))
    assert found
    assert not found & RUN_ENVIRONMENT
