"""Scrubs of a Spark DataFrame beside Spark's own anti-joins: ``python -m benchmarks.spark``. Part of no test run.

The anti-joins are given the sealed numbers in the clear and in the data's own spelling, which no index is; they are
what Spark can do at best. Each contender reads Parquet and writes what stays as Parquet, in turn, in one local session.
Time of the processors is that of this process, its JVM and the workers (Linux): on a shared machine read that first.
``--large`` is ten million rows of fifteen columns, and seven million seals.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import sealscrub as ss
from sealscrub.datasets import example_index

ON = {"arrest_number": "arrest_no"}
BASES = ("read and write", "anti-join, broadcast", "anti-join, sort-merge")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--seals", type=int, default=1_000_000)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    if options.large:
        options.rows, options.seals = 10_000_000, 7_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = make_data(folder, options.rows, options.seals)
        spark = session(folder, options.cores)
        try:
            times = measure(contenders(spark, index, folder), options.rounds, folder)
        finally:
            spark.stop()
            size = sum(file.stat().st_size for file in (folder / "in").iterdir())
    print(f"{options.rows:,} rows, {size / 1e6:,.0f} MB of Parquet, {options.seals:,} seals; {options.rounds} rounds")
    for at, what in enumerate(("wall", "processors")):
        medians = {name: statistics.median(each[at] for each in taken) for name, taken in times.items()}
        print(f"\n| {what} | {' | '.join(f'of: {name}' for name in BASES)} | seconds |")
        print("|---|" + "---:|" * (len(BASES) + 1))
        for name, median in medians.items():
            print(f"| {name} | {' | '.join(f'{median / medians[base]:.2f}' for base in BASES)} | {median:.1f} |")


def make_data(folder: Path, rows: int, seals: int) -> ss.Index:
    """Write arrests of fifteen columns, and the sealed numbers in the clear; give the index of these."""
    draws = np.random.default_rng(0)
    kept = max(1, rows - seals)
    numbers = [f"{'KMQBS'[at % 5]}{10 + at // 5 // 999_999:02}{at // 5 % 999_999 + 1:06}" for at in range(seals + kept)]
    order = draws.permutation(seals + kept)[:rows]
    columns: dict[str, Any] = {"arrest_no": pl.Series(numbers)[order.tolist()]}
    for at in range(5):
        columns[f"n{at}"] = draws.integers(0, 200, rows)
        columns[f"x{at}"] = draws.random(rows)
    for at in range(4):
        columns[f"text{at}"] = pl.Series([f"text {each}" for each in range(50)])[draws.integers(0, 50, rows).tolist()]
    frame = pl.DataFrame(columns)
    (folder / "in").mkdir()
    for part in range(4):
        frame.gather_every(4, part).write_parquet(folder / "in" / f"{part}.parquet")
    pl.DataFrame({"arrest_no": numbers[:seals]}).write_parquet(folder / "sealed.parquet")
    return example_index(numbers[:seals], folder=folder)


def session(folder: Path, cores: int) -> Any:
    from pyspark.sql import SparkSession

    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "4g",
        "spark.local.dir": f"{folder}/local",
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.ui.enabled": "false",
    }
    builder = SparkSession.builder.master(f"local[{cores}]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


def contenders(spark: Any, index: ss.Index, folder: Path) -> dict[str, Callable[[], Any]]:
    def read() -> Any:
        return spark.read.parquet(str(folder / "in"))

    def sealed(hint: str) -> Any:
        return spark.read.parquet(str(folder / "sealed.parquet")).hint(hint)

    def scan() -> None:
        ss.scan(read(), index, ON, sweep=False)

    return {
        "read and write": read,
        "anti-join, broadcast": lambda: read().join(sealed("broadcast"), "arrest_no", "left_anti"),
        "anti-join, sort-merge": lambda: read().join(sealed("merge"), "arrest_no", "left_anti"),
        "scan without the sweep": scan,
        "scrub without the sweep": lambda: ss.scrub(read(), index, ON, sweep=False),
        "scrub": lambda: ss.scrub(read(), index, ON),
    }


def measure(known: dict[str, Callable[[], Any]], rounds: int, folder: Path) -> dict[str, list[tuple[float, float]]]:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in known}
    for number in range(-1, rounds):  # the first is not counted
        for at, (name, made) in enumerate(known.items()):
            begun, used = time.perf_counter(), processor_seconds()
            data = made()
            if data is not None:  # a scan has none
                data.write.mode("overwrite").parquet(str(folder / f"out{at}"))
            taken = time.perf_counter() - begun, processor_seconds() - used
            print(f"{number + 1} {name}: {taken[0]:.1f} s, {taken[1]:.1f} s of the processors", file=sys.stderr)
            if number >= 0:
                times[name].append(taken)
    return times


_USED: dict[int, int] = {}


def processor_seconds() -> float:
    """Give the time of the processors that this process and those below it are known to have used, ended ones too."""
    parents, used = {}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = place.read_text().rpartition(")")[2].split()
            parents[int(place.parent.name)], used[int(place.parent.name)] = int(fields[1]), sum(map(int, fields[11:13]))
    ours: set[int] = set()
    more = {os.getpid()}
    while more:
        ours |= more
        more = {each for each, parent in parents.items() if parent in ours} - ours
    _USED.update({each: max(used.get(each, 0), _USED.get(each, 0)) for each in ours})  # workers end when idle
    return sum(_USED.values()) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
