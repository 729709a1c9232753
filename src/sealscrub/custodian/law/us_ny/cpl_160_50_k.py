"""CPL 160.50(3)(k) and (5): convictions that are vacated, dismissed and expunged."""

from __future__ import annotations

import datetime as dt

from ..conditions import After, Condition, Either, Every, Is, Not
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from .new_york_periods import CANNABIS, LOITERING, MARIHUANA

__all__ = ["REGIME"]

_REGIME = "us-ny/cpl-160.50-5"
_CONVICTED = Is("ending", "CONVICTED")
_EXPUNGED = Effect("expunge", ("police", "prosecutor", "repository", "court"))
_ARTICLE_221 = dt.date(1977, 7, 29)


def _item(number: str, text: str, since: dt.date, *conditions: Condition, uncertainty: str = "") -> Rule:
    return Rule(
        id=f"us-ny/cpl-160.50/3k-{number}",
        citation=f"CPL 160.50(3)(k)({number}), (5)",
        paragraph=f"(3)(k)({number})",
        text=text,
        when=Every(_CONVICTED, *conditions),
        doubt=Is("attempt", "Y"),
        effect=_EXPUNGED,
        regime=_REGIME,
        version="2",
        in_force_from=since,
        governed_by="as_of",
        mark=Mark.FOUND,
        uncertainty=f"The day it came in force is [own]. {uncertainty}".strip(),
    )


_RULES = (
    _item(
        "i",
        "A misdemeanour or violation of article 220 or section 240.36, before article 221, where "
        "the sole substance was marihuana.",
        MARIHUANA,
        Not(After("ended_on", _ARTICLE_221)),
        Either(Is("article", "PL 220"), Is("law", "PL 240.36")),
        Is("substance", "marihuana", "marijuana"),
        Is("severity", "M", "V"),
        uncertainty="Article 221 began on 29 July 1977 [own].",
    ),
    _item(
        "ii",
        "A conviction of 221.05 or 221.10 before the change of 2019.",
        MARIHUANA,
        Is("law", "PL 221.05", "PL 221.10"),
        Not(After("ended_on", MARIHUANA)),
    ),
    _item(
        "iii",
        "A conviction of former 221.05, .10, .15, .20, .35 or .40.",
        CANNABIS,
        Is("law", *(f"PL 221.{section}" for section in ("05", "10", "15", "20", "35", "40"))),
    ),
    _item("iv", "A conviction of 240.37.", LOITERING, Is("law", "PL 240.37")),
    _item(
        "v",
        "A conviction of 220.03 or 220.06 before the change of 2021, of concentrated cannabis alone.",
        CANNABIS,
        Is("law", "PL 220.03", "PL 220.06"),
        Is("substance", "concentrated cannabis"),
        Not(After("ended_on", CANNABIS)),
        uncertainty="Without the substance the answer is unknown.",
    ),
    _item(
        "vi",
        "A conviction of 222.10, .15, .25 or .45.",
        CANNABIS,
        Is("law", *(f"PL 222.{section}" for section in ("10", "15", "25", "45"))),
    ),
)

#: A conviction is expunged whatever happened to its docket, and no order in the interest of justice reaches it.
REGIME = RegimeRules(
    regime=_REGIME,
    unit=Unit.CHARGE,
    mode=Mode.AT_LAW,
    effect=_EXPUNGED,
    rules=_RULES,
    blocked=Is("juvenile_court", "Y"),
)
