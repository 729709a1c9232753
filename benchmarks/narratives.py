"""Scrubbing narratives: a column of reports against an index and names, beside Aho-Corasick over the same names.

Run with ``python -m benchmarks.narratives [MEGABYTES] [NAMES] [ENTRIES]``; by default 20 MB, 200,000 names and 200,000
entries. The target is 1,000 MB, 3,500,000 names and 7,000,000 entries at 15 MB/s a core or better. The words are as
frequent as in language (25,000 different ones), with dates, times, amounts and complaint numbers; about one text in
ten mentions a name that is held. One process is measured in the processor's time, alternately with its peer; all cores
in the time that passes, and in the time that all their processors spend.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import ahocorasick_rs
import polars as pl

from sealscrub.boundary.worker_processes import cores
from sealscrub.datasets import example_index, example_names
from sealscrub.matching.narrative_batches import Narratives

from .text import names, text

ROUNDS = 3
SENTENCES = 5  # of a report
WORDS = 25_000  # that differ


def reports(megabytes: int, known: list[tuple[str, str]], held: list[str]) -> pl.Series:
    """Make reports of a few sentences, with the number of a complaint each; one in a hundred names a sealed arrest."""
    draw = random.Random(3)  # noqa: S311 - synthetic text
    sentences = text(megabytes, known, WORDS).split(". ")
    made = []
    for at in range(0, len(sentences), SENTENCES):
        report = ". ".join(sentences[at : at + SENTENCES])
        complaint = f"Complaint {draw.randint(2006, 2020)}-{draw.randint(1, 123):03d}-{draw.randint(1, 9999):05d}"
        more = f" Held under {draw.choice(held)}." if draw.random() < 0.01 else ""
        made.append(f"{complaint}. {report}.{more}")
    return pl.Series(made, dtype=pl.String)


def spent(clock: Callable[[], float], call: Callable[[], object]) -> float:
    begun = clock()
    call()
    return clock() - begun


def of_all_processes() -> float:
    """Seconds that the processors spent for this process and those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> None:
    given = [int(word) for word in sys.argv[1:]]
    megabytes, count, entries = (*given, *(20, 200_000, 200_000)[len(given) :])
    known = names(count)
    held = [f"{'KMBQS'[at % 5]}{14 + at // 4_999_995}{at // 5 % 999_999 + 1:06d}" for at in range(entries)]
    column = reports(megabytes, known, held)
    size = float(column.str.len_bytes().sum()) / 1e6
    with tempfile.TemporaryDirectory() as place:
        index = example_index(held, folder=Path(place))
        opened = example_names([(last, first) for first, last in known], folder=Path(place))
        automaton = ahocorasick_rs.AhoCorasick([" ".join(name) for name in known])
        texts = column.to_list()
        print(f"{size:.0f} MB in {len(texts):,} reports, {count:,} names, {entries:,} entries, {cores()} cores")

        def read(workers: int) -> None:
            with Narratives(index, opened, workers=workers) as narratives:
                shares.append(len(narratives.left_of(column)[0]) / len(texts))

        def peer() -> None:
            for each in texts:
                automaton.find_matches_as_indexes(each.upper())

        shares: list[float] = []
        own, other, whole, together = [], [], [], []
        read(1)
        for _ in range(ROUNDS):
            own.append(spent(time.process_time, lambda: read(1)))
            other.append(spent(time.process_time, peer))
            begun = of_all_processes()
            whole.append(spent(time.perf_counter, lambda: read(cores())))
            together.append(of_all_processes() - begun)
        ratios = sorted(mine / theirs for mine, theirs in zip(own, other, strict=True))
        print(f"reports that mention something: {shares[0]:.1%}")
        print(f"one process: {size / statistics.median(own):.1f} MB/s of the processor's time")
        print(
            f"it takes {statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f}) times as long as "
            "Aho-Corasick, which finds names as they are written and removes nothing"
        )
        print(
            f"all cores: {size / statistics.median(whole):.1f} MB/s of the time that passes, "
            f"{size / statistics.median(together):.1f} MB/s a core of the processors' time, their start included"
        )


if __name__ == "__main__":
    main()
