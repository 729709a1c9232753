"""Drive the linking of records: models, links, bounds, drills, and what each is refused for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import polars as pl

from sealscrub.custodian.linkage import (
    LinkModel,
    best_rows,
    by_group,
    draw_sample,
    known_pairs,
    link,
    link_drill,
    link_new,
    recall_bound,
    recall_bound_from_two_systems,
    starting_model,
    train,
)
from sealscrub.datasets import make_named_arrests, noisy_records

from .watch import NUMBER, PAYLOAD, SEALED
from .world import World

Calls = Iterator[Callable[[], object]]


def linkage(world: World) -> Calls:
    city = make_named_arrests(400, seed=1, per_day=40)
    seals = city.seals.with_columns(pl.lit(PAYLOAD).alias("last_name"))
    rows, model = city.rows.with_columns(pl.lit(PAYLOAD).alias("last_name")), starting_model()
    yield lambda: (repr(city), repr(model), model.digest, LinkModel.from_json(model.to_json()) == model)
    yield lambda: repr(link(seals, rows, model))
    yield lambda: link(seals, rows, model).pairs.height
    yield lambda: link(seals, rows, model, known=pl.DataFrame({PAYLOAD: [SEALED]}))
    yield lambda: link_new(seals, rows, model, new_seals=[PAYLOAD], new_rows=[SEALED]).pairs.height
    for copies in (seals.unique("id")[:4], seals[:1], seals[:4].drop("arrest_date")):
        yield lambda copies=copies: repr(known_pairs(seals, copies, rows, model, seed=1))
    yield lambda: best_rows(seals[:3], rows, model).height
    yield lambda: best_rows(seals[:3], rows, model, n=0)
    yield lambda: model.waterfall({"last_name": PAYLOAD}, {"last_name": PAYLOAD, "birth_date": SEALED})
    yield lambda: model.waterfall({"last_name": NUMBER}, {})
    for broken in (
        rows.with_columns(id=pl.lit(SEALED)),
        rows.with_columns(id=pl.lit(None, pl.String)),
        rows.with_columns(last_name=pl.lit(NUMBER)),
        rows.with_columns(birth_date=pl.lit(dt.date(1984, 7, 31))),
        rows.drop("id"),
        rows.with_columns(words=pl.lit(PAYLOAD)),
    ):
        yield lambda broken=broken: link(seals, broken, model)
        yield lambda broken=broken: best_rows(seals, broken, model)
        yield lambda broken=broken: train(seals, broken, trained_on="x")
        yield lambda broken=broken: link_drill(seals, broken, model)
    for text in (PAYLOAD, "{}", f'{{"version": "{PAYLOAD}"}}', model.to_json().replace("trained_on", PAYLOAD)):
        yield lambda text=text: LinkModel.from_json(text)
    yield lambda: LinkModel.from_json(model.to_json().replace('"exact":', f'"{PAYLOAD}":'))
    yield lambda: train(seals, rows, trained_on="x").digest
    yield lambda: train(seals, rows, trained_on="x", pairs=pl.DataFrame({"seal": [SEALED], "row": [PAYLOAD]}))
    same = city.truth.with_columns(same=pl.lit(value=True))
    yield lambda: train(seals, rows, trained_on="x", pairs=same).digest
    yield lambda: train(seals[:0], rows, trained_on="x")
    yield lambda: draw_sample([SEALED], 0, 1)
    yield lambda: len(draw_sample([SEALED, PAYLOAD], 1, 1))
    yield lambda: (recall_bound(9, 10), recall_bound_from_two_systems(9, 1, 1))
    yield lambda: recall_bound(11, 10)
    yield lambda: recall_bound_from_two_systems(0, 1, 1)
    stated = seals.select(seal="id", sex="sex", name="last_name")
    yield lambda: by_group(link(seals, rows, model), city.truth, stated, column="sex", least=10)
    yield lambda: by_group(link(seals, rows, model), city.truth, stated, column="absent")
    yield lambda: by_group(link(seals, rows, model), city.truth, stated, column="sex", least=1)
    yield lambda: link_drill(city.seals.unique("id"), city.seals.unique("id"), model)
    yield lambda: noisy_records(rows, level=5).height
    yield lambda: noisy_records(rows, level=11)


DRIVES = (linkage,)
