"""Streams of JSON records: iterables, async iterables, and JSON Lines."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Any

from sealscrub.errors import ConfigError, Spelled
from sealscrub.index import Index

from ..caller_code import read_later, read_source
from ..live_index import LiveIndex
from .answer_shape import JsonOn
from .json_guard import MISSING, JsonAnswer, JsonGuard
from .json_text import check_size, read_json, write_json

__all__ = ["guard_json_lines", "guard_record_stream"]


def guard_json_lines(text: Any, index: Index | LiveIndex, on: JsonOn, **options: Any) -> Any:
    r"""Guard JSON Lines (NDJSON): lines whose record may not be returned are removed, in others elements are.

    Parameters
    ----------
    text : str, bytes, or iterable of lines as one of these
        Empty lines are left out.
    index, on, **options
        As :class:`JsonGuard` takes them; locations are those within a line: ``$.arrest``. ``complete=True`` says that
        the lines are all that was found, as in :class:`JsonGuard`.

    Returns
    -------
    str, bytes, or iterator of lines
        Of the kind that was given. An iterator ends with an error if a line cannot be checked; nothing of that
        line has been written.

    Raises
    ------
    ConfigError, Refused, UncheckedKeys, UnreadableInput
        As :func:`guard_json`.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> text = '{"arrest": "K14612345"}\n{"arrest": "M14000017"}\n'
    >>> guard_json_lines(text, example_index(["K14612345"]), on={"arrest_number": "$.arrest"}, complete=True)
    '{"arrest":"M14000017"}\n'
    """
    answer = _guard(index, on, options).start()
    if not isinstance(text, str | bytes | bytearray):
        return _same_kind(answer, text)
    whole = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(text)
    guarded = b"".join(lines_of(answer, whole.split(b"\n")))
    answer.end_stream()
    return guarded.decode() if isinstance(text, str) else guarded


def _same_kind(answer: JsonAnswer, lines: Iterable[Any]) -> Iterator[Any]:
    for line in read_source(lines):
        if isinstance(line, str):
            yield from (each.decode() for each in lines_of(answer, [line.encode("utf-8", "surrogatepass")]))
        else:
            yield from lines_of(answer, [line])
    answer.end_stream()


def lines_of(answer: JsonAnswer, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Guard lines of one answer; each is returned whole, with its line break, or not at all."""
    for line in lines:
        if line.strip():
            found = answer.found_in_stream(read_json(line, answer.limits))
            if found is not MISSING:
                yield write_json(found) + b"\n"


def guard_record_stream(records: Any, index: Index | LiveIndex, on: JsonOn, **options: Any) -> Any:
    """Guard a stream of records, each a JSON value: those that may not be returned are left out.

    Parameters
    ----------
    records : iterable or async iterable
        Of values as :func:`json.loads` gives them.
    index, on, **options
        As :class:`JsonGuard` takes them; locations are those within a record: ``$.arrest``. ``complete=True`` says that
        the records are all that was found, as in :class:`JsonGuard`.

    Returns
    -------
    iterator or async iterator
        As was given. All of it is judged by one index, from when the first record is asked for.

    Raises
    ------
    ConfigError
        As :func:`guard_json`.
    Refused, UncheckedKeys
        As :func:`guard_json`; the stream ends there.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])
    >>> records = [{"id": "K14612345"}, {"id": "M14000017"}]
    >>> list(guard_record_stream(records, index, on={"arrest_number": "$.id"}, complete=True))
    [{'id': 'M14000017'}]
    """
    guard = _guard(index, on, options)
    if isinstance(records, AsyncIterable):
        return _later(guard, records)
    return _records_now(guard, records)


def _guard(index: Index | LiveIndex, on: JsonOn, options: dict[str, Any]) -> JsonGuard:
    guard = JsonGuard(index, on, **{"oracle_ok": True} | options)
    if not guard.shape.is_complete:
        raise ConfigError(
            "these records are not declared complete",
            hint=Spelled(
                "complete=True if they are every record found. A shorter list was cut with its sealed records.",
                "--complete if they are every record found. A shorter list was cut with its sealed records.",
            ),
        )
    return guard


def _records_now(guard: JsonGuard, records: Iterable[Any]) -> Iterator[Any]:
    yield from guard.start().records(records)


async def _later(guard: JsonGuard, records: AsyncIterable[Any]) -> AsyncIterator[Any]:
    answer = guard.start()
    async for record in read_later(records):
        check_size(record, guard.limits)
        found = answer.found_in_stream(record)
        if found is not MISSING:
            yield found
    answer.end_stream()
