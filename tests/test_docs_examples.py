"""Every page of docs/sources: its example is put into a scratch copy of the project as it stands there, built, and its queries asked."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import ROOT, Warehouse, copy_project

PAGES = sorted(path for path in (ROOT / "docs/sources").glob("*.md") if path.name != "README.md")
BLOCK = r"\n```\w*\n(.*?)```"


@dataclass(frozen=True)
class Example:
    """The example of a page: names, the facts of its feed, its files, and its queries with what they give."""

    names: dict[str, str]
    feed: str
    files: dict[str, str]
    queries: list[tuple[str, str]]

    @property
    def selection(self) -> str:
        """What is built for it."""
        return f"{self.names['landing']}+"

    def rows(self, warehouse: Warehouse) -> list[list[str]]:
        """What its queries give, as the pages show it."""
        asked = [warehouse.rows(re.sub(r"from (\w+)", r"from dev_staging.\1", query, count=1)) for query, _ in self.queries]
        return [[" | ".join(shown(value) for value in row) for row in rows] for rows in asked]


def example_of(page: Path) -> Example:
    """What a page says; what it gives itself stands for what the templates of docs/change_feeds.md would have."""
    text = page.read_text()
    found = re.search(r"<!-- example: (.*?) -->", text)
    assert found
    names = dict(part.split("=") for part in found.group(1).split())
    feed = re.search(r"<!-- feed -->" + BLOCK, text, re.DOTALL)
    assert feed
    templates = re.findall(r"<!-- template: (\S+) -->" + BLOCK, (ROOT / "docs/change_feeds.md").read_text(), re.DOTALL)
    assert len(templates) == 8
    files: dict[str, str] = {}
    for path, content in templates:
        for name, value in names.items():
            path, content = path.replace(f"<{name}>", value), content.replace(f"<{name}>", value)
        if "replica" in names and re.search(r"/(history|current)_", path):
            continue
        if "replica" in names and path.endswith(".yml"):
            content = content.replace(f"  - name: history_{names['source']}__{names['entity']}\n    columns: [{{name: loaded_at}}]\n", "")
        files[path] = content
    files.update(re.findall(r"<!-- file: (\S+) -->" + BLOCK, text, re.DOTALL))
    queries = re.findall(r"<!-- query: (.*?) -->" + BLOCK, text, re.DOTALL)
    assert queries
    return Example(names, textwrap.indent(feed.group(1), "    "), files, queries)


def write_examples(examples: list[Example], folder: Path) -> Warehouse:
    """A scratch project with these examples in it, and what they land."""
    project = copy_project(folder / "project", only=["telemetry"])
    settings = project / "dbt_project.yml"
    declared = "".join(example.feed for example in examples)
    settings.write_text(settings.read_text().replace("  change_feeds:\n", "  change_feeds:\n" + declared, 1))
    for example in examples:
        for path, content in example.files.items():
            file = folder / path if path.startswith("landing/") else project / path
            file.parent.mkdir(parents=True, exist_ok=True)
            assert not file.exists()
            file.write_text(content)
    return Warehouse(folder, project)


@pytest.fixture(scope="module")
def built_twice(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[list[str]], list[list[str]]]]:
    """All pages' examples in one project: by page what the queries give, and what they give behind a build with nothing new."""
    examples = {page.stem: example_of(page) for page in PAGES}
    warehouse = write_examples(list(examples.values()), tmp_path_factory.mktemp("examples"))
    found = []
    for _ in range(2):
        warehouse.dbt("build", "-s", *(example.selection for example in examples.values())).must_pass()
        found.append({name: example.rows(warehouse) for name, example in examples.items()})
    return {name: (found[0][name], found[1][name]) for name in examples}


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_example_of_a_source_works(page: Path, built_twice: dict[str, tuple[list[list[str]], list[list[str]]]]) -> None:
    first, second = built_twice[page.stem]
    for rows, (query, expected) in zip(first, example_of(page).queries, strict=True):
        assert rows == expected.strip().splitlines(), query
    # a second build with nothing new adds nothing
    assert second == first


def test_an_example_works_alone(tmp_path: Path) -> None:
    """Another page each day: nothing of the other pages is there."""
    example = example_of(PAGES[datetime.now(UTC).timetuple().tm_yday % len(PAGES)])
    warehouse = write_examples([example], tmp_path)
    warehouse.dbt("build", "-s", example.selection).must_pass()
    assert example.rows(warehouse) == [expected.strip().splitlines() for _, expected in example.queries]


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
