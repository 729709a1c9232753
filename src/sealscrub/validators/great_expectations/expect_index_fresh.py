"""``ExpectIndexFresh``: the index that all else was checked against is of today, and not an old one."""

from __future__ import annotations

from typing import ClassVar

from sealscrub.errors import ConfigError
from sealscrub.index.fitness import the_day
from sealscrub.transforms import Verdict

from .batch_tables import BatchTable
from .data_docs_prose import Prose
from .expectation import SealscrubExpectation
from .expectation_verdicts import Checked, index_facts
from .index_reference import index_in_force

__all__ = ["ExpectIndexFresh"]


class ExpectIndexFresh(SealscrubExpectation):
    """Expect that the index may be used today, is of no older state than asked for, and is what its publisher signed.

    Parameters
    ----------
    use : str
        What it must be published for.
    max_age_days : int, optional
        Most days since its as-of date.
    min_epoch : int, optional
        The least epoch that is accepted.

    Examples
    --------
    >>> import pandas as pd
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.gx import ExpectIndexFresh, run_suite
    >>> index = example_index(["K14612345"])
    >>> run_suite([ExpectIndexFresh(max_age_days=1)], pd.DataFrame({"n": [1]}), index=index).verdict.value
    'clean'
    >>> run_suite([ExpectIndexFresh(min_epoch=9)], pd.DataFrame({"n": [1]}), index=index).results[0].findings
    ('old epoch',)
    """

    use: str = "training"
    max_age_days: int | None = None
    min_epoch: int | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = ()
    success_keys: ClassVar[tuple[str, ...]] = ("use", "max_age_days", "min_epoch")

    def prose(self) -> Prose:
        """Say what is expected."""
        said = Prose().say("The index may be used today for {}.", [self.use])
        if self.max_age_days is not None:
            said.say("Its as-of date is at most {} days ago.", [self.max_age_days])
        return said if self.min_epoch is None else said.say("Its epoch is {} or later.", [self.min_epoch])

    def check(self, table: BatchTable) -> Checked:
        """Look at the index; the batch is not read."""
        if self.max_age_days is not None and self.max_age_days < 0:
            raise ConfigError("max_age_days must be 0 or more")
        index = index_in_force(self.use)
        index.verify()
        findings = []
        if self.max_age_days is not None and (the_day() - index.as_of).days > self.max_age_days:
            findings.append("old date")
        if self.min_epoch is not None and index.epoch < self.min_epoch:
            findings.append("old epoch")
        verdict = Verdict.FOUND if findings else Verdict.CLEAN
        return Checked(verdict=verdict, findings=tuple(findings), index=index_facts(index))
