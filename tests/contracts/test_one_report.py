"""No report has a writer of its own: what a room says is a document, and ``reports`` alone writes it."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

import pytest

from .source_tree import source_folder, tree_of

SOURCE = source_folder()
# what a page or a table of one is made of; a picture's SVG is drawn by the room that knows what it shows
_ELEMENTS = "!doctype|html|head|body|table|thead|tbody|tr|th|td|ul|ol|li|dl|section|details|h[1-6]"
_MARKUP = re.compile(rf"(?<!\?P)</?(?:{_ELEMENTS})\b", re.IGNORECASE)
_READERS = {"validators/artefacts/readers/text_files.py": "tells a file of HTML by its beginning"}
_RENDERERS = {"to_csv", "to_html", "to_json", "to_junit", "to_sarif", "to_snippet", "to_text"}
_ON_STANDARD_OUTPUT = {
    "cli/__init__.py": "the version, before anything is imported",
    "cli/options/report_options.py": "says reports",
    "cli/remarks.py": "documents that are not reports",
    "reports/report_base.py": "show()",
}
_EMITS = {
    "cli/application.py": "the version",
    "cli/audit.py": "signed checkpoints and proofs",
    "cli/plan.py": "the JSON schema",
    "cli/registry.py": "SQL of roles",
}

_DATA_AS_CSV = {
    "cli/demo_story.py": "the city's own tables",
    "custodian/law/desk/missing_facts.py": "dispositions, as the court's file has them",
    "custodian/sheets/rejects.py": "rows as they were, to be fixed and added again",
    "datasets/city_files.py": "the city's own tables",
    "datasets/estate.py": "the city's own tables",
    "tables/formats/excel.py": "a workbook, as it is read",
    "tables/postgres/postgres_writer.py": "what is sent to a server",
}
"""Tables whose cells are written as they are. All other CSV is for people, and holds no formula."""
_CSV_WRITERS = {"csv.writer", "csv.DictWriter", "pc.write_csv", "pa.csv.write_csv"}


def _outside() -> list[str]:
    found = sorted(each.relative_to(SOURCE).as_posix() for each in SOURCE.rglob("*.py"))
    return [each for each in found if not each.startswith("reports/")]


OUTSIDE = _outside()


def _texts(tree: ast.Module) -> Iterator[str]:
    """Give the texts of a module, docstrings left out."""
    docs = {
        id(each.body[0].value)
        for each in ast.walk(tree)
        if isinstance(each, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and each.body
        and isinstance(each.body[0], ast.Expr)
    }
    for each in ast.walk(tree):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in docs:
            yield each.value


def own_pages(text: str) -> list[str]:
    """Give the texts of a module that are parts of a page."""
    if not _MARKUP.search(text):
        return []
    return [each for each in _texts(tree_of(text)) if _MARKUP.search(each)]


def own_renderers(text: str) -> set[str]:
    """Give what a module imports that renders a document."""
    if "sealscrub.reports" not in text:
        return set()
    froms = (each for each in ast.walk(tree_of(text)) if isinstance(each, ast.ImportFrom))
    return {
        name.name
        for each in froms
        if (each.module or "").startswith("sealscrub.reports")
        for name in each.names
        if name.name in _RENDERERS
    }


def own_lines(text: str) -> list[str]:
    """Give what a module writes to standard output by itself."""
    found = []
    for each in ast.walk(tree_of(text)):
        if not isinstance(each, ast.Call):
            continue
        called, words = ast.unparse(each.func), {word.arg for word in each.keywords}
        says = called in ("typer.echo", "typer.secho", "click.echo", "print") and not words & {"err", "file"}
        if says or called == "sys.stdout.write":
            found.append(called)
    return found


def own_reports(text: str) -> list[int]:
    """Give the lines of a command that save or render a report by itself."""
    return [
        each.lineno
        for each in ast.walk(tree_of(text))
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in ("save", "render", "to_html", "to_junit", "to_sarif", "show")
    ]


def own_csv(text: str) -> list[str]:
    """Give what a module writes as CSV without guarding its cells."""
    if "guarded_cell" in text or "csv" not in text:
        return []
    functions = [each.func for each in ast.walk(tree_of(text)) if isinstance(each, ast.Call)]
    called = [ast.unparse(each) for each in functions if isinstance(each, ast.Attribute)]
    return [each for each in called if each in _CSV_WRITERS or each.endswith((".write_csv", ".to_csv", ".sink_csv"))]


def own_plurals(text: str) -> list[str]:
    """Give what a module says in the plural of a number that may be 1: not in errors, and not in a ``repr``."""
    tree = tree_of(text)
    skipped = [each for each in ast.walk(tree) if isinstance(each, ast.Raise)]
    skipped += [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name == "__repr__"]
    errors = {id(part) for each in skipped for part in ast.walk(each)}
    texts = [each for each in ast.walk(tree) if isinstance(each, ast.JoinedStr) and id(each) not in errors]
    return [
        f"{{{ast.unparse(value.value)}}}{words.value[:20]}"
        for each in texts
        for value, words in itertools.pairwise(each.values)
        if isinstance(value, ast.FormattedValue) and isinstance(words, ast.Constant)
        if value.format_spec is not None and ast.unparse(value.format_spec) == "f','"
        if re.match(r" ([a-z]+ )?[a-z]{2,}s\b", str(words.value)) and not ast.unparse(value.value).isupper()
    ]


def _read(place: str) -> str:
    return (SOURCE / place).read_text("utf-8")


def test_no_room_writes_a_page() -> None:
    found = {place: own_pages(_read(place)) for place in OUTSIDE if place not in _READERS}

    assert {place: pages for place, pages in found.items() if pages} == {}


def test_no_room_renders_a_document() -> None:
    found = {place: own_renderers(_read(place)) for place in OUTSIDE}

    assert {place: renderers for place, renderers in found.items() if renderers} == {}


def test_no_command_prints_by_hand() -> None:
    commands = [each for each in OUTSIDE if each.startswith("cli/")]
    found = {place: own_lines(_read(place)) for place in commands if place not in _ON_STANDARD_OUTPUT}
    emitting = [place for place in commands if re.search(r"(?<!def )\bemit\(", _read(place))]

    assert {place: lines for place, lines in found.items() if lines} == {}
    assert set(emitting) == set(_EMITS)


def test_no_command_saves_a_report_by_itself() -> None:
    commands = [each for each in OUTSIDE if each.startswith("cli/") and not each.startswith("cli/demo")]
    found = {place: own_reports(_read(place)) for place in commands}

    assert {place for place, lines in found.items() if lines} == {"cli/options/report_options.py"}
    assert own_reports("made.save(file)") == [1]


def test_what_is_counted_is_singular_if_it_is_one() -> None:
    no_reports = ("cli/demo", "datasets/", "matching/", "index/", "tables/")
    rooms = [each for each in OUTSIDE if not each.startswith(no_reports)]
    found = {place: own_plurals(_read(place)) for place in rooms}

    assert {place: plurals for place, plurals in found.items() if plurals} == {}
    assert own_plurals("f'{count:,} times'") == ["{count} times"]


def test_no_csv_for_people_holds_formulas() -> None:
    assert {place for place in OUTSIDE if own_csv(_read(place))} == set(_DATA_AS_CSV)
    assert own_csv(_read("custodian/law/desk/answer_sheet.py")) == []


def test_style_is_written_once() -> None:
    assert [each.relative_to(SOURCE).as_posix() for each in SOURCE.rglob("*.css")] == ["reports/page.css"]


def test_every_reason_is_needed() -> None:
    for place in _READERS:
        assert own_pages(_read(place))
    for place in _ON_STANDARD_OUTPUT:
        assert own_lines(_read(place))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def page(x):\n    return f'<table><tr>{x}</tr></table>'\n", (2, set(), [])),
        ('"""A page of <table>."""\nfrom sealscrub.reports.html import to_html\n', (0, {"to_html"}, [])),
        ("import typer\ntyper.echo('a  b')\ntyper.echo('to say', err=True)\n", (0, set(), ["typer.echo"])),
    ],
)
def test_a_writer_is_found(text: str, found: tuple[int, set[str], list[str]]) -> None:
    assert (len(own_pages(text)), own_renderers(text), own_lines(text)) == found


def test_the_rooms_are_there() -> None:
    assert len(OUTSIDE) > 300
    assert "cli/scan.py" in OUTSIDE
