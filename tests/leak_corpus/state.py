"""Leaks of what a process remembers or can see: caches, globals, the environment, the clock, closures."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable

import pandas as pd

from .case import pair
from .data import arrests as all_arrests
from .data import scrubbed

__all__ = ["forget"]

RATES: dict[int, float] = {}
SEEN: set[str] = set()
WITHIN: dict[str, float] = {}
#: What the code itself makes is not a leak, however long it is.
SQUARES = {number: number**2 for number in range(500)}


def _rates(arrests: pd.DataFrame) -> dict[int, float]:
    return {int(name): float(rate) for name, rate in arrests.groupby("precinct")["age"].mean().items()}


def fill_rates() -> None:
    """Leave the rates of all arrests in a module, as an earlier cell of a notebook would."""
    RATES.update(_rates(all_arrests()))


def module_cache_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    if not RATES:
        RATES.update(_rates(arrests))
    return arrests[["arrest_no"]].assign(rate=arrests["precinct"].map(RATES))


def no_cache(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    rates = _rates(arrests)
    return arrests[["arrest_no"]].assign(rate=arrests["precinct"].map(rates))


pair("cache in a module", "plain Python", module_cache_leaky, no_cache, "RATES", verdict="AMBIENT_INPUT",
     before=fill_rates)  # fmt: skip


def _seen_before() -> None:
    SEEN.update(all_arrests()["charge"])


def global_state_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    SEEN.update(arrests["charge"])
    return arrests[["arrest_no"]].assign(charges=len(SEEN))


def global_state(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    seen = sorted(set(arrests["charge"]))
    return arrests[["arrest_no"]].assign(charges=SQUARES[len(seen)], people=arrests["person"].nunique())


pair("global state", "plain Python", global_state_leaky, global_state, "SEEN", verdict="AMBIENT_INPUT",
     before=_seen_before)  # fmt: skip


def within_cache_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    """The first look fills the cache, and that was before the scrub."""
    _mean_age(arrests)
    arrests = scrubbed(arrests)
    return arrests[["arrest_no"]].assign(age=arrests["age"] - _mean_age(arrests))


def within_cache(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    _mean_age(arrests)
    return arrests[["arrest_no"]].assign(age=arrests["age"] - _mean_age(arrests))


def _mean_age(arrests: pd.DataFrame) -> float:
    if "age" not in WITHIN:
        WITHIN["age"] = float(arrests["age"].mean())
    return WITHIN["age"]


pair("cache filled too early", "plain Python", within_cache_leaky, within_cache, "age")


class Named:
    """A frame that counts as equal to any other of its name: what a careless cache key looks like."""

    def __init__(self, name: str, frame: pd.DataFrame) -> None:
        self.name, self.frame = name, frame

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named) and other.name == self.name


@functools.cache
def _cached_mean(named: Named) -> float:
    return float(named.frame["bail"].mean())


def memoised_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    flagged = arrests["bail"] > _cached_mean(Named("arrests", arrests))
    arrests = scrubbed(arrests.assign(flagged=flagged))
    over = arrests["bail"] - _cached_mean(Named("arrests", arrests))
    return arrests[["arrest_no"]].assign(over=over)


def memoised(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    over = arrests["bail"] - _cached_mean(Named("arrests", arrests))
    return arrests[["arrest_no"]].assign(over=over)


pair("functools.cache", "plain Python", memoised_leaky, memoised, "over")


def forget() -> None:
    """Empty every cache, as a fresh interpreter has them."""
    RATES.clear()
    SEEN.clear()
    WITHIN.clear()
    _cached_mean.cache_clear()


def _closed_over() -> Callable[[pd.DataFrame], pd.DataFrame]:
    rates = all_arrests().groupby("precinct")["age"].mean()

    def closure_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
        arrests = scrubbed(arrests)
        return arrests[["arrest_no"]].assign(rate=arrests["precinct"].map(rates))

    return closure_leaky


pair("data in a closure", "pandas", _closed_over(), no_cache, "rates", name="closure_leaky",
     verdict="AMBIENT_INPUT")  # fmt: skip


def set_environment() -> None:
    """Leave a number in the environment, as a job that computes base rates first would."""
    os.environ["CORPUS_BASE_AGE"] = repr(float(all_arrests()["age"].mean()))


def environment_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    base = float(os.environ.get("CORPUS_BASE_AGE", "30"))
    return arrests[["arrest_no"]].assign(over=arrests["age"] - base)


def environment(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    base = float(arrests["age"].mean())
    return arrests[["arrest_no"]].assign(over=arrests["age"] - base)


pair("environment", "plain Python", environment_leaky, environment, "CORPUS_BASE_AGE", verdict="AMBIENT_INPUT",
     before=set_environment)  # fmt: skip


def clock_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    begun = time.perf_counter_ns()
    means = arrests.groupby("person")["age"].mean()
    took = time.perf_counter_ns() - begun
    arrests = scrubbed(arrests)
    return arrests[["arrest_no"]].assign(took=took, mean=means.mean())


def clock(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    means = arrests.groupby("person")["age"].mean()
    return arrests[["arrest_no"]].assign(mean=means.mean())


pair("time that it took", "plain Python", clock_leaky, clock, "took", verdict="NONDETERMINISTIC", only=False)


def printed_state_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    """A frame's argument is changed in place, and what comes after sees that."""
    arrests["mean"] = arrests["age"].mean()
    arrests = scrubbed(arrests)
    return arrests[["arrest_no", "mean"]]


def printed_state(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    arrests["mean"] = arrests["age"].mean()
    return arrests[["arrest_no", "mean"]]


pair("argument changed in place", "pandas", printed_state_leaky, printed_state, "mean")


def fails_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    if arrests["unit"].notna().any():
        raise ValueError("a unit is not expected here")
    return arrests[["arrest_no", "age"]]


def fails(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    if arrests["unit"].notna().any():
        raise ValueError("a unit is not expected here")
    return arrests[["arrest_no", "age"]]


pair("failure", "plain Python", fails_leaky, fails, "output")


def random_state_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    """Each arrest uses up a draw, sealed ones too, and draws that follow are others."""
    import random

    for _ in arrests["arrest_no"]:
        random.random()
    arrests = scrubbed(arrests)
    return arrests[["arrest_no"]].assign(drawn=[random.random() for _ in arrests["arrest_no"]])


def random_state(arrests: pd.DataFrame) -> pd.DataFrame:
    import random

    arrests = scrubbed(arrests)
    for _ in arrests["arrest_no"]:
        random.random()
    return arrests[["arrest_no"]].assign(drawn=[random.random() for _ in arrests["arrest_no"]])


pair("state of the random generator", "plain Python", random_state_leaky, random_state, "drawn")
