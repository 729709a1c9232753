"""A bound is of the seals and the links that were there when its sample was drawn."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from sealscrub.custodian.custody import account
from sealscrub.custodian.linkage import starting_model
from sealscrub.custodian.registry import Registry
from sealscrub.index import open_index

from .test_link import (
    DRAW,
    NOTICES,
    OPENS,
    ROWS,
    RUN,
    Run,
    answer,
    bands,
    extracted,
    host,
    linked,
    made_host,
    spaced,
    unnamed,
)

__all__ = ["host", "made_host"]
TRUTH = {("S1", "a"), ("S2", "b")}
DECIDE = ("link", "bound", "seals.db", "--namespace", "vendor", "--decided", "sample.csv")
PUBLISH = ("publish", "seals.db", "-o", "x.sealindex", "--use", "training", "--audience", "police")


def a_new_seal(sealscrub: Run) -> None:
    Path("late.csv").write_text(NOTICES.splitlines(keepends=True)[0] + NOTICES.splitlines()[2].replace("S2", "S3"))
    assert sealscrub("registry", "add", "seals.db", "late.csv").code == 0


def a_link_ends(sealscrub: Run) -> None:
    answer("review.csv", lambda row: "not")
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0


def the_same_notices(sealscrub: Run) -> None:
    assert sealscrub("registry", "add", "seals.db", "notices.csv").code == 0


def a_link_is_sure(sealscrub: Run) -> None:
    answer("review.csv", lambda row: "same")
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0


@pytest.mark.parametrize(
    ("meanwhile", "holds"),
    [(a_new_seal, False), (a_link_ends, False), (the_same_notices, True), (a_link_is_sure, True)],
)
def test_a_bound_holds_only_for_the_seals_and_links_of_the_draw(
    host: Path, sealscrub: Run, meanwhile: Callable[[Run], None], holds: bool
) -> None:
    assert linked(sealscrub).code == 0
    assert sealscrub(*DRAW, *OPENS, "--sample", "2", "--seed-known", "2", "-o", "sample.csv").code == 0
    meanwhile(sealscrub)
    answer("sample.csv", lambda row: "same" if (row["seal"], row["row"]) in TRUTH else "not")

    decided = sealscrub(*DECIDE)
    published = sealscrub(*PUBLISH, "--key-file", "seal.key")

    assert (decided.code, published.code) == (0 if holds else 2, 0), decided.err
    assert ("since it was drawn" in decided.err) is not holds
    assert (open_index("x.sealindex", "seal.key").linked["opaque:vendor"] is not None) is holds


def test_a_link_made_after_the_draw_is_not_found(host: Path, sealscrub: Run) -> None:
    model = Path("link.model").read_text()
    Path("link.model").write_text(replace(starting_model(), lower=900.0, upper=900.0).to_json())
    assert linked(sealscrub).code == 0
    Path("link.model").write_text(model)
    assert sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv").code == 0
    assert sealscrub(*RUN, *OPENS, "--review", "review.csv").code == 0
    assert len(bands()) == 2
    answer("sample.csv", lambda row: "same" if (row["seal"], row["row"]) in TRUTH else "not")

    assert "0 of 2" in sealscrub(*DECIDE).out


def test_a_sample_says_when_it_was_drawn(host: Path, sealscrub: Run) -> None:
    assert linked(sealscrub).code == 0
    assert sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv").code == 0
    answer("sample.csv", lambda row: "not")
    text = Path("sample.csv").read_text()
    for other in ("7", "", "x", "-1"):
        lines = [line.rsplit(",", 1)[0] + f",{other}" for line in text.splitlines()[1:]]
        Path("sample.csv").write_text("\n".join([text.splitlines()[0], *lines]) + "\n")
        refused = sealscrub(*DECIDE)
        assert (refused.code, "did not draw" in refused.err) == (2, True), refused.err


def test_seals_with_a_known_pair_have_as_many_rows_as_others(host: Path, sealscrub: Run) -> None:
    assert linked(sealscrub).code == 0
    assert sealscrub(*DRAW, *OPENS, "--sample", "2", "--seed-known", "2", "-o", "sample.csv").code == 0
    sample = pl.read_csv("sample.csv", infer_schema=False)

    assert sample.group_by("seal").len()["len"].unique().to_list() == [3]
    answer("sample.csv", lambda row: "not" if row["row"] in ("a", "b", "c") else "")
    refused = sealscrub(*DECIDE)
    assert (refused.code, "cannot be measured" in refused.err) == (2, True), refused.err


def test_no_weight_tells_the_known_pairs_of_a_review(host: Path, sealscrub: Run) -> None:
    assert linked(sealscrub, "--seed-known", "2").code == 0
    weights = pl.read_csv("review.csv", schema_overrides={"weight": pl.Float64})["weight"]
    model = starting_model()

    assert len(weights) == 3
    assert weights.null_count() == 3 or weights.is_between(model.lower, model.upper).all()
    answer("review.csv", lambda row: "same")
    assert sealscrub("link", "decide", "seals.db", "review.csv").code == 0
    with Registry.open("seals.db") as registry:
        assert registry.links("vendor")["weight"].null_count() == 0


@pytest.mark.parametrize(
    ("word", "again", "found"),
    [("not", "not", 2), ("", "", 1), ("cannot tell", "", 1), ("same", "", 1), ("not", "cannot tell", 1)],
)
def test_a_seal_with_a_row_that_is_not_linked_is_found_only_if_the_row_is_called_different(
    host: Path, sealscrub: Run, word: str, again: str, found: int
) -> None:
    assert linked(sealscrub).code == 0
    assert sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv").code == 0
    whole = Path("sample.csv").read_text()
    for file, said in {"sample.csv": word, "again.csv": again}.items():
        Path(file).write_text(whole)
        special = {("S2", "c"): said} | dict.fromkeys(TRUTH, "same")
        answer(file, lambda row, told=special: told.get((row["seal"], row["row"]), "not"))

    assert f"{found} of 2" in sealscrub(*DECIDE, "--second-reading", "again.csv").out
    assert f"{2 if word == 'not' else 1} of 2" in sealscrub(*DECIDE).out


def test_a_sample_that_lacks_a_line_is_refused(host: Path, sealscrub: Run) -> None:
    assert linked(sealscrub).code == 0
    assert sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv").code == 0
    answer("sample.csv", lambda row: "same" if (row["seal"], row["row"]) in TRUTH else "not")
    lines = Path("sample.csv").read_text().splitlines()
    Path("sample.csv").write_text("\n".join(line for line in lines if ",S2,c," not in line) + "\n")

    refused = sealscrub(*DECIDE)

    assert (refused.code, "were drawn" in refused.err) == (2, True), refused


def test_every_draw_has_a_seed_of_its_own_that_draws_the_same_again(host: Path, sealscrub: Run) -> None:
    head, line = NOTICES.splitlines()[0], NOTICES.splitlines()[2]
    more = [line.replace("S2", f"S{at}").replace("000002", f"0001{at}") for at in range(10, 60)]
    Path("more.csv").write_text("\n".join([head, *more]) + "\n")
    assert sealscrub("registry", "add", "seals.db", "more.csv").code == 0
    assert linked(sealscrub).code == 0

    def drawn(*seed: str) -> tuple[str, list[str]]:
        Path("sample.csv").unlink(missing_ok=True)
        done = sealscrub(*DRAW, *OPENS, "--sample", "20", *seed, "-o", "sample.csv")
        assert done.code == 0, done
        seals = pl.read_csv("sample.csv", infer_schema=False)["seal"].unique().sort().to_list()
        return done.err.split("Drawn with --seed ")[1].split()[0], seals

    (one, of_one), (other, of_other) = drawn(), drawn()

    assert one != other
    assert of_one != of_other
    assert drawn("--seed", one) == (one, of_one)


def draws() -> list[tuple[object, ...]]:
    with closing(sqlite3.connect("seals.db")) as database:
        return database.execute("SELECT seed, who, frame, framed, in_force, sampled FROM link_draws").fetchall()


def test_a_draw_from_an_extract_that_was_not_linked_last_is_refused(host: Path, sealscrub: Run) -> None:
    never = sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv")
    Path("vendor.linkin").rename("older.linkin")
    extracted(sealscrub, ROWS[:2], "vendor.linkin")
    assert linked(sealscrub).code == 0
    Path("vendor.linkin").rename("newer.linkin")
    Path("older.linkin").rename("vendor.linkin")
    other = sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv")
    elsewhere = sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv", "--namespace", "other")

    for refused in (never, other, elsewhere):
        assert (refused.code, "not of this extract" in refused.err, unnamed(refused)) == (2, True, True), refused
    assert draws() == []
    assert not Path("sample.csv").exists()
    assert linked(sealscrub).code == 0
    assert sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv").code == 0


def test_every_draw_is_recorded_and_a_bound_says_how_many_there_were_and_from_which_seals(
    host: Path, sealscrub: Run
) -> None:
    assert linked(sealscrub).code == 0
    Path("frame.csv").write_text("seal_id\nS2\n")
    for more in ((), ("--seed", "8", "--frame", "frame.csv")):
        drawn = sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv", *more)
        assert drawn.code == 0, drawn
    assert "Samples drawn for this system so far: 2." in drawn.err
    answer("sample.csv", lambda row: "same" if (row["seal"], row["row"]) in TRUTH else "not")
    told = spaced(sealscrub(*DECIDE).out)
    assert sealscrub(*PUBLISH, "--key-file", "seal.key").code == 0
    bound = open_index("x.sealindex", "seal.key").linked["opaque:vendor"]

    listed = "seals that the custodian listed, drawn by a seed that was chosen"
    (seed, *first), second = draws()
    assert (str(seed).isdigit(), first) == (True, [account(), "all seals in force", 2, 2, 2])
    assert second == ("8", account(), listed, 1, 2, 1)
    assert "Drawn from a list of 1 seal; 2 were in force on" in told
    assert "the seed was chosen" in told
    assert "Samples drawn 2" in told
    assert bound is not None
    assert (bound.draws, bound.frame) == (2, listed)
    assert f"({listed})" in bound.in_words
    assert "of 2 samples that were drawn" in bound.in_words


def test_a_bound_with_little_confidence_says_that_no_gate_takes_it(host: Path, sealscrub: Run) -> None:
    assert linked(sealscrub).code == 0
    assert sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv").code == 0
    answer("sample.csv", lambda row: "same" if (row["seal"], row["row"]) in TRUTH else "not")

    said = {alpha: spaced(sealscrub(*DECIDE, "--alpha", alpha).out) for alpha in ("0.01", "0.05", "0.999")}

    assert [alpha for alpha, text in said.items() if "satisfies no --min-recall" in text] == ["0.999"]
    assert "At least 99.9%" in said["0.999"]


def test_a_sample_of_another_registry_is_refused_whatever_it_says(host: Path, sealscrub: Run) -> None:
    assert linked(sealscrub).code == 0
    assert sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv").code == 0
    sample = pl.read_csv("sample.csv", infer_schema=False)
    kept = sample.filter(pl.col("seal") == "S1").with_columns(answer=pl.lit("same"))
    kept.write_csv("sample.csv")

    refused = sealscrub(*DECIDE)

    assert (refused.code, "were drawn" in refused.err, unnamed(refused)) == (2, True, True), refused
    assert not any(len(cell) == 64 for name in sample.columns if name != "model" for cell in sample[name].drop_nulls())


def test_a_system_without_a_sealed_row_is_scrubbed_as_if_it_had_one(host: Path, sealscrub: Run) -> None:
    """What is linked and removed from a table leaves a table that ends in the same way, and is not a wrong use."""
    cleaned = []
    for rows in (ROWS, ROWS.filter(ID="c")):
        extracted(sealscrub, rows, "vendor.linkin")
        Path("review.csv").unlink(missing_ok=True)
        for name in ("seals.db", "x.sealindex"):
            Path(name).unlink(missing_ok=True)
        assert sealscrub("registry", "init", "seals.db").code == 0
        assert sealscrub("registry", "add", "seals.db", "notices.csv").code == 0
        assert linked(sealscrub).code == 0
        assert sealscrub(*PUBLISH, "--key-file", "seal.key").code == 0
        rows.write_csv("rows.csv")
        scrub = ("scrub", "rows.csv", "--index", "x.sealindex", "--key-file", "seal.key", "--on", "opaque:vendor=ID")
        ended = sealscrub(*scrub, "-o", "clean.csv")
        assert ended.code == 0, ended.err
        assert "not known" in spaced(ended.out)
        cleaned.append(Path("clean.csv").read_bytes())
        Path("clean.csv").unlink()

    assert cleaned[0] == cleaned[1]
