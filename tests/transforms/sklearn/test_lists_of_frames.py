"""Lists of levels in frames that transforms return, or give to an estimator, name no sealed record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator

from sealscrub.errors import UsageError
from sealscrub.transforms.sklearn import SealedFit, SealedRowDropper, SealedValueMasker

from ..arrests import CLEAR, ON, SEALED, index
from ..test_level_lists import BARRED, arrow_dictionaries, dump, pandas_arrow, pandas_categories, polars_enums

ROWS = [(SEALED[0], "a"), (CLEAR[0], "b"), (CLEAR[1], "a"), (SEALED[3], "c")]
FRAMES = {
    "polars": polars_enums,
    "pyarrow": arrow_dictionaries,
    "pandas": pandas_categories,
    "pandas[pyarrow]": pandas_arrow,
}
frames = pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)


class Seen(BaseEstimator):
    """An estimator that keeps what it is fitted on."""

    def fit(self, X: Any, y: Any = None) -> Seen:  # noqa: N803 - scikit-learn's name
        self.seen_ = X, y
        return self


def named(data: Any) -> list[str]:
    return [key for key in BARRED if key in dump(data)]


@frames
def test_what_a_dropper_gives(frame: Any) -> None:
    target = pl.Series(["a", "b", "a", "c"], dtype=pl.Enum(["a", "b", "c", SEALED[1]]))

    rows, y = SealedRowDropper(index(), ON).fit_resample(frame(ROWS), target)

    assert named(rows) == []
    assert [key for key in CLEAR[2:] if key in dump(rows)] == []
    assert y.dtype == pl.Enum(["a", "b", "c"])


@frames
def test_what_an_estimator_is_fitted_on(frame: Any) -> None:
    target = pd.Series(pd.Categorical(["a", "b", "a", "c"], ["a", "b", "c", SEALED[1]]))

    rows, y = SealedFit(Seen(), index(), ON).fit(frame(ROWS), target).seen_

    assert named(rows) == []
    assert list(y.cat.categories) == ["a", "b"]


@frames
@pytest.mark.parametrize("columns", [None, ["arrest_no"]])
def test_what_a_masker_gives(frame: Any, columns: list[str] | None) -> None:
    if frame is pandas_categories:
        columns = ["arrest_no"]

    made = SealedValueMasker(index(), ON, columns).fit_transform(frame(ROWS))

    assert named(made) == []


@frames
def test_levels_of_a_key_column_cannot_be_kept(frame: Any) -> None:
    with pytest.raises(UsageError, match="key column"):
        SealedValueMasker(index(), ON, ["name"], keep_levels=["arrest_no"]).fit_transform(frame(ROWS))


def test_levels_of_rows_that_stay_are_kept() -> None:
    rows, _ = SealedRowDropper(index(), ON).fit_resample(polars_enums(ROWS), np.zeros(4))

    assert rows["name"].dtype == pl.Enum(["a", "b", "c"])
    assert rows["arrest_no"].dtype == pl.Enum(CLEAR[:2])
