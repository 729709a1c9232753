"""A guard around a web service (ASGI): what it answers is what it would had the sealed records never existed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeAlias

from sealscrub.errors import ConfigError, Refused, SealscrubError, UsageError
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.matching import Policy

from ..certificate_requirement import RequiredCertificate
from ..json_answers.json_text import Limits
from ..live_index import Health, LiveIndex
from .body_buffer import Collected
from .guarded_request import Asked, ask_without
from .guarded_response import Message, Outgoing, Send, answer_plainly, say, send_whole
from .guarded_routes import GuardedRoute, NotFound, OpenRoute
from .pages import Wanted
from .route_guards import Begun, RouteGuard
from .service_counts import RoundedCounters

__all__ = ["GuardMiddleware"]

Receive: TypeAlias = Callable[[], Awaitable[Message]]
Scope: TypeAlias = dict[str, Any]
App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


class GuardMiddleware:
    """Wraps an ASGI application, such as one of Starlette or FastAPI.

    Only what a route declares is returned; of other paths nothing is. An application's error is returned as its status
    only. If there is no index that may be trusted, every guarded route answers 503.

    Parameters
    ----------
    app : ASGI application
    index : Index or LiveIndex
        Published for the use ``output``. A service wants a :class:`LiveIndex`.
    routes : iterable of GuardedRoute or OpenRoute
    known : mapping of scheme to ids, or ids, optional
        The ids that the system holds: with them, an unknown id and a sealed one get the same answer.
    oracle_ok : bool
        Whether the service may do without `known`. It then answers about any id but a sealed one, and so reveals who
        is sealed; :func:`GuardedRoute`'s `unknown` makes the two look alike as far as one id can replace another.
    health : str or None
        Path that says whether the service may answer, and why not. It names the index's file: keep it inside.
    policy : Policy, optional
        What to do with near and unparsable keys in answers; by default the answer is refused.
    limits : Limits, optional
        Of requests' bodies and of answers.
    counters : RoundedCounters, optional
    require_certificate : RequiredCertificate, optional
        Guarded routes answer 503 without a certificate, about the model behind them, that verifies and is not stale.

    Raises
    ------
    ConfigError
        When neither `known` nor `oracle_ok` is given, or a route cannot be guarded as it is declared.
    InvalidCertificate, StaleCertificate, IncompleteError
        When the model does not have the certificate that is required.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> async def app(scope, receive, send): ...
    >>> route = GuardedRoute("/hits", on={"arrest_number": "$.hits[*].arrest"}, complete=True)
    >>> GuardMiddleware(app, index=example_index(["K14612345"]), routes=[route], known={"M14000017"})
    GuardMiddleware(1 route)
    """

    def __init__(
        self,
        app: App,
        *,
        index: Index | LiveIndex,
        routes: Iterable[OpenRoute],
        known: Any = None,
        oracle_ok: bool = False,
        health: str | None = None,
        policy: Policy | None = None,
        limits: Limits | None = None,
        counters: RoundedCounters | None = None,
        require_certificate: RequiredCertificate | None = None,
    ) -> None:
        if known is None and not oracle_ok:
            raise ConfigError(
                "without known identifiers, the service answers for all but sealed ones and reveals them",
                hint="name the identifiers that the system holds in known=, or accept this with oracle_ok=True.",
            )
        self.app = app
        self.index = index
        self.routes = tuple(routes)
        self.health_path = health
        self.limits = limits or Limits()
        self.counters = counters or RoundedCounters()
        guarded = [route for route in self.routes if isinstance(route, GuardedRoute)]
        if not guarded:
            raise ConfigError("no route is guarded", hint="routes=[GuardedRoute(…)]")
        held = _by_scheme(known, guarded)
        options = (policy or Policy(), self.limits, require_certificate)
        self._guards = {id(route): RouteGuard(route, index, held, *options) for route in guarded}
        for guard in self._guards.values():
            guard.start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection as ASGI has it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await _refuse_websocket(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _path(scope)
        if path == self.health_path:
            await self._say_health(scope, send)
            return
        for route in self.routes:
            if route.parameters(path) is not None:
                break
        else:
            await answer_plainly(send, scope, 404, NotFound())
            return
        if not isinstance(route, GuardedRoute):
            await self.app(scope, receive, send)
            return
        await self._answer(self._guards[id(route)], path, scope, receive, send)

    async def _answer(self, guard: RouteGuard, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            begun = await self._start_guard(guard)
        except SealscrubError as error:
            say(error, "no answer")
            self.counters.add("unavailable")
            await answer_plainly(send, scope, 503)
            return
        body: bytes | None = None
        if guard.route.reads_body:
            body = await _read_body(receive, self.limits.bytes)
            if body is None:
                await answer_plainly(send, scope, 413)
                return
            if not _may_be_json(scope, body):
                await answer_plainly(send, scope, 415)
                return
        try:
            asked = await guard.run(
                len(body or b""),
                lambda: ask_without(guard.route, scope, path, body, begun.ids, begun.elements, self.limits),
            )
            wanted = guard.wanted(asked, scope["method"])
        except SealscrubError as error:
            say(error, "request refused")
            self.counters.add("refused")
            await answer_plainly(send, scope, 400)
            return
        await self._ask_application(guard, begun, asked, wanted, scope, receive, send)

    async def _ask_application(
        self,
        guard: RouteGuard,
        begun: Begun,
        asked: Asked,
        wanted: Wanted | None,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        if asked.absent and guard.route.not_found is not None:
            self.counters.add("answered")
            await answer_plainly(send, scope, 404, guard.route.not_found)
            return
        out = Outgoing(guard, begun, asked, scope, send)
        problem: Exception | None = None
        try:
            if wanted is not None:
                await self._put_page(guard, begun, asked, wanted, receive, out)
            else:
                put = receive if asked.body is None else _replayed(asked.body, receive)
                await self.app(asked.scope, put, out.take)
            out.close()
        except Exception as error:
            problem = error
        if problem is not None:
            await self._fail(problem, out, scope, send)
        elif out.missing:
            self.counters.add("answered")
            await answer_plainly(send, scope, 404, guard.route.not_found or NotFound())
        else:
            self.counters.add("answered")

    async def _put_page(
        self, guard: RouteGuard, begun: Begun, asked: Asked, wanted: Wanted, receive: Receive, out: Outgoing
    ) -> None:
        """Ask for a page, and for as much of its list as is needed to make the one that there would be."""

        async def ask(some: Asked) -> Collected:
            answer = Collected(guard.limits)
            await self.app(dict(some.scope), _replayed(some.body or b"", receive), answer.take)
            return answer

        reader = guard.reader(begun, asked, ask)
        first = await ask(reader.asked)
        if first.status == 200:
            await out.send_page(await reader.made(first, wanted))
        elif wanted.offset and reader.paging.is_past_end(first.status):
            await out.send_page(None)
        else:
            await out.take({"type": "http.response.start", "status": first.status, "headers": first.headers})
            await out.take({"type": "http.response.body", "body": first.body})

    async def _fail(self, problem: Exception, out: Outgoing, scope: Scope, send: Send) -> None:
        """End an answer that may not go out, or that the application could not give."""
        say(problem, "answer refused" if isinstance(problem, SealscrubError) else "the application failed")
        self.counters.add("refused")
        if out.finished:  # what failed came after the answer
            return
        if not out.started:
            await answer_plainly(send, scope, 503 if isinstance(problem, UsageError) else 500)
            return
        raise Refused("a stream ends here", where="answer")  # the server cuts the connection, so it shows

    async def _start_guard(self, guard: RouteGuard) -> Begun:
        return guard.start() if guard.starts_at_once else await asyncio.to_thread(guard.start)

    async def _say_health(self, scope: Scope, send: Send) -> None:
        found = await asyncio.to_thread(self.health)
        said = {
            "ok": found.ok,
            "epoch": found.epoch,
            "as_of": found.as_of.isoformat() if found.as_of else None,
            "not_after": found.not_after.isoformat() if found.not_after else None,
            "why": found.why,
        }
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send_whole(send, scope, 200 if found.ok else 503, headers, json.dumps(said).encode())

    def health(self) -> Health:
        """Say whether guarded routes answer now, and why not."""
        if isinstance(self.index, LiveIndex) and not (found := self.index.health()).ok:
            return found
        index = None
        try:
            for guard in self._guards.values():
                index = guard.start().index
        except SealscrubError as error:
            return Health(ok=False, why=str(error))
        if index is None:
            return Health(ok=False, why="no route is guarded")
        return Health(ok=True, epoch=index.epoch, as_of=index.as_of, not_after=index.not_after)

    def __repr__(self) -> str:
        count = len(self.routes)
        return f"GuardMiddleware({count} route{'s' if count != 1 else ''})"


async def _refuse_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a connection before it is one, whatever its path: no one could say which message answers what."""
    await receive()
    if "websocket.http.response" in (scope.get("extensions") or {}):
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "websocket.http.response.start", "status": 403, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b'{"detail":"WebSockets are not guarded"}'})
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": "WebSockets are not guarded"})


def _path(scope: Mapping[str, Any]) -> str:
    """The path within the application, as Starlette has it."""
    path: str = scope["path"]
    root = scope.get("root_path", "")
    return path[len(root) :] if root and (path == root or path.startswith(root + "/")) else path


def _by_scheme(known: Any, routes: Iterable[GuardedRoute]) -> dict[str, Any] | None:
    if known is None:
        return None
    if isinstance(known, Mapping):
        return {get_scheme(scheme).name: ids for scheme, ids in known.items()}
    schemes = {get_scheme(scheme).name for route in routes for scheme in route.on or ()}
    schemes |= {each.scheme for route in routes for each in route.ids}
    if len(schemes) > 1:
        raise ConfigError("known= does not name the scheme of its identifiers", hint='known={"arrest_number": ids}')
    return dict.fromkeys(schemes, known)


async def _read_body(receive: Receive, most: int) -> bytes | None:
    """The whole body of a request; None if it is too large. A client that leaves ends the request."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > most:
            return None
        if not message.get("more_body", False):
            return b"".join(pieces)


def _may_be_json(scope: Mapping[str, Any], body: bytes) -> bool:
    named = dict(scope["headers"])
    media = named.get(b"content-type", b"application/json").decode("latin-1").partition(";")[0].strip().lower()
    packed = named.get(b"content-encoding", b"identity") != b"identity"
    return not body or (not packed and (media == "application/json" or media.endswith("+json")))


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Gives the body once, and then what the server has to say."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
