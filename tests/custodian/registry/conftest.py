"""A custodian with an empty registry, made once and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .custodian import Custodian


@pytest.fixture(scope="session")
def keys_and_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    Custodian(folder).registry.close()
    return folder


@pytest.fixture
def custodian(tmp_path: Path, keys_and_registry: Path) -> Iterator[Custodian]:
    made = Custodian(tmp_path, copied=keys_and_registry)
    yield made
    made.registry.close()
