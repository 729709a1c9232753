"""Persons of one file in several processes: the same answers and the same lines, also if a process ends."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from sealscrub.custodian.law import ChargeRows, decide_charges, read_charges, write_decisions
from sealscrub.custodian.law.dispositions import read_map

NOW = dt.date(2026, 11, 25)
HEAD = "docket,defendant_id,arrest_number,charge,disposition,event_date,severity,law_code"
TEXTS = (
    *("DISMISSED", "PLED GUILTY", "GUILTY", "ACD 170.55", "COVERED BY {docket}", "STET", "ACQUITTED", "PENDING"),
    *("NOLLE PROSEQUI", "SUPERSEDED BY IND {docket}", "PLED TO DISCON 240.20"),
)
CHILDREN = Path(f"/proc/{os.getpid()}/task")


def court_file(folder: Path, law: str, persons: int = 40) -> ChargeRows:
    """Some persons with one to four dockets each, which name one another, in an order of their own."""
    draw = random.Random(law)
    dockets = [f"{2014 + draw.randrange(8)}KN{number:06}" for number in range(persons * 2)]
    lines = []
    for docket in dockets:
        who, day = draw.randrange(persons), dt.date(int(docket[:4]), 1, 1) + dt.timedelta(days=draw.randrange(700))
        for charge in range(1, draw.choice((2, 2, 3))):
            text = draw.choice(TEXTS).format(docket=draw.choice(dockets))
            lines.append(f"{docket},{who},K14{who:06},{charge},{text},{day},{draw.choice('FMV')},PL 155.25")
    draw.shuffle(lines)
    file = folder / "dispositions.csv"
    file.write_text("\n".join([HEAD, *lines]) + "\n")
    return read_charges(file, law=law)


def children() -> set[int]:
    """The processes that this one started and that still run."""
    found = (each.read_text().split() for each in CHILDREN.glob("*/children"))
    return {int(number) for each in found for number in each}


def lines_of(charges: ChargeRows, folder: Path, **options: Any) -> bytes:
    law = charges.law
    decisions = decide_charges(charges, NOW, law=law, **options)
    write_decisions(folder / "lines.jsonl", charges, decisions, NOW, law=law, **options)
    return (folder / "lines.jsonl").read_bytes()


@pytest.mark.parametrize(("law", "workers"), [("us-ny", 3), ("us-va", 2)])
def test_how_many_processes_decide_does_not_matter(tmp_path: Path, law: str, workers: int) -> None:
    charges = court_file(tmp_path, law)
    alone, several = (decide_charges(charges, NOW, law=law, workers=count) for count in (1, workers))

    assert list(several) == list(alone)
    assert several.shapes == alone.shapes
    assert several.actions.equals(alone.actions)
    for count in (1, workers):
        write_decisions(tmp_path / f"{count}.jsonl", charges, alone, NOW, law=law, workers=count)
    assert (tmp_path / f"{workers}.jsonl").read_bytes() == (tmp_path / "1.jsonl").read_bytes()
    assert len(alone.shapes) > 5, "answers differ"


def test_phrases_of_its_own_are_read_in_every_process(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('version = "ours-1"\n[texts]\n"STET" = "DISMISSED_ENTIRE"\n')
    charges, mapping = court_file(tmp_path, "us-ny"), read_map("us-ny", own)

    one, two = (list(decide_charges(charges, NOW, mapping=mapping, workers=count)) for count in (1, 2))

    assert one == two != list(decide_charges(charges, NOW, workers=1))


def test_what_a_process_does_not_answer_is_decided_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    charges = court_file(tmp_path, "us-ny")
    alone = lines_of(charges, tmp_path, workers=1)
    for program in ("/nonexistent/python", "/bin/false"):
        monkeypatch.setattr(sys, "executable", program)

        assert lines_of(charges, tmp_path, workers=2) == alone


@pytest.mark.skipif(not any(CHILDREN.glob("*/children")), reason="Linux alone lists the processes that one started")
def test_a_process_that_is_killed_leaves_the_same_answers_and_none_stays(tmp_path: Path) -> None:
    charges = court_file(tmp_path, "us-ny")
    alone, before = lines_of(charges, tmp_path, workers=1), children()
    killed = set[int]()

    def kill(phase: str, done: int, total: int) -> None:
        for number in children() - before - killed:
            os.kill(number, signal.SIGKILL)
            killed.add(number)

    assert lines_of(charges, tmp_path, workers=2, progress=kill) == alone
    assert len(killed) == 2
    assert children() == before


@pytest.mark.skipif(not any(CHILDREN.glob("*/children")), reason="Linux alone lists the processes that one started")
def test_an_interrupt_ends_every_process(tmp_path: Path) -> None:
    charges, before = court_file(tmp_path, "us-ny"), children()

    def interrupt(phase: str, done: int, total: int) -> None:
        assert len(children() - before) == 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decide_charges(charges, NOW, workers=2, progress=interrupt)
    assert children() == before
