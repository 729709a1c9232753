"""Nothing that is shown about a column shows a value of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import polars as pl
import pytest

from sealscrub.identifiers import canonicalise, canonicalise_parts, digest_column

CANARY = "K14999123"
FORMS = [CANARY, "K14-999123", "14999123", "999123"]


def shown(act: Callable[[], object]) -> str:
    """Representation of what an act gives, or everything that its error says."""
    try:
        result = act()
    except Exception as error:
        chain = "".join(traceback.format_exception(error))
        return f"{chain}{error!r}{error}{error.args!r}{vars(error)!r}"
    return f"{result!r}{result}"


COLUMNS = [
    pl.Series("C", [CANARY, "K14-999123", "999123"]),
    pl.Series("C", [CANARY], dtype=pl.Categorical),
    pl.Series("C", [14999123, 999123]),
    pl.Series("C", [14999123.0]),
    pl.Series("C", [CANARY.encode(), CANARY.encode() + b"\xff"]),
    pl.Series("C", [[CANARY]]),
    pl.Series("C", [{"K": CANARY}]),
    pl.Series("C", [(CANARY,)], dtype=pl.Object),
    pl.Series("C", [(1, 14999123)], dtype=pl.Array(pl.Int64, 2)),
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.dtype.base_type()))
@pytest.mark.parametrize("scheme", ["arrest_number", "opaque:a", "person_arrest", "docket"])
def test_no_outcome_of_a_column_shows_its_values(column: pl.Series, scheme: str) -> None:
    person = pl.Series(["12345678A"] * len(column))
    said = [
        shown(lambda: canonicalise(column, scheme)),
        shown(lambda: canonicalise_parts({"nysid": person, "date": column}, "person_arrest")),
        shown(lambda: canonicalise_parts({"nysid": column, "date": column}, "person_arrest")),
        shown(lambda: digest_column(column.head(1), b"short")),
    ]
    assert not [form for form in FORMS for text in said if form in text]
