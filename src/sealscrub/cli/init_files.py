"""What ``sealscrub init`` writes: a first test and a CI file, which are the user's from then on."""

from __future__ import annotations

import json
import shlex

__all__ = ["CI", "TEST", "files"]

CI = ".github/workflows/sealed-records.yml"
TEST = "tests/test_sealed_records.py"

_BEGIN = """name: sealed records
on:
{when}permissions:
  contents: read
jobs:
  sealed-records:
    runs-on: {where}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {{ python-version: "3.11" }}
      - run: pip install 'sealscrub[ci]'
"""
_HOSTED = """      # The tests plant their own sealed records: a hosted runner must never see a real index and its key.
      - run: pytest {test} --nullity-index example
"""
_TRUSTED = """      # The trusted host: anyone who holds the index and the key can find out who is sealed.
      - run: |
          {check}
          {test}
"""

_NULLITY = '''"""Sealed records do not show in the features. sealscrub init wrote this; it is yours to change.

Run it with: pytest {test} --nullity-index example
"""

from functools import partial

import polars as pl

import sealscrub as ss
from sealscrub.datasets import make_city
from sealscrub.testing import assert_nullity

ON = {{"arrest_number": "arrest_number"}}  # your key columns: SCHEME: COLUMN


def build_features(arrests, index):
    """Put your own function here. It removes the sealed records first, and computes afterwards."""
    arrests = ss.scrub(arrests, index, on=ON, policy=ss.Policy(quarantine=True))
    return arrests.with_columns(priors=pl.len().over("nysid") - 1)


def test_sealed_records_do_not_show_in_the_features(sealed_index):
    arrests = make_city(1_000, seed=0).tables["arrests"]  # no one in it exists; put a sample of your data here
    assert_nullity(partial(build_features, index=sealed_index), arrests, sealed_index, on=ON)
'''
_BY_PLAN = '''"""{says} sealscrub init wrote this; it is yours to change."""

from pathlib import Path

from sealscrub.transforms.plans import Plan

PLAN = Plan.from_toml(Path(__file__).parents[1] / {plan})


def test_{name}(sealed_index):
    {assertion}
'''
_OF_THE_READER = {
    "custodian": {
        "says": "The plan says what happens to every column when a record is sealed.",
        "name": "every_column_is_accounted_for",
        "assertion": 'assert not PLAN.check(index=sealed_index).exit_code, "sealscrub plan check says what to do"',
    },
    "auditor": {
        "says": "The data holds no record that the index names.",
        "name": "no_sealed_record_is_left",
        "assertion": 'assert not PLAN.scan(index=sealed_index).exit_code, "sealscrub scan --plan says where"',
    },
}


def files(reader: str, plan: str, index: str, key: str) -> dict[str, str]:
    """Give the texts of the files, by their paths in the project's folder.

    Parameters
    ----------
    reader : {"data-scientist", "custodian", "auditor"}
    plan, index, key : str
        Their paths from there; an index or a key that is not named is empty.
    """
    if reader == "data-scientist":
        begin = _BEGIN.format(when="  push:\n  pull_request:\n", where="ubuntu-latest")
        return {TEST: _NULLITY.format(test=TEST), CI: begin + _HOSTED.format(test=TEST)}
    test = _BY_PLAN.format(plan=json.dumps(plan, ensure_ascii=False), **_OF_THE_READER[reader])
    begin = _BEGIN.format(when='  schedule:\n    - cron: "0 5 * * *"\n', where="[self-hosted, trusted]")
    command = ["plan", "check"] if reader == "custodian" else ["scan", "--plan"]
    check = shlex.join(["sealscrub", *command, plan, "--index", index, "--key-file", key])
    run = shlex.join(["pytest", TEST, "--nullity-index", index, "--nullity-key", key])
    return {TEST: test, CI: begin + _TRUSTED.format(check=check, test=run)}
