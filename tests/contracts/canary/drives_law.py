"""Drive ``law``'s engine and its commands, on a file of dispositions whose rows hold canaries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from sealscrub import law
from sealscrub.cli import run
from sealscrub.law.dispositions import map_disposition, read_map, unmapped
from sealscrub.sheets import read_sheet

from .watch import NUMBER, PAYLOAD, SEALED, WITHHELD, Unwatched
from .world import World

Calls = Iterator[Callable[[], object]]

_HEAD = "docket,defendant_id,arrest_number,disposition,event_date,certified,served_on\n"
_DAY = dt.date(2026, 11, 25)


def engine(world: World) -> Calls:
    file = _write(world, "dispositions.csv")
    yield lambda: Unwatched(law.read_cases(file))
    yield lambda: [repr(case) for case in law.read_cases(file)]
    for case in law.read_cases(file):
        yield lambda case=case: law.decide(*case, _DAY)
        yield lambda case=case: law.in_words(law.decide(*case, _DAY))
        yield lambda case=case: _tree(law.decide(*case, _DAY))
    yield lambda: list(law.decide_all(law.read_cases(file), _DAY))
    for asked in ({"docket": SEALED}, {"docket": PAYLOAD}, {"arrest_number": SEALED}, {"docket": "1"}, {}):
        yield lambda asked=asked: law.explain(file, as_of=_DAY, **asked)
    yield lambda: law.explain(file, docket=SEALED, known_at=dt.date(2000, 1, 1), as_of=_DAY)
    yield lambda: law.explain(file, docket=SEALED, as_of=_DAY, map={"no such": "docket"})
    yield lambda: repr(read_sheet(file))
    yield lambda: read_sheet(world.aside / "absent.csv")
    yield lambda: repr(law.as_known(law.read_charges(file), None))
    yield lambda: repr(law.read_charges(file, leave_out=True).problems)
    yield lambda: law.components(pl.DataFrame({"node": [0, 1], "key": [SEALED, SEALED]}))
    yield lambda: law.decide(law.Action(), [], _DAY, law="us-xx")
    yield lambda: law.decide_arrest(law.read_cases(file), _DAY)
    yield lambda: law.decide_arrest([], _DAY)
    yield lambda: Unwatched(law.related(law.read_cases(file)[0], law.read_cases(file)))
    yield lambda: Unwatched([(case[0].who, case[0].arrests()) for case in law.read_cases(file)])
    for row in (f"{SEALED},{NUMBER},{SEALED},{PAYLOAD},{PAYLOAD},Y,", f"{SEALED},{NUMBER},,,2014-01-01,{PAYLOAD},"):
        yield lambda row=row: law.read_cases(_write(world, "wrong.csv", row))
        yield lambda row=row: repr(law.read_charges(_write(world, "wrong.csv", row), leave_out=True).problems)
    yield lambda: law.read_cases(world.aside / "absent.csv")
    yield lambda: law.read_cases(_write(world, "headless.csv", head=f"{PAYLOAD}\n"))


def texts(world: World) -> Calls:
    wrong = world.aside / "texts.toml"
    wrong.write_text(f'version = "1"\n[texts]\n"{PAYLOAD}" = "{PAYLOAD}"\n')
    yield lambda: str(map_disposition(f"COVERED BY {SEALED}"))
    yield lambda: unmapped([f"MERGED {SEALED}"], read_map("us-ny"))
    yield lambda: read_map("us-ny", wrong)
    yield lambda: law.parse_law_code("PL 2211500")
    yield lambda: law.parse_law_code(SEALED)


def rules(world: World) -> Calls:
    place = law.jurisdiction("us-ny")
    yield lambda: [rule.in_force(_DAY) for rule in place.rules()]
    yield lambda: [law.show_rule(rule) for rule in law.find_rule("us-ny/cpl-160.50/3b")]
    yield lambda: list(law.print_law(place, {}))
    yield lambda: law.find_rule(SEALED)


def commands(world: World) -> Calls:
    file = _write(world, "dispositions.csv")
    yield lambda: run(["law", "rules"])
    yield lambda: run(["law", "rule", "us-ny/cpl-160.50/3b"])
    yield lambda: run(["law", "rule", PAYLOAD])
    for docket in (SEALED, WITHHELD, PAYLOAD):
        yield lambda docket=docket: run(["law", "explain", str(file), "--docket", docket, "--as-of", "2026-11-25"])
    yield lambda: run(["law", "explain", str(file), "--docket", SEALED, "--as-of", "2026-11-25", "--map", PAYLOAD])


def _tree(decision: law.Decision) -> object:
    assert decision.reasons is not None
    return list(decision.reasons.lines()), sorted(decision.reasons.missing())


def _write(world: World, name: str, *rows: str, head: str = _HEAD) -> Path:
    path = world.aside / name
    given = rows or (
        f"{SEALED},{NUMBER},{SEALED},ACQUITTED,2014-05-01,,",
        f"{WITHHELD},{NUMBER},{SEALED},COVERED BY {SEALED},2014-05-01,,",
        f"{PAYLOAD},{NUMBER},{WITHHELD},{PAYLOAD} {SEALED},2014-05-01,,",
    )
    path.write_text(head + "\n".join(given) + "\n")
    return path


DRIVES = (engine, texts, rules, commands)
