"""``ExpectNoSealedRecords``: no row's key is in the index."""

from __future__ import annotations

from typing import ClassVar

from sealscrub.matching import Sweep, TableMatcher, parse_on
from sealscrub.transforms.table_sweep import Judged, sweep_keys, swept

from .batch_tables import BatchTable
from .data_docs_prose import Prose, keys_named
from .expectation_policies import StrictExpectation
from .expectation_verdicts import Checked, checked_by
from .index_reference import index_in_force

__all__ = ["ExpectNoSealedRecords"]


class ExpectNoSealedRecords(StrictExpectation):
    """Expect that nothing in a batch names a sealed or withheld record, and that every key could be checked.

    Parameters
    ----------
    on : dict
        Which columns are keys: ``{"arrest_number": "ARREST_NO"}``; a list for several columns of a scheme.
    use : str
        What the data is for; the index must be published for it.
    allow, accept, min_coverage, max_unparsable, min_recall, recall_alpha
        As of :class:`sealscrub.Policy`; rows without a key are not checked, unless ``null`` is accepted.
    sweep : bool
        Whether everything that is not a key column is compared with the index as well: other columns, texts, names.
    leave : dict of str to str
        Columns that are not compared, and why.

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
    sweep: bool = True
    leave: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it

    success_keys: ClassVar[tuple[str, ...]] = ("on", "sweep", "leave", *StrictExpectation.success_keys)

    def prose(self) -> Prose:
        """Say what is expected."""
        said = Prose().say("No row names a sealed or withheld record, by the key columns {}.", keys_named(self.on))
        if not self.sweep:
            said.say("Other columns are not compared.")
        elif self.leave:
            left = [f"{column} ({why})" for column, why in sorted(self.leave.items())]
            said.say("Nothing else in the table names one; not compared: {}.", left)
        else:
            said.say("Nothing else in the table names one.")
        return said.say_policy(self.use, self.accept, self.allow)

    def check(self, table: BatchTable) -> Checked:
        """Match every row, and compare everything else with the index."""
        index = index_in_force(self.use)
        matcher = TableMatcher(index, parse_on(self.on, table.columns, where=table.name), self.policy(), table.name)
        for batch in table.keys(matcher.columns):
            matcher.judge(batch)
        if not self.sweep:
            return checked_by(matcher, swept=False)
        again = Judged(TableMatcher(index, matcher.keys, matcher.policy, table.name))
        sweep = Sweep(index, matcher.policy, leave=self.leave, declared=matcher.columns)
        sweep_keys(table.keys(matcher.columns), matcher.tally().keys, again, sweep, where=table.name)
        elsewhere = swept(table, again, matcher.columns, sweep)
        return checked_by(matcher, elsewhere=elsewhere, left=tuple(self.leave))
