"""``sealscrub aggregate``: figures for an annual report, over all arrests, that give no one away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sealscrub.errors import ConfigError
from sealscrub.reports import counted

from . import options as opt
from .declarations import OR_ADDRESS, needs, option, unless
from .remarks import remark

__all__ = ["aggregate"]


def aggregate(
    events: Annotated[
        Path, typer.Argument(help="All arrests, one row each: Parquet or CSV.", metavar="FILE"), OR_ADDRESS
    ],
    by: Annotated[list[str], option("The columns of a table. Repeatable, once for each table.", metavar="COLUMN,…")],
    output: Annotated[Path | None, option("The figures, .csv, .jsonl or .parquet.", "-o", "--output")] = None,
    person: Annotated[str | None, option("The column that identifies people.", metavar="COLUMN")] = None,
    value: Annotated[str | None, option("A column of numbers to sum.", metavar="COLUMN")] = None,
    share: Annotated[str | None, option("A column of true and false, whose share is given.", metavar="COLUMN")] = None,
    minimum: Annotated[int, option("Suppress figures about fewer people.", min=1)] = 10,
    round_to: Annotated[
        int | None, option("Round counts to this base instead of suppressing them; 5 is usual.", "--round")
    ] = None,
    dominance: Annotated[
        str, option("Suppress a sum if this many people contribute more than this percentage."), needs("--value")
    ] = "2,85",
    p_percent: Annotated[
        float,
        option("Suppress sums that reveal their largest contribution to within this percentage."),
        needs("--value"),
    ] = 10.0,
    dp_epsilon: Annotated[
        float | None,
        option("Differential privacy: counts with noise, at this privacy loss."),
        needs("--ledger"),
        needs("--person"),
        unless("--record-clean", "--value", "--round"),
    ] = None,
    per_person: Annotated[
        int | None,
        option("How many arrests of one person are counted; 1 by default."),
        needs("--dp-epsilon", hint="--dp-epsilon 1.0"),
    ] = None,
    dp_budget: Annotated[
        float | None,
        option("Privacy budget for all releases of the source; set it with the first."),
        needs("--dp-epsilon", hint="--dp-epsilon 1.0"),
    ] = None,
    levels: Annotated[
        list[str] | None,
        option("All levels of a column; each gets rows. Repeatable.", metavar="COLUMN=LEVEL,…"),
    ] = None,
    ledger: Annotated[
        Path | None,
        option("Ledger of earlier releases (0600); created if it does not exist."),
        needs("--source", hint="--source 'arrests 2025'"),
    ] = None,
    source: Annotated[
        str | None, option("Name of the source, such as 'arrests 2025'.", metavar="NAME"), needs("--ledger")
    ] = None,
    record_clean: Annotated[
        bool,
        option("Publish nothing: FILE is scrubbed data, whose counts the ledger keeps.", "--record-clean"),
        needs("--ledger"),
        unless("--output", "--value", "--share", "--levels", "--round"),
    ] = False,
    new_source: Annotated[
        bool, option("This source is new: the ledger has no release of it.", "--new-source"), needs("--ledger")
    ] = False,
    ledger_holds: Annotated[
        str | None,
        option("The ledger's digest from an earlier run; a truncated or restored ledger lacks it."),
        needs("--ledger"),
    ] = None,
    *,
    reporting: Annotated[opt.Reporting, unless("--record-clean")],
) -> None:
    """Count all arrests for a report, sealed ones included, and suppress what would identify few people.

    The figures carry a mark: scan and scrub refuse them as input.

    Exits with 0 when they are written, 2 on wrong use, 3 when nothing may be published. With --record-clean: 1 when
    figures published before reveal how few records were sealed.

    Example: sealscrub aggregate arrests.parquet --by precinct,offense --by precinct,sex --person nysid
    --ledger releases.ledger --source 'arrests 2025' --new-source -o figures.csv

    Example: sealscrub aggregate arrests.parquet --by law_category --levels law_category=F,M,V --person nysid
    --dp-epsilon 1 --dp-budget 4 --per-person 3 --ledger releases.ledger --source 'arrests 2025' -o figures.csv
    """
    from sealscrub.custodian.aggregates import Figures, Ledger, Noise, Rules
    from sealscrub.custodian.aggregates import aggregate as count
    from sealscrub.tables.opener import read_frame

    reporting.check(Figures)
    tables = [[name.strip() for name in each.split(",")] for each in by]
    persons = [] if person is None else [person]
    kept = None if ledger is None else Ledger(ledger, holds=ledger_holds, new_source=new_source)
    if record_clean and kept is not None and source is not None:
        names = list(dict.fromkeys(name for table in tables for name in table))
        rows = read_frame(events, typed=True, texts=persons)
        told = kept.record_clean(rows, names, source=source, name=events.name, person=person)
        _tell_ledger(kept)
        remark(f"recorded; {told} figures published before differ from it by a few")
        raise typer.Exit(1 if told else 0)
    if output is None:
        raise ConfigError("no output given", hint="-o figures.csv")
    opt.check_new_files("the output", [output], opt.places_of([events, ledger]))
    if output.suffix not in (".csv", ".jsonl", ".parquet"):
        raise ConfigError(
            "the output must be a .csv, .jsonl or .parquet file", where=str(output), hint="-o figures.csv"
        )
    rules = Rules(minimum=minimum, dominance=_dominance(dominance), p_percent=p_percent)
    noise = None if dp_epsilon is None else Noise(dp_epsilon, per_person or 1, dp_budget)
    frame = read_frame(events, typed=True, texts=persons)
    figures = count(
        frame,
        tables,
        person=person,
        value=value,
        share=share,
        rules=rules,
        round_to=round_to,
        levels=_levels(levels or [], frame),
        ledger=kept,
        source=source,
        noise=noise,
    )
    figures.write(output)
    reporting.say(figures)
    remark(f"wrote {output}: release {figures.release}")
    if kept is not None:
        _tell_ledger(kept)
        if noise is not None and source is not None:
            spent, agreed = kept.spent(source)
            remark(f"epsilon {noise.epsilon:g}, delta 0; this source has spent {spent:g} of {agreed:g}")


def _tell_ledger(ledger: Any) -> None:
    lines, digest = ledger.head()
    remark(f"the ledger has {counted(lines, 'entry')}; keep its digest elsewhere: {digest}")


def _levels(given: list[str], frame: Any) -> dict[str, Any]:
    import polars as pl

    levels: dict[str, Any] = {}
    for each in given:
        name, equals, listed = each.partition("=")
        if not equals or name not in frame.columns:
            raise ConfigError("--levels must be COLUMN=LEVEL,LEVEL", hint="--levels law_category=F,M,V")
        try:
            levels[name] = pl.Series(name, listed.split(","), pl.String).cast(frame[name].dtype).to_list()
        except pl.exceptions.PolarsError:
            raise ConfigError(
                f"--levels: unknown values of the column {name!r}", hint="write them as in the file."
            ) from None
    return levels


def _dominance(text: str) -> tuple[int, float]:
    count, _, share = text.partition(",")
    try:
        return int(count), float(share)
    except ValueError:
        raise ConfigError("--dominance must be a number of people and a percentage", hint="--dominance 2,85") from None
