"""A dry run of a scrub in place ends as the run would, and a purge removes what is said next to files."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import deltalake
import pyarrow as pa
import pytest

import sealscrub as ss
from sealscrub.errors import SealedElsewhere, SealscrubError, UsageError

from ..contracts.test_every_format import KEPT, ROWS, Row, table
from ..transforms.arrests import CLEAR, NULLS, ON, SEALED, index
from .delta.hand_built import field, hand_built
from .delta.test_delta_table import written
from .iceberg.lakehouse import Lakehouse, commit_data, true_file
from .iceberg.test_iceberg_commit import made

COMMITS = [[KEPT, ROWS], [ROWS, KEPT]]


def earlier_delta(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    return f"{written(folder / 't', commits)}@v0"


def loaded_delta(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    written(folder / "t", commits[:1])
    held = deltalake.DeltaTable(folder / "t")
    written(folder / "t", commits[1:])
    return held


def loaded_iceberg(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    held = made(lake, commits[:1])
    lake.catalog.load_table("police.arrests").append(table(commits[1]))
    return held


def partitioned(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    return written(folder / "t", commits, partition_by=["arrest_no"])


def appended_only(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    return hand_built(folder / "t", commits, properties={"delta.appendOnly": "true"})


def newest_delta(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    return f"{written(folder / 't', commits)}@v1"


def newest_iceberg(folder: Path, lake: Lakehouse, commits: list[list[Row]]) -> Any:
    return made(lake, commits)


MADE = [earlier_delta, loaded_delta, loaded_iceberg, partitioned, appended_only, newest_delta, newest_iceberg]


@pytest.fixture
def lake(tmp_path: Path) -> Any:
    house = Lakehouse(tmp_path)
    yield house
    house.close()


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("purge", [False, True])
@pytest.mark.parametrize("commits", COMMITS, ids=["newer", "older"])
@pytest.mark.parametrize("make", MADE)
def test_a_dry_run_ends_as_the_run(
    tmp_path: Path, lake: Lakehouse, make: Callable[..., Any], commits: list[list[Row]], purge: bool
) -> None:
    data = make(tmp_path, lake, commits)
    ended = []
    for dry in (True, False):
        try:
            ss.scrub(data, index(), ON, policy=NULLS, in_place=True, purge_history=purge, dry_run=dry)
            ended.append(("", ""))
        except SealscrubError as error:
            ended.append((type(error).__name__, error.message))
    assert ended[0] == ended[1]
    assert bool(ended[0][0]) is (make not in (newest_delta, newest_iceberg))


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
@pytest.mark.parametrize("before", ["no row", "rows", "purged"])
def test_a_dry_run_counts_what_the_run_deletes(tmp_path: Path, lake: Lakehouse, kind: str, before: str) -> None:
    """Also if that is nothing: the table was never written, or is purged."""
    rows: list[list[Row]] = [] if before == "no row" else [ROWS, KEPT]
    made(lake, rows)
    address = written(tmp_path / "t", rows or [[]]) if kind == "delta" else lake.address("arrests")

    def said(**how: Any) -> str:
        report = ss.scrub(address, index(), ON, policy=NULLS, in_place=True, purge_history=True, **how)
        (note,) = (note for table in report.tables for note in table.notes if note.startswith("the history "))
        return note.split(": ")[1].split("; ")[0]

    if before == "purged":
        said()
    would, was = said(dry_run=True), said()
    assert would == was
    assert was.startswith("no file") is (before == "purged" or (kind, before) == ("iceberg", "no row"))


def delta_of_wrong_bounds(folder: Path, lake: Lakehouse) -> str:
    address = hand_built(folder / "t", [KEPT])
    log = folder / "t" / "_delta_log" / f"{0:020}.json"
    *first, add = map(json.loads, log.read_text().splitlines())
    said = {"numRecords": len(KEPT), "minValues": {"arrest_no": SEALED[0]}, "maxValues": {"arrest_no": SEALED[1]}}
    add["add"]["stats"] = json.dumps(said)
    log.write_text("".join(json.dumps(each) + "\n" for each in (*first, add)))
    return address


def iceberg_of_wrong_bounds(folder: Path, lake: Lakehouse) -> str:
    held = made(lake, [])
    number = held.schema().find_field("arrest_no").field_id
    bounds = {"lower_bounds": {number: SEALED[0].encode()}, "upper_bounds": {number: SEALED[1].encode()}}
    commit_data(held, true_file(held, table(KEPT), **bounds))
    return lake.address("arrests")


@pytest.mark.parametrize("make", [delta_of_wrong_bounds, iceberg_of_wrong_bounds])
def test_bounds_that_no_row_has_are_removed_by_a_purge(
    tmp_path: Path, lake: Lakehouse, make: Callable[..., str]
) -> None:
    """They are found by a scan of the history, whose hint names what removes them."""
    address = make(tmp_path, lake)
    report = ss.scan(address, index(), ON, policy=NULLS, history=True)
    assert not report.clean
    said = " ".join(report.to_text().split())
    assert "a scrub removes it" not in said
    assert "delete the history" in said
    ss.scrub(address, index(), ON, policy=NULLS, in_place=True, purge_history=True, orphans_older_than=0)
    assert ss.scan(address, index(), ON, policy=NULLS, history=True).clean


def test_a_description_is_not_removed_in_place(tmp_path: Path) -> None:
    """And the hint does not say so; a new table is without it."""
    address = hand_built(tmp_path / "t", [ROWS], description=f"without {SEALED[0]}")
    with pytest.raises(SealedElsewhere) as caught:
        ss.scrub(address, index(), ON, policy=NULLS, in_place=True)
    assert "with its own engine" in caught.value.hint
    ss.scrub(address, index(), ON, policy=NULLS, output=f"delta:{tmp_path / 'new'}")
    assert ss.scan(f"delta:{tmp_path / 'new'}", index(), ON, policy=NULLS, history=True).clean


def a_partition(folder: Path, rows: list[Row]) -> None:
    written(folder / "t", [rows], partition_by=["note"])


def constrained(folder: Path, rows: list[Row]) -> None:
    hand_built(folder / "t", [rows], properties={"delta.constraints.short": "length(note) < 9"}, versions=(1, 3))


def without_null(folder: Path, rows: list[Row]) -> None:
    fields = [field("arrest_no"), field("precinct", "integer"), field("note") | {"nullable": False}]
    held = [(number, precinct, note or "") for number, precinct, note in rows]
    hand_built(folder / "t", [held], fields=fields)


def added_later(folder: Path, rows: list[Row]) -> None:
    deltalake.write_deltalake(folder / "t", table(rows).drop_columns("note"))
    deltalake.write_deltalake(folder / "t", table(KEPT), mode="append", schema_mode="merge")


@pytest.mark.parametrize("rows", [ROWS, KEPT], ids=["sealed", "none"])
@pytest.mark.parametrize(
    ("make", "edit", "said"),
    [
        (a_partition, {"null": ["note"]}, "partition column"),
        (a_partition, {"set": {"note": "x"}}, "partition column"),
        (constrained, {"null": ["note"]}, "constraints"),
        (without_null, {"null": ["note"]}, "holds no null"),
        (added_later, {"set": {"note": "x"}}, "was added"),
        (added_later, {"null": ["note"]}, ""),
    ],
)
def test_an_edit_that_a_table_cannot_hold_is_refused_by_each(
    tmp_path: Path, make: Callable[..., None], rows: list[Row], edit: dict[str, Any], said: str
) -> None:
    """Whether or not a row is sealed: by a check, a dry run and a run of a plan, and by a scrub of the table alone."""
    make(tmp_path, rows)
    spec = {"source": "delta:t", "keys": {"arrest_number": "arrest_no"}, "on_match": "null", "accept_null": "none"}
    policy = {"max_unparsable": 1}
    rule = {"version": 1, "policy": policy, "tables": {"t": spec | edit | {"accept_marks": ["note"]}}}
    plan = ss.Plan.from_dict(rule, root=tmp_path)
    alone = {"null_columns": edit.get("null", ()), "set_values": edit.get("set"), "accept_marks": ["note"]}
    one = partial(ss.scrub, f"delta:{tmp_path / 't'}", index(), ON, policy=NULLS, **alone)
    runs: list[Callable[[], Any]] = [
        partial(plan.scrub, index=index(), dry_run=True),
        partial(plan.scrub, index=index(), output=tmp_path / "out"),
        partial(one, dry_run=True),
        partial(one, output=f"delta:{tmp_path / 'new'}"),
        partial(one, in_place=True),
    ]
    for check in (plan.check(), plan.check(index=index())):
        assert [said in problem for problem in check.tables[0].problems] == [True] * bool(said)
        assert check.exit_code == 2 * bool(said)
    for run in runs:
        with pytest.raises(UsageError, match=said) if said else nullcontext():
            run()
    assert (tmp_path / "out").exists() is (tmp_path / "new").exists() is (not said)


@pytest.mark.parametrize("note", [f"So. See {SEALED[0]}.", "So."], ids=["sealed", "none"])
@pytest.mark.parametrize("handling", ["sentence", "null", "drop"])
def test_a_narrative_of_a_table_with_constraints_is_refused_by_each(tmp_path: Path, handling: str, note: str) -> None:
    """If it would change: by a check with an index, a dry run and a run of a plan, and by a scrub of the table."""
    constrained(tmp_path, [(CLEAR[0], 40, note), (CLEAR[1], 41, None), (CLEAR[2], 42, "So.")])
    spec = {"source": "delta:t", "keys": {"arrest_number": "arrest_no"}, "narrative": {"note": handling}}
    spec |= {"accept_marks": ["note"], "independent": {"precinct": "itself"}}
    plan = ss.Plan.from_dict({"version": 1, "tables": {"t": spec}}, root=tmp_path)
    one = partial(ss.scrub, f"delta:{tmp_path / 't'}", index(), ON, narrative={"note": handling}, accept_marks=["note"])
    runs: list[Callable[[], Any]] = [
        partial(plan.scrub, index=index(), dry_run=True),
        partial(plan.scrub, index=index(), output=tmp_path / "out"),
        partial(one, dry_run=True),
        partial(one, output=f"delta:{tmp_path / 'new'}"),
        partial(one, in_place=True, dry_run=True),
        partial(one, in_place=True),
    ]
    refused = handling != "drop" and SEALED[0] in note
    check = plan.check(index=index())
    assert ["constraints" in problem for problem in check.tables[0].problems] == [True] * refused
    for run in runs:
        with pytest.raises(UsageError, match="constraints") if refused else nullcontext():
            run()
    assert (tmp_path / "out").exists() is (tmp_path / "new").exists() is (not refused)


@pytest.mark.parametrize("dry", [True, False])
def test_a_recipe_that_changes_a_partition_is_refused(tmp_path: Path, dry: bool) -> None:
    """By a dry run as well: only a run of the recipe shows whether a value changes."""
    rows = table(ROWS).select(["arrest_no", "precinct"])
    counts = [sum(each == other for other in rows["precinct"].to_pylist()) for each in rows["precinct"].to_pylist()]
    deltalake.write_deltalake(tmp_path / "t", rows.append_column("n", pa.array(counts)), partition_by=["n"])
    spec = {"source": "delta:t", "keys": {"arrest_number": "arrest_no"}, "independent": {"precinct": "itself"}}
    recipe = "(SELECT count(*) FROM t WHERE t.precinct = this.precinct)"
    policy = {"accept": ["null"], "max_unparsable": 1}
    rule = {"version": 1, "policy": policy, "tables": {"t": spec | {"derived": {"n": recipe}}}}
    with pytest.raises(UsageError, match="'n' is a partition column"):
        ss.Plan.from_dict(rule, root=tmp_path).scrub(index=index(), dry_run=dry, output=tmp_path / "out")
