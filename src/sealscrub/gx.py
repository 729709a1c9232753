"""Great Expectations: expectations that a table holds no sealed record, and suites that cannot pass by losing them.

Import this module before a suite is loaded: Great Expectations drops expectations that it does not know without a word.
"""

from __future__ import annotations

from sealscrub.validators.great_expectations import (
    ExpectationOutcome,
    ExpectDerivedColumnReproducible,
    ExpectIndexFresh,
    ExpectKeysParsable,
    ExpectNoSealedElements,
    ExpectNoSealedRecords,
    RequireEveryExpectation,
    SuiteOutcome,
    run_suite,
)

__all__ = [
    "ExpectDerivedColumnReproducible",
    "ExpectIndexFresh",
    "ExpectKeysParsable",
    "ExpectNoSealedElements",
    "ExpectNoSealedRecords",
    "ExpectationOutcome",
    "RequireEveryExpectation",
    "SuiteOutcome",
    "run_suite",
]
