"""Records as numbers, so millions compare at once: texts as their place in a list, dates as parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.identifiers import canonicalise
from sealscrub.identifiers.linkage_fields import FIELDS, birth_years, written_days

from .standard_names import FEW, standard_names, standard_text

__all__ = ["MISSING_DAY", "Codes", "Records", "Texts", "standardise"]

Codes = npt.NDArray[np.int32]
MISSING_DAY = -(2**31)
"""The arrest day of a record that has none that can be read."""
_TEXTS = ("middle_name", "suffix", "charge", "sex", "race", "nysid")
_NO_CHARGE = ("UNKNOWN", "NONE", "NULL", "N A", "NA")
_SEXES = {"M": "M", "F": "F", "X": "X", "W": "F"}


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts by number, and what blocking needs of them.

    Attributes
    ----------
    values : ndarray of object
    """

    values: npt.NDArray[np.object_]

    def starts(self, length: int) -> Codes:
        """A number for the first letters of each text, or for the whole of a shorter one; -1 if it is empty."""
        short = np.array([text[:length] for text in self.values], dtype=object)
        once, number = np.unique(short.astype(str), return_inverse=True)
        codes: Codes = number.astype(np.int32)
        if len(once) and once[0] == "":
            codes[codes == 0] = -1
        return codes


@dataclass(frozen=True, eq=False, repr=False)
class Records:
    """A frame of records, standardised.

    Attributes
    ----------
    ids : polars.Series
    codes : mapping of str to ndarray of int32
        For each text field, the place of each record's text in `texts`; -1 if it has none.
    texts : mapping of str to Texts
        The texts, common to all the frames that were standardised together. Both names share one list.
    birth : ndarray of int16, shape (3, n)
        Year, month, day; 0 if it is not known.
    arrest : ndarray of int32
        Days since 1970; :data:`MISSING_DAY` if there is none.
    """

    ids: pl.Series
    codes: dict[str, Codes]
    texts: dict[str, Texts]
    birth: npt.NDArray[np.int16]
    arrest: Codes

    def __len__(self) -> int:
        return len(self.ids)


def standardise(*frames: pl.DataFrame) -> list[Records]:
    """Standardise frames together, so equal texts have equal numbers."""
    whole = pl.concat([frame.select(FIELDS) for frame in frames])
    edges = np.cumsum([frame.height for frame in frames])[:-1]
    table = _texts(whole)
    codes: list[dict[str, Codes]] = [{} for _ in frames]
    texts: dict[str, Texts] = {}
    for names in (("last_name", "first_name"), *((name,) for name in _TEXTS)):
        numbers, values = _codes_and_texts([table[name] for name in names])
        for name, every in zip(names, np.split(numbers, len(names)), strict=True):
            texts[name] = values
            for of_frame, some in zip(codes, np.split(every, edges), strict=True):
                of_frame[name] = some
    births = np.split(_birth(whole["birth_date"]), edges, axis=1)
    arrests = np.split(_arrest(whole["arrest_date"]), edges)
    return [
        Records(frame["id"], of_frame, texts, birth, arrest)
        for frame, of_frame, birth, arrest in zip(frames, codes, births, arrests, strict=True)
    ]


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    plain = [standard_text(frame[name]) for name in ("charge", "sex", "race")]
    nysid = canonicalise(frame["nysid"], "nysid").values.alias("nysid")
    return (
        standard_names(frame)
        .with_columns(*plain, nysid)
        .with_columns(
            pl.when(~pl.col("charge").is_in(_NO_CHARGE)).then(pl.col("charge")).alias("charge"),
            pl.col("sex").str.head(1).replace_strict(_SEXES, default=None, return_dtype=pl.String),
            pl.when(~pl.col("race").is_in([*_NO_CHARGE, "U", "UNK"])).then(pl.col("race")).alias("race"),
        )
    )


def _codes_and_texts(columns: Sequence[pl.Series]) -> tuple[Codes, Texts]:
    whole = pl.concat([column.cast(pl.String).alias("text") for column in columns])
    if len(whole) <= FEW:  # the join below takes longer to set up
        number: dict[str, int] = {}
        found = [-1 if text is None else number.setdefault(text, len(number)) for text in whole.to_list()]
        return np.array(found, np.int32), Texts(np.array(list(number), dtype=object))
    once = whole.drop_nulls().unique(maintain_order=True).to_frame().with_row_index("number")
    numbers = whole.to_frame().join(once, on="text", how="left", maintain_order="left")["number"]
    codes: Codes = numbers.cast(pl.Int32).fill_null(-1).to_numpy()
    return codes, Texts(np.array(once["text"].to_list(), dtype=object))


def _birth(column: pl.Series) -> npt.NDArray[np.int16]:
    """Parts of the birth date. The first of January, and 1900, are written where somebody knew no better."""
    read = pl.DataFrame({"day": written_days(column), "alone": birth_years(column)})
    day = pl.col("day").dt
    frame = read.select(
        year=pl.coalesce(day.year().cast(pl.Int16), "alone"),
        month=day.month().cast(pl.Int16),
        date=day.day().cast(pl.Int16),
    )
    parts = frame.select(pl.all().fill_null(0)).to_numpy().T.astype(np.int16)
    unknown = (parts[1] == 1) & (parts[2] == 1)
    parts[1:, unknown] = 0
    parts[:, parts[0] <= 1900] = 0
    return parts


def _arrest(column: pl.Series) -> Codes:
    days = written_days(column)
    never = days.dt.year() <= 1900
    whole = days.cast(pl.Int32).zip_with(
        ~never.fill_null(value=True), pl.repeat(None, len(days), dtype=pl.Int32, eager=True)
    )
    numbers: Codes = whole.fill_null(MISSING_DAY).to_numpy().astype(np.int32)
    return numbers
