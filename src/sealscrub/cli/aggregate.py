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
        Path | None, typer.Option("-o", "--output", help="The figures, .csv or .parquet.", metavar="FILE")
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
) -> None:
    """Count all arrests for a report, sealed ones included, and hold back what would tell of few people.

    The figures carry a mark: scan and scrub refuse them as input.

    Exits with 0 when they are written, 2 on wrong use, 3 when nothing may be published. With --record-clean: 1 when
    figures published before tell how few records were sealed.

    Example: sealscrub aggregate arrests.parquet --by precinct,offense --by precinct,sex --person nysid
    --ledger releases.ledger --source 'arrests 2025' -o figures.csv
    """
    from sealscrub.aggregates import Ledger, Rules
    from sealscrub.aggregates import aggregate as count

    tables = [[name.strip() for name in each.split(",")] for each in by]
    if ledger is not None and source is None:
        raise ConfigError("a ledger compares figures of one source", hint="--source 'arrests 2025'")
    if record_clean:
        if ledger is None or source is None or output is not None:
            raise ConfigError("--record-clean goes with --ledger and --source, and writes nothing else")
        names = list(dict.fromkeys(name for table in tables for name in table))
        told = Ledger(ledger).record_clean(_read(events), names, source=source, name=events.name)
        typer.echo(f"recorded; {told} figures published before differ from it by a few", err=True)
        raise typer.Exit(1 if told else 0)
    if output is None:
        raise ConfigError("no output is named", hint="-o figures.csv")
    taken = {each.resolve() for each in (events, ledger) if each is not None}
    if output.resolve() in taken or output.suffix not in (".csv", ".parquet"):
        raise ConfigError("the output is a .csv or .parquet of its own", where=str(output), hint="-o figures.csv")
    rules = Rules(minimum=minimum, dominance=_dominance(dominance), p_percent=p_percent)
    figures = count(
        _read(events),
        tables,
        person=person,
        value=value,
        share=share,
        rules=rules,
        round_to=round_to,
        ledger=None if ledger is None else Ledger(ledger),
        source=source,
    )
    figures.write(output)
    typer.echo(f"wrote {output}: release {figures.release}", err=True)


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
