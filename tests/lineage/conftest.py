"""One tracking store for all the tests here: making its tables takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .shop import Custodian, Shop
from .tracking import SEALED, Store


@pytest.fixture(scope="session")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    pytest.importorskip("mlflow")
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def store(_store: Store) -> Iterator[Store]:
    _store.open()
    yield _store
    _store.close()


@pytest.fixture
def custodian(tmp_path: Path) -> Iterator[Custodian]:
    made = Custodian(tmp_path)
    made.seal(*SEALED[:3])
    yield made
    made.registry.close()


@pytest.fixture
def shop(store: Store, custodian: Custodian) -> Shop:
    return Shop(store, custodian)
