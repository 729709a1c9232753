"""The mess of real files: spellings of one id, words for "none", look-alike letters, gaps, double rows."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import Spelled, UsageError

from .draws import Draws, Integers
from .spellings import KINDS, SPELLED, rewrite

__all__ = ["Mess", "soil"]


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
        Identifiers with the letter O for a zero or I for a one. Photo ids and vouchers, whose positions may hold
        letters, have none: there it would be another id.
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
            raise UsageError(
                "shares of mess must be between 0 and 1", hint=Spelled("mess=0 switches it off.", "0 switches it off.")
            )

    @classmethod
    def level(cls, share: float) -> Mess:
        """Mix as usual: `share` of spellings and gaps, less of the rest."""
        return cls(spelling=share, sentinel=share / 4, typo=share / 20, missing=share, duplicate=share / 4)


def soil(
    draws: Draws, table: str, frame: pl.DataFrame, rows: Integers, mess: Mess
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

    Returns
    -------
    frame : polars.DataFrame
        The rows with their mess; more of them if some are there twice.
    spellings : polars.DataFrame
        ``row`` (position in `frame`), ``column``, ``kind``, ``clean``, one row for each changed cell.
    source : ndarray of int64
        Which clean row each row was.
    """
    changed = [_cells(np.zeros(0, np.int64), "", "", pl.Series([], dtype=pl.String))]
    for column, scheme in SPELLED.items():
        if column in frame.columns:
            frame, cells = _misspell(draws, f"mess/{table}/{column}", frame, column, scheme, rows, mess)
            changed.append(cells)
    if "disposition" in frame.columns:
        frame, cells = _forget(frame, draws.uniform(f"mess/{table}/missing", rows) < mess.missing)
        changed.append(cells)
    source = np.repeat(np.arange(frame.height), 1 + (draws.uniform(f"mess/{table}/twice", rows) < mess.duplicate))
    spellings = pl.concat(changed)
    if len(source) > frame.height:
        copies = pl.DataFrame({"was": source, "row": np.arange(len(source))})
        spellings = copies.join(spellings.rename({"row": "was"}), on="was", maintain_order="left").drop("was")
        frame = frame[source]
    return frame, spellings, source


def _misspell(
    draws: Draws, stream: str, frame: pl.DataFrame, column: str, scheme: str, rows: Integers, mess: Mess
) -> tuple[pl.DataFrame, pl.DataFrame]:
    edges = np.cumsum([mess.spelling, mess.sentinel, mess.typo])
    luck = draws.uniform(stream, rows)
    at = np.flatnonzero((luck < edges[-1]) & frame[column].is_not_null().to_numpy())
    kind = np.searchsorted(edges, luck[at], side="right")
    clean = frame[column].gather(at)
    written = rewrite(scheme, clean, kind, draws.below(f"{stream}/which", rows[at], 60))
    cells = pl.DataFrame(
        [
            pl.Series("row", at),
            pl.repeat(column, len(at), eager=True).alias("column"),
            pl.Series("kind", KINDS, dtype=pl.String).gather(kind),
            clean.alias("clean"),
        ]
    )
    return frame.with_columns(frame[column].scatter(at, written)), cells.filter(written != clean)


def _forget(frame: pl.DataFrame, gone: npt.NDArray[np.bool_]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lose dispositions, and their dates with them."""
    gone = gone & frame["disposition"].is_not_null().to_numpy()
    cells = _cells(np.flatnonzero(gone), "disposition", "missing", frame["disposition"])
    kept = pl.when(~pl.Series(gone))
    lost = [kept.then(pl.col(name)).alias(name) for name in ("disposition", "disposition_date")]
    return frame.with_columns(lost), cells


def _cells(at: Integers, column: str, kind: str, values: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        [pl.Series("row", at, dtype=pl.Int64), values.gather(at).cast(pl.String).alias("clean")]
    ).select("row", pl.lit(column).alias("column"), pl.lit(kind).alias("kind"), "clean")
