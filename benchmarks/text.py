"""Guarding texts: names of millions of people, keyed and by automaton, and a plain regular expression as the peer.

Run with ``python -m benchmarks.text [NAMES]``. Presidio's deny list is one alternation of all its words, as the peer
here is; the peer is measured with fewer names, since it takes a time that grows with their number.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

from sealscrub.datasets import example_index
from sealscrub.filters import guard_text
from sealscrub.filters.text.flow import Flow
from sealscrub.filters.text.names import NameFinder
from sealscrub.filters.text.policies import TextPolicy
from sealscrub.identifiers import generate_keys, load_key, load_publisher
from sealscrub.index import IndexFacts, TextIndex, open_text_index, write_text_index

WORDS = re.findall(
    r"\w+",
    "the officer stated that at about the time and place of occurrence defendant was observed with property of a "
    "complainant who was at home and called the police after midnight when a neighbour heard noise in the hall",
)
SYLLABLES = re.findall(r"\w+", "BRA CO DUN EL FAR GOR HEL IS JO KEL LO MA NE OST PEL QUI RO SEL TAR UL VEN WEX YOR ZEL")


def names(count: int) -> list[tuple[str, str]]:
    draw = random.Random(0)  # noqa: S311 - synthetic names
    last = ["".join(draw.choices(SYLLABLES, k=3)) + "N" for _ in range(60_000)]
    first = ["".join(draw.choices(SYLLABLES, k=2)) + "A" for _ in range(20_000)]
    found: set[tuple[str, str]] = set()
    while len(found) < count:
        found.add((draw.choice(first), draw.choice(last)))
    return sorted(found)


def text(megabytes: int, known: list[tuple[str, str]]) -> str:
    draw, parts, size = random.Random(1), [], 0  # noqa: S311 - synthetic text
    while size < megabytes * 1_000_000:
        sentence = " ".join(draw.choices(WORDS, k=18)).capitalize()
        if draw.random() < 0.02:
            sentence += " " + " ".join(draw.choice(known)).title()
        parts.append(sentence + ". ")
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


def speed(what: str, content: str, call: object) -> None:
    assert callable(call)
    call()
    clock, processor = [], []
    for _ in range(3):
        started, spent = time.perf_counter(), time.process_time()
        call()
        clock.append(time.perf_counter() - started)
        processor.append(time.process_time() - spent)
    megabytes = len(content) / 1e6
    print(f"{what}: {megabytes / min(clock):.1f} MB/s on the clock, {megabytes / min(processor):.1f} of the processor")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3_500_000
    kind = sys.argv[2] if len(sys.argv) > 2 else "keyed"
    with tempfile.TemporaryDirectory() as place:
        known = names(count)
        content = text(8, known)
        some = random.Random(2).sample(known, 2_000)  # noqa: S311 - sorted neighbours would share a beginning
        index = example_index(["K14612345"])
        opened = published(Path(place), known, plain=kind == "plain")
        del known
        before = resident()
        started = time.perf_counter()
        finder = NameFinder(opened)
        print(f"{kind}: opened in {time.perf_counter() - started:.1f} s, {resident() - before:.0f} MB more resident")

        def found() -> int:
            flow = Flow([finder], TextPolicy.TOKEN)
            from sealscrub.filters.text.views import views

            return len(finder.find(content, views(content), 0, len(content), [0, len(content)])) + len(flow.mentions)

        speed(f"{kind}: names found in a text", content, found)
        print(f"{kind}: {resident() - before:.0f} MB more resident after use")
        speed(f"{kind}: guard_text with names and identifiers", content, lambda: guard_text(content, index, opened))
        speed("guard_text with identifiers alone", content, lambda: guard_text(content, index))
        peer = re.compile(r"\b(?:" + "|".join(" ".join(name) for name in some) + r")\b", re.IGNORECASE)
        speed("peer: one regular expression of 2,000 names", content[:100_000], lambda: peer.sub("", content[:100_000]))


if __name__ == "__main__":
    main()
