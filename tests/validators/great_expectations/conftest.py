"""Great Expectations, where it is installed, and an index with what is planted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sealscrub.datasets import example_index
from sealscrub.index import Index

pytest.importorskip("great_expectations", reason="the extra gx is not installed")

SEALED, WITHHELD = "K14618033", "M15141592"
CLEAN = [f"M14{at:06d}" for at in range(1, 41)]


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """No index in the environment, and no data context of an earlier test."""
    from great_expectations.data_context.data_context.context_factory import project_manager

    project_manager.set_project(None)
    for name in ("SEALSCRUB_INDEX", "SEALSCRUB_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="package")
def index(folder: Path) -> Index:
    return example_index([SEALED], withheld=[WITHHELD], folder=folder, uses=("training", "output", "inference_input"))


def arrests(*special: str) -> pd.DataFrame:
    numbers = [*CLEAN, *special]
    return pd.DataFrame({"arrest_no": numbers, "precinct": range(len(numbers))})
