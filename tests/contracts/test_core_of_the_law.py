"""The core of the law holds histories, three values, clocks and folding; what one state has is in its folder."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import sealscrub

from .source_tree import tree_of

SOURCE = Path(sealscrub.__file__).parent
LAW = SOURCE / "custodian" / "law"
ROOMS = [SOURCE / "custodian" / name for name in ("registry", "linkage", "custody", "aggregates", "reviews", "sheets")]
FILES = sorted(
    file
    for folder in (LAW, LAW / "desk", LAW / "dispositions", *ROOMS, SOURCE / "cli")
    for file in (folder.rglob("*.py") if folder.name == "cli" else folder.glob("*.py"))
)
#: What New York's statutes, courts and files call things; and how its sections look.
TERMS = re.compile(
    r"new.?york|us[-_]ny|\bny\b|\bn\.y\.|\bcpl\b|\bfca\b|\bvtl\b|penal.law|nysid|cjtn|dcjs|\boca\b|\bacds?\b|acd_|"
    r"\byo\b|yo_|leave_to_rep|adjusted_prob|presentment|youthful|marihuana|"
    r"family_offense|prints_sent|acd_until|\bslate\b|\b1[67]0\.\d|\b180\.85|\b2[0-9]0\.\d"
    r"|\b7[23][05]\.?\d|180_85|215_40|unfit_730"
    r"|substance|served_on|re_presented|family_court|gun_licence|prosecutor_1",
    re.IGNORECASE,
)
_ENDING = "in the name of an ending, which custodians' own files of phrases hold"
_REMOVING = ("dispositions/canonical_dispositions", "ending_kinds", "person", "status_transitions")
_LINKAGE = "a field of linkage: extracts, tables of weights and runs that custodians keep have it, in digests too"
_COMPARING = (
    *("best_matches", "candidate_pairs", "comparison_levels", "known_pairs", "link_model", "pair_weights"),
    *("splink_levels", "standard_records", "value_levels"),
)
_CITY = "the made-up city of the datasets is in New York"
_EXAMPLE = "an example in a help text or a hint"
#: A term that stays in a file, and why.
EXCEPTIONS = {
    **{f"custodian/law/{name}.py": {"family_court": _ENDING} for name in _REMOVING},
    **{f"custodian/linkage/{name}.py": {"nysid": _LINKAGE} for name in _COMPARING},
    "custodian/registry/notice_persons.py": {"nysid": _LINKAGE},
    "custodian/registry/notice_rows.py": dict.fromkeys(("us-ny", "cpl", "160.5"), _EXAMPLE),
    "custodian/custody/hours.py": {"new_york": "the name of a time zone"},
    "custodian/aggregates/table_request.py": {"nysid": _EXAMPLE},
    "cli/law.py": {"family_offense": _EXAMPLE},
    "cli/options/data_options.py": {"nysid": _EXAMPLE},
    "cli/publish.py": dict.fromkeys(
        ("cpl", "160.5"), "the sections that leave the question open that the option answers"
    ),
    "cli/registry.py": {"nysid": _EXAMPLE},
    "cli/link_extract.py": {"nysid": _LINKAGE},
    "cli/audit_report.py": {"new_york": "the name of a time zone"},
    "cli/demo_evidence.py": dict.fromkeys(("us-ny", "cpl", "160.5"), _CITY),
    "cli/init_files.py": {"nysid": _CITY},
}
#: The same in documentation and comments.
PROSE = {
    "custodian/custody/monitor_report.py": {"new york": "where the hours of an office are, unless it gives others"},
}
_IN_BACKTICKS = re.compile("``[^`]*``")


def terms(file: Path) -> Iterator[tuple[str, int]]:
    """Terms in a file's names and texts, and their lines; not in documentation, nor the law that is the default."""
    tree = tree_of(file.read_text(encoding="utf-8"))
    silent = {id(node) for each in ast.walk(tree) for node in _silent(each)}
    for node in ast.walk(tree):
        said = getattr(node, "value", None) if isinstance(node, ast.Constant) else _name(node)
        if id(node) not in silent and isinstance(said, str):
            yield from ((found[0].lower(), getattr(node, "lineno", 0)) for found in TERMS.finditer(said))


def prose(file: Path) -> Iterator[tuple[str, int]]:
    """Terms in a file's documentation and comments, and their lines; not in examples, nor what is between backticks."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    documents = [
        (number, line)
        for node in ast.walk(tree_of(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for number, line in enumerate(_without_examples(lines[node.lineno - 1 : node.end_lineno]), node.lineno)
    ]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]
    for number, line in (*documents, *comments):
        yield from ((found[0].lower(), number) for found in TERMS.finditer(_IN_BACKTICKS.sub("", line)))


def _without_examples(document: list[str]) -> Iterator[str]:
    """The lines of a docstring, blank if they are those of an example or a default."""
    example = False
    for line in document:
        said = line.strip().removeprefix('"""')
        example = said.startswith((">>>", "Example:")) or (example and said not in ("", '"""'))
        yield "" if example or ', default "us-ny"' in line else said


def _silent(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.FunctionDef):
        given, defaults = [*node.args.posonlyargs, *node.args.args], node.args.defaults
        pairs = [*zip(given[len(given) - len(defaults) :], defaults, strict=True)]
        pairs += [
            (name, value) for name, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value
        ]
        yield from (value for name, value in pairs if name.arg in ("law", "jurisdiction"))


def _name(node: ast.AST) -> object:
    return next(
        (said for part in ("id", "attr", "arg", "name") if isinstance(said := getattr(node, part, None), str)), None
    )


def _place(file: Path) -> str:
    return file.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("file", FILES, ids=_place)
def test_the_core_has_no_terms_of_new_york(file: Path) -> None:
    allowed = EXCEPTIONS.get(_place(file), {})

    assert [(term, f"line {line}") for term, line in terms(file) if term not in allowed] == []


@pytest.mark.parametrize("file", FILES, ids=_place)
def test_the_words_about_the_core_are_not_new_yorks(file: Path) -> None:
    allowed = PROSE.get(_place(file), {})
    found = set(prose(file))

    assert [(term, f"line {line}") for term, line in found if term not in allowed] == []
    assert set(allowed) <= {term for term, _ in found}


def test_every_exception_is_needed() -> None:
    found = {place: {term for term, _ in terms(SOURCE / place)} for place in EXCEPTIONS}

    assert set(EXCEPTIONS) <= {_place(file) for file in FILES}
    assert [(place, term) for place, words in EXCEPTIONS.items() for term in words if term not in found[place]] == []


def test_terms_are_found_in_names_and_texts_and_not_in_documentation(tmp_path: Path) -> None:
    (tmp_path / "core.py").write_text(
        '"""CPL 160.50."""\ndef f(acd_until, *, law="us-ny"):\n    return Disposition.YO_ADJUDICATED, "PL 240.20"\n'
    )

    assert sorted(terms(tmp_path / "core.py")) == [("240.2", 3), ("acd_", 2), ("yo_", 3)]


def test_words_are_found_in_documentation_and_comments_and_not_in_examples(tmp_path: Path) -> None:
    (tmp_path / "core.py").write_text(
        'def f():\n    """A NYSID, ``nysid``.\n\n    >>> "us-ny"\n    1\n\n    Of FCA 3.\n    """\n    # ACD\n'
    )

    assert sorted(prose(tmp_path / "core.py")) == [("acd", 9), ("fca", 7), ("nysid", 2)]
