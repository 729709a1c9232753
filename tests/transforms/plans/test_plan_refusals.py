"""Bad plans and bad estates: a clear error that names the place, nothing written, and no value of a row in it."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import SealscrubError
from sealscrub.transforms.plans import Plan

SEALED, OPEN, OTHER = "K14612345", "M14000017", "B16800001"
CANARY, NUMBER = "CANARYQ7", "77331177"

#: An estate and its plan, in order; each case spoils it in one place.
FILES = {
    "arrests.csv": f"arrest_no,id,person,day,note\n{SEALED},1,p1,2020-01-01,{CANARY}\n{OPEN},2,p1,2020-02-01,b\n"
    f"{OTHER},{NUMBER},{CANARY},2020-03-01,c\n",
    "people.csv": f"person,seen\np1,2\n{CANARY},1\n",
    "totals.csv": f"person,n\n{CANARY},1\np1,2\n",
    "lists.jsonl": f'{{"list": ["{OPEN}", "{SEALED}"], "note": "{CANARY}"}}\n',
}
SEEN = "select count(*) from arrests a where a.person = this.person"
TABLES: dict[str, dict[str, Any]] = {
    "arrests": {
        "source": "arrests.csv",
        "keys": {"arrest_number": "arrest_no"},
        "types": {"day": "DATE", "id": "BIGINT"},
    },
    "people": {"source": "people.csv", "orphan_of": {"person": "arrests.person"}, "derived": {"seen": SEEN}},
    "totals": {
        "source": "totals.csv",
        "derived_from": "select person, count(*) as n from arrests group by all order by all",
    },
    "lists": {"source": "lists.jsonl", "elements": {"column": "list", "scheme": "arrest_number"}},
}


class Estate:
    """A folder with an estate, which a run may not change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "estate"
        self.folder.mkdir()
        for name, text in FILES.items():
            (self.folder / name).write_text(text)
        self.index = example_index([SEALED])

    def plan(self, changes: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Give the plan with some keys of it changed: ``{"people.derived.seen": "…"}``."""
        tables = deepcopy(TABLES)
        for place, value in changes.items():
            *path, last = place.split("/")
            part: dict[str, Any] = tables
            for step in path:
                part = part.setdefault(step, {})
            part[last] = value
        return {"version": 1, "tables": tables, **more}

    def scrub(self, said: Mapping[str, Any], output: Path | None = None, **options: Any) -> None:
        plan = Plan.from_dict(said, root=self.folder)
        plan.scrub(index=self.index, output=output or self.folder.parent / "clean", **options)

    def refuses(self, said: Mapping[str, Any], *told: str, output: Path | None = None, **options: Any) -> None:
        """Check that a run ends in an error that says all this, and leaves everything as it was."""
        before = _snapshot(self.folder.parent)
        with pytest.raises(SealscrubError) as caught:
            self.scrub(said, output, **options)
        shown = "".join(traceback.format_exception(caught.value)).split("sealscrub.errors.")[-1]
        assert caught.value.hint
        for text in told:
            assert text in shown
        everything = "".join(traceback.TracebackException.from_exception(caught.value).format(chain=True))
        for canary in (CANARY, NUMBER, SEALED):
            assert canary not in everything
            assert canary not in repr(caught.value)
        assert _snapshot(self.folder.parent) == before


def _snapshot(folder: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(tmp_path)


def test_the_estate_in_order_is_scrubbed(estate: Estate) -> None:
    estate.scrub(estate.plan({}))
    clean = estate.folder.parent / "clean"
    assert (clean / "people.csv").read_text() == f"person,seen\np1,1\n{CANARY},1\n"
    assert (clean / "lists.jsonl").read_text() == f'{{"list": ["{OPEN}"], "note": "{CANARY}"}}\n'


MORE = "select count(*) from people p where p.seen = this.n"
RULES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "recipes in a circle": (
        {
            "people/derived/seen": "select max(t.n) from totals t",
            "totals/derived_from": "select person, max(seen) as n from people group by all order by all",
        },
        ("circle", "people.seen", "totals"),
    ),
    "a recipe that reads itself": ({"people/derived/seen": "this.seen"}, ("circle", "people.seen")),
    "a link to no table": ({"people/orphan_of": {"person": "arests.person"}}, ("people.orphan_of", "arrests")),
    "a link to no column": ({"people/orphan_of": {"person": "arrests.persn"}}, ("tables.arrests", "persn")),
    "a key in no column": ({"arrests/keys": {"arrest_number": "arest_no"}}, ("tables.arrests", "arest_no")),
    "an unknown scheme": ({"arrests/keys": {"arest_number": "arrest_no"}}, ("arest_number",)),
    "a scheme that is not a key": ({"arrests/keys": {"nysid": "person"}}, ("nysid",)),
    "a typed column that is not there": ({"arrests/types": {"dayy": "DATE"}}, ("tables.arrests", "dayy")),
    "a type that DuckDB has not": ({"arrests/types/day": "DATE); drop table x; --"}, ("types.day",)),
    "values of another type": ({"arrests/types/person": "BIGINT"}, ("types.person", "3 of 3")),
    "one source twice": ({"again": TABLES["arrests"]}, ("tables.again.source", "tables.arrests")),
    "one file of two tables": ({"again": TABLES["arrests"] | {"source": "arrests*"}}, ("tables.again", "arrests")),
    "a column in two roles": ({"people/independent": {"seen": "own"}}, ("people.derived.seen", "independent")),
    "a column that is unaccounted for": (
        {"arrests/independent": {"note": "own"}},
        ("arrests.columns.id", "independent.id"),
    ),
    "a table that nothing reaches": ({"people": {"source": "people.csv"}}, ("tables.people", "nothing reaches")),
    "a derived name": (
        {"totals": {"source": "totals.csv", "link": {"person": "arrests.person"}}},
        ("totals.columns.n",),
    ),
    "a source outside": ({"people/source": "../people.csv"}, ("people.source", "outside")),
    "an absolute source": ({"people/source": "/etc/passwd"}, ("people.source", "outside")),
    "a source that is not there": ({"people/source": "peple.csv"}, ("peple.csv",)),
    "a recipe that is not an SQL": ({"people/derived/seen": "select count( from"}, ("people.derived.seen",)),
    "a recipe that deletes": ({"people/derived/seen": "1; delete from arrests"}, ("people.derived.seen",)),
    "a recipe that reads a file": ({"people/derived/seen": "(select count(*) from 'people.csv')"}, ("seen", "table")),
    "a recipe that reads a file by a function": (
        {"people/derived/seen": "(select count(*) from read_csv('people.csv'))"},
        ("people.derived.seen", "table function"),
    ),
    "a recipe that reads no table": ({"people/derived/seen": "(select count(*) from arests)"}, ("seen", "arrests")),
    "a recipe by chance": ({"people/derived/seen": "cast(random() as bigint)"}, ("people.derived.seen", "random")),
    "a recipe of today": ({"people/derived/seen": "year(today())"}, ("people.derived.seen", "today")),
    "a recipe with a column that is not there": (
        {"people/derived/seen": "select count(*) from arrests a where a.persn = this.person"},
        ("people.derived.seen", "does not exist"),
    ),
    "a recipe that gives several values": ({"people/derived/seen": "select a.id from arrests a"}, ("seen", "one row")),
    "a recipe that does not reproduce": (
        {"people/derived/seen": f"({SEEN}) + 1"},
        ("people.derived.seen", "0 of 2", "0.00%", "every stored value is 1 lower"),
    ),
    "a share that is not reached": (
        {"people/derived/seen": {"sql": "2", "reproduces": 0.6}},
        ("people.derived.seen", "1 of 2", "50.00%", "60.00%"),
    ),
    "a table that does not come out": (
        {"totals/derived_from": "select person, count(*) as n from arrests where id < 3 group by all order by all"},
        ("totals.derived_from", "1 rows", "2"),
    ),
    "a table of other columns": (
        {"totals/derived_from": "select person, count(*) as m from arrests group by all order by all"},
        ("totals.derived_from", "m, n"),
    ),
    "a cast that fails": ({"people/derived/seen": "cast(this.person as bigint)"}, ("people.derived.seen",)),
    "exceptions without a reason": (
        {"people/derived/seen": {"sql": SEEN, "exceptions": "keep"}},
        ("people.derived.seen", "reason"),
    ),
    "a blank reason": ({"arrests/independent": {"note": " "}}, ("tables.arrests", "reason")),
    "a Python recipe": (
        {"people/derived/seen": {"python": "os:getcwd", "reads": ["arrests"]}},
        ("people.derived.seen", "allow_python=['os']"),
    ),
    "parents of which some stay": ({"people/orphan_of": {}, "people/link": {"person": "arrests.person"}}, ("when",)),
    "a null that marks": (
        {"arrests/on_match": "null", "arrests/null": ["note"]},
        ("tables.arrests", "'note'", "mark", "accept_marks"),
    ),
    "a constant that marks": ({"arrests/on_match": "null", "arrests/set": {"note": "x"}}, ("'note'", "mark")),
    "a former name": ({"arrests/action": "null"}, ("tables.arrests", "action is now called on_match")),
    "a former name of a key": (
        {"arrests/keys": [{"scheme": "arrest_number", "column": "note", "action": "null"}]},
        ("tables.arrests.keys", "action is now called on_match"),
    ),
    "null without a column": ({"arrests/on_match": "null"}, ("tables.arrests.keys", "names no column")),
    "a list that is none": (
        {"lists/elements": {"column": "note", "scheme": "arrest_number"}},
        ("lists.elements", "note", "not a list"),
    ),
    "a re-keyed table that has none such": ({"totals/rekey": ["who"]}, ("tables.totals.rekey", "'who'")),
    "a name that no plan has": (
        {"people/orphans_of": {"person": "arrests.person"}},
        ("people.orphans_of", "orphan_of"),
    ),
    "a table with a name of SQL": ({'x"; drop table y; --': TABLES["people"]}, ("tables",)),
    "a table called this": ({"this": TABLES["people"] | {"source": "x.csv"}}, ("tables.this",)),
}


@pytest.mark.parametrize("case", RULES)
def test_a_plan_that_cannot_be_right_is_refused(case: str, estate: Estate) -> None:
    changes, told = RULES[case]
    estate.refuses(estate.plan(changes), *told)


def test_a_filler_that_joins_everyone_is_refused(estate: Estate) -> None:
    rows = "".join(f"{OPEN},{at},{CANARY},2020-01-01,x\n" for at in range(10, 40))
    with (estate.folder / "arrests.csv").open("a") as file:
        file.write(rows)
    estate.refuses(estate.plan({}, fan_out=20), "people.orphan_of.person", "31 rows of arrests", "fan_out = 20")


def test_a_key_that_does_not_parse_is_refused_and_its_rows_are_counted(estate: Estate) -> None:
    with (estate.folder / "arrests.csv").open("a") as file:
        file.write(f"K146I2345,9,{CANARY},2020-01-01,x\n")
    (estate.folder / "people.csv").write_text(f"person,seen\np1,2\n{CANARY},2\n")
    estate.refuses(estate.plan({}), "arrests", "1 row has a key")


def test_python_runs_only_when_it_is_allowed_and_gives_what_is_stored(
    estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "estate" / "mine_q7.py").write_text(
        "import polars as pl\n"
        "def seen(frames):\n"
        "    counts = frames['arrests'].group_by('person').len('seen')\n"
        "    return frames['people'].select('person').join(counts, on='person', how='left', maintain_order='left')\n"
        "def short(frames):\n    return seen(frames).head(1)\n"
        f"def fails(frames):\n    raise ValueError('{CANARY}')\n"
        "def nothing(frames):\n    return 5\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "estate"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for function, told in (
        ("short", "1 rows"),
        ("fails", "ValueError"),
        ("nothing", "not return a frame"),
        ("absent", "absent"),
    ):
        recipe = {"python": f"mine_q7:{function}", "reads": ["arrests"]}
        said = estate.plan({"people/derived/seen": recipe})
        estate.refuses(said, "people.derived.seen", told, allow_python=["mine_q7"])
    recipe = {"python": "mine_q7:seen", "reads": ["arrests"]}
    estate.refuses(estate.plan({"people/derived/seen": recipe}), "allow_python=['mine_q7']")
    estate.scrub(estate.plan({"people/derived/seen": recipe}), allow_python=["mine_q7"])
    assert (tmp_path / "clean" / "people.csv").read_text() == f"person,seen\np1,1\n{CANARY},1\n"


class TestOutput:
    def test_is_new_or_empty(self, estate: Estate, tmp_path: Path) -> None:
        (tmp_path / "clean").mkdir()
        (tmp_path / "clean" / "note.txt").write_text("mine")
        estate.refuses(estate.plan({}), "new or empty", "replace=True")

    @pytest.mark.parametrize("place", ["estate", "."])
    def test_is_not_the_input_nor_above_it(self, place: str, estate: Estate, tmp_path: Path) -> None:
        for options in ({}, {"replace": True}):
            estate.refuses(estate.plan({}), "would replace the input", output=tmp_path / place, **options)

    def test_is_not_within_a_folder_that_is_read(self, estate: Estate, tmp_path: Path) -> None:
        (estate.folder / "parts").mkdir()
        (estate.folder / "arrests.csv").rename(estate.folder / "parts" / "arrests.csv")
        said = estate.plan({"arrests/source": "parts"})
        estate.refuses(said, "in the input's folder", output=estate.folder / "parts" / "clean")

    def test_has_a_parent(self, estate: Estate, tmp_path: Path) -> None:
        estate.refuses(estate.plan({}), "mkdir -p", output=tmp_path / "no" / "clean")

    def test_is_no_link(self, estate: Estate, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "clean").symlink_to(tmp_path / "elsewhere")
        estate.refuses(estate.plan({}), "symbolic link")

    def test_is_no_file(self, estate: Estate, tmp_path: Path) -> None:
        (tmp_path / "clean").write_text("mine")
        estate.refuses(estate.plan({}), "new or empty folder", replace=True)

    def test_and_quarantine_are_apart(self, estate: Estate, tmp_path: Path) -> None:
        with (estate.folder / "arrests.csv").open("a") as file:
            file.write("K146I2345,9,p9,2020-01-01,x\n")
        said = estate.plan({"totals": {"source": "totals.csv", "independent": "made up"}})
        for place in (tmp_path / "clean", tmp_path / "clean" / "aside", tmp_path, estate.folder / "arrests.csv"):
            estate.refuses(said, quarantine=place)
        estate.scrub(said, quarantine=tmp_path / "aside")
        assert (tmp_path / "aside" / "arrests.csv").read_text().splitlines()[1:] == ["K146I2345,9,p9,2020-01-01,x"]


class TestLinksInTheFileSystem:
    def test_a_source_that_points_outside(self, estate: Estate, tmp_path: Path) -> None:
        (estate.folder / "people.csv").rename(tmp_path / "people.csv")
        (estate.folder / "people.csv").symlink_to(tmp_path / "people.csv")
        estate.refuses(estate.plan({}), "people.source", "outside")

    def test_a_folder_that_points_outside(self, estate: Estate, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        (estate.folder / "people.csv").rename(tmp_path / "other" / "people.csv")
        (estate.folder / "within").symlink_to(tmp_path / "other")
        estate.refuses(estate.plan({"people/source": "within/people.csv"}), "people.source", "outside")

    def test_one_file_under_two_names(self, estate: Estate) -> None:
        (estate.folder / "more.csv").symlink_to(estate.folder / "arrests.csv")
        estate.refuses(estate.plan({"more": TABLES["arrests"] | {"source": "more.csv"}}), "tables.more.source")

    def test_one_file_under_two_names_by_a_hard_link(self, estate: Estate) -> None:
        os.link(estate.folder / "arrests.csv", estate.folder / "more.csv")
        estate.refuses(estate.plan({"more": TABLES["arrests"] | {"source": "more.csv"}}), "tables.more.source")


class TestTheFile:
    def _refused(self, tmp_path: Path, content: bytes, *told: str) -> None:
        path = tmp_path / "sealscrub.toml"
        path.write_bytes(content)
        with pytest.raises(SealscrubError) as caught:
            Plan.from_toml(path)
        shown = str(caught.value)
        for text in ("sealscrub.toml", *told):
            assert text in shown
        assert CANARY not in shown

    def test_that_is_no_toml(self, tmp_path: Path) -> None:
        self._refused(tmp_path, f"version = 1\n[tables\nx = '{CANARY}'\n".encode(), "not valid TOML", "line 2")

    def test_that_is_no_text(self, tmp_path: Path) -> None:
        self._refused(tmp_path, b"PAR1\xff\xfe", "UTF-8")

    def test_that_is_huge(self, tmp_path: Path) -> None:
        self._refused(tmp_path, b"#" * (1 << 23), "too large")

    def test_that_is_nested_without_end(self, tmp_path: Path) -> None:
        self._refused(tmp_path, b"a = " + b"[" * 100_000, "not valid TOML")

    def test_that_says_what_no_plan_says(self, tmp_path: Path) -> None:
        self._refused(tmp_path, b"version = 1\n[tables.a]\nsource = 'a.csv'\nkyes = {}\n", "tables.a.kyes", "'keys'")

    def test_of_another_version(self, tmp_path: Path) -> None:
        self._refused(tmp_path, b"version = 2\n[tables.a]\nsource = 'a.csv'\n", "version")

    def test_without_a_table(self, tmp_path: Path) -> None:
        self._refused(tmp_path, b"version = 1\n[tables]\n", "tables")

    def test_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(SealscrubError, match="cannot be read"):
            Plan.from_toml(tmp_path / "sealscrub.toml")
