"""Lists of levels in Arrow IPC and Feather files, and their metadata, name no sealed record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyarrow import feather

import sealscrub as ss
from sealscrub.errors import UsageError
from sealscrub.matching import Policy

from .arrests import CLEAR, NULLS, ON, SEALED, index
from .test_level_lists import BARRED, LIST, Row, arrow_dictionaries, dump, polars_enums, rows_drawn
from .test_parquet_metadata import ID, KEYS, TYPES, entries, table

Write = Callable[[Sequence[Row], Path], Any]


def whole(rows: Sequence[Row]) -> pa.Table:
    return arrow_dictionaries(rows).unify_dictionaries()


def with_deltas(rows: Sequence[Row], path: Path) -> None:
    """Each batch adds levels to the list of the one before."""
    schema, known = whole(rows).select(["arrest_no"]).schema, LIST[:4]
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with pa.ipc.new_file(path, schema, options=options) as writer:
        for at in range(0, max(len(rows), 1), 2):
            keys = [row[0] for row in rows[at : at + 2]]
            known = list(dict.fromkeys([*known, *filter(None, keys), SEALED[4 + at]]))
            codes = pa.array([None if key is None else known.index(key) for key in keys], pa.int16())
            column = pa.DictionaryArray.from_arrays(codes, pa.array(known))
            writer.write_batch(pa.record_batch([column], schema=schema))


def of_pandas(rows: Sequence[Row], path: Path) -> None:
    names = pd.Categorical([row[1] for row in rows], ["a", *SEALED[:2], "b", "c"])
    pd.DataFrame({"arrest_no": pd.Categorical([row[0] for row in rows], LIST), "name": names}).to_feather(path)


WRITERS: dict[str, Write] = {
    "polars": lambda rows, path: polars_enums(rows).write_ipc(path),
    "polars, lz4": lambda rows, path: polars_enums(rows).write_ipc(path, compression="lz4"),
    "polars, for old readers": lambda rows, path: polars_enums(rows).write_ipc(
        path, compat_level=pl.CompatLevel.oldest()
    ),
    "polars, by pyarrow": lambda rows, path: feather.write_feather(polars_enums(rows).to_arrow(), path),
    "pyarrow": lambda rows, path: feather.write_feather(whole(rows), path, compression="uncompressed"),
    "pyarrow, zstd": lambda rows, path: feather.write_feather(whole(rows), path, compression="zstd"),
    "pyarrow, batches": lambda rows, path: feather.write_feather(whole(rows), path, chunksize=2),
    "pyarrow, deltas": with_deltas,
    "pandas": of_pandas,
}
writers = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
suffixes = pytest.mark.parametrize("suffix", [".arrow", ".feather"])


def held(path: Path) -> list[str]:
    """Sealed ids anywhere in a file, or in what its buffers decompress to."""
    with pa.ipc.open_file(path) as file:
        batches = [dump(file.get_batch(at)) for at in range(file.num_record_batches)]
        said = "".join([*batches, dump(file.read_all()), str(file.schema.metadata)])
    said += path.read_bytes().decode("latin-1")
    return [key for key in BARRED if key in said]


@pytest.mark.thinned(together=1)
@suffixes
@writers
@example(rows=[(SEALED[0], "a")])
@given(rows=rows_drawn)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_list_names_a_sealed_record_and_the_world_without_has_the_same(
    write: Write, suffix: str, tmp_path: Path, rows: list[Row]
) -> None:
    for name, some in {"data": rows, "world": [row for row in rows if row[0] not in BARRED]}.items():
        write(some, tmp_path / f"{name}{suffix}")
        clean = tmp_path / f"{name}-clean{suffix}"
        ss.scrub(tmp_path / f"{name}{suffix}", index(), ON, output=clean, policy=NULLS)
    clean = tmp_path / f"data-clean{suffix}"

    assert held(clean) == []
    assert clean.read_bytes() == (tmp_path / f"world-clean{suffix}").read_bytes()
    used = {row[0] for row in rows if row[0] not in BARRED}
    read = pa.ipc.open_file(clean).read_all()["arrest_no"]
    assert {level for chunk in read.chunks for level in chunk.dictionary.to_pylist()} <= used
    assert ss.scan(clean, index(), ON, policy=Policy(accept="null", max_unparsable=1)).clean


@writers
def test_a_scan_is_not_clean_while_a_list_names_a_sealed_record(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "data.arrow"
    write([(CLEAR[0], "a"), (CLEAR[1], "b")], path)

    report = ss.scan(path, index(), ON, policy=NULLS)

    assert held(path)
    assert report.found
    assert report.tables[0].keys[0].sealed == 0
    assert report.exit_code == 1


@writers
def test_rows_set_aside_leave_with_no_list(write: Write, tmp_path: Path) -> None:
    near = "K1460000O"
    LIST.append(near)
    try:
        write([(CLEAR[0], "a"), (near, "b"), (SEALED[0], "c")], tmp_path / "data.feather")
    finally:
        LIST.remove(near)
    policy, aside = Policy(accept="null", max_unparsable=1), tmp_path / "aside.feather"
    ss.scrub(tmp_path / "data.feather", index(), ON, output=tmp_path / "clean.feather", quarantine=aside, policy=policy)

    assert held(aside) == held(tmp_path / "clean.feather") == []
    assert pa.ipc.open_file(aside).read_all()["arrest_no"].to_pylist() == [near]


@writers
def test_levels_of_a_key_column_cannot_be_kept(write: Write, tmp_path: Path) -> None:
    path, clean = tmp_path / "data.arrow", tmp_path / "clean.arrow"
    write([(CLEAR[0], "b")], path)

    with pytest.raises(UsageError, match=r"arrest_no.*key column"):
        ss.scrub(path, index(), ON, keep_levels=["arrest_no"], output=clean, policy=NULLS)
    assert not clean.exists()


@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(sorted(TYPES)), noted=entries, of_schema=entries, of_batch=st.booleans(), aside=st.booleans()
)
def test_no_entry_of_metadata_leaves_a_trace(
    tmp_path_factory: pytest.TempPathFactory, kind: str, noted: Any, of_schema: Any, of_batch: bool, aside: bool
) -> None:
    folder = tmp_path_factory.mktemp("metadata")
    data = table(kind, KEYS, noted, of_schema)
    with pa.ipc.new_file(folder / "data.arrow", data.schema) as writer:
        for batch in data.to_batches():
            writer.write_batch(batch, custom_metadata={"note": ID} if of_batch else None)
    feather.write_feather(
        table(kind, [key for key in KEYS if key not in SEALED]), folder / "without.arrow", compression="uncompressed"
    )
    options: dict[str, Any] = {"quarantine": folder / "aside.arrow"} if aside else {}

    ss.scrub(folder / "data.arrow", index(), ON, output=folder / "out.arrow", **options)
    ss.scrub(folder / "without.arrow", index(), ON, output=folder / "same.arrow", **options)

    left = pa.ipc.open_file(folder / "out.arrow").schema.metadata or {}
    assert ID.encode() not in (folder / "out.arrow").read_bytes()
    assert set(left) <= {b"pandas", b"geo"}
    if not left:
        assert (folder / "out.arrow").read_bytes() == (folder / "same.arrow").read_bytes()


@pytest.mark.parametrize("place", ["schema", "field", "batch", "footer"])
def test_a_scan_is_not_clean_while_metadata_names_a_sealed_record(place: str, tmp_path: Path) -> None:
    said = {"note": ID}
    clear = [key for key in KEYS if key not in SEALED]
    data = table("fast", clear, said if place == "field" else None, said if place == "schema" else None)
    footer = {"metadata": said} if place == "footer" else {}
    with pa.ipc.new_file(tmp_path / "data.arrow", data.schema, **footer) as writer:
        for batch in data.to_batches():
            writer.write_batch(batch, custom_metadata=said if place == "batch" else None)
    assert ID.encode() in (tmp_path / "data.arrow").read_bytes()

    assert ss.scan(tmp_path / "data.arrow", index(), ON).exit_code == 1
    ss.scrub(tmp_path / "data.arrow", index(), ON, output=tmp_path / "clean.arrow")
    assert ss.scan(tmp_path / "clean.arrow", index(), ON).clean
    assert ID.encode() not in (tmp_path / "clean.arrow").read_bytes()
