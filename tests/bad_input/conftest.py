"""A bench for bad input: an index that seals one id, and runs of the real command line that must change nothing."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import sealscrub
from sealscrub.cli import run
from sealscrub.identifiers import canonicalise, digest_column, generate_keys, load_key, load_publisher
from sealscrub.index import IndexFacts, Reason, SchemeEntries, open_index, write_index

# sealed, and in every file; nothing that is said may hold it
CANARY = "K14987651"
# in another cell of the same row
ROW_CANARY = "zanzibar-7731"
_LEAKS = re.compile("987651|zanzibar", re.IGNORECASE)


@dataclass(frozen=True)
class Ended:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Bench:
    """A folder for the test's files, an index, its key, and the command line."""

    folder: Path
    index: Path
    key: Path
    capture: pytest.CaptureFixture[str]
    watched: list[Path] = field(default_factory=list)

    def file(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *args: str | Path) -> Ended:
        """Run in this process, with all that any library writes to the descriptors of stdout and stderr."""
        self.capture.readouterr()
        code = run([str(arg) for arg in args])
        said = self.capture.readouterr()
        assert not _LEAKS.search(said.out + said.err), "a value of a row was said"
        assert "defect of sealscrub" not in said.err, said.err
        return Ended(code, said.out, said.err)

    def args(
        self, verb: str, *inputs: str | Path, on: Sequence[str] = ("arrest_number=arrest_no",), more: Sequence[str] = ()
    ) -> list[str]:
        args = [verb, *map(str, inputs), "--index", str(self.index), "--key-file", str(self.key)]
        args += [part for key in on for part in ("--on", key)]
        if verb == "scrub" and not any(word in more for word in ("-o", "--dry-run")):
            args += ["-o", str(self.folder / ("clean" + "".join(Path(inputs[0]).suffixes)))]
        return [*args, *map(str, more)]

    def refused(self, args: Sequence[str | Path], code: int, *words: str, hint: bool = True) -> Ended:
        """Run, and check that it ends with the code, says the words, and changed nothing on disk."""
        before = self.state()
        ended = self.run(*args)
        assert ended.code == code, ended.err
        told = " ".join(ended.err.split())
        for word in words:
            assert word in told, ended.err
        assert told.startswith("error: ")
        assert ("Hint: " in told) == hint, ended.err
        assert self.state() == before
        return ended

    def state(self) -> dict[str, str]:
        """Every name in the folder, and what is there."""
        return {str(path): _content(path) for root in (self.folder, *self.watched) for path in sorted(root.rglob("*"))}


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"to {os.readlink(path)}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else str(path.stat().st_mode)


Publish = Callable[..., Path]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_keys(tmp_path_factory.mktemp("keys") / "seal.key")[0]


@pytest.fixture(scope="session")
def publish(keys: Path) -> Publish:
    """Write an index with facts of one's own choosing."""

    def write(
        path: Path,
        sealed: dict[str, list[str]] | None = None,
        *,
        key: Path = keys,
        coverage: dict[tuple[str, ...], int] | None = None,
        **facts: object,
    ) -> Path:
        audience = load_key(key).for_audience("police")
        entries = []
        for name, values in ({"arrest_number": [CANARY]} if sealed is None else sealed).items():
            found = canonicalise(pl.Series(values, dtype=pl.String), name)
            digests = digest_column(found.values, audience.scheme_key(name))
            entries.append(SchemeEntries(name, digests, np.full(len(values), Reason.SEALED, np.uint8)))
        counts = coverage or {(part.scheme,): max(1, len(part.digests)) for part in entries}
        stated = {
            "uses": ("training", "output"),
            "registry": "bench",
            "epoch": 5,
            "as_of": today(),
            "known_at": datetime.now(UTC).strftime("%Y-%m-%dT00:00:00Z"),
            "not_after": today() + timedelta(days=30),
        } | facts
        publisher = load_publisher(key.with_name(key.name + ".publisher"))
        write_index(
            path,
            entries,
            IndexFacts(audience="police", coverage=counts, seals=sum(counts.values()), **stated),
            publisher,
            audience_key=audience,
        )
        return path

    return write


def today() -> date:
    return datetime.now(UTC).date()


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory, keys: Path, publish: Publish) -> Path:
    path = publish(tmp_path_factory.mktemp("index") / "training.sealindex")
    open_index(path, keys)
    return path


@pytest.fixture
def bench(tmp_path: Path, index: Path, keys: Path, capfd: pytest.CaptureFixture[str]) -> Bench:
    return Bench(tmp_path, index, keys, capfd, [keys.parent, index.parent])


@pytest.fixture
def table() -> Callable[..., str]:
    """Text of a table whose third row is sealed."""

    def make(rows: int = 5, delimiter: str = ",", name: str = "arrest_no", end: str = "\n") -> str:
        lines = [delimiter.join((name, "note"))]
        for number in range(rows):
            sealed = number == 2
            lines.append(delimiter.join((CANARY if sealed else arrest(number + 1), ROW_CANARY if sealed else "x")))
        return end.join(lines) + end

    return make


def arrest(number: int) -> str:
    return f"M13{number:06d}"


@pytest.fixture(scope="session")
def canary() -> str:
    return CANARY


@pytest.fixture(scope="session")
def arrests() -> Callable[[int], list[str]]:
    """Ids that parse, the third of them sealed."""
    return lambda rows: [CANARY if number == 2 else arrest(number + 1) for number in range(rows)]


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start the command line as a process of its own."""
    source = str(Path(sealscrub.__file__).parents[1])
    paths = os.pathsep.join(part for part in (source, os.environ.get("PYTHONPATH", "")) if part)

    def launch(args: Sequence[str | Path], **options: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "sealscrub", *map(str, args)],
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options,
            env=os.environ | {"PYTHONPATH": paths},
        )

    return launch


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mount small file systems of their own; skips where that is not allowed."""
    mounted: list[Path] = []

    def mount(size: str = "64k", *, name: str = "disk") -> Path:
        place = tmp_path.with_name(f"{tmp_path.name}-{name}")
        place.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("mounting a tmpfs is for root")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", str(place)], check=False)
