"""The tag of a model says by which index its taint was found, and is read again as it was written."""

from __future__ import annotations

import datetime as dt

import pytest

from sealscrub.lineage.taint_values import TaintReason, TaintState, TaintTag


@pytest.mark.parametrize("audience", ["police", "archivist", "records_division_2"])
@pytest.mark.parametrize("reason", [None, next(iter(TaintReason))])
def test_a_tag_is_read_as_it_was_written(audience: str, reason: TaintReason | None) -> None:
    tag = TaintTag(TaintState.UNTAINTED, "7c1e", "7d0c6f1e", 5, dt.date(2026, 11, 25), audience, reason)

    assert TaintTag.read(str(tag)) == tag
