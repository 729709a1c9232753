"""Mixed load on worker processes, while indexes change, are cut short or replaced by bad ones, and workers die.

``python -m tests.filters.serving.soaking SECONDS`` prints the figures.
"""

from __future__ import annotations

import dataclasses
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sealscrub.datasets import example_index
from sealscrub.filters import GuardMiddleware
from tests.index.custodian import Custodian

from .police_service import IDS, SECRET, ask, make_app, make_routes
from .test_served import published, sealed_at
from .uvicorn_service import listening

WORKERS = 2
CLIENTS = 4
RECOVERY = 3.0
"""Seconds after a disturbance in which a request may get no answer: a worker starts, an index is tried again."""
NEVER = "Q14000777"
PATHS = ["/search", "/lines", "/events", "/packed/gzip", "/failing/raises", f"/arrests/{NEVER}"]
PATHS += [f"/arrests/{each}" for each in IDS[:20]]


@dataclass
class Figures:
    """What came of a soak."""

    seconds: float = 0.0
    answers: int = 0
    unavailable: int = 0
    broken: int = 0
    swaps: int = 0
    cuts: int = 0
    bad: int = 0
    kills: int = 0
    wrong: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    logged_a_row: bool = False

    def told(self) -> dict[str, Any]:
        ordered = sorted(self.milliseconds) or [0.0]
        found = dataclasses.asdict(self) | {"milliseconds": None}
        return found | {
            "wrong": len(self.wrong),
            "refused": len(self.refused),
            "p50_ms": round(ordered[len(ordered) // 2], 1),
            "p99_ms": round(ordered[len(ordered) * 99 // 100], 1),
        }


class Soak:
    """A custodian who publishes, workers, and clients who compare every answer with the world without."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.folder, self.draw = folder, random.Random(seed)
        self.custodian = Custodian(folder)
        self.path = folder / "live.sealindex"
        self.sock = listening()
        self.port = self.sock.getsockname()[1]
        self.log = (folder / "workers.log").open("wb")
        self.figures = Figures()
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.epoch = 1
        self.disturbed = [(0.0, time.monotonic() + 60.0)]
        published(self.custodian, self.path, 1)
        self.worlds = [_world(epoch) for epoch in range(5)]
        self.workers = [self._started() for _ in range(WORKERS)]
        self._wait()

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(Path(__file__).with_name("uvicorn_service.py")), str(self.sock.fileno())]
        command += [str(self.path), str(self.custodian.key_file)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen(
            command, pass_fds=[self.sock.fileno()], stdout=self.log, stderr=self.log, env=environment
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if _fetch(self.port, "/health", 5.0)[0] == 200:
                    self.disturbed = [(0.0, time.monotonic() + RECOVERY)]
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
        raise AssertionError("the workers did not start")

    def run(self, seconds: float) -> Figures:
        begun = time.monotonic()
        clients = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            turn = 0
            while time.monotonic() - begun < seconds:
                turn += 1
                self._disturb(turn)
                time.sleep(max(0.0, begun + turn - time.monotonic()))
        finally:
            self.stop.set()
            for client in clients:
                client.join(30)
            for worker in self.workers:
                worker.kill()
                worker.wait()
            self.sock.close()
            self.log.close()
        self.figures.seconds = round(time.monotonic() - begun, 1)
        text = (self.folder / "workers.log").read_text("utf-8", "replace")
        self.figures.logged_a_row = SECRET in text or any(each in text for each in IDS)
        return self.figures

    def _disturb(self, turn: int) -> None:
        """Once a second: another index; now and then one that is cut, bad or missing, or a worker's end."""
        if turn % 7 == 3:
            self._begin_disturbance()
            os.truncate(self.path, self.draw.randrange(self.path.stat().st_size))
            self.figures.cuts += 1
        elif turn % 7 == 5:
            self._begin_disturbance()
            bad = self.folder / "bad"
            bad.write_bytes(self.draw.randbytes(5000))
            os.replace(bad, self.path)
            self.figures.bad += 1
        elif turn % 7 == 0:
            self._begin_disturbance()
            at = self.draw.randrange(WORKERS)
            self.workers[at].send_signal(signal.SIGKILL)
            self.workers[at].wait()
            self.workers[at] = self._started()
            self.figures.kills += 1
            self._publish()
            self._end_disturbances()
        else:
            self._publish()
            self._end_disturbances()

    def _publish(self) -> None:
        with self.lock:
            self.epoch += 1
        ready = self.folder / "next.sealindex"
        published(self.custodian, ready, self.epoch)
        os.replace(ready, self.path)
        self.figures.swaps += 1

    def _begin_disturbance(self) -> None:
        with self.lock:
            self.disturbed.append((time.monotonic(), float("inf")))

    def _end_disturbances(self) -> None:
        with self.lock:
            until = time.monotonic() + RECOVERY
            self.disturbed = [(start, min(end, until)) for start, end in self.disturbed]

    def _client(self, number: int) -> None:
        draw = random.Random(number)
        while not self.stop.is_set():
            path = draw.choice(PATHS)
            with self.lock:
                first = self.epoch
            begun = time.monotonic()
            problem, got = "", (0, b"")
            try:
                got = _fetch(self.port, path, 30.0)
            except (OSError, http.client.HTTPException) as error:
                problem = type(error).__name__
            ended = time.monotonic()
            with self.lock:
                self._judge(path, got, problem, first, begun, ended)

    def _judge(self, path: str, got: tuple[int, bytes], problem: str, first: int, begun: float, ended: float) -> None:
        figures = self.figures
        disturbed = any(start <= ended and begun <= end for start, end in self.disturbed)
        if problem or got[0] == 503:
            figures.broken += bool(problem)
            figures.unavailable += not problem
            if not disturbed:
                figures.refused.append(f"{path} {problem or got[0]}")
            return
        figures.answers += 1
        figures.milliseconds.append((ended - begun) * 1000)
        # the newest index, or the one before where the newest was being put in place as the request began
        if got not in [self.worlds[epoch % 5][path] for epoch in range(max(1, first - 1), self.epoch + 1)]:
            like = [epoch for epoch in range(5) if self.worlds[epoch][path] == got]
            figures.wrong.append(f"{path} {got[0]}: epochs {first} to {self.epoch}, like {like} of 5")


def _fetch(port: int, path: str, timeout: float) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        got = connection.getresponse()
        return got.status, got.read()
    finally:
        connection.close()


def _world(epoch: int) -> dict[str, tuple[int, bytes]]:
    left = [each for each in IDS if each not in sealed_at(epoch)]
    app = GuardMiddleware(make_app(left), index=example_index(["B14000001"]), routes=make_routes(), known=IDS)
    found = {}
    for path in PATHS:
        got = ask(app, path)
        found[path] = (got.status, got.body)
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        figures = Soak(Path(folder)).run(float(sys.argv[1]))
        print(json.dumps(figures.told(), indent=2), *figures.wrong, *figures.refused, sep="\n")
