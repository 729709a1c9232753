"""The application's answer on its way out: held until it is guarded, with headers that reveal nothing either."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

from sealscrub.errors import Refused, SealscrubError, UnreadableInput

from ..json_answers.json_guard import MISSING
from ..json_answers.json_text import read_json, write_json
from ..json_answers.locations import Location, Step
from ..json_answers.pruned_answer import guard_texts
from .bodies import EventStream, LineStream, PieceStream, filtered, is_event_stream, is_json, is_lines
from .decompression import Unpacker
from .event_streams import DeltaStream, TextStream
from .guarded_request import Asked
from .guarded_routes import NotFound
from .pages import MadePage
from .route_guards import Begun, RouteGuard
from .table_answers import TableStream

__all__ = ["Outgoing", "answer_plainly"]

Message: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

_PASSES = frozenset(
    {
        b"access-control-allow-credentials",
        b"access-control-allow-headers",
        b"access-control-allow-methods",
        b"access-control-allow-origin",
        b"access-control-expose-headers",
        b"access-control-max-age",
        b"allow",
        b"content-language",
        b"content-security-policy",
        b"content-type",
        b"date",
        b"referrer-policy",
        b"retry-after",
        b"server",
        b"strict-transport-security",
        b"vary",
        b"www-authenticate",
        b"x-content-type-options",
        b"x-frame-options",
    }
)
"""Headers that cannot reveal records. A length, a tag, a date of change, a count, a link, a cookie can."""
_REASONS = {500: b"Internal Server Error", 502: b"Bad Gateway", 503: b"Service Unavailable", 504: b"Gateway Timeout"}
_EVERYWHERE = Location("$..*", (Step.ANYWHERE,))
_NO_BODY = frozenset({204, 205, 304})
_log = logging.getLogger("sealscrub.serving")


class Outgoing:
    """Takes the messages of the application, and sends on what may be sent.

    Parameters
    ----------
    guard, begun, asked
        Of the route and this request.
    scope : mapping
        Of the request as it came.
    send : callable
        To the server.
    """

    def __init__(self, guard: RouteGuard, begun: Begun, asked: Asked, scope: Mapping[str, Any], send: Send) -> None:
        self._guard, self._begun, self._asked, self._scope, self._send = guard, begun, asked, scope, send
        self.started = self.finished = self.missing = False
        self._status = 0
        self._headers: Headers = []
        self._media, self._charset = "", "utf-8"
        self._unpacker: Unpacker | None = None
        self._pieces: list[bytes] = []
        self._stream: PieceStream | None = None
        self._is_stream = False

    async def take(self, message: Message) -> None:
        """Take a message of the application.

        Raises
        ------
        SealscrubError
            When the answer may not go out; nothing of it has, unless it is a stream.
        """
        if self.finished or self.missing:
            return
        if message["type"] == "http.response.start":
            self._read_start(message)
        elif message["type"] == "http.response.body":
            await self._body(message.get("body", b""), more=message.get("more_body", False))
        else:
            raise Refused("the application responds in a way that the guard does not support", where="answer")

    def _read_start(self, message: Message) -> None:
        self._status = message["status"]
        self._headers = [(name.lower(), value) for name, value in message.get("headers", ())]
        named = dict(self._headers)
        kind = named.get(b"content-type", b"").decode("latin-1")
        self._media = kind.partition(";")[0].strip().lower()
        if "charset=" in kind.lower():
            self._charset = kind.lower().partition("charset=")[2].partition(";")[0].strip(" \"'") or "utf-8"
        codings = b",".join(value for name, value in self._headers if name == b"content-encoding")
        most = self._guard.limits.bytes
        is_stream = self._status < 300 and (
            is_lines(self._media)
            or is_event_stream(self._media)
            or (self._guard.streams(self._media) and b"content-length" not in named)
        )
        self._unpacker = Unpacker(codings.decode("latin-1"), most if not is_stream else 1 << 62, is_stream=is_stream)
        self._is_stream = is_stream
        if is_stream:
            stream = self._streaming()  # which fails if no such stream is guarded
            self._stream = None if self._scope["method"] == "HEAD" else stream

    def _streaming(self) -> PieceStream:
        guard, begun, route = self._guard, self._begun, self._guard.route
        if is_event_stream(self._media) and route.deltas is not None:
            if begun.answer is not None:
                begun.answer.require_stream()
            clean = (lambda value: value) if begun.answer is None else begun.answer.found
            return DeltaStream(begun.index, route.deltas, clean, route.sentinels, guard.limits, guard.text_options)
        if is_event_stream(self._media) and begun.answer is not None:
            begun.answer.require_stream()
            return EventStream(begun.answer, route.sentinels)
        if is_lines(self._media) and begun.answer is not None:
            begun.answer.require_stream()
            return LineStream(begun.answer)
        if guard.is_table(self._media):
            return self._table()
        if self._media.startswith("text/") and not is_event_stream(self._media):
            if self._charset not in ("utf-8", "utf8", "us-ascii"):
                raise Refused("a stream of text is not in UTF-8", where="answer")
            return TextStream(begun.index, guard.text_options)
        if is_event_stream(self._media) and route.text is not None:
            raise Refused(
                "events of plain text are not guarded: they do not show which event continues which",
                where="answer",
                hint="send JSON, and name deltas= for pieces of one text, or texts= for messages of their own.",
            )
        raise Refused("the route does not declare where its responses name records", where="answer")

    def _table(self) -> TableStream:
        if self._begun.table is None:
            raise Refused(
                "a table is guarded row by row, and no key columns are declared",
                where="answer",
                hint='columns={"arrest_number": "ARREST_NO"} names them; text= cleans no table.',
            )
        route = self._guard.route
        return TableStream(
            self._begun.table,
            self._charset,
            self._guard.limits,
            allow_absent=bool(route.json.get("allow_absent")),
            independent=route.independent_columns,
        )

    async def _body(self, body: bytes, *, more: bool) -> None:
        if self._unpacker is None:
            raise Refused("the application sends a body before its headers", where="answer")
        pieces = self._unpacker.feed(body)
        if not more and (body or self._pieces or self._stream):
            pieces += self._unpacker.close()
        if self._stream is not None:
            await self._pass_on(pieces, more=more)
            return
        if self._is_stream:  # of which only the head was asked for
            self.started = self.finished = True
            await self._send({"type": "http.response.start", "status": self._status, "headers": self._passing()})
            await self._send({"type": "http.response.body", "body": b""})
            return
        self._pieces += pieces
        if not more:
            await self._send_whole(b"".join(self._pieces))

    async def _pass_on(self, pieces: list[bytes], *, more: bool) -> None:
        stream = self._stream
        if stream is None:
            return
        await self._guard.require_current(self._begun.index)
        out = [each for piece in pieces for each in stream.feed(piece)]
        if not more:
            out += stream.close()
        if not self.started:
            self.started = True
            await self._send({"type": "http.response.start", "status": self._status, "headers": self._passing()})
        self.finished = not more
        await self._send({"type": "http.response.body", "body": b"".join(out), "more_body": more})

    async def _send_whole(self, body: bytes) -> None:
        status = self._status
        if status >= 500:
            self.finished = self.started = True
            await answer_plainly(self._send, self._scope, status)
            return
        headers = self._passing()
        if status in _NO_BODY or status < 200:
            body = b""
        elif body:
            guarded = await self._guard.run(len(body), lambda: self._guarded_body(body, headers))
            if guarded is None:
                self.missing = True
                return
            body = guarded
        await self._finish(status, headers, self._as_asked(body))

    async def send_page(self, page: MadePage | None) -> None:
        """Send a page that is guarded already, with the headers of the application's answer; None is after the last."""
        paging = self._guard.route.paging
        if page is None:
            self.started = self.finished = True
            await answer_plainly(self._send, self._scope, 404, None if paging is None else paging.past_end)
            return
        self._headers = page.answer.headers
        headers = [*self._passing(), *((name.encode(), text.encode("latin-1")) for name, text in page.headers.items())]
        await self._finish(page.answer.status, headers, self._as_asked(write_json(page.value)))

    async def _finish(self, status: int, headers: Headers, body: bytes) -> None:
        if status == 200 and any(name == b"etag" for name, _ in self._headers):
            tag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
            headers.append((b"etag", tag))
            if _matches(self._scope, tag):
                status, body = 304, b""
        self.started = self.finished = True
        await send_whole(self._send, self._scope, status, headers, body)

    def _guarded_body(self, body: bytes, headers: Headers) -> bytes | None:
        """The body as it may be sent; None if it is one record that may not."""
        guard, begun = self._guard, self._begun
        if is_json(self._media):
            answer = begun.failed if self._status >= 400 else begun.answer
            if answer is None:
                raise Refused("the route does not declare where its responses name records", where="answer")
            if guard.route.paging is not None and self._status < 400:
                raise Refused(
                    "this page cannot be rebuilt",
                    where="answer",
                    hint="request pages by GET, or by POST with the page in the body, and with a size.",
                )
            value = answer.found(read_json(body, guard.limits))
            if value is MISSING:
                return None
            if self._status >= 400:  # what is wrong with a request may be said with words about records
                value = guard_texts(value, (_EVERYWHERE,), lambda text: guard.cleaned(text, begun.index))
            for name, location in guard.route.total_headers.items():
                count = sum(1 for _ in location.places(value))
                headers.append((name.encode("latin-1"), str(count).encode()))
            return write_json(value)
        if is_lines(self._media) and begun.answer is not None:
            begun.answer.require_stream()
            stream = LineStream(begun.answer)
            return b"".join([*stream.feed(body), *stream.close()])
        if guard.is_table(self._media) and (
            begun.table is not None or guard.route.text is None or guard.route.streams_text
        ):
            table = self._table()
            return b"".join([*table.feed(body), *table.close()])
        if self._media.startswith("text/") and guard.route.text is not None:
            clean = guard.cleaned if guard.route.streams_text else guard.route.text
            text = filtered(clean, body, begun.index, self._charset)
            return text if text.strip() or not body.strip() else None  # an empty text would show what it was about
        raise Refused("the guard does not support this kind of response", where="answer", hint="answer in JSON.")

    def _as_asked(self, body: bytes) -> bytes:
        """With the id that was asked for, if the application repeats the one that was put in its place."""
        for unknown, said in self._asked.said.items():
            if said.isascii() and all(char.isalnum() or char in "-_." for char in said):
                body = body.replace(unknown.encode(), said.encode())
        return body

    def _passing(self) -> Headers:
        declared = {name.encode("latin-1") for name in self._guard.route.headers}
        route = self._guard.route
        made = route.paging.headers if route.paging is not None else ()
        counted = {name.encode("latin-1") for name in (*route.total_headers, *made)}
        kept = [pair for pair in self._headers if pair[0] in (_PASSES | declared) - counted]
        return [*kept, (b"cache-control", self._guard.route.cache.encode("latin-1"))]

    def close(self) -> None:
        """Make sure that the application's answer was complete.

        Raises
        ------
        UnreadableInput
        """
        if not (self.finished or self.missing):
            raise UnreadableInput("the application's response ends early", where="answer")


def _matches(scope: Mapping[str, Any], tag: bytes) -> bool:
    """Whether the client has this very body already (RFC 9110, 13.1.2)."""
    if scope["method"] not in ("GET", "HEAD"):
        return False
    wanted = b",".join(value for name, value in scope["headers"] if name.lower() == b"if-none-match")
    return any(each.strip().removeprefix(b"W/") in (tag, b"*") for each in wanted.split(b","))


async def send_whole(send: Send, scope: Mapping[str, Any], status: int, headers: Headers, body: bytes) -> None:
    """Send an answer whose length is known; to HEAD, without the body."""
    if status not in _NO_BODY:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope.get("method") == "HEAD" else body})


async def answer_plainly(send: Send, scope: Mapping[str, Any], status: int, not_found: NotFound | None = None) -> None:
    """Send an answer that is the same whatever happened."""
    if not_found is not None:
        status, body, media = not_found.status, not_found.body, not_found.media_type.encode("latin-1")
    else:
        body = b'{"detail":"' + _REASONS.get(status, b"Error") + b'"}'
        media = b"application/json"
    headers = [(b"content-type", media), (b"cache-control", b"no-store")]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send_whole(send, scope, status, headers, body)


def say(problem: BaseException, during: str) -> None:
    """Log a failure: an error of ours with its text, another by its kind only, since its text may hold a row."""
    if isinstance(problem, SealscrubError):
        _log.error("%s: %s", during, str(problem).replace("\n\n", " "))
    else:
        _log.error("%s: %s", during, type(problem).__name__)
