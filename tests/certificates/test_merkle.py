"""Trees in the shape of RFC 9162."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.certificates.merkle import Inclusion, Tree, check_inclusion, leaf_hash, sort_digests

LEAVES = st.lists(st.binary(max_size=3), min_size=1, max_size=40)


def tree_of(contents: list[bytes]) -> Tree:
    hashes = b"".join(leaf_hash(content) for content in contents)
    return Tree(np.frombuffer(hashes, np.uint8).reshape(-1, 32))


def root_by_the_rfc(contents: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word: split at the largest power of two below n."""
    if not contents:
        return hashlib.sha256(b"").digest()
    if len(contents) == 1:
        return hashlib.sha256(b"\x00" + contents[0]).digest()
    split = 1
    while split * 2 < len(contents):
        split *= 2
    left, right = root_by_the_rfc(contents[:split]), root_by_the_rfc(contents[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@settings(max_examples=60, deadline=None)
@given(LEAVES)
def test_roots_and_proofs(contents: list[bytes]) -> None:
    tree = tree_of(contents)

    assert tree.root == root_by_the_rfc(contents)
    for at, content in enumerate(contents):
        proof = tree.inclusion(at)
        assert check_inclusion(tree.root, leaf_hash(content), proof, len(contents))
        assert not check_inclusion(tree.root, leaf_hash(content + b"x"), proof, len(contents))
        assert not check_inclusion(
            tree.root, leaf_hash(content), Inclusion(at, (*proof.path, bytes(32))), len(contents)
        )
        assert not check_inclusion(tree.root, leaf_hash(content), proof, len(contents) * 2 + 1)


def test_no_leaf_passes_for_a_node() -> None:
    one, two = leaf_hash(b"a"), leaf_hash(b"b")

    assert tree_of([one + two]).root != tree_of([b"a", b"b"]).root


@pytest.mark.parametrize("position", [-1, 3, 10**9])
def test_a_position_outside_is_refused(position: int) -> None:
    tree = tree_of([b"a", b"b", b"c"])

    assert not check_inclusion(tree.root, leaf_hash(b"c"), Inclusion(position, tree.inclusion(2).path), 3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(min_size=32, max_size=32), max_size=30), st.lists(st.sampled_from([bytes(32), b"\xff" * 32])))
def test_digests_are_sorted_as_bytes(some: list[bytes], twice: list[bytes]) -> None:
    digests = [*some, *twice, *some[:3]]
    ordered = sort_digests(np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32))

    assert [row.tobytes() for row in ordered] == sorted(digests)
