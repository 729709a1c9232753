"""A running system, asked as an auditor would: there is no twin of it without the sealed records.

What can be checked: whether an answer names a sealed record, whether a sealed id differs from an unknown one,
and whether lists have the gaps that late filters leave: ranks that skip, short pages, totals that count more.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from sealscrub.boundary import bound
from sealscrub.errors import ConfigError, Spelled, UsageError
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.index.example_index import example_index
from sealscrub.matching import KeyColumn, TableMatcher, parse_on
from sealscrub.matching.hidden_names import hide_names
from sealscrub.matching.key_columns import On
from sealscrub.tables import frame_adapter

from ..suite import tell
from ..trial.fresh_keys import canonical_keys
from ..trial.pieces import Incomparable
from ..trial.setup import LENIENT
from ..trial.subject import name_of
from ..trial.verdicts import OutputNullityVerdict
from ..trial.worlds import Table
from .answer_differences import PartDiffers, differing, without_ignored
from .answer_parts import STEP, Parts, failures_in, is_error
from .gaps import gaps_of
from .http_routes import Routes
from .id_mentions import Naming
from .probe_set import ProbeSet, probes_of_table
from .probes import KINDS
from .questions import Query, ask_each, query_of
from .service import DATE, id_timing, oracle_differences, shown_findings
from .service_report import OutputNullityReport

__all__ = ["check_guard"]

_NO_ANSWER = ("ConnectionRefusedError", "ConnectionResetError", "TimeoutError", "gaierror", "RemoteDisconnected")
_NO_CONTROL = (
    "No open id was asked about, so that it is not known whether the probes reach anything. Give ids that are not "
    "sealed and that the system knows."
)
_OPEN = "random"
_ID = "id"


@bound
def check_guard(
    system: Any,
    query: Query | str | Sequence[str],
    sealed: Sequence[Any] = (),
    *,
    open_ids: Sequence[Any] = (),
    scheme: str = "arrest_number",
    data: Any = None,
    index: Index | None = None,
    on: On | Mapping[str, Any] | None = None,
    k: int = 10,
    targets: int = 25,
    ignore: Sequence[str] = (DATE,),
    oracle_ok: bool = False,
    seed: int = 0,
    name: str = "",
) -> OutputNullityReport:
    """Probe a running system as an auditor would, with what is known to be sealed.

    Parameters
    ----------
    system : object
        What the query asks: an ASGI application, the address of a service, a guarded model.
    query : callable, str, or sequence of str
        Takes the system and a :class:`Probe`; or routes such as ``GET /records/{id}``.
    sealed : sequence
        Sealed ids, of one scheme; or data, index and on, which give the sealed rows and the open ones.
    open_ids : sequence
        Ids that are not sealed and that the system knows: the positive control. Without one, and without `data` that
        has one, nothing passes: the verdict is inconclusive if nothing was found.
    scheme : str
        Of the ids.
    data : frame, optional
        With `index` and `on`: its rows are probed with, and its columns fill routes.
    index : Index, optional
        Says for any id in an answer whether it is sealed, also of those that are not in `sealed`.
    on : mapping or iterable of str, optional
        The key columns of `data`.
    k : int
        How many entries a probe asks for.
    targets : int
        How many sealed ids to probe.
    ignore : sequence of str
        Parts that are not part of the answer, such as ``headers.x-request-id``.
    oracle_ok : bool
        Whether a sealed id may get another answer than an unknown one.
    seed : int
        Of the draws.
    name : str
        What the system is called in the report.

    Returns
    -------
    OutputNullityReport

    Raises
    ------
    UsageError
        When nothing sealed is named, or no free id can be made.

    Examples
    --------
    >>> def lookup(known, probe):
    ...     return {"status": 200 if probe.id in known else 403 if probe.id == "K14000003" else 404}
    >>> report = check_guard({"K14000007"}, lookup, ["K14000003"], open_ids=["K14000007"])
    >>> report.verdict.value, report.exit_code
    ('ORACLE', 1)
    """
    if data is not None and (index is None or on is None):
        raise ConfigError(
            "data needs an index and key columns",
            hint=Spelled(
                "index=…, on={'arrest_number': 'ARREST_NO'}.",
                "--index FILE --key-file FILE --on arrest_number=ARREST_NO",
            ),
        )
    if data is not None and index is not None:
        table, unread = _table_of_data(data, index, on), 0
    else:
        table, unread = _table_of_ids(sealed, open_ids, scheme)
    if not table.sealed.any():
        return _make_report(Audit(name or _name_of(system), ProbeSet(), index), "NO_SEALED_ROWS")
    asked = query_of(query)
    if isinstance(asked, Routes):
        asked.prepare(system)
    ids = _sealed_ids(table)
    found = probes_of_table(table, index, kinds=_KINDS, k=k, targets=targets, random=targets, seed=seed, noise=False)
    audit = Audit(name or _name_of(system), _unechoed(found, table), index, int(table.sealed.sum()), oracle_ok, seed)
    audit.listed = None if data is not None else example_index(ids)
    if unread:
        audit.weakenings.append(f"{unread} of the ids are not {scheme} and were not asked about")
    audit.weakenings += [f"{pattern} is left out of the comparison" for pattern in ignore if pattern != DATE]
    try:
        audit.ask(asked, system, ignore)
    except Incomparable as error:
        return _make_report(audit, "INCONCLUSIVE", reason=f"{error}.")
    return audit.judged(Naming(ids, tuple(key.scheme for key in table.keys), index))


_KINDS = tuple(kind for kind in KINDS if kind not in ("near", "same person", "same cell", "own"))


@dataclass(slots=True)
class Audit:
    """One system, what it was asked, and what it answered, twice."""

    name: str
    probes: ProbeSet
    index: Index | None
    sealed: int = 0
    oracle_ok: bool = False
    seed: int = 0
    answers: list[Parts] = field(default_factory=list)
    again: list[Parts] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    weakenings: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    listed: Index | None = None

    @property
    def knowing(self) -> list[Index]:
        """What knows which names are sealed ids."""
        return [each for each in (self.index, self.listed) if each is not None]

    def ask(self, query: Query, system: Any, ignore: Sequence[str]) -> None:
        """Send every probe, and all of them again: a difference between the two is chance."""
        first, seconds = ask_each(query, system, self.probes.probes, self.probes.masks)
        second, more = ask_each(query, system, self.probes.probes, self.probes.masks)
        self.answers = [without_ignored(parts, ignore) for parts in first]
        self.again = [without_ignored(parts, ignore) for parts in second]
        self.seconds = [min(pair) for pair in zip(seconds, more, strict=True)]

    def judged(self, naming: Naming) -> OutputNullityReport:
        """Come to a verdict."""
        kinds = [probe.kind for probe in self.probes.probes]
        if all(_unanswered(parts) for parts in self.answers):
            return _make_report(self, "INCONCLUSIVE", reason="The system did not answer a single probe.")
        named = [(kind, each) for kind, parts in zip(kinds, self.answers, strict=True) for each in naming.named(parts)]
        gaps = gaps_of(self.probes.probes, self.answers)
        if named or gaps:
            return _make_report(self, "INTERFERENCE", [*named, *gaps, *oracle_differences(self.probes, self.answers)])
        chance = [
            (kind, each)
            for kind, one, two in zip(kinds, self.answers, self.again, strict=True)
            for each in differing(kind, one, two)
        ]
        if chance:
            return _make_report(self, "NONDETERMINISTIC", [(kind, replace(each, cause="")) for kind, each in chance])
        oracle = oracle_differences(self.probes, self.answers)
        if oracle and not self.oracle_ok:
            return _make_report(self, "ORACLE", oracle)
        if oracle:
            self.weakenings.append("sealed ids get another answer than unknown ones, which oracle_ok allows")
        return self._control()

    def _control(self) -> OutputNullityReport:
        said = failures_in(self.answers)
        if said.startswith("all "):
            return _make_report(self, "INCONCLUSIVE", reason=f"{said[:1].upper()}{said[1:]}.")
        asked = [at for at, probe in enumerate(self.probes.probes) if probe.kind == _OPEN]
        if not asked:
            return _make_report(self, "INCONCLUSIVE", reason=_NO_CONTROL)
        answered = [self.answers[at] for at in asked if not is_error(self.answers[at])]
        if not answered:
            failed = failures_in([self.answers[at] for at in asked])
            return _make_report(self, "INCONCLUSIVE", reason=f"The positive control failed: of open ids, {failed}.")
        unknown = [self.answers[other] for _, *others in self.probes.twins for other in others]
        reached = any(all(found != parts for parts in unknown) for found in answered)
        if reached and said:
            self.weakenings.append(said)
        return _make_report(
            self, "PASS" if reached else "VACUOUS", reason=f"{said[:1].upper()}{said[1:]}" if not reached else ""
        )


def _make_report(
    audit: Audit, verdict: str, found: Sequence[tuple[str, PartDiffers]] = (), reason: str = ""
) -> OutputNullityReport:
    """Make the report, and report it to the suite."""
    spent = sum(audit.seconds)
    report = OutputNullityReport(
        verdict=OutputNullityVerdict(verdict),
        function=audit.name,
        findings=shown_findings(audit.probes, found),
        probes=audit.probes.sent,
        timing=tuple(id_timing(audit.probes, audit.seconds, audit.seed)) if audit.seconds else (),
        reason=reason,
        weakenings=tuple(audit.weakenings),
        sealed_rows=audit.sealed,
        runs=2 if audit.seconds else 0,
        seconds=spent,
        overhead=max(0.0, time.monotonic() - audit.begun - spent),
        running=True,
        epoch=audit.index.epoch if audit.index is not None else 0,
        index_id=audit.index.id if audit.index is not None else "",
    )
    for index in audit.knowing:
        report = hide_names(report, index)
    tell(report)
    return report


def _name_of(system: Any) -> str:
    return system if isinstance(system, str) else name_of(system)


def _unanswered(parts: Parts) -> bool:
    (said,) = parts.get(STEP.join(("error", "type")), [""])
    return said.rpartition(".")[2] in _NO_ANSWER


def _table_of_ids(sealed: Sequence[Any], open_ids: Sequence[Any], scheme: str) -> tuple[Table, int]:
    chosen = get_scheme(scheme)
    if chosen.parts:
        raise UsageError(
            f"ids of {chosen.name} are made of several columns",
            hint=Spelled("give data, an index and on=.", "give --data, --index and --on."),
        )
    key = KeyColumn(chosen.name, (_ID,))
    every = pl.DataFrame({_ID: pl.Series([str(each) for each in (*sealed, *open_ids)], dtype=pl.String)})
    parsed = canonical_keys(key, every).is_not_null()
    if every.height and not parsed.any():
        hint = Spelled("see scheme=, and that each line is one id.", "see --scheme, and that each line is one id.")
        raise UsageError(f"none of the ids is a {chosen.name}", hint=hint)
    mask = (np.arange(every.height) < len(sealed))[parsed.to_numpy()]
    table = Table("", every.filter(parsed), (key,), mask, np.zeros(len(mask), bool))
    return table, every.height - len(mask)


def _table_of_data(data: Any, index: Index, on: Any) -> Table:
    keys = parse_on(on)
    matcher = TableMatcher(index, keys, LENIENT, "data")
    sealed = matcher.judge(frame_adapter(data).key_batch(matcher.columns)).matched
    return Table("", data, keys, sealed, np.zeros(len(sealed), bool))


def _sealed_ids(table: Table) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for key in table.keys:
        column = frame_adapter(table.data).key_batch(key.columns).get_column(key.columns[0])
        sealed = pl.Series(table.sealed)
        of_open = column.is_in(column.filter(~sealed).implode())  # a docket of several arrests is named by these too
        found[key.scheme] = column.filter(sealed & ~of_open).to_list()
    return found


def _unechoed(found: ProbeSet, table: Table) -> ProbeSet:
    """Let probes of a prefix ask with only the prefix: a whole id in their answer is then no echo."""
    column = table.keys[0].columns[0]
    for at, probe in enumerate(found.probes):
        if probe.kind == "prefix":
            found.probes[at] = replace(probe, id=probe.text, record={**probe.record, column: probe.text})
            found.masks[at] = ()
    return found
