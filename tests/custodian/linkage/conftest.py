"""Records to link, made once."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from sealscrub.custodian.linkage import FIELDS, LinkModel, starting_model
from sealscrub.datasets import NamedArrests, make_named_arrests

SEAL = {
    "last_name": "KELMAGANT",
    "first_name": "BELORA",
    "birth_date": "1984-07-31",
    "arrest_date": "2019-03-04",
    "charge": "PETIT LARCENY",
    "sex": "F",
}
"""Somebody who does not exist."""


def records(*each: dict[str, str | None]) -> pl.DataFrame:
    """A frame of records; their ids are ``0``, ``1`` …, but for those that have one."""
    schema = dict.fromkeys(("id", *FIELDS), pl.String)
    rows = [{**dict.fromkeys(FIELDS), "id": str(at), **one} for at, one in enumerate(each)]
    return pl.DataFrame(rows, schema=schema)


@pytest.fixture(scope="session")
def city() -> NamedArrests:
    return make_named_arrests(12_000, seed=5, noise=5)


@pytest.fixture(scope="session")
def numbered_city() -> NamedArrests:
    return make_named_arrests(12_000, seed=5, noise=5, nysid=True)


@pytest.fixture
def model() -> LinkModel:
    return starting_model()


@pytest.fixture
def eager(model: LinkModel) -> LinkModel:
    """One that lists many pairs, so that a dependence between them would be seen."""
    return replace(model, lower=-12.0)
