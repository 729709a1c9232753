"""The corpus without processes: the same worlds, variants and comparisons, in one interpreter.

It is quick, and cannot see what only the sandbox sees: files, the environment, what a session left in modules.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from sealscrub.matching import Policy
from sealscrub.validators.nullity.comparison import compare
from sealscrub.validators.trial.result_pieces import take_apart
from sealscrub.validators.trial.variants import variant
from sealscrub.validators.trial.worlds import Worlds, make_worlds

from .case import DATA, Case
from .data import INDEX, ON, scrubbed
from .state import forget

__all__ = ["contaminated", "outcome", "worlds_of"]

_VARIANTS = ("permute", "unseen")


def worlds_of(case: Case, seed: int = 160, *, plant: bool = False) -> Worlds:
    """Give the data of a case with and without the sealed records; or scrubbed, with planted ones."""
    on: Any = {"arrests": ON} if case.data == "tables" else ON
    policy = Policy(accept=frozenset({"near", "unparsable"}))
    data: Any = DATA[case.data](seed)
    if plant:
        data = {**data, "arrests": scrubbed(data["arrests"])} if isinstance(data, dict) else scrubbed(data)
    return make_worlds(data, INDEX, on, plan=None, plant=plant, policy=policy, seed=0)


def outcome(function: Callable[[Any], Any], data: Any) -> Any:
    """Run a function as a fresh interpreter would; an error is an outcome, too."""
    forget()
    random.seed(0)
    np.random.seed(0)
    try:
        return function(copy.deepcopy(data))
    except Exception as error:
        return {"error": type(error).__name__}


def contaminated(case: Case, function: Callable[[Any], Any], worlds: Worlds) -> list[str]:
    """Name what differs: with the sealed records as they are, or else in a variant."""
    probe, key = case.options.get("probe"), case.options.get("key")
    clean = take_apart(outcome(function, worlds.without()), probe)
    variants = case.options.get("variants", _VARIANTS)
    changes = [(name, variant(name, number)) for number, name in enumerate(variants)]
    others = [worlds.as_is, *(worlds.varied(name, change) for name, change in changes)]
    for data in others:
        found = compare(clean, take_apart(outcome(function, data), probe), key=key)
        if found:
            return list(dict.fromkeys(difference.name for difference in found))
    return []
