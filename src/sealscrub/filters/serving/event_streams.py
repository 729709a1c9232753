"""Texts that come in pieces: as plain text, or a piece an event, as language models write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sealscrub.errors import Refused
from sealscrub.index import Index

from ..json_answers.json_guard import MISSING
from ..json_answers.json_text import Limits, read_json, write_json
from ..json_answers.locations import Location, Place
from ..json_answers.pruned_answer import edited
from ..text import StreamGuard
from .bodies import EventParser, written

__all__ = ["DeltaStream", "TextStream"]

_MOST_WAITING = 10_000


class TextStream:
    """Plain text: no part of a mention leaves, however the pieces are cut."""

    def __init__(self, index: Index, options: dict[str, Any]) -> None:
        self._guard = StreamGuard(index, **options)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Take a piece, and give what may leave."""
        yield self._guard.feed(piece).encode()

    def close(self) -> Iterator[bytes]:
        """Give what may leave of what was held."""
        yield self._guard.close().encode()


class DeltaStream(EventParser):
    """Events each of which has the next piece of a text.

    An event goes out when some text may leave, with that text in the place of its own piece. Events without a piece
    wait for the text that came before them. What is left is sent when the stream ends, or says that it does.

    Parameters
    ----------
    index : Index
        By which the whole text is judged.
    place : Location
        Of the piece in an event.
    clean : callable
        Guards an event without its piece; gives :data:`MISSING` where it may not be returned.
    sentinels, limits, options
        As of the route.
    """

    def __init__(
        self,
        index: Index,
        place: Location,
        clean: Callable[[Any], Any],
        sentinels: frozenset[str],
        limits: Limits,
        options: dict[str, Any],
    ) -> None:
        super().__init__(limits.bytes)
        self._index, self._place, self._clean = index, place, clean
        self._sentinels, self._limits, self._options = sentinels, limits, options
        self._guard = StreamGuard(index, **options)
        self._last: tuple[str, Any, Place] | None = None
        self._waiting: list[bytes] = []

    def event(self, name: str, data: bytes) -> Iterator[bytes]:
        """Take an event, and give those that may leave."""
        if data.decode("latin-1") in self._sentinels:
            yield from self.finish()
            yield written(name, data)
            return
        value = self._clean(read_json(data, self._limits))
        if value is MISSING:
            return
        found = [(at, text) for at, text, _ in self._place.places(value) if isinstance(text, str) and text]
        if len(found) > 1:
            raise Refused("an event has pieces of more than one text", where="answer")
        if found:
            at, text = found[0]
            self._last = (name, value, at)
            yield from self._release_text(self._guard.feed(text))
        else:
            self._waiting.append(written(name, write_json(value)))
            if len(self._waiting) > _MOST_WAITING:
                raise Refused("too many events wait for a text to continue", where="answer")
        if not self._guard.held:
            yield from self._release_text("", all_of_it=True)

    def _release_text(self, text: str, *, all_of_it: bool = False) -> Iterator[bytes]:
        if text and self._last is not None:
            name, value, at = self._last
            yield written(name, write_json(edited(value, {at: text})))
        if all_of_it:
            waiting, self._waiting = self._waiting, []
            yield from waiting

    def finish(self) -> Iterator[bytes]:
        """Give the rest; another text may follow."""
        guard, self._guard = self._guard, StreamGuard(self._index, **self._options)
        yield from self._release_text(guard.close(), all_of_it=True)
