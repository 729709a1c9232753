"""Plans on the command line: check, init, schema, scan and scrub, and how each of them ends."""

from __future__ import annotations

import io
import json
import stat
import tomllib
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from sealscrub.cli import run
from sealscrub.datasets import example_index
from sealscrub.transforms.plans import Plan

SEALED, SECOND, OPEN, NEAR = "K14612345", "M14000099", "M14000017", "K146I2345"
PLAN = """\
version = 1
index = "../keys/example.sealindex"
key_file = "../keys/example.key"

[tables.arrests]
source = "tables/arrests.csv"
keys = { arrest_number = "arrest_no" }

[tables.people]
source = "people.csv"
orphan_of = { person = "arrests.person" }
accept_null = "a person who was never arrested"
[tables.people.derived]
seen = "select count(*) from arrests a where a.person = this.person"
"""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def sealscrub() -> Run:
    def call(*words: object) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([str(word) for word in words])
        return Ended(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "keys").mkdir()
    example_index([SEALED, SECOND], folder=folder / "keys")
    return folder


@pytest.fixture
def estate(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An estate with its plan in ``estate/``, the current folder being above it."""
    (tmp_path / "keys").mkdir()
    for path in (keys / "keys").iterdir():
        (tmp_path / "keys" / path.name).write_bytes(path.read_bytes())
        (tmp_path / "keys" / path.name).chmod(0o600)
    folder = tmp_path / "estate"
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "arrests.csv").write_text(f"arrest_no,person\n{SEALED},1\n{OPEN},1\n{SECOND},2\n")
    (folder / "people.csv").write_text("person,seen\n1,2\n2,1\n3,0\n")
    (folder / "sealscrub.toml").write_text(PLAN)
    monkeypatch.chdir(tmp_path)
    return folder


def _files(folder: Path) -> dict[str, str]:
    """Give the files of a folder; a check keeps a record beside its plan, whose name begins with a dot."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    return {str(path.relative_to(folder)): path.read_text() for path in paths}


def _both(plan: str) -> list[list[str]]:
    return [["plan", "check", plan], ["scrub", "--plan", plan, "-o", "out"]]


CLEAN = {"people.csv": "person,seen\n1,1\n3,0\n", "tables/arrests.csv": f"arrest_no,person\n{OPEN},1\n"}


def test_an_estate_is_checked_scanned_and_scrubbed_by_its_plan(sealscrub: Run, estate: Path) -> None:
    before = _files(estate)
    checked = sealscrub("plan", "check", "estate/sealscrub.toml")
    assert checked.code == 0
    assert all(name in checked.out for name in ("arrests", "people", "seen", "100"))
    scanned = sealscrub("scan", "--plan", "estate/sealscrub.toml")
    assert scanned.code == 1
    scrubbed = sealscrub("scrub", "--plan", "estate/sealscrub.toml", "-o", "clean")
    assert scrubbed.code == 0, scrubbed.err
    assert _files(Path("clean")) == CLEAN
    assert _files(estate) == before
    for ended in (checked, scanned, scrubbed):
        assert SEALED not in ended.out + ended.err


def test_the_command_line_and_python_write_the_same(sealscrub: Run, estate: Path) -> None:
    assert sealscrub("scrub", "--plan", "estate/sealscrub.toml", "-o", "clean", "--jobs", "2").code == 0
    Plan.from_toml("estate/sealscrub.toml").scrub(output="again")
    assert _files(Path("clean")) == _files(Path("again"))


def test_an_index_on_the_command_line_counts_more_than_the_plan_s(sealscrub: Run, estate: Path) -> None:
    named = ["--index", "keys/example.sealindex", "--key-file", "keys/example.key"]
    (estate / "sealscrub.toml").write_text(PLAN.replace("../keys/", "../nowhere/"))
    assert sealscrub("scrub", "--plan", "estate/sealscrub.toml", "-o", "clean").code == 2
    assert not Path("clean").exists()
    assert sealscrub("scrub", "--plan", "estate/sealscrub.toml", "-o", "clean", *named).code == 0
    assert _files(Path("clean")) == CLEAN


def test_a_dry_run_says_what_would_happen_and_writes_nothing_but_the_report(sealscrub: Run, estate: Path) -> None:
    plan = ("--plan", "estate/sealscrub.toml")
    dry = sealscrub("scrub", *plan, "-o", "clean", "--dry-run", "--report", "report.json")
    assert dry.code == 0
    assert not Path("clean").exists()
    found = json.loads(Path("report.json").read_text())
    assert stat.S_IMODE(Path("report.json").stat().st_mode) == 0o600
    assert {table["name"]: table["removed"] for table in found["tables"]} == {"arrests": 2, "people": 1}
    assert sealscrub("scrub", *plan, "-o", "clean", "--report", "done.json").code == 0
    done = json.loads(Path("done.json").read_text())
    assert done["tables"] == found["tables"]


def test_an_output_is_replaced_in_one_step_and_the_earlier_one_is_kept(sealscrub: Run, estate: Path) -> None:
    plan = ("--plan", "estate/sealscrub.toml", "-o", "clean")
    assert sealscrub("scrub", *plan).code == 0
    assert sealscrub("scrub", *plan).code == 2
    (estate / "people.csv").write_text("person,seen\n1,2\n")
    again = sealscrub("scrub", *plan, "--replace")
    assert again.code == 0, again.err
    assert _files(Path("clean")) == CLEAN | {"people.csv": "person,seen\n1,1\n"}
    (kept,) = [path for path in Path().iterdir() if path.name.startswith("clean.earlier-")]
    assert _files(kept) == CLEAN
    assert f"{kept.name}: delete it" in " ".join((again.out + again.err).split())


def test_a_run_that_fails_leaves_the_earlier_output(sealscrub: Run, estate: Path) -> None:
    plan = ("--plan", "estate/sealscrub.toml", "-o", "clean", "--replace")
    assert sealscrub("scrub", *plan).code == 0
    (estate / "people.csv").write_text("person,seen\n1,7\n2,1\n3,0\n")
    failed = sealscrub("scrub", *plan)
    assert failed.code == 2
    assert "tables.people.derived.seen" in failed.err
    assert _files(Path("clean")) == CLEAN
    assert sorted(path.name for path in Path().iterdir() if not path.name.startswith(".")) == [
        "clean",
        "estate",
        "keys",
    ]


def test_rows_that_cannot_be_checked_stop_the_run_unless_they_are_set_aside(sealscrub: Run, estate: Path) -> None:
    with (estate / "tables" / "arrests.csv").open("a") as file:
        file.write(f"{NEAR},9\n")
    plan = ("--plan", "estate/sealscrub.toml", "-o", "clean")
    stopped = sealscrub("scrub", *plan, "--report", "report.json")
    assert stopped.code == 3
    assert not Path("clean").exists()
    assert json.loads(Path("report.json").read_text())["complete"] is False
    assert sealscrub("scrub", *plan, "--accept", "near", "--dry-run").code == 0
    assert sealscrub("scrub", *plan, "--quarantine", "clean").code == 2
    assert sealscrub("scrub", *plan, "--quarantine", "aside").code == 0
    assert _files(Path("clean")) == CLEAN
    assert _files(Path("aside")) == {"tables/arrests.csv": f"arrest_no,person\n{NEAR},9\n"}
    assert stat.S_IMODE(Path("aside").stat().st_mode) == 0o700
    assert stat.S_IMODE(Path("aside/tables/arrests.csv").stat().st_mode) == 0o600


def test_a_plan_beside_its_data_needs_a_root(sealscrub: Run, estate: Path) -> None:
    moved = Path("plans")
    moved.mkdir()
    text = PLAN.replace('"tables/', '"estate/tables/').replace('"people.csv"', '"estate/people.csv"')
    (moved / "sealscrub.toml").write_text(text.replace("../keys/", "keys/"))
    for command in (
        ["plan", "check", "plans/sealscrub.toml"],
        ["scrub", "--plan", "plans/sealscrub.toml", "-o", "out"],
    ):
        assert sealscrub(*command).code in (2, 3)
        ended = sealscrub(*command, "--root", ".")
        assert ended.code == 0, ended.err
    assert _files(Path("out")) == {f"estate/{name}": text for name, text in CLEAN.items()}


@pytest.mark.parametrize(
    ("old", "new", "code", "told"),
    [
        ("seen = ", "seem = ", 2, "columns.seen"),
        ("select count(*)", "select 1 + count(*)", 2, "tables.people.derived.seen"),
        ("[tables.people.derived]", "[tables.people.derive]", 2, "'derived'"),
        ("people.csv", "peple.csv", 2, "peple.csv"),
        ("version = 1", "version = 'x", 2, "not valid TOML"),
        ("version = 1", "", 2, "version"),
        ("arrests.person", "arrests.persn", 2, "persn"),
    ],
)
def test_a_plan_to_be_mended_ends_a_check_and_a_scrub_alike(
    old: str, new: str, code: int, told: str, sealscrub: Run, estate: Path
) -> None:
    (estate / "sealscrub.toml").write_text(PLAN.replace(old, new))
    for command in (
        ["plan", "check", "estate/sealscrub.toml"],
        ["scrub", "--plan", "estate/sealscrub.toml", "-o", "out"],
    ):
        ended = sealscrub(*command)
        assert ended.code == code
        assert told in ended.out + ended.err
        assert "Traceback" not in ended.err
    assert not Path("out").exists()


def test_a_check_without_recipes_does_not_run_them(sealscrub: Run, estate: Path) -> None:
    (estate / "sealscrub.toml").write_text(PLAN.replace("select count(*)", "select 1 + count(*)"))
    assert sealscrub("plan", "check", "estate/sealscrub.toml").code == 2
    assert sealscrub("plan", "check", "--no-recipes", "estate/sealscrub.toml").code == 0


def test_a_table_that_cannot_be_read_ends_a_check_with_3(sealscrub: Run, estate: Path) -> None:
    (estate / "people.csv").write_text('person,seen\n"1,2\n')
    assert sealscrub("plan", "check", "estate/sealscrub.toml").code == 3


INDEX = ["--index", "keys/example.sealindex"]


def test_a_check_with_an_index_compares_every_other_column(sealscrub: Run, estate: Path) -> None:
    checked = sealscrub("plan", "check", "estate/sealscrub.toml", *INDEX)  # by the key that the plan names
    assert (checked.code, "Other columns  compared with the index" in checked.out) == (0, True)
    (estate / "tables" / "arrests.csv").write_text(f"arrest_no,person,see\n{OPEN},1,{SEALED}\n{SECOND},2,\n")
    (estate / "people.csv").write_text("person,seen\n1,1\n2,1\n")
    checked = sealscrub("plan", "check", "estate/sealscrub.toml", *INDEX, "--report", "check.xml")
    assert checked.code == 3
    assert "1 value of 'see', not a key column, names records that may not be used" in checked.out
    assert "'reason' under leave" in " ".join(checked.out.split())
    assert "1 values" not in Path("check.xml").read_text()
    assert SEALED not in checked.out + checked.err + Path("check.xml").read_text()
    without = sealscrub("plan", "check", "estate/sealscrub.toml")
    assert (without.code, "Other columns  not compared with the index" in without.out) == (0, True)


def test_a_check_with_an_index_is_as_strict_as_it_is_told_to_be(sealscrub: Run, estate: Path) -> None:
    (estate / "tables" / "arrests.csv").write_text(f"arrest_no,person\n{OPEN},1\n{SECOND},2\n,3\n")
    (estate / "people.csv").write_text("person,seen\n1,1\n2,1\n3,1\n")
    assert sealscrub("plan", "check", "estate/sealscrub.toml", *INDEX).code == 3
    assert sealscrub("plan", "check", "estate/sealscrub.toml", *INDEX, "--accept", "null").code == 0


@pytest.mark.parametrize(
    "words",
    [["--key-file", "keys/example.key"], ["--min-epoch", "1"], ["--accept", "null"], ["--min-coverage", "0.5"]],
    ids=lambda words: words[0],
)
def test_what_an_index_is_needed_for_applies_only_with_one(sealscrub: Run, estate: Path, words: list[str]) -> None:
    ended = sealscrub("plan", "check", "estate/sealscrub.toml", *words)
    assert (ended.code, "applies only with --index" in ended.err) == (2, True)


def test_a_python_recipe_needs_leave(sealscrub: Run, estate: Path) -> None:
    recipe = 'seen = { python = "os:getcwd", reads = ["arrests"] }'
    text = PLAN[: PLAN.index("seen =")] + recipe + "\n"
    (estate / "sealscrub.toml").write_text(text)
    for command in (
        ["plan", "check", "estate/sealscrub.toml"],
        ["scrub", "--plan", "estate/sealscrub.toml", "-o", "out"],
    ):
        ended = sealscrub(*command)
        assert ended.code == 2
        assert "--allow-python os" in ended.out + ended.err


def test_init_proposes_a_plan_that_must_be_decided_on(sealscrub: Run, estate: Path) -> None:
    (estate / "sealscrub.toml").unlink()
    ended = sealscrub("plan", "init", "estate")
    assert ended.code == 0, ended.err
    proposed = (estate / "sealscrub.toml").read_text()
    assert "# DECIDE:" in proposed
    assert "arrest_number" in proposed
    assert OPEN not in proposed + ended.out
    assert sealscrub("plan", "check", "estate/sealscrub.toml").code == 2
    assert sealscrub("plan", "init", "estate").code == 2
    assert (estate / "sealscrub.toml").read_text() == proposed


@pytest.mark.parametrize("place", ["proposed.toml", "keys/proposed.toml", "estate/tables/proposed.toml"])
def test_init_says_how_a_plan_in_another_folder_is_checked(sealscrub: Run, estate: Path, place: str) -> None:
    (estate / "sealscrub.toml").unlink()
    ended = sealscrub("plan", "init", "estate", "-o", place)
    assert ended.code == 0, ended.err
    command = ended.err.rpartition("then sealscrub ")[2].split()
    said = sealscrub(*command)

    assert "does not exist" not in said.err
    assert command[-2:] == ["--root", "estate"]


def test_init_says_which_schemes_the_check_needs(sealscrub: Run, estate: Path) -> None:
    (estate / "sealscrub.toml").unlink()
    own = Path("own.toml")
    own.write_text(
        '[schemes.ward_case]\nlevel = "arrest"\nspellings = [{ pattern = "W(?P<n>[0-9]{6})", form = "W{n}" }]\n'
    )
    ended = sealscrub("plan", "init", "estate", "--schemes", own)

    assert ended.code == 0, ended.err
    assert ended.err.endswith("sealscrub plan check estate/sealscrub.toml --schemes own.toml\n")


def test_init_names_the_index_that_it_was_given(sealscrub: Run, estate: Path) -> None:
    (estate / "sealscrub.toml").unlink()
    given = ("--index", "keys/example.sealindex", "--key-file", "keys/example.key")
    ended = sealscrub("plan", "init", "estate", *given)
    assert ended.code == 0, ended.err

    plan = tomllib.loads((estate / "sealscrub.toml").read_text())
    named = [(estate / plan[name]).resolve() for name in ("index", "key_file")]
    assert named == [Path(name).resolve() for name in given[1::2]]


def test_the_schema_is_one_of_json(sealscrub: Run) -> None:
    ended = sealscrub("plan", "schema")
    assert ended.code == 0
    assert {"tables", "version"} <= json.loads(ended.out)["properties"].keys()


@pytest.mark.parametrize(
    "words",
    [
        ["scrub", "--plan", "estate/sealscrub.toml"],
        ["scrub", "estate/people.csv", "--plan", "estate/sealscrub.toml", "-o", "out"],
        ["scrub", "--plan", "estate/sealscrub.toml", "--on", "arrest_number=x", "-o", "out"],
        ["scrub", "--plan", "estate/sealscrub.toml", "-o", "estate"],
        ["scrub", "--plan", "estate/sealscrub.toml", "-o", "estate", "--replace"],
        ["scrub", "--plan", "estate/sealscrub.toml", "-o", "keys", "--replace"],
        ["scrub", "--plan", "nowhere.toml", "-o", "out"],
        ["scrub", "estate/people.csv", "-o", "out.csv", "--replace"],
        ["scan", "--plan", "estate/sealscrub.toml", "estate/people.csv"],
        ["plan", "check", "estate/people.csv"],
        ["plan", "init", "nowhere"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2_or_3_and_writes_nothing(words: list[str], sealscrub: Run, estate: Path) -> None:
    before = _files_of_all()
    ended = sealscrub(*words)
    assert ended.code == (3 if "nowhere" in " ".join(words) and ended.code == 3 else 2), ended.err
    assert ended.err
    assert "Traceback" not in ended.err
    assert _files_of_all() == before


def _files_of_all() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}
