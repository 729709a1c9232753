"""A clerk's answers, read back: what is missing stays open, and what contradicts itself is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from sealscrub.custodian.sheets import Problem, Sheet, read_sheet, refuse_rows
from sealscrub.errors import ColumnError, Spelled, UsageError
from sealscrub.identifiers import canonicalise
from sealscrub.reports.csv import cell_meant

from .review_files import COLUMNS, DRAWN, REVIEW, ROWS, RUN, SAMPLE, SEEN

__all__ = ["STATED", "Answers", "check_unanswered", "read_answers"]

_SAME, _NOT, _UNSURE = "same", "not", "cannot tell"
_WORDS: Final = (_SAME, _NOT, _UNSURE)
_PAIR: Final = ("seal", "row")
STATED: Final = ("sex", "race")
"""By which recall is printed apart, if a source states it; it is never inferred."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a clerk answered.

    Attributes
    ----------
    kind : str
        ``review`` or ``sample``.
    namespace : str
        The system that the rows are of.
    model : str
        The digest of the model that chose the pairs.
    same, different : polars.DataFrame
        ``seal``, ``row``, ``weight`` and ``seen`` of the pairs that are about one arrest, and of those that are not.
    undecided : polars.DataFrame
        ``seal``, ``row`` and ``answer`` of the pairs that the clerk could not decide, or says nothing (an empty text).
    unsure : int
        Pairs that the clerk could not decide.
    open : int
        Pairs that are not answered yet.
    seals : tuple of str
        Every seal that is in the file.
    drawn_at : int
        The registry's epoch at which the draw of a sample is recorded; of a review, at which the last run was when it
        was written. -1 if the lines do not say so, or are of several.
    pairs : polars.DataFrame
        ``seal``, ``row`` and ``line`` of every pair, and ``sex`` and ``race`` as the row's source states them; null
        if it does not.
    lines : polars.DataFrame
        ``seal`` and ``row`` of every line, the pairs by which the clerk is measured included; ``row`` is null of a seal
        without one.
    sheet : Sheet
        The file.

    Examples
    --------
    >>> from sealscrub.custodian.reviews import read_answers, write_review
    >>> import tempfile
    >>> names = pl.DataFrame({"id": ["S1", "r1"], "last_name": ["DOE", "DOE"]})
    >>> pairs = pl.DataFrame({"seal": ["S1"], "row": ["r1"], "weight": [9.5]})
    >>> path = Path(tempfile.mkdtemp()) / "review.csv"
    >>> write_review(path, pairs, names, names, namespace="vendor", model="0" * 64)
    >>> _ = path.write_text(path.read_text().replace('9.5,""', "9.5,same"))
    >>> read_answers(path, "review").same["row"].to_list()
    ['r1']
    """

    kind: str
    namespace: str
    model: str
    same: pl.DataFrame = field(repr=False)
    different: pl.DataFrame = field(repr=False)
    undecided: pl.DataFrame = field(repr=False)
    unsure: int
    open: int
    seals: tuple[str, ...] = field(repr=False)
    drawn_at: int = 0
    pairs: pl.DataFrame = field(repr=False)
    lines: pl.DataFrame = field(repr=False)
    sheet: Sheet = field(repr=False)

    def check_proposed(self, proposed: pl.DataFrame) -> None:
        """Refuse a review of an older run, since rows may say something else now, or with a pair never proposed.

        Parameters
        ----------
        proposed : polars.DataFrame
            ``seal``, ``row`` and ``run``, as :meth:`Registry.proposed_pairs` gives them.

        Raises
        ------
        UsageError
            When the system was linked again since the review was written.
        NoticeError
            When there is such a pair; its lines are named, and no one.
        """
        if len(proposed) and proposed["run"].max() != self.drawn_at:
            raise UsageError(
                "is not a review of the newest run; nothing was decided",
                where=str(self.sheet.path),
                hint="run link run again, and decide the review that it writes.",
            )
        odd = self.pairs.join(proposed, on=_PAIR, how="anti")
        _refuse([(line, "", "is not a pair that link run proposed") for line in odd["line"]], self.sheet)

    def without(self, known: pl.DataFrame) -> Answers:
        """Give the answers about other pairs than those by which the clerk is measured.

        Parameters
        ----------
        known : polars.DataFrame
            ``seal`` and ``row``, as :meth:`Registry.known_pairs` gives them.
        """
        undecided = self.undecided.join(known, on=_PAIR, how="anti")
        return replace(
            self,
            same=self.same.join(known, on=_PAIR, how="anti"),
            different=self.different.join(known, on=_PAIR, how="anti"),
            undecided=undecided,
            unsure=len(undecided.filter(pl.col("answer") == _UNSURE)),
            open=len(undecided.filter(pl.col("answer") == "")),
            pairs=self.pairs.join(known, on=_PAIR, how="anti"),
        )

    def about(self, known: pl.DataFrame) -> pl.DataFrame:
        """Say what was answered about known pairs.

        Parameters
        ----------
        known : polars.DataFrame
            ``seal``, ``row`` and ``known``.

        Returns
        -------
        polars.DataFrame
            Those that are in the file, with ``answer``; it is empty if there is none.
        """
        told = [
            self.same.select(*_PAIR, answer=pl.lit(_SAME)),
            self.different.select(*_PAIR, answer=pl.lit(_NOT)),
            self.undecided.select(*_PAIR, "answer"),
        ]
        return known.unique(_PAIR, keep="last", maintain_order=True).join(pl.concat(told), on=_PAIR)


def read_answers(path: str | Path, kind: str) -> Answers:
    """Read a file that a clerk has filled in.

    Parameters
    ----------
    path : str or Path
        What :func:`write_review` or :func:`write_sample` wrote.
    kind : str
        Which of them: ``review`` or ``sample``.

    Returns
    -------
    Answers

    Raises
    ------
    ColumnError
        When a column is missing.
    UsageError
        When it is of the other kind, of several systems, or of one that is not named.
    NoticeError
        When an answer is not one of the three, or a pair is answered in two ways; its lines are named, and no one.

    Examples
    --------
    >>> from sealscrub.custodian.reviews import write_review
    >>> import tempfile
    >>> names = pl.DataFrame({"id": ["S1", "r1"], "last_name": ["DOE", "DOE"]})
    >>> pairs = pl.DataFrame({"seal": ["S1"], "row": ["r1"], "weight": [9.5]})
    >>> path = Path(tempfile.mkdtemp()) / "review.csv"
    >>> write_review(path, pairs, names, names, namespace="vendor", model="0" * 64)
    >>> answers = read_answers(path, "review")
    >>> answers.open, len(answers.same)
    (1, 0)
    """
    sheet = read_sheet(path)
    frame = _frame(sheet)
    _one_source(frame, sheet, kind)
    answer = pl.col("answer").fill_null("").str.strip_chars().str.to_lowercase()
    frame = frame.with_columns(answer=answer.str.replace_all("_", " ", literal=True))
    _refuse(_problems(frame), sheet)
    drawn_at = _one_epoch(sheet, DRAWN if kind == SAMPLE else RUN)
    every = frame.filter(pl.col("row").is_not_null())
    pair = every.unique([*_PAIR, "answer"], maintain_order=True).select(*_PAIR, "weight", "answer", SEEN)
    decided = pair.filter(pl.col("answer").is_in([_SAME, _NOT]))
    undecided = pair.join(decided, on=_PAIR, how="anti").sort("answer", descending=True, maintain_order=True)
    undecided = undecided.unique(_PAIR, keep="first", maintain_order=True).drop("weight", SEEN)
    first = frame.row(0, named=True) if len(frame) else {"namespace": "", "model": ""}
    return Answers(
        kind=kind,
        namespace=first["namespace"],
        model=first["model"],
        same=pair.filter(pl.col("answer") == _SAME).drop("answer"),
        different=pair.filter(pl.col("answer") == _NOT).drop("answer"),
        undecided=undecided,
        unsure=len(undecided.filter(pl.col("answer") == _UNSURE)),
        open=len(undecided.filter(pl.col("answer") == "")),
        seals=tuple(frame["seal"].unique().sort()),
        drawn_at=drawn_at,
        pairs=every.select(*_PAIR, "line", *STATED),
        lines=frame.select(_PAIR),
        sheet=sheet,
    )


def check_unanswered(path: str | Path) -> None:
    """Refuse to write over a file that holds answers, or that is not a clerk's.

    Parameters
    ----------
    path : str or Path
        Where a review or a sample is to go.

    Raises
    ------
    UsageError
        When a clerk has written an answer into it, or it is another file.
    UnreadableInput
        When it cannot be read.

    Examples
    --------
    >>> from sealscrub.custodian.reviews import write_review
    >>> import tempfile
    >>> names = pl.DataFrame({"id": ["S1", "r1"], "last_name": ["DOE", "DOE"]})
    >>> pairs = pl.DataFrame({"seal": ["S1"], "row": ["r1"], "weight": [9.5]})
    >>> path = Path(tempfile.mkdtemp()) / "review.csv"
    >>> write_review(path, pairs, names, names, namespace="vendor", model="0" * 64)
    >>> check_unanswered(path)  # nothing would be lost
    """
    place = Path(path)
    if not place.exists() or not place.stat().st_size:
        return
    sheet = read_sheet(place)
    if not set(COLUMNS) <= set(sheet.columns):
        raise UsageError("is not a review, and would be replaced", where=str(place), hint="choose another place.")
    answers = sheet.frame[str(sheet.columns.index("answer"))].cast(pl.String).str.strip_chars()
    if sheet.broken or (answers != "").any():
        raise UsageError(
            "contains answers that would be lost",
            where=str(place),
            hint="have them decided and delete the file, or choose another place.",
        )


def _frame(sheet: Sheet) -> pl.DataFrame:
    _refuse([(line, "", reason) for line, (reason, _) in sheet.broken.items()], sheet)
    if missing := [name for name in COLUMNS if name not in sheet.columns]:
        reads = "give the file that was written for the clerk, with all its columns."
        raise ColumnError.absent(missing, where=str(sheet.path), otherwise=reads)
    named = sheet.frame.rename({str(at): name for at, name in enumerate(sheet.columns)})
    stated = [
        (pl.col(f"row {name}") if f"row {name}" in named.columns else pl.lit(None)).alias(name) for name in STATED
    ]
    seen = pl.col(SEEN) if SEEN in named.columns else pl.lit(None)
    frame = (
        named.select(*COLUMNS, *stated, seen.alias(SEEN))
        .cast(pl.String)
        .with_columns(pl.all().map_elements(cell_meant, pl.String))
    )
    text = pl.col(pl.String).str.strip_chars()
    frame = frame.with_columns(pl.when(text != "").then(text)).with_columns(line=pl.Series(sheet.lines))
    seen = pl.when(pl.col(SEEN).str.contains("^p[0-9a-f]{32}$")).then(SEEN)
    weight = pl.col("weight").str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    row = canonicalise(frame["row"], ROWS).values.alias("row")
    return frame.with_columns(weight, row, seen, torn=frame["row"].is_not_null() & row.is_null())


def _one_source(frame: pl.DataFrame, sheet: Sheet, kind: str) -> None:
    if len(frame) and (frame["kind"] != kind).fill_null(value=True).any():
        other = Spelled("read it as a sample.", "sealscrub link bound --decided reads it.")
        review = Spelled("read it as a review.", "sealscrub link decide reads it.")
        raise UsageError(f"is not a {kind}", where=str(sheet.path), hint=other if kind == REVIEW else review)
    about = frame.select("namespace", "model")
    if any(about[name].n_unique() > 1 for name in about.columns):
        raise UsageError("mixes systems or models", where=str(sheet.path), hint="give one each.")
    if about.select(pl.any_horizontal(pl.all().is_null())).to_series().any():
        raise UsageError(
            "does not name its system or its model",
            where=str(sheet.path),
            hint="leave the columns namespace and model as they were written.",
        )


def _one_epoch(sheet: Sheet, column: str) -> int:
    """Give the epoch that all lines state; -1 if they state none, or several."""
    if column not in sheet.columns:
        return -1
    said = set(sheet.frame[str(sheet.columns.index(column))].cast(pl.String).str.strip_chars())
    epoch = next(iter(said), None)
    return int(epoch) if epoch and len(said) == 1 and re.fullmatch(r"[0-9]{1,18}", epoch) else -1


def _problems(frame: pl.DataFrame) -> list[Problem]:
    odd = frame.filter(~pl.col("answer").is_in(["", *_WORDS]))
    lost = pl.col("torn") | ((pl.col("kind") != SAMPLE) & pl.col("row").is_null())
    nameless = frame.filter(pl.col("seal").is_null() | lost)
    told = frame.filter(pl.col("answer") != "", pl.col("row").is_not_null())
    twice = told.filter(pl.col("answer").n_unique().over("seal", "row") > 1)
    problems: list[Problem] = [(line, "answer", f"is not one of {', '.join(_WORDS)}") for line in odd["line"]]
    problems += [(line, "", "names no pair") for line in nameless["line"]]
    problems += [(line, "answer", "contradicts another line about the same pair") for line in twice["line"]]
    return sorted(problems)


def _refuse(problems: list[Problem], sheet: Sheet) -> None:
    if problems:
        refuse_rows(
            sheet, problems, "cannot be read; nothing was decided", hint="correct them, and submit the file again."
        )
