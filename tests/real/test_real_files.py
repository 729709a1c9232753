"""The main job on real public police files: notices into a registry, an index out, and the files scrubbed by it.

A fixed tenth of the ids counts as sealed. What the tool leaves is compared with what a few lines of plain Python or
pandas leave: byte for byte where the file is text. Nothing of the files is committed, and nothing of them is printed:
only digests, counts and verdicts are ever asserted.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from sealscrub.cli import run

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not os.environ.get("SEALSCRUB_REAL_DATA"), reason="SEALSCRUB_REAL_DATA names no folder of real files"
    ),
]

SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda number: number.lower(),
    lambda number: f"{number[0]}-{number[1:3]}-{number[3:]}",
    lambda number: f" {number[0]} {number[1:3]} {number[3:]} ",
    lambda number: f"Arrest No. {number}",
    lambda number: f"{number[0]}20{number[1:]}",
)


def real(name: str) -> Path:
    path = Path(os.environ["SEALSCRUB_REAL_DATA"]) / name
    if not path.is_file():
        pytest.skip(f"{name} is not among the real files")
    return path


def a_tenth(ids: Iterable[str]) -> list[str]:
    """The same tenth of the distinct ids every time."""
    distinct = sorted(set(ids))
    return random.Random(160).sample(distinct, len(distinct) // 10)


@dataclass(frozen=True)
class Custodian:
    """Notices into a registry and an index out, by the command line."""

    folder: Path

    @property
    def seen(self) -> list[str]:
        return ["--index", str(self.folder / "training.sealindex"), "--key-file", str(self.folder / "seal.key")]

    def publish(self, scheme: str, sealed: Collection[str]) -> list[str]:
        """Register a notice for each id in a column that is called as the scheme; give the options of a scan."""
        place, notices = str(self.folder / "seals.db"), self.folder / "notices.csv"
        with notices.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["seal_id", "event", "regime", "effective_from", "notified_on", "basis", scheme])
            rows.writerows(
                [f"s{at}", "sealed", "us-ny/cpl-160.50", "2020-01-02", "2020-01-09", "notice", value]
                for at, value in enumerate(sealed)
            )
        wanted = ["--use", "training", "--use", "output", "--audience", "police"]
        index = self.folder / "training.sealindex"
        key = self.folder / "seal.key"
        assert run(["keygen", str(key)]) == 0
        assert run(["registry", "init", place]) == 0
        assert run(["registry", "add", place, str(notices)]) == 0
        assert run(["publish", place, "-o", str(index), *wanted, "--key-file", str(key)]) == 0
        return self.seen


@pytest.fixture
def custodian(tmp_path: Path) -> Custodian:
    (tmp_path / "custody").mkdir()
    return Custodian(tmp_path / "custody")


def column(path: Path, name: str) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row[name] for row in csv.DictReader(file)]


def lines_without(path: Path, names: Collection[str], sealed: Collection[str]) -> tuple[bytes, int]:
    """What plain Python leaves of a file in which no record spans lines, and how many lines it removes."""
    header, *lines = path.read_bytes().decode().splitlines(keepends=True)
    at = [next(csv.reader([header])).index(name) for name in names]
    banned = set(sealed)
    kept = [line for line in lines if not banned.intersection(next(csv.reader([line]))[number] for number in at)]
    return "".join([header, *kept]).encode(), len(lines) - len(kept)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def check_text(path: Path, on: list[str], options: list[str], expected: bytes, gone: int, tmp_path: Path) -> None:
    """Scan finds; scrub leaves the expected bytes and says how many rows went; scan finds nothing more."""
    out, report = tmp_path / "clean.csv", tmp_path / "report.json"
    keys = [part for key in on for part in ("--on", key)]
    scanned = run(["scan", str(path), *options, *keys])
    scrubbed = run(["scrub", str(path), *options, *keys, "-o", str(out), "--report", str(report)])
    after = run(["scan", str(out), *options, *keys])
    assert (scanned, scrubbed, after) == (1, 0, 0)
    told = json.loads(report.read_bytes())
    removed = told["tables"][0]["removed"]
    complete = told["complete"]
    assert (complete, removed) == (True, gone)
    assert gone > 0
    was, wanted = digest(out.read_bytes()), digest(expected)
    assert was == wanted
    again = tmp_path / "again.csv"
    assert run(["scrub", str(out), *options, *keys, "-o", str(again)]) == 0
    was = digest(again.read_bytes())
    assert was == wanted


def test_queens_arrests_by_their_own_key(custodian, tmp_path):
    path = real("nypd_arrests_2021_queens.csv")
    sealed = a_tenth(column(path, "ARREST_KEY"))
    options = custodian.publish("opaque:queens", sealed)

    expected, gone = lines_without(path, ["ARREST_KEY"], sealed)

    check_text(path, ["opaque:queens=ARREST_KEY"], options, expected, gone, tmp_path)


def test_hate_crimes_by_arrest_number_in_five_spellings(custodian, tmp_path):
    """Every id that is set parses as an arrest number; more than half of the key column is null."""
    path = real("nypd_hate_crimes.csv")
    sealed = a_tenth(value for value in column(path, "Arrest Id") if value)
    options = custodian.publish(
        "arrest_number", [SPELLINGS[at % len(SPELLINGS)](value) for at, value in enumerate(sealed)]
    )

    expected, gone = lines_without(path, ["Arrest Id"], sealed)

    check_text(path, ["arrest_number=Arrest Id"], [*options, *NO_KEY], expected, gone, tmp_path)


@pytest.mark.parametrize("spelling", range(len(SPELLINGS)))
def test_hate_crimes_whose_ids_are_spelled_in_other_ways(custodian, tmp_path, spelling):
    """The data in one of five spellings, the notices in another: the same rows go."""
    frame = pd.read_csv(real("nypd_hate_crimes.csv"), dtype=str, keep_default_na=False)
    sealed = a_tenth(value for value in frame["Arrest Id"] if value)
    options = custodian.publish("arrest_number", [SPELLINGS[spelling - 1](value) for value in sealed])
    banned = frame["Arrest Id"].isin(sealed)
    frame["Arrest Id"] = frame["Arrest Id"].map(lambda value: SPELLINGS[spelling](value) if value else value)
    path = tmp_path / "spelled.csv"
    frame.to_csv(path, index=False)

    expected = frame[~banned].to_csv(index=False).encode()

    check_text(path, ["arrest_number=Arrest Id"], [*options, *NO_KEY], expected, int(banned.sum()), tmp_path)


def test_the_inmate_file_with_its_damaged_header(custodian, tmp_path, capfd):
    path = real("nyc_inmates.csv")
    name = path.read_bytes().split(b",", 1)[0].decode()
    sealed = a_tenth(column(path, name))
    options = custodian.publish("opaque:inmates", sealed)
    capfd.readouterr()

    refused = run(["scan", str(path), *options, "--on", "opaque:inmates=INMATEID"])

    suggested = f"did you mean {name!r}?" in capfd.readouterr().err
    assert (refused, suggested) == (2, True)
    expected, gone = lines_without(path, [name], sealed)
    ages = ("--leave", "AGE=years, some of which are ids of few digits, too")
    check_text(path, [f"opaque:inmates={name}"], [*options, *ages], expected, gone, tmp_path)


COMPAS = ["c_case_number", "r_case_number", "vr_case_number"]
NO_KEY = ("--accept", "null")  # crimes without an arrest, and people without a case


def test_compas_by_its_three_case_numbers(custodian, tmp_path):
    """The cases that were never charged are the core of what is sealed; the rest is a share of all cases."""
    path = real("compas_two_years.csv")
    numbers = [value for name in COMPAS for value in column(path, name) if value]
    dropped = [
        number
        for number, charge in zip(column(path, COMPAS[0]), column(path, "c_charge_desc"), strict=True)
        if charge == "arrest case no charge"
    ]
    sealed = sorted({*a_tenth(numbers), *a_tenth(dropped)})
    options = custodian.publish("opaque:compas", sealed)

    expected, gone = lines_without(path, COMPAS, sealed)

    check_text(path, [f"opaque:compas={name}" for name in COMPAS], [*options, *NO_KEY], expected, gone, tmp_path)


@dataclass(frozen=True)
class Stops:
    """Two years of stops, with a key of their own: no scheme names a stop."""

    folder: Path
    frames: dict[str, pd.DataFrame]


@pytest.fixture
def stops(tmp_path: Path) -> Stops:
    folder = tmp_path / "stops"
    frames = {}
    for year in (2014, 2015):
        frame = pd.read_parquet(real(f"nypd_stops_{year}.parquet"))
        parts = [frame[name].astype(str) for name in ("year", "pct", "ser_num")]
        frame["stop_id"] = parts[0] + "-" + parts[1] + "-" + parts[2]
        place = f"year={year}/stops.parquet"
        frames[place] = frame
        write(frame, folder / place)
    return Stops(folder, frames)


def write(frame: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False, compression="zstd")


def without_unused_levels(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.reset_index(drop=True)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].cat.remove_unused_categories()
    return frame


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Compare types, levels with their order, and values; pandas' own assertion would print values."""
    return list(one.dtypes) == list(other.dtypes) and one.equals(other)


@pytest.mark.long
def test_two_years_of_stops_as_one_data_set(custodian, stops, tmp_path):
    sealed = a_tenth(pd.concat([frame["stop_id"] for frame in stops.frames.values()]))
    options = custodian.publish("opaque:stops", sealed)
    expected = {
        place: without_unused_levels(frame[~frame["stop_id"].isin(sealed)]) for place, frame in stops.frames.items()
    }

    on, out, without = ["--on", "opaque:stops=stop_id"], tmp_path / "clean", tmp_path / "without"
    assert run(["scrub", str(stops.folder), *options, *on, "-o", str(out)]) == 0
    for place, wanted in expected.items():
        alike = same(pd.read_parquet(out / place), wanted)
        assert alike, place
        write(wanted, without / place)
    assert run(["scan", str(stops.folder), *options, *on]) == 1
    assert run(["scan", str(out), *options, *on]) == 0

    # and the same bytes as the world without
    assert run(["scrub", str(without), *options, *on, "-o", str(tmp_path / "clean without")]) == 0
    for place in expected:
        was, wanted_bytes = (
            digest((out / place).read_bytes()),
            digest((tmp_path / "clean without" / place).read_bytes()),
        )
        assert was == wanted_bytes, place


def test_a_stop_that_ended_in_a_sealed_arrest_stays_as_one_without_arrest(custodian, stops, tmp_path, capfd):
    """The stop happened; what it says about the arrest goes, and nothing marks the row.

    A stop without arrest has a blank where others have an offence: a null would mark the rows, and is refused.
    """
    arrested = [frame.loc[frame["arstmade"] == "Y", "stop_id"] for frame in stops.frames.values()]
    sealed = a_tenth(pd.concat(arrested))
    options = [*custodian.publish("opaque:stops", sealed), "--on", "opaque:stops=stop_id"]
    out = tmp_path / "clean"
    scrub = ["scrub", str(stops.folder), *options, "-o", str(out), "--set", "arstmade=N"]
    capfd.readouterr()

    refused = run([*scrub, "--null-columns", "arstoffn"])

    marks = "would mark the rows" in capfd.readouterr().err
    assert (refused, marks, out.exists()) == (2, True, False)
    (blank,) = {value for frame in stops.frames.values() for value in frame.loc[frame["arstmade"] == "N", "arstoffn"]}
    assert run([*scrub, "--set", f"arstoffn={blank}"]) == 0
    for place, frame in stops.frames.items():
        gone = frame["stop_id"].isin(sealed)
        edited = frame.assign(
            arstmade=frame["arstmade"].astype(str).mask(gone, "N").astype(frame["arstmade"].dtype),
            arstoffn=frame["arstoffn"].astype(str).mask(gone, blank).astype(frame["arstoffn"].dtype),
        )
        alike = same(pd.read_parquet(out / place), without_unused_levels(edited))
        assert alike, place
