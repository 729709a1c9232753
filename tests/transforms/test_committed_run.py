"""After the commit of a version every failure says which it is and what is left to do, and none harms the table."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sealscrub as ss
from sealscrub.errors import IncompleteError

from ..contracts.test_every_format import KEPT, ROWS, table
from ..tables.delta.test_delta_table import expected, rows_of, written
from ..tables.iceberg.lakehouse import Lakehouse
from .arrests import NULLS, ON, SEALED, index

CHANGES = ("unlink", "rmdir", "link", "rename", "replace")
NEAR = ("K14-60O001", 1, "near")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    with contextlib.closing(Lakehouse(tmp_path)) as made:
        yield made


@contextlib.contextmanager
def failing_at(step: int, error: Callable[[], BaseException]) -> Iterator[list[str]]:
    """Let one change of the file system fail, and those that follow not; the steps that happened."""
    seen: list[str] = []
    real = {name: getattr(os, name) for name in CHANGES}

    def called(name: str) -> Callable[..., Any]:
        def change(*places: Any, **options: Any) -> Any:
            seen.append(name)
            if len(seen) == step:
                raise error()
            return real[name](*places, **options)

        return change

    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGES:
            patch.setattr(os, name, called(name))
        yield seen


@pytest.mark.parametrize("purge", [False, True], ids=["commit", "purge"])
@pytest.mark.parametrize(
    "error",
    [KeyboardInterrupt, lambda: OSError(28, "No space left on device", SEALED[0]), lambda: KeyError(SEALED[0])],
    ids=["interrupted", "full disk", "unforeseen"],
)
def test_a_failure_at_any_step(tmp_path: Path, error: Callable[[], BaseException], purge: bool) -> None:
    written(tmp_path / "made", [[*ROWS, NEAR]])
    committed = 0
    for number in itertools.count(1):
        folder, aside = (
            Path(shutil.copytree(tmp_path / "made", tmp_path / f"t{number}")),
            tmp_path / f"a{number}.parquet",
        )
        said = ""
        try:
            with failing_at(number, error) as steps:
                ss.scrub(
                    f"delta:{folder}", index(), ON, policy=NULLS, in_place=True, purge_history=purge, quarantine=aside
                )
        except (IncompleteError, KeyboardInterrupt, KeyError, OSError) as failed:
            said = " ".join([str(failed), *getattr(failed, "__notes__", [])])
        held = rows_of(folder)
        assert held in (expected([*ROWS, NEAR]), expected(KEPT))
        if said and held == expected(KEPT):
            committed += 1
            assert "version 1 was committed" in said
            assert ("rows that were set aside are in no file" in said) == (not aside.exists())
            assert "nothing was" not in said
        shutil.rmtree(folder)
        if len(steps) < number:
            break
    assert committed


def test_a_place_that_cannot_be_written_any_more_is_said_with_the_version(lake: Lakehouse, tmp_path: Path) -> None:
    """The folder of the quarantine is removed while the version is committed."""
    from sealscrub.tables.iceberg import iceberg_table

    lake.create("t", table([*ROWS, NEAR]).schema, rows=table([*ROWS, NEAR]))
    aside = tmp_path / "aside" / "a.parquet"
    aside.parent.mkdir()
    real = iceberg_table.commit_iceberg

    def commit(*given: Any) -> Any:
        made = real(*given)
        shutil.rmtree(aside.parent)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iceberg_table, "commit_iceberg", commit)
        with pytest.raises(IncompleteError, match=r"version \d+ was committed.*set aside are in no file") as caught:
            ss.scrub(lake.address("t"), index(), ON, policy=NULLS, in_place=True, quarantine=aside)
    assert "Restore the version before" in str(caught.value)
    assert "nothing was" not in str(caught.value)
