"""No sealed answer, and no refusal once all is well again, whatever becomes of indexes and workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from .soaking import Figures, Soak


def _check(figures: Figures) -> None:
    assert figures.answers > figures.seconds
    assert figures.unavailable > 0
    assert figures.wrong == []
    assert figures.refused == []
    assert not figures.logged_a_row


@pytest.mark.long
def test_twenty_seconds_of_it(tmp_path: Path) -> None:
    _check(Soak(tmp_path).run(20))


@pytest.mark.soak
def test_ten_minutes_of_it(tmp_path: Path) -> None:
    _check(Soak(tmp_path).run(600))
