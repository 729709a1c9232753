"""Which orphans are old enough to be deleted with the history of a table."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from sealscrub.tables.table_leftovers import Leftovers
from sealscrub.transforms.history_purge import Purge

DAY = 86400


@pytest.mark.parametrize("days", [0.5, 1, 7, 30])
def test_an_orphan_is_old_from_its_days_on(tmp_path: Path, days: float) -> None:
    """What a version names has no age."""
    now = 100 * DAY
    orphan, named = tmp_path / "orphan.parquet", tmp_path / "named.parquet"
    for path in (orphan, named):
        path.touch()
    found = Leftovers({orphan: "orphaned data file", named: "data file"}, {orphan: 3, named: 4})
    for age, stays in ((days * DAY - 1, True), (days * DAY, False), (days * DAY + 1, False), (-DAY, True)):
        os.utime(orphan, (now - age, now - age))
        os.utime(named, (now - age, now - age))
        left = found.without_young(Purge(orphan_days=days).orphans_before(now))
        assert (orphan in left.young, orphan in left.files, named in left.files) == (stays, not stays, True)
        assert sum(left.sizes.values()) == (4 if stays else 7)


def test_without_an_age_every_orphan_is_old() -> None:
    """One whose time is in the future as well."""
    assert Purge(orphan_days=0).orphans_before(now=5.0) == math.inf
