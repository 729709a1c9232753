"""The reading child: sandboxes itself, reads the files that it is given, writes leaves, and ends.

It is started with ``python -I -c``; what it needs is one JSON document on standard input.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

from ..leaves import Leaf, LeafWriter

__all__ = ["main"]


def main() -> None:
    """Read the files of the task on standard input."""
    task = json.load(sys.stdin.buffer)
    out = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    weakenings = _shut_in(task)
    leaves = LeafWriter(out)
    for weakening in weakenings:
        leaves.write(Leaf("weakening", what=weakening))
    from .reader_choice import read_source

    del read_source
    for at, path in task["files"]:
        leaves.write(Leaf("begin", count=at))
        _read_file(Path(path), task, leaves)
        leaves.write(Leaf("end", count=at))
        out.flush()
    out.flush()
    os._exit(0)  # nothing that was read is torn down: that may take long, and would run nothing of use


def _read_file(path: Path, task: dict[str, Any], leaves: LeafWriter) -> None:
    from .file_source import Budget, Source
    from .reader_choice import Within, read_source

    try:
        file: BinaryIO = path.open("rb")
    except OSError:
        leaves.unchecked("", "it can't be opened")
        return
    with file:
        budget = Budget(int(task["most_bytes"]))
        source = Source(file, path.name, "", budget, Path(task["private"]))
        leaves.start(lambda: source.size + budget.spent)
        leaves.within = Within(source, leaves)
        read_source(source, leaves)


def _needs_arrow(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(6).startswith((b"PAR1", b"ARROW1", b"\xff\xff\xff\xff", b"\x28\xb5\x2f\xfd", b"PK"))
    except OSError:
        return False


def _start_arrow() -> None:
    """Let Arrow start its threads while the process may still start any; they are sandboxed as it is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    import sealscrub.tables.parquet.parquet_extents
    import sealscrub.tables.parquet.parquet_footer  # noqa: F401 - polars comes with its room, and starts threads

    pa.set_io_thread_count(1)
    pa.set_cpu_count(1)
    table = pa.table({"a": ["b"], "c": [1.5]})
    parquet, arrow = pa.BufferOutputStream(), pa.BufferOutputStream()
    pq.write_table(table, parquet)
    with pa.ipc.new_file(arrow, table.schema) as file:
        file.write_table(table)
    pq.ParquetFile(pa.BufferReader(parquet.getvalue()), pre_buffer=False).read_row_group(0, use_threads=False)
    with pa.ipc.open_file(pa.PythonFile(io.BytesIO(arrow.getvalue()), "r")) as read:
        read.get_batch(0)


def _shut_in(task: dict[str, Any]) -> tuple[str, ...]:
    """Set the limits and the sandbox, before anything of the files is read."""
    import numpy  # noqa: F401 - before its folder is shut off from being anything but read

    from ...landlock import restrict
    from ...sandbox.process_walls import shut_sockets

    readable = [Path(path) for _, path in task["files"]] + [Path(path) for path in task["libraries"]]
    done = restrict(readable, [Path(task["private"]), Path(os.devnull)], execute=False)
    said = shut_sockets()
    if any(_needs_arrow(Path(path)) for _, path in task["files"]):
        _start_arrow()
    try:
        import resource
    except ImportError:
        said.append("this system has no limits for memory and time of a process")
    else:
        memory, seconds = int(task["memory_bytes"]), int(task["cpu_seconds"])
        for name, most in (
            ("RLIMIT_AS", memory),
            ("RLIMIT_CPU", seconds),
            ("RLIMIT_FSIZE", int(task["most_bytes"])),
            ("RLIMIT_NPROC", 0),
            ("RLIMIT_CORE", 0),
            ("RLIMIT_NOFILE", 256),
        ):
            try:
                resource.setrlimit(getattr(resource, name), (most, most))
            except (ValueError, OSError, AttributeError):
                said.append(f"the system refused the limit {name}")
    return (*said, *done.weakenings)
