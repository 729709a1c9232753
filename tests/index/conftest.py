from __future__ import annotations

from pathlib import Path

import pytest

from .custodian import Custodian


@pytest.fixture
def custodian(tmp_path: Path) -> Custodian:
    return Custodian(tmp_path)


@pytest.fixture(scope="session")
def custodian_of_session(tmp_path_factory: pytest.TempPathFactory) -> Custodian:
    """One for a property, whose examples share it."""
    return Custodian(tmp_path_factory.mktemp("custodian"))
