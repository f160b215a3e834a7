"""A Trino server for tests, without catalogs: the engine under Athena, to see that expressions mean there what they mean elsewhere.

The archive comes from Maven Central by Maven and is kept in the user's cache folder; the server needs Java 24 or newer. Where one of them
cannot be had, Missing says which.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import trino

VERSION = "476"
DIGEST = "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158"
OLDEST_JAVA = 24
START_SECONDS = 180
JVM = ["-server", "-Xmx1G", "-Djdk.attach.allowAttachSelf=true", "-Dfile.encoding=UTF-8", "--enable-native-access=ALL-UNNAMED",
       "--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"]  # fmt: skip


class Missing(Exception):
    """Something that the server needs is not to be had here."""


def java_home() -> Path:
    """A Java runtime that is new enough."""
    named = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    for home in [*named, *sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)]:
        release = home / "release"
        found = re.search(r'JAVA_VERSION="(\d+)', release.read_text()) if release.exists() else None
        if found and int(found[1]) >= OLDEST_JAVA and (home / "bin/java").exists():
            return home
    raise Missing(f"no Java {OLDEST_JAVA} or newer in JAVA_HOME or /usr/lib/jvm")


def installation() -> Path:
    """Folder of the unpacked server, fetched when it is not there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "millrace"
    folder = cache / f"trino-server-core-{VERSION}"
    if folder.exists():
        return folder
    if not shutil.which("mvn"):
        raise Missing("no Maven to fetch the server with")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        fetched = subprocess.run(
            ["mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
             f"-Dartifact=io.trino:trino-server-core:{VERSION}:tar.gz", f"-DoutputDirectory={scratch}"],
            capture_output=True, text=True, check=False, cwd=scratch,
        )  # fmt: skip
        archive = Path(scratch) / f"trino-server-core-{VERSION}.tar.gz"
        if fetched.returncode or not archive.exists():
            raise Missing(f"Maven did not bring the server: {(fetched.stdout + fetched.stderr)[-300:]}")
        digest = hashlib.file_digest(archive.open("rb"), "sha256").hexdigest()
        if digest != DIGEST:
            raise ValueError(f"{archive.name} has the digest {digest}, not {DIGEST}")
        with tarfile.open(archive) as packed:
            packed.extractall(scratch, filter="data")
        shutil.move(Path(scratch) / folder.name, folder)
    return folder


class TrinoServer:
    """A server on loopback, on a free port; gone when the block ends."""

    def __init__(self) -> None:
        self._java = java_home()
        self._home = installation()
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def __enter__(self) -> Self:
        folder = Path(self._folder.name)
        (folder / "etc/catalog").mkdir(parents=True)
        (folder / "data").mkdir()
        settings = {
            "node.properties": ["node.environment=test", "node.id=test", f"node.data-dir={folder / 'data'}",
                                "node.bind-ip=127.0.0.1", "node.internal-address=127.0.0.1"],
            "jvm.config": JVM,
            "config.properties": ["coordinator=true", "node-scheduler.include-coordinator=true", f"http-server.http.port={self.port}",
                                  f"discovery.uri=http://127.0.0.1:{self.port}"],
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
