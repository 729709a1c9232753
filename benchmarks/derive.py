"""How fast seals are derived: ``python -m benchmarks.derive [--actions 1000000]``.

A made court extract, 2.5 rows an action over eleven years, is written as CSV; each step runs in a process of its own,
from its start to its end. Seconds by the clock, of the processors, and peak memory are printed. Nobody in it exists.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

_TEXTS = (
    *(("DISMISSED", 20), ("DISM 30.30", 8), ("DISMISSED - SPEEDY TRIAL (CPL 30.30)", 4), ("ACD - DISMISSED", 6)),
    *(("ACQUITTED", 3), ("NOT GUILTY", 1), ("NO TRUE BILL", 2), ("DECLINED PROSECUTION", 4), ("VOIDED ARREST", 1)),
    *(("ACD 170.55", 6), ("PLED TO DISCON 240.20", 10), ("PG PL 240.20 - CONDITIONAL DISCHARGE", 4)),
    *(("PLED GUILTY {section}", 10), ("PG {section} - TIME SERVED", 6), ("CONVICTED AFTER TRIAL {section}", 2)),
    *(("COVERED BY {docket}", 3), ("DISM W/LEAVE", 1), ("PENDING", 3), ("BENCH WARRANT", 1), ("", 3), ("STET", 1)),
    ("YO ADJUDICATED - PROBATION", 1),
)
_CODES = (
    *(("PL 1200001", "120.00", "M"), ("PL 1200501", "120.05", "F"), ("PL 1552500", "155.25", "M")),
    *(("PL 1553001", "155.30", "F"), ("PL 1401501", "140.15", "M"), ("PL 1402000", "140.20", "F")),
    *(("PL 1601001", "160.10", "F"), ("PL 1651503", "165.15", "M"), ("PL 1450001", "145.00", "M")),
    *(("PL 2200300", "220.03", "M"), ("PL 2201601", "220.16", "F"), ("PL 2650101", "265.01", "M")),
    *(("PL 2650303", "265.03", "F"), ("PL 2155003", "215.50", "M"), ("VTL0511001", "511.1", "M")),
    *(("VTL1192003", "1192.3", "M"), ("PL 2402001", "240.20", "V"), ("PL 2402601", "240.26", "V")),
    *(("PL 2211000", "221.10", "M"), ("PL 2403700", "240.37", "M")),
)


def write_extract(path: Path, actions: int, seed: int = 7) -> int:
    """Write a court extract, and give its number of rows.

    Most arrests have one docket and some two or three; a docket has one to four charges, most of which end alike.
    """
    draws = np.random.default_rng(seed)
    arrest_of = np.cumsum(draws.random(actions) < 0.85)
    charges = draws.choice([1, 2, 3, 4], actions, p=[0.25, 0.25, 0.25, 0.25])
    of = np.repeat(np.arange(actions), charges)
    number = np.arange(len(of)) - np.repeat(np.cumsum(charges) - charges, charges) + 1
    weights = np.array([weight for _, weight in _TEXTS], float)
    ending = draws.choice(len(_TEXTS), actions, p=weights / weights.sum())[of]
    other = draws.random(len(of)) < 0.04
    ending = np.where(other, draws.choice(len(_TEXTS), len(of)), ending)
    code = draws.choice(len(_CODES), len(of))
    arrested = draws.integers(0, 4000, int(arrest_of.max()) + 1)[arrest_of]
    lag = (draws.random(actions) ** 2 * 360).astype(int)[of] + np.where(draws.random(len(of)) < 0.03, 20, 0)
    first = np.datetime64("2014-01-01")
    texts = pl.Series([text for text, _ in _TEXTS]).gather(ending)
    codes = {
        name: pl.Series([row[at] for row in _CODES]).gather(code) for at, name in enumerate(("code", "section", "sev"))
    }
    frame = pl.DataFrame(
        {
            "docket": pl.Series(of).cast(pl.String),
            "defendant_id": pl.Series(arrest_of[of]).cast(pl.String),
            "arrest_number": pl.Series(arrest_of[of]).cast(pl.String),
            "arrest_date": pl.Series(first + arrested[of]),
            "charge": number,
            "law_code": codes["code"],
            "severity": codes["sev"],
            "section": codes["section"],
            "disposition": texts,
            "event_date": pl.Series(first + arrested[of] + 1 + lag),
            "family_offense": pl.Series(["", "", "N", "Y"]).gather(draws.choice(4, actions, p=[0.6, 0, 0.3, 0.1])[of]),
            "nysid": pl.Series(arrest_of[of] // 2 + 10_000_000).cast(pl.String) + "Q",
            "prints_sent": pl.Series(["", "Y"]).gather((draws.random(actions) < 0.9).astype(int)[of]),
        }
    )
    year, serial = pl.col("arrest_date").dt.year().cast(pl.String), pl.col("docket")
    docket = year + "KN" + serial.str.zfill(6)
    frame = frame.with_columns(docket=docket).with_columns(
        arrest_number=pl.lit("K") + year.str.slice(2) + pl.col("arrest_number").str.zfill(6),
        disposition=pl.col("disposition")
        .str.replace("{section}", pl.col("section"), literal=True)
        .str.replace("{docket}", pl.col("docket"), literal=True),
    )
    frame.drop("section").write_csv(path)
    return frame.height


def _decide(extract: str) -> str:
    import datetime as dt

    from sealscrub.custodian.law import decide_charges, read_charges

    decisions = decide_charges(read_charges(extract), dt.date(2026, 11, 25))
    return f"{len(decisions.shapes):,} shapes"


def _derive(extract: str, explain: Path | None = None) -> str:
    import datetime as dt

    from sealscrub.custodian.registry import Registry

    place = Path(extract).with_suffix(".db")
    place.unlink(missing_ok=True)
    with Registry.create(place) as registry:
        result = registry.derive(extract, as_of=dt.date(2026, 11, 25), explain=explain)
    return f"{result.appended:,} events appended"


def _explain(extract: str) -> str:
    decisions = Path(extract).with_suffix(".jsonl")
    said = _derive(extract, decisions)
    return f"{said}, {decisions.stat().st_size / 1e6:,.0f} MB of reasons"


STEPS = {"decide": _decide, "derive": _derive, "explain": _explain}


def _row(actions: int, step: str, extract: Path) -> str:
    """Run a step in a process of its own, and say what it and whatever it started took: a row of the page's table."""
    ask = ["-m", "benchmarks.derive", "--step", step, "--extract", str(extract)]
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *ask], stdout=subprocess.PIPE, text=True)
    said = process.communicate()[0].strip()
    wall = time.perf_counter() - begun
    if process.returncode:
        raise SystemExit(process.returncode)
    used, peak, what = said.split(" ", 2)
    return f"| {actions:,} | {step} | {wall:.1f} | {float(used):.1f} | {float(peak):.2f} | {what} |"


def _tree() -> tuple[float, float]:
    """Seconds of the processors, and the largest memory in GB, of this process and all that it has started."""
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in each), sum(one.ru_maxrss for one in each) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actions", type=int, nargs="*", default=[2_000, 20_000, 200_000, 1_000_000])
    parser.add_argument("--steps", choices=list(STEPS), nargs="*", default=list(STEPS))
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--extract", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        what = STEPS[options.step](options.extract)
        print(*_tree(), what)
        return
    print(f"load {os.getloadavg()[0]:.0f} at the start", file=sys.stderr)
    print("| actions | step | seconds | of the processors | peak GB | |", "|---:|---|---:|---:|---:|---|", sep="\n")
    with tempfile.TemporaryDirectory() as folder:
        for actions in options.actions:
            extract = Path(folder) / "extract.csv"
            write_extract(extract, actions)
            for step in options.steps:
                print(_row(actions, step, extract), flush=True)


if __name__ == "__main__":
    main()
