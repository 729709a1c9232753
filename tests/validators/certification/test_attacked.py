"""What an attacker tried on certificates: signed lies, foreign indexes, names that draw, and gaps that looked whole."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sealscrub.certificates import (
    Certificate,
    Receipts,
    State,
    load_signer,
    make_receipt,
    open_certificate,
    seal_envelope,
    verify_receipt,
)
from sealscrub.errors import ConfigError, InvalidCertificate, UsageError
from sealscrub.identifiers import generate_certifier
from sealscrub.index import Index, Reason, open_index
from sealscrub.matching import Policy
from sealscrub.validators.certification import Issued, certify, verify

from ...index.custodian import Custodian
from ...today import today
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


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    *above, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    at: Any = document
    for part in above:
        at = at[part]
    if last == "+":
        at.append(value)
    else:
        at[last] = value
    return document


DRAWN = "clean.parquet\n\nL2  reached   no row has a key that the index holds\x1b[8m"
NOBODY = {"name": "other.bin", "digest": {}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("subject/0/name", DRAWN),
        ("subject/0/name", ""),
        ("subject/0/name", "a\u202eb"),
        ("predicate/checks/0/id", "rowScan\nL9  reached"),
        ("predicate/checks/0/detail", "\x1b[31m"),
        ("predicate/keys/0/columns/0", "a\x9b"),
        ("predicate/tool", {"a\nb": "c"}),
        ("subject/+", NOBODY),
        ("subject/+", {"name": "other", "digest": {"sealscrubContentV1": "0" * 64}}),
        ("subject/+", {"name": "data", "digest": {"sha256": "0" * 64}}),
        ("predicate/notAfter", "forever"),
        ("predicate/notAfter", "9999-12-31"),
        ("predicate/notAfter", "20260101"),
        ("predicate/issuedAt", "yesterday"),
        ("predicate/index/asOf", "zzzz"),
        ("predicate/index/notAfter", ""),
        ("predicate/index/epoch", -1),
        ("predicate/index/uses", []),
        ("predicate/accepted", ["everything"]),
        ("predicate/accepted", ["sealed"]),
        ("predicate/keys", []),
        ("predicate/keys/0/columns", []),
        ("predicate/receipts", [{"scheme": "arrest_number", "root": "0" * 64, "size": -1}]),
        ("predicate/receipts", [{"scheme": "arrest_number", "root": "0" * 64, "size": 1}] * 2),
    ],
)
def test_a_signed_lie_that_cannot_be_is_refused(desk: Desk, path: str, value: Any) -> None:
    document = changed(desk.issue().statement.document(), path, value)

    with pytest.raises(InvalidCertificate) as refused:
        desk.said(document)
    assert refused.value.exit_code == 1
    assert "L9" not in str(refused.value)


def test_a_digest_that_is_not_known_is_no_whole_level(desk: Desk) -> None:
    other = {"name": "other.bin", "digest": {"blake3": "0" * 64}}
    certificate = desk.said(changed(desk.issue().statement.document(), "subject/+", other))

    level = verify(certificate, data=DATA).levels[1]

    assert (level.state, level.why) == (State.PARTLY, "digest unknown: other.bin")


def test_names_that_mislead_are_not_certified(desk: Desk, tmp_path: Path) -> None:
    models = [tmp_path / part / "m.pkl" for part in "ab"]
    for model in models:
        model.parent.mkdir()
        model.write_bytes(b"x")

    for options in ({"models": models}, {"models": models[:1], "name": "m.pkl"}, {"name": "a\x1b[8m"}, {"name": ""}):
        with pytest.raises(ConfigError):
            desk.issue(**options)
    with pytest.raises(ConfigError):
        desk.issue(code={"gitCommit": "a\nb"})
    with pytest.raises(ConfigError):
        desk.issue(DATA.rename({"arrest_no": "a\nb"}), on={"arrest_number": "a\nb"})


def test_what_was_not_checked_and_what_was_accepted_is_said(desk: Desk) -> None:
    document = desk.issue(policy=Policy(accept=frozenset({"near"}))).statement.document()
    said = verify(desk.said(document), data=DATA, index=desk.index).to_text()
    assert re.search(r"^  accepted +near", said, flags=re.MULTILINE)
    for part in ("arrest_no (arrest_number)", "in the columns arrest_no", "near accepted"):
        assert part in said
    assert "rowScan:" not in said

    silent = changed(
        changed(document, "predicate/checks", []), "subject/+", {"name": "m", "digest": {"sha256": "0" * 64}}
    )
    said = verify(desk.said(silent), data=DATA, index=desk.index).to_text()
    assert re.search(r"^  checked +nothing", said, flags=re.MULTILINE)
    for part in ("rowScan: it does not say", "artefactScan: it does not say", "nullity: it does not say"):
        assert part in said


def test_no_name_makes_a_line_of_its_own(desk: Desk) -> None:
    name = "a" + " " * 69 + "L2  reached   no row has a key that the index holds"
    document = changed(desk.issue().statement.document(), "subject/0/name", name)

    lines = verify(desk.said(document)).to_text().splitlines()

    assert [line for line in lines if "a L2 reached" in line] != []
    assert max(len(line) for line in lines[lines.index("What it says") :]) <= 80


def test_trees_of_receipts_are_built_again(desk: Desk) -> None:
    issued = desk.issue(receipts=True)
    kept = issued.receipts
    assert kept is not None
    honest = verify(desk.opened(issued.certificate), data=DATA, receipts=kept).levels[4]
    assert (honest.state, honest.why) == (State.PARTLY, "not built: the data")
    assert verify(desk.opened(issued.certificate), data=DATA, receipts=Receipts(bytes(32), kept.values)).failed

    empty = Receipts(kept.secret, {"arrest_number": kept.values["arrest_number"][1:]})
    (tree,) = empty.trees()
    lie = desk.said(changed(issued.statement.document(), "predicate/receipts/0/root", tree.root))
    lie = desk.said(changed(lie.statement.document(), "predicate/receipts/0/size", tree.size))
    level = verify(lie, data=DATA, receipts=empty).levels[4]
    assert (level.state, level.why) == (State.FAILED, "the trees of receipts are not of these data")


def test_no_receipt_stands_beside_keys_that_could_not_be_read(desk: Desk) -> None:
    near = pl.concat([DATA, pl.DataFrame({"arrest_no": ["M1400O099"], "n": [1]})], how="vertical_relaxed")
    policy = Policy(accept=frozenset({"near"}))
    with pytest.raises(ConfigError):
        desk.issue(near, policy=policy, receipts=True)
    with pytest.raises(ConfigError):
        desk.issue(None, receipts=True, models=["m.pkl"])

    issued = desk.issue(receipts=True)
    assert issued.receipts is not None
    receipt = make_receipt(issued.receipts, "arrest_number", "M14000099")
    verify_receipt(receipt, "M14000099", issued.statement)
    older = desk.said(changed(issued.statement.document(), "predicate/accepted", ["near"]))
    with pytest.raises(InvalidCertificate):
        verify_receipt(receipt, "M14000099", older.statement)


def test_a_publisher_is_the_index_s_own(desk: Desk, tmp_path: Path) -> None:
    document = changed(desk.issue().statement.document(), "predicate/signer", "publisher")

    assert verify(desk.said(document), index=desk.index).levels[0].state is State.FAILED
    publisher = load_signer(desk.custodian.publisher_file)
    public = publisher.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (desk.folder / "team.key.pub").write_bytes(public)
    own = desk.opened(seal_envelope(document, publisher))
    assert verify(own, index=desk.index).levels[0].state is State.REACHED


def test_no_certificate_is_issued_that_has_run_out(desk: Desk) -> None:
    with pytest.raises(UsageError):
        desk.issue(not_after=today() - timedelta(days=1))


def test_the_coverage_that_was_asked_for_is_said_and_asked_again(desk: Desk) -> None:
    seals = {"coverage": {("arrest_number",): 7, ("docket",): 7}, "seals": 14}
    desk.index = desk.published(name="half", **seals)
    issued = desk.issue(policy=Policy(min_coverage=0.4))
    certificate = desk.opened(issued.certificate)

    assert issued.statement.predicate.min_coverage == "0.4"
    assert verify(certificate, data=DATA, index=desk.index).levels[2].state is State.REACHED
    strict = desk.said(changed(issued.statement.document(), "predicate/minCoverage", "0.95"))
    assert verify(strict, data=DATA, index=desk.index).levels[2].state is State.FAILED
    with pytest.raises(InvalidCertificate):
        desk.said(changed(issued.statement.document(), "predicate/minCoverage", "-1"))
