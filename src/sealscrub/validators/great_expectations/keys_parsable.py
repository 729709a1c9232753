"""``ExpectKeysParsable``: key columns hold what they are said to hold, so a wrong column cannot pass."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError
from sealscrub.identifiers import Status, canonicalise, canonicalise_parts, get_scheme
from sealscrub.matching import KeyColumn, parse_on
from sealscrub.reports import percent
from sealscrub.transforms import Verdict

from .batch_tables import BatchTable
from .data_docs_prose import Prose, keys_named
from .expectation import SealscrubExpectation
from .expectation_verdicts import Checked

__all__ = ["ExpectKeysParsable"]


class ExpectKeysParsable(SealscrubExpectation):
    """Expect that most values of key columns are keys of their scheme. It asks no index.

    Parameters
    ----------
    on : dict
        Which columns are keys: ``{"arrest_number": "ARREST_NO"}``.
    min_share : float
        Least share of the values, nulls left out, that must parse, 0 to 1. A column without any value fails, whatever
        the share.

    Examples
    --------
    >>> import pandas as pd
    >>> from sealscrub.gx import ExpectKeysParsable, run_suite
    >>> data = pd.DataFrame({"arrest_no": ["K14612345", "M14000017"], "precinct": [79, 14]})
    >>> run_suite([ExpectKeysParsable(on={"arrest_number": "arrest_no"})], data).verdict.value
    'clean'
    >>> run_suite([ExpectKeysParsable(on={"arrest_number": "precinct"})], data).results[0].findings
    ('wrong column',)
    """

    on: dict[str, str | list[str]]
    min_share: float = 0.95

    success_keys: ClassVar[tuple[str, ...]] = ("on", "min_share")

    def prose(self) -> Prose:
        """Say what is expected."""
        said = Prose().say("Of the values in each of {},", keys_named(self.on))
        return said.say("at least {} are keys of its scheme.", [percent(self.min_share)])

    def check(self, table: BatchTable) -> Checked:
        """Parse every value."""
        if not 0 <= self.min_share <= 1:
            raise ConfigError("min_share must be between 0 and 1")
        keys = parse_on(self.on, table.columns, where=table.name)
        values, good = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
        for batch in table.keys(list(dict.fromkeys(column for key in keys for column in key.columns))):
            for at, key in enumerate(keys):
                status = _status(batch, key)
                values[at] += np.count_nonzero(status != Status.NULL)
                good[at] += np.count_nonzero(status == Status.OK)
        findings = []
        if not values.all():
            findings.append("no keys")
        if (good < self.min_share * values).any():
            findings.append("wrong column")
        return Checked(verdict=Verdict.FOUND if findings else Verdict.CLEAN, findings=tuple(findings))


def _status(batch: pl.DataFrame, key: KeyColumn) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    parts = get_scheme(key.scheme).parts
    columns = [batch.get_column(column).alias("key") for column in key.columns]
    if parts:
        return canonicalise_parts(dict(zip(parts, columns, strict=True)), key.scheme).status
    return canonicalise(columns[0], key.scheme).status
