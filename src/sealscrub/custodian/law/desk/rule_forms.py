"""The canonical form of a rule, which a reviewer signs: a change of anything in it makes another form."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, NamedTuple

from sealscrub.errors import ConfigError

from ..jurisdiction_packages import room_digest
from ..jurisdictions import find_rule, jurisdiction
from ..rules import RegimeRules, Rule

__all__ = ["Reviewed", "regime_form", "regimes_reviewed", "rule_form", "rule_named", "rules_reviewed"]

_LEFT_OUT = frozenset({"reviewed_by"})


class Reviewed(NamedTuple):
    """What a signed review says.

    Attributes
    ----------
    rule : str
        ``RULE@VERSION``.
    form : str
        Of the rule, as it was read.
    said : str
        By whom, and when.
    """

    rule: str
    form: str
    said: str


def rule_named(name: str) -> Rule:
    """Give one version of a rule.

    Parameters
    ----------
    name : str
        ``RULE@VERSION``, as ``law rules`` lists them.

    Raises
    ------
    ConfigError
        When none has that name, or no version is named.

    Examples
    --------
    >>> rule_named("us-ny/cpl-160.50/3c@1").citation
    'CPL 160.50(3)(c)'
    """
    rule_id, _, version = name.partition("@")
    versions = {rule.version: rule for rule in find_rule(rule_id)}
    if version not in versions:
        raise ConfigError("unknown version of the rule", hint=f"RULE@VERSION, with one of {', '.join(versions)}.")
    return versions[version]


def rule_form(rule: Rule) -> str:
    """Digest all that a rule says, what its regime makes of it, and the whole room of its place: SHA-256.

    The room is every file of the place's folder: its modules, its phrases, its lists of offences. The engine, which all
    places share, is not in it.

    Parameters
    ----------
    rule : Rule

    Examples
    --------
    >>> import dataclasses
    >>> rule = rule_named("us-ny/cpl-160.50/3c@1")
    >>> rule_form(rule) == rule_form(dataclasses.replace(rule, reviewed_by="A. Jones"))
    True
    >>> rule_form(rule) == rule_form(dataclasses.replace(rule, text="Another."))
    False
    """
    name = rule.id.partition("/")[0]
    place = jurisdiction(name)
    around = [
        {each.name: getattr(group, each.name) for each in fields(RegimeRules) if each.name != "rules"}
        for group in place.regimes
        if any((each.id, each.version) == (rule.id, rule.version) for each in group.rules)
    ]
    content = json.dumps(
        _json_value([rule, around, place.version, room_digest(name)]), sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(content.encode()).hexdigest()


def regime_form(regime: str) -> str:
    """Digest all that the rules of a regime say: SHA-256 of their names and their forms.

    Parameters
    ----------
    regime : str
        ``us-ny/cpl-160.50``, as ``law rules`` lists them.

    Examples
    --------
    >>> len(regime_form("us-ny/cpl-160.50")), regime_form("us-ny/cpl-160.50") == regime_form("us-ny/cpl-160.55")
    (64, False)
    """
    groups = [group for group in jurisdiction(regime.partition("/")[0]).regimes if group.regime == regime]
    forms = sorted(f"{rule.id}@{rule.version} {rule_form(rule)}" for group in groups for rule in group.rules)
    return hashlib.sha256("\n".join([regime, *forms]).encode()).hexdigest()


def _json_value(value: object) -> object:
    """Write a value as JSON has it, in one way only."""
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(map(json.dumps, map(_json_value, value)))
    if isinstance(value, tuple | list):
        return [*map(_json_value, value)]
    if isinstance(value, Mapping):
        return {str(name): _json_value(each) for name, each in value.items()}
    if is_dataclass(value):
        held = {each.name: getattr(value, each.name) for each in fields(value) if each.name not in _LEFT_OUT}
        return [type(value).__name__, _json_value(held)]
    if callable(value):  # such as a calendar of business days: by its name
        named: Any = value
        return f"{named.__module__}.{named.__qualname__}"
    raise TypeError(type(value).__name__)


def rules_reviewed(reviews: Iterable[Reviewed]) -> dict[str, str]:
    """Say which rules were reviewed as they are: a review of what was changed since counts for nothing.

    Parameters
    ----------
    reviews : iterable of Reviewed
        Signed ones, verified.

    Returns
    -------
    dict of str to str
        By ``RULE@VERSION``, by whom and when; several are joined.

    Examples
    --------
    >>> rule = rule_named("us-ny/cpl-160.50/3c@1")
    >>> name, form = "us-ny/cpl-160.50/3c@1", rule_form(rule)
    >>> rules_reviewed([Reviewed(name, form, "A. Jones, 2026-11-25"), Reviewed(name, "0" * 64, "B, 2020-01-01")])
    {'us-ny/cpl-160.50/3c@1': 'A. Jones, 2026-11-25'}
    """
    found: dict[str, list[str]] = {}
    for name, form, said in reviews:
        try:
            stands = rule_form(rule_named(name)) == form
        except ConfigError:  # the rule was removed since
            stands = False
        if stands:
            found.setdefault(name, []).append(said)
    return {name: "; ".join(dict.fromkeys(said)) for name, said in found.items()}


def regimes_reviewed(law: str, reviewed: Iterable[str]) -> tuple[int, int]:
    """Count the regimes of a place all of whose rules were reviewed, and all that have rules.

    Parameters
    ----------
    law : str
    reviewed : iterable of str
        ``RULE@VERSION``.

    Examples
    --------
    >>> regimes_reviewed("us-ny", [])[0]
    0
    """
    names = set(reviewed)
    groups = [{f"{rule.id}@{rule.version}" for rule in group.rules} for group in jurisdiction(law).regimes]
    groups = [group for group in groups if group]
    return sum(group <= names for group in groups), len(groups)
