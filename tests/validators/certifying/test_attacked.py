"""What an attacker tried on certificates: signed lies, foreign indexes, names that draw, and gaps that looked whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.certificates import Certificate, State, load_signer, open_certificate, seal_envelope
from sealscrub.identifiers import generate_certifier
from sealscrub.index import Index, Reason, open_index
from sealscrub.validators.certifying import Issued, certify, verify

from ...index.custodian import Custodian
from .conftest import CLEAN, ON, SEALED

DATA = pl.DataFrame({"arrest_no": CLEAN, "n": range(len(CLEAN))})


class Desk:
    """A custodian and a certifier, who may be the liar."""

    def __init__(self, folder: Path, **facts: Any) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.facts = folder, facts
        self.custodian = Custodian(folder)
        generate_certifier(folder / "team.key")
        self.index = self.published()

    def published(self, sealed: list[str] = SEALED, name: str = "i", **changes: Any) -> Index:
        values = {"arrest_number": dict.fromkeys(sealed, Reason.SEALED)}
        facts = {"seals": len(sealed), "coverage": {("arrest_number",): len(sealed)}} | self.facts | changes
        place = self.custodian.publish(self.folder / f"{name}.sealindex", values, **facts)
        return open_index(place, self.custodian.key_file, remember=False)

    def issue(self, data: Any = DATA, **options: Any) -> Issued:
        signer = load_signer(self.folder / options.pop("key", "team.key"))
        return certify(data, self.index, options.pop("on", ON), signer=signer, **options)

    def opened(self, content: bytes) -> Certificate:
        (self.folder / "c.json").write_bytes(content)
        return open_certificate(self.folder / "c.json", self.folder / "team.key.pub")

    def said(self, document: dict[str, Any]) -> Certificate:
        """Sign whatever is said, as a certifier who does not use our tool can."""
        return self.opened(seal_envelope(document, load_signer(self.folder / "team.key")))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


def test_data_that_were_sealed_since_do_not_verify(desk: Desk) -> None:
    certificate = desk.opened(desk.issue().certificate)
    newer = desk.published([*SEALED, CLEAN[3]], "newer", epoch=6)

    result = verify(certificate, data=DATA, index=newer)

    assert (result.levels[2].state, result.stale) == (State.FAILED, True)
    assert (
        verify(certificate, data=DATA, index=desk.published(SEALED, "same", epoch=6)).levels[2].state is State.REACHED
    )
    older = verify(certificate, data=DATA, index=desk.published(SEALED, "older", epoch=4)).levels[2]
    assert (older.state, "older" in older.why) == (State.FAILED, True)


@pytest.mark.parametrize("facts", [{}, {"registry": "ffff0000"}], ids=["another key", "another registry"])
def test_an_index_of_another_registry_shows_nothing(desk: Desk, tmp_path: Path, facts: dict[str, Any]) -> None:
    certificate = desk.opened(desk.issue().certificate)
    other = desk.published(["K20269999"], "decoy", epoch=9, **facts) if facts else Desk(tmp_path / "o", epoch=9).index

    for data in (DATA, None):
        result = verify(certificate, data=data, index=other)
        assert (result.levels[2].state, result.stale, result.exit_code) == (State.FAILED, False, 1)
        assert "another registry" in result.levels[2].why


def test_a_certificate_that_names_no_registry_is_verified_in_part(desk: Desk) -> None:
    document = desk.issue().statement.document()
    del document["predicate"]["index"]["registry"], document["predicate"]["index"]["keyId"]
    certificate = desk.said(document)

    assert certificate.statement.document() == document
    assert verify(certificate, data=DATA, index=desk.index).levels[2].state is State.REACHED
    newer = desk.published(name="newer", epoch=6)
    assert verify(certificate, data=DATA, index=newer).levels[2].state is State.PARTLY
