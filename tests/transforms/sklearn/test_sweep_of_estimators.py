"""What other columns hold of sealed records keeps an estimator from a fit, as it keeps a scrub from writing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

import sealscrub as ss
from sealscrub.errors import SealedElsewhere, UncheckedKeys
from sealscrub.transforms.sklearn import SealedFit, SealedRowDropper, SealedValueMasker

from .arrests import ON, OPEN_NUMBERS, SEALED_NUMBERS, index


def frame(sealed: list[bool], notes: list[Any]) -> pd.DataFrame:
    keys = [SEALED_NUMBERS[at] if hit else OPEN_NUMBERS[at] for at, hit in enumerate(sealed)]
    return pd.DataFrame({"arrest_no": keys, "age": np.arange(20.0, 20 + len(keys)), "note": notes})


def dropped(rows: pd.DataFrame, **options: Any) -> Any:
    return SealedRowDropper(index(), ON, **options).fit_resample(rows)[0]


def masked(rows: pd.DataFrame, **options: Any) -> Any:
    masker = SealedValueMasker(index(), ON, ["age"], **options)
    return masker.fit(rows[~rows["arrest_no"].isin(SEALED_NUMBERS)]).transform(rows)


WAYS: dict[str, Callable[..., Any]] = {"row dropper": dropped, "value masker": masked}
ways = pytest.mark.parametrize("way", WAYS)
PLAIN = ["none", "theft", "none", "fraud"]
NAMED = ["none", f"see {SEALED_NUMBERS[7]}.", "none", "fraud"]


@ways
def test_a_row_that_stays_and_names_a_sealed_record_is_refused(way: str) -> None:
    with pytest.raises(SealedElsewhere, match="note") as refused:
        WAYS[way](frame([True, False, False, False], NAMED))

    assert SEALED_NUMBERS[7] not in f"{refused.value}{refused.value.hint}"
    assert len(WAYS[way](frame([True, False, False, False], PLAIN))) in (3, 4)


@ways
def test_what_the_refusal_advises_settles_it(way: str) -> None:
    rows = frame([False, False, False, False], NAMED)
    with pytest.raises(SealedElsewhere) as refused:
        WAYS[way](rows)

    assert "narrative=" not in refused.value.hint.replace(
        "ss.scrub(data, index, on, narrative={'note': 'sentence'})", ""
    )
    clean = ss.scrub(rows, index(), ON, narrative={"note": "sentence"}, accept_marks=["note"])
    assert len(WAYS[way](clean)) == len(rows)


def test_a_fit_is_refused_before_the_estimator_sees_a_row() -> None:
    seen: list[int] = []

    class Counting(LogisticRegression):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:  # noqa: N803
            seen.append(len(X))
            return super().fit(X[["age"]], y)

    target = np.array([0, 1, 0, 1])
    with pytest.raises(SealedElsewhere, match="note"):
        SealedFit(Counting(), index(), ON).fit(frame([True, False, False, False], NAMED), target)
    assert seen == []
    SealedFit(Counting(), index(), ON).fit(frame([True, False, False, False], PLAIN), target)
    assert seen == [3]


@ways
def test_it_passes_where_it_is_left_or_there_is_no_sweep(way: str) -> None:
    rows = frame([True, False, False, False], NAMED)

    for options in ({"sweep": False}, {"leave": {"note": "read by hand"}}):
        assert len(WAYS[way](rows, **options)) in (3, 4)


@ways
def test_what_could_not_be_told_from_an_id_is_not_checked(way: str) -> None:
    with pytest.raises(UncheckedKeys, match="note"):
        WAYS[way](frame([False] * 4, ["none", "K14600OO7", "none", "fraud"]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([*PLAIN, NAMED[1], None])), min_size=2, max_size=12))
def test_the_sampler_ends_as_a_scrub_does_and_as_without_the_sealed_rows(drawn: list[tuple[bool, str | None]]) -> None:
    rows = frame([sealed for sealed, _ in drawn], [note for _, note in drawn])
    stays = rows[~rows["arrest_no"].isin(SEALED_NUMBERS)].reset_index(drop=True)

    ended = [outcome(dropped, rows), outcome(dropped, stays), outcome(lambda data: ss.scrub(data, index(), ON), rows)]

    assert ended[0] == ended[1] == ended[2]
    assert (ended[0] == "refused") == any(note == NAMED[1] and not sealed for sealed, note in drawn)


def outcome(way: Callable[[pd.DataFrame], Any], rows: pd.DataFrame) -> Any:
    try:
        return way(rows).to_csv()
    except SealedElsewhere:
        return "refused"


def test_an_array_has_no_names_and_is_not_compared() -> None:
    features = np.array([[1.0], [2.0], [14600007.0]])
    keys = pd.DataFrame({"arrest_no": OPEN_NUMBERS[:3]})

    assert len(SealedRowDropper(index(), ON).fit_resample(features, key=keys)[0]) == 3
