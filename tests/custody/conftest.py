"""A log of a few acts, its key, and what a witness keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealscrub.custody import AuditLog, Entry, Kind, make_checkpoint, read_checkpoints, verify_log
from sealscrub.custody.verifying import Verdict


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
