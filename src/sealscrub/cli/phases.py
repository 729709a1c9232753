"""Progress of the custodian's commands on standard error, and nothing at all where that is no terminal."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

__all__ = ["phases"]

_FIRST_SECOND = 1.0

Tell = Callable[[str, int, int], None]


@contextlib.contextmanager
def phases() -> Iterator[Tell | None]:
    """Give what is told a phase, how much of it is done, and of how much (0: not known); shown after a second."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,.0f}", markup=False),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bars.add_task("", total=None)
    begun = time.monotonic()

    def tell(phase: str, done: int, total: int) -> None:
        bars.update(task, description=phase, completed=done, total=total or None)
        if time.monotonic() - begun > _FIRST_SECOND:
            bars.start()

    try:
        yield tell
    finally:
        bars.stop()
