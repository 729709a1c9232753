"""The membership oracle: a system that answers about any id but a sealed one."""

from __future__ import annotations

from collections.abc import Sequence

from .answer_differences import PartDiffers, form_of, without_implied
from .answer_parts import Parts
from .channels import channel_of

__all__ = ["told_apart"]


def told_apart(sealed: Parts, unknown: Sequence[Parts], *kin: Sequence[Parts]) -> list[PartDiffers]:
    """Say by which parts an answer about a sealed id differs from those about ids that no record has.

    The probes differ only in their ids. If the unknown ids get different answers of one form, the id itself is
    computed with, and only the form is compared: fields, lengths, status and errors. If one of them has another
    form, somebody has that id after all, and what most get is what an unknown id gets.

    A sealed id may share a value with records that are not sealed: its county, or a docket. An answer about these is
    not one about the sealed record. What differs has to differ from unknown ids with that value too.

    Parameters
    ----------
    sealed : Parts
        Of the probe with a sealed id.
    unknown : sequence of Parts
        Of probes that are the same but for their ids, at least three.
    *kin : sequence of Parts
        Of such probes whose ids share one value with the sealed one.

    Examples
    --------
    >>> from .answer_parts import answer_parts
    >>> refused, unknown = answer_parts({"status": 403}), answer_parts({"status": 404})
    >>> [each.path for each in told_apart(refused, [unknown, unknown, unknown])]
    ['status']
    """
    paths = _paths(sealed, unknown)
    for group in kin:
        apart = set(_paths(sealed, group))
        paths = [path for path in paths if path in apart]
    if not paths:
        return []
    first = _usual(unknown)[0]
    return without_implied([_oracle_difference(path, first, sealed) for path in paths], first, sealed)


def _usual(unknown: Sequence[Parts]) -> list[Parts]:
    """Give the answers of the form that most have; none where no form has most."""
    forms = [form_of(each) for each in unknown]
    usual = max(forms, key=forms.count)
    if forms.count(usual) * 2 <= len(forms):
        return []
    return [each for each, form in zip(unknown, forms, strict=True) if form == usual]


def _paths(sealed: Parts, unknown: Sequence[Parts]) -> list[str]:
    alike = _usual(unknown)
    if not alike or any(sealed == each for each in unknown):
        return []
    first = alike[0]
    if all(first == other for other in alike):
        return [path for path in {**first, **sealed} if first.get(path) != sealed.get(path)]
    usual, mine = form_of(first), form_of(sealed)
    return [path for path in {**usual, **mine} if usual.get(path) != mine.get(path)]


def _oracle_difference(path: str, unknown: Parts, sealed: Parts) -> PartDiffers:
    return PartDiffers(path, channel_of(path, unknown.get(path), sealed.get(path)), None, "oracle")
