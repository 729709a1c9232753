"""Which keys go out, against the rule written down key by key."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.identifiers import Level
from sealscrub.index import Reason
from sealscrub.registry.selection import select_keys

LEVELS = {
    "arrest_number": Level.ARREST,
    "cjtn": Level.ARREST,
    "person_arrest": Level.ARREST,
    "docket": Level.ACTION,
    "nysid": Level.PERSON,
}
Key = tuple[str, str]
Seal = tuple[str, frozenset[Key]]  # state (sealed, withheld, open, ended) and keys
COVER = {"sealed": 2, "withheld": 1, "open": 0, "ended": 0}


def published(key: Key) -> bool:
    return LEVELS[key[0]] in (Level.ARREST, Level.ACTION)


def is_arrest(key: Key) -> bool:
    return LEVELS[key[0]] == Level.ARREST


def cover_of(key: Key, seals: list[Seal]) -> int:
    return max(COVER[state] for state, keys in seals if key in keys)


def same_arrest(key: Key, seals: list[Seal]) -> set[Key]:
    """The keys that name the arrest that a key names, followed from notice to notice."""

    def several(keys: set[Key]) -> bool:
        schemes = [scheme for scheme, _ in keys]
        return len(schemes) > len(set(schemes))

    clear = [{k for k in keys if is_arrest(k)} for _, keys in seals]
    clear = [keys for keys in clear if not several(keys)]

    def beside(one: Key) -> set[Key]:
        return {other for keys in clear if one in keys for other in keys if other != one}

    def ambiguous(one: Key) -> bool:
        return several(beside(one))

    reached, frontier = {key}, [key]
    while frontier:
        one = frontier.pop()
        if ambiguous(one):
            continue
        for other in beside(one):
            if not ambiguous(other) and other not in reached:
                reached.add(other)
                frontier.append(other)
    return reached


def naive(seals: list[Seal]) -> tuple[dict[Key, int], Counter[tuple[str, ...]]]:
    out: dict[Key, int] = {}
    for key in {key for _, keys in seals for key in keys if published(key)}:
        final = cover_of(key, seals)
        if is_arrest(key):
            for name in same_arrest(key, seals):
                for state, keys in seals:
                    if name not in keys:
                        continue
                    actions = [k for k in keys if published(k) and not is_arrest(k)]
                    final = min([final, *(cover_of(action, seals) for action in actions)])
                    if state == "open" and not actions:
                        final = 0
        if final:
            out[key] = int(Reason.SEALED if final == 2 else Reason.WITHHELD)
    coverage = Counter(tuple(sorted({k[0] for k in keys if k in out})) for state, keys in seals if COVER[state])
    return out, coverage


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

    held: dict[str, list[tuple[int, str]]] = {}
    for number, (_, named) in enumerate(seals):
        for scheme, value in named:
            held.setdefault(scheme, []).append((number, value))
    selected = select_keys(
        np.array([COVER[state] for state, _ in seals], np.uint8),
        np.array([state == "open" for state, _ in seals], bool),
        {
            scheme: pl.DataFrame(rows, schema={"seal": pl.UInt32, "value": pl.String}, orient="row")
            for scheme, rows in held.items()
        },
        LEVELS,
    )

    found = {(scheme, value): said for scheme, rows in selected.keys.items() for value, said in rows.iter_rows()}
    assert found == expected
    assert sum(map(len, selected.keys.values())) == len(found)
    assert selected.coverage == coverage
    assert selected.seals == coverage.total()
