"""A request as it would be had the sealed records never existed: what names one names an unknown record instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sealscrub.errors import Refused

from ..barred_records import Judgement
from ..json_answers.json_guard import MISSING, JsonAnswer
from ..json_answers.json_text import Limits, read_json, write_json
from ..json_answers.pruned_answer import edited
from .guarded_routes import GuardedRoute, raw_path, with_parameters
from .request_keys import RequestId, RequestKey, query_items, raw_query

__all__ = ["Asked", "ask_without", "with_place"]

_CONDITIONS = frozenset(
    {
        b"accept-encoding",  # we could not read the answer
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"if-range",
        b"if-unmodified-since",
        b"range",
        b"te",
    }
)


@dataclass
class Asked:
    """A request that may be put to the application.

    Attributes
    ----------
    scope : dict
        For the application.
    body : bytes or None
        Where it was read.
    absent : bool
        Whether it asks for a record that may not be returned.
    said : dict
        For each id that was put in the place of another, that other, if it was the only one.
    """

    scope: dict[str, Any]
    body: bytes | None = None
    absent: bool = False
    said: dict[str, str] = field(default_factory=dict)

    def values_at(self, place: RequestId) -> list[Any]:
        """What is at a place of the query or the body."""
        if place.kind == "query":
            query = query_items(self.scope.get("query_string", b""))
            return [value for name, value in query if name == place.name]
        value = json.loads(self.body) if self.body else None  # which was read and written here
        return [] if place.location is None else [found for _, found, _ in place.location.places(value)]


def with_place(asked: Asked, place: RequestId, new: Any) -> Asked:
    """A request with something else at a place of the query or the body, or with nothing there if it is None."""
    scope, body = dict(asked.scope), asked.body
    if place.kind == "query":
        query = query_items(scope.get("query_string", b""))
        names = [name for name, _ in query]
        put = [] if new is None else [(place.name, str(new))]
        at = names.index(place.name) if place.name in names else len(query)
        scope["query_string"] = raw_query([*query[:at], *put, *(each for each in query[at:] if each[0] != place.name)])
    else:
        value = json.loads(body) if body else {}
        *above, last = place.location.steps if place.location is not None else ()
        held = value
        for step in above:
            held = held.setdefault(step, {}) if isinstance(held, dict) else None
        if not isinstance(held, dict):
            raise Refused(f"the request body has no {place.text}", where="request")
        held.pop(last, None) if new is None else held.update({last: new})
        body = write_json(value)
        _set_header(scope, b"content-length", str(len(body)).encode())
    return replace(asked, scope=scope, body=body)


def ask_without(
    route: GuardedRoute,
    scope: Mapping[str, Any],
    path: str,
    body: bytes | None,
    judgement: Judgement | None,
    elements: JsonAnswer | None,
    limits: Limits,
) -> Asked:
    """Make the request that is put to the application.

    Raises
    ------
    Refused, IncompleteError
        When the body cannot be read, is too large, or holds something other than ids where ids should be.
    """
    asked = Asked(_plain_scope(scope), body)
    value: Any = read_json(body, limits) if route.reads_body and body else None
    if elements is not None and value is not None:
        value = elements.found(value)
        if value is MISSING:
            raise Refused("the request body does not name a record", where="request")
    if judgement is not None:
        found = _named_keys(route, scope, path, value)
        gone = _barred_keys(judgement, found)
        value = _substitute(route, asked, path, value, gone)
        if route.not_found is None and any(each.key.scheme not in route.unknown for each in gone):
            raise Refused("no unknown identifier is declared", where="request")
    if value is not None:
        asked.body = write_json(value)
    if asked.body is not None:
        _set_header(asked.scope, b"content-length", str(len(asked.body)).encode())
    return asked


def _plain_scope(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The request without what would make the application answer in part, packed, or not at all."""
    plain = dict(scope)
    plain["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() not in _CONDITIONS]
    plain["extensions"] = {}
    if plain["method"] == "HEAD":
        plain["method"] = "GET"
    return plain


@dataclass(frozen=True, slots=True)
class _NamedRecord:
    """A record that a request names: by which key, and at which place of each declared part its id is."""

    key: RequestKey
    places: tuple[Any, ...]
    values: tuple[str, ...]


def _named_keys(route: GuardedRoute, scope: Mapping[str, Any], path: str, body: Any) -> list[_NamedRecord]:
    parameters = route.parameters(path) or {}
    query = query_items(scope.get("query_string", b""))
    found: list[_NamedRecord] = []
    for key in route.alone:
        parts = [_found_at(part, scope, parameters, query, body) for part in key.parts]
        if len(parts) == 1:
            found += [_NamedRecord(key, (at,), (value,)) for at, value in parts[0]]
        elif all(parts):
            if any(len(part) > 1 for part in parts):
                raise Refused("a part of a key is in the request more than once", where="request")
            places, values = zip(*(part[0] for part in parts), strict=True)
            found.append(_NamedRecord(key, places, values))
    return found


def _found_at(
    part: RequestId,
    scope: Mapping[str, Any],
    parameters: Mapping[str, str],
    query: list[tuple[str, str]],
    body: Any,
) -> list[tuple[Any, str]]:
    """Places and values of an id, or of a part of one."""
    if part.kind == "path":
        return [(None, parameters[part.name])]
    if part.kind == "query":
        return [(at, value) for at, (name, value) in enumerate(query) if name == part.name]
    if part.kind == "header":
        wanted = part.name.encode("latin-1")
        return [(None, value.decode("latin-1")) for n, value in scope["headers"] if n.lower() == wanted]
    found: list[tuple[Any, str]] = []
    for place, value, _ in part.location.places(body) if part.location is not None else ():
        if isinstance(value, dict | list | bool | float):
            raise Refused(f"{part.text} is not an identifier", where="request")
        if value is not None:
            found.append((place, str(value)))
    return found


def _barred_keys(judgement: Judgement, found: list[_NamedRecord]) -> list[_NamedRecord]:
    gone: list[_NamedRecord] = []
    for scheme in dict.fromkeys(each.key.scheme for each in found):
        some = [item for item in found if item.key.scheme == scheme]
        fields: dict[str, list[str | None]] = {name: [None] * len(some) for name in judgement.judge.columns}
        for at, column in enumerate(some[0].key.columns):
            fields[column] = [item.values[at] for item in some]
        gone += [item for item, out in zip(some, judgement.gone_of(fields), strict=True) if out]
    return gone


def _substitute(route: GuardedRoute, asked: Asked, path: str, body: Any, gone: list[_NamedRecord]) -> Any:
    """Put an unknown id in the place of each that is removed: of a key of several parts, in that of the first."""
    asked.absent = bool(gone)
    scope, query, headers = asked.scope, None, list(asked.scope["headers"])
    changed: dict[str, str] = {}
    edits: dict[tuple[Any, ...], Any] = {}
    for named in gone:
        unknown = route.unknown.get(named.key.scheme, "")
        part, at, value = named.key.parts[0], named.places[0], named.values[0]
        if part.kind == "path":
            changed[part.name] = unknown
        elif part.kind == "query":
            query = query_items(scope.get("query_string", b"")) if query is None else query
            query[at] = (part.name, unknown)
        elif part.kind == "header":
            wanted = (part.name.encode("latin-1"), value.encode("latin-1"))
            headers = [(n, unknown.encode() if (n.lower(), v) == wanted else v) for n, v in headers]
        else:
            edits[at] = unknown
    values = {named.values[0] for named in gone}
    schemes = {named.key.scheme for named in gone}
    if len(values) == 1 and len(schemes) == 1 and (scheme := schemes.pop()) in route.unknown:
        asked.said[route.unknown[scheme]] = values.pop()
    if changed:
        whole = scope["path"]
        scope["path"] = whole[: len(whole) - len(path)] + with_parameters(route, path, changed)
        scope["raw_path"] = raw_path(scope["path"])
    if query is not None:
        scope["query_string"] = raw_query(query)
    scope["headers"] = headers
    return edited(body, edits) if edits else body


def _set_header(scope: dict[str, Any], name: bytes, value: bytes) -> None:
    left = [(n, v) for n, v in scope["headers"] if n.lower() not in (name, b"transfer-encoding")]
    scope["headers"] = [*left, (name, value)]
