"""Drive ``require_certificate=``: what is demanded, and each way in which it is not met."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any

from sealscrub.certificates import load_signer
from sealscrub.filters import RequiredCertificate, guard, guard_counts, guard_forecast, guard_grid, guard_ranking
from sealscrub.identifiers import generate_certifier
from sealscrub.validators.certification import certify

from .watch import PAYLOAD, SEALED
from .world import ON, World

Calls = Iterator[Callable[[], object]]


def certified(world: World) -> Calls:
    generate_certifier(world.made / "canary-guards.key")
    model = world.made / "canary-guarded.pkl"
    model.write_bytes(pickle.dumps([0.5]))
    place = world.made / "canary-guarded.certificate.json"
    signer = load_signer(world.made / "canary-guards.key")
    place.write_bytes(certify(index=world.index, models=[model], signer=signer).certificate)
    key = world.made / "canary-guards.key.pub"
    good = RequiredCertificate(place, key, model=model, recheck_s=0.0)
    no_model = RequiredCertificate(place, key)
    lost = RequiredCertificate(place, key, model=model, untainted=_raises)
    bad = RequiredCertificate(world.inputs / "train.csv", key, model=model)
    rows = world.checkable.select("arrest_no", "n")
    grid = rows.with_columns(x=1.0, y=2.0)
    for required in (good, no_model, lost, bad, PAYLOAD):
        options: dict[str, Any] = {"require_certificate": required}
        yield lambda options=options: guard(len, world.index, ON, oracle_ok=True, **options)(rows)
        yield lambda options=options: guard_ranking(rows, world.index, ON, score="n", **options)
        yield lambda options=options: guard_grid(grid, world.index, ON, "x", "y", 5, **options)
        yield lambda options=options: guard_counts(rows, world.index, ON, "n", **options)
        yield lambda options=options: guard_forecast(_fails, world.index, **options)
    yield lambda: guard_forecast(_fails, world.index, good)([SEALED])
    yield lambda: (good, pickle.dumps(good), good.check(world.index), guard_forecast(_fails, world.index, good))
    yield lambda: good.check_events(world.arrests, world.index)


def _raises(index: Any) -> object:
    raise ValueError(f"{PAYLOAD} {SEALED}")


def _fails(rows: Any) -> object:
    raise ValueError(f"{rows} {PAYLOAD} {SEALED}")


DRIVES = (certified,)
