"""No function writes a file or a folder that has the address of a table for a name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

import sealscrub as ss
from sealscrub.atomic_write import placed_file, placed_folder, placed_path
from sealscrub.custodian.aggregates import Ledger, aggregate
from sealscrub.custodian.custody import AuditLog, ReferenceKey
from sealscrub.custodian.registry import Registry
from sealscrub.datasets import example_index, make_estate, write_city
from sealscrub.errors import UsageError
from sealscrub.filters import guard
from sealscrub.identifiers import generate_certifier, generate_keys
from sealscrub.lineage import run_drill
from sealscrub.transforms.plans import Plan

ON = {"arrest_number": "arrest_no"}
ROWS = pl.DataFrame({"arrest_no": ["K14612345", *(f"M{at:08d}" for at in range(14000017, 14000040))]})
TYPED_IN_IT = "correct-horse"
ADDRESSES = (
    "delta:made",
    "iceberg:made",
    "sqlite:made",
    "duckdb:made",
    f"postgres://a:{TYPED_IN_IT}@made",
    "a.db#made",
    "DELTA:made",
    "a.DB#made",
)


def _placed_file(place: str) -> None:
    with placed_file(place):
        pass


def _placed_path(place: str) -> None:
    with placed_path(place):
        pass


def _placed_folder(place: str) -> None:
    with placed_folder(place):
        pass


def _gx_action(place: str) -> None:
    pytest.importorskip("great_expectations", reason="the extra gx is not installed")
    from sealscrub.gx import RequireEveryExpectation

    RequireEveryExpectation(report=place).run(SimpleNamespace(run_results={}))


def _guarded_model(place: str) -> None:
    pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    from sealscrub.mlflow import save_guarded_model

    index = example_index(["K14612345"])
    save_guarded_model(guard(LogisticRegression(), index, ON, known=["M14000017"]), place)


def _plan_scrub(place: str) -> None:
    plan = Plan.from_dict({"version": 1, "tables": {"arrests": {"source": "in.parquet", "keys": ON}}}, root=Path())
    plan.scrub(index=example_index(["K14612345"]), output=place)


WRITERS: dict[str, Callable[[str], object]] = {
    "placed_file": _placed_file,
    "placed_path": _placed_path,
    "placed_folder": _placed_folder,
    "report.save": lambda place: ss.scan(ROWS, example_index(["K14612345"]), ON).save(f"{place}.html"),
    "scrub quarantine": lambda place: ss.scrub(
        "in.parquet", example_index(["K14612345"]), ON, output="out.parquet", quarantine=f"{place}.parquet"
    ),
    "figures": lambda place: aggregate(pl.DataFrame({"precinct": [14] * 40}), "precinct").write(f"{place}.csv"),
    "keys": generate_keys,
    "certifier": generate_certifier,
    "reference key": ReferenceKey.create,
    "audit log": lambda place: AuditLog.create(place, who="clerk"),
    "registry": lambda place: Registry.create(place),
    "city": lambda place: write_city(place, arrests=1_000),
    "estate": lambda place: make_estate(arrests=1_000).write(place),
    "plan scrub": _plan_scrub,
    "ledger": Ledger,
    "receipts": lambda place: run_drill(example_index(["K14612345"]), receipts_to=place),
    "suite outcomes": _gx_action,
    "guarded model": _guarded_model,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_the_address_of_a_table_is_not_written_as_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ROWS.write_parquet("in.parquet")
    for address in ADDRESSES:
        if writer == "registry" and address.startswith("postgres:"):
            continue  # which it can be in
        with pytest.raises(UsageError, match="is the address of a table or of a database") as refused:
            WRITERS[writer](address)
        assert TYPED_IN_IT not in str(refused.value)
        assert [each.name for each in tmp_path.iterdir()] == ["in.parquet"]
