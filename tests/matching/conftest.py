from __future__ import annotations

from pathlib import Path

import pytest

from sealscrub.index import Index, Reason, open_index

from ..index.custodian import Custodian
from .tables import WITHHELD_OR_SEALED


@pytest.fixture(scope="session")
def custodian(tmp_path_factory: pytest.TempPathFactory) -> Custodian:
    return Custodian(tmp_path_factory.mktemp("custodian"))


@pytest.fixture(scope="session")
def index(custodian: Custodian) -> Index:
    coverage = {("arrest_number",): 6, ("arrest_number", "opaque:a"): 2, ("docket",): 1, ("person_arrest",): 1}
    values = {scheme: {k: Reason(v) for k, v in held.items()} for scheme, held in WITHHELD_OR_SEALED.items()}
    path = custodian.publish(Path(custodian.folder / "a.sealindex"), values, seals=10, coverage=coverage)
    return open_index(path, custodian.key)
