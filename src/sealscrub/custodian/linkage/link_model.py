"""The frozen table by which pairs are weighed: nothing in it depends on the rows that are decided."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from sealscrub.errors import Spelled, UnreadableInput, UsageError
from sealscrub.identifiers.linkage_fields import FIELDS

from .comparison_levels import LEVELS
from .pair_weights import waterfall_of

__all__ = ["BLOCKING", "VERSION", "LinkModel", "starting_model"]

VERSION: Final = 1
"""Of the table's layout and of what its levels mean."""
BLOCKING = (
    "last_name_start",
    "first_name_start",
    "names_exchanged",
    "birth_year",
    "birth_month_and_day",
    "nysid",
)
"""Names of the rules by which pairs are chosen for comparison; a pair that any of them chooses is compared."""
_MARK = re.compile(r"[0-9a-f]{16}")
_LARGEST = 1e9
"""Of a weight or a threshold, so sums of them are exact enough to be rounded."""
_KEYS = {"version", "trained_on", "window_days", "prior", "upper", "lower", "blocking", "weights", "trained_rows"}
_WEIGHTS = {
    "last_name": {"exact": 9.0, "close": 4.5, "part": 4.0, "short": 2.0, "similar": -1.0, "different": -4.5},
    "first_name": {"exact": 7.0, "close": 3.5, "part": 3.5, "short": 2.0, "similar": -1.0, "different": -4.0},
    "name_order": {"straight": 0.0, "exchanged": -3.0},
    "middle_name": {"exact": 3.0, "initial": 2.0, "different": -1.5},
    "suffix": {"exact": 2.0, "different": -3.0},
    "birth_date": {
        "exact": 13.5,
        "exchanged": 8.0,
        "year_off": 5.0,
        "month_off": 5.5,
        "day_off": 4.0,
        "year_alone": -1.0,
        "different": -5.5,
    },
    "arrest_date": {"missing": -11.0, "same_day": 0.0, "in_window": 0.0, "outside": -14.0},
    "charge": {"exact": 3.5, "close": 2.0, "different": -2.5},
    "sex": {"exact": 0.8, "different": -4.0},
    "race": {"exact": 0.7, "different": -2.0},
    "nysid": {"exact": 12.0, "close": 7.0, "different": -4.5},
}


@dataclass(frozen=True, kw_only=True, repr=False)
class LinkModel:
    """Weights of levels, thresholds, the window of the arrest date, and what they were trained on.

    Attributes
    ----------
    weights : mapping of str to mapping of str to float
        For each field, for each of its levels, the binary logarithm of how much more often records of one arrest agree
        so than others do.
    prior : float
        The weight with which a pair begins, before anything is compared.
    upper, lower : float
        From `upper` on a pair is sealed, from `lower` on it is reviewed.
    window_days : int
        By how many days the arrest dates may differ; a pair further apart is not compared.
    blocking : tuple of str
        Names of the rules that choose pairs.
    trained_on : str
        Digest of the extract that it was trained on; ``shipped`` for the one that comes with the library.
    trained_rows : mapping of str to tuple of str
        Keyed marks of the rows that it was trained on (:func:`sealscrub.extracts.row_marks`), by which they are known
        in another extract; empty if none were taken.
    version : int

    Raises
    ------
    UsageError
        When the table is not whole.

    Examples
    --------
    >>> model = starting_model()
    >>> model == LinkModel.from_json(model.to_json())
    True
    >>> for field, level, weight in model.waterfall(
    ...     {"last_name": "SMITH", "first_name": "ANN", "arrest_date": "2019-03-04"},
    ...     {"last_name": "Smyth", "first_name": "Ann", "arrest_date": "2019-03-05"},
    ... ):
    ...     print(f"{field:12} {level:10} {weight:+.1f}")
    prior                   -10.7
    last_name    close      +4.5
    first_name   exact      +7.0
    arrest_date  in_window  +0.0
    """

    weights: Mapping[str, Mapping[str, float]]
    prior: float
    upper: float
    lower: float
    window_days: int
    trained_on: str
    blocking: tuple[str, ...] = BLOCKING
    trained_rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    version: int = VERSION

    def __post_init__(self) -> None:
        _check(self)
        whole = {
            name: MappingProxyType({level: float(self.weights[name].get(level, 0.0)) for level in levels})
            for name, levels in LEVELS.items()
        }
        object.__setattr__(self, "weights", MappingProxyType(whole))
        object.__setattr__(self, "blocking", tuple(self.blocking))
        marks = {name: tuple(marks) for name, marks in self.trained_rows.items()}
        object.__setattr__(self, "trained_rows", MappingProxyType(marks))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The whole table as JSON, with sorted keys and no spaces."""
        table = {name: getattr(self, name) for name in sorted(_KEYS)}
        table["weights"] = {name: dict(levels) for name, levels in self.weights.items()}
        table["trained_rows"] = dict(self.trained_rows)
        return json.dumps(table, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> LinkModel:
        """Read a table that :meth:`to_json` wrote.

        Parameters
        ----------
        text : str

        Raises
        ------
        UnreadableInput
            When it is damaged.
        UsageError
            When it is of another version, or is not whole.
        """
        try:
            table = json.loads(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            table = None
        if not isinstance(table, dict) or "version" not in table:
            raise UnreadableInput(
                "this is not a link model",
                hint=Spelled("give what LinkModel.to_json returned.", "give a file that `sealscrub link train` wrote."),
            ) from None
        if type(table["version"]) is not int or table["version"] != VERSION:
            raise UsageError(
                f"the link model has an unsupported version; this release reads version {VERSION}",
                hint="train it again with this release.",
            )
        if set(table) != _KEYS or not _is_whole(table["weights"], table["blocking"], table["trained_rows"]):
            raise UnreadableInput("the link model is damaged", hint="train it again, or fetch it again.")
        return cls(**{**table, "blocking": tuple(table["blocking"])})

    def waterfall(self, seal: Mapping[str, str | None], row: Mapping[str, str | None]) -> list[tuple[str, str, float]]:
        """Say how the weight of one pair comes about.

        Parameters
        ----------
        seal, row : mapping of str to str or None
            The fields of each, as the sources write them; ``id`` may be among them.

        Returns
        -------
        list of (str, str, float)
            The prior, then for each field that both sides state its level and weight. They add up to the pair's weight.
        """
        schema = dict.fromkeys(("id", *FIELDS), pl.String)
        one, other = (
            pl.DataFrame([{**{name: side.get(name) for name in FIELDS}, "id": ""}], schema) for side in (seal, row)
        )
        return [("prior", "", self.prior), *waterfall_of(one, other, self)]

    def __repr__(self) -> str:
        return f"LinkModel(digest={self.digest[:12]!r}, trained_on={self.trained_on[:12]!r})"


def starting_model() -> LinkModel:
    """Give the model that comes with the library, for records that nothing could be trained on.

    Examples
    --------
    >>> starting_model().trained_on
    'shipped'
    """
    return LinkModel(weights=_WEIGHTS, prior=-10.7, upper=5.0, lower=-1.0, window_days=2, trained_on="shipped")


def _is_whole(weights: object, blocking: object, marks: object) -> bool:
    """Whether what was read has the shape of weights of levels of fields, of a list of names, and of marks."""
    if not isinstance(marks, dict) or not all(isinstance(each, list) for each in marks.values()):
        return False
    if not all(isinstance(mark, str) and _MARK.fullmatch(mark) for each in marks.values() for mark in each):
        return False
    levels = isinstance(weights, dict) and all(isinstance(each, dict) for each in weights.values())
    return levels and isinstance(blocking, list) and all(isinstance(each, str) for each in blocking)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _check(model: LinkModel) -> None:
    problem = ""
    numbers: list[Any] = [model.prior, model.upper, model.lower]
    if set(model.weights) != set(LEVELS):
        problem = "the fields that it weighs are not those that are compared"
    elif wrong := [name for name in LEVELS if set(model.weights[name]) - set(LEVELS[name])]:
        problem = f"the field {wrong[0]!r} has an unknown level"
    elif set(model.blocking) - set(BLOCKING) or not model.blocking:
        problem = "a blocking rule is unknown or missing"
    elif type(model.window_days) is not int or not 0 <= model.window_days <= 31:
        problem = "the window of the arrest date is not 0 to 31 days"
    elif not isinstance(model.trained_on, str) or not model.trained_on:
        problem = "the training data is not named"
    else:
        numbers += [weight for levels in model.weights.values() for weight in levels.values()]
        if not all(map(_is_number, numbers)):
            problem = "a weight or a threshold is not a number"
        elif model.upper < model.lower:
            problem = "the upper threshold is below the lower one"
    if problem:
        raise UsageError(f"the link model is incomplete: {problem}", hint="train it again with this release.")
