"""What a check puts on record spares a scrub the trial of recipes, and never changes what it gives."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.transforms.plans import Plan
from sealscrub.transforms.plans.recomputation import derived_tables

NUMBERS = [f"K14{at:06d}" for at in range(1, 31)]
TOML = """
version = 1
[tables.arrests]
source = "arrests.parquet"
keys = { arrest_number = "arrest_no" }
[tables.people]
source = "people.csv"
[tables.people.derived]
arrests = { sql = "select count(*) from arrests a where a.person = this.person", reproduces = 0.5 }
[tables.people.independent]
person = "identity"
[tables.people.types]
person = "BIGINT"
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    folder = tmp_path / "estate"
    folder.mkdir()
    arrests = pl.DataFrame({"arrest_no": NUMBERS, "person": [at % 5 for at in range(30)]})
    arrests.write_parquet(folder / "arrests.parquet")
    people = pl.DataFrame({"person": range(5), "arrests": [6, 6, 9, 6, 6]})
    people.write_csv(folder / "people.csv")
    (folder / "sealscrub.toml").write_text(TOML)
    return folder / "sealscrub.toml"


def scrubbed(plan: Path, output: Path) -> bytes:
    Plan.from_toml(plan).scrub(index=example_index(NUMBERS[:4]), output=output)
    return (output / "people.csv").read_bytes()


def test_a_recorded_check_changes_nothing(plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scrubbed(plan, tmp_path / "before")
    assert Plan.from_toml(plan).check().ok
    record = plan.with_name(".sealscrub.toml.checked")
    tried = []
    original = derived_tables.Derivation._try
    monkeypatch.setattr(
        derived_tables.Derivation, "_try", lambda self, *given: tried.append(given[0].name) or original(self, *given)
    )

    assert record.stat().st_mode & 0o777 == 0o600
    assert scrubbed(plan, tmp_path / "after") == before == b"person,arrests\n0,5\n1,5\n2,\n3,5\n4,6\n"
    assert tried == []


@pytest.mark.parametrize("spoil", ["source", "plan", "record"])
def test_another_file_or_plan_is_tried_again(plan: Path, tmp_path: Path, spoil: str) -> None:
    assert Plan.from_toml(plan).check().ok
    if spoil == "source":
        pl.DataFrame({"person": range(5), "arrests": [1, 2, 3, 4, 5]}).write_csv(plan.with_name("people.csv"))
    elif spoil == "plan":
        plan.write_text(TOML.replace("0.5", "1.0"))
    else:
        plan.with_name(".sealscrub.toml.checked").write_bytes(b"PK nothing")
    if spoil == "record":
        assert scrubbed(plan, tmp_path / "clean") == b"person,arrests\n0,5\n1,5\n2,\n3,5\n4,6\n"
        return
    with pytest.raises(ConfigError, match="the recipe reproduces"):
        scrubbed(plan, tmp_path / "clean")


def _bomb(path: Path, about: int) -> None:
    """Leave a record beside a plan that unpacks to far more than it is."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as record, record.open("about.npy", "w") as file:
        np.lib.format.write_array(file, np.zeros(about, np.uint8))


def test_a_record_that_unpacks_to_much_is_not_unpacked(plan: Path, tmp_path: Path) -> None:
    _bomb(plan.with_name(".sealscrub.toml.checked"), 200_000_000)
    tracemalloc.start()
    try:
        assert scrubbed(plan, tmp_path / "clean") == b"person,arrests\n0,5\n1,5\n2,\n3,5\n4,6\n"
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
