"""What the first release issued is verified by every later one: fixed keys, fixed bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sealscrub.certificates import (
    Certificate,
    Receipts,
    Role,
    Signer,
    State,
    make_receipt,
    open_annex,
    open_certificate,
    seal_envelope,
    verify_receipt,
)
from sealscrub.certificates.certificate_report import CertificateReport
from sealscrub.identifiers.keys import AnnexKey
from sealscrub.validators.certification import verify

GOLDENS = sorted(place for place in (Path(__file__).parent / "goldens").iterdir() if place.is_dir())
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), Role.CERTIFIER)
ANNEX = AnnexKey(X25519PrivateKey.from_private_bytes(bytes(range(32, 64))))

pytestmark = pytest.mark.parametrize("golden", GOLDENS, ids=lambda place: place.name)


def opened(golden: Path) -> Certificate:
    return open_certificate(golden / "certificate.json", golden / "team.key.pub")


def test_it_verifies(golden: Path) -> None:
    certificate = opened(golden)
    day = date.fromisoformat(certificate.statement.predicate.issued_at[:10])

    result = verify(certificate, data=golden / "data.parquet", models=[golden / "model.pkl"], today=day)

    told = bool(certificate.statement.structures())
    assert told == (golden.name not in {"v1", "verifiable"})  # which certify the content of the rows alone
    assert [level.state for level in result.levels[:2]] == [State.REACHED, State.REACHED if told else State.PARTLY]
    assert result.levels[1].why == ("" if told else "names, types, levels and metadata are not certified")
    assert result.exit_code == 0


def test_it_runs_out_and_nothing_else_is_wrong_with_it(golden: Path) -> None:
    certificate = opened(golden)
    levels = verify(certificate, data=golden / "data.parquet", today=date(9999, 1, 1)).levels

    assert [level.state for level in levels[:2]] == [State.FAILED, State.PARTLY]


def test_the_same_statement_gives_the_same_bytes(golden: Path) -> None:
    statement = opened(golden).statement

    assert seal_envelope(statement.document(), SIGNER) == (golden / "certificate.json").read_bytes()
    page = CertificateReport(statement, SIGNER.key_id).to_html()
    assert statement.predicate.nonce not in page
    assert SIGNER.key_id in page, "by which a reader asks whose key signed it"


def test_its_annex_opens(golden: Path) -> None:
    bound = opened(golden).statement.predicate.annex
    assert bound is not None

    content = open_annex((golden / "annex").read_bytes(), ANNEX, bound.commitment)

    assert content["raw"]["rows"] == 5


def test_its_receipts_verify(golden: Path) -> None:
    statement = opened(golden).statement
    if any(tree.public_key for tree in statement.predicate.receipts):
        pytest.importorskip("voprf", reason="the extra receipts")
    kept = (golden / "receipt.json").read_bytes()

    verify_receipt(kept, "K20269999", statement)
    made = make_receipt(Receipts.from_file(golden / "receipts"), "arrest_number", "K20268888")
    verify_receipt(made, "K20268888", statement)
