"""A small project with change feeds of the tests' own: the project's macros over the eight models of docs/change_feeds.md for each feed.

Compiled once and replayed by tests/compiled_project.py, so that a test of what one connector writes takes milliseconds.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from compiled_project import CompiledProject, Replay
from conftest import ROOT, copy_macros

LANDING = {
    "kafka": "{{{{ config(materialized='streaming_view', meta={{'landing_path': 'kafka/{0}'}}) }}}}\n"
    "{{{{ kafka_records(topic='{0}') }}}}\n",
    "kinesis": "{{{{ config(materialized='streaming_view', meta={{'landing_path': 'kinesis/{0}', 'landing_format': 'kinesis'}}) }}}}\n"
    "{{{{ kinesis_records(stream='{0}') }}}}\n",
    "columns": "{{%- set columns = {1} -%}}\n{{{{ config(materialized='copied_files', meta={{'landing_path': 'copy/{0}', "
    "'landing_format': 'csv', 'copied_columns': columns}}) }}}}\n{{{{ copied_records(columns) }}}}\n",
}

Feeds = dict[str, dict[str, Any]]


def landing_of(feed: dict[str, Any]) -> str:
    """Kind of the landing model that a feed's records come through."""
    if feed.get("format", "columns") == "columns":
        return "columns"
    return "kafka" if feed["format"] == "debezium" or feed.get("stream") == "kafka" else "kinesis"


def copy_feeds_project(folder: Path, feeds: Feeds, columns: dict[str, list[str]] | None = None) -> Path:
    """The project's macros, with these feeds and their models alone. columns: those of the files of a feed of the format columns."""
    copy_macros(folder)
    settings = (folder / "dbt_project.yml").read_text()
    inside = re.compile(r"^  change_feeds:\n.*?(?=^  # ---)", re.MULTILINE | re.DOTALL)
    found = inside.search(settings)
    assert found
    declared = f"  change_feeds: {json.dumps(feeds)}\n"
    (folder / "dbt_project.yml").write_text(settings[: found.start()] + declared + settings[found.end() :])
    templates = re.findall(r"<!-- template: \S+/(\S+) -->\n```\w*\n(.*?)```", (ROOT / "docs/change_feeds.md").read_text(), re.DOTALL)
    models = folder / "models/staging/retail/tests"
    models.mkdir(parents=True)
    landings = folder / "models/streaming"
    landings.mkdir()
    for name, feed in feeds.items():
        kind = landing_of(feed)
        (landings / f"land_{name}.sql").write_text(LANDING[kind].format(name, (columns or {}).get(name, [])))
        for path, content in templates:
            for place, value in {"source": "s", "entity": name, "feed": name, "landing": f"land_{name}"}.items():
                path, content = path.replace(f"<{place}>", value), content.replace(f"<{place}>", value)
            if feed.get("format") == "debezium":
                content = content.replace(
                    "    data_tests:\n      - every_value", "    data_tests:\n      - order_follows_offset_and_time\n      - every_value"
                )
            (models / path).write_text(content)
    return folder


def kcat(text: str) -> list[dict[str, Any]]:
    """Lines of kcat -C -J as rows of a landing model."""
    rows = []
    for line in text.splitlines():
        record = json.loads(line)
        rows.append(kafka_row(record["partition"], record["offset"], record["ts"], record["key"], record["payload"]))
    return rows


def kafka_row(partition: int, offset: int, ts: int, key: str | None, payload: str | dict[str, Any] | None) -> dict[str, Any]:
    """A landed Kafka record; ts in milliseconds."""
    value = json.loads(payload) if isinstance(payload, str) else payload
    return {
        "kafka_partition": partition,
        "kafka_offset": offset,
        "kafka_timestamp": str(datetime(1970, 1, 1) + timedelta(milliseconds=ts)),
        "kafka_key": key,
        "payload": value,
    }


def kinesis_row(number: int, payload: Any) -> dict[str, Any]:
    """A landed Kinesis record."""
    return {
        "shard_id": "shardId-000000000000",
        "sequence_number": str(49590338271490256608559692538361571095921575989136588898 + number),
        "approximate_arrival_timestamp": "2024-01-01 00:00:00",
        "payload": payload,
    }


def replayed(project: CompiledProject, name: str, *loads: list[dict[str, Any]]) -> Replay:
    """The feed's records loaded, each list in a load of its own."""
    replay = Replay(project)
    for rows in loads:
        replay.land_rows(f"land_{name}", rows)
        replay.load()
    return replay
