"""Each way that an error offers settles the place that it is about: in Python, in a shell and in a plan."""

from __future__ import annotations

import ast
import io
import json
import re
import shlex
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.cli import run
from sealscrub.datasets import example_index
from sealscrub.errors import IncompleteError, SealedElsewhere, UncheckedKeys
from sealscrub.identifiers import generate_certifier
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.transforms import scrub_text
from sealscrub.transforms.plans import Plan
from sealscrub.validators.certification import certify
from sealscrub.validators.certification.certificate_issue import StillSealed

SEALED, CLEAR = "K14612345", ["M14000017", "B16800001", "Q17000001", "Q17000002"]
ON = {"arrest_number": ["arrest"]}
LENIENT = Policy(accept={"null", "unparsable", "near"}, max_unparsable=1)
LENIENTLY = ["--accept", "null", "--accept", "unparsable", "--accept", "near", "--max-unparsable", "1"]
PLACES: dict[str, tuple[str, list[Any], Any]] = {
    "key": ("related", [SEALED, "x", None, ""], pl.String),
    "sentence": ("note", [f"A. See arrest {SEALED}. B.", "C.", None, ""], pl.String),
    "equals sign": ("a=b", [SEALED, "x", None, ""], pl.String),
    "quotes and spaces": ('it\'s "so"', [SEALED, "x", None, ""], pl.String),
    "categorical": ("kind", [SEALED, "x", None, ""], pl.Categorical),
    "bytes": ("raw", [SEALED.encode(), b"x", None, b""], pl.Binary),
    "list": ("cases", [[SEALED], ["x"], None, []], pl.List(pl.String)),
    "struct": ("told", [{"a": SEALED}, {"a": "x"}, None, {"a": "y"}], pl.Struct({"a": pl.String})),
    "dots": ("told.a", [SEALED, "x", None, ""], pl.String),
    "lists of structs": ("hits", [[{"no": SEALED}], [], None, []], pl.List(pl.Struct({"no": pl.String}))),
    "near": ("near", ["K1461234S", "x", None, "y"], pl.String),
    "json": ("json", [f'{{"a": "{SEALED}"}}', "{}", None, ""], pl.String),
    "column name": (f"of {SEALED}", ["x", "x", None, "y"], pl.String),
}


@cache
def index() -> Index:
    return example_index([SEALED])


def frame(case: str) -> pl.DataFrame:
    name, values, kind = PLACES[case]
    return pl.DataFrame({"arrest": CLEAR, name: pl.Series(values, dtype=kind)})


def ways(hint: str) -> list[str]:
    return hint.removesuffix(".").split("; or ")


def arguments(way: str) -> dict[str, Any] | None:
    """What a way says in Python; None where it is done to the data."""
    if way.endswith("policy=Policy(accept={'near'})"):
        return {"policy": Policy(accept={"near"})}
    found = re.search(r"(on|narrative|leave)=(.*)$", way)
    if found is None:
        return None
    name, value = found.groups()
    return {name: ast.literal_eval(value.replace("SCHEME", "'arrest_number'"))}


def scrubbed(data: pl.DataFrame, given: Mapping[str, Any]) -> Any:
    on = {scheme: [*ON.get(scheme, ()), column] for scheme, column in given.get("on", {}).items()} or ON
    policy = given.get("policy") or (LENIENT if "on" in given else Policy())
    return ss.scrub(
        data, index(), on, **{key: value for key, value in given.items() if key not in ("on", "policy")}, policy=policy
    )


@pytest.mark.parametrize("case", PLACES)
def test_in_python(case: str) -> None:
    data = frame(case)
    with pytest.raises((SealedElsewhere, UncheckedKeys)) as refused:
        ss.scrub(data, index(), ON)

    offered = ways(refused.value.hint)

    assert any("leave" in way for way in offered) or "rename" in offered[0]
    for way in offered:
        given = arguments(way)
        if given is None and "rename" in way:
            renamed = data.rename({data.columns[1]: "renamed"})
            assert scrubbed(renamed, {}).equals(renamed)
        elif given is not None:
            made = scrubbed(data, given)
            assert ("leave" in given or "policy" in given) == made.equals(data), way


CHANCE: dict[str, pl.Series] = {
    "numbers": pl.Series("no", [*range(1000, 1400)]),
    "texts": pl.Series("no", [*map(str, range(1000, 1400))]),
    "unreadable": pl.Series("no", ['{"a": "\\ud83d \\ud8"}'] * 400),
}


@pytest.mark.parametrize("case", CHANCE)
def test_what_may_be_chance_or_cannot_be_read(case: str) -> None:
    data = pl.DataFrame({"case": pl.Series(range(400)).cast(pl.String) + "-A", "no": CHANCE[case]})
    some = example_index({"opaque:case": [str(number) for number in range(1000, 2000, 10)]})
    with pytest.raises(UncheckedKeys) as refused:
        ss.scrub(data, some, {"opaque:case": "case"})

    for given in filter(None, map(arguments, ways(refused.value.hint))):
        on = {
            scheme.replace("arrest_number", "opaque:case"): ["case", column]
            for scheme, column in given.pop("on", {}).items()
        }
        made = ss.scrub(data, some, on or {"opaque:case": "case"}, **given)
        assert made.height == (360 if on and case != "unreadable" else 400)


@pytest.mark.parametrize("case", PLACES)
def test_in_a_shell(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    example_index([SEALED], folder=tmp_path)
    frame(case).write_parquet("data.parquet")
    always = [
        "data.parquet",
        "--index",
        "example.sealindex",
        "--key-file",
        "example.key",
        "--on",
        "arrest_number=arrest",
    ]

    code, said = _ran("scrub", *always, "-o", "clean.parquet")

    assert code == 3
    for number, way in enumerate(ways(said[said.index("Hint: ") + 6 :].strip())):
        found = re.search(r"--[a-z].*$", way)
        if found is not None:
            options = shlex.split(found.group().replace("SCHEME", "arrest_number").replace("REASON", "'a reason'"))
            lenient = LENIENTLY if "--on" in options else []
            code, said = _ran("scrub", *always, *options, *lenient, "-o", f"{number}.parquet")
            assert code == 0, (way, said)


@pytest.mark.parametrize("case", [case for case in PLACES if case not in ("near", "column name")])
def test_in_a_plan(case: str) -> None:
    data = frame(case)
    with pytest.raises(IncompleteError) as refused:
        _planned({}).scrub({"data": data}, index())

    hint = refused.value.hint
    for more in re.findall(r'("(?:[^"\\]|\\.)*") = \'(\w+)\'', hint):
        key, value = json.loads(more[0]), more[1]
        section = "leave" if value == "reason" else "narrative"
        made = _planned({section: {key: value}}).scrub({"data": data}, index())["data"]
        assert (section == "leave") == made.equals(data), (key, value)
    assert ("keys" in hint) == (case not in ("list", "struct", "lists of structs", "sentence", "json"))


def _planned(more: Mapping[str, Any]) -> Plan:
    table = {"source": "data", "keys": {"arrest_number": "arrest"}, **more}
    return Plan.from_dict({"version": 1, "tables": {"data": table}})


def _ran(*words: str) -> tuple[int, str]:
    printed, said = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(said):
        code = run(list(words))
    return code, said.getvalue()


def test_a_report_for_a_shell_holds_no_control_character_of_a_name() -> None:
    data = frame("key").rename({"related": "re\x1b[31mlated"})

    said = ss.scan(data, index(), ON).text(in_shell=True)

    assert "--null-elsewhere" in said
    assert "\x1b" not in said


def test_what_is_to_be_clean_already_is_refused_with_what_settles_each_place(tmp_path: Path) -> None:
    generate_certifier(tmp_path / "team.key")
    data = frame("key").with_columns(pl.Series("note", ["x", f"See {SEALED}.", None, ""]))

    with pytest.raises(StillSealed) as refused:
        certify(data, index(), ON, signer=load_signer(tmp_path / "team.key"))

    for column in ("related", "note"):
        assert f"{column}: " in refused.value.hint
        assert f"--null-elsewhere {column}" in refused.value.in_shell()


@pytest.mark.parametrize("declared", [False, True])
def test_a_report_says_which_keys_of_several_columns_were_not_put_together(declared: bool) -> None:
    both = example_index({"arrest_number": [SEALED], "person_arrest": ["01234567Q@2014-01-15"]})
    data = pl.DataFrame({"arrest": CLEAR, "nysid": ["01234568K"] * 4, "day": ["2015-01-15"] * 4})
    on = {"arrest_number": "arrest"} | ({"person_arrest": "nysid+day"} if declared else {})
    tables = {"data": {"source": "data", "keys": {"arrest_number": "arrest"}}}

    reports = [ss.scan(data, both, on, policy=Policy(min_coverage=0))]
    if not declared:
        plan = Plan.from_dict({"version": 1, "tables": tables})
        reports.append(plan.scan({"data": data}, both, policy=Policy(min_coverage=0)))

    for report in reports:
        assert any("person_arrest" in warning for warning in report.warnings) is not declared
    unswept = ss.scan(data, both, on, policy=Policy(min_coverage=0), sweep=False)
    assert not any("person_arrest" in warning for warning in unswept.warnings)


@pytest.mark.parametrize("handling", ["sentence", "null", "drop"])
def test_of_a_narrative_no_way_is_offered_that_is_refused(handling: str) -> None:
    data = frame("near").rename({"near": "note"})
    how: dict[str, Any] = {"narrative": {"note": handling}}
    plan = {"arrests": {"source": "a.parquet", "keys": ON, "independent": {"arrest": "as booked"}, **how}}
    for refuse in (
        lambda: ss.scrub(data, index(), ON, **how),
        lambda: scrub_text(data, how["narrative"], index()),
        lambda: Plan.from_dict({"version": 1, "tables": plan}).scrub({"arrests": data}, index()),
    ):
        with pytest.raises(UncheckedKeys) as refused:
            refuse()
        report = str(refused.value.report)
        assert ("accept={'near'}" in report or 'accept = ["near"]' in report, "leave" in report) == (True, False)
        at_source, accept = ways(refused.value.hint)
        assert (at_source, accept[:18]) == ("correct the values at their source", "accept near values")
    steps = ss.scan(data, index(), ON, **how).to_text()
    assert ("accept={'near'}" in steps, "leave=" in steps, "on=" in steps) == (True, False, False)
    assert ss.scrub(data, index(), ON, **how, policy=Policy(accept={"near"})).equals(data)
