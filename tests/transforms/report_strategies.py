"""Reports of any kind, with any names, and the same reports with other counts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st

from sealscrub.transforms.scrub_report import Report
from sealscrub.transforms.scrub_report_values import KeyReport, LevelReport, TableReport

from .reports import report

COUNTS = st.integers(0, 10**12)
NAMES = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"]), max_size=6),
    st.sampled_from(["<b>", "</style><script>x</script>", '" onload="x', "]]>", "&amp;", "{0}", "[a](b)", "//host/x"]),
)
modest = settings(max_examples=60, deadline=None)


@st.composite
def keys(draw: st.DrawFn) -> KeyReport:
    counts = {name: draw(COUNTS) for name in ("rows", "sealed", "withheld", "near", "unparsable", "null", "damaged")}
    coverage = draw(st.floats(0, 1))
    return KeyReport(scheme=draw(NAMES), column=draw(NAMES), coverage=coverage, **counts)


@st.composite
def levels(draw: st.DrawFn) -> LevelReport:
    return LevelReport(column=draw(NAMES), found=draw(st.just(0) | COUNTS), unchecked=draw(st.just(0) | COUNTS))


@st.composite
def tables(draw: st.DrawFn) -> TableReport:
    counts = {name: draw(COUNTS) for name in ("rows", "removed", "changed", "quarantined", "unchecked")}
    return TableReport(
        name=draw(NAMES),
        keys=tuple(draw(st.lists(keys(), max_size=3))),
        coverage=draw(st.floats(0, 1)),
        slow_columns=tuple(draw(st.lists(NAMES, max_size=10))),
        notes=tuple(draw(st.lists(NAMES, max_size=2))),
        positions=draw(st.none() | st.lists(COUNTS, max_size=3).map(tuple)),
        levels=tuple(draw(st.lists(levels(), max_size=2))),
        **counts,
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    complete, least = draw(st.booleans()), draw(st.floats(0, 1))
    read = draw(st.lists(tables(), min_size=1, max_size=3))
    if complete:
        read = [
            replace(
                each,
                unchecked=0,
                coverage=max(each.coverage, least),
                levels=tuple(replace(listed, unchecked=0) for listed in each.levels),
            )
            for each in read
        ]
    return report(
        *read,
        complete=complete,
        problems=() if complete else tuple(draw(st.lists(NAMES, max_size=2))),
        warnings=tuple(draw(st.lists(NAMES, max_size=2))),
        action=draw(st.sampled_from(["scan", "scrub"])),
        dry_run=draw(st.booleans()),
        use=draw(NAMES),
        audience=draw(NAMES),
        index_id=draw(NAMES),
        accepted=tuple(draw(st.lists(st.sampled_from(["near", "unparsable"]) | NAMES, max_size=2))),
        allowed=draw(st.sampled_from([(), ("withheld",)])),
        min_coverage=least,
    )


@st.composite
def recounted(draw: st.DrawFn, original: Report) -> Report:
    """The same verdicts with other counts: what was none stays none where a verdict depends on it."""

    def other(count: int) -> int:
        return draw(st.integers(1, 10**12)) if count else 0

    def other_key(each: KeyReport) -> KeyReport:
        scrub = original.action == "scrub"
        return replace(
            each,
            rows=draw(COUNTS),
            null=draw(COUNTS),
            damaged=draw(COUNTS),
            near=other(each.near),
            unparsable=other(each.unparsable),
            sealed=draw(COUNTS) if scrub else other(each.sealed),
            withheld=draw(COUNTS) if scrub or original.allowed or each.sealed else other(each.withheld),
        )

    def other_table(each: TableReport) -> TableReport:
        return replace(
            each,
            rows=draw(COUNTS),
            removed=draw(COUNTS),
            changed=draw(COUNTS),
            quarantined=draw(COUNTS),
            unchecked=other(each.unchecked),
            keys=tuple(other_key(one) for one in each.keys),
            positions=draw(st.none() | st.lists(COUNTS, max_size=3).map(tuple)),
            slow_columns=(),
            levels=tuple(
                replace(listed, found=other(listed.found), unchecked=other(listed.unchecked)) for listed in each.levels
            ),
            notes=tuple(f"{draw(COUNTS)} rows" for _ in range(2)),
        )

    said = (f"{draw(COUNTS)} rows are odd",)
    return replace(
        original,
        tables=tuple(other_table(each) for each in original.tables),
        problems=() if original.complete else said,
        warnings=said,
        index_id=draw(NAMES),
    )
