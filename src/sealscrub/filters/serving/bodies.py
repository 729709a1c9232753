"""Bodies of answers: JSON and text as a whole; JSON Lines and server-sent events one by one, as they come."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Protocol

from sealscrub.errors import Refused, UnreadableInput
from sealscrub.index import Index

from ..json_answers.json_guard import MISSING, JsonAnswer
from ..json_answers.json_text import read_json, write_json
from .guarded_routes import TextFilter

__all__ = ["EventParser", "EventStream", "LineStream", "PieceStream", "is_event_stream", "is_json", "is_lines"]

_EVENT_NAME = re.compile(r"[A-Za-z_.:-]{1,64}")
_LINE_END = re.compile(rb"\r\n|\n|\r(?!$)")


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON."""
    return media_type in ("application/json", "text/json") or media_type.endswith("+json")


def is_lines(media_type: str) -> bool:
    """Whether a media type is JSON Lines."""
    return media_type in ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")


def is_event_stream(media_type: str) -> bool:
    """Whether a media type is server-sent events."""
    return media_type == "text/event-stream"


class PieceStream(Protocol):
    """A body that goes out in pieces, each of which is whole."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Take what came, and give what may be sent."""

    def close(self) -> Iterator[bytes]:
        """Give the rest; what is not whole is dropped."""


class LineStream:
    """JSON Lines: a line whose record may not be returned is removed.

    Parameters
    ----------
    answer : JsonAnswer
        By which every line is judged: the stream is one answer.
    """

    def __init__(self, answer: JsonAnswer) -> None:
        self._answer = answer
        self._held = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Give the lines that are complete."""
        *lines, self._held = (self._held + piece).split(b"\n")
        if len(self._held) > self._answer.limits.bytes:
            raise Refused("a line is too long", where="answer")
        yield from self._guarded_lines(lines)

    def close(self) -> Iterator[bytes]:
        """Give the last line, which may lack its end."""
        held, self._held = self._held, b""
        yield from self._guarded_lines([held])
        self._answer.end_stream()

    def _guarded_lines(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for line in lines:
            if line.strip():
                found = self._answer.found_in_stream(read_json(line, self._answer.limits))
                if found is not MISSING:
                    yield write_json(found) + b"\n"


class EventParser(ABC):
    """Takes server-sent events apart.

    Their ids are left out, since a gap would reveal records, and how often to reconnect. A comment keeps a connection
    alive, and becomes an empty one.

    Parameters
    ----------
    most : int
        Bytes of an event.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = b""
        self._lines: list[bytes] = []
        self._size = 0

    @abstractmethod
    def event(self, name: str, data: bytes) -> Iterator[bytes]:
        """Take the data of an event, and give the events that may be sent."""

    def finish(self) -> Iterator[bytes]:
        """Give what is left when the stream ends."""
        return iter(())

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Give what may be sent of the events that are complete."""
        *lines, self._held = _LINE_END.split(self._held + piece)
        for line in lines:
            self._size += len(line)
            if line:
                self._lines.append(line)
            else:
                block, self._lines, self._size = self._lines, [], 0
                yield from self._read(block)
        if self._size + len(self._held) > self._most:
            raise Refused("an event is too long", where="answer")

    def close(self) -> Iterator[bytes]:
        """Drop an event that is not complete, as its readers do."""
        if self._held.endswith(b"\r"):
            yield from self.feed(b"\n")
        self._held, self._lines = b"", []
        yield from self.finish()

    def _read(self, block: list[bytes]) -> Iterator[bytes]:
        name, data, comment = "", [], False
        for line in block:
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value)
            elif field == b"event":
                name = value.decode("latin-1")
            elif not field:
                comment = True
        if name and not _EVENT_NAME.fullmatch(name):
            raise Refused("the name of an event may contain an identifier", where="answer", hint="use words only.")
        if data:
            yield from self.event(name, b"\n".join(data))
        elif comment:
            yield b":\n\n"


class EventStream(EventParser):
    """Events about records: one that may not be returned is removed.

    Parameters
    ----------
    answer : JsonAnswer
        By which every event is judged: the stream is one answer.
    sentinels : collection of str
        Data that is not JSON and passes.
    """

    def __init__(self, answer: JsonAnswer, sentinels: frozenset[str] = frozenset()) -> None:
        super().__init__(answer.limits.bytes)
        self._answer, self._sentinels = answer, sentinels

    def event(self, name: str, data: bytes) -> Iterator[bytes]:
        """Guard an event."""
        if data.decode("latin-1") in self._sentinels:
            yield written(name, data)
            return
        found = self._answer.found_in_stream(read_json(data, self._answer.limits))
        if found is not MISSING:
            yield written(name, write_json(found))

    def finish(self) -> Iterator[bytes]:
        """Give nothing, or refuse a number that may count the events."""
        self._answer.end_stream()
        return iter(())


def written(name: str, data: bytes) -> bytes:
    """An event as it is sent."""
    lines = b"".join(b"data: " + line + b"\n" for line in data.split(b"\n"))
    return (f"event: {name}\n".encode() if name else b"") + lines + b"\n"


def filtered(text: TextFilter, body: bytes, index: Index, charset: str = "utf-8") -> bytes:
    """A text without what may not be returned.

    Raises
    ------
    UnreadableInput
        When it is not of its charset.
    """
    try:
        plain = body.decode(charset)
    except (UnicodeDecodeError, LookupError):
        plain = None
    if plain is None:
        raise UnreadableInput("a text cannot be decoded by the charset that its header declares", where="answer")
    return text(plain, index).encode(charset)
