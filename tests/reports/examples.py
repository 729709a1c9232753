"""An example of every report of the library, in which each count of records is a given number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from sealscrub.reports import Reported

DAY = dt.date(2026, 11, 25)
GOLDEN = Path(__file__).parents[1] / "certificates" / "goldens"
INDEX = {"epoch": 4, "as_of": DAY, "index": "7c1e"}


def listing(n: int) -> Iterator[Reported]:
    from sealscrub.reports import Listing

    yield Listing(
        tool="law forecast", headline="Actions will be sealed", facts={"Actions": n}, rows=[{"actions": n}],
        operators_copy="It counts records.",
    )  # fmt: skip


def figures(n: int) -> Iterator[Reported]:
    from sealscrub.custodian.aggregates import Figures

    for method in ("suppress", "round", "noise"):
        frame = pl.DataFrame({"by": ["total"], "count": [n], "sealscrub_aggregate_report": ["r"]})
        yield Figures(frame, "release", method)


def audit_report(n: int) -> Iterator[Reported]:
    from sealscrub.custodian.custody import AuditReport, Hours
    from sealscrub.custodian.custody.access_report import Line

    line = Line(who="ada", purpose="scrub", acts=n, denied=n, out_of_hours=n, failed=n, unfinished=n, records=n)
    usual = {"since": DAY, "until": DAY, "hours": Hours(8, 18), "entries": n, "lines": (line,), "others": {"import": n}}
    counts = {"days": {DAY: (n, n, n)}, "grants": {"g": n}, "unusual": ()}
    yield AuditReport(**usual, **counts, denials={})
    yield AuditReport(**usual, **counts | {"unusual": (("ada", DAY, n),)}, denials={("ada", "clock"): n}, unfiled=n)


def log_verdict(n: int) -> Iterator[Reported]:
    from sealscrub.custodian.custody import Verdict

    for problems in ((), (f"entry {n} is not there",)):
        for checkpoints in (0, n):
            yield Verdict(size=n, root=b"", checkpoints=checkpoints, covered=0, problems=problems, open=())


def explanation(n: int) -> Iterator[Reported]:
    """The answer is what does not travel: a charge that has this number is sealed by itself."""
    from sealscrub.custodian.law import Action, Event, Explanation, decide

    for text in ("ACQUITTED", "PLED GUILTY", "STET"):
        decision = decide(Action(), [Event(event_date=DAY, text=text)], DAY)
        yield Explanation(decision, supposed={"charge": str(n)})


def drill(n: int) -> Iterator[Reported]:
    from sealscrub.lineage import Drill, DrillStep, Retrain

    step = DrillStep("scan", 1.5, f"{n:,} rows")
    retrain = Retrain(uri="models:/m/1", state="tainted")
    for retrains in ((), (retrain,)):
        for left in (0, n):
            begun = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
            yield Drill(**INDEX, since=3, begun=begun, steps=(step,), retrains=retrains, still_there=left)


def report(n: int) -> Iterator[Reported]:
    from sealscrub.transforms import KeyReport, Report, TableReport

    counts = dict.fromkeys(("rows", "sealed", "withheld", "near", "unparsable", "null"), n)
    for sealed in (n, 0):
        key = KeyReport(scheme="arrest_number", column="no", **counts | {"sealed": sealed, "withheld": 0}, coverage=1.0)
        table = TableReport(
            name="train.csv", rows=n, removed=sealed, keys=(key,), coverage=1.0, notes=(f"{n:,} rows are short",),
            positions=(n,),
        )  # fmt: skip
        usual = {
            "use": "training",
            "audience": "police",
            "index_id": "7c1e",
            "not_after": DAY,
            "epoch": 4,
            "as_of": DAY,
        }
        for action in ("scan", "scrub"):
            accepted = ("near", "unparsable", "null")
            problems = (f"{n:,} keys could not be checked",)
            warnings = (f"{n:,} rows are alike",)
            yield Report(**usual, action=action, complete=True, tables=(table,), accepted=accepted, warnings=warnings)
            yield Report(**usual, action=action, complete=False, tables=(table,), problems=problems)
            yield Report(**usual, action=action, complete=False, tables=(table,), problems=problems, dry_run=True)


def plan_check(n: int) -> Iterator[Reported]:
    from sealscrub.transforms.plans.check_values import TableCheck
    from sealscrub.transforms.plans.plan_check import PlanCheck

    for problems, code in (([], 0), ([f"{n} rows are wrong"], 2), ([f"{n} rows"], 3)):
        table = TableCheck("people", "p.csv", rows=n, problems=problems, notes=[f"{n:,} links are null"])
        yield PlanCheck("p.toml", [table], problems=problems, exit_code=code)


def nullity(n: int) -> Iterator[Reported]:
    from sealscrub.testing import NullityReport, NullityVerdict
    from sealscrub.validators.nullity.comparison import Difference

    difference = Difference(name="y", what="values", rows=n, of=n, largest=float(n), sign=1, first=(n,))
    for verdict in NullityVerdict:
        yield NullityReport(verdict=verdict, function="build", sealed_rows=n, variants=3, differences=(difference,))


def output_nullity(n: int) -> Iterator[Reported]:
    from sealscrub.testing import OutputNullityReport, OutputNullityVerdict

    for verdict in OutputNullityVerdict:
        for running in (False, True):
            counts = {"sealed_rows": n, "probes": {"itself": n}, "missing": {"near": f"{n} ids"}}
            yield OutputNullityReport(verdict=verdict, function="app", running=running, **counts)


def model_audit(n: int) -> Iterator[Reported]:
    from sealscrub.validators.artefacts import Certainty, ModelAudit, ModelFinding, ModelNote, NotChecked

    usual = {
        "target": "m.joblib", "files": 1, "schemes": ("arrest_number",), "coverage": 1.0, "min_coverage": 0.9,
        "recall": "at least 50%", "rows": n, "weakenings": (), "epoch": 4, "as_of": DAY, "not_after": DAY,
        "index_id": "7c1e",
        "notes": (ModelNote(file="m", path="p", what="leaves", count=n),),
    }  # fmt: skip
    certainty = next(iter(Certainty))
    finding = ModelFinding(file="m", path=f"steps[{n}]", kind="identifier", certainty=certainty, count=n)
    unread = NotChecked(file="m", path="p", reason=f"{n:,} cells are not read")
    for findings in ((), (finding,)):
        for not_checked in ((), (unread,)):
            for too_few in ("", "the links find at least 50.0% of the seals, less than 95.0%"):
                yield ModelAudit(**usual, findings=findings, not_checked=not_checked, too_few=too_few)


def suite_outcome(n: int) -> Iterator[Reported]:
    from sealscrub.transforms import Verdict
    from sealscrub.validators.great_expectations.suite_outcome import ExpectationOutcome, SuiteOutcome

    for verdict in (Verdict.CLEAN, Verdict.FOUND, Verdict.INCOMPLETE):
        one = ExpectationOutcome(
            type="expect_no_sealed_records", verdict=verdict, result={"unexpected_count": n}, index={"epoch": 4}
        )
        yield SuiteOutcome(suite="s", data="d", results=(one,), index={"epoch": 4, "as_of": str(DAY), "index": "7c1e"})


def verification(n: int) -> Iterator[Reported]:
    from sealscrub.certificates import open_certificate
    from sealscrub.validators.certification.verification import verify

    golden = next(each.parent for each in sorted(GOLDEN.rglob("certificate.json")))
    certificate = open_certificate(golden / "certificate.json", golden / "team.key.pub")
    yield replace(verify(certificate, today=DAY), annex={"scan": {"tables": [{"rows": n}]}})


def certificate(n: int) -> Iterator[Reported]:
    from sealscrub.certificates import open_certificate
    from sealscrub.certificates.certificate_report import CertificateReport

    del n  # it holds no count
    golden = next(each.parent for each in sorted(GOLDEN.rglob("certificate.json")))
    yield CertificateReport(open_certificate(golden / "certificate.json", golden / "team.key.pub").statement, "7c1e")


def run_report(n: int) -> Iterator[Reported]:
    from sealscrub.lineage import RunGraph, VersionNode
    from sealscrub.lineage.run_report import RunReport

    data = {"name": "train 1", "digest": "sha256:1", "checks": {"rowScan": "pass"}, "seeds": {"numpy": 7}}
    for scrubbed in (None, *report(n)):
        for taint in ("tainted", "untainted", ""):
            version = VersionNode(name="risk", version="3", source="m-1", aliases=("champion",), taint=taint)
            graph = RunGraph(
                run="0a1b", name="nightly", status="FINISHED", tags={"sealscrub.epoch": "4"}, datasets=(data,),
                models={"m-1": "risk"}, versions=(version,),
            )  # fmt: skip
            yield RunReport(graph=graph, scrubbed=scrubbed)


def plan_graph(n: int) -> Iterator[Reported]:
    from sealscrub.transforms.plans.graph.graph_values import Derivation, GraphTable, Seal
    from sealscrub.transforms.plans.graph.plan_graph import PlanGraph

    del n  # tables and columns are counted, and no records
    tables = (GraphTable("arrests 2014"), GraphTable("features"))
    for seals in ((), (Seal("arrest_number", "arrests 2014", "no"),)):
        yield PlanGraph(
            tables, derivations=(Derivation("features", "arrests 2014", ("n",)),), seals=seals, name="p.toml"
        )


def taint_report(n: int) -> Iterator[Reported]:
    from sealscrub.lineage import ModelTaint, TaintReason, TaintReport, TaintState
    from sealscrub.lineage.taint_values import CheckedData

    del n  # models are counted, and no records
    tainted = [(TaintState.TAINTED, reason) for reason in TaintReason]
    for state, reason in [*tainted, *((state, None) for state in TaintState)]:
        model = ModelTaint(
            uri="models:/m/1",
            aliases=(),
            state=state,
            reason=reason,
            since=True,
            runs=(),
            made=DAY,
            data=(CheckedData(name="r/d", epoch=1, as_of=DAY),),
        )
        yield TaintReport(**INDEX, since=3, models=(model,), lacking=("r/d",))


def coverage(n: int) -> Iterator[Reported]:
    from sealscrub.lineage import Coverage
    from sealscrub.lineage.coverage.last_checks import Evidence, Item, ItemKind, Proof, Standing

    del n  # things are counted, and no records
    shown = Evidence(proof=Proof.RUN, source="r", epoch=1, as_of=DAY)
    for standing in Standing:
        item = Item(kind=next(iter(ItemKind)), name="train.csv", place="lake", standing=standing, evidence=shown)
        yield Coverage(**INDEX, use="training", today=DAY, items=(item,))


def copies(n: int) -> Iterator[Reported]:
    from sealscrub.lineage.coverage import Copies
    from sealscrub.lineage.coverage.old_copies import Copy, CopyKind

    del n  # files are counted, and no records
    for overdue in (False, True):
        copy = Copy(kind=CopyKind.OUTPUT, place="clean", superseded=DAY, due=DAY, overdue=overdue, why="the new seals")
        yield Copies(keep_days=7, today=DAY, items=(copy,))


def demo_page(n: int) -> Iterator[Reported]:
    from sealscrub.cli.demo_compare import Comparison
    from sealscrub.cli.demo_page import DemoPage
    from sealscrub.cli.demo_story import Story

    found = Comparison({"priors_count": (n, 0), "rearrested": (n, 0)}, 15, (n, 0), 0.5, n)
    cells = pl.DataFrame({"cell_x": [3, 4], "cell_y": [1, 1], "arrests": [n, n]})
    yield DemoPage(Story(Path(), n, 0), found, (cells, cells[:1]))


EXAMPLES: dict[str, Callable[[int], Iterator[Reported]]] = {
    "AuditReport": audit_report,
    "CertificateReport": certificate,
    "Copies": copies,
    "DemoPage": demo_page,
    "Coverage": coverage,
    "Drill": drill,
    "Explanation": explanation,
    "Figures": figures,
    "Listing": listing,
    "ModelAudit": model_audit,
    "NullityReport": nullity,
    "OutputNullityReport": output_nullity,
    "PlanCheck": plan_check,
    "PlanGraph": plan_graph,
    "Report": report,
    "RunReport": run_report,
    "SuiteOutcome": suite_outcome,
    "TaintReport": taint_report,
    "Verdict": log_verdict,
    "Verification": verification,
}
COUNT_NO_RECORDS = {"CertificateReport", "Copies", "Coverage", "PlanGraph", "SuiteOutcome", "TaintReport"}
"""Reports of which the operator's copy holds no count of records either."""
