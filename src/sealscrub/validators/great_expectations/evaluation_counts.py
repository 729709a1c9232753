"""Counting what Great Expectations evaluates, wherever it runs a suite in a process that has imported ours."""

from __future__ import annotations

import functools
from typing import Any

from great_expectations.validator.v1_validator import Validator

from ..expectation_suites import SuiteFile

__all__: list[str] = []

FINGERPRINT = "pandas_data_fingerprint"


def count_what_is_run() -> None:
    """Let every run of a suite refuse one that lost expectations, and forget the digest of its batch.

    Checkpoints, validation definitions and ``batch.validate`` all come through one method of Great Expectations, which
    has no hook: it is wrapped, once.
    """
    run = Validator.validate_expectation_suite
    if getattr(run, "counts", False):
        return

    @functools.wraps(run)
    def counted(self: Any, expectation_suite: Any, *arguments: Any, **options: Any) -> Any:
        _require_whole(expectation_suite)
        result = run(self, expectation_suite, *arguments, **options)
        markers = (result.meta or {}).get("batch_markers")
        if markers:  # these are stored, and the batch may hold sealed records
            markers.pop(FINGERPRINT, None)
        return result

    counted.counts = True  # type: ignore[attr-defined]  # a mark of ours
    Validator.validate_expectation_suite = counted  # no hook is there


def _require_whole(suite: Any) -> None:
    """Refuse a suite of ours with fewer expectations than its meta says that it was made with."""
    meta = suite.meta
    if isinstance(meta, dict) and isinstance(meta.get("sealscrub"), dict):
        SuiteFile(str(suite.name), tuple({} for _ in suite.expectations), meta).require_whole()
