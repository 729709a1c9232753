"""What is derived from a file, kept of it and published depends on what its rows say, and not on their order."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.registry import derivation

from ..law.court_files import Row, court_files, written
from ..law.test_any_order import SUPERSEDED, TOLD_TWICE
from .custodian import Custodian, notice
from .dispositions import DAY

COUNTED = ("actions", "sealed", "withheld", "open", "appended", "part_sealed", "part_unknown", "rejected")


def derived(made: Path, *files: Sequence[Row]) -> tuple[Any, ...]:
    """Counts, problems, the history of each key, and what an index holds of them, from one file after the other."""
    with tempfile.TemporaryDirectory() as folder:
        custodian = Custodian(Path(folder), copied=made)
        counts, problems = Counter[str](), Counter[tuple[str, str]]()
        for at, file in enumerate(files):
            with written(file) as path:
                told = custodian.registry.derive(path, as_of=DAY, reject_file=Path(folder) / f"rejected-{at}.csv")
            counts.update({name: getattr(told, name) for name in COUNTED})
            problems.update((column, reason) for _, column, reason in told.problems)
        seals = custodian.every_seal()
        histories = {
            (key.scheme, key.value): Counter(map(_stated, custodian.registry.history(key.scheme, key.value)))
            for seal in seals
            for key in seal.keys
        }
        stand = Counter((seal.state, seal.regime, seal.effective_from, frozenset(seal.keys)) for seal in seals)
        return counts, problems, stand, histories, custodian.published()


def _stated(event: Any) -> tuple[Any, ...]:
    return event.event, event.regime, event.effective_from, event.basis, event.rule_version


@settings(max_examples=15, deadline=None)
@example(file=SUPERSEDED, seed=1)
@example(file=TOLD_TWICE, seed=1)
@given(file=court_files(), seed=st.integers(0, 10**6))
def test_any_order_of_rows_leaves_the_same_history_and_the_same_index(
    keys_and_registry: Path, file: list[Row], seed: int
) -> None:
    expected = derived(keys_and_registry, file)

    shuffled = random.Random(seed).sample(file, len(file))
    for order in (shuffled, file[::-1]):
        assert derived(keys_and_registry, order) == expected


@settings(max_examples=8, deadline=None)
@example(files=[SUPERSEDED, SUPERSEDED], seed=1)
@example(files=[TOLD_TWICE, TOLD_TWICE[:1]], seed=1)
@given(files=st.lists(court_files(), min_size=2, max_size=3), seed=st.integers(0, 10**6))
def test_a_file_in_batches_of_whole_persons_leaves_what_the_whole_file_leaves(
    keys_and_registry: Path, files: list[list[Row]], seed: int
) -> None:
    batches = [[_of_batch(each, at) for each in file] for at, file in enumerate(files)]
    every = [each for batch in batches for each in batch]

    whole = derived(keys_and_registry, random.Random(seed).sample(every, len(every)))
    assert derived(keys_and_registry, *batches) == whole


def _of_batch(each: Row, at: int) -> Row:
    """People and cases of different batches have names and numbers of their own."""
    nysid = each["nysid"] and f"{at + 1}{each['nysid'][1:]}"
    return each | {"defendant_id": f"{each['defendant_id']}-{at}", "nysid": nysid}


def kept(made: Path, file: Sequence[Row]) -> tuple[Any, ...]:
    """Every row of events and of keys that a file leaves in a registry, and what is said about it."""
    with tempfile.TemporaryDirectory() as folder:
        custodian = Custodian(Path(folder), copied=made)
        noted = [each["docket"] for each in file if each["docket"]][:3]
        if noted:
            custodian.add(*(notice(f"N{at}", docket=docket) for at, docket in enumerate(noted)))
        with written(file) as path:
            told = custodian.registry.derive(path, as_of=DAY, reject_file=Path(folder) / "rejected.csv")
        custodian.registry.close()
        with closing(sqlite3.connect(custodian.place)) as connection:
            events = connection.execute("SELECT * FROM events ORDER BY event_id").fetchall()
            keys = connection.execute("SELECT * FROM event_keys ORDER BY event_id, scheme, value").fetchall()
        return told, events, keys


@settings(max_examples=6, deadline=None)
@example(file=SUPERSEDED, seed=1, at_once=1)
@example(file=TOLD_TWICE, seed=1, at_once=2)
@given(file=court_files(), seed=st.integers(0, 10**6), at_once=st.sampled_from([1, 2, 5]))
def test_notices_are_the_same_however_many_are_made_at_once(
    keys_and_registry: Path, file: list[Row], seed: int, at_once: int
) -> None:
    for order in (file, random.Random(seed).sample(file, len(file))):
        expected = kept(keys_and_registry, order)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(derivation, "_AT_ONCE", at_once)
            assert kept(keys_and_registry, order) == expected
