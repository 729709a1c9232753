"""The membership oracle: a system that answers about any id but a sealed one."""

from __future__ import annotations

from collections.abc import Sequence

from .answers import Parts
from .channels import channel_of
from .differing import PartDiffers, form_of, without_implied

__all__ = ["told_apart"]


def told_apart(sealed: Parts, unknown: Sequence[Parts]) -> list[PartDiffers]:
    """Say by which parts an answer about a sealed id differs from those about ids that nobody has.

    The probes differ in their ids alone. Where two unknown ids get different answers, the id itself is computed with;
    then only the form of the answers is compared: their fields, lengths, status and errors.

    Parameters
    ----------
    sealed : Parts
        Of the probe with a sealed id.
    unknown : sequence of Parts
        Of probes that are the same but for their ids, at least two.
    """
    first, *others = unknown
    if all(first == other for other in others):
        return _apart(first, sealed)
    forms = [form_of(each) for each in unknown]
    if any(form != forms[0] for form in forms):
        return []
    mine = form_of(sealed)
    paths = [path for path in {**forms[0], **mine} if forms[0].get(path) != mine.get(path)]
    return without_implied([_differs(path, first, sealed) for path in paths], first, sealed)


def _apart(unknown: Parts, sealed: Parts) -> list[PartDiffers]:
    paths = [path for path in {**unknown, **sealed} if unknown.get(path) != sealed.get(path)]
    return without_implied([_differs(path, unknown, sealed) for path in paths], unknown, sealed)


def _differs(path: str, unknown: Parts, sealed: Parts) -> PartDiffers:
    return PartDiffers(path, channel_of(path, unknown.get(path), sealed.get(path)), None, "oracle")
