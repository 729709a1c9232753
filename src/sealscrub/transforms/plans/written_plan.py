"""What a plan says, read and ruled: what every run, check and drawing of it starts from."""

from __future__ import annotations

from pathlib import Path

from sealscrub.matching import Policy

from .plan_rules import TableRules, read_rules
from .plan_spec import PlanSpec
from .surrogate_ids import id_columns

__all__ = ["WrittenPlan"]


class WrittenPlan:
    """A plan before anything is done with it.

    Parameters
    ----------
    spec : PlanSpec
        What it says.
    root : Path
        The folder that its sources are relative to and are in.
    name : str
        What messages call it.
    path : Path, optional
        Its file.
    undecided : int
        How many places of the file are still marked as undecided.
    """

    def __init__(self, spec: PlanSpec, root: Path, name: str, *, path: Path | None = None, undecided: int = 0) -> None:
        self.path, self.undecided = path, undecided
        self.spec = spec
        self.root = root
        self.name = name
        self.rules: dict[str, TableRules] = read_rules(spec, name)
        self.ids = id_columns(self.rules)

    @property
    def policy(self) -> Policy:
        """How strict the plan is on its own."""
        return Policy(**self.spec.policy.model_dump())
