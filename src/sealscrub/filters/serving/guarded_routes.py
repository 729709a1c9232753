"""Which paths of a service answer about records, where the request names one, and where the answer does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

import polars as pl

from sealscrub.errors import ConfigError
from sealscrub.identifiers import Status, get_scheme
from sealscrub.identifiers.canonical import canonicalise_part
from sealscrub.index import Index

from ..json_answers.answer_shape import JsonOn, read_shape
from ..json_answers.locations import Location, parse_location
from ..json_answers.undeclared_strings import Undeclared
from ..text import guard_text
from .page_requests import Paging
from .request_keys import RequestKey, request_keys
from .route_declaration import (
    SHAPES,
    declared,
    declared_columns,
    declared_header,
    declared_header_value,
    declared_json,
    declared_names,
    declared_text_options,
    split_independent,
)

__all__ = ["GuardedRoute", "NotFound", "OpenRoute"]

TextFilter: TypeAlias = Callable[[str, Index], str]
"""Takes from a text what may not be returned, by an index."""

_PARAMETER = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_]*)(:[a-z]+)?\}")
_CONVERTORS = {"str": "[^/]+", "int": "[0-9]+", "path": ".+", "uuid": "[^/]+", "float": "[^/]+"}


@dataclass(frozen=True, slots=True)
class NotFound:
    """What a route answers where the record does not exist, as far as it is declared.

    Attributes
    ----------
    body : bytes
    status : int
    media_type : str

    Raises
    ------
    ConfigError
        When one of them cannot be sent.

    Examples
    --------
    >>> NotFound().status
    404
    """

    body: bytes = b'{"detail":"Not Found"}'
    status: int = 404
    media_type: str = "application/json"

    def __post_init__(self) -> None:
        is_status = isinstance(self.status, int) and 200 <= self.status < 600
        if not isinstance(self.body, bytes) or not is_status:
            raise ConfigError("not_found= must be a body of bytes and a status", hint='NotFound(b"{}", 404)')
        declared_header_value("media_type", self.media_type)


class OpenRoute:
    """A path whose answers hold no records, such as the page of a form: they pass as they are.

    Parameters
    ----------
    path : str
        As Starlette has it: ``/static/{file:path}``.

    Examples
    --------
    >>> OpenRoute("/docs")
    OpenRoute('/docs')
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._pattern = _pattern(path)

    def parameters(self, path: str) -> dict[str, str] | None:
        """What is in a path for each parameter; None if it is another path."""
        found = self._pattern.fullmatch(path)
        return None if found is None else found.groupdict()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r})"


class GuardedRoute(OpenRoute):
    """A path that answers about records.

    Parameters
    ----------
    path : str
        As Starlette has it: ``/arrests/{arrest}``. The first route that fits is taken.
    ids : mapping, optional
        Where a request names records, by scheme: ``path:arrest``, ``query:arrest``, ``header:x-arrest``, and
        ``body:$.arrest`` in a JSON body. Elements of arrays in the body (``body:$.rows[*].arrest``) vanish from the
        request; a single id takes the value of `unknown`. Parts of a composite key have plus signs
        between them: ``{"person_arrest": "path:nysid+query:date"}``; a request that has not all of them names none.
    on : mapping, optional
        Where an answer in JSON, a line of JSON Lines or an event's data names records, as :class:`JsonGuard` takes
        it. Without, no such answer passes.
    unknown : str or mapping of scheme to str, optional
        An id that the system does not know: with it in the request's place the application itself gives the route's
        not-found. It must be of the scheme, and none that will ever be given out; of a composite key, it is its
        first part, the person's number: what else the request says about the record stays.
    not_found : NotFound, optional
        What the route answers about a record that does not exist, instead of asking the application.
    paging : Paging, optional
        How the list of an answer is cut into pages. A list is either declared so, or whole (`complete`).
    columns : mapping, optional
        Key columns of answers that are tables (``text/csv``, ``text/tab-separated-values``), by scheme:
        ``{"arrest_number": "ARREST_NO"}``. The first row has their names. Rows whose record may not be returned are
        removed, all others are as they came; other tables do not pass. A table is `complete`, and columns in which
        whole numbers are in `independent`: ``["PRECINCT"]``, or ``["*"]`` for all.
    text : bool or callable
        Whether answers in ``text/…`` pass, cleaned as :func:`guard_text` does, tables excepted; or what cleans them,
        ``text(text, index) -> text``. One without a length is a stream, and leaves as :class:`StreamGuard` lets it.
    deltas : str, optional
        Where an event has the next piece of a text that continues from event to event, as language models write:
        ``$.choices[*].delta.content``. Pieces of one text are guarded as a whole, and held until they may leave.
        Nothing else in such an event is text that is guarded.
    text_options : mapping, optional
        `names`, `on_match`, `possible` and `ocr` of :func:`guard_text`; `known` is that of the middleware.
    headers : iterable of str
        Headers of the application that pass, as well those that cannot reveal records. ``x-total-count``, ``link``
        and ``set-cookie`` are such as do not on their own.
    total_headers : mapping, optional
        Headers that count, ``{"x-total-count": "$.hits[*]"}``: set to the number of what is left.
    cache : str
        The answer's ``Cache-Control``. By default ``no-store``, since what a cache keeps is not guarded again.
    sentinels : iterable of str
        Data of events that is not JSON and passes, such as ``[DONE]``.
    **json
        `complete`, `totals`, `independent`, `ranks`, `support`, `parallel`, `empty`, `mask`, `texts`, `undeclared`,
        `policy`, `limits`, `allow_absent`, as :class:`JsonGuard` has them. ``complete=True`` holds for streams of lines
        and events, and for tables, too.

    Raises
    ------
    ConfigError
        When an option or a location is invalid, ids are named and it is not said what an unknown one is,
        or it is not said whether a list is whole.

    Examples
    --------
    >>> GuardedRoute(
    ...     "/arrests/{arrest}",
    ...     ids={"arrest_number": "path:arrest"},
    ...     on={"arrest_number": "$.arrest"},
    ...     unknown="M99999998",
    ... )
    GuardedRoute('/arrests/{arrest}')
    """

    def __init__(
        self,
        path: str,
        *,
        ids: Mapping[str, str | Sequence[str]] | None = None,
        on: JsonOn | None = None,
        unknown: str | Mapping[str, str] | None = None,
        not_found: NotFound | None = None,
        paging: Paging | None = None,
        columns: Mapping[str, str | Sequence[str]] | None = None,
        text: TextFilter | bool = False,
        deltas: str | None = None,
        text_options: Mapping[str, Any] | None = None,
        headers: Iterable[str] = (),
        total_headers: Mapping[str, str] | None = None,
        cache: str = "no-store",
        sentinels: Iterable[str] = (),
        **json: Any,
    ) -> None:
        super().__init__(path)
        named = {
            scheme: declared_names("ids", [each] if isinstance(each, str) else each)
            for scheme, each in declared("ids", ids or {}, Mapping).items()
        }
        self.ids = request_keys(named, self._pattern.groupindex)
        self.on = on
        self.independent_columns = frozenset[str]()
        if columns is not None and "independent" in json:
            self.independent_columns, json = split_independent(json)
        self.json = declared_json(on, json)
        self.unknown = _unknown(unknown, {each.scheme for each in self.ids})
        self.not_found = declared("not_found", not_found, NotFound, none=True)
        self.paging = declared("paging", paging, Paging, none=True)
        self.columns = declared_columns(columns)
        self.text_options = declared_text_options(text_options)
        if not callable(text) and not isinstance(text, bool):
            raise ConfigError("text= must be True, or a function of a text and the index", where=path)
        self.streams_text = text is True
        self.text: TextFilter | None = self._cleaned_text if text is True else (text or None)
        self.deltas = None if deltas is None else parse_location(deltas)
        self.headers = frozenset(map(declared_header, declared_names("headers", headers)))
        counted = declared("total_headers", total_headers or {}, Mapping)
        self.total_headers = {declared_header(name): parse_location(each) for name, each in counted.items()}
        self.cache = declared_header_value("cache", cache)
        self.sentinels = frozenset(declared_names("sentinels", sentinels))
        if not self.ids and on is None and self.text is None and deltas is None and not self.columns:
            raise ConfigError(
                "the route does not declare where records are named",
                where=path,
                hint="ids=, on=, columns=, text= or deltas=; or OpenRoute(path).",
            )
        without = {each.scheme for each in self.ids if each.scheme not in self.unknown}
        if without and not_found is None:
            raise ConfigError(
                "no unknown identifier is declared",
                where=path,
                hint="unknown= takes an identifier that the system will never hold; not_found= takes a response.",
            )
        self._check_lists()

    def _check_lists(self) -> None:
        """Refuse lists of which it is not said whether they are whole, or how they are cut."""
        complete, whole = self.json.get("complete", False), self.json.get("complete") is True
        if self.columns and not whole:
            raise ConfigError(
                "the table is not declared complete",
                where=self.path,
                hint="complete=True if it has every row found. A shorter table was cut with its sealed records.",
            )
        if self.on is None:
            if self.paging is not None:
                raise ConfigError("paging= needs a list in JSON", where=self.path, hint="declare its keys in on=.")
            self.lists: dict[str, Any] = {}
            return
        shape = read_shape(self.on, **{name: self.json[name] for name in SHAPES if name in self.json})
        independent = [each.text for each in shape.independent]
        anywhere = Undeclared.of(self.json.get("undeclared", "pass")) is Undeclared.DROP
        paged: tuple[Location, ...] = ()
        if self.paging is not None:
            paged = (self.paging.list_of(shape),)
            independent += [each.text for each in self.paging.locations]
            complete = [*(each.text for each in shape.complete), paged[0].text]
            if self.total_headers or self.headers & {"link", *self.paging.headers}:
                raise ConfigError(
                    "a header reveals the list before it was cut",
                    where=self.path,
                    hint='total="header:x-total-count", or made={"header:link": …}, sets it again.',
                )
        shape.require_complete(paged, anywhere=anywhere)
        self.lists = {"complete": True if whole else complete, "independent": independent}

    def _cleaned_text(self, text: str, index: Index) -> str:
        return str(guard_text(text, index, **self.text_options))

    @property
    def alone(self) -> tuple[RequestKey, ...]:
        """Keys of which a request has one each, or several by the same name."""
        return tuple(each for each in self.ids if not each.is_element)

    @property
    def elements(self) -> dict[str, list[str]]:
        """Locations of ids in arrays of the request's body, by scheme."""
        found: dict[str, list[str]] = {}
        for each in self.ids:
            if each.is_element:
                found.setdefault(each.scheme, []).append("+".join(part.name for part in each.parts))
        return found

    @property
    def reads_body(self) -> bool:
        """Whether ids, or which page is wanted, are in the body of the request."""
        return (self.paging is not None and self.paging.is_in_body) or any(
            part.kind == "body" for each in self.ids for part in each.parts
        )


def _unknown(unknown: str | Mapping[str, str] | None, schemes: set[str]) -> dict[str, str]:
    if unknown is None:
        return {}
    if isinstance(unknown, str) and len(schemes) > 1:
        raise ConfigError("unknown= does not name its scheme", hint='unknown={"arrest_number": "M99999998"}')
    given = unknown if isinstance(unknown, Mapping) else dict.fromkeys(schemes, unknown)
    found = {get_scheme(scheme).name: value for scheme, value in given.items()}
    for scheme, value in found.items():
        parts = get_scheme(scheme).parts
        named = parts[0] if parts else scheme
        written = pl.Series([value if isinstance(value, str) else None], dtype=pl.String)
        if not canonicalise_part(written, named).count(Status.OK):
            raise ConfigError(f"the unknown identifier does not parse as {named}", hint="write one in that format.")
    return found


def _pattern(path: str) -> re.Pattern[str]:
    if not path.startswith("/"):
        raise ConfigError(f"{path!r} is not a path", hint="it begins with a slash, as in Starlette.")
    pattern, at = "", 0
    for found in _PARAMETER.finditer(path):
        kind = (found[2] or ":str")[1:]
        if kind not in _CONVERTORS:
            raise ConfigError(f"{path!r} converts to {kind!r}", hint=f"use one of {', '.join(_CONVERTORS)}.")
        pattern += re.escape(path[at : found.start()]) + f"(?P<{found[1]}>{_CONVERTORS[kind]})"
        at = found.end()
    return re.compile(pattern + re.escape(path[at:]), re.DOTALL)


def with_parameters(route: OpenRoute, path: str, changed: Mapping[str, str]) -> str:
    """The path with other values for some parameters."""
    found = route._pattern.fullmatch(path)
    if found is None:
        return path
    for name in sorted(changed, key=found.start, reverse=True):
        path = path[: found.start(name)] + changed[name] + path[found.end(name) :]
    return path


def raw_path(path: str) -> bytes:
    """A path as it is sent."""
    return quote(path, safe="/:@!$&'()*+,;=~-._").encode()
