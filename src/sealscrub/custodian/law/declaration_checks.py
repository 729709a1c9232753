"""What is wrong with the declarations of a state's folder, said when it is loaded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from sealscrub.errors import DOCS, ConfigError, SchemeError
from sealscrub.identifiers import get_scheme

from .disposition_columns import COLUMNS, NUMBERS
from .events import EventKind
from .rules import Jurisdiction
from .state_declarations import COMMON_AUDIENCES, COMMON_USES, EndingKind

__all__ = ["check_declarations"]

_PAGE = f"see {DOCS}how-to/add-a-state.md."
_NAME = re.compile("[a-z][a-z0-9_]*")
_ENDING = re.compile("[A-Z][A-Z0-9_]*")


def check_declarations(found: object, name: str, where: str) -> Jurisdiction:
    """Give a jurisdiction whose declarations make sense.

    Parameters
    ----------
    found : object
        What ``jurisdiction.py`` calls ``JURISDICTION``; None if it does not.
    name : str
        The place, by the name of its folder.
    where : str
        The file.

    Returns
    -------
    Jurisdiction

    Raises
    ------
    ConfigError
        With the first thing that is wrong.

    Examples
    --------
    >>> check_declarations(None, "us-xx", "us_xx/jurisdiction.py")
    Traceback (most recent call last):
    ...
    sealscrub.errors.ConfigError: us_xx/jurisdiction.py: JURISDICTION is not a Jurisdiction...
    """
    if not isinstance(found, Jurisdiction):
        raise ConfigError("JURISDICTION is not a Jurisdiction", where=where, hint=f"define it; {_PAGE}")
    wrong = next(_wrong(found, name), None)
    if wrong is not None:
        raise ConfigError(wrong, where=where, hint=f"put it right; {_PAGE}")
    return found


def _wrong(place: Jurisdiction, name: str) -> Iterator[str]:
    if place.name != name:
        yield f"its name is not that of its folder, {name!r}"
    if not place.regimes:
        yield "it has no regime"
    yield from _wrong_names(place)
    yield from _wrong_columns(place)
    for ending, kind in place.endings.items():
        if not _ENDING.fullmatch(ending) or not isinstance(kind, EndingKind):
            yield f"the ending {ending!r} is not capitals and an EndingKind"
    asked = {fact for rule in place.rules() for fact in rule.requires}
    yield from (
        f"titles names {each!r}, which is neither one of its endings nor a fact that a rule asks for"
        for each in place.titles
        if each not in {*place.endings, *asked}
    )
    for column, scheme in place.schemes.items():
        if column not in NUMBERS:
            yield f"schemes names {column!r}, which is not one of {', '.join(NUMBERS)}"
        try:
            get_scheme(scheme)
        except SchemeError:
            yield f"schemes names {scheme!r}, which schemes.toml does not define"


def _wrong_names(place: Jurisdiction) -> Iterator[str]:
    regimes = [group.regime for group in place.regimes]
    known = [regime.name for regime in place.known]
    rules = [f"{rule.id}@{rule.version}" for rule in place.rules()]
    for each in (*regimes, *known, *rules):
        if not each.startswith(f"{place.name}/"):
            yield f"{each!r} does not begin with {place.name}/"
    for kind, names in (("regime", regimes), ("regime of known", known), ("version of a rule", rules)):
        yield from (f"the {kind} {each!r} is there twice" for each in _twice(names))
    yield from (f"the regime {each!r} is not in known" for each in regimes if each not in known)
    yield from (
        f"rulings name {line.regime!r}, which is not in known" for line in place.rulings if line.regime not in known
    )
    for kind, own, common in (("use", place.uses, COMMON_USES), ("audience", place.audiences, COMMON_AUDIENCES)):
        for each in own:
            if not _NAME.fullmatch(each) or each in common:
                yield f"the {kind} {each!r} is a common one, or not small letters, figures and _"
    for purpose, provision in place.access.items():
        if not _NAME.fullmatch(purpose) or not provision:
            yield f"access names the purpose {purpose!r}, which is not small letters, or has no provision"
    named = {*place.all_uses()}, {*place.all_audiences()}
    for line in place.rulings:
        if line.use not in named[0] or line.audience not in named[1]:
            yield f"rulings name the use {line.use!r} for {line.audience!r}, which it does not declare"


def _wrong_columns(place: Jurisdiction) -> Iterator[str]:
    own = [column.name for column in place.columns]
    for each in own:
        if not _NAME.fullmatch(each) or each in COLUMNS:
            yield f"the column {each!r} is a common one, or not small letters, figures and _"
    yield from (f"the column {each!r} is there twice" for each in _twice(own))
    for theirs, ours in place.synonyms.items():
        if ours not in (*COLUMNS, *own) or theirs != theirs.lower():
            yield f"the synonym {theirs!r} is not small letters, or not of a column"
    for column in place.columns:
        if column.instead and place.kind_of(column.instead) is not EndingKind.INSTEAD:
            yield f"the column {column.name!r} finds {column.instead!r}, which is not an ending of the kind INSTEAD"
    for kind, names in (("event", place.events), ("court", place.courts)):
        yield from (f"the {kind} {each!r} is not small letters" for each in names if each != each.lower())
    for fact, kind in place.event_facts.items():
        if kind not in {*EventKind, *place.events}:
            yield f"event_facts names {kind!r} for {fact!r}, which is not a kind of event"
    for fact, found in place.facts.items():
        for each in found.told_by:
            if each not in (*COLUMNS, *own):
                yield f"the fact {fact!r} is told by {each!r}, which is not a column"


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]
