"""What shows in the answers of a whole run: by part of the answer, with the kinds of probes that bring it out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from .answer_differences import PartDiffers
from .answer_parts import STEP
from .channels import CHANNELS
from .probes import KINDS

__all__ = ["Finding", "gathered_findings"]

_NAME = re.compile(r"[^\W\d][\w.:-]{0,48}\Z|(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /[\w./{}:-]*\Z")
_DIGITS = re.compile(r"\d{3}")
_OURS = re.compile(r"\((?:length|keys|type|bytes|shape|index|dtype|columns|attrs|value|order|again)\)|\[\d*\]\Z")
_HIDDEN_KEY = "(a key)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part of the answers by which sealed records show.

    Attributes
    ----------
    part : str
        Its name, such as ``hits[].score``; never a value.
    channel : str
        One of :data:`.channels.CHANNELS`.
    kinds : dict of str to (int, int)
        By kind of probe: how many answers differ, and how many were compared.
    change : float or None
        The largest change of a number, with its sign.
    cause : str
        One of :data:`.causes.CAUSES`, or nothing.
    """

    part: str
    channel: str
    kinds: Mapping[str, tuple[int, int]]
    change: float | None = None
    cause: str = ""

    @property
    def answers(self) -> int:
        """How many answers differ by it."""
        return sum(count for count, _ in self.kinds.values())


def gathered_findings(
    found: Iterable[tuple[str, PartDiffers]], sent: Mapping[str, int], values: Collection[str]
) -> tuple[Finding, ...]:
    """Sum up what differs, by the names of parts, the most important first.

    Parameters
    ----------
    found : iterable of (str, PartDiffers)
        With the kind of the probe.
    sent : mapping of str to int
        Probes by kind.
    values : collection of str
        Texts of the data, in small letters: a key of a mapping that is one of them is not shown.
    """
    groups: dict[tuple[str, str], list[tuple[str, PartDiffers]]] = {}
    for kind, each in found:
        groups.setdefault((_shown_path(each.path, values), each.channel), []).append((kind, each))
    findings = [_finding_of_group(part, channel, group, sent) for (part, channel), group in groups.items()]
    rank = list(CHANNELS)
    return tuple(sorted(findings, key=lambda each: (rank.index(each.channel), -each.answers, each.part)))


def _finding_of_group(
    part: str, channel: str, group: list[tuple[str, PartDiffers]], sent: Mapping[str, int]
) -> Finding:
    counts = Counter(kind for kind, _ in group)
    changes = [each.change for _, each in group if each.change is not None]
    causes = Counter(each.cause for _, each in group if each.cause)
    first = max(causes, key=lambda cause: (cause == "unfiltered", causes[cause])) if causes else ""
    return Finding(
        part=part,
        channel=channel,
        kinds={kind: (min(counts[kind], sent.get(kind, 0)), sent.get(kind, 0)) for kind in KINDS if kind in counts},
        change=max(changes, key=abs) if changes else None,
        cause=first,
    )


def _shown_path(path: str, values: Collection[str]) -> str:
    """Name a part; a step that may be a value of the data is hidden."""
    steps = [step if _may_be_shown(step, values) else _HIDDEN_KEY for step in path.split(STEP) if step]
    if not steps or steps[0].startswith(("[", "(")):
        steps.insert(0, "answer")
    text = steps[0]
    for step in steps[1:]:
        text += step if step.startswith("[") else f" {step}" if step.startswith("(") else f".{step}"
    return text


def _may_be_shown(step: str, values: Collection[str]) -> bool:
    if _OURS.match(step):
        return True
    bare = step.casefold()
    return bool(_NAME.match(step)) and not _DIGITS.search(step) and bare not in values
