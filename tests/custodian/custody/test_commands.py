"""``sealscrub audit``, ``roster`` and what they change of the other commands."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sealscrub.custodian.custody import account, terms_of
from sealscrub.custodian.registry import EncryptionKey, migrate
from sealscrub.identifiers import generate_keys

from ...cli.conftest import Ended, sealscrub
from ...today import today
from .conftest import SEALED, Custodian, listed

__all__ = ["sealscrub"]

Call = Callable[..., Ended]


def test_a_log_from_its_making_to_a_proof(sealscrub: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert sealscrub("keygen", "--certifier", "log.key").code == 0
    assert sealscrub("audit", "init", "audit.log").code == 0
    assert sealscrub("audit", "init", "audit.log").code == 2
    assert sealscrub("audit", "init", "next.log", "--reference-key", "audit.log.key").code == 0
    assert sealscrub("audit", "init", "next.log").code == 2
    assert not Path("next.log.key").exists()
    first = sealscrub("audit", "checkpoint", "audit.log", "--signing-key", "log.key", "--witness", "w")
    assert first.out == Path("w").read_text()
    checked = sealscrub("audit", "verify", "audit.log", "--witness", "w", "--public-key", "log.key.pub")
    assert (checked.code, "The log is intact\n" in checked.out) == (0, True)
    assert "Not checked: without a witness" in sealscrub("audit", "verify", "audit.log").out
    public = ("--public-key", "log.key.pub")
    proof = sealscrub("audit", "proof", "audit.log", "--entry", 0, "--checkpoint", "w", *public)
    Path("p").write_text(proof.out)
    assert sealscrub("audit", "check", "p", *public).out.startswith("The entry is in the log\n\nEntry  0\n")
    same = sealscrub("audit", "proof", "audit.log", "--earlier", "w", "--checkpoint", "w", *public)
    Path("p").write_text(same.out)
    found = json.loads(sealscrub("audit", "check", "p", *public, "--format", "json").out)
    assert found["earlier"] == 1
    Path("audit.log").write_bytes(Path("audit.log").read_bytes().replace(account().encode(), b"nobody", 1))
    assert sealscrub("audit", "verify", "audit.log", "--witness", "w", *public).code == 1
    assert sealscrub("audit", "proof", "audit.log", "--checkpoint", "w", *public).code == 2
    assert sealscrub("audit", "verify", "audit.log", "--witness", "w").code == 2
    Path("w").write_bytes(b"")
    assert sealscrub("audit", "verify", "audit.log", "--witness", "w", *public).code == 2


def test_a_registry_under_custody_asks_for_a_purpose(sealscrub: Call, custodian: Custodian) -> None:
    place = custodian.place
    refused = sealscrub("registry", "seals", place)
    assert (refused.code, refused.out) == (3, "")
    assert SEALED in sealscrub("registry", "seals", place, "--purpose", "audit").out
    assert sealscrub("registry", "history", place, "arrest_number", SEALED, "--purpose", "gun_licence").code == 3
    assert sealscrub("registry", "seals", place, "--purpose", "curiosity").code == 2
    log = custodian.folder / "audit.log"
    report = custodian.folder / "r.csv"
    done = sealscrub("audit", "report", log, "--from", today(), "--until", today(), "--zone", "UTC", "--report", report)
    assert done.code == 0
    assert f"{account()},gun_licence,0,1" in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600


def test_what_can_still_be_published_in_time_is_not_late(sealscrub: Call, custodian: Custodian) -> None:
    period = ("--from", today(), "--until", today() + dt.timedelta(31), "--zone", "UTC")
    words = ("audit", "report", custodian.folder / "audit.log", *period, "--registry", custodian.place)
    report = sealscrub(*words, "--purpose", "audit")

    assert (report.code, "not published yet" in report.out) == (0, False)


def test_a_period_names_its_zone_and_says_that_it_is_empty(sealscrub: Call, custodian: Custodian) -> None:
    day = today() - dt.timedelta(400)
    report = sealscrub("audit", "report", custodian.folder / "audit.log", "--from", day, "--until", day)

    assert report.out.startswith("The log has no entry of this period")
    assert "days of America/New_York" in report.out


def test_a_roster_from_its_writing_to_its_change(sealscrub: Call, custodian: Custodian) -> None:
    folder = custodian.folder
    key, public = ("--signing-key", folder / "court.key"), ("--public-key", folder / "court.key.pub")
    assert sealscrub("roster", "sign", folder / "roster.toml", *key, "-o", folder / "1.json").code == 0
    shown = sealscrub("roster", "show", folder / "1.json", *public)
    assert (shown.code, " review of the custodian's own work" in shown.out) == (0, True)
    text = (
        (folder / "roster.toml").read_text().replace("version = 1", "version = 2").replace("audit", "keeping_registry")
    )
    (folder / "2.toml").write_text(text)
    assert sealscrub("roster", "sign", folder / "2.toml", *key, "-o", folder / "2.json").code == 2
    after = ("--previous", folder / "1.json")
    assert sealscrub("roster", "sign", folder / "2.toml", *key, "-o", folder / "2.json", *after).code == 0
    changed = sealscrub("roster", "check", folder / "2.json", "--previous", folder / "1.json", *public)
    assert changed.code == 0
    rows = [line.split() for line in changed.out.splitlines() if "registry" in line]
    assert rows == [
        [account(), "gains", "keeping_registry", "registry"],
        [account(), "loses", "audit", "registry"],
    ]
    assert sealscrub("roster", "check", folder / "1.json", "--previous", folder / "2.json", *public).code == 1
    assert "CPL 160.50(1)(d)(iii)" in sealscrub("roster", "purposes").out
    custodian.roster(listed("audit"), days=(-9, -1))
    assert sealscrub("roster", "show", folder / "roster.json", *public).code == 1


def test_an_order_is_signed_without_its_records_names(sealscrub: Call, custodian: Custodian) -> None:
    folder = custodian.folder
    custodian.order(SEALED, account=account())
    words = ("roster", "order", folder / "order.toml", "--signing-key", folder / "court.key")
    made = sealscrub(*words, "--reference-key", folder / "audit.log.key", "-o", folder / "orders" / "2.json")
    assert made.code == 0
    assert "1 record, until" in made.err
    assert json.loads((folder / "orders" / "2.json").read_text())["payloadType"].endswith("order+json")
    assert sealscrub(
        "registry", "history", custodian.place, "arrest_number", SEALED, "--purpose", "court_order"
    ).out.startswith("The events of its seals")


def test_a_report_opens_a_registry_that_is_encrypted(sealscrub: Call, custodian: Custodian) -> None:
    key, hidden = custodian.folder / "registry.key", custodian.folder / "hidden.db"
    EncryptionKey.create(key)
    custodian.roster(listed("keeping_registry", "registry"), listed("audit", "registry"))
    migrate(custodian.place, hidden, new_encryption_key=key)
    period = ("--from", today(), "--until", today(), "--purpose", "audit")
    words = ["audit", "report", custodian.folder / "audit.log", *period]
    assert sealscrub(*words, "--registry", hidden).code == 2
    assert sealscrub(*words, "--registry", hidden, "--encryption-key", key).code == 0


def test_keys_are_rotated_by_whoever_may_publish_and_stay_under_custody(sealscrub: Call, custodian: Custodian) -> None:
    folder = custodian.folder
    generate_keys(folder / "seal.key")
    custodian.roster(listed("publishing_index", "registry"))
    words = ["--registry", custodian.place, "--index", folder / "t.sealindex", "-o", folder / "new"]
    made = ["publish", custodian.place, "-o", folder / "t.sealindex", "--use", "training", "--audience", "police"]
    assert sealscrub(*made, "--key-file", folder / "seal.key").code == 0
    (folder / "seal.key.annex").rename(folder / "kept elsewhere")
    custodian.roster(listed("audit", "registry"), version=2)
    assert sealscrub("key", "rotate", folder / "seal.key", folder / "2.key", *words).code == 3
    assert not list(folder.glob("2.key*"))
    custodian.roster(listed("publishing_index", "registry"), version=3)
    assert sealscrub("key", "rotate", folder / "seal.key", folder / "2.key", *words).code == 0
    assert terms_of(folder / "2.key.annex") is not None
