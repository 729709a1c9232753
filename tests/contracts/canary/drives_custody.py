"""Drive ``custody``: rosters, orders, the door and the audit log, as they let in, refuse and are tampered with."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Callable, Iterator

from sealscrub.certificates import load_signer
from sealscrub.certificates.envelope import load_public_key
from sealscrub.custodian.custody import (
    Act,
    Asking,
    AuditLog,
    Entry,
    Hours,
    Kind,
    Order,
    Purpose,
    ReferenceKey,
    Roster,
    Terms,
    accesses_to,
    account,
    annex_key,
    check_proof,
    file_paper,
    known_purposes,
    late_seals,
    make_checkpoint,
    open_access,
    open_checkpoint,
    open_paper,
    prove_consistency,
    prove_entry,
    read_checkpoints,
    read_order,
    read_roster,
    report_on,
    sample_entries,
    sign_checkpoint,
    sign_paper,
    verifier_key,
    verify_log,
)
from sealscrub.custodian.registry import Registry, migrate
from sealscrub.identifiers import RecordKey, generate_certifier, generate_keys, load_annex, load_certifier

from ...today import today
from .drives_command_line import _run
from .watch import NUMBER, PAYLOAD, SEALED, UNPARSABLE, WITHHELD, Looked
from .world import World

Calls = Iterator[Callable[[], object]]
_ROSTER = """version = 1
approved_by = "A. Example"
from = {today}
until = {until}
[[people]]
account = "{who}"
purposes = ["audit", "publishing_index", "keeping_registry"]
scope = "registry"
[[people]]
account = "{who}"
purposes = ["gun_licence"]
"""
_ORDER = """court = "C"
judge = "J"
date = {today}
until = {until}
agency = "A"
people = ["{who}"]
[[records]]
scheme = "arrest_number"
value = "{value}"
"""


def papers(world: World) -> Calls:
    made, custody = world.made, world.custody
    facts = {"today": today(), "until": today() + dt.timedelta(30), "who": account()}
    generate_certifier(made / "court.key")
    (made / "orders").mkdir()
    yield lambda: ReferenceKey.create(made / "audit.log.key")
    yield lambda: ReferenceKey.create(made / "audit.log.key")
    yield lambda: ReferenceKey.load(world.inputs / "train.csv")
    key, signer = ReferenceKey.load(made / "audit.log.key"), load_signer(made / "court.key")
    public = load_public_key(made / "court.key.pub")
    yield lambda: (key, key.key_id, key.refer("arrest_number", SEALED), key.of_canonical("arrest_number", SEALED))
    yield lambda: key.refer("arrest_number", UNPARSABLE)
    yield lambda: key.refer("person_arrest", SEALED)
    yield lambda: pickle.dumps(key)
    good = _ROSTER.format(**facts)
    bad = [good.replace("audit", PAYLOAD), good.replace("version", PAYLOAD + SEALED), good + f'"{SEALED}" = {NUMBER}\n']
    for at, text in enumerate((good, *bad, good.replace(f'"{account()}"', f'"{SEALED} {PAYLOAD}"'), PAYLOAD)):
        (custody / f"roster-{at}.toml").write_text(text)
        yield lambda at=at: read_roster(custody / f"roster-{at}.toml")
    roster = read_roster(custody / "roster-0.toml")
    yield lambda: read_roster(custody / "roster-0.toml", previous=roster)
    yield lambda: sign_paper(roster, signer)
    (made / "roster.json").write_bytes(sign_paper(roster, signer))
    opened = open_paper(Roster, made / "roster.json", public)
    yield lambda: (opened, opened.grants(account(), today()))
    for place in (world.inputs / "train.csv", custody / "roster-1.toml", made / "absent"):
        yield lambda place=place: open_paper(Order, place, public)
    for at, value in enumerate((SEALED, UNPARSABLE, PAYLOAD)):
        (custody / f"order-{at}.toml").write_text(_ORDER.format(**facts, value=value))
        yield lambda at=at: read_order(custody / f"order-{at}.toml", key)
    order = read_order(custody / "order-0.toml", key)
    (made / "orders" / "1.json").write_bytes(sign_paper(order, signer))
    yield lambda: (order, order.covers(account(), key.refer("arrest_number", SEALED), today()))


def logs(world: World) -> Calls:
    made = world.made
    yield lambda: AuditLog.create(made / "audit.log", who="r.alvarez")
    yield lambda: AuditLog.create(made / "audit.log", who="r.alvarez")
    yield lambda: AuditLog.open(world.inputs / "train.csv")
    log = AuditLog.open(made / "audit.log")
    yield lambda: (log, log.last(), list(log), list(log.lines()), Act(3))
    for field in ("who", "what", "purpose", "scope", "why", "grant", "registry", "digest"):
        yield lambda field=field: log.append(Entry(kind=Kind.ACCESS, **{field: f"{SEALED}\n{PAYLOAD}"}))
    yield lambda: log.append(Entry(kind=Kind.ACCESS, who="x", references=(SEALED,)))
    yield lambda: Looked(Entry(kind=Kind.ACCESS, who=PAYLOAD))
    yield lambda: (Entry(kind=Kind.ACCESS, who="x").check(), Entry(kind=Kind.ACCESS, who="x").line(1, "x"))
    yield lambda: _act(log)
    yield lambda: _act(log, fails=True)
    references = ReferenceKey.load(made / "audit.log.key")
    yield lambda: accesses_to(log, references.refer("arrest_number", SEALED))
    yield lambda: accesses_to(log, SEALED)
    generate_certifier(made / "log.key")
    key = load_certifier(made / "log.key")
    public = key.public_key()
    first = make_checkpoint(log, key, witness=made / "audit.witness")
    log.append(Entry(kind=Kind.DENIAL, who="x", what="registry seals", why="unlisted"))
    note = make_checkpoint(log, key, witness=made / "audit.witness")
    yield lambda: (note, open_checkpoint(note, public), open_checkpoint(note, public).text)
    yield lambda: open_checkpoint(PAYLOAD + SEALED, public)
    yield lambda: (sign_checkpoint(open_checkpoint(note, public), key), verifier_key(log.origin, public))
    yield lambda: read_checkpoints(made / "audit.witness", public)
    for name in ("train.csv", "train.parquet", "absent.csv"):
        yield lambda name=name: read_checkpoints(world.inputs / name, public)
    yield (
        lambda: (
            (verdict := verify_log(log, read_checkpoints(made / "audit.witness", public))).to_text() * verdict.intact
        )
    )
    yield lambda: check_proof(prove_entry(log, 1, note, public), public)
    yield lambda: prove_entry(log, 99, note, public)
    yield lambda: check_proof(prove_consistency(log, first, note, public), public)
    yield lambda: check_proof(PAYLOAD + SEALED, public)
    (world.custody / "bad.log").write_bytes((made / "audit.log").read_bytes() + f'{{"{SEALED}": {NUMBER}}}\n'.encode())
    bad = AuditLog.open(world.custody / "bad.log")
    yield lambda: verify_log(bad).to_text()
    yield lambda: (list(bad), bad.last())
    yield lambda: make_checkpoint(bad, key)
    yield lambda: bad.append(Entry(kind=Kind.ACCESS, who="x"))


def _act(log: AuditLog, *, fails: bool = False) -> Act:
    with log.act(Entry(kind=Kind.ACCESS, who="x", what="registry seals")) as act:
        if fails:
            log.append(Entry(kind=Kind.ACCESS, who=SEALED + "\n"))
    return act


def doors(world: World) -> Calls:
    made, custody = world.made, world.custody
    (made / "custody.toml").write_text(
        'authority = "court.key.pub"\nroster = "roster.json"\nlog = "audit.log"\n'
        'reference_key = "audit.log.key"\norders = "orders"\n'
    )
    yield lambda: Terms.from_file(world.inputs / "train.csv")
    yield lambda: Terms.from_text(PAYLOAD)
    yield known_purposes
    terms = Terms.from_file(made / "custody.toml")
    yield lambda: (terms, terms.to_text(), terms.public_key.public_bytes_raw(), account())
    sealed, other = (RecordKey("arrest_number", value) for value in (SEALED, WITHHELD))
    for purpose in (None, "gun_licence", Purpose.COURT_ORDER, Purpose.AUDIT, "parole_supervision"):
        for record in (None, sealed, other):
            asking = Asking(what="registry history", purpose=purpose, record=record)
            yield lambda asking=asking: (_through(terms, asking), asking.scope)
            yield lambda asking=asking: Looked(asking)
    place = custody / "kept.db"
    Registry.create(place, custody=terms).close()
    yield lambda: Registry.open(place, purpose=PAYLOAD)
    with Registry.open(place, purpose="audit") as seals:
        yield lambda: seals.add(world.inputs / "notices.csv")
        yield lambda: seals.custody
        yield lambda: Looked(seals.seals())
        yield lambda: Looked(seals.history("arrest_number", SEALED))
    with Registry.open(place, purpose="probation_supervision") as seals:
        yield from (seals.seals, lambda: seals.history("arrest_number", SEALED), lambda: seals.changes(0))
        yield seals.status
        yield seals.reconcile
        yield lambda: seals.history("arrest_number", UNPARSABLE)
    (made / "later.json").write_bytes((made / "orders" / "1.json").read_bytes())
    for name in ("later.json", "roster.json", "absent"):
        yield lambda name=name: file_paper(terms, made / name)
    for name in ("train.csv", "broken.jsonl"):
        yield lambda name=name: file_paper(terms, world.inputs / name)
    with Registry.open(place, purpose="audit") as seals:
        yield seals.epochs
        log = AuditLog.open(made / "audit.log")
        yield lambda: late_seals(log, seals.epochs(), days=0, since=today(), until=today() + dt.timedelta(9))
    yield lambda: Registry.open(place, purpose=PAYLOAD)
    yield lambda: migrate(place, custody / "kept-copy.db")
    _, _, annex, *_ = generate_keys(made / "kept.key", custody=terms.to_text())
    yield lambda: load_annex(annex)
    for purpose in (None, "audit", PAYLOAD):
        yield lambda purpose=purpose: _annex(annex, purpose)


def _through(terms: Terms, asking: Asking) -> Act:
    with open_access(terms, asking) as act:
        return act


def _annex(place: object, purpose: str | None) -> str:
    with annex_key(str(place), purpose=purpose) as key:
        return repr(key)


def reports(world: World) -> Calls:
    log, days = AuditLog.open(world.made / "audit.log"), (today() - dt.timedelta(3), today() + dt.timedelta(3))
    report = report_on(log, *days, sample=sample_entries(log, 5, PAYLOAD, *days))
    yield lambda: (report, report.remarks, report.to_text(), report.to_html(), report.to_json(), report.render("csv"))
    yield lambda: report_on(AuditLog.open(world.custody / "bad.log"), *days)
    yield lambda: report_on(log, days[1], days[0])
    now = dt.datetime.now(dt.UTC)
    yield lambda: (Hours().hold(now), Hours().local(now))
    yield lambda: Hours(zone=PAYLOAD)


def custody_commands(world: World) -> Calls:
    made, inputs, custody = world.made, world.inputs, world.custody
    public, court = ["--public-key", made / "log.key.pub"], ["--public-key", made / "court.key.pub"]
    court_key = ["--signing-key", made / "court.key"]
    for words in (
        ["audit", "init", made / "second.log"],
        ["audit", "init", made / "second.log"],
        ["audit", "checkpoint", made / "audit.log", "--signing-key", made / "log.key", "--witness", made / "w"],
        ["audit", "checkpoint", custody / "bad.log", "--signing-key", made / "log.key"],
        ["audit", "verify", made / "audit.log", "--witness", made / "w", *public],
        ["audit", "verify", custody / "bad.log", "--witness", inputs / "train.csv", *public],
        ["audit", "verify", custody / "bad.log"],
        ["audit", "proof", made / "audit.log", "--entry", 1, "--checkpoint", made / "w", *public],
        ["audit", "proof", made / "audit.log", "--entry", NUMBER, "--checkpoint", inputs / "train.csv", *public],
        ["audit", "proof", made / "audit.log", "--earlier", made / "w", "--checkpoint", made / "w", *public],
        ["audit", "check", inputs / "train.csv", *public],
        ["audit", "report", made / "audit.log", "--from", today(), "--until", today(), "--report", made / "audit.html"],
        ["audit", "report", custody / "bad.log", "--from", today(), "--until", PAYLOAD],
        ["roster", "purposes"],
        [
            "roster",
            "sign",
            custody / "roster-0.toml",
            "--signing-key",
            made / "court.key",
            "-o",
            made / "roster-0.json",
        ],
        [
            "roster",
            "sign",
            custody / "roster-1.toml",
            "--signing-key",
            made / "court.key",
            "-o",
            made / "roster-1.json",
        ],
        ["roster", "show", made / "roster.json", *court],
        ["roster", "show", inputs / "train.csv", *court],
        ["roster", "file", made / "roster-0.json", "--custody", made / "custody.toml"],
        ["roster", "file", inputs / "train.csv", "--custody", made / "custody.toml"],
        ["roster", "check", made / "roster-0.json", "--previous", made / "roster.json", *court],
        *(
            [
                *["roster", "order", custody / f"order-{at}.toml", *court_key],
                *["--reference-key", made / "audit.log.key", "-o", made / f"order-{at}.json"],
            ]
            for at in (0, 1)
        ),
        ["registry", "history", custody / "kept.db", "arrest_number", SEALED, "--purpose", "accused"],
        ["registry", "history", custody / "kept.db", "arrest_number", SEALED, "--purpose", PAYLOAD],
    ):
        yield lambda words=words: _run(*words)


DRIVES = (papers, logs, doors, reports, custody_commands)
