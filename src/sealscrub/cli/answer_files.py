"""Files of answers: which guard is for which, and how the file is read and written."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.atomic_write import placed_file, placed_path
from sealscrub.errors import ColumnError, ConfigError, UncheckedKeys, UnreadableInput
from sealscrub.filters import JsonGuard, Limits, MembershipOracleWarning, guard_json_lines, guard_ranking
from sealscrub.filters.barred_records import UNCHECKED
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.matcher import QUARANTINE
from sealscrub.tables.formats import file_formats, known_format
from sealscrub.tables.opener import read_frame, refuse_lake
from sealscrub.tables.sources import check_names, find_sources, open_file

__all__ = ["Ranked", "guard_file"]

_LIMITS = Limits(bytes=2**31, values=50_000_000)
_NUMBER = "\0score"


@dataclass(frozen=True, slots=True)
class Ranked:
    """What in a file depends on all its records."""

    rank: str | None = None
    score: str | None = None
    ascending: bool = False
    group: str | None = None
    totals: tuple[str, ...] = ()
    complete: bool = False
    independent: tuple[str, ...] = ()

    @property
    def is_ranking(self) -> bool:
        """Whether the rows of a table have an order or ranks."""
        return bool(self.rank or self.score)


def guard_file(
    source: Path, target: Path, index: Index, on: Sequence[str], ranked: Ranked, known: Path | None, policy: Policy
) -> None:
    """Guard one file.

    Raises
    ------
    UsageError, IncompleteError, Refused
        The target is as it was then.
    """
    from sealscrub.transforms.output_places import ReadPlaces

    refuse_lake(source)
    ReadPlaces(files=[source, *([known] if known else [])], kept=index.files).check(target)
    kind = _kind(source)
    places = [text.partition("=") for text in on]
    in_json = [place.startswith("$") for _, _, place in places]
    if kind == "json" or (kind == "jsonl" and any(in_json)):
        if not all(in_json):
            raise ConfigError("a key of a JSON file is a place", hint="arrest_number='$.hits[*].arrest'")
        _guard_json(source, target, index, places, ranked, _first_column(known), policy, lines=kind == "jsonl")
        return
    if ranked.totals or ranked.independent or ranked.complete:
        raise ConfigError(
            "--total, --independent and --complete are only for JSON", hint="a table is one list of rows."
        )
    if ranked.group and not ranked.is_ranking:
        raise ConfigError("--group is only for rankings", hint="give the column of the rank or of the score.")
    if ranked.is_ranking or known is not None:
        _guard_table(source, target, index, on, ranked, _first_column(known), policy)
    else:
        _scrub(source, target, index, on, policy)


def _scrub(source: Path, target: Path, index: Index, on: Sequence[str], policy: Policy) -> None:
    from sealscrub.transforms import scrub

    try:
        scrub([str(source)], index, list(on), output=target, use="output", policy=policy, sweep=False)
    except UncheckedKeys as error:
        if error.hint == QUARANTINE:  # scrub has it, and this command has not
            error.hint = UNCHECKED
        raise


def _kind(path: Path, otherwise: str | None = None) -> str:
    """Name the format of a file, or of a sheet's workbook; a single JSON document holds no table."""
    if path.suffix.lower() == ".json" and path.exists():
        return "json"
    (file,) = find_sources(path, None if known_format(path) is not None else otherwise).files
    return file.format


def _first_column(known: Path | None) -> pl.Series | None:
    if known is None:
        return None
    refuse_lake(known)
    frame = _read(known, _kind(known, otherwise="csv"))
    if not frame.width:
        raise UnreadableInput("it has no columns", where=str(known))
    return frame.to_series(0)


def _guard_json(
    source: Path,
    target: Path,
    index: Index,
    places: Sequence[tuple[str, str, str]],
    ranked: Ranked,
    known: pl.Series | None,
    policy: Policy,
    *,
    lines: bool,
) -> None:
    if ranked.score or ranked.group:
        raise ConfigError(
            "--score and --group are only for tables", hint="an array in JSON keeps its order; --rank counts."
        )
    if not ranked.complete and (lines or any("*" in place or ".." in place for _, _, place in places)):
        raise ConfigError(
            "the file's lists are not declared complete",
            where=source.name,
            hint="set --complete if they are; guard a list before it is cut to a page or to the best k.",
        )
    keys: dict[str, list[str]] = {}
    for scheme, _, place in places:
        keys.setdefault(scheme, []).append(place)
    totals = [text.partition("=") for text in ranked.totals]
    options: dict[str, Any] = {
        "known": known,
        "totals": {place: counted for place, _, counted in totals},
        "ranks": [ranked.rank] if ranked.rank else [],
        "complete": ranked.complete,
        "independent": ranked.independent,
        "policy": policy,
        "limits": _LIMITS,
        "where": source.name,
        "oracle_ok": True,
    }
    with placed_file(target) as file:
        if lines:
            with source.open("rb") as text:
                file.writelines(guard_json_lines(text, index, keys, **options))
        else:
            file.write(JsonGuard(index, keys, **options)(source.read_bytes()) + b"\n")


def _guard_table(
    source: Path,
    target: Path,
    index: Index,
    on: Sequence[str],
    ranked: Ranked,
    known: pl.Series | None,
    policy: Policy,
) -> None:
    """Rank what a scrub leaves of a file, and write it as the file is written: how is seen in what is left alone."""
    (held,) = find_sources(source).files
    check_names(open_file(held), target, None)
    with tempfile.TemporaryDirectory() as folder:
        clean = Path(folder, target.name if file_formats()[held.format].writes else source.name)
        _scrub(source, clean, index, on, policy)
        table = open_file(find_sources(clean).files[0])
        check_names(table, target, None)
        ranking = _ranking(_read(clean, table.format), source, index, on, ranked, known, policy)
        with placed_path(target) as part:
            table.replaced(ranking, part)


def _ranking(
    frame: pl.DataFrame,
    source: Path,
    index: Index,
    on: Sequence[str],
    ranked: Ranked,
    known: pl.Series | None,
    policy: Policy,
) -> pl.DataFrame:
    for name in (ranked.rank, ranked.score, ranked.group):
        if name is not None and name not in frame.columns:
            raise ColumnError.absent(name, frame.columns, where=source.name)
    if ranked.score is not None:
        frame = frame.with_columns(frame[ranked.score].cast(pl.Float64, strict=False).alias(_NUMBER))
        if frame[_NUMBER].null_count() > frame[ranked.score].null_count():
            raise UnreadableInput(f"column {ranked.score!r} has values that are not numbers", where=source.name)
    options: dict[str, Any] = {
        "score": _NUMBER if ranked.score else None,
        "ascending": ranked.ascending,
        "derived": {ranked.rank: "rank"} if ranked.rank else None,
        "known": known,
        "policy": policy,
    }
    parts = frame.partition_by(ranked.group, maintain_order=True) if ranked.group and frame.height else [frame]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MembershipOracleWarning)  # no one chooses the ids of a file
        guarded = [guard_ranking(part, index, list(on), **options) for part in parts]
    whole = pl.concat(guarded).drop(_NUMBER, strict=False)
    return whole.cast({ranked.rank: frame.schema[ranked.rank]}) if ranked.rank else whole


def _read(path: Path, kind: str) -> pl.DataFrame:
    if kind == "json":
        raise ConfigError("this kind of file holds no table", where=path.name)
    return read_frame(path, kind)
