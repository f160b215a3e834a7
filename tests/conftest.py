"""Fixtures: scratch copies of the project, and dbt commands run in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import redshift_connector
from redshift_standin import RedshiftStandIn
from selenium import webdriver
from selenium.webdriver.chrome.webdriver import WebDriver

ROOT = Path(__file__).resolve().parent.parent
PROJECT_PARTS = [
    "dbt_project.yml", "selectors.yml", "models", "macros", "seeds", "snapshots", "analyses", "tests/gates", "plugins",
]  # fmt: skip
# one day for all builds of a process: two of them may lie on either side of midnight
TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
TARGETS = ("local", "redshift", "athena")
# what dbt parsed of the project itself, for the next scratch warehouse of this process
_SCRATCH = tempfile.TemporaryDirectory()
PARSED = Path(_SCRATCH.name) / "partial_parse.msgpack"


# the longest ones: begun last, they would run while the other cores have nothing left
LONG_FILES = ("test_promises", "test_change_feeds", "test_redshift", "test_vault", "test_end_to_end", "test_care", "test_feeds_end_to_end")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in the order of their files, those of long files first."""
    place = {name: number for number, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@dataclass
class DbtResult:
    """What a dbt command printed, and its exit code."""

    code: int
    output: str

    def must_pass(self) -> DbtResult:
        """Fails the test with dbt's own output unless the command succeeded."""
        assert self.code == 0, self.output[-6000:]
        return self


@dataclass
class Warehouse:
    """A scratch warehouse: its own landing folder, database and target folder over a project folder."""

    folder: Path
    project: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def landing(self) -> Path:
        """Root of the landed files."""
        return self.folder / "landing"

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / "millrace.duckdb"

    @property
    def target(self) -> Path:
        """Where dbt writes its artifacts."""
        return self.folder / "target"

    def dbt(self, *arguments: str) -> DbtResult:
        """Runs a dbt command as a user would, in a process of its own.

        It runs in a folder that leads to the parts of the project, with all paths relative to it: they are the same words in every scratch
        warehouse, so dbt takes over what it parsed in another one.
        """
        view = self._view()
        self.profiles()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("MILLRACE_", "DBT_", "AWS_"))},
            "MILLRACE_LANDING": "../landing",
            "MILLRACE_DB": "../millrace.duckdb",
            "MILLRACE_SNAPSHOTS_END_ON": TODAY,
            "DBT_TARGET_PATH": "../target",
            "DBT_LOG_PATH": "../logs",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_USE_COLORS": "false",
            **self.environment,
        }
        done = subprocess.run(
            [str(Path(sys.executable).with_name("dbt")), *arguments, "--profiles-dir", "../profiles"],
            cwd=view,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        written = self.target / "partial_parse.msgpack"
        is_plain = self.project == ROOT and not self.environment and not {"--vars", "--target"}.intersection(arguments)
        if is_plain and done.returncode == 0 and written.exists() and not PARSED.exists():
            shutil.copyfile(written, PARSED)
        return DbtResult(done.returncode, done.stdout + done.stderr)

    def _view(self) -> Path:
        """A folder with links to the parts of the project."""
        view = self.folder / "view"
        parts = PROJECT_PARTS if self.project == ROOT else [path.name for path in self.project.iterdir()]
        for part in parts:
            link = view / part
            if not link.is_symlink():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(self.project / part)
        # a copy of the project differs in some files: dbt looks which
        if PARSED.exists() and not self.environment and not self.target.exists():
            self.target.mkdir(parents=True)
            shutil.copyfile(PARSED, self.target / "partial_parse.msgpack")
        return view

    def profiles(self) -> Path:
        """Folder with the profile that users get."""
        folder = self.folder / "profiles"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "profiles.yml.example", folder / "profiles.yml")
        return folder

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def manifest(self) -> dict[str, Any]:
        """The manifest of the last command."""
        return json.loads((self.target / "manifest.json").read_text())  # type: ignore[no-any-return]

    def write(self, path: str, data: bytes | str) -> Path:
        """Lands a file."""
        file = self.landing / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        return file


def copy_project(folder: Path) -> Path:
    """A scratch copy of the dbt project, without what git ignores."""
    for part in PROJECT_PARTS:
        source = ROOT / part
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    return folder


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """A scratch warehouse over the project itself."""
    return Warehouse(tmp_path)


class Compilations(dict[tuple[str, str], Warehouse]):
    """A project compiled without a server, when it is asked for: by target, for a first load ('full') or a later one ('incremental')."""

    def __init__(self, project: Path, folder: Path) -> None:
        super().__init__()
        self.project = project
        self.folder = folder
        shutil.copyfile(ROOT / "tests/support/static_compile.sql", project / "macros/static_compile.sql")

    def __missing__(self, key: tuple[str, str]) -> Warehouse:
        target, branch = key
        warehouse = Warehouse(self.folder / f"{target}_{branch}", self.project)
        warehouse.environment["MILLRACE_LANDING"] = "landing" if target == "local" else "s3://millrace-landing"
        warehouse.dbt("compile", "--target", target, "--no-populate-cache", "--vars", json.dumps({"static_compile": branch})).must_pass()
        self[key] = warehouse
        return warehouse


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compilations:
    """The project, compiled as it is asked for."""
    return Compilations(copy_project(tmp_path_factory.mktemp("static")), tmp_path_factory.mktemp("compiled"))


# --- reports ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """Chromium without a window. MILLRACE_BROWSER names another Chrome, or is none to leave such tests out."""
    named = os.environ.get("MILLRACE_BROWSER", "chromium")
    if named == "none":
        pytest.skip("MILLRACE_BROWSER=none")
    program, driver = shutil.which(named), shutil.which("chromedriver")
    assert program, f"there is no {named}; make browser installs one"
    assert driver, "there is no chromedriver; make browser installs one"
    options = webdriver.ChromeOptions()
    options.binary_location = program
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for switch in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync", "window-size=1280,900", f"user-data-dir={tmp_path_factory.mktemp('browser')}",
    ):  # fmt: skip
        options.add_argument(f"--{switch}")
    running = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield running
    running.quit()


# --- Redshift ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cluster:
    """Where to find Redshift: the stand-in, or a real cluster named by MILLRACE_TEST_REDSHIFT_HOST and its kin.

    sample, landing and stream_schema say where a real cluster has the sample: a local folder, the same files in S3, and an external
    schema whose topic `orders` has its records. Without them builds cannot run there. select: the models to build, where not all.
    """

    host: str
    port: int
    user: str = "dbt"
    password: str = "unused"
    database: str = "dev"
    tls: bool = False
    is_stand_in: bool = True
    sample: str = ""
    landing: str = "s3://landing-bucket"
    stream_schema: str = "millrace_msk"
    select: str = ""

    @staticmethod
    def named() -> Cluster | None:
        """The real cluster that the environment names."""

        def setting(name: str, default: str = "") -> str:
            return os.environ.get(f"MILLRACE_TEST_REDSHIFT_{name}", default)

        if not setting("HOST"):
            return None
        return Cluster(
            host=setting("HOST"),
            port=int(setting("PORT", "5439")),
            user=setting("USER", "dbt"),
            password=setting("PASSWORD"),
            database=setting("DATABASE", "dev"),
            tls=setting("SSL", "true") == "true",
            is_stand_in=False,
            sample=setting("SAMPLE"),
            landing=setting("LANDING"),
            stream_schema=setting("STREAM_SCHEMA", "millrace_msk"),
            select=setting("SELECT"),
        )

    def connect(self) -> Any:
        """A connection by Redshift's own driver."""
        connection = redshift_connector.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, database=self.database, ssl=self.tls
        )
        connection.autocommit = True
        return connection

    def environment(self, schema: str) -> dict[str, str]:
        """What dbt needs to build there, in schemas that begin with `schema`."""
        return {
            "MILLRACE_TARGET": "redshift_password",
            "MILLRACE_REDSHIFT_HOST": self.host,
            "MILLRACE_REDSHIFT_PORT": str(self.port),
            "MILLRACE_REDSHIFT_USER": self.user,
            "MILLRACE_REDSHIFT_DATABASE": self.database,
            "MILLRACE_REDSHIFT_SSLMODE": "prefer" if self.tls else "disable",
            "MILLRACE_REDSHIFT_KAFKA_SCHEMA": self.stream_schema,
            "MILLRACE_LANDING": self.landing,
            "MILLRACE_SCHEMA": schema,
            "DBT_ENV_SECRET_REDSHIFT_PASSWORD": self.password,
        }


def cluster_of(server: RedshiftStandIn) -> Cluster:
    """The stand-in as a cluster."""
    return Cluster(host=server.host, port=server.port)


class RedshiftConnection:
    """A connection to the stand-in, or to a real cluster, in a schema of its own that goes with it."""

    def __init__(self, connection: Any, is_stand_in: bool) -> None:
        self.connection = connection
        self.is_stand_in = is_stand_in
        self.schema = f"millrace_test_{os.getpid()}"
        with self.cursor() as cursor:
            cursor.execute(f"create schema {self.schema}")

    def cursor(self) -> Any:
        """A cursor, to be used in a with statement."""
        return self.connection.cursor()

    def close(self) -> None:
        """Drops the schema."""
        with self.cursor() as cursor:
            cursor.execute(f"drop schema {self.schema} cascade")
        self.connection.close()


@pytest.fixture(scope="session")
def redshift_connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedshiftConnection]:
    """A real cluster where MILLRACE_TEST_REDSHIFT_HOST and its kin name one, else the stand-in."""
    real = Cluster.named()
    if real:
        connection = RedshiftConnection(real.connect(), is_stand_in=False)
        yield connection
        connection.close()
        return
    with warnings.catch_warnings(), RedshiftStandIn(tmp_path_factory.mktemp("redshift")) as server:
        warnings.simplefilter("ignore")
        connection = RedshiftConnection(cluster_of(server).connect(), is_stand_in=True)
        yield connection
        connection.close()
