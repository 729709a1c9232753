"""The commands of the auditors' page that stock OpenSSL runs, run where there is one that can."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "how-to" / "audit-certificate.md"


def _too_old() -> bool:
    if shutil.which("openssl") is None:
        return True
    said = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"OpenSSL (\d+)", said)
    return found is None or int(found[1]) < 3


@pytest.mark.skipif(_too_old(), reason="needs OpenSSL 3")
def test_openssl_verifies_as_the_page_says(tmp_path: Path) -> None:
    (command,) = re.findall(r"^\$ (openssl pkeyutl .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    golden = HERE / "goldens" / "v1"
    envelope = json.loads((golden / "certificate.json").read_bytes())
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "team.key.pub").write_bytes((golden / "team.key.pub").read_bytes())
    (tmp_path / "signature.bin").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))

    for content, code in ((signed, 0), (signed + b" ", 1)):
        (tmp_path / "signed.bin").write_bytes(content)
        ended = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == code
        assert ("Verified Successfully" in ended.stdout) == (code == 0)
