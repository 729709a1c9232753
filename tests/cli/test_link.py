"""Linkage by its commands: what is linked, decided and bounded, and what is refused without naming anybody."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from sealscrub.custodian.registry import Registry
from sealscrub.custodian.reviews import held_files
from sealscrub.datasets import make_named_arrests
from sealscrub.extracts import extract, open_extract, row_marks
from sealscrub.identifiers import generate_keys, load_annex
from sealscrub.index import open_index

from .conftest import Ended

linkage = pytest.importorskip("sealscrub.custodian.linkage")

Run = Callable[..., Ended]
NAMES = ("KELMAGANT", "BELORA", "QUORVIN", "Kelmagnat")
NOTICES = """seal_id,event,regime,effective_from,docket,last_name,first_name,birth_date,arrest_date,charge
S1,sealed,us-ny/cpl-160.50,2020-03-01,2019KN000001,KELMAGANT,BELORA,1984-07-31,2019-03-04,PETIT LARCENY
S2,sealed,us-ny/cpl-160.50,2020-03-01,2019KN000002,QUORVIN,TADEK,1990-01-15,2019-05-06,ASSAULT
"""
ROWS = pl.DataFrame(
    [
        ("a", "Kelmagnat", "Belora", "1984-07-31", "2019-03-04", "PETIT LARCENY"),
        ("b", "QUORVIN", "T", None, "2019-05-06", None),
        ("c", "Other", "Person", "1970-02-02", "2019-05-06", "ASSAULT"),
    ],
    schema=["ID", "L", "F", "DOB", "D", "C"],
    orient="row",
)


@pytest.fixture(scope="module")
def made_host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first host is kept that is made, for the others."""
    return tmp_path_factory.mktemp("host") / "made"


@pytest.fixture
def host(made_host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealscrub: Run) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    if made_host.exists():
        shutil.copytree(made_host, tmp_path, dirs_exist_ok=True)
        return tmp_path
    generate_keys("seal.key")
    Path("notices.csv").write_text(NOTICES)
    ROWS.write_parquet("vendor.parquet")
    Path("link.model").write_text(linkage.starting_model().to_json())
    assert sealscrub("registry", "init", "seals.db").code == 0
    assert sealscrub("registry", "add", "seals.db", "notices.csv").code == 0
    options = ["--row-id", "ID", "--last", "L", "--first", "F", "--birth", "DOB", "--arrest-date", "D", "--charge", "C"]
    out = ["-o", "vendor.linkin", "--recipient", "seal.key.pub"]
    assert sealscrub("link", "extract", "vendor.parquet", *options, *out).code == 0
    shutil.copytree(tmp_path, made_host)
    return tmp_path


def spaced(text: str) -> str:
    return " ".join(text.split())


def linked(sealscrub: Run, *more: str) -> Ended:
    return sealscrub(
        *("link", "run", "seals.db", "vendor.linkin", "--link-model", "link.model", "--namespace", "vendor"),
        *("--review", "review.csv", "--annex-key", "seal.key.annex", *more),
    )


def answer(file: str, how: Callable[[dict[str, str]], str]) -> None:
    with Path(file).open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    with Path(file).open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"answer": how(row)} for row in rows)


def bands() -> dict[tuple[str, str], str]:
    with Registry.open("seals.db") as registry:
        return {(seal, row): band for _, seal, row, band, *_ in registry.links("vendor").rows()}


def unnamed(ended: Ended) -> bool:
    return not any(name.lower() in (ended.out + ended.err).lower() for name in NAMES)


def test_from_extract_to_scrub(host: Path, sealscrub: Run) -> None:
    done = linked(sealscrub)
    assert done.code == 0, done.err
    assert unnamed(done)
    assert stat.S_IMODE(Path("review.csv").stat().st_mode) == 0o600
    assert bands() == {("S1", "a"): "sealed", ("S2", "b"): "withheld"}

    answer("review.csv", lambda row: "same" if row["row"] == "b" else "")
    decided = sealscrub("link", "decide", "seals.db", "review.csv")
    assert decided.code == 0, decided.err
    assert unnamed(decided)
    assert bands() == {("S1", "a"): "sealed", ("S2", "b"): "sealed"}
    kept = Path("review.csv").read_bytes()
    refused = linked(sealscrub)
    assert (refused.code, Path("review.csv").read_bytes() == kept) == (2, True)
    assert unnamed(refused)
    Path("review.csv").unlink()
    assert "New: 0. The registry is at epoch 3." in linked(sealscrub).err
    assert bands()["S2", "b"] == "sealed"

    common = ["link", "bound", "seals.db", "vendor.linkin", "--namespace", "vendor", "--annex-key", "seal.key.annex"]
    drawn = sealscrub(*common, "--sample", "2", "--link-model", "link.model", "-o", "sample.csv")
    assert drawn.code == 0, drawn.err
    truth = {("S1", "a"), ("S2", "b")}
    answer("sample.csv", lambda row: "same" if (row["seal"], row["row"]) in truth else "not")
    bound = sealscrub("link", "bound", "seals.db", "--namespace", "vendor", "--decided", "sample.csv")
    assert bound.code == 0, bound.err
    assert "Found 2 of 2" in spaced(bound.out)
    assert "At least 22.3%" in spaced(bound.out)
    assert unnamed(bound)

    published = sealscrub(
        *("publish", "seals.db", "-o", "x.sealindex", "--use", "training", "--audience", "police"),
        *("--key-file", "seal.key"),
    )
    assert published.code == 0, published.err
    found = open_index("x.sealindex", "seal.key").linked["opaque:vendor"]
    assert found is not None
    assert 0.1 < found.lower < 0.4
    scrub = ["scrub", "vendor.parquet", "--index", "x.sealindex", "--key-file", "seal.key", "--on", "opaque:vendor=ID"]
    scrubbed = sealscrub(*scrub, "-o", "clean.parquet")
    assert scrubbed.code == 0, scrubbed.err
    assert pl.read_parquet("clean.parquet")["ID"].to_list() == ["c"]
    assert sealscrub(*scrub, "-o", "strict.parquet", "--min-recall", "0.9").code == 3


def extracted(sealscrub: Run, rows: pl.DataFrame, target: str) -> None:
    rows.write_parquet("other.parquet")
    options = ["--row-id", "ID", "--last", "L", "--first", "F", "--birth", "DOB", "--arrest-date", "D", "--charge", "C"]
    out = ["-o", target, "--recipient", "seal.key.pub"]
    assert sealscrub("link", "extract", "other.parquet", *options, *out).code == 0


def test_only_the_difference_is_compared(host: Path, sealscrub: Run) -> None:
    assert "Everything was compared" in linked(sealscrub).err
    again = linked(sealscrub).err
    assert "0 new or changed seals with all rows, and 0 new or changed rows with" in again
    assert "at epoch 2" in again
    review = pl.read_csv("review.csv", infer_schema=False).drop("run epoch")

    more = "S3,sealed,us-ny/cpl-160.50,2020-03-01,2019KN000003,Other,Person,1970-02-02,2019-05-06,ASSAULT\n"
    Path("more.csv").write_text(NOTICES.splitlines(keepends=True)[0] + more)
    assert sealscrub("registry", "add", "seals.db", "more.csv").code == 0
    new_seal = linked(sealscrub).err
    assert "1 new or changed seal with all rows, and 0 new or changed rows" in new_seal
    assert bands() == {("S1", "a"): "sealed", ("S2", "b"): "withheld", ("S3", "c"): "sealed"}
    assert pl.read_csv("review.csv", infer_schema=False).drop("run epoch").equals(review)

    newer = pl.concat([ROWS[:2], ROWS[:1].with_columns(ID=pl.lit("d"))])
    extracted(sealscrub, newer, "newer.linkin")
    Path("vendor.linkin").rename("older.linkin")
    Path("newer.linkin").rename("vendor.linkin")
    new_row = linked(sealscrub, "--older", "older.linkin").err
    assert "0 new or changed seals with all rows, and 1 new or changed row with" in new_row
    assert bands()["S1", "d"] == "sealed"
    assert "Everything was compared" in linked(sealscrub, "--namespace", "other").err


@pytest.mark.parametrize(("word", "stands"), [("not", None), ("cannot tell", "withheld"), ("", "withheld")])
def test_what_a_clerk_answers(host: Path, sealscrub: Run, word: str, stands: str | None) -> None:
    linked(sealscrub)
    answer("review.csv", lambda row: word)
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    assert bands().get(("S2", "b")) == stands
    Path("review.csv").unlink()
    assert linked(sealscrub).code == 0
    assert bands().get(("S2", "b")) == stands


def test_answers_that_make_no_sense_decide_nothing(host: Path, sealscrub: Run) -> None:
    linked(sealscrub)
    text = Path("review.csv").read_text()
    head, *lines = text.splitlines()
    at = head.split(",").index("answer")

    def told(line: str, word: str) -> str:
        cells = next(csv.reader([line]))
        cells[at] = word
        return ",".join(cells)

    for content in (
        [head, told(lines[0], "same"), told(lines[0], "not")],
        [head, told(lines[0], "Kelmagnat")],
        [head.replace("answer", "said"), *lines],
        [head, *(line.replace("review", "sample", 1) for line in lines)],
    ):
        Path("review.csv").write_text("\n".join(content) + "\n")
        ended = sealscrub("link", "decide", "seals.db", "review.csv")
        assert ended.code == 2
        assert unnamed(ended)
        assert bands()["S2", "b"] == "withheld"


def test_a_model_does_not_decide_the_rows_that_it_was_trained_on(host: Path, sealscrub: Run) -> None:
    digest = open_extract("vendor.linkin", load_annex("seal.key.annex")).digest
    Path("link.model").write_text(replace(linkage.starting_model(), trained_on=digest).to_json())
    refused = linked(sealscrub)
    assert refused.code == 2
    assert "--same-extract" in refused.err
    allowed = linked(sealscrub, "--same-extract", "no other extract exists")
    assert allowed.code == 0
    assert "no other extract exists" in allowed.err


TRAINED_ON = {
    "the same rows": lambda rows: rows,
    "a column less": lambda rows: rows.drop("DOB"),
    "names only": lambda rows: rows.select("ID", "L"),
    "a row less, in another order": lambda rows: rows[::-1][:2],
    "another spelling of a column": lambda rows: rows.with_columns(pl.col("L").str.to_lowercase(), DOB=pl.lit(None)),
}


def trained_on(rows: pl.DataFrame) -> None:
    named = {"L": "last_name", "F": "first_name", "DOB": "birth_date", "D": "arrest_date", "C": "charge"}
    made = extract(rows, row_id="ID", fields={to: name for name, to in named.items()})
    marks = row_marks(made.frame, load_annex("seal.key.annex").marking_key())
    model = replace(linkage.starting_model(), trained_on=made.digest, trained_rows=marks)
    Path("link.model").write_text(model.to_json())


@pytest.mark.parametrize("how", TRAINED_ON)
def test_a_model_is_known_to_be_trained_on_rows_whatever_was_left_out(how: str, host: Path, sealscrub: Run) -> None:
    trained_on(ROWS)
    changed = TRAINED_ON[how](ROWS)
    changed.write_parquet("other.parquet")
    options = {"L": "--last", "F": "--first", "DOB": "--birth", "D": "--arrest-date", "C": "--charge"}
    columns = [word for name in changed.columns if name in options for word in (options[name], name)]
    out = ["-o", "vendor.linkin", "--recipient", "seal.key.pub"]
    made = sealscrub("link", "extract", "other.parquet", "--row-id", "ID", *columns, *out)
    assert made.code == 0, made

    refused = linked(sealscrub)

    assert (refused.code, "most of its rows" in refused.err, unnamed(refused)) == (2, True, True), refused
    assert linked(sealscrub, "--same-extract", "no other exists").code == 0


@pytest.mark.parametrize(
    "rows",
    [
        ROWS.with_columns(ID=pl.col("ID") + "2"),
        pl.concat([ROWS[:1], ROWS.with_columns(pl.col("ID") + "2", pl.col("L") + "x")]),
        ROWS.with_columns(L=pl.lit("Marsh"), F=pl.lit("Tessa"), DOB=pl.lit("1970-01-01"), D=pl.lit("2001-02-03")),
    ],
    ids=["other ids", "an older extract with a third of the rows", "another source with the same ids"],
)
def test_a_model_of_other_rows_decides(rows: pl.DataFrame, host: Path, sealscrub: Run) -> None:
    trained_on(ROWS)
    extracted(sealscrub, rows, "vendor.linkin")
    assert linked(sealscrub).code == 0


SAYS_NOW = {
    "the same in other letters": {"F": "T."},
    "another day": {"D": "2019-05-07"},
    "nothing that is weighed": {"L": "quorvin"},
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("word", ["not", "same"])
@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("now", [*SAYS_NOW, "a notice"])
def test_a_decision_holds_for_what_the_clerk_saw_alone(
    word: str, older: bool, now: str, host: Path, sealscrub: Run
) -> None:
    assert linked(sealscrub).code == 0
    answer("review.csv", lambda row: word)
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    decided = bands()
    Path("review.csv").unlink()
    assert linked(sealscrub).code == 0
    assert (bands(), len(pl.read_csv("review.csv"))) == (decided, 0)
    Path("vendor.linkin").rename("older.linkin")
    if now == "a notice":
        head, _, line = NOTICES.splitlines()
        Path("changed.csv").write_text(f"{head}\n{line.replace('2020-03-01', '2021-03-01').replace('ASSAULT', '')}\n")
        assert sealscrub("registry", "add", "seals.db", "changed.csv").code == 0
    said = SAYS_NOW.get(now, {})
    changes = [pl.when(ID="b").then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in said.items()]
    extracted(sealscrub, ROWS.with_columns(changes), "vendor.linkin")

    for _ in range(2):
        done = linked(sealscrub, *(("--older", "older.linkin") if older else ()))
        assert (done.code, unnamed(done)) == (0, True), done
        assert bands() == {("S1", "a"): "sealed", ("S2", "b"): "withheld" if word == "not" else "sealed"}
        assert pl.read_csv("review.csv", infer_schema=False)["row"].to_list() == ["b"]
    answer("review.csv", lambda row: word)
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    Path("review.csv").unlink()
    assert linked(sealscrub).code == 0
    assert (bands(), len(pl.read_csv("review.csv"))) == (decided, 0)


@pytest.mark.parametrize("mark", [None, "", "KELMAGANT", "1E+32"])
def test_a_decision_of_a_review_without_its_marks_is_asked_for_again(
    mark: str | None, host: Path, sealscrub: Run
) -> None:
    assert linked(sealscrub).code == 0
    review = pl.read_csv("review.csv", infer_schema=False).with_columns(answer=pl.lit("not"), seen=pl.lit(mark))
    (review.drop("seen") if mark is None else review).write_csv("review.csv")
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    with closing(sqlite3.connect("seals.db")) as database:
        assert database.execute("SELECT DISTINCT seen FROM link_events").fetchall() == [(None,)]
    Path("review.csv").unlink()
    extracted(sealscrub, ROWS[1:], "vendor.linkin")
    assert "Called different before, and in the review again: 1 pair" in linked(sealscrub).err
    assert bands()["S2", "b"] == "withheld"


def test_an_older_extract_that_is_linked_again_is_a_run_of_its_own(host: Path, sealscrub: Run) -> None:
    def runs() -> int:
        with closing(sqlite3.connect("seals.db")) as database:
            return len(database.execute("SELECT 1 FROM link_runs").fetchall())

    assert linked(sealscrub).code == 0
    Path("vendor.linkin").rename("older.linkin")
    extracted(sealscrub, ROWS[1:], "vendor.linkin")
    assert linked(sealscrub).code == 0
    Path("review.csv").rename("newer.csv")
    Path("older.linkin").rename("vendor.linkin")
    before = runs()

    assert linked(sealscrub).code == 0
    assert (before, runs()) == (2, 3)
    assert linked(sealscrub).code == 0
    assert runs() == 3
    answer("newer.csv", lambda row: "same")
    refused = sealscrub("link", "decide", "seals.db", "newer.csv")
    assert (refused.code, "newest run" in refused.err) == (2, True), refused


def test_an_empty_registry_links_nothing(host: Path, sealscrub: Run) -> None:
    assert sealscrub("registry", "init", "bare.db").code == 0
    about = ("--namespace", "vendor", "--link-model", "link.model", *OPENS, "--review", "bare.csv")

    done = sealscrub("link", "run", "bare.db", "vendor.linkin", *about)

    assert (done.code, "0 linked and sealed, 0 withheld" in done.err) == (0, True)
    assert len(pl.read_csv("bare.csv")) == 0
    decided = sealscrub("link", "decide", "bare.db", "bare.csv")
    assert (decided.code, "nothing to decide" in decided.err) == (0, True), decided
    trained = sealscrub("link", "train", "bare.db", "vendor.linkin", *OPENS, "-o", "own.model")
    assert (trained.code, "nothing to train on" in trained.err, Path("own.model").exists()) == (3, True, False)


@pytest.mark.long
def test_lists_of_names_are_private(host: Path, sealscrub: Run) -> None:
    city = make_named_arrests(600, seed=77)
    held = city.seals.unique("id", keep="first", maintain_order=True).rename({"id": "seal_id"}).with_row_index("n", 200)
    facts = {"event": "sealed", "regime": "us-ny/cpl-160.50", "effective_from": "2020-03-01"}
    named = held.select(
        "seal_id", "last_name", "first_name", "birth_date", "arrest_date", docket=pl.format("2019KN000{}", "n")
    )
    named.with_columns(pl.lit(value).alias(name) for name, value in facts.items()).write_csv("many.csv")
    assert sealscrub("registry", "add", "seals.db", "many.csv", "--reject-file", "unread.csv").code == 0
    city.rows.write_parquet("older.parquet")
    columns = ("--row-id", "id", "--last", "last_name", "--first", "first_name", "--birth", "birth_date")
    out = ("--arrest-date", "arrest_date", "-o", "older.linkin", "--recipient", "seal.key.pub")
    assert sealscrub("link", "extract", "older.parquet", *columns, *out).code == 0

    trained = sealscrub("link", "train", "seals.db", "older.linkin", *OPENS, "-o", "link.model")
    assert trained.code == 0, trained
    assert linked(sealscrub).code == 0
    assert sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv").code == 0

    files = ("older.linkin", "link.model", "review.csv", "sample.csv")
    assert {stat.S_IMODE(Path(file).stat().st_mode) for file in files} == {0o600}
    assert unnamed(trained)


def test_what_cannot_be_read_is_refused(host: Path, sealscrub: Run) -> None:
    Path("link.model").write_text(linkage.starting_model().to_json().replace('"version":1', '"version":2'))
    other = linked(sealscrub)
    assert (other.code, "unsupported version" in other.err) == (2, True)
    Path("link.model").write_text("{}")
    assert linked(sealscrub).code in (2, 3)
    generate_keys("new.key")
    moved = sealscrub(*RUN, "--annex-key", "new.key.annex", "--review", "review.csv")
    assert (moved.code, unnamed(moved), Path("review.csv").exists()) == (3, True, False)
    Path("vendor.linkin").write_bytes(b"other")
    assert linked(sealscrub).code == 3
    assert sealscrub("link", "decide", "seals.db", "absent.csv").code == 2
    bound = sealscrub("link", "bound", "seals.db", "x", "--namespace", "v", "--annex-key", "seal.key.annex")
    assert bound.code == 2


def test_files_that_are_overdue(host: Path, sealscrub: Run) -> None:
    linked(sealscrub)
    fresh = sealscrub("link", "status", ".")
    assert (fresh.code, fresh.out.count("extract"), fresh.out.count("review.csv")) == (0, 1, 1)
    spilled = host / "sealscrub-x" / "duckdb_temp_1_0_storage_S32K-0.tmp"
    spilled.parent.mkdir()
    spilled.write_bytes(b"Kelmagnat")
    left = sealscrub("link", "status", "vendor.linkin")
    assert (left.code, left.out.count("spill"), unnamed(left)) == (0, 1, True)
    os.utime(spilled, (0, 0))
    assert sealscrub("link", "status", "vendor.linkin").code == 1
    spilled.unlink()
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=90)
    os.utime("vendor.linkin", (later.timestamp(), later.timestamp()))
    (held,) = held_files(["vendor.linkin"])
    assert abs((held.since - dt.datetime.now(dt.UTC).date()).days) <= 1
    assert sealscrub("link", "status", "vendor.linkin", "--days", "0").code == 0
    os.utime("vendor.linkin", (0, 0))
    assert sealscrub("link", "status", ".").code == 1
    assert sealscrub("link", "status", ".", "--days", "100000").code == 0
    assert sealscrub("link", "status", "absent").code == 2


def test_a_drill_says_how_many_copies_are_found(host: Path, sealscrub: Run) -> None:
    drill = ("link", "drill", "seals.db", "--link-model", "link.model")

    whole = sealscrub(*drill, "--level", "0")
    assert whole.code == 0, whole
    assert "Copies 2 Sealed 2" in spaced(whole.out)
    strict = (
        linkage.starting_model()
        .to_json()
        .replace('"lower":-1.0', '"lower":900.0')
        .replace('"upper":5.0', '"upper":900.0')
    )
    Path("link.model").write_text(strict)
    missed = sealscrub(*drill, "--level", "0")
    assert (missed.code, "Found 0%" in spaced(missed.out)) == (1, True)
    listed = json.loads(sealscrub(*drill, "--level", "0", "--format", "json").out)
    assert listed | {"found": 0.0, "passed": False, "copies": 2} == listed
    assert not any(name in whole.out + missed.out + missed.err for name in NAMES)


def test_a_drill_needs_names(host: Path, sealscrub: Run) -> None:
    assert sealscrub("registry", "init", "bare.db").code == 0

    refused = sealscrub("link", "drill", "bare.db", "--link-model", "link.model")

    assert refused.code == 2
    assert "last_name" in refused.err


def changed(file: str, **cells: Callable[[str], str]) -> None:
    with Path(file).open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    with Path(file).open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {name: how(row[name]) for name, how in cells.items()} for row in rows)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(
    "cells",
    [
        {"row": lambda row: "c"},
        {"row": lambda row: row + "0"},
        {"seal": lambda seal: "S1"},
        {"namespace": lambda name: "other"},
        {"namespace": lambda name: ""},
        {"model": lambda name: " "},
    ],
)
@pytest.mark.parametrize("word", ["same", "not"])
def test_a_pair_that_nobody_proposed_is_not_decided(
    host: Path, sealscrub: Run, cells: dict[str, Callable[[str], str]], word: str
) -> None:
    linked(sealscrub)
    before = bands()
    answer("review.csv", lambda row: word)
    changed("review.csv", **cells)

    ended = sealscrub("link", "decide", "seals.db", "review.csv")

    assert ended.code == 2, ended
    assert unnamed(ended)
    assert bands() == before
    with Registry.open("seals.db") as registry:
        assert len(registry.links()) == len(before)


def test_a_pair_is_decided_again_though_its_link_has_ended(host: Path, sealscrub: Run) -> None:
    linked(sealscrub)
    answer("review.csv", lambda row: "not")
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    answer("review.csv", lambda row: "cannot tell")
    unsure = sealscrub("link", "decide", "seals.db", "review.csv")
    assert "withheld still: 0" in unsure.err
    assert "1 pair without a decision in this file" in unsure.err
    answer("review.csv", lambda row: "same")
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    assert bands()["S2", "b"] == "sealed"


RUN = ("link", "run", "seals.db", "vendor.linkin", "--namespace", "vendor", "--link-model", "link.model")
OPENS = ("--annex-key", "seal.key.annex")
EXTRACT = ("--row-id", "ID", "--last", "L", "--recipient", "seal.key.pub")
DRAW = ("link", "bound", "seals.db", "vendor.linkin", "--namespace", "vendor", "--link-model", "link.model")


@pytest.mark.parametrize(
    ("command", "target"),
    [
        *(
            ((*RUN, *OPENS, "--review"), target)
            for target in ("seals.db", "vendor.linkin", "link.model", "seal.key", "alias.csv", "nodir/r.csv", "folder")
        ),
        *((("link", "train", "seals.db", "vendor.linkin", *OPENS, "-o"), target) for target in ("seals.db", "no/m")),
        *(
            ((*DRAW, *OPENS, "--sample", "2", "-o"), target)
            for target in ("seals.db", "vendor.linkin", "link.model", "nodir/s.csv")
        ),
        *(
            (("link", "extract", "vendor.parquet", *EXTRACT, "-o"), target)
            for target in ("vendor.parquet", "seals.db", "seal.key.pub", "nodir/v.linkin")
        ),
        (("link", "extract", "folder", *EXTRACT, "-o"), "folder/vendor.linkin"),
    ],
)
def test_no_output_replaces_what_is_read_and_nothing_is_recorded_before(
    host: Path, sealscrub: Run, command: tuple[str, ...], target: str
) -> None:
    Path("folder").mkdir()
    ROWS.write_parquet("folder/vendor.parquet")
    Path("alias.csv").symlink_to("notices.csv")

    def held() -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in host.rglob("*") if file.is_file()}

    before = held()
    ended = sealscrub(*command, target)
    assert ended.code in (2, 3), ended
    assert unnamed(ended)
    assert held() == before


def test_a_sample_is_decided_whole(host: Path, sealscrub: Run) -> None:
    linked(sealscrub)
    drawn = sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv")
    assert drawn.code == 0, drawn
    answer("sample.csv", lambda row: "same" if row["row"] == "a" and row["seal"] == "S1" else "not")
    head, *lines = Path("sample.csv").read_text().splitlines()
    decide = ("link", "bound", "seals.db", "--namespace", "vendor", "--decided", "sample.csv")

    for content in (
        [head, *(line for line in lines if ",S1," in line)],
        [head, *(line.replace(",S2,", ",S3,") for line in lines)],
        [head],
        [head.replace("drawn", "other"), *lines],
    ):
        Path("sample.csv").write_text("\n".join(content) + "\n")
        ended = sealscrub(*decide)
        assert ended.code == 2, ended
        assert unnamed(ended)
    Path("sample.csv").write_text("\n".join([head, *reversed(lines)]) + "\n")
    assert "1 of 2" in sealscrub(*decide).out


def test_a_sample_is_drawn_of_every_seal_in_force(host: Path, sealscrub: Run) -> None:
    Path("bare.csv").write_text(
        "seal_id,event,regime,effective_from,docket\nS3,sealed,us-ny/cpl-160.50,2020-03-01,2019KN000003\n"
    )
    assert sealscrub("registry", "add", "seals.db", "bare.csv").code == 0
    assert linked(sealscrub).code == 0
    assert sealscrub(*DRAW, *OPENS, "--sample", "9", "-o", "sample.csv").code == 0
    answer("sample.csv", lambda row: "not")
    bound = sealscrub("link", "bound", "seals.db", "--namespace", "vendor", "--decided", "sample.csv")
    assert "0 of 3" in bound.out
    assert sealscrub("registry", "init", "bare.db").code == 0
    nobody = sealscrub(
        *("link", "bound", "bare.db", "vendor.linkin", "--namespace", "vendor", "--link-model", "link.model"),
        *(*OPENS, "--sample", "9", "-o", "other.csv"),
    )
    assert (nobody.code, "no seal is in force" in nobody.err) == (2, True)


@pytest.mark.parametrize("named", ["*.parquet", ".", "other.db#rows"])
def test_an_extract_does_not_replace_what_a_pattern_a_folder_or_an_address_reads(
    named: str, host: Path, sealscrub: Run
) -> None:
    with sqlite3.connect("other.db") as database:
        database.execute("create table rows (ID text, L text)")
        database.execute("insert into rows values ('a', 'Kelmagnat')")
    target = "other.db" if "#" in named else "vendor.parquet"
    before = Path(target).read_bytes()
    words = ["--row-id", "ID", "--last", "L", "--recipient", "seal.key.pub", "-o", target]

    ended = sealscrub("link", "extract", named, *words)

    assert ended.code in (2, 3)
    assert Path(target).read_bytes() == before


def test_recall_is_printed_by_what_the_source_states(host: Path, sealscrub: Run) -> None:
    head = NOTICES.splitlines()[0]
    people = [
        (
            f"S{at}",
            f"{'KELMAGANT'[at % 5 :]}{chr(65 + at)}AN",
            f"19{70 + at}-03-0{1 + at % 9}",
            f"2019-0{1 + at % 9}-1{at % 9}",
        )
        for at in range(24)
    ]
    notices = [
        f"{seal},sealed,us-ny/cpl-160.50,2020-03-01,2019KN0001{at:02},{last},BELORA,{born},{day},"
        for at, (seal, last, born, day) in enumerate(people)
    ]
    Path("many.csv").write_text("\n".join([head, *notices]) + "\n")
    assert sealscrub("registry", "init", "many.db").code == 0
    assert sealscrub("registry", "add", "many.db", "many.csv").code == 0
    rows = pl.DataFrame(people, schema=["ID", "L", "DOB", "D"], orient="row").with_columns(
        ID=pl.lit("r") + pl.col("ID"),
        F=pl.lit("Belora"),
        SEX=pl.Series(["F" if at < 12 else "M" for at in range(24)]),
        RACE=pl.Series(["Q" if at < 3 else "P" for at in range(24)]),
    )
    rows.write_parquet("many.parquet")
    columns = ["--row-id", "ID", "--last", "L", "--first", "F", "--birth", "DOB", "--arrest-date", "D"]
    out = ["--sex", "SEX", "--race", "RACE", "-o", "many.linkin", "--recipient", "seal.key.pub"]
    assert sealscrub("link", "extract", "many.parquet", *columns, *out).code == 0
    about = ("--namespace", "vendor", "--link-model", "link.model", *OPENS)
    assert sealscrub("link", "run", "many.db", "many.linkin", *about, "--review", "review.csv").code == 0
    assert sealscrub("link", "bound", "many.db", "many.linkin", *about, "--sample", "24", "-o", "sample.csv").code == 0
    answer("sample.csv", lambda row: "same" if row["row"] == f"r{row['seal']}" else "not")
    origins = "\n".join(["seal_id,name_origin", *(f"S{at},{'east' if at % 2 else 'west'}" for at in range(24))])
    Path("origins.csv").write_text(origins + "\n")
    decide = ("link", "bound", "many.db", "--namespace", "vendor", "--decided", "sample.csv")

    few = sealscrub(*decide, "--groups", "origins.csv", "--least-group", "10")
    assert few.code == 0, few
    assert {"By sex", "By race", "By name_origin"} <= set(few.out.splitlines())
    assert "  F      100%" in few.out
    listed = json.loads(sealscrub(*decide, "--groups", "origins.csv", "--least-group", "10", "--format", "json").out)
    assert {each["group"] for each in listed["groups"]} == {"F", "M", "P", "east", "west"}
    assert (listed["found"], listed["of"], listed["groups"][0]["recall"]) == (24, 24, 1.0)
    for name in ("seal", "seals", "recall", "row", "group", "found"):
        Path("origins.csv").write_text(origins.replace("name_origin", name) + "\n")
        other = sealscrub(*decide, "--groups", "origins.csv", "--least-group", "10")
        assert (other.code, f"By {name}" in other.out.splitlines()) == (0, True), other
    usual = sealscrub(*decide)
    assert (usual.code, "  F" in usual.out, "name_origin" in usual.out) == (0, False, False)
    assert sealscrub(*decide, "--least-group", "9").code == 2
    assert sealscrub(*decide, "--groups", "many.parquet").code == 2


def added(namespace: str = "vendor") -> dict[tuple[str, str], str]:
    with Registry.open("seals.db") as registry:
        return {(seal, row): known for _, seal, row, known in registry.known_pairs(namespace).rows()}


def test_known_pairs_measure_the_clerk_and_are_never_linked(host: Path, sealscrub: Run) -> None:
    done = linked(sealscrub, "--seed-known", "2")
    assert done.code == 0, done
    known = added()
    assert sorted(known.values()) == ["not", "same"]
    lines = pl.read_csv("review.csv", infer_schema=False)
    assert len(lines) == 3
    assert lines.select("seal", "row").rows() != []
    assert not {row for _, row in known} & set(ROWS["ID"])
    before = bands()

    answer("review.csv", lambda row: "same")
    decided = sealscrub("link", "decide", "seals.db", "review.csv")

    assert decided.code == 0, decided
    assert unnamed(decided)
    assert (
        "of 1 that are the same, 0 called not; of 1 that are not, 1 called the same; 0 without a decision"
        in decided.err
    )
    assert bands() == before | {("S2", "b"): "sealed"}
    with Registry.open("seals.db") as registry:
        assert not set(known) & set(registry.proposed_pairs("vendor").select("seal", "row").rows())
    answer("review.csv", lambda row: "not" if (row["seal"], row["row"]) in known else "same")
    other = sealscrub("link", "decide", "seals.db", "review.csv")
    assert "of 1 that are the same, 1 called not; of 1 that are not, 0 called the same" in other.err
    assert bands() == before | {("S2", "b"): "sealed"}


def test_a_bound_is_lower_where_the_clerk_calls_wrong_rows_the_same(host: Path, sealscrub: Run) -> None:
    linked(sealscrub)
    drawn = sealscrub(*DRAW, *OPENS, "--sample", "2", "--seed-known", "2", "-o", "sample.csv")
    assert drawn.code == 0, drawn
    assert set(added().values()) == {"not"}
    truth = {("S1", "a"), ("S2", "b")}
    decide = ("link", "bound", "seals.db", "--namespace", "vendor", "--decided", "sample.csv")

    answer("sample.csv", lambda row: "same" if (row["seal"], row["row"]) in truth else "not")
    careful = sealscrub(*decide)
    assert careful.code == 0, careful
    assert "of 2 that are not, 0 called the same" in spaced(careful.out)
    Path("again.csv").write_text(Path("sample.csv").read_text())
    answer("sample.csv", lambda row: "same")
    careless = sealscrub(*decide)
    assert "of 2 that are not, 2 called the same" in spaced(careless.out)
    assert "At least 0%" in spaced(careless.out)
    assert "Found 0 of 2" in spaced(sealscrub(*decide, "--second-reading", "again.csv").out)
    answer("sample.csv", lambda row: "same" if (row["seal"], row["row"]) in truth else "not")
    assert "Found 2 of 2" in spaced(sealscrub(*decide, "--second-reading", "again.csv").out)
    answer("again.csv", lambda row: "not")
    apart = sealscrub(*decide, "--second-reading", "again.csv")
    assert "Found 0 of 2" in spaced(apart.out)
    head, *lines = Path("sample.csv").read_text().splitlines()
    kept = [line for line in lines if not any(f",{row}," in line for _, row in added())]
    Path("sample.csv").write_text("\n".join([head, *kept]) + "\n")
    missing = sealscrub(*decide)
    assert (missing.code, "were drawn" in missing.err, unnamed(missing)) == (2, True, True)


@pytest.mark.parametrize(
    "command", [(*RUN, *OPENS, "--review", "r.csv"), (*DRAW, *OPENS, "--sample", "2", "-o", "s.csv")]
)
def test_known_pairs_are_two_or_more(host: Path, sealscrub: Run, command: tuple[str, ...]) -> None:
    assert linked(sealscrub).code == 0
    refused = sealscrub(*command, "--seed-known", "1")
    assert (refused.code, "--seed-known" in refused.err, added()) == (2, True, {})


def reused() -> pl.DataFrame:
    """The rows, of which ``a`` is the id of another arrest now."""
    other = {"L": "Marsh", "F": "Tessa", "DOB": "1970-02-02", "D": "2021-05-06", "C": "ASSAULT"}
    return ROWS.with_columns(
        pl.when(pl.col("ID") == "a").then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in other.items()
    )


@pytest.mark.parametrize("older", [True, False])
def test_a_link_to_an_id_that_names_another_arrest_now_is_withheld(host: Path, sealscrub: Run, older: bool) -> None:
    assert linked(sealscrub).code == 0
    Path("vendor.linkin").rename("older.linkin")
    extracted(sealscrub, reused(), "vendor.linkin")

    done = linked(sealscrub, *(("--older", "older.linkin") if older else ()))

    assert done.code == 0, done
    assert unnamed(done)
    assert "Not found any more, and in the review: 1 link," in done.err
    assert bands() == {("S1", "a"): "withheld", ("S2", "b"): "withheld"}
    assert "Not found any more" not in linked(sealscrub).err
    answer("review.csv", lambda row: "not" if row["row"] == "a" else "same")
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    assert bands() == {("S2", "b"): "sealed"}


def test_a_clerk_sees_again_a_pair_whose_row_says_something_else(host: Path, sealscrub: Run) -> None:
    assert linked(sealscrub).code == 0
    answer("review.csv", lambda row: "same")
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    Path("review.csv").unlink()
    Path("vendor.linkin").rename("older.linkin")
    extracted(sealscrub, ROWS.with_columns(D=pl.lit("2001-01-01")), "vendor.linkin")

    done = linked(sealscrub, "--older", "older.linkin")

    assert "Not found any more, and in the review: 2 links," in done.err
    assert bands() == {("S1", "a"): "withheld", ("S2", "b"): "sealed"}
    assert set(pl.read_csv("review.csv", infer_schema=False)["row"]) == {"a", "b"}


@pytest.mark.parametrize("word", ["not", "same", "cannot tell"])
def test_a_review_that_was_written_before_the_newest_run_is_not_decided(host: Path, sealscrub: Run, word: str) -> None:
    assert linked(sealscrub).code == 0
    Path("review.csv").rename("stale.csv")
    answer("stale.csv", lambda row: word)
    stale = Path("stale.csv").read_text()
    assert linked(sealscrub).code == 0
    extracted(sealscrub, ROWS.with_columns(F=pl.lit("TADEK")), "vendor.linkin")
    assert linked(sealscrub).code == 0
    before, newest = bands(), Path("review.csv").read_text()

    head = stale.splitlines()[0]
    for content in (stale, stale.replace("run epoch", "other"), stale.replace(stale.rsplit(",", 1)[1], "x")):
        Path("stale.csv").write_text(content)
        refused = sealscrub("link", "decide", "seals.db", "stale.csv")
        assert (refused.code, "newest run" in refused.err, unnamed(refused)) == (2, True, True), refused
        assert bands() == before
    assert head.endswith(",run epoch")
    assert newest.splitlines()[1].rsplit(",", 1)[1] != stale.splitlines()[1].rsplit(",", 1)[1]
    answer("review.csv", lambda row: word)
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0


def test_the_same_run_again_leaves_its_review_to_be_decided(host: Path, sealscrub: Run) -> None:
    assert linked(sealscrub).code == 0
    Path("review.csv").rename("first.csv")
    assert linked(sealscrub).code == 0
    answer("first.csv", lambda row: "same")
    assert sealscrub("link", "decide", "seals.db", "first.csv").code == 0
    assert bands()["S2", "b"] == "sealed"


@pytest.mark.parametrize("older", [True, False])
def test_a_row_that_was_called_different_and_names_the_sealed_arrest_now_is_withheld(
    host: Path, sealscrub: Run, older: bool
) -> None:
    assert linked(sealscrub).code == 0
    answer("review.csv", lambda row: "not")
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    Path("review.csv").unlink()
    Path("vendor.linkin").rename("older.linkin")
    whole = {"F": "TADEK", "DOB": "1990-01-15", "C": "ASSAULT"}
    now = [pl.when(ID="b").then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in whole.items()]
    extracted(sealscrub, ROWS.with_columns(now), "vendor.linkin")

    for said in ("in the review again: 1 pair,", "New: 0."):
        done = linked(sealscrub, *(("--older", "older.linkin") if older else ()))
        assert (done.code, said in done.err, unnamed(done)) == (0, True, True), done
        assert bands() == {("S1", "a"): "sealed", ("S2", "b"): "withheld"}
        assert pl.read_csv("review.csv", infer_schema=False)["row"].to_list() == ["b"]


def test_a_clerk_sees_that_a_row_may_be_of_other_seals_and_every_pair_alone(host: Path, sealscrub: Run) -> None:
    brother = NOTICES.splitlines(keepends=True)[2].replace("S2", "S3").replace("0002", "0003").replace("TADEK", "TOREN")
    Path("more.csv").write_text(NOTICES.splitlines(keepends=True)[0] + brother)
    assert sealscrub("registry", "add", "seals.db", "more.csv").code == 0

    assert linked(sealscrub).code == 0
    review = pl.read_csv("review.csv", infer_schema=False)
    assert review.select("seal", "row", "other seals").sort("seal").rows() == [("S2", "b", "1"), ("S3", "b", "1")]
    answer("review.csv", lambda row: "same")
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    assert bands()["S2", "b"] == bands()["S3", "b"] == "sealed"


def test_the_hint_about_other_seals_does_not_tell_which_pairs_are_known(host: Path, sealscrub: Run) -> None:
    assert linked(sealscrub).code == 0
    assert "other seals" not in pl.read_csv("review.csv").columns
    brother = NOTICES.splitlines(keepends=True)[2].replace("S2", "S3").replace("0002", "0003").replace("TADEK", "TOREN")
    Path("more.csv").write_text(NOTICES.splitlines(keepends=True)[0] + brother)
    assert sealscrub("registry", "add", "seals.db", "more.csv").code == 0
    assert linked(sealscrub, "--seed-known", "2").code == 0
    assert "other seals" not in pl.read_csv("review.csv").columns


def test_what_stays_is_the_same_bytes_as_if_the_sealed_rows_had_never_been_linked(host: Path, sealscrub: Run) -> None:
    near = [
        ("d", "Kelmagant", "Belora", "1984-07-31", "2021-08-01", "ASSAULT"),
        ("e", "QUORVIN", "T", None, None, None),
    ]
    whole = pl.concat([ROWS, pl.DataFrame(near, schema=ROWS.schema, orient="row")])
    clean = []
    for at, rows in enumerate((whole, whole.filter(pl.col("ID") != "a"))):
        Path(f"{at}").mkdir()
        Path("seals.db").rename(f"{at}/seals.db")
        extracted(sealscrub, rows, "vendor.linkin")
        about = ("--namespace", "vendor", "--link-model", "link.model", *OPENS, "--review", f"{at}/review.csv")
        assert sealscrub("link", "run", f"{at}/seals.db", "vendor.linkin", *about).code == 0
        out = ("-o", f"{at}/x.sealindex", "--use", "training", "--audience", "police", "--key-file", "seal.key")
        assert sealscrub("publish", f"{at}/seals.db", *out).code == 0
        rows.write_csv(f"{at}/rows.csv")
        on = ("--index", f"{at}/x.sealindex", "--key-file", "seal.key", "--on", "opaque:vendor=ID")
        scrubbed = sealscrub("scrub", f"{at}/rows.csv", *on, "-o", f"{at}/clean.csv")
        assert scrubbed.code == 0, scrubbed
        clean.append(Path(f"{at}/clean.csv").read_bytes())
        assert sealscrub("registry", "init", "seals.db").code == 0
        assert sealscrub("registry", "add", "seals.db", "notices.csv").code == 0

    assert clean[0] == clean[1]
    assert pl.read_csv("0/clean.csv")["ID"].to_list() == ["c", "d", "e"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="modes say nothing about accounts here")
def test_a_folder_into_which_others_may_put_files_is_warned_of(host: Path, sealscrub: Run) -> None:
    host.chmod(0o777)
    extract = ("link", "extract", "vendor.parquet", *EXTRACT, "-o", "again.linkin")
    assert "other accounts" not in sealscrub("link", "status", "link.model").err
    told = [sealscrub(*extract), linked(sealscrub), sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv")]
    listed = sealscrub("link", "status", ".")
    host.chmod(0o700)

    assert [(done.code, "chmod 700" in done.err) for done in told] == [(0, True)] * 3, told
    assert (listed.code, "Keep lists of names private" in listed.out) == (0, True), listed
    assert "Keep lists of names private" not in sealscrub("link", "status", ".").out
    Path("sample.csv").unlink()
    assert "chmod 700" not in sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv").err
