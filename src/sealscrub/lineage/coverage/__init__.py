"""Which data sets, models and services there are, how each was last checked, and which copies are overdue.

:func:`read_inventory` reads what there is from TOML, :func:`survey` says when each was last scrubbed or certified,
against which epoch, with what proof; :func:`find_copies` lists what was superseded and is to be deleted.
"""

from .copies import Copies, Copy, find_copies
from .coverage import Coverage
from .findings import due_of, findings_of
from .inventory import (
    Inventory,
    ListedCache,
    ListedData,
    ListedIndex,
    ListedPlan,
    ListedService,
    read_inventory,
)
from .standing import Evidence, Item, ItemKind, Proof, Standing
from .surveying import survey

__all__ = [
    "Copies",
    "Copy",
    "Coverage",
    "Evidence",
    "Inventory",
    "Item",
    "ItemKind",
    "ListedCache",
    "ListedData",
    "ListedIndex",
    "ListedPlan",
    "ListedService",
    "Proof",
    "Standing",
    "due_of",
    "find_copies",
    "findings_of",
    "read_inventory",
    "survey",
]
