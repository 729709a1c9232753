"""Labels before identifiers: which numbers need one, and which labels say that a number is something else."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import polars as pl

from sealscrub.identifiers import Scheme, Status, canonicalise, get_scheme, scheme_names
from sealscrub.identifiers.letters import Letters

from .grammar import Bounds
from .readings import packed
from .text_runs import Places

__all__ = ["LABEL_REACH", "fits_context", "near_labels", "needs_label"]

LABEL_REACH = 160  # characters before an identifier in which a label says what it is


def near_labels(text: str, starts: Places, ends: Places, scheme: Scheme) -> tuple[Places, Places]:
    """Those sequences before which a label of the scheme is somewhere near."""
    labels = np.array([each.end() for each in re.finditer("|".join(map(re.escape, scheme.labels)) or "$.", text)])
    if not len(labels):
        return starts[:0], ends[:0]
    last = np.searchsorted(labels, starts, "right") - 1
    near = (last >= 0) & (starts - labels[last] <= 4 * LABEL_REACH)
    return starts[near], ends[near]


def needs_label(scheme: Scheme, bounds: Bounds) -> bool:
    """Whether any number may be a value, so a label has to say which is one, if the scheme has labels."""
    return bounds.bare and scheme.shape is None and bool(scheme.labels)


def fits_context(letters: Letters, place: int, end: int, scheme: Scheme, bounds: Bounds, *, labelled: bool) -> bool:
    """Whether the words before an identifier do not say that it is something else.

    If any number may be a value, `labelled` asks for a label directly before it.
    """
    text = letters.text
    before = text[letters.first_from(max(0, letters.start(place) - LABEL_REACH)) : place]
    said = _labels().search(before)
    if said is not None:
        meant = _schemes_by_label()[" ".join(said["label"].split())]
        if scheme.name in meant:
            return True
        if any(_is_written_as(packed(text[place:end]), get_scheme(name)) for name in meant):
            return False
    digits = sum("0" <= sign <= "9" for sign in text[place:end])
    if bounds.bare and (scheme.shape is None or digits < 6):
        if labelled:
            return False
        return any(re.search(rf"(?<![0-9A-Z]){re.escape(label)}(?![0-9A-Z])", before) for label in scheme.labels)
    return True


def _is_written_as(text: str, scheme: Scheme) -> bool:
    """Whether a text is a value of a scheme of fixed shape; if almost anything is a value, a label says little."""
    return scheme.shape is not None and bool(
        canonicalise(pl.Series([text], dtype=pl.String), scheme).status[0] == Status.OK
    )


@lru_cache(maxsize=1)
def _named_now(names: tuple[str, ...]) -> dict[str, frozenset[str]]:
    meant: dict[str, set[str]] = {}
    for name in names:
        for label in get_scheme(name).labels:
            meant.setdefault(" ".join(label.split()), set()).add(name)
    return {label: frozenset(schemes) for label, schemes in meant.items()}


def _schemes_by_label() -> dict[str, frozenset[str]]:
    """Schemes by label."""
    return _named_now(tuple(scheme_names()))


def _labels() -> re.Pattern[str]:
    return _labels_now(tuple(sorted(_schemes_by_label(), key=len, reverse=True)))


@lru_cache(maxsize=1)
def _labels_now(labels: tuple[str, ...]) -> re.Pattern[str]:
    """A label directly before an identifier."""
    words = "|".join(r"\s{1,8}".join(map(re.escape, label.split())) for label in labels)
    return re.compile(rf"(?<![0-9A-Z])(?P<label>{words})(?:\s{{0,8}}(?:NUMBER|NUM|NO|ID|#))?[\s.:#\-]{{0,16}}\Z")
