"""A model that MLflow has saved and loaded again, as the system under test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.filters import LiveIndex, guard
from sealscrub.testing import OutputNullityVerdict, Probe, check_output_nullity

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore")]
pytest.importorskip("mlflow")

ON = {"arrest_number": "arrest_no"}
SEALED = ["K14000003", "K14000020", "K14000037"]
RECORDS = pd.DataFrame({"arrest_no": [f"K14{at:06d}" for at in range(1, 41)], "age": [18.0, 25.0, 31.5, 40.0] * 10})
RECORDS["days"] = [(at * 37 % 41) / 3 for at in range(40)]


@pytest.mark.parametrize("fitted_on", ["scrubbed", "all"])
def test_a_guarded_pyfunc_model_passes_where_it_was_fitted_without_them(tmp_path: Path, fitted_on: str) -> None:
    import mlflow

    from sealscrub.mlflow import save_guarded_model

    example_index(SEALED, folder=tmp_path)
    index = ss.open_index(tmp_path / "example.sealindex", key=tmp_path / "example.key")
    live = LiveIndex(tmp_path / "example.sealindex", tmp_path / "example.key")
    made: list[Path] = []

    def build(records: pd.DataFrame) -> Any:
        clean = ss.scrub(records, index, ON)
        fitted = clean if fitted_on == "scrubbed" else records
        model = LinearRegression().fit(fitted[["age"]], fitted["days"])
        made.append(tmp_path / f"model-{len(made)}")
        safe = guard(model, live, ON, known=clean["arrest_no"].tolist())
        save_guarded_model(safe, made[-1], input_example=clean.head(2)[["arrest_no", "age"]])
        return mlflow.pyfunc.load_model(str(made[-1]))

    def query(system: Any, probe: Probe) -> Any:
        return system.predict(pd.DataFrame({"arrest_no": [probe.id], "age": [probe["age"]]}))

    options: dict[str, Any] = {"query": query, "isolated": False, "variants": (), "targets": 3, "random": 8}
    options["kinds"] = ["itself", "unknown id", "random"]
    report = check_output_nullity(build, RECORDS, index, ON, **options)

    wanted = OutputNullityVerdict.PASS if fitted_on == "scrubbed" else OutputNullityVerdict.INTERFERENCE
    assert report.verdict is wanted, report.to_text()
