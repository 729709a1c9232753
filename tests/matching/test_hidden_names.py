"""Whatever a report holds names in, none of them is the id of a sealed record."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import Spelled
from sealscrub.matching.hidden_names import hide_names
from sealscrub.matching.name_search import search_names
from sealscrub.matching.value_search import Likeness

INDEX = example_index(["K14612345", "M14000017"])
OPEN = ["train.csv", "lake/part-0.parquet", "models:/risk/3", "", "epoch 4, as of 2026-11-25"]
HELD = [f.format(each) for each in ("K14612345", "k14-612345", "M14000017")
        for f in ("{}", "{}.csv", "/lake/{}/part-0", "case {}", "models:/{}/3", "{}: not read")]  # fmt: skip


class Kind(StrEnum):
    DATASET = "K14612345"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    kind: Kind = Kind.DATASET
    positions: tuple[int, ...] = (1, 2)


@dataclass(slots=True)
class Found:
    names: list[str]
    parts: tuple[Part, ...] = ()
    by_name: dict[str, str] = field(default_factory=dict)
    hint: str = ""
    count: int | None = None


def held(texts: list[str]) -> list[str]:
    flags = search_names(INDEX, None, texts)
    return [text for text, flag in zip(texts, flags, strict=True) if flag == Likeness.HELD]


@given(st.lists(st.sampled_from([*OPEN, *HELD]), max_size=6))
def test_no_name_is_left_and_what_names_no_record_stays(names: list[str]) -> None:
    parts = tuple(Part(name) for name in names)
    found = Found(names, parts, {name: name for name in names}, Spelled(" ".join(names), " and ".join(names)), 3)

    hidden = hide_names(found, INDEX)
    said = [*hidden.names, *(each.name for each in hidden.parts), *hidden.by_name, *hidden.by_name.values()]

    assert held([*said, str(hidden.hint), Spelled.in_shell(hidden.hint)]) == []
    assert [new for new, old in zip(hidden.names, names, strict=True) if old in OPEN] == [
        each for each in names if each in OPEN
    ]
    assert [(each.kind, each.positions) for each in hidden.parts] == [(Kind.DATASET, (1, 2))] * len(names)
    assert hidden.count == 3


def test_ids_that_differ_are_told_apart_and_what_is_around_them_stays() -> None:
    found = Found(["lake/K14612345.csv", "case K14612345", "lake/M14000017.csv"])

    assert hide_names(found, INDEX).names == ["lake/(an id).csv", "case (an id)", "lake/(an id, 2).csv"]


@pytest.mark.parametrize("names", [[], OPEN])
def test_a_report_that_names_no_record_is_what_it_was(names: list[str]) -> None:
    found = Found(names)

    assert hide_names(found, INDEX) is found
