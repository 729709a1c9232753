"""What a system is asked: one probe, of one kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sealscrub.boundary import bound

__all__ = ["KINDS", "Probe"]

KINDS = {
    "itself": "the sealed records themselves",
    "near": "sealed records ± noise",
    "same person": "other records of the same person",
    "same cell": "other records of the same cell",
    "boundary": "the sealed records, with other k",
    "page": "the sealed records, page after page",
    "prefix": "beginnings of what is in the sealed records",
    "unknown id": "the sealed records under ids that no one has",
    "wrong id": "misspellings of the sealed ids",
    "random": "records at random ± noise",
    "own": "your own probes",
}
"""The kinds of probes, by name."""


@bound
@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question to a system; a query takes from it what the system wants.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    record : mapping of str to object
        A row of the data, by column: a sealed one, one near it, or a random one. A query of features takes it as it is.
        Of columns that share a name, the second is ``name #2``.
    id : object
        Its key, of the first key column.
    text : str
        What is in a search box: the id, or the beginning of one or of another text of the record.
    k : int
        How many entries are asked for.
    offset : int
        How many entries are passed over.
    table : str
        Of data of several tables, which the record is of.
    own : object
        Of the kind ``own``: what was given.

    Examples
    --------
    >>> probe = Probe(kind="itself", record={"ARREST_NO": "K14000003", "age": 31}, id="K14000003")
    >>> probe["age"], probe.k
    (31, 10)
    >>> probe
    Probe(kind='itself')
    """

    kind: str
    record: Mapping[str, Any] = field(default_factory=dict)
    id: Any = None
    text: str = ""
    k: int = 10
    offset: int = 0
    table: str = ""
    own: Any = None

    def __getitem__(self, column: str) -> Any:
        """Give a value of the record."""
        return self.record[column]

    def values(self, columns: Sequence[str]) -> list[Any]:
        """Give several values of the record, such as its features.

        Examples
        --------
        >>> Probe(kind="random", record={"age": 31, "lat": 40.5, "lon": -73.9}).values(["lat", "lon"])
        [40.5, -73.9]
        """
        return [self.record[column] for column in columns]

    def __repr__(self) -> str:
        return f"Probe(kind={self.kind!r})"
