"""How many of the seals keys are known to recognise under a policy, and why that is too few."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal

from sealscrub.errors import Spelled
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.index.recall_bounds import bound_in_words

from .policy import Policy

__all__ = ["LOW_RECALL", "covers_too_little", "finds_too_little", "known_recall", "stated_recall", "why_not_known"]

LOW_RECALL = Spelled(
    "ask the custodian for a bound (recall_bound), name the linked system's key column with on=, or leave min_recall "
    "out.",
    "ask the custodian for a bound (sealscrub link bound), name the linked system's key column with --on "
    "opaque:NAMESPACE=COLUMN, or leave --min-recall out.",
)


def known_recall(index: Index, schemes: Iterable[str], policy: Policy) -> float | None:
    """Share of the seals that the links behind these schemes find at least; None if that is not known.

    It is not known either if withheld records are allowed to stay: the bound counts the rows of a link that waits for a
    clerk as found. Of no linked system it is 1.
    """
    names = list(schemes)
    if "withheld" in policy.allow and index.is_linked(names):
        return None
    return index.recall(names, alpha=policy.recall_alpha)


def stated_recall(index: Index, schemes: Iterable[str], recall: float) -> str:
    """Say a share that the links behind these schemes find at least, as of which day, and how sure that is."""
    bounds = [bound for name in schemes if (bound := index.linked.get(get_scheme(name).name)) is not None]
    stated = Decimal(str(recall)).quantize(Decimal("0.001"), ROUND_FLOOR)
    level = bound_in_words(max(each.alpha for each in bounds), min(each.made_on for each in bounds))
    return f"at least {stated:.1%} of the seals ({level})"


def why_not_known(index: Index, schemes: Iterable[str], policy: Policy) -> str:
    """Say why a bound on recall does not count, if one was made; nothing otherwise."""
    bounds = [index.linked[name] for name in {get_scheme(each).name for each in schemes} & set(index.linked)]
    if not bounds or None in bounds:
        return ""
    if "withheld" in policy.allow:
        return "withheld records are allowed, and the bound counts the rows of a withheld link as found"
    most = max(each.alpha for each in bounds if each is not None)
    if most <= policy.recall_alpha:
        return ""
    return f"the bound may be too high in {100 * most:.4g}% of cases, more than {100 * policy.recall_alpha:.4g}%"


def finds_too_little(index: Index, schemes: Iterable[str], policy: Policy) -> str:
    """Say why the links behind these schemes may miss too many seals; nothing if that is not asked or so."""
    names, least = list(schemes), policy.min_recall
    if least is None:
        return ""
    if not index.is_linked(names):
        return "how many of the seals the links find is not known, since no key column stands for links"
    recall = known_recall(index, names, policy)
    if recall is None:
        why = why_not_known(index, names, policy) or "no bound was made"
        return f"how many of the seals the links find is not known, since {why}"
    if recall >= least:
        return ""
    return f"the links find {stated_recall(index, names, recall)}, less than {least:.1%}"


def covers_too_little(index: Index, schemes: Iterable[str], policy: Policy) -> bool:
    """Whether keys of these schemes recognise too few of the seals; of linked systems only that is not asked."""
    names = {get_scheme(name).name for name in schemes}
    if names and names <= set(index.linked):
        return False
    found = (known_recall(index, names, policy) or 0.0) if index.is_linked(names) else 0.0
    return max(index.coverage(names), found) < policy.min_coverage
