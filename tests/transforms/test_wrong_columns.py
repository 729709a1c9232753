"""Whether a column is refused as a wrong one is told by the rows that stay, whatever was sealed beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import SealscrubError, WrongColumnError
from sealscrub.index import Index

from ..examples import examples

SEALED, LAWFUL, WRONG = "K14612345", "M14000017", "a note"
ON = {"arrest_number": ["own", "other"]}
LOOSE = ss.Policy(accept={"unparsable", "null"})

rows = st.tuples(st.sampled_from([SEALED, LAWFUL]), st.sampled_from([LAWFUL, LAWFUL, LAWFUL, WRONG, None]))


@cache
def _index() -> Index:
    return example_index([SEALED])


def _refused(data: Any, run: Callable[..., Any]) -> str:
    try:
        run(data, _index(), ON, policy=LOOSE)
    except WrongColumnError as error:
        return str(error)
    return ""


def _frame(drawn: list[tuple[str, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(drawn, schema={"own": pl.String, "other": pl.String}, orient="row")


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("run", [ss.scan, ss.scrub])
@pytest.mark.parametrize("made", [pl.DataFrame.clone, pl.DataFrame.to_pandas, pl.DataFrame.to_arrow])
def test_sealed_rows_say_nothing_of_a_column(run: Callable[..., Any], made: Callable[[pl.DataFrame], Any]) -> None:
    @examples(40)
    @given(st.lists(rows, min_size=1, max_size=30))
    def check(drawn: list[tuple[str, str | None]]) -> None:
        whole = _frame(drawn)
        without = whole.filter(pl.col("own") != SEALED)
        wrong = [(frame["other"] == WRONG).sum() > 0.05 * frame["other"].count() for frame in (whole, without)]
        event("the sealed rows would decide" if wrong[0] != wrong[1] else "they would not")
        assert _refused(made(whole), run) == _refused(made(without), run)

    check()


@pytest.mark.parametrize("sealed", [(SEALED, WRONG), (SEALED, LAWFUL)])
def test_many_sealed_rows_neither_refuse_a_column_nor_save_it(sealed: tuple[str, str]) -> None:
    good, bad = [(LAWFUL, LAWFUL)] * 20, [(LAWFUL, LAWFUL)] * 20 + [(LAWFUL, WRONG)] * 2
    assert _refused(_frame([*good, *[sealed] * 30]), ss.scrub) == ""
    assert "2 of 22 values" in _refused(_frame([*bad, *[sealed] * 30]), ss.scrub)


NARRATIVES: dict[str, ss.Policy] = {
    "accepting": LOOSE,
    "strict": ss.Policy(max_unparsable=1),
    "quarantine": ss.Policy(quarantine=True, max_unparsable=1),
    "quarantine of few": ss.Policy(quarantine=True),
}
MENTION = f"see {SEALED} now"


def _texts(drawn: list[tuple[str | None, str]]) -> pl.DataFrame:
    return pl.DataFrame(drawn, schema={"own": pl.String, "text": pl.String}, orient="row")


def _scrubbed(data: pl.DataFrame, policy: ss.Policy, handling: dict[str, str]) -> Any:
    """What became of a frame, but for how many rows were read in all."""
    on = {"arrest_number": "own"}
    try:
        made = ss.scrub(data, _index(), on, policy=policy, narrative=handling, detail=True)
    except SealscrubError as error:
        return type(error), str(error).replace(f"of {data.height} rows", "rows")
    (table,) = made.report.tables
    counts = (table.unchecked, table.without_key, table.quarantined)
    aside = None if made.quarantined is None else made.quarantined.rows()
    return made.data.rows(), aside, made.report.exit_code, counts


@pytest.mark.parametrize("policy", sorted(NARRATIVES))
@settings(max_examples=25, deadline=None)
@given(
    stay=st.lists(st.sampled_from([*[LAWFUL] * 8, WRONG, "K1461234S", None]), min_size=1, max_size=12),
    go=st.lists(st.sampled_from([SEALED, LAWFUL, WRONG, "K1461234S", None]), min_size=1, max_size=6),
    order=st.randoms(),
)
def test_rows_that_go_for_a_narrative_say_nothing(policy: str, stay: list[Any], go: list[Any], order: Any) -> None:
    drawn = [(key, "fine") for key in stay] + [(key, MENTION) for key in go]
    order.shuffle(drawn)
    whole, chosen = _texts(drawn), NARRATIVES[policy]
    without = whole.filter(pl.col("text") != MENTION)
    found = _scrubbed(whole, chosen, {"text": "drop"})
    event(str(found[0]) if isinstance(found[0], type) else "scrubbed")

    assert found == _scrubbed(without, chosen, {"text": "drop"})


@pytest.mark.parametrize("key", [WRONG, "K1461234S", None])
@pytest.mark.parametrize("policy", ["accepting", "strict"])
def test_a_scan_finds_what_goes_for_a_narrative_and_calls_nothing_else_of_it_unchecked(policy: str, key: Any) -> None:
    data = _texts([(LAWFUL, "fine")] * 10 + [(key, MENTION)] * 3)
    on = {"arrest_number": "own"}
    report = ss.scan(data, _index(), on, policy=NARRATIVES[policy], narrative={"text": "drop"})

    assert (report.exit_code, report.complete, report.tables[0].unchecked) == (1, True, 0)


def test_what_is_left_of_texts_in_rows_that_are_set_aside_is_not_swept() -> None:
    """A letter O in the text of a row that is set aside is for the person who looks at it."""
    data = _texts([(LAWFUL, "fine"), ("K1461234S", f"see {SEALED}. Or K14-6I2345?")])
    handling = {"text": "sentence"}
    rows, aside, code, _ = _scrubbed(data, ss.Policy(quarantine=True, max_unparsable=1), handling)

    assert (rows, code) == ([(LAWFUL, "fine")], 0)
    assert aside == data.rows()[1:]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_a_file_of_rows_that_go_for_a_narrative_leaves_nothing_aside(suffix: str, tmp_path: Path) -> None:
    data = _texts([(LAWFUL, "fine")] * 10 + [("K1461234S", MENTION), (None, MENTION)])
    path, clean, aside = (tmp_path / f"{name}.{suffix}" for name in ("data", "clean", "aside"))
    getattr(data, {"jsonl": "write_ndjson"}.get(suffix, f"write_{suffix}"))(path)
    on = {"arrest_number": "own"}
    for quarantine in (None, aside):
        report = ss.scrub(path, _index(), on, narrative={"text": "drop"}, output=clean, quarantine=quarantine)
        assert (report.exit_code, report.tables[0].quarantined, report.tables[0].removed) == (0, 0, 2)
        assert not aside.exists()
        clean.unlink()
