"""Which paths of a service answer about records, where the request names one, and where the answer does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode

from sealscrub.errors import ConfigError
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index

from ..json_answers.locations import Location, Step, parse_location
from ..json_answers.shape import JsonOn
from ..text import guard_text

__all__ = ["GuardedRoute", "NotFound", "OpenRoute"]

TextFilter: TypeAlias = Callable[[str, Index], str]
"""Takes from a text what may not come out, by an index."""
Json: TypeAlias = Mapping[str, Any]

_PARAMETER = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_]*)(:[a-z]+)?\}")
_CONVERTORS = {"str": "[^/]+", "int": "[0-9]+", "path": ".+", "uuid": "[^/]+", "float": "[^/]+"}


@dataclass(frozen=True, slots=True)
class NotFound:
    """What a route answers where there is no such record, as far as it is declared.

    Attributes
    ----------
    body : bytes
    status : int
    media_type : str

    Examples
    --------
    >>> NotFound().status
    404
    """

    body: bytes = b'{"detail":"Not Found"}'
    status: int = 404
    media_type: str = "application/json"


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
        """What stands in a path for each parameter; None where it is another path."""
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
        request; an id that stands alone takes the value of `unknown`. Parts of a composite key have plus signs
        between them: ``{"person_arrest": "path:nysid+query:date"}``; a request that has not all of them names none.
    on : mapping, optional
        Where an answer in JSON, a line of JSON Lines or an event's data names records, as :class:`JsonGuard` takes
        it. Without, no such answer passes.
    unknown : str or mapping of scheme to str, optional
        An id that the system does not know: with it in the request's place the application itself gives the route's
        not-found. It must be of the scheme, and none that will ever be given out; of a composite key, it is its
        first part, the person's number: what else the request says of the record stays.
    not_found : NotFound, optional
        What the route answers about a record that is not there, instead of asking the application.
    text : bool or callable
        Whether answers in ``text/…`` pass, cleaned as :func:`guard_text` does; or what cleans them,
        ``text(text, index) -> text``. One without a length is a stream, and leaves as :class:`StreamGuard` lets it.
    deltas : str, optional
        Where an event has the next piece of a text that goes on from event to event, as language models write:
        ``$.choices[*].delta.content``. Pieces of one text are guarded as a whole, and held until they may leave.
        Nothing else in such an event is text that is guarded.
    text_options : mapping, optional
        `names`, `policy`, `possible` and `ocr` of :func:`guard_text`; `known` is that of the middleware.
    headers : iterable of str
        Headers of the application that pass, besides those that cannot tell of records. ``x-total-count``, ``link``
        and ``set-cookie`` are such as do not by themselves.
    total_headers : mapping, optional
        Headers that count, ``{"x-total-count": "$.hits[*]"}``: set to the number of what is left.
    cache : str
        The answer's ``Cache-Control``. By default ``no-store``, since what a cache keeps is not guarded anew.
    sentinels : iterable of str
        Data of events that is no JSON and passes, such as ``[DONE]``.
    **json
        `totals`, `ranks`, `support`, `parallel`, `empty`, `mask`, `undeclared`, `limits`, `allow_absent`, as
        :class:`JsonGuard` has them.

    Raises
    ------
    ConfigError
        When a location is none, or ids are named and it is not said what an unknown one is.

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
        self.ids = _request_ids(ids or {}, self._pattern.groupindex)
        self.on = on
        self.unknown = _unknown(unknown, {each.scheme for each in self.ids})
        self.not_found = not_found
        self.text_options = dict(text_options or {})
        self.streams_text = text is True
        self.text: TextFilter | None = self._clean if text is True else (text or None)
        self.deltas = None if deltas is None else parse_location(deltas)
        self.headers = frozenset(name.lower() for name in headers)
        self.total_headers = {name.lower(): parse_location(each) for name, each in (total_headers or {}).items()}
        self.cache = cache
        self.sentinels = frozenset(sentinels)
        self.json = json
        if not self.ids and on is None and self.text is None and deltas is None:
            raise ConfigError(
                "it is not said where records are named",
                where=path,
                hint="ids=, on=, text= or deltas=; or OpenRoute(path).",
            )
        without = {each.scheme for each in self.ids if each.scheme not in self.unknown}
        if without and not_found is None:
            raise ConfigError(
                "it is not said which id is unknown",
                where=path,
                hint="unknown= names one that the system will never hold; or not_found= says what is answered.",
            )

    def _clean(self, text: str, index: Index) -> str:
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
        """Whether ids stand in the body of the request."""
        return any(part.kind == "body" for each in self.ids for part in each.parts)


@dataclass(frozen=True)
class RequestId:
    """Where a request has an id, or a part of one."""

    kind: str
    name: str
    location: Location | None = None

    @property
    def is_element(self) -> bool:
        """Whether there are as many as an array of the body has elements."""
        return self.location is not None and Step.EACH in self.location.steps

    @property
    def text(self) -> str:
        """As it was declared."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class RequestKey:
    """Where a request names a record: its scheme, and where each part of the key is."""

    scheme: str
    parts: tuple[RequestId, ...]

    @property
    def is_element(self) -> bool:
        """Whether there are as many as an array of the body has elements."""
        return self.parts[0].is_element

    @property
    def columns(self) -> tuple[str, ...]:
        """What its parts are called where they are judged."""
        return _columns(self.scheme)


def _columns(scheme: str) -> tuple[str, ...]:
    parts = get_scheme(scheme).parts
    return tuple(f"{scheme}.{part}" for part in parts) or (scheme,)


_PLUS = re.compile(r"\s*\+\s*(?=(?:path|query|header|body):)")


def _request_ids(ids: Mapping[str, str | Sequence[str]], parameters: Mapping[str, int]) -> tuple[RequestKey, ...]:
    found = []
    for scheme, named in ids.items():
        definition = get_scheme(scheme)
        needed = len(definition.parts) or 1
        for text in [named] if isinstance(named, str) else named:
            parts = tuple(_request_id(part, parameters) for part in _PLUS.split(text))
            if len(parts) != needed:
                raise ConfigError(
                    f"{definition.name} is made of {needed} field{'s' if needed > 1 else ''}, and {text!r} names "
                    f"{len(parts)}",
                    hint="+".join(f"query:{part}" for part in definition.parts) or "one place each.",
                )
            if len({part.is_element for part in parts}) > 1:
                raise ConfigError(f"the parts of {text!r} are not of one record", hint="name fields of one element.")
            found.append(RequestKey(definition.name, parts))
    return tuple(found)


def _request_id(text: str, parameters: Mapping[str, int]) -> RequestId:
    kind, _, name = text.partition(":")
    if kind not in ("path", "query", "header", "body") or not name:
        raise ConfigError(f"{text!r} is no place in a request", hint="path:, query:, header: or body:$.…")
    if kind == "path" and name not in parameters:
        raise ConfigError(f"the path has no parameter {name!r}", hint="write it as /arrests/{arrest}.")
    location = parse_location(name) if kind == "body" else None
    if location is not None and Step.ANYWHERE in location.steps:
        raise ConfigError("an id in a body is named by its own way", hint="body:$.arrest, without ..")
    return RequestId(kind, name.lower() if kind == "header" else name, location)


def _unknown(unknown: str | Mapping[str, str] | None, schemes: set[str]) -> dict[str, str]:
    if unknown is None:
        return {}
    if isinstance(unknown, Mapping):
        return {get_scheme(scheme).name: value for scheme, value in unknown.items()}
    if len(schemes) > 1:
        raise ConfigError("unknown= does not say of which scheme it is", hint='unknown={"arrest_number": "M99999998"}')
    return dict.fromkeys(schemes, unknown)


def _pattern(path: str) -> re.Pattern[str]:
    if not path.startswith("/"):
        raise ConfigError(f"{path!r} is no path", hint="it begins with a slash, as in Starlette.")
    pattern, at = "", 0
    for found in _PARAMETER.finditer(path):
        kind = (found[2] or ":str")[1:]
        if kind not in _CONVERTORS:
            raise ConfigError(f"{path!r} converts to {kind!r}", hint=f"one of {', '.join(_CONVERTORS)}.")
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


def query_items(query: bytes) -> list[tuple[str, str]]:
    """Names and values of a query, decoded."""
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace")


def raw_query(items: Sequence[tuple[str, str]]) -> bytes:
    """A query as it is sent."""
    return urlencode(items).encode()
