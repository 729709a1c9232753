"""Verdicts and counts against a naive reader, row by row."""

from __future__ import annotations

import itertools
import threading
import traceback
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.errors import ColumnError, CorruptIndex, LowCoverage, UncheckedKeys, UnsuitableIndex, WrongColumnError
from sealscrub.index import Index, open_index
from sealscrub.matching import KeyColumn, Policy, TableMatcher, Verdicts, parse_on

from ..index.custodian import Custodian
from .tables import ARRESTS, DOCKETS, IDS, Value

KEYS = {
    "A": ("arrest_number", ARRESTS),
    "I": ("opaque:a", IDS),
    "D": ("docket", DOCKETS),
    "B": ("arrest_number", ARRESTS),
}
Row = tuple[Value, ...]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[Row]]:
    columns = draw(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=4, unique=True))
    rows = draw(st.lists(st.tuples(*(st.sampled_from(KEYS[column][1]) for column in columns)), max_size=25))
    return columns, rows


policies = st.builds(
    Policy,
    allow=st.sampled_from(["", "withheld"]),
    accept=st.sets(st.sampled_from(["near", "unparsable", "null"])),
    quarantine=st.booleans(),
)


def frame(columns: Sequence[str], rows: Sequence[Row]) -> pl.DataFrame:
    return pl.DataFrame(
        {column: [row[at].raw for row in rows] for at, column in enumerate(columns)},
        schema=dict.fromkeys(columns, pl.String),
    )


def matcher(index: Index, columns: Sequence[str], policy: Policy | None = None) -> TableMatcher:
    return TableMatcher(index, [KeyColumn(KEYS[column][0], (column,)) for column in columns], policy, "arrests.csv")


def naive(row: Row, policy: Policy) -> tuple[bool, bool, bool]:
    matched = any(value.reason == 1 or (value.reason == 2 and not policy.allow) for value in row)
    doubts = {"near": "near", "unparsable": "unparsable", "damaged": "unparsable"}
    doubtful = any(value.status in doubts and doubts[value.status] not in policy.accept for value in row)
    without_key = all(value.status == "null" for value in row) and "null" not in policy.accept
    unchecked = (doubtful and not matched) or without_key
    return matched, unchecked, not matched and not (policy.quarantine and unchecked)


def as_rows(verdicts: Verdicts) -> list[tuple[bool, bool, bool]]:
    return list(zip(verdicts.matched.tolist(), verdicts.unchecked.tolist(), verdicts.keep.tolist(), strict=True))


def counts(columns: Sequence[str], rows: Sequence[Row]) -> list[dict[str, int]]:
    def count(at: int, **wanted: Any) -> int:
        return sum(all(getattr(row[at], name) in wanted[name] for name in wanted) for row in rows)

    return [
        {
            "rows": len(rows),
            "sealed": count(at, reason=[1]),
            "withheld": count(at, reason=[2]),
            "near": count(at, status=["near"]),
            "unparsable": count(at, status=["unparsable", "damaged"]),
            "damaged": count(at, status=["damaged"]),
            "null": count(at, status=["null"]),
        }
        for at in range(len(columns))
    ]


@given(table=tables(), policy=policies, data=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_row_by_row_and_in_any_batches(
    index: Index, table: tuple[list[str], list[Row]], policy: Policy, data: st.DataObject
) -> None:
    columns, rows = table
    whole = matcher(index, columns, policy)
    expected = [naive(row, policy) for row in rows]
    assert as_rows(whole.judge(frame(columns, rows))) == expected

    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    pieces = [rows[a:b] for a, b in itertools.pairwise([0, *cuts, len(rows)])]
    parts = matcher(index, columns, policy)
    judged = [verdict for piece in pieces for verdict in as_rows(parts.judge(frame(columns, piece)))]
    assert judged == expected

    tally = whole.tally()
    assert parts.tally() == tally
    assert (tally.rows, tally.matched, tally.unchecked) == (
        len(rows),
        sum(matched for matched, _, _ in expected),
        sum(unchecked for _, unchecked, _ in expected),
    )
    empty = sum(all(value.status == "null" for value in row) for row in rows)
    assert tally.without_key == (0 if "null" in policy.accept else empty)
    reached = sum(any(value.status == "ok" for value in row) for row in rows)
    assert (tally.reached, tally.reach) == (reached, reached / len(rows) if rows else 1.0)
    assert [key.key.columns for key in tally.keys] == [(column,) for column in columns]
    assert [
        {name: getattr(key, name) for name in found}
        for key, found in zip(tally.keys, counts(columns, rows), strict=True)
    ] == counts(columns, rows)
    unfinished = bool(tally.unchecked) and not policy.quarantine
    problems = {kind for kind, _, _ in whole.problems()}
    assert (UncheckedKeys in problems) == unfinished


def test_many_threads_count_once(index: Index) -> None:
    rows = [(value,) for value in ARRESTS] * 40
    table, expected = frame("A", rows), [naive(row, Policy()) for row in rows]
    shared = matcher(index, "A")
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(10):
            if as_rows(shared.judge(table)) != expected:
                wrong.append(number)
            shared.tally()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    alone = matcher(index, "A")
    alone.judge(table)
    assert shared.tally().rows == 60 * len(rows)
    assert shared.tally().matched == 60 * alone.tally().matched
    assert shared.tally().keys[0].near == 60 * alone.tally().keys[0].near


def test_a_composite_key_of_any_types(index: Index) -> None:
    keys = parse_on(["person_arrest=NYSID+DATE"])
    shared = TableMatcher(index, keys)
    assert shared.columns == ("NYSID", "DATE")
    for dates in (
        pl.Series(["2014-01-05", "1/6/2014", "2014-01-07", "x", None]),
        pl.Series([date(2014, 1, 5), date(2014, 1, 6), date(2014, 1, 7), date(9999, 1, 1), None]),
    ):
        found = shared.judge(pl.DataFrame({"OTHER": range(5), "DATE": dates, "NYSID": ["12345678a"] * 5}))
        assert found.matched.tolist() == [True, True, False, False, False]
        assert found.unchecked.tolist() == [False, False, False, True, True]
    [key] = shared.tally().keys
    assert (key.sealed, key.withheld, key.unparsable, key.null, key.key.label) == (2, 2, 4, 0, "NYSID+DATE")


def test_columns_are_named_once(index: Index) -> None:
    keys = parse_on(["arrest_number=A", "opaque:a=A", "person_arrest=N+D", "docket=D"])
    assert TableMatcher(index, keys).columns == ("A", "N", "D")


@pytest.mark.parametrize("bad", [0, 1, 2, 5, 6, 50])
@pytest.mark.parametrize("limit", [0.05, 0.0, 0.5, 1.0])
def test_a_column_that_mostly_does_not_parse_is_the_wrong_one(index: Index, bad: int, limit: float) -> None:
    values = ["x1"] * bad + ["K14000009"] * (100 - bad) + [None] * 900
    judged = matcher(index, "A", Policy(max_unparsable=limit))
    judged.judge(pl.DataFrame({"A": values}, schema={"A": pl.String}))
    if bad / 100 > limit:
        with pytest.raises(WrongColumnError, match="'A'") as refused:
            judged.check_columns()
        assert refused.value.hint
        assert refused.value.where == "arrests.csv"
        assert f"{bad} of 100" in str(refused.value)
    else:
        judged.check_columns()


def test_a_float_column_is_the_wrong_one_and_the_hint_says_why(index: Index) -> None:
    judged = matcher(index, "A")
    judged.judge(pl.DataFrame({"A": [14000001.0, None]}))
    with pytest.raises(WrongColumnError) as refused:
        judged.check_columns()
    assert "floating" in refused.value.hint


def test_near_keys_do_not_make_a_wrong_column(index: Index) -> None:
    judged = matcher(index, "A")
    judged.judge(pl.DataFrame({"A": ["K14OOOOO1"] * 9}))
    judged.check_columns()
    with pytest.raises(UncheckedKeys, match="9 of 9") as refused:
        judged.check_complete()
    assert "quarantine=True" in refused.value.hint


@pytest.mark.parametrize("values", [[], [None, None], ["", "(null)"], ["N/A", "NONE"]])
@pytest.mark.parametrize("policy", [Policy(min_coverage=0), Policy(min_coverage=0, accept={"null"})])
def test_rows_without_a_key_are_not_checked_unless_null_is_accepted(
    index: Index, values: list[str | None], policy: Policy
) -> None:
    judged = matcher(index, "A", policy)
    found = judged.judge(pl.DataFrame({"A": values}, schema={"A": pl.String}))
    assert found.keep.all()
    assert not found.matched.any()
    judged.check_columns()
    assert not judged.has_keys()
    if values and not policy.accept:
        with pytest.raises(UncheckedKeys, match=f"{len(values)} of {len(values)} rows have no key") as refused:
            judged.check_complete()
        assert "accept={'null'}" in refused.value.hint
    else:
        judged.check_complete()


def test_a_row_is_reached_by_any_of_its_keys(index: Index) -> None:
    judged = matcher(index, "AD")
    judged.judge(pl.DataFrame({"A": ["K14000009", None, None], "D": [None, "CR-000009-14KN", ""]}))
    assert (judged.tally().reached, judged.tally().without_key) == (2, 1)


def test_rows_without_a_key_are_set_aside_with_those_that_do_not_parse(index: Index) -> None:
    judged = matcher(index, "A", Policy(quarantine=True, min_coverage=0))
    found = judged.judge(pl.DataFrame({"A": ["K14000009", None, "K14OOOOO1"]}))
    assert found.keep.tolist() == [True, False, False]
    judged.check_complete()


@pytest.mark.parametrize(
    ("columns", "share"), [("A", 0.8), ("I", 0.2), ("D", 0.1), ("AI", 0.8), ("AD", 0.9), ("AB", 0.8)]
)
def test_coverage_counts_columns_together(index: Index, columns: str, share: float) -> None:
    judged = matcher(index, columns, Policy(accept={"null"}, min_coverage=share))
    judged.judge(frame(columns, [tuple(KEYS[column][1][-1] for column in columns)]))
    assert judged.tally().coverage == pytest.approx(share)
    judged.check_complete()
    low = matcher(index, columns, Policy(min_coverage=share + 0.01))
    with pytest.raises(LowCoverage, match=f"{share:.1%}") as refused:
        low.check_complete()
    assert "min_coverage=" in refused.value.hint


def test_every_problem_is_named(index: Index) -> None:
    judged = matcher(index, "A", Policy())
    judged.judge(pl.DataFrame({"A": ["K14OOOOO1", None]}))
    assert [kind for kind, _, _ in judged.problems()] == [UncheckedKeys, UncheckedKeys, LowCoverage]


def test_a_scheme_that_the_index_does_not_hold_checks_nothing(index: Index) -> None:
    with pytest.raises(UnsuitableIndex, match="cjtn"):
        TableMatcher(index, parse_on(["docket=D", "cjtn=C"]))


def test_a_damaged_index_is_refused_before_the_first_row(custodian: Custodian, index: Index) -> None:
    content = bytearray(index.path.read_bytes())
    content[-1] ^= 1
    path = custodian.folder / "damaged.sealindex"
    path.write_bytes(bytes(content))
    damaged = open_index(path, custodian.key)
    with pytest.raises(CorruptIndex):
        matcher(damaged, "A")


@pytest.mark.parametrize("column", [pl.Series([True]), pl.Series([date(2014, 1, 5)]), pl.Series([["K14000001"]])])
def test_a_column_of_another_type_is_named(index: Index, column: pl.Series) -> None:
    with pytest.raises(ColumnError, match=r"arrests\.csv.*'A'"):
        matcher(index, "A").judge(pl.DataFrame({"A": column}))


def test_a_column_that_is_not_there_is_named(index: Index) -> None:
    with pytest.raises(ColumnError, match="'A'"):
        matcher(index, "A").judge(pl.DataFrame({"B": ["K14000001"]}))


def test_an_id_of_another_system_is_another_id(custodian: Custodian, index: Index) -> None:
    assert not np.array_equal(custodian.digests("opaque:a", ["1"]), custodian.digests("opaque:b", ["1"]))
    judged = TableMatcher(index, parse_on(["docket=X"]))
    assert not judged.judge(pl.DataFrame({"X": ["K14000001", "1"]})).matched.any()


def test_nothing_that_is_shown_shows_a_key(index: Index) -> None:
    values = ["K14000001", "K14OOOOO1", "x14000001", "14000001.0", None]
    judged = TableMatcher(index, parse_on(["arrest_number=A", "person_arrest=A+A"]), name="arrests.csv")
    verdicts = judged.judge(pl.DataFrame({"A": values}))
    shown = [repr(verdicts), repr(judged), repr(judged.tally()), repr(judged.problems()), repr(index)]
    for act in (judged.check_columns, judged.check_complete):
        try:
            act()
        except (WrongColumnError, UncheckedKeys) as error:
            shown.append("".join(traceback.format_exception(error)) + repr(vars(error)))
    assert len(shown) == 7
    assert not [text for text in shown if "1400000" in text or "14OOOOO" in text]
