"""What the canaries are, and where they are looked for."""

from __future__ import annotations

import contextlib
import gzip
import inspect
import logging
import os
import pickle
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TextIO

import polars as pl

from sealscrub.boundary.error_tracebacks import is_edge

# Valid arrest numbers, a near one, one that does not parse, and what stands in the other fields of such rows.
SEALED = "K14618033"
WITHHELD = "M15141592"
NEAR = "K14O18O39"
UNPARSABLE = "K-WOBBEGONG"
PAYLOAD = "Quillfeather"
NUMBER = 2718281828
KNOWN = ("14618033", "15141592", "14O18O39", "WOBBEGONG", "QUILLFEATHER", "2718281828")
SEALED_ONLY = ("14618033", "15141592", "QUILLFEATHER", "2718281828")
"""What an output may not hold, whose other rows it rightly does."""

_ELSEWHERE = tempfile.gettempdir()  # found before the drives get a temporary folder that is watched
_SEPARATORS = b" \t\n\r\f\v_./#-,"


def found_in(content: bytes | str, canaries: tuple[str, ...] = KNOWN) -> list[str]:
    """Which canaries a text or file holds, in any case and with any separators."""
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    plain = _without_separators(raw)
    wide = _without_separators(raw.replace(b"\0", b"")) if b"\0" in raw else plain
    return [canary for canary in canaries if (text := canary.encode()) in plain or text in wide]


def _without_separators(raw: bytes) -> bytes:
    return raw.upper().replace(b"%20", b"").translate(None, _SEPARATORS)


def found_in_file(path: Path, canaries: tuple[str, ...] = KNOWN) -> list[str]:
    """Which canaries a file holds, compressed or not."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    elif path.suffix == ".parquet":
        content += str(pl.read_parquet(path).to_dict(as_series=False)).encode()
    return found_in(content, canaries)


@dataclass
class Watched:
    """What could be seen of one call."""

    shown: dict[str, str] = field(default_factory=dict)
    error: BaseException | None = None
    frames: list[str] = field(default_factory=list)

    def leaks(self) -> list[str]:
        """Where a canary shows, and which frames of ours still hold variables."""
        shown = [f"{where}: {', '.join(found)}" for where, text in self.shown.items() if (found := found_in(text))]
        return shown + self.frames


def watch(call: Callable[[], object]) -> Watched:
    """Make a call and note everything that it gives to be seen: output, logs, warnings, result, exception."""
    seen = Watched()
    log = _Log()
    result: object = None
    with _descriptors(seen), warnings.catch_warnings(record=True) as caught, _logging(log):
        warnings.simplefilter("always")
        try:
            result = call()
        except BaseException as error:
            seen.error = error
    seen.shown["log"] = "\n".join(log.lines)
    seen.shown["warnings"] = "\n".join(f"{each.message!r} {each.message}" for each in caught)
    if seen.error is not None:
        seen.shown |= _shown_of_error(seen.error)
        seen.frames = frames_with_variables(seen.error)
    elif not isinstance(result, Unwatched):
        seen.shown |= _shown_of_value("result", result)
    return seen


class Unwatched:
    """A result that holds data rightly: the call is watched, and what it returns is not."""

    def __init__(self, value: object) -> None:
        self.value = value


class Looked:
    """A result that holds data rightly, in its fields and so in its pickle: its looks are watched."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"{self.value!r} {self.value}"

    def __reduce__(self) -> str:
        raise TypeError


def _shown_of_value(what: str, value: object) -> dict[str, str]:
    shown = {f"{what}'s repr": repr(value), f"{what}'s str": str(value)}
    with contextlib.suppress(TypeError, AttributeError, pickle.PicklingError):
        shown[f"{what}'s pickle"] = pickle.dumps(value).decode("latin-1")
    return shown


def _shown_of_error(error: BaseException) -> dict[str, str]:
    shown = {"traceback": "".join(traceback.format_exception(error))}
    for link in _chain(error):
        name = type(link).__name__
        kept = {each: getattr(link, each, None) for each in ("obj", "object", "value")}
        shown[f"{name}'s args"] = repr(link.args)
        shown[f"{name}'s attributes"] = repr(getattr(link, "__dict__", {})) + repr(kept)
        shown[f"{name}'s notes"] = repr(getattr(link, "__notes__", ()))
        shown |= _shown_of_value(name, link)
    return shown


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error, its causes and its contexts, those too that a traceback does not show."""
    links, seen = [error], set[int]()
    while links:
        link = links.pop()
        if id(link) not in seen:
            seen.add(id(link))
            yield link
            within = link.exceptions if isinstance(link, BaseExceptionGroup) else ()
            links += [each for each in (link.__cause__, link.__context__, *within) if each is not None]


def frames_with_variables(error: BaseException) -> list[str]:
    """Which frames of ours, in the tracebacks of an error's whole chain, hold variables. They may be rows.

    Functions, truths and None are none. A module's body holds the module's own names, whatever becomes of it. Rooms
    that serve other rooms alone leave the clearing to these.
    """
    found = []
    for link in _chain(error):
        frames = [(*each, str(each[0].f_globals.get("__name__"))) for each in traceback.walk_tb(link.__traceback__)]
        ours = [each for each in frames if each[2].split(".")[0] == "sealscrub"]
        if ours and ours[0][2] in _FOR_ROOMS:
            continue
        for frame, line, module in ours:
            if held := _variables(frame):
                where = f"{module}:{line} {frame.f_code.co_qualname}"
                found.append(f"{type(link).__name__}, frame {where} holds {', '.join(held)}")
    return found


_FOR_ROOMS = ("sealscrub.atomic_write",)


def _variables(frame: FrameType) -> list[str]:
    code = frame.f_code
    if code.co_name == "<module>":
        return []
    constant = code.co_freevars if is_edge(code) else ()  # what a boundary is made with
    return [
        name
        for name, value in frame.f_locals.items()
        if name not in constant and not (inspect.isroutine(value) or value is None or value is True)
    ]


class _Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args!r}")


@contextlib.contextmanager
def _logging(handler: logging.Handler) -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@contextlib.contextmanager
def _descriptors(seen: Watched) -> Iterator[None]:
    """Catch what is written to the process's output, by Python or by a library beneath it."""
    kept = [os.dup(1), os.dup(2)]
    with _nameless() as out, _nameless() as err:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            try:
                yield
            finally:
                for number, each in enumerate(kept, start=1):
                    os.dup2(each, number)
                    os.close(each)
        for name, file in (("stdout", out), ("stderr", err)):
            file.flush()
            file.buffer.seek(0)
            seen.shown[name] = file.buffer.read().decode("utf-8", "replace")


def _nameless() -> TextIO:
    return tempfile.TemporaryFile("w+", encoding="utf-8", buffering=1, dir=_ELSEWHERE)  # type: ignore[return-value]  # a wrapper of one
