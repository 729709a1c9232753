"""A catalog for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .lakehouse import Lakehouse


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    made = Lakehouse(tmp_path)
    yield made
    made.close()
