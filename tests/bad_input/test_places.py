"""Where output goes: never over an input, never where it cannot be completed, and the target is as it was."""

from __future__ import annotations

import os
import subprocess

import polars as pl
import pytest

from ..tables.iceberg.lakehouse import Lakehouse

WRITTEN = "arrest_no,note\nM13000001,x\nM13000002,x\nM13000004,x\nM13000005,x\n"


@pytest.fixture
def scrub(bench, table):
    path = bench.file("x.csv", table())
    return lambda out, *more, inputs=(path,): bench.args("scrub", *inputs, more=["-o", str(out), *map(str, more)])


def test_output_that_is_the_input_is_refused(bench, scrub):
    bench.refused(scrub(bench.folder / "x.csv"), 2, "x.csv", "replace the input")


def test_output_that_is_the_input_by_another_path_is_refused(bench, scrub):
    (bench.folder / "sub").mkdir()

    bench.refused(scrub(bench.folder / "sub" / ".." / "x.csv"), 2, "replace the input")


def test_output_that_is_a_hard_link_of_the_input_is_refused(bench, scrub):
    os.link(bench.folder / "x.csv", bench.folder / "y.csv")

    bench.refused(scrub(bench.folder / "y.csv"), 2, "y.csv", "replace the input")


def test_output_through_a_symlinked_folder_is_refused(bench, scrub):
    (bench.folder / "way").symlink_to(bench.folder)

    bench.refused(scrub(bench.folder / "way" / "x.csv"), 2, "x.csv", "replace the input")


@pytest.mark.parametrize("to", ["x.csv", "elsewhere.csv"])
def test_output_that_is_a_symlink_is_refused(bench, scrub, to):
    (bench.folder / "y.csv").symlink_to(bench.folder / to)

    bench.refused(scrub(bench.folder / "y.csv"), 2, "y.csv", "symbolic link")


def test_output_that_is_the_target_of_a_symlinked_input_is_refused(bench, scrub):
    (bench.folder / "y.csv").symlink_to(bench.folder / "x.csv")

    bench.refused(scrub(bench.folder / "x.csv", inputs=[bench.folder / "y.csv"]), 2, "replace the input")


@pytest.mark.parametrize("out", [".", "data", "data/part"])
def test_an_output_folder_that_holds_an_input_is_refused(bench, table, scrub, out):
    bench.file("data/part/a.csv", table())

    bench.refused(scrub(bench.folder / out, inputs=[bench.folder / "data"]), 2, "replace the input")


def test_an_output_within_the_input_folder_is_refused(bench, table, scrub):
    bench.file("data/a.csv", table())

    bench.refused(scrub(bench.folder / "data" / "clean", inputs=[bench.folder / "data"]), 2, "with it next time")


@pytest.mark.parametrize("which", ["--quarantine", "--report"])
@pytest.mark.parametrize("over", ["input", "output", "index", "key"])
def test_quarantine_and_report_replace_no_file_of_the_run(bench, table, which, over):
    path, out = bench.file("x.txt", table()), bench.folder / "clean.txt"
    place = {"input": path, "output": out, "index": bench.index, "key": bench.key}[over]

    bench.refused(bench.args("scrub", path, more=["-o", str(out), which, str(place)]), 2, place.name)


PLAN = """version = 1
use = "training"
[tables.arrests]
source = "{}"
keys = {{ arrest_number = "arrest_no" }}
independent = "itself"
"""
NAMED = {
    "in a folder": (["scan", "data", "--on", "arrest_number=arrest_no"], "data/x.txt"),
    "by a glob": (["scan", "data/*.txt", "--on", "arrest_number=arrest_no"], "data/x.txt"),
    "by a glob of a scrub": (["scrub", "data/*", "--on", "arrest_number=arrest_no", "--dry-run"], "data/x.txt"),
    "by a plan": (["scan", "--plan", "sealscrub.toml"], "data/x.txt"),
    "by a plan that is scrubbed": (["scrub", "--plan", "sealscrub.toml", "-o", "clean"], "data/x.txt"),
    "by a plan that is checked": (["plan", "check", "sealscrub.toml"], "data/x.txt"),
    "by a plan that is drawn": (["plan", "graph", "sealscrub.toml"], "data/x.txt"),
    "in the output": (["scrub", "data", "--on", "arrest_number=arrest_no", "-o", "clean"], "clean/x.txt"),
    "as the audit log": (
        ["scrub", "data", "--on", "arrest_number=arrest_no", "-o", "clean", "--audit-log", "log.txt"], "log.txt",
    ),
    "as a public key": (["verify", "data/x.txt", "--public-key", "log.txt"], "log.txt"),
    "in a model's folder": (["audit-model", "data"], "data/x.txt"),
    "as a file of a model's folder": (["audit-model", "data"], "data/page.html"),
    "in a folder that is certified": (
        ["verify", "data/x.txt", "--public-key", "log.txt", "--data", "data"], "data/x.html",
    ),
    "as the names of a plan": (["scan", "--plan", "sealscrub.toml"], "names.json"),
}  # fmt: skip


@pytest.mark.parametrize("named", NAMED)
def test_a_report_replaces_nothing_that_is_read_or_written_however_it_is_named(bench, table, named, monkeypatch):
    monkeypatch.chdir(bench.folder)
    bench.file("data/x.txt", table())
    bench.file("data/page.html", "a page")
    bench.file("log.txt", "a log")
    (bench.folder / "clean").mkdir()
    bench.file(
        "sealscrub.toml",
        "version = 1\nuse = 'training'\nnames = 'names.json'\n[tables.arrests]\nsource = 'data/*.txt'\n"
        "keys = { arrest_number = 'arrest_no' }\n",
    )
    args, place = NAMED[named]
    opened = [] if args[0] in ("plan", "verify") else ["--index", str(bench.index), "--key-file", str(bench.key)]

    bench.refused([*args, *opened, "--report", place], 2, "the report would", place)


@pytest.mark.parametrize("suffix", [".html", ".sarif", ".xml", ".json"])
@pytest.mark.parametrize("named", ["data", "data/*.csv", "plan"])
def test_a_report_that_is_not_data_may_be_in_a_folder_that_is_only_read(bench, table, named, suffix, monkeypatch):
    monkeypatch.chdir(bench.folder)
    bench.file("data/x.csv", table())
    source = "data" if named == "plan" else named
    bench.file("sealscrub.toml", PLAN.format(source))
    opened = ["--index", str(bench.index), "--key-file", str(bench.key), "--report", f"data/scan{suffix}"]
    asked = ["--plan", "sealscrub.toml"] if named == "plan" else [named, "--on", "arrest_number=arrest_no"]
    for _ in range(2):  # the next one replaces it
        assert bench.run("scan", *asked, *opened).code == 1
        assert (bench.folder / "data" / f"scan{suffix}").is_file()


@pytest.mark.parametrize("by_plan", [False, True], ids=["an address", "a plan"])
def test_no_report_is_in_the_folder_of_an_iceberg_table(bench, by_plan, monkeypatch):
    monkeypatch.chdir(bench.folder)
    lake = Lakehouse(bench.folder)
    try:
        lake.create("arrests", pl.DataFrame({"arrest_no": ["K10000000"]}).to_arrow().schema)
        bench.file("sealscrub.toml", PLAN.format(lake.address("arrests")))
        asked = (
            ["--plan", "sealscrub.toml"] if by_plan else [lake.address("arrests"), "--on", "arrest_number=arrest_no"]
        )
        opened = ["--index", str(bench.index), "--key-file", str(bench.key)]
        for place in (lake.folder("arrests") / "new.html", lake.folder("arrests") / "metadata" / "new.json"):
            bench.refused(["scan", *asked, *opened, "--report", place], 2, "the report would", "of a table")
    finally:
        lake.close()


@pytest.mark.parametrize("command", [["audit", "coverage"], ["copies"]])
@pytest.mark.parametrize(
    "place", ["data/x.json", "clean/new.html", "listed/new.html", "train/new.html", "caches/x.csv"]
)
def test_a_report_replaces_nothing_that_an_inventory_lists(bench, table, command, place, monkeypatch):
    monkeypatch.chdir(bench.folder)
    bench.file("data/x.json", table())
    bench.file("caches/y.csv", table())
    bench.file("sealscrub.toml", PLAN.format("data"))
    for folder in ("clean", "listed", "train/_delta_log"):
        (bench.folder / folder).mkdir(parents=True)
    bench.file(
        "inventory.toml",
        "version = 1\n[[datasets]]\nname = 'train'\npath = 'delta:train'\nreport = 'data/x.json'\n"
        "[[caches]]\npath = 'caches'\n[[plans]]\nplan = 'sealscrub.toml'\noutput = 'listed'\n",
    )
    opened = ["--index", str(bench.index), "--key-file", str(bench.key), "--plan-output", "sealscrub.toml=clean"]
    bench.refused([*command, "inventory.toml", *opened, "--report", place], 2, "the report would", place)


@pytest.mark.parametrize("over", ["index", "key"])
def test_output_replaces_neither_index_nor_key(bench, scrub, over):
    bench.refused(scrub(getattr(bench, over)), 2, "the index or its key")


@pytest.mark.parametrize("which", ["output", "quarantine", "report"])
def test_a_place_whose_folder_is_missing_is_refused(bench, scrub, which):
    place = bench.folder / "new" / "y.txt"
    args = {
        "output": [place],
        "quarantine": [bench.folder / "clean.csv", "--quarantine", place],
        "report": [bench.folder / "clean.csv", "--report", place],
    }[which]

    bench.refused(scrub(*args), 2 if which == "report" else 3, "y.txt", "folder")


def test_an_output_whose_folder_is_a_file_is_refused(bench, scrub):
    bench.refused(scrub(bench.folder / "x.csv" / "y.csv"), 3, "y.csv", "folder is a file")


def test_an_output_that_is_a_folder_is_refused(bench, scrub):
    (bench.folder / "out").mkdir()

    bench.refused(scrub(bench.folder / "out"), 2, "is a folder", "name a file")


def test_a_device_is_not_replaced(bench, scrub):
    bench.refused(scrub("/dev/null"), 3, "/dev/null", "is not a file")


def test_a_name_that_is_too_long_is_refused(bench, scrub):
    bench.refused(scrub(bench.folder / ("n" * 300)), 3, "cannot be written")


def test_the_longest_name_that_a_folder_takes_is_written(bench, scrub):
    place = bench.folder / ("é" * 125 + ".csv")

    assert bench.run(*scrub(place)).code == 0
    assert place.read_text() == WRITTEN


def test_a_read_only_file_system_is_told(bench, scrub, tmpfs):
    disk = tmpfs()
    (disk / "clean.csv").write_text("as it was")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    bench.refused(scrub(disk / "clean.csv"), 3, "clean.csv", "cannot be written", "Read-only")
    assert os.listdir(disk) == ["clean.csv"]
    assert (disk / "clean.csv").read_text() == "as it was"


@pytest.mark.usefixtures("permissions_bind")
def test_a_folder_that_may_not_be_written_is_told(bench, scrub):
    (bench.folder / "shut").mkdir(mode=0o500)

    bench.refused(scrub(bench.folder / "shut" / "y.csv"), 3, "y.csv", "cannot be written")


def test_without_an_output_nothing_is_done(bench, scrub):
    args = scrub("never")
    del args[args.index("-o") : args.index("-o") + 2]

    bench.refused(args, 2, "no output")


def test_a_target_that_was_there_is_replaced_in_one_step(bench, scrub):
    place = bench.file("clean.csv", "earlier")
    with place.open() as reader:
        assert bench.run(*scrub(place)).code == 0

        assert reader.read() == "earlier"
    assert place.read_text() == WRITTEN
    assert sorted(os.listdir(bench.folder)) == ["clean.csv", "x.csv"]


@pytest.mark.parametrize("pattern", ["*.parquet", "none/*.csv", "**/y?.csv", "[ab].csv"])
@pytest.mark.parametrize("verb", ["scan", "scrub"])
def test_a_glob_that_matches_nothing_is_refused(bench, table, verb, pattern):
    bench.file("x.csv", table())

    bench.refused(bench.args(verb, bench.folder / pattern), 2, "nothing matches", "quote the pattern")


def test_a_glob_takes_folders_with_what_is_in_them(bench, table):
    for name in ("data/a.csv", "data/year=2014/b.csv", "data/year=2015/b.csv"):
        bench.file(name, table())

    ended = bench.run(*bench.args("scrub", bench.folder / "data" / "*", more=["-o", str(bench.folder / "out")]))

    assert ended.code == 0
    out = bench.folder / "out"
    found = {str(path.relative_to(out)): path.read_text() for path in out.rglob("*.csv")}
    assert found == dict.fromkeys(["a.csv", "year=2014/b.csv", "year=2015/b.csv"], WRITTEN)


def test_one_bad_file_among_many_and_nothing_is_written(bench, table):
    for number in range(20):
        bench.file(f"data/{number:02}.csv", table(50))
    bench.file("data/13.csv", "arrest_no,note\nM13000001,x\nK14987651,zanzibar,7731\n")

    bench.refused(bench.args("scrub", bench.folder / "data"), 3, "13.csv", "line 3")


def test_one_file_without_the_key_column_among_many_is_refused(bench, table):
    for number in range(5):
        bench.file(f"data/{number}.csv", table(name="arrest_no" if number != 3 else "ARRESTNO"))

    for verb in ("scan", "scrub"):
        bench.refused(bench.args(verb, bench.folder / "data"), 2, "3.csv", "did you mean 'ARRESTNO'?")


def test_mixed_formats_in_one_run_come_out_each_in_its_own(bench, table, arrests):
    bench.file("data/a.csv", table())
    bench.file("data/b.jsonl", "".join(f'{{"arrest_no": "{value}"}}\n' for value in arrests(5)))
    pl.DataFrame({"arrest_no": arrests(5)}).write_parquet(bench.folder / "data" / "c.parquet")

    ended = bench.run(*bench.args("scrub", bench.folder / "data"))

    out = bench.folder / "clean"
    assert ended.code == 0
    assert (out / "a.csv").read_text() == WRITTEN
    assert (out / "b.jsonl").read_text().count("\n") == 4
    assert pl.read_parquet(out / "c.parquet").height == 4
    assert bench.run(*bench.args("scan", out)).code == 0


def test_many_files_in_one_run_have_one_report(bench, table):
    for number in range(80):
        bench.file(f"data/{number % 7}/{number:03}.csv", table())

    ended = bench.run(*bench.args("scrub", bench.folder / "data"))

    assert ended.code == 0
    assert {path.read_text() for path in (bench.folder / "clean").rglob("*.csv")} == {WRITTEN}
    assert len(list((bench.folder / "clean").rglob("*.csv"))) == 80


def test_files_of_one_name_keep_their_folders_apart(bench, table):
    paths = [bench.file(f"{year}/data.csv", table()) for year in (2014, 2015)]

    assert bench.run(*bench.args("scan", *paths)).code == 1
    assert bench.run(*bench.args("scrub", *paths, more=["-o", str(bench.folder / "clean")])).code == 0
    for year in (2014, 2015):
        assert (bench.folder / "clean" / str(year) / "data.csv").read_text() == WRITTEN


def test_a_file_that_is_named_twice_is_refused(bench, table):
    path = bench.file("x.csv", table())

    for verb in ("scan", "scrub"):
        bench.refused(bench.args(verb, path, path), 2, "named twice")


def test_the_output_of_many_files_is_a_new_folder(bench, table):
    paths = [bench.file(f"{name}.csv", table()) for name in "ab"]
    out = bench.folder / "out"
    bench.file("out/old.csv", "old")

    bench.refused(bench.args("scrub", *paths, more=["-o", str(out)]), 2, "new or empty")
    bench.refused(bench.args("scrub", *paths, more=["-o", str(out / "old.csv")]), 2, "new or empty")


def test_what_a_folder_holds_and_is_not_read_is_said(bench, table):
    bench.file("data/a.csv", table().replace("K14987651,zanzibar-7731", "M13000009,x"))
    bench.file("data/b.ods", table())
    bench.file("data/_old/c.csv", table())
    bench.file("data/_SUCCESS", "")

    ended = bench.run(*bench.args("scan", bench.folder / "data"))

    said = "".join(ended.out.split())
    assert ended.code == 0
    assert "b.ods" in said
    assert "c.csv" in said
    assert "_SUCCESS" not in said


def test_a_symlink_to_a_folder_within_a_folder_is_refused(bench, table):
    bench.file("data/a.csv", table())
    bench.file("other/b.csv", table())
    (bench.folder / "data" / "more").symlink_to(bench.folder / "other")

    for verb in ("scan", "scrub"):
        bench.refused(bench.args(verb, bench.folder / "data"), 2, "more", "symbolic link to a folder")
