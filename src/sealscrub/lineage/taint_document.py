"""What happened to models, as a document: those that are not untainted, the worst first. It travels."""

from __future__ import annotations

from sealscrub.reports import Column, Document, Kind, Number, State, Table

from .taint_values import TaintState, TaintValues

__all__ = ["taint_document"]

_STATE_WORDS = {
    TaintState.WRONG_THEN: "wrong then: the record was in the index that its run recorded",
    TaintState.SEALED_IN_LAW: "sealed in law when it was made, the notice came later",
    TaintState.TAINTED: "lawful as known then, tainted now",
    TaintState.UNKNOWN: "no data was logged with it",
    TaintState.POSSIBLE: "possible: which records it holds is not known here, or not of all rows",
    TaintState.UNTAINTED: "untainted",
}
_HEADLINES: dict[int, tuple[Kind, str]] = {
    0: ("good", "No model is tainted"),
    1: ("bad", "Models are tainted"),
    3: ("warn", "It is not known of every model"),
}


def taint_document(report: TaintValues) -> Document:
    """Say which models contain a record that is sealed now."""
    kind, headline = _HEADLINES[report.exit_code] if report.models else ("warn", "There is no model")
    since = {} if report.since is None else {"Since": f"epoch {report.since}"}
    steps = []
    if report.exit_code == 1:
        steps.append("Train the tainted models again on scrubbed data, and stop serving them until then.")
    if report.exit_code == 3 and report.models:
        steps.append("Log the data of models with their runs, and ask again with the custodian's members.")
    if report.lacking:
        steps.append("Scrub again the sources of datasets that lack a record which should have stayed.")
    return Document(
        tool="taint",
        kind=kind,
        headline=headline,
        lede="No record is named or counted.",
        facts={
            "Models asked about": Number(len(report.models)),
            "Seals as of": f"{report.as_of.isoformat()}, epoch {report.epoch}",
            **since,
        },
        parts=tuple(table for table in (_models(report), _blocked(report), _lacking(report)) if table.rows),
        steps=tuple(steps),
    )


def _models(report: TaintValues) -> Table:
    order = list(TaintState)
    shown = [
        model
        for model in report.models
        if model.state is not TaintState.UNTAINTED
        and (report.since is None or model.since or not model.state.is_tainted)
    ]
    rows = []
    for model in sorted(shown, key=lambda each: order.index(each.state)):
        places = [*model.aliases, *(f"served as {endpoint}" for endpoint in model.endpoints)]
        kind: Kind = "bad" if model.state.is_tainted else "warn"
        rows.append((model.uri, ", ".join(places), State(kind, _STATE_WORDS[model.state])))
    columns = (Column("model"), Column("deployed as"), Column("state"))
    return Table(title="Models", columns=columns, rows=tuple(rows))


def _blocked(report: TaintValues) -> Table:
    rows = tuple((address, "removed") for address in report.blocked)
    return Table(title="Blocked", columns=(Column("address"), Column("state")), rows=rows)


def _lacking(report: TaintValues) -> Table:
    said = "scrubbed of a record that should have stayed; scrub its source again"
    rows = tuple((each, said) for each in report.lacking)
    return Table(title="Lacking a record", columns=(Column("dataset"), Column("why")), rows=rows)
