"""Lands what an analysis of Redshift Test Drive left behind, as a replay: CSV files of its folder raw_data become Parquet of an UNLOAD.

The tool unloads the same view with fewer columns and the user's name as user_name (`raw_data/sys_query_history000` and so on). Columns
that it leaves out are null, as those of an older version of the view are; a value that is not of its column's type is null too, and
staging refuses the record where it cannot do without. What else is in the folder is left alone.

    python sample/land_test_drive.py --raw-data analysis/<replay_id>/raw_data --what-if 2024-03-05-21-00-00 --cluster serverless-32
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from pathlib import Path

import duckdb
from make_feeds import write_if_changed
from make_replay import COLUMNS

# what the tool calls otherwise than the view does
RENAMED = {"username": "user_name"}


def land_test_drive(raw_data: Path, root: Path, what_if: str, cluster: str) -> int:
    """Writes replay/<what_if>/<cluster>/test_drive.parquet and gives the number of queries in it.

    Raises ValueError where the folder has no history of queries, or one without the columns that tell queries apart, and for names that
    cannot be folders of a replay.
    """
    if not re.fullmatch(r"\d{4}(-\d{2}){5}", what_if):
        raise ValueError(f"--what-if is {what_if!r}. It should be yyyy-mm-dd-hh-mm-ss.")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", cluster):
        raise ValueError(f"--cluster is {cluster!r}. It should be letters, digits, dots, hyphens and underscores.")
    files = sorted(str(file) for file in raw_data.glob("sys_query_history*") if file.is_file())
    if not files:
        raise ValueError(f"{raw_data} has no file sys_query_history*: it is not the raw_data folder of an analysis of Test Drive.")
    connection = duckdb.connect()
    history = connection.read_csv(
        files,  # type: ignore[arg-type]
        header=True, all_varchar=True, union_by_name=True, quotechar='"', escapechar='"', strict_mode=False,
    )  # fmt: skip
    found = {name.strip().lower(): name for name in history.columns}
    missing = [name for name in ("query_id", "start_time", "query_text") if name not in found]
    if missing:
        raise ValueError(f"{files[0]} has no column {', '.join(missing)}.")
    columns = ", ".join(
        f"try_cast(nullif(trim(\"{found[source]}\"), '') as {kind}) as {name}" if source in found else f"cast(null as {kind}) as {name}"
        for name, kind in COLUMNS.items()
        for source in [RENAMED.get(name, name)]
    )
    with tempfile.NamedTemporaryFile(suffix=".parquet") as written:
        history.project(columns).write_parquet(written.name)
        file = root / "replay" / what_if / cluster / "test_drive.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_if_changed(file, Path(written.name).read_bytes())
    return len(history)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Lands the CSV files of an analysis of Redshift Test Drive as a replay.")
    parser.add_argument("--raw-data", type=Path, required=True, help="folder raw_data of the analysis")
    parser.add_argument("--what-if", required=True, help="when the replay began, UTC: yyyy-mm-dd-hh-mm-ss")
    parser.add_argument("--cluster", required=True, help="name of the configuration")
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("MILLRACE_LANDING", "landing")))
    given = parser.parse_args()
    try:
        number = land_test_drive(given.raw_data, given.root, given.what_if, given.cluster)
    except ValueError as error:
        parser.error(str(error))
    print(f"{number} queries under {given.root}/replay/{given.what_if}/{given.cluster}/")


if __name__ == "__main__":
    main()
