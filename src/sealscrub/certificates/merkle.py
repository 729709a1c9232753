"""Merkle trees over sorted leaves, in the shape of RFC 9162: roots, and proofs that a leaf is or is not in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Inclusion", "Tree", "check_inclusion", "leaf_hash", "node_hash", "sort_digests"]

HASH_BYTES = 32
_LEAF, _NODE = b"\x00", b"\x01"

Digests = npt.NDArray[np.uint8]


def leaf_hash(content: bytes) -> bytes:
    """Hash of a leaf: SHA-256 over 0x00 and its content, so no leaf can pass for a node (RFC 9162, 2.1.1)."""
    return hashlib.sha256(_LEAF + content).digest()


def sort_digests(digests: Digests) -> Digests:
    """Sort digests as byte strings.

    Parameters
    ----------
    digests : numpy.ndarray of uint8, shape (n, 32)

    Returns
    -------
    numpy.ndarray of uint8, shape (n, 32)
    """
    words = np.ascontiguousarray(digests).view(">u8").reshape(len(digests), HASH_BYTES // 8)
    first = words[:, 0].astype(np.uint64)
    order = np.argsort(first, kind="stable")
    ordered = first[order]
    if (ordered[1:] == ordered[:-1]).any():  # rows that occur twice, or one in 2^64
        order = np.lexsort([words[:, at] for at in range(words.shape[1] - 1, -1, -1)])
    return digests[order]


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The way from a leaf to the root.

    Attributes
    ----------
    position : int
        Of the leaf, from 0.
    path : tuple of bytes
        The neighbours' hashes, from the leaf upwards.
    """

    position: int
    path: tuple[bytes, ...]


class Tree:
    """A Merkle tree over leaf hashes in the order given.

    Parameters
    ----------
    leaves : numpy.ndarray of uint8, shape (n, 32)
        Leaf hashes (:func:`leaf_hash`).

    Examples
    --------
    >>> leaves = np.frombuffer(b"".join(leaf_hash(text) for text in [b"a", b"b", b"c"]), np.uint8).reshape(-1, 32)
    >>> tree = Tree(leaves)
    >>> proof = tree.inclusion(2)
    >>> check_inclusion(tree.root, leaf_hash(b"c"), proof, len(tree))
    True
    >>> check_inclusion(tree.root, leaf_hash(b"b"), proof, len(tree))
    False
    """

    def __init__(self, leaves: Digests) -> None:
        self._levels = [np.ascontiguousarray(leaves, np.uint8).reshape(-1, HASH_BYTES)]
        while len(self._levels[-1]) > 1:
            self._levels.append(_parent_level(self._levels[-1]))

    def __len__(self) -> int:
        return len(self._levels[0])

    def __repr__(self) -> str:
        return f"Tree({len(self)} leaves)"

    @property
    def root(self) -> bytes:
        """The root; of no leaves, the hash of nothing (RFC 9162, 2.1.1)."""
        top: bytes = self._levels[-1].tobytes()
        return top if len(self) else hashlib.sha256(b"").digest()

    def leaf(self, position: int) -> bytes:
        """A leaf's hash."""
        return bytes(self._levels[0][position])

    def inclusion(self, position: int) -> Inclusion:
        """Prove that the leaf at a position is there."""
        path, at = [], position
        for level in self._levels[:-1]:
            if (beside := at ^ 1) < len(level):
                path.append(level[beside].tobytes())
            at >>= 1
        return Inclusion(position, tuple(path))


def check_inclusion(root: bytes, leaf: bytes, proof: Inclusion, size: int) -> bool:
    """Say whether a proof shows a leaf at its position in a tree of a size (RFC 9162, 2.1.3.2)."""
    at, last = proof.position, size - 1
    if not 0 <= at <= last or any(len(each) != HASH_BYTES for each in (root, leaf, *proof.path)):
        return False
    hashed = leaf
    rest: list[bytes] = list(reversed(proof.path))
    while last:
        if at & 1 or at < last:
            if not rest:
                return False
            beside = rest.pop()
            hashed = node_hash(beside, hashed) if at & 1 else node_hash(hashed, beside)
        at, last = at >> 1, last >> 1
    return not rest and hashed == root


def _parent_level(level: Digests) -> Digests:
    pairs = len(level) // 2
    whole = level[: pairs * 2].tobytes()
    step = 2 * HASH_BYTES
    sha = hashlib.sha256
    made = b"".join([sha(_NODE + whole[at : at + step]).digest() for at in range(0, pairs * step, step)])
    if len(level) % 2:
        made += level[-1].tobytes()
    return np.frombuffer(made, np.uint8).reshape(-1, HASH_BYTES)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a node over its two: SHA-256 over 0x01 and both (RFC 9162, 2.1.1)."""
    return hashlib.sha256(_NODE + left + right).digest()
