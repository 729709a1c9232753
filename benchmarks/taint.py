"""What asking for taint costs: ``python -m benchmarks.taint``. Prints seconds; part of no test run.

The dictionary has `--records` numbers; each of `--models` memberships holds a window of them in which one record in
fifty is missing, as nightly trainings on a moving window do, or a share of them drawn at random (``--scattered``).
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pyroaring import BitMap

from sealscrub.datasets import example_index
from sealscrub.identifiers import canonicalise, digest_column, load_annex
from sealscrub.lineage.barred_numbers import AskedIndex
from sealscrub.lineage.members import add_members, read_members
from sealscrub.lineage.membership import Membership, open_membership, seal_membership, spaces_of
from sealscrub.lineage.run_record import RunRecord
from sealscrub.lineage.taint_query import Question


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=3_000_000)
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--held", type=int, default=200_000, help="records of each model")
    parser.add_argument("--seals", type=int, default=500)
    parser.add_argument("--scattered", action="store_true")
    options = parser.parse_args()
    draws = np.random.default_rng(0)
    years = -(-options.records // 999_999)
    numbers = [f"M{year + 10}{at:06d}" for year in range(years) for at in range(1, 1_000_000)][: options.records]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sealed = [numbers[at] for at in draws.choice(len(numbers), options.seals, replace=False)]
        index = example_index(sealed, folder=folder)
        (space,) = spaces_of(index, ["arrest_number"])
        values = canonicalise(pl.Series(numbers), "arrest_number").values
        digests = digest_column(values, index.scheme_key("arrest_number"))
        timed("number the records", lambda: add_members(folder / "seals.members", {space: digests}))
        members = timed("read the dictionary", lambda: read_members(folder / "seals.members"))
        asked = timed("put the index to it", lambda: AskedIndex(index, members))
        held = [bitmap(draws, options, at) for at in range(options.models)]
        size = sum(len(each.serialize()) for each in held[:100]) / 100
        print(f"{options.models} memberships of {options.held} records, {size / 1024:.0f} KiB each in the middle")
        question, record = Question(index=index, asked=asked), record_of(index)
        facts = Membership(run="r", name="train", index=record.index, spaces=(space,), stamp=members.stamp)
        found = timed(
            f"judge {options.models} models by {options.seals} seals",
            lambda: [question.judge(record, facts, each) for each in held],
        )
        print(f"{sum(each.state.is_tainted for each in found)} of them are tainted")
        sealed_file = seal_membership(facts, np.array(held[0].to_array(), np.uint32), index.annex_public_key)
        key = load_annex(folder / "example.key.annex")
        timed("open 100 memberships", lambda: [open_membership(sealed_file, key) for _ in range(100)])
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def bitmap(draws: np.random.Generator, options: argparse.Namespace, at: int) -> BitMap:
    if options.scattered:
        return BitMap(np.sort(draws.choice(options.records, options.held, replace=False)).astype(np.uint32))
    start = (options.records - options.held) * at // options.models
    held = BitMap(range(start, start + options.held))
    held -= BitMap((start + draws.choice(options.held, options.held // 50, replace=False)).astype(np.uint32))
    held.run_optimize()
    return held


def record_of(index: Any) -> RunRecord:
    """Say that a run was checked against another index than this one."""
    return RunRecord(
        index="0" * 32,
        registry="",
        epoch=0,
        as_of=date(2020, 1, 1),
        audience=index.audience,
        uses=index.uses,
        datasets=("train",),
        memberships=("train",),
    )


def timed(what: str, call: Any) -> Any:
    begun = time.perf_counter()
    result = call()
    print(f"{what}: {time.perf_counter() - begun:.3f} s")
    return result


if __name__ == "__main__":
    main()
