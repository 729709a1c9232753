"""Figures for annual reports: counted over all arrests, sealed included, such that they give no one away."""

from __future__ import annotations

from sealscrub.boundary import bound_room

from .disclosure_rules import Rules
from .figures import Figures
from .ledger import Ledger
from .ledger_entries import Cell, Entry
from .noisy_counts import Noise
from .report_counts import aggregate

__all__ = ["Cell", "Entry", "Figures", "Ledger", "Noise", "Rules", "aggregate"]

bound_room(__name__)
