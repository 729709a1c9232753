"""An answer in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from sealscrub.errors import UsageError

from .charges import as_known, linking, read_charges
from .deciding import decide
from .decisions import Answer, Decision
from .dispositions import read_map
from .jurisdictions import find_rule
from .reading import cases_of

__all__ = ["explain", "in_words"]

_SAYS = {
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
) -> str:
    r"""Say in words whether one action of a file is sealed, and why. It is no legal advice.

    Parameters
    ----------
    path : str or Path
        A file of dispositions, as :func:`~sealscrub.law.read_charges` reads it. The person's other actions in it bear
        on the answer.
    docket, arrest_number, defendant_id : str
        What names the action: a docket, in any spelling; where none was filed, an arrest; and who the defendant is,
        where there are several.
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

    Returns
    -------
    str
        The answer, its rules with their citations, and the tree of its reasons: lines without any number of the action.

    Raises
    ------
    UsageError
        When no action or several have these numbers.
    ColumnError, ConfigError, NoticeError, UnreadableInput
        When the file, the law or the aliases cannot be read.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> said = explain(file, docket="CR-000001-14KN", as_of=dt.date(2026, 11, 25))
    >>> print(said.splitlines()[0])
    The action is sealed under us-ny/cpl-160.50 (3)(c), from 2014-05-01.
    """
    charges = as_known(read_charges(path, map), known_at)
    mapping = read_map(law, None if aliases is None else Path(aliases))
    number = _asked(charges.actions, {"docket": docket, "arrest_number": arrest_number}, defendant_id, Path(path).name)
    person = pl.col("person") == charges.actions["person"][number]
    his = charges.actions.filter(person)
    rows = charges.rows.join(his.select("action"), on="action", how="semi", maintain_order="left")
    cases = dict(cases_of(replace(charges, rows=rows, actions=his)))
    linked = [case for other, case in cases.items() if other != number]
    day = as_of or dt.datetime.now(dt.UTC).date()
    return in_words(decide(*cases[number], day, known_at, linked=linked, law=law, mapping=mapping))


def _asked(actions: pl.DataFrame, numbers: Mapping[str, str], defendant_id: str, where: str) -> int:
    """The number of the one action that is asked about."""
    given = {name: number for name, number in numbers.items() if number}
    if not given:
        raise UsageError("no action is named", hint="name a docket, or an arrest where none was filed.")
    found = actions
    for name, number in given.items():
        asked = linking(pl.Series([number]), name)[0]
        found = found.filter((linking(found[name], name) == asked).fill_null(value=False))
    if defendant_id:
        found = found.filter(pl.col("defendant_id") == defendant_id)
    if len(found) == 1:
        return int(found["action"][0])
    what = "no action has these numbers" if found.is_empty() else f"{len(found)} actions have these numbers"
    hint = "see how the file spells them." if found.is_empty() else "say of which defendant, or which docket."
    raise UsageError(what, where=where, hint=hint)


def in_words(decision: Decision) -> str:
    """Say a decision in words, with the citations of its rules and the tree of its reasons.

    Parameters
    ----------
    decision : Decision

    Returns
    -------
    str
        Lines without any number of the action.

    Examples
    --------
    >>> import datetime as dt
    >>> from sealscrub.law import Action, Event, decide
    >>> acquitted = Event(event_date=dt.date(2014, 5, 1), text="ACQUITTED")
    >>> print(in_words(decide(Action(), [acquitted], dt.date(2020, 1, 1), explain=False)))
    The action is sealed under us-ny/cpl-160.50 (3)(c), from 2014-05-01.
    Rule us-ny/cpl-160.50/3c version 1: CPL 160.50(3)(c) [own]. A verdict of complete acquittal.
    This is no legal advice; no lawyer has reviewed the rules.
    """
    return "\n".join(_lines(decision))


def _lines(decision: Decision) -> Iterator[str]:
    text = f"The action is {_SAYS[decision.answer]}"
    if decision.answer is Answer.UNKNOWN:
        text = "Whether the action is sealed is not known"
    if decision.regimes:
        text += f" under {', '.join(decision.regimes)}"
    text += f" {decision.paragraph}" if decision.paragraph else ""
    text += f", from {decision.legal_from}" if decision.legal_from else ""
    yield f"{text}."
    if decision.missing:
        yield f"It would be known with: {', '.join(decision.missing)}."
    if decision.eligible_from:
        yield f"Eligible from {decision.eligible_from}; eligible is not sealed."
    if decision.may_apply_from:
        yield f"A court may be asked to seal it from {decision.may_apply_from}, as far as the file tells."
    if decision.next_change:
        yield f"The answer changes by itself on {decision.next_change}."
    if decision.withheld:
        yield "It is withheld: not proven sealed, and not to be used for training."
    for rule_id, version in decision.rules:
        rule = next(rule for rule in find_rule(rule_id) if rule.version == version)
        yield f"Rule {rule.id} version {rule.version}: {rule.citation} [{rule.mark}]. {rule.text}"
    if decision.reasons is not None:
        yield from decision.reasons.lines()
    yield "This is no legal advice; no lawyer has reviewed the rules."
