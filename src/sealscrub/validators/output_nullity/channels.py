"""The channels of an answer: by which of its parts something of a sealed record can leak."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .answer_parts import LENGTH, STEP, number_of

__all__ = ["CHANNELS", "channel_of"]

CHANNELS = {
    "entries": "which entries are in it",
    "length": "how many entries it has",
    "order": "their order",
    "ranks": "ranks and positions",
    "scores": "scores and distances",
    "totals": "totals, counts and facets",
    "cursors": "cursors and pages",
    "status": "the status",
    "error": "the error's type or text",
    "explanation": "explanations and their background",
    "headers": "headers",
    "values": "other values",
    "form": "fields and types",
    "body": "the bytes of the body",
}
"""Channels by name, the most important first."""

_NEAR_THE_ROOT = 3
_WORDS = {
    "cursors": r"(next|prev|previous)(_\w+)?|\w*(cursor|continuation)\w*|pages?|offset|has_?more|after|before"
    r"|\w*_token",
    "explanation": r".*(shap|base_?value|expected_?value|background|expla|counterfactual|prototype|lime|contribution"
    r"|attribution|importance).*|reasons?|because|similar_?cases?",
    "totals": r".*(total|count|facet|bucket|matches|found|number_of).*|n|n_.*|num_.*|num|size|hits|of",
    "ranks": r".*(rank|position|place|ordinal).*|no|nr|number",
    "scores": r".*(score|prob|simil|distan|relevan|weight|percentile|risk|confiden|logit|quantile).*|z|dist|p|d",
}
_WHOLE_WORDS = {name: re.compile(rf"(?:{words})\Z", re.IGNORECASE) for name, words in _WORDS.items()}


def channel_of(path: str, clean: Sequence[str] | None, other: Sequence[str] | None) -> str:
    """Return the channel of a part that differs.

    Parameters
    ----------
    path : str
        The part's, as :mod:`.answers` names it.
    clean, other : sequence of str or None
        Its leaves without and with the sealed records; None if the part does not exist.

    Examples
    --------
    >>> channel_of("total", ["i:40"], ["i:41"])
    'totals'
    >>> channel_of(STEP.join(["hits", "[]", "id"]), ["s:a", "s:b"], ["s:b", "s:a"])
    'order'
    """
    steps = path.split(STEP)
    names = [step for step in steps if step and not step.startswith(("[", "("))]
    last = names[-1] if names else ""
    if "headers" in names[:2]:
        return "headers"
    if last == "status" and (len(names) < _NEAR_THE_ROOT or names[-2:-1] != ["body"]):
        return "status"
    if names and names[0] == "error" and len(names) <= _NEAR_THE_ROOT and last in ("error", "type", "text"):
        return "error"
    if steps[-1] == "(bytes)":
        return "body"
    for name in ("explanation", "cursors"):
        if any(_WHOLE_WORDS[name].match(each) for each in names):
            return name
    if steps[-1] in (LENGTH, "(shape)"):
        return "length"
    if steps[-1].startswith("("):
        return "totals" if any(_WHOLE_WORDS["totals"].match(each) for each in names) else "form"
    return _of_leaves(names, last, clean or (), other or (), in_list="[]" in steps)


def _of_leaves(names: Sequence[str], last: str, clean: Sequence[str], other: Sequence[str], *, in_list: bool) -> str:
    numeric = all(number_of(token) is not None for token in (*clean, *other))
    if numeric and (clean or other):
        if _WHOLE_WORDS["ranks"].match(last):
            return "ranks"
        if _WHOLE_WORDS["scores"].match(last):
            return "scores"
        if any(_WHOLE_WORDS["totals"].match(each) for each in names):
            return "totals"
        if any(token.startswith("f:") for token in (*clean, *other)):
            return "scores" if in_list else "values"
    if not in_list:
        return "totals" if any(_WHOLE_WORDS["totals"].match(each) for each in names[:-1]) else "values"
    return "order" if Counter(clean) == Counter(other) else "entries"
