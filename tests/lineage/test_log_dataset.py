"""What is logged of clean data: all that evidence needs, and nothing that reveals sealed records."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.certificates import content_digest
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, InvalidCertificate, UncheckedKeys, UnreadableInput, UsageError
from sealscrub.identifiers import generate_keys, load_annex
from sealscrub.lineage import log_dataset
from sealscrub.lineage.members import read_members
from sealscrub.lineage.membership import open_membership
from sealscrub.validators.certification.certificate_issue import StillSealed

from .tracking import ON, OPEN, SEALED, Store, rows

pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return example_index(SEALED, folder=tmp_path_factory.mktemp("index"))


CLEAN = rows(*OPEN[:30])


def everything(store: Store, run: Any) -> dict[str, Any]:
    """What travels: all that a run shows of its data, less what names the run."""
    named = run.info.run_id
    data = store.client.get_run(named).data
    tags = {key: value for key, value in data.tags.items() if key.startswith(("sealscrub.", "mlflow.note."))}
    paths = [file.path for file in store.client.list_artifacts(named, "sealscrub")]
    artifacts = {path: store.artifact(run, path) for path in paths}
    (dataset,) = store.client.get_run(named).inputs.dataset_inputs
    return {
        "tags": tags,
        "params": data.params,
        "metrics": data.metrics,
        "artifacts": {path: len(at) if path.endswith("members") else at for path, at in artifacts.items()},
        "dataset": dataset.dataset.to_dictionary(),
        "context": [(tag.key, tag.value) for tag in dataset.tags],
    }


def test_a_dataset_is_logged_with_all_that_evidence_needs(store: Store, index: Any, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("locked")
    (tmp_path / "sealscrub.toml").write_text("version = 1")
    CLEAN.write_parquet(tmp_path / "clean.parquet")
    with store.run() as run:
        digest = log_dataset(
            tmp_path / "clean.parquet",
            index,
            ON,
            lock=tmp_path / "uv.lock",
            plan=tmp_path / "sealscrub.toml",
            code={"gitCommit": "0123abc"},
            seeds={"numpy": 7},
            verdicts={"expectations": "pass"},
        )
    found = everything(store, run)
    tags, dataset = found["tags"], found["dataset"]

    assert digest == content_digest(CLEAN)
    assert tags["sealscrub.dataset.train"] == str(digest)
    assert (tags["sealscrub.index"], tags["sealscrub.epoch"]) == (index.id, str(index.epoch))
    assert tags["sealscrub.code.gitCommit"] == "0123abc"
    assert tags["sealscrub.code.lockDigest"].startswith("sha256:")
    assert tags["sealscrub.plan.train"].startswith("sha256:")
    assert tags["sealscrub.seed.numpy"] == "7"
    assert tags["sealscrub.verdict.train.rowScan"] == tags["sealscrub.verdict.train.expectations"] == "pass"
    assert tags["sealscrub.verdict.train.nullity"] == "notChecked"
    assert dataset["digest"] == digest.value[:36]
    assert dataset["profile"] is None
    assert [column["name"] for column in json.loads(dataset["schema"])["mlflow_colspec"]] == ["age", "arrest_no"]
    assert "clean.parquet" in dataset["source"]
    record = json.loads(found["artifacts"]["sealscrub/train.json"])
    assert record["digest"] == str(digest)
    assert "rows" not in json.dumps(record)


def test_what_was_not_compared_stands_in_the_record(store: Store, index: Any) -> None:
    named = CLEAN.with_columns(note=pl.Series([f"see {SEALED[0]}.", *["none"] * 29]))
    with store.run(), pytest.raises(StillSealed):
        log_dataset(named, index, ON)

    for how in ({"sweep": False}, {"leave": {"note": "read by hand"}}):
        for data in (named, named.with_columns(note=pl.lit("none"))):
            with store.run() as run:
                log_dataset(data, index, ON, **how)
            record = json.loads(everything(store, run)["artifacts"]["sealscrub/train.json"])
            assert (record["swept"], record["left"]) == (how.get("sweep", True), how.get("leave", {}))
            assert SEALED[0] not in json.dumps(record)


WAYS = {"polars": pl.DataFrame.clone, "pandas": pl.DataFrame.to_pandas, "arrow": pl.DataFrame.to_arrow}


@given(st.lists(st.sampled_from(OPEN[:30] + SEALED), min_size=1, max_size=40), st.sampled_from(sorted(WAYS)), st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_worlds_log_the_same(store: Store, index: Any, ids: list[str], way: str, data: st.DataObject) -> None:
    """Whatever was sealed in the raw data, in whatever order and container: all that travels is the same."""
    raw = rows(*ids)
    without = raw.filter(~pl.col("arrest_no").is_in(SEALED))
    order = data.draw(st.permutations(range(len(without))))
    key = load_annex(Path(str(index.files[1]) + ".annex"))
    found, held = [], []
    with tempfile.TemporaryDirectory() as folder:
        for at, world in enumerate((WAYS[way](raw), without[order])):
            members = Path(folder) / f"{at}.members"
            with store.run() as run:
                log_dataset(ss.scrub(world, index, ON), index, ON, members=members)
            found.append(everything(store, run))
            _, numbers = open_membership(store.artifact(run, "sealscrub/train.members"), key)
            blocks = read_members(members).blocks if members.exists() else {}
            held.append((numbers, repr(blocks)))

    assert found[0] == found[1]
    assert held[0] == held[1]


def test_a_membership_has_exactly_the_records_and_opens_for_the_custodian_alone(
    store: Store, index: Any, tmp_path: Path
) -> None:
    members = tmp_path / "seals.members"
    with store.run() as run:
        log_dataset(rows(*OPEN[:5]), index, ON, members=members)
        log_dataset(
            rows(*OPEN[3:9], "WOBBEGONG"),
            index,
            ON,
            name="more",
            members=members,
            policy=ss.Policy(accept={"unparsable"}, max_unparsable=1.0),
        )
    sealed = [store.artifact(run, f"sealscrub/{name}.members") for name in ("train", "more")]
    key = load_annex(Path(str(index.files[1]) + ".annex"))
    (train, first), (_, second) = (open_membership(each, key) for each in sealed)

    assert (train.run, train.name, train.index) == (run.info.run_id, "train", index.id)
    assert len(first) == 5
    assert len(second) == 6
    assert len(first & second) == 2
    assert read_members(members).count == len(first | second) == 9
    assert all(each.encode() not in content for each in OPEN for content in [*sealed, members.read_bytes()])
    assert len(sealed[0]) == len(sealed[1])
    generate_keys(tmp_path / "other.key")
    for changed, by in ((sealed[0], load_annex(tmp_path / "other.key.annex")), (sealed[0][:-1], key), (b"x", key)):
        with pytest.raises(InvalidCertificate):
            open_membership(changed, by)
    assert store.tags(run)["sealscrub.accepted.more"] == "unparsable"


def test_what_is_not_clean_is_not_logged(store: Store, index: Any, tmp_path: Path) -> None:
    members = tmp_path / "seals.members"
    with store.run() as run:
        with pytest.raises(StillSealed):
            log_dataset(rows(*OPEN, SEALED[0]), index, ON, members=members)
        with pytest.raises(UncheckedKeys):
            log_dataset(rows(*OPEN, "K14O00001"), index, ON, members=members)
    assert not [tag for tag in store.tags(run) if tag.startswith("sealscrub.")]
    assert store.client.list_artifacts(run.info.run_id) == []
    assert store.client.get_run(run.info.run_id).inputs.dataset_inputs == []
    assert not members.exists()


def test_a_run_has_one_index(store: Store, index: Any) -> None:
    with store.run() as run:
        log_dataset(CLEAN, index, ON)
        with pytest.raises(ConfigError, match="another index"):
            log_dataset(CLEAN, example_index(SEALED), ON, name="test")
    assert "sealscrub.dataset.test" not in store.tags(run)


def test_wrong_use_is_said(store: Store, index: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no MLflow run"):
        log_dataset(CLEAN, index, ON)
    with store.run() as run:
        for wrong in (
            {"name": "../up"},
            {"name": ""},
            {"verdicts": {"expectations": "fail"}},
            {"verdicts": {"nullity": "pass"}},
            {"annex_key": b"short", "members": tmp_path / "m"},
            {"use": "aggregate_report"},
            {"policy": ss.Policy(quarantine=True)},
        ):
            with pytest.raises(UsageError):
                log_dataset(CLEAN, index, ON, **wrong)
    assert not [tag for tag in store.tags(run) if tag.startswith("sealscrub.")]


def test_a_store_that_is_away_is_said_without_its_address(
    index: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with store.run():
        store.mlflow.set_tracking_uri("http://user:secret@127.0.0.1:9/")
        try:
            with pytest.raises(Exception, match="tracking store did not") as refused:
                log_dataset(CLEAN, index, ON)
        finally:
            store.mlflow.set_tracking_uri(store.uri)
    assert "secret" not in str(refused.value)


def _gx() -> Any:
    pytest.importorskip("great_expectations", reason="the extra gx is not installed")
    import sealscrub.gx

    return sealscrub.gx


def test_suites_that_hold_are_logged_and_no_others(store: Store, index: Any) -> None:
    outcome = _gx()
    from sealscrub.transforms import Verdict

    def suite(verdict: Verdict, id: str) -> Any:
        result = outcome.ExpectationOutcome(type="expect_no_sealed_records", verdict=verdict)
        facts = {"epoch": index.epoch, "as_of": index.as_of.isoformat(), "index": id}
        return outcome.SuiteOutcome(suite="training_table", data="train", results=(result,), index=facts)

    with store.run() as run:
        log_dataset(CLEAN, index, ON, expectations=[suite(Verdict.CLEAN, index.id)])
    assert store.tags(run)["sealscrub.verdict.train.expectations"] == "pass"
    record = json.loads(store.artifact(run, "sealscrub/train.json"))
    assert [each["suite"] for each in record["expectations"]] == ["training_table"]
    for wrong in (suite(Verdict.FOUND, index.id), suite(Verdict.INCOMPLETE, index.id), suite(Verdict.CLEAN, "0" * 32)):
        with store.run() as run, pytest.raises(ConfigError, match="training_table"):
            log_dataset(CLEAN, index, ON, expectations=[wrong])
        assert "sealscrub.index" not in store.tags(run)


@pytest.mark.parametrize("once", [lambda frame: frame.to_arrow().to_reader(), lambda frame: frame.lazy()])
def test_what_can_be_read_once_is_logged_with_all_its_rows(
    store: Store, index: Any, tmp_path: Path, once: Callable[[pl.DataFrame], Any]
) -> None:
    """A membership without records would say of every later seal that the model is untainted."""
    told = []
    for at, data in enumerate([CLEAN, once(CLEAN)]):
        members = tmp_path / f"{at}.members"
        with store.run():
            told.append((log_dataset(data, index, ON, members=members), read_members(members)))
    assert told[0][0] == told[1][0]
    assert told[0][1].count == told[1][1].count == CLEAN.height


def test_a_reader_that_is_spent_is_not_logged(store: Store, index: Any) -> None:
    spent = CLEAN.to_arrow().to_reader()
    spent_digest = content_digest(spent)
    assert spent_digest == content_digest(CLEAN)
    with store.run(), pytest.raises(UnreadableInput, match="read only once"):
        log_dataset(spent, index, ON)
