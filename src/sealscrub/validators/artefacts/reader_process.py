"""The parent's side of reading: start the child, bound it, take its leaves, and continue after one that broke."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from sealscrub.boundary import bound

from .leaves import BrokenFrame, Leaf, read_leaf

__all__ = ["Limits", "read_files"]

_CHILD_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from sealscrub.validators.artefacts.readers.reader_child import main
main()
"""


@bound
@dataclass(frozen=True)
class Limits:
    """What the reading child may use.

    Attributes
    ----------
    memory_bytes : int
        Address space.
    cpu_seconds, seconds : int
        Processor time, and time on the wall, for all files of one child.
    most_bytes : int
        To how much one file may unpack.

    Examples
    --------
    >>> Limits(cpu_seconds=60, seconds=90).memory_bytes == 6 << 30
    True
    """

    memory_bytes: int = 6 << 30
    cpu_seconds: int = 600
    seconds: int = 900
    most_bytes: int = 8 << 30


def read_files(files: Sequence[Path], limits: Limits) -> Iterator[tuple[int, Leaf]]:
    """Read files in a child process, and give their leaves with the number of the file.

    A child that ends before it should leaves its file unchecked, and another one continues with the next file.

    Parameters
    ----------
    files : sequence of Path
    limits : Limits

    Yields
    ------
    (int, Leaf)
        File −1 is the run itself.
    """
    start = 0
    while start < len(files):
        current, why = start, "its reader ended before it was done: out of memory or time, or a fault"
        with (
            tempfile.TemporaryDirectory(prefix="sealscrub-") as private,
            _Child(files, start, private, limits) as child,
        ):
            try:
                while (leaf := read_leaf(child.leaves)) is not None:
                    if leaf.kind == "begin":
                        current = start if not start <= leaf.count < len(files) else leaf.count
                    elif leaf.kind == "end":
                        current += 1
                    else:
                        yield (-1 if leaf.kind == "weakening" else min(current, len(files) - 1)), leaf
            except BrokenFrame:
                pass
        if current < len(files):
            yield current, Leaf("unchecked", what=why)
        start = max(start, current) + 1


class _Child:
    """One run of the child."""

    def __init__(self, files: Sequence[Path], start: int, private: str, limits: Limits) -> None:
        self._task = {
            "files": [(at, str(files[at].resolve())) for at in range(start, len(files))],
            "private": str(Path(private).resolve()),
            "libraries": _libraries(),
            "memory_bytes": limits.memory_bytes,
            "cpu_seconds": limits.cpu_seconds,
            "most_bytes": limits.most_bytes,
        }
        self._seconds = limits.seconds
        self._private = private

    def __enter__(self) -> _Child:
        environment = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        environment |= {"TMPDIR": self._private, "ARROW_DEFAULT_MEMORY_POOL": "system", "PATH": "", "LC_ALL": "C.UTF-8"}
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-I", "-c", _CHILD_PROGRAM, json.dumps([path for path in sys.path if path])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=self._private,
        )
        self._timer = threading.Timer(self._seconds, self._process.kill)
        self._timer.daemon = True
        self._timer.start()
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        try:
            self._process.stdin.write(json.dumps(self._task).encode())
            self._process.stdin.close()
        except BrokenPipeError:  # the child has ended: its stream is empty, which says so
            pass
        self.leaves = cast(BinaryIO, self._process.stdout)
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        self.leaves.close()


def _libraries() -> list[str]:
    folders = {*sys.path, sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), "/lib", "/lib64", "/usr/lib"}
    folders |= {"/etc/ld.so.cache", "/usr/share/zoneinfo", "/proc/self", "/usr/lib64", "/dev/urandom"}
    return sorted({str(Path(folder).resolve()) for folder in folders if folder and Path(folder).exists()} - {"/"})
