"""Texts without mentions of what may not be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealscrub.errors import ConfigError, UsageError
from sealscrub.index import Index, TextIndex
from sealscrub.matching.texts.flow import Flow
from sealscrub.matching.texts.mentions import IdentifierFinder, Mention
from sealscrub.matching.texts.name_fitness import fit_names
from sealscrub.matching.texts.name_mentions import NameFinder, check_possible
from sealscrub.matching.texts.text_policies import Finder, TextPolicy

from ..live_index import LiveIndex, current
from .unknown_mentions import KnownInTexts

__all__ = ["GuardedText", "TextExplanation", "explain_text", "guard_text", "refuse_old_name"]

USE = "output"


class GuardedText(str):
    """A text that was guarded: a str that says what it was checked for.

    Attributes
    ----------
    checked : tuple of str
        The schemes whose identifiers were looked for, and ``names`` where names were.

    Examples
    --------
    >>> GuardedText("No record.", checked=("arrest_number",)).checked
    ('arrest_number',)
    """

    __slots__ = ("checked",)
    checked: tuple[str, ...]

    def __new__(cls, text: str, *, checked: tuple[str, ...] = ()) -> GuardedText:
        """Make one."""
        guarded = super().__new__(cls, text)
        guarded.checked = checked
        return guarded

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (str(self), self.checked)


def _again(text: str, checked: tuple[str, ...]) -> GuardedText:
    return GuardedText(text, checked=checked)


@dataclass(frozen=True, slots=True)
class TextExplanation:
    """What a text mentions that may not be shown; only for the custodian.

    Attributes
    ----------
    mentions : tuple of Mention
        Where, in order; no text.
    checked : tuple of str
        As of :class:`GuardedText`.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> explain_text("One is K14-612345. No other.", example_index(["K14612345"]))
    TextExplanation(1 mentions, checked=('arrest_number',))
    """

    mentions: tuple[Mention, ...]
    checked: tuple[str, ...]

    def __repr__(self) -> str:
        return f"TextExplanation({len(self.mentions)} mentions, checked={self.checked})"


def guard_text(
    text: str,
    index: Index | LiveIndex,
    names: TextIndex | LiveIndex | None = None,
    on_match: str = "sentence",
    *,
    possible: str = "remove",
    ocr: bool = False,
    known: KnownInTexts | Mapping[str, Any] | None = None,
    policy: None = None,
) -> GuardedText:
    """Give a text as it would be without what it mentions of sealed records.

    Parameters
    ----------
    text : str
    index : Index or LiveIndex
        Published for the use ``output``.
    names : TextIndex or LiveIndex, optional
        Names on notices (:func:`sealscrub.index.open_text_index`). Without it only identifiers are looked for, and
        ``checked`` of the result says so.
    on_match : str
        ``sentence``: the sentence, line or paragraph of at most 2,000 characters is removed, without a gap. ``token``:
        only the identifier or name is removed; the words around it stay and may reveal it. ``refuse``: an error for the
        whole text.
    possible : str
        What happens to a name that no second fact (a date of birth or arrest) is next to: ``remove`` treats it as
        any other mention, ``keep`` leaves it, since a name is not a record.
    ocr : bool
        Whether letters that scanners take for digits are read as these.
    known : mapping of scheme to ids, optional
        The ids that the scrubbed system holds, as everywhere in :mod:`sealscrub.filters`: one that it does not know
        is removed as a sealed one is. Without it, a text that repeats what it was asked for reveals who is sealed.
    policy : None
        The former name of `on_match`: an error that says so.

    Returns
    -------
    GuardedText
        A str.

    Raises
    ------
    Refused
        With ``on_match="refuse"``, when there is a reason to.
    UsageError
        When the index, or the names, may not be used for output today.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])
    >>> str(guard_text("Two hits. One is k14-612 345. The other is M14000017.", index))
    'Two hits. The other is M14000017.'
    >>> str(guard_text("Two hits. One is k14-612 345. The other is M14000017.", index, on_match="token"))
    'Two hits. One is. The other is M14000017.'
    """
    _check_text(text)
    refuse_old_name(policy)
    flow, checked = begin(index, names, on_match, possible=possible, ocr=ocr, known=known)
    return GuardedText(flow.feed(text, final=True), checked=checked)


def explain_text(
    text: str, index: Index | LiveIndex, names: TextIndex | LiveIndex | None = None, *, ocr: bool = False
) -> TextExplanation:
    """Say where a text mentions what may not be shown. Only for the custodian: it reveals who is sealed.

    Parameters
    ----------
    text, index, names, ocr
        As of :func:`guard_text`.

    Returns
    -------
    TextExplanation

    Raises
    ------
    UsageError
        As :func:`guard_text`.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> told = explain_text("One is K14-612345.", example_index(["K14612345"]))
    >>> [(mention.start, mention.end, mention.what) for mention in told.mentions]
    [(7, 17, 'arrest_number')]
    """
    _check_text(text)
    flow, checked = begin(index, names, TextPolicy.TOKEN, possible="remove", ocr=ocr)
    flow.feed(text, final=True)
    return TextExplanation(tuple(sorted(flow.mentions)), checked)


def begin(
    index: Index | LiveIndex,
    names: TextIndex | LiveIndex | None,
    on_match: str,
    *,
    possible: str,
    ocr: bool,
    known: KnownInTexts | Mapping[str, Any] | None = None,
) -> tuple[Flow, tuple[str, ...]]:
    """Begin to guard a text, by the index as it is now."""
    if known is not None and not isinstance(known, KnownInTexts):
        known = KnownInTexts(known)
    check_possible(possible)
    finder = IdentifierFinder(current(index, USE), ocr=ocr, known=known)
    finders: list[Finder] = [finder]
    checked = finder.schemes
    if names is not None:
        finders.append(NameFinder(names_for(names, USE), possible))
        checked = (*checked, "names")
    return Flow(finders, TextPolicy.of(on_match)), checked


def refuse_old_name(policy: object) -> None:
    """Refuse `policy`, which `on_match` was called once.

    Raises
    ------
    ConfigError
    """
    if policy is not None:
        raise ConfigError("policy= of texts is now on_match=", hint='on_match="sentence", "token" or "refuse".')


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        raise UsageError(f"this is not text but {type(text).__name__}", where="guard_text", hint="decode bytes first.")


def names_for(names: TextIndex | LiveIndex | Index, use: str) -> TextIndex:
    """Take names for one answer, fit for a use today.

    Raises
    ------
    UnsuitableIndex, ExpiredIndex, FutureIndex
        When they are not.
    """
    if isinstance(names, Index | LiveIndex):
        return TextIndex.of(current(names, use))
    return fit_names(names, use)
