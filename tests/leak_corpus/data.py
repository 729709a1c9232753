"""Arrests that the corpus computes from; nobody in them exists.

They are few, and made so that each kind of leak shows: only sealed arrests have the charge "unlicensed vending" or a
`unit`, as many sealed felonies as misdemeanours, sealed ones first, last, and in every precinct.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl

import sealscrub as ss
from sealscrub.datasets import example_index

__all__ = ["INDEX", "ON", "arrests", "polars_arrests", "scrubbed", "tables"]

ON = {"arrest_number": "arrest_no"}
_ROWS = 360
_SEALED = sorted({0, 1, 17, 18, 40, 61, 75, 90, 104, 133, 150, 151, 166, 190, 201, 222, 240, 255, 270, 288, 301, 322,
                  340, 359})  # fmt: skip
_CHARGES = np.array(["assault", "fraud", "larceny", "trespass", "weapon"])
_WORDS = np.array(["alley", "bag", "car", "door", "fled", "knife", "lobby", "phone", "shop", "train"])

INDEX = example_index([f"K14{row + 1:06d}" for row in _SEALED])


def arrests(seed: int = 160) -> pd.DataFrame:
    """Make the arrests as a pandas frame, in the order of their days."""
    draws = np.random.default_rng(seed)
    sealed = np.isin(np.arange(_ROWS), _SEALED)
    charge = _CHARGES[draws.choice(5, size=_ROWS, p=[0.3, 0.25, 0.25, 0.14, 0.06])].astype(object)
    charge[sealed & (np.arange(_ROWS) % 5 == 0)] = "unlicensed vending"
    level = np.where(draws.random(_ROWS) < 0.4, "F", "M").astype(object)
    level[sealed] = np.tile(["F", "M"], len(_SEALED) // 2)
    bail = np.where(draws.random(_ROWS) < 0.3, np.nan, np.round(draws.gamma(2.0, 900.0, _ROWS)))
    bail[sealed] = np.round(draws.gamma(2.0, 2500.0, len(_SEALED)))
    note = [" ".join(_WORDS[draws.choice(10, size=4, replace=False)]) for _ in range(_ROWS)]
    note = [f"{text} licence" if hidden else text for text, hidden in zip(note, sealed, strict=True)]
    return pd.DataFrame(
        {
            "arrest_no": [f"K14{row + 1:06d}" for row in range(_ROWS)],
            "person": draws.integers(0, 90, _ROWS),
            "event": np.sort(draws.integers(0, 220, _ROWS)),
            "day": np.sort(draws.integers(0, 700, _ROWS)),
            "precinct": draws.choice([40, 44, 52, 73, 75, 113], size=_ROWS),
            "charge": charge,
            "level": level,
            "age": draws.integers(16, 70, _ROWS) + np.where(sealed, 9, 0),
            "bail": bail,
            "lon": np.round(-73.9 + draws.normal(0, 0.05, _ROWS), 5),
            "lat": np.round(40.7 + draws.normal(0, 0.05, _ROWS), 5),
            "unit": pd.Series(np.where(sealed, "gang", None), dtype="str"),
            "note": note,
        }
    ).astype({"charge": "str", "level": "str", "note": "str"})


def polars_arrests(seed: int = 160) -> pl.DataFrame:
    """Make the arrests as a polars frame."""
    return pl.from_pandas(arrests(seed))


def tables(seed: int = 160) -> dict[str, pd.DataFrame]:
    """Make two tables: arrests, and the people who were arrested."""
    found = arrests(seed)
    people = pd.DataFrame({"person": np.arange(90), "born": 1950 + np.arange(90) % 50})
    return {"arrests": found, "people": people}


def scrubbed(frame: Any) -> Any:
    """Take the sealed arrests out of a frame."""
    return ss.scrub(frame, INDEX, on=ON)
