"""Every page of docs/sources: its example is put into a scratch copy of the project as it stands there, built, and its queries asked."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

import pytest
from conftest import ROOT, Warehouse, copy_project

PAGES = sorted(path for path in (ROOT / "docs/sources").glob("*.md") if path.name != "README.md")
BLOCK = r"\n```\w*\n(.*?)```"


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_example_of_a_source_works(page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    project = copy_project(tmp_path / "project")
    warehouse = Warehouse(tmp_path, project)
    found = re.search(r"<!-- example: (.*?) -->", text)
    assert found
    names = dict(part.split("=") for part in found.group(1).split())

    settings = project / "dbt_project.yml"
    feed = re.search(r"<!-- feed -->" + BLOCK, text, re.DOTALL)
    assert feed
    declared = textwrap.indent(feed.group(1), "    ")
    settings.write_text(settings.read_text().replace("  change_feeds:\n", "  change_feeds:\n" + declared, 1))

    templates = re.findall(r"<!-- template: (\S+) -->" + BLOCK, (ROOT / "docs/change_feeds.md").read_text(), re.DOTALL)
    assert len(templates) == 8
    written: dict[str, str] = {}
    for path, content in templates:
        for name, value in names.items():
            path, content = path.replace(f"<{name}>", value), content.replace(f"<{name}>", value)
        if "replica" in names and re.search(r"/(history|current)_", path):
            continue
        if "replica" in names and path.endswith(".yml"):
            content = content.replace(f"  - name: history_{names['source']}__{names['entity']}\n    columns: [{{name: loaded_at}}]\n", "")
        written[path] = content
    # what the page itself gives stands for what the templates would have
    written.update(re.findall(r"<!-- file: (\S+) -->" + BLOCK, text, re.DOTALL))
    for path, content in written.items():
        file = tmp_path / path if path.startswith("landing/") else project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        assert not file.exists()
        file.write_text(content)

    warehouse.dbt("build", "-s", f"{names['landing']}+").must_pass()
    queries = re.findall(r"<!-- query: (.*?) -->" + BLOCK, text, re.DOTALL)
    assert queries
    for query, expected in queries:
        rows = warehouse.rows(re.sub(r"from (\w+)", r"from dev_staging.\1", query, count=1))
        assert [" | ".join(shown(value) for value in row) for row in rows] == expected.strip().splitlines(), query
    # a second build with nothing new adds nothing
    before = [warehouse.rows(re.sub(r"from (\w+)", r"from dev_staging.\1", query, count=1)) for query, _ in queries]
    warehouse.dbt("build", "-s", f"{names['landing']}+").must_pass()
    assert [warehouse.rows(re.sub(r"from (\w+)", r"from dev_staging.\1", query, count=1)) for query, _ in queries] == before


def shown(value: object) -> str:
    """A value as the pages show it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_policies_are_json() -> None:
    """And name one stream, one topic: never all of an account's."""
    for page in ("kafka", "kinesis"):
        text = (ROOT / f"docs/sources/{page}.md").read_text()
        policies = [json.loads(block) for block in re.findall(r"```json\n(\{.*?\n\})\n```", text, re.DOTALL) if "Version" in block]
        assert len(policies) == {"kafka": 1, "kinesis": 3}[page]
        for policy in policies:
            for statement in policy["Statement"]:
                actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
                assert not any(action.endswith(":*") or action == "*" for action in actions)
                if statement.get("Resource") == "*":
                    assert set(actions) <= {"kinesis:ListStreams", "kafka:GetBootstrapBrokers"}
