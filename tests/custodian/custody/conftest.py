"""A log of a few acts, its key, and what a witness keeps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealscrub.certificates import Signer, load_signer
from sealscrub.custodian.custody import (
    AuditLog,
    Entry,
    Kind,
    ReferenceKey,
    Terms,
    Verdict,
    account,
    make_checkpoint,
    read_checkpoints,
    read_order,
    read_roster,
    sign_paper,
    verify_log,
)
from sealscrub.custodian.registry import Registry
from sealscrub.identifiers import generate_certifier

from ...today import today


def access(what: str = "registry seals") -> Entry:
    return Entry(kind=Kind.ACCESS, who="r.alvarez", what=what, purpose="audit", scope="registry")


@dataclass
class Kept:
    """A log, and a witness file of it."""

    log: AuditLog
    key: Ed25519PrivateKey
    witness: Path

    def acts(self, count: int) -> None:
        for _ in range(count):
            with self.log.act(access()):
                pass

    def checkpoint(self) -> str:
        return make_checkpoint(self.log, self.key, witness=self.witness)

    def verify(self) -> Verdict:
        return verify_log(self.log, read_checkpoints(self.witness, self.key.public_key()))


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    log = AuditLog.create(tmp_path / "audit.log", who="r.alvarez")
    made = Kept(log, Ed25519PrivateKey.generate(), tmp_path / "elsewhere.witness")
    made.acts(5)
    made.checkpoint()
    made.acts(3)
    return made


SEALED, OTHER, OPEN = "K14612345", "K14612346", "M14000001"


def new_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@dataclass
class Custodian:
    """A registry of two seals under custody, and anyone who signs its roster."""

    folder: Path
    signer: Signer
    references: ReferenceKey

    @property
    def place(self) -> Path:
        return self.folder / "seals.db"

    @property
    def log(self) -> AuditLog:
        return AuditLog.open(self.folder / "audit.log")

    def roster(
        self, *people: str, days: tuple[int, int] = (-1, 30), version: int = 1, by: Signer | None = None
    ) -> None:
        """Put a signed roster in force; each of the people is a table's lines."""
        since, until = (today() + dt.timedelta(day) for day in days)
        tables = "".join(f"[[people]]\n{each}\n" for each in people)
        (self.folder / "roster.toml").write_text(
            f'version = 1\napproved_by = "A. Example, J."\nfrom = {since}\nuntil = {until}\n{tables}'
        )
        roster = read_roster(self.folder / "roster.toml").model_copy(update={"version": version})
        (self.folder / "roster.json").write_bytes(sign_paper(roster, by or self.signer))

    def order(self, *numbers: str, account: str, until: int = 10, name: str = "1") -> None:
        """File a signed order that opens records to an account."""
        records = "".join(f'[[records]]\nscheme = "arrest_number"\nvalue = "{number}"\n' for number in numbers)
        (self.folder / "order.toml").write_text(
            f'court = "C"\njudge = "J"\ndate = {today() - dt.timedelta(20)}\nuntil = {today() + dt.timedelta(until)}\n'
            f'agency = "Police Department"\npeople = ["{account}"]\n{records}'
        )
        order = read_order(self.folder / "order.toml", self.references)
        (self.folder / "orders" / f"{name}.json").write_bytes(sign_paper(order, self.signer))


def listed(purposes: str, scope: str = "record") -> str:
    return f'account = "{account()}"\npurposes = ["{purposes}"]\nscope = "{scope}"'


@pytest.fixture
def custodian(tmp_path: Path) -> Custodian:
    generate_certifier(tmp_path / "court.key")
    AuditLog.create(tmp_path / "audit.log", who="r.alvarez")
    (tmp_path / "orders").mkdir()
    (tmp_path / "custody.toml").write_text(
        'authority = "court.key.pub"\nroster = "roster.json"\nlog = "audit.log"\n'
        'reference_key = "audit.log.key"\norders = "orders"\n'
    )
    (tmp_path / "notices.csv").write_text(
        "seal_id,event,regime,effective_from,arrest_number,last_name\n"
        f"S1,sealed,us-ny/cpl-160.50,2020-03-01,{SEALED},Doe\nS2,sealed,us-ny/cpl-160.50,2020-03-01,{OTHER},Roe\n"
    )
    made = Custodian(tmp_path, load_signer(tmp_path / "court.key"), ReferenceKey.create(tmp_path / "audit.log.key"))
    made.roster(listed("keeping_registry", "registry"))
    with Registry.create(made.place, custody=Terms.from_file(tmp_path / "custody.toml")) as registry:
        registry.add(tmp_path / "notices.csv")
    made.roster(listed("audit", "registry"))
    return made
