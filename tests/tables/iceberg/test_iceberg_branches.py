"""Branches of an Iceberg table other than main are live tables too: none is called clean that was not read."""

from __future__ import annotations

import pytest

from sealscrub.errors import SealedElsewhere, UsageError

from ...contracts.test_every_format import KEPT, ROWS, table
from ...transforms.arrests import SEALED
from .lakehouse import Lakehouse, rows_of, scan, scrub
from .test_iceberg_commit import as_they_are, in_place, made


def branched(lake: Lakehouse, *names: str) -> None:
    """A table of which main is clean, and branches of which each has a version with sealed rows."""
    held = made(lake, [KEPT])
    with held.manage_snapshots() as refs:
        for name in names:
            refs.create_branch(held.current_snapshot().snapshot_id, name)  # type: ignore[union-attr]  # there is one
    for name in names:
        held.append(table(ROWS), branch=name)


def test_a_table_is_not_clean_before_its_branches_are_read(lake: Lakehouse) -> None:
    branched(lake, "audit")
    alone = scan(lake.address("arrests"))
    assert (alone.exit_code, alone.found) == (3, False)
    assert any("branches other than main were not read" in each for each in alone.problems)
    with_history = scan(lake.address("arrests"), history=True)
    assert (with_history.exit_code, with_history.found) == (1, True)
    assert not any("branches" in each for each in with_history.problems)


def test_a_branch_would_keep_rows_that_are_removed_from_main(lake: Lakehouse) -> None:
    branched(lake, "audit", f"of-{SEALED[0]}")
    before = as_they_are(lake.folder("arrests"))
    for options in ({}, {"dry_run": True}, {"purge_history": True}):
        with pytest.raises(UsageError, match=r"other than main, .*: audit, 1 whose names are not of letters") as caught:
            in_place(lake.address("arrests"), **options)
        assert SEALED[0] not in str(caught.value)
    assert as_they_are(lake.folder("arrests")) == before
    scrub(lake.address("arrests"), lake.address("clean"))
    assert scan(lake.address("clean"), history=True).exit_code == 0
    assert len(rows_of(lake.address("clean"))) == len(KEPT)


def test_names_of_branches_and_tags_are_swept(lake: Lakehouse) -> None:
    held = made(lake, [KEPT])
    with held.manage_snapshots() as refs:
        refs.create_tag(held.current_snapshot().snapshot_id, SEALED[0])  # type: ignore[union-attr]  # there is one
    assert scan(lake.address("arrests")).exit_code == 1
    with pytest.raises(SealedElsewhere) as caught:
        in_place(lake.address("arrests"))
    assert SEALED[0] not in str(caught.value)
    scrub(lake.address("arrests"), lake.address("clean"))
    assert scan(lake.address("clean"), history=True).exit_code == 0
