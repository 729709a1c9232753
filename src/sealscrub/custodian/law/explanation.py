"""An answer in words: one document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.errors import UsageError
from sealscrub.reports import Cell, Column, Count, Document, Drawing, Kind, Notes, Part, Reported, Table, counted

from .action_answers import decide
from .charges import ChargeRows, as_known, linking, read_charges
from .decision_lines import decision_values
from .decisions import Answer, Decision
from .desk import (
    DocketDay,
    days_drawn,
    deciding_facts,
    docket_days,
    public_texts,
    said_fact,
    said_sources,
    suppose,
)
from .disposition_files import cases_of
from .dispositions import read_map
from .jurisdictions import find_rule, jurisdiction

__all__ = ["Explanation", "explain"]

_KINDS: dict[Answer, Kind] = {Answer.SEALED: "bad", Answer.NOT_SEALED: "good", Answer.UNKNOWN: "warn"}
_NOT_YET = "Nothing of the case had happened by the day asked about, as far as was recorded."
_LATER = "Its rows were recorded later: ask by a later day of recording."
_UNMAPPED = "/doubt/unmapped"
_ANSWER_WORDS = {
    Answer.SEALED: "sealed",
    Answer.NOT_SEALED: "not sealed",
    Answer.UNKNOWN: "not known",
}


def explain(
    path: str | Path,
    *,
    docket: str = "",
    arrest_number: str = "",
    defendant_id: str = "",
    as_of: dt.date | None = None,
    known_at: dt.date | None = None,
    law: str = "us-ny",
    map: Mapping[str, str] | None = None,
    aliases: str | Path | None = None,
    assume: Mapping[str, str] | None = None,
) -> Explanation:
    r"""Say in words whether one action of a file is sealed, and why. It is not legal advice.

    Parameters
    ----------
    path : str or Path
        A file of dispositions, as :func:`~sealscrub.custodian.law.read_charges` reads it. The person's other actions in
        it bear on the answer. Rows of others that cannot be read are left out.
    docket, arrest_number, defendant_id : str
        What names the action: a docket, in any spelling; if none was filed, an arrest; and who the defendant is,
        if there are several.
    as_of : datetime.date, optional
        The day that is asked about; today by default (UTC).
    known_at : datetime.date, optional
        What was recorded later does not count, nor, on a day in the past, what does not say when; by default `as_of`.
    law : str
        The jurisdiction.
    map : mapping of str to str, optional
        The file's name of a column → ours; an empty name leaves the column unread.
    aliases : str or Path, optional
        Your own TOML file of dispositions.
    assume : mapping of str to str, optional
        What if: by column, such as ``family_offense``, what every row of the action is supposed to say.

    Returns
    -------
    Explanation
        The answer, its rules with their citations, and the tree of its reasons, without any number of the action.

    Raises
    ------
    UsageError
        When no action or several have these numbers, or what is supposed names none of the facts.
    ColumnError, ConfigError, NoticeError, UnreadableInput
        When the file, the law or the aliases cannot be read.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> said = explain(file, docket="CR-000001-14KN", as_of=dt.date(2026, 11, 25))
    >>> print(said.text().splitlines()[0])
    The action is sealed under us-ny/cpl-160.50 (3)(c), from 2014-05-01
    """
    charges = as_known(read_charges(path, map, leave_out=True, law=law), known_at)
    mapping = read_map(law, None if aliases is None else Path(aliases))
    found = _actions_named(charges.actions, {"docket": docket, "arrest_number": arrest_number}, defendant_id, law)
    if charges.problems and len(found) != 1:
        read_charges(path, map, law=law)  # it may be in the rows that are left out: their error names them
    number = _only_action(found, Path(path).name)
    if assume:
        charges = suppose(charges, number, assume)
    person = pl.col("person") == charges.actions["person"][number]
    his = charges.actions.filter(person)
    rows = charges.rows.join(his.select("action"), on="action", how="semi", maintain_order="left")
    cases = dict(cases_of(replace(charges, rows=rows, actions=his)))
    linked = [case for other, case in cases.items() if other != number]
    day = as_of or dt.datetime.now(dt.UTC).date()
    decision = decide(*cases[number], day, known_at, linked=linked, law=law, mapping=mapping)
    days = docket_days(*cases[number], decision, day, mapping, known_at)
    if _begins(days) is not None:  # a day that is counted from what had not happened does not change the answer
        decision = replace(decision, next_change=None, changes=())
    return Explanation(decision, days=days, supposed=assume or {}, law=law, left_out=_rows_left_out(charges))


def _actions_named(actions: pl.DataFrame, numbers: Mapping[str, str], defendant_id: str, law: str) -> pl.DataFrame:
    """The actions that have some numbers."""
    given = {name: number for name, number in numbers.items() if number}
    if not given:
        raise UsageError("no action given", hint="give a docket, or an arrest if no docket was filed.")
    found, place = actions, jurisdiction(law)
    for name, number in given.items():
        asked = linking(pl.Series([number], dtype=pl.String), name, place)  # null if it stands for no number
        found = found.filter((linking(found[name], name, place) == asked).fill_null(value=False))
    return found.filter(pl.col("defendant_id") == defendant_id) if defendant_id else found


def _rows_left_out(charges: ChargeRows) -> int:
    return len({line for line, _, _ in charges.problems})


def _only_action(found: pl.DataFrame, where: str) -> int:
    """The number of the one action that is asked about."""
    if len(found) == 1:
        return int(found["action"][0])
    what = "no action has these numbers" if found.is_empty() else f"{len(found)} actions have these numbers"
    hint = "check how the file spells them." if found.is_empty() else "say of which defendant, or which docket."
    raise UsageError(what, where=where, hint=hint)


@dataclass(frozen=True)
class Explanation(Reported):
    r"""A decision in words, with the citations of its rules and the tree of its reasons, and no number of the action.

    Parameters
    ----------
    decision : Decision
    days : tuple of DocketDay
        The days of the docket.
    supposed : mapping of str to str
        What its rows were supposed to say.
    reviewed : mapping of str to str
        By ``RULE@VERSION``, by whom and when a rule was reviewed.
    full : bool
        Whether the whole tree of reasons is said; a page always holds it, folded.
    law : str
        The jurisdiction, to say what would tell what is missing; empty says nothing.
    left_out : int
        Rows of the file that cannot be read, and those of the same persons, dockets and arrests.

    Examples
    --------
    >>> import datetime as dt
    >>> from sealscrub.custodian.law import Action, Event, decide
    >>> acquitted = Event(event_date=dt.date(2014, 5, 1), text="ACQUITTED")
    >>> said = Explanation(decide(Action(), [acquitted], dt.date(2020, 1, 1), explain=False)).text()
    >>> print("\n".join(said.splitlines()[:4]))
    The action is sealed under us-ny/cpl-160.50 (3)(c), from 2014-05-01
    <BLANKLINE>
    Rules
      · us-ny/cpl-160.50/3c version 1: CPL 160.50(3)(c) [own]. A verdict of complete acquittal.
    """

    decision: Decision
    days: tuple[DocketDay, ...] = ()
    supposed: Mapping[str, str] = field(default_factory=dict)
    reviewed: Mapping[str, str] = field(default_factory=dict)
    full: bool = False
    law: str = ""
    left_out: int = 0

    def _facts(self) -> Mapping[str, Any]:
        supposed = {"supposed": dict(self.supposed)} if self.supposed else {}
        left_out = {"left_out": self.left_out} if self.left_out else {}
        return supposed | left_out | decision_values(self.decision)

    def _document(self) -> Document:
        return Document(
            tool="law explain",
            kind=_kind(self.decision),
            headline=_headline(self.decision) + (", as supposed" if self.supposed else ""),
            facts=_as_of_cell(self.days)
            | {f"Supposed {name}": value for name, value in self.supposed.items()}
            | ({"Rows of others that cannot be read": Count(self.left_out)} if self.left_out else {}),
            parts=tuple(self._parts()),
            closing=(f"This is not legal advice; {_review(self.decision, self.reviewed)}.",),
            operators_copy="It says whether a record is sealed, and stays with the custodian.",
        )

    def _brief(self) -> Document:
        return Document(
            tool="law explain",
            kind="good",
            headline="The law was asked about an action",
            lede="What it says is shown by show(counts=True): it is the custodian's copy.",
            closing=("This is not legal advice.",),
        )

    def _parts(self) -> Iterator[Part]:
        reasons, begins = self.decision.reasons, _begins(self.days)
        if begins is not None:
            yield Notes(title="What decided it", items=(_NOT_YET,))
        elif reasons is not None:
            found = deciding_facts(reasons)
            links = public_texts(rule for each in found for rule in each.rules)
            yield Notes(title="What decided it", items=tuple(each.said for each in found), links=links)
        changes = _changes(self.decision, self.law) if begins is None else [begins]
        yield Notes(title="What would change it", items=tuple(changes))
        yield Notes(title="What else follows", items=tuple(_consequences(self.decision)))
        if self.days:
            words = tuple(f"{each.day}: {each.what}" for each in self.days)
            yield Drawing(title="The days of the docket", svg=days_drawn(self.days), words=words, wide=False)
        yield Notes(title="Rules", items=tuple(_rules(self.decision, self.reviewed, brief=reasons is not None)))
        if reasons is not None:
            yield Table(
                title="Why",
                columns=(Column("reason"), Column("holds")),
                rows=tuple((f"{'· ' * at}{step.text}", step.truth.name.lower()) for at, step in reasons.steps()),
                folded=not self.full,
            )


def _begins(days: tuple[DocketDay, ...]) -> str | None:
    """If nothing of the case had happened, which question has an answer."""
    asked = next((day for day, _, kind in days if kind == "asked"), None)
    for day, _, kind in days:
        if kind == "begins":
            return _LATER if day == asked else f"Its first day in the file is {day}: ask about that day or a later one."
    return None


def _as_of_cell(days: tuple[DocketDay, ...]) -> dict[str, Cell]:
    asked = [day for day, _, kind in days if kind == "asked"]
    return {"As of": asked[0]} if asked else {}


def _kind(decision: Decision) -> Kind:
    """What is not sealed, and still withheld, is a warning."""
    return "warn" if decision.withheld and decision.answer is Answer.NOT_SEALED else _KINDS[decision.answer]


def _headline(decision: Decision) -> str:
    text = f"The action is {_ANSWER_WORDS[decision.answer]}"
    if decision.answer is Answer.UNKNOWN:
        text = "Whether the action is sealed is not known"
    if decision.regimes:
        text += f" under {', '.join(decision.regimes)}"
    text += f" {decision.paragraph}" if decision.paragraph else ""
    return text + (f", from {decision.legal_from}" if decision.legal_from else "")


def _changes(decision: Decision, law: str) -> Iterator[str]:
    """What would make the answer another: a day, a fact, an order."""
    if decision.missing:
        known = "It" if decision.answer is Answer.UNKNOWN else "Whether and from when it can be sealed"
        names = [said_fact(jurisdiction(law), fact) for fact in decision.missing] if law else decision.missing
        yield f"{known} would be known with: {', '.join(names)}."
        if law:
            yield from said_sources(jurisdiction(law), decision.missing)
    elif any(rule.endswith(_UNMAPPED) for rule, _ in decision.rules):
        yield "It would be known if the words of the disposition had a meaning: law review export asks for it."
    if decision.next_change:
        yield f"The answer changes automatically on {decision.next_change}."
    if decision.answer is Answer.SEALED:
        return
    if decision.charge_days:
        yield from _days_of_charges(decision)
        return
    if decision.may_apply_from:
        yield f"A court may be asked to seal it from {decision.may_apply_from}, as far as the file shows."
    if decision.eligible_from:
        yield f"Eligible from {decision.eligible_from}; eligible is not sealed."


def _days_of_charges(decision: Decision) -> Iterator[str]:
    """From when each charge is eligible, and which never is as far as the file shows."""
    asked = "a court may be asked to seal it" if decision.may_apply_from else "it is eligible, which is not sealed,"
    for number, day in decision.charge_days:
        yield f"Charge {number}: {asked} from {day}." if day else f"Charge {number}: the file gives no day."


def _consequences(decision: Decision) -> Iterator[str]:
    for number, regime in decision.charges:
        yield f"Charge {number} is sealed automatically, under {regime}; the rest of the docket stays."
    if decision.withheld:
        yield "It is withheld: not proven sealed, and not to be used for training."


def _review(decision: Decision, reviewed: Mapping[str, str]) -> str:
    done = sum(f"{rule}@{version}" in reviewed for rule, version in decision.rules)
    if not done:
        return "no lawyer has reviewed the rules"
    return f"reviewed: {done} of {counted(len(decision.rules), 'rule')} that it rests on"


def _rules(decision: Decision, reviewed: Mapping[str, str], *, brief: bool) -> Iterator[str]:
    for rule_id, version in decision.rules:
        rule = next(rule for rule in find_rule(rule_id) if rule.version == version)
        said = "" if brief else f" {rule.text}"
        by = reviewed.get(f"{rule.id}@{rule.version}")
        signed = f" Reviewed by {by}." if by else ""
        yield f"{rule.id} version {rule.version}: {rule.citation} [{rule.mark}].{said}{signed}"
