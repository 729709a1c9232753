"""Pages of lists: how a request says which it wants, and what in an answer says where it is in the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sealscrub.errors import ConfigError

from ..json_answers.answer_shape import Shape
from ..json_answers.locations import Location, Step, parse_location
from .request_keys import RequestId, request_id

__all__ = ["Page", "Paging", "Target"]

Target: TypeAlias = "Location | str"
"""What is set in an answer: a location of its body, or the name of a header."""
Targets: TypeAlias = "str | Iterable[str] | None"
_HEADER = "header:"


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page is in the list without the sealed records.

    Attributes
    ----------
    offset : int
        How many elements come before it.
    size : int
        How many it has at most.
    shown : int
        How many it has.
    more : bool
        Whether others come after it.
    total : int or None
        How many there are in all, if `total` or `pages` of :class:`Paging` is given.

    Examples
    --------
    >>> Page(offset=20, size=10, shown=3, more=False, total=23).total
    23
    """

    offset: int
    size: int
    shown: int
    more: bool
    total: int | None = None


class Paging:
    """How an application cuts its lists, so its pages can be made without the sealed records.

    The middleware asks the application for the list from its beginning, guards what it gets, and cuts the page out of
    what is left. With none of `page`, `offset` and `cursor`, an answer is the best of a list.

    Parameters
    ----------
    size : str, optional
        Where a request says how many elements it wants: ``query:size``, or ``body:$.size`` in a JSON body. Without it,
        all pages have the size `default`.
    page, offset, cursor : str, optional
        Where it says which: by number, by how many come before, or by what the last answer gave. A cursor that
        is returned is one of the middleware.
    items : str, optional
        The location of the list's elements, ``$.hits[*]``; needed if `on` names several lists.
    total, pages, more, next : str or iterable of str, optional
        What the answer says about the list, each a location or several, or ``header:x-total-count``: how many elements
        it has, how many pages that makes, whether any follow, and where. With `cursor`, `next` is needed, and the list
        ends if the application leaves it out, or gives null or an empty text.
    made : mapping, optional
        What else depends on the list: by location or header, a function of the :class:`Page`, or a value.
        :data:`sealscrub.filters.ABSENT` leaves it out.
    at_end : object
        What `next` holds if nothing follows, or :data:`sealscrub.filters.ABSENT`.
    first : int
        The number of the first page.
    default : int, optional
        The size where a request says none. Without it, such a request is refused.
    largest : int, optional
        The largest size that the application gives; it may refuse more, or give only as much. The middleware reads
        the list by it, and otherwise by the size that was asked for. The best of a list cannot do without, and one of
        more than half of it is refused.
    past_end : NotFound, optional
        What the application answers for a page after the last, if that is not an empty list with status 200.
    most_requests : int
        By how many requests the list is read at most.

    Raises
    ------
    ConfigError
        When something is named in a way that is not understood, or cannot be promised.

    Examples
    --------
    >>> Paging(page="query:page", size="query:size", total="$.total", largest=100)
    Paging(page='query:page', size='query:size')
    """

    def __init__(
        self,
        *,
        size: str | None = None,
        page: str | None = None,
        offset: str | None = None,
        cursor: str | None = None,
        items: str | None = None,
        total: Targets = None,
        pages: Targets = None,
        more: Targets = None,
        next: Targets = None,
        made: Mapping[str, Callable[[Page], Any] | Any] | None = None,
        at_end: Any = None,
        first: int = 1,
        default: int | None = None,
        largest: int | None = None,
        past_end: Any = None,
        most_requests: int = 32,
    ) -> None:
        places = {"page": page, "offset": offset, "cursor": cursor}
        given = [name for name, place in places.items() if place is not None]
        if len(given) > 1:
            raise ConfigError(f"both {given[0]}= and {given[1]}= name a page", hint="name one of them.")
        self.kind = given[0] if given else "best"
        self.size = None if size is None else _place(size)
        self.position = _place(places[self.kind]) if given else None
        self.items = None if items is None else parse_location(items)
        self.total, self.pages, self.more, self.next = map(_targets, (total, pages, more, next))
        self.made = {_target(name): what for name, what in (made or {}).items()}
        self.at_end = at_end
        self.first = _check_whole_number("first", first, least=0)
        self.default = None if default is None else _check_whole_number("default", default)
        self.largest = None if largest is None else _check_whole_number("largest", largest)
        self.past_end = past_end
        self.most_requests = _check_whole_number("most_requests", most_requests)
        self._shown = {name: place for name, place in {**places, "size": size}.items() if place is not None}
        self._check()

    def _check(self) -> None:
        if self.size is None and (self.default is None or self.largest is not None or self.kind == "best"):
            raise ConfigError(
                "the page size is not declared",
                hint='size="query:size" if requests state it; only default= if all pages have the same size.',
            )
        if self.kind == "cursor" and len([each for each in self.next if isinstance(each, Location)]) != 1:
            raise ConfigError("the place of the next cursor is not declared", hint='next="$.next"')
        if self.kind == "best" and self.largest is None:
            raise ConfigError(
                "the largest top-k is not declared",
                hint="largest= is the largest size that the application gives; or name page=, offset= or cursor=.",
            )
        if self.kind == "best" and self.past_end is not None:
            raise ConfigError("a top-k list has no page after the last", hint="leave past_end= out.")
        if self.largest is not None and self.default is not None and self.default > self.largest:
            raise ConfigError("default= is more than largest=")
        named = [each for group in (self.total, self.pages, self.more, self.next, self.made) for each in group]
        if len({each if isinstance(each, str) else each.steps for each in named}) < len(named):
            raise ConfigError("paging= names one place of the response twice")

    @property
    def counts(self) -> bool:
        """Whether the whole list has to be read."""
        return bool(self.total or self.pages)

    def is_past_end(self, status: int) -> bool:
        """Whether an answer of this status may say that the page does not exist."""
        return self.past_end is not None and status == self.past_end.status

    @property
    def is_in_body(self) -> bool:
        """Whether requests say in a body what they want."""
        return any(each is not None and each.kind == "body" for each in (self.size, self.position))

    @property
    def locations(self) -> tuple[Location, ...]:
        """Everything in the body of an answer that is set."""
        named = [*self.total, *self.pages, *self.more, *self.next, *self.made]
        return tuple(each for each in named if isinstance(each, Location))

    @property
    def headers(self) -> frozenset[str]:
        """Headers that are set."""
        named = [*self.total, *self.pages, *self.more, *self.next, *self.made]
        return frozenset(each for each in named if isinstance(each, str))

    def list_of(self, shape: Shape) -> Location:
        """Where the elements are, in answers of a shape.

        Raises
        ------
        ConfigError
            When the list does not exist, or there are several.
        """
        found = [each for each in shape.lists if self.items is None or each.steps == self.items.steps]
        if len(found) != 1:
            names = ", ".join(each.text for each in shape.lists) or "none"
            raise ConfigError(f"the paged list is not declared; on= names {names}", hint='items="$.hits[*]"')
        items = found[0]
        if any(isinstance(step, Step) for step in items.steps[:-1]):
            raise ConfigError(f"{items.text} is not a single list", hint="a response has its paged list once.")
        depth = len(items.steps)
        for what, counted in shape.totals:
            if (
                not isinstance(counted, Location)
                or counted.steps[:depth] != items.steps
                or what.steps[:depth] != items.steps
            ):
                raise ConfigError(
                    f"{what.text} would count only the part of the list that was read",
                    hint="name it in total= or made= of Paging; totals= is for what is within an element.",
                )
        if any(main.steps == items.steps[:-1] for main, _ in shape.parallel):
            raise ConfigError("a paged list cannot have parallel arrays", hint="move their values into the list.")
        return items

    def __repr__(self) -> str:
        return f"Paging({', '.join(f'{name}={place!r}' for name, place in self._shown.items())})"


def _place(text: str | None) -> RequestId:
    if not isinstance(text, str):
        raise ConfigError("a place in a request must be a string", hint='size="query:size"')
    found = request_id(text if ":" in text else f"query:{text}", {})
    if found.kind not in ("query", "body") or (
        found.location and any(isinstance(s, Step) for s in found.location.steps)
    ):
        raise ConfigError(f"{text!r} is not a place in a request", hint="query:size or body:$.size")
    return found


def _targets(named: Targets) -> tuple[Target, ...]:
    if named is None:
        return ()
    return tuple(map(_target, [named] if isinstance(named, str) else named))


def _target(text: str) -> Target:
    if isinstance(text, str) and text.startswith(_HEADER):
        return text.removeprefix(_HEADER).strip().lower()
    found = parse_location(text)
    if any(not isinstance(step, str) for step in found.steps) or not found.steps:
        raise ConfigError(f"{text!r} is not a single field of the response", hint='"$.total" or "header:x-total"')
    return found


def _check_whole_number(name: str, number: object, least: int = 1) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < least:
        raise ConfigError(f"{name}= must be an integer of at least {least}")
    return number
