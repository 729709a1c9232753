"""Explanations of, by and against sealed records."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, Refused, UncheckedKeys, UsageError
from sealscrub.filters import check_background, guard_explanation
from sealscrub.matching import Policy

ARRESTS = [f"M14{at:06d}" for at in range(1, 21)]
SEALED = set(ARRESTS[::3])
CLEAN = [each for each in ARRESTS if each not in SEALED]
INDEX = example_index(SEALED)
ON = {"arrest_number": "arrest"}

case = st.sampled_from(ARRESTS)
records = st.lists(
    st.fixed_dictionaries(
        {"arrest": case, "weights": st.lists(st.tuples(st.sampled_from(["age", "sex"]), st.floats(-1, 1)), max_size=2)},
        optional={
            "within": st.lists(st.tuples(case, st.floats(0, 1)), max_size=4),
            "alike": st.lists(st.fixed_dictionaries({"arrest": case, "far": st.floats(0, 1)}), max_size=3),
        },
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(records)
def test_explanations_are_those_of_the_world_without(records: Any) -> None:
    """From lists that are complete by their own rule single cases go; the model would find the others all the same."""
    never = [
        record
        | {
            name: [each for each in record[name] if key(each) not in SEALED]
            for name, key in CASES.items()
            if name in record
        }
        for record in records
        if record["arrest"] not in SEALED
    ]

    assert guard_explanation(records, INDEX, ON, complete=list(CASES)) == never


CASES: dict[str, Any] = {"within": lambda each: each[0], "alike": lambda each: each["arrest"]}


@settings(max_examples=60, deadline=None)
@given(records)
def test_a_list_that_would_be_shorter_is_refused(records: Any) -> None:
    left = [record for record in records if record["arrest"] not in SEALED]
    hit = any(key(each) in SEALED for record in left for name, key in CASES.items() for each in record.get(name, ()))
    if hit:
        with pytest.raises(Refused) as caught:
            guard_explanation(records, INDEX, ON, examples=list(CASES))
        assert not any(arrest in str(caught.value) for arrest in ARRESTS)
    else:
        assert guard_explanation(records, INDEX, ON, examples=list(CASES)) == left


@pytest.mark.parametrize(
    "examples", [ARRESTS[0], (ARRESTS[0], 0.3), {"arrest": ARRESTS[0]}, [CLEAN[0], ARRESTS[0]], np.array([ARRESTS[0]])]
)
def test_examples_of_every_form(examples: Any) -> None:
    record = {"arrest": CLEAN[1], "prototype": examples}
    with pytest.raises(Refused):
        guard_explanation(record, INDEX, ON, examples=["prototype"])
    assert guard_explanation({"prototype": CLEAN[0], "of": "a question"}, INDEX, ON, examples=["prototype"])


def test_one_record_that_is_gone_is_refused_like_an_unknown_one() -> None:
    said = []
    for arrest in (ARRESTS[0], "K19000001"):
        with pytest.raises(Refused) as caught:
            guard_explanation({"arrest": arrest}, INDEX, ON, known=ARRESTS)
        said.append(str(caught.value))

    assert len(set(said)) == 1
    assert guard_explanation({"arrest": CLEAN[0], "n": 1}, INDEX, ON, known=ARRESTS) == {"arrest": CLEAN[0], "n": 1}


def test_what_nobody_named_is_refused() -> None:
    nested = {"arrest": CLEAN[0], "why": {"cases": [{"arrest": CLEAN[1]}]}}
    for record, options, error in (
        (nested, {}, ConfigError),
        ({"arrest": CLEAN[0]}, {"examples": "cases"}, ConfigError),
        ({"arrest": CLEAN[0], "a": []}, {"examples": ["a"], "complete": ["a"]}, ConfigError),
        ({"n": 1}, {}, UncheckedKeys),
        ({"arrest": None}, {}, UncheckedKeys),
        ({"arrest": "M14O00007"}, {}, UncheckedKeys),
        ({"arrest": 1.5}, {}, UsageError),
        ({"arrest": CLEAN[0], "a": [None]}, {"examples": ["a"]}, UncheckedKeys),
    ):
        with pytest.raises(error):
            guard_explanation([record], INDEX, ON, **options)
    assert guard_explanation([{"arrest": None}], INDEX, ON, policy=Policy(quarantine=True)) == []


@pytest.mark.long  # the import of shap takes a quarter of a minute
def test_explanations_of_shap() -> None:
    shap = pytest.importorskip("shap")
    draw = np.random.default_rng(0)
    x = draw.normal(size=(len(ARRESTS), 3))
    keys = pl.DataFrame({"arrest": ARRESTS})
    stays = [at for at, each in enumerate(ARRESTS) if each not in SEALED]
    background = check_background(x[stays], INDEX, ON, keys=keys[stays])
    explainer = shap.Explainer(lambda rows: rows @ np.array([1.0, 2.0, 3.0]), background, seed=0)
    guarded = guard_explanation(explainer(x), INDEX, ON, keys=keys)
    never = explainer(x[stays])

    assert type(guarded) is shap.Explanation
    for part in ("values", "base_values", "data"):
        assert np.allclose(getattr(guarded, part), getattr(never, part))
    assert guarded.feature_names == never.feature_names
    assert guarded.values.tobytes() == explainer(x).values[stays].tobytes()
    with pytest.raises(Refused):
        guard_explanation(explainer(x)[0], INDEX, ON, keys=keys[:1])
    with pytest.raises(ConfigError):
        guard_explanation(explainer(x), INDEX, ON)
    with pytest.raises(UsageError):
        guard_explanation(explainer(x), INDEX, ON, keys=keys[:3])


def test_arrays_and_tables() -> None:
    keys = pl.DataFrame({"arrest": ARRESTS, "age": range(len(ARRESTS))})
    left = keys.filter(~pl.col("arrest").is_in(SEALED))
    values = np.arange(40.0).reshape(20, 2)

    assert guard_explanation(keys, INDEX, ON).equals(left)
    assert guard_explanation(keys.to_pandas(), INDEX, ON).equals(left.to_pandas())
    assert guard_explanation(values, INDEX, ON, keys=keys).tolist() == values[left["age"].to_numpy()].tolist()
    for wrong in ("text", 5):
        with pytest.raises(UsageError):
            guard_explanation(wrong, INDEX, ON, keys=keys)
    with pytest.raises(ConfigError):
        guard_explanation(keys, INDEX, ON, examples=["age"])


def test_a_background_with_sealed_rows_is_refused() -> None:
    rows = pl.DataFrame({"arrest": ARRESTS, "age": 1.0})
    clean = rows.filter(~pl.col("arrest").is_in(SEALED))
    for frame in (clean, clean.to_pandas(), clean.to_arrow()):
        assert check_background(frame, INDEX, ON) is frame
    for frame in (rows, rows.to_pandas(), rows.to_arrow()):
        with pytest.raises(Refused) as caught:
            check_background(frame, INDEX, ON)
        assert not any(arrest in str(caught.value) for arrest in ARRESTS)
    with pytest.raises(UsageError):
        check_background(np.ones((3, 1)), INDEX, ON, keys=clean)
    with pytest.raises(UncheckedKeys):
        check_background(rows.with_columns(arrest=pl.lit(None, pl.String)), INDEX, ON)
