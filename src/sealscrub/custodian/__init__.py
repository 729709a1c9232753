"""What only the custodian's people use: the law, the registry, custody, and figures for annual reports.

The rooms: :mod:`sealscrub.custodian.law` (what is sealed, and from when), :mod:`sealscrub.custodian.registry` (the
record of seals, which publishes indexes), :mod:`sealscrub.custodian.custody` (who may see what, and the audit log),
:mod:`sealscrub.custodian.linkage` (which rows of a source are records of sealed arrests),
:mod:`sealscrub.custodian.reviews` (the pairs and samples that a clerk reads),
:mod:`sealscrub.custodian.aggregates` (counts over all arrests, sealed ones included). Data scientists work with an
index, and import none of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import aggregates, custody, law, linkage, registry, reviews

__all__ = ["aggregates", "custody", "law", "linkage", "registry", "reviews"]


if not TYPE_CHECKING:  # to a type checker a name that is not imported above is an error

    def __getattr__(name: str) -> Any:
        """Load a room when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module 'sealscrub.custodian' has no attribute {name!r}")
        return importlib.import_module(f"sealscrub.custodian.{name}")


def __dir__() -> list[str]:
    return sorted(__all__)
