"""Counting for a report over all arrests, sealed included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError, Refused, Spelled
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On

from .controlled_rounding import rounded
from .disclosure_rules import Rules
from .earlier_releases import Figured, told
from .figures import COUNT, STATED, Figures, Measure, framed
from .ledger import Ledger, budgeted, cells_of
from .ledger_entries import Entry
from .noisy_counts import Noise, noisy
from .protection import protected
from .series import series_of
from .table_request import Asked, Request

__all__ = ["aggregate"]

_SHARE = "share"


def aggregate(
    events: Any,
    tables: str | Iterable[str | Sequence[str]],
    *,
    person: str | None = None,
    value: str | None = None,
    share: str | None = None,
    rules: Rules | None = None,
    round_to: int | None = None,
    levels: Mapping[str, Iterable[Any]] | None = None,
    index: Index | None = None,
    on: On | None = None,
    policy: Policy | None = None,
    ledger: Ledger | None = None,
    source: str | None = None,
    noise: Noise | None = None,
) -> Figures:
    """Count all arrests for a report, sealed ones included, and suppress what would identify few people.

    Parameters
    ----------
    events : pandas, polars, pyarrow or DuckDB table
        A row for each arrest: not scrubbed, and not counted before.
    tables : str, or iterable of str or sequence of str
        The tables that are published together, each by the columns that it counts by: ``["precinct", ["precinct",
        "offense"]]``. All their margins are published too.
    person : str, optional
        Which column distinguishes people, so a figure over few people is suppressed though it counts many arrests.
        Without it, each row is taken for another person.
    value : str, optional
        A column of numbers, none below 0, to sum as well.
    share : str, optional
        A column of true and false: how many of each figure's arrests have true, and their share, as well.
    rules : Rules, optional
        Minimum, dominance and p-percent.
    round_to : int, optional
        Round counts to this base, 5 is usual, instead of holding small ones back. Not for sums and shares. The figures
        are then near the truth and do not add up.
    levels : mapping of str to iterable, optional
        All levels of a column, which then all have rows. By default those that events have, and rows only of those that
        are not rare: a level of few people would be named.
    index, on, policy : optional
        An index that was published for the use ``aggregate_report``, for a regime that bars records from reports too;
        they are left out.
    ledger, source : optional
        What was published before, and the name of what is counted. What differs from an earlier figure, or from the
        count of a clean data set, by fewer than the minimum is suppressed; so is what was before. The release
        is recorded.

    Returns
    -------
    Figures
        Every published figure is true. Of those suppressed none can be worked out from the published ones, which the
        attacker has tried.

    Raises
    ------
    UsageError
        When there are no events, or a column is not as it must be.
    ConfigError, ColumnError
        When the tables cannot be made.
    Refused
        When there is nothing that may be published, or too much was asked for.
    MissingExtra
        When scipy is not installed (extra ``aggregates``).

    Notes
    -----
    What a reader learns from several releases together is looked at with a ledger:
    :func:`sealscrub.custodian.aggregates.Ledger`. A person who knows that an arrest is their own can subtract it.

    Examples
    --------
    >>> rows = [{"precinct": 101 + at % 2, "level": "F" if at < 4 else "M"} for at in range(60)]
    >>> figures = aggregate(pl.DataFrame(rows), [["precinct", "level"]])
    >>> figures.table("precinct", "level")["count"].to_list(), figures.table()["count"].to_list()
    ([None, None], [60])
    """
    request = Request(
        tables=tables, person=person, value=value, share=share, levels=levels, index=index, on=on, policy=policy,
        noise=noise,
    )  # fmt: skip
    rules = rules or Rules()
    if (round_to is not None or noise is not None) and value:
        raise ConfigError("sums cannot be rounded or given noise", hint="ask for them without noise or rounding.")
    if round_to is not None and (share or noise is not None):
        raise ConfigError(
            "only counts can be rounded",
            hint=Spelled(
                "ask for shares, and for noise, without round_to.", "ask for shares, and for noise, without --round."
            ),
        )
    if ledger is None:
        if noise is not None:
            raise ConfigError(
                "noise needs a ledger: privacy loss adds up over releases",
                hint=Spelled("ledger=, source=", "--ledger FILE --source NAME"),
            )
        return _figures_and_hidden(events, Asked.of(events, request), rules, (), round_to)[0]
    if not source:
        raise ConfigError(
            "a ledger needs a source, and none is given",
            hint=Spelled('source="arrests 2025"', "--source 'arrests 2025'"),
        )
    with ledger.locked() as opened:
        before = opened.of(source)
        if noise is not None:
            entry, figures = _with_noise(events, request, noise, before, source)
        else:
            asked = Asked.of(events, request, before)
            figures, hidden = _figures_and_hidden(events, asked, rules, before, round_to)
            counts, people = asked.counted
            cells = cells_of(asked.totals, counts, people if asked.is_by_person else None, asked.summed(), hidden)
            entry = Entry(
                "release", source, figures.release, figures.method, cells, rules.minimum, value=value, base=round_to
            )
        opened.append(entry)
    return figures


def _figures_and_hidden(
    events: Any, asked: Asked, rules: Rules, before: Sequence[Entry], base: int | None
) -> tuple[Figures, Mask]:
    """Make the figures, and say which are suppressed."""
    rare, totals = asked.rare(rules), asked.totals
    counts, people = asked.counted
    now = Figured(totals, counts, people, asked.is_by_person, asked.summed(), asked.value)
    known = told(now, before, rules.minimum, asked.linked.finer)
    known.empty |= asked.impossible
    series = series_of(asked, before, rules.minimum, rounds=base is not None)
    if base is None:
        hidden, ranges = protected(asked, rules, known, series)
        measures = _measures(asked, hidden)
        return framed(totals, measures, ranges, "suppress", events, without=asked.share_axis, rare=rare), hidden
    if ((counts >= rules.minimum) & (people < rules.minimum) & ~totals.inner).any():
        raise Refused(
            "rounding does not protect many events of few people",
            hint=Spelled("leave round_to out.", "leave --round out."),
        )
    values, hidden = rounded(totals, counts, known, rules.minimum, base, series)
    return framed(totals, [Measure(COUNT, values, hidden)], None, "round", events, rare=rare), hidden


def _with_noise(
    events: Any, request: Request, noise: Noise, before: Sequence[Entry], source: str
) -> tuple[Entry, Figures]:
    """Make figures with noise, if the budget that was agreed on still has so much."""
    spent, agreed = budgeted(before)
    if noise.budget is not None and agreed and noise.budget != agreed:
        raise ConfigError(
            f"the budget of this source is {agreed:g}, and cannot be changed",
            hint="leave the budget out.",
        )
    agreed = agreed or noise.budget or 0.0
    if not agreed:
        hint = Spelled("budget=4.0, with the first release.", "--dp-budget 4.0, with the first release.")
        raise ConfigError("this source has no budget yet", hint=hint)
    if spent + noise.epsilon > agreed * (1 + 1e-12):
        raise Refused(
            f"this source has {max(agreed - spent, 0.0):g} left of a budget of {agreed:g}, and the release needs "
            f"{noise.epsilon:g}",
            hint="ask for a smaller epsilon, or publish no more of this source.",
        )
    asked = Asked.of(events, request)
    values = noisy(asked.totals, asked.counted[0], noise)
    nothing = np.zeros(asked.totals.size, bool)
    stated = [
        Measure(name, np.full(asked.totals.size, number), nothing, kind)
        for name, number, kind in zip(
            STATED, (noise.epsilon, noise.delta, noise.per_person), (pl.Float64, pl.Float64, pl.Int64), strict=True
        )
    ]
    measures = [*_counts_and_shares(asked, values, nothing), *stated]
    figures = framed(asked.totals, measures, None, "noise", events, without=asked.share_axis)
    entry = Entry("release", source, figures.release, "noise", {}, epsilon=noise.epsilon, budget=agreed)
    return entry, figures


def _measures(asked: Asked, hidden: Mask) -> list[Measure]:
    counts = asked.totals.of_combinations(asked.counts)
    count, *shares = _counts_and_shares(asked, counts, hidden)
    sums = asked.summed()
    return [count, *([] if sums is None else [Measure(f"sum_{asked.value}", sums, hidden, pl.Float64)]), *shares]


def _counts_and_shares(asked: Asked, counts: Any, hidden: Mask) -> list[Measure]:
    shares = [] if asked.share_axis is None else _share_measures(asked, asked.share_axis, counts, hidden)
    return [Measure(COUNT, counts, hidden), *shares]


def _share_measures(asked: Asked, axis: int, counts: Any, hidden: Mask) -> list[Measure]:
    """Of each total, the one that also has true: a share is published if both counts are."""
    totals = asked.totals
    name = totals.cube.columns[axis]
    true = np.zeros(totals.size, np.int64)
    gone = np.ones(totals.size, bool)
    starts = dict(zip(totals.sets, totals.starts, strict=True))
    for axes, start in starts.items():
        if axis not in axes and axes in totals.published:
            height = totals.height(axes)
            # the column is last, with false before true
            at = starts[(*axes, axis)] + 2 * np.arange(height) + 1
            true[start : start + height], gone[start : start + height] = counts[at], hidden[at]
    share = np.divide(true, counts, out=np.zeros(len(true)), where=counts > 0)
    return [
        Measure(f"count_{name}", true, gone),
        Measure(f"{_SHARE}_{name}", share, gone | hidden | (counts == 0), pl.Float64),
    ]
