"""Whatever another writer does while a table is scrubbed in place and purged, the error says what was done by then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import sealscrub as ss
from sealscrub.cli import run
from sealscrub.datasets import example_index
from sealscrub.errors import IncompleteError, SealscrubError
from sealscrub.matching import Policy

from ..contracts.test_every_format import NEAR, ROWS, Row, table
from ..transforms.arrests import ON, SEALED, index
from .delta.test_delta_table import rows_of as rows_of_delta
from .delta.test_delta_table import written
from .iceberg.lakehouse import Lakehouse, local
from .iceberg.test_iceberg_commit import made
from .other_writers import LATE

ASIDE = Policy(accept={"null"}, quarantine=True)
COMMITS: list[list[Row]] = [ROWS, [(NEAR, 40, "near")]]


class Delta:
    """A table of Delta."""

    changes = ("append", "lose", "mark")
    steps = (
        ("delta.delta_table", "commit_delta"),
        ("delta.delta_table", "purge_delta"),
        ("delta.delta_purge", "_commit_nothing"),
        ("delta.delta_purge", "_place_checkpoint"),
        ("delta.delta_purge", "_delete"),
    )

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "t"
        self.address = written(self.folder, COMMITS)

    def append(self) -> None:
        written(self.folder, [LATE])

    def lose(self) -> None:
        min((self.folder / "_delta_log").glob("*.json")).unlink()

    def mark(self) -> None:
        (self.folder / "notes.txt").write_text("of somebody else")

    def keys(self) -> list[Any]:
        return [row[0] for row in rows_of_delta(self.folder)]

    def close(self) -> None:
        pass


class Iceberg:
    """A table of Iceberg."""

    changes = ("append", "tag", "lose", "mark")
    steps = (
        ("iceberg.iceberg_table", "commit_iceberg"),
        ("iceberg.iceberg_table", "purge_iceberg"),
        ("iceberg.iceberg_folder", "_of_other_tables"),
        ("iceberg.iceberg_purge", "named_files"),
        ("iceberg.iceberg_purge", "_commit_alone"),
        ("iceberg.iceberg_purge", "existing_entry"),
        ("iceberg.iceberg_purge", "_delete"),
    )

    def __init__(self, folder: Path) -> None:
        self.lake = Lakehouse(folder)
        self.address = self.lake.address("arrests")
        made(self.lake, COMMITS)

    def append(self) -> None:
        self.lake.catalog.load_table("police.arrests").append(table(LATE))

    def tag(self) -> None:
        held = self.lake.catalog.load_table("police.arrests")
        current = held.current_snapshot()
        assert current is not None
        held.manage_snapshots().create_tag(current.snapshot_id, "audit").commit()

    def lose(self) -> None:
        local(self.lake.catalog.load_table("police.arrests").metadata_location).rename(self.lake.warehouse / "lost")

    def mark(self) -> None:
        (self.lake.folder("arrests") / "notes.txt").write_text("of somebody else")

    def keys(self) -> list[Any]:
        held = self.lake.catalog.load_table("police.arrests").scan().to_arrow()
        return list(held.column("arrest_no").to_pylist())

    def close(self) -> None:
        self.lake.close()


def ended(run: Callable[[], object]) -> SealscrubError | None:
    try:
        run()
    except SealscrubError as error:
        return error
    return None


CASES = [
    pytest.param(kind, step, change, id=f"{kind.__name__}-{step[1]}-{change}")
    for kind in (Delta, Iceberg)
    for step in kind.steps
    for change in kind.changes
]


@pytest.mark.thinned(between="-", together=2)
@pytest.mark.parametrize(("kind", "step", "change"), CASES)
@pytest.mark.parametrize("late", [False, True], ids=["early", "late"])
def test_the_error_says_what_was_done(
    tmp_path: Path, kind: type[Delta | Iceberg], step: tuple[str, str], change: str, late: bool
) -> None:
    """Before the table's own commit or after it, and what is to be done next loses nothing."""
    with closing(kind(tmp_path)) as lake, pytest.MonkeyPatch.context() as patch:
        aside, happened = tmp_path / "aside.parquet", []

        def landed() -> bool:
            return not set(SEALED) & set(lake.keys())

        module = import_module(f"sealscrub.tables.{step[0]}")
        real = getattr(module, step[1])

        def called(*given: Any, **named: Any) -> Any:
            if not happened and landed() is late:
                happened.append(landed())
                getattr(lake, change)()
            return real(*given, **named)

        patch.setattr(module, step[1], called)
        how: dict[str, Any] = {"policy": ASIDE, "in_place": True, "purge_history": True}
        error = ended(lambda: ss.scrub(lake.address, index(), ON, **how, quarantine=aside))
        said = str(error)
        if error is None or not aside.exists():  # it gets its name when the version is committed
            assert "was committed, without" not in said
            assert error is None or happened != [True]
            return
        assert isinstance(error, IncompleteError)
        assert not any(text in said for text in ("nothing was written", "nothing was changed", "another table"))
        if "the history was deleted, but" not in said:
            assert "was committed, without what had to be removed" in said
            assert f"the rows that were set aside are in {aside}" in said


TWICE = [
    *((Delta, f"delta.{name}") for name in ("delta_writer.file_statistics", "delta_writer._free_name")),
    *((Delta, f"delta.{name}") for name in ("delta_commit.place_file", "delta_commit.commit_actions")),
    (Iceberg, "iceberg.iceberg_table.commit_iceberg"),
]


@pytest.mark.parametrize(("kind", "step"), TWICE, ids=[step.rpartition(".")[2] for _, step in TWICE])
def test_two_runs_at_once_lose_nothing_and_double_nothing(
    tmp_path: Path, kind: type[Delta | Iceberg], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(kind(tmp_path)) as lake:
        expected = sorted(str(key) for key in set(lake.keys()) - set(SEALED))
        module, name = step.rsplit(".", 1)
        real = getattr(import_module(f"sealscrub.tables.{module}"), name)

        def once() -> SealscrubError | None:
            policy = Policy(accept={"null", "near"})
            return ended(lambda: ss.scrub(lake.address, index(), ON, policy=policy, in_place=True))

        def called(*given: Any, **named: Any) -> Any:
            monkeypatch.setattr(f"sealscrub.tables.{step}", real)
            found = real(*given, **named)
            assert once() is None
            return found

        monkeypatch.setattr(f"sealscrub.tables.{step}", called)
        once()
        assert sorted(map(str, lake.keys())) == expected


@pytest.mark.parametrize("kind", [Delta, Iceberg])
def test_an_interrupt_says_what_was_done(
    tmp_path: Path, kind: type[Delta | Iceberg], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    example_index(SEALED, folder=tmp_path)
    aside = tmp_path / "aside.parquet"

    def interrupted(*given: Any, **named: Any) -> Any:
        raise KeyboardInterrupt

    with closing(kind(tmp_path)) as lake:
        name = "delta.delta_purge._delete" if kind is Delta else "iceberg.iceberg_purge._delete"
        monkeypatch.setattr(f"sealscrub.tables.{name}", interrupted)
        words = ["scrub", lake.address, "--on", "arrest_number=arrest_no", "--accept", "null", "--in-place", "--yes"]
        words += ["--index", f"{tmp_path}/example.sealindex", "--key-file", f"{tmp_path}/example.key"]
        words += ["--purge-history", "--quarantine", str(aside)]
        assert run(words) == 130
        assert set(SEALED).isdisjoint(lake.keys())
    said = " ".join(capsys.readouterr().err.split())
    assert "was committed, without what had to be removed, the rows that were set aside" in said
    assert "interrupted; version" in said
    assert "nothing was written" not in said
    assert aside.exists()
