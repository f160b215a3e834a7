"""Programs of Java for tests: archives from Maven Central, kept in the user's cache folder, and a Java runtime to run them.

Where something cannot be had, Missing says what.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "millrace"
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"


class Missing(Exception):
    """Something that a server needs is not to be had here."""


def java_home(oldest: int, newest: int | None = None) -> Path:
    """A Java runtime of these releases."""
    named = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    for home in [*named, *sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)]:
        release = home / "release"
        found = re.search(r'JAVA_VERSION="(\d+)', release.read_text()) if release.exists() else None
        if found and oldest <= int(found[1]) <= (newest or int(found[1])) and (home / "bin/java").exists():
            return home
    raise Missing(f"no Java {oldest}{f' to {newest}' if newest else ' or newer'} in JAVA_HOME or /usr/lib/jvm")


def fetched(group: str, name: str, version: str, kind: str, digest: str, scratch: str) -> Path:
    """An archive in a scratch folder, of the digest that is expected."""
    if not shutil.which("mvn"):
        raise Missing(f"no Maven to fetch {name} with")
    run = subprocess.run(
        ["mvn", "-q", "-B", PLUGIN, f"-Dartifact={group}:{name}:{version}:{kind}", f"-DoutputDirectory={scratch}"],
        capture_output=True, text=True, check=False, cwd=scratch,
    )  # fmt: skip
    archive = Path(scratch) / f"{name}-{version}.{kind}"
    if run.returncode or not archive.exists():
        raise Missing(f"Maven did not bring {name}: {(run.stdout + run.stderr)[-300:]}")
    found = hashlib.file_digest(archive.open("rb"), "sha256").hexdigest()
    if found != digest:
        raise ValueError(f"{archive.name} has the digest {found}, not {digest}")
    return archive


def kept(group: str, name: str, version: str, kind: str, digest: str) -> Path:
    """A jar, or the folder of an unpacked archive, in the cache."""
    place = CACHE / (f"{name}-{version}.jar" if kind == "jar" else f"{name}-{version}")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock, tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        if place.exists():
            return place
        archive = fetched(group, name, version, kind, digest, scratch)
        if kind == "zip":
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(scratch)
        elif kind == "tar.gz":
            with tarfile.open(archive) as packed:
                packed.extractall(scratch, filter="data")
        shutil.move(Path(scratch) / place.name, place)
    return place


def jar(group: str, name: str, version: str, digest: str) -> Path:
    """A jar."""
    return kept(group, name, version, "jar", digest)
