"""``sealscrub law review``: what is not known, as a queue to fill in, and its answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import UsageError
from sealscrub.reports import Count, Listing, counted

from . import options as opt
from .audit_entries import made, recorded
from .declarations import Commands, formerly, option
from .law_ahead import day_of
from .progress import phases
from .remarks import remark
from .row_messages import CUSTODIANS_COPY, left_out, odd

if TYPE_CHECKING:
    from sealscrub.custodian.law.desk import OpenQuestion

__all__ = ["app"]

app = Commands(help="Unknown facts, as a queue for a clerk to fill in.", no_args_is_help=True)

_Facts = Annotated[
    Path | None, option("File for the facts to fill in (CSV, 0600), one line per docket and fact.", "--facts")
]


@app.command("export")
def export(
    dispositions: opt.Dispositions,
    output: Annotated[Path, option("The queue (CSV, 0600); the clerk fills in the last column.", "--output", "-o")],
    as_of: opt.Day = None,
    law: opt.Law = "us-ny",
    renamed: opt.Renamed = None,
    aliases: opt.Aliases = None,
    facts: _Facts = None,
    reject_file: opt.RejectFile = None,
    audit_log: opt.AuditLogFile = None,
    *,
    reporting: opt.Reporting,
) -> None:
    """Write what keeps answers from being known, by its cause: what settles most actions first. No legal advice.

    Words that no phrase explains can be answered in the queue, and are there alone: they may name a person. Facts and
    doubts are the list to take to the courts; --facts writes the facts that columns of the file could give, a line
    each, for law review fill.

    Example: sealscrub law review export dispositions.csv -o queue.csv --as-of 2026-11-25
    """
    from sealscrub.custodian.custody import Entry, Kind
    from sealscrub.custodian.law import decide_charges, read_charges
    from sealscrub.custodian.law.desk import open_questions, write_facts, write_queue
    from sealscrub.custodian.law.dispositions import read_map
    from sealscrub.custodian.sheets import check_reject_file, reject_rows

    from .column_map import renamed_columns

    reporting.check(Listing)
    written = [each.resolve() for each in (output, facts, reject_file) if each is not None]
    if len(set(written)) < len(written):
        raise UsageError("queue, facts and rejects need a file each", where=str(output), hint="give others.")
    if reject_file is not None:
        check_reject_file(reject_file, dispositions)
    mapping, day = read_map(law, aliases), day_of(as_of)
    with recorded(audit_log, Entry(kind=Kind.ACCESS, what="law review export", scope="registry")) as act:
        charges = read_charges(dispositions, renamed_columns(renamed or []), leave_out=reject_file is not None, law=law)
        rejected = 0
        if reject_file is not None and charges.sheet is not None and charges.problems:
            rejected = reject_rows(charges.sheet, charges.problems, reject_file)
        with phases() as tell:
            decisions = decide_charges(charges, day, law=law, mapping=mapping, progress=tell)
        found = open_questions(charges, decisions, mapping, day)
        asked = write_facts(facts, charges, decisions) if facts is not None else None
        write_queue(output, found, mapping)
        made(act, output)
    words = sum(each.kind == "words" for each in found)
    reporting.say(
        Listing(
            tool="law review export",
            headline=f"{'What' if found else 'Nothing'} keeps answers from being known",
            kind="warn" if found else "good",
            facts={"Actions": Count(len(charges.actions)), "Causes": Count(len(found)), "Words": Count(words)}
            | ({} if asked is None else {"Facts to fill in": Count(asked)})
            | _most_settled(found),
            rows=[
                {"kind": each.kind, "cause": _shown_cause(each), "settles": each.settles, "actions": each.actions,
                 "persons": each.persons, "lines": " ".join(map(str, each.lines)), "proposed": each.proposed}
                for each in found
            ],
            title="By cause, most actions first",
            steps=("Fill in the last column of the queue, and import it.",) if words else (),
            operators_copy=CUSTODIANS_COPY,
        )
    )  # fmt: skip
    remark(*odd(charges.oddities), *left_out(rejected, charges.problems, reject_file, "be read"))


def _most_settled(questions: Iterable[OpenQuestion]) -> dict[str, str]:
    """What settles most actions if it is filled in, in words."""
    for each in questions:
        if each.kind in ("fact", "column") and each.settles:
            persons, actions = counted(each.persons, "person"), counted(each.settles, "action")
            return {"Settles most": f"{each.cause} of {persons} decides {actions}"}
    return {}


def _shown_cause(question: OpenQuestion) -> str:
    """The cause, of a doubt with what it is; of words, which may name a person, that they are in the queue."""
    if question.kind == "doubt":
        return f"{question.told_by} ({question.cause})"
    return question.cause if question.kind in ("fact", "column", "day", "doubt") else "in the queue"


@app.command("import")
def import_(
    queue: Annotated[Path, typer.Argument(metavar="QUEUE", help="The queue from law review export, filled in.")],
    aliases: Annotated[opt.RequiredAliases, formerly("--vocabulary")],
    law: opt.Law = "us-ny",
    audit_log: opt.AuditLogFile = None,
) -> None:
    """Take a clerk's answers about words into your own vocabulary: accept, refuse, or a disposition.

    An answer that is none of these, that contradicts another line or a phrase in use, or is in a line that was not
    exported so for this law, is an error with its line; nothing is taken. The file of --aliases is made or extended.

    Example: sealscrub law review import queue.csv --aliases ours.toml
    """
    from sealscrub.custodian.custody import Entry, Kind
    from sealscrub.custodian.law.desk import extend_vocabulary, read_queue
    from sealscrub.custodian.law.dispositions import read_map

    answers = read_queue(queue, read_map(law, aliases if aliases.exists() else None))
    taken = len(answers.meanings)
    with recorded(audit_log, Entry(kind=Kind.IMPORT, what="law review import", count=taken)) as act:
        version = extend_vocabulary(aliases, answers.meanings) if taken or aliases.exists() else ""
        made(act, aliases)
    remark(
        f"{counted(taken, 'word')} mapped, {len(answers.refused):,} left unmapped, {answers.left:,} without an answer"
        + (f"; {aliases} is version {version}." if version else ".")
    )


@app.command("fill")
def fill(
    facts: Annotated[
        Path, typer.Argument(metavar="FACTS", help="The facts from law review export --facts, filled in.")
    ],
    dispositions: opt.Dispositions,
    output: Annotated[Path, option("The dispositions with these facts (CSV, 0600).", "--output", "-o")],
    law: opt.Law = "us-ny",
    renamed: opt.Renamed = None,
    audit_log: opt.AuditLogFile = None,
) -> None:
    """Write the dispositions again with the facts that a clerk filled in, for registry derive.

    Only what is blank, or counts as blank, is filled in. An answer that cannot be read or contradicts another line, and
    one about a docket that the file does not hold as it did, is an error with its line; nothing is written.

    Example: sealscrub law review fill facts.csv dispositions.csv -o filled.csv
    """
    from sealscrub.custodian.custody import Entry, Kind
    from sealscrub.custodian.law.desk import fill_facts

    from .column_map import renamed_columns

    with recorded(audit_log, Entry(kind=Kind.IMPORT, what="law review fill", scope="registry")) as act:
        filled = fill_facts(facts, dispositions, output, law=law, renamed=renamed_columns(renamed or []))
        if act is not None:
            act.count = filled.taken
        made(act, output)
    remark(f"{counted(filled.taken, 'fact')} filled in, {filled.left:,} without an answer; wrote {output}.")
