"""Deriving seals from dispositions: what the law makes of each action becomes the state of its record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl
import sqlalchemy as sa

from sealscrub.custodian.law import (
    ChargeRows,
    Decisions,
    as_known,
    components,
    decide_charges,
    jurisdiction,
    read_charges,
    unread_texts,
    write_decisions,
)
from sealscrub.custodian.law.dispositions import read_map, unmapped
from sealscrub.custodian.sheets import Problem, Sheet, check_reject_file, folded_name, refuse_rows, reject_rows
from sealscrub.errors import ConfigError, Spelled, UsageError

from .bulk_rows import Progress
from .derived_notices import fresh_parts, keys_of, unreadable
from .event_reconciliation import turned
from .notice_columns import FIELDS, PERSON_FIELDS
from .notice_columns import resolve as resolve_columns
from .notice_comparison import Contradiction, compare_derived
from .notice_intake import FIX_ROWS, UNREGISTERED, append_parts, epoch_and_event
from .notice_rows import ENDING, Notices, read_notices
from .registry_store import Store
from .required_states import wanted_states

__all__ = ["Derived"]

_KEYS = ("docket", "arrest_number", "tracking_number", "person_number", "indictment")
_MOST_ARRESTS = 20
_BLOCKED_BY_ACTION = "belongs to a person or arrest with another action that cannot be registered"
_AT_ONCE = 100_000


@dataclass(frozen=True, kw_only=True)
class Derived:
    """What happened to a file of dispositions.

    Attributes
    ----------
    epoch : int
        The registry's epoch now.
    rows, actions : int
        Of the file; of what is left out, there are rows and no actions.
    sealed, withheld, open : int
        How many actions the law seals, how many are withheld, and how many are neither.
    appended : int
        Events that are appended; in a dry run, that would be.
    confirmed : int
        Actions of which a notice says the same.
    part_sealed : int
        Open actions that hold charges that are sealed automatically: the registry publishes none of these charges.
    part_unknown : int
        Open actions that hold charges of which it is unknown whether they are sealed.
    contradictions : tuple of (int, str)
        The line on which an action begins of which a notice says something else, and what: neither is changed.
    unmapped : tuple of (str, int)
        Texts of dispositions that no phrase matches, and how often they come; words with digits are shown as ``#``.
    unread : tuple of str
        Columns of the file that are not in the contract.
    oddities : mapping of str to tuple of int
        What does not fit together, and in which lines.
    rejected : int
        Rows that were written to the reject file.
    problems : tuple of (int, str, str)
        Line, column and reason of what cannot be read or registered.
    dry_run : bool
        Whether nothing was appended on purpose.

    Examples
    --------
    >>> derived = Derived(epoch=2, rows=4, actions=3, sealed=1, withheld=1, open=1, appended=2)
    >>> derived.sealed + derived.withheld == derived.appended
    True
    """

    epoch: int
    rows: int
    actions: int
    sealed: int
    withheld: int
    open: int
    appended: int
    confirmed: int = 0
    part_sealed: int = 0
    part_unknown: int = 0
    contradictions: tuple[Contradiction, ...] = ()
    unmapped: tuple[tuple[str, int], ...] = ()
    unread: tuple[str, ...] = ()
    oddities: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    rejected: int = 0
    problems: tuple[Problem, ...] = ()
    dry_run: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was appended."""
        return self.appended > 0 and not self.dry_run

    @property
    def contradicted(self) -> int:
        """How many actions a notice says something else of."""
        return len({line for line, _ in self.contradictions})


def derive_file(
    store: Store,
    path: str | Path,
    *,
    as_of: dt.date,
    known_at: dt.date | None,
    law: str,
    renamed: Mapping[str, str],
    aliases: str | Path | None,
    explain: str | Path | None,
    reject_file: str | Path | None,
    dry_run: bool,
    reviewed: Collection[str] | None,
    approve: Callable[[str | Path, str], None],
    progress: Progress | None,
) -> Derived:
    """Derive. See :meth:`sealscrub.custodian.registry.Registry.derive`."""
    today = dt.datetime.now(dt.UTC).date()
    if as_of > today + dt.timedelta(days=1):
        raise UsageError(
            "the day is in the future",
            where="as_of",
            hint=Spelled("forecast looks ahead.", "sealscrub law forecast looks ahead."),
        )
    if jurisdiction(law).demonstration and not dry_run:
        raise UsageError(
            f"the rules of {law} are a demonstration, and cannot register seals",
            where="law",
            hint=Spelled("see dry_run=True.", "see --dry-run."),
        )
    if explain is not None and reject_file is not None and Path(explain).resolve() == Path(reject_file).resolve():
        raise UsageError("decisions and rejects need two files", where=str(explain), hint="give two.")
    for written in (reject_file, explain):
        if written is not None:
            check_reject_file(Path(written), Path(path), store.path)
    tell = progress or (lambda phase, done, total: None)
    mapping = read_map(law, None if aliases is None else Path(aliases))
    tell("reading", 0, 0)
    charges = as_known(read_charges(path, renamed, leave_out=reject_file is not None, law=law), known_at)
    decisions = decide_charges(charges, as_of, known_at, law=law, mapping=mapping, progress=tell)
    _require_reviewed(decisions, reviewed)
    tell("comparing", 0, 0)
    wanted = wanted_states(charges, decisions, as_of, jurisdiction(law))
    states = wanted.join(charges.actions, on="action")
    states, problems = _registrable(charges, states, today, lenient=dry_run, leave_out=reject_file is not None)
    rejected = _reject(charges, problems, reject_file)
    if explain is not None:
        write_decisions(explain, charges, decisions, as_of, known_at, law=law, mapping=mapping, progress=tell)

    def approved() -> None:
        """Have both files approved of: by other aliases the same dispositions end other seals."""
        approve(path, charges.sha256)
        if aliases is not None and mapping.own_sha256 is not None:
            approve(aliases, mapping.own_sha256)

    with store.reading() if dry_run else store.writing() as connection:
        compared = compare_derived(
            connection, states, lambda: keys_of(_parts(charges, states, today, fingerprints=False)), as_of
        )
        document = f"{charges.name} as of {as_of}, after epoch {epoch_and_event(connection)[0]}"
        events = turned(connection, states, as_of, document)
        events = events.filter(~(pl.col("seal_id").is_in(compared.held_back.implode()) & pl.col("again")))
        appended, epoch = _append(connection, charges, events, today, approved, tell, dry_run=dry_run)
    unread = unread_texts(charges, decisions, mapping, as_of)
    counts = dict(states["event"].value_counts().iter_rows())
    return Derived(
        epoch=epoch,
        rows=charges.height,
        actions=len(states),
        sealed=counts.get("sealed", 0),
        withheld=counts.get("withheld", 0),
        open=counts.get("open", 0),
        appended=appended,
        confirmed=compared.confirmed,
        part_sealed=_open_actions(decisions, states, [shape.part_sealed for shape in decisions.shapes]),
        part_unknown=_open_actions(decisions, states, [shape.part_unknown for shape in decisions.shapes]),
        contradictions=compared.contradictions,
        unmapped=tuple(unmapped(unread["disposition"], mapping)),
        unread=charges.unread,
        oddities=charges.oddities,
        rejected=rejected,
        problems=tuple(problems),
        dry_run=dry_run,
    )


def _open_actions(decisions: Decisions, states: pl.DataFrame, chosen: Sequence[bool]) -> int:
    """Count the open actions whose history is one of those that are chosen."""
    shapes = [at for at, is_chosen in enumerate(chosen) if is_chosen]
    held = decisions.actions.filter(pl.col("shape").is_in(shapes)).select("action")
    return states.filter(pl.col("event") == "open").join(held, on="action", how="semi").height


def _require_reviewed(decisions: Decisions, reviewed: Collection[str] | None) -> None:
    """Refuse decisions that rest on a rule that was not reviewed, if that is asked for."""
    if reviewed is None:
        return
    used = {f"{rule}@{version}" for shape in decisions.shapes for rule, version in shape.rules}
    if missing := sorted(used - set(reviewed)):
        raise ConfigError(
            f"decisions rest on rules that were not reviewed: {', '.join(missing)}",
            where="reviewed",
            hint=Spelled(
                "sign_paper signs a review; a review does not cover a rule that changed later.",
                "sealscrub law sign signs a review; a review does not cover a rule that changed later.",
            ),
        )


def _registrable(
    charges: ChargeRows, states: pl.DataFrame, today: dt.date, *, lenient: bool, leave_out: bool
) -> tuple[pl.DataFrame, list[Problem]]:
    """The states that can be registered, and why others cannot: their numbers do not parse.

    With an action that cannot be registered, all of its person and arrest is rejected: the key of an arrest may go
    out only if all its actions are known.
    """
    found, bad_states = unreadable(_parts(charges, states, today, fingerprints=False))
    problems = [*charges.problems, *found]
    if not found or not leave_out:
        if found and not lenient:
            refuse_rows(_source(charges), found, UNREGISTERED, hint=FIX_ROWS)
        return states, sorted(problems)
    bad = states.select(bad=pl.Series(bad_states), person="person", arrest="arrest", at=pl.int_range(pl.len()))
    keys = [pl.format("{}:{}", pl.lit(name), name) for name in ("person", "arrest")]
    labels = components(pl.concat([bad.select(node="at", key=key) for key in keys])).sort("node")["label"]
    out = labels.is_in(labels.filter(bad["bad"]).unique().implode())
    left = charges.rows.join(states.filter(out).select("action"), on="action", how="semi")["row"]
    known = {line for line, _, _ in problems}
    problems += [(line, "", _BLOCKED_BY_ACTION) for line in left if line not in known]
    return states.filter(~out), sorted(problems)


def _reject(charges: ChargeRows, problems: list[Problem], reject_file: str | Path | None) -> int:
    """Write the rows that are left out to the reject file, and say how many."""
    if reject_file is None or charges.sheet is None or not problems:
        return 0
    return reject_rows(charges.sheet, problems, Path(reject_file))


def _append(
    connection: sa.Connection,
    charges: ChargeRows,
    events: pl.DataFrame,
    today: dt.date,
    approve: Callable[[], None],
    tell: Progress,
    *,
    dry_run: bool,
) -> tuple[int, int]:
    """Append what is new; how many events that is, and the epoch then."""
    if dry_run or events.is_empty():
        return len(events), epoch_and_event(connection)[0]
    if events["event"].is_in([str(kind) for kind in ENDING]).any():
        approve()
    parts = fresh_parts(_parts(charges, events.drop("again"), today), events["seal_id"])
    return append_parts(connection, _source(charges), parts, len(events), tell)


def _parts(
    charges: ChargeRows, states: pl.DataFrame, today: dt.date, *, fingerprints: bool = True
) -> Iterator[Notices]:
    """States as notices, some at a time: those of a million actions would not fit at once."""
    for at in range(0, max(len(states), 1), _AT_ONCE):
        yield _as_notices(charges, states.slice(at, _AT_ONCE), today, fingerprints)


def _as_notices(charges: ChargeRows, states: pl.DataFrame, today: dt.date, fingerprints: bool) -> Notices:
    """States as rows of notices: what makes keys, what does not parse, and what takes fingerprints, is the same."""
    schemes = jurisdiction(charges.law).schemes
    keys = [name for name in _KEYS if name in schemes]
    columns = [name for name in (*FIELDS, *PERSON_FIELDS, *keys) if name in states.columns]
    frame = states.select(pl.col(columns).cast(pl.String), *_further_arrests(states))
    shown = {name: _name_in_file(charges, name, frame.columns) for name in keys}
    renamed = {shown[name]: schemes[name] for name in columns if name in keys}
    renamed |= dict.fromkeys(frame.columns[len(columns) :], schemes.get("arrest_number", ""))
    columns = [shown.get(name, name) for name in frame.columns]
    sheet = replace(
        _source(charges),
        columns=tuple(columns),
        frame=frame.rename({name: str(at) for at, name in enumerate(frame.columns)}),
        lines=states["row"].to_numpy().astype(np.int64),
    )
    return read_notices(sheet, resolve_columns(columns, renamed, charges.name), today=today, fingerprints=fingerprints)


def _name_in_file(charges: ChargeRows, name: str, taken: Sequence[str]) -> str:
    """What errors call a column of numbers: the file's name of it, unless that is one of ours for another column."""
    theirs = charges.columns.get(name, name)
    return name if theirs in taken or folded_name(theirs) in (*FIELDS, *PERSON_FIELDS) else theirs


def _further_arrests(states: pl.DataFrame) -> list[pl.Expr]:
    """A column for each further arrest that an action is next to: its key is where the first one's is."""
    most = states["further_arrests"].list.len().max()
    if not isinstance(most, int):
        return []
    if most > _MOST_ARRESTS:
        raise UsageError(
            f"a docket is listed with more than {_MOST_ARRESTS} arrests",
            where="arrest_number",
            hint=Spelled(
                'check the content of the column; map={"COLUMN": ""} leaves it unread.',
                "check the content of the column; --map COLUMN= leaves it unread.",
            ),
        )
    each = pl.col("further_arrests").list
    return [each.get(at, null_on_oob=True).alias(f"further arrest {at + 1}") for at in range(most)]


def _source(charges: ChargeRows) -> Sheet:
    """The file as an epoch and an error name it."""
    return Sheet(
        path=Path(charges.name),
        form=charges.form,
        sha256=charges.sha256,
        columns=("0",),
        frame=pl.DataFrame({"0": pl.Series(dtype=pl.Int8)}),
        lines=np.zeros(charges.height, np.int64),
    )
