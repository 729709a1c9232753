"""The levels of comparison in SQL, as Splink trains them; deciding computes the same levels by rapidfuzz."""

from __future__ import annotations

from typing import Any

import polars as pl

from .comparison_levels import CLOSE, LEVELS, SIMILAR, TEXT_CLOSE
from .standard_records import MISSING_DAY, Records

__all__ = ["TRAINED", "comparisons", "training_table"]

TRAINED = ("last_name", "first_name", "middle_name", "suffix", "birth_date", "charge", "sex", "race", "nysid")
"""Fields whose weights are trained; the gate and the order of names keep those that the library comes with."""


def training_table(records: Records) -> pl.DataFrame:
    """Standardised records as a table, one row an id, the first of each."""
    texts = {
        field: pl.Series(
            [None if code < 0 else values[code] for code in records.codes[field].tolist()], dtype=pl.String
        )
        for field, values in ((field, records.texts[field].values) for field in records.codes)
    }
    parts = {name: pl.Series(records.birth[at]) for at, name in enumerate(("birth_year", "birth_month", "birth_day"))}
    frame = pl.DataFrame({"unique_id": records.ids, **texts, **parts, "arrest_day": pl.Series(records.arrest)})
    known = [pl.when(pl.col(name) > 0).then(pl.col(name)).alias(name) for name in parts]
    day = pl.when(pl.col("arrest_day") != MISSING_DAY).then(pl.col("arrest_day")).alias("arrest_day")
    return frame.with_columns(*known, day).unique("unique_id", keep="first", maintain_order=True)


def comparisons() -> list[Any]:
    """Splink's comparisons, as settings: the missing level first, then as the fields have them."""
    made: list[Any] = []
    for field in TRAINED:
        missing = "birth_year_l is null or birth_year_r is null" if field == "birth_date" else _missing(field)
        levels: list[dict[str, object]] = [
            {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True}
        ]
        for level in LEVELS[field][1:-1]:
            levels.append({"sql_condition": _condition(field, level), "label_for_charts": level})
        levels.append({"sql_condition": "ELSE", "label_for_charts": LEVELS[field][-1]})
        made.append({"output_column_name": field, "comparison_levels": levels})
    return made


def _missing(field: str) -> str:
    return f"{field}_l is null or {field}_r is null"


def _condition(field: str, level: str) -> str:
    left, right = f"{field}_l", f"{field}_r"
    if field == "birth_date":
        return _BIRTH[level]
    if level == "exact":
        joined = field in ("last_name", "first_name")
        return f"replace({left}, ' ', '') = replace({right}, ' ', '')" if joined else f"{left} = {right}"
    alike = f"jaro_winkler_similarity({left}, {right})"
    begun = f"(starts_with({left}, {right}) or starts_with({right}, {left}))"
    least = f"least(length({left}), length({right}))"
    if field in ("last_name", "first_name"):
        more = f"(greatest(length({left}), length({right})) - {least})"
        typing_error = f"damerau_levenshtein({left}, {right}) <= 1"
        return {
            "close": f"(not {begun} or {more} < 2) and (({alike} >= {CLOSE} and {least} > 4) "
            f"or ({least} >= 4 and {typing_error}))",
            "part": f"(contains({left}, ' ') or contains({right}, ' ')) and {least} > 2 "
            f"and list_has_any(string_split({left}, ' '), string_split({right}, ' '))",
            "short": begun,
            "similar": f"{alike} >= {SIMILAR}",
        }[level]
    if field == "middle_name":
        return begun
    if field == "charge":
        words = f"list_has_all(string_split({left}, ' '), string_split({right}, ' '))"
        reverse = f"list_has_all(string_split({right}, ' '), string_split({left}, ' '))"
        return f"{alike} >= {TEXT_CLOSE / 100 + 0.02:.2f} or {words} or {reverse}"
    return f"damerau_levenshtein({left}, {right}) <= 1"


_YEAR, _MONTH, _DAY = (f"birth_{part}_l = birth_{part}_r" for part in ("year", "month", "day"))
_BIRTH = {
    "exact": f"{_YEAR} and {_MONTH} and {_DAY}",
    "exchanged": f"{_YEAR} and birth_month_l = birth_day_r and birth_day_l = birth_month_r",
    "year_off": f"{_MONTH} and {_DAY}",
    "month_off": f"{_YEAR} and {_DAY}",
    "day_off": f"{_YEAR} and {_MONTH}",
    "year_alone": _YEAR,
}
