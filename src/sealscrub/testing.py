"""One line in a test suite: ``assert_nullity(build_features, arrests, index, on={"arrest_number": "ARREST_NO"})``."""

from __future__ import annotations

from sealscrub.validators.nullity import NullityReport, NullityVerdict, assert_nullity, check_nullity
from sealscrub.validators.output_nullity import (
    OutputNullityReport,
    OutputNullityVerdict,
    Probe,
    Routes,
    assert_output_nullity,
    check_guard,
    check_output_nullity,
)

__all__ = [
    "NullityReport",
    "NullityVerdict",
    "OutputNullityReport",
    "OutputNullityVerdict",
    "Probe",
    "Routes",
    "assert_nullity",
    "assert_output_nullity",
    "check_guard",
    "check_nullity",
    "check_output_nullity",
]
