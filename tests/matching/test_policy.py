"""A policy refuses what it would take for something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sealscrub.errors import ConfigError
from sealscrub.matching import Policy


@pytest.mark.parametrize("aside", ["aside.parquet", Path("aside"), 1, None])
def test_the_file_of_a_quarantine_is_the_calls(aside: Any) -> None:
    with pytest.raises(ConfigError, match="True or False"):
        Policy(quarantine=aside)
