"""One tracking store for all the tests here: making its tables takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .tracking import Store


@pytest.fixture(scope="session")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    pytest.importorskip("mlflow")
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def store(_store: Store) -> Iterator[Store]:
    _store.open()
    yield _store
    _store.close()
