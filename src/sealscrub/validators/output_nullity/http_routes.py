"""Systems that are asked over HTTP: an ASGI application in this process, or any service by its address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sealscrub.boundary import bound
from sealscrub.errors import ConfigError, Spelled

from .probes import Probe
from .response import Response

__all__ = ["Route", "Routes"]

_FIELD = re.compile(r"\{([^{}\"]+)\}")
_OF_PROBE = ("id", "text", "k", "offset")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Route:
    """One request, with fields of a probe in braces.

    Attributes
    ----------
    method : str
    path : str
    body : object
        Parsed JSON; a text that is one field becomes its value.
    """

    method: str
    path: str
    body: Any = None

    @classmethod
    def parsed(cls, text: str) -> Route:
        """Read ``GET /records/{id}`` or ``POST /score {"id": "{id}", "age": "{age}"}``.

        Raises
        ------
        ConfigError
            When it is not a route.
        """
        method, _, rest = text.strip().partition(" ")
        path, _, body = rest.strip().partition(" ")
        if method.upper() not in _METHODS or not path.startswith("/"):
            raise ConfigError("a route must be a method and a path", hint='"GET /records/{id}", or with a JSON body.')
        try:
            return cls(method.upper(), path, json.loads(body) if body.strip() else None)
        except ValueError:
            raise ConfigError("the body of a route is not JSON", hint='POST /score {"id": "{id}"}') from None

    @property
    def name(self) -> str:
        """Method and path as they were written."""
        return f"{self.method} {self.path.partition('?')[0]}"

    @property
    def fields(self) -> list[str]:
        """What is in braces."""
        return list(dict.fromkeys([*_FIELD.findall(self.path), *_fields_of(self.body)]))

    def filled(self, probe: Probe) -> tuple[str, bytes | None]:
        """Give the target and the body for a probe."""
        target = _FIELD.sub(lambda found: quote(str(_value(probe, found[1])), safe=""), self.path)
        return target, None if self.body is None else json.dumps(_filled_body(self.body, probe)).encode()

    def fits(self, probe: Probe) -> bool:
        """Whether a probe has every field."""
        return all(name in _OF_PROBE or name in probe.record for name in self.fields)


@bound
class Routes:
    """A query that sends one probe to one or more routes of a service.

    Parameters
    ----------
    *routes : str
        ``GET /records/{id}``, ``GET /search?q={text}&limit={k}&offset={offset}``,
        ``POST /score {"id": "{id}", "age": "{age}"}``: ``id``, ``text``, ``k`` and ``offset`` are the probe's, every
        other name is a column of its record.
    headers : mapping of str to str, optional
        Sent with each request.
    timeout : float
        Seconds for a response over the network.

    Raises
    ------
    ConfigError
        When a route cannot be read.

    Examples
    --------
    >>> async def app(scope, receive, send):
    ...     await send({"type": "http.response.start", "status": 404, "headers": []})
    ...     await send({"type": "http.response.body", "body": b"not found"})
    >>> Routes("GET /records/{id}")(app, Probe(kind="itself", id="K14000003"))
    Response(status=404, headers=())
    """

    def __init__(self, *routes: str, headers: Mapping[str, str] | None = None, timeout: float = 30.0) -> None:
        if not routes:
            raise ConfigError(
                "no route given", hint=Spelled('Routes("GET /records/{id}")', "--route 'GET /records/{id}'")
            )
        self.routes = tuple(Route.parsed(route) for route in routes)
        self.headers = dict(headers or {})
        self.timeout = timeout
        self._callers: list[tuple[Any, Any]] = []

    def __call__(self, system: Any, probe: Probe) -> Any:
        """Ask a system: the response, or with several routes all of them, by route."""
        caller = self._caller(system)
        found = dict(self._ask_routes(caller, probe))
        return next(iter(found.values())) if len(self.routes) == 1 and found else found

    def prepare(self, system: Any) -> None:
        """See that a system can be asked: an address, or an application, which is started.

        Raises
        ------
        ConfigError
            When it is neither, or its start fails.
        """
        self._caller(system)

    def _ask_routes(self, caller: Any, probe: Probe) -> Iterator[tuple[str, Response]]:
        for route in self.routes:
            if route.fits(probe):
                target, body = route.filled(probe)
                yield route.name, caller.request(route.method, target, self._sent(body), body)

    def _sent(self, body: bytes | None) -> dict[str, str]:
        return {"accept": "*/*", **({"content-type": "application/json"} if body is not None else {}), **self.headers}

    def _caller(self, system: Any) -> Any:
        for known, caller in self._callers:
            if known is system:
                return caller
        from .callers import AsgiCaller, UrlCaller

        caller = UrlCaller(system, self.timeout) if isinstance(system, str) else AsgiCaller(system)
        self._callers.append((system, caller))
        return caller

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_callers": []}

    def __repr__(self) -> str:
        return f"Routes({', '.join(repr(route.name) for route in self.routes)})"


def _value(probe: Probe, name: str) -> Any:
    return getattr(probe, name) if name in _OF_PROBE else probe.record[name]


def _filled_body(body: Any, probe: Probe) -> Any:
    if isinstance(body, dict):
        return {name: _filled_body(part, probe) for name, part in body.items()}
    if isinstance(body, list):
        return [_filled_body(part, probe) for part in body]
    if not isinstance(body, str):
        return body
    whole = _FIELD.fullmatch(body)
    if whole:
        return _json_value(_value(probe, whole[1]))
    return _FIELD.sub(lambda found: str(_value(probe, found[1])), body)


def _json_value(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def _fields_of(body: Any) -> Sequence[str]:
    if isinstance(body, dict):
        return [name for part in body.values() for name in _fields_of(part)]
    if isinstance(body, list):
        return [name for part in body for name in _fields_of(part)]
    return _FIELD.findall(body) if isinstance(body, str) else []
