"""What an error takes with it: its text, files and lines, and none of the variables of the functions that it passed."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import CodeType, FrameType, TracebackType

__all__ = ["PLACE", "is_edge", "strip"]

PLACE = "<sealscrub.boundary>"
"""Where a traceback says that a boundary's code is."""


def is_edge(code: CodeType) -> bool:
    """Whether code is that of a boundary itself."""
    return code.co_filename == PLACE


def strip(error: BaseException) -> None:
    """Clear the frames that an error passed below the caller, and those of its causes and contexts.

    What the caller's own code was handling when it called is left as it is, and so are frames of the caller's below
    ours, as there are where the block of a ``with`` fails. Entries of boundaries inside this one are removed, and those
    that pytest hides. A context that is not shown (``raise … from None``) is dropped: no one reads it, and it may
    hold rows.

    Parameters
    ----------
    error : BaseException
        As the boundary has caught it: the first entry of its traceback is the boundary's.
    """
    running = _running()
    seen: set[int] = set()
    links = [error]
    while links:
        link = links.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        _clear_frames(link.__traceback__, running)
        _drop_objects(link)
        if link.__suppress_context__:
            link.__context__ = _outer(link.__context__, running)
        links += [each for each in _chained_errors(link) if not _is_outer(each, running)]


def _running() -> set[FrameType]:
    """Frames of the callers, up to the bottom of the stack."""
    frame: FrameType | None = sys._getframe(3)  # above: this function, strip, and the boundary that calls it
    found = set()
    while frame is not None:
        found.add(frame)
        frame = frame.f_back
    return found


def _is_outer(error: BaseException, running: set[FrameType]) -> bool:
    """Whether an error was caught by a function that still runs: it is the caller's, and was there before the call."""
    return error.__traceback__ is not None and error.__traceback__.tb_frame in running


def _outer(error: BaseException | None, running: set[FrameType]) -> BaseException | None:
    """Give the first error of a chain that is the caller's."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen and not _is_outer(error, running):
        seen.add(id(error))
        error = error.__context__
    return error if error is not None and _is_outer(error, running) else None


def _chained_errors(error: BaseException) -> Iterator[BaseException]:
    linked = [error.__cause__, error.__context__]
    if isinstance(error, BaseExceptionGroup):
        linked += error.exceptions
    return (each for each in linked if each is not None)


def _clear_frames(entry: TracebackType | None, running: set[FrameType]) -> None:
    first = True
    while entry is not None and (first or entry.tb_frame not in running):
        after = entry.tb_next
        while after is not None and _is_left_out(after.tb_frame.f_code) and after.tb_frame not in running:
            _clear(after.tb_frame)
            after = after.tb_next
        if after is not entry.tb_next:
            entry.tb_next = after
        _clear(entry.tb_frame)
        entry, first = after, False


def _is_left_out(code: CodeType) -> bool:
    """Whether a traceback is shorter by a function: a boundary, or one that pytest hides by a variable of it."""
    return is_edge(code) or "__tracebackhide__" in code.co_varnames


def _clear(frame: FrameType) -> None:
    with contextlib.suppress(RuntimeError):  # it runs: the boundary's own, or another thread's
        frame.clear()


def _drop_objects(error: BaseException) -> None:
    """Take from Python's own errors the objects that they keep other than their text."""
    if isinstance(error, AttributeError):
        error.obj = None
    elif isinstance(error, UnicodeDecodeError):
        error.object = b""
        error.args = (error.encoding, b"", error.start, error.end, error.reason)
    elif isinstance(error, UnicodeEncodeError):
        error.object = ""
        error.args = (error.encoding, "", error.start, error.end, error.reason)
    elif isinstance(error, UnicodeTranslateError):
        error.object = ""
        error.args = ("", error.start, error.end, error.reason)
