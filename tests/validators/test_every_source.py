"""Suites of Great Expectations and schemas of pandera take data of every kind, or refuse it and say what to give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import UsageError
from sealscrub.index import Index

from ..lineage.tracking import ON, OPEN, SEALED, rows
from ..tables.row_sources import KINDS, row_sources

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return example_index(SEALED, folder=tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module", params=["clean", "sealed"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    held = rows(*OPEN[:9], SEALED[0] if request.param == "sealed" else OPEN[9])
    with row_sources(tmp_path_factory.mktemp("sources") / request.param, held) as folder:
        yield folder


def by_suite(data: Any, index: Index) -> bool:
    pytest.importorskip("great_expectations", reason="the extra gx is not installed")
    from sealscrub.gx import ExpectNoSealedRecords, run_suite

    return run_suite([ExpectNoSealedRecords(on=ON)], data, index=index).success


def by_schema(library: str) -> Callable[[Any, Index], bool]:
    def passes(data: Any, index: Index) -> bool:
        pytest.importorskip(f"pandera.{library}", reason="the extra pandera is not installed")
        import pandera.pandas
        import pandera.polars

        from sealscrub.pandera import MaskedSchemaError, no_sealed_records, validate

        schema = getattr(pandera, library).DataFrameSchema(checks=no_sealed_records(index, ON))
        try:
            validate(schema, data)
        except MaskedSchemaError as error:
            assert str(error) == "the frame fails dataframe_check"  # noqa: PT017
            return False
        return True

    return passes


WAYS = {"a suite": by_suite, "a schema of polars": by_schema("polars"), "a schema of pandas": by_schema("pandas")}
NAMED = {*KINDS} - {"a lazy frame", "a batch", "a dataset", "a relation", "pandas", "polars", "pyarrow", "a folder"}
TAKEN = {
    "a suite": NAMED | {"pandas", "polars", "pyarrow", "a batch"},
    "a schema of polars": NAMED | {"polars", "a lazy frame"},
    "a schema of pandas": NAMED | {"pandas"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_data_of_every_kind_is_checked_or_refused_by_name(place: Path, index: Index, way: str, kind: str) -> None:
    data = KINDS[kind](place)
    if kind in TAKEN[way]:
        assert WAYS[way](data, index) is (place.name == "clean")
        return
    with pytest.raises(UsageError) as refused:
        WAYS[way](data, index)
    assert refused.value.hint
    assert kind == "a folder" or type(data).__qualname__ in str(refused.value)
