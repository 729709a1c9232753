"""Expectations for Great Expectations: anyone who imports this room registers them."""

from sealscrub.boundary import bound_room

from . import gx_import  # noqa: F401 - before Great Expectations is imported by what follows
from .action import RequireEveryExpectation
from .derived_reproducible import ExpectDerivedColumnReproducible
from .evaluation_counts import count_what_is_run
from .expect_index_fresh import ExpectIndexFresh
from .keys_parsable import ExpectKeysParsable
from .no_sealed_elements import ExpectNoSealedElements
from .no_sealed_records import ExpectNoSealedRecords
from .suite_outcome import ExpectationOutcome, SuiteOutcome
from .suite_run import run_suite

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

bound_room(__name__)
