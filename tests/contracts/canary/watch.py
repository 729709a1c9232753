"""What the canaries are, and where they are looked for."""

from __future__ import annotations

import contextlib
import gzip
import logging
import os
import pickle
import re
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

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
_SEPARATORS = re.compile(rb"[\s_./#-]|%20|,")


def found_in(content: bytes | str, canaries: tuple[str, ...] = KNOWN) -> list[str]:
    """Which canaries a text or file holds, in any case and with any separators."""
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    plain = _SEPARATORS.sub(b"", raw.upper())
    wide = _SEPARATORS.sub(b"", raw.replace(b"\0", b"").upper())
    return [canary for canary in canaries if (text := canary.encode()) in plain or text in wide]


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

    def leaks(self) -> list[str]:
        """Where a canary shows."""
        return [f"{where}: {', '.join(found)}" for where, text in self.shown.items() if (found := found_in(text))]


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
    elif not isinstance(result, Unwatched):
        seen.shown |= _shown_of_value("result", result)
    return seen


class Unwatched:
    """A result that holds data rightly: the call is watched, and what it gives back is not."""

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
    link: BaseException | None = error
    while link is not None:
        name = type(link).__name__
        shown[f"{name}'s args"] = repr(link.args)
        shown[f"{name}'s attributes"] = repr(getattr(link, "__dict__", {}))
        shown[f"{name}'s notes"] = repr(getattr(link, "__notes__", ()))
        shown |= _shown_of_value(name, link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return shown


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
    with tempfile.TemporaryDirectory(dir=_ELSEWHERE) as folder:
        files = [Path(folder) / name for name in ("stdout", "stderr")]
        kept = [os.dup(1), os.dup(2)]
        with contextlib.ExitStack() as stack:
            out, err = (stack.enter_context(file.open("w", encoding="utf-8", buffering=1)) for file in files)
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            try:
                yield
            finally:
                for number, each in enumerate(kept, start=1):
                    os.dup2(each, number)
                    os.close(each)
        for file in files:
            seen.shown[file.name] = file.read_text("utf-8", "replace")
