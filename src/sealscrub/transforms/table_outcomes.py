"""From what the matchers counted to a report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sealscrub.errors import IncompleteError, Spelled
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index, TextIndex
from sealscrub.matching import KeyColumn, KeyTally, LevelTally, Policy, SweepTally, TableMatcher
from sealscrub.matching.hidden_names import hide_names
from sealscrub.matching.known_recall import why_not_known
from sealscrub.matching.name_search import search_names
from sealscrub.matching.value_search import Likeness
from sealscrub.reports import counted
from sealscrub.tables.table import Table

from .hidden_columns import hide_columns
from .options import Options
from .repository_paths import repository_path
from .row_numbers import row_number_warnings
from .scrub_report import Report
from .scrub_report_values import KeyReport, LevelReport, NarrativeReport, TableReport

if TYPE_CHECKING:
    from sealscrub.matching.narrative_batches import Narratives

__all__ = [
    "NAMELESS_FILE",
    "Problem",
    "TableOutcome",
    "build_report",
    "elsewhere_problem",
    "kept_keys",
    "key_report",
    "key_warnings",
    "level_reports",
    "make_report",
    "names_warnings",
    "raise_first",
    "table_problems",
]

Problem: TypeAlias = tuple[str, type[IncompleteError], str, str]
"""Why a run is not complete: the table, the kind of error, a message and a hint."""

_NAMELESS = "(a file whose name is an id"
NAMELESS_FILE = f"{_NAMELESS})"
_MOST_NAMED = 5
_ON_AVERAGE = 10
_MANY = 100


@dataclass(slots=True)
class TableOutcome:
    """One table of a run: its matcher, and how it was read or written."""

    matcher: TableMatcher
    table: Table
    positions: tuple[int, ...] | None = None
    slow_columns: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    levels: tuple[LevelTally, ...] = ()
    unread: tuple[str, ...] = ()
    elsewhere: tuple[SweepTally, ...] = ()
    narratives: tuple[NarrativeReport, ...] = ()
    dropped: int = 0
    rows: int | None = None
    reader: Narratives | None = None
    streams: bool = False


def make_report(
    index: Index, outcomes: Sequence[TableOutcome], options: Options, action: str, *, unread: Sequence[Path] = ()
) -> Report:
    """Put the counts of a run's tables together; `unread` are files of its folders that are not data by their names."""
    problems: list[str] = []
    warnings: list[str] = []
    _tell_apart([outcome.matcher for outcome in outcomes if outcome.matcher.name == NAMELESS_FILE])
    for outcome in outcomes:
        matcher = outcome.matcher
        faults = [message for _, message, _ in matcher.problems()]
        problems += [f"{matcher.name}: rows of a stream are not counted"] if outcome.streams else []
        problems += table_problems(
            matcher.name, faults, action, elsewhere=outcome.elsewhere, levels=outcome.levels, unread=outcome.unread
        )
        warnings += key_warnings(matcher, without_key=bool(matcher.tally().without_key))
        if options.edit and matcher.tally().matched:
            columns = set(options.edit.columns)
            warnings += kept_keys(matcher.name, [key for key in matcher.keys if not set(key.columns) <= columns])
    warnings += names_warnings(options.narrative.names if options.narrative else None)
    return build_report(
        index,
        options.policy,
        action,
        (_table(outcome, index, options, action) for outcome in outcomes),
        use=options.use,
        swept=options.sweep,
        declared={key.scheme for outcome in outcomes for key in outcome.matcher.keys},
        columns={outcome.matcher.name: _other_columns(outcome, options) for outcome in outcomes},
        problems=problems,
        warnings=warnings,
        unread=unread,
        dry_run=options.dry_run,
    )


def _tell_apart(nameless: Sequence[TableMatcher]) -> None:
    """Number files whose names are ids from the second on."""
    for number, matcher in enumerate(nameless[1:], 2):
        matcher.name = f"{_NAMELESS}, {number})"


def table_problems(
    name: str,
    faults: Iterable[str],
    action: str,
    *,
    elsewhere: Iterable[SweepTally] = (),
    levels: Iterable[LevelTally] = (),
    unread: Iterable[str] = (),
) -> Iterator[str]:
    """Say why a table does not count as checked.

    Parameters
    ----------
    name : str
        The table's.
    faults : iterable of str
        What its keys did not check.
    action : {"scan", "scrub"}
        What is found elsewhere is a problem of a scrub alone.
    elsewhere : iterable of SweepTally
        What was met in places that are not keys.
    levels : iterable of LevelTally
        What is in lists of levels.
    unread : iterable of str
        What its files hold that reading them does not meet.
    """
    yield from (f"{name}: {message}" for message in faults)
    yield from (f"{name}: {part}; a scrub removes them" for part in unread)
    yield from (_level_problem(name, each) for each in levels if each.unchecked)
    met = (each for each in elsewhere if each.unchecked or action == "scrub")
    yield from (f"{name}: {elsewhere_problem(each)}" for each in met)


def build_report(
    index: Index,
    policy: Policy,
    action: str,
    tables: Iterable[TableReport],
    *,
    use: str,
    swept: bool,
    declared: Collection[str],
    columns: Mapping[str, Collection[str]],
    problems: Iterable[str],
    warnings: Iterable[str],
    unread: Sequence[Path] = (),
    dry_run: bool = False,
    plan: str = "",
    refit: tuple[str, ...] = (),
) -> Report:
    """Make the report of a run, of whatever tables.

    Parameters
    ----------
    index, policy
        What was looked up, and how strictly.
    action : {"scan", "scrub"}
    tables : iterable of TableReport
    use : str
        What the data is for.
    swept : bool
        Whether columns that are not declared were compared with the index.
    declared : collection of str
        Schemes of the declared keys.
    columns : mapping of str to collection of str
        By table the columns of which nothing is declared.
    problems, warnings : iterable of str
        What the tables say.
    unread : sequence of Path
        Files of folders that are not data by their names.
    dry_run, plan, refit
        As in :class:`Report`.
    """
    said = tuple(problems)
    report = Report(
        action="scrub" if action == "scrub" else "scan",
        epoch=index.epoch,
        as_of=index.as_of,
        not_after=index.not_after,
        index_id=index.id,
        reviewed=index.reviewed,
        use=use,
        audience=index.header.facts.audience,
        complete=not said,
        problems=said,
        warnings=(
            *_unread_files(unread, index, policy),
            *warnings,
            *row_number_warnings(columns),
            *_index_warnings(index, declared, policy, sweep=swept),
        ),
        accepted=tuple(sorted(policy.accept)),
        allowed=tuple(sorted(policy.allow)),
        min_coverage=policy.min_coverage,
        min_recall=policy.min_recall,
        dry_run=dry_run,
        swept=swept,
        tables=hide_columns(tables, index, policy),
        plan=plan,
        refit=refit,
    )
    return hide_names(report, index, policy)


def raise_first(problems: Iterable[Problem], report: Callable[[], Report]) -> None:
    """Raise the first problem of a run; the error carries the report, which lists all.

    Raises
    ------
    IncompleteError
    """
    found = list(problems)
    for name, kind, message, hint in found:
        if len(found) > 1:
            more = f"This is the first of {len(found)} problems:"
            hint = Spelled(
                f"{more} error.report.show(counts=True) lists them. For this one: {hint}",
                f"{more} the report lists them. For this one: {Spelled.in_shell(hint)}",
            )
        error = kind(message, where=name, hint=hint)
        error.report = report()
        raise error


def _table(outcome: TableOutcome, index: Index, options: Options, action: str) -> TableReport:
    tally, policy = outcome.matcher.tally(), outcome.matcher.policy
    dropped = tally.matched if options.edit is None else 0
    return TableReport(
        name=outcome.matcher.name,
        rows=tally.rows if outcome.rows is None else outcome.rows,
        removed=dropped + outcome.dropped if action == "scrub" else 0,
        changed=tally.matched if action == "scrub" and options.edit is not None else 0,
        quarantined=tally.unchecked if policy.quarantine else 0,
        unchecked=0 if policy.quarantine else tally.unchecked,
        without_key=0 if policy.quarantine else tally.without_key,
        reach=tally.reach if tally.keys else None,
        coverage=tally.coverage,
        keys=tuple(key_report(key) for key in tally.keys),
        slow_columns=outcome.slow_columns,
        notes=tuple(outcome.notes),
        positions=outcome.positions,
        levels=level_reports(outcome.levels),
        elsewhere=outcome.elsewhere,
        left=dict(options.leave),
        narratives=outcome.narratives,
        path="" if outcome.matcher.name.startswith(_NAMELESS) else repository_path(outcome.table.place, index, policy),
    )


def _other_columns(outcome: TableOutcome, options: Options) -> list[str]:
    """Name the columns that are not keys, nor changed or left out."""
    edited = options.edit.columns if options.edit else ()
    declared = {*outcome.matcher.columns, *options.leave, *options.narratives, *edited}
    table = outcome.table
    return [name for name in (*(table.known_columns or ()), *table.row_numbers) if name not in declared]


def _unread_files(paths: Sequence[Path], index: Index, policy: Policy) -> Iterator[str]:
    """Warn of files that were not read; those whose own name is an id are not named."""
    if not paths:
        return
    some = paths[:_MOST_NAMED]
    held = search_names(index, policy, [path.name.replace(".", " ") for path in some]) == Likeness.HELD
    names = [NAMELESS_FILE if hides else str(path) for path, hides in zip(some, held, strict=True)]
    more = ", …" if len(paths) > _MOST_NAMED else ""
    yield f"not read, since their names are not those of data files: {', '.join(names)}{more}"


def key_warnings(matcher: TableMatcher, *, without_key: bool) -> Iterator[str]:
    """Warn of keys that no row has, if that is not a problem of its own, and of keys that match too many rows."""
    if matcher.keys and not matcher.has_keys() and not without_key:
        labels = ", ".join(key.label for key in matcher.keys)
        yield f"{matcher.name}: no row has a key in {labels}, so there was nothing to match"
    yield from _crowded_keys(matcher.name, matcher.tally().keys)


def kept_keys(table: str, keys: Sequence[KeyColumn]) -> Iterator[str]:
    """Warn of keys that an edit leaves in rows that matched and stay."""
    if keys:
        yield (
            f"{table}: rows that were kept still have their keys in {', '.join(key.label for key in keys)}, "
            "and a scan of the output finds them"
        )


def names_warnings(names: TextIndex | None) -> Iterator[str]:
    """Warn of names that are looked for, of which there are none."""
    if names is not None and not len(names):
        yield "the file of names has no entries; it was published so on purpose, and no name was looked for"


def _index_warnings(index: Index, declared: Collection[str], policy: Policy, *, sweep: bool) -> Iterator[str]:
    """Warn of keys that a sweep did not look for everywhere, of a bound that does not count, and of an empty index."""
    if why := why_not_known(index, declared, policy):
        yield f"how many of the seals the links find is not known: {why}"
    if sweep:
        yield from _untried_keys(index, declared)
    if not len(index):
        yield "the index has no entries; it was published so on purpose"


def level_reports(levels: Sequence[LevelTally]) -> tuple[LevelReport, ...]:
    """Turn what was counted in lists of levels into their reports."""
    return tuple(LevelReport(column=each.column, found=each.found, unchecked=each.unchecked) for each in levels)


def _level_problem(table: str, levels: LevelTally) -> str:
    """Say that levels of a column could not be checked."""
    return (
        f"{table}: {levels.unchecked} levels of {levels.column!r} that no row uses could not be checked; "
        "a scrub removes them"
    )


def elsewhere_problem(place: SweepTally) -> str:
    """Say what is in a place other than the keys, or why it could not be checked."""
    number = place.found or place.near or place.ambiguous
    shown = place.place if place.place.startswith("(") else repr(place.place)
    values, one = f"{counted(number, 'value')} of {shown}", number == 1
    if place.found and place.declared:
        return (
            f"{values}, which {'does' if one else 'do'} not parse as a key, {'names' if one else 'name'} records that "
            "may not be used"
        )
    if place.found:
        return f"{values}, not a key column, {'names' if one else 'name'} records that may not be used"
    if place.near:
        return f"{values} would name records that may not be used, if O were 0 or I were 1"
    if place.ambiguous:
        return f"{values} {'is' if one else 'are'} in the index, perhaps by chance: short, or a number"
    return f"values of {shown} cannot be compared with ids: they are of another type, or have too many parts"


def _untried_keys(index: Index, declared: Collection[str]) -> Iterator[str]:
    """Say of which keys of several columns the parts were not put together from columns that are not declared."""
    for scheme in index.schemes:
        parts = get_scheme(scheme).parts
        if parts and scheme not in declared:
            columns = "+".join(part.upper() for part in parts)
            yield (
                f"some seals name a record by {scheme} ({' and '.join(parts)}), which was looked for in single values "
                f"only; if columns of the table hold its parts, declare them as a key: {scheme}={columns}"
            )


def _crowded_keys(name: str, keys: Iterable[KeyTally]) -> Iterator[str]:
    """Warn of key columns whose keys match more rows than one record has: they may name several records.

    That is so if 100 rows or more match, and more than 10 for each key; or if one key matches more than 100.
    """
    for key in keys:
        if key.most_rows > _MANY or (key.matched >= _MANY and key.matched > _ON_AVERAGE * key.matched_keys):
            rows = counted(key.matched, "row", "matches", "match")
            yield (
                f"{name}: {rows} by {counted(key.matched_keys, 'key')} in {key.key.label}, "
                f"{key.most_rows:,} of them by one key, and a key of {key.key.scheme} should name one record. If a "
                "number is unique only within a county, a court or a year, rows of other records match too: use a "
                "scheme of several columns, with what makes the number unique"
            )


def key_report(tally: KeyTally) -> KeyReport:
    """Turn what a matcher counted in a key column into its report."""
    return KeyReport(
        scheme=tally.key.scheme,
        column=tally.key.label,
        rows=tally.rows,
        sealed=tally.sealed,
        withheld=tally.withheld,
        near=tally.near,
        unparsable=tally.unparsable,
        damaged=tally.damaged,
        null=tally.null,
        coverage=tally.coverage,
        linked=tally.linked,
        recall=tally.recall,
        alpha=tally.alpha,
        bounded_on=tally.bounded_on,
    )
