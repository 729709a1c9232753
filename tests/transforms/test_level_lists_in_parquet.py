"""Lists of levels in Parquet: pages of dictionaries, and the schema's categories, name no sealed record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings

import sealscrub as ss
from sealscrub.errors import UsageError
from sealscrub.matching import Policy

from .arrests import CLEAR, NULLS, ON, SEALED, index
from .test_level_lists import BARRED, LIST, Row, arrow_dictionaries, polars_enums, relation, rows_drawn

Write = Callable[[Sequence[Row], Path], Any]


def rows_of(count: int) -> list[Row]:
    return [(SEALED[0] if at % 3 == 0 else CLEAR[at % 7], "abc"[at % 3]) for at in range(count)]


def flat(table: pa.Table) -> pa.Table:
    return table.select(["arrest_no", "name"])


def of_pandas(rows: Sequence[Row], path: Path) -> None:
    import pandas as pd

    data = {
        "arrest_no": pd.Categorical([row[0] for row in rows], LIST),
        "name": pd.array([row[1] for row in rows], "string" if pd.__version__ < "3" else "str"),
    }
    pd.DataFrame(data).to_parquet(path)


def in_groups(rows: Sequence[Row], path: Path) -> None:
    """Each row group with another list."""
    schema = pa.schema([("arrest_no", pa.dictionary(pa.int16(), pa.string())), ("name", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        for at in range(0, len(rows), 3):
            writer.write_table(flat(arrow_dictionaries(rows[at : at + 3])).unify_dictionaries().cast(schema))


def of_duckdb(rows: Sequence[Row], path: Path) -> None:
    relation(rows).write_parquet(str(path))


WRITERS: dict[str, Write] = {
    "polars": lambda rows, path: polars_enums(rows).write_parquet(path),
    "polars, flat": lambda rows, path: polars_enums(rows).select("arrest_no", "name").write_parquet(path),
    "polars, by pyarrow": lambda rows, path: pq.write_table(polars_enums(rows).to_arrow(), path),
    "polars, no dictionaries": lambda rows, path: pq.write_table(
        polars_enums(rows).to_arrow(), path, use_dictionary=False
    ),
    "pyarrow": lambda rows, path: pq.write_table(arrow_dictionaries(rows).unify_dictionaries(), path),
    "pyarrow, flat": lambda rows, path: pq.write_table(flat(arrow_dictionaries(rows)).unify_dictionaries(), path),
    "pyarrow, no schema": lambda rows, path: pq.write_table(
        flat(arrow_dictionaries(rows)).unify_dictionaries(), path, store_schema=False
    ),
    "groups": in_groups,
    "pandas": of_pandas,
    "duckdb": of_duckdb,
}
writers = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


def held(path: Path) -> list[str]:
    """Sealed ids anywhere in a file, or in what pages decompress to."""
    with pq.ParquetFile(path) as file:
        texts = [leaf.path for leaf in map(file.schema.column, range(file.metadata.num_columns))]
    raw = path.read_bytes().decode("latin-1")
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            raw += table.schema.to_string(truncate_metadata=False)
            raw += "".join(str(column.to_pylist()) for column in map(_lists, table.columns))
    raw += str(pq.read_table(path).to_pydict())
    return [key for key in BARRED if key in raw]


def _lists(column: Any) -> Any:
    chunks = [chunk.dictionary for chunk in column.chunks if pa.types.is_dictionary(chunk.type)]
    return pa.chunked_array(chunks) if chunks else pa.chunked_array([pa.array([""])])


@writers
@given(rows=rows_drawn)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_list_names_a_sealed_record_and_the_world_without_has_the_same(
    write: Write, tmp_path: Path, rows: list[Row]
) -> None:
    for name, some in {"data": rows, "world": [row for row in rows if row[0] not in BARRED]}.items():
        write(some, tmp_path / f"{name}.parquet")
        ss.scrub(tmp_path / f"{name}.parquet", index(), ON, output=tmp_path / f"{name}-clean.parquet", policy=NULLS)
    clean = tmp_path / "data-clean.parquet"

    assert held(clean) == []
    world = tmp_path / "world-clean.parquet"
    if write is of_duckdb:  # whose schema says which columns hold a null
        assert pl.read_parquet(clean).equals(pl.read_parquet(world))
    else:
        assert clean.read_bytes() == world.read_bytes()
    used = {row[0] for row in rows if row[0] not in BARRED}
    kinds = pl.read_parquet(clean).schema
    if isinstance(kinds["arrest_no"], pl.Enum):
        assert set(kinds["arrest_no"].categories) == used - {None}
        assert kinds["name"] == pl.Enum(["a", "b", "c"])
    assert ss.scan(clean, index(), ON, policy=Policy(accept="null", max_unparsable=1)).clean


@writers
def test_a_scan_is_not_clean_while_a_list_names_a_sealed_record(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    write([(CLEAR[0], "a"), (CLEAR[1], "b")], path)
    named = held(path)

    report = ss.scan(path, index(), ON, policy=NULLS)

    assert report.found == bool(named)
    assert report.tables[0].keys[0].sealed == 0
    assert report.exit_code == (1 if named else 0)


def test_the_writers_name_sealed_records() -> None:
    """The test above has something to find, in most of the files."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, write in WRITERS.items():
            write([(CLEAR[0], "a")], Path(folder) / "data.parquet")
            assert bool(held(Path(folder) / "data.parquet")) == (name != "duckdb"), name


@writers
def test_rows_set_aside_leave_with_no_list(write: Write, tmp_path: Path) -> None:
    near = "K1460000O"
    LIST.append(near)
    try:
        write([(CLEAR[0], "a"), (near, "b"), (SEALED[0], "c")], tmp_path / "data.parquet")
    finally:
        LIST.remove(near)
    ss.scrub(
        tmp_path / "data.parquet",
        index(),
        ON,
        output=tmp_path / "clean.parquet",
        quarantine=tmp_path / "aside.parquet",
        policy=Policy(accept="null", max_unparsable=1),
    )

    assert held(tmp_path / "aside.parquet") == []
    assert pl.read_parquet(tmp_path / "aside.parquet")["arrest_no"].cast(pl.String).to_list() == [near]


@writers
def test_levels_of_a_key_column_cannot_be_kept(write: Write, tmp_path: Path) -> None:
    write([(CLEAR[0], "b")], tmp_path / "data.parquet")

    with pytest.raises(UsageError, match=r"arrest_no.*key column"):
        ss.scrub(
            tmp_path / "data.parquet",
            index(),
            ON,
            keep_levels=["arrest_no"],
            output=tmp_path / "clean.parquet",
            policy=NULLS,
        )
    assert not (tmp_path / "clean.parquet").exists()


@pytest.mark.parametrize("edit", [{"null_columns": ["name"]}, {"set_values": {"name": "a"}}])
def test_an_edit_of_a_listed_column_leaves_no_list(edit: dict[str, Any], tmp_path: Path) -> None:
    polars_enums(rows_of(9)).write_parquet(tmp_path / "data.parquet")

    ss.scrub(
        tmp_path / "data.parquet",
        index(),
        ON,
        output=tmp_path / "clean.parquet",
        accept_marks=["name"],
        policy=NULLS,
        **edit,
    )

    read = pl.read_parquet(tmp_path / "clean.parquet")
    assert read["name"].dtype == pl.Enum(["a", "b", "c"])
    assert set(read["arrest_no"].dtype.categories) == set(read["arrest_no"].cast(pl.String))


def test_several_row_groups(tmp_path: Path) -> None:
    rows = rows_of(20_000)
    polars_enums(rows).select("arrest_no", "name").write_parquet(tmp_path / "data.parquet", row_group_size=3_000)

    ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "clean.parquet", policy=NULLS)

    assert held(tmp_path / "clean.parquet") == []
    assert pl.read_parquet(tmp_path / "clean.parquet").equals(
        ss.scrub(pl.read_parquet(tmp_path / "data.parquet"), index(), ON, policy=NULLS)
    )
    assert duckdb.sql(f"SELECT count(*) FROM '{tmp_path / 'clean.parquet'}'").fetchall() != [(0,)]


@pytest.mark.parametrize("name", ["polars", "polars, by pyarrow", "polars, no dictionaries"])
def test_the_order_of_lists_below_the_top_does_not_tell_what_came_first(name: str, tmp_path: Path) -> None:
    """A Parquet file holds the values alone there, and its reader lists them as they come."""
    world = [(CLEAR[0], "b"), (CLEAR[0], "a")]
    for at, rows in enumerate([world, [(SEALED[0], "a"), *world]]):
        WRITERS[name](rows, tmp_path / f"{at}.parquet")
        ss.scrub(tmp_path / f"{at}.parquet", index(), ON, output=tmp_path / f"clean{at}.parquet", policy=NULLS)

    assert (tmp_path / "clean0.parquet").read_bytes() == (tmp_path / "clean1.parquet").read_bytes()
