"""Schemas with our checks and types: lazy frames are looked at, and no error shows a value."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pandas as pd
import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, SealscrubError, UnsuitableIndex
from sealscrub.matching import Policy

with warnings.catch_warnings():  # Spark's, where it is installed
    warnings.simplefilter("ignore")
    pytest.importorskip("pandera.pandas", reason="the extra pandera is not installed")

import pandera.pandas as pap
import pandera.polars as pal
from pandera.config import ValidationDepth, config_context, get_config_global
from pandera.errors import SchemaError, SchemaErrors

from sealscrub.pandera import MaskedSchemaError, no_sealed_records, not_sealed, record_key, validate

SEALED, OTHER, NEAR = "K14618033", "M14000017", "K14O18O39"
INDEX = example_index([SEALED], withheld=["M15141592"])
FRAMES = [(pap, pd.DataFrame), (pal, pl.DataFrame), (pal, pl.LazyFrame)]
WAYS = ("type", "model", "check", "table")


@pytest.fixture(autouse=True)
def depth() -> Iterator[None]:
    kept = get_config_global().validation_depth
    yield
    get_config_global().validation_depth = kept


def schema(library: Any, way: str, **options: Any) -> Any:
    if way == "table":
        return library.DataFrameSchema(checks=no_sealed_records(INDEX, {"arrest_number": "no"}, **options))
    if way == "check":
        return library.DataFrameSchema({"no": library.Column(checks=not_sealed(INDEX, "arrest_number", **options))})
    name = "pandas" if library is pap else "polars"
    kind = record_key(INDEX, "arrest_number", library=name, **options)
    if way == "type":
        return library.DataFrameSchema({"no": library.Column(kind)})
    return type("Arrests", (library.DataFrameModel,), {"__annotations__": {"no": kind}, "__module__": __name__})


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize(("library", "container"), FRAMES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lazy", [False, True])
def test_sealed_withheld_and_unchecked_keys_fail(library: Any, container: Any, way: str, lazy: bool) -> None:
    asked = schema(library, way)

    asked.validate(container({"no": [OTHER], "n": [1]}), lazy=lazy)
    for number in (SEALED, "M15141592", NEAR, "no number"):
        with pytest.raises((SchemaError, SchemaErrors)):
            asked.validate(container({"no": [OTHER] * 30 + [number], "n": range(31)}), lazy=lazy)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(("library", "container"), FRAMES)
@pytest.mark.parametrize("way", WAYS)
def test_values_that_do_not_parse_are_swept_where_they_are_accepted(library: Any, container: Any, way: str) -> None:
    asked = schema(library, way, policy=Policy(accept={"unparsable"}, max_unparsable=1))

    asked.validate(container({"no": [OTHER, "no number", f"{OTHER}; {OTHER}"]}))
    with pytest.raises((SchemaError, SchemaErrors)):
        asked.validate(container({"no": [OTHER, f"{OTHER}; {SEALED}"]}))


@pytest.mark.parametrize(("library", "container"), FRAMES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lazy", [False, True])
def test_no_error_shows_a_value(library: Any, container: Any, way: str, lazy: bool) -> None:
    with pytest.raises((SchemaError, SchemaErrors)) as caught:
        schema(library, way).validate(container({"no": [OTHER, SEALED]}), lazy=lazy)

    shown = f"{caught.value} {caught.value!r} {caught.value.failure_cases} {caught.value.args}"
    assert SEALED not in shown
    assert OTHER not in shown


@pytest.mark.parametrize(("library", "container"), FRAMES)
def test_a_type_raises_an_error_without_the_frame(library: Any, container: Any) -> None:
    with pytest.raises(MaskedSchemaError, match="column 'no' holds sealed or withheld records") as caught:
        schema(library, "type").validate(container({"no": [OTHER, SEALED]}))

    assert caught.value.data is None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandera says that its errors lose what they hold
        assert SEALED.encode() not in pickle.dumps(caught.value)


def test_a_type_is_looked_at_where_only_the_schema_is() -> None:
    asked = schema(pal, "type")

    with config_context(validation_depth=ValidationDepth.SCHEMA_ONLY), pytest.raises(MaskedSchemaError):
        asked.validate(pl.LazyFrame({"no": [SEALED]}))


@pytest.mark.parametrize("name", ["PANDERA_VALIDATION_DEPTH=SCHEMA_ONLY", "PANDERA_VALIDATION_ENABLED=False"])
def test_a_setting_that_switches_checks_off_is_refused(name: str) -> None:
    variable, _, value = name.partition("=")
    code = (
        "from sealscrub.datasets import example_index\nfrom sealscrub.errors import ConfigError\n"
        "from sealscrub.pandera import no_sealed_records\n"
        "try: no_sealed_records(example_index(['K14618033']), {'arrest_number': 'no'})\n"
        "except ConfigError: print('refused')"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
    )

    assert done.stdout == "refused\n"


@pytest.mark.parametrize(("library", "container"), FRAMES)
@pytest.mark.parametrize("way", WAYS)
def test_no_row_is_dropped_and_no_sealed_one_passes(library: Any, container: Any, way: str) -> None:
    """A schema that drops rows lets no sealed or unchecked one pass by pandera itself, and ours refuses it."""
    asked = schema(library, way)
    asked = asked.to_schema() if way == "model" else asked
    asked.drop_invalid_rows = True
    beside = library.DataFrameSchema(
        {"n": library.Column(checks=library.Check.gt(1))}, drop_invalid_rows=True, checks=asked.checks
    )
    beside.columns.update(asked.columns)
    for each in (asked, beside):
        for number in (SEALED, NEAR):
            data = container({"no": [OTHER] * 30 + [number], "n": range(31)})
            with pytest.raises((ConfigError, SchemaErrors, TypeError)) as caught:  # the last is pandas'
                each.validate(data, lazy=True)
            assert number not in str(caught.value)
            with pytest.raises(ConfigError, match="drops rows"):
                validate(each, data, lazy=True)


def test_validate_refuses_columns_and_models_that_drop_rows() -> None:
    for library, container in FRAMES:
        column = library.DataFrameSchema({"no": library.Column(drop_invalid_rows=True)})
        config = type("Config", (), {"drop_invalid_rows": True})
        model = type("M", (library.DataFrameModel,), {"__annotations__": {"no": str}, "Config": config})
        for each in (column, model):
            with pytest.raises(ConfigError, match="drops rows"):
                validate(each, container({"no": [OTHER]}), lazy=True)
    index = pap.DataFrameSchema(index=pap.MultiIndex([pap.Index(str, name="no", drop_invalid_rows=True)]))
    with pytest.raises(ConfigError, match="drops rows"):
        validate(index, pd.DataFrame({"no": [OTHER]}).set_index("no"))


def test_other_checks_are_masked_by_validate() -> None:
    for library, container in FRAMES:
        asked = library.DataFrameSchema(
            {"no": library.Column(checks=library.Check.isin([OTHER])), "n": library.Column(checks=library.Check.gt(5))}
        )
        data = container({"no": [SEALED], "n": [2718281828 % 5]})
        for lazy in (False, True):
            with pytest.raises(MaskedSchemaError, match="column 'no' fails dataframe_check") as caught:
                validate(asked, data, lazy=lazy)
            assert SEALED not in f"{caught.value} {caught.value!r} {caught.value.__dict__}"
            assert caught.value.__cause__ is None
        assert validate(asked, container({"no": [OTHER], "n": [6]})) is not None


def test_validate_looks_at_values_whatever_the_context_says() -> None:
    asked = schema(pal, "check")
    get_config_global().validation_depth = None

    with pytest.raises(MaskedSchemaError):
        validate(asked, pl.LazyFrame({"no": [SEALED]}))
    with config_context(validation_depth=ValidationDepth.SCHEMA_ONLY), pytest.raises(ConfigError):
        validate(asked, pl.LazyFrame({"no": [SEALED]}))


def test_wrong_use_is_an_error_at_once() -> None:
    for make in (
        lambda: record_key(INDEX, "docket", library="polars"),
        lambda: not_sealed(INDEX, "docket"),
        lambda: not_sealed(INDEX, "arrest_number", use="aggregate_report"),
    ):
        with pytest.raises(UnsuitableIndex):
            make()
    with pytest.raises(ConfigError):
        record_key(INDEX, "arrest_number", library="dplyr")
    with pytest.raises(SealscrubError):
        not_sealed(INDEX, "no scheme")


@pytest.mark.parametrize(("library", "container"), FRAMES)
def test_a_check_in_the_wrong_place_fails(library: Any, container: Any) -> None:
    data = container({"no": [OTHER]})

    with pytest.raises(SchemaError):
        library.DataFrameSchema(checks=not_sealed(INDEX, "arrest_number")).validate(data)
    with pytest.raises(SchemaError):
        library.DataFrameSchema(checks=no_sealed_records(INDEX, {"arrest_number": "absent"})).validate(data)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error, and whatever depends on it."""
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__)


def fails(data: Any, *_: Any) -> Any:
    rows = getattr(data, "lazyframe", data)
    raise ValueError(f"cannot read {rows.collect() if hasattr(rows, 'collect') else rows}")


def failing(library: Any, where: str) -> Any:
    """A schema that fails: by its code in some place, or over the values of a column."""
    check = library.Check(fails)
    return {
        "a parser of the frame": lambda: pap.DataFrameSchema(parsers=pap.Parser(fails)),
        "a parser of a column": lambda: pap.DataFrameSchema({"no": pap.Column(parsers=pap.Parser(fails))}),
        "a check of the frame": lambda: library.DataFrameSchema(checks=check),
        "a check of a column": lambda: library.DataFrameSchema({"no": library.Column(checks=check)}),
        "a value": lambda: library.DataFrameSchema({"no": library.Column(checks=library.Check.isin([OTHER]))}),
        "a type": lambda: library.DataFrameSchema({"no": library.Column(int, coerce=True)}),
        "an absent column": lambda: library.DataFrameSchema({"other": library.Column()}),
        "our check": lambda: schema(library, "check"),
        "our type": lambda: schema(library, "type"),
    }[where]()


@pytest.mark.parametrize(("library", "container"), FRAMES)
@pytest.mark.parametrize(
    "where",
    [
        *("a parser of the frame", "a parser of a column", "a check of the frame", "a check of a column"),
        *("a value", "a type", "an absent column", "our check", "our type"),
    ],
)
@pytest.mark.parametrize("lazy", [False, True])
def test_no_error_of_a_schema_holds_a_value_or_the_frame(library: Any, container: Any, where: str, lazy: bool) -> None:
    if "parser" in where and library is not pap:
        pytest.skip("pandera has parsers for pandas alone")

    with pytest.raises(MaskedSchemaError) as caught:
        validate(failing(library, where), container({"no": [OTHER, SEALED], "n": [1, 2]}), lazy=lazy)

    for error in chain(caught.value):
        assert SEALED not in f"{error!r} {error} {error.args} {vars(error)}"
        assert not any(isinstance(value, pd.DataFrame | pl.DataFrame | pl.LazyFrame) for value in vars(error).values())


def test_code_of_a_schema_that_fails_is_named_by_its_kind() -> None:
    with pytest.raises(MaskedSchemaError, match=r"could not be applied \(ValueError\)"):
        validate(failing(pap, "a parser of the frame"), pd.DataFrame({"no": [SEALED]}))
