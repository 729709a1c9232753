"""Of a linked system, the bound on its links' recall stands where coverage stands of other keys."""

from __future__ import annotations

import json
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
from sealscrub.validators.certification import certify

from ..custodian.registry.custodian import DAY, Custodian, notice

ROWS = pl.DataFrame({"ID": ["a", "b", "c"], "n": [1, 2, 3]})
KEPT = ROWS.filter(pl.col("ID") != "a")
ON = {"opaque:vendor": "ID"}


OTHERS = {"docket": "2014KN00001", "arrest_number": "K1460000"}


def linked_index(folder: Path, lower: float | None, others: str = "docket") -> Index:
    custodian = Custodian(folder)
    more = (notice(f"T{n}", **{others: f"{OTHERS[others]}{n}"}) for n in range(9))
    custodian.add(notice("S1", docket="2014KN000001"), *more)
    links = pl.DataFrame({"seal": ["S1"], "row": ["a"], "weight": [9.0], "band": ["sealed"]})
    extract = custodian.file(notice())
    custodian.registry.add_links(links, namespace="vendor", file=extract, effective_from=DAY)
    if lower is not None:
        bound = SimpleNamespace(lower=lower, method="clopper-pearson", n=1000, alpha=0.05)
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
    assert (key["linked"], key["recall"]) == (True, lower)
    assert Report.from_json(report.to_json()) == report


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
    report = ss.scan(rows, index, {"docket": "docket"}, policy=ss.Policy(min_recall=0.99))
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
def test_the_gate_is_a_share(share: object) -> None:
    with pytest.raises(ConfigError, match="min_recall"):
        ss.Policy(min_recall=share)  # type: ignore[arg-type]  # what a caller may pass


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
