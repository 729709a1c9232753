"""A record by itself is judged as it is among others."""

from __future__ import annotations

import copy
import pickle
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import CorruptIndex, SealscrubError
from sealscrub.filters import Judge
from sealscrub.index import open_index
from sealscrub.index.planting import planted
from sealscrub.matching import Policy

from .worlds import CLEAN, INDEX, ON, SEALED, few, spelled_ids

_raw = (
    st.none()
    | spelled_ids
    | st.sampled_from(["K14O00001", "?", "NONE", "K14000000", "", 5, "k14-000001 ", "Ｋ14000001"])
)
_policies = st.sampled_from(
    [
        Policy(),
        Policy(quarantine=True),
        Policy(accept={"near", "unparsable"}),
        Policy(allow={"withheld"}, quarantine=True),
    ]
)


def said(judge: Judge, values: list[Any]) -> object:
    """Verdicts by way of a frame, which asks for a whole column."""
    batch = judge.start().batch({"id": values})
    try:
        return judge.start().gone(batch).tolist()
    except SealscrubError as error:
        return type(error), str(error)


@few
@given(
    values=st.lists(_raw, max_size=40), policy=_policies, known=st.sampled_from([None, CLEAN + SEALED[:1], [CLEAN[0]]])
)
def test_few_and_many_are_judged_alike(values: list[Any], policy: Policy, known: list[str] | None) -> None:
    judge = Judge(INDEX, ON, policy=policy, known=known)
    expected = said(judge, values)
    try:
        found: object = judge.start().gone_of({"id": values}).tolist()
    except SealscrubError as error:
        found = type(error), str(error)

    assert found == expected
    for value in values:
        alone = said(judge, [value])
        if isinstance(alone, list):
            assert judge.start().is_gone(id=value) == alone[0]


@pytest.mark.parametrize("rows", [1, 100])
def test_many_plain_ids_are_judged_one_way(rows: int) -> None:
    judge = Judge(INDEX, ON)

    assert judge.start().gone_of({"id": (SEALED + CLEAN) * rows}).tolist() == ([True] * 4 + [False] * 8) * rows


def test_a_callable_and_several_keys_are_asked_of_one_record() -> None:
    index = example_index({"arrest_number": SEALED, "opaque:sys": ["a", "b"]})
    on = {"arrest_number": "id", "opaque:sys": "own"}
    judge = Judge(index, on, known={"opaque:sys": lambda ids: [each != "z" for each in ids]})
    asked = [
        ("M14000001", "c"),
        ("M14000001", "a"),
        (SEALED[0], "c"),
        ("M14000001", "z"),
        (None, "c"),
        ("M14000001", None),
    ]

    assert [judge.start().is_gone(id=a, own=b) for a, b in asked] == [False, True, True, True, False, True]
    assert said_of(judge, asked) == [False, True, True, True, False, True]


def said_of(judge: Judge, asked: list[tuple[Any, Any]]) -> list[bool]:
    frame = pl.DataFrame(asked, schema={"id": pl.String, "own": pl.String}, orient="row")
    return judge.start().gone(frame).tolist()


def test_planted_keys_are_met_one_by_one() -> None:
    judge = Judge(INDEX, ON)
    with planted({"arrest_number": [CLEAN[0]]}) as plant:
        assert judge.start().is_gone(id=CLEAN[0])
        assert plant.met == 1
        assert judge.start().gone_of({"id": CLEAN * 5}).sum() == 5
    assert not judge.start().is_gone(id=CLEAN[0])


def test_a_damaged_index_gives_no_verdict_about_one_record() -> None:
    folder = Path(tempfile.mkdtemp())
    index = example_index(SEALED, folder=folder)
    path = folder / "example.sealindex"
    content = bytearray(path.read_bytes())
    content[-index.header.body_bytes :] = bytes(index.header.body_bytes)
    path.chmod(0o600)
    path.write_bytes(content)
    judge = Judge(open_index(path, folder / "example.key"), ON)

    for each in (CLEAN[0], SEALED[0]):
        with pytest.raises(CorruptIndex):
            judge.start().is_gone(id=each)


def test_a_judge_travels_without_keys() -> None:
    judge = Judge(INDEX, ON)

    assert judge.start().is_gone(id=SEALED[0])
    assert pickle.loads(pickle.dumps(judge)).start().is_gone(id=SEALED[0])
    assert copy.deepcopy(judge).start().is_gone(id=SEALED[0])
