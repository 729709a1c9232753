"""Nothing that Great Expectations and pandera show of ours holds a value of a sealed row."""

from __future__ import annotations

import pytest

from .canary.drives_evidence import expectations, schemas, suites
from .canary.driving import driven_within

DRIVES = {"great_expectations": (suites, expectations), "pandera": (schemas,)}


@pytest.mark.parametrize("package", DRIVES)
def test_nothing_shows_a_canary(package: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip(package)
    with driven_within(tmp_path_factory.mktemp("canary"), DRIVES[package]) as driven:
        assert driven.calls > 15
        assert driven.leaks == []
        assert driven.unforeseen == []
        assert driven.leaking_files() == []
        assert driven.files_left() == []
