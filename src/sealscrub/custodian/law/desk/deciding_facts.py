"""Which of all that was asked decided an answer: two or three sentences, each with the rule that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..dispositions.court_tables import NONE_NAMED
from ..jurisdictions import find_rule, jurisdiction
from ..reasons import Reason
from ..rules import NO_STATUTE, Jurisdiction, Rule
from ..three_values import Truth

__all__ = ["Deciding", "deciding_facts", "in_words", "public_texts"]

_MOST_SENTENCES, _MOST_FACTS = 3, 4

#: Endings, and days from which a time counts, whose own words a reader would not understand.
_TITLES = {
    "COVERED_BY": "covered by another case",
    "DISMISSED_COUNT_ONLY": "dismissed, this count alone",
    "DISMISSED_ENTIRE": "dismissed as a whole",
    "JD_ADJUDICATED": "adjudicated a juvenile delinquent",
    "NO_DISPOSITION": "without a disposition",
    "arrested_on": "the day of the arrest",
    "ended_on": "the day it ended",
    "known_from": "the first day known of it",
    "latest_crime_from": "the latest sentence for a crime, or release from it",
    "released_on": "the day of release",
    "restart": "a later conviction",
    "sentenced_on": "the day of sentence",
}


class Deciding(NamedTuple):
    """A sentence, and the rules that it is about."""

    said: str
    rules: tuple[Rule, ...] = ()


def deciding_facts(reasons: Reason) -> tuple[Deciding, ...]:
    """Say what decided an answer.

    Of *sealed*, how each charge meets the first regime that seals it; of *not known*, what is missing or in doubt; of
    *not sealed*, what keeps a regime from it that came near: a charge that it does not reach, a time that runs, an
    order.

    Parameters
    ----------
    reasons : Reason
        The tree of a decision that was explained.

    Returns
    -------
    tuple of Deciding
        One to three.

    Examples
    --------
    >>> import datetime as dt
    >>> from sealscrub.custodian.law import Action, Event, decide
    >>> acquitted = Event(event_date=dt.date(2014, 5, 1), text="ACQUITTED")
    >>> decision = decide(Action(), [acquitted], dt.date(2020, 1, 1))
    >>> [each.said for each in deciding_facts(decision.reasons)]
    ['The whole instrument is recorded as acquitted complete. CPL 160.50(3)(c) [own]: A verdict of complete acquittal.']
    """
    found: Iterable[Deciding]
    match reasons.truth:
        case Truth.YES:
            found = _deciding_charges(next(regime for regime in reasons.parts if regime.truth is Truth.YES), Truth.YES)
        case Truth.UNKNOWN:
            found = (
                each
                for regime in reasons.parts
                if regime.truth is Truth.UNKNOWN
                for each in (*_blocks(regime), *_deciding_charges(regime, Truth.UNKNOWN))
            )
        case _:
            found = (*_kept_from(reasons.parts), *_named_by_none(reasons.parts))
    said = {each.said: each for each in found}
    return tuple(said.values())[:_MOST_SENTENCES]


def in_words(name: str, place: Jurisdiction | None = None) -> str:
    """Say a name of ours in words; an ending or a fact as its place calls it.

    Examples
    --------
    >>> in_words("ACQUITTED_COMPLETE"), in_words("family_offense"), in_words("CONV_INFRACTION")
    ('acquitted complete', 'family offense', 'convicted of an infraction')
    >>> in_words("ACD_PENDING", jurisdiction("us-ny"))
    'adjourned in contemplation of dismissal'
    """
    known = _TITLES if place is None else {**_TITLES, **place.titles}
    said = known.get(name) or name.replace("_", " ").lower()
    return re.sub("^conv (i?)", lambda found: f"convicted of a{'n i' if found[1] else ' '}", said)


def public_texts(rules: Iterable[Rule]) -> dict[str, str]:
    """Where the public texts of some rules can be read, by their citations.

    Examples
    --------
    >>> public_texts(find_rule("us-ny/cpl-160.50/3c"))
    {'CPL 160.50(3)(c)': 'https://www.nysenate.gov/legislation/laws/CPL/160.50'}
    """
    found = {rule.citation: jurisdiction(rule.id.partition("/")[0]).public_text(rule.citation) for rule in rules}
    return {citation: address for citation, address in found.items() if address}


def _deciding_charges(regime: Reason, truth: Truth) -> Iterator[Deciding]:
    """How charges meet, or may meet, a regime: those that do so alike in one sentence."""
    alike: dict[tuple[str, Rule], list[str]] = {}
    for charge in _charges(regime):
        if charge.truth is truth:
            for reason in charge.parts:
                rule = _rule(reason)
                if rule is not None and reason.truth is truth:
                    alike.setdefault((_facts(reason, _place(regime)), rule), []).append(charge.text)
    for (facts, rule), charges in alike.items():
        yield Deciding(f"{_standing_sentence(charges, facts)}. {_cited(rule)}", (rule,))


def _kept_from(regimes: Iterable[Reason]) -> Iterator[Deciding]:
    """What keeps a regime from an action that would otherwise come under it, or will automatically."""
    for regime in regimes:
        yield from _blocks(regime)
        charges = _charges(regime)
        meets = [charge for charge in charges if charge.truth is Truth.YES]
        for charge in charges:
            rules = _near_rules(charge)
            for reason, rule in rules:
                if charge.truth is Truth.NO:
                    facts = _facts(_naming_reason(reason, rule), _place(regime))
                    yield Deciding(f"{_standing_sentence([charge.text], facts)}. {_cited(rule)}", (rule,))
            if charge.truth is Truth.NO and meets and not rules:
                met = next((found for _, found in _near_rules(meets[0])), None)
                if met is not None:
                    both = f"{meets[0].text} meets {met.citation}, but {charge.text} {_facts(charge, _place(regime))}"
                    yield Deciding(f"C{both[1:]}; {_regime(regime)} asks for {_unit(regime)}.", (met,))


def _naming_reason(reason: Reason, rule: Rule) -> Reason:
    """Where a rule that seals nothing names its facts: in what it asks, but for a time that runs."""
    asked = reason.parts[0]
    runs = any(part.kind in ("clock", "rule") and part.truth is Truth.NO for part in reason.parts)
    return reason if rule.answer is not Truth.NO or (runs and asked.truth is Truth.YES) else asked


def _near_rules(charge: Reason) -> list[tuple[Reason, Rule]]:
    """Rules that a charge came near, each in one version: of several that which is in force, if one is."""
    found = [(reason, rule) for reason in charge.parts if (rule := _rule(reason)) is not None]
    dated = {id(reason) for reason, _ in found if any(part.kind == "rule" for part in reason.parts)}
    standing = {rule.id for reason, rule in found if id(reason) not in dated}
    return [(reason, rule) for reason, rule in found if id(reason) not in dated or rule.id not in standing]


def _blocks(regime: Reason) -> Iterator[Deciding]:
    for part in regime.parts:
        if part.kind == "not" and part.truth is not Truth.YES:
            yield Deciding(f"Nothing is sealed under {_regime(regime)} if: {_facts(part, _place(regime))}.")


def _named_by_none(regimes: Iterable[Reason]) -> Iterator[Deciding]:
    """Charges of which no rule of any regime says anything."""
    ends: dict[str, list[str]] = {}
    each = [(charge, _place(regime)) for regime in regimes for charge in _charges(regime)]
    told = {charge.text for charge, _ in each if any(part.kind == "rule" for part in charge.parts)}
    for charge, place in each:
        for leaf in charge.parts:
            if leaf.fact == "ending" and charge.text not in {*told, *ends.get(_ending_words(leaf, place), [])}:
                ends.setdefault(_ending_words(leaf, place), []).append(charge.text)
    for ending, charges in ends.items():
        yield Deciding(f"{_standing_sentence(charges, f'is recorded as {ending}')}, and no rule seals such a charge.")


def _charges(regime: Reason) -> list[Reason]:
    return [part for part in regime.parts if part.kind == "charge"]


def _rule(reason: Reason) -> Rule | None:
    if reason.kind != "rule" or "@" not in reason.fact:
        return None
    name, _, version = reason.fact.partition("@")
    return next(rule for rule in find_rule(name) if rule.version == version)


def _regime(regime: Reason) -> str:
    """The statute of a regime, if the place names one."""
    name = regime.text.partition(":")[0]
    return next((each.citation for each in _place(regime).known if each.name == name), name)


def _place(regime: Reason) -> Jurisdiction:
    return jurisdiction(regime.text.partition("/")[0])


def _unit(regime: Reason) -> str:
    return regime.text.partition(": ")[2]


def _standing_sentence(charges: list[str], facts: str) -> str:
    """``Charge 1 is recorded as …``, ``Charges 1, 2 are recorded as …``, ``The whole instrument is recorded as …``."""
    numbers = [charge.removeprefix("charge ") for charge in dict.fromkeys(charges)]
    if charges[0] == numbers[0]:
        return f"{charges[0][:1].upper()}{charges[0][1:]} {facts}"
    if len(numbers) == 1 and "," not in numbers[0] and " and " not in numbers[0]:
        return f"Charge {numbers[0]} {facts}"
    return f"Charges {', '.join(numbers)} {facts.replace('is recorded as', 'are recorded as', 1)}"


def _cited(rule: Rule) -> str:
    cites = rule.citation != NO_STATUTE and (rule.answer is Truth.YES or rule.clock)
    return f"{rule.citation} [{rule.mark}]: {rule.text}" if cites else rule.text


def _facts(reason: Reason, place: Jurisdiction) -> str:
    """The facts on which a rule turned, in words: how the charge stands first, what is missing last."""
    leaves = list(dict.fromkeys(_leaves(reason, reason.truth)))
    stands = [_ending_words(step, place) for _, step in reason.steps() if step.fact == "ending" and step.kind == "fact"]
    missing = list(dict.fromkeys(in_words(leaf.fact, place) for leaf in leaves if leaf.kind == "missing"))
    asked = [leaf for leaf in leaves if leaf.fact != "ending" and leaf.kind != "missing"]
    others = list(dict.fromkeys(_worded(leaf, place) for leaf in asked))
    parts = [f"is recorded as {stands[0]}"] if stands else []
    parts += others[:_MOST_FACTS]
    if missing:
        more = f" and {len(missing) - _MOST_FACTS} more" if len(missing) > _MOST_FACTS else ""
        parts.append(f"not known: {', '.join(missing[:_MOST_FACTS])}{more}")
    return "; ".join(parts) or "is not reached"


def _ending_words(leaf: Reason, place: Jurisdiction) -> str:
    """``ending is CONVICTED``, and ``it is recorded as CONVICTED, which …``."""
    return in_words(leaf.text.removeprefix("ending is ").removeprefix("it is recorded as ").partition(",")[0], place)


def _worded(leaf: Reason, place: Jurisdiction) -> str:
    words = re.sub(r"[a-z][a-z0-9_]*", lambda name: in_words(name[0], place), leaf.text)
    if leaf.kind == "clock":
        return f"it takes {words}"
    said, nothing, rest = words.partition(f" is {NONE_NAMED}")
    return f"no {said} is named{rest}" if nothing else said


def _leaves(reason: Reason, truth: Truth) -> Iterator[Reason]:
    """The leaves that a step's truth rests on."""
    if not reason.parts:
        if reason.kind in ("fact", "missing", "clock") or (reason.kind == "rule" and reason.truth is Truth.NO):
            yield reason
        return
    if reason.kind == "doubt" and truth is Truth.UNKNOWN and any(part.truth is Truth.YES for part in reason.parts):
        yield reason
        return
    if reason.kind == "not" and truth is Truth.NO:
        yield from _holding(reason.parts[0])
        return
    for part in reason.parts:
        if reason.kind in ("rule", "charge", "all") and (part.truth is reason.truth or reason.kind == "rule"):
            yield from _leaves(part, truth) if _tells(part, truth) else ()
        elif reason.kind in ("any", "not", "doubt") and _tells(part, truth):
            yield from _leaves(part, truth)


def _holding(reason: Reason) -> Iterator[Reason]:
    """The facts by which something holds that must not hold."""
    if not reason.parts:
        yield reason
    for part in reason.parts:
        if part.truth is Truth.YES:
            yield from _holding(part)


def _tells(part: Reason, truth: Truth) -> bool:
    """Whether a step bears on why: a part that comes to the same, and what a time counts from."""
    if truth is Truth.NO:
        return part.truth is Truth.NO
    if truth is Truth.UNKNOWN:
        return part.truth is Truth.UNKNOWN or part.kind == "clock" or any(_tells(each, truth) for each in part.parts)
    return part.kind != "not"
