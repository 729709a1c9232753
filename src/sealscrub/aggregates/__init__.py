"""Figures for annual reports: counted over all arrests, sealed included, such that they give no one away."""

from __future__ import annotations

from .counting import aggregate
from .figures import Figures
from .ledger import Cell, Entry, Ledger
from .noise import Noise
from .rules import Rules

__all__ = ["Cell", "Entry", "Figures", "Ledger", "Noise", "Rules", "aggregate"]
