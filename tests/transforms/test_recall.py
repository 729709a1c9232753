"""Of a linked system, the bound on its links' recall stands where coverage stands of other keys."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.errors import ConfigError, LowCoverage
from sealscrub.filters import guard_ranking
from sealscrub.identifiers import generate_certifier
from sealscrub.index import Index
from sealscrub.lineage.barred_numbers import AskedIndex
from sealscrub.lineage.members import add_members, read_members
from sealscrub.lineage.membership import Membership, ids_of
from sealscrub.matching import parse_on
from sealscrub.transforms import Report
from sealscrub.validators.artefacts import audit_model
from sealscrub.validators.certification import certify

from ..custodian.registry.custodian import DAY, Custodian, notice

ROWS = pl.DataFrame({"ID": ["a", "b", "c"], "n": [1, 2, 3]})
KEPT = ROWS.filter(pl.col("ID") != "a")
ON = {"opaque:vendor": "ID"}


OTHERS = {"docket": "2014KN00001", "arrest_number": "K1460000"}


def linked_index(folder: Path, lower: float | None, others: str = "docket", alpha: float = 0.05) -> Index:
    custodian = Custodian(folder)
    more = (notice(f"T{n}", **{others: f"{OTHERS[others]}{n}"}) for n in range(9))
    custodian.add(notice("S1", docket="2014KN000001"), *more)
    links = pl.DataFrame({"seal": ["S1"], "row": ["a"], "weight": [9.0], "band": ["sealed"]})
    extract = custodian.file(notice())
    custodian.registry.add_links(links, namespace="vendor", file=extract, effective_from=DAY)
    if lower is not None:
        bound = SimpleNamespace(lower=lower, method="clopper-pearson", n=1000, alpha=alpha)
        custodian.registry.record_bound("vendor", bound, file=extract)
    return custodian.index(uses=["training", "output"])


@pytest.fixture(params=[None, 0.5, 0.971])
def lower(request: pytest.FixtureRequest) -> float | None:
    found: float | None = request.param
    return found


@pytest.fixture
def index(tmp_path: Path, lower: float | None) -> Index:
    return linked_index(tmp_path, lower)


def test_a_scrub_by_links_is_what_it_is_without_their_rows(index: Index) -> None:
    scrubbed = ss.scrub(ROWS, index, ON)
    assert scrubbed.equals(ss.scrub(KEPT, index, ON))
    assert scrubbed["ID"].to_list() == ["b", "c"]


def test_the_report_says_what_is_known_and_not_how_many_are_linked(index: Index, lower: float | None) -> None:
    report = ss.scan(KEPT, index, ON)
    said = "not known" if lower is None else "97.1%" if lower > 0.9 else "50"
    assert report.complete
    assert said in report.to_text()
    assert said in report.to_html()
    assert said in str(report)
    (key,) = json.loads(report.to_json())["tables"][0]["keys"]
    assert (key["linked"], key["recall"], key["alpha"]) == (True, lower, None if lower is None else 0.05)
    assert Report.from_json(report.to_json()) == report


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_a_bound_is_said_with_its_level_wherever_it_is_said(alpha: float, tmp_path: Path) -> None:
    index = linked_index(tmp_path, 0.971, alpha=alpha)
    level = f"too high in at most {100 * alpha:g}% of cases"
    gate = ss.Policy(min_recall=0.99)
    generate_certifier(tmp_path / "team.key")
    (tmp_path / "model.pkl").write_bytes(pickle.dumps({"vocabulary": ["theft"]}))

    report, audit = ss.scan(KEPT, index, ON), audit_model(tmp_path / "model.pkl", index)
    issued = certify(KEPT, index, ON, signer=load_signer(tmp_path / "team.key"))

    said = [report.to_text(), report.to_html(), report._repr_html_(), str(report), audit.to_text(), audit.to_html()]
    said += [*(issued.statement.predicate.recall or {}).values(), ss.scan(KEPT, index, ON, policy=gate).to_text()]
    said = [" ".join(each.split()) for each in said]
    assert [level in each for each in said] == [True] * len(said)
    assert ["rows linked by then" in each for each in said] == [True] * len(said)
    with pytest.raises(LowCoverage, match=level):
        ss.scrub(ROWS, index, ON, policy=gate)


def test_a_report_of_an_earlier_release_says_no_level(tmp_path: Path) -> None:
    report = ss.scan(KEPT, linked_index(tmp_path, 0.971), ON)
    earlier = json.loads(report.to_json())
    for name in ("alpha", "bounded_on"):
        earlier["tables"][0]["keys"][0].pop(name)

    read = Report.from_json(json.dumps(earlier))

    assert "97.1%" in read.to_text()
    assert "too high" not in read.to_text()


def test_the_gate(index: Index, lower: float | None) -> None:
    strict = ss.Policy(min_recall=0.95)
    report = ss.scan(KEPT, index, ON, policy=strict)
    passes = lower is not None and lower >= 0.95
    assert report.complete is passes
    assert report.exit_code == (0 if passes else 3)
    assert ("low-recall" in report.to_junit()) is not passes
    assert Report.from_json(report.to_json()) == report
    if passes:
        ss.scrub(ROWS, index, ON, policy=strict)
        return
    with pytest.raises(LowCoverage):
        ss.scrub(ROWS, index, ON, policy=strict)


def test_other_keys_keep_their_coverage(index: Index) -> None:
    rows = KEPT.with_columns(docket=pl.Series(["2014KN000099", "2014KN000098"]))
    report = ss.scan(rows, index, {"docket": "docket"})
    assert report.complete
    assert '"linked"' not in report.to_json()
    assert ss.scan(rows, index, {"docket": "docket", **ON}).complete


def test_a_certificate_says_it_in_words(index: Index, lower: float | None, tmp_path: Path) -> None:
    generate_certifier(tmp_path / "team.key")
    issued = certify(KEPT, index, ON, signer=load_signer(tmp_path / "team.key"))
    said = (issued.statement.predicate.recall or {})["opaque:vendor"]
    assert ("not known" in said) is (lower is None)
    assert "1000" not in said
    assert lower is None or f"{lower:.3f}" in said


@pytest.mark.parametrize("share", [-0.1, 1.1, "much"])
@pytest.mark.parametrize("name", ["min_recall", "recall_alpha"])
def test_the_gate_is_a_share(name: str, share: object) -> None:
    with pytest.raises(ConfigError, match=name):
        ss.Policy(**{name: share})  # type: ignore[arg-type]  # what a caller may pass


DOCKETS = KEPT.with_columns(docket=pl.Series(["2014KN000099", "2014KN000098"]))
NOT_KNOWN = {
    "a bound with hardly any confidence": (0.999, ON, {}, "99.9%"),
    "a bound that is a little too unsure": (0.0501, ON, {}, "5.01%"),
    "no key column that stands for links": (0.05, {"docket": "docket"}, {}, "no key column stands for links"),
    "withheld records that stay": (0.05, ON, {"allow": {"withheld"}}, "withheld records are allowed"),
    "one of two": (0.05, {**ON, "docket": "docket"}, {"allow": {"withheld"}}, "withheld records are allowed"),
}


@pytest.mark.parametrize("case", NOT_KNOWN)
def test_the_gate_is_not_satisfied_by_what_is_not_known(case: str, tmp_path: Path) -> None:
    alpha, on, lenient, why = NOT_KNOWN[case]
    index = linked_index(tmp_path, 0.971, alpha=alpha)
    asked = ss.Policy(min_recall=0.9, **lenient)  # type: ignore[arg-type]  # keywords of a case

    report = ss.scan(DOCKETS, index, on, policy=asked)

    assert (report.complete, report.exit_code) == (False, 3)
    assert "low-recall" in report.to_junit()
    assert any(why in problem for problem in report.problems)
    assert "97.1" not in report.to_text()
    assert Report.from_json(report.to_json()) == report
    with pytest.raises(LowCoverage, match="not known"):
        ss.scrub(DOCKETS, index, on, policy=asked)
    with pytest.raises(LowCoverage, match="not known"):
        guard_ranking([{"ID": "b"}], index, on, k=1, policy=asked, known={name: [] for name in on})
    generate_certifier(tmp_path / "team.key")
    with pytest.raises(LowCoverage, match="not known"):
        certify(DOCKETS, index, on, signer=load_signer(tmp_path / "team.key"), policy=asked)


@pytest.mark.parametrize("case", [name for name in NOT_KNOWN if "no key" not in name])
def test_what_is_not_known_is_said_without_a_gate_too(case: str, tmp_path: Path) -> None:
    alpha, on, lenient, why = NOT_KNOWN[case]
    index = linked_index(tmp_path, 0.971, alpha=alpha)

    report = ss.scan(DOCKETS, index, on, policy=ss.Policy(**lenient))  # type: ignore[arg-type]  # the same

    assert report.complete
    assert any(why in warning for warning in report.warnings)
    assert "97.1" not in report.to_text() + report.to_html() + str(report)
    generate_certifier(tmp_path / "team.key")
    made = certify(DOCKETS, index, on, signer=load_signer(tmp_path / "team.key"), policy=ss.Policy(**lenient))  # type: ignore[arg-type]
    assert why in (made.statement.predicate.recall or {})["opaque:vendor"]


def test_a_gate_may_name_another_confidence(tmp_path: Path) -> None:
    index = linked_index(tmp_path, 0.971, alpha=0.1)

    assert not ss.scan(KEPT, index, ON, policy=ss.Policy(min_recall=0.9)).complete
    assert ss.scan(KEPT, index, ON, policy=ss.Policy(min_recall=0.9, recall_alpha=0.1)).complete
    assert index.recognised(ON) == 0.0


def test_withheld_records_that_stay_do_not_count_in_coverage_s_place(tmp_path: Path) -> None:
    index = linked_index(tmp_path, 0.971, others="arrest_number")
    on = {**ON, "docket": "docket"}

    assert ss.scan(DOCKETS, index, on).complete
    assert not ss.scan(DOCKETS, index, on, policy=ss.Policy(allow={"withheld"})).complete


def test_a_table_of_several_without_the_linked_key_fails_the_gate(tmp_path: Path) -> None:
    index = linked_index(tmp_path, 0.971)
    tables = {
        "linked": {"source": "linked.parquet", "keys": {"opaque:vendor": "ID"}},
        "other": {"source": "other.parquet", "keys": {"docket": "docket"}},
    }
    plan = ss.Plan.from_dict({"version": 1, "policy": {"min_recall": 0.9}, "tables": tables})

    report = plan.scan({"linked": KEPT.drop("n"), "other": DOCKETS.drop("n", "ID")}, index=index)

    assert not report.complete
    assert [problem for problem in report.problems if "no key column stands for links" in problem]


def test_beside_other_keys_coverage_is_asked_for_unless_a_bound_reaches_as_far(
    lower: float | None, tmp_path: Path
) -> None:
    index = linked_index(tmp_path, lower, others="arrest_number")
    rows = KEPT.with_columns(docket=pl.Series(["2015KN000001", "2015KN000002"]))

    report = ss.scan(rows, index, {**ON, "docket": "docket"})

    assert report.complete is (lower is not None and lower >= 0.95)
    assert any("recognise" in problem for problem in report.problems) is not report.complete
    assert Report.from_json(report.to_json()) == report


def test_a_guard_asks_for_coverage_beside_other_keys_too(lower: float | None, tmp_path: Path) -> None:
    index = linked_index(tmp_path, lower, others="arrest_number")
    answers = [{"ID": "b", "docket": "2015KN000001"}]

    def guarded() -> object:
        return guard_ranking(answers, index, {**ON, "docket": "docket"}, k=1)

    if lower is None or lower < 0.95:
        with pytest.raises(LowCoverage):
            guarded()
    else:
        assert guarded() == answers


def test_a_guard_answers_only_where_its_links_find_enough(index: Index, lower: float | None) -> None:
    def guarded() -> object:
        return guard_ranking([{"ID": "b"}], index, ON, k=1, policy=ss.Policy(min_recall=0.95), known=["b"])

    if lower is None or lower < 0.95:
        with pytest.raises(LowCoverage, match=r"links find|no bound was made"):
            guarded()
    else:
        assert guarded() == [{"ID": "b"}]


def test_links_of_which_no_bound_was_made_are_known_to_recognise_nothing(index: Index, lower: float | None) -> None:
    assert index.recognised(ON) == (lower or 0.0)
    assert index.recognised([*ON, "docket"]) == 1.0


def test_members_of_a_linked_system_are_known_to_be_clean_by_a_bound_alone(
    index: Index, lower: float | None, tmp_path: Path
) -> None:
    pytest.importorskip("pyroaring")
    held, _ = ids_of([KEPT], parse_on(ON), index)
    _, stamp = add_members(tmp_path / "members", held)
    membership = Membership(run="r", name="train", index=index.id, spaces=tuple(held), stamp=stamp)

    asked = AskedIndex(index, read_members(tmp_path / "members"))

    assert asked.is_about(membership, 0.95) is (lower is not None and lower >= 0.95)
    assert asked.is_about(membership, 0.4) is (lower is not None)
    assert not asked.is_about(replace(membership, allowed=("withheld",)), 0.4)
