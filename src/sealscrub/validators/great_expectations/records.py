"""``ExpectNoSealedRecords``: no row's key is in the index."""

from __future__ import annotations

from typing import ClassVar

from sealscrub.matching import TableMatcher, parse_on

from .policies import StrictExpectation
from .reference import index_in_force
from .tables import BatchTable
from .verdicts import Checked, checked_by

__all__ = ["ExpectNoSealedRecords"]


class ExpectNoSealedRecords(StrictExpectation):
    """Expect that no row is of a sealed or withheld record, and that every key could be checked.

    Parameters
    ----------
    on : dict
        Which columns are keys: ``{"arrest_number": "ARREST_NO"}``; a list for several columns of a scheme.
    use : str
        What the data is for; the index must be published for it.
    allow, accept, min_coverage, max_unparsable, require_keys
        As of :class:`sealscrub.Policy`; a batch without any key is not checked, unless `require_keys` is false.

    Notes
    -----
    The index comes by reference: from ``SEALSCRUB_INDEX`` and ``SEALSCRUB_KEY_FILE``, in the environment or among the
    variables of the data context, or from ``run_suite``.

    Examples
    --------
    >>> import pandas as pd
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.gx import ExpectNoSealedRecords, run_suite
    >>> expectation = ExpectNoSealedRecords(on={"arrest_number": "arrest_no"})
    >>> data = pd.DataFrame({"arrest_no": ["K14612345", "M14000017"]})
    >>> run_suite([expectation], data, index=example_index(["K14612345"])).verdict.value
    'found'
    """

    on: dict[str, str | list[str]]

    success_keys: ClassVar[tuple[str, ...]] = ("on", *StrictExpectation.success_keys)

    def check(self, table: BatchTable) -> Checked:
        """Match every row."""
        index = index_in_force(self.use)
        matcher = TableMatcher(index, parse_on(self.on, table.columns, where=table.name), self.policy(), table.name)
        for batch in table.keys(matcher.columns):
            matcher.judge(batch)
        return checked_by(matcher)
