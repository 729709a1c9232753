"""The verifiable mode of receipts: VOPRF(ristretto255, SHA-512) of RFC 9497, with a proof that needs no secret.

The signer evaluates and proves with the package ``voprf``. Anyone who verifies a receipt knows its identifier, so
nothing is blinded: the proof is about the identifier's own point of the curve. Its equation (RFC 9497, 2.2.2) is
checked here over libsodium's group, by the package ``rbcl``: all arithmetic on the curve is theirs.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import importlib
from pathlib import Path
from typing import Any

from sealscrub.errors import InvalidCertificate

__all__ = ["Evaluator", "check_evaluation"]

_CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"
_ELEMENT, _SCALAR, _VALUE, _UNIFORM = 32, 32, 32, 64
ANSWER_BYTES = _ELEMENT + 2 * _SCALAR


class Evaluator:
    """The signer's side: values of inputs under a secret, and proofs of them.

    Parameters
    ----------
    seed : bytes
        32 random bytes of one certificate.

    Raises
    ------
    MissingExtra
        When ``voprf`` or ``rbcl`` is not installed.
    """

    def __init__(self, seed: bytes) -> None:
        from voprf import ristretto

        _group()
        self._ristretto = ristretto
        self._secret: Any = ristretto.Evaluator.from_seed(seed, b"sealscrub receipts")

    @property
    def public_key(self) -> bytes:
        """The point, 32 bytes, under which proofs are checked."""
        return bytes(self._secret.public_key.serialize())

    def value(self, content: bytes) -> bytes:
        """Give the value of an input, 32 bytes."""
        return bytes(self._secret.evaluate_known_input(content))[:_VALUE]

    def prove(self, content: bytes) -> bytes:
        """Give the proof of an input and its evaluated point, 96 bytes."""
        blinded = self._ristretto.BlindedInput.deserialize(_point_of(content))
        return bytes(self._secret.evaluate(blinded).serialize())

    def __repr__(self) -> str:
        return "Evaluator(…)"


def check_evaluation(public_key: bytes, content: bytes, answer: bytes) -> bytes:
    """Check the proof of an input's value, and give the value.

    Parameters
    ----------
    public_key : bytes
        32 bytes, from the certificate.
    content : bytes
        The input.
    answer : bytes
        From :meth:`Evaluator.prove`.

    Returns
    -------
    bytes
        32 bytes.

    Raises
    ------
    InvalidCertificate
        When the proof is not of this input under this key.
    MissingExtra
        When ``rbcl`` is not installed.
    """
    point = _point_of(content)
    if not proof_holds(public_key, point, answer):
        raise InvalidCertificate("the proof in the receipt is of another identifier, or another certificate")
    return hashlib.sha512(_lengthed(content, answer[-_ELEMENT:]) + b"Finalize").digest()[:_VALUE]


def proof_holds(public_key: bytes, point: bytes, answer: bytes) -> bool:
    """Whether a proof shows that a point was evaluated under a public key's secret (VerifyProof, RFC 9497, 2.2.2)."""
    if (len(answer), len(public_key), len(point)) != (ANSWER_BYTES, _ELEMENT, _ELEMENT):
        return False
    group = _group()
    c, s, evaluated = answer[:_SCALAR], answer[_SCALAR:-_ELEMENT], answer[-_ELEMENT:]
    try:
        if not all(group.crypto_core_ristretto255_is_valid_point(each) for each in (public_key, evaluated)):
            return False
        weight = _scalar(_lengthed(_seed(public_key), 0, point, evaluated) + b"Composite")
        m, z = _times(weight, point), _times(weight, evaluated)
        add = group.crypto_core_ristretto255_add
        t2 = add(group.crypto_scalarmult_ristretto255_base(s), _times(c, public_key))
        t3 = add(_times(s, m), _times(c, z))
    except (ValueError, TypeError, RuntimeError):  # an invalid scalar or point
        return False
    return hmac.compare_digest(_scalar(_lengthed(public_key, m, z, t2, t3) + b"Challenge"), c)


@functools.cache
def _group() -> Any:
    import rbcl

    with contextlib.suppress(AttributeError, OSError):  # it loads its library from a temporary file, and leaves that
        Path(importlib.import_module("rbcl._sodium").lib_path).unlink()
    return rbcl


def _times(scalar: bytes, point: bytes) -> bytes:
    return bytes(_group().crypto_scalarmult_ristretto255(scalar, point))


def _point_of(content: bytes) -> bytes:
    """HashToGroup (RFC 9497, 4.1)."""
    return bytes(_group().crypto_core_ristretto255_from_hash(_expand_message(content, b"HashToGroup-" + _CONTEXT)))


def _scalar(content: bytes) -> bytes:
    """HashToScalar (RFC 9497, 4.1)."""
    return bytes(_group().crypto_core_ristretto255_scalar_reduce(_expand_message(content, b"HashToScalar-" + _CONTEXT)))


def _seed(public_key: bytes) -> bytes:
    return hashlib.sha512(_lengthed(public_key, b"Seed-" + _CONTEXT)).digest()


def _lengthed(*parts: bytes | int) -> bytes:
    """Each part behind its length in two bytes; a number is two bytes on its own."""
    return b"".join(
        part.to_bytes(2, "big") if isinstance(part, int) else len(part).to_bytes(2, "big") + part for part in parts
    )


def _expand_message(content: bytes, tag: bytes) -> bytes:
    """64 uniform bytes: expand_message_xmd with SHA-512 (RFC 9380, 5.3.1), for which one block is enough."""
    tag += len(tag).to_bytes(1, "big")
    first = hashlib.sha512(bytes(128) + content + _UNIFORM.to_bytes(2, "big") + b"\x00" + tag).digest()
    return hashlib.sha512(first + b"\x01" + tag).digest()
