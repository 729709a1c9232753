"""An envelope opens under the key that signed it, and as it was signed."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.certificates.canonical_json import canonical
from sealscrub.certificates.envelope import PAYLOAD_TYPE, Role, Signer, open_envelope, seal_envelope
from sealscrub.errors import InvalidCertificate

SIGNER = Signer(Ed25519PrivateKey.generate(), Role.CERTIFIER)
PUBLIC = SIGNER.private.public_key()
TYPES = [PAYLOAD_TYPE, "application/vnd.sealscrub.roster+json"]
STATEMENTS = st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=9) | st.booleans(), max_size=4)


@settings(deadline=None)
@given(STATEMENTS, st.sampled_from(TYPES))
def test_what_was_signed_opens(statement: dict[str, object], kind: str) -> None:
    assert open_envelope(seal_envelope(statement, SIGNER, payload_type=kind), PUBLIC, payload_type=kind) == statement


@settings(deadline=None)
@given(STATEMENTS, STATEMENTS)
def test_another_content_under_the_same_signature_is_refused(one: dict[str, object], other: dict[str, object]) -> None:
    if one == other:
        return
    envelope = json.loads(seal_envelope(one, SIGNER))
    envelope["payload"] = base64.b64encode(canonical(other)).decode()

    with pytest.raises(InvalidCertificate, match="signature does not fit"):
        open_envelope(canonical(envelope) + b"\n", PUBLIC)


@settings(deadline=None)
@given(STATEMENTS, st.integers(0, 511))
def test_a_signature_with_a_changed_bit_is_refused(statement: dict[str, object], bit: int) -> None:
    envelope = json.loads(seal_envelope(statement, SIGNER))
    signed = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
    signed[bit // 8] ^= 1 << bit % 8
    envelope["signatures"][0]["sig"] = base64.b64encode(signed).decode()

    with pytest.raises(InvalidCertificate, match="signature does not fit"):
        open_envelope(canonical(envelope) + b"\n", PUBLIC)


def test_a_signature_for_another_type_is_refused() -> None:
    """Signed as a roster, and said to be a certificate."""
    envelope = json.loads(seal_envelope({"a": 1}, SIGNER, payload_type=TYPES[1]))
    envelope["payloadType"] = TYPES[0]

    with pytest.raises(InvalidCertificate, match="signature does not fit"):
        open_envelope(canonical(envelope) + b"\n", PUBLIC)


def test_another_key_that_says_it_is_this_one_is_refused() -> None:
    other = Signer(Ed25519PrivateKey.generate(), Role.CERTIFIER)
    envelope = json.loads(seal_envelope({"a": 1}, other))
    envelope["signatures"][0]["keyid"] = SIGNER.key_id

    with pytest.raises(InvalidCertificate, match="signature does not fit"):
        open_envelope(canonical(envelope) + b"\n", PUBLIC)
