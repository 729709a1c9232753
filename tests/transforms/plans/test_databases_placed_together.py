"""An estate on two servers is put in place as a whole: when anything fails, every schema is as it was."""

from __future__ import annotations

import os
import secrets
import shutil
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

    def scrub(self, **options: Any) -> Any:
        keys = {"arrest_number": "arrest_no"}
        spec = {
            "version": 1,
            "tables": {
                "cases": {"source": "cases.parquet", "keys": keys},
                "first": {"source": f"{self.urls[0]}#{self.source}.arrests", "keys": keys},
                "second": {"source": f"{self.urls[1]}#{self.source}.arrests", "keys": keys},
            },
        }
        host = urlsplit(self.urls[0]).hostname or ""

        def progress(*_: object) -> None:
            while self.meanwhile:
                self.meanwhile.pop()()

        return Plan.from_dict(spec, root=self.folder / "data").scrub(
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
