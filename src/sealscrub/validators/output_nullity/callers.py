"""The two ways to a service: calling an ASGI application in this process, and HTTP by its address."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import weakref
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from sealscrub.errors import ConfigError, Spelled

from .response import Response

__all__ = ["AsgiCaller", "UrlCaller"]

_SERVER_ERROR = Response(500, (("content-type", "text/plain; charset=utf-8"),), b"Internal Server Error")
_STARTUP_S = 30.0


class AsgiCaller:
    """Calls an application as a server would, from its start; an error that it does not answer becomes a 500.

    Parameters
    ----------
    app : callable
        Of ASGI 3.
    """

    def __init__(self, app: Any) -> None:
        if not callable(app):
            raise ConfigError("routes ask an ASGI application or the address of a service")
        self.app = app
        self.loop = asyncio.new_event_loop()
        self.state: dict[str, Any] = {}
        tasks: list[asyncio.Task[None]] = []
        weakref.finalize(self, _close_loop, self.loop, tasks)
        self.loop.run_until_complete(_start(app, self.state, tasks))

    def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        """Send one request and take the whole response."""
        return self.loop.run_until_complete(self._request(method, target, headers, body))

    async def _request(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        parts = urlsplit(target)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(b"host", b"testserver"), *((k.encode(), v.encode()) for k, v in headers.items())],
            "client": ("testclient", 50_000),
            "server": ("testserver", 80),
            "state": dict(self.state),
        }
        if body:
            scope["headers"].append((b"content-length", str(len(body)).encode()))  # type: ignore[attr-defined]
        told: dict[str, Any] = {"status": 0, "headers": []}
        chunks: list[bytes] = []
        asked, done = False, self.loop.create_future()

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await done
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": body or b"", "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                told.update(status=message["status"], headers=list(message.get("headers", [])))
            elif message["type"] == "http.response.body":
                chunks.append(bytes(message.get("body", b"")))
                if not message.get("more_body") and not done.done():
                    done.set_result(None)

        try:
            await self.app(scope, receive, send)
        except Exception:  # what a server answers then, and what it says about it: nothing
            if not told["status"]:
                return _SERVER_ERROR
        pairs = tuple((bytes(k).decode("latin-1"), bytes(v).decode("latin-1")) for k, v in told["headers"])
        return Response(int(told["status"]), pairs, b"".join(chunks))


async def _start(app: Any, state: dict[str, Any], tasks: list[asyncio.Task[None]]) -> None:
    """Start an application, whose lifespan continues between requests."""
    loop = asyncio.get_running_loop()
    started = loop.create_future()
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await loop.create_future()
        sent = True
        return {"type": "lifespan.startup"}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"].startswith("lifespan.startup") and not started.done():
            started.set_result(message["type"])

    async def live() -> None:
        with contextlib.suppress(Exception):  # an application without a lifespan may raise here
            await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}, receive, send)
        if not started.done():
            started.set_result("none")

    tasks.append(loop.create_task(live()))
    if await asyncio.wait_for(started, _STARTUP_S) == "lifespan.startup.failed":
        raise ConfigError("the application says that its start failed")


def _close_loop(loop: asyncio.AbstractEventLoop, tasks: list[asyncio.Task[None]]) -> None:
    """End what continues, and the loop."""
    for task in tasks:
        task.cancel()
    with contextlib.suppress(Exception, asyncio.CancelledError):
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()


class UrlCaller:
    """Asks a service by its address.

    Parameters
    ----------
    base : str
        ``http://…`` or ``https://…``, with the beginning of the paths if there is one.
    timeout : float
        Seconds.
    """

    def __init__(self, base: str, timeout: float) -> None:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                "an address must begin with http:// or https://",
                hint=Spelled('url="http://127.0.0.1:8000"', "--url http://127.0.0.1:8000"),
            )
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._timeout = parts.hostname, parts.port, timeout
        self._prefix = parts.path.rstrip("/")

    def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        """Send one request over a connection of its own and take the whole response."""
        connection = self._kind(self._host, self._port, timeout=self._timeout)
        try:
            connection.request(method, self._prefix + target, body=body, headers=dict(headers))
            found = connection.getresponse()
            return Response(found.status, tuple(found.getheaders()), found.read())
        finally:
            connection.close()
