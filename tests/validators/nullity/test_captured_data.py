"""Data that comes along with a function, and state that a session left in modules, is found by name."""

from __future__ import annotations

import base64
import functools
import json
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from sealscrub.validators.trial.closure_data import captured_data, fingerprints, session_state
from sealscrub.validators.trial.pickle_contents import carried_objects

TABLE = pl.DataFrame({"priors": [1, 2]})
RATES = {40: 0.5, 73: 0.25}
CHARGES = {"assault", "fraud"}
NAMES = ["a"]


class Step:
    def __init__(self, table: Any) -> None:
        self.table = table

    def __call__(self, arrests: Any) -> Any:
        return self._joined(arrests)

    def _joined(self, arrests: Any) -> Any:
        return arrests, RATES


def uses_a_table(arrests: Any) -> Any:
    return arrests, TABLE


def uses_a_helper(arrests: Any) -> Any:
    def inside() -> Any:
        return uses_a_table(arrests), CHARGES

    return inside()


def uses_nothing(arrests: Any) -> Any:
    return functools.reduce(lambda one, other: one + other, arrests)


def test_data_is_found_wherever_a_function_can_see_it() -> None:
    own = TABLE
    assert captured_data(lambda arrests: (arrests, own)) == ["own"]
    assert captured_data(uses_a_table) == ["TABLE"]
    assert captured_data(uses_a_helper) == ["TABLE"]
    assert captured_data(functools.partial(uses_nothing, own)) == ["partial argument 0"]
    assert captured_data(Step(own)) == ["self.table"]
    assert captured_data(Step(own).__call__) == ["self.table"]
    assert captured_data(Step(None)) == []
    assert captured_data(uses_nothing) == []


def test_state_of_modules_is_found_by_module_and_name() -> None:
    assert {name.partition(":")[2] for name in session_state(uses_a_helper)} == {"TABLE", "CHARGES"}
    assert {name.partition(":")[2] for name in session_state(Step(None))} == {"RATES"}
    assert session_state(uses_nothing) == {}


def test_fingerprints_hang_on_what_a_variable_holds_and_on_nothing_else() -> None:
    assert fingerprints({"a": {"x", "y"}}) == fingerprints({"a": {"y", "x"}})
    assert fingerprints({"a": {40: 0.5}}) != fingerprints({"a": {40: 0.25}})
    assert fingerprints({"a": TABLE}) == fingerprints({"a": TABLE.clone()})
    assert fingerprints({"a": TABLE}) != fingerprints({"a": TABLE.reverse()})


class Store:
    def __init__(self, table: Any) -> None:
        self.deeper = {"inside": [table]}


def _decorated(table: Any) -> Any:
    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(arrests: Any) -> Any:
            return function(arrests), table

        return wrapper

    return decorate(lambda arrests: arrests)


def _with_attribute(table: Any) -> Any:
    def function(arrests: Any) -> Any:
        return arrests, function.table

    function.table = table
    return function


def _of_a_class(table: Any) -> Any:
    class Own:
        held = table

        def __call__(self, arrests: Any) -> Any:
            return arrests, self.held

    return Own()


def _fitted() -> Any:
    return make_pipeline(LinearRegression()).fit(np.array([[1.0], [2.0]]), [1.0, 2.0])


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (functools.partial(uses_nothing, Store(TABLE)), "a DataFrame"),
        (_decorated(TABLE), "a DataFrame"),
        (_with_attribute(TABLE), "a DataFrame"),
        (_of_a_class(TABLE), "a DataFrame"),
        (functools.partial(uses_nothing, _fitted()), "a LinearRegression"),
        (functools.partial(uses_nothing, functools.partial(np.interp, xp=np.arange(9.0))), "a ndarray"),
        (functools.partial(uses_nothing, pickle.dumps(list(range(100)))), "bytes"),
    ],
    ids=["object", "decorator", "attribute", "class", "pipeline", "library", "bytes"],
)
def test_data_is_found_however_deep_it_lies_in_what_travels(function: Any, kind: str) -> None:
    assert any(kind in each for each in carried_objects(function, [])[0])


ROWS = {
    "table": "\n".join(f"{person},{person % 13}" for person in range(1000)),
    "numbers": json.dumps(list(range(1000))),
    "names": ";".join(f"Name{chr(65 + at % 26)}" for at in range(1000)),
    "encoded": base64.b64encode(bytes(range(256)) * 40).decode(),
}
PROSE = "SELECT what it says about a person FROM what everybody knows. " * 60


@pytest.mark.parametrize("text", ROWS.values(), ids=ROWS)
def test_a_text_of_rows_is_data(text: str) -> None:
    assert carried_objects(lambda arrests: text, []) == (["a long text"], [])
    written: dict[str, Any] = {}
    exec(f"def function(arrests):\n    return arrests, {text!r}", written)  # noqa: S102 - our own source
    assert carried_objects(written["function"], []) == (["a long text"], [])


def test_another_long_text_may_be_data() -> None:
    assert carried_objects(lambda arrests: PROSE, []) == ([], ["a long text"])


def test_types_times_and_chance_are_no_data() -> None:
    own: list[Any] = [pd.Timestamp("2024-01-01"), np.dtype("f4"), pl.col("age") > 3, pl.Datetime("us"), pl.Schema({})]
    own += [pa.schema([("a", pa.int64())]), pd.CategoricalDtype(["a", "b"]), np.random.RandomState(0)]
    own.append(own)

    def function(arrests: Any) -> Any:
        return arrests, own

    function.__doc__ = "Says much. " * 200
    assert captured_data(function) == []
    assert carried_objects(function, []) == ([], [])
