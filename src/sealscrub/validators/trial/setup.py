"""How a trial is set up."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sealscrub.errors import ConfigError, Spelled
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On

from ..landlock import landlock_abi
from .file_worlds import FileWorlds, make_file_worlds
from .variants import VARIANTS
from .worlds import Worlds, make_worlds

if TYPE_CHECKING:
    from sealscrub.transforms.plans import Plan

__all__ = ["LENIENT", "Progress", "Setup"]

Progress = Callable[[str, int, int], None]
_LEAST_REPEATS = 5  # with four, no p-value is below 2/70
_MOST_REPEATS = 200
LENIENT = Policy(accept=frozenset({"near", "unparsable", "null"}), max_unparsable=1.0, min_coverage=0.0)
"""What a trial takes of data if no policy is given: it tests what is done with keys, not the keys."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """How a trial is set up; :func:`sealscrub.testing.check_nullity` says what each option is.

    Raises
    ------
    ConfigError
        When an option is not one.
    """

    plan: Plan | None = None
    plant: str | bool = "auto"
    variants: tuple[str, ...] = ()
    seed: int = 0
    inputs: tuple[str, ...] = ()
    sandbox: str | bool = "auto"
    attribute: str = "columns"
    repeats: int = 0
    budget_s: float | None = None
    policy: Policy | None = None
    progress: Progress | None = None

    def __post_init__(self) -> None:
        for name in self.variants:
            if name not in VARIANTS:
                raise ConfigError(f"unknown variant {name!r}", hint=", ".join(VARIANTS))
        if self.plant not in ("auto", True, False) or self.sandbox not in ("auto", True, False):
            raise ConfigError("plant and sandbox must be 'auto', True or False")
        if self.attribute not in ("columns", "records"):
            raise ConfigError("attribute must be 'columns' or 'records'")
        repeats = self.repeats
        if not isinstance(repeats, int) or not (repeats == 0 or _LEAST_REPEATS <= repeats <= _MOST_REPEATS):
            raise ConfigError(
                f"repeats must be 0, or from {_LEAST_REPEATS} to {_MOST_REPEATS}",
                hint="ten find a shift of two deviations.",
            )
        if self.sandbox is True and not landlock_abi():
            raise ConfigError(
                "this system has no Landlock",
                hint=Spelled("sandbox='auto' uses audit hooks instead, and says so.", "run it on Linux 5.13 or newer."),
            )

    def worlds(self, data: Any, index: Index, on: On | Mapping[str, Any] | None) -> Worlds | FileWorlds:
        """Make the worlds of some data."""
        # a row without a key is in both worlds
        policy = (self.policy or LENIENT).accepting("null")
        if isinstance(data, str | os.PathLike):
            return make_file_worlds(Path(data), index, on, policy=policy, plant=self.plant, seed=self.seed)
        return make_worlds(data, index, on, plan=self.plan, plant=self.plant, policy=policy, seed=self.seed)
