"""The service behind a real uvicorn: in a thread of the test, or as a worker process of its own."""

from __future__ import annotations

import contextlib
import http.client
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))

from sealscrub.filters import GuardMiddleware, LiveIndex
from tests.filters.serving.police_service import IDS, make_app, make_routes


def serve(app: Any, sock: socket.socket) -> uvicorn.Server:
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.run(sockets=[sock])
    return server


def listening() -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    sock.listen(200)
    return sock


@contextlib.contextmanager
def served(app: Any) -> Iterator[int]:
    """The application behind uvicorn in a thread; gives the port."""
    sock = listening()
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        sock.close()


def fetch(
    port: int, path: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    """One request over the network, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        got = connection.getresponse()
        return got.status, {name.lower(): value for name, value in got.getheaders()}, got.read()
    finally:
        connection.close()


def main() -> None:
    """A worker: its socket's number, the index and the key."""
    sock, index, key = socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3]
    live = LiveIndex(index, key, retry_s=0.2)
    serve(GuardMiddleware(make_app(IDS), index=live, routes=make_routes(), known=IDS, health="/health"), sock)


if __name__ == "__main__":
    main()
