"""Streams of other kinds than plain text: generators, server-sent events, the arguments of tool calls."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any

from sealscrub.errors import ConfigError, Refused, SealscrubError

from .text_stream import StreamGuard

__all__ = ["guard_deltas", "guard_events", "guard_stream", "guard_stream_async"]

_Make = Callable[[], StreamGuard]
_LONGEST_EVENT = 1 << 20
_LINE_END = re.compile(rb"\r\n|\n|\r(?!$)")  # a return at the end of a piece may be half of one
_ANY_LINE_END = re.compile(r"\r\n|\n|\r")  # text may hold one of its own
_EVENT_NAME = re.compile(r"[A-Za-z_.:-]{1,64}")
_BROKEN_STREAM = "the stream broke off"


def guard_stream(chunks: Iterable[str | bytes], guard: StreamGuard) -> Iterator[str]:
    """Guard a stream of text.

    Parameters
    ----------
    chunks : iterable of str or bytes
        The text in pieces.
    guard : StreamGuard
        A new one.

    Yields
    ------
    str
        What may leave, when it may. If the stream fails, or is no longer asked, what is held is dropped.

    Raises
    ------
    Refused
        If the guard refuses; or where the stream itself fails, in place of an error that may hold its text.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> guard = StreamGuard(example_index(["K14612345"]))
    >>> "".join(guard_stream(iter(["Two hits. One is K14", "612345. Bye."]), guard))
    'Two hits. Bye.'
    """
    with guard:
        for chunk in _unbroken(chunks):
            if text := guard.feed(chunk):
                yield text
        if text := guard.close():
            yield text


async def guard_stream_async(chunks: AsyncIterable[str | bytes], guard: StreamGuard) -> AsyncIterator[str]:
    """Guard an asynchronous stream of text; see :func:`guard_stream`.

    Parameters
    ----------
    chunks : asynchronous iterable of str or bytes
        The text in pieces.
    guard : StreamGuard
        A new one.

    Yields
    ------
    str
        What may leave, when it may.

    Raises
    ------
    Refused
        If the guard refuses, or the stream fails.

    Examples
    --------
    >>> import asyncio
    >>> from sealscrub.datasets import example_index
    >>> async def written():
    ...     yield "Two hits. One is K14"
    ...     yield "612345. Bye."
    >>> async def read(guard):
    ...     return [text async for text in guard_stream_async(written(), guard)]
    >>> "".join(asyncio.run(read(StreamGuard(example_index(["K14612345"])))))
    'Two hits. Bye.'
    """
    with guard:
        source = aiter(chunks)
        while True:
            try:
                chunk = await anext(source)
            except StopAsyncIteration:
                break
            except SealscrubError:
                raise
            except Exception:
                raise Refused(_BROKEN_STREAM, hint="unsent text is discarded.") from None
            if text := guard.feed(chunk):
                yield text
        if text := guard.close():
            yield text


def guard_deltas(
    deltas: Iterable[Mapping[str, Any]], make: _Make, *, text: str = "text", channel: str | None = None
) -> Iterator[dict[str, Any]]:
    """Guard a stream of small documents that each hold a piece of a text, such as the arguments of tool calls.

    Parameters
    ----------
    deltas : iterable of mapping
        The documents.
    make : callable
        Makes a :class:`StreamGuard`; each channel gets one. Arguments of a tool call are JSON, of which a sentence
        less is not JSON any more: make one with ``on_match="refuse"`` for these.
    text : str
        The field that holds the piece.
    channel : str, optional
        The field that says to which text it belongs, such as the number of a tool call.

    Yields
    ------
    dict
        The documents as they came, each with what may leave in place of its piece. A document without a piece ends
        every text that is open, in a document of its own for each that has something left; so does the end.

    Raises
    ------
    Refused
        As :func:`guard_stream`.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])
    >>> deltas = [{"text": "Two hits. One is K14"}, {"text": "612345. Bye."}, {"stop": True}]
    >>> list(guard_deltas(deltas, lambda: StreamGuard(index)))
    [{'text': ''}, {'text': ''}, {'text': 'Two hits. Bye.'}, {'stop': True}]
    """
    opened: dict[Any, tuple[StreamGuard, dict[str, Any]]] = {}
    try:
        for delta in _unbroken(deltas):
            if text not in delta or not isinstance(delta[text], str):
                yield from _close_streams(opened, text)
                yield dict(delta)
                continue
            name = delta.get(channel) if channel else None
            if name not in opened:
                opened[name] = (make(), {})
            guard = opened[name][0]
            opened[name] = (guard, dict(delta))
            yield {**delta, text: guard.feed(delta[text])}
        yield from _close_streams(opened, text)
    finally:
        for guard, _ in opened.values():
            guard.drop()


def guard_events(
    chunks: Iterable[bytes], make: _Make, *, text: str | None = None, channel: str | None = None
) -> Iterator[bytes]:
    r"""Guard server-sent events.

    Parameters
    ----------
    chunks : iterable of bytes
        The events as they come, cut anywhere.
    make : callable
        Makes a :class:`StreamGuard`.
    text, channel : str, optional
        As of :func:`guard_deltas`, where the data of an event is a JSON object. Without `text`, the data of all
        events is one text.

    Yields
    ------
    bytes
        Whole events. Of their other fields only ``event:`` stays, a name without digits.

    Raises
    ------
    Refused
        As :func:`guard_stream`; and if the data of an event is not a JSON object, or its name no word.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])
    >>> events = [b"data: Two hits. One", b" is K14\n\ndata: 612345. Bye.\n\n"]
    >>> b"".join(guard_events(events, lambda: StreamGuard(index)))
    b'data: Two hits. Bye.\n\n'
    """
    if channel and not text:
        raise ConfigError("channel= needs text=", hint="name the field of the events' JSON that holds the text.")
    events = ({"event": name, "data": data} for name, data in _events(_unbroken(chunks)))
    if text is None:
        for event in guard_deltas(events, make, text="data"):
            if event["data"]:
                yield _event(event["event"], event["data"])
        return
    names: list[str] = []

    def documents() -> Iterator[dict[str, Any]]:
        for event in events:
            names[:] = [event["event"]]
            yield _document(event["data"])

    for document in guard_deltas(documents(), make, text=text, channel=channel):
        if _END_MARK in document:
            yield _event(names[0], "[DONE]")
        else:
            yield _event(names[0] if names else "", json.dumps(document, ensure_ascii=False))


_END_MARK = "\0done"


def _document(data: str) -> dict[str, Any]:
    if data.strip() == "[DONE]":
        return {_END_MARK: True}
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise Refused("an event is not a JSON object", hint="leave text= out if events hold plain text.")
    return document


def _event(name: str, data: str) -> bytes:
    lines = [f"event: {name}"] if name else []
    return "\n".join([*lines, *(f"data: {line}" for line in _ANY_LINE_END.split(data)), "", ""]).encode()


def _events(chunks: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Name and data of each event (HTML standard, 9.2.6)."""
    rest, name = b"", ""
    data: list[str] = []
    for chunk in chunks:
        rest += chunk
        if len(rest) > _LONGEST_EVENT or sum(map(len, data)) > _LONGEST_EVENT:
            raise Refused("an event is too long", hint=f"at most {_LONGEST_EVENT:,} bytes.")
        *lines, rest = _LINE_END.split(rest)
        for line in lines:
            field, _, value = _decoded(line).partition(":")
            value = value.removeprefix(" ")
            if not line:
                if data:
                    yield name, "\n".join(data)
                name, data = "", []
            elif field == "data":
                data.append(value)
            elif field == "event":
                name = _checked_name(value)
    if rest == b"\r" and data:
        yield name, "\n".join(data)
    # What is not ended by an empty line is not an event.


def _checked_name(name: str) -> str:
    if name and not _EVENT_NAME.fullmatch(name):
        raise Refused("the name of an event may contain an identifier", hint="name events with words only.")
    return name


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("the bytes are not UTF-8", hint="send the events in UTF-8.") from None


def _unbroken(items: Iterable[Any]) -> Iterator[Any]:
    source = iter(items)
    while True:
        try:
            item = next(source)
        except StopIteration:
            return
        except SealscrubError:
            raise
        except Exception:
            raise Refused(_BROKEN_STREAM, hint="unsent text is discarded.") from None
        yield item


def _close_streams(opened: dict[Any, tuple[StreamGuard, dict[str, Any]]], text: str) -> Iterator[dict[str, Any]]:
    while opened:
        guard, last = opened.pop(next(iter(opened)))
        if left := guard.close():
            yield {**last, text: left}
