"""``--narrative`` and ``--names`` on the command line."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import polars as pl
import pytest

from sealscrub.cli import run as run_command
from sealscrub.datasets import example_index, example_names


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEALSCRUB_KEY_FILE", raising=False)
    example_index(["K14612345"], folder=tmp_path)
    example_names([("QUILLFEATHER", "WILBUR")], folder=tmp_path)
    texts = ["One is K14-612345. So.", "Wilbur Quillfeather ran. So.", "Nothing."]
    pl.DataFrame({"no": ["M14000017", "M14000018", "M14000019"], "a=b": texts}).write_csv("data.csv")
    Path("sealscrub.toml").write_text(
        'version = 1\nindex = "example.sealindex"\nkey_file = "example.key"\nnames = "example.sealtext"\n'
        "[tables.data]\nsource = 'data.csv'\nkeys = { arrest_number = 'no' }\nnarrative = { 'a=b' = 'sentence' }\n"
    )
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = run_command(list(words))
    return code, said.getvalue()


OPENED = ("--index", "example.sealindex", "--key-file", "example.key")


def test_narratives_are_scanned_and_scrubbed(folder: Path) -> None:
    for on in ((), ("--on", "arrest_number=no")):
        options = ("data.csv", *OPENED, *on, "--narrative", "a=b", "--names", "example.sealtext")
        assert run("scan", *options)[0] == 1
        assert run("scrub", *options, "-o", "clean.csv")[0] == 0
        assert pl.read_csv("clean.csv")["a=b"].to_list() == ["So.", "So.", "Nothing."]
        assert run("scan", "clean.csv", *options[1:])[0] == 0
    dropped = ("data.csv", *OPENED, "--narrative", "a=b=drop", "-o", "dropped.csv")
    assert run("scrub", *dropped)[0] == 0
    assert pl.read_csv("dropped.csv").height == 2


def test_a_plan_names_its_own_columns_and_names(folder: Path) -> None:
    code, said = run("scan", "--plan", "sealscrub.toml", "--narrative", "a=b")
    assert (code, "narrative = {" in said) == (2, True)
    assert run("scan", "--plan", "sealscrub.toml")[0] == 1
    assert run("scrub", "--plan", "sealscrub.toml", "-o", "clean")[0] == 0
    assert pl.read_csv("clean/data.csv")["a=b"].to_list() == ["So.", "So.", "Nothing."]


@pytest.mark.parametrize("written", ["", 'key_file = "moved.key"\n'])
@pytest.mark.parametrize("by", ["option", "environment"])
def test_the_names_of_a_plan_are_opened_with_the_key_of_the_index(
    written: str, by: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Path("sealscrub.toml").read_text().replace('key_file = "example.key"\n', written)
    Path("sealscrub.toml").write_text(plan)
    if by == "environment":
        monkeypatch.setenv("SEALSCRUB_KEY_FILE", "example.key")
    key = ("--key-file", "example.key") if by == "option" else ()
    for names in ((), ("--names", "example.sealtext")):
        assert run("scan", "--plan", "sealscrub.toml", *key, *names)[0] == 1
    index = ("--index", "example.sealindex")
    assert run("plan", "check", "sealscrub.toml", *index, *key)[0] == 0
    assert run("scrub", "--plan", "sealscrub.toml", *key, "-o", "clean")[0] == 0
    assert pl.read_csv("clean/data.csv")["a=b"].to_list() == ["So.", "So.", "Nothing."]


@pytest.mark.parametrize("handling", ["SENTENCE", "remove", ""])
def test_another_handling_is_refused_and_all_three_are_said(handling: str, folder: Path) -> None:
    code, said = run("scan", "data.csv", *OPENED, "--narrative", f"a=b={handling}")

    assert (code, "narratives in 'a=b'" in said, "sentence, null, drop" in said) == (2, True, True)


def test_wrong_use_exits_with_2(folder: Path) -> None:
    assert run("scan", "data.csv", *OPENED)[0] == 2
    assert run("scan", "data.csv", *OPENED, "--narrative", "=drop")[0] == 2
    assert run("scan", "data.csv", *OPENED, "--narrative", "absent")[0] == 2
    for other in (("--narrative", "a=b=drop"), ("--null-elsewhere", "a=b")):
        code, said = run("scan", "data.csv", *OPENED, "--narrative", "a=b", *other)
        assert (code, "in two ways" in said) == (2, True)
    assert run("scan", "data.csv", *OPENED, "--narrative", "a=b=null", "--null-elsewhere", "a=b")[0] == 1
    assert run("scan", "data.csv", *OPENED, "--on", "arrest_number=no", "--names", "example.sealtext")[0] == 2
    plan = Path("sealscrub.toml").read_text().replace("narrative = { 'a=b' = 'sentence' }", "")
    Path("sealscrub.toml").write_text(plan)
    code, said = run("scan", "--plan", "sealscrub.toml")
    assert (code, "no table has narratives" in said) == (2, True)


LISTS = [None, b"", b"QUILLFEATHER,WILBUR\n", "\ufeffQUILL".encode(), "QUILL".encode("utf-16")]


@pytest.mark.parametrize("held", LISTS, ids=["absent", "empty", "csv", "bom", "utf-16"])
def test_a_list_of_names_is_not_published_names(held: bytes | None, folder: Path) -> None:
    if held is not None:
        Path("names.csv").write_bytes(held)
    code, said = run("scan", "data.csv", *OPENED, "--narrative", "a=b", "--names", "names.csv")
    assert (code, "names.csv" in said, "publish … --text" in said, "index" in said) == (2, True, True, False)
