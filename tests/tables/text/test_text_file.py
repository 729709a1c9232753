"""A file of text that changes while it is read is refused, whatever reads it: half of it is of another content."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sealscrub as ss
from sealscrub.errors import UnreadableInput
from sealscrub.tables.text.compression import Compression, open_text_output

from ...transforms.arrests import CLEAR, NULLS, ON, SEALED, index

ROWS = [SEALED[0], *CLEAR[:3]]
TEXTS: dict[str, bytes] = {
    "csv": b"arrest_no,precinct\n" + b"".join(f"{key},75\n".encode() for key in ROWS),
    "tsv": b"arrest_no\tprecinct\n" + b"".join(f"{key}\t75\n".encode() for key in ROWS),
    "jsonl": b"".join(f'{{"arrest_no": "{key}", "precinct": "75"}}\n'.encode() for key in ROWS),
}
NAMES = ["a.csv", "a.tsv", "a.jsonl", "a.csv.gz", "a.jsonl.gz", "a.csv.zst", "a.jsonl.zst"]


def written(path: Path, content: bytes) -> bytes:
    """Write content as the name says, and give the bytes of the file."""
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(content, mtime=0))
    elif path.suffix == ".zst":
        with path.open("wb") as file, open_text_output(file, Compression.ZSTD) as packed:
            packed.write(content)
    else:
        path.write_bytes(content)
    return path.read_bytes()


def grows(path: Path, whole: bytes) -> None:
    with path.open("ab") as file:
        file.write(whole)


def is_replaced(path: Path, whole: bytes) -> None:
    """By a file of the same size, which a writer puts in its place."""
    path.with_name("other").write_bytes(whole)
    path.with_name("other").replace(path)


def is_emptied(path: Path, whole: bytes) -> None:
    path.write_bytes(b"")


def is_gone(path: Path, whole: bytes) -> None:
    path.unlink()


def plan(path: Path) -> ss.Plan:
    rules = {"keys": {"arrest_number": "arrest_no"}, "independent": "the arrest itself", "accept_null": "a stop"}
    return ss.Plan.from_dict({"version": 1, "tables": {"arrests": {"source": path.name, **rules}}}, root=path.parent)


READERS: dict[str, Callable[[Path, Any, bool], Any]] = {
    "scan": lambda path, told, sweep: ss.scan(path, index(), ON, policy=NULLS, sweep=sweep, progress=told),
    "dry run": lambda path, told, sweep: ss.scrub(
        path, index(), ON, policy=NULLS, sweep=sweep, dry_run=True, progress=told
    ),
    "scrub": lambda path, told, sweep: ss.scrub(
        path, index(), ON, policy=NULLS, sweep=sweep, progress=told, output=path.parent / "out" / path.name
    ),
    "edit": lambda path, told, sweep: ss.scrub(
        path,
        index(),
        ON,
        policy=NULLS,
        sweep=sweep,
        progress=told,
        output=path.parent / "out" / path.name,
        set_values={"arrest_no": CLEAR[0], "precinct": "75"},
    ),
    "narratives": lambda path, told, sweep: ss.scan(
        path, index(), ON, policy=NULLS, sweep=sweep, progress=told, narrative="precinct"
    ),
    "plan": lambda path, told, sweep: plan(path).scan(index=index(), sweep=sweep, progress=told),
}


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("sweep", [True, False])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("change", [grows, is_replaced, is_emptied, is_gone])
def test_a_file_that_changes_while_it_is_read_is_refused(
    change: Callable[[Path, bytes], None], reader: str, name: str, sweep: bool, tmp_path: Path
) -> None:
    path = tmp_path / name
    (tmp_path / "out").mkdir()
    whole = written(path, TEXTS[name.split(".")[1]])
    waiting = [change]

    def told(*_: Any) -> None:
        while waiting:
            waiting.pop()(path, whole)

    with pytest.raises(UnreadableInput, match="changed") as caught:
        READERS[reader](path, told, sweep)
    assert not waiting
    assert not any(key in str(caught.value) for key in ROWS)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reader", READERS)
def test_a_file_that_stays_as_it_is_is_read(reader: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    written(tmp_path / name, TEXTS[name.split(".")[1]])
    assert READERS[reader](tmp_path / name, None, False).tables[0].keys[0].sealed == 1


@pytest.mark.parametrize("reader", ["scrub", "edit", "plan"])
def test_the_sweep_meets_the_rows_of_every_block(reader: str, tmp_path: Path) -> None:
    """Blocks are of 8 MB; a line of blanks fills one, and there are rows before and behind it."""
    path = tmp_path / "arrests.jsonl"
    (tmp_path / "out").mkdir()
    whole = written(path, TEXTS["jsonl"])
    path.write_bytes(whole + b" " * (9 << 20) + b"\n" + whole)
    assert READERS[reader](path, None, True).tables[0].keys[0].sealed == 2
