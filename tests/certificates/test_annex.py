"""An annex opens with its own key, for its own certificate, as it was sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscrub.certificates import open_annex, seal_annex
from sealscrub.errors import InvalidCertificate
from sealscrub.identifiers import generate_keys, load_annex, load_recipient


def test_it_opens_for_its_own_certificate_alone(tmp_path: Path) -> None:
    _, _, key, _, public = generate_keys(tmp_path / "seal.key")
    recipient = load_recipient(public)
    sealed, commitment = seal_annex({"rows": 9}, recipient)
    same, other = seal_annex({"rows": 9}, recipient)

    assert open_annex(sealed, load_annex(key), commitment) == {"rows": 9}
    assert open_annex(same, load_annex(key), other) == {"rows": 9}
    assert commitment != other  # nothing can be guessed from it
    with pytest.raises(InvalidCertificate, match="another certificate"):
        open_annex(sealed, load_annex(key), other)


@pytest.mark.parametrize("at", [0, 20, 60, 100, 2_000, -1])
def test_a_changed_byte_is_found(tmp_path: Path, at: int) -> None:
    _, _, key, _, public = generate_keys(tmp_path / "seal.key")
    sealed, commitment = seal_annex({"rows": 9}, load_recipient(public))
    changed = bytearray(sealed)
    changed[at] ^= 1

    with pytest.raises(InvalidCertificate):
        open_annex(bytes(changed), load_annex(key), commitment)
