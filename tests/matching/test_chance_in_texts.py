"""A number in a sentence or a name is not checked where the index holds it, however many it holds: never clean."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.matching import Policy, Sweep, SweepTally

HELD = [str(number) for number in range(20_000_000, 20_001_000)]  # so many that any of eight digits may be chance
OTHER = ["20001001", "31234567"]
DENSE = example_index({"opaque:stops": [*HELD, "501", "777"], "voucher": [str(each) for each in range(7100, 7200)]})
FORMS = [
    "Seen at noon, see {}.",
    "https://host/stops/{}",
    "stop:{}",
    '{{"told": "it was {} at noon"}}',
    "see {}; gone",
    "the number {}.0 was seen",
    "stops {},20009999 and more",
]


def told(*values: str | None, index: object = DENSE, **options: object) -> tuple[SweepTally, ...]:
    sweep = Sweep(index, **options)  # type: ignore[arg-type]
    sweep.add("x", pl.Series(values, dtype=pl.String))
    return sweep.tally()


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("more", [0, 300])
def test_a_number_in_a_sentence_is_not_checked(form: str, more: int) -> None:
    plain = ["theft"] * more
    held = told(form.format(HELD[7]), form.format(OTHER[0]), *plain)
    assert [(each.found, each.ambiguous) for each in held] == [(0, 1)]
    assert told(form.format(OTHER[0]), form.format(OTHER[1]), *plain) == ()


@pytest.mark.parametrize("label", ["voucher {}", "VCHR# {}"])
def test_a_number_with_its_label_is_not_checked(label: str) -> None:
    index = example_index({"voucher": [str(each) for each in range(1_000_000, 1_001_000)]})
    assert [each.ambiguous for each in told(f"See {label.format(1_000_007)}.", index=index)] == [1]
    assert told(f"See {label.format(1_001_007)}.", index=index) == ()


SHORT = ["apartment 501", "see 777.", "https://host/777", "777: at noon", "shelf A12", '{"777": "at noon"}']


@pytest.mark.parametrize("text", SHORT)
def test_a_short_id_of_one_system_in_a_sentence_is_not_checked(text: str) -> None:
    index = example_index({"opaque:stops": [*HELD, "501", "777", "A12"]})
    assert [(each.found, each.ambiguous) for each in told(text, "theft", index=index)] == [(0, 1)]
    assert told("apartment 502", "see A13, or 7770", index=index) == ()


PASSES = [
    "2000-00-07",
    "2020-01-01T10:05:00.777Z",
    "12:30",
    "+1 212 200 00007",
    "$20,000,007.50",
    "in 2014",
]


@pytest.mark.parametrize("text", PASSES)
def test_parts_of_dates_times_and_amounts_are_not_compared(text: str) -> None:
    assert told(text, *["theft", "fraud"] * 200) == ()


@pytest.mark.parametrize(
    ("name", "met"),
    [
        (HELD[3], True),
        (f"stop_{HELD[3]}", True),
        (f"by {HELD[3]}.csv", True),
        (OTHER[0], False),
        (f"stop_{OTHER[0]}", False),
        ("501", True),
        ("stop=501", True),
        ("0", False),
        ("2014", False),
    ],
)
def test_a_number_in_a_name_is_not_checked(name: str, met: bool) -> None:
    for accept in ((), ("chance",)):
        sweep = Sweep(DENSE, Policy(accept=frozenset(accept)))
        sweep.add_names("(column names)", ["age", name])
        assert [(each.found, each.ambiguous) for each in sweep.tally()] == ([(0, 1)] if met and not accept else [])


def test_it_passes_where_chance_is_accepted_and_what_is_no_chance_does_not() -> None:
    accepted = Policy(accept=frozenset({"chance"}))
    assert told(f"see {HELD[7]}.", policy=accepted) == ()
    assert told(*HELD[:2], policy=accepted) == ()
    assert [(each.found, each.ambiguous) for each in told(*HELD[:500], policy=accepted)] == [(500, 0)]
    sparse = example_index({"opaque:stops": HELD[:1]})
    assert [each.found for each in told(f"see {HELD[0]}.", index=sparse, policy=accepted)] == [1]


VALUES = ["theft", None, f"see {HELD[0]}.", f"see {OTHER[0]}.", HELD[1], "501", f'{{"n": {HELD[2]}}}', "777; 778"]


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.sampled_from(VALUES), max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=3),
    order=st.randoms(use_true_random=False),
)
def test_verdicts_depend_on_the_values_alone(values: list[str | None], cuts: list[int], order: object) -> None:
    mixed = list(values)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    edges = sorted({0, len(mixed), *(min(cut, len(mixed)) for cut in cuts)})
    parts = Sweep(DENSE)
    for start, stop in pairwise(edges):
        parts.add("x", pl.Series(mixed[start:stop], dtype=pl.String))
    assert parts.tally() == told(*values)
    assert bool(parts.tally()) >= (f"see {HELD[0]}." in values)
