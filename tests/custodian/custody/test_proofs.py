"""Inclusion and consistency proofs: RFC 9162's algorithms against its definitions, and files against the log."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.certificates.merkle import check_inclusion, leaf_hash
from sealscrub.custodian.custody import (
    Checkpoint,
    Entry,
    check_proof,
    open_checkpoint,
    prove_consistency,
    prove_entry,
    sign_checkpoint,
    verifier_key,
)
from sealscrub.custodian.custody.merkle_tree import (
    Frontier,
    check_consistency,
    consistency,
    inclusion,
    position,
)
from sealscrub.errors import InvalidCertificate, UsageError

from ...certificates.test_merkle import root_by_the_rfc
from .conftest import Kept


def proof_by_the_rfc(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 9162, 2.1.4.1, word for word."""
    if old == len(leaves):
        return [] if whole else [root_by_the_rfc(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old <= split:
        return [*proof_by_the_rfc(old, leaves[:split], whole), root_by_the_rfc(leaves[split:])]
    return [*proof_by_the_rfc(old - split, leaves[split:], False), root_by_the_rfc(leaves[:split])]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 70), st.data())
def test_proofs_are_those_of_the_rfc(size: int, data: st.DataObject) -> None:
    leaves = [str(at).encode() for at in range(size)]
    edge, stored = Frontier(), b""
    for leaf in leaves:
        stored += b"".join(edge.add(leaf_hash(leaf)))

    def nodes(level: int, at: int) -> bytes:
        return stored[32 * position(level, at) :][:32]

    assert edge.root == root_by_the_rfc(leaves)
    old = data.draw(st.integers(1, size))
    proof = list(consistency(nodes, old, size))
    assert proof == proof_by_the_rfc(old, leaves)
    was = root_by_the_rfc(leaves[:old])
    assert check_consistency(old, was, size, edge.root, proof)
    assert not check_consistency(old, was, size, edge.root, [*proof, bytes(32)])
    assert not check_consistency(old, hashlib.sha256(was).digest(), size, edge.root, proof)
    if proof:
        assert not check_consistency(old, was, size, edge.root, proof[:-1])
        assert not check_consistency(old, was, size, edge.root, [bytes(32), *proof[1:]])
    number = data.draw(st.integers(0, size - 1))
    found = inclusion(nodes, number, size)
    assert check_inclusion(edge.root, leaf_hash(leaves[number]), found, size)
    assert not check_inclusion(edge.root, leaf_hash(b"x"), found, size)


def test_c2sps_own_checkpoint_opens() -> None:
    """The example of c2sp.org/tlog-checkpoint's neighbour: Go's checksum database, as its documents print it."""
    name, hint, key = "sum.golang.org", "033de0ae", "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:])

    assert verifier_key(name, public) == f"{name}+{hint}+{key}"


def test_every_entry_is_proved_and_nothing_else(kept: Kept) -> None:
    note, public = kept.checkpoint(), kept.key.public_key()
    for number in range(17):
        proof = prove_entry(kept.log, number, note, public)
        found = check_proof(proof, public)
        assert isinstance(found, Entry)
        assert found.number == number
    with pytest.raises(UsageError, match="covers entries 0 to 16"):
        prove_entry(kept.log, 17, note, public)
    with pytest.raises(InvalidCertificate):
        check_proof(proof.replace("index 16", "index 15"), public)
    with pytest.raises(InvalidCertificate):
        check_proof(proof, Ed25519PrivateKey.generate().public_key())
    with pytest.raises(InvalidCertificate):
        check_proof(proof.replace(f"extra {_extra(proof)}", f"extra {_extra(proof, b'm.other')}"), public)


def _extra(proof: str, who: bytes = b"r.alvarez") -> str:
    line = base64.b64decode(proof.split("\n")[1].removeprefix("extra "))
    return base64.b64encode(line.replace(b"r.alvarez", who)).decode()


def test_a_later_log_begins_with_the_earlier(kept: Kept) -> None:
    first = kept.checkpoint()
    kept.acts(4)
    second, public = kept.checkpoint(), kept.key.public_key()
    proof = prove_consistency(kept.log, first, second, public)

    assert check_proof(proof, public) == (open_checkpoint(first, public), open_checkpoint(second, public))
    assert check_proof(prove_consistency(kept.log, second, second, public), public)
    with pytest.raises(UsageError, match="wrong order"):
        prove_consistency(kept.log, second, first, public)
    with pytest.raises(InvalidCertificate):
        check_proof("\n".join(line for at, line in enumerate(proof.split("\n")) if at != 1), public)


def test_the_hashes_beside_the_log_are_not_trusted(kept: Kept) -> None:
    """Wrong ones are made again; without them, and with too few, too."""
    note, public = kept.checkpoint(), kept.key.public_key()
    beside = kept.log.path.with_name("audit.log.tree")
    right = beside.read_bytes()
    for wrong in (bytes(len(right)), right[:100], b""):
        beside.write_bytes(wrong)
        assert check_proof(prove_entry(kept.log, 3, note, public), public)
        assert beside.read_bytes() == right


def test_an_edited_entry_is_not_proved(kept: Kept) -> None:
    note, public = kept.checkpoint(), kept.key.public_key()
    lines = kept.log.path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"r.alvarez", b"p.nobody1")
    kept.log.path.write_bytes(b"".join(lines))

    with pytest.raises(InvalidCertificate, match="differs from the one that the checkpoint signs"):
        prove_entry(kept.log, 3, note, public)
    other = sign_checkpoint(Checkpoint("sealscrub-audit-other", 5, bytes(32)), kept.key)
    with pytest.raises(InvalidCertificate, match="another log"):
        prove_entry(kept.log, 3, other, public)
