"""What a state's folder declares makes sense, and if it does not, the first thing that is wrong is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sealscrub.custodian.law import JURISDICTIONS, jurisdiction
from sealscrub.custodian.law.charge_events import AMBIGUOUS
from sealscrub.custodian.law.declaration_checks import check_declarations
from sealscrub.custodian.law.dispositions import Disposition
from sealscrub.custodian.law.event_steps import notes
from sealscrub.custodian.law.state_declarations import Column, ColumnKind, EndingKind
from sealscrub.errors import ConfigError

OREGON = jurisdiction("us-or")
FIRST, LINE, GROUP = OREGON.known[0], OREGON.rulings[0], OREGON.regimes[0]
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another name": ({"name": "us-oo"}, "is not that of its folder"),
    "no regime": ({"regimes": ()}, "no regime"),
    "regime of another": ({"known": (replace(FIRST, name="us-pa/a"), *OREGON.known)}, "does not begin with us-or/"),
    "regime of rules of another": (
        {"regimes": (replace(GROUP, regime="us-pa/a"), *OREGON.regimes[1:])},
        "'us-pa/a' does not begin with us-or/",
    ),
    "rule of another": (
        {"doubts": (replace(OREGON.doubts[0], id="us-pa/a"),)},
        "'us-pa/a@1' does not begin with us-or/",
    ),
    "regime twice": ({"known": (FIRST, *OREGON.known)}, "the regime of known '.*' is there twice"),
    "regime of rules twice": ({"regimes": (GROUP, *OREGON.regimes)}, "the regime '.*' is there twice"),
    "regime not known": ({"known": OREGON.known[1:]}, "the regime '.*' is not in known"),
    "ruling of none": ({"rulings": (replace(LINE, regime="us-or/none"),)}, "which is not in known"),
    "ruling of a use": ({"rulings": (replace(LINE, use="museum"),)}, "which it does not declare"),
    "ruling of an audience": ({"rulings": (replace(LINE, audience="everyone"),)}, "which it does not declare"),
    "rule twice": ({"doubts": (OREGON.doubts[0], *OREGON.doubts)}, "is there twice"),
    "common use": ({"uses": ("training",)}, "a common one"),
    "audience with a space": ({"audiences": ("records division",)}, "not small letters"),
    "purpose without a provision": ({"access": {"visit": ""}}, "has no provision"),
    "purpose with a space": ({"access": {"a visit": "ORS 137.225"}}, "not small letters"),
    "common column": ({"columns": (Column("docket"),)}, "a common one"),
    "column in capitals": ({"columns": (Column("Fine"),)}, "is a common one, or not small letters"),
    "column twice": ({"columns": (Column("a"), Column("a"))}, "is there twice"),
    "synonym of nothing": ({"synonyms": {"sid": "nothing"}}, "not of a column"),
    "synonym in capitals": ({"synonyms": {"SID": "nysid"}}, "is not small letters"),
    "instead of nothing": ({"columns": (Column("a", ColumnKind.FLAG, instead="A"),)}, "not an ending of the kind"),
    "ending in small letters": ({"endings": {"gone": EndingKind.OVER}}, "is not capitals"),
    "title of nothing": ({"titles": {"gone_on": "gone"}}, "neither one of its endings nor a fact that a rule asks for"),
    "ending of no kind": ({"endings": {"GONE": "over"}}, "is not capitals and an EndingKind"),
    "event in capitals": ({"events": {"Gone": notes("gone")}}, "is not small letters"),
    "court in capitals": ({"courts": {"Circuit": "for adults"}}, "is not small letters"),
    "fact of no event": ({"event_facts": {"gone_on": "gone"}}, "event_facts names 'gone' for 'gone_on'"),
    "fact of no column": (
        {"facts": {"gone": replace(OREGON.facts["restart"], told_by=("leaving",))}},
        "the fact 'gone' is told by 'leaving'",
    ),
    "scheme of no column": ({"schemes": {"case_number": "us_or_case"}}, "which is not one of"),
    "scheme of no file": ({"schemes": {"docket": "us_or_docket"}}, "which schemes.toml does not define"),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_first_thing_that_is_wrong_is_named(case: str) -> None:
    changes, said = WRONG[case]

    with pytest.raises(ConfigError, match=said) as caught:
        check_declarations(replace(OREGON, **changes), "us-or", "us_or/jurisdiction.py")
    assert str(caught.value).startswith("us_or/jurisdiction.py: ")
    assert "docs/how-to/add-a-state.md" in str(caught.value.hint)


def test_a_synonym_may_be_of_a_column_of_its_own() -> None:
    place = replace(OREGON, synonyms={"hurt_a_person": "person_felony"})

    assert check_declarations(place, "us-or", "us_or/jurisdiction.py") is place


def test_a_folder_without_a_jurisdiction_is_named() -> None:
    with pytest.raises(ConfigError, match="JURISDICTION is not a Jurisdiction"):
        check_declarations(None, "us-or", "us_or/jurisdiction.py")


@pytest.mark.parametrize("law", JURISDICTIONS)
def test_rules_name_only_endings_that_exist(law: str) -> None:
    place = jurisdiction(law)
    named = frozenset[str]().union(*(rule.endings or () for rule in place.rules()))

    assert named <= {*Disposition.__members__, *place.endings, AMBIGUOUS}
    assert not {*place.endings} & {*Disposition.__members__}
    assert check_declarations(place, law, "") is place
