"""The mess of real files: spellings of one id, words for "none", look-alike letters, gaps, double rows."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from sealscrub.errors import UsageError

from .draws import Draws, Floats, Integers

__all__ = ["SPELLED", "Mess", "soil"]


@dataclass(frozen=True, kw_only=True)
class Mess:
    """How much of each kind of mess a city has, as shares of cells or rows.

    Parameters
    ----------
    spelling : float
        Identifiers written in another way that still means the same (case, hyphens, spaces, a label before
        it).
    sentinel : float
        Identifiers replaced by a word for "none": ``(null)``, ``NONE``, ``00000009``.
    typo : float
        Identifiers with the letter O for a zero or I for a one.
    missing : float
        Dispositions that never arrived.
    duplicate : float
        Rows that are there twice.

    Examples
    --------
    >>> Mess.level(0.02)
    Mess(spelling=0.02, sentinel=0.005, typo=0.001, missing=0.02, duplicate=0.005)
    >>> Mess(spelling=0.3).typo
    0.0
    """

    spelling: float = 0.0
    sentinel: float = 0.0
    typo: float = 0.0
    missing: float = 0.0
    duplicate: float = 0.0

    def __post_init__(self) -> None:
        shares = [getattr(self, field.name) for field in fields(self)]
        cells = self.spelling + self.sentinel + self.typo
        if not all(0 <= share <= 1 for share in [*shares, cells]):
            raise UsageError("shares of mess lie between 0 and 1", hint="mess=0 switches it off.")

    @classmethod
    def level(cls, share: float) -> Mess:
        """Mix as usual: `share` of spellings and gaps, less of the rest."""
        return cls(spelling=share, sentinel=share / 4, typo=share / 20, missing=share, duplicate=share / 4)


_VALUE = pl.col("clean")
_LOWER = _VALUE.str.to_lowercase()
_PADDED = pl.format(" {} ", _VALUE)
_ENDING = pl.format("{}-{}", _VALUE.str.head(8), _VALUE.str.tail(1))
_SPACED = pl.format("{} {}", _VALUE.str.head(8), _VALUE.str.tail(1))
_NEW_DOCKET = _VALUE.str.starts_with("CR-")

# Other ways to write an id of each scheme. Every one of them is the same id.
_SPELLINGS: dict[str, list[pl.Expr]] = {
    "arrest_number": [
        _LOWER,
        _PADDED,
        pl.format("{}-{}", _VALUE.str.head(3), _VALUE.str.tail(6)),
        pl.format("{} {} {}", _VALUE.str.head(1), _VALUE.str.slice(1, 2), _VALUE.str.tail(6)),
        pl.format("ARREST# {}", _VALUE),
        pl.format("{}20{}", _VALUE.str.head(1), _VALUE.str.tail(8)),
    ],
    "nysid": [
        _LOWER,
        _PADDED,
        _ENDING,
        _SPACED,
        pl.format("NYSID# {}", _VALUE),
        _VALUE.str.strip_prefix("0"),
    ],
    "cjtn": [_LOWER, _PADDED, _ENDING, _SPACED, pl.format("CJTN {}", _VALUE)],
    "docket": [
        _LOWER,
        _PADDED,
        pl.when(_NEW_DOCKET)
        .then(_VALUE.str.replace("-0*", "-"))
        .otherwise(_VALUE.str.replace("([A-Z])0*", "$1")),
        pl.when(_NEW_DOCKET)
        .then(pl.format("{}/{}", _VALUE.str.head(12), _VALUE.str.tail(2)))
        .otherwise(pl.format("{} {} {}", _VALUE.str.head(4), _VALUE.str.slice(4, 2), _VALUE.str.tail(6))),
        pl.when(_NEW_DOCKET)
        .then(_VALUE.str.replace("-", " ", literal=True))
        .otherwise(pl.format("{}-{}-{}", _VALUE.str.head(4), _VALUE.str.slice(4, 2), _VALUE.str.tail(6))),
    ],
    "photo": [_PADDED],
    "voucher": [_PADDED],
}
_SENTINELS = {
    "arrest_number": ["(null)", "NONE", "UNKNOWN"],
    "nysid": ["00000009", "NONE", "(null)", "UNKNOWN"],
    "cjtn": ["NONE", "(null)"],
    "docket": ["(null)", "NONE"],
    "photo": ["(null)"],
    "voucher": ["(null)"],
}
_ZERO = pl.when(_VALUE.str.contains("0", literal=True)).then(_VALUE.str.replace("0", "O", literal=True))
_TYPO = _ZERO.otherwise(_VALUE.str.replace("1", "I", literal=True))

#: Columns whose identifiers are spelled in several ways, and their scheme.
SPELLED = {
    "arrest_number": "arrest_number",
    "nysid": "nysid",
    "cjtn": "cjtn",
    "docket": "docket",
    "photo": "photo",
    "photo_id": "photo",
    "voucher": "voucher",
}


def soil(
    draws: Draws, table: str, frame: pl.DataFrame, rows: Integers, mess: Mess, *, only_spellings: bool = False
) -> tuple[pl.DataFrame, pl.DataFrame, Integers]:
    """Write a clean table as a real file would have it.

    Parameters
    ----------
    draws : Draws
    table : str
        Its name: each table has its own mess.
    frame : polars.DataFrame
        The clean rows.
    rows : ndarray of int64, shape (n,)
        A number for each row that no other row of the city's table has.
    mess : Mess
    only_spellings : bool
        Whether identifiers get no sentinels and no typos.

    Returns
    -------
    frame : polars.DataFrame
        The rows with their mess; more of them where some are there twice.
    spellings : polars.DataFrame
        ``row`` (position in `frame`), ``column``, ``kind``, ``clean``, one row for each changed cell.
    source : ndarray of int64
        Which clean row each row was.
    """
    edges = np.cumsum(
        [mess.spelling, 0.0 if only_spellings else mess.sentinel, 0.0 if only_spellings else mess.typo]
    )
    changed: list[pl.DataFrame] = []
    for column, scheme in SPELLED.items():
        if column in frame.columns:
            frame, cells = _soil_column(draws, f"mess/{table}/{column}", frame, column, scheme, rows, edges)
            changed.append(cells)
    if "disposition" in frame.columns and mess.missing:
        gone = (draws.uniform(f"mess/{table}/missing", rows) < mess.missing) & frame[
            "disposition"
        ].is_not_null().to_numpy()
        changed.append(_cells(np.flatnonzero(gone), "disposition", "missing", frame["disposition"]))
        frame = frame.with_columns(
            pl.when(~pl.Series(gone)).then(pl.col(name)).alias(name)
            for name in ("disposition", "disposition_date")
        )
    source = np.arange(frame.height)
    spellings = pl.concat(changed) if changed else _cells(source[:0], "", "", pl.Series([], dtype=pl.String))
    twice = draws.uniform(f"mess/{table}/twice", rows) < mess.duplicate
    if not twice.any():
        return frame, spellings, source
    source = np.repeat(source, 1 + twice)
    copies = pl.DataFrame({"was": source, "row": np.arange(len(source))})
    spellings = copies.join(spellings.rename({"row": "was"}), on="was", maintain_order="left").drop("was")
    return frame[source], spellings.select("row", "column", "kind", "clean"), source


def _soil_column(
    draws: Draws,
    stream: str,
    frame: pl.DataFrame,
    column: str,
    scheme: str,
    rows: Integers,
    edges: Floats,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    luck = draws.uniform(stream, rows)
    at = np.flatnonzero((luck < edges[-1]) & frame[column].is_not_null().to_numpy())
    way = np.searchsorted(edges, luck[at], side="right")
    clean = frame[column].gather(at).alias("clean")
    turn = draws.below(f"{stream}/which", rows[at], 60)
    written = _written(scheme, clean, way, turn)
    real = (written != clean).to_numpy()
    kinds = pl.Series("kind", ["spelling", "sentinel", "typo"], dtype=pl.String).gather(way)
    cells = pl.DataFrame(
        [pl.Series("row", at), pl.repeat(column, len(at), eager=True).alias("column"), kinds, clean]
    )
    return frame.with_columns(frame[column].scatter(at, written)), cells.filter(
        pl.Series(real, dtype=pl.Boolean)
    )


def _written(scheme: str, clean: pl.Series, way: Integers, turn: Integers) -> pl.Series:
    spellings, sentinels = _SPELLINGS[scheme], _SENTINELS[scheme]
    ways = len(spellings)
    choice = np.where(way == 0, turn % ways, np.where(way == 1, ways + turn % len(sentinels), -1))
    options = [*spellings, *map(pl.lit, sentinels)]
    text = _TYPO
    for number, option in enumerate(options):
        text = pl.when(pl.col("choice") == number).then(option).otherwise(text)
    return pl.DataFrame([clean, pl.Series("choice", choice)]).select(text.alias("written"))["written"]


def _cells(at: Integers, column: str, kind: str, values: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        [pl.Series("row", at, dtype=pl.Int64), values.gather(at).cast(pl.String).alias("clean")]
    ).select("row", pl.lit(column).alias("column"), pl.lit(kind).alias("kind"), "clean")
