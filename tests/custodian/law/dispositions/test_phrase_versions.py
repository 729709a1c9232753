"""A version of phrases names one file of them: every decision records it, and may be traced to what it was read by."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import pytest

from sealscrub.custodian import law

#: By version, the digest of all that the file says but its version. If the file changes, raise its version, and add it.
DIGESTS = {
    "us-ca-demonstration/dispositions-1": "e4fae996ae366388",
    "us-ny/dispositions-12": "7b9c53171dddeb7d",
    "us-or/dispositions-2": "576ab5370baaa50c",
    "us-pa/dispositions-1": "0701fca051311037",
    "us-va/dispositions-2": "d2b8e4056b76f4ef",
}


@pytest.mark.parametrize("place", law.JURISDICTIONS)
def test_phrases_that_changed_have_another_version(place: str) -> None:
    file = Path(law.__file__).parent / place.replace("-", "_") / "dispositions.toml"
    said = tomllib.loads(file.read_text("utf-8"))
    version = said.pop("version")

    assert DIGESTS.get(version) == hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
