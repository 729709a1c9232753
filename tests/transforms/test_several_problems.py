"""A scrub that is refused for several reasons says so, and its error lists them all."""

from __future__ import annotations

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import IncompleteError

ON = {"arrest_number": "arrest_no"}


@pytest.mark.parametrize("named", [0, 1, 3])
def test_the_error_counts_and_lists_what_is_wrong(named: int, capsys: pytest.CaptureFixture[str]) -> None:
    columns = {f"column {at}": ["K14612345", "x", "K14612345"] for at in range(named)}
    data = pl.DataFrame({"arrest_no": ["M14000016", None, "M14000017"], **columns})

    with pytest.raises(IncompleteError) as refused:
        ss.scrub(data, example_index(["K14612345"]), ON)

    error = refused.value
    assert (f"the first of {named + 1} problems" in str(error)) == (named > 0)
    assert (f"the first of {named + 1} problems: the report lists them" in error.in_shell()) == (named > 0)
    assert error.report is not None
    error.report.show(counts=True)
    shown = capsys.readouterr().out
    assert all(f"'{each}'" in shown for each in columns)
    assert "K14612345" not in shown + str(error)
