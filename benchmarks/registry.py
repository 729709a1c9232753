"""What a registry costs: ``python -m benchmarks.registry [--seals 7000000]``.

One file of notices, each with an arrest number and a docket, is registered, and an index of all its seals published, by
the commands that a custodian types. Seconds by the clock, of the processors, and peak memory are printed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

_FOR = ("--use", "training", "--audience", "police", "--key-file", "seal.key")
COMMANDS = {
    "registry add": ("registry", "add", "seals.db", "notices.csv"),
    "publish": ("publish", "seals.db", "-o", "all.sealindex", *_FOR),
}


def write_notices(path: Path, seals: int) -> None:
    """Write a notice for each seal: arrests of five boroughs over thirty years, each with a docket of its own."""
    at = np.arange(seals)
    year = pl.Series(1990 + at % 30).cast(pl.String)
    serial = pl.Series(at // 150 + 1).cast(pl.String).str.zfill(6)
    of = (at // 30) % 5
    day = np.datetime64("2020-01-01") + at % 700
    columns = {
        "seal_id": pl.select("A-" + pl.Series(at).cast(pl.String)).to_series(),
        "event": pl.repeat("sealed", seals, eager=True),
        "regime": pl.repeat("us-ny/cpl-160.50", seals, eager=True),
        "effective_from": pl.Series(day),
        "notified_on": pl.Series(day + 3),
        "basis": pl.repeat("notice", seals, eager=True),
        "arrest_number": pl.Series(list("KMBQS")).gather(of) + year.str.slice(2) + serial,
        "docket": year + pl.Series(["KN", "NY", "BX", "QN", "RI"]).gather(of) + serial,
    }
    pl.DataFrame(columns).write_csv(path)


def row(what: str, arguments: tuple[str, ...], folder: Path, seals: int) -> str:
    """Run a command, and say what it took: a row of the page's table."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "sealscrub", *arguments], cwd=folder, stdout=sys.stderr)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(os.waitstatus_to_exitcode(status))
    wall, processors = time.perf_counter() - begun, used.ru_utime + used.ru_stime
    return f"| {seals:,} | {what} | {wall:.1f} | {processors:.1f} | {used.ru_maxrss / 1e6:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seals", type=int, nargs="*", default=[700_000, 7_000_000])
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.0f} at the start", file=sys.stderr)
    print("| seals | command | seconds | of the processors | peak GB |", "|---:|---|---:|---:|---:|", sep="\n")
    for seals in options.seals:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_notices(folder / "notices.csv", seals)
            for arguments in (("keygen", "seal.key"), ("registry", "init", "seals.db")):
                row("", arguments, folder, seals)
            for what, arguments in COMMANDS.items():
                print(row(what, arguments, folder, seals), flush=True)


if __name__ == "__main__":
    main()
