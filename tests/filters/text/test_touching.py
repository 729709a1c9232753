"""Identifiers that are written one behind the other, digit beside digit: each of them is found, and nothing else."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.filters import StreamGuard, explain_text, guard_text
from sealscrub.identifiers import Level, Scheme, Spelling, Status, canonicalise, register_scheme

from ...examples import examples

register_scheme(Scheme(name="touch_form", level=Level.ARREST, spellings=(Spelling(r"\d{2}[A-Z]{2}\d{5}"),)))
register_scheme(Scheme(name="touch_digits", level=Level.ARREST, spellings=(Spelling(r"77\d{10}"),)))

_SERIAL = st.integers(1, 999_999).map(lambda number: f"{number:06d}")
_YEAR = st.integers(2010, 2024)
_COUNTY = st.sampled_from(["NY", "KN", "BX", "QN", "RI"])
IDS = {
    "arrest_number": st.tuples(
        st.tuples(st.sampled_from("MBKQS"), st.integers(10, 24), _SERIAL),
        st.sampled_from(["{0}{1}{2}", "{0}{1}-{2}", "{0}-{1}-{2}", "{0} {1} {2}", "{0}{1} {2}", "{0}20{1}{2}"]),
    ).map(lambda drawn: ("".join(map(str, drawn[0])), drawn[1].format(*drawn[0]))),
    "docket": st.tuples(
        st.tuples(_YEAR, _COUNTY, _SERIAL), st.sampled_from(["{0}{1}{2}", "{0}-{1}-{2}", "{0}{1}-{2}"])
    ).map(lambda drawn: ("".join(map(str, drawn[0])), drawn[1].format(*drawn[0]))),
    "cjtn": st.tuples(
        st.tuples(st.integers(10**7, 10**8 - 2), st.sampled_from("ABEHJLTZ")), st.sampled_from(["{0}{1}"])
    ).map(lambda drawn: ("".join(map(str, drawn[0])), drawn[1].format(*drawn[0]))),
    "indictment": st.tuples(_SERIAL, _YEAR, st.integers(1, 20)).map(
        lambda drawn: (f"IND-{drawn[0]}-{drawn[1]}-{drawn[2]:03d}", f"IND-{drawn[0]}-{drawn[1]}/{drawn[2]:03d}")
    ),
    "touch_form": st.tuples(st.integers(10, 99), st.sampled_from(["ZW", "GH"]), st.integers(10_000, 99_999)).map(
        lambda drawn: ("{}{}{}".format(*drawn),) * 2
    ),
    "touch_digits": st.integers(10**9, 10**10 - 1).map(lambda number: (f"77{number}",) * 2),
}
_ONE = st.sampled_from(sorted(IDS)).flatmap(lambda name: st.tuples(st.just(name), IDS[name]))
_NONE = {
    "arrest_number": ["M24999999"],
    "docket": ["2009RI999999"],
    "cjtn": ["98989898Q"],
    "indictment": ["IND-999999-2009-999"],
    "touch_form": ["00QQ00000"],
    "touch_digits": ["770000000000"],
}


@st.composite
def touching(draw: st.DrawFn) -> list[tuple[str, str, str]]:
    """Two or three identifiers (scheme, value, as written) of which some touch with digits."""
    drawn = draw(st.lists(_ONE, min_size=2, max_size=3))
    ids = [(name, value, written) for name, (value, written) in drawn]
    assume(any(a[2][-1].isdigit() and b[2][0].isdigit() for a, b in pairwise(ids)))
    assume(all(a[2][-1].isdigit() or b[2][1].isdigit() for a, b in pairwise(ids)))  # a digit is glued, or beside it
    assume(ids[-1][0] != "touch_digits" or " " not in ids[-2][2])  # a number with white space around it is one number
    assume(not any(a[0] == b[0] == "touch_digits" for a, b in pairwise(ids)))
    return ids


def streamed(text: str, index: object, sizes: list[int], policy: str = "sentence") -> str:
    guard, out, at, turn = StreamGuard(index, on_match=policy), "", 0, 0  # type: ignore[arg-type]
    while at < len(text):
        size = sizes[turn % len(sizes)]
        out += guard.feed(text[at : at + size])
        at, turn = at + size, turn + 1
    return out + guard.close()


@given(
    touching(),
    st.data(),
    st.lists(st.integers(1, 60), min_size=1, max_size=3),
    st.sampled_from(["", "arrest", "x", "("]),
    st.sampled_from(["", "s", "and", ")"]),
)
@settings(max_examples=60, deadline=None)
def test_each_of_the_identifiers_that_touch_is_found(
    ids: list[tuple[str, str, str]], data: st.DataObject, sizes: list[int], before: str, behind: str
) -> None:
    sealed = data.draw(st.sets(st.integers(0, len(ids) - 1), min_size=1))
    values = {name: list(each) for name, each in _NONE.items()}
    for number in sealed:
        values[ids[number][0]].append(ids[number][1])
    index = example_index(values)
    if ids[0][2][0] in "IMBKQS" and not ids[0][2][1].isdigit():  # of what is glued to letters, a digit is
        before = "("
    text = f"Two were found. One is {before}{''.join(each[2] for each in ids)}{behind} it seems. Then nothing more."
    places, at = {}, len(f"Two were found. One is {before}")
    for number, each in enumerate(ids):
        places[number] = (at, at + len(each[2]), each[0])
        at += len(each[2])
    found = {(each.start, each.end, each.what) for each in explain_text(text, index).mentions}

    assert {places[number] for number in sealed} <= found
    assert guard_text(text, index) == "Two were found. Then nothing more."
    for policy in ("sentence", "token"):
        assert streamed(text, index, sizes, policy) == guard_text(text, index, on_match=policy)


_KNOWN = ["arrest_number", "nysid", "cjtn", "docket", "complaint", "touch_form", "touch_digits"]
_PIECES = st.sampled_from(
    [
        *("K14612345", "K14", "612345", "2014KN112345", "2014", "KN", "64512345K", "64512345", "A", "s", "7", "77"),
        *("12ZW12345", "771234512345", "2014171112345", "14KN12345", "f3", "K"),
    ]
)
_SEALED = {
    "arrest_number": "K14612345",
    "docket": "2014KN112345",
    "cjtn": "64512345K",
    "touch_form": "12ZW12345",
    "touch_digits": "771234512345",
}
_AROUND = st.tuples(
    _PIECES | st.just(""), st.sampled_from([*_SEALED.values()]), st.sampled_from(["K14612345", "A", "S"])
).map("".join)
_INDEX = example_index({name: [value] for name, value in _SEALED.items()})


def _values(run: str) -> dict[tuple[int, int], set[str]]:
    """Every part of a run that is an identifier of a known scheme, and what it is sealed as."""
    spans = [(start, end) for start in range(len(run)) for end in range(start + 5, min(len(run), start + 15) + 1)]
    found: dict[tuple[int, int], set[str]] = {}
    for name in _KNOWN:
        read = canonicalise(pl.Series([run[a:b] for a, b in spans], dtype=pl.String), name)
        for span, value, status in zip(spans, read.values, read.status, strict=True):
            if status == Status.OK:
                found.setdefault(span, set())
                if _SEALED.get(name) == value:
                    found[span].add(name)
    return found


def _expected(run: str) -> set[tuple[int, int, str]]:
    """By trying all ways: identifiers and single letters alone stand before and behind."""
    values, size = _values(run), len(run)

    def goes(start: int, end: int, at: int, other: int) -> bool:
        """Whether the part between two places may stand beside the one that ends, or begins, there and goes on."""
        two = run[start:end] + run[at:other] if start == other else run[at:other] + run[start:end]
        junction = max(start, at)
        return not (run[junction - 1 : junction + 1].isdigit() and two.isdigit()) or not 0 < junction < size

    def behind(start: int, end: int) -> bool:
        steps = [(end, end + 1)] if run[end : end + 1].isalpha() else []
        steps += [span for span in values if span[0] == end and goes(start, end, *span)]
        return end == size or any(behind(*step) for step in steps)

    def before(start: int, end: int) -> bool:
        steps = [(start - 1, start)] if start and run[start - 1].isalpha() else []
        steps += [span for span in values if span[1] == start and goes(start, end, *span)]
        return start == 0 or any(before(*step) for step in steps)

    return {(*span, name) for span, names in values.items() for name in names if before(*span) and behind(*span)}


def test_a_run_is_divided_where_all_of_it_is_identifiers_and_nowhere_else() -> None:
    drawn = found = 0

    @given(st.lists(_PIECES, min_size=2, max_size=4).map("".join) | _AROUND)
    @examples(100)
    def check(run: str) -> None:
        nonlocal drawn, found
        run = run.upper()
        expected = _expected(run)
        drawn, found = drawn + 1, found + bool(expected)
        text = f"It is {run}."

        assert {(each.start - 6, each.end - 6, each.what) for each in explain_text(text, _INDEX).mentions} == expected

    check()
    assert 0.15 * drawn <= found <= 0.9 * drawn


@pytest.mark.parametrize(
    "said",
    [
        *("K14612345201", "K146123452014", "K146123452014KN", "K146123451234567", "9K146123452014KN112345"),
        *("K146123452014KN1123456451", "K146123452014AB112345", "3f2014KN11234564512345Ka9"),
        *(
            "voucher K146123451234567",
            "771234512345771234512346",
            "77123451234577123451234",
            "1771234512345",
            "K14-6123452014",
            "K14 6123452014",
        ),
    ],
)
def test_a_longer_number_stays(said: str) -> None:
    text = f"Two were found. One is {said} it seems. Then nothing more."

    assert guard_text(text, _INDEX) == text
    assert streamed(text, _INDEX, [3]) == text


def test_where_a_run_reads_in_two_ways_each_is_looked_up() -> None:
    """``2014KN123`` and ``4514KN123456``, or ``2014KN12345`` and ``14KN123456``: nothing says which."""
    text = "One is 2014KN1234514KN123456. Then nothing more."

    for sealed in ("2014KN000123", "4514KN123456", "2014KN012345", "2014KN123456"):
        assert guard_text(text, example_index({"docket": [sealed]})) == "Then nothing more."
    for other in ("2014KN123451", "2014KN001234", "2014KN112345"):
        assert guard_text(text, example_index({"docket": [other]})) == text
