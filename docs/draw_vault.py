"""Draws the vault of each domain from the project's own metadata: folders, columns, tests of relationships.

    dbt parse && python docs/draw_vault.py      # writes the drawings into docs/vault.md

A test holds the page against what this gives.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("vault.md")
KINDS = {"hub": "hub", "link": "link", "sat": "satellite", "pit": "point in time", "bridge": "bridge", "ref": "reference"}
LOAD_COLUMNS = {"loaded_at", "load_id", "record_source", "hashdiff"}
DRAWING = re.compile(r"(<!-- drawing: (\w+) -->\n).*?(<!-- end of drawing -->)", re.DOTALL)


def vault_models(manifest: dict[str, Any], domain: str) -> list[dict[str, Any]]:
    """The vault models of a domain, by name."""
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    folder = f"models/vault/{domain}/"
    return sorted((node for node in nodes if node["original_file_path"].startswith(folder)), key=lambda node: str(node["name"]))


def references(manifest: dict[str, Any]) -> dict[str, dict[str, str]]:
    """For each model the columns that refer to another model, by the tests of relationships."""
    found: dict[str, dict[str, str]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        if test.get("name") == "relationships":
            target = re.search(r"ref\('(\w+)'\)", str(test["kwargs"]["to"]))
            attached = str(node.get("attached_node", "")).rpartition(".")[2]
            if target and attached:
                found.setdefault(attached, {})[str(test["kwargs"]["column_name"])] = target.group(1)
    return found


def draw(manifest: dict[str, Any], domain: str) -> str:
    """A mermaid entity-relationship diagram of a domain's vault."""
    lines = ["```mermaid", "erDiagram"]
    referring = references(manifest)
    models = vault_models(manifest, domain)
    for model in models:
        for column, target in sorted(referring.get(model["name"], {}).items()):
            if target.startswith(("hub_", "link_", "sat_", "ref_")):
                lines.append(f'    {target} ||--o{{ {model["name"]} : "{column}"')
    for model in models:
        lines.append(f"    {model['name']} {{")
        keys = set(referring.get(model["name"], {}))
        for position, column in enumerate(name for name in model["columns"] if name not in LOAD_COLUMNS):
            role = "FK" if column in keys else "PK" if position == 0 and model["name"].startswith(("hub_", "link_")) else ""
            lines.append(f"        column {column} {role}".rstrip())
        lines.append("    }")
    return "\n".join([*lines, "```", ""])


def table(manifest: dict[str, Any], domain: str) -> str:
    """Tables of a domain, their kind and grain."""
    rows = [
        f"| `{model['name']}` | {KINDS[model['name'].split('_')[0]]} | {model['config']['meta']['grain']} |"
        for model in vault_models(manifest, domain)
    ]
    return "\n".join(["| table | kind | one row per |", "|---|---|---|", *rows, "", ""])


def redrawn(page: str, manifest: dict[str, Any]) -> str:
    """The page with its drawings as the metadata gives them."""
    return DRAWING.sub(lambda match: match[1] + table(manifest, match[2]) + draw(manifest, match[2]) + match[3], page)


def main() -> None:
    """Writes the page."""
    manifest = json.loads(Path(sys.argv[1] if len(sys.argv) > 1 else "target/manifest.json").read_text())
    PAGE.write_text(redrawn(PAGE.read_text(), manifest))


if __name__ == "__main__":
    main()
