"""A run that logs its data first and its page last, and the links from data to deployment."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sealscrub as ss
from sealscrub.errors import ConfigError, UsageError
from sealscrub.lineage import log_run_page, run_graph, start_run
from sealscrub.validators.certification.certificate_issue import StillSealed

from .shop import Custodian, Shop
from .tracking import ON, OPEN, SEALED, Store, rows

pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore")


def deployed(shop: Shop, run: Any) -> str:
    """Register what a run logged, and deploy it."""
    client, mlflow = shop.store.client, shop.store.mlflow
    model = mlflow.create_external_model(name="risk", source_run_id=run.info.run_id)
    from mlflow.entities import LoggedModelOutput

    client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, 0)])
    made = client.create_model_version(shop.name, f"models:/{model.model_id}", run.info.run_id)
    client.set_registered_model_alias(shop.name, "champion", made.version)
    client.set_model_version_tag(shop.name, made.version, "sealscrub.endpoint.precinct-79", "https://79.example")
    return str(made.version)


@pytest.mark.parametrize("named", [{"name": "case"}, {"source": "lake/case.csv"}, {"run_name": "case"},
                                   {"experiment": "of case"}, {"code": {"function": "case"}}])  # fmt: skip
def test_a_name_that_is_a_sealed_id_is_not_logged(shop: Shop, custodian: Custodian, named: dict[str, Any]) -> None:
    index = custodian.publish()
    (option, said), (sealed, *_) = next(iter(named.items())), SEALED
    said = {"function": sealed} if option == "code" else said.replace("case", sealed)
    with pytest.raises(ConfigError, match="the id of a sealed record") as refused, start_run(
        rows(*OPEN[:3]), index, ON, **{option: said}
    ):  # fmt: skip
        pass

    assert sealed not in str(refused.value)


def test_the_page_of_a_run_does_not_name_what_a_sealed_id_names(shop: Shop, custodian: Custodian) -> None:
    index = custodian.publish()
    name = f"named-{shop.name}"
    with start_run(rows(*OPEN[:3]), index, ON, experiment=name) as run:
        shop.store.mlflow.set_tag("mlflow.runName", f"case {SEALED[0]}")
    page = shop.store.artifact(run, "sealscrub/run.html").decode()

    assert "case (an id)" in page
    assert SEALED[0] not in page + shop.store.artifact(run, "sealscrub/run.json").decode()


def test_data_run_model_version_and_deployment_hang_together(shop: Shop, custodian: Custodian, tmp_path: Path) -> None:
    index = custodian.publish()
    raw = rows(*OPEN[:5], *SEALED[:3])
    scrubbed = ss.scrub(raw, index, ON, detail=True)
    copy = tmp_path / "copy.html"
    options = {"members": shop.members, "seeds": {"numpy": 7}, "scrubbed": scrubbed.report, "operators_copy": copy}
    name = f"page-{shop.name}"
    shop.store.client.create_experiment(name, (tmp_path / "artifacts").as_uri())
    with start_run(scrubbed.data, index, ON, experiment=name, run_name="nightly", **options) as run:
        version = deployed(shop, run)
    run_id = run.info.run_id
    graph = log_run_page(run_id)

    assert [each["name"] for each in graph.datasets] == ["train"]
    (found,) = graph.versions
    assert (found.name, found.version, found.aliases) == (shop.name, version, ("champion",))
    assert found.endpoints == ("precinct-79",)
    assert list(graph.models) == [found.source]
    page = shop.store.artifact(run, "sealscrub/run.html").decode()
    for shown in ("champion", "precinct-79", "nightly", graph.datasets[0]["digest"], index.id, "seed of numpy"):
        assert shown in page
    assert "src=" not in page
    assert "<script" not in page
    assert json.loads(shop.store.artifact(run, "sealscrub/run.json"))["versions"][0]["aliases"] == ["champion"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert "3 of 8 rows" in copy.read_text()
    assert "Taken out" not in page
    assert "3 of 8" not in page


def test_the_page_that_travels_is_the_same_in_both_worlds(shop: Shop, custodian: Custodian) -> None:
    index = custodian.publish()
    documents = []
    for ids in (OPEN[:5], [*OPEN[:2], *SEALED[:3], *OPEN[2:5]]):
        clean = ss.scrub(rows(*ids).select("arrest_no"), index, ON)
        with shop.store.run(run_name="nightly"), start_run(clean, index, ON, run_name="nightly") as run:
            pass
        page = shop.store.artifact(run, "sealscrub/run.html").decode()
        documents.append(page.replace(run.info.run_id, "RUN").replace(run.info.run_id[:12], "RUN"))

    assert documents[0] == documents[1]


def test_the_operators_copy_stays_out_of_the_store(shop: Shop, custodian: Custodian, tmp_path: Path) -> None:
    index = custodian.publish()
    report = ss.scan(rows(*OPEN[:3]), index, ON)
    with shop.store.run(), start_run(rows(*OPEN[:3]), index, ON) as run:
        pass
    inside = shop.store.folder / "artifacts" / "copy.html"

    with pytest.raises(ConfigError, match="tracking store"):
        log_run_page(run.info.run_id, scrubbed=report, operators_copy=inside)
    assert not inside.exists()
    for half in ({"scrubbed": report}, {"operators_copy": tmp_path / "copy.html"}):
        with pytest.raises(ConfigError), start_run(rows(*OPEN[:3]), index, ON, **half):
            pass
    assert not list(tmp_path.glob("copy.html"))


def test_sealed_data_fail_the_run_before_the_block(shop: Shop, custodian: Custodian) -> None:
    index, reached = custodian.publish(), []
    with pytest.raises(StillSealed), shop.store.run(), start_run(rows(SEALED[0], OPEN[0]), index, ON):
        reached.append(1)

    assert not reached


def test_a_run_that_is_not_there(store: Store) -> None:
    with pytest.raises(UsageError, match="run is not in the tracking store"):
        run_graph("0" * 32)


ALONE = """
import polars as pl
import sealscrub as ss
index = ss.open_index("example.sealindex", "example.key")
with ss.lineage.start_run(pl.DataFrame({"arrest_no": ["M14000017"]}), index, {"arrest_number": "arrest_no"}):
    pass
"""


@pytest.mark.long
def test_where_no_store_is_set_it_is_sqlite_here(tmp_path: Path) -> None:
    from sealscrub.datasets import example_index

    example_index(["K14612345"], folder=tmp_path)
    plain = {name: text for name, text in os.environ.items() if not name.startswith("MLFLOW")}
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ALONE], cwd=tmp_path, env=plain, capture_output=True, text=True
    )

    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "mlflow.db").is_file()
    assert not (tmp_path / "mlruns" / "0" / "meta.yaml").exists()
