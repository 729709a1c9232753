"""A site's own schemes: from Python, from TOML, from an installed package; and definitions that cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub
from sealscrub.errors import ConfigError, SchemeError
from sealscrub.identifiers import (
    Level,
    RecordKey,
    Scheme,
    Spelling,
    canonicalise,
    get_scheme,
    load_schemes,
    register_scheme,
    scheme_names,
)

SOURCE = str(Path(sealscrub.__file__).parents[1])
SERIAL = Spelling(r"(?P<serial>\d{6,8})", "{serial:0>8}")


def scheme(**facts: Any) -> Scheme:
    return Scheme(**{"name": "tests_scheme", "level": "arrest", "spellings": [SERIAL]} | facts)


def values(column: list[str], name: str) -> list[str | None]:
    return canonicalise(pl.Series(column), name).values.to_list()


def test_levels_say_what_is_published() -> None:
    levels = {name: (get_scheme(name).level.value, get_scheme(name).published) for name in scheme_names()}
    assert {name: levels[name] for name in ("nysid", "complaint", "indictment_case")} == {
        "nysid": ("person", False),
        "complaint": ("event", False),
        "indictment_case": ("event", False),
    }
    assert all(
        levels[name] == ("arrest", True) for name in ("arrest_number", "cjtn", "voucher", "photo", "person_arrest")
    )
    assert all(levels[name] == ("action", True) for name in ("docket", "indictment"))
    assert all(get_scheme(name).hint for name in ("nysid", "complaint", "indictment_case"))


def test_a_scheme_from_python() -> None:
    mine = register_scheme(scheme(name="tests_python", labels=["bk"], aliases=["tests_python_alias"]))
    assert register_scheme(mine) is mine
    assert values(["BK 1234567", "bk#12345678", "x"], "tests_python_alias") == ["01234567", "12345678", None]
    assert "tests_python" in scheme_names()
    assert "tests_python_alias" not in scheme_names()


def test_a_scheme_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "schemes.toml"
    file.write_text(
        """
        [schemes.tests_toml]
        level = "arrest"
        labels = ["BOOKING"]
        shape = "99999999"
        spellings = [{ pattern = '(?P<serial>\\d{7,8})', form = "{serial:0>8}" }]

        [schemes.tests_toml_visit]
        level = "arrest"
        parts = ["tests_toml", "date"]
        """
    )
    assert [one.name for one in load_schemes(file)] == ["tests_toml", "tests_toml_visit"]
    assert values(["Booking No. 1234567"], "tests_toml") == ["01234567"]
    load_schemes(file)


@pytest.mark.parametrize("taken", [{"name": "docket"}, {"name": "ccn"}, {"aliases": ["docket"]}, {"aliases": ["ccn"]}])
def test_a_name_is_given_once(taken: dict[str, Any]) -> None:
    with pytest.raises(SchemeError, match="taken"):
        register_scheme(scheme(**taken))


def test_a_system_s_ids_cannot_be_redefined() -> None:
    with pytest.raises(SchemeError):
        register_scheme(scheme(name="opaque:compas"))
    assert get_scheme("Opaque:COMPAS") == get_scheme("opaque:compas")
    for name in ("opaque:", "opaque:a b", "opaque:a\n"):
        with pytest.raises(SchemeError):
            get_scheme(name.replace("\n", "\nx"))


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(SchemeError) as refused:
        get_scheme("arest_number")
    assert "arrest_number" in refused.value.hint


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "Upper"},
        {"name": ""},
        {"name": "a b"},
        {"name": "x\n"},
        {"level": "charge"},
        {"labels": "BOOKING"},
        {"labels": [1]},
        {"sentinels": "0000"},
        {"aliases": "bk"},
        {"aliases": ["A B"]},
        {"parts": "nysid"},
        {"serial_digits": "6"},
        {"serial_digits": -1},
        {"serial_digits": 4},
        {"number_width": 0},
        {"number_width": 10**9},
        {"number_width": True},
        {"shape": ""},
        {"shape": "(ABC|DEF)"},
        {"shape": "[]"},
        {"shape": "(NY"},
        {"shape": "é9"},
        {"shape": 9},
        {"spellings": [], "shape": "9999"},
        {"spellings": [r"\d+"]},
        {"title": 5},
        {"hint": 5},
    ],
    ids=str,
)
def test_a_definition_that_contradicts_itself_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(SchemeError):
        scheme(**facts)


@pytest.mark.parametrize(
    ("pattern", "form"),
    [
        ("(", ""),
        (r"(?P<a>\d", ""),
        ("(" * 3000 + ")" * 3000, ""),
        (r"\d{99999999999}", ""),
        (r"(?:\d{1000}){1000}", ""),
        (r"(?=\d)\d+", ""),
        (r"(?P<a>\d)(?P=a)", ""),
        (r"(?x)a #", ""),
        (r"(?P<a>\d+)", "{b}"),
        (r"(?P<a>\d+)", "{}"),
        (r"(?P<a>\d+)", "{a"),
        (r"(?P<a>\d+)", "{a!r}"),
        (r"(?P<a>\d+)", "{a.real}"),
        (r"(?P<a>\d+)", "{a:0>99999999999}"),
        (r"(?P<a>\d+)", "{a:x}"),
        (r"(?P<a>\d+)", "ALWAYS THE SAME"),
    ],
    ids=lambda text: text[:20],
)
def test_a_spelling_that_cannot_be_read_is_refused(pattern: str, form: str) -> None:
    with pytest.raises(SchemeError):
        Spelling(pattern, form)


@pytest.mark.parametrize("parts", [["nysid", "tests_itself"], ["person_arrest", "date"], ["no_such_scheme"]])
def test_a_composite_of_what_has_no_single_value_is_refused(parts: list[str]) -> None:
    with pytest.raises(SchemeError):
        register_scheme(scheme(name="tests_itself", spellings=[], parts=parts))


@pytest.mark.parametrize("pattern", [r"(?:\d+)+X", r"(?:\d|\d\d)*X", r"(?P<a>(?:[0-9]*)*)X", r"(?:.*.*)*X"])
def test_no_pattern_is_slow(pattern: str) -> None:
    """With a backtracking engine each of these takes longer than the universe is old."""
    column = pl.Series(["1" * 100_000, "1" * 50])
    found = canonicalise(column, scheme(spellings=[Spelling(pattern)]))
    assert found.values.null_count() == 2


HOSTILE = {
    "not toml": "[schemes.x",
    "no table": "",
    "number": "schemes = 5",
    "array": "schemes = [1]",
    "scheme is a number": "[schemes]\nx = 5",
    "unknown member": "[schemes.x]\nlevel = 'arrest'\ncommand = 'rm'",
    "no level": "[schemes.x]\nspellings = []",
    "spelling is a text": "[schemes.x]\nlevel = 'arrest'\nspellings = ['abc']",
    "spelling lacks a pattern": "[schemes.x]\nlevel = 'arrest'\nspellings = [{form = '{a}'}]",
    "pattern is a number": "[schemes.x]\nlevel = 'arrest'\nspellings = [{pattern = 5}]",
    "spellings is a number": "[schemes.x]\nlevel = 'arrest'\nspellings = 5",
    "level is a list": "[schemes.x]\nlevel = ['arrest']",
    "labels is a text": "[schemes.x]\nlevel = 'arrest'\nlabels = 'BK'",
    "name is a path": "[schemes.'../x']\nlevel = 'arrest'",
    "name of a system": "[schemes.'opaque:x']\nlevel = 'arrest'",
    "takes a name": "[schemes.docket]\nlevel = 'arrest'\nspellings = [{pattern = '.*'}]",
    "deep": "x = " + "[" * 20000 + "]" * 20000,
    "second is bad": "[schemes.tests_first]\nlevel = 'arrest'\n[schemes.docket]\nlevel = 'arrest'",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_scheme_file_registers_nothing(content: str, tmp_path: Path) -> None:
    before = scheme_names()
    file = tmp_path / "schemes.toml"
    file.write_text(content)
    with pytest.raises((ConfigError, SchemeError)):
        load_schemes(file)
    assert scheme_names() == before


def test_a_scheme_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "absent.toml", tmp_path, tmp_path / "bytes.toml"):
        with pytest.raises(ConfigError, match=path.name):
            load_schemes(path)


def run_with_plugin(folder: Path, module: str, code: str) -> str:
    """Run code where a package with an entry point for schemes is installed."""
    (folder / "their_city.py").write_text(textwrap.dedent(module))
    info = folder / "their_city-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-city\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sealscrub.schemes]\ncity = their_city:SCHEMES\n")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([SOURCE, str(folder)])},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_scheme_from_an_installed_package(tmp_path: Path) -> None:
    module = """
        from sealscrub.identifiers import Scheme, Spelling
        SCHEMES = [Scheme(name="their_number", level="arrest", spellings=[Spelling("TC[0-9]{6}")])]
    """
    code = """
        from sealscrub.identifiers import get_scheme, scheme_names
        print(get_scheme("their_number").level, "their_number" in scheme_names())
    """
    assert run_with_plugin(tmp_path, module, code) == "arrest True"


def test_a_package_that_fails_is_named_every_time(tmp_path: Path) -> None:
    code = """
        from sealscrub.errors import ConfigError
        from sealscrub.identifiers import get_scheme
        for _ in range(2):
            try:
                get_scheme("their_number")
            except ConfigError as error:
                print("their_city" in str(error), "1/0" in str(error))
        print(get_scheme("docket").name)
    """
    assert run_with_plugin(tmp_path, "1/0", code).split() == ["True", "False"] * 2 + ["docket"]


def test_the_fingerprint_holds_what_decides_a_value() -> None:
    base = scheme()
    same = [scheme(title="other"), scheme(hint="other"), scheme(aliases=["other"]), scheme(name="tests_renamed")]
    other = [
        scheme(spellings=[Spelling(r"(?P<serial>\d{6,8})", "{serial:0>9}")]),
        scheme(spellings=[Spelling(r"(?P<serial>\d{6,9})", "{serial:0>8}")]),
        scheme(shape="99999999"),
        scheme(labels=["BK"]),
        scheme(sentinels=["12345678"]),
        scheme(shape="99999999", serial_digits=4),
        scheme(number_width=8),
    ]
    assert {one.fingerprint for one in same} == {base.fingerprint}
    assert len({one.fingerprint for one in [base, *other]}) == len(other) + 1


def test_a_composite_s_fingerprint_holds_its_parts() -> None:
    register_scheme(scheme(name="tests_part_a"))
    register_scheme(scheme(name="tests_part_b", number_width=8))
    a, b = (scheme(spellings=[], parts=[part, "date"]).fingerprint for part in ("tests_part_a", "tests_part_b"))
    assert a != b


def test_a_record_key_shows_no_value() -> None:
    assert "612345" not in repr(RecordKey("arrest_number", "K14612345"))
    assert Level("arrest") is Level.ARREST


@pytest.mark.parametrize(("times", "large"), [(1, False), (30, False), (2000, True)])
def test_a_pattern_that_is_accepted_can_be_read(times: int, large: bool) -> None:
    pattern = r"\d{19}" * times
    if large:
        with pytest.raises(SchemeError, match="too large"):
            Spelling(pattern)
    else:
        scheme = Scheme(name="long", level=Level.ARREST, spellings=[Spelling(pattern)])
        value = "1" * 19 * times
        assert canonicalise(pl.Series([value]), scheme).values.to_list() == [value]
