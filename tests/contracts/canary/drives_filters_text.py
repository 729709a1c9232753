"""Drive ``filters.text`` and the files of names: what leaves, what is refused, and how both look."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from sealscrub.custodian.registry import Registry
from sealscrub.datasets import example_names
from sealscrub.filters import (
    GuardedText,
    StreamGuard,
    explain_text,
    guard_deltas,
    guard_events,
    guard_stream,
    guard_stream_async,
    guard_text,
)
from sealscrub.identifiers import load_key, load_publisher
from sealscrub.index import TextIndex, open_text_index

from .watch import PAYLOAD, SEALED, WITHHELD
from .world import World

Calls = Iterator[Callable[[], object]]
TEXT = f"Two hits. {SEALED[:3]}-{SEALED[3:]} was {PAYLOAD}. And {WITHHELD} too. Wilbur {PAYLOAD} as well. Done."


def texts(world: World) -> Calls:
    for plain in (False, True):
        names = example_names([(PAYLOAD, "WILBUR", "1990-02-03")], plain=plain)
        if plain:
            yield lambda names=names: (repr(names), len(names), names.epoch)
        else:
            yield lambda names=names: (repr(names), len(names), names.epoch, TextIndex.of(names.index))
        for text in (TEXT, f"{SEALED}", f"It is Wilbur {PAYLOAD}, born 02/03/1990, {SEALED}."):
            yield lambda text=text, names=names: guard_text(text, world.index, names)
            yield lambda text=text, names=names: guard_text(text, world.index, names, on_match="refuse")
            yield lambda text=text, names=names: explain_text(text, world.index, names)
            yield lambda text=text, names=names: list(guard_stream(iter(text), StreamGuard(world.index, names)))
    yield lambda: pickle.loads(pickle.dumps(GuardedText("clean")))
    yield lambda: guard_text(SEALED.encode(), world.index)
    yield lambda: guard_text(SEALED, world.index, PAYLOAD)
    yield lambda: guard_text(SEALED, world.index, on_match=SEALED[:1])
    yield lambda: guard_text(SEALED, world.index, example_names([], uses=["training"]))
    yield lambda: open_text_index(world.made / "example.sealindex", world.made / "example.key")


def streams(world: World) -> Calls:
    yield lambda: _held(StreamGuard(world.index))
    yield lambda: StreamGuard(world.index).feed(SEALED.encode() + b"\xff")
    yield lambda: pickle.dumps(_fed(StreamGuard(world.index)))
    for policy in ("sentence", "refuse"):
        yield lambda policy=policy: list(guard_stream(_breaking(), StreamGuard(world.index, on_match=policy)))
        yield lambda policy=policy: asyncio.run(_read(StreamGuard(world.index, on_match=policy)))
        deltas = [{"text": part} for part in (SEALED[:4], SEALED[4:] + ". ", "Done.")]

        def make(policy: str = policy) -> StreamGuard:
            return StreamGuard(world.index, on_match=policy)

        yield lambda deltas=deltas, make=make: list(guard_deltas(deltas, make))
        yield lambda make=make: list(guard_events([f"data: {SEALED}. Done.\n\n".encode()], make))
        yield lambda make=make: list(guard_events([f"data: {SEALED}\n\n".encode()], make, text="text"))


def _fed(guard: StreamGuard) -> StreamGuard:
    guard.feed(SEALED)
    return guard


def _held(guard: StreamGuard) -> object:
    with _fed(guard) as held:
        shown: tuple[Any, ...] = (repr(held), held.held)
    guard.drop()
    return shown


def _breaking() -> Iterator[str]:
    yield f"Well. And {SEALED}"
    raise ValueError(SEALED)


async def _written() -> AsyncIterator[str]:
    yield f"Well. And {SEALED}"


async def _read(guard: StreamGuard) -> list[str]:
    return [text async for text in guard_stream_async(_written(), guard)]


def published(world: World) -> Calls:
    place = world.custody / "names.db"
    with Registry.create(place) as registry:
        registry.add(world.inputs / "notices.csv")
    keys, publisher = load_key(world.made / "example.key"), load_publisher(world.made / "example.key.publisher")
    for plain, folder in ((False, world.made), (True, world.custody)):
        with Registry.open(place) as registry:
            yield lambda registry=registry, plain=plain, folder=folder: registry.publish_text(
                folder / f"{plain}.sealtext",
                keys=keys,
                publisher=publisher,
                uses=["output"],
                audience="police",
                allow_empty=True,
                plain=plain,
            )
        yield lambda plain=plain, folder=folder: open_text_index(
            folder / f"{plain}.sealtext", world.made / "example.key"
        )


DRIVES = (texts, streams, published)
