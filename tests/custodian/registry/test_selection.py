"""Which keys go out, against the rule written down key by key."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.registry.selection import Selection, select_keys
from sealscrub.identifiers import Level
from sealscrub.index import Reason

LEVELS = {
    "arrest_number": Level.ARREST,
    "cjtn": Level.ARREST,
    "person_arrest": Level.ARREST,
    "vendor": Level.ARREST,
    "docket": Level.ACTION,
    "nysid": Level.PERSON,
}
Key = tuple[str, str]
Seal = tuple[str, frozenset[Key]]  # state (sealed, withheld, open, ended) and keys
Link = tuple[int, str, int]  # position of the seal, row of the vendor, how strongly it may cover at most
COVER = {"sealed": 2, "withheld": 1, "open": 0, "ended": 0}
REASON = {2: int(Reason.SEALED), 1: int(Reason.WITHHELD)}


def published(key: Key) -> bool:
    return LEVELS[key[0]] in (Level.ARREST, Level.ACTION)


def is_arrest(key: Key) -> bool:
    return LEVELS[key[0]] == Level.ARREST


def cover_of(key: Key, seals: list[Seal]) -> int:
    return max(COVER[state] for state, keys in seals if key in keys)


def several(keys: set[Key]) -> bool:
    schemes = [scheme for scheme, _ in keys]
    return len(schemes) > len(set(schemes))


def beside(one: Key, seals: list[Seal]) -> set[Key]:
    """Keys that stand on a notice of one arrest with it."""
    clear = [{k for k in keys if is_arrest(k)} for _, keys in seals]
    return {other for keys in clear if one in keys and not several(keys) for other in keys if other != one}


def ambiguous(one: Key, seals: list[Seal]) -> bool:
    return several(beside(one, seals))


def same_arrest(key: Key, seals: list[Seal]) -> set[Key]:
    """The keys that name the arrest that a key names, followed from notice to notice."""
    reached, frontier = {key}, [key]
    while frontier:
        one = frontier.pop()
        if ambiguous(one, seals):
            continue
        for other in beside(one, seals):
            if not ambiguous(other, seals) and other not in reached:
                reached.add(other)
                frontier.append(other)
    return reached


def weakest(key: Key, seals: list[Seal]) -> int:
    """How strongly the least covered action is covered of the arrest that a key names."""
    found = 2
    for name in same_arrest(key, seals):
        for state, keys in seals:
            if name not in keys:
                continue
            actions = [k for k in keys if published(k) and not is_arrest(k)]
            found = min([found, *(cover_of(action, seals) for action in actions)])
            if state == "open" and not actions:
                found = 0
    return found


def naive(seals: list[Seal]) -> tuple[dict[Key, int], Counter[tuple[str, ...]]]:
    out: dict[Key, int] = {}
    for key in {key for _, keys in seals for key in keys if published(key)}:
        final = cover_of(key, seals)
        if is_arrest(key):
            final = min(final, weakest(key, seals))
        if final:
            out[key] = REASON[final]
    coverage = Counter(tuple(sorted({k[0] for k in keys if k in out})) for state, keys in seals if COVER[state])
    return out, coverage


def cover_of_link(link: Link, seals: list[Seal]) -> int:
    """As its seal does, where the arrest of its seal is not held back."""
    number, _, most = link
    state, keys = seals[number]
    arrests = {key for key in keys if is_arrest(key)}
    clear = {key for key in arrests if not ambiguous(key, seals)}
    return min([COVER[state], most, *(weakest(key, seals) for key in clear or arrests)])


keys = st.tuples(st.sampled_from(sorted(LEVELS)), st.sampled_from("12345"))
seals_drawn = st.lists(st.tuples(st.sampled_from(sorted(COVER)), st.frozensets(keys, max_size=4)), max_size=9)


def seal(state: str, *named: str) -> Seal:
    return state, frozenset((name[:-1], name[-1]) for name in named)


@given(seals=seals_drawn)
@example(
    seals=[
        seal("sealed", "arrest_number1", "docket1"),
        seal("open", "cjtn1", "docket2"),
        seal("sealed", "cjtn1", "arrest_number1"),
    ]
)
@example(
    seals=[
        seal("sealed", "arrest_number1", "person_arrest1", "docket1"),
        seal("open", "arrest_number2", "person_arrest1", "docket2"),
    ]
)
@example(
    seals=[seal("sealed", "arrest_number1", "arrest_number2", "docket1"), seal("open", "arrest_number2", "docket2")]
)
@example(
    seals=[seal("sealed", "arrest_number1"), seal("withheld", "arrest_number1", "docket1"), seal("sealed", "docket1")]
)
@settings(max_examples=250, deadline=None)
def test_the_selection_is_what_the_rule_says_key_by_key(seals: list[Seal]) -> None:
    expected, coverage = naive(seals)
    selected = selection(seals)
    found = out(selected)
    assert found == expected
    assert sum(map(len, selected.keys.values())) == len(found)
    assert selected.coverage == coverage
    assert selected.seals == coverage.total()


links_drawn = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from("12ab"), st.sampled_from([1, 2])),
    max_size=9,
    unique_by=lambda x: x[:2],
)
OPEN_DOCKET = [
    seal("sealed", "arrest_number1", "person_arrest1", "docket1"),
    seal("open", "arrest_number1", "docket2"),
]
TWICE_THAT_DAY = [
    seal("sealed", "arrest_number1", "person_arrest1", "docket1"),
    seal("open", "arrest_number2", "person_arrest1", "docket2"),
]


@given(seals=seals_drawn.filter(bool), links=links_drawn)
@example(seals=OPEN_DOCKET, links=[(0, "a", 2)])
@example(seals=OPEN_DOCKET, links=[(0, "a", 2), (0, "b", 2)])
@example(seals=OPEN_DOCKET, links=[(0, "a", 2), (0, "b", 1)])
@example(seals=[*OPEN_DOCKET, seal("sealed", "docket5")], links=[(0, "a", 2), (2, "a", 2)])
@example(seals=TWICE_THAT_DAY, links=[(0, "a", 2), (0, "b", 2)])
@settings(max_examples=250, deadline=None)
def test_links_go_out_where_the_arrest_of_their_seal_does_and_change_no_other_key(
    seals: list[Seal], links: list[Link]
) -> None:
    links = [(number % len(seals), row, most) for number, row, most in links]
    linked = {row for _, row, _ in links}
    without, _ = naive(seals)
    found = out(selection(seals, links))

    assert {key: said for key, said in found.items() if key not in {("vendor", row) for row in linked}} == {
        key: said for key, said in without.items() if key not in {("vendor", row) for row in linked}
    }
    named = {value for _, keys in seals for scheme, value in keys if scheme == "vendor"}
    for row in linked - named:
        final = max(cover_of_link(link, seals) for link in links if link[1] == row)
        assert found.get(("vendor", row)) == REASON.get(final)


def out(selected: Selection) -> dict[Key, int]:
    return {(scheme, value): said for scheme, rows in selected.keys.items() for value, said in rows.iter_rows()}


def selection(seals: list[Seal], links: list[Link] | None = None) -> Selection:
    held: dict[str, list[tuple[int, str]]] = {}
    for number, (_, named) in enumerate(seals):
        for scheme, value in named:
            held.setdefault(scheme, []).append((number, value))
    schema = {"seal": pl.UInt32, "value": pl.String}
    frames = {scheme: pl.DataFrame(rows, schema=schema, orient="row") for scheme, rows in held.items()}
    if links:
        more = pl.DataFrame(
            [(number, row, most) for number, row, most in links], schema=schema | {"most": pl.UInt8}, orient="row"
        )
        named = frames.get("vendor", pl.DataFrame(schema=schema))
        frames["vendor"] = pl.concat([named.with_columns(most=pl.lit(None, pl.UInt8)), more])
    return select_keys(
        np.array([COVER[state] for state, _ in seals], np.uint8),
        np.array([state == "open" for state, _ in seals], bool),
        frames,
        LEVELS,
    )
