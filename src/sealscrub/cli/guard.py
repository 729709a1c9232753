"""``sealscrub guard``: take what is sealed out of a file of answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sealscrub.errors import ConfigError

from . import options as opt
from .declarations import OR_ADDRESS, needs, option

__all__ = ["guard"]


def guard(
    file: Annotated[str, typer.Argument(help="Answers: a data file of any format, or JSON.")],
    *,
    index: opt.UsedIndex,
    on: Annotated[
        list[str] | None,
        option(
            "A key: a column, arrest_number=ARREST_NO, or a place in JSON, arrest_number='$.hits[*].arrest'. "
            "May be given several times.",
            metavar="SCHEME=PLACE",
        ),
    ] = None,
    output: Annotated[Path | None, option("The guarded file, of the same format.", "-o", "--output")] = None,
    rank: Annotated[str | None, option("A column, or a place in JSON, that counts from 1: counted again.")] = None,
    score: Annotated[str | None, option("A column with scores: rows are ordered by it, the highest first.")] = None,
    ascending: Annotated[bool, option("Rank low scores first.", "--ascending"), needs("--score")] = False,
    group: Annotated[str | None, option("A column; each of its values is a separate ranking.")] = None,
    total: Annotated[
        list[str] | None, option("A count in JSON: '$.total=$.hits[*]'. Repeatable.", metavar="PLACE=PLACE")
    ] = None,
    complete: Annotated[
        bool,
        option("The lists of a JSON file hold all that was found: none was cut to a page or the best k.", "--complete"),
    ] = False,
    independent: Annotated[
        list[str] | None,
        option(
            "A place in JSON that is the same without the sealed records: '$.version'. Repeatable.", metavar="PLACE"
        ),
    ] = None,
    known: Annotated[
        Path | None, option("A table whose first column has the ids that the system holds."), OR_ADDRESS
    ] = None,
    lenient: opt.Leniency,
) -> None:
    """Give a file of answers as it would be had the sealed records never existed.

    The index must be published for output. A file that was cut to the best k was cut with the sealed records in it:
    guard it before it is cut.

    Exits with 0 when written, 2 on wrong use, 3 when an answer is refused or not everything could be checked.

    Example: sealscrub guard scores.csv --index output.sealindex --key-file seal.key --on arrest_number=ARREST_NO
    --score SCORE --rank RANK -o shown.csv
    """
    from .answer_files import Ranked, guard_file

    keys = opt.given_keys(on)
    if output is None:
        raise ConfigError("no output given", hint="-o shown.csv")
    ranked = Ranked(
        rank=rank,
        score=score,
        ascending=ascending,
        group=group,
        totals=tuple(total or ()),
        complete=complete,
        independent=tuple(independent or ()),
    )
    guard_file(Path(file), output, index.open("output"), keys, ranked, known, lenient.policy())
