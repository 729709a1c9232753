"""A word of many pieces, such as a file that is written as base64 in a text, takes no more memory than its length."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import random, resource, string, sys
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))  # some twenty times as much as is needed
import polars as pl
import sealscrub as ss
from sealscrub.datasets import example_index

drawn = random.Random(1)
word = "".join(drawn.choices(string.ascii_letters + string.digits + "+/", k=300_000))
index = example_index({"arrest_number": ["K14612345"], sys.argv[1]: ["1234567"]})
texts = pl.DataFrame({"arrest_no": ["M14000001", "M14000002"], "note": [f"So. {word} So.", sys.argv[2]]})
print(sum(each.found for each in ss.scan(texts, index, {"arrest_number": "arrest_no"}).tables[0].elsewhere))
"""


@pytest.mark.parametrize("scheme", ["voucher", "opaque:case"])
@pytest.mark.parametrize(("beside", "found"), [("So.", "0"), ("See K14612345.", "1")], ids=["clean", "sealed"])
def test_a_word_of_many_pieces_is_read(scheme: str, beside: str, found: str) -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM, scheme, beside], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.strip()) == (0, found), run.stderr[-400:]
