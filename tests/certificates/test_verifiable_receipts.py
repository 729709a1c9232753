"""Receipts that prove their value: RFC 9497's own vectors, another implementation, and whatever is changed."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.certificates import Receipts, make_receipt, verify_receipt
from sealscrub.errors import InvalidCertificate, UsageError

from .test_receipts import IDS, statement

ristretto = pytest.importorskip("voprf", reason="the extra receipts").ristretto
pytest.importorskip("rbcl", reason="the extra receipts")

from sealscrub.certificates.verifiable_receipts import Evaluator, check_evaluation, proof_holds  # noqa: E402 - skipped without

# RFC 9497, A.1.2.1 and A.1.2.2
KEY = bytes.fromhex("c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e")
VECTORS = [
    (
        "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
        "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
        "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
        "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
    ),
    (
        "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
        "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
        "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a"
        "67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02",
    ),
]


def over(ids: list[str]) -> Receipts:
    return Receipts.over({"arrest_number": [pl.Series(ids, dtype=pl.String)]}, verifiable=True)


@pytest.mark.parametrize(("blinded", "evaluated", "proof"), VECTORS)
def test_the_rfcs_proofs_hold_and_no_other(blinded: str, evaluated: str, proof: str) -> None:
    point, answer = bytes.fromhex(blinded), bytes.fromhex(proof + evaluated)

    assert proof_holds(KEY, point, answer)
    for at in (0, 31, 32, 63, 64, 95):
        assert not proof_holds(KEY, point, answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :])
    assert not proof_holds(bytes.fromhex(evaluated), point, answer)
    for broken in (b"", answer[:-1], bytes(96), b"\xff" * 96, answer[32:] + answer[:32]):
        assert not proof_holds(KEY, point, broken)


def test_the_rfcs_key_comes_from_its_seed() -> None:
    assert ristretto.Evaluator.from_seed(b"\xa3" * 32, b"test key").public_key.serialize() == KEY


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=1, max_size=200), st.binary(min_size=32, max_size=32))
def test_the_value_is_the_one_that_blinding_gives(content: bytes, seed: bytes) -> None:
    """The package's own client, which blinds and unblinds, finds the value that the bare proof shows."""
    evaluator = Evaluator(seed)
    server = ristretto.Evaluator.from_seed(seed, b"sealscrub receipts")
    client, blinded = ristretto.Client.blind(content)
    unblinded = client.finalize(server.evaluate(blinded), server.public_key)

    assert check_evaluation(evaluator.public_key, content, evaluator.prove(content)) == unblinded[:32]
    assert evaluator.value(content) == unblinded[:32]
    with pytest.raises(InvalidCertificate):
        check_evaluation(evaluator.public_key, content + b"x", evaluator.prove(content))


@settings(max_examples=20, deadline=None)
@given(st.lists(IDS, max_size=8), IDS)
def test_it_proves_absence_of_its_own_identifier_only(present: list[str], person: str) -> None:
    receipts = over(present)
    said = statement(receipts)
    if person in present:
        with pytest.raises(UsageError):
            make_receipt(receipts, "arrest_number", person)
        return
    receipt = make_receipt(receipts, "arrest_number", person)

    verify_receipt(receipt, person.lower(), said)
    assert len(receipt) < 2_600
    assert "secret" not in json.loads(receipt)
    for known in [*present, "M99000001"]:
        with pytest.raises(InvalidCertificate):
            verify_receipt(receipt, known, said)


def test_the_secret_stays_and_the_file_comes_back(tmp_path: Path) -> None:
    receipts = over(["M14000017", "M14000018"])
    place = tmp_path / "r"
    place.write_bytes(receipts.to_bytes())
    again = Receipts.from_file(place)
    receipt = make_receipt(again, "arrest_number", "K20260001")

    assert again.verifiable
    verify_receipt(receipt, "K20260001", statement(receipts))
    import base64

    assert base64.b64encode(receipts.secret) not in receipt
    assert receipts.secret.hex().encode() not in receipt


def test_the_two_kinds_do_not_pass_for_each_other() -> None:
    plain, proving = Receipts.over({"arrest_number": [pl.Series(["M14000017"])]}), over(["M14000017"])
    for one, other in ((plain, proving), (proving, plain)):
        receipt = json.loads(make_receipt(one, "arrest_number", "K20260001"))
        tree = other.trees()[0]
        receipt |= {"root": tree.root, "size": tree.size}
        with pytest.raises(InvalidCertificate, match="another kind"):
            verify_receipt(json.dumps(receipt).encode(), "K20260001", statement(other))
