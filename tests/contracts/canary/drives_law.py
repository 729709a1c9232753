"""Drive ``law``'s engine and its commands, on a file of dispositions whose rows hold canaries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from sealscrub.cli import run
from sealscrub.custodian import law
from sealscrub.custodian.law.desk import (
    OpenQuestion,
    Reviewed,
    extend_vocabulary,
    fill_facts,
    open_questions,
    read_queue,
    regime_form,
    rules_reviewed,
    write_facts,
    write_queue,
)
from sealscrub.custodian.law.dispositions import Disposition, map_disposition, read_map, unmapped
from sealscrub.custodian.sheets import read_sheet
from sealscrub.identifiers import generate_certifier

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
        yield lambda case=case: law.Explanation(law.decide(*case, _DAY)).text()
        yield lambda case=case: _tree(law.decide(*case, _DAY))
    yield lambda: list(law.decide_all(law.read_cases(file), _DAY))
    for asked in ({"docket": SEALED}, {"docket": PAYLOAD}, {"arrest_number": SEALED}, {"docket": "1"}, {}):
        yield lambda asked=asked: law.explain(file, as_of=_DAY, **asked)
    yield lambda: law.explain(file, docket=SEALED, known_at=dt.date(2000, 1, 1), as_of=_DAY)
    yield lambda: law.explain(file, docket=SEALED, as_of=_DAY, map={"no such": "docket"})
    for supposed in (
        *({"family_offense": "N"}, {"severity": PAYLOAD}, {"birth_date": SEALED}, {PAYLOAD: "N"}),
        *({"sentenced_on": PAYLOAD}, {"released_on": "2014-05-02"}),
    ):
        yield lambda supposed=supposed: repr(law.explain(file, docket=SEALED, as_of=_DAY, assume=supposed).days)
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
    for place in law.JURISDICTIONS:
        yield lambda place=place: repr(law.read_charges(file, law=place))
        yield lambda place=place: repr(law.decide_charges(law.read_charges(file, law=place), _DAY, law=place))
        yield lambda place=place: law.explain(file, docket=SEALED, as_of=_DAY, law=place).text()
        yield lambda place=place: law.parse_law_code(SEALED, place)
    yield lambda: law.decide_charges(law.read_charges(file), _DAY, law="us-or")
    head = "docket,defendant_id,disposition,event_date,event,order_scope\n"
    for row in (f"{SEALED},{NUMBER},{SEALED},2014-05-01,{PAYLOAD},", f"{SEALED},{NUMBER},,2014-05-01,,{PAYLOAD}"):
        yield lambda row=row: law.read_charges(_write(world, "wrong.csv", row, head=head), law="us-or")
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
    yield lambda: list(law.print_law(place))
    yield lambda: law.find_rule(SEALED)


def commands(world: World) -> Calls:
    file = _write(world, "dispositions.csv")
    yield lambda: run(["law", "rules"])
    yield lambda: run(["law", "rule", "us-ny/cpl-160.50/3b"])
    yield lambda: run(["law", "rule", PAYLOAD])
    for docket in (SEALED, WITHHELD, PAYLOAD):
        yield lambda docket=docket: run(["law", "explain", str(file), "--docket", docket, "--as-of", "2026-11-25"])
    yield lambda: run(["law", "explain", str(file), "--docket", SEALED, "--as-of", "2026-11-25", "--map", PAYLOAD])


def desk(world: World) -> Calls:
    """The clerk's queue holds texts, and stays with the custodian: what is said of it does not."""
    file, own, queue = _write(world, "dispositions.csv"), world.aside / "own.toml", world.aside / "queue.csv"
    mapping = read_map("us-ny")
    charges = law.read_charges(file)
    yield lambda: Unwatched(law.unread_texts(charges, law.decide_charges(charges, _DAY), mapping, _DAY))
    yield lambda: write_queue(queue, open_questions(charges, law.decide_charges(charges, _DAY), mapping, _DAY), mapping)
    yield lambda: repr(read_queue(queue, mapping).refused)
    yield lambda: Unwatched(run(["law", "review", "export", str(file), "-o", str(queue), "--as-of", "2026-11-25"]))
    head = "kind,cause,settles,actions,persons,lines,told_by,proposed,check,answer\n"
    for row in (f"words,{PAYLOAD},1,1,1,2,,,q,{SEALED}", f"fact,{PAYLOAD},1,1,1,2,,,q,{PAYLOAD}", f"words,{PAYLOAD}"):
        yield lambda row=row: read_queue(_write(world, "queue-2.csv", row, head=head), mapping)
        asked = ["law", "review", "import", str(world.aside / "queue-2.csv"), "--aliases", str(own)]
        yield lambda asked=asked: run(asked)
    words = OpenQuestion(kind="words", cause="STET", settles=1, actions=1, persons=1, lines=(2,))
    yield lambda: write_queue(queue, [words], mapping)
    for answer in (SEALED, PAYLOAD, "accept"):
        yield lambda answer=answer: read_queue(_answered(world, queue, answer), mapping)
    yield lambda: mapping.nearest(PAYLOAD)
    yield lambda: read_queue(_write(world, "headless.csv", head=f"{PAYLOAD}\n"), mapping)
    yield lambda: write_queue(_write(world, "other.csv", head=f"{PAYLOAD}\n"), [], mapping)
    yield lambda: write_queue(_write(world, "answers.csv", f"words,A,1,1,1,2,,,q,{PAYLOAD}", head=head), [], mapping)
    for content in (f'"{PAYLOAD}', f'texts = {{ "{PAYLOAD}" = "PENDING" }}\nversion = "1"\n', "[texts]\n"):
        own.write_text(content)
        yield lambda: extend_vocabulary(own, {PAYLOAD: Disposition.PENDING})


def _answered(world: World, queue: Path, answer: str) -> Path:
    """Lines as they were exported, with an answer that cannot be taken."""
    head, *rows = queue.read_text().splitlines()
    return _write(world, "queue-3.csv", *(f"{row}{answer}" for row in rows), head=f"{head}\n")


def facts(world: World) -> Calls:
    """What a clerk fills in names dockets, and so does the file that it makes; what is said of them does not."""
    rows = (f"{docket},{NUMBER},{SEALED},ACD 170.55,2026-04-01,," for docket in (SEALED, WITHHELD))
    file, asked, filled = _write(world, "open.csv", *rows), world.aside / "facts.csv", world.aside / "filled.csv"
    charges = law.read_charges(file)
    yield lambda: law.explain(file, docket=SEALED, as_of=_DAY).text()
    yield lambda: write_facts(asked, charges, law.decide_charges(charges, _DAY))
    for answer in (SEALED, PAYLOAD, "N"):
        yield lambda answer=answer: repr(fill_facts(_answered(world, asked, answer), file, filled))
        ask = ["law", "review", "fill", str(world.aside / "queue-3.csv"), str(file), "-o", str(filled)]
        yield lambda ask=ask: run(ask)
    yield lambda: fill_facts(world.aside / "queue-3.csv", _write(world, "dispositions.csv"), filled)
    yield lambda: fill_facts(_write(world, "headless.csv", head=f"{PAYLOAD}\n"), file, filled)
    yield lambda: fill_facts(_write(world, "torn.csv", f'"{PAYLOAD}', head=f'"{PAYLOAD}'), file, filled)
    yield lambda: write_facts(
        _write(world, "other.csv", head=f"{PAYLOAD}\n"), charges, law.decide_charges(charges, _DAY)
    )
    yield lambda: write_facts(world.aside / "queue-3.csv", charges, law.decide_charges(charges, _DAY))


def sign_off(world: World) -> Calls:
    key, signed = world.aside / "bar.key", world.aside / "signed.json"
    generate_certifier(key)
    ask = ["law", "sign", "us-ny/cpl-160.50/3c@1", "--signing-key", str(key), "-o", str(signed), "--reviewer"]
    yield lambda: run([*ask, "A. Jones"])
    yield lambda: run([*ask, ""])
    yield lambda: run([*ask, f"{PAYLOAD}\n"])
    yield lambda: run(["law", "sign", PAYLOAD, *ask[3:], "A. Jones"])
    yield lambda: run(["law", "rules", "--rule-review", str(signed), "--reviewer-key", f"{key}.pub"])
    yield lambda: regime_form("us-ny/cpl-160.50")
    yield lambda: rules_reviewed([Reviewed(PAYLOAD, SEALED, "A. Jones")])
    file = _write(world, "dispositions.csv")
    yield lambda: run(
        ["law", "explain", str(file), "--docket", SEALED, "--rule-review", str(file), "--reviewer-key", str(key)]
    )


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


DRIVES = (engine, texts, rules, commands, desk, facts, sign_off)
