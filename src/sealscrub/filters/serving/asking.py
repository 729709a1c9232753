"""A request as it would be had the sealed records never existed: what names one names an unknown record instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sealscrub.errors import Refused

from ..json_answers.guarding import MISSING, JsonAnswer
from ..json_answers.pruning import edited
from ..json_answers.reading import Limits, read_json, write_json
from ..judging import Judgement
from .routes import GuardedRoute, query_items, raw_path, raw_query, with_parameters

__all__ = ["Asked", "ask_without"]

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
        Whether it asks for a record that may not come out.
    said : dict
        For each id that was put in the place of another, that other, where it was the only one.
    """

    scope: dict[str, Any]
    body: bytes | None = None
    absent: bool = False
    said: dict[str, str] = field(default_factory=dict)


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
    asked = Asked(_plain(scope), body)
    value: Any = read_json(body, limits) if route.reads_body and body else None
    if elements is not None and value is not None:
        value = elements.found(value)
        if value is MISSING:
            raise Refused("the body holds no record that may be asked about", where="request")
    if judgement is not None:
        found = _found(route, scope, path, value)
        gone = _gone(judgement, found)
        value = _substitute(route, asked, path, value, gone)
        if route.not_found is None and any(each.scheme not in route.unknown for each, _, _ in gone):
            raise Refused("it is not said which id is unknown", where="request")
    if value is not None:
        asked.body = write_json(value)
    if asked.body is not None:
        _set_header(asked.scope, b"content-length", str(len(asked.body)).encode())
    return asked


def _plain(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The request without what would make the application answer in part, packed, or not at all."""
    plain = dict(scope)
    plain["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() not in _CONDITIONS]
    plain["extensions"] = {}
    if plain["method"] == "HEAD":
        plain["method"] = "GET"
    return plain


_Found = list[tuple[Any, Any, str]]
"""Ids of a request: where each is declared, at which place of that, and the id."""


def _found(route: GuardedRoute, scope: Mapping[str, Any], path: str, body: Any) -> _Found:
    parameters = route.parameters(path) or {}
    query = query_items(scope.get("query_string", b""))
    found: _Found = []
    for each in route.alone:
        if each.kind == "path":
            found.append((each, None, parameters[each.name]))
        elif each.kind == "query":
            found += [(each, at, value) for at, (name, value) in enumerate(query) if name == each.name]
        elif each.kind == "header":
            wanted = each.name.encode("latin-1")
            found += [(each, None, value.decode("latin-1")) for n, value in scope["headers"] if n.lower() == wanted]
        elif each.location is not None:
            for place, value, _ in each.location.places(body):
                if isinstance(value, dict | list | bool | float):
                    raise Refused(f"{each.column} is no identifier", where="request")
                if value is not None:
                    found.append((each, place, str(value)))
    return found


def _gone(judgement: Judgement, found: _Found) -> _Found:
    gone: _Found = []
    for scheme in dict.fromkeys(each.scheme for each, _, _ in found):
        some = [item for item in found if item[0].scheme == scheme]
        columns = judgement.judge.columns
        fields = {column: [item[2] if column == scheme else None for item in some] for column in columns}
        gone += [item for item, out in zip(some, judgement.gone_of(fields), strict=True) if out]
    return gone


def _substitute(route: GuardedRoute, asked: Asked, path: str, body: Any, gone: _Found) -> Any:
    """Put an unknown id in the place of each that is gone."""
    asked.absent = bool(gone)
    scope, query, headers = asked.scope, None, list(asked.scope["headers"])
    changed: dict[str, str] = {}
    edits: dict[tuple[Any, ...], Any] = {}
    for each, at, value in gone:
        unknown = route.unknown.get(each.scheme, "")
        if each.kind == "path":
            changed[each.name] = unknown
        elif each.kind == "query":
            query = query_items(scope.get("query_string", b"")) if query is None else query
            query[at] = (each.name, unknown)
        elif each.kind == "header":
            wanted = (each.name.encode("latin-1"), value.encode("latin-1"))
            headers = [(n, unknown.encode() if (n.lower(), v) == wanted else v) for n, v in headers]
        else:
            edits[at] = unknown
    values = {value for _, _, value in gone}
    if len(values) == 1 and len({each.scheme for each, _, _ in gone}) == 1 and gone[0][0].scheme in route.unknown:
        asked.said[route.unknown[gone[0][0].scheme]] = values.pop()
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
