"""What the middleware adds to an answer of 100 records: ``python -m benchmarks.serving``.

The bare application, one that filters hits after the fact as services usually do (a set of plain ids: no index, no
counts, no not-found), and the guarded one answer in turn, A B C A B C …, without a network. Medians are compared: of
the time, and of what the processors spent, which others on the machine do not change as much. ``seen``: the ids were in
an answer before. ``new``: each answer has ids that were in none.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import time
from typing import Any

from sealscrub.datasets import example_index
from sealscrub.filters import GuardedRoute, GuardMiddleware

KEY = "arrest_number"
RECORDS = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seals", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=500)
    options = parser.parse_args()
    sealed = [f"K14{number:06d}" for number in range(1, options.seals + 1)]
    index = example_index(sealed)
    known = [f"M14{number:06d}" for number in range(1, 900_000)]
    print("| ids | bare, ms | naive post-filter, ms | guarded, ms | guarded adds, ms | of the processors, ms |")
    print("|---|---|---|---|---|---|")
    for ids in ("seen", "new"):
        for name, more in (("", {"known": None, "oracle_ok": True}), (", with known ids", {"known": known})):
            totals = {"$.total": "$.hits[*]"}
            own = {"totals": totals, "independent": "$.hits[*]"}
            route = GuardedRoute("/hits", on={KEY: "$.hits[*].arrest"}, complete=True, **own)
            bare, naive = service(ids), Naive(service(ids), set(sealed))
            guarded = GuardMiddleware(service(ids), index=index, routes=[route], **more)
            compare(ids + name, {"bare": bare, "naive": naive, "guarded": guarded}, options.rounds)


def service(ids: str) -> Any:
    numbers = itertools.count(1) if ids == "new" else itertools.cycle(range(1, RECORDS + 1))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        hits = [
            {"arrest": f"{'K' if n % 10 == 0 else 'M'}14{n:06d}", "score": n / 7, "borough": "Brooklyn", "age": n % 60}
            for n in itertools.islice(numbers, RECORDS)
        ]
        body = json.dumps({"total": len(hits), "hits": hits}, separators=(",", ":")).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


class Naive:
    """Reads the answer, drops hits whose id is in a set, and writes it."""

    def __init__(self, app: Any, sealed: set[str]) -> None:
        self.app, self.sealed = app, sealed

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request."""

        async def take(message: Any) -> None:
            if message["type"] == "http.response.body":
                value = json.loads(message["body"])
                value["hits"] = [hit for hit in value["hits"] if hit["arrest"] not in self.sealed]
                message = message | {"body": json.dumps(value, separators=(",", ":")).encode()}
            await send(message)

        await self.app(scope, receive, take)


def compare(ids: str, apps: dict[str, Any], rounds: int) -> None:
    found = asyncio.run(_measured(apps, rounds))
    wall, cpu = ({n: statistics.median(t[at] for t in times) for n, times in found.items()} for at in (0, 1))
    adds, costs = (median["guarded"] - median["bare"] for median in (wall, cpu))
    print(f"| {ids} | {wall['bare']:.2f} | {wall['naive']:.2f} | {wall['guarded']:.2f} | {adds:.2f} | {costs:.2f} |")


async def _measured(apps: dict[str, Any], rounds: int) -> dict[str, list[tuple[float, float]]]:
    scope = {"type": "http", "method": "GET", "path": "/hits", "query_string": b"", "headers": []}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in apps}

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        pass

    for round_ in range(-20, rounds):
        for name, app in apps.items():
            begun, spent = time.perf_counter(), time.process_time()
            await app(dict(scope), receive, send)
            if round_ >= 0:
                found[name].append(((time.perf_counter() - begun) * 1000, (time.process_time() - spent) * 1000))
    return found


if __name__ == "__main__":
    main()
