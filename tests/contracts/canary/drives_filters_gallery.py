"""Drive the guards of galleries, graphs, explanations and aggregates."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sealscrub.filters import NullGallery
from sealscrub.matching import Policy

from .watch import NUMBER, PAYLOAD, SEALED, Looked
from .world import ON, World

Calls = Iterator[Callable[[], object]]
QUARANTINE = Policy(quarantine=True)


def galleries(world: World) -> Calls:
    rows = world.checkable
    ids, vectors = rows["arrest_no"].to_list(), np.vander(rows["n"].to_numpy() % 97 + 1.0, 3)
    marked = vectors.copy()
    marked[-1] = NUMBER
    yield lambda: NullGallery(ids, marked, world.index)
    yield lambda: NullGallery(ids, marked, world.index).search(marked[-1], 400)
    yield lambda: _kept(NullGallery(ids, marked, world.index), world)
    yield lambda: NullGallery(ids, marked, world.index, keys=rows, on=ON, metric="cosine").search(marked, 2)
    yield lambda: NullGallery(world.arrests["arrest_no"], np.ones((len(ids) + 2, 2)), world.index)
    yield lambda: Looked(
        NullGallery(world.arrests["arrest_no"], np.ones((len(ids) + 2, 2)), world.index, policy=QUARANTINE)
    )
    yield lambda: NullGallery(ids, [[PAYLOAD]] * len(ids), world.index)
    yield lambda: NullGallery([[SEALED], {PAYLOAD: NUMBER}], vectors[:2], world.index)
    yield lambda: NullGallery(ids, np.full_like(vectors, np.nan), world.index)
    yield lambda: NullGallery(ids, vectors, world.index).search([PAYLOAD], 1)
    yield lambda: NullGallery.load(world.inputs, world.index)
    yield lambda: NullGallery(ids, vectors, world.index).save(world.inputs)


def _kept(gallery: NullGallery, world: World) -> object:
    path = world.path_of_output("gallery")
    gallery.save(path)
    again = NullGallery.load(path, world.index)
    return again, len(again), again.dimension, again.refresh(world.index)


DRIVES = (galleries,)
