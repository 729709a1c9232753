"""Names, types, levels and metadata are certified beside the rows, and verify no more once somebody added to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.certificates import State, Statement, content_digest, structure_digest
from sealscrub.errors import InvalidCertificate, SealscrubError, UsageError
from sealscrub.validators.certification import verify

from ...transforms.outside_pages import FORGED, HIDDEN
from .conftest import CLEAN, ON, SEALED, Office

ID = SEALED[0]
NESTED = pa.struct([pa.field("x", pa.int64())])
TABLE = pa.table(
    {
        "arrest_no": CLEAN,
        "n": range(len(CLEAN)),
        "c": pa.DictionaryArray.from_arrays(pa.array([0, 1] * 15, pa.int8()), ["a", "b"]),
        "s": pa.array([{"x": 1}] * len(CLEAN), NESTED),
    },
    metadata={"geo": '{"version": "1.1.0", "columns": {}}'},
)

_REFUSED = r"names, levels or metadata|sealed or withheld records found"


def column(name: str, value: Any, field: pa.Field | None = None) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        at = table.schema.names.index(name)
        return table.set_column(at, field or pa.field(name, value.type), value)

    return change


def relevelled(levels: list[str], *, ordered: bool = False) -> pa.Array:
    codes = pa.array([levels.index("a"), levels.index("b")] * 15, pa.int8())
    return pa.DictionaryArray.from_arrays(codes, levels, ordered=ordered)


def noted(field: pa.Field) -> Callable[[pa.Table], pa.Table]:
    at = TABLE.schema.names.index(field.name)
    schema = TABLE.schema.set(at, field)
    return lambda table: pa.Table.from_arrays(table.columns, schema=schema)


ADDED: dict[str, Callable[[pa.Table], pa.Table]] = {
    "a level": column("c", relevelled(["a", "b", "K14999999"])),
    "an order of levels": column("c", relevelled(["b", "a"])),
    "ordered": column("c", relevelled(["a", "b"], ordered=True)),
    "values in the place of levels": column("c", pa.array(["a", "b"] * 15)),
    "an entry": lambda table: table.replace_schema_metadata({**(table.schema.metadata or {}), "x": "y"}),
    "another entry": lambda table: table.replace_schema_metadata({"geo": '{"version": "1.0.0", "columns": {}}'}),
    "no entry": lambda table: table.replace_schema_metadata(None),
    "an entry of a field": noted(pa.field("n", pa.int64(), metadata={"unit": "x"})),
    "an entry within": noted(pa.field("s", pa.struct([pa.field("x", pa.int64(), metadata={"unit": "x"})]))),
    "a field id": noted(pa.field("n", pa.int64(), metadata={"PARQUET:field_id": "7"})),
    "a type": column("n", pa.array(range(len(CLEAN)), pa.int32())),
    "no nulls": noted(pa.field("n", pa.int64(), nullable=False)),
    "an order of columns": lambda table: table.select(["n", "arrest_no", "c", "s"]),
}


@pytest.fixture
def certified(office: Office, tmp_path: Path) -> Any:
    pq.write_table(TABLE, tmp_path / "clean.parquet")
    return office.opened(office.issue(tmp_path / "clean.parquet").certificate)


@pytest.mark.parametrize("what", ADDED)
def test_what_was_added_to_a_certified_file_does_not_verify(certified: Any, tmp_path: Path, what: str) -> None:
    changed = ADDED[what](TABLE)
    pq.write_table(changed, tmp_path / "other.parquet")

    result = verify(certified, data=tmp_path / "other.parquet")

    assert content_digest(tmp_path / "other.parquet") == content_digest(tmp_path / "clean.parquet")
    assert result.levels[1].state is State.FAILED
    assert result.levels[1].why == "their names, types, levels and metadata differ"
    assert result.exit_code == 1


def test_bloom_filters_and_unknown_writers_do_not_verify(certified: Any, tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "other.parquet", bloom_filter_options={"arrest_no": True})

    level = verify(certified, data=tmp_path / "other.parquet").levels[1]

    assert level.state is State.FAILED
    assert "Bloom filters" in level.why
    written = (tmp_path / "clean.parquet").read_bytes()
    name = f"parquet-cpp-arrow version {pa.__version__}".encode()
    (tmp_path / "other.parquet").write_bytes(written.replace(name, b"K14999999".ljust(len(name))))
    assert verify(certified, data=tmp_path / "other.parquet").levels[1].state is State.FAILED


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("how", HIDDEN)
@pytest.mark.parametrize("folder", [False, True])
def test_bytes_outside_of_pages_neither_verify_nor_are_certified(
    office: Office, tmp_path: Path, how: str, folder: bool
) -> None:
    place = tmp_path / "data"
    place.mkdir()
    path = place / "a.parquet"
    pq.write_table(TABLE, path)
    data = place if folder else path
    certificate = office.opened(office.issue(data).certificate)
    path.write_bytes(HIDDEN[how](path.read_bytes(), CLEAN[0].encode(), ID.encode()))

    result = verify(certificate, data=data, index=office.index)

    assert [result.levels[at].state for at in (1, 2)] == [State.FAILED, State.FAILED]
    assert "belong to none of its pages" in result.levels[1].why
    with pytest.raises(SealscrubError) as caught:
        office.issue(data)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("how", FORGED)
def test_forged_statistics_neither_verify_nor_are_certified(office: Office, tmp_path: Path, how: str) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(TABLE, path, compression="zstd", write_page_index=True)
    certificate = office.opened(office.issue(path).certificate)
    path.write_bytes(FORGED[how](path.read_bytes(), CLEAN[0].encode(), ID.encode()))

    assert verify(certificate, data=path).levels[1].state is State.FAILED
    assert verify(certificate, data=path, index=office.index).levels[2].state is State.FAILED
    with pytest.raises(UsageError, match=_REFUSED) as caught:
        office.issue(path)
    assert (caught.value.exit_code, ID in str(caught.value)) == (1, False)


def test_how_it_is_laid_out_does_not_count(certified: Any, tmp_path: Path) -> None:
    wide = column("arrest_no", pa.array(CLEAN, pa.large_string()))(TABLE)
    for table, options in (
        (TABLE, {"row_group_size": 7, "compression": "zstd"}),
        (TABLE.take(list(reversed(range(30)))), {"use_dictionary": ["c"]}),
        (wide, {"version": "1.0", "write_statistics": False}),
    ):
        pq.write_table(table, tmp_path / "other.parquet", **options)
        result = verify(certified, data=tmp_path / "other.parquet")
        assert (result.levels[1].state, result.levels[1].why) == (State.REACHED, "")
    assert verify(certified, data=pq.read_table(tmp_path / "clean.parquet")).levels[1].state is State.REACHED


def test_another_form_verifies_in_part(certified: Any, tmp_path: Path) -> None:
    place = tmp_path / "clean.parquet"
    relation = duckdb.connect().sql(f"SELECT * FROM '{place}'")
    for data, form in (
        (pl.read_parquet(place), "polars"),
        (pd.read_parquet(place, dtype_backend="pyarrow"), "pandas"),
        (relation, "duckdb"),
    ):
        result = verify(certified, data=data)
        assert result.levels[1].state is State.PARTLY
        assert result.levels[1].why.endswith(f"not compared: certified is arrow, given {form}")
        assert result.exit_code == 0


def frames(rows: list[str]) -> dict[str, Any]:
    """The same rows in each container, with levels and names where it has them."""
    values = ["a" if at % 2 else "b" for at in range(len(rows))]
    frame = pd.DataFrame({"arrest_no": rows, "c": pd.Categorical(values, ["a", "b"])})
    polars = pl.DataFrame({"arrest_no": rows, "c": pl.Series(values, dtype=pl.Enum(["a", "b"]))})
    kind = "ENUM('a', 'b')"
    statement = f"SELECT arrest_no, c::{kind} AS c FROM polars"
    return {"pandas": frame, "polars": polars, "lazy": polars.lazy(), "duckdb": duckdb.sql(statement)}


FRAMES: dict[str, list[Callable[[Any], Any]]] = {
    "pandas": [
        lambda data: data.assign(c=data["c"].cat.add_categories([ID])),
        lambda data: data.rename_axis(columns=ID),
        lambda data: data.rename_axis(index=ID),
        lambda data: data.assign(c=data["c"].astype(str)),
        lambda data: _with_attrs(data, {"note": "x"}),
        lambda data: data.set_flags(allows_duplicate_labels=False),
    ],
    "polars": [lambda data: data.with_columns(pl.col("c").cast(pl.Enum(["a", "b", ID])))],
}
FRAMES["polars"].append(lambda data: data.with_columns(pl.col("c").cast(pl.String)))
FRAMES["lazy"] = FRAMES["polars"]
FRAMES["duckdb"] = [lambda data: data.select(f"arrest_no, c::ENUM('a', 'b', '{ID}') AS c")]


def _with_attrs(data: Any, attrs: dict[str, Any]) -> Any:
    data = data.copy()
    data.attrs = attrs
    return data


@pytest.mark.parametrize("name", FRAMES)
def test_what_was_added_to_a_certified_frame_does_not_verify(office: Office, name: str) -> None:
    data = frames(CLEAN)[name]
    certificate = office.opened(office.issue(data).certificate)

    assert verify(certificate, data=frames(CLEAN)[name]).levels[1].state is State.REACHED
    for change in FRAMES[name]:
        level = verify(certificate, data=change(frames(CLEAN)[name])).levels[1]
        assert (level.state, level.why) == (State.FAILED, "their names, types, levels and metadata differ")


HELD: dict[str, Callable[[pa.Table], pa.Table]] = {
    "an unused level": column("c", relevelled(["a", "b", ID])),
    "an entry": lambda table: table.replace_schema_metadata({"note": f"without {ID}, at last"}),
    "the name of an entry": lambda table: table.replace_schema_metadata({ID: ""}),
    "what pandas notes": lambda table: table.replace_schema_metadata({"pandas": json.dumps({"attributes": [ID]})}),
    "an entry of a field": noted(pa.field("n", pa.int64(), metadata={"note": ID})),
    "an entry within": noted(pa.field("s", pa.struct([pa.field("x", pa.int64(), metadata={"note": ID})]))),
    "the name of a column": lambda table: table.rename_columns(["arrest_no", ID, "c", "s"]),
    "an extension type": noted(pa.field("n", pa.int64(), metadata={"ARROW:extension:name": f"x.{ID}"})),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("what", HELD)
@pytest.mark.parametrize("place", ["file", "folder", "table"])
def test_what_holds_an_identifier_beside_the_rows_is_not_certified(
    office: Office, tmp_path: Path, what: str, place: str
) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(HELD[what](TABLE), tmp_path / "data" / "a.parquet")
    data = {"file": tmp_path / "data" / "a.parquet", "folder": tmp_path / "data", "table": HELD[what](TABLE)}[place]

    with pytest.raises(UsageError, match=_REFUSED) as caught:
        office.issue(data)

    assert caught.value.exit_code == 1
    assert ID not in str(caught.value)


def written_ipc(path: Path, said: dict[str, str], place: str) -> Path:
    with pa.ipc.new_file(path, TABLE.schema, metadata=said if place == "footer" else None) as writer:
        for batch in TABLE.to_batches():
            writer.write_batch(batch, custom_metadata=said if place == "batch" else None)
    return path


@pytest.mark.parametrize("place", ["batch", "footer"])
def test_an_entry_beside_the_schema_of_an_arrow_file_is_looked_up_and_certified(
    office: Office, tmp_path: Path, place: str
) -> None:
    certificate = office.opened(office.issue(written_ipc(tmp_path / "clean.arrow", {}, place)).certificate)
    assert verify(certificate, data=tmp_path / "clean.arrow").levels[1].state is State.REACHED
    added = written_ipc(tmp_path / "added.arrow", {"unit": "years"}, place)
    assert verify(certificate, data=added).levels[1].state is State.FAILED
    with pytest.raises(UsageError, match=_REFUSED) as caught:
        office.issue(written_ipc(tmp_path / "held.arrow", {"note": f"without {ID}"}, place))
    assert ID not in str(caught.value)


def test_the_name_of_a_file_in_a_folder_is_looked_up_and_certified(office: Office, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(TABLE, tmp_path / "data" / "a.parquet")
    certificate = office.opened(office.issue(tmp_path / "data").certificate)
    (tmp_path / "data" / "a.parquet").rename(tmp_path / "data" / f"of {ID}.parquet")

    assert verify(certificate, data=tmp_path / "data").levels[1].state is State.FAILED
    with pytest.raises(UsageError, match=_REFUSED):
        office.issue(tmp_path / "data")


def test_what_a_frame_carries_is_not_certified_where_it_holds_an_identifier(office: Office) -> None:
    data = frames(CLEAN)
    pandas = data["pandas"]
    for held in (
        _with_attrs(pandas, {"note": {"deep": [ID]}}),
        pandas.assign(c=pandas["c"].cat.add_categories([ID])),
        data["polars"].with_columns(pl.col("c").cast(pl.Enum(["a", "b", ID]))),
        data["duckdb"].select(f"arrest_no, c::ENUM('a', 'b', '{ID}') AS c"),
    ):
        with pytest.raises(UsageError, match=_REFUSED):
            office.issue(held)


def test_what_no_digest_covers_is_not_certified(office: Office, tmp_path: Path) -> None:
    data = frames(CLEAN)["pandas"]
    with pytest.raises(UsageError, match="objects that no digest covers"):
        office.issue(_with_attrs(data, {"original": data}))
    pq.write_table(TABLE, tmp_path / "clean.parquet", bloom_filter_options={"arrest_no": True})
    with pytest.raises(UsageError, match="Bloom filters"):
        office.issue(tmp_path / "clean.parquet")

    ss.scrub(tmp_path / "clean.parquet", office.index, ON, output=tmp_path / "again.parquet")
    office.issue(tmp_path / "again.parquet")
    office.issue(ss.scrub(_with_attrs(data, {"original": data}), office.index, ON))


def test_columns_of_one_name_are_certified(office: Office, tmp_path: Path) -> None:
    twice = pa.table([CLEAN, list(range(30)), list(range(30))], names=["arrest_no", "n", "n"])
    certificate = office.opened(office.issue(twice).certificate)

    assert verify(certificate, data=twice).levels[1].state is State.REACHED
    assert verify(certificate, data=twice.rename_columns(["arrest_no", "n", "m"])).levels[1].state is State.FAILED


def test_a_structure_without_content_is_refused(office: Office) -> None:
    statement = office.issue().statement.document()
    (subject,) = statement["subject"]
    content = subject["digest"].pop("sealscrubContentV1")
    rows = {"sealscrubContentV1": content}
    for subjects in (
        [subject, {"name": "other", "digest": rows}],
        [subject],
        [{**subject, "digest": {**subject["digest"], **rows, "sealscrubStructureV1/x": content}}],
    ):
        with pytest.raises(InvalidCertificate, match="structure"):
            Statement.read({**statement, "subject": subjects})


texts = st.text(alphabet="ab\x00é\ud800", max_size=3).filter(lambda text: "\ud800" not in text)
entries = st.dictionaries(texts, texts, max_size=2)


@settings(max_examples=60, deadline=None)
@given(one=st.tuples(entries, entries, entries), other=st.tuples(entries, entries, entries))
def test_equal_if_and_only_if_the_entries_are(one: Any, other: Any) -> None:
    def made(drawn: Any) -> pa.Table:
        of_schema, of_field, within = drawn
        kind = pa.list_(pa.field("item", pa.int8(), metadata=within))
        return pa.schema([pa.field("c", kind, metadata=of_field)], metadata=of_schema).empty_table()

    same = structure_digest(made(one)).value == structure_digest(made(other)).value
    assert same == (one == other)
