"""The nullity test: whether a function's result is what it would be had the sealed records never existed."""

from .check import assert_nullity, check_nullity
from .report import NullityReport, NullityVerdict

__all__ = ["NullityReport", "NullityVerdict", "assert_nullity", "check_nullity"]
