"""Guarding texts: names of millions of people and identifiers, beside scans that only look for what is written.

Run with ``python -m benchmarks.text [NAMES] [keyed|plain]``. Everything is measured in one process, in the processor's
time, each guard alternately with its peer, and reported as a ratio with the range that it had. The peers: Aho-Corasick
over the plain names (``ahocorasick_rs``), one regular expression that finds arrest numbers by their spellings, and one
of 2,000 names, which is what Presidio's deny list is (it takes a time that grows with the number of names).
"""

from __future__ import annotations

import datetime as dt
import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import ahocorasick_rs

from sealscrub.datasets import example_index
from sealscrub.filters import guard_text
from sealscrub.identifiers import generate_keys, load_key, load_publisher
from sealscrub.index import IndexFacts, TextIndex, open_text_index, write_text_index
from sealscrub.matching.texts.name_mentions import NameFinder
from sealscrub.matching.texts.units import unit_ends
from sealscrub.matching.texts.views import views

Call = Callable[[str], object]
WORDS = re.findall(
    r"\w+",
    "the officer stated that at about the time and place of occurrence defendant was observed with property of a "
    "complainant who was at home and called the police after midnight when a neighbour heard noise in the hall",
)
NUMBERS = ["{0}", "{1}", "201{2}-0{2}-{1}", "{0}:{1}", "June {1}, 200{2}", "${1},{1}{2}", "200{2}", "{1}{2}-555-{1}{1}"]
ARREST = re.compile(r"\b[MBKQS][\s\-./#_]*\d\d(?:\d\d)?[\s\-./#_]*\d{1,6}\b", re.IGNORECASE)
SYLLABLES = re.findall(r"\w+", "BRA CO DUN EL FAR GOR HEL IS JO KEL LO MA NE OST PEL QUI RO SEL TAR UL VEN WEX YOR ZEL")


def names(count: int) -> list[tuple[str, str]]:
    draw = random.Random(0)  # noqa: S311 - synthetic names
    last = ["".join(draw.choices(SYLLABLES, k=3)) + "N" for _ in range(60_000)]
    first = ["".join(draw.choices(SYLLABLES, k=2)) + "A" for _ in range(20_000)]
    found: set[tuple[str, str]] = set()
    while len(found) < count:
        found.add((draw.choice(first), draw.choice(last)))
    return sorted(found)


def text(megabytes: int, known: list[tuple[str, str]], different: int = 0) -> str:
    """Prose in which words are as frequent as in language, with dates, times, amounts, ages and some names.

    Parameters
    ----------
    megabytes : int
    known : list of tuple of str
    different : int
        How many different words it has, of the 20,000 that are drawn, or more.
    """
    draw, parts, size = random.Random(1), [], 0  # noqa: S311 - synthetic text
    words = [*WORDS, *("".join(draw.choices(SYLLABLES, k=draw.choice([1, 1, 2, 2, 3]))).lower() for _ in range(20_000))]
    if different:
        words = list(dict.fromkeys(words))
        more = ("".join(draw.choices(SYLLABLES, k=4)).lower() for _ in range(2 * different))
        words = list(dict.fromkeys([*words, *more]))[:different]
    frequency = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    while size < megabytes * 1_000_000:
        sentence = draw.choices(words, cum_weights=frequency, k=18)
        for at in range(0, 18, 3):
            if draw.random() < 0.09:
                sentence[at] = draw.choice(NUMBERS).format(
                    draw.randint(1, 12), draw.randint(10, 28), draw.randint(0, 9)
                )
        said = " ".join(sentence).capitalize()
        if draw.random() < 0.02:
            said += " " + " ".join(draw.choice(known)).title()
        parts.append(said + ". ")
        size += len(parts[-1])
    return "".join(parts)


def published(folder: Path, known: list[tuple[str, str]], *, plain: bool) -> TextIndex:
    if not (folder / "seal.key").exists():
        generate_keys(folder / "seal.key")
    key = load_key(folder / "seal.key").for_audience("police")
    today = dt.date.today()
    facts = IndexFacts(
        uses=("output",), audience="police", epoch=1, as_of=today, known_at="", not_after=today, seals=len(known)
    )
    path = folder / f"names{plain}.sealtext"
    started = time.perf_counter()
    publisher = load_publisher(folder / "seal.key.publisher")
    write_text_index(path, known, [], facts, publisher, audience_key=key, plain=plain)
    print(f"published ({'plain' if plain else 'keyed'}): {time.perf_counter() - started:.1f} s")
    return open_text_index(path, folder / "seal.key")


def resident() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def beside(what: str, content: str, call: Call, named: str, peer: Call, of: int = 0) -> None:
    """Measure two calls alternately: the second on the first characters of the text alone, where `of` says so."""
    call(content), peer(content[: of or len(content)])
    ratios, speeds = [], []
    for _ in range(7):
        spent = time.process_time()
        call(content)
        own = (time.process_time() - spent) / len(content)
        spent = time.process_time()
        peer(content[: of or len(content)])
        other = (time.process_time() - spent) / (of or len(content))
        ratios.append(other / own)
        speeds.append(1e-6 / own)
    ratios.sort()
    print(
        f"{what}: {statistics.median(speeds):.1f} MB/s, {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f}) times the speed of {named}"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3_500_000
    kind = sys.argv[2] if len(sys.argv) > 2 else "keyed"
    with tempfile.TemporaryDirectory() as place:
        known = names(count)
        content = text(8, known)
        some = random.Random(2).sample(known, 2_000)  # noqa: S311 - sorted neighbours would share a beginning
        index = example_index(["K14612345"])
        opened = published(Path(place), known, plain=kind == "plain")
        plain = ahocorasick_rs.AhoCorasick([" ".join(name) for name in known])
        del known

        def automaton(content: str) -> object:
            return plain.find_matches_as_indexes(content.upper())

        before = resident()
        started = time.perf_counter()
        finder = NameFinder(opened)
        print(f"{kind}: opened in {time.perf_counter() - started:.1f} s, {resident() - before:.0f} MB more resident")

        def found(content: str) -> object:
            return finder.find(content, views(content), 0, len(content), [0, *unit_ends(content, 0, 0, final=True)[0]])

        beside(f"{kind}: names found", content, found, "Aho-Corasick over the names", automaton)
        print(f"{kind}: {resident() - before:.0f} MB more resident after use")
        both = "names and identifiers guarded"
        beside(both, content, lambda text: guard_text(text, index, opened), "Aho-Corasick over the names", automaton)
        beside(
            "identifiers guarded", content, lambda text: guard_text(text, index), "a regular expression", ARREST.findall
        )
        some_names = re.compile(r"\b(?:" + "|".join(" ".join(name) for name in some) + r")\b", re.IGNORECASE)
        own = "names guarded"
        beside(own, content, found, "a regular expression of 2,000 names", some_names.findall, of=50_000)


if __name__ == "__main__":
    main()
