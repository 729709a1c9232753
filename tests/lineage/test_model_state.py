"""A digest tells any two models apart that differ in a bit, and none that do not."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import traceback
from collections import Counter
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from sealscrub.errors import UsageError
from sealscrub.lineage import model_digest


def test_a_digest_is_the_same_in_another_process_and_after_a_pickle() -> None:
    code = """
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sealscrub.lineage import model_digest
rows = np.arange(60.0).reshape(20, 3) % 7
print(model_digest([RandomForestClassifier(3, random_state=0).fit(rows, rows[:, 0] > 3), {"b", "a", "c"}]))
"""
    said = {subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()}
    rows = np.arange(60.0).reshape(20, 3) % 7
    model = [RandomForestClassifier(3, random_state=0).fit(rows, rows[:, 0] > 3), {"a", "b", "c"}]

    assert said == {model_digest(model)} == {model_digest(pickle.loads(pickle.dumps(model)))}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.0, -0.0),
        (1, True),
        (1, 1.0),
        ("1", 1),
        ([1], (1,)),
        ([[1], 2], [[1, 2]]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (np.zeros(2), np.zeros(2, np.float32)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.array([np.nan]), np.array([0.0])),
        (np.array(["a", None], object), np.array(["a", "None"], object)),
        (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[1, 0])),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})),
        (pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]})),
        (Counter("ab"), Counter("abb")),
        (LogisticRegression(C=1.0), LogisticRegression(C=2.0)),
        (len, sum),
        (lambda: 1, lambda: 2),
    ],
)
def test_what_differs_has_another_digest(one: Any, other: Any) -> None:
    assert model_digest(one) != model_digest(other)
    assert model_digest(one) == model_digest(one)
    if not callable(one):
        assert model_digest(one) == model_digest(copy.deepcopy(one))


def test_a_model_that_holds_itself_has_a_digest() -> None:
    loop: list[Any] = [1]
    loop.append(loop)

    assert model_digest(loop) == model_digest(pickle.loads(pickle.dumps(loop)))


def test_what_cannot_be_pickled_is_refused_without_showing_it() -> None:
    class Secretive:
        def __reduce__(self) -> Any:
            raise ValueError("Quillfeather")

    with pytest.raises(UsageError, match="Secretive") as caught:
        model_digest([Secretive()])

    assert "Quillfeather" not in "".join(traceback.format_exception(caught.value))


def test_the_digest_tells_what_joblib_tells() -> None:
    draws = np.random.default_rng(0).normal(size=(40, 2))
    models = [LogisticRegression().fit(draws[:rows], draws[:rows, 0] > 0) for rows in (20, 30, 30, 40)]

    assert [model_digest(models[1]) == model_digest(each) for each in models] == [
        joblib.hash(models[1]) == joblib.hash(each) for each in models
    ]
