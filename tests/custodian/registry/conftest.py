"""A custodian with an empty registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .custodian import Custodian


@pytest.fixture
def custodian(tmp_path: Path) -> Iterator[Custodian]:
    made = Custodian(tmp_path)
    yield made
    made.registry.close()
