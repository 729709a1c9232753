"""Figures for annual reports: counted over all arrests, sealed included, such that they give no one away."""

from __future__ import annotations

from .counting import aggregate
from .figures import Figures
from .ledger import Entry, Ledger
from .rules import Rules

__all__ = ["Entry", "Figures", "Ledger", "Rules", "aggregate"]
