"""Data of every kind is logged, and its run says where it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deltalake
import pytest

from sealscrub.certificates import content_digest
from sealscrub.certificates.table_version import table_version
from sealscrub.datasets import example_index
from sealscrub.errors import UnreadableInput
from sealscrub.lineage import data_logging, log_dataset

from ..tables.row_sources import KINDS, LAKES, PLACES, TYPES, arrow, row_sources
from .tracking import ON, OPEN, SEALED, Store, rows

mlflow = pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore")

CLEAN = rows(*OPEN[:30])
TABLE = arrow(CLEAN)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return example_index(SEALED, folder=tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with row_sources(tmp_path_factory.mktemp("kinds"), CLEAN) as folder:
        yield folder


def logged(store: Store, index: Any, data: Any, **options: Any) -> tuple[Any, dict[str, Any]]:
    """The run's input, in an experiment of its own: MLflow has one dataset for a name and digest in each."""
    experiment = store.client.create_experiment(f"kinds-{len(store.client.search_experiments())}")
    with mlflow.start_run(experiment_id=experiment) as run:
        log_dataset(data, index, ON, **options)
    (found,) = store.client.get_run(run.info.run_id).inputs.dataset_inputs
    return found, json.loads(store.artifact(run, "sealscrub/train.json"))


@pytest.mark.parametrize("kind", KINDS)
def test_data_of_every_kind_is_logged_and_says_its_source(store: Store, index: Any, place: Path, kind: str) -> None:
    data = KINDS[kind](place)
    found, record = logged(store, index, data, schema=TYPES if kind in ("CSV", "JSON Lines") else None)
    source = mlflow.data.get_source(found.dataset).to_dict()
    version = table_version(data)
    tags = {tag.key: tag.value for tag in found.tags if tag.key.startswith("sealscrub.")}

    assert record["digest"] == str(content_digest(CLEAN))
    assert (version is not None) == (kind in LAKES)
    if version is not None:
        said = {f"sealscrub.table.{part}": value for part, value in version.model_dump().items()}
        address = source["tags"].pop("sealscrub.source")
        assert address.startswith(("delta:", "iceberg:"))
        assert table_version(address) == version
        assert (tags, source["tags"], record["table"]) == (said, said, version.model_dump())
        assert len(version.table) == 36
        assert version.version
        return
    assert (tags, record["table"]) == ({}, None)
    if kind in PLACES:
        assert source == {"uri": str(data)}
    else:
        assert set(source["tags"]) == {"mlflow.source.name", "mlflow.source.type"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("delta:lake/arrests@v1", "delta:lake/arrests@v1"),
        ("postgresql://ann:hush@db.example/estate#city.arrests", "postgresql://db.example/estate#city.arrests"),
        ("teradata://warehouse/arrests", "teradata://warehouse/arrests"),
    ],
)
def test_a_source_that_mlflow_does_not_know_is_kept_without_a_password(
    store: Store, index: Any, source: str, said: str
) -> None:
    found, record = logged(store, index, CLEAN, source=source)
    assert mlflow.data.get_source(found.dataset).to_dict()["tags"] == {"sealscrub.source": said}
    assert "hush" not in f"{found.to_dictionary()}{record}"


def test_runs_of_the_same_rows_name_the_version_that_each_read(store: Store, index: Any, place: Path) -> None:
    said = []
    for version in (0, 1):
        with store.run() as run:
            log_dataset(f"delta:{place / 't'}@v{version}", index, ON, name="versions")
        (found,) = store.client.get_run(run.info.run_id).inputs.dataset_inputs
        said.append({tag.key: tag.value for tag in found.tags}["sealscrub.table.version"])
    assert said == ["0", "1"]


def test_a_table_that_changes_while_it_is_logged_is_not(
    store: Store, index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deltalake.write_deltalake(tmp_path / "t", TABLE)
    real = data_logging.content_digest

    def digest(data: Any, **options: Any) -> Any:
        found = real(data, **options)
        deltalake.write_deltalake(tmp_path / "t", TABLE, mode="append")
        return found

    monkeypatch.setattr(data_logging, "content_digest", digest)
    with store.run() as run, pytest.raises(UnreadableInput, match="changed while it was logged"):
        log_dataset(f"delta:{tmp_path / 't'}", index, ON)
    assert store.client.get_run(run.info.run_id).inputs.dataset_inputs == []
