"""A review is signed over all that a rule says: it stands as long as the rule does, and no longer."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from sealscrub.certificates import load_signer
from sealscrub.certificates.envelope import load_public_key
from sealscrub.cli import run
from sealscrub.custodian import law
from sealscrub.custodian.custody import Grant, Roster, RuleReview, open_paper, sign_paper
from sealscrub.custodian.law.conditions import Every, Is
from sealscrub.custodian.law.desk import Reviewed, regimes_reviewed, rule_form, rule_named, rules_reviewed
from sealscrub.custodian.registry import Registry
from sealscrub.errors import ConfigError, InvalidCertificate
from sealscrub.identifiers import generate_certifier

RULE = "us-ny/cpl-160.50/3c@1"
EVERY = [rule for name in law.JURISDICTIONS for rule in law.jurisdiction(name).rules()]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    generate_certifier(tmp_path / "bar.key")
    return tmp_path / "bar.key"


@pytest.fixture
def review(key: Path) -> Path:
    place = key.with_name("3c.json")
    assert run(["law", "sign", RULE, "--reviewer", "A. Jones", "--signing-key", str(key), "-o", str(place)]) == 0
    return place


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "d.csv").write_text(
        "docket,defendant_id,arrest_number,disposition,event_date\n2018KN000001,7,K18000001,ACQUITTED,2018-05-01\n"
    )
    return tmp_path / "d.csv"


def shown(key: Path, review: Path) -> list[str]:
    return ["--rule-review", str(review), "--reviewer-key", f"{key}.pub"]


@cache
def forms() -> Counter[str]:
    return Counter(map(rule_form, EVERY))


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: f"{rule.id}@{rule.version}")
def test_every_rule_has_a_form_of_its_own(rule: law.Rule) -> None:
    form = rule_form(rule)

    assert forms()[form] == 1
    assert rule_form(rule_named(f"{rule.id}@{rule.version}")) == form


CHANGES = {
    "text": {"text": "Another."},
    "when": {"when": Every(Is("ending", "ACQUITTED_COMPLETE", "PENDING"))},
    "doubt": {"doubt": Is("appeal", "people")},
    "clock": {"clock": rule_named("us-ny/cpl-160.50/3b@2").clock},
    "answer": {"answer": law.Truth.UNKNOWN},
    "in_force_from": {"in_force_from": dt.date(1992, 1, 1)},
    "effect": {"effect": law.Effect("seal", ("police",))},
    "mark": {"mark": law.Mark.FOUND},
    "governed_by": {"governed_by": "as_of"},
    "starts": {"starts": ("notified_on",)},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_anything_in_a_rule_voids_its_review(change: str) -> None:
    rule = rule_named(RULE)
    changed = dataclasses.replace(rule, **CHANGES[change])

    assert rule_form(changed) != rule_form(rule)
    assert rules_reviewed([Reviewed(RULE, rule_form(changed), "A. Jones")]) == {}
    assert rules_reviewed([Reviewed(RULE, rule_form(rule), "A. Jones")]) == {RULE: "A. Jones"}


def test_a_review_is_bound_to_its_purpose_and_its_key(review: Path, key: Path, tmp_path: Path) -> None:
    public = load_public_key(f"{key}.pub")
    paper = open_paper(RuleReview, review, public)

    assert (paper.rule, paper.reviewer, paper.form) == (RULE, "A. Jones", rule_form(rule_named(RULE)))
    assert paper.date == dt.datetime.now(dt.UTC).date()
    for kind in (Roster, Grant):
        with pytest.raises(InvalidCertificate, match="does not hold a sealscrub"):
            open_paper(kind, review, public)
    generate_certifier(tmp_path / "other.key")
    with pytest.raises(InvalidCertificate, match="another key"):
        open_paper(RuleReview, review, load_public_key(tmp_path / "other.key.pub"))
    review.write_bytes(review.read_bytes().replace(b'"payload":"e', b'"payload":"f'))
    with pytest.raises(InvalidCertificate):
        open_paper(RuleReview, review, public)


def test_reviews_are_shown_with_the_rules_and_in_explanations(
    review: Path, key: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["law", "rules", *shown(key, review)]) == 0
    rules = capsys.readouterr().out
    assert run(["law", "explain", str(file), "--docket", "2018KN000001", *shown(key, review)]) == 0
    said = capsys.readouterr().out

    assert "A. Jones, 20" in rules
    assert f"Regimes reviewed 0 of {regimes_reviewed('us-ny', [])[1]} " in " ".join(rules.split())
    assert "Reviewed by A. Jones, 20" in said
    assert "reviewed: 1 of 1 rule that it rests on" in said


def test_regimes_are_reviewed_when_all_their_rules_are() -> None:
    regimes = law.jurisdiction("us-ny").regimes
    names = [f"{rule.id}@{rule.version}" for rule in regimes[0].rules]

    assert regimes_reviewed("us-ny", names)[0] == 1
    assert regimes_reviewed("us-ny", names[1:])[0] == 0


def test_a_gate_refuses_what_rests_on_a_rule_without_a_review(
    review: Path, key: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "seals.db"
    ask = ["registry", "derive", str(place), str(file), "--as-of", "2026-11-25", "--require-reviewed"]
    with Registry.create(place) as registry:
        with pytest.raises(ConfigError, match=r"rules that were not reviewed: us-ny/cpl-160\.50/3c@1"):
            registry.derive(file, as_of=dt.date(2026, 11, 25), reviewed=[])
        assert registry.epoch == 0

    old = tmp_path / "old.json"
    stale = RuleReview(rule=RULE, form="0" * 64, reviewer="A. Jones", date=dt.date(2020, 1, 1))
    old.write_bytes(sign_paper(stale, load_signer(key)))
    assert run([*ask, *shown(key, old)]) == 2
    told = capsys.readouterr().err
    assert "does not count: us-ny/cpl-160.50/3c@1 was changed since it was reviewed" in told
    assert "decisions rest on rules that were not reviewed" in told
    assert run(ask) == 2
    assert "rules that were not reviewed: us-ny/cpl-160.50/3c@1" in capsys.readouterr().err
    assert run([*ask, *shown(key, review)]) == 0
    with Registry.open(place) as registry:
        assert registry.epoch == 1


ENDINGS = ("ACQUITTED", "DISMISSED", "ACD 170.55", "PG 240.20 TIME SERVED", "YO ADJUDICATED", "STET", "PENDING")


def test_signing_each_rule_that_was_asked_for_opens_the_gate(
    key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As someone at a terminal does it: derive says what is missing, law sign signs it, derive passes."""
    place, file = tmp_path / "seals.db", tmp_path / "d.csv"
    rows = [f"2018KN00000{n},{n},K1800000{n},{text},2018-05-0{n}" for n, text in enumerate(ENDINGS, 1)]
    file.write_text("\n".join(["docket,defendant_id,arrest_number,disposition,event_date", *rows]) + "\n")
    ask = ["registry", "derive", str(place), str(file), "--as-of", "2026-11-25", "--require-reviewed"]
    assert run(["registry", "init", str(place)]) == 0
    capsys.readouterr()
    assert run(ask) == 2
    needed = re.findall(r"us-ny/[\w./-]*\w@[\w-]+", capsys.readouterr().err)
    assert len(needed) == len(set(needed)) > len(ENDINGS) // 2

    signed = list[str]()
    for at, rule in enumerate(needed):
        assert run([*ask, *signed]) == 2
        assert re.findall(r"us-ny/[\w./-]*\w@[\w-]+", capsys.readouterr().err) == needed[at:]
        review = tmp_path / f"{at}.json"
        assert run(["law", "sign", rule, "--reviewer", "A. Jones", "--signing-key", str(key), "-o", str(review)]) == 0
        signed += ["--rule-review", str(review), *(() if signed else ("--reviewer-key", f"{key}.pub"))]
        capsys.readouterr()
    assert run([*ask, *signed]) == 0
    with Registry.open(place) as registry:
        assert registry.epoch == 1


@pytest.mark.parametrize("rule", ["us-ny/cpl-160.50/3c", "us-ny/cpl-160.50/3c@99", "us-ny/none@1"])
def test_only_a_version_of_a_rule_is_signed(rule: str, key: Path, tmp_path: Path) -> None:
    ask = ["law", "sign", rule, "--reviewer", "A", "--signing-key", str(key), "-o", str(tmp_path / "x.json")]

    assert run(ask) == 2
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    "name", ["A.\nJones", "A. Jones\n", "A\x1b[2J", "A\r", "A\x00", "A\u2028B", "A\u202eB", "", " ", "A" * 201]
)
def test_the_name_of_a_reviewer_is_one_line_of_letters(name: str, key: Path, tmp_path: Path) -> None:
    place = tmp_path / "x.json"
    assert run(["law", "sign", RULE, "--reviewer", name, "--signing-key", str(key), "-o", str(place)]) == 2
    assert not place.exists()


@pytest.mark.parametrize("name", ["A.\nJones", "A\x1b[2J", "A\u202eB"])
def test_a_review_that_another_tool_signed_is_held_to_the_same(name: str, key: Path, tmp_path: Path) -> None:
    place = tmp_path / "x.json"
    paper = RuleReview.model_construct(rule=RULE, form="0" * 64, reviewer=name, date=dt.date(2020, 1, 1))
    place.write_bytes(sign_paper(paper, load_signer(key)))

    with pytest.raises(ConfigError, match="line end"):
        open_paper(RuleReview, place, load_public_key(f"{key}.pub"))


@pytest.mark.parametrize("command", [["law", "explain", "d.csv"], ["law", "rules"], ["publish", "seals.db", "-o", "x"]])
@pytest.mark.parametrize("half", [0, 1])
def test_a_review_counts_only_with_the_key_of_its_reviewer_and_a_key_only_with_a_review(
    key: Path, review: Path, capsys: pytest.CaptureFixture[str], command: list[str], half: int
) -> None:
    given, other = shown(key, review)[2 * half :][:2], ("--reviewer-key", "--rule-review")[half]
    needed = ["--use", "training", "--audience", "police"] if command[0] == "publish" else []
    assert run([*command, *needed, *given]) == 2
    assert f"{given[0]} applies only with {other}" in capsys.readouterr().err
