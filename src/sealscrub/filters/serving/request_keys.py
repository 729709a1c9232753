"""Where a request has something that is read from it or put into it: a key of a record, or where a page begins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from sealscrub.errors import ConfigError
from sealscrub.identifiers import get_scheme

from ..json_answers.locations import Location, Step, parse_location

__all__ = ["RequestId", "RequestKey", "query_items", "raw_query", "request_id", "request_keys"]


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
        """What its parts are called if they are judged."""
        return _columns(self.scheme)


def _columns(scheme: str) -> tuple[str, ...]:
    parts = get_scheme(scheme).parts
    return tuple(f"{scheme}.{part}" for part in parts) or (scheme,)


_PLUS = re.compile(r"\s*\+\s*(?=(?:path|query|header|body):)")


def request_keys(ids: Mapping[str, Sequence[str]], parameters: Mapping[str, int]) -> tuple[RequestKey, ...]:
    """Read where requests name records, by scheme.

    Raises
    ------
    ConfigError, SchemeError
    """
    found = []
    for scheme, named in ids.items():
        definition = get_scheme(scheme)
        needed = len(definition.parts) or 1
        for text in named:
            parts = tuple(request_id(part, parameters) for part in _PLUS.split(text))
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


def request_id(text: str, parameters: Mapping[str, int]) -> RequestId:
    """Read one place in a request, of a path with some parameters.

    Raises
    ------
    ConfigError
    """
    kind, _, name = text.partition(":")
    if kind not in ("path", "query", "header", "body") or not name:
        raise ConfigError(f"{text!r} is not a place in a request", hint="path:, query:, header: or body:$.…")
    if kind == "path" and name not in parameters:
        raise ConfigError(f"the path has no parameter {name!r}", hint="write it as /arrests/{arrest}.")
    location = parse_location(name) if kind == "body" else None
    if location is not None and Step.ANYWHERE in location.steps:
        raise ConfigError("a key in a body is named by its full path", hint="body:$.arrest, without ..")
    return RequestId(kind, name.lower() if kind == "header" else name, location)


def query_items(query: bytes) -> list[tuple[str, str]]:
    """Names and values of a query, decoded."""
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace")


def raw_query(items: Sequence[tuple[str, str]]) -> bytes:
    """A query as it is sent."""
    return urlencode(items).encode()
