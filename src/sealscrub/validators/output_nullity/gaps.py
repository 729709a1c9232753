"""The gaps that late filters leave in lists: ranks that skip, pages that are short, totals that count more."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from .answer_differences import PartDiffers
from .answer_parts import LENGTH, STEP, Parts, number_of
from .channels import channel_of
from .probes import Probe

__all__ = ["gaps_of"]

_SKIP = 2
_PAGED = ("itself", "page", "random")


def gaps_of(probes: Sequence[Probe], answers: Sequence[Parts]) -> list[tuple[str, PartDiffers]]:
    """Find gaps, with the kind of the probe that brings each out.

    Examples
    --------
    >>> from .answer_parts import answer_parts
    >>> answer = answer_parts({"hits": [{"rank": 1}, {"rank": 2}, {"rank": 4}]})
    >>> [(kind, each.cause) for kind, each in gaps_of([Probe(kind="page")], [answer])]
    [('page', 'kept ranks')]
    """
    found = [
        (probe.kind, PartDiffers(path, "ranks", None, "kept ranks"))
        for probe, parts in zip(probes, answers, strict=True)
        for path, leaves in parts.items()
        if "[]" in path.split(STEP) and channel_of(path, leaves, leaves) == "ranks" and _skips(leaves)
    ]
    series: dict[object, list[tuple[Probe, Parts]]] = {}
    for probe, parts in zip(probes, answers, strict=True):
        if probe.kind in _PAGED:
            record = repr(list(probe.record.values()))  # an id of several columns is more than its first
            series.setdefault((str(probe.id), record, probe.k), []).append((probe, parts))
    for pages in series.values():
        if len(pages) > 1:
            found += _of_pages(sorted(pages, key=lambda page: page[0].offset))
    return found


def _skips(leaves: Sequence[str]) -> bool:
    """Whether ranks go up by one and somewhere by more; ties share one and the next is passed over."""
    ranks = [number_of(leaf) for leaf in leaves]
    if len(ranks) < 3 or any(rank is None or rank != int(rank) for rank in ranks):
        return False
    known = [int(rank) for rank in ranks if rank is not None]
    steps = [after - before for before, after in itertools.pairwise(known)]
    if min(steps) < 0 or sum(step < _SKIP for step in steps) * 2 < len(steps):
        return False
    return any(rank not in (known[0] + at, known[at - 1]) for at, rank in enumerate(known) if at)


def _of_pages(pages: Sequence[tuple[Probe, Parts]]) -> list[tuple[str, PartDiffers]]:
    lengths = [path for path in pages[0][1] if path.split(STEP)[-1] == LENGTH and path.count("[]") == 0]
    found = []
    for path in lengths:
        sizes = [int(number_of(parts.get(path, ["i:0"])[0]) or 0) for _, parts in pages]
        if len({str(_leaves_of_lists(parts, path)) for _, parts in pages}) == 1:
            continue  # the system does not page
        for at, (probe, _) in enumerate(pages[:-1]):
            if sizes[at] < probe.k and any(sizes[at + 1 :]):
                found.append((probe.kind, PartDiffers(path, "length", None, "post-filter")))
        if sizes[-1] == 0:
            found += _of_totals(pages, path, sum(sizes))
    return found


def _of_totals(pages: Sequence[tuple[Probe, Parts]], path: str, entries: int) -> list[tuple[str, PartDiffers]]:
    probe, parts = pages[0]
    beside = path.split(STEP)[:-2]
    return [
        (probe.kind, PartDiffers(other, "totals", entries - (number_of(leaves[0]) or 0.0), "totals"))
        for other, leaves in parts.items()
        if other.split(STEP)[:-1] == beside and other.split(STEP)[-1] in ("total", "count", "total_count", "num_found")
        if len(leaves) == 1 and number_of(leaves[0]) not in (None, float(entries))
    ]


def _leaves_of_lists(parts: Parts, path: str) -> list[list[str]]:
    root = path.split(STEP)[:-1]
    return [leaves for other, leaves in parts.items() if other.split(STEP)[: len(root) + 1] == [*root, "[]"]]
