"""Releases of one source by different columns and levels, rounded ones and sums: what they tell together."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.custodian.aggregates import Ledger, Rules, aggregate
from sealscrub.errors import ConfigError, Refused

from .attacker import Reader

LEVELS = {"a": [0, 1], "b": [0, 1], "c": [0, 1]}
SMALL = Rules(minimum=4)


def new_ledger() -> Ledger:
    return Ledger(Path(tempfile.mkdtemp()) / "ledger", new_source=True)


def events(cube: dict[tuple[int, ...], int], names: str = "abc") -> pl.DataFrame:
    return pl.DataFrame([at for at, n in cube.items() for _ in range(n)], list(names), orient="row")


def held(reader: Reader, data: pl.DataFrame, minimum: int) -> None:
    """No figure suppressed can be told, and no small one told to be small."""
    for where, sums in reader.hidden:
        least, greatest = reader.range(sums)
        true = data.filter(**where).height if where else data.height
        assert least <= true <= greatest
        assert least < greatest, where
        assert true >= minimum or greatest >= minimum, where


@pytest.mark.search
@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=8, max_size=8),
    st.permutations([["a", "b"], ["b", "c"], ["a", "c"], ["a", "b", "c"], ["b"]]),
)
def test_tables_of_different_columns_published_one_after_another(counts: list[int], tables: list[list[str]]) -> None:
    data = events(dict(zip(itertools.product(*LEVELS.values()), counts, strict=True)))
    ledger, reader = new_ledger(), Reader(LEVELS)
    if data.is_empty():
        return
    for table in tables[:3]:
        try:
            reader.read(aggregate(data, [table], rules=SMALL, levels=LEVELS, ledger=ledger, source="s").frame)
        except Refused:
            continue  # and then nothing of it is published
    held(reader, data, 4)


def test_a_ring_of_tables_that_is_closed_by_the_last() -> None:
    data = events(dict(zip(itertools.product(*LEVELS.values()), [0, 2, 9, 2, 3, 3, 0, 0], strict=True)))
    alone, reader, ledger = Reader(LEVELS), Reader(LEVELS), new_ledger()
    for table in (["a", "b"], ["b", "c"], ["a", "c"]):
        alone.read(aggregate(data, [table], rules=SMALL, levels=LEVELS).frame)
        reader.read(aggregate(data, [table], rules=SMALL, levels=LEVELS, ledger=ledger, source="s").frame)

    assert any(len(set(alone.range(sums))) == 1 for _, sums in alone.hidden)  # though each was safe alone
    held(reader, data, 4)


@pytest.mark.search
@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=6, max_size=6), st.booleans())
def test_coarser_and_finer_levels_by_every_table_that_agrees(counts: list[int], finer_first: bool) -> None:
    data = events({(at, at // 3): n for at, n in enumerate(counts)}, "pb")
    if data.is_empty():
        return
    levels, ledger = {"p": range(6), "b": [0, 1]}, new_ledger()
    published: dict[tuple[str, int], int | None] = {}
    for name in ("p", "b") if finer_first else ("b", "p"):
        try:
            frame = aggregate(data, name, rules=SMALL, levels={name: levels[name]}, ledger=ledger, source="s").frame
        except Refused:
            continue
        for row in frame.iter_rows(named=True):
            published[row["by"], row.get(name) or 0] = row["count"]
    tables = list(agreeing(published, sum(counts) + 4))
    assert tuple(counts) in tables
    for (by, level), value in published.items():
        inside = [at for at in range(6) if by == "total" or level == (at if by == "p" else at // 3)]
        true, found = sum(counts[at] for at in inside), {sum(table[at] for at in inside) for table in tables}
        assert value in (None, true)
        if value is None:
            assert len(found) > 1
            assert true >= 4 or max(found) >= 4


def agreeing(published: dict[tuple[str, int], int | None], most: int) -> Iterator[tuple[int, ...]]:
    """Every table of six precincts in two boroughs that agrees with what was published; what was suppressed is "
    "not 0."""

    def agrees(key: tuple[str, int], value: int) -> bool:
        told = published.get(key, value)
        return value > 0 if told is None else value == told

    halves = [
        [
            cells
            for cells in itertools.product(*([n for n in range(most + 1) if agrees(("p", at), n)] for at in places))
            if agrees(("b", places[0] // 3), sum(cells))
        ]
        for places in ((0, 1, 2), (3, 4, 5))
    ]
    by_sum: dict[int, list[tuple[int, ...]]] = {}
    for cells in halves[1]:
        by_sum.setdefault(sum(cells), []).append(cells)
    for cells in halves[0]:
        for other, found in by_sum.items():
            if agrees(("total", 0), sum(cells) + other):
                yield from ((*cells, *each) for each in found)


def test_one_person_less_in_a_precinct_shows_in_no_borough() -> None:
    before = events({(at, at // 3): 40 + at for at in range(6)}, "pb")
    ledger = new_ledger()
    aggregate(before, "p", ledger=ledger, source="s")
    after = aggregate(before.slice(1), "b", ledger=ledger, source="s")

    assert after.table("b")["count"].to_list()[0] is None
    assert after.table()["count"].to_list() == [None]


def test_one_person_less_in_a_borough_shows_in_no_precincts_together() -> None:
    before = events({(at, at // 3): 40 + at for at in range(6)}, "pb")
    ledger = new_ledger()
    aggregate(before, "b", ledger=ledger, source="s")
    after = aggregate(before.slice(1), "p", ledger=ledger, source="s").table("p")["count"].to_list()

    assert None in after[:3]
    assert None not in after[3:]


def test_two_figures_that_each_lost_a_few_do_not_hide_each_other_alone() -> None:
    ledger, first = new_ledger(), events({(0,): 40, (1,): 50, (2,): 40, (3,): 60}, "a")
    aggregate(first, "a", ledger=ledger, source="s")
    second = events({(0,): 38, (1,): 49, (2,): 28, (3,): 60}, "a")  # three of 0 and 1 together, twelve of 2
    figures = aggregate(second, "a", ledger=ledger, source="s")
    table = figures.table("a")["count"].to_list()

    assert table[:2] == [None, None]
    assert None in (table[2], figures.table()["count"].item())


def test_one_person_less_shows_under_no_other_name_of_the_same_levels() -> None:
    before = events({(at, 10 + at): 40 + at for at in range(3)}, "pc")
    ledger = new_ledger()
    aggregate(before, "p", ledger=ledger, source="s")
    after = pl.concat([before[1:], before.filter(p=2)])
    table = aggregate(after, "c", ledger=ledger, source="s").table("c")

    assert table["count"].to_list() == [None, 41, None]


def test_precincts_that_are_empty_by_now_are_missed_in_no_borough() -> None:
    before = events({(0, 0): 40, (1, 0): 40, (2, 1): 5, (4, 1): 30, (5, 2): 50, (6, 2): 50}, "pb")
    ledger = new_ledger()
    aggregate(before, "p", rules=SMALL, ledger=ledger, source="s")
    after = pl.concat([before.filter(pl.col("p") != 2), before.filter(pl.col("p").is_in([0, 5]))])
    with pytest.raises(Refused):  # borough 1 would be 30, of 35, and is its precinct 4, which was published
        aggregate(after, "b", ledger=ledger, source="s")


def test_a_borough_that_is_the_only_one_left_is_compared_with_its_precincts() -> None:
    before = events({(0, 0): 30, (1, 1): 40, (2, 1): 50}, "pb")
    ledger = new_ledger()
    aggregate(before, "p", ledger=ledger, source="s")
    with pytest.raises(Refused):
        aggregate(before[33:], "b", levels={"b": [0, 1]}, ledger=ledger, source="s")


def test_figures_that_were_published_are_no_cover_for_others() -> None:
    ledger = new_ledger()
    first = pl.DataFrame({"a": ["x"] * 40 + ["y"] * 12 + ["z"] * 60})
    aggregate(first, "a", ledger=ledger, source="s")
    second = pl.concat([first[1:], pl.DataFrame({"a": ["z"] * 30})])
    table = aggregate(second, "a", ledger=ledger, source="s").table("a")["count"].to_list()

    assert table == [None, 12, None]  # y is what it was: holding it back would protect nothing


PLACES = [(p, p // 2, s) for p in range(4) for s in (0, 1)]
CITY = {"p": [0, 1, 2, 3], "b": [0, 1], "s": [0, 1]}


@pytest.mark.search
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 6, 9, 15]), min_size=8, max_size=8),
    st.integers(2, 5),
    st.lists(
        st.tuples(
            st.sampled_from([["p"], ["b"], ["p", "s"], ["b", "s"], ["s"], ["p", "b"]]), st.sampled_from([None, None, 5])
        ),
        min_size=3,
        max_size=3,
    ),
)
def test_whatever_is_published_in_whatever_order(
    counts: list[int], minimum: int, releases: list[tuple[list[str], int | None]]
) -> None:
    """Precincts in boroughs, by sex, exact and rounded: nothing suppressed is told, and no small count told exactly."""
    data, ledger, reader = events(dict(zip(PLACES, counts, strict=True)), "pbs"), new_ledger(), Reader(CITY, PLACES)
    if data.is_empty():
        return
    rounded: list[dict[str, object]] = []
    for table, base in releases:
        levels, rules = {name: CITY[name] for name in table}, Rules(minimum=minimum)
        try:
            frame = aggregate(data, [table], rules=rules, round_to=base, levels=levels, ledger=ledger, source="s").frame
        except Refused:
            continue
        reader.read(frame, base=base)
        if base:
            rounded += [_where(row) for row in frame.iter_rows(named=True)]
    for where in [*(where for where, _ in reader.hidden), *rounded]:
        true = data.filter(**where).height if where else data.height
        if where in reader.exact or (where in rounded and not 0 < true < minimum):
            continue
        least, greatest = reader.range(reader.cells(where))
        assert least <= true <= greatest
        assert least < greatest
        assert rounded or true >= minimum or greatest >= minimum


def _where(row: dict[str, object]) -> dict[str, object]:
    return {} if row["by"] == "total" else {name: row[name] for name in str(row["by"]).split(", ")}


def test_rounded_figures_of_boroughs_and_of_their_precincts_tell_no_small_one() -> None:
    data = events(dict(zip(PLACES, [1, 1, 3, 9, 1, 9, 3, 6], strict=True)), "pbs")
    ledger, reader = new_ledger(), Reader(CITY, PLACES)
    rules = Rules(minimum=5)
    for table, base in ((["b", "s"], None), (["b", "s"], 5), (["p", "s"], 5)):
        asked = {name: CITY[name] for name in table}
        figures = aggregate(data, [table], rules=rules, round_to=base, levels=asked, ledger=ledger, source="s")
        reader.read(figures.frame, base=base)

    for at in range(4):
        least, greatest = reader.range(reader.cells({"p": at}))
        assert least < greatest


def test_an_exact_total_does_not_tell_rounded_figures_of_other_columns() -> None:
    data = events(dict(zip(PLACES, [0, 0, 4, 4, 0, 3, 4, 4], strict=True)), "pbs")
    ledger, reader, rules = new_ledger(), Reader(CITY, PLACES), Rules(minimum=5)
    rounded = aggregate(data, "p", rules=rules, round_to=5, levels={"p": CITY["p"]}, ledger=ledger, source="s")
    reader.read(rounded.frame, base=5)
    reader.read(aggregate(data, "s", rules=rules, levels={"s": [0, 1]}, ledger=ledger, source="s").frame)

    least, greatest = reader.range(reader.cells({"p": 2}))
    assert least < greatest  # 19 in all would leave 8, 3 and 8 of what was rounded to 10, 5 and 10


def test_a_rounded_figure_beside_a_clean_count_is_held_back_where_it_tells_of_a_few(tmp_path: Path) -> None:
    ledger = new_ledger()
    clean = pl.DataFrame({"a": ["x"] * 38 + ["y"] * 50})
    ledger.record_clean(clean, "a", source="s")
    everything = pl.concat([clean, pl.DataFrame({"a": ["x"] * 5 + ["y"] * 40})])
    figures = aggregate(everything, "a", round_to=5, ledger=ledger, source="s")

    # x would be 45, which is 5 to 9 more than the clean 38
    assert figures.table("a")["count"].to_list() == [None, 90]


def test_many_sealed_arrests_of_few_people_are_few_people() -> None:
    rows = pl.DataFrame(
        {"a": ["x"] * 80 + ["y"] * 80, "who": [*["P"] * 20, *range(60), *range(100, 180)]}, strict=False
    )
    rows = rows.with_columns(pl.col("who").cast(pl.String).fill_null("P"))
    clean, ledger = rows.slice(20), new_ledger()
    ledger.record_clean(clean, "a", source="s", person="who")
    table = aggregate(rows, "a", person="who", ledger=ledger, source="s").table("a")["count"].to_list()

    assert table == [None, 80]  # 20 arrests more than the clean file has, all of one person
    later, other = new_ledger(), rows.slice(20)
    aggregate(rows, "a", person="who", ledger=later, source="s")
    assert aggregate(other, "a", person="who", ledger=later, source="s").table("a")["count"].to_list() == [None, 80]


def test_sums_of_two_releases_do_not_tell_what_one_person_gave() -> None:
    rows = pl.DataFrame({"a": ["x"] * 40 + ["y"] * 40 + ["z"] * 40, "bail": [100.0 + at for at in range(120)]})
    ledger = new_ledger()
    aggregate(rows, "a", value="bail", ledger=ledger, source="s")
    changed = rows.with_columns(bail=pl.when(pl.int_range(pl.len()) == 3).then(900.0).otherwise("bail"))
    after = aggregate(changed, "a", value="bail", ledger=ledger, source="s").table("a")

    assert after["sum_bail"].to_list()[0] is None  # as many arrests as before, and one bail more
    assert after["sum_bail"].null_count() < 3


def test_a_column_that_is_cut_otherwise_needs_another_name() -> None:
    ledger = new_ledger()
    ages = pl.DataFrame({"age": ["18-24"] * 40 + ["25+"] * 40})
    aggregate(ages, "age", ledger=ledger, source="s")
    with pytest.raises(ConfigError, match="has other levels"):
        aggregate(pl.DataFrame({"age": ["18-29"] * 50 + ["30+"] * 30}), "age", ledger=ledger, source="s")


def test_what_is_too_much_to_look_at_together_is_refused() -> None:
    both = pl.DataFrame({"a": range(70)}).join(pl.DataFrame({"b": range(70)}), how="cross")
    rows = pl.concat([both, both]).with_columns(c=(pl.col("a") + pl.col("b")) % 70)
    ledger, loose = new_ledger(), Rules(minimum=2)
    for table in (["a", "b"], ["b", "c"]):
        aggregate(rows, [table], rules=loose, ledger=ledger, source="s")

    with pytest.raises(Refused, match="too many to check"):
        aggregate(rows, [["c", "a"]], rules=loose, ledger=ledger, source="s")
    # a table that has only the total in common with them tells nothing of them
    other = rows.with_columns(d=pl.int_range(9800) % 3, e=pl.int_range(9800) % 4)
    aggregate(other, [["d", "e"]], rules=loose, ledger=ledger, source="s")
