"""``sealscrub aggregate``: figures for an annual report, over all arrests, that give no one away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sealscrub.errors import ConfigError, UnreadableInput, UsageError

__all__ = ["aggregate"]


def aggregate(
    events: Annotated[Path, typer.Argument(help="All arrests, a row each: Parquet or CSV.", metavar="FILE")],
    by: Annotated[
        list[str], typer.Option("--by", help="The columns of a table. Repeatable: a table each.", metavar="COLUMN,…")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The figures, .csv, .jsonl or .parquet.", metavar="FILE")
    ] = None,
    person: Annotated[str | None, typer.Option(help="The column that tells people apart.", metavar="COLUMN")] = None,
    value: Annotated[str | None, typer.Option(help="A column of numbers to sum.", metavar="COLUMN")] = None,
    share: Annotated[
        str | None, typer.Option(help="A column of true and false, whose share is given.", metavar="COLUMN")
    ] = None,
    minimum: Annotated[int, typer.Option(help="Figures over fewer people are held back.")] = 10,
    round_to: Annotated[
        int | None, typer.Option("--round", help="Round counts to this base instead of holding them back; 5 is usual.")
    ] = None,
    dominance: Annotated[
        str, typer.Option(help="Sums of which so many people give more than so many percent are held back.")
    ] = "2,85",
    p_percent: Annotated[
        float, typer.Option(help="Sums that tell the largest part to within this percentage are held back.")
    ] = 10.0,
    dp_epsilon: Annotated[
        float | None,
        typer.Option(
            help="Differential privacy: counts with noise, at this privacy loss. Needs --ledger and --person."
        ),
    ] = None,
    per_person: Annotated[
        int | None, typer.Option(help="With --dp-epsilon: how many arrests of one person are counted; 1 by default.")
    ] = None,
    dp_budget: Annotated[
        float | None,
        typer.Option(help="With the first --dp-epsilon of a source: what all its releases may lose together."),
    ] = None,
    levels: Annotated[
        list[str] | None,
        typer.Option(help="All levels of a column, which then all have rows. Repeatable.", metavar="COLUMN=LEVEL,…"),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="What was published before, 0600: made if it is not there, and added to.", metavar="FILE"),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="With --ledger: what is counted, such as 'arrests 2025'.", metavar="NAME")
    ] = None,
    record_clean: Annotated[
        bool,
        typer.Option("--record-clean", help="Publish nothing: FILE is scrubbed data, whose counts the ledger keeps."),
    ] = False,
    new_source: Annotated[
        bool, typer.Option("--new-source", help="The ledger has nothing of this source yet, and need not have.")
    ] = False,
    ledger_holds: Annotated[
        str | None,
        typer.Option(help="The ledger's digest as a run before said it: a ledger that was cut or put back lacks it."),
    ] = None,
) -> None:
    """Count all arrests for a report, sealed ones included, and hold back what would tell of few people.

    The figures carry a mark: scan and scrub refuse them as input.

    Exits with 0 when they are written, 2 on wrong use, 3 when nothing may be published. With --record-clean: 1 when
    figures published before tell how few records were sealed.

    Example: sealscrub aggregate arrests.parquet --by precinct,offense --by precinct,sex --person nysid
    --ledger releases.ledger --source 'arrests 2025' --new-source -o figures.csv

    Example: sealscrub aggregate arrests.parquet --by law_category --levels law_category=F,M,V --person nysid
    --dp-epsilon 1 --dp-budget 4 --per-person 3 --ledger releases.ledger --source 'arrests 2025' -o figures.csv
    """
    from sealscrub.aggregates import Ledger, Noise, Rules
    from sealscrub.aggregates import aggregate as count

    tables = [[name.strip() for name in each.split(",")] for each in by]
    if ledger is not None and source is None:
        raise ConfigError("a ledger compares figures of one source", hint="--source 'arrests 2025'")
    if dp_epsilon is None and (per_person is not None or dp_budget is not None):
        raise ConfigError("--per-person and --dp-budget go with --dp-epsilon", hint="--dp-epsilon 1.0")
    kept = None if ledger is None else Ledger(ledger, holds=ledger_holds, new_source=new_source)
    if record_clean:
        if kept is None or source is None or output is not None:
            raise ConfigError("--record-clean goes with --ledger and --source, and writes nothing else")
        names = list(dict.fromkeys(name for table in tables for name in table))
        told = kept.record_clean(_read(events), names, source=source, name=events.name, person=person)
        _tell_ledger(kept)
        typer.echo(f"recorded; {told} figures published before differ from it by a few", err=True)
        raise typer.Exit(1 if told else 0)
    if output is None:
        raise ConfigError("no output is named", hint="-o figures.csv")
    taken = {each.resolve() for each in (events, ledger) if each is not None}
    if output.resolve() in taken or output.suffix not in (".csv", ".jsonl", ".parquet"):
        raise ConfigError("the output is a .csv, .jsonl or .parquet file", where=str(output), hint="-o figures.csv")
    rules = Rules(minimum=minimum, dominance=_dominance(dominance), p_percent=p_percent)
    noise = None if dp_epsilon is None else Noise(dp_epsilon, per_person or 1, dp_budget)
    frame = _read(events)
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
    typer.echo(f"wrote {output}: release {figures.release}", err=True)
    if kept is not None:
        _tell_ledger(kept)
        if noise is not None and source is not None:
            spent, agreed = kept.spent(source)
            typer.echo(f"epsilon {noise.epsilon:g}, delta 0; this source has spent {spent:g} of {agreed:g}", err=True)


def _tell_ledger(ledger: Any) -> None:
    lines, digest = ledger.head()
    typer.echo(f"the ledger has {lines} entries; keep its digest elsewhere: {digest}", err=True)


def _levels(given: list[str], frame: Any) -> dict[str, Any]:
    import polars as pl

    made: dict[str, Any] = {}
    for each in given:
        name, equals, listed = each.partition("=")
        if not equals or name not in frame.columns:
            raise ConfigError("--levels names a column of the file and its levels", hint="--levels law_category=F,M,V")
        try:
            made[name] = pl.Series(name, listed.split(","), pl.String).cast(frame[name].dtype).to_list()
        except pl.exceptions.PolarsError:
            raise ConfigError(
                f"--levels: these are no values of the column {name!r}", hint="write them as it has them."
            ) from None
    return made


def _read(path: Path) -> Any:
    import polars as pl

    if not path.is_file():
        raise UsageError("there is no such file", where=str(path))
    readers = {".parquet": pl.read_parquet, ".csv": lambda file: pl.read_csv(file, infer_schema_length=None)}
    if path.suffix not in readers:
        raise ConfigError("events are read from Parquet or CSV", where=str(path))
    try:
        return readers[path.suffix](path)
    except (pl.exceptions.PolarsError, OSError, ValueError):
        raise UnreadableInput("cannot be read as what its name says", where=str(path)) from None


def _dominance(text: str) -> tuple[int, float]:
    count, _, share = text.partition(",")
    try:
        return int(count), float(share)
    except ValueError:
        raise ConfigError("--dominance is a number of people and a percentage", hint="--dominance 2,85") from None
