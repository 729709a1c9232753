"""``sealscrub guard``: take what is sealed out of a file of answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import shared_options as opt

__all__ = ["guard"]


def guard(
    file: Annotated[str, typer.Argument(help="Answers: Parquet, CSV, JSON Lines or JSON.")],
    index: opt.IndexFile = None,
    key_file: opt.OptionalKeyFile = None,
    on: Annotated[
        list[str] | None,
        typer.Option(
            "--on",
            help="A key: a column, arrest_number=ARREST_NO, or a place in JSON, arrest_number='$.hits[*].arrest'. "
            "May be given several times.",
            metavar="SCHEME=PLACE",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The guarded file, of the same format.", metavar="FILE")
    ] = None,
    rank: Annotated[
        str | None, typer.Option("--rank", help="A column, or a place in JSON, that counts from 1: counted anew.")
    ] = None,
    score: Annotated[
        str | None, typer.Option("--score", help="A column with scores: rows are ordered by it, the highest first.")
    ] = None,
    ascending: Annotated[bool, typer.Option("--ascending", help="The lowest score is the best.")] = False,
    group: Annotated[
        str | None, typer.Option("--group", help="A column: each of its values is a ranking by itself.")
    ] = None,
    total: Annotated[
        list[str] | None,
        typer.Option("--total", help="A count in JSON: '$.total=$.hits[*]'. Repeatable.", metavar="PLACE=PLACE"),
    ] = None,
    known: Annotated[
        Path | None,
        typer.Option("--known", help="A table whose first column has the ids that the system holds.", metavar="FILE"),
    ] = None,
    min_epoch: opt.MinEpoch = None,
    allow: opt.Allow = None,
    accept: opt.Accept = None,
    min_coverage: opt.MinCoverage = None,
    schemes: opt.SchemeFile = None,
) -> None:
    """Give a file of answers as it would be had the sealed records never existed.

    The index must be published for output. A file that was cut to the best k was cut with the sealed records in it:
    guard it before it is cut.

    Exits with 0 when written, 2 on wrong use, 3 when an answer is refused or not everything could be checked.

    Example: sealscrub guard scores.csv --index output.sealindex --key-file seal.key --on arrest_number=ARREST_NO
    --score SCORE --rank RANK -o shown.csv
    """
    from sealscrub.errors import ConfigError
    from sealscrub.index import open_index

    from .guarded_files import Ranked, guard_file

    opt.load_own_schemes(schemes)
    _, place, key, keys = opt.required([file], index, key_file, on)
    if output is None:
        raise ConfigError("no output is named", hint="-o shown.csv")
    if Path(file).resolve() == output.resolve():
        raise ConfigError("the output would replace the input", where=str(output), hint="name another file.")
    policy = opt.policy(allow, accept, min_coverage, None, require_keys=False)
    opened = open_index(place, key, use="output", min_epoch=min_epoch)
    ranked = Ranked(rank=rank, score=score, ascending=ascending, group=group, totals=tuple(total or ()))
    guard_file(Path(file), output, opened, keys, ranked, known, policy)
