"""An estate on two servers is put in place as a whole: when anything fails, every schema is as it was."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import SealscrubError
from sealscrub.matching import Policy
from sealscrub.transforms.plans import Plan

pytestmark = pytest.mark.postgres

SEALED, CLEAR, NEAR = "K14000001", "B16000002", "K1400000O"
REFUSING = """
CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no'; END$$;
CREATE EVENT TRIGGER refusing ON ddl_command_start WHEN TAG IN ('{tag}') EXECUTE FUNCTION public.refuse()
"""


@dataclass
class Servers:
    """Two databases, each with a schema to read, and a folder with a file."""

    urls: list[str]
    folder: Path
    source: str = field(default_factory=lambda: f"in_{secrets.token_hex(4)}")
    output: str = field(default_factory=lambda: f"out_{secrets.token_hex(4)}")
    meanwhile: list[Callable[[], Any]] = field(default_factory=list)

    def run(self, at: int, statement: str) -> list[Any]:
        import psycopg

        with psycopg.connect(self.urls[at], autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def state(self) -> dict[str, Any]:
        """Every schema of both databases with the rows of its tables, and every file."""
        found: dict[str, Any] = {}
        for at in range(2):
            names = f"(nspname LIKE 'sealscrub_new%' OR nspname LIKE '{self.output}%')"
            for (name,) in self.run(at, f"SELECT nspname FROM pg_namespace WHERE {names}"):
                tables = self.run(at, f"SELECT tablename FROM pg_tables WHERE schemaname = '{name}'")
                for (table,) in tables:
                    found[f"{at} {name}.{table}"] = self.run(at, f'SELECT * FROM "{name}".{table} ORDER BY 1')
        for path in sorted(self.folder.rglob("*")):
            found[str(path.relative_to(self.folder))] = path.read_bytes() if path.is_file() else None
        return found

    def plan(self) -> dict[str, Any]:
        keys = {"arrest_number": "arrest_no"}
        return {
            "version": 1,
            "tables": {
                "cases": {"source": "cases.parquet", "keys": keys},
                "first": {"source": f"{self.urls[0]}#{self.source}.arrests", "keys": keys},
                "second": {"source": f"{self.urls[1]}#{self.source}.arrests", "keys": keys},
            },
        }

    def scrub(self, **options: Any) -> Any:
        host = urlsplit(self.urls[0]).hostname or ""

        def progress(*_: object) -> None:
            while self.meanwhile:
                self.meanwhile.pop()()

        return Plan.from_dict(self.plan(), root=self.folder / "data").scrub(
            index=example_index([SEALED]),
            output=self.folder / self.output,
            allow_database=[host],
            progress=progress,
            **options,
        )


@pytest.fixture(scope="module")
def urls() -> Iterator[list[str]]:
    import psycopg

    whole = urlsplit(os.environ["SEALSCRUB_POSTGRES_URL"].replace("+psycopg", ""))
    names = [f"together_{secrets.token_hex(4)}" for _ in range(2)]
    with psycopg.connect(urlunsplit(whole), autocommit=True) as server:
        for name in names:
            server.execute(f"CREATE DATABASE {name}")
        yield [urlunsplit(whole._replace(path=f"/{name}")) for name in names]
        for name in names:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def servers(urls: list[str], tmp_path: Path) -> Iterator[Servers]:
    made = Servers(urls, tmp_path)
    (tmp_path / "data").mkdir()
    pl.DataFrame({"arrest_no": [SEALED, CLEAR]}).write_parquet(tmp_path / "data" / "cases.parquet")
    for at in range(2):
        made.run(at, f"CREATE SCHEMA {made.source}")
        made.run(at, f"CREATE TABLE {made.source}.arrests (arrest_no text)")
        made.run(at, f"INSERT INTO {made.source}.arrests VALUES ('{SEALED}'), ('{CLEAR}')")
    yield made
    made.run(1, "DROP EVENT TRIGGER IF EXISTS refusing")
    made.run(1, "DROP FUNCTION IF EXISTS public.refuse")


def name_taken(servers: Servers) -> None:
    servers.run(1, f"CREATE SCHEMA {servers.output}_other; CREATE TABLE {servers.output}_other.kept (x int)")
    servers.meanwhile.append(lambda: servers.run(1, f"ALTER SCHEMA {servers.output}_other RENAME TO {servers.output}"))


def rename_refused(servers: Servers) -> None:
    servers.run(1, REFUSING.format(tag="ALTER SCHEMA"))


def table_refused(servers: Servers) -> None:
    servers.run(1, REFUSING.format(tag="CREATE TABLE"))


def source_changed(servers: Servers) -> None:
    change = f"INSERT INTO {servers.source}.arrests VALUES ('{CLEAR}')"
    servers.meanwhile.append(lambda: servers.run(1, change))


def folder_in_the_way(servers: Servers) -> None:
    place = servers.folder / servers.output

    def take() -> None:
        if place.exists():
            shutil.rmtree(place)
        place.write_text("somebody's")

    servers.meanwhile.append(take)


#: Runs a plan as :meth:`Servers.scrub` does, in a process that can be killed.
RUN = """
import json, sys
from pathlib import Path
from sealscrub.datasets import example_index
from sealscrub.transforms.plans import Plan
spec, folder, output, host, sealed, replace = json.load(sys.stdin)
plan = Plan.from_dict(spec, root=Path(folder) / "data")
index = example_index([sealed])
plan.scrub(index=index, output=Path(folder) / output, allow_database=[host], replace=replace)
"""
SLEEPING = """
CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(600); END$$;
CREATE EVENT TRIGGER refusing ON ddl_command_start WHEN TAG IN ('ALTER SCHEMA') EXECUTE FUNCTION public.refuse()
"""


def killed_between(servers: Servers, *, replace: bool) -> None:
    """Run the plan, and kill it when the first schema is in place and the second is not."""
    asked = [servers.plan(), str(servers.folder), servers.output, urlsplit(servers.urls[0]).hostname, SEALED, replace]
    waits = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'ALTER SCHEMA%'"
    servers.run(1, SLEEPING)
    with subprocess.Popen([sys.executable, "-c", RUN], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdin is not None
        run.stdin.write(json.dumps(asked).encode())
        run.stdin.close()
        while not servers.run(1, f"SELECT pid {waits} AND state = 'active'"):
            assert run.poll() is None
            time.sleep(0.05)
        run.kill()
    servers.run(1, f"SELECT pg_terminate_backend(pid, 60000) {waits}")
    servers.run(1, "DROP EVENT TRIGGER refusing; DROP FUNCTION public.refuse")


FAULTS = [name_taken, rename_refused, table_refused, source_changed, folder_in_the_way]
"""With replace the first is not a fault."""


@pytest.mark.parametrize(
    ("fault", "replace"), [*((fault, False) for fault in FAULTS), *((fault, True) for fault in FAULTS[1:])]
)
def test_a_failure_leaves_every_schema_as_it_was(
    fault: Callable[[Servers], None], replace: bool, servers: Servers
) -> None:
    if replace:
        servers.scrub()
    fault(servers)
    before = servers.state()

    with pytest.raises(SealscrubError) as failed:
        servers.scrub(replace=replace)

    after = servers.state()
    if fault is folder_in_the_way:
        assert after.pop(servers.output) == b"somebody's"
        before = {name: held for name, held in before.items() if not name.startswith(servers.output)}
    if fault is name_taken:
        before = {name.replace("_other", ""): held for name, held in before.items()}
    assert after == before
    assert SEALED not in str(failed.value)
    if fault is rename_refused:
        servers.run(1, "DROP EVENT TRIGGER refusing")
        servers.scrub(replace=replace)
        held = servers.state()
        for at in range(2):
            assert held[f"{at} {servers.output}.arrests"] == [(CLEAR,)]


@pytest.mark.parametrize("fault", [rename_refused, table_refused, source_changed])
def test_rows_that_were_set_aside_are_not_either(fault: Callable[[Servers], None], servers: Servers) -> None:
    servers.run(0, f"INSERT INTO {servers.source}.arrests VALUES ('{NEAR}')")
    fault(servers)
    policy = Policy(accept=["unparsable"], max_unparsable=1, quarantine=True)

    with pytest.raises(SealscrubError):
        servers.scrub(quarantine=servers.folder / "aside", policy=policy)

    assert not (servers.folder / "aside").exists()
    assert not [path for path in servers.folder.iterdir() if path.name != "data"]


@pytest.mark.parametrize("replace", [False, True])
def test_a_kill_between_two_schemas_leaves_whole_ones_and_the_next_run_replaces_them(
    replace: bool, servers: Servers
) -> None:
    if replace:
        servers.scrub()
        for at in range(2):  # what the earlier output held, and the next one will not
            servers.run(at, f"INSERT INTO {servers.output}.arrests VALUES ('Q15000003')")
    before = servers.state()

    killed_between(servers, replace=replace)

    held = servers.state()
    assert held[f"0 {servers.output}.arrests"] == [(CLEAR,)]
    assert held.get(f"1 {servers.output}.arrests") == before.get(f"1 {servers.output}.arrests")
    earlier = [name for name in held if name.startswith(f"0 {servers.output}_earlier_")]
    assert [held[name] for name in earlier] == ([before[f"0 {servers.output}.arrests"]] if replace else [])
    assert {name: one for name, one in held.items() if name.startswith(f"{servers.output}/")} == {
        name: one for name, one in before.items() if name.startswith(f"{servers.output}/")
    }
    (left,) = [
        name.partition(".")[0].removeprefix("1 ")
        for name in held
        if name.startswith("1 sealscrub_new_") and name not in before
    ]
    if not replace:
        with pytest.raises(SealscrubError, match="there is a schema of this name"):
            servers.scrub()
        assert servers.state() == held
    while any(dt.datetime.now(dt.UTC).strftime("_%Y%m%dT%H%M%SZ") in name for name in held):
        time.sleep(0.05)  # an earlier output's name has the second
    report = servers.scrub(replace=True)
    assert any(left in each and "killed" in each for each in report.warnings), report.to_text()
    held = servers.state()
    for at in range(2):
        assert held[f"{at} {servers.output}.arrests"] == [(CLEAR,)]
    servers.run(1, f"DROP SCHEMA {left} CASCADE")
