"""``assert_nullity`` of fits: a pipeline with one of the transforms passes, and the same without does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sealscrub.testing import NullityVerdict, assert_nullity, check_nullity
from sealscrub.transforms.sklearn import SealedFit

from .arrests import ON, index, world
from .estimators import ESTIMATORS, name_of, without_times

FEW = [LogisticRegression(), make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=0))]


def arrests() -> pd.DataFrame:
    """Give arrests with their labels, of which every fourth is sealed."""
    return world().frame.assign(rearrested=world().target)


def fits(estimators: list[Any], *, sealed: bool = True) -> Callable[[pd.DataFrame], dict[str, Any]]:
    """Give a function that fits each of the estimators on a table."""
    held = index()

    def fitted(table: pd.DataFrame) -> dict[str, Any]:
        done = {}
        for at, estimator in enumerate(estimators):
            rows, labels = table.drop(columns="rearrested"), table["rearrested"].to_numpy()
            if sealed:
                model: Any = SealedFit(clone(estimator), held, ON).fit(rows, labels)
                without_times(model.estimator_)
            else:
                model = without_times(clone(estimator).fit(rows.drop(columns="arrest_no"), labels))
            done[f"{at} {name_of(estimator)}"] = model
        return done

    return fitted


@pytest.mark.long
def test_sealed_fits_pass() -> None:
    assert_nullity(fits(FEW), arrests(), index(), ON, probe=world(3, 50).features, variants=("unseen",))


@pytest.mark.long
def test_sealed_fits_of_every_kind_pass() -> None:
    assert len(ESTIMATORS) > 30
    assert_nullity(fits(ESTIMATORS), arrests(), index(), ON, probe=world(3, 50).features)


@pytest.mark.long
def test_the_same_fits_without_it_are_told_one_by_one() -> None:
    report = check_nullity(fits(ESTIMATORS, sealed=False), arrests(), index(), ON, probe=world(3, 50).features)

    assert report.verdict is NullityVerdict.INTERFERENCE
    told = {name.partition(".")[0] for name in report.contaminated}
    assert told == {f"{at} {name_of(estimator)}" for at, estimator in enumerate(ESTIMATORS)}
