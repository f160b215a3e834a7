"""dbt-duckdb plugin: says plainly that another process has the database file open, where DuckDB's driver would end in a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError


def in_use(path: str, problem: str) -> str:
    """What to say of a file that another process has open; problem is the driver's text, which names the process."""
    holder = problem.split("See also")[0].split(": ", 2)[-1].strip()
    return (
        f"millrace: {path} is open in another process, and DuckDB lets one at a time write. Nothing was changed. Wait for the other load "
        f"to end (or close the program that has the file open), then run this one again. DuckDB says: {holder}"
    )


class Plugin(BasePlugin):
    """Tries the file before dbt opens it."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Stops with a message where another process holds the file; any other problem is left for dbt to meet."""
        if not Path(creds.path).is_file():
            return
        try:
            duckdb.connect(creds.path, config=config).close()
        except duckdb.IOException as problem:
            if "lock" in str(problem):
                raise DbtRuntimeError(in_use(creds.path, str(problem))) from None
        except duckdb.Error:
            pass
