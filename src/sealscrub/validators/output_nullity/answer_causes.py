"""What a difference between two answers looks like: the probable cause, recognised by its pattern."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from .answer_parts import ECHO, LENGTH, STEP, Parts, number_of

__all__ = ["CAUSES", "cause_of", "entries_of"]

CAUSES = {
    "unfiltered": "a sealed record is in the answer itself: nothing filters here",
    "refusal": 'sealed ids get an answer of their own (403, "suppressed"), and unknown ones another',
    "post-filter": "cut to k first and filtered afterwards: the list is short (post-filter top-k)",
    "kept ranks": "ranks were given before the filter: they skip or start late",
    "softmax": "scores are shares of a sum over candidates that holds sealed ones (softmax before the filter)",
    "z-norm": "scores are shifted and stretched over candidates that hold sealed ones (z-norm or min-max before the "
    "filter)",
    "fitted": "computed by something fitted, counted or built over records that hold sealed ones",
    "structure": "other entries are found: the index was built or trained with sealed records and removed them later "
    "(tombstones, IVF cells)",
    "totals": "totals or facets were counted before the filter",
    "pages": "pages or cursors were cut before the filter",
    "suggestions": "suggestions come from a vocabulary that holds sealed records",
    "background": "explained against a background that holds sealed records (SHAP base value, mean)",
    "oracle": "every id but a sealed one gets an answer: the known ids are not declared",
    "cache": "a cache key, length or tag of an answer that differs",
    "failing": "it fails, or fails differently, when asked about a sealed record",
}
"""Causes by name."""

_EXACT = 1e-9
_ENOUGH = 3


def cause_of(kind: str, path: str, channel: str, clean: Parts, other: Parts, sealed: Collection[str]) -> str:
    """Guess what let the sealed records out by one part; empty if the pattern says nothing."""
    simple = {"totals": "totals", "explanation": "background", "headers": "cache", "error": "failing"}
    if channel == "status":
        return "refusal"
    if channel in simple:
        return simple[channel] if not _refuses(clean, other) else "refusal"
    if channel == "cursors" or kind == "page":
        return "pages"
    if _names(other, sealed, kind) and not _names(clean, sealed, kind):
        return "unfiltered"
    if kind == "prefix" and channel in ("entries", "length", "order"):
        return "suggestions"
    ids = entries_of(path, clean), entries_of(path, other)
    if channel in ("scores", "ranks"):
        cause = _of_scores(path, clean, other, *ids)
        return "kept ranks" if channel == "ranks" and cause in ("softmax", "z-norm", "fitted") else cause
    if channel in ("length", "entries", "order"):
        return _of_entries(path, clean, other, *ids)
    return "fitted" if channel == "values" else ""


def _names(parts: Parts, sealed: Collection[str], kind: str) -> bool:
    """Whether an answer names a sealed record, be it the one that was asked about, in a list."""
    named = {f"s:{ECHO}", f"i:{ECHO}"} if kind in ("itself", "boundary", "page", "near", "prefix") else set()
    return any(
        leaf in sealed or leaf in named for path, leaves in parts.items() if "[]" in path.split(STEP) for leaf in leaves
    )


def _refuses(clean: Parts, other: Parts) -> bool:
    return any(path.split(STEP)[-1] == "status" and clean.get(path) != other.get(path) for path in (*clean, *other))


def entries_of(path: str, parts: Parts) -> tuple[str, list[str]]:
    """Find what names the entries of the list that a part belongs to: the first of its fields without doubles."""
    steps = path.split(STEP)
    root = steps[: steps.index("[]")] if "[]" in steps else steps[:-1]
    whole = [*root[:-1]] if root and root[-1].startswith("[") else root
    for other, leaves in parts.items():
        there = other.split(STEP)
        if "[]" not in there or there[: len(whole)] != whole or there[-1].startswith("("):
            continue
        if len(set(leaves)) == len(leaves) and not any(leaf.startswith("f:") for leaf in leaves):
            return other, leaves
    return "", []


def _of_entries(
    path: str, clean: Parts, other: Parts, ours: tuple[str, list[str]], theirs: tuple[str, list[str]]
) -> str:
    before, after = ours[1], theirs[1]
    if path.endswith(LENGTH):
        one, two = (number_of(parts.get(path, ["i:0"])[0]) or 0.0 for parts in (clean, other))
        return "post-filter" if two < one and after == before[: len(after)] else "failing" if two < one else "fitted"
    if len(after) < len(before):
        return "post-filter" if after == before[: len(after)] else "structure"
    return "structure"


def _of_scores(
    path: str, clean: Parts, other: Parts, ours: tuple[str, list[str]], theirs: tuple[str, list[str]]
) -> str:
    x, y = _aligned(clean.get(path, []), other.get(path, []), ours[1], theirs[1])
    if len(x) < _ENOUGH or not (np.isfinite(x).all() and np.isfinite(y).all()):
        return (
            "post-filter" if len(other.get(path, [])) < len(clean.get(path, [])) and np.array_equal(x, y) else "fitted"
        )
    if np.array_equal(x, y):
        short = len(other.get(path, [])) < len(clean.get(path, []))
        return "post-filter" if short else "structure"
    x, y = _to_one(x), _to_one(y)
    if (x != 0).all():
        with np.errstate(over="ignore", invalid="ignore"):  # shares that no float holds are not one share
            shares = y / x
            if np.ptp(shares) <= _EXACT * np.abs(shares).max():
                return "softmax"
    if np.ptp(x) > 0:
        beside, level = x - x.mean(), y.mean()
        slope = beside @ (y - level) / (beside @ beside)
        if np.abs(y - level - slope * beside).max() <= 1e-6:
            return "z-norm"
    return "structure" if ours[1] != theirs[1] else "fitted"


def _to_one(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Divide by the largest, so that no square or sum is too large for a float."""
    largest = np.abs(scores).max()
    return scores / largest if largest > 0 else scores


def _aligned(
    clean: Sequence[str], other: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Scores of the entries that both answers have; by position if nothing names the entries."""
    if len(ours) == len(clean) and len(theirs) == len(other) and ours:
        place = {name: at for at, name in enumerate(theirs)}
        pairs = [(clean[at], other[place[name]]) for at, name in enumerate(ours) if name in place]
    else:
        pairs = list(zip(clean, other, strict=False))
    numbers = [(number_of(a), number_of(b)) for a, b in pairs]
    known = np.array([pair for pair in numbers if None not in pair], dtype=np.float64).reshape(-1, 2)
    return known[:, 0], known[:, 1]
