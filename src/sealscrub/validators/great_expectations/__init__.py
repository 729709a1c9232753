"""Expectations for Great Expectations: whoever imports this room registers them."""

from . import starting  # noqa: F401 - before Great Expectations is imported by what follows
from .action import RequireEveryExpectation
from .counting import count_what_is_run
from .derived import ExpectDerivedColumnReproducible
from .elements import ExpectNoSealedElements
from .fresh import ExpectIndexFresh
from .keys import ExpectKeysParsable
from .outcome import ExpectationOutcome, SuiteOutcome
from .records import ExpectNoSealedRecords
from .running import run_suite

count_what_is_run()

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
