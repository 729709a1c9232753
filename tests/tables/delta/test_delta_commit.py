"""A table that is scrubbed in place gets one version, which stands upon the one that was read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import deltalake
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import ConfigError, SealedElsewhere, UncheckedKeys, UnreadableInput, UsageError
from sealscrub.matching import Policy
from sealscrub.tables.opener import DataSource

from ...contracts.test_every_format import KEPT, NEAR, ROWS, Row, table
from ...transforms.arrests import CLEAR, NULLS, ON, SEALED, index
from .hand_built import field, hand_built
from .test_delta_table import drawn, expected, files, rows_of, written


def in_place(folder: Path, **options: Any) -> Any:
    return ss.scrub(f"delta:{folder}", index(), ON, **{"policy": NULLS, "in_place": True} | options)


def live(folder: Path) -> set[str]:
    return {uri.rpartition("/")[2] for uri in deltalake.DeltaTable(folder).file_uris()}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(drawn, min_size=1, max_size=5), min_size=1, max_size=3),
    st.sampled_from([None, ["note"], ["note", "precinct"]]),
)
def test_the_new_version_has_the_rows_that_stay(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[Row]], by: list[str] | None
) -> None:
    """And every row once; files of which no row goes are those that were; the order within files is kept."""
    folder = tmp_path_factory.mktemp("place") / "t"
    written(folder, commits, partition_by=by)
    before = live(folder)
    touched = any(row[0] in SEALED for rows in commits for row in rows)
    in_place(folder)
    assert rows_of(folder) == expected([row for rows in commits for row in rows if row[0] not in SEALED])
    assert deltalake.DeltaTable(folder).version() == len(commits) - (not touched)
    assert touched or live(folder) == before
    assert ss.scan(f"delta:{folder}", index(), ON, policy=NULLS).clean
    written(folder, [KEPT])  # and it goes on
    assert len(rows_of(folder)) == len(KEPT) + sum(row[0] not in SEALED for rows in commits for row in rows)


def test_files_without_a_sealed_row_stay_and_others_keep_their_order(tmp_path: Path) -> None:
    written(tmp_path / "t", [KEPT, ROWS, KEPT])
    before = live(tmp_path / "t")
    in_place(tmp_path / "t")
    after = live(tmp_path / "t")
    assert len(before & after) == 2
    (made,) = after - before
    held = pq.read_table(tmp_path / "t" / made)
    assert [row["arrest_no"] for row in held.to_pylist()] == [row[0] for row in KEPT]
    (log,) = (tmp_path / "t" / "_delta_log").glob("*3.json")
    assert not [key for key in SEALED if key in log.read_text()]


def test_files_that_are_written_again_keep_their_order(tmp_path: Path) -> None:
    """By the log, and by the checkpoint that a purge leaves, which says no more of which commit added a file."""
    folder = tmp_path / "t"
    written(folder, [[(CLEAR[at], at, None), (SEALED[0], at, None)] for at in range(8)])
    for purge in (False, True):
        in_place(folder, **({"purge_history": True, "rewrite": "all"} if purge else {}))
        with DataSource(f"delta:{folder}") as source:
            (held,) = source.tables()
            assert held.frame()["precinct"].to_list() == list(range(8))


def test_in_place_and_anew_are_one_content(tmp_path: Path) -> None:
    """The file that replaces another is the file that a new table has, but for its name, which is of its version."""
    written(tmp_path / "t", [ROWS], partition_by=["precinct"])
    ss.scrub(f"delta:{tmp_path / 't'}", index(), ON, output=f"delta:{tmp_path / 'new'}", policy=NULLS)
    in_place(tmp_path / "t")
    fresh, newest = (set(files(tmp_path / name).values()) for name in ("new", "t"))
    assert fresh & newest


def appended(folder: Path) -> None:
    written(folder, [[(SEALED[2], 9, "late")]])


def compacted(folder: Path) -> None:
    deltalake.DeltaTable(folder).optimize.compact()


def removed(folder: Path) -> None:
    deltalake.DeltaTable(folder).delete("precinct = 40")


@pytest.mark.parametrize("other", [appended, compacted, removed])
def test_a_commit_of_another_writer_stops_it(tmp_path: Path, other: Callable[[Path], None]) -> None:
    """Whether it comes while rows are judged; nothing is lost or doubled, and the next run starts from there."""
    folder = tmp_path / "t"
    written(folder, [ROWS, ROWS])
    done: list[int] = []

    def meanwhile(name: str, rows: int, share: float) -> None:
        if not done:
            done.append(rows)
            other(folder)

    with pytest.raises(UnreadableInput, match="nothing was"):
        in_place(folder, progress=meanwhile)
    state, rows = live(folder), rows_of(folder)
    assert {path.name for path in folder.glob("*.parquet")} >= state
    in_place(folder)
    assert rows_of(folder) == [row for row in rows if row[0] not in SEALED]


def test_after_a_refusal_nothing_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    written(folder, [[*ROWS, (NEAR, 1, "near")]])
    before = files(folder)
    with pytest.raises(UncheckedKeys):
        in_place(folder)
    assert files(folder) == before
    aside = tmp_path / "aside.parquet"
    in_place(folder, quarantine=aside, policy=Policy(accept={"null"}))
    assert rows_of(folder) == expected(KEPT)
    assert pq.read_table(aside).column("arrest_no").to_pylist() == [NEAR]


def test_what_stays_in_the_table_is_swept(tmp_path: Path) -> None:
    """Its description is not written again, as it is by a scrub into a new table."""
    for rows in (ROWS, KEPT):
        folder = tmp_path / f"t{len(rows)}"
        hand_built(folder, [rows], description=f"without {SEALED[3]}")
        before = files(folder)
        with pytest.raises(SealedElsewhere):
            in_place(folder)
        assert files(folder) == before


@pytest.mark.parametrize("stored", [False, True])
def test_rows_behind_a_deletion_vector_do_not_come_back(tmp_path: Path, stored: bool) -> None:
    options: dict[str, Any] = {"reader": ["deletionVectors"], "stored": stored}
    hand_built(tmp_path / "t", [ROWS, KEPT], vectors={0: [1], 1: [0]}, **options)
    in_place(tmp_path / "t")
    assert rows_of(tmp_path / "t") == expected([ROWS[2], ROWS[4], *KEPT[1:]])
    in_place(tmp_path / "t")
    assert deltalake.DeltaTable(tmp_path / "t").version() == 1


def test_mapped_columns_keep_their_names_in_the_files(tmp_path: Path) -> None:
    mapped = [
        field(name) | {"metadata": {"delta.columnMapping.id": at, "delta.columnMapping.physicalName": f"c{at}"}}
        for at, name in enumerate(("arrest_no", "precinct", "note"), 1)
    ]
    properties = {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "3"}
    held = table(ROWS).rename_columns(["c1", "c2", "c3"])
    hand_built(tmp_path / "t", [held], fields=mapped, properties=properties, versions=(2, 5))
    in_place(tmp_path / "t")
    assert rows_of(tmp_path / "t") == expected(KEPT)


@pytest.mark.parametrize("rows", [ROWS, KEPT])
def test_what_cannot_be_committed_truly_is_refused_by_name(tmp_path: Path, rows: list[Row]) -> None:
    on = {"delta.enableInCommitTimestamps": "true"}
    for at, feature in enumerate(("rowTracking", "inCommitTimestamp", "domainMetadata")):
        hand_built(tmp_path / f"t{at}", [rows], writer=[feature], properties=on if at == 1 else {})
        with pytest.raises(UsageError, match=feature):
            in_place(tmp_path / f"t{at}")
    hand_built(tmp_path / "only", [rows], properties={"delta.appendOnly": "true"})
    with pytest.raises(UsageError, match="appendOnly"):
        in_place(tmp_path / "only")


def test_an_edit_under_a_constraint_is_refused(tmp_path: Path) -> None:
    hand_built(tmp_path / "t", [ROWS], properties={"delta.constraints.one": "precinct < 80"}, versions=(1, 3))
    with pytest.raises(UsageError, match="constraints"):
        in_place(tmp_path / "t", set_values={"precinct": 75}, accept_marks=["precinct"])
    in_place(tmp_path / "t")
    assert rows_of(tmp_path / "t") == expected(KEPT)


def test_an_edit_in_place(tmp_path: Path) -> None:
    written(tmp_path / "t", [[(CLEAR[0], 1, None)], ROWS])
    edits = {"null_columns": ["arrest_no"], "set_values": {"note": "seen"}}
    in_place(tmp_path / "t", **edits, accept_marks=["arrest_no"])
    edited = [(None, row[1], "seen") if row[0] in SEALED else row for row in ROWS]
    assert rows_of(tmp_path / "t") == expected([(CLEAR[0], 1, None), *edited])


@pytest.mark.parametrize("rows", [ROWS, KEPT], ids=["sealed", "clean"])
def test_an_earlier_version_is_not_scrubbed_in_place(tmp_path: Path, rows: list[Row]) -> None:
    """Nor is it said that nothing had to be removed, if that is true only of the version that was read."""
    written(tmp_path / "t", [rows, ROWS])
    for data in (f"delta:{tmp_path / 't'}@v0", deltalake.DeltaTable(tmp_path / "t", version=0)):
        with pytest.raises(UnreadableInput, match="changed meanwhile"):
            ss.scrub(data, index(), ON, in_place=True, policy=NULLS)
    assert len(rows_of(tmp_path / "t")) == len(rows) + len(ROWS)


def test_a_dry_run_commits_nothing(tmp_path: Path) -> None:
    written(tmp_path / "t", [ROWS])
    before = files(tmp_path / "t")
    assert in_place(tmp_path / "t", dry_run=True).tables[0].removed == 2
    assert files(tmp_path / "t") == before


def test_history_is_what_is_left(tmp_path: Path) -> None:
    written(tmp_path / "t", [ROWS])
    report = in_place(tmp_path / "t")
    assert "still hold the removed rows" in " ".join(report.to_text().split())
    assert ss.scan(f"delta:{tmp_path / 't'}", index(), ON, policy=NULLS, history=True).exit_code == 1


def test_other_sources_are_not_scrubbed_in_place(tmp_path: Path) -> None:
    pq.write_table(table(ROWS), tmp_path / "file.parquet")
    written(tmp_path / "t", [ROWS])
    for data, options in (
        (table(ROWS), {}),
        (tmp_path / "file.parquet", {}),
        (f"delta:{tmp_path / 't'}", {"output": f"delta:{tmp_path / 'out'}"}),
    ):
        with pytest.raises(ConfigError, match="in place"):
            ss.scrub(data, index(), ON, policy=NULLS, in_place=True, **options)
    log = json.loads((tmp_path / "t" / "_delta_log" / f"{0:020}.json").read_text().splitlines()[0])
    assert "commitInfo" in log
