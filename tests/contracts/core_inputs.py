"""Real inputs of the commands that read evidence: signed papers, a log with its witness, receipts, members."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sealscrub.cli import run
from sealscrub.custodian.custody import AuditLog, Entry, Kind, account, prove_entry
from sealscrub.lineage.members import add_members

__all__ = ["make_evidence", "make_papers"]


def make_papers(folder: Path) -> None:
    """Make a roster, an order and the terms of custody that name them, all signed by ``team.key``, and a log."""
    today = dt.date.today()
    term = f"until = {today + dt.timedelta(30)}\n"
    (folder / "custody.toml").write_text(
        'authority = "team.key.pub"\nroster = "in-force.json"\nlog = "audit.log"\n'
        'reference_key = "audit.log.key"\norders = "orders"\n'
    )
    (folder / "roster.toml").write_text(
        f'version = 1\napproved_by = "A. Example, J."\nfrom = {today - dt.timedelta(1)}\n{term}[[people]]\n'
        f'account = "{account()}"\npurposes = ["audit"]\nscope = "registry"\n'
    )
    (folder / "order.toml").write_text(
        f'court = "C"\njudge = "J"\ndate = {today - dt.timedelta(1)}\n{term}agency = "A"\npeople = ["{account()}"]\n'
        '[[records]]\nscheme = "arrest_number"\nvalue = "K14612345"\n'
    )
    (folder / "orders").mkdir()
    _do("audit", "init", folder / "audit.log")
    log = AuditLog.open(folder / "audit.log")
    with log.act(Entry(kind=Kind.ACCESS, what="registry seals", purpose="audit", scope="registry")):
        pass
    signing = ["--signing-key", folder / "team.key"]
    _do("audit", "checkpoint", folder / "audit.log", *signing, "--witness", folder / "w")
    _do("roster", "sign", folder / "roster.toml", *signing, "-o", folder / "roster.json")


def make_evidence(folder: Path) -> None:
    """Make a certificate, its receipts, the receipt of one person, a proof out of the log, and a file of members."""
    keys = ["--index", folder / "example.sealindex", "--key-file", folder / "example.key"]
    data = ["--data", folder / "kept.parquet", *keys, "--on", "arrest_number=arrest_no"]
    receipts = folder / "clean.receipts"
    signing = ["--signing-key", folder / "team.key"]
    _do("certify", *data, *signing, "-o", folder / "clean.json", "--receipts", receipts)
    _do("receipt", "make", receipts, "-o", folder / "person.receipt", "--id", "K14612345")
    from sealscrub.certificates.envelope import load_public_key

    public = load_public_key(folder / "team.key.pub")
    proof = prove_entry(AuditLog.open(folder / "audit.log"), 0, (folder / "w").read_text(), public)
    (folder / "entry.proof").write_text(proof)
    add_members(folder / "seals.members", {})


def _do(*words: object) -> None:
    assert run([str(word) for word in words]) == 0
