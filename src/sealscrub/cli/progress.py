"""Progress of long work on standard error, and nothing at all if that is not a terminal."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from sealscrub.transforms.options import Progress

__all__ = ["hide_progress", "phases", "shown_progress"]

_FIRST_SECOND = 1.0

_SHOWN: ContextVar[Bars | None] = ContextVar("shown bars", default=None)
Tell = Callable[[str, int, int], None]


@contextlib.contextmanager
def phases() -> Iterator[Tell | None]:
    """Give what is called with a phase, how much is done, and of how much (0: not known); shown after a second."""
    with _bars("{task.completed:,.0f}") as bars:
        if bars is None:
            yield None
            return
        task = bars.add_task("", total=None)
        begun = time.monotonic()

        def tell(phase: str, done: int, total: int) -> None:
            bars.update(task, description=phase, completed=done, total=total or None)
            if time.monotonic() - begun > _FIRST_SECOND:
                bars.start()

        yield tell


@contextlib.contextmanager
def shown_progress() -> Iterator[Progress | None]:
    """Show a bar for each table that takes longer than a second: rows, rate, time left."""
    from .exit_codes import printable

    with _bars("{task.fields[rows]:,} rows  {task.fields[rate]:,.0f}/s") as bars:
        if bars is None:
            yield None
            return
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

        yield show


def hide_progress() -> None:
    """Stop the bars that are shown, if any: a question follows."""
    bars = _SHOWN.get()
    if bars is not None:
        bars.stop()


@contextlib.contextmanager
def _bars(amount: str) -> Iterator[Bars | None]:
    """Give bars that are not shown yet, each with its amount written so; on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn(amount, markup=False),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    token = _SHOWN.set(bars)
    try:
        yield bars
    finally:
        _SHOWN.reset(token)
        bars.stop()
