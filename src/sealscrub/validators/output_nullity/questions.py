"""Building a system over one world and sending it every probe; in the process of the run."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .answer_parts import Parts, answer_parts, error_parts
from .http_routes import Routes
from .probes import Probe

__all__ = ["Query", "ask_all", "ask_each", "query_of"]

Query = Callable[[Any, Probe], Any]
_MOST_ANSWERS = 100_000


def query_of(asked: Query | str | Sequence[str]) -> Query:
    """Give a query as a function: routes become one."""
    return asked if callable(asked) else Routes(*((asked,) if isinstance(asked, str) else asked))


def ask_all(
    build: Callable[[Any], Any], query: Query, probes: Sequence[Probe], masks: Sequence[Sequence[str]], data: Any
) -> str:
    """Build the system and ask it: what it answered, taken apart, and the seconds of each, as JSON.

    Raises
    ------
    Incomparable
        When an answer has no bits to compare.
    """
    system = build(data)
    if isinstance(query, Routes):
        query.prepare(system)
    answers, seconds = ask_each(query, system, probes, masks)
    return json.dumps({"answers": answers, "seconds": seconds})


def ask_each(
    query: Query, system: Any, probes: Sequence[Probe], masks: Sequence[Sequence[str]]
) -> tuple[list[Parts], list[float]]:
    """Send each probe once, in their order.

    Raises
    ------
    Incomparable
        When an answer has no bits to compare.
    """
    loop = asyncio.new_event_loop()
    answers, seconds = [], []
    try:
        for probe, mask in zip(probes, masks, strict=True):
            begun = time.perf_counter()
            try:
                answer = _whole_answer(query(system, _as_given(probe)), loop)
            except Exception as error:
                seconds.append(time.perf_counter() - begun)
                answers.append(error_parts(error, mask))
                continue
            seconds.append(time.perf_counter() - begun)
            answers.append(answer_parts(answer, mask))
    finally:
        loop.close()
    return answers, seconds


def _as_given(probe: Probe) -> Any:
    """Give a probe of the caller's own as it was given."""
    return probe.own if probe.kind == "own" and probe.own is not None else probe


def _whole_answer(answer: Any, loop: asyncio.AbstractEventLoop) -> Any:
    """Await what must be awaited and read streams to their end."""
    if inspect.isawaitable(answer):
        answer = loop.run_until_complete(_awaited(answer))
    if hasattr(answer, "__aiter__"):
        answer = loop.run_until_complete(_gathered(answer))
    if isinstance(answer, Iterator):
        return [part for _, part in zip(range(_MOST_ANSWERS), answer, strict=False)]
    return answer


async def _awaited(answer: Any) -> Any:
    return await answer


async def _gathered(answer: Any) -> list[Any]:
    return [part async for part in answer]
