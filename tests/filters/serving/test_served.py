"""A guarded service behind a real uvicorn: under load, over one connection, to slow clients, while indexes change."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sealscrub.errors import ReplayedIndex
from sealscrub.filters import GuardMiddleware, LiveIndex
from sealscrub.index import Reason

from ...index.custodian import Custodian
from ...today import today
from .police_service import IDS, KEY, SEALED, SECRET, ask, make_app, make_routes
from .test_middleware import HELD, KNOWN, WITHOUT
from .uvicorn_service import fetch, served


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(HELD) as number:
        yield number


def test_under_load_every_answer_is_that_of_the_world_without(port: int) -> None:
    paths = ["/search", "/lines", "/events", "/packed/gzip", *(f"/arrests/{each}" for each in IDS[:8])]
    expected = {path: ask(WITHOUT, path) for path in paths}

    def client(number: int) -> list[str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        wrong = []
        for turn in range(30):
            path = paths[(number * 7 + turn) % len(paths)]
            connection.request("GET", path)
            got = connection.getresponse()
            body = got.read()
            if (got.status, body) != (expected[path].status, expected[path].body):
                wrong.append(path)
        connection.close()
        return wrong

    with ThreadPoolExecutor(8) as pool:
        assert [path for wrong in pool.map(client, range(8)) for path in wrong] == []


def test_pipelined_requests_get_their_own_answers(port: int) -> None:
    paths = [f"/arrests/{SEALED[0]}", "/search", f"/arrests/{KNOWN[0]}", "/failing/raises", f"/arrests/{SEALED[1]}"]
    asked = "".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths)
    with socket.create_connection(("127.0.0.1", port), 20) as sock:
        sock.sendall(asked.encode())
        file = sock.makefile("rb")
        bodies = [_read_answer(file) for _ in paths]

    assert bodies == [ask(WITHOUT, path).body for path in paths]


def _read_answer(file: Any) -> bytes:
    length = 0
    while (line := file.readline().strip().lower()) != b"":
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return file.read(length)


def test_a_slow_client_holds_nobody_up_and_gets_the_same(port: int) -> None:
    body = json.dumps({"rows": [{"arrest": each, "x": 1} for each in IDS[:4]]}).encode()
    head = f"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 20) as sock:
        sock.sendall(head.encode())
        for at in range(0, len(body), 40):
            sock.sendall(body[at : at + 40])
            assert fetch(port, f"/arrests/{SEALED[0]}")[0] == 404
        answer = _read_answer(sock.makefile("rb"))

    assert answer == ask(WITHOUT, "/score", method="POST", body=body).body


def test_a_client_that_leaves_half_way_harms_nobody(port: int) -> None:
    for sent in (
        b"POST /look HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{",
        b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), 20) as sock:
            sock.sendall(sent)

    assert fetch(port, "/search")[2] == ask(WITHOUT, "/search").body


def test_head_range_and_conditions_over_the_network(port: int) -> None:
    status, headers, body = fetch(port, "/search")
    head = fetch(port, "/search", "HEAD")
    part = fetch(port, "/search", headers={"Range": "bytes=0-9"})
    same = fetch(port, "/search", headers={"If-None-Match": headers["etag"]})

    assert status == 200
    assert (head[0], head[2], head[1]["content-length"]) == (200, b"", str(len(body)))
    assert (part[0], part[2]) == (200, body)
    assert (same[0], same[2]) == (304, b"")


def test_a_stream_that_fails_is_seen_to_be_cut(port: int, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(http.client.IncompleteRead):
        fetch(port, "/failing/stream")

    assert fetch(port, "/failing/half")[0] == 500
    assert SECRET not in caplog.text


def sealed_at(epoch: int) -> list[str]:
    """What is sealed in an epoch: some of them again in each."""
    return IDS[epoch % 5 :: 5]


def published(custodian: Custodian, path: Path, epoch: int, **changes: Any) -> None:
    values = {KEY: dict.fromkeys(sealed_at(epoch), Reason.SEALED)}
    coverage = {(KEY,): len(values[KEY])}
    custodian.publish(path, values, epoch=epoch, seals=len(values[KEY]), coverage=coverage, **changes)


def test_an_index_that_is_replaced_is_used_by_the_next_answer_and_by_all_of_it(tmp_path: Path) -> None:
    custodian, path = Custodian(tmp_path), tmp_path / "live.sealindex"
    published(custodian, path, 1)
    live = LiveIndex(path, custodian.key_file, retry_s=0.01)
    app = GuardMiddleware(make_app(IDS), index=live, routes=make_routes(), known=IDS, health="/health")
    newest, stop = [1], threading.Event()
    worlds = [[each for each in IDS if each not in sealed_at(epoch)] for epoch in range(5)]

    def client(port: int) -> list[Any]:
        wrong = []
        while not stop.is_set():
            before = newest[0]
            status, _, body = fetch(port, "/search")
            found = [hit["arrest"] for hit in json.loads(body)["hits"]] if status == 200 else status
            if found not in [worlds[epoch % 5] for epoch in range(before, newest[0] + 2)]:
                wrong.append(found)
        return wrong

    with served(app) as port, ThreadPoolExecutor(3) as pool:
        clients = [pool.submit(client, port) for _ in range(3)]
        for epoch in range(2, 12):
            published(custodian, path, epoch)
            newest[0] = epoch
            time.sleep(0.1)
        stop.set()
        assert [each.result() for each in clients] == [[], [], []]
        assert json.loads(fetch(port, "/health")[2])["epoch"] == 11


@pytest.mark.parametrize("older", [{"epoch": 4}, {"epoch": 5, "as_of": today() - dt.timedelta(days=5)}])
@pytest.mark.parametrize("key", ["file", "key", "key of no file", "audience's of no file"])
def test_an_older_index_put_in_place_of_the_one_in_use_is_refused(
    tmp_path: Path, key: str, older: dict[str, Any]
) -> None:
    """A key that came from no file has no state file beside it: what was in use is remembered all the same."""
    custodian, path = Custodian(tmp_path), tmp_path / "live.sealindex"
    published(custodian, path, 5, as_of=today() - dt.timedelta(days=2))
    of_no_file = replace(custodian.key, path=None)
    given = {
        "file": custodian.key_file,
        "key": custodian.key,
        "key of no file": of_no_file,
        "audience's of no file": of_no_file.for_audience("police"),
    }
    live = LiveIndex(path, given[key], retry_s=0.0)
    published(custodian, path, **{"as_of": today() - dt.timedelta(days=2)} | older)
    with pytest.raises(ReplayedIndex):
        live.current()
    assert not live.health().ok
    published(custodian, path, 6)

    assert live.current().epoch == 6


@pytest.mark.parametrize("below", [1 << 26, 0], ids=["copied", "mapped"])
def test_without_an_index_that_may_be_trusted_nothing_is_answered(tmp_path: Path, below: int) -> None:
    custodian, path = Custodian(tmp_path), tmp_path / "live.sealindex"
    published(custodian, path, 7)
    live = LiveIndex(path, custodian.key_file, retry_s=0.0, copy_below=below)
    app = GuardMiddleware(make_app(IDS), index=live, routes=make_routes(), known=IDS, health="/health")
    good = ask(app, "/search").whole
    older, other = tmp_path / "older", tmp_path / "other"
    published(custodian, older, 6)
    published(custodian, other, 8, uses=("training",))
    expired = tmp_path / "expired"
    past = {"as_of": today() - dt.timedelta(days=9), "not_after": today() - dt.timedelta(days=1)}
    published(custodian, expired, 9, **past)
    damaged = tmp_path / "damaged"
    damaged.write_bytes(path.read_bytes()[:-9])

    for bad, why in (
        (older, "epoch 6"),
        (other, "output"),
        (expired, "it expired on"),
        (damaged, "shorter"),
        (None, "does not exist"),
    ):
        saved = path.read_bytes()
        path.unlink()
        if bad is not None:
            os.replace(bad, path)
        got, health = ask(app, "/search"), ask(app, "/health")
        assert (got.status, got.json) == (503, {"detail": "Service Unavailable"})
        assert health.status == 503
        assert why in health.json["why"]
        (tmp_path / "again").write_bytes(saved)
        os.replace(tmp_path / "again", path)
        assert ask(app, "/search").whole == good


def test_a_live_index_takes_none_before_the_least_epoch(tmp_path: Path) -> None:
    custodian, path = Custodian(tmp_path), tmp_path / "live.sealindex"
    published(custodian, path, 5)
    with pytest.raises(ReplayedIndex, match=r"5.*6"):
        LiveIndex(path, custodian.key_file, min_epoch=6)

    assert LiveIndex(path, custodian.key_file, min_epoch=5).current().epoch == 5


def test_an_index_cut_short_under_its_reader_ends_no_worker(tmp_path: Path) -> None:
    custodian, path = Custodian(tmp_path), tmp_path / "live.sealindex"
    published(custodian, path, 1)
    live = LiveIndex(path, custodian.key_file, retry_s=0.0)
    app = GuardMiddleware(make_app(IDS), index=live, routes=make_routes(), known=IDS)
    good, held = ask(app, "/search").whole, live.current()
    os.truncate(path, 10)

    assert ask(app, "/search").status == 503
    assert held.lookup(KEY, custodian.digests(KEY, IDS)).any()
    published(custodian, path, 1)
    assert ask(app, "/search").whole == good
