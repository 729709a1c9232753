"""The gate before formats that travel."""

from __future__ import annotations

from sealscrub.errors import UsageError

from .document import Document
from .travelling_verdicts import Verdicts

__all__ = ["verdicts_of"]


def verdicts_of(document: Document) -> Verdicts:
    """Give the verdicts of a document that travels; another has none."""
    if document.verdicts is None:
        raise UsageError(
            "this document has no verdicts that travel", hint="render the report's brief, which holds no counts."
        )
    return document.verdicts
