"""``ExpectNoSealedElements``: no element of a column's lists, and no mention in its texts, is in the index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError
from sealscrub.filters.text import explain_text
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.matching import KeyColumn, TableMatcher
from sealscrub.transforms import Verdict
from sealscrub.transforms.plans.element_rules import ElementsRule
from sealscrub.transforms.plans.estate.list_elements import take_apart

from .batch_tables import BatchTable
from .data_docs_prose import Prose
from .expectation_policies import StrictExpectation
from .expectation_verdicts import Checked, checked_by, index_facts
from .index_reference import index_in_force

__all__ = ["ExpectNoSealedElements"]

_TEXT_USE = "output"


class ExpectNoSealedElements(StrictExpectation):
    """Expect that no list of a column has a sealed or withheld element, or that no text of it mentions one.

    Parameters
    ----------
    column : str
        A column of lists, of JSON lists as text, or of texts with a `separator` between elements; or with `text` of
        free text.
    scheme : str, optional
        Of the elements. Free text is searched for every scheme of the index that can be found in a text.
    separator : str, optional
        What is between elements in a text.
    field : str, optional
        Of elements with fields: the one that identifies them.
    text : bool
        Whether the column is free text. The index must then be published for output.
    use, allow, accept, min_coverage, max_unparsable, min_recall, recall_alpha
        As of :class:`ExpectNoSealedRecords`; but an element that is null, and a list without elements, is clean.

    Examples
    --------
    >>> import pandas as pd
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.gx import ExpectNoSealedElements, run_suite
    >>> index = example_index(["K14612345"])
    >>> cases = pd.DataFrame({"suspects": ["M14000017;K14612345", ""], "notes": ["Saw k14-612 345.", "Nothing."]})
    >>> lists = ExpectNoSealedElements(column="suspects", scheme="arrest_number", separator=";")
    >>> run_suite([lists], cases, index=index).verdict.value
    'found'
    >>> run_suite([ExpectNoSealedElements(column="notes", text=True)], cases, index=index).verdict.value
    'found'
    """

    column: str
    scheme: str | None = None
    separator: str | None = None
    field: str | None = None
    text: bool = False

    success_keys: ClassVar[tuple[str, ...]] = (
        "column",
        "scheme",
        "separator",
        "field",
        "text",
        *StrictExpectation.success_keys,
    )

    def prose(self) -> Prose:
        """Say what is expected."""
        if self.text:
            said = Prose().say("No text of {} mentions a sealed or withheld record.", [self.column])
            return said.say_policy(_TEXT_USE, (), ())
        named = [f"{self.column} ({self.scheme})"]
        said = Prose().say("No element of the lists in {} names a sealed or withheld record.", named)
        return said.say_policy(self.use, self.accept, self.allow)

    def check(self, table: BatchTable) -> Checked:
        """Match every element, or search every text."""
        table.require([self.column])
        if self.text:
            return self._of_texts(table, index_in_force(_TEXT_USE))
        if self.scheme is None:
            raise ConfigError("no scheme given for the elements", hint="scheme='arrest_number'.")
        scheme = get_scheme(self.scheme)
        if not scheme.published or scheme.parts:
            raise ConfigError(f"elements of lists cannot be {scheme.name}", hint="name a scheme of one value.")
        index = index_in_force(self.use)
        policy = self.policy().accepting("null")
        matcher = TableMatcher(index, [KeyColumn(scheme.name, (self.column,))], policy, table.name)
        for ids in self._elements(table, scheme.name):
            matcher.judge(pl.DataFrame({self.column: ids}))
        return checked_by(matcher)

    def _elements(self, table: BatchTable, scheme: str) -> Iterator[pl.Series]:
        rule = ElementsRule(
            table.name, self.column, table.name, scheme=scheme, field=self.field, separator=self.separator
        )
        for batch in table.values([self.column]):
            column = batch.get_column(self.column)
            if column.dtype == pl.Null:
                continue
            elements = take_apart(column, rule, text=True)
            elements.check_read(np.ones(len(column), bool))
            ids = elements.ids
            yield ids if ids.dtype != pl.Null else ids.cast(pl.String)

    def _of_texts(self, table: BatchTable, index: Index) -> Checked:
        found = False
        for batch in table.values([self.column]):
            column = batch.get_column(self.column)
            if column.dtype == pl.Null:
                continue
            if column.dtype not in (pl.String, pl.Categorical, pl.Enum):
                raise ConfigError("the column holds no text", where=table.name)
            texts = column.cast(pl.String).drop_nulls().unique()
            found |= any(explain_text(text, index).mentions for text in texts)
        facts = index_facts(index)
        if found:
            return Checked(verdict=Verdict.FOUND, findings=("sealed or withheld",), index=facts)
        return Checked(verdict=Verdict.CLEAN, index=facts)
