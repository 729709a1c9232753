"""A page of the list that there would be without the sealed records, made from what the application answers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sealscrub.errors import Refused, SealscrubError

from ..field_masks import Absent
from ..json_answers.answer_shape import Shape
from ..json_answers.json_guard import MISSING, JsonAnswer
from ..json_answers.json_text import Limits, check_size
from ..json_answers.list_counters import check_beside
from ..json_answers.locations import Location
from ..json_answers.pruned_answer import edited
from ..json_answers.record_verdicts import key_fields
from .body_buffer import Collected
from .guarded_request import Asked, with_place
from .page_requests import Page, Paging, Target

__all__ = ["MadePage", "PageReader", "Wanted", "wanted_by"]

Ask: TypeAlias = Callable[[Asked], Awaitable[Collected]]
_NUMBER = re.compile(r"[0-9]{1,9}")
_TWICE = 2
"""A list is read to twice the end of the page, so how much is read does not depend on what is sealed in it."""
_FEW_ELEMENTS = 1_000
"""Elements that are guarded where the requests are served; more are in a thread, next to them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list a request wants."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page that may be sent: what the application answered, the value of the body, headers that say where it is."""

    answer: Collected
    value: Any
    headers: dict[str, str]


def wanted_by(paging: Paging, asked: Asked) -> Wanted | None:
    """Which part of the list a request wants; None if it is for the application to say what is wrong with it.

    Raises
    ------
    Refused
        When it does not say, or asks for more than is read.
    """
    size = paging.default if paging.size is None else _number(asked, paging.size, paging.default)
    begin = paging.first if paging.kind == "page" else 0
    at = begin if paging.position is None else _number(asked, paging.position, begin) or 0
    if size is None:
        raise Refused("the request does not give a page size", where="request", hint="default=…")
    if size < 1 or at < begin:
        if paging.kind == "cursor" and at < 0:
            raise Refused("this cursor was not issued by the guard", where="request")
        return None
    size = size if paging.largest is None else min(size, paging.largest)
    wanted = Wanted((at - paging.first) * size if paging.kind == "page" else at, size)
    if not paging.counts and _needed(paging, wanted) > _readable(paging, wanted):
        raise Refused("the request asks for more elements than the guard reads", where="request")
    return wanted


def _number(asked: Asked, place: Any, default: int | None) -> int | None:
    """A number that a request gives; -1 if it is not a number."""
    found = asked.values_at(place)
    if len(found) > 1:
        raise Refused(f"{place.text} is in the request more than once", where="request")
    if not found or found[0] in (None, ""):
        return default
    text = found[0] if isinstance(found[0], str) else str(found[0]) if type(found[0]) is int else ""
    return int(text) if _NUMBER.fullmatch(text) else -1


def _enough(paging: Paging, wanted: Wanted) -> int:
    """How many elements have to be left, so the page and whether more follow are known."""
    tells = paging.kind != "best" or bool(paging.more or paging.next or paging.made)
    return wanted.offset + wanted.size + tells


def _needed(paging: Paging, wanted: Wanted) -> int:
    """How many are read for that, whatever is sealed."""
    return _TWICE * _enough(paging, wanted)


def _readable(paging: Paging, wanted: Wanted) -> int:
    """How many elements are read at most."""
    return (paging.largest or wanted.size) * (1 if paging.kind == "best" else paging.most_requests)


class PageReader:
    """Makes one page.

    Parameters
    ----------
    paging, shape, answer, limits, where
        Of the route, and this request.
    asked : Asked
    ask : callable
        Puts a request to the application.
    """

    def __init__(
        self, paging: Paging, shape: Shape, answer: JsonAnswer, limits: Limits, where: str, asked: Asked, ask: Ask
    ) -> None:
        self._shape, self._answer, self._limits = shape, answer, limits
        self._where, self._ask = where, ask
        self.paging = paging
        self.asked = asked
        if paging.kind == "cursor" and paging.position is not None:  # which is ours
            self.asked = with_place(asked, paging.position, None)
        self._items = paging.list_of(shape)
        self._holder = self._items.up_to(len(self._items.steps) - 1)

    async def made(self, first: Collected, wanted: Wanted) -> MadePage | None:
        """Make the page; None if it is after the last one, and it is declared what is answered then.

        Parameters
        ----------
        first : Collected
            What the application answers to the request as it came.
        wanted : Wanted

        Raises
        ------
        SealscrubError
            When the page cannot be made.
        """
        for _ in range(2):  # the list may have changed between two requests
            reading = _ListReader(self, first, wanted)
            kept = await reading.kept()
            if self._keys(reading.as_shown()) == self._keys(self._elements(first)):
                return self._page(first, wanted, reading, kept)
            first = await self._ask(self.asked)
            if first.status != 200:
                break
        raise Refused(
            "the application's pages overlap or leave elements out",
            where=self._where,
            hint="sort the list by a unique key, and set default= and largest= as in the application.",
        )

    def _elements(self, answer: Collected) -> list[Any]:
        found = [held for _, held, _ in self._holder.places(answer.value)]
        if len(found) != 1 or not isinstance(found[0], list):
            raise Refused(f"the response has no list at {self._items.text}", where=self._where)
        return found[0]

    def _keys(self, elements: list[Any]) -> list[Any]:
        return [key_fields(self._shape, self._items, element) for element in elements]

    def _guarded_list(self, value: Any, raw: list[Any]) -> tuple[Any, list[Any]]:
        whole = edited(value, {self._holder.steps: raw})
        check_size(whole, self._limits)
        found = self._answer.found(whole, is_part=True)
        if found is MISSING:
            raise Refused("the response itself is a record that may not be returned", where=self._where)
        kept = [held for _, held, _ in self._holder.places(found)]
        if len(kept) != 1:
            raise Refused("the list itself is a record that may not be returned", where=self._where)
        return found, kept[0]

    def _page(self, first: Collected, wanted: Wanted, reading: _ListReader, kept: list[Any]) -> MadePage | None:
        paging, size = self.paging, wanted.size
        shown = kept[wanted.offset : wanted.offset + size]
        is_past = wanted.offset > 0 and not shown
        if paging.past_end is not None and is_past:
            if paging.kind != "cursor" and not self._elements(first):
                raise Refused("a page after the last does not have the status in past_end=", where=self._where)
            return None
        total = len(kept) if paging.counts else None
        page = Page(wanted.offset, size, len(shown), len(kept) > wanted.offset + size, total)
        value = edited(reading.value, {self._holder.steps: shown})
        check_beside(value, self._shape, self._where, every=True, besides=paging.locations)
        new: dict[Target, Any] = dict.fromkeys(paging.more, page.more)
        if total is not None:
            new |= dict.fromkeys(paging.total, total)
            new |= dict.fromkeys(paging.pages, -(-total // size))
        for target in paging.next:
            new[target] = _NextLink(paging, page)
        new |= {target: what(page) if callable(what) else what for target, what in paging.made.items()}
        headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in first.headers}
        said: dict[str, str] = {}
        for target, what in new.items():
            if isinstance(target, Location):
                value = _with_field(value, target, what)
            elif target in headers:
                made = what.of(headers[target]) if isinstance(what, _NextLink) else what
                if made is not None and not isinstance(made, Absent):
                    said[target] = str(made)
        return MadePage(first, value, said)


class _ListReader:
    """The list from its beginning, as far as it was read."""

    def __init__(self, reader: PageReader, first: Collected, wanted: Wanted) -> None:
        self._reader, self._first, self._wanted = reader, first, wanted
        self._paging = reader.paging
        self.raw: list[Any] = []
        self.value: Any = None
        self._batches = 0
        self._ended = self._short = False
        self._cursor: Any = None
        self._most = _readable(self._paging, wanted)
        self._size = self._paging.largest or wanted.size
        if not self._paging.counts and self._paging.largest is not None:
            self._size = min(self._size, _needed(self._paging, wanted))

    async def kept(self) -> list[Any]:
        """What is left of the list: all of it if it is counted, else to one after the page at least."""
        paging, wanted = self._paging, self._wanted
        target = self._most + 1 if paging.counts else _needed(paging, wanted)
        while True:
            await self._read(target)
            work = partial(self._guarded_list, _enough(paging, wanted))
            self.value, kept = work() if len(self.raw) <= _FEW_ELEMENTS else await asyncio.to_thread(work)
            if self._ended and paging.counts and len(kept) > self._most // _TWICE and paging.kind != "best":
                break
            if self._ended or (not paging.counts and len(kept) >= _enough(paging, wanted)):
                return kept
            if len(self.raw) >= self._most or self._batches > self._paging.most_requests:
                break
            target = min(2 * target, self._most)
        raise Refused(
            "the list is longer than the guard reads",
            where=self._reader._where,
            hint="raise largest= or most_requests= of Paging.",
        )

    def _guarded_list(self, enough: int) -> tuple[Any, list[Any]]:
        """What is left of the list as far as it was read.

        How far it is read beyond the page depends on what is sealed, so an element there that cannot be guarded is not
        a reason to refuse the page.
        """
        guard = partial(self._reader._guarded_list, self._first.value)
        try:
            return guard(self.raw)
        except SealscrubError:
            if self._paging.counts:
                raise
        for length in range(enough, len(self.raw)):
            value, kept = guard(self.raw[:length])
            if len(kept) >= enough:
                return value, kept
        return guard(self.raw)

    def as_shown(self) -> list[Any]:
        """What the application shows for the request as it came; for one with a cursor of ours, from the beginning."""
        if self._paging.kind == "cursor":
            return self.raw[: len(self._reader._elements(self._first))]
        return self.raw[self._wanted.offset : self._wanted.offset + self._wanted.size]

    async def _read(self, target: int) -> None:
        if self._paging.kind == "best":
            await self._read_best(min(target, self._most))
            return
        while len(self.raw) < target and not self._ended:
            if self._batches > self._paging.most_requests:
                return
            await self._read_batch()

    async def _read_best(self, size: int) -> None:
        answer = await self._ask_next_page({self._paging.size: size})
        if answer is None:
            return
        self.raw = self._reader._elements(answer)
        if len(self.raw) > size:
            raise self._too_many()
        self._ended = len(self.raw) < size

    async def _read_batch(self) -> None:
        answer = await self._next_answer()
        self._batches += 1
        if answer is None:
            self._ended = True
            return
        elements = self._reader._elements(answer)
        if len(elements) > self._size:
            raise self._too_many()
        if self._paging.kind == "cursor":
            self._cursor = _cursor(self._paging, answer.value)
            self._ended = self._cursor is None
        else:
            self._require_end(elements)
        self.raw = [*self.raw, *elements]

    def _require_end(self, elements: list[Any]) -> None:
        """A short page is the last only if the next is empty: else the application gives fewer than it was asked."""
        if elements and self._short:
            raise Refused(
                "the application returned fewer elements than requested",
                where=self._reader._where,
                hint="set largest= of Paging to the largest size that it returns.",
            )
        if not elements and self._batches > 1 and self._paging.past_end is not None:
            raise Refused("a page after the last does not have the status in past_end=", where=self._reader._where)
        self._ended = not elements
        self._short = len(elements) < self._size

    async def _next_answer(self) -> Collected | None:
        """The next part of the list; None if the application says that the page does not exist."""
        paging, wanted = self._paging, self._wanted
        if self._batches == 0 and (paging.kind == "cursor" or (wanted.offset == 0 and wanted.size == self._size)):
            return self._first
        put: dict[Any, Any] = {paging.size: self._size} if paging.size is not None else {}
        if paging.position is not None:
            at = {"page": paging.first + self._batches, "offset": len(self.raw), "cursor": self._cursor}
            put[paging.position] = at[paging.kind]
        return await self._ask_next_page(put)

    async def _ask_next_page(self, changed: dict[Any, Any]) -> Collected | None:
        asked = self._reader.asked
        for place, new in changed.items():
            asked = with_place(asked, place, new)
        answer = await self._reader._ask(asked)
        if self._batches and self._paging.is_past_end(answer.status):
            return None
        if answer.status != 200:
            raise Refused(
                f"the application answered {answer.status} for a later part of the list",
                where=self._reader._where,
                hint="set largest= to its largest size, and past_end= to its status after the last page.",
            )
        return answer

    def _too_many(self) -> Refused:
        return Refused(
            "the application returned more elements than requested",
            where=self._reader._where,
            hint="check size=, default= and largest= of Paging.",
        )


def _cursor(paging: Paging, value: Any) -> Any:
    """What leads to the next part, as the application gave it; None at the end."""
    at = next(each for each in paging.next if isinstance(each, Location))
    found = next((what for _, what, _ in at.places(value)), None)
    if isinstance(found, str) and "?" in found and paging.position is not None:
        return dict(parse_qsl(urlsplit(found).query)).get(paging.position.name)
    return None if found in ("", False) or isinstance(found, dict | list) else found


@dataclass(frozen=True, slots=True)
class _NextLink:
    """What leads to the next page, in the place of what the application says."""

    paging: Paging
    page: Page

    def of(self, said: Any) -> Any:
        if not self.page.more:
            return self.paging.at_end
        if said is None:
            raise Refused("the application's response has no next cursor", where="answer")
        if self.paging.kind != "cursor":
            return said
        after = self.page.offset + self.page.size
        if isinstance(said, str) and "?" in said and self.paging.position is not None:
            parts = urlsplit(said)
            name = self.paging.position.name
            query = [(key, str(after) if key == name else value) for key, value in parse_qsl(parts.query)]
            return urlunsplit(parts._replace(query=urlencode(query)))
        return after if isinstance(said, int) else str(after)


def _with_field(value: Any, target: Location, new: Any) -> Any:
    """A value with something else in a field that it has."""
    found = next(((place, said) for place, said, _ in target.places(value)), None)
    if found is None:
        if isinstance(new, _NextLink) and new.page.more:
            raise Refused("the application's response has no next cursor", where="answer")
        return value
    place, said = found
    if isinstance(new, _NextLink):
        new = new.of(said)
    elif isinstance(said, str) and type(new) is int:
        new = str(new)
    if not isinstance(new, Absent):
        return edited(value, {place: new})
    above = next(iter(target.up_to(len(target.steps) - 1).places(value)))[1]
    return edited(value, {place[:-1]: {name: each for name, each in above.items() if name != place[-1]}})
