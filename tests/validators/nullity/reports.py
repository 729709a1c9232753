"""Nullity reports of every verdict, made by hand: what the golden files are rendered from."""

from __future__ import annotations

from typing import Any

from sealscrub.testing import NullityReport, NullityVerdict
from sealscrub.validators.nullity.column_causes import probable_cause
from sealscrub.validators.nullity.comparison import Difference
from sealscrub.validators.nullity.paths import PathOfRow, SealedOnPath
from sealscrub.validators.trial.energy import ChanceTest, Shift

DIFFERENCES = (
    Difference(name="features.age_z", what="values", rows=9_416, of=9_416, largest=0.0173, first=(0, 1, 2, 3, 4)),
    Difference(
        name="features.priors_count",
        what="values",
        rows=1_657,
        of=9_416,
        largest=3.0,
        sign=1,
        first=(4, 17, 18, 90, 91),
    ),
    Difference(
        name="features.days_since_last", what="values", rows=417, of=9_416, largest=812.0, sign=-1, first=(17, 204, 377)
    ),
    Difference(name="y", what="values", rows=141, of=9_416, largest=1.0, sign=1, first=(12, 40)),
    Difference(name="features.(index)", what="values", rows=9_201, of=9_416, largest=584.0, sign=1, first=(3,)),
    Difference(name="features.offense", what="dtype"),
    Difference(name="features.(order)", what="order", rows=12, of=9_416),
    Difference(name="features.only_in_sealed", what="column"),
)
PATHS = (
    PathOfRow(name="features.priors_count", row=4, by="person", table="arrests", rows=(7, 90, 212, 3_001, 4_120), of=9),
    PathOfRow(name="features.priors_count", row=17, by="person", table="arrests", rows=(31,), of=1),
    PathOfRow(name="y", row=12, by="(index)", table="", rows=(), of=0),
)
SEALED_ON_PATHS = (SealedOnPath(name="y", row=12, by="person", table="arrests", rows=(7_777,)),)
HOSTILE = Difference(name='<script>alert(1)</script>\x1b[2J"', what="values", rows=1, of=2, first=(1,))
SOCKETS = "Unix sockets in the file system and UDP are open"


def made(verdict: str, *differences: Difference, **facts: Any) -> NullityReport:
    usual: dict[str, Any] = {
        "function": "build_features",
        "differences": differences,
        "weakenings": (SOCKETS,),
        "sealed_rows": 584,
        "runs": 5,
        "seconds": 12.34,
        "overhead": 2.5,
        "epoch": 42,
        "index_id": "5b1f0c9e77a2d4e8",
    }
    if verdict == "INTERFERENCE":
        usual["hints"] = {each.name: probable_cause(each) for each in differences}
    return NullityReport(verdict=NullityVerdict(verdict), **{**usual, **facts})


REPORTS = {
    "pass": made("PASS", variants=1),
    "pass_planted": made("PASS", variants=59, planted=True, sealed_rows=50, runs=63, weakenings=()),
    "interference": made("INTERFERENCE", *DIFFERENCES, runs=3, paths=PATHS, sealed_on_paths=SEALED_ON_PATHS),
    "interference_raises": made(
        "INTERFERENCE",
        Difference(name="output", what="facts"),
        reason="It fails with the sealed records, and only then: ValueError at features.py:31.",
        runs=2,
    ),
    "vacuous": made("VACUOUS", runs=4),
    "nondeterministic": made(
        "NONDETERMINISTIC", Difference(name="score", what="values", rows=880, of=900, largest=0.25), runs=4
    ),
    "nondeterministic_sampled": made(
        "NONDETERMINISTIC",
        Difference(name="score", what="values", rows=880, of=900, largest=0.25),
        runs=21,
        chance=ChanceTest(
            runs=10,
            statistic=0.4321,
            p_value=0.0005,
            columns=("score",),
            shifts=(
                Shift(name="every number moved by one standard deviation of its chance", power=0.83),
                Shift(name="what one sealed record has of the shift that was measured", power=0.055),
            ),
        ),
    ),
    "ambient_input": made("AMBIENT_INPUT", denied=("/srv/features/store.parquet",), runs=2),
    "no_sealed_rows": made(
        "NO_SEALED_ROWS", sealed_rows=0, runs=0, seconds=0.0, weakenings=(), reason="No row of the data is sealed."
    ),
    "inconclusive": made(
        "INCONCLUSIVE", runs=2, planted=True, sealed_rows=1, reason="It did not end in the time that it had."
    ),
    "hostile": made("INTERFERENCE", HOSTILE, function="<b>f</b>", denied=("/srv/<i>\n",), reason="at <b>\x1b[2J:1."),
}
