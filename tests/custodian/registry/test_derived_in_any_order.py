"""What is derived from a file, kept of it and published depends on what its rows say, and not on their order."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ..law.court_files import Row, court_files, written
from ..law.test_any_order import SUPERSEDED, TOLD_TWICE
from .custodian import Custodian
from .dispositions import DAY


def derived(file: Sequence[Row]) -> tuple[Any, ...]:
    """Counts, problems, the history of each key, and what an index holds of them."""
    with tempfile.TemporaryDirectory() as folder, written(file) as path:
        custodian = Custodian(Path(folder))
        told = custodian.registry.derive(path, as_of=DAY, reject_file=Path(folder) / "rejected.csv")
        seals = custodian.every_seal()
        histories = {
            (key.scheme, key.value): Counter(map(_stated, custodian.registry.history(key.scheme, key.value)))
            for seal in seals
            for key in seal.keys
        }
        stand = Counter((seal.state, seal.regime, seal.effective_from, frozenset(seal.keys)) for seal in seals)
        counts = (told.actions, told.sealed, told.withheld, told.open, told.appended, told.part_sealed, told.rejected)
        problems = Counter((column, reason) for _, column, reason in told.problems)
        return counts, problems, stand, histories, custodian.published()


def _stated(event: Any) -> tuple[Any, ...]:
    return event.event, event.regime, event.effective_from, event.basis, event.rule_version


@settings(max_examples=15, deadline=None)
@example(SUPERSEDED, 1)
@example(TOLD_TWICE, 1)
@given(court_files(), st.integers(0, 10**6))
def test_any_order_of_rows_leaves_the_same_history_and_the_same_index(file: list[Row], seed: int) -> None:
    expected = derived(file)

    shuffled = random.Random(seed).sample(file, len(file))
    for order in (shuffled, file[::-1]):
        assert derived(order) == expected
