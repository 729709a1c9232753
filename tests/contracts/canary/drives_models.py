"""Drive ``transforms.sklearn`` and ``lineage``: what is fitted, what is refused, and what is left of either."""

from __future__ import annotations

import copy
import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.preprocessing import StandardScaler

import sealscrub as ss
from sealscrub.lineage import model_digest, refresh
from sealscrub.matching import Policy
from sealscrub.transforms.sklearn import SealedFit, SealedRowDropper, SealedValueMasker

from .watch import PAYLOAD, SEALED, Unwatched
from .world import ON, World

Calls = Iterator[Callable[[], object]]
QUARANTINE = Policy(quarantine=True)


def _numbers(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("arrest_no", "n", m=pl.col("n") % 7)


def _labels(rows: pl.DataFrame) -> list[int]:
    return [at % 2 for at in range(rows.height)]


def fits(world: World) -> Calls:
    whole, labels = _numbers(world.arrests), _labels(world.checkable)
    for rows in (
        _numbers(world.checkable),
        _numbers(world.checkable).to_pandas(),
        _numbers(world.checkable).to_arrow(),
    ):
        for estimator in (LogisticRegression(), SGDClassifier(random_state=0), StandardScaler()):
            fitted = SealedFit(estimator, world.index, ON).fit(rows, labels)
            yield lambda fitted=fitted: (fitted, vars(fitted), fitted.get_metadata_routing(), fitted._repr_html_())
            yield lambda fitted=fitted: (copy.deepcopy(fitted), vars(fitted.estimator_), pickle.dumps(fitted))
        yield lambda rows=rows: _asked(SealedFit(LogisticRegression(), world.index, ON), rows, labels)
        yield lambda rows=rows: _transformed(world, rows, labels)
    yield lambda: SealedFit(LogisticRegression(), world.index, ON).fit(whole, _labels(whole))
    yield lambda: vars(SealedFit(LogisticRegression(), world.index, ON, policy=QUARANTINE).fit(whole, _labels(whole)))
    yield from _refused(lambda *given: SealedFit(LogisticRegression(), *given), world)


def _asked(model: SealedFit, rows: Any, labels: list[int]) -> object:
    model.fit(rows, labels)
    said = [model.predict(rows), model.predict_proba(rows), model.predict_log_proba(rows), model.score(rows, labels)]
    again = SealedFit(SGDClassifier(random_state=0), model.index, ON)
    again.partial_fit(rows, labels, classes=[0, 1])
    return Unwatched([said, model.decision_function(rows), again.predict(rows)])


def _transformed(world: World, rows: Any, labels: list[int]) -> object:
    model = SealedFit(StandardScaler(), world.index, ON)
    made = model.set_output(transform="polars").fit_transform(rows, labels)
    names = model.get_feature_names_out()
    back = model.set_output(transform="default").inverse_transform(model.transform(rows))
    return names, Unwatched([made, back])


def _refused(make: Callable[..., Any], world: World) -> Calls:
    rows, doubtful = _numbers(world.checkable), _numbers(world.arrests)
    labels = _labels(rows)
    yield lambda: make(None, ON).fit(rows, labels)
    yield lambda: make(world.index, ON).fit(doubtful, _labels(doubtful))
    yield lambda: make(world.index, ON).fit(rows.to_numpy(), labels)
    yield lambda: make(world.index, ON).fit(rows.drop("arrest_no"), labels)
    yield lambda: make(world.index, ON).fit(rows, labels, key=rows["arrest_no"])
    yield lambda: make(world.index, {"nysid": "arrest_no"}).fit(rows, labels)
    yield lambda: make(world.index, {"docket": "arrest_no"}).fit(rows, labels)
    yield lambda: make(world.index, {"arrest_number": ["a", "b"]}).fit(rows, labels, key=[SEALED])
    count = rows.height
    several = ([SEALED] * 2, [[SEALED, PAYLOAD]] * count, [SEALED, 1.5] * (count // 2), [PAYLOAD] * count)
    for key in (SEALED, {SEALED: PAYLOAD}, *several):
        yield lambda key=key: make(world.index, ON).fit(rows.select("n"), labels, key=key)
    yield lambda: make(world.index, ON).fit(rows.lazy(), labels)


def droppers(world: World) -> Calls:
    for rows in (world.checkable, world.checkable.to_pandas(), world.checkable.to_arrow()):
        labels = [PAYLOAD if number == SEALED else "F" for number in world.checkable["arrest_no"]]
        yield lambda rows=rows, labels=labels: _dropped(SealedRowDropper(world.index, ON), rows, labels)
    yield lambda: SealedRowDropper(world.index, ON).fit_resample(world.checkable, [PAYLOAD])
    yield lambda: SealedRowDropper(world.index, ON).fit_resample(world.checkable, None, eval_set=[(SEALED, [PAYLOAD])])
    yield from _refused(SealedRowDropper, world)


def _dropped(dropper: SealedRowDropper, rows: Any, labels: list[str]) -> object:
    kept, target, others = dropper.fit_resample(rows, labels, sample_weight=np.ones(len(labels)), groups=labels)
    frame = kept if isinstance(kept, pl.DataFrame) else pl.DataFrame(kept)
    return dropper, vars(dropper), pickle.dumps(dropper), frame.to_dict(as_series=False), target, others


def maskers(world: World) -> Calls:
    for rows in (world.checkable, world.checkable.to_pandas(), world.checkable.to_arrow()):
        yield lambda rows=rows: _masked(SealedValueMasker(world.index, ON), rows)
    numbers = _numbers(world.checkable)
    keys, array = numbers["arrest_no"], numbers.select("n", "m").to_numpy()
    yield lambda: SealedValueMasker(world.index, ON, [0]).fit_transform(array, key=keys)
    yield lambda: SealedValueMasker(world.index, ON).fit(numbers).transform(_numbers(world.arrests))
    yield lambda: SealedValueMasker(world.index, ON, ["absent"]).fit(numbers)
    yield lambda: SealedValueMasker(world.index, ON, [7]).fit(array, key=keys)
    big = numbers.with_columns(n=pl.lit(2**60)).to_pandas()
    yield lambda: SealedValueMasker(world.index, ON, ["n"]).fit_transform(big)
    yield from _refused(SealedValueMasker, world)


def _masked(masker: SealedValueMasker, rows: Any) -> object:
    made = masker.fit(rows).transform(rows)
    masker.set_output(transform="default").fit_transform(rows)
    frame = made if isinstance(made, pl.DataFrame) else pl.DataFrame(made)
    return masker, vars(masker), pickle.dumps(masker), frame.to_dict(as_series=False)


def refreshed(world: World) -> Calls:
    rows, doubtful = _numbers(world.checkable), _numbers(world.arrests)
    labelled = rows.with_columns(label=pl.Series(_labels(rows)))

    def counted(given: pl.DataFrame) -> Counter[int]:
        return Counter(given["n"].to_list())

    yield lambda: _looks(refresh(counted, rows, world.index, counted(rows), on=ON))
    yield lambda: _looks(refresh(counted, rows, world.index, counted(rows), on=ON, method="decrement"))
    for method in ("retrain", "decrement"):
        old = MultinomialNB().fit(labelled.select("n", "m"), labelled["label"])
        more = {"on": ON, "target": "label", "method": method, "probe": labelled.select("n", "m")}
        yield lambda old=old, more=more: _looks(ss.refresh(MultinomialNB(), labelled, world.index, old, **more))
    yield lambda: refresh(counted, doubtful, world.index, on=ON)
    yield lambda: refresh(counted, {"a": rows, "b": rows}, world.index, on={"a": ON})
    yield lambda: refresh(counted, rows, world.index, on=ON, verify="sha256:0")
    yield lambda: refresh(lambda given: object() if given.height else None, rows, world.index, on=ON, model=PAYLOAD)
    yield lambda: refresh(lambda given: lambda: None, rows, world.index, on=ON, probe=rows)
    yield lambda: refresh(PAYLOAD, rows, world.index, on=ON)
    yield lambda: model_digest({SEALED: [PAYLOAD]})
    yield lambda: model_digest([PAYLOAD, (SEALED for _ in range(2))])


def _looks(done: Any) -> object:
    return done, done.report, done.model, vars(done.model) if hasattr(done.model, "classes_") else None


DRIVES = (fits, droppers, maskers, refreshed)
