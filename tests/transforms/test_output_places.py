"""A scrub and a plan refuse the same places, in the same words; what was there stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import UsageError, WriteFailed
from sealscrub.index import Index

from ..contracts.test_every_format import NEAR, ROWS, WRITERS
from .arrests import ON, SEALED

POLICY = ss.Policy(accept={"null"}, max_unparsable=1)
QUARANTINE = ss.Policy(accept={"null"}, quarantine=True, max_unparsable=1)
HERE = "estate/parts"


def _link(root: Path) -> str:
    (root / "link").symlink_to(root / "other")
    return "link"


def _full(root: Path) -> str:
    (root / "other" / "note.txt").write_text("mine")
    return "other"


def _file(root: Path) -> str:
    (root / "clean").write_text("mine")
    return "clean"


def _lake(root: Path) -> str:
    (root / "other" / "lake" / "_delta_log").mkdir(parents=True)
    (root / "other" / "lake" / "year=2020").mkdir()
    return "other/lake/year=2020/clean"


PLACES: dict[str, tuple[Callable[[Path], str], str]] = {
    "the input": (lambda root: HERE, "would replace the input"),
    "above the input": (lambda root: "estate", "would replace the input"),
    "the input by another name": (lambda root: f"other/../{HERE}", "would replace the input"),
    "in the input": (lambda root: f"{HERE}/clean", "in the input's folder"),
    "in a Delta table": (_lake, "in the folder of a Delta table"),
    "a log's name": (lambda root: "other/_delta_log", "look like that of a Delta table"),
    "a link": (_link, "symbolic link"),
    "something else": (_full, "must be a new or empty folder"),
    "a file": (_file, "must be a new or empty folder"),
    "where the index is": (lambda root: "keys", "would replace the index or its key"),
    "above the index": (lambda root: "above", "would replace the index or its key"),
    "the key": (lambda root: "keys/example.key", "would replace the index or its key"),
    "in no folder": (lambda root: "no/clean", "its folder does not exist"),
}


def _estate(root: Path) -> Index:
    for folder in (HERE, "other", "above/keys", "keys"):
        (root / folder).mkdir(parents=True)
    for at in range(2):
        WRITERS["parquet"]([*ROWS, (NEAR, 1, "near")], root / HERE / f"{at}.parquet")
    return example_index(SEALED, folder=root / "keys")


def _by_verb(root: Path, index: Index, **places: Path) -> None:
    ss.scrub(root / HERE, index, ON, policy=QUARANTINE if "quarantine" in places else POLICY, **places)


def _by_plan(root: Path, index: Index, **places: Path) -> None:
    arrests: dict[str, Any] = {"source": "parts", "keys": {"arrest_number": "arrest_no"}}
    said = {"version": 1, "tables": {"arrests": arrests | {"independent": "the arrest", "accept_null": "a stop"}}}
    ss.Plan.from_dict(said, root=root / "estate").scrub(index=index, policy=POLICY, **places)


def _files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("aside", [False, True], ids=["output", "quarantine"])
@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("run", [_by_verb, _by_plan], ids=["verb", "plan"])
def test_a_place_is_refused(run: Callable[..., None], name: str, aside: bool, tmp_path: Path) -> None:
    index = _estate(tmp_path)
    make, said = PLACES[name]
    if name == "above the index":
        index = example_index(SEALED, folder=tmp_path / "above" / "keys")
    place = tmp_path / make(tmp_path)
    before = _files(tmp_path)
    places = {"output": tmp_path / "fresh", "quarantine": place} if aside else {"output": place}
    with pytest.raises((UsageError, WriteFailed), match=said) as caught:
        run(tmp_path, index, **places)
    assert caught.value.hint
    assert (type(caught.value) is WriteFailed) == (name == "in no folder")
    assert (_files(tmp_path), (tmp_path / "fresh").exists()) == (before, False)


@pytest.mark.parametrize("inside", ["", "aside"])
@pytest.mark.parametrize("run", [_by_verb, _by_plan], ids=["verb", "plan"])
def test_what_is_set_aside_is_not_in_the_output(run: Callable[..., None], inside: str, tmp_path: Path) -> None:
    index = _estate(tmp_path)
    with pytest.raises(UsageError, match="in one place"):
        run(tmp_path, index, output=tmp_path / "fresh", quarantine=tmp_path / "fresh" / inside)
    assert not (tmp_path / "fresh").exists()


@pytest.mark.parametrize("run", [_by_verb, _by_plan], ids=["verb", "plan"])
def test_other_places_are_written_and_no_one_else_can_read_what_is_set_aside(
    run: Callable[..., None], tmp_path: Path
) -> None:
    run(tmp_path, _estate(tmp_path), output=tmp_path / "fresh", quarantine=tmp_path / "other")
    assert len(_files(tmp_path / "fresh")) == len(_files(tmp_path / "other")) == 2
    modes = {path.stat().st_mode & 0o777 for path in _files(tmp_path / "other")}
    assert (modes, (tmp_path / "other").stat().st_mode & 0o777) == ({0o600}, 0o700)


NAMES: dict[str, tuple[dict[str, str], type[Exception]]] = {
    "the input": ({"output": "a.parquet"}, UsageError),
    "another format's name": ({"output": "b.csv"}, UsageError),
    "a folder": ({"output": "."}, UsageError),
    "the key": ({"output": "keys/example.key"}, UsageError),
    "in no folder": ({"output": "no/b.parquet"}, WriteFailed),
    "where the quarantine is": ({"output": "b.parquet", "quarantine": "b.parquet"}, UsageError),
    "a quarantine that is the input": ({"output": "b.parquet", "quarantine": "a.parquet"}, UsageError),
    "a quarantine in no folder": ({"output": "b.parquet", "quarantine": "no/c.parquet"}, WriteFailed),
}


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(("places", "error"), NAMES.values(), ids=NAMES)
def test_a_dry_run_refuses_the_places_of_one_file_that_the_run_refuses(
    tmp_path: Path, places: dict[str, str], error: type[Exception], dry_run: bool
) -> None:
    (tmp_path / "keys").mkdir()
    index = example_index(SEALED, folder=tmp_path / "keys")
    WRITERS["parquet"]([*ROWS, (NEAR, 1, "near")], tmp_path / "a.parquet")
    before = _files(tmp_path)
    where: dict[str, Any] = {name: tmp_path / place for name, place in places.items()}
    policy = QUARANTINE if "quarantine" in places else ss.Policy(accept={"null", "near"}, max_unparsable=1)
    with pytest.raises(error):
        ss.scrub(tmp_path / "a.parquet", index, ON, policy=policy, dry_run=dry_run, **where)
    assert _files(tmp_path) == before
