"""Ways of asking that might get around checks: over a real uvicorn, each gets what it gets in the world without."""

from __future__ import annotations

import random
import re
import socket
from itertools import product

import pytest

from .police_service import IDS, SEALED
from .test_middleware import HELD, WITHOUT
from .uvicorn_service import served

SECRET, OPEN = SEALED[0], IDS[1]
SPELLED = [
    *(
        SECRET,
        SECRET.lower(),
        f"{SECRET[:3]}-{SECRET[3:]}",
        f"%4b{SECRET[1:]}",
        f"%254b{SECRET[1:]}",
        f"%EF%BC%AB{SECRET[1:]}",
    ),
    *(f"{SECRET}{end}" for end in ("%20", "/", "//", ";x=1", "%00", "?x", "#x", ".json", "%0d%0aX:%201")),
    *(f"{way}{SECRET}" for way in ("/", "./", "%2e/", "x/../", "x%2f..%2f")),
    f"{SECRET[:4]}%E2%80%8B{SECRET[4:]}",
]
TARGETS = [
    *(f"{path}{each}" for path in ("/arrests/", "/search?arrest=") for each in SPELLED),
    *(f"/search?arrest={OPEN}&arrest={SECRET}", f"/search?arrest={SECRET[:4]}&arrest={SECRET[4:]}"),
    *(f"//arrests/{SECRET}", f"http://x/arrests/{SECRET}", f"/search?arrest={SECRET}{'&' * 2_000}"),
    *("/search", "/search?arrest=%FF%FE", "/lines", "/packed/gzip", "/undeclared", "*"),
]
HEADERS = [
    *("", "Range: bytes=0-20", 'Range: bytes=-5\r\nIf-Range: "x"', "Range: bytes=0-1,3-4", "Range: bytes=9999-"),
    *("If-None-Match: *", f'If-None-Match: "name of {SECRET}"', 'If-Match: "10"', "Accept-Encoding: gzip, br, zstd"),
    "If-Modified-Since: Wed, 21 Oct 2099 07:28:00 GMT",
    *(
        "TE: trailers, gzip",
        "Expect: 100-continue",
        "X-HTTP-Method-Override: GET",
        f"X-Original-URL: /arrests/{SECRET}",
    ),
    *(
        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
        "Content-Length: 0\r\nTransfer-Encoding: chunked",
        f"Cookie: {SECRET}",
    ),
    "Upgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13",
]
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE", "PATCH", "get", "CONNECT"]
BODIES = [
    f'{{"arrest": "{SECRET}"}}'.encode(),
    f'{{"arrest": "{OPEN}", "arrest": "{SECRET}"}}'.encode(),
    f'{{"arrest": "{SECRET}", "arrest": "{OPEN}"}}'.encode(),
    f'{{"rows": [{{"arrest": "{SECRET}", "x": 1}}, {{"arrest": "{OPEN}", "x": 2}}]}}'.encode(),
    f'\ufeff{{"arrest": "{SECRET}"}}'.encode(),
    f'{{"arrest": "{SECRET}"}}'.encode("utf-16"),
    f'{{"arrest": "\\u004b{SECRET[1:]}"}}'.encode(),
    *(f'{{"arrest": ["{SECRET}"]}}'.encode(), b'{"arrest": {"$ne": null}}', b'{"arrest": NaN}', b"[1,2"),
]
KINDS = ["application/json", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]


def asked(method: str, target: str, headers: str = "", body: bytes = b"", version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: x", "Connection: close", *([headers] if headers else [])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def with_body(target: str, kind: str, body: bytes, *, chunked: bool) -> bytes:
    half = len(body) // 2
    headers = f"Content-Type: {kind}\r\nContent-Length: {len(body)}"
    if chunked:
        headers = f"Content-Type: {kind}\r\nTransfer-Encoding: chunked"
        body = (
            b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:])) + b"0\r\nX: 1\r\n\r\n"
        )
    return asked("POST", target, headers, body)


REQUESTS = [
    *(asked("GET", target, headers) for target, headers in product(TARGETS, HEADERS)),
    *(asked(method, target) for target, method in product(TARGETS, METHODS)),
    *(asked("GET", target, version="1.0") for target in TARGETS),
    *(
        with_body(target, kind, body, chunked=chunked)
        for target, kind, body, chunked in product(("/look", "/score", "/search"), KINDS, BODIES, (False, True))
    ),
]


def raw(port: int, request: bytes) -> bytes:
    """All that comes back, less the clock."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), 20) as sock:
        sock.settimeout(5)
        sock.sendall(request)
        try:
            while piece := sock.recv(65_536):
                got += piece
        except ConnectionError:
            got += b"(reset)"
    return re.sub(rb"(?i)\r\ndate: [^\r]*", b"", got)


def differing(requests: list[bytes]) -> list[bytes]:
    with served(HELD) as held, served(WITHOUT) as without:
        return [request for request in requests if raw(held, request) != raw(without, request)]


def test_a_hundred_ways_of_asking() -> None:
    assert differing(random.Random(0).sample(REQUESTS, 100)) == []


@pytest.mark.long
def test_all_ways_of_asking() -> None:
    assert differing(REQUESTS) == []
