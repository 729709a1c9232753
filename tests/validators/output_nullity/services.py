"""A record service as an ASGI application, in designs that leak and one that does not."""

from __future__ import annotations

from typing import Any

import polars as pl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ROUTES = (
    "GET /records/{id}",
    "GET /search?q={text}&limit={k}&offset={offset}",
    'POST /score {"id": "{id}", "age": "{age}"}',
)


def service(records: pl.DataFrame, gone: set[str], design: str = "null") -> Starlette:
    """Make the service: of `null` the records are scrubbed, of other designs `gone` are filtered late."""
    rows = {row["arrest_no"]: row for row in records.sort("arrest_no").to_dicts()}
    shown = {key: row for key, row in rows.items() if key not in gone}

    async def record(request: Request) -> Response:
        key = request.path_params["id"]
        if design == "403" and key in gone:
            return JSONResponse({"error": "suppressed"}, 403)
        if key not in shown:
            return JSONResponse({"error": f"no record {key}"}, 404)
        return JSONResponse({"id": key, "age": shown[key]["age"], "alias": shown[key]["alias"]})

    async def search(request: Request) -> Response:
        words = request.query_params
        limit, offset, text = int(words["limit"]), int(words["offset"]), words["q"]
        every = [key for key in (rows if design in ("late", "ranks", "named") else shown) if _matches(rows[key], text)]
        cut = list(enumerate(every, start=1))
        if design == "ranks":
            cut = [(rank, key) for rank, key in cut if key not in gone]
        cut = cut[offset : offset + limit]
        if design == "late":
            cut = [(rank, key) for rank, key in cut if key not in gone]
        found = [{"id": key, "rank": rank} for rank, key in cut]
        return JSONResponse({"total": len(every), "hits": found})

    async def score(request: Request) -> Response:
        asked = await request.json()
        if design == "oracle" and asked["id"] in gone:
            return JSONResponse({"error": "not found"}, 404)
        if design != "oracle" and asked["id"] not in shown:
            return JSONResponse({"error": "not found"}, 404)
        older = sum(row["age"] > asked["age"] for row in shown.values())
        return JSONResponse({"id": asked["id"], "risk": older / max(1, len(shown))})

    routes = [Route("/records/{id}", record), Route("/search", search), Route("/score", score, methods=["POST"])]
    return Starlette(routes=routes)


def _matches(row: dict[str, Any], text: str) -> bool:
    return any(str(row[name]).startswith(text[:3]) for name in ("arrest_no", "alias"))
