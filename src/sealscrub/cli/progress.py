"""Progress of long work on standard error, and nothing at all where that is no terminal."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

from sealscrub.transforms.options import Progress

__all__ = ["shown_progress"]

_FIRST_SECOND = 1.0


@contextlib.contextmanager
def shown_progress() -> Iterator[Progress | None]:
    """Show a bar for each table that takes longer than a second: rows, rate, time left."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    from .ending import printable

    bars = Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} rows  {task.fields[rate]:,.0f}/s", markup=False),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, TaskID] = {}
    begun = time.monotonic()

    def show(name: str, rows: int, share: float) -> None:
        elapsed = time.monotonic() - begun
        if elapsed < _FIRST_SECOND:
            return
        if not tasks:
            bars.start()
        if name not in tasks:
            tasks[name] = bars.add_task(printable(name), total=1.0, rows=0, rate=0.0)
        bars.update(tasks[name], completed=share, rows=rows, rate=rows / elapsed)

    try:
        yield show
    finally:
        if tasks:
            bars.stop()
