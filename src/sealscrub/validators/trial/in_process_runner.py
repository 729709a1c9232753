"""Runs in this interpreter: quick, and for systems that cannot travel to another; a weakening, which reports say."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from sealscrub.index.planted_keys import planted

from .error_place import error_place
from .outcome import Outcome
from .pieces import Incomparable
from .result_pieces import take_apart

__all__ = ["HereRunner"]


class HereRunner:
    """Does what :class:`sealscrub.validators.trial.runner.Runner` does, without another process.

    Parameters
    ----------
    function : callable
        Takes the data.
    seed : int
    """

    sandbox = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.clear()

    def __init__(self, function: Callable[[Any], Any], *, seed: int) -> None:
        self._function, self._seed = function, seed
        self._kept: list[Any] = []

    def keep(self, data: Any) -> Path:
        """Keep data for runs, under a name."""
        self._kept.append(data)
        return Path(str(len(self._kept) - 1))

    def run(self, data: Path, *, planted: Mapping[str, Sequence[str]], **options: Any) -> Outcome:
        """Run the function once; options of other runners do nothing here."""
        return _ran(self._function, copy.deepcopy(self._kept[int(str(data))]), planted, self._seed)


def _ran(function: Callable[[Any], Any], data: Any, keys: Mapping[str, Sequence[str]], seed: int) -> Outcome:
    kept = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed)
    begun = time.monotonic()
    try:
        with planted(keys) as plant:
            result = function(data)
    except Incomparable as error:
        return Outcome("incomparable", said=str(error), asked=plant.asked, seconds=time.monotonic() - begun)
    except Exception as error:
        said = f"{type(error).__name__} at {error_place(error)}"
        return Outcome("error", said=said, asked=plant.asked, seconds=time.monotonic() - begun)
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])
    return Outcome("ok", tuple(take_apart(result)), asked=plant.asked, seconds=time.monotonic() - begun)
