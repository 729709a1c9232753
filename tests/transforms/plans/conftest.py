"""A city that several tests look at and none changes."""

from __future__ import annotations

import pytest

from sealscrub.datasets import City, make_city


@pytest.fixture(scope="session")
def city() -> City:
    return make_city(arrests=2_000, seed=3)
