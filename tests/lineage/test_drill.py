"""The daily drill: from notices to receipts, each step timed."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

import sealscrub as ss
from sealscrub.certificates import load_signer, open_certificate
from sealscrub.cli import run
from sealscrub.errors import ConfigError, UsageError
from sealscrub.identifiers import generate_certifier
from sealscrub.index import read_header
from sealscrub.lineage import DrillStep, run_drill
from sealscrub.validators.certification import certify

from .shop import DAY, Custodian, Shop
from .tracking import ON, OPEN, rows

pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore")


def notices(custodian: Custodian, *ids: str) -> Path:
    place = custodian.folder / "new.csv"
    lines = [f"N{at},sealed,us-ny/cpl-160.50,{DAY},{DAY},notice,{each}" for at, each in enumerate(ids)]
    head = "seal_id,event,regime,effective_from,notified_on,basis,arrest_number\n"
    place.write_text(head + "\n".join(lines) + "\n")
    return place


def drill(shop: Shop, custodian: Custodian, since: Any, **options: Any) -> Any:
    place = custodian.folder / "today.sealindex"
    custodian.registry.publish(
        place, keys=custodian.keys, publisher=custodian.publisher, uses=["training"], audience="police"
    )
    return run_drill(
        ss.open_index(place, custodian.keys),
        custodian.registry,
        since=since,
        members=shop.members,
        annex_key=custodian.annex,
        tracking_uri=shop.store.uri,
        **options,
    )


def deploy(shop: Shop, uri: str, alias: str = "champion") -> None:
    shop.store.client.set_registered_model_alias(shop.name, alias, uri.rpartition("/")[2])


@pytest.mark.long
def test_a_new_seal_leads_to_a_retraining_and_to_a_receipt(shop: Shop, custodian: Custodian) -> None:
    then, folder = custodian.publish(), custodian.folder
    plan = folder / "sealscrub.toml"
    plan.write_text("# a plan\n")
    good = shop.model(OPEN[10:13], then, plan=plan)
    old, bad = (
        shop.model(OPEN[:4], then),
        shop.model(OPEN[:5], then, plan=plan, seeds={"numpy": 7}, code={"gitCommit": "c" * 40}),
    )
    deploy(shop, bad)
    trained: list[str] = []

    def retrain(model: Any) -> None:
        if not model.uri.startswith(f"models:/{shop.name}/"):
            return  # other tests' models, in the same store
        trained.append(model.uri)
        now = ss.open_index(folder / "today.sealindex", custodian.keys)
        clean = [each for each in OPEN[:5] if each != OPEN[2]]
        deploy(shop, shop.model(clean, now, plan=plan))

    custodian.registry.add(notices(custodian, OPEN[2]))
    published = DrillStep("index", 3600.0, "published")
    first = drill(shop, custodian, then, plans=[plan], before=[published])
    mine = [each for each in first.retrains if each.uri.startswith(f"models:/{shop.name}/")]
    assert [(each.uri, each.deployed) for each in mine] == [(bad, True), (old, False)]
    assert (mine[0].plan_files, mine[0].seeds, mine[0].code) == ((str(plan),), {"numpy": "7"}, {"gitCommit": "c" * 40})
    assert good not in first.to_text()
    assert [each.name for each in first.steps] == ["index", "taint", "retrains"]
    assert first.steps[0] is published
    assert first.begun <= dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    assert all(each.seconds > 0 for each in first.steps)

    second = drill(shop, custodian, then, retrain=retrain)
    assert trained == [bad]
    mine = [each for each in second.retrains if each.uri.startswith(f"models:/{shop.name}/")]
    assert not any(each.deployed for each in mine)
    now = ss.open_index(folder / "today.sealindex", custodian.keys)
    generate_certifier(folder / "team.key")
    signer = load_signer(folder / "team.key")
    for held, refused in (([OPEN[0], OPEN[1]], 0), ([OPEN[0], OPEN[2]], 1)):
        source = now if not refused else then
        issued = certify(rows(*held), source, ON, signer=signer, receipts=True)
        (folder / "c.json").write_bytes(issued.certificate)
        certificate = open_certificate(folder / "c.json", folder / "team.key.pub")
        place = folder / f"receipts-{refused}"
        last = drill(shop, custodian, then, certificate=certificate, receipts=issued.receipts, receipts_to=place)
        assert (last.still_there, last.exit_code) == (refused, refused)
        kept = sorted(place.iterdir())
        assert len(kept) == 1 - refused
        assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in kept)


def test_the_command_writes_the_operators_copy(shop: Shop, custodian: Custodian) -> None:
    then, folder = custodian.publish(), custodian.folder
    bad = shop.model(OPEN[:3], then)
    deploy(shop, bad)
    words = ["refresh-report", folder / "seals.db", "--notices", notices(custodian, OPEN[1]), "--output",
             folder / "today.sealindex", "--since", then.path, "--use", "training", "--audience", "police",
             "--key-file", folder / "seal.key", "--members", shop.members, "--annex-key", folder / "seal.key.annex",
             "--tracking-uri", shop.store.uri]  # fmt: skip

    def call(*more: object) -> tuple[int, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([str(word) for word in (*words, *more)])
        return code, out.getvalue()

    code, out = call("--report", folder / "drill.html", "--report", folder / "drill.json")
    assert code == 0
    assert f"train again: {bad} (champion): " in " ".join(out.split())  # a long name breaks the line elsewhere
    assert re.search(r"^  notices +[0-9.]+ s  1 registered", out, re.MULTILINE)
    for name in ("drill.html", "drill.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        assert OPEN[1] not in (folder / name).read_text()
    assert bad in [each["uri"] for each in json.loads((folder / "drill.json").read_text())["retrains"]]
    page = (folder / "drill.html").read_text()
    assert bad in page
    assert "<script" not in page
    assert read_header(folder / "today.sealindex").facts.extensions == {}
    (folder / "today.sealindex").unlink()
    generate_certifier(folder / "bar.key")
    reviews = []
    for version in ("2", "2-before"):
        sign = ["law", "sign", f"us-ny/cpl-725.15/1@{version}", "--reviewer", "A", "--signing-key", folder / "bar.key"]
        reviews += ["--rule-review", folder / f"{version}.json"]
        assert run([str(word) for word in (*sign, "-o", reviews[-1])]) == 0
    assert call("--no-prints", *reviews, "--reviewer-key", folder / "bar.key.pub")[0] == 0
    header = read_header(folder / "today.sealindex")
    assert not header.facts.holds_prints
    assert [regime for regime, review in header.reviews["us-ny"].items() if review] == ["us-ny/cpl-725.15"]
    (folder / "today.sealindex").unlink()
    for code, *wrong in ((2, "--format", "xml"), (2, "--report", folder / "drill.pdf"),
                         (2, "--receipts-to", folder / "r"), (2, "--certificate", folder / "c.json"),
                         (2, "--retrain", "nowhere:nothing"), (3, "--plan", folder / "absent.toml")):  # fmt: skip
        assert call(*wrong)[0] == code
        assert not (folder / "today.sealindex").exists()


def test_a_deployed_place_that_is_named_by_a_sealed_id_is_named_by_no_format(shop: Shop, custodian: Custodian) -> None:
    then, sealed = custodian.publish(), OPEN[1]
    deploy(shop, shop.model(OPEN[:3], then), f"case-{sealed}")
    custodian.seal(sealed)
    report = drill(shop, custodian, then)

    assert [each for each in (report.to_text(), report.to_json(), report.to_html()) if sealed in each] == []
    assert "case-(an id)" in report.to_json()


def test_a_third_of_what_receipts_need_is_refused(shop: Shop, custodian: Custodian, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="receipts need a certificate"):
        drill(shop, custodian, None, receipts_to=tmp_path / "r")


def test_what_is_not_a_registry_is_named(shop: Shop, custodian: Custodian) -> None:
    index: Any = custodian.publish()
    shop.model(OPEN[:2], index)
    wrong: Any = custodian.folder / "seals.db"
    with pytest.raises(UsageError, match=r"(?s)registry has to be SealHistory.*Registry\.open"):
        run_drill(index, wrong, members=shop.members, annex_key=custodian.annex, tracking_uri=shop.store.uri)
