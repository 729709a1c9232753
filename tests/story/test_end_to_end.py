"""The one that must never break: from seal notices to a certified model, and to the models that a new seal taints."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psutil
import pytest

from sealscrub.certificates import State, load_signer, open_certificate
from sealscrub.cli.demo_evidence import HEADER
from sealscrub.custodian.registry import Registry
from sealscrub.datasets import derive_features, make_city
from sealscrub.identifiers import generate_certifier, generate_keys, load_annex, load_key, load_publisher
from sealscrub.index import Index, open_index
from sealscrub.transforms import scan
from sealscrub.transforms.plans import Plan
from sealscrub.validators.certification import certify, verify

from ..lineage.tracking import empty_store

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own

ON = {"arrest_number": "arrest_no"}
FEATURES = ["age", "priors_count", "precinct_rate", "co_arrests"]
PLAN = """version = 1
index = "training.sealindex"
key_file = "seal.key"

[tables.arrests]
source = "arrests.parquet"
keys = { arrest_number = "arrest_number" }

[tables.dockets]
source = "dockets.parquet"
keys = { docket = "docket", arrest_number = "arrest_number" }
link = { arrest_number = "arrests.arrest_number" }
"""


class Custodian:
    """Keys, registry and indexes of one city."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        generate_keys(folder / "seal.key")
        self.registry = Registry.create(folder / "seals.db")

    def publish(self, name: str) -> Index:
        file = self.folder / name
        key, publisher = load_key(self.folder / "seal.key"), load_publisher(self.folder / "seal.key.publisher")
        self.registry.publish(file, keys=key, publisher=publisher, uses=["training", "output"], audience="police")
        return open_index(file, self.folder / "seal.key")

    def seal(self, numbers: list[str], day: str) -> None:
        rows = [f"N{at},sealed,us-ny/cpl-160.50,{day},{day},notice,{number}" for at, number in enumerate(numbers)]
        (self.folder / "new.csv").write_text("\n".join([HEADER, *rows]) + "\n")
        self.registry.add(self.folder / "new.csv")


def train(rows: pl.DataFrame, file: Path) -> Any:
    import joblib
    from sklearn.linear_model import LogisticRegression

    numbers = rows.select(pl.col(FEATURES).cast(pl.Float64)).to_numpy()
    joblib.dump(LogisticRegression(max_iter=300).fit(numbers, rows["rearrested_within_1y"].to_numpy()), file)


def tell(folder: Path, arrests: int) -> None:
    mlflow = pytest.importorskip("mlflow")
    from sealscrub.lineage import TaintState, log_dataset, taint

    city = make_city(arrests, seed=0, mess=0)
    for name in ("arrests", "dockets"):
        city.tables[name].write_parquet(folder / f"{name}.parquet")
    city.tables["notices"].write_csv(folder / "notices.csv")
    (folder / "sealscrub.toml").write_text(PLAN)
    custodian = Custodian(folder)
    custodian.registry.add(folder / "notices.csv")
    index = custodian.publish("training.sealindex")

    Plan.from_toml(folder / "sealscrub.toml").scrub(output=folder / "clean")
    clean = pl.read_parquet(folder / "clean" / "arrests.parquet")
    sealed = city.tables["arrests"].filter(city.truth.sealed_rows("arrests"))["arrest_number"]
    assert 0 < clean.height < arrests
    assert scan(folder / "clean" / "arrests.parquet", index, {"arrest_number": "arrest_number"}).clean
    assert scan(folder / "clean" / "arrests.parquet", index, {"arrest_number": "arrest_number"}).complete
    assert len(sealed) > 0

    rows = derive_features(clean)
    rows.write_parquet(folder / "training.parquet")
    train(rows, folder / "model.joblib")
    generate_certifier(folder / "team.key")
    issued = certify(
        folder / "training.parquet",
        index,
        ON,
        signer=load_signer(folder / "team.key"),
        models=[folder / "model.joblib"],
        receipts=True,
    )
    (folder / "certificate.json").write_bytes(issued.certificate)
    certificate = open_certificate(folder / "certificate.json", folder / "team.key.pub")
    held = {"data": folder / "training.parquet", "models": [folder / "model.joblib"]}
    assert [level.state for level in verify(certificate, index=index, **held).levels[:3]] == [State.REACHED] * 3

    mlflow.set_tracking_uri(f"sqlite:///{shutil.copy(empty_store(), folder / 'mlflow.db')}")
    try:
        experiment = mlflow.create_experiment("story", (folder / "artifacts").as_uri())
        versions = {}
        for part, chosen in (("even", rows[::2]), ("odd", rows[1::2])):
            with mlflow.start_run(experiment_id=experiment) as run:
                log_dataset(chosen, index, ON, members=folder / "seals.members")
            client = mlflow.MlflowClient()
            client.create_registered_model(part)
            version = client.create_model_version(part, (folder / "model.joblib").as_uri(), run.info.run_id)
            versions[part] = f"models:/{part}/{version.version}"
        new = rows[::2]["arrest_no"].gather(np.arange(0, rows[::2].height, max(1, rows.height // 1000))).to_list()
        custodian.seal(new, index.as_of.isoformat())
        today = custodian.publish("today.sealindex")
        report = taint(today, members=folder / "seals.members", annex_key=load_annex(folder / "seal.key.annex"))
        states = {model.uri: model.state for model in report.models}
    finally:
        mlflow.set_tracking_uri(None)
        custodian.registry.close()

    assert states[versions["even"]] is TaintState.TAINTED
    assert states[versions["odd"]] is TaintState.UNTAINTED
    later = verify(certificate, index=today, **held)
    assert later.stale
    assert later.levels[2].state is State.FAILED


def test_a_small_city_end_to_end(tmp_path: Path) -> None:
    tell(tmp_path, 20_000)


@pytest.mark.long
def test_a_million_arrests_end_to_end(tmp_path: Path) -> None:
    tell(tmp_path, 1_000_000)

    assert psutil.Process().memory_info().rss < 8 << 30
