"""What every source of rows does, whichever it is: frames in memory, files, and tables of databases.

Files are held to more in ``test_every_format.py``. Where a source cannot do something, :data:`CANNOT` says why.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import secrets
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import deltalake
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.certificates.content import content_digest
from sealscrub.errors import (
    ColumnError,
    ConfigError,
    SealedElsewhere,
    SealscrubError,
    UncheckedKeys,
    UsageError,
    WriteFailed,
)
from sealscrub.extracts import extract
from sealscrub.identifiers import generate_certifier
from sealscrub.tables.database import DatabaseKind
from sealscrub.tables.formats import file_formats
from sealscrub.tables.opener import DataSource
from sealscrub.validators.certification import certify

from ..tables.iceberg.lakehouse import Lakehouse, without_chance
from ..transforms.arrests import NULLS, ON, SEALED, index
from .test_every_format import COLUMNS, KEPT, NEAR, ROWS, WRITERS, Row, as_text, columns_named, table

ASIDE: list[Row] = [(NEAR, 1, "near")]


class Source:
    """One kind of source: how rows are put into it, and what a scrub of it returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, rows: Sequence[Row], name: str = "arrests") -> Any:
        raise NotImplementedError

    def scrub(self, data: Any, name: str = "clean", **options: Any) -> Any:
        raise NotImplementedError

    def put_aside(self, data: Any) -> tuple[Any, Any]:
        """Scrub, and give what stays and what is set aside."""
        raise NotImplementedError

    def state(self, made: Any) -> Any:
        """Everything that can be seen of what a scrub returned."""
        raise NotImplementedError

    def content(self, made: Any) -> list[tuple[Any, ...]]:
        with DataSource(made) as source:
            frames = [batch for table in source.tables() for batch in table.batches(COLUMNS)]
        return [tuple(row) for frame in frames for row in frame.cast(pl.String).rows()]


class Frame(Source):
    make: Callable[[pa.Table], Any]

    def put(self, rows: Sequence[Row], name: str = "arrests") -> Any:
        return type(self).make(table(rows))

    def scrub(self, data: Any, name: str = "clean", **options: Any) -> Any:
        return ss.scrub(data, index(), ON, **{"policy": NULLS} | options)

    def put_aside(self, data: Any) -> tuple[Any, Any]:
        done = ss.scrub(data, index(), ON, policy=ss.Policy(quarantine=True, accept={"null"}), detail=True)
        return done.data, done.quarantined

    def state(self, made: Any) -> Any:
        if isinstance(made, duckdb.DuckDBPyRelation):
            return made.types, made.fetchall()
        if isinstance(made, pa.dataset.Dataset):
            made = made.to_table()
        return made.serialize() if isinstance(made, pl.DataFrame) else pickle.dumps(made)


class Pandas(Frame):
    make = staticmethod(lambda rows: rows.to_pandas())


class Polars(Frame):
    make = staticmethod(pl.from_arrow)


class PolarsLazy(Frame):
    make = staticmethod(lambda rows: pl.DataFrame(pl.from_arrow(rows)).lazy())

    def state(self, made: Any) -> Any:
        return made.collect().serialize()


class Arrow(Frame):
    make = staticmethod(lambda rows: rows)


class ArrowBatch(Frame):
    make = staticmethod(lambda rows: rows.combine_chunks().to_batches()[0])


class ArrowReader(Frame):
    make = staticmethod(lambda rows: rows.to_reader())

    def state(self, made: Any) -> Any:
        return pickle.dumps(made.read_all())


class ArrowDataset(Frame):
    make = staticmethod(pyarrow.dataset.dataset)


class Relation(Frame):
    make = staticmethod(duckdb.from_arrow)


class File(Source):
    format: str

    def put(self, rows: Sequence[Row], name: str = "arrests") -> Path:
        path = self.folder / f"{name}{file_formats()[self.format].suffixes[0]}"
        WRITERS[self.format](rows, path)
        return path

    def scrub(self, data: Path, name: str = "clean", **options: Any) -> Path:
        out = self.folder / file_formats()[self.format].relative(data).with_stem(name).name
        ss.scrub(data, index(), ON, output=out, **{"policy": NULLS} | options)
        return out

    def put_aside(self, data: Path) -> tuple[Path, Path]:
        aside = self.folder / file_formats()[self.format].relative(data).with_stem("aside").name
        return self.scrub(data, quarantine=aside), aside

    def state(self, made: Path) -> bytes:
        return made.read_bytes()


class Database(Source):
    """A table of a database; what is set aside goes to a file of Parquet."""

    def put_aside(self, data: str) -> tuple[str, Path]:
        return self.scrub(data, quarantine=self.folder / "aside.parquet"), self.folder / "aside.parquet"

    def state(self, made: str) -> Any:
        return self.content(made)  # a file of DuckDB has a random id in its header


class DatabaseFile(Database):
    kind: DatabaseKind

    def connect(self, path: Path) -> Any:
        return duckdb.connect(str(path)) if self.kind == DatabaseKind.DUCKDB else sqlite3.connect(path)

    def put(self, rows: Sequence[Row], name: str = "arrests") -> str:
        path = self.folder / f"{name}.{self.kind}"
        connection = self.connect(path)
        connection.execute('CREATE TABLE arrests ("{}" VARCHAR, "{}" BIGINT, "{}" VARCHAR)'.format(*COLUMNS))
        connection.executemany("INSERT INTO arrests VALUES (?, ?, ?)", rows)
        connection.commit()
        connection.close()
        return f"{path}#arrests"

    def scrub(self, data: str, name: str = "clean", **options: Any) -> str:
        out = self.folder / f"{name}.{self.kind}"
        ss.scrub(data, index(), ON, output=out, **{"policy": NULLS} | options)
        return f"{out}#arrests"


class DuckDB(DatabaseFile):
    kind = DatabaseKind.DUCKDB


class SQLite(DatabaseFile):
    kind = DatabaseKind.SQLITE

    def state(self, made: str) -> Any:
        return Path(made.partition("#")[0]).read_bytes()


class Delta(Source):
    """A Delta table of one file, since files have no order; what is set aside goes to a file of Parquet."""

    def put(self, rows: Sequence[Row], name: str = "arrests") -> Any:
        deltalake.write_deltalake(self.folder / name, table(rows))
        return f"delta:{self.folder / name}"

    def scrub(self, data: Any, name: str = "clean", **options: Any) -> str:
        out = f"delta:{self.folder / name}"
        ss.scrub(data, index(), ON, output=out, **{"policy": NULLS} | options)
        return out

    def put_aside(self, data: Any) -> tuple[str, Path]:
        return self.scrub(data, quarantine=self.folder / "aside.parquet"), self.folder / "aside.parquet"

    def state(self, made: str) -> Any:
        root = Path(made.removeprefix("delta:"))
        return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


class DeltaObject(Delta):
    """The same by the library's own object."""

    def put(self, rows: Sequence[Row], name: str = "arrests") -> Any:
        return deltalake.DeltaTable(super().put(rows, name).removeprefix("delta:"))


class Iceberg(Source):
    """A table of a catalog of pyiceberg; what is set aside goes to a file of Parquet."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.lake = Lakehouse(folder)

    def put(self, rows: Sequence[Row], name: str = "arrests") -> Any:
        self.lake.create(name, table([]).schema, rows=table(rows))
        return self.lake.address(name)

    def scrub(self, data: Any, name: str = "clean", **options: Any) -> str:
        out = self.lake.address(name)
        ss.scrub(data, index(), ON, output=out, **{"policy": NULLS} | options)
        return out

    def put_aside(self, data: Any) -> tuple[str, Path]:
        return self.scrub(data, quarantine=self.folder / "aside.parquet"), self.folder / "aside.parquet"

    def state(self, made: str) -> Any:
        return without_chance(self.lake, made.rpartition(".")[2])


class IcebergObject(Iceberg):
    """The same by the library's own object."""

    def put(self, rows: Sequence[Row], name: str = "arrests") -> Any:
        return self.lake.catalog.load_table(super().put(rows, name).partition("/")[2])


class IcebergFile(Iceberg):
    """The same, written to a file of Parquet."""

    def scrub(self, data: Any, name: str = "clean", **options: Any) -> str:
        out = self.folder / f"{name}.parquet"
        ss.scrub(data, index(), ON, output=out, **{"policy": NULLS} | options)
        return str(out)

    def state(self, made: str) -> bytes:
        return Path(made).read_bytes()


class DeltaToIceberg(Iceberg):
    """A Delta table that is written as an Iceberg table."""

    def put(self, rows: Sequence[Row], name: str = "arrests") -> Any:
        deltalake.write_deltalake(self.folder / name, table(rows))
        return f"delta:{self.folder / name}"


class IcebergToDelta(Iceberg):
    """The other way round."""

    def scrub(self, data: Any, name: str = "clean", **options: Any) -> str:
        return Delta.scrub(self, data, name, **options)  # type: ignore[arg-type]  # it has a folder

    def state(self, made: str) -> Any:
        return Delta.state(self, made)  # type: ignore[arg-type]  # it asks nothing of it


class Postgres(Database):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        url = os.environ.get("SEALSCRUB_POSTGRES_URL")
        if not url:
            pytest.skip("SEALSCRUB_POSTGRES_URL names no server")
        self.url = url.replace("+psycopg", "")
        self.prefix = f"source_{secrets.token_hex(4)}"

    def run(self, statement: str, rows: Sequence[Row] = ()) -> Any:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection, connection.cursor() as cursor:
            if rows:
                cursor.executemany(statement, rows)
                return None
            return cursor.execute(statement).fetchall() if statement.startswith("SELECT") else cursor.execute(statement)

    def put(self, rows: Sequence[Row], name: str = "arrests") -> str:
        schema = f"{self.prefix}_{name}"
        self.run(f"CREATE SCHEMA {schema}")
        self.run('CREATE TABLE {}.arrests ("{}" text, "{}" bigint, "{}" text)'.format(schema, *COLUMNS))
        if rows:
            self.run(f"INSERT INTO {schema}.arrests VALUES (%s, %s, %s)", rows)
        return f"{self.url}#{schema}.arrests"

    def scrub(self, data: str, name: str = "clean", **options: Any) -> str:
        ss.scrub(data, index(), ON, output=f"{self.prefix}_{name}", **{"policy": NULLS} | options)
        return f"{self.url}#{self.prefix}_{name}.arrests"

    def schemas(self) -> list[str]:
        found = self.run("SELECT nspname FROM pg_namespace ORDER BY 1")
        return [name for (name,) in found if name.startswith(("sealscrub_new_", self.prefix))]


SOURCES: dict[str, type[Source]] = {
    "pandas": Pandas,
    "polars": Polars,
    "polars lazy": PolarsLazy,
    "pyarrow table": Arrow,
    "pyarrow batch": ArrowBatch,
    "pyarrow reader": ArrowReader,
    "pyarrow dataset": ArrowDataset,
    "duckdb relation": Relation,
    **{format: type(format, (File,), {"format": format}) for format in sorted(file_formats())},
    "duckdb": DuckDB,
    "sqlite": SQLite,
    "postgresql": Postgres,
    "delta": Delta,
    "delta object": DeltaObject,
    "iceberg": Iceberg,
    "iceberg object": IcebergObject,
    "iceberg to a file": IcebergFile,
    "delta to iceberg": DeltaToIceberg,
    "iceberg to delta": IcebergToDelta,
}

UNDIGESTED = {
    "csv": "a file of text has a digest under a schema only",
    "jsonl": "a file of text has a digest under a schema only",
    "excel": "what comes out is Parquet, which is certified as such",
    "polars lazy": "a query has no content until it is collected",
    "duckdb relation": "a relation is a query, which may give other rows the next time",
}
CANNOT = {
    "test_a_plan_takes_it": {
        "pyarrow reader": "its rows are read once, and a plan is asked again",
    },
    **dict.fromkeys(("test_what_comes_out_has_the_digest_of_its_rows", "test_what_comes_out_is_certified"), UNDIGESTED),
}


AS_ANOTHER = ("delta object", "delta to iceberg", "iceberg object", "iceberg to a file", "iceberg to delta")
"""What is read as one source and written as another, each of which has every test in the gate."""
TURNS = 3


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each source to each test; in the gate those of ``AS_ANOTHER`` to nullity and to every third other."""
    own = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "source" not in metafunc.fixturenames or "source" in own:
        return
    at = zlib.crc32(metafunc.function.__name__.encode())
    whole = metafunc.function is test_a_scrub_gives_what_the_rows_that_stay_would_give
    whole = whole or metafunc.definition.get_closest_marker("thinned") is not None
    later = {name for turn, name in enumerate(AS_ANOTHER) if (at + turn) % TURNS and not whole}
    given = [pytest.param(name, marks=[pytest.mark.long] if name in later else []) for name in sorted(SOURCES)]
    metafunc.parametrize("source", given, indirect=True)


@pytest.fixture
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    reason = CANNOT.get(request.function.__name__, {}).get(request.param)
    if reason is not None:
        pytest.skip(reason)
    made = SOURCES[request.param](tmp_path)
    yield made
    if isinstance(made, Iceberg):
        made.lake.close()
    if isinstance(made, Postgres):
        for name in made.schemas():
            made.run(f'DROP SCHEMA "{name}" CASCADE')


def test_every_kind_is_here() -> None:
    assert set(file_formats()) | set(DatabaseKind) <= set(SOURCES)


def test_a_scan_finds(source: Source) -> None:
    report = ss.scan(source.put(ROWS), index(), ON, policy=NULLS)
    assert (report.tables[0].rows, report.tables[0].keys[0].sealed, report.clean) == (5, 2, False)


def test_a_scrub_gives_what_the_rows_that_stay_would_give(source: Source) -> None:
    """With and without the sealed rows the same, which holds nothing of these."""
    first = source.state(source.scrub(source.put(ROWS, "with"), "first"))
    second = source.state(source.scrub(source.put(KEPT, "without"), "second"))
    assert first == second
    made = source.scrub(source.put(ROWS, "again"), "third")
    assert source.content(made) == as_text(KEPT)


def test_what_comes_out_is_clean(source: Source) -> None:
    assert ss.scan(source.scrub(source.put(ROWS)), index(), ON, policy=NULLS).clean


def test_an_extract_is_made_of_it(source: Source) -> None:
    rows: list[Row] = [("B16800029", 40, "a"), (None, 41, "b"), ("K14600001", 42, None)]
    made = extract(source.put(rows), row_id="precinct", fields={"last_name": "note", "charge": "arrest_no"})
    held = made.frame.select("id", "last_name", "charge").sort("id").rows()
    assert held == [("40", "a", "B16800029"), ("41", "b", None), ("42", None, "K14600001")]
    assert made.frame.schema == dict.fromkeys(made.frame.columns, pl.String)


MENTION: Row = ("B16800029", 40, f"released with {SEALED[0][:3]}-{SEALED[0][3:]}.")


def test_an_id_in_a_column_that_is_not_a_key_is_found(source: Source) -> None:
    report = ss.scan(source.put([*KEPT, MENTION]), index(), ON, sweep=True, policy=NULLS)
    assert (report.exit_code, report.tables[0].keys[0].sealed) == (1, 0)
    assert [(each.place, each.found) for each in report.tables[0].elsewhere] == [("note", 1)]


def test_nothing_is_written_where_a_row_that_stays_names_a_sealed_record(source: Source) -> None:
    with pytest.raises(SealedElsewhere, match="note") as caught:
        source.scrub(source.put([*ROWS, MENTION]), sweep=True)
    assert SEALED[0][3:] not in str(caught.value)
    assert caught.value.report.exit_code == 3


def test_a_row_that_is_removed_may_repeat_its_id(source: Source) -> None:
    rows = [(row[0], row[1], row[0]) if row[0] in SEALED else row for row in ROWS]
    assert source.content(source.scrub(source.put(rows), sweep=True)) == as_text(KEPT)


def test_a_column_is_left_by_name_whether_or_not_there_is_something_in_it(source: Source) -> None:
    leave = {"note": "remarks of officers, read by hand"}
    for name, rows in (("with", [*ROWS, MENTION]), ("without", ROWS)):
        report = ss.scan(source.put(rows, name), index(), ON, sweep=True, leave=leave, policy=NULLS)
        assert (report.tables[0].elsewhere, dict(report.tables[0].left)) == ((), leave)
    made = source.scrub(source.put([*ROWS, MENTION], "written"), sweep=True, leave=leave)
    assert source.content(made) == as_text([*KEPT, MENTION])


def test_an_edit_keeps_the_rows(source: Source) -> None:
    made = source.scrub(
        source.put(ROWS), null_columns=["arrest_no"], set_values={"note": "seen"}, accept_marks=["arrest_no"]
    )
    assert source.content(made) == as_text([(None, row[1], "seen") if row[0] in SEALED else row for row in ROWS])


def test_an_edit_that_would_mark_the_rows_is_refused(source: Source) -> None:
    with pytest.raises(UsageError, match="mark"):
        source.scrub(source.put(ROWS), set_values={"note": "never seen"})


def test_rows_that_could_not_be_checked_are_set_aside(source: Source) -> None:
    with pytest.raises(UncheckedKeys) as caught:
        source.scrub(source.put([*ROWS, *ASIDE], "refused"), "refused_out")
    assert NEAR not in str(caught.value)
    kept, aside = source.put_aside(source.put([*ROWS, *ASIDE]))
    assert (source.content(kept), source.content(aside)) == (as_text(KEPT), as_text(ASIDE))


def test_rows_without_a_key_are_not_checked_unless_that_is_accepted(source: Source) -> None:
    """A null, a blank and a word for none alike; what was set aside is not checked either."""
    lost: list[Row] = [(None, 75, "seen"), (" ", 41, None), ("UNKNOWN", 40, "seen")]
    data = source.put([*KEPT[:2], *lost], "refused")
    for given, accepted in (({}, False), ({"policy": NULLS}, True)):
        report = ss.scan(data, index(), ON, **given)
        (found,) = report.tables
        assert (found.rows, found.keys[0].null, found.reach) == (5, 3, 0.4)
        assert (report.exit_code, found.without_key) == ((0, 0) if accepted else (3, 3))
        if isinstance(source, ArrowReader):
            data = source.put([*KEPT[:2], *lost])
    with pytest.raises(UncheckedKeys, match="3 of 5 rows have no key"):
        source.scrub(data, "refused_out", policy=ss.Policy())


def test_after_its_only_key_was_nulled_what_came_out_is_what_it_gives_again(source: Source) -> None:
    nulled = {"null_columns": ["arrest_no"], "accept_marks": ["arrest_no"]}
    made = source.scrub(source.put(ROWS), **nulled)
    assert ss.scan(made, index(), ON, policy=NULLS).exit_code == 0
    if isinstance(source, ArrowReader):
        made = source.scrub(source.put(ROWS), **nulled)
    again = source.scrub(made, "again", **nulled)
    assert source.content(again) == as_text([(None, *row[1:]) if row[0] in SEALED else row for row in ROWS])


def test_an_edit_that_leaves_rows_without_a_key_is_refused_before_anything_is_read(source: Source) -> None:
    for rows in (ROWS, KEPT):
        with pytest.raises(ConfigError, match="arrest_no"):
            source.scrub(source.put(rows, f"with_{len(rows)}"), policy=ss.Policy(), null_columns=["arrest_no"])


def test_a_plan_takes_it(source: Source) -> None:
    rules = {"keys": {"arrest_number": "arrest_no"}, "independent": "the arrest itself", "accept_null": "a stop"}
    plan = ss.Plan.from_dict({"version": 1, "tables": {"arrests": {"source": "arrests.parquet", **rules}}})
    data = {"arrests": source.put(ROWS)}
    assert plan.scan(data, index()).found
    assert plan.scrub(data, index(), dry_run=True).tables[0].removed == 2


def test_a_column_that_may_number_the_rows_is_named_whichever_are_sealed(source: Source) -> None:
    said = []
    for at, (rows, leave) in enumerate([(ROWS, None), (KEPT, None), (ROWS, {"index": "numbers of courts"})]):
        with columns_named("arrest_no", "index", "note"):
            data = source.put(rows, f"put_{at}")
        report = ss.scan(data, index(), ON, policy=NULLS, leave=leave)
        said.append([each.partition(": ")[2] for each in report.warnings if "may number the rows" in each])

    assert said[0] == said[1]
    assert len(said[0]) == 1
    assert "'index'" in said[0][0]
    assert not said[2]


def test_what_comes_out_has_the_digest_of_its_rows(source: Source) -> None:
    assert content_digest(source.scrub(source.put(ROWS))).value == content_digest(table(KEPT)).value


def test_what_comes_out_is_certified(source: Source, tmp_path: Path) -> None:
    generate_certifier(tmp_path / "team.key")
    made = source.scrub(source.put(ROWS))
    issued = certify(made, index(), ON, signer=load_signer(tmp_path / "team.key"), policy=NULLS)
    payload = base64.b64decode(json.loads(issued.certificate)["payload"])
    assert content_digest(table(KEPT)).value.encode() in payload
    assert SEALED[0].encode() not in payload


def test_a_column_that_is_absent(source: Source) -> None:
    with pytest.raises(ColumnError):
        ss.scan(source.put(ROWS), index(), {"arrest_number": "absent"})


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(
    "named",
    [
        {"keep_levels": ["absent"]},
        {"null_columns": ["note"], "accept_marks": ["note", "absent"]},
        {"null_columns": ["absent"]},
        {"set_values": {"absent": "x"}},
    ],
)
def test_another_column_that_is_absent(source: Source, named: dict[str, Any]) -> None:
    with pytest.raises(ColumnError, match="absent"):
        source.scrub(source.put(ROWS), **named)


def test_marks_are_accepted_for_an_edit_alone(source: Source) -> None:
    with pytest.raises(ConfigError, match="only if a column is edited"):
        source.scrub(source.put(ROWS), accept_marks=["note"])


def test_after_an_error_nothing_is_there(source: Source) -> None:
    data = source.put([*ROWS, *ASIDE])
    before = source.schemas() if isinstance(source, Postgres) else sorted(source.folder.iterdir())
    with pytest.raises(UncheckedKeys):
        source.scrub(data)
    assert before == (source.schemas() if isinstance(source, Postgres) else sorted(source.folder.iterdir()))


@pytest.mark.parametrize("name", ["duckdb", "sqlite"])
class TestDatabaseFiles:
    def test_an_output_of_another_kind_is_refused(self, name: str, tmp_path: Path) -> None:
        data = SOURCES[name](tmp_path).put(ROWS)
        for out in ("clean.csv", "clean.sqlite" if name == "duckdb" else "clean.duckdb", "clean"):
            with pytest.raises(SealscrubError, match=f"a database of {name}"):
                ss.scrub(data, index(), ON, output=tmp_path / out, policy=NULLS)
        assert len(list(tmp_path.iterdir())) == 1

    def test_the_input_is_not_replaced(self, name: str, tmp_path: Path) -> None:
        source = SOURCES[name](tmp_path)
        data = source.put(ROWS)
        with pytest.raises(UsageError, match="replace the input"):
            source.scrub(data, "arrests")
        assert ss.scan(data, index(), ON, policy=NULLS).found

    def test_an_output_that_was_there_is_as_it_was_after_an_error(self, name: str, tmp_path: Path) -> None:
        source = SOURCES[name](tmp_path)
        (tmp_path / f"clean.{name}").write_bytes(b"as it was")
        with pytest.raises(UncheckedKeys):
            source.scrub(source.put([*ROWS, *ASIDE]))
        assert (tmp_path / f"clean.{name}").read_bytes() == b"as it was"
        source.scrub(source.put(ROWS, "whole"))
        assert (tmp_path / f"clean.{name}").read_bytes() != b"as it was"

    def test_a_constraint_that_nulls_would_break(self, name: str, tmp_path: Path) -> None:
        source = SOURCES[name](tmp_path)
        data = source.put(ROWS)
        connection = source.connect(tmp_path / f"arrests.{name}")  # type: ignore[attr-defined]
        connection.execute("CREATE TABLE strict (arrest_no VARCHAR, precinct BIGINT NOT NULL)")
        connection.execute("INSERT INTO strict SELECT arrest_no, precinct FROM arrests")
        connection.commit()
        connection.close()
        with pytest.raises((WriteFailed, UsageError)):
            ss.scrub(
                data.replace("#arrests", "#strict"),
                index(),
                ON,
                output=tmp_path / f"clean.{name}",
                null_columns=["precinct"],
                accept_marks=["precinct"],
                policy=NULLS,
            )
        assert not (tmp_path / f"clean.{name}").exists()

    def test_several_tables_are_scanned_together_and_written_by_a_plan(self, name: str, tmp_path: Path) -> None:
        source = SOURCES[name](tmp_path)
        data, other = source.put(ROWS), File.put(SOURCES["csv"](tmp_path), ROWS, "more")  # type: ignore[arg-type]
        report = ss.scan([data, other], index(), ON, policy=NULLS)
        assert [(each.name, each.rows) for each in report.tables] == [("more.csv", 5), (f"arrests.{name}#arrests", 5)]
        with pytest.raises(UsageError, match="scrubbed alone"):
            ss.scrub([data, other], index(), ON, output=tmp_path / "out", policy=NULLS)


def test_a_frame_of_pandas_keeps_its_own(tmp_path: Path) -> None:
    """A look at one frame by its own library, beside what the opener reads."""
    made = ss.scrub(table(ROWS).to_pandas(), index(), ON, policy=NULLS)
    pd.testing.assert_frame_equal(made, table(KEPT).to_pandas())
