"""Fixtures: scratch copies of the project, and dbt commands run in them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Never

import duckdb
import pytest
import redshift_connector
from dbt_runs import DBT_PROCESSES, RUN_ENVIRONMENT, ParsedProject, Running, copied_back, parses_for_itself, run_dbt
from make_landing import make_landing
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
# for builds that are the ground of a test and not what it looks at
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
# the parsed projects of this process
PARSED: dict[tuple[Any, ...], ParsedProject] = {}


# what `make test-quick` leaves out: each takes a minute or more
LEFT_OUT_OF_QUICK = (
    "test_feeds_end_to_end", "test_erasure", "test_docs_examples", "test_project_rules", "test_replay", "test_replay_golden",
    "test_replay_report", "test_s3_costs", "test_s3_costs_report", "test_landing_fuzz", "test_landed_forms", "test_landing_gates",
    "test_vault_scenarios", "test_schedules", "test_partial_commands", "test_care", "test_trino", "test_mutations", "test_engine_builds",
    "test_engines", "test_one_order", "test_debezium", "test_feed_formats", "test_jobs",
    "test_operations_of_services", "test_log_costs", "test_network", "test_markets",
)  # fmt: skip
# the longest ones: begun last, they would run while the other cores have nothing left
LONG_FILES = (
    "test_athena", "test_promises", "test_change_feeds", "test_redshift", "test_vault", "test_s3_costs", "test_engines", "test_end_to_end",
    "test_network", "test_replay", "test_feeds_end_to_end", "test_erasure", "test_engine_builds", "test_bad_input", "test_project_rules",
    "test_debezium", "test_markets", "test_care",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in the order of their files, those of long files first."""
    for item in items:
        if item.path.stem in LEFT_OUT_OF_QUICK:
            item.add_marker("long")
    place = {name: number for number, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end what the engines' stand-ins built."""
    built = {
        "orders": "the orders path alone; make test builds what changed, make test-all everything",
        "all": "everything",
    }.get(
        os.environ.get("MILLRACE_ENGINE_BUILDS", ""),
        "what changed since tests/support/engine_builds.json was written; make test-all builds everything",
    )
    terminalreporter.write_line(f"On the stand-ins for Redshift and Athena was built: {built}.")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Names what failed at once, with its last lines: a run that is stopped prints no summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        lines = report.longreprtext.splitlines()[-12:]
        print("", f"{report.nodeid} failed ({report.when})", *lines, sep="\n", file=sys.__stderr__, flush=True)


class Shared:
    """A folder for what the processes of a run of the tests share: what dbt parsed, and what it compiled."""

    folder = Path()

    @classmethod
    @contextmanager
    def locked(cls, name: str) -> Iterator[Path]:
        """The path of this name there, for one process at a time."""
        cls.folder.mkdir(parents=True, exist_ok=True)
        with (cls.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield cls.folder / name


@pytest.fixture(scope="session", autouse=True)
def shared(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where the processes of this run meet: pytest's own folder, which it clears away."""
    base = tmp_path_factory.getbasetemp()
    Shared.folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"


def given(arguments: list[str], option: str) -> list[str]:
    """An option and its value among a command's arguments; nothing where it is not given."""
    return arguments[arguments.index(option) : arguments.index(option) + 2] if option in arguments else []


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
    """A scratch warehouse: its own landing folder, database and target folder over a project folder.

    kind: what the project is called by all scratch copies of it that are the same; what dbt parsed of it is shared.
    """

    folder: Path
    project: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    kind: str = ""
    results: list[dict[str, Any]] = field(default_factory=list)
    nodes: set[str] = field(default_factory=set)
    _parsed: str = ""

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
        warehouse, so what was parsed in one serves in all. A project that tests change parses for itself.
        """
        command = [*arguments, "--profiles-dir", "../profiles"]
        if self._is_shared and not parses_for_itself(command):
            running = self.start(*arguments)
            return DbtResult(running.wait(), self.output.read_text())
        setting = (self.kind, *sorted(self.environment.items()), *given(command, "--vars"), *given(command, "--target"))
        parsed = f"{hashlib.sha256(repr(setting).encode()).hexdigest()}.msgpack"
        written = self.target / "partial_parse.msgpack"
        if self._is_shared and parsed != self._parsed:
            with Shared.locked(parsed) as known:
                if known.exists():
                    self.target.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(known, written)
        process = DBT_PROCESSES.Process(target=run_dbt, args=(command, self._view(), self._environment(), self.output))
        process.start()
        process.join()
        if process.exitcode == 0 and written.exists() and self._is_shared:
            self._parsed = parsed
            with Shared.locked(parsed) as known:
                if not known.exists():
                    shutil.copyfile(written, known)
        return DbtResult(process.exitcode or 0, self.output.read_text())

    def start(self, *arguments: str) -> Running:
        """Starts a dbt command on the parsed project, and does not wait for it; `output` is where it prints."""
        command = [*arguments, "--profiles-dir", "../profiles"]
        target = given(command, "--target")
        parse = ["--quiet", "parse", "--profiles-dir", "../profiles", *target]
        environment = self._environment()
        setting = (
            self.kind,
            str(self.project),
            *target,
            *sorted(each for each in self.environment.items() if each[0] not in RUN_ENVIRONMENT),
        )
        if setting not in PARSED:
            name = f"{hashlib.sha256(repr((self.kind, *setting[2:])).encode()).hexdigest()}.manifest"
            with Shared.locked(name) as known, copied_back(known, self.target / "partial_parse.msgpack"):
                PARSED[setting] = ParsedProject(parse, self._view(), environment, self.folder / "parsed.txt")
        self.output.unlink(missing_ok=True)
        return PARSED[setting].start(command, self._view(), environment, self.output)

    @property
    def output(self) -> Path:
        """What the last command printed."""
        return self.folder / "output.txt"

    @property
    def _is_shared(self) -> bool:
        """Whether the project stays as it is while tests run."""
        return bool(self.kind) or self.project == ROOT

    def _environment(self) -> dict[str, str]:
        """What a command finds in its environment."""
        self.profiles()
        return {
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

    def _view(self) -> Path:
        """A folder with links to the parts of the project."""
        view = self.folder / "view"
        parts = PROJECT_PARTS if self.project == ROOT else [path.name for path in self.project.iterdir()]
        for part in parts:
            link = view / part
            if not link.is_symlink():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(self.project / part)
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

    def remember_results(self) -> None:
        """Adds what the last command did with each node to `results`, and the names of all nodes to `nodes`."""
        self.results += json.loads((self.target / "run_results.json").read_text())["results"]
        self.nodes.update(node["name"] for node in self.manifest()["nodes"].values() if node["resource_type"] != "test")

    def write(self, path: str, data: bytes | str) -> Path:
        """Lands a file."""
        file = self.landing / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        return file


def copy_project(folder: Path, only: Sequence[str] = ()) -> Path:
    """A scratch copy of the dbt project, without what git ignores; with `only`, of the models those of these domains."""
    for part in PROJECT_PARTS:
        source = ROOT / part
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    if only:
        for layer in ("staging", "vault", "marts"):
            for domain in (folder / "models" / layer).iterdir():
                if domain.is_dir() and domain.name not in (*only, "core"):
                    shutil.rmtree(domain)
        for part in ("snapshots", "analyses", "tests/gates"):
            shutil.rmtree(folder / part)
            (folder / part).mkdir()
    return folder


def copy_macros(folder: Path) -> Path:
    """A scratch copy of the project with its macros and bookkeeping, and no models of its own."""
    copy_project(folder)
    for part in ("models", "seeds", "snapshots", "analyses", "tests/gates"):
        shutil.rmtree(folder / part)
        (folder / part).mkdir()
    for file in (ROOT / "models").glob("_*"):
        shutil.copyfile(file, folder / "models" / file.name)
    shutil.copytree(ROOT / "models/operations", folder / "models/operations")
    return folder


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """A scratch warehouse over the project itself."""
    return Warehouse(tmp_path)


@pytest.fixture(scope="session")
def sample(shared: None) -> Warehouse:
    """The whole sample, built once per run with all of its tests. Nobody writes to it: `copy_of` gives a copy."""
    with Shared.locked("sample") as folder:
        warehouse = Warehouse(folder)
        if not (folder / "built").exists():
            make_landing(warehouse.landing, scale=0.2)
            warehouse.dbt("build").must_pass()
            (folder / "built").touch()
    return warehouse


def copy_of(warehouse: Warehouse, folder: Path) -> Warehouse:
    """A copy of a built warehouse: what landed, the database, and dbt's artifacts."""
    shutil.copytree(warehouse.landing, folder / "landing")
    shutil.copyfile(warehouse.database, folder / "millrace.duckdb")
    shutil.copytree(warehouse.target, folder / "target")
    return Warehouse(folder, warehouse.project, dict(warehouse.environment), warehouse.kind)


class Compiled(Warehouse):
    """What was compiled, to be read by all tests of a process: a further command would write over it."""

    def start(self, *arguments: str) -> Never:
        """No command runs here."""
        raise AssertionError(f"dbt {arguments[0]} would write over what was compiled: Compilations.beside() gives a warehouse for it")

    def dbt(self, *arguments: str) -> Never:
        """No command runs here."""
        self.start(*arguments)


class Compilations(dict[tuple[str, str], Warehouse]):
    """A project compiled without a server, when it is asked for: by target, for a first load ('full') or a later one ('incremental')."""

    def __init__(self, kind: str, project: Path, folder: Path) -> None:
        super().__init__()
        self.kind = kind
        self.project = project
        self.folder = folder
        shutil.copyfile(ROOT / "tests/support/static_compile.sql", project / "macros/static_compile.sql")

    def __missing__(self, key: tuple[str, str]) -> Warehouse:
        target, branch = key
        warehouse = self._warehouse(target, branch)
        with Shared.locked(f"{self.kind}_{target}_{branch}") as done:
            if done.exists():
                shutil.copytree(done, warehouse.target)
            else:
                command = ("compile", "--target", target, "--no-populate-cache", "--vars", json.dumps({"static_compile": branch}))
                warehouse.dbt(*command).must_pass()
                shutil.copytree(warehouse.target, done)
        self[key] = Compiled(warehouse.folder, self.project, warehouse.environment, self.kind)
        return self[key]

    def beside(self, target: str) -> Warehouse:
        """A warehouse for further commands on the same project: each writes a manifest of its own, without what was compiled."""
        return self._warehouse(target, "beside")

    def _warehouse(self, target: str, name: str) -> Warehouse:
        warehouse = Warehouse(self.folder / f"{target}_{name}", self.project, kind=self.kind)
        warehouse.environment["MILLRACE_LANDING"] = "landing" if target == "local" else "s3://millrace-landing"
        # the same text on any day
        warehouse.environment["MILLRACE_SNAPSHOTS_END_ON"] = "2026-01-01"
        return warehouse


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compilations:
    """The project, compiled as it is asked for."""
    return Compilations("static", copy_project(tmp_path_factory.mktemp("static")), tmp_path_factory.mktemp("compiled"))


# --- reports ----------------------------------------------------------------------------------------------------------------------

DATA = re.compile(r'(<script type="application/json" id="data">)(.*?)(</script>)', re.DOTALL)


def data_of(page: str) -> dict[str, Any]:
    """What a report shows, as the page holds it."""
    found = DATA.search(page)
    assert found, page[-2000:]
    return json.loads(found[2])  # type: ignore[no-any-return]


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
            "MILLRACE_REDSHIFT_SSLMODE": "require" if self.tls else "disable",
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
