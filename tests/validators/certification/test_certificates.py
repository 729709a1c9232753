"""A certificate says what was checked, verifies for anyone who has the public key, and is null."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.certificates import State, content_digest, open_annex, seal_envelope, sha256_of
from sealscrub.certificates import load_signer as signer_of
from sealscrub.certificates.canonical_json import canonical
from sealscrub.certificates.certificate_report import CertificateReport
from sealscrub.errors import ConfigError, InvalidCertificate, KeyFileError, LowCoverage, UncheckedKeys, UsageError
from sealscrub.identifiers import generate_certifier
from sealscrub.identifiers.keys import generate_keys
from sealscrub.testing import NullityReport, NullityVerdict
from sealscrub.validators.certification import verify
from sealscrub.validators.certification.certificate_issue import StillSealed

from .conftest import ON, SEALED, Office

FREE = ("issuedAt", "nonce", "annex")


def states(result: Any) -> list[State]:
    return [level.state for level in result.levels]


def test_a_certificate_verifies_up_to_what_is_given(office: Office) -> None:
    certificate = office.opened(office.issue().certificate)

    assert states(verify(certificate)) == [State.REACHED, *[State.NOT_ASKED] * 4]
    found = verify(certificate, data=office.clean, index=office.index)
    assert states(found) == [State.REACHED] * 3 + [State.NOT_ASKED] * 2
    assert found.exit_code == 0
    assert not found.stale


def test_another_dataset_does_not_verify(office: Office) -> None:
    certificate = office.opened(office.issue().certificate)
    changed = office.clean.with_columns(n=pl.col("n") + 1)

    result = verify(certificate, data=changed)

    assert states(result)[1] is State.FAILED
    assert result.exit_code == 1
    assert "certificate does not verify" in result.to_text()
    assert json.loads(result.to_json())["verified"] is False


def test_nothing_is_issued_about_sealed_records(office: Office) -> None:
    with pytest.raises(StillSealed) as refused:
        office.issue(office.raw)

    assert refused.value.exit_code == 1
    assert not any(number in str(refused.value) for number in SEALED)


@pytest.mark.parametrize("column", ["arrest_no", "name", "names"])
def test_nothing_is_issued_about_lists_that_name_sealed_records(office: Office, tmp_path: Path, column: str) -> None:
    levels, clean = pl.Enum([*office.raw["arrest_no"], "a"]), office.clean
    clean = clean.with_columns(name=pl.lit("a"), names=pl.lit("a").implode())
    clean = clean.with_columns(pl.col(column).cast(pl.List(levels) if column == "names" else levels))
    clean.write_parquet(tmp_path / "clean.parquet")

    for data in (clean, clean.to_arrow(), tmp_path / "clean.parquet"):
        with pytest.raises(StillSealed) as refused:
            office.issue(data)
        assert not any(number in str(refused.value) for number in SEALED)
    assert office.issue(ss.scrub(clean, office.index, ON)).certificate


def test_nothing_is_issued_about_what_was_not_checked(office: Office) -> None:
    near = pl.concat([office.clean, pl.DataFrame({"arrest_no": ["M1400O017"], "n": [1]})], how="vertical_relaxed")

    with pytest.raises(UncheckedKeys):
        office.issue(near)
    from sealscrub.matching import Policy

    issued = office.issue(near, policy=Policy(accept=frozenset({"near", "unparsable"})))
    assert issued.statement.predicate.accepted == ("near", "unparsable")


@pytest.mark.parametrize("note", ["none", f"see {SEALED[0]}."])
def test_a_column_that_is_left_stands_in_the_certificate_as_not_checked(office: Office, note: str) -> None:
    clean = office.clean.with_columns(note=pl.lit(note))
    if note != "none":
        with pytest.raises(StillSealed):
            office.issue(clean)

    issued = office.issue(clean, leave={"note": "read by hand"})

    checks = [(check.id, check.result, check.detail) for check in issued.statement.predicate.checks]
    assert ("sweep", "notChecked", "note: read by hand") in checks
    assert SEALED[0] not in json.dumps(issued.statement.document())
    rows = verify(office.opened(issued.certificate), data=clean, index=office.index).levels[2]
    assert (rows.state, rows.why.partition("; ")[2]) == (State.PARTLY, "not compared: note")
    with pytest.raises(ConfigError, match="key"):
        office.issue(clean, leave={"arrest_no": "ours"})


def test_nothing_is_issued_about_data_without_any_key(office: Office) -> None:
    with pytest.raises(UncheckedKeys):
        office.issue(office.clean.with_columns(arrest_no=pl.lit(None, pl.String)))


def test_a_certificate_is_null(office: Office) -> None:
    """Issued in two worlds, with and without sealed records in the raw data, it says the same."""
    with_them = office.issue(raw=office.raw, annex_key=office.annex_public_key)
    without = office.issue(raw=office.clean, annex_key=office.annex_public_key)

    one, other = with_them.statement.document(), without.statement.document()
    for document in (one, other):
        for name in FREE:
            document["predicate"].pop(name)
    assert one == other
    assert len(with_them.annex or b"") == len(without.annex or b"")


def test_the_annex_opens_with_its_key_and_for_its_certificate_alone(office: Office, tmp_path: Path) -> None:
    issued = office.issue(raw=office.raw, annex_key=office.annex_public_key)
    again = office.issue(raw=office.raw, annex_key=office.annex_public_key)
    assert issued.annex is not None
    assert again.statement.predicate.annex is not None
    commitment = office.opened(issued.certificate).statement.predicate.annex
    assert commitment is not None

    content = open_annex(issued.annex, office.annex_key, commitment.commitment)
    assert content["raw"]["scan"]["tables"][0]["keys"][0]["sealed"] == len(SEALED)
    with pytest.raises(InvalidCertificate, match="another certificate"):
        open_annex(issued.annex, office.annex_key, again.statement.predicate.annex.commitment)
    generate_keys(tmp_path / "other.key")
    from sealscrub.identifiers import load_annex

    with pytest.raises(InvalidCertificate, match="another key"):
        open_annex(issued.annex, load_annex(tmp_path / "other.key.annex"), commitment.commitment)
    for at in (0, 30, 60, 200, len(issued.annex) - 1):
        changed = bytearray(issued.annex)
        changed[at] ^= 1
        with pytest.raises(InvalidCertificate):
            open_annex(bytes(changed), office.annex_key, commitment.commitment)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_changed_byte_is_accepted(office: Office, data: st.DataObject) -> None:
    whole = _issued_once(office)
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= data.draw(st.integers(1, 255))

    with pytest.raises(InvalidCertificate):
        office.opened(bytes(changed))


def _issued_once(office: Office) -> bytes:
    place = office.folder / "kept.json"
    if not place.exists():
        place.write_bytes(office.issue().certificate)
    return place.read_bytes()


def respelled(change: Callable[[dict[str, Any]], object], office: Office) -> bytes:
    envelope = json.loads(office.issue().certificate)
    change(envelope)
    return canonical(envelope) + b"\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda envelope: envelope.update(extra=1),
        lambda envelope: envelope.update(payloadType="text/plain"),
        lambda envelope: envelope["signatures"].append(envelope["signatures"][0]),
        lambda envelope: envelope["signatures"].clear(),
        lambda envelope: envelope["signatures"][0].update(keyid="0" * 64),
        lambda envelope: envelope.update(payload=envelope["payload"] + "="),
        lambda envelope: envelope.update(payload=base64.b64encode(b"{}").decode()),
        lambda envelope: envelope.pop("payload"),
    ],
)
def test_no_changed_field_is_accepted(office: Office, change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(InvalidCertificate):
        office.opened(respelled(change, office))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b"\x00" * 100,
        b"x" * (2 << 20),
        b'{"payload":1,"payload":2}',
        b'{"payload":"","payloadType":"","signatures":1e999}',
    ],
)
def test_what_is_no_certificate_is_refused(office: Office, content: bytes) -> None:
    with pytest.raises(InvalidCertificate):
        office.opened(content)


def test_another_spelling_of_the_same_is_refused(office: Office) -> None:
    whole = office.issue().certificate
    spaced = json.dumps(json.loads(whole)).encode() + b"\n"

    for content in (spaced, whole.rstrip(b"\n"), whole + b"\n", b" " + whole):
        with pytest.raises(InvalidCertificate):
            office.opened(content)


def test_another_key_does_not_verify(office: Office) -> None:
    generate_certifier(office.folder / "stranger.key")

    with pytest.raises(InvalidCertificate, match="another key"):
        office.opened(office.issue().certificate, "stranger.key.pub")
    with pytest.raises(KeyFileError):
        office.opened(office.issue().certificate, "team.key")


def test_the_publisher_may_sign_and_the_role_is_said(office: Office) -> None:
    from sealscrub.validators.certification import certify

    signer = signer_of(office.folder / "example.key.publisher")
    issued = certify(office.clean, office.index, ON, signer=signer)

    assert issued.statement.predicate.signer == "publisher"
    office.opened(issued.certificate, "example.key.publisher.pub")
    assert "private" not in repr(signer)


def test_a_statement_that_this_release_does_not_know_is_refused(office: Office) -> None:
    document = office.issue().statement.document()
    signer = signer_of(office.folder / "team.key")
    for change in (
        {"predicateType": "https://example.org/other"},
        {"predicate": document["predicate"] | {"trust": "me"}},
        {"subject": []},
        {"predicate": document["predicate"] | {"checks": [{"id": "rowScan", "result": "maybe", "detail": ""}]}},
    ):
        with pytest.raises(InvalidCertificate):
            office.opened(seal_envelope(document | change, signer))


def test_it_runs_out(office: Office) -> None:
    certificate = office.opened(office.issue().certificate)
    last = date.fromisoformat(certificate.statement.predicate.not_after)

    assert last == office.index.not_after
    assert states(verify(certificate, today=last))[0] is State.REACHED
    assert states(verify(certificate, today=last + timedelta(days=1)))[0] is State.FAILED
    with pytest.raises(UsageError):
        office.issue(not_after=last + timedelta(days=1))


def test_a_model_is_certified_by_its_bytes(office: Office, tmp_path: Path) -> None:
    import pickle

    model = tmp_path / "m.pkl"
    model.write_bytes(pickle.dumps({"coef": [0.5, 1.5]}))
    certificate = office.opened(office.issue(models=[model]).certificate)

    assert certificate.statement.files() == {"m.pkl": sha256_of(model)}
    assert states(verify(certificate, data=office.clean, models=[model]))[1] is State.REACHED
    model.write_bytes(pickle.dumps({"coef": [0.5, 1.25]}))
    assert states(verify(certificate, data=office.clean, models=[model]))[1] is State.FAILED


def test_a_model_that_holds_a_sealed_identifier_is_not_certified(office: Office, tmp_path: Path) -> None:
    import pickle

    model = tmp_path / "m.pkl"
    model.write_bytes(pickle.dumps({"vocabulary": {SEALED[0]: 0}}))

    with pytest.raises(StillSealed) as refused:
        office.issue(models=[model])
    assert SEALED[0] not in str(refused.value)


def keep_clean(raw: pl.DataFrame) -> pl.DataFrame:
    return raw.filter(pl.col("arrest_no").str.starts_with("M"))


def test_built_again(office: Office) -> None:
    certificate = office.opened(office.issue().certificate)

    levels = verify(certificate, data=office.clean, index=office.index, rerun=keep_clean, raw=office.raw).levels

    assert levels[4].state is State.REACHED
    assert levels[3].state is State.FAILED  # it never asks the index, so that nothing can be planted


def test_only_a_planted_pass_can_be_certified(office: Office) -> None:
    report = NullityReport(verdict=NullityVerdict.PASS, function="keep_clean", planted=False)

    with pytest.raises(UsageError, match="over real records"):
        office.issue(nullity=report)


DOORS = ("Unix sockets in the file system are open", "TCP is open")


@pytest.mark.parametrize("doors", [(), DOORS[:1], DOORS])
def test_what_the_nullity_test_left_open_is_named_wherever_its_verdict_goes(
    office: Office, doors: tuple[str, ...]
) -> None:
    report = NullityReport(verdict=NullityVerdict.PASS, function="keep_clean", planted=True, open_doors=doors)

    certificate = office.opened(office.issue(nullity=report).certificate)
    checks = [check for check in certificate.statement.predicate.checks if check.id == "sandbox"]
    text, page = verify(certificate).to_text(), CertificateReport(certificate.statement, "ab" * 32).to_html()

    assert [(check.result, check.detail) for check in checks] == [("notChecked", door) for door in doors]
    for door in DOORS:
        assert [door in each for each in (text, page, report.to_junit())] == [door in doors] * 3


def test_low_coverage_is_not_certified(office: Office) -> None:
    with pytest.raises((LowCoverage, UncheckedKeys, UsageError)):
        office.issue(office.clean.rename({"arrest_no": "voucher"}))


def test_the_digest_in_it_is_that_of_the_content(office: Office) -> None:
    assert office.issue().statement.content() == content_digest(office.clean.reverse()).value
