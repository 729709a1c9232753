"""Merkle trees that grow: roots, inclusion and consistency proofs over any size of them (RFC 9162, 2.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from sealscrub.certificates.merkle import HASH_BYTES, Inclusion, node_hash

__all__ = ["Frontier", "check_consistency", "consistency", "inclusion", "position"]

Nodes = Callable[[int, int], bytes]
"""From a level and a place in it to the hash of a complete subtree: of leaves ``at << level`` up to the next."""


class Frontier:
    """The right edge of a growing tree: what it takes to know its root.

    Examples
    --------
    >>> from sealscrub.certificates.merkle import leaf_hash
    >>> edge = Frontier()
    >>> [len(edge.add(leaf_hash(text))) for text in (b"a", b"b", b"c")]
    [1, 2, 1]
    >>> edge.size
    3
    """

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def add(self, leaf: bytes) -> list[bytes]:
        """Add a leaf's hash; the hashes of the subtrees that it completes, itself first."""
        made = [leaf]
        size = self.size
        while size & 1:
            made.append(node_hash(self._edge.pop(), made[-1]))
            size >>= 1
        self._edge.append(made[-1])
        self.size += 1
        return made

    @property
    def root(self) -> bytes:
        """The root; of no leaves, the hash of nothing."""
        if not self._edge:
            return hashlib.sha256(b"").digest()
        hashed = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            hashed = node_hash(left, hashed)
        return hashed


def position(level: int, at: int) -> int:
    """Place of a complete subtree's hash among those of all, in the order in which :meth:`Frontier.add` makes them."""
    last = ((at + 1) << level) - 1
    return 2 * last - last.bit_count() + level


def inclusion(nodes: Nodes, number: int, size: int) -> Inclusion:
    """Prove that a leaf is in the tree of the first leaves (RFC 9162, 2.1.3.1)."""
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        split = low + _split(high - low)
        if number < split:
            path.append(_range(nodes, split, high))
            high = split
        else:
            path.append(_range(nodes, low, split))
            low = split
    return Inclusion(number, tuple(reversed(path)))


def consistency(nodes: Nodes, old: int, size: int) -> tuple[bytes, ...]:
    """Prove that the tree of a size begins with the tree of an older, smaller one (RFC 9162, 2.1.4.1)."""
    proof: list[bytes] = []
    low, high, whole = 0, size, True
    while old != high:
        split = low + _split(high - low)
        if old <= split:
            proof.append(_range(nodes, split, high))
            high = split
        else:
            proof.append(_range(nodes, low, split))
            low, whole = split, False
    if not whole:
        proof.append(_range(nodes, low, high))
    return tuple(reversed(proof))


def check_consistency(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether a proof shows that a tree begins with an older one (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= size or any(len(each) != HASH_BYTES for each in (old_root, root, *proof)):
        return False
    if old == 0 or old == size:
        start = hashlib.sha256(b"").digest() if old == 0 else root
        return not proof and old_root == start
    rest = list(proof) if old & (old - 1) else [old_root, *proof]
    if not rest:
        return False
    first, second = old - 1, size - 1
    while first & 1:
        first, second = first >> 1, second >> 1
    was = now = rest[0]
    for each in rest[1:]:
        if second == 0:
            return False
        if first & 1 or first == second:
            was, now = node_hash(each, was), node_hash(each, now)
            while not first & 1 and first:
                first, second = first >> 1, second >> 1
        else:
            now = node_hash(now, each)
        first, second = first >> 1, second >> 1
    return second == 0 and was == old_root and now == root


def _range(nodes: Nodes, low: int, high: int) -> bytes:
    """Hash of the leaves from one up to another."""
    width = high - low
    if width & (width - 1) == 0 and low % width == 0:
        level = width.bit_length() - 1
        return nodes(level, low >> level)
    split = low + _split(width)
    return node_hash(_range(nodes, low, split), _range(nodes, split, high))


def _split(width: int) -> int:
    """The largest power of two below it."""
    return 1 << ((width - 1).bit_length() - 1)
