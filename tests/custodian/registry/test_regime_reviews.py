"""An index says how many of the regimes that bar its uses were reviewed, and so do what is checked against it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.cli import run
from sealscrub.custodian import law
from sealscrub.custodian.law.desk import regime_form
from sealscrub.custodian.registry import Registry, republish
from sealscrub.errors import ConfigError
from sealscrub.identifiers import generate_certifier, generate_keys, load_key, load_publisher
from sealscrub.index import open_index, read_header
from sealscrub.transforms import Report

from ...index.custodian import with_header
from .custodian import LAW, Custodian, notice
from .dispositions import ROWS, derive

DAY = dt.date(2026, 11, 25)
RULES = {
    group.regime: [f"{rule.id}@{rule.version}" for rule in group.rules] for group in law.jurisdiction("us-ny").regimes
}
EVERY = {rule: DAY for rules in RULES.values() for rule in rules}
CURRENT = law.jurisdiction("us-ny").version
DERIVED = {"basis": "derived", "rule_version": f"us-ny/cpl-160.50/3c@1; {CURRENT}; us-ny/dispositions-11"}
ON = {"arrest_number": "ID"}
ROW = pl.DataFrame({"ID": ["K14000009"]})


def held(custodian: Custodian, reviewed: Any = EVERY, **options: Any) -> dict[str, str | None]:
    """By regime, the day of the review that an index published now names."""
    header = custodian.index(reviewed=reviewed, **options).header
    return {regime: review and review.on.isoformat() for of in header.reviews.values() for regime, review in of.items()}


def barring(audience: str = "police", *, holds_prints: bool = True) -> set[str]:
    return {
        regime
        for regime in RULES
        if law.bars(regime, use="training", audience=audience, on=dt.date(2026, 6, 1), holds_prints=holds_prints)
    }


@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_a_regime_is_reviewed_when_all_its_rules_are(data: st.DataObject, tmp_path_factory: Any) -> None:
    custodian = Custodian(tmp_path_factory.mktemp("reviews"))
    custodian.add(notice(arrest_number="K14000001"))
    whole = data.draw(st.sets(st.sampled_from(sorted(RULES))))
    days = {rule: data.draw(st.dates(dt.date(2020, 1, 1), DAY)) for regime in whole for rule in RULES[regime]}
    more = data.draw(st.sets(st.sampled_from(sorted(set(RULES) - whole)))) if set(RULES) - whole else set()
    partly = {rule: DAY for regime in more for rule in RULES[regime][1:]}

    assert held(custodian, days | partly) == {
        regime: max(days[rule] for rule in RULES[regime]).isoformat() if regime in whole else None
        for regime in barring()
    }
    custodian.registry.close()


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("audience", ["police", "vendor", "researcher"])
@pytest.mark.parametrize("holds_prints", [True, False])
def test_the_regimes_are_those_that_bar_the_uses_whichever_seals_there_are(
    custodian: Custodian, audience: str, holds_prints: bool
) -> None:
    asked: dict[str, Any] = {"audience": audience, "holds_prints": holds_prints}
    custodian.add(notice(arrest_number="K14000001"))
    one = held(custodian, **asked)
    custodian.add(
        notice("S2", arrest_number="K14000002", regime="us-ny/cpl-160.55"),
        notice("S3", regime="", arrest_number="K14000003"),
    )

    assert set(one) == barring(audience, holds_prints=holds_prints)
    assert held(custodian, **asked) == one


def test_an_index_without_reviews_is_byte_for_byte_what_it_was(custodian: Custodian) -> None:
    custodian.add(notice(arrest_number="K14000001"))
    index = custodian.index()
    report = ss.scan(ROW, index, ON)

    assert index.header.facts.extensions == {}
    assert index.reviewed == {}
    assert custodian.index(reviewed={}).header.facts.critical == ()
    assert "reviewed" not in json.loads(report.to_json())
    assert "reviewed" not in report.to_text()


@pytest.mark.parametrize(
    ("told", "void"),
    [
        (DERIVED["rule_version"], set()),
        ("us-ny/cpl-160.50/3c@1; us-ny/rules-2; us-ny/dispositions-11", {LAW}),
        ("us-ny/cpl-160.50/3c@1 us-ny/cpl-160.55/1@3; us-ny/rules-2; x", {LAW, "us-ny/cpl-160.55"}),
        ("us-ny/cpl-160.50/3c@0; us-ny/rules-2; us-ny/dispositions-2", set(RULES)),
        ("us-ny/cpl-160.50/3c@1", {LAW}),
        ("something else", set(RULES)),
        ("", set(RULES)),
    ],
)
def test_a_seal_that_was_derived_under_other_rules_rests_on_none_that_was_reviewed(
    custodian: Custodian, told: str, void: set[str]
) -> None:
    custodian.add(notice(arrest_number="K14000001", basis="derived", rule_version=told))

    assert {regime for regime, day in held(custodian).items() if day is None} == void & barring()


def test_one_that_ended_or_stands_on_a_notice_voids_none(custodian: Custodian) -> None:
    old = "us-ny/cpl-160.50/3c@1; us-ny/rules-2; us-ny/dispositions-11"
    custodian.add(
        notice("S1", arrest_number="K14000001", basis="derived", rule_version=old),
        notice("S1", "vacated", effective_from="2021-01-01"),
        notice("S2", arrest_number="K14000002", rule_version=old),
    )

    assert None not in held(custodian).values()


def test_what_was_derived_now_was_derived_by_the_rules_that_were_reviewed(custodian: Custodian) -> None:
    derive(custodian, *ROWS)
    assert None not in held(custodian).values()


def test_a_rule_that_there_is_not_is_refused(custodian: Custodian) -> None:
    custodian.add(notice(arrest_number="K14000001"))
    with pytest.raises(ConfigError, match="unknown rules"):
        custodian.publish(reviewed={"us-ny/cpl-160.50/3c@99": DAY})
    assert not (custodian.folder / "out.sealindex").exists()


@pytest.mark.parametrize("changed", [False, True])
def test_an_index_that_is_published_again_keeps_reviews_of_what_has_not_changed(
    custodian: Custodian, changed: bool
) -> None:
    custodian.add(notice(arrest_number="K14000001"))
    path = custodian.publish(reviewed=EVERY).path
    if changed:
        extensions = json.loads(json.dumps(read_header(path).facts.extensions))
        extensions["reviews"]["us-ny"][LAW]["form"] = "0" * 64
        file = with_header(
            path.read_bytes(), {"extensions": extensions}, lambda head: custodian.publisher.sign("index", head)
        )
        path.write_bytes(file)
    generate_keys(custodian.folder / "new.key")
    (custodian.folder / "again").mkdir()
    ((before, after),) = republish(
        custodian.registry,
        [path],
        custodian.folder / "again",
        old=custodian.key,
        new=load_key(custodian.folder / "new.key"),  # type: ignore[arg-type]
        publisher=load_publisher(custodian.folder / "new.key.publisher"),
    )
    theirs = dict(after.header.reviews["us-ny"])
    assert (theirs.pop(LAW) is None) is changed
    assert theirs == {regime: each for regime, each in before.header.reviews["us-ny"].items() if regime != LAW}


def signed(folder: Path, *rules: str) -> list[str]:
    """Options that name reviews of rules, each signed as of today."""
    generate_certifier(folder / "bar.key")
    options = ["--reviewer-key", str(folder / "bar.key.pub")]
    for at, rule in enumerate(rules):
        place = folder / f"review-{at}.json"
        ask = ["law", "sign", rule, "--reviewer", "A. Jones", "--signing-key", str(folder / "bar.key")]
        assert run([*ask, "-o", str(place)]) == 0
        options += ["--rule-review", str(place)]
    return options


def test_what_was_signed_is_said_by_index_scan_and_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, index, data, certificate = (
        str(tmp_path / name) for name in ("seal.key", "a.sealindex", "clean.parquet", "c.json")
    )
    generate_keys(key)
    generate_certifier(tmp_path / "team.key")
    with Registry.create(tmp_path / "seals.db") as registry:
        notices = tmp_path / "n.csv"
        notices.write_text(f"seal_id,event,regime,effective_from,arrest_number\nS1,sealed,{LAW},2020-01-01,K14000001\n")
        registry.add(notices)
    ROW.write_parquet(data)
    reviews = signed(tmp_path, *RULES["us-ny/cpl-160.58"], *RULES["us-ny/cpl-160.59"])
    ask = ["publish", str(tmp_path / "seals.db"), "-o", index, "--use", "training", "--audience", "vendor"]
    assert run([*ask, "--key-file", key, *reviews]) == 0
    capsys.readouterr()

    said = f"2 of {len(barring('vendor'))} regimes reviewed, the newest review of {dt.datetime.now(dt.UTC).date()}"
    shown: list[str] = []
    on = ["--index", index, "--key-file", key, "--on", "arrest_number=ID"]
    for command in (
        ["inspect", index],
        ["inspect", index, "--format", "json"],
        ["scan", data, *on],
        ["scan", data, *on, "--format", "json"],
        ["certify", "--data", data, *on, "--signing-key", str(tmp_path / "team.key"), "-o", certificate],
        ["verify", certificate, "--public-key", str(tmp_path / "team.key.pub"), "--data", data, *on[:4]],
    ):
        assert run(command) == 0
        told = capsys.readouterr()
        shown.append(" ".join((told.out + told.err).split()))
    for text in (*shown[:4], shown[5]):
        assert "2 of" in text
        assert said in text or "regimes reviewed, the newest" in text
    statement = json.loads(base64.b64decode(json.loads(Path(certificate).read_text())["payload"]))
    assert statement["predicate"]["reviewed"] == {"us-ny": said}
    report = ss.scan(ROW, open_index(index, key), ON)
    assert report.reviewed == {"us-ny": said}
    assert Report.from_json(report.to_json()) == report
    assert all(b"Jones" not in Path(place).read_bytes() for place in (index, certificate))


def test_reviews_belong_to_an_index_of_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate_keys(tmp_path / "seal.key")
    with Registry.create(tmp_path / "seals.db"):
        pass
    ask = ["publish", str(tmp_path / "seals.db"), "-o", str(tmp_path / "n"), "--use", "output", "--audience", "vendor"]
    reviews = signed(tmp_path, RULES["us-ny/cpl-160.58"][0])
    assert run([*ask, "--key-file", str(tmp_path / "seal.key"), "--text", *reviews]) == 2
    assert "does not apply with --text" in capsys.readouterr().err


def test_another_regime_has_another_form() -> None:
    assert len({regime_form(regime) for regime in RULES}) == len(RULES)
