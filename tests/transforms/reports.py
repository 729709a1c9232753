"""Reports of every state, made by hand: what the golden files are rendered from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sealscrub.transforms.scrub_report import Report
from sealscrub.transforms.scrub_report_values import KeyReport, TableReport

SUFFIX = {"text": "txt", "json": "json", "junit": "xml", "sarif": "sarif", "html": "html"}


def key(scheme: str = "arrest_number", column: str = "ARREST_NO", rows: int = 1_000, **counts: Any) -> KeyReport:
    zero: dict[str, Any] = {
        "sealed": 0,
        "withheld": 0,
        "near": 0,
        "unparsable": 0,
        "null": 0,
        "coverage": 0.981,
    }
    return KeyReport(scheme=scheme, column=column, rows=rows, **{**zero, **counts})


def table(name: str = "train.parquet", *keys: KeyReport, **facts: Any) -> TableReport:
    keys = keys or (key(),)
    zero: dict[str, Any] = {
        "rows": keys[0].rows,
        "removed": 0,
        "coverage": max(each.coverage for each in keys),
    }
    return TableReport(name=name, keys=keys, **{**zero, **facts})


def report(*tables: TableReport, **facts: Any) -> Report:
    usual: dict[str, Any] = {
        "epoch": 42,
        "as_of": date(2026, 11, 25),
        "complete": True,
        "action": "scan",
        "use": "training",
        "audience": "police",
        "index_id": "5b1f0c9e77a2d4e8",
        "not_after": date(2026, 12, 25),
    }
    return Report(tables=tables or (table(),), **{**usual, **facts})


def _city() -> tuple[TableReport, ...]:
    months = [
        table(
            f"lake/arrests/year=2026/month={month:02}/part-0.parquet",
            key(rows=83_411 + month * 977, sealed=41 * (month % 5), withheld=month % 3, null=month * 12),
            removed=41 * (month % 5) + month % 3,
        )
        for month in range(1, 11)
    ]
    export = table(
        "exports/vendor/risk-assessment/2026-11-25/inmates_with_arrest_history_and_priors_FINAL_v3_corrected.csv",
        key(
            column="most_recent_arrest_identification_number_as_reported_by_the_vendor",
            rows=204_118,
            sealed=611,
        ),
        key(
            "person_arrest",
            "NYSID+ARREST_DATE",
            rows=204_118,
            sealed=598,
            near=14,
            null=3_020,
            coverage=0.874,
        ),
        key("opaque:compas", "case_number", rows=204_118, unparsable=208, damaged=208, coverage=0.412),
        removed=634,
        changed=58,
        quarantined=212,
        coverage=0.996,
        slow_columns=("charges", "photo_hash"),
    )
    return (*months, export, table("stops.jsonl.zst", key("opaque:stops", "stop_id", rows=0)))


REPORTS = {
    "clean": report(),
    "clean_allowed": report(
        table("train.parquet", key(rows=1_000_000, withheld=31, near=3, null=120)),
        allowed=("withheld",),
        accepted=("near",),
        min_coverage=0.5,
        warnings=("the key column “DOCKET” holds no key at all",),
    ),
    "found": report(
        table("train.parquet", key(rows=1_000_000, sealed=18_402, withheld=377, null=9_112)),
        table("stops.csv", key("opaque:stops", "stop_id", rows=13_459)),
        table("photos.jsonl", key("photo", "PHOTO_ID", rows=88_210, sealed=6)),
    ),
    "found_incomplete": report(
        table(
            "train.csv",
            key(rows=40_118, sealed=3, near=17, unparsable=120, damaged=120, coverage=0.61),
            unchecked=134,
            positions=(4, 17, 39_001),
        ),
        complete=False,
        problems=(
            "train.csv: 134 rows have keys that could not be checked",
            "train.csv: coverage is 61.0 %, less than 95 %",
        ),
    ),
    "incomplete": report(
        table("train.csv", key(rows=40_118, near=17, unparsable=120), unchecked=137),
        table("lookup.csv", key("docket", "Docket", rows=90, coverage=0.31)),
        TableReport(name="weather.csv", rows=365, removed=0, keys=(), coverage=0.0),
        complete=False,
        problems=("137 rows of train.csv have keys that could not be checked",),
    ),
    "incomplete_unexplained": report(
        table("a.csv"), table("b.csv"), complete=False, problems=("a.csv has no key at all",)
    ),
    "scrubbed": report(
        *_city(),
        action="scrub",
        accepted=("unparsable", "a null in column offense"),
        warnings=("the index expires in 3 days",),
    ),
    "scrubbed_nothing": report(action="scrub"),
    "dry_run": report(table(removed=12, changed=1), action="scrub", dry_run=True),
    "hostile": report(
        table(
            "<script>alert(1)</script>\x1b[2J\u202efdp.csv",
            key("opaque:a&b", '"><img src=x onerror=alert(2)>\x00\ud800', sealed=2),
            key("docket", "[click](https://example.org) {0} ]]> 逮捕番号", null=1_000),
            notes=("a note\nwith <b>markup</b> and \x07",),
        ),
        use="<use>",
        audience="<audience>",
        index_id="<id>",
        warnings=("<warning>\x1b]0;title\x07",),
    ),
}
REPORTS["scrub_not_written"] = replace(REPORTS["incomplete"], action="scrub")
