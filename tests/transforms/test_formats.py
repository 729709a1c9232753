"""What each rendering says, what it must never say, and that no name can break out of it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub
from sealscrub.errors import ConfigError, WriteFailed
from sealscrub.transforms.formats import ReportFormat, format_of, render, write_report
from sealscrub.transforms.report import KeyReport, Report, TableReport

from .reports import REPORTS, key, report, table

SUFFIX = {"text": "txt", "json": "json", "junit": "xml", "sarif": "sarif", "html": "html"}
COUNTS = st.integers(0, 10**12)
NAMES = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"]), max_size=6),
    st.sampled_from(
        ["<b>", "</style><script>x</script>", '" onload="x', "]]>", "&amp;", "{0}", "[a](b)", "//host/x"]
    ),
)
modest = settings(max_examples=60, deadline=None)


@st.composite
def keys(draw: st.DrawFn) -> KeyReport:
    counts = {
        name: draw(COUNTS) for name in ("rows", "sealed", "withheld", "near", "unparsable", "null", "damaged")
    }
    coverage = draw(st.floats(0, 1))
    return KeyReport(scheme=draw(NAMES), column=draw(NAMES), coverage=coverage, **counts)


@st.composite
def tables(draw: st.DrawFn) -> TableReport:
    counts = {name: draw(COUNTS) for name in ("rows", "removed", "changed", "quarantined", "unchecked")}
    return TableReport(
        name=draw(NAMES),
        keys=tuple(draw(st.lists(keys(), max_size=3))),
        coverage=draw(st.floats(0, 1)),
        slow_columns=tuple(draw(st.lists(NAMES, max_size=10))),
        notes=tuple(draw(st.lists(NAMES, max_size=2))),
        positions=draw(st.none() | st.lists(COUNTS, max_size=3).map(tuple)),
        **counts,
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    complete, least = draw(st.booleans()), draw(st.floats(0, 1))
    read = draw(st.lists(tables(), min_size=1, max_size=3))
    if complete:
        read = [replace(each, unchecked=0, coverage=max(each.coverage, least)) for each in read]
    return report(
        *read,
        complete=complete,
        problems=() if complete else tuple(draw(st.lists(NAMES, max_size=2))),
        warnings=tuple(draw(st.lists(NAMES, max_size=2))),
        action=draw(st.sampled_from(["scan", "scrub"])),
        dry_run=draw(st.booleans()),
        use=draw(NAMES),
        audience=draw(NAMES),
        index_id=draw(NAMES),
        accepted=tuple(draw(st.lists(st.sampled_from(["near", "unparsable"]) | NAMES, max_size=2))),
        allowed=draw(st.sampled_from([(), ("withheld",)])),
        min_coverage=least,
    )


@st.composite
def recounted(draw: st.DrawFn, original: Report) -> Report:
    """The same verdicts with other counts: what was none stays none where a verdict hangs on it."""

    def other(count: int) -> int:
        return draw(st.integers(1, 10**12)) if count else 0

    def other_key(each: KeyReport) -> KeyReport:
        scrub = original.action == "scrub"
        return replace(
            each,
            rows=draw(COUNTS),
            null=draw(COUNTS),
            damaged=draw(COUNTS),
            near=other(each.near),
            unparsable=other(each.unparsable),
            sealed=draw(COUNTS) if scrub else other(each.sealed),
            withheld=draw(COUNTS) if scrub or original.allowed or each.sealed else other(each.withheld),
        )

    def other_table(each: TableReport) -> TableReport:
        return replace(
            each,
            rows=draw(COUNTS),
            removed=draw(COUNTS),
            changed=draw(COUNTS),
            quarantined=draw(COUNTS),
            unchecked=other(each.unchecked),
            keys=tuple(other_key(one) for one in each.keys),
            positions=draw(st.none() | st.lists(COUNTS, max_size=3).map(tuple)),
            slow_columns=(),
            notes=tuple(f"{draw(COUNTS)} rows" for _ in range(2)),
        )

    said = (f"{draw(COUNTS)} rows are odd",)
    return replace(
        original,
        tables=tuple(other_table(each) for each in original.tables),
        problems=() if original.complete else said,
        warnings=said,
        index_id=draw(NAMES),
    )


class Page(HTMLParser):
    """What a browser would see: elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


# what travels


@modest
@given(st.data())
def test_what_travels_does_not_differ_by_how_many(data: st.DataObject) -> None:
    one = data.draw(reports())
    other = data.draw(recounted(one))

    assert one.to_junit() == other.to_junit()
    assert one.to_sarif() == other.to_sarif()


@pytest.mark.parametrize("name", ["scrubbed", "scrubbed_nothing", "dry_run"])
def test_a_scrub_that_travels_does_not_tell_whether_anything_was_there(name: str) -> None:
    made = REPORTS[name]
    without = replace(
        made,
        tables=tuple(
            replace(
                each,
                removed=0,
                changed=0,
                keys=tuple(replace(one, sealed=0, withheld=0) for one in each.keys),
            )
            for each in made.tables
        ),
    )

    assert without.to_junit() == made.to_junit()
    assert without.to_sarif() == made.to_sarif()


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("format", [ReportFormat.JUNIT, ReportFormat.SARIF])
def test_no_count_of_the_run_is_in_what_travels(name: str, format: ReportFormat) -> None:
    marked = _with_marked_counts(REPORTS[name])
    said = render(marked, format)

    assert "98765" not in said
    assert "98765" in marked.to_json()


def _with_marked_counts(made: Report) -> Report:
    def mark(count: int) -> int:
        return int(f"98765{count}")

    marked = []
    for each in made.tables:
        counts = ("rows", "sealed", "withheld", "near", "unparsable", "null", "damaged")
        read = tuple(
            replace(one, **{count: mark(getattr(one, count)) for count in counts}) for one in each.keys
        )
        facts: dict[str, Any] = {fact: mark(getattr(each, fact)) for fact in ("rows", "removed", "changed")}
        marked.append(replace(each, keys=read, positions=(98765,), notes=("98765 rows",), **facts))
    problems = () if made.complete else ("98765 rows",)
    return replace(made, tables=tuple(marked), warnings=("98765 rows",), problems=problems)


@pytest.mark.parametrize("format", set(ReportFormat) - {ReportFormat.JSON})
def test_positions_stand_in_json_only(format: ReportFormat) -> None:
    made = report(table("a.csv", key(sealed=1), positions=(8_675_309,)))

    assert "8675309" not in render(made, format).replace(",", "")
    assert json.loads(made.to_json())["tables"][0]["positions"] == [8_675_309]
    assert "positions" not in json.loads(report().to_json())["tables"][0]


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("format", ReportFormat)
def test_the_operators_copies_say_so_and_the_others_need_not(name: str, format: ReportFormat) -> None:
    said = (
        render(REPORTS[name], format)
        .lower()
        .replace("’", "'")
        .replace("_", "'s ")
        .replace("operator's copy", "#")
    )

    assert format.travels or "#" in said or '"operator\'s copy": true' in said


# the formats


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("format", ReportFormat)
def test_goldens(name: str, format: ReportFormat, golden: Callable[[str, str], None]) -> None:
    said = render(REPORTS[name], format).replace(sealscrub.__version__, "VERSION")
    if format is ReportFormat.HTML:
        # the style sheet is looked at in a browser; its text would only be a second copy here
        head, _, rest = said.partition("<style>")
        said = f"{head}<style>{rest[rest.index('</style>') :]}"

    golden(f"{name}.{SUFFIX[format]}", said)


def test_json_is_the_contract() -> None:
    document = json.loads(REPORTS["found_incomplete"].to_json())
    siblings = {"sealed", "withheld", "near", "unparsable", "null", "coverage", "scheme", "column"}

    assert {"epoch", "as_of", "complete", "tables"} <= document.keys()
    for each in document["tables"]:
        assert {"name", "rows", "removed", "keys"} <= each.keys()
        assert not siblings & each.keys()
        for one in each["keys"]:
            assert one.keys() == siblings | {"rows", "damaged"}
    assert not siblings & document.keys()


@modest
@given(reports())
def test_json_reads_back_as_the_same_report(made: Report) -> None:
    assert Report.from_json(made.to_json()) == made
    assert made.to_json().isascii()


@modest
@given(reports())
def test_junit_always_parses_and_its_totals_add_up(made: Report) -> None:
    root = ElementTree.fromstring(made.to_junit().encode("utf-8"))  # noqa: S314
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}

    for attribute, tag in tags.items():
        assert int(root.get(attribute, "")) == len(list(root.iter(tag)))
        for suite in root.iter("testsuite"):
            assert int(suite.get(attribute, "")) == len(list(suite.iter(tag)))
    assert len(root.findall("testsuite")) == 1 + len(made.tables)
    assert made.complete or root.find(".//error") is not None
    assert (made.action == "scan" and made.found) == (root.find(".//failure") is not None)


@modest
@given(reports())
def test_sarif_has_the_shape_of_2_1_0(made: Report) -> None:
    assert_sarif(json.loads(made.to_sarif()), made)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_sarif_of_every_state_has_the_shape_of_2_1_0(name: str) -> None:
    assert_sarif(json.loads(REPORTS[name].to_sarif()), REPORTS[name])


def assert_sarif(document: dict[str, Any], made: Report) -> None:
    """Hold a log against the parts of the SARIF 2.1.0 schema that it uses."""
    assert document.keys() == {"$schema", "version", "runs"}
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert run.keys() == {"tool", "invocations", "artifacts", "results", "columnKind", "properties"}
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["helpUri"].startswith("https://")
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        assert rule["shortDescription"]["text"].endswith(".")
    for artifact in run["artifacts"]:
        assert artifact.keys() == {"location", "roles"}  # no length: it is a count
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is made.complete
    assert invocation["exitCode"] == made.exit_code
    for result in run["results"]:
        assert result["ruleId"] == rules[result["ruleIndex"]]["id"]
        assert result["level"] in ("none", "warning", "error")
        assert (result["level"] == "none") == (result["kind"] != "fail")  # SARIF 3.27.9 and 3.27.10
        for location in result["locations"]:
            place = location["physicalLocation"]
            assert place.keys() == {"artifactLocation"}
            uri = place["artifactLocation"]["uri"]
            assert uri
            assert not set(uri) & set(' <>"{}|\\^`:?#[]')
            assert not uri.startswith("//")
            assert uri == run["artifacts"][place["artifactLocation"]["index"]]["location"]["uri"]
    found = made.action == "scan" and made.found
    assert found == any(result["level"] == "error" for result in run["results"])
    assert made.complete or any(result["level"] == "warning" for result in run["results"])


def test_sarif_of_a_run_that_read_nothing_is_not_a_pass() -> None:
    nothing = replace(report(), tables=(), complete=False)

    (result,) = json.loads(nothing.to_sarif())["runs"][0]["results"]

    assert (result["ruleId"], result["level"]) == ("SEAL004", "warning")


def test_junit_speaks_of_each_key_column_for_itself() -> None:
    made = report(
        table(
            "a.csv", key(column="HIT", sealed=1), key(column="ODD", near=2, unparsable=1), key(), unchecked=3
        ),
        complete=False,
        accepted=("unparsable",),
    )
    root = ElementTree.fromstring(made.to_junit())  # noqa: S314

    outcomes = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}

    assert outcomes == {
        "complete": ["error"],
        "arrest_number=HIT": ["failure"],
        "arrest_number=ODD": ["error"],
        "arrest_number=ARREST_NO": [],
    }


@modest
@given(reports())
def test_html_has_the_elements_of_the_page_and_none_of_a_name(made: Report) -> None:
    page = Page(made.to_html())
    own = set(Page(REPORTS["scrubbed"].to_html()).tags) | {"code"}

    assert set(page.tags) <= own
    assert not own & {"script", "img", "link", "iframe", "object", "form", "b"}
    assert all((value or "").startswith("#") for name, value in page.attributes if name in ("href", "src"))
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert page.tags.count("h1") == 1


def test_html_shows_a_hostile_name_as_text() -> None:
    page = Page(REPORTS["hostile"].to_html())

    assert "<script>alert(1)</script>\\x1b[2J\\u202efdp.csv" in page.text
    assert '"><img src=x onerror=alert(2)>' in page.text


@modest
@given(reports())
def test_text_holds_nothing_that_a_terminal_obeys(made: Report) -> None:
    assert all(char.isprintable() or char == "\n" for char in made.to_text())


def test_text_lines_up_and_fits_whatever_the_names() -> None:
    lines = REPORTS["scrubbed"].to_text().splitlines()
    ruled = [line for line in lines if line.startswith("  ─")]

    assert len(ruled) == 12
    assert len(set(ruled)) == 1
    assert all(len(line) == len(ruled[0]) for line in lines if line.endswith(("coverage", "%")))
    assert max(map(len, ruled)) <= 120


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_the_same_report_gives_the_same_bytes(name: str) -> None:
    again = Report.from_json(REPORTS[name].to_json())

    assert all(render(again, format) == render(REPORTS[name], format) for format in ReportFormat)


@pytest.mark.parametrize("name", ["clean_allowed", "scrubbed"])
def test_what_was_accepted_and_allowed_is_said_in_every_format(name: str) -> None:
    made = REPORTS[name]

    for format in ReportFormat:
        said = render(made, format)
        assert all(word in said for word in (*made.accepted, *made.allowed))


# files


@pytest.mark.parametrize("format", ReportFormat)
def test_every_format_has_a_suffix(format: ReportFormat) -> None:
    assert format_of(f"report.{SUFFIX[format]}") is format
    assert format_of(Path(f"REPORT.{SUFFIX[format].upper()}")) is format


def test_a_sarif_file_may_end_in_json_as_well() -> None:
    assert format_of("scan.sarif.json") is ReportFormat.SARIF


@pytest.mark.parametrize("path", ["report", "report.pdf", "report.json.gz", "html"])
def test_another_suffix_is_refused_with_the_ones_that_are(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError, match=r"\.html"):
        write_report(report(), tmp_path / path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", ReportFormat)
def test_a_file_with_counts_is_the_owners_only(tmp_path: Path, format: ReportFormat) -> None:
    file = tmp_path / f"report.{SUFFIX[format]}"
    file.write_text("old")
    file.chmod(0o644)
    before = os.umask(0o022)
    try:
        REPORTS["hostile"].save(file)
    finally:
        os.umask(before)

    assert file.read_bytes().decode("utf-8") == render(REPORTS["hostile"], format)
    assert stat.S_IMODE(file.stat().st_mode) == (0o644 if format.travels else 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)

    report().save(link)

    assert link.is_symlink()
    assert target.read_text() == report().to_json()


def test_a_folder_or_a_pipe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")

    for name in ("folder.json", "pipe.json"):
        with pytest.raises(ConfigError, match="regular file"):
            report().save(tmp_path / name)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder.json", "pipe.json"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="No such file or directory") as caught:
        report().save(tmp_path / "absent" / "report.html")
    assert caught.value.__cause__ is None
