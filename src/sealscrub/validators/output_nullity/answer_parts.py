"""One answer of a system, taken apart: every leaf, length, type and order of it, as plain texts that can be compared.

This runs in the process of the system: no other may know the types of its answers. A part is named by its path;
the members of a list share one, ``hits[].score``, and are in it in their order.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..trial.pieces import Incomparable, is_plain, numbered
from ..trial.result_pieces import take_apart
from .response import Response

__all__ = [
    "ECHO",
    "KEYS",
    "LENGTH",
    "STEP",
    "Parts",
    "answer_parts",
    "error_parts",
    "failures_in",
    "is_error",
    "number_of",
]

Parts = dict[str, list[str]]

STEP = "\x1f"
"""Between the steps of a path."""
LENGTH, KEYS, TYPE, BYTES = "(length)", "(keys)", "(type)", "(bytes)"
ECHO = "‹id›"
"""What stands for the probe's own id in an answer that echoes it."""
_ERROR_TYPE = STEP.join(("error", "type"))
_DEEPEST = 100
_MOST_PARTS = 2_000_000
_MASK_FROM = 3
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


def answer_parts(answer: Any, mask: Sequence[str] = ()) -> Parts:
    r"""Take an answer apart.

    Parameters
    ----------
    answer : object
        Anything: plain values, mappings, lists, arrays, frames, dataclasses, responses of HTTP.
    mask : sequence of str
        Spellings of the probe's own ids, the longest first.

    Raises
    ------
    Incomparable
        When it holds something without bits, is too deep or too large.

    Examples
    --------
    >>> parts = answer_parts({"total": 2, "hits": [{"id": "K1"}, {"id": "K2"}]})
    >>> parts["total"], parts["hits\x1f[]\x1fid"], parts["hits\x1f(length)"]
    (['i:2'], ['s:K1', 's:K2'], ['i:2'])
    """
    taking = _PartsTaker(mask)
    taking.walk(answer, (), 0)
    return taking.parts


def error_parts(error: BaseException, mask: Sequence[str] = ()) -> Parts:
    """Take an error apart: its type and its text, without addresses in memory."""
    kind = type(error)
    text = _ADDRESS.sub("0x…", str(error))
    return answer_parts({"error": {"type": f"{kind.__module__}.{kind.__qualname__}", "text": text}}, mask)


def is_error(parts: Parts) -> bool:
    """Whether an answer is an exception."""
    return _ERROR_TYPE in parts


def failures_in(answers: Sequence[Parts]) -> str:
    """Say how many answers are errors, and of which types, if these are most; never what they say."""
    types = [parts[_ERROR_TYPE][0][2:] for parts in answers if is_error(parts)]
    if 2 * len(types) <= len(answers):
        return ""
    kinds = ", ".join(sorted({name.rpartition(".")[2] for name in types})[:3])
    return f"{'all' if len(types) == len(answers) else len(types)} of {len(answers)} answers are errors ({kinds})"


def number_of(token: str) -> float | None:
    """Give the number that a leaf is; None if it is not a number."""
    if token.startswith("f:"):
        return float.fromhex(token[2:]) if token[2:] not in ("nan",) else float("nan")
    return float(token[2:]) if token.startswith("i:") and token[2:] != ECHO else None


class _PartsTaker:
    def __init__(self, mask: Sequence[str]) -> None:
        self.parts: Parts = {}
        self.count = 0
        mask = [text for text in mask if len(text) >= _MASK_FROM]
        self.masked: Callable[[str], str] = lambda text: text
        if mask:
            pattern = re.compile("|".join(map(re.escape, mask)))
            self.masked = lambda text: pattern.sub(ECHO, text)
        self.numbers = {f"i:{text}" for text in mask if text.isdigit() and len(text) > _MASK_FROM}

    def note(self, path: tuple[str, ...], token: str) -> None:
        self.count += 1
        if self.count > _MOST_PARTS:
            raise Incomparable("an answer has too many values to compare")
        self.parts.setdefault(STEP.join(path), []).append(token)

    def walk(self, value: Any, path: tuple[str, ...], depth: int) -> None:
        if depth > _DEEPEST:
            raise Incomparable("an answer is nested too deeply")
        if is_plain(value):
            self.note(path, self.leaf(value))
            return
        response = Response.of(value)
        if response is not None:
            self.response(response, path, depth)
        elif isinstance(value, np.generic):
            self.walk(value.item(), path, depth + 1)
            self.note((*path, TYPE), f"s:{value.dtype}")
        elif isinstance(value, np.ndarray):
            self.array(value, path, depth)
        elif isinstance(value, Mapping):
            self.mapping(value, path, depth)
        elif isinstance(value, tuple) and not hasattr(value, "_fields"):
            self.note((*path, LENGTH), f"i:{len(value)}")
            if all(map(is_plain, value)):
                self.members(value, path, depth)
            else:
                for at, part in enumerate(value):
                    self.walk(part, (*path, f"[{at}]"), depth + 1)
        elif isinstance(value, list):
            self.note((*path, LENGTH), f"i:{len(value)}")
            self.members(value, path, depth)
        else:
            self.other(value, path, depth)

    def members(self, values: Sequence[Any], path: tuple[str, ...], depth: int) -> None:
        """Walk the members of a list, at once if each is a leaf."""
        path = (*path, "[]")
        if not values or depth == _DEEPEST or not all(map(is_plain, values)):
            for part in values:
                self.walk(part, path, depth + 1)
            return
        self.count += len(values)
        if self.count > _MOST_PARTS:
            raise Incomparable("an answer has too many values to compare")
        self.parts.setdefault(STEP.join(path), []).extend(map(self.leaf, values))

    def leaf(self, value: Any) -> str:
        if isinstance(value, str):
            return f"s:{self.masked(value)}"
        if isinstance(value, bytes):
            try:
                return f"y:{self.masked(value.decode())}"
            except UnicodeDecodeError:
                return f"y:{hashlib.sha256(value).hexdigest()}"
        if isinstance(value, bool) or value is None:
            return f"b:{value}"
        if isinstance(value, int):
            token = f"i:{int(value)}"
            return f"i:{ECHO}" if token in self.numbers else token
        return "f:nan" if value != value else f"f:{float(value).hex()}"

    def mapping(self, value: Mapping[Any, Any], path: tuple[str, ...], depth: int) -> None:
        names = [self.masked(str(name)) for name in value]
        self.note((*path, KEYS), f"s:{json.dumps(names)}")
        for name, part in zip(names, value.values(), strict=True):
            self.walk(part, (*path, name), depth + 1)

    def array(self, value: np.ndarray, path: tuple[str, ...], depth: int) -> None:
        self.note((*path, TYPE), f"s:{value.dtype}")
        shape = "×".join(map(str, value.shape[1:]))
        self.note((*path, LENGTH), f"i:{value.shape[0]}" if value.ndim else "i:1")
        if shape:
            self.note((*path, "(shape)"), f"s:{shape}")
        self.members(value.ravel().tolist(), path, depth)

    def response(self, response: Response, path: tuple[str, ...], depth: int) -> None:
        self.note((*path, "status"), f"i:{response.status}")
        headers: dict[str, list[str]] = {}
        for name, said in response.headers:
            headers.setdefault(name.lower(), []).append(said)
        self.note((*path, "headers", KEYS), f"s:{json.dumps(list(headers))}")
        for name, values in headers.items():
            for said in values:
                self.note((*path, "headers", name), self.leaf(said))
        text = response.text
        if text is None:
            self.note((*path, "body", BYTES), f"y:{hashlib.sha256(response.body).hexdigest()}")
            return
        self.note((*path, "body", BYTES), f"y:{hashlib.sha256(self.masked(text).encode()).hexdigest()}")
        self.walk(_parsed(text), (*path, "body"), depth + 1)

    def other(self, value: Any, path: tuple[str, ...], depth: int) -> None:
        columns = _columns(value)
        if columns is not None:
            self.note((*path, TYPE), f"s:{type(value).__module__}.{type(value).__qualname__}")
            self.mapping(columns, path, depth)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            self.mapping({each.name: getattr(value, each.name) for each in dataclasses.fields(value)}, path, depth)
        elif hasattr(value, "_asdict"):
            self.mapping(value._asdict(), path, depth)
        elif hasattr(value, "model_dump"):
            self.mapping(value.model_dump(), path, depth)
        else:
            self.pieces(value, path)

    def pieces(self, value: Any, path: tuple[str, ...]) -> None:
        """What the nullity test of functions knows how to take apart, by its bits."""
        for piece in take_apart(value):
            for column in piece.columns:
                name = (*path, *(part for part in (piece.path, column.name) if part), "[]")
                for cell in column.bits.tolist():
                    self.note(name, f"s:{self.masked(repr(cell))}")
            for fact, said in piece.facts.items():
                self.note((*path, *([piece.path] if piece.path else []), fact), f"s:{said}")


def _columns(value: Any) -> dict[str, Any] | None:
    """Columns of a frame or series of pandas, polars or pyarrow; None for anything else."""
    library, kind = type(value).__module__.partition(".")[0], type(value).__name__
    if library == "polars" and kind in ("DataFrame", "LazyFrame"):
        frame = value.collect() if kind == "LazyFrame" else value
        types = {"(type)": [str(dtype) for dtype in frame.dtypes]}
        return {**{name: frame.get_column(name).to_list() for name in frame.columns}, **types}
    if library == "polars" and kind == "Series":
        return {value.name: value.to_list(), "(type)": str(value.dtype)}
    if library == "pandas" and kind == "DataFrame":
        columns = {name: _cells(value.iloc[:, at]) for at, name in enumerate(numbered(map(str, value.columns)))}
        return {**columns, "(index)": _cells(value.index), "(type)": [str(dtype) for dtype in value.dtypes]}
    if library == "pandas" and kind == "Series":
        return {str(value.name): _cells(value), "(index)": _cells(value.index), "(type)": str(value.dtype)}
    if library == "pyarrow" and kind in ("Table", "RecordBatch"):
        names = numbered(value.schema.names)
        columns = {name: value.column(at).to_pylist() for at, name in enumerate(names)}
        return {**columns, "(type)": [str(field.type) for field in value.schema]}
    return None


def _cells(values: Any) -> list[Any]:
    return [each if is_plain(each) else str(each) for each in values.tolist()]


def _parsed(text: str) -> Any:
    """JSON, JSON Lines, or lines of text."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    except RecursionError:
        raise Incomparable("an answer is nested too deeply") from None
    lines = text.splitlines()
    try:
        return [json.loads(line) for line in text.split("\n") if line.strip()] if len(lines) > 1 else lines
    except ValueError:
        return lines
