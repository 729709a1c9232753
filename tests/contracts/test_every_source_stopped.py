"""A run that does not end leaves what was there: a full disk, an interrupt, a kill, of every kind of source.

A limit of the process on the size of files stands for a full disk: the first or a later write of the run fails. Where
the signal of that limit is not caught, it ends the process in the middle of the write.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sealscrub.errors import SealscrubError, UsageError

from ..transforms.arrests import SEALED
from .test_every_format import KEPT, ROWS, as_text
from .test_every_source import SOURCES, Frame, Postgres, Source, pytest_generate_tests, source

__all__ = ["pytest_generate_tests", "source"]

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files(folder: Path) -> dict[str, bytes]:
    """Every file but those of a catalog's own database."""
    found = (path for path in folder.rglob("*") if path.is_file() and "catalog.db" not in path.name)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def limit_within(source: Source, share: float, name: str) -> int:
    """Scrub other rows, and give a share of the size of the largest file that this makes."""
    other = source.put(KEPT, "other")
    before = files(source.folder)
    source.scrub(other, name)
    return 1 + int(share * max(len(made) for name, made in files(source.folder).items() if name not in before))


@pytest.mark.parametrize(("share", "name"), [(0.0, "new"), (0.6, "clean")], ids=["at once", "later, over an earlier"])
def test_a_full_disk_leaves_the_output_as_it_was(source: Source, share: float, name: str) -> None:
    if isinstance(source, Frame | Postgres):
        pytest.skip("its output is not a file of this process")
    data, limit = source.put(ROWS), limit_within(source, share, name)
    before = files(source.folder)
    with largest_file(limit), pytest.raises(SealscrubError) as caught:
        source.scrub(data)
    assert SEALED[0] not in str(caught.value)
    assert files(source.folder) == before
    assert source.content(source.scrub(data, "after")) == as_text(KEPT)


def test_an_interrupt_leaves_everything_as_it_was(source: Source) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    data = source.put(ROWS)
    before = source.schemas() if isinstance(source, Postgres) else files(source.folder)
    with pytest.raises(KeyboardInterrupt):
        source.scrub(data, progress=stop)
    assert before == (source.schemas() if isinstance(source, Postgres) else files(source.folder))


KILLED = """
import resource, signal, sys
from pathlib import Path
from tests.contracts.test_every_source import SOURCES, File

kind, folder, data, limit = sys.argv[1:]
source = SOURCES[kind](Path(folder))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
source.scrub(Path(data) if isinstance(source, File) else data)
"""
WRITTEN = [kind for kind, made in SOURCES.items() if not issubclass(made, Frame | Postgres) and "object" not in kind]


@pytest.mark.long
@pytest.mark.parametrize("source", WRITTEN, indirect=True)
def test_a_kill_in_a_write_leaves_no_output_and_nothing_in_the_way(
    source: Source, request: pytest.FixtureRequest
) -> None:
    data, limit = source.put(ROWS), limit_within(source, 0.6, "earlier")
    before = files(source.folder)
    kind = request.node.callspec.params["source"]
    command = [sys.executable, "-c", KILLED, kind, str(source.folder), str(data), str(limit)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == -signal.SIGXFSZ, done.stderr.decode()
    left = files(source.folder)
    assert {name: left[name] for name in before} == before
    if kind == "iceberg":  # its folder holds what no version names, and is not taken over
        with pytest.raises(UsageError, match="remove its folder"):
            source.scrub(data)
    name = "after" if kind == "iceberg" else "clean"
    assert source.content(source.scrub(data, name)) == as_text(KEPT)
