"""What MLflow's own page of a run shows: parameters, numbers that may travel, a description, the certificate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, InvalidCertificate, UsageError
from sealscrub.identifiers import generate_certifier
from sealscrub.lineage import log_certificate, log_dataset, log_run_page
from sealscrub.validators.certification import certify

from .tracking import ON, OPEN, SEALED, Store, rows

pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore")

NOTE = "mlflow.note.content"
OTHER = rows(*OPEN[30:40])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("index")
    for name in ("team", "other"):
        generate_certifier(place / f"{name}.key")
    return place


@pytest.fixture(scope="module")
def index(folder: Path) -> Any:
    return example_index(SEALED, folder=folder)


def certified(folder: Path, data: pl.DataFrame, index: Any, name: str = "team") -> Path:
    issued = certify(data, index, ON, signer=load_signer(folder / f"{name}.key"))
    place = folder / "data.certificate.json"
    place.write_bytes(issued.certificate)
    return place


@pytest.fixture(scope="module", params=[(), SEALED[:9]], ids=["no sealed records", "nine sealed records"])
def clean(request: pytest.FixtureRequest, index: Any) -> pl.DataFrame:
    scrubbed: pl.DataFrame = ss.scrub(rows(*OPEN[:30], *request.param), index, ON)
    return scrubbed.select("arrest_no")


def test_a_run_shows_parameters_metrics_and_a_description(store: Store, index: Any, clean: pl.DataFrame) -> None:
    with store.run(description="Our nightly run.") as run:
        log_dataset(clean, index, ON, seeds={"numpy": 7}, verdicts={"drift": "pass"})
        log_dataset(OTHER, index, ON, name="test", policy=ss.Policy(accept={"near"}))
        log_dataset(OTHER, index, ON, name="test", policy=ss.Policy(accept={"near"}), seeds={"sklearn": 1})
    data = store.client.get_run(run.info.run_id).data

    assert data.params == {
        "sealscrub.train.keys": "arrest_no (arrest_number)",
        "sealscrub.train.accepted": "nothing",
        "sealscrub.train.seed.numpy": "7",
        "sealscrub.test.keys": "arrest_no (arrest_number)",
        "sealscrub.test.accepted": "near",
        "sealscrub.test.seed.sklearn": "1",
    }
    assert data.metrics == {
        "sealscrub.epoch": index.epoch,
        "sealscrub.train.checks_passed": 2,
        "sealscrub.train.checks_not_made": 2,
        "sealscrub.test.checks_passed": 1,
        "sealscrub.test.checks_not_made": 2,
    }
    digests = {name: data.tags[f"sealscrub.dataset.{name}"].rpartition(":")[2] for name in ("test", "train")}
    assert data.tags[NOTE] == (
        "Our nightly run.\n\n### Sealed records\n\n"
        f"Checked against index `{index.id}`: epoch {index.epoch}, as of {index.as_of}, for output, training by police."
        "\n\n| data | content digest | passed | not checked |\n|---|---|---|---|\n"
        f"| `test` | `{digests['test']}` | `rowScan` | `expectations`, `nullity` |\n"
        f"| `train` | `{digests['train']}` | `drift`, `rowScan` | `expectations`, `nullity` |\n\n"
        "*sealscrub wrote this. It would read the same had the removed records never existed.*"
    )


def test_what_people_write_around_the_description_stays(store: Store, index: Any) -> None:
    with store.run() as run:
        log_dataset(OTHER, index, ON)
    own = store.tags(run)[NOTE]
    store.client.set_tag(run.info.run_id, NOTE, f"Before.\n\n{own}\n\nAfter.")

    log_run_page(run.info.run_id)

    note = store.tags(run)[NOTE]
    assert note.startswith("Before.\n\n### Sealed records")
    assert note.endswith("never existed.*\n\nAfter.")
    assert "`run.html`" in note
    assert note.count("### Sealed records") == 1


def test_other_seeds_of_the_same_data_are_refused(store: Store, index: Any) -> None:
    with store.run() as run:
        log_dataset(OTHER, index, ON, seeds={"numpy": 7})
        with pytest.raises(ConfigError, match="other keys, seeds"):
            log_dataset(OTHER, index, ON, seeds={"numpy": 8})
    assert store.client.get_run(run.info.run_id).data.params["sealscrub.train.seed.numpy"] == "7"


def test_a_certificate_is_a_page_among_the_artifacts(
    store: Store, index: Any, folder: Path, clean: pl.DataFrame
) -> None:
    with store.run() as run:
        log_dataset(OTHER, index, ON, name="test")
        log_dataset(clean, index, ON)
    signed = certified(folder, clean, index)

    assert log_certificate(run.info.run_id, signed, folder / "team.key.pub") == "train"

    assert store.artifact(run, "sealscrub/train.certificate.json") == signed.read_bytes()
    page = store.artifact(run, "sealscrub/train.certificate.html").decode()
    assert "Certificate of exclusion" in page
    assert not [each for each in SEALED if each in page]
    assert "`train.certificate.html`" in store.tags(run)[NOTE]


@pytest.mark.parametrize("wrong", ["other data", "other index", "other signer", "no such run"])
def test_a_certificate_of_something_else_is_not_logged(wrong: str, store: Store, index: Any, folder: Path) -> None:
    with store.run() as run:
        log_dataset(OTHER, index, ON)
    data = rows(*OPEN[:2]) if wrong == "other data" else OTHER
    checked = example_index(SEALED[:2]) if wrong == "other index" else index
    signed = certified(folder, data, checked, "other" if wrong == "other signer" else "team")
    before = store.tags(run)

    with pytest.raises((ConfigError, InvalidCertificate, UsageError)):
        log_certificate("0" * 32 if wrong == "no such run" else run.info.run_id, signed, folder / "team.key.pub")

    assert [each.path for each in store.client.list_artifacts(run.info.run_id, "sealscrub")] == ["sealscrub/train.json"]
    assert store.tags(run) == before
