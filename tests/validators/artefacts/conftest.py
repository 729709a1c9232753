from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sealscrub.datasets import example_index
from sealscrub.index import Index
from sealscrub.validators.artefacts import ModelAudit, audit_model

from .models import SEALED, Training

Audit = Callable[..., ModelAudit]


@pytest.fixture(scope="package")
def index() -> Index:
    return example_index(SEALED)


@pytest.fixture(scope="package")
def training() -> Training:
    return Training.made()


@pytest.fixture(scope="package")
def rows(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return training.write_rows(tmp_path_factory.mktemp("rows") / "train.parquet")


@pytest.fixture
def audit(index: Index, rows: Path) -> Audit:
    """Audit with the training table."""

    def run(target: Path, **options: Any) -> ModelAudit:
        return audit_model(target, index, rows=rows, on={"arrest_number": "arrest_no"}, **options)

    return run
