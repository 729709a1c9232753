"""Nothing that Great Expectations and pandera show of ours holds a value of a sealed row."""

from __future__ import annotations

import pytest

from .canary.drives_evidence import DRIVES
from .canary.driving import driven_within


def test_nothing_shows_a_canary(tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("great_expectations")
    pytest.importorskip("pandera")
    with driven_within(tmp_path_factory.mktemp("canary"), DRIVES) as driven:
        assert driven.calls > 20
        assert driven.leaks == []
        assert driven.unforeseen == []
        assert driven.leaking_files() == []
        assert driven.files_left() == []
