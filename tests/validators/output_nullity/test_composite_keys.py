"""Systems whose records are named by two columns, over data in which nothing is sealed: records are planted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.testing import OutputNullityVerdict, Probe, check_output_nullity

ON = {"person_arrest": "nysid+day"}
INDEX = example_index({"person_arrest": ["92345678A@2014-01-05"]})
DAYS = [date(2014, 1, 1) + timedelta(days=3 * at) for at in range(60)]
DATED = pl.DataFrame({"nysid": [f"{12345000 + at // 2}A" for at in range(60)], "day": DAYS, "age": [18, 25, 31] * 20})
FORMS = {
    "dates": DATED,
    "texts": DATED.with_columns(pl.col("day").dt.strftime("%Y-%m-%d")),
    "american": DATED.with_columns(pl.col("day").dt.strftime("%m/%d/%Y")),
    "pandas": DATED.to_pandas(),
    "arrow": DATED.to_arrow(),
}


def _arrests_of(records: Any, probe: Probe) -> Any:
    table = pl.from_pandas(records) if hasattr(records, "iloc") else pl.DataFrame(records)
    return table.filter(pl.col("nysid") == probe["nysid"]).select("age", pl.col("day").cast(pl.String)).to_dicts()


def _clean(records: Any) -> Any:
    return ss.scrub(records, INDEX, ON)


def _leaky(records: Any) -> Any:
    ss.scan(records, INDEX, ON)
    return records


@pytest.mark.parametrize("form", FORMS)
def test_a_clean_system_passes_and_a_leaky_one_does_not(form: str) -> None:
    options: dict[str, Any] = {"query": _arrests_of, "isolated": False, "variants": (), "targets": 2, "random": 2}
    clean = check_output_nullity(_clean, FORMS[form], INDEX, ON, **options)
    leaky = check_output_nullity(_leaky, FORMS[form], INDEX, ON, **options)

    assert clean.planted
    assert clean.verdict is OutputNullityVerdict.PASS, clean.to_text()
    assert leaky.verdict is OutputNullityVerdict.INTERFERENCE, leaky.to_text()
    assert {"entries", "length"} & set(leaky.channels)
