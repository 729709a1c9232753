"""The checks on PySpark, whose errors pandera notes down and does not raise."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from sealscrub.datasets import example_index

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("pandera.pandas", reason="the extra pandera is not installed")
    pytest.importorskip("pyspark.sql")
    pas = pytest.importorskip(
        "pandera.pyspark", exc_type=ImportError, reason="pyspark.pandas, which it imports, is not for this pandas"
    )

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]

SEALED, OTHER, NEAR = "K14618033", "M14000017", "K14O18O39"
INDEX = example_index([SEALED])


@pytest.mark.parametrize("way", ["column", "table"])
def test_sealed_and_unchecked_keys_fail_and_no_value_is_shown(spark: Any, way: str) -> None:
    from pyspark.sql.types import StringType

    from sealscrub.pandera import MaskedSchemaError, no_sealed_records, not_sealed, validate

    column = pas.Column(StringType(), checks=not_sealed(INDEX, "arrest_number") if way == "column" else None)
    checks = no_sealed_records(INDEX, {"arrest_number": "the no"}) if way == "table" else None
    schema = pas.DataFrameSchema({"the no": column}, checks=checks)

    def frame(*ids: str) -> Any:
        return spark.createDataFrame([(each, "other") for each in ids], "`the no` string, words string")

    assert validate(schema, frame(OTHER)).count() == 1
    for wrong in (SEALED, NEAR):
        with pytest.raises(MaskedSchemaError) as refused:
            validate(schema, frame(OTHER, wrong))
        assert wrong not in str(refused.value)
        assert refused.value.data is None
        noted = schema.validate(frame(OTHER, wrong))
        assert noted.pandera.errors
        assert wrong not in str(dict(noted.pandera.errors))
