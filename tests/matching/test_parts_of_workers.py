"""What a worker counted: nothing of it runs on the driver, and it is counted for its own place and run alone."""

from __future__ import annotations

import base64
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealscrub.errors import UnreadableInput
from sealscrub.matching import KeyColumn, Policy, Sweep, TableMatcher
from sealscrub.matching.match_counts import MatchCounts
from sealscrub.matching.part_cipher import PartCipher, parts_of_bytes
from sealscrub.matching.place_counts import PlaceCounts
from sealscrub.transforms.worker_judge import WorkerJudge

from .test_sweep import INDEX

SCHEMES = INDEX.header.schemes.keys()
VALUES = pl.Series(["K14612345", "theft", "see M15-000001", '{"a": "123456789012"}', "123456789012"])


class _Writes:
    """A pickle of it makes a folder where it is read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self._folder),)


def _counted(place: str = "x", run: str = "0") -> str:
    sweep = Sweep(INDEX, run=run)
    sweep.add(place, VALUES)
    return sweep.counted[place]


def _enciphered(text: bytes, place: str = "x") -> str:
    """What a worker with the key can make."""
    nonce, bound = os.urandom(12), json.dumps([INDEX.id, "0", place]).encode()
    cipher = AESGCM(INDEX.surrogate_key("parts of a sweep"))
    return base64.b64encode(nonce + cipher.encrypt(nonce, text, bound)).decode()


def test_a_pickle_of_a_worker_is_not_read(tmp_path: Path) -> None:
    hostile = pickle.dumps(_Writes(tmp_path / "ran"))
    with pytest.raises(UnreadableInput):
        Sweep(INDEX, run="0").join({"x": _enciphered(hostile)})
    with pytest.raises(UnreadableInput):
        parts_of_bytes(hostile)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("counted", "place"),
    [
        pytest.param(_counted, "y", id="another place"),
        pytest.param(lambda: _counted(run="1"), "x", id="another run"),
        pytest.param(lambda: _counted()[4:], "x", id="damaged"),
        pytest.param(str, "x", id="nothing"),
    ],
)
def test_a_part_of_another_place_or_run_is_refused(counted: Callable[[], str], place: str) -> None:
    sweep, part = Sweep(INDEX, run="0"), {place: counted()}
    with pytest.raises(UnreadableInput) as error:
        sweep.join(part)
    assert sweep.tally() == ()
    assert error.value.__cause__ is None


def test_a_part_counts_once() -> None:
    sweep = Sweep(INDEX, run="0")
    part = {"x": _counted()}
    sweep.join(part)
    before = sweep.tally()
    with pytest.raises(UnreadableInput):
        sweep.join(part)
    assert sweep.tally() == before
    sweep.join({"x": _counted()})
    assert sweep.tally()[0].found == 2 * before[0].found


def test_a_sweep_of_its_own_run_takes_no_part() -> None:
    sweep = Sweep(INDEX)
    sweep.add("x", VALUES)
    with pytest.raises(UnreadableInput):
        Sweep(INDEX).join(sweep.counted)


def _changed(plain: Any) -> list[Any]:
    """Plain values of which one is of another type, negative, too large or not there."""
    if isinstance(plain, dict):
        without = [{other: each for other, each in plain.items() if other != name} for name in plain.keys() - SCHEMES]
        inner = [{**plain, name: other} for name, each in plain.items() for other in _changed(each)]
        return [*without, *inner, [], "x", None]
    if isinstance(plain, list):
        return [plain[:-1], [*plain, 0], [*plain[:-1], None], 7] if plain else [7]
    return [] if isinstance(plain, bool | str) else ["x", -1, 1.5, 1 << 70, None]


def test_plain_values_that_are_not_counts_are_refused() -> None:
    sweep = Sweep(INDEX, run="0")
    sweep.add("x", pl.Series([f"12345678{at:04}" for at in range(9_000, 9_020)]))
    plain = PartCipher(INDEX, "0").open("x", sweep.counted["x"], lambda plain: plain)
    assert plain["own"]["samples"]
    for wrong in _changed(plain):
        with pytest.raises(UnreadableInput):
            Sweep(INDEX, run="0").join({"x": _enciphered(json.dumps(wrong).encode())})


def test_counts_of_keys_come_back_whole_and_of_their_run_alone() -> None:
    matcher = TableMatcher(INDEX, [KeyColumn("arrest_number", ("x",))], Policy())
    matcher.judge(pl.DataFrame({"x": ["K14612345", "K14612345", "M14000001", None, "no id"]}))
    judge = WorkerJudge.of(matcher, "UTC")
    plain = matcher.counted.plain
    part = {"(keys)": PartCipher(INDEX, judge.run).seal("(keys)", plain)}
    joined = TableMatcher(INDEX, matcher.keys, Policy())
    (counts,) = judge.counted(INDEX, [json.dumps(part).encode()])
    joined.join(counts)

    assert joined.tally() == matcher.tally()
    other = WorkerJudge.of(matcher, "UTC")
    for data in (json.dumps(part).encode(), b"{}", b'{"(keys)": 7}', b"[" * 100_000, pickle.dumps(plain)):
        with pytest.raises(UnreadableInput):
            list(other.counted(INDEX, [data]))
    with pytest.raises(UnreadableInput):
        list(judge.counted(INDEX, [json.dumps(part).encode()] * 2))
    for wrong in _changed(plain):
        with pytest.raises((ValueError, TypeError, KeyError)):
            MatchCounts.of_plain(wrong, 1)


def test_counts_in_plain_values_are_the_counts() -> None:
    counts = PlaceCounts(np.array([*range(len(PlaceCounts().by_likeness))]), 3, "c", True, False)
    assert PlaceCounts.of_plain(json.loads(json.dumps(counts.plain))).plain == counts.plain
