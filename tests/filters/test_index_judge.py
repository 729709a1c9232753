"""A record by itself is judged as it is among others."""

from __future__ import annotations

import copy
import pickle
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, CorruptIndex, SealscrubError
from sealscrub.filters import Judge
from sealscrub.index import open_index
from sealscrub.index.planted_keys import planted
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


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("canonical", [True, False])
@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("count", [1, 2, 16, 17, 18, 50, 100])
@few
@given(drawn=st.lists(st.sampled_from("sukx"), min_size=1, max_size=9))
def test_unknown_ids_and_sealed_ids_get_the_same_answer(
    drawn: list[str], count: int, *, canonical: bool, listed: bool
) -> None:
    """Whatever the number of records, whether the system knows the sealed ones or not."""
    kinds = [*"us", *drawn * count][:count]
    ids = {
        "s": SEALED[len(kinds) % len(SEALED)],
        "u": f"Q14{len(kinds):06d}",
        "k": CLEAN[0],
        "x": CLEAN[1],
    }
    spelled = ids if canonical else {kind: f"{each[:3]}-{each[3:].lstrip('0')}" for kind, each in ids.items()}
    judge = Judge(INDEX, ON, known=CLEAN[:2] + (SEALED if listed else []))
    of_sealed = judge.start().gone_of({"id": [spelled[kind] for kind in kinds]}).tolist()
    of_unknown = judge.start().gone_of({"id": [spelled[kind.replace("s", "u")] for kind in kinds]}).tolist()

    assert of_sealed == of_unknown == [kind in "su" for kind in kinds]


@pytest.mark.parametrize("size", [1, 3, 20])
@pytest.mark.parametrize("answer", [
    pytest.param(lambda ids: [True] * len(ids), id="list"),
    pytest.param(lambda ids: np.ones(len(ids), bool), id="numpy"),
    pytest.param(lambda ids: pl.Series([True] * len(ids)), id="polars"),
    pytest.param(lambda ids: pd.Series([True] * len(ids), dtype="boolean"), id="pandas"),
])  # fmt: skip
def test_a_callable_gives_one_bool_for_each_id(answer: Any, size: int) -> None:
    ids = [f"M{14000017 + each}" for each in range(size)]

    assert not Judge(INDEX, ON, known=answer).start().gone_of({"id": ids}).any()


@pytest.mark.parametrize("size", [1, 3, 20])
@pytest.mark.parametrize("answer", ["False", "x", 1, 0.0, None, float("nan")], ids=repr)
@pytest.mark.parametrize("mixed", [False, True])
def test_what_is_not_a_bool_is_refused_and_not_shown(answer: Any, size: int, mixed: bool) -> None:
    ids = [f"M{14000017 + each}" for each in range(size)]

    def known(asked: list[str]) -> list[Any]:
        return [True if mixed and number else answer for number, _ in enumerate(asked)]

    with pytest.raises(ConfigError, match="one bool for each id") as refused:
        Judge(INDEX, ON, known=known).start().gone_of({"id": ids})
    assert refused.value.__cause__ is None
