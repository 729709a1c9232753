"""What every source of several files does as a whole: folders of each format, lakes of several commits.

The rows are cut after the first and after the second that stays, so that scrubs with and without the sealed rows make
the same files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import deltalake
import polars as pl
import pytest

import sealscrub as ss
from sealscrub.certificates.content import content_digest
from sealscrub.errors import SealscrubError, UncheckedKeys, UsageError
from sealscrub.tables.formats import file_formats
from sealscrub.tables.opener import DataSource

from ..tables.iceberg.lakehouse import without_chance
from ..transforms.arrests import NULLS, ON, SEALED, index
from .test_every_format import COLUMNS, KEPT, NEAR, ROWS, WRITERS, Row, as_text, table
from .test_every_source import Delta, Iceberg, Source
from .test_every_source_stopped import files, largest_file

NEARLY: Row = (NEAR, 1, "near")


def parts(rows: Sequence[Row]) -> list[list[Row]]:
    """Cut rows into three, or as many as there are."""
    cuts = [at + 1 for at, row in enumerate(rows) if row[0] not in SEALED][:2]
    bounds = [0, *cuts, len(rows)]
    return [list(rows[start:stop]) for start, stop in pairwise(bounds) if start < stop]


class Folder(Source):
    """Files in a folder, one of them deeper."""

    format: str

    def put(self, rows: Sequence[Row], name: str = "arrests") -> Path:
        for at, part in enumerate(parts(rows)):
            place = self.folder / name / ("", "deep", "")[at] / f"{at}{file_formats()[self.format].suffixes[0]}"
            place.parent.mkdir(parents=True, exist_ok=True)
            WRITERS[self.format](part, place)
        return self.folder / name

    def scrub(self, data: Any, name: str = "clean", **options: Any) -> Path:
        ss.scrub(data, index(), ON, output=self.folder / name, **{"policy": NULLS} | options)
        return self.folder / name

    def put_aside(self, data: Any) -> tuple[Any, Any]:
        return self.scrub(data, quarantine=self.folder / "aside"), self.folder / "aside"

    def state(self, made: Any) -> Any:
        return files(made)


class DeltaOfSeveral(Delta):
    def put(self, rows: Sequence[Row], name: str = "arrests") -> Any:
        for part in parts(rows):
            deltalake.write_deltalake(self.folder / name, table(part), mode="append")
        return f"delta:{self.folder / name}"


class IcebergOfSeveral(Iceberg):
    def put(self, rows: Sequence[Row], name: str = "arrests") -> Any:
        held = self.lake.create(name, table([]).schema)
        for part in parts(rows):
            held.append(table(part))
        return self.lake.address(name)

    def state(self, made: str) -> Any:
        return without_chance(self.lake, made.rpartition(".")[2])


FOLDERS: dict[str, type[Source]] = {
    **{f"{format} folder": type(format, (Folder,), {"format": format}) for format in sorted(file_formats())},
    "delta": DeltaOfSeveral,
    "iceberg": IcebergOfSeveral,
}


@pytest.fixture(params=FOLDERS)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    made = FOLDERS[request.param](tmp_path)
    yield made
    if isinstance(made, Iceberg):
        made.lake.close()


def content(made: Any) -> list[tuple[Any, ...]]:
    """All rows, sorted: those of a folder come in the order of its files."""
    with DataSource(made) as opened:
        frames = [batch for held in opened.tables() for batch in held.batches(COLUMNS)]
    return sorted((tuple(row) for frame in frames for row in frame.cast(pl.String).rows()), key=str)


def in_order(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    return sorted(as_text(rows), key=str)


def plan(source: Source, **rules: Any) -> ss.Plan:
    said = {"keys": ON, "independent": "the arrest itself", "accept_null": "a stop without an arrest", **rules}
    written = "delta:arrests" if isinstance(source, Delta) else "arrests"
    return ss.Plan.from_dict({"version": 1, "tables": {"arrests": {"source": written, **said}}}, root=source.folder)


def test_a_scan_finds_in_every_file(source: Source) -> None:
    data = source.put(ROWS)
    report = ss.scan(data, index(), ON, policy=NULLS)
    assert sum(each.rows for each in report.tables) == len(ROWS)
    assert sum(each.keys[0].sealed for each in report.tables) == 2
    assert not report.clean


def test_a_scrub_gives_what_the_rows_that_stay_would_give(source: Source) -> None:
    first = source.state(source.scrub(source.put(ROWS, "with"), "first"))
    second = source.state(source.scrub(source.put(KEPT, "without"), "second"))
    assert first == second
    made = source.scrub(source.put(ROWS, "again"), "third")
    assert (content(made), ss.scan(made, index(), ON, policy=NULLS).clean) == (in_order(KEPT), True)


def test_a_file_of_which_no_row_stays_is_left_out(source: Source) -> None:
    rows: list[Row] = [KEPT[0], KEPT[1], (SEALED[0], 75, "alone"), (SEALED[1], 75, "in its file")]
    made = source.scrub(source.put(rows))
    assert content(made) == in_order(KEPT[:2])
    if isinstance(source, Folder):
        assert len(files(made)) == 2


def test_an_edit_keeps_the_rows(source: Source) -> None:
    rows = [KEPT[0], ROWS[0], KEPT[1], ROWS[3], *KEPT]
    data = source.put(rows)
    made = source.scrub(data, set_values={"note": "seen"}, accept_marks=["note"])
    assert content(made) == in_order([(row[0], row[1], "seen") if row[0] in SEALED else row for row in rows])


def test_an_edit_that_would_mark_the_rows_is_refused(source: Source) -> None:
    data = source.put(ROWS)
    before = files(source.folder)
    with pytest.raises(UsageError, match="mark"):
        source.scrub(data, set_values={"note": "never seen"})
    assert files(source.folder) == before


def test_rows_that_could_not_be_checked_are_set_aside(source: Source) -> None:
    data = source.put([*ROWS, NEARLY])
    before = files(source.folder)
    with pytest.raises(UncheckedKeys):
        source.scrub(data)
    assert files(source.folder) == before
    kept, aside = source.put_aside(data)
    assert (content(kept), content(aside)) == (in_order(KEPT), in_order([NEARLY]))


@pytest.mark.parametrize("edit", [False, True], ids=["drop", "edit"])
def test_a_plan_writes_what_the_verb_writes(source: Source, edit: bool) -> None:
    if isinstance(source, Iceberg):
        pytest.skip("a plan writes an Iceberg table as one file of Parquet, which its own tests look at")
    rows = [KEPT[0], ROWS[0], KEPT[1], ROWS[3], *KEPT]
    data = source.put(rows)
    told = {"null_columns": ["note"], "accept_marks": ["note"]} if edit else {}
    said = {"on_match": "null", "null": ["note"], "accept_marks": ["note"]} if edit else {}
    by_verb = source.state(source.scrub(data, "verb", **told))
    plan(source, **said).scrub(index=index(), output=source.folder / "plan", policy=NULLS)
    made = f"delta:{source.folder}/plan/arrests" if isinstance(source, Delta) else source.folder / "plan" / "arrests"
    assert source.state(made) == by_verb


def test_what_comes_out_has_the_digest_of_its_rows(source: Source) -> None:
    if isinstance(source, Folder) and source.format not in ("parquet", "excel"):
        pytest.skip("of folders those of Parquet have a digest")
    made = source.scrub(source.put(ROWS))
    in_files = [row for part in parts(ROWS) for row in part if row[0] not in SEALED]
    if isinstance(source, Folder):  # in the order of names: `1` is in a folder, which comes after the files
        first, second, *others = KEPT
        in_files = [first, *others, second]
    assert content_digest(made).value == content_digest(table(in_files)).value


@pytest.mark.parametrize("limit", [1, 80], ids=["at once", "later"])
def test_a_full_disk_leaves_nothing(source: Source, limit: int) -> None:
    data = source.put(ROWS * 3)
    before = files(source.folder)
    with largest_file(limit), pytest.raises(SealscrubError) as caught:
        source.scrub(data)
    assert SEALED[0] not in str(caught.value)
    assert files(source.folder) == before


def test_an_interrupt_in_a_later_file_leaves_nothing(source: Source) -> None:
    done = []

    def stop(name: str, rows: int, share: float) -> None:
        done.append(name)
        if len(set(done)) > 1 or not isinstance(source, Folder):
            raise KeyboardInterrupt

    data = source.put(ROWS)
    before = files(source.folder)
    with pytest.raises(KeyboardInterrupt):
        source.scrub(data, progress=stop)
    assert files(source.folder) == before
