"""Drive ``filters.guard`` and the rankings: what is answered, what is refused, and what an explanation shows."""

from __future__ import annotations

import asyncio
import copy
import pickle
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from sealscrub.filters import Guarded, Judge, LiveIndex, explain_guard, guard, guard_ranking, guard_ranking_page
from sealscrub.matching import Policy
from sealscrub.mlflow import ServedGuard, log_guarded_model, save_guarded_model

from ...lineage.tracking import empty_store
from .watch import NUMBER, PAYLOAD, SEALED, WITHHELD
from .world import ON, World

Calls = Iterator[Callable[[], object]]
QUARANTINE = Policy(quarantine=True)


def _raise(rows: Any, *more: Any, **named: Any) -> object:
    raise ValueError(f"{rows} {PAYLOAD} {SEALED}")


async def _raise_later(rows: Any) -> object:
    raise ValueError(f"{rows} {PAYLOAD} {SEALED}")


def _raise_in_stream(rows: Any) -> Iterator[object]:
    yield 1
    raise ValueError(f"{rows} {PAYLOAD} {SEALED}")


async def _raise_later_from(offset: int, limit: int) -> object:
    raise ValueError(f"{PAYLOAD} {SEALED}")


def _gives_later(records: list[Any]) -> Any:
    async def source(offset: int, limit: int) -> list[Any]:
        return records[offset : offset + limit]

    return source


async def _later(answer: Any) -> object:
    return await answer


class _Fails:
    predict = predict_proba = staticmethod(_raise)
    staged_predict = staticmethod(_raise_in_stream)


def guards(world: World) -> Calls:
    rows = world.checkable.select("arrest_no", "n", m=pl.col("n") % 7)
    plain = [rows, rows.to_pandas(), rows.to_arrow(), rows.to_dicts()]
    for given in (*plain, rows.to_dict(as_series=False)):
        yield lambda given=given: guard(_gives_back, world.index, ON)(given)
        for way in ("nan", "refuse"):
            yield lambda given=given, way=way: _guard(_first, world, on_match=way)(given)
        yield lambda given=given: _guard(_raise, world)(given)
        yield lambda given=given: list(_guard(_Fails(), world).staged_predict(given))
        yield lambda given=given: asyncio.run(_guard(_raise_later, world)(given))
        yield lambda given=given: _guard(_gives_back, world, known=["M14000001"])(given)
        yield lambda given=given: _guard(_raise, world)(given, [PAYLOAD], sample_weight=given)
    for each in (SEALED, WITHHELD, {"arrest_no": SEALED, "offense": PAYLOAD}, np.array([[SEALED, PAYLOAD]], object)):
        for way in ("drop", "nan", "refuse"):
            yield lambda each=each, way=way: _guard(_gives_back, world, on_match=way)(each)
    yield lambda: guard(_gives_back, world.index, {"arrest_number": 0}, oracle_ok=True)(
        [[SEALED, PAYLOAD], ["M14000001"]]
    )
    yield lambda: _guard(_gives_back, world)([[PAYLOAD]], keys=[SEALED])
    yield lambda: _guard(_gives_back, world)([[PAYLOAD]], keys=[SEALED, WITHHELD])
    yield lambda: _guard(_gives_back, world)({PAYLOAD})
    yield lambda: _guard(_gives_back, world)(world.arrests)
    yield lambda: _guard(_gives_back, world, policy=QUARANTINE)(world.arrests)
    yield lambda: guard(_gives_back, world.index, ON, on_match="hide")
    yield lambda: guard(_gives_back, world.numbers, ON)
    yield lambda: guard(_gives_back, world.index, {"nysid": "n"})


def estimators(world: World) -> Calls:
    rows = world.checkable.select("arrest_no", "n", m=pl.col("n") % 7).to_pandas()
    labels = [at % 2 for at in range(len(rows))]
    for estimator in (LogisticRegression(), StandardScaler()):
        safe = guard(estimator, world.index, ON, oracle_ok=True).fit(rows, labels)
        yield lambda safe=safe: (safe, clone(safe), copy.deepcopy(safe), pickle.dumps(safe), safe.get_params())
        yield lambda safe=safe: (safe.set_params(on_match="nan"), safe.feature_names_in_, safe.model)
        yield lambda safe=safe: getattr(safe, "predict_proba", None) and safe.predict_proba(rows).mean()
    yield lambda: guard(StandardScaler(), world.index, ON, oracle_ok=True).set_params(colour=PAYLOAD)


def explanations(world: World) -> Calls:
    judge = Judge(world.index, ON, known=["M14000001"], policy=QUARANTINE)
    yield lambda: repr(explain_guard(judge, world.arrests))
    yield lambda: repr(explain_guard(_guard(_gives_back, world, policy=QUARANTINE), world.arrests.to_dicts()))
    yield lambda: explain_guard(PAYLOAD, world.arrests)
    yield lambda: (
        judge,
        judge.start(),
        judge.start().is_gone(arrest_no=SEALED),
        judge.start().gone_of({"arrest_no": [SEALED]}),
    )
    yield lambda: judge.start().gone(world.arrests.drop("arrest_no"))
    live = LiveIndex(world.made / "example.sealindex", world.made / "example.key")
    yield lambda: (live, live.health(), live.current(), Judge(live, ON).start())


def rankings(world: World) -> Calls:
    rows = world.checkable.select("arrest_no", "n", rank=pl.int_range(pl.len()) + 1, percentile=pl.lit(float(NUMBER)))
    dicts = rows.to_dicts()
    pairs = ([row["arrest_no"] for row in dicts], [row["n"] for row in dicts])
    options: dict[str, Any] = {"score": "n", "derived": {"percentile": "percentile"}}
    for source in (
        rows,
        rows.to_pandas(),
        rows.to_arrow(),
        dicts,
        pairs,
        iter(dicts),
        lambda at, n: dicts[at : at + n],
    ):
        yield lambda source=source: _list(guard_ranking(source, world.index, ON, k=5, **options))
        yield lambda source=source: _list(guard_ranking(source, world.index, ON, k=5, score="n"))
        yield lambda source=source: guard_ranking_page(source, world.index, ON, size=5, total=True, **options)
        yield lambda source=source: guard_ranking_page(source, world.index, ON, size=5, cursor=PAYLOAD)
    yield lambda: guard_ranking(_raise, world.index, ON, k=5)
    yield lambda: asyncio.run(_later(guard_ranking(_raise_later_from, world.index, ON, k=5)))
    yield lambda: asyncio.run(_later(guard_ranking(_gives_later(dicts), world.index, ON, k=5)))
    yield lambda: asyncio.run(_later(guard_ranking_page(_gives_later(dicts), world.index, ON, size=2)))
    yield lambda: guard_ranking(dicts, world.index, ON, derived={"rank": PAYLOAD})
    yield lambda: guard_ranking([{"arrest_no": "M14000001", "n": PAYLOAD}], world.index, ON, score="n")
    yield lambda: guard_ranking([{"n": PAYLOAD}], world.index, ON)
    yield lambda: guard_ranking([PAYLOAD], world.index, ON)
    yield lambda: guard_ranking(world.arrests, world.index, ON, k=5)
    yield lambda: list(guard_ranking(iter(world.arrests.to_dicts()), world.index, ON))
    yield lambda: guard_ranking(lambda at, n: dicts[:1] * (n + 1), world.index, ON)
    yield lambda: guard_ranking(lambda at, n: dicts[:1] * n, world.index, ON, max_fetch=10)


def served(world: World) -> Calls:
    rows = world.checkable.select("arrest_no", "n")
    one = ServedGuard(_guard(_first, world), "")
    yield lambda: (one, one.predict(rows), list(one.predict_stream(rows)))
    yield lambda: ServedGuard(_guard(_Fails(), world), "predict").predict(rows)
    yield lambda: list(
        ServedGuard(_guard(_Fails(), world), "predict").predict_stream({"arrest_no": SEALED, "n": PAYLOAD})
    )
    shutil.copy(empty_store(), world.made / "mlflow.db")  # where MLflow makes one otherwise: in the working folder
    yield lambda: log_guarded_model(_guard(_first, world), method="nothing")
    yield lambda: save_guarded_model(_guard(_first, world), world.out / "none", method="nothing")
    yield lambda: log_guarded_model(PAYLOAD)
    yield lambda: save_guarded_model(PAYLOAD, world.out / "none")


def _list(found: Any) -> object:
    return list(found) if hasattr(found, "__next__") else found


def _guard(model: Any, world: World, **options: Any) -> Guarded:
    return guard(model, world.index, ON, oracle_ok=True, **options)


def _gives_back(rows: Any) -> object:
    return rows


def _first(rows: Any) -> object:
    return [0.5] * len(rows["n"] if isinstance(rows, dict) else rows)


DRIVES = (guards, estimators, explanations, rankings, served)
