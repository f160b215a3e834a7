"""A Trino server for tests: the engine under Athena, by itself for expressions, or with the catalogs of the stand-in for Athena.

Where its archives or a Java runtime cannot be had, maven.Missing says which.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import trino
from maven import java_home, kept

VERSION = "476"
# name and kind of each archive, and its digest
SERVER = ("trino-server-core", "tar.gz", "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158")
PLUGINS = {
    "hive": ("trino-hive", "zip", "611bacdb07d9f3cf7b9d47f97ecc76fa2e7ff8bfe8a9728c3d06adc1bfb8662e"),
    "iceberg": ("trino-iceberg", "zip", "99edba5b491ed94d599aeb61e0794272d3569d8b563f3bb8569e8a49daa87b6c"),
}
OLDEST_JAVA = 24
START_SECONDS = 180
# a server for minutes: the first compiler is quick, and what the second one makes of a plan does not pay
JVM = ["-XX:TieredStopAtLevel=1", "-Djdk.attach.allowAttachSelf=true", "-Dfile.encoding=UTF-8", "--enable-native-access=ALL-UNNAMED",
       "--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"]  # fmt: skip


class TrinoServer:
    """A server on loopback, on a free port; gone when the block ends.

    catalogs: properties of each catalog by its name; the plugins of all their connectors are there.
    memory: of the Java process, as -Xmx takes it. settings: further lines of config.properties.
    """

    def __init__(self, catalogs: dict[str, list[str]] | None = None, memory: str = "1G", settings: Sequence[str] = ()) -> None:
        self._java = java_home(OLDEST_JAVA)
        self._home = kept("io.trino", SERVER[0], VERSION, *SERVER[1:])
        self._catalogs = catalogs or {}
        self._plugins = {name: kept("io.trino", archive[0], VERSION, *archive[1:]) for name, archive in PLUGINS.items()} if catalogs else {}
        self._memory = memory
        self._settings = settings
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def __enter__(self) -> Self:
        folder = Path(self._folder.name)
        (folder / "etc/catalog").mkdir(parents=True)
        for place in ("data", "plugin"):
            (folder / place).mkdir()
        for name, home in self._plugins.items():
            (folder / "plugin" / name).symlink_to(home)
        settings = {
            "node.properties": ["node.environment=test", "node.id=test", f"node.data-dir={folder / 'data'}",
                                "node.bind-ip=127.0.0.1", "node.internal-address=127.0.0.1"],
            "jvm.config": ["-server", f"-Xmx{self._memory}", *JVM],
            "config.properties": ["coordinator=true", "node-scheduler.include-coordinator=true", f"http-server.http.port={self.port}",
                                  f"discovery.uri=http://127.0.0.1:{self.port}", f"plugin.dir={folder / 'plugin'}",
                                  *self._settings],
            **{f"catalog/{name}.properties": lines for name, lines in self._catalogs.items()},
            "log.properties": ["io.trino=WARN"],
        }  # fmt: skip
        for name, lines in settings.items():
            (folder / "etc" / name).write_text("\n".join(lines) + "\n")
        self._log = (folder / "server.log").open("wb")
        self._process = subprocess.Popen(
            [str(self._home / "bin/launcher"), "--etc-dir", str(folder / "etc"), "run"],
            env={**os.environ, "JAVA_HOME": str(self._java), "PATH": f"{self._java / 'bin'}:{os.environ['PATH']}"},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_up():
            if self._process.poll() is not None or time.monotonic() > deadline:
                told = (folder / "server.log").read_text()[-2000:]
                self.__exit__(None, None, None)
                raise RuntimeError(f"Trino did not start: {told}")
            time.sleep(0.5)
        return self

    def _is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/v1/info", timeout=2) as answer:
                return json.load(answer)["starting"] is False
        except (urllib.error.URLError, OSError):
            return False

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query, in a session in UTC as Athena's are."""
        with trino.dbapi.connect(  # type: ignore[no-untyped-call]
            host="127.0.0.1", port=self.port, user="test", timezone="UTC"
        ) as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._log.close()
        self._folder.cleanup()
