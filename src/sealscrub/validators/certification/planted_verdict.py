"""A nullity test whose verdict may travel: over data that hold no sealed record but the planted ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.transforms import scrub

from ..nullity import NullityReport, check_nullity

__all__ = ["planted_nullity"]


def planted_nullity(
    f: Callable[[Any], Any],
    raw: Any,
    index: Index,
    on: On,
    *,
    use: str = "training",
    policy: Policy | None = None,
    seed: int = 0,
    progress: Any = None,
) -> NullityReport:
    """Test a function for nullity with only planted records.

    Sealed and withheld rows are removed first, and records are planted into what is left. The test sees the same
    data in the worlds with and without the sealed records, so its verdict reveals nothing about them.

    Parameters
    ----------
    f : callable
        What made the clean data, features or model from `raw`.
    raw : frame
        What it takes: a frame in memory.
    index : Index
    on : mapping, or iterable of str
        The key columns.
    use : str
        The use that the index must be for.
    policy : Policy, optional
        Keys that are near or do not parse stay: they are not what is tested.
    seed : int
        Random seed of every source of chance that can be reached.
    progress : callable, optional
        Called with a phase, how much of it is done, and of how much.

    Returns
    -------
    NullityReport

    Raises
    ------
    ConfigError
        When `raw` is not a frame.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> planted_nullity(len, "train.csv", example_index(["K14612345"]), {"arrest_number": "arrest_no"})
    Traceback (most recent call last):
    ...
    sealscrub.errors.ConfigError: the nullity test of a certificate needs a frame
    ...
    """
    if isinstance(raw, str | Path) or callable(raw):
        raise ConfigError("the nullity test of a certificate needs a frame", hint="annotate the function's argument.")
    allow = policy.allow if policy is not None else frozenset()
    loose = Policy(allow=allow, accept=frozenset({"near", "unparsable", "null"}), min_coverage=0.0)
    clean = scrub(raw, index, on, use=use, policy=loose, sweep=False)
    return check_nullity(f, clean, index, on, plant=True, seed=seed, policy=loose, progress=progress)
