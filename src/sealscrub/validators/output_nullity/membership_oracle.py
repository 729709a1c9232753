"""The membership oracle: a system that answers about any id but a sealed one."""

from __future__ import annotations

from collections.abc import Sequence

from .answer_differences import PartDiffers, form_of, without_implied
from .answer_parts import Parts
from .channels import channel_of

__all__ = ["told_apart"]


def told_apart(sealed: Parts, unknown: Sequence[Parts]) -> list[PartDiffers]:
    """Say by which parts an answer about a sealed id differs from those about ids that no one has.

    The probes differ only in their ids. If the unknown ids get different answers of one form, the id itself is
    computed with, and only the form is compared: fields, lengths, status and errors. If one of them has another
    form, somebody has that id after all, and what most get is what an unknown id gets.

    Parameters
    ----------
    sealed : Parts
        Of the probe with a sealed id.
    unknown : sequence of Parts
        Of probes that are the same but for their ids, at least three.

    Examples
    --------
    >>> from .answer_parts import answer_parts
    >>> refused, nobody = answer_parts({"status": 403}), answer_parts({"status": 404})
    >>> [each.path for each in told_apart(refused, [nobody, nobody, nobody])]
    ['status']
    """
    if any(sealed == each for each in unknown):
        return []
    forms = [form_of(each) for each in unknown]
    usual = max(forms, key=forms.count)
    if forms.count(usual) * 2 <= len(forms):
        return []
    alike = [each for each, form in zip(unknown, forms, strict=True) if form == usual]
    first = alike[0]
    if all(first == other for other in alike):
        paths = [path for path in {**first, **sealed} if first.get(path) != sealed.get(path)]
    else:
        mine = form_of(sealed)
        paths = [path for path in {**usual, **mine} if usual.get(path) != mine.get(path)]
    return without_implied([_differs(path, first, sealed) for path in paths], first, sealed)


def _differs(path: str, unknown: Parts, sealed: Parts) -> PartDiffers:
    return PartDiffers(path, channel_of(path, unknown.get(path), sealed.get(path)), None, "oracle")
