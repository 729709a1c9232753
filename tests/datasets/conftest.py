from __future__ import annotations

import pytest

from sealscrub.datasets import City, make_city


@pytest.fixture(scope="session")
def clean() -> City:
    """More than one block, so that what depends on the others is there."""
    return make_city(arrests=23_000, seed=11, mess=0)


@pytest.fixture(scope="session")
def messy() -> City:
    return make_city(arrests=23_000, seed=11, mess=0.1)
