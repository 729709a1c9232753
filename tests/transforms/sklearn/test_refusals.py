"""What is refused, by each of the three, before anything is fitted; and that no message shows a value."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sealscrub.datasets import example_index
from sealscrub.errors import (
    ColumnError,
    ConfigError,
    ExpiredIndex,
    LowCoverage,
    SchemeError,
    SealscrubError,
    UncheckedKeys,
    UnreadableInput,
    UnsuitableIndex,
    UsageError,
    WrongColumnError,
)
from sealscrub.identifiers import generate_keys, load_key, load_publisher
from sealscrub.index import Index, IndexFacts, open_index, write_index
from sealscrub.index import fitness as fitness_of_index
from sealscrub.matching import Policy
from sealscrub.transforms.sklearn import SealedFit, SealedRowDropper, SealedValueMasker

from .arrests import ON, index, world

KINDS: dict[str, Any] = {
    "SealedFit": lambda *given, **more: SealedFit(LogisticRegression(), *given, **more),
    "SealedRowDropper": SealedRowDropper,
    "SealedValueMasker": SealedValueMasker,
}
each = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@each
def test_another_use_is_refused(kind: Any) -> None:
    with pytest.raises(UnsuitableIndex, match="not for inference_input"):
        kind(index(), ON, use="inference_input").fit(world().frame, world().target)


@each
def test_a_scheme_that_the_index_does_not_hold_is_refused(kind: Any) -> None:
    with pytest.raises(UnsuitableIndex, match="nothing would be checked"):
        kind(index(), {"docket": "arrest_no"}).fit(world().frame, world().target)


@each
@pytest.mark.parametrize(
    ("on", "error"),
    [({"nysid": "arrest_no"}, SchemeError), ({}, ConfigError), ({"arrest_number": "absent"}, ColumnError)],
)
def test_keys_that_are_none_are_refused(kind: Any, on: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        kind(index(), on).fit(world().frame, world().target)


@each
@pytest.mark.parametrize("given", [None, "training.sealindex"])
def test_what_is_no_index_is_refused(kind: Any, given: Any) -> None:
    with pytest.raises(ConfigError, match="not an open index"):
        kind(given, ON).fit(world().frame, world().target)


@each
def test_what_is_no_policy_is_refused(kind: Any) -> None:
    with pytest.raises(ConfigError, match="not a Policy"):
        kind(index(), ON, policy="strict").fit(world().frame, world().target)


@pytest.mark.thinned(together=1)
@each
@pytest.mark.parametrize("bad", ["K14O00001", "no number"], ids=["near", "unparsable"])
def test_keys_that_could_not_be_checked_are_refused(kind: Any, bad: str) -> None:
    rows = world().frame
    rows.loc[1, "arrest_no"] = bad

    with pytest.raises(UncheckedKeys) as caught:
        kind(index(), ON).fit(rows, world().target)
    kind(index(), ON, policy=Policy(accept=frozenset({"near", "unparsable"}))).fit(rows, world().target)
    kind(index(), ON, policy=Policy(quarantine=True)).fit(rows, world().target)

    assert bad not in "".join(traceback.format_exception(caught.value))


def test_rows_that_could_not_be_checked_are_left_out_if_so_said() -> None:
    here = world()
    rows = here.frame
    rows.loc[1, "arrest_no"] = "K14O00001"

    fitted = SealedFit(LogisticRegression(), index(), ON, policy=Policy(quarantine=True)).fit(rows, here.target)

    kept = here.kept[here.kept != 1]
    plain = LogisticRegression().fit(here.features.iloc[kept], here.target[kept])
    assert fitted.coef_.tobytes() == plain.coef_.tobytes()


@each
def test_a_column_of_something_else_is_refused(kind: Any) -> None:
    rows = world().frame.assign(arrest_no="PETIT LARCENY")

    with pytest.raises(WrongColumnError) as caught:
        kind(index(), ON).fit(rows, world().target)

    assert "LARCENY" not in "".join(traceback.format_exception(caught.value))


@each
def test_keys_that_went_through_a_float_are_refused(kind: Any) -> None:
    with pytest.raises(WrongColumnError):
        kind(index(), ON).fit(world().features, world().target, key=np.arange(120.0))


@each
def test_a_low_coverage_is_refused(kind: Any) -> None:
    both = example_index({"arrest_number": ["K14600001"], "docket": ["2014BX012345"]})

    with pytest.raises(LowCoverage):
        kind(both, ON).fit(world().frame, world().target)


@each
def test_rows_without_keys_are_refused(kind: Any) -> None:
    with pytest.raises(ConfigError, match="nothing would be checked"):
        kind(index(), ON).fit(world().features.to_numpy(), world().target)
    with pytest.raises(ColumnError):
        kind(index(), ON).fit(world().features, world().target)


@each
def test_keys_that_are_given_twice_are_refused(kind: Any) -> None:
    with pytest.raises(ConfigError, match="given as key= too"):
        kind(index(), ON).fit(world().frame, world().target, key=world().keys)


@each
@pytest.mark.parametrize(
    "key",
    [["K14600001"] * 119, [["a", "b"]] * 120, "K14600001", {"arrest_no": ["K14600001"] * 120}, [b"x", 1] * 60],
    ids=["too few", "two columns", "a text", "a mapping", "mixed"],
)
def test_keys_in_a_wrong_shape_are_refused(kind: Any, key: Any) -> None:
    with pytest.raises(UsageError) as caught:
        kind(index(), ON).fit(world().features, world().target, key=key)

    assert "14600001" not in "".join(traceback.format_exception(caught.value))


@each
def test_one_array_is_not_enough_for_two_keys(kind: Any) -> None:
    two = example_index({"arrest_number": ["K14600001"], "docket": []})

    with pytest.raises(ConfigError, match="several key columns"):
        kind(two, {"arrest_number": ["a", "b"]}).fit(world().features, world().target, key=world().keys)


@each
def test_two_keys_of_which_one_is_a_column(kind: Any) -> None:
    here = world()
    rows = here.frame.assign(arrest_no="M14899999")
    estimator = kind(index(), {"arrest_number": ["arrest_no", "other"]})

    estimator.fit(rows, here.target, key=pl.DataFrame({"other": here.keys}))

    if isinstance(estimator, SealedFit):
        plain = LogisticRegression().fit(here.clean(here.features), here.clean(here.target))
        assert estimator.coef_.tobytes() == plain.coef_.tobytes()


@each
def test_a_lazy_frame_is_refused(kind: Any) -> None:
    with pytest.raises(SealscrubError):
        kind(index(), ON).fit(pl.from_pandas(world().frame).lazy(), world().target)


def expiring_index(folder: Path) -> Index:
    generate_keys(folder / "seal.key")
    key = load_key(folder / "seal.key").for_audience("police")
    today = fitness_of_index.the_day()
    facts = IndexFacts(
        uses=("training",),
        audience="police",
        registry="test",
        epoch=1,
        as_of=today - dt.timedelta(days=9),
        known_at=f"{today.isoformat()}T00:00:00Z",
        not_after=today - dt.timedelta(days=1),
        seals=0,
        coverage={},
        allow_empty=True,
    )
    write_index(folder / "old.sealindex", [], facts, load_publisher(folder / "seal.key.publisher"), audience_key=key)
    return open_index(folder / "old.sealindex", folder / "seal.key", today=today - dt.timedelta(days=2))


@each
def test_an_expired_index_is_refused_at_fit(kind: Any, tmp_path: Path) -> None:
    old = expiring_index(tmp_path)

    with pytest.raises(ExpiredIndex):
        kind(old, ON).fit(world().frame, world().target)


def test_an_expired_index_is_refused_by_a_masker_that_was_fitted(tmp_path: Path) -> None:
    masker = SealedValueMasker(index(), ON).fit(world().frame)

    with pytest.raises(ExpiredIndex):
        masker.set_params(index=expiring_index(tmp_path)).transform(world().frame)


def test_a_failed_fit_leaves_the_last_one() -> None:
    here = world()
    fitted = SealedFit(LogisticRegression(), index(), ON).fit(here.frame, here.target)
    before = fitted.estimator_

    with pytest.raises(ColumnError):
        fitted.fit(here.features, here.target)

    assert fitted.estimator_ is before


def test_a_kernel_between_rows_is_refused() -> None:
    with pytest.raises(ConfigError, match="between rows"):
        SealedFit(SVC(kernel="precomputed"), index(), ON).fit(np.eye(120), world().target, key=world().keys)


def test_rows_in_another_parameter_are_refused() -> None:
    here = world()

    for rows in ([(here.features, here.target)], here.features.iloc[:5], np.zeros(7)):
        with pytest.raises(UsageError, match="were not checked"):
            SealedFit(LogisticRegression(), index(), ON).fit(here.frame, here.target, eval_set=rows)


def test_an_error_of_the_estimator_knows_clean_rows_only() -> None:
    here = world()
    rows = here.frame.assign(hour=np.where(here.sealed, "QUILLFEATHER", "x"))

    with pytest.raises(ValueError, match="'x'") as caught:
        SealedFit(LogisticRegression(), index(), ON).fit(rows, here.target)

    assert "QUILLFEATHER" not in "".join(traceback.format_exception(caught.value))


def test_rows_left_out_that_cannot_be_transformed_are_not_shown() -> None:
    here = world()
    rows = here.frame.assign(hour=np.where(here.sealed, "QUILLFEATHER", "1.5"))

    with pytest.raises(UnreadableInput) as caught:
        SealedFit(StandardScaler(), index(), ON).fit_transform(rows)

    assert "QUILLFEATHER" not in "".join(traceback.format_exception(caught.value))


def test_without_scikit_learn_it_says_what_to_install() -> None:
    code = """
import sys
sys.modules["sklearn"] = None
from sealscrub.errors import MissingExtra
try:
    import sealscrub.transforms.sklearn
except MissingExtra as error:
    assert "sealscrub[sklearn]" in str(error)
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", code], check=True)
