"""What is stale, what was never covered, and what proves nothing: by files, plans, logs and MLflow."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import deltalake
import pytest

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.cli.audit_log_scrubs import logged_scrubs
from sealscrub.cli.survey_findings import findings_of
from sealscrub.custodian.custody import AuditLog, Concern, Entry, Kind
from sealscrub.errors import ConfigError, KeyFileError, UnreadableInput, UnsuitableIndex
from sealscrub.identifiers import generate_certifier
from sealscrub.lineage import Coverage, log_dataset, read_inventory, survey
from sealscrub.lineage.coverage import (
    Inventory,
    ListedData,
    ListedIndex,
    ListedPlan,
    ListedService,
    Proof,
    Standing,
    due_of,
)
from sealscrub.transforms.plans import Plan
from sealscrub.validators.certification import certify

from ..cli.conftest import sealscrub
from .shop import Custodian, Shop
from .tracking import ON, OPEN, SEALED, Store, rows

__all__ = ["sealscrub"]
pytestmark = pytest.mark.filterwarnings("ignore")


@dataclass
class Estate:
    """A custodian's world with clean data in it, and who certifies."""

    custodian: Custodian
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.custodian.folder

    def data(self, name: str = "train.parquet", ids: list[str] = OPEN[:9]) -> Path:
        rows(*ids).write_parquet(self.folder / name)
        return self.folder / name

    def certify(self, path: Path, index: Any, key: str = "team.key", **options: Any) -> None:
        if not (self.folder / key).exists():
            generate_certifier(self.folder / key)
        issued = certify(path, index, ON, signer=load_signer(self.folder / key), name=path.name, **options)
        path.with_name(f"{path.stem}.certificate.json").write_bytes(issued.certificate)

    def ask(self, index: Any, *paths: str, **parts: Any) -> Coverage:
        listed = tuple(ListedData(name=each, path=each) for each in paths)
        inventory = Inventory(version=1, home=self.folder, **{"datasets": listed} | parts)
        return survey(inventory, index, public_keys=[self.folder / "team.key.pub"], **self.options)


@pytest.fixture
def estate(custodian: Custodian) -> Estate:
    if not (custodian.folder / "team.key").exists():
        generate_certifier(custodian.folder / "team.key")
    return Estate(custodian)


def standings(found: Coverage) -> dict[str, str]:
    return {item.name: item.standing.value for item in found.items}


def test_what_is_certified_goes_stale_with_the_next_epoch(estate: Estate) -> None:
    index = estate.custodian.publish()
    estate.certify(estate.data(), index)
    estate.data("bare.parquet")
    found = estate.ask(index, "train.parquet", "bare.parquet")
    (covered,) = found.of(Standing.COVERED)

    assert standings(found) == {"bare.parquet": "never covered", "train.parquet": "covered"}
    assert covered.evidence is not None
    assert (covered.evidence.proof, covered.evidence.epoch) == (Proof.CERTIFICATE, 1)
    assert covered.evidence.made == dt.datetime.now(dt.UTC).date()
    estate.custodian.seal(OPEN[0])
    later = estate.ask(estate.custodian.publish(), "train.parquet")
    assert standings(later) == {"train.parquet": "stale"}
    assert later.items[0].why == "checked against epoch 1; it is 2 now"
    assert (found.exit_code, later.exit_code) == (1, 1)
    assert estate.ask(index, "train.parquet").exit_code == 0


def test_a_delta_table_is_told_by_the_rows_of_its_newest_version(estate: Estate) -> None:
    index, lake = estate.custodian.publish(), estate.folder / "lake"
    deltalake.write_deltalake(lake, rows(*SEALED).to_arrow())
    deltalake.write_deltalake(lake, rows(*OPEN[:9]).to_arrow(), mode="overwrite")
    issued = certify(f"delta:{lake}", index, ON, signer=load_signer(estate.folder / "team.key"), name="lake")
    (estate.folder / "lake.certificate.json").write_bytes(issued.certificate)
    assert standings(estate.ask(index, "lake")) == {"lake": "covered"}

    deltalake.write_deltalake(lake, rows(*OPEN[:2]).to_arrow(), mode="append")
    assert standings(estate.ask(index, "lake")) == {"lake": "unproven"}


def test_a_seal_that_begins_by_date_alone_makes_stale_too(estate: Estate) -> None:
    today = dt.datetime.now(dt.UTC).date()
    estate.certify(estate.data(), estate.custodian.publish(as_of=today - dt.timedelta(1)))
    found = estate.ask(estate.custodian.publish(as_of=today), "train.parquet")

    assert "seals may have begun" in found.items[0].why


def test_a_certificate_that_does_not_hold_is_no_proof(estate: Estate) -> None:
    index = estate.custodian.publish()
    path = estate.data()
    estate.certify(path, index)
    estate.data(ids=OPEN[:8])
    assert standings(estate.ask(index, "train.parquet")) == {"train.parquet": "unproven"}
    estate.certify(estate.data(), index, "stranger.key")
    assert "none of the given keys signed it" in estate.ask(index, "train.parquet").items[0].why
    path.with_name("train.certificate.json").write_text("{}")
    assert standings(estate.ask(index, "train.parquet")) == {"train.parquet": "unproven"}


def test_another_registrys_certificate_is_no_proof(estate: Estate, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Custodian(tmp_path / "other")
    other.seal(SEALED[5])
    estate.certify(estate.data(), other.publish())
    found = estate.ask(estate.custodian.publish(), "train.parquet")

    assert found.items[0].standing is Standing.UNPROVEN
    assert found.items[0].why == "checked against another registry"
    other.registry.close()


def test_a_certificate_past_its_last_day_is_stale(estate: Estate) -> None:
    index, today = estate.custodian.publish(), dt.datetime.now(dt.UTC).date()
    estate.certify(estate.data(), index, not_after=today)
    estate.options["today"] = today + dt.timedelta(2)

    assert estate.ask(index, "train.parquet").items[0].why == f"its last day was {today}"


def test_a_report_counts_until_the_data_is_changed(estate: Estate) -> None:
    index, folder = estate.custodian.publish(), estate.folder
    rows(*OPEN[:5], SEALED[0]).write_csv(folder / "raw.csv")
    report = ss.scrub(folder / "raw.csv", index, ON, output=folder / "clean.csv")
    report.save(folder / "clean.json")
    ss.scan(folder / "raw.csv", index, ON).save(folder / "raw.json")
    listed = (
        ListedData(name="clean", path="clean.csv", report="clean.json"),
        ListedData(name="raw", path="raw.csv", report="raw.json"),
        ListedData(name="torn", path="raw.csv", report="raw.csv"),
        ListedData(name="away", path="away.csv"),
    )
    found = estate.ask(index, datasets=listed)

    assert standings(found) == {"clean": "covered", "raw": "unproven", "torn": "not checked", "away": "not checked"}
    os.utime(folder / "clean.csv", (time.time() + 5,) * 2)
    assert standings(estate.ask(index, datasets=listed[:1])) == {"clean": "unproven"}
    assert estate.ask(index, datasets=listed[3:]).exit_code == 3


def test_a_report_does_not_say_of_which_registry_another_index_was(estate: Estate) -> None:
    today, folder = dt.datetime.now(dt.UTC).date(), estate.folder
    rows(*OPEN[:5]).write_csv(folder / "raw.csv")
    earlier = estate.custodian.publish(as_of=today - dt.timedelta(1))
    ss.scrub(folder / "raw.csv", earlier, ON, output=folder / "clean.csv").save(folder / "clean.json")
    listed = (ListedData(name="clean", path="clean.csv", report="clean.json"),)
    found = estate.ask(estate.custodian.publish(as_of=today), datasets=listed)
    assert (found.items[0].standing, "of which registry" in found.items[0].why) == (Standing.UNPROVEN, True)
    estate.custodian.seal(OPEN[0])
    assert standings(estate.ask(estate.custodian.publish(), datasets=listed)) == {"clean": "stale"}


def test_certificates_alone_count_where_that_is_asked_for(estate: Estate) -> None:
    index, folder = estate.custodian.publish(), estate.folder
    rows(*OPEN[:5], SEALED[0]).write_parquet(folder / "raw.parquet")
    ss.scrub(folder / "raw.parquet", index, ON, output=folder / "clean.parquet").save(folder / "clean.json")
    listed = (ListedData(name="clean", path="clean.parquet", report="clean.json"),)
    assert standings(estate.ask(index, datasets=listed)) == {"clean": "covered"}
    estate.options["signed"] = True
    assert estate.ask(index, datasets=listed).items[0].why == "clean.json: it is not signed"
    estate.certify(folder / "clean.parquet", index)
    assert standings(estate.ask(index, datasets=listed)) == {"clean": "covered"}


def test_every_table_of_a_plan_is_listed_with_what_its_run_left(estate: Estate) -> None:
    index, folder = estate.custodian.publish(), estate.folder
    (folder / "raw").mkdir()
    estate.data("raw/train.parquet", [*OPEN[:5], SEALED[0]])
    (folder / "sealscrub.toml").write_text(
        'version = 1\n[tables.train]\nsource = "raw/train.parquet"\nkeys = { arrest_number = "arrest_no" }\n'
        'independent = { age = "of the row" }\n'
    )
    plans = (ListedPlan(plan="sealscrub.toml", output="clean"),)
    name = "sealscrub.toml: train"
    assert standings(estate.ask(index, plans=plans)) == {name: "not checked"}
    Plan.from_toml(folder / "sealscrub.toml").scrub(index=index, output=folder / "clean")
    found = estate.ask(index, plans=plans)
    assert standings(found) == {name: "covered"}
    assert found.items[0].evidence is not None
    assert found.items[0].evidence.proof is Proof.RECORD
    estate.custodian.seal(OPEN[0])
    assert standings(estate.ask(estate.custodian.publish(), plans=plans)) == {name: "stale"}
    (folder / "clean" / "more").write_text("x")
    assert estate.ask(index, plans=plans).items[0].why == "the output was changed since"
    with (folder / "sealscrub.toml").open("a") as plan:
        plan.write('[tables.new]\nsource = "raw/new.parquet"\nindependent = "nobody in it"\n')
    assert estate.ask(index, plans=plans).items[0].why == "the plan was changed since"
    (folder / "sealscrub.toml").write_text("version = 2")
    assert standings(estate.ask(index, plans=plans)) == {"sealscrub.toml": "not checked"}


def test_a_log_of_scrubs_knows_files_by_their_contents(estate: Estate) -> None:
    from sealscrub.certificates import sha256_of

    index, path = estate.custodian.publish(), estate.data("train.csv")
    log = AuditLog.create(estate.folder / "scrubs.log", who="team")
    entry = Entry(kind=Kind.SCRUB, who="team", what="scrub", epoch=index.epoch, digest=index.id,
                  registry=index.header.facts.registry)  # fmt: skip
    with log.act(entry) as act:
        act.digest = sha256_of(path)
    estate.options["scrubs"] = logged_scrubs(log.path)
    found = estate.ask(index, "train.csv")
    assert found.items[0].evidence is not None
    assert (found.items[0].standing, found.items[0].evidence.proof) == (Standing.COVERED, Proof.LOG)
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(3)
    assert standings(estate.ask(estate.custodian.publish(as_of=day), "train.csv")) == {"train.csv": "unproven"}
    estate.custodian.seal(OPEN[0])
    assert standings(estate.ask(estate.custodian.publish(), "train.csv")) == {"train.csv": "stale"}
    path.write_text("arrest_no\n")
    assert standings(estate.ask(index, "train.csv")) == {"train.csv": "never covered"}


def test_a_service_stands_as_badly_as_its_model_and_its_index(estate: Estate) -> None:
    index, folder = estate.custodian.publish(), estate.folder
    (folder / "risk.joblib").write_bytes(b"weights")
    data = estate.data()
    if not (folder / "team.key").exists():
        generate_certifier(folder / "team.key")
    issued = certify(
        data, index, ON, signer=load_signer(folder / "team.key"), models=[folder / "risk.joblib"], name="t"
    )
    (folder / "risk.certificate.json").write_bytes(issued.certificate)
    place = index.files[0].name
    parts = {
        "datasets": (),
        "models": (ListedData(name="risk", path="risk.joblib"),),
        "services": (
            ListedService(name="api", models=("risk",), index=place),
            ListedService(name="unlisted", models=("other",)),
            ListedService(name="far", models=("models:/risk@champion",)),
            ListedService(name="bare"),
        ),
        "indexes": (ListedIndex(path=place),),
    }
    assert standings(estate.ask(index, **parts)) == {
        "api": "covered",
        "risk": "covered",
        place: "covered",
        "unlisted": "never covered",
        "far": "not checked",
        "bare": "never covered",
    }
    estate.custodian.seal(OPEN[0])
    newer = estate.ask(estate.custodian.publish(), **parts)
    assert standings(newer)["api"] == standings(newer)[place] == "stale"
    estate.options["today"] = index.not_after + dt.timedelta(1)
    assert [item.name for item in estate.ask(index, **parts).past_their_date] == [place]


def test_models_of_mlflow_are_listed_with_the_data_of_their_runs(estate: Estate, shop: Shop, store: Store) -> None:
    index = estate.custodian.publish()
    first = shop.model(OPEN[:5], index)
    with store.run():
        log_dataset(rows(*OPEN[:3]), index, ON, name="train", members=shop.members)
        import mlflow

        mlflow.log_input(mlflow.data.from_polars(rows(*OPEN[3:5]), name="extra"))
        mixed = shop.register(mlflow.active_run().info.run_id)
    with store.run() as run:
        pass
    bare = shop.register(run.info.run_id)
    store.client.set_registered_model_alias(shop.name, "champion", first.rpartition("/")[2])
    estate.options["tracking_uri"] = store.uri

    def asked(index: Any) -> dict[str, str]:
        services = (ListedService(name="api", models=(f"models:/{shop.name}@champion", mixed)),)
        found = estate.ask(index, datasets=(), services=services)
        return {name: how for name, how in standings(found).items() if shop.name in name or name in ("extra", "api")}

    assert asked(index) == {first: "covered", mixed: "unproven", bare: "never covered", "extra": "never covered",
                            "api": "unproven"}  # fmt: skip
    estate.custodian.seal(OPEN[0])
    newest = estate.custodian.publish()
    assert asked(newest)[first] == "stale"
    shop.ask(newest, first)
    (served,) = (item for item in estate.ask(newest, datasets=()).served_tainted if item.name == first)
    assert (served.taint, served.served) == ("tainted", ("champion",))


def test_what_it_writes_says_the_same_and_counts_no_record(estate: Estate) -> None:
    index = estate.custodian.publish()
    estate.certify(estate.data(), index)
    estate.data("=bare.parquet")
    found = estate.ask(index, "train.parquet", "=bare.parquet")
    for suffix in ("html", "json", "csv", "txt"):
        found.save(estate.folder / f"coverage.{suffix}")
    document = json.loads((estate.folder / "coverage.json").read_text())
    table = list(csv.DictReader((estate.folder / "coverage.csv").read_text().splitlines()))

    assert document["counts"] == {"never covered": 1, "covered": 1}
    assert [row["name"] for row in table] == ["'=bare.parquet", "train.parquet"]
    assert table[1]["proof"] == "certificate"
    page = (estate.folder / "coverage.html").read_text()
    assert "Not everything is covered" in page
    assert page.count("%;background:var(") == 2
    assert "<script" not in page
    assert f"epoch 1, as of {index.as_of}\n" in (estate.folder / "coverage.txt").read_text()
    with pytest.raises(ConfigError, match="suffix"):
        found.save(estate.folder / "coverage.pdf")
    assert not any(number in page for number in (*SEALED, *OPEN))


def test_a_world_without_the_seals_has_the_same_coverage(estate: Estate, tmp_path: Path) -> None:
    """Nothing of it but the index's id tells whether records were removed."""
    seen = []
    for name, raw in (("with", [*OPEN[:5], SEALED[0]]), ("without", OPEN[:5])):
        (tmp_path / name).mkdir()
        rows(*raw).write_csv(tmp_path / name / "raw.csv")
        index = estate.custodian.publish(as_of=dt.datetime.now(dt.UTC).date())
        report = ss.scrub(tmp_path / name / "raw.csv", index, ON, output=tmp_path / name / "clean.csv")
        report.save(tmp_path / name / "clean.json")
        listed = (ListedData(name="clean", path="clean.csv", report="clean.json"),)
        found = survey(Inventory(version=1, home=tmp_path / name, datasets=listed), index)
        seen.append((found.to_json(), found.to_csv(), found.to_html()))
    assert [text.replace(str(tmp_path / "with"), "") for text in seen[0]] == [
        text.replace(str(tmp_path / "without"), "") for text in seen[1]
    ]


@pytest.mark.parametrize(
    "content",
    ["version = 2", "version = 1\nmodel = 3", "version = ", 'version = 1\n[[datasets]]\nname = "a"',
     'version = 1\n[[datasets]]\nname = "a"\npath = "b"\n[[datasets]]\nname = "a"\npath = "c"'],
)  # fmt: skip
def test_an_inventory_that_says_something_else_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "inventory.toml").write_text(content)
    with pytest.raises(ConfigError):
        read_inventory(tmp_path / "inventory.toml")
    with pytest.raises(UnreadableInput):
        read_inventory(tmp_path / "absent.toml")


def test_an_index_for_another_use_is_refused(estate: Estate) -> None:
    with pytest.raises(UnsuitableIndex):
        survey(Inventory(version=1), estate.custodian.publish(), use="gun_licence")


def test_the_command_says_it_and_ends_with_1(estate: Estate, sealscrub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(estate.folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    index = estate.custodian.publish()
    estate.certify(estate.data(), index)
    estate.data("bare.parquet")
    Path("inventory.toml").write_text('version = 1\n[[datasets]]\nname = "train"\npath = "train.parquet"\n')
    words = ["audit", "coverage", "inventory.toml", "--index", index.files[0], "--key-file", "seal.key"]
    words += ["--trusted-key", "team.key.pub"]
    assert sealscrub(*words, "--report", "c.html", "--report", "c.csv").code == 0
    assert Path("c.html").read_text().count('<ul class="bars">') == 1
    assert Path("c.html").read_text().count('<svg class="timeline"') == 1
    with Path("inventory.toml").open("a") as file:
        file.write('[[datasets]]\nname = "bare"\npath = "bare.parquet"\n')
    ended = sealscrub(*words)
    assert (ended.code, ended.out.splitlines()[0].split(".")[0]) == (1, "Not everything is covered")
    assert sealscrub(*words, "--plan-output", "x").code == 2
    assert sealscrub(*words, "--report", "c.pdf").code == 2
    assert sealscrub(*words, "--format", "yaml").code == 2


def test_a_monitor_reads_which_tainted_models_are_served(
    estate: Estate, shop: Shop, store: Store, sealscrub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(estate.folder)
    index = estate.custodian.publish()
    served, kept = shop.model(OPEN[:5], index), shop.model(OPEN[:5], index)
    store.client.set_model_version_tag(
        shop.name, served.rpartition("/")[2], "sealscrub.endpoint.79", "https://r.example"
    )
    estate.custodian.seal(OPEN[0])
    newest = estate.custodian.publish()
    taint = shop.ask(newest, served, kept, tag=False)
    found = [each for each in findings_of(estate.ask(newest, datasets=()), taint) if shop.name in each.what]

    assert [(each.concern, each.what) for each in found] == [(Concern.SERVED_TAINTED, served)]
    assert found[0].said == f"{served} is tainted, and served: served as 79"
    AuditLog.create(estate.folder / "audit.log", who="x")
    day = dt.datetime.now(dt.UTC).date()
    words = ["audit", "report", "audit.log", "--from", day, "--until", day, "--zone", "UTC", "--index", newest.files[0]]
    words += ["--key-file", "seal.key", "--tracking-uri", store.uri, "--members", shop.members]
    ended = sealscrub(*words, "--annex-key", "seal.key.annex", "--report", "q.html")
    assert ended.code == 0, ended.err
    said = " ".join(ended.out.split())  # lines are as wide as a terminal
    assert f"tainted model served: {served} is tainted" in said
    assert f"scrub not rerun: model {served}: checked against epoch 1" in said
    assert "tainted model served" in Path("q.html").read_text()
    assert store.client.get_model_version(shop.name, served.rpartition("/")[2]).tags.get("sealscrub.taint") is None


def test_what_stands_out_and_what_runs_out_goes_into_a_monitors_report(estate: Estate) -> None:
    index = estate.custodian.publish()
    estate.certify(estate.data(), index)
    place = index.files[0].name
    parts = {"indexes": (ListedIndex(path=place),), "services": (ListedService(name="bare"),)}
    listed = tuple(ListedData(name=each, path=f"{each}.parquet") for each in ("train",))
    now = estate.ask(index, datasets=listed, **parts)
    assert [each.concern for each in findings_of(now)] == [Concern.NOT_COVERED]
    assert due_of(now)[0][0] == index.not_after
    estate.options["today"] = index.not_after + dt.timedelta(1)
    late = findings_of(estate.ask(index, datasets=listed, **parts))
    assert sorted((each.concern.name, each.what) for each in late) == [
        ("INDEX_OUTDATED", place),
        ("NOT_COVERED", "bare"),
        ("NOT_RERUN", "train"),
    ]


@pytest.mark.parametrize("tag", ["wrong-then; index 0", "tainted", "\u200b"])
def test_a_tag_of_taint_that_cannot_be_read_is_shown_as_unknown(
    estate: Estate, shop: Shop, store: Store, tag: str
) -> None:
    index = estate.custodian.publish()
    model = shop.model(OPEN[:5], index)
    estate.options["tracking_uri"] = store.uri

    def taint() -> str:
        return {each.name: each.taint for each in estate.ask(index, datasets=()).items}[model]

    assert taint() == ""
    store.client.set_model_version_tag(shop.name, model.rpartition("/")[2], "sealscrub.taint", tag)
    assert taint() == "unknown"


@pytest.mark.parametrize("wrong", ["absent.pub", "train.parquet", ""])
def test_a_key_that_cannot_be_read_is_refused_though_no_certificate_is_there(estate: Estate, wrong: str) -> None:
    estate.data()
    with pytest.raises(KeyFileError):
        survey(Inventory(version=1), estate.custodian.publish(), public_keys=[estate.folder / wrong])
