"""Data that comes along with a function, and state that a session left in modules, is found by name."""

from __future__ import annotations

import functools
from typing import Any

import polars as pl

from sealscrub.validators.nullity.captured import captured_data, fingerprints, session_state

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
