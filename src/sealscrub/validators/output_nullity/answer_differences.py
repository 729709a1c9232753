"""Two answers to one probe, compared part by part."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .answer_causes import cause_of
from .answer_parts import STEP, Parts, number_of
from .channels import channel_of

__all__ = ["PartDiffers", "differing", "form_of", "without_ignored", "without_implied"]


@dataclass(frozen=True, slots=True)
class PartDiffers:
    """One part of one answer that differs.

    Parameters
    ----------
    path : str
    channel : str
        One of :data:`.channels.CHANNELS`.
    change : float or None
        The largest change of a number, with its sign.
    cause : str
        One of :data:`.causes.CAUSES`, or nothing.
    """

    path: str
    channel: str
    change: float | None
    cause: str


def without_ignored(parts: Parts, ignored: Sequence[str]) -> Parts:
    """Leave parts out, by patterns over their names such as ``*.headers.date``."""
    if not ignored:
        return parts
    return {path: leaves for path, leaves in parts.items() if not _is_ignored(path, ignored)}


def _is_ignored(path: str, ignored: Sequence[str]) -> bool:
    name = path.replace(STEP, ".")
    return any(fnmatch.fnmatchcase(name, each) or fnmatch.fnmatchcase(name, f"*.{each}") for each in ignored)


def differing(kind: str, clean: Parts, other: Parts, sealed: Collection[str] = ()) -> list[PartDiffers]:
    """Compare the answer of the world without the sealed records with another.

    Parameters
    ----------
    kind : str
        Of the probe.
    clean, other : Parts
        Without and with the sealed records.
    sealed : collection of str
        Leaves that are keys of sealed records.

    Examples
    --------
    >>> from .answer_parts import answer_parts
    >>> differing("itself", answer_parts({"total": 40}), answer_parts({"total": 41}))
    [PartDiffers(path='total', channel='totals', change=1.0, cause='totals')]
    """
    if clean == other:
        return []
    found = []
    for path in _all_paths(clean, other):
        one, two = clean.get(path), other.get(path)
        if one != two:
            channel = channel_of(path, one, two)
            cause = cause_of(kind, path, channel, clean, other, sealed)
            found.append(PartDiffers(path, channel, _change(one or (), two or ()), cause))
    found = without_implied(found, clean, other)
    telling = [each for each in found if each.channel not in ("body", "form")]
    return telling or found


def without_implied(found: list[PartDiffers], clean: Parts, other: Parts) -> list[PartDiffers]:
    """Leave out what follows from another status, or from an error in place of an answer."""
    error = STEP.join(("error", "type"))
    if (error in clean) != (error in other):
        return [each for each in found if each.channel == "error"]
    refused = [each.path.split(STEP)[:-1] for each in found if each.channel == "status"]
    return [
        each
        for each in found
        if each.channel == "status" or not any(each.path.split(STEP)[: len(root)] == root for root in refused)
    ]


def _all_paths(clean: Parts, other: Parts) -> Iterator[str]:
    yield from clean
    yield from (path for path in other if path not in clean)


def _change(one: Sequence[str], two: Sequence[str]) -> float | None:
    if len(one) != len(two):
        return None
    gaps = [_gap(a, b) for a, b in zip(one, two, strict=True) if a != b]
    known = [gap for gap in gaps if gap is not None and gap == gap]
    return max(known, key=abs) if known and len(known) == len(gaps) else None


def _gap(one: str, two: str) -> float | None:
    a, b = number_of(one), number_of(two)
    return None if a is None or b is None else b - a


def form_of(parts: Parts) -> dict[str, tuple[int, str]]:
    """What of an answer does not depend on which id was asked about: its fields, lengths, status, and errors' types."""
    return {
        path: (len(leaves), "" if not _is_form(path) else "\n".join(leaves))
        for path, leaves in parts.items()
        if "headers" not in path.split(STEP)[:2] and not path.endswith("(bytes)")
    }


def _is_form(path: str) -> bool:
    last = path.split(STEP)[-1]
    return last.startswith("(") or last == "status" or path == STEP.join(("error", "type"))
