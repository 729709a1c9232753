"""The sampler: which rows stay, and what is aligned with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn
from hypothesis import given, settings
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_validate
from sklearn.preprocessing import StandardScaler

import sealscrub as ss
from sealscrub.errors import UsageError
from sealscrub.transforms.sklearn import SealedRowDropper

from .arrests import FEATURES, ON, World, index, masks, world


@given(sealed=masks)
@settings(max_examples=25, deadline=None)
def test_what_stays_is_what_scrub_leaves(sealed: Any) -> None:
    here = World(sealed)
    dropper = SealedRowDropper(index(), ON)

    rows, target = dropper.fit_resample(here.frame, here.target)

    pd.testing.assert_frame_equal(rows, ss.scrub(here.frame, index(), ON))
    assert target.tolist() == here.clean(here.target).tolist()
    assert dropper.kept_indices_.tolist() == here.kept.tolist()


@pytest.mark.parametrize("build", [pl.from_pandas, pa.Table.from_pandas], ids=["polars", "pyarrow"])
def test_frames_come_back_as_they_were(build: Any) -> None:
    here = world()

    rows, target = SealedRowDropper(index(), ON).fit_resample(build(here.frame), pl.Series("y", here.target))

    assert rows.equals(ss.scrub(build(here.frame), index(), ON))
    assert target.to_list() == here.clean(here.target).tolist()
    assert isinstance(target, pl.Series)


def test_arrays_come_back_as_they_were() -> None:
    here = world()
    dropper = SealedRowDropper(index(), ON)

    rows, target = dropper.fit_resample(sparse.csr_array(here.features.to_numpy()), key=here.keys)

    assert target is None
    assert (rows != sparse.csr_array(here.features.to_numpy()[here.kept])).nnz == 0


def test_everything_beside_is_realigned() -> None:
    here = world()
    groups = pd.Series([f"g{at % 3}" for at in range(len(here.keys))], dtype="category", name="group")
    groups = groups.where(~here.sealed, None).cat.remove_unused_categories()
    several = pd.DataFrame({"a": here.target, "b": here.target + 1})

    rows, target, others = SealedRowDropper(index(), ON).fit_resample(
        here.frame, several, sample_weight=here.weight, groups=groups, note="kept as it is"
    )

    assert len(rows) == len(target) == len(here.kept)
    assert others["sample_weight"].tolist() == here.weight[here.kept].tolist()
    assert others["groups"].tolist() == groups.iloc[here.kept].tolist()
    assert others["groups"].name == "group"
    assert others["note"] == "kept as it is"


def test_levels_of_labels_that_only_sealed_rows_had_go() -> None:
    here = world()
    target = pd.Series(np.where(here.sealed, "only sealed", "other"), dtype="category")

    _, labels = SealedRowDropper(index(), ON).fit_resample(here.frame, target)

    assert labels.cat.categories.tolist() == ["other"]
    assert labels.index.equals(pd.RangeIndex(len(here.kept)))


@pytest.mark.parametrize("name", ["y", "key", "sample_weight"])
def test_what_is_of_another_length_is_refused(name: str) -> None:
    here = world()
    given_data: dict[str, Any] = {"X": here.features, "y": here.target, "key": here.keys, "sample_weight": here.weight}
    given_data[name] = given_data[name][1:]

    with pytest.raises(UsageError):
        SealedRowDropper(index(), ON).fit_resample(**given_data)


def test_in_a_pipeline_that_resamples() -> None:
    here = world()

    def pipeline(*first: Any) -> Any:
        features = make_column_transformer((StandardScaler(), FEATURES))
        return make_pipeline(*first, RandomOverSampler(random_state=0), features, LogisticRegression())

    sealed = pipeline(SealedRowDropper(index(), ON)).fit(here.frame, here.target)

    plain = pipeline().fit(ss.scrub(here.frame, index(), ON), here.clean(here.target))
    assert sealed[-1].coef_.tobytes() == plain[-1].coef_.tobytes()
    assert len(sealed.predict(here.frame)) == len(here.frame)


def test_keys_are_routed_through_such_a_pipeline() -> None:
    here = world()
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(SealedRowDropper(index(), ON), StandardScaler(), LogisticRegression())
        done = cross_validate(
            pipeline, here.features, here.target, cv=KFold(3), params={"key": here.keys}, return_estimator=True
        )

    for model, (train, _) in zip(done["estimator"], KFold(3).split(here.features), strict=True):
        kept = train[~here.sealed[train]]
        # columns as they lie in a new frame: those of a slice lie otherwise with pandas 2, and sums have other bits
        rows = pd.DataFrame({name: here.features[name].to_numpy()[kept] for name in here.features})
        plain = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, here.target[kept])
        assert model[-1].coef_.tobytes() == plain[-1].coef_.tobytes()
