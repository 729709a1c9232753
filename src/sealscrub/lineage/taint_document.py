"""What happened to models, as a document: those that are not untainted, the worst first. It travels."""

from __future__ import annotations

from sealscrub.reports import Column, Document, Event, Kind, Number, Part, State, Table, timeline

from .taint_values import ModelTaint, TaintReason, TaintState, TaintValues

__all__ = ["taint_document"]

_STATE_WORDS = {
    TaintState.TAINTED: "tainted",
    TaintState.UNKNOWN: "unknown: no data was logged with it",
    TaintState.POSSIBLE: "possible: not all of its records are known here",
    TaintState.UNTAINTED: "untainted",
}
_HEADLINES: dict[int, tuple[Kind, str]] = {
    0: ("good", "No model is tainted"),
    1: ("bad", "Models are tainted"),
    3: ("warn", "Some models could not be checked"),
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
            "Models checked": Number(len(report.models)),
            "Seals as of": f"{report.as_of.isoformat()}, epoch {report.epoch}",
            **since,
        },
        parts=(
            *(table for table in (_models(report), _blocked(report), _lacking(report)) if table.rows),
            *_timeline(report),
        ),
        steps=tuple(steps),
    )


def _asked_about(report: TaintValues) -> list[ModelTaint]:
    """With an older index, what was tainted by it already is left out."""
    return [each for each in report.models if report.since is None or each.since or not each.state.is_tainted]


def _models(report: TaintValues) -> Table:
    shown = [each for each in _asked_about(report) if each.state is not TaintState.UNTAINTED]
    rows = []
    for model in sorted(shown, key=_badness):
        places = [*model.aliases, *(f"served as {endpoint}" for endpoint in model.endpoints)]
        kind: Kind = "bad" if model.state.is_tainted else "warn"
        reason = f" ({model.reason})" if model.reason else ""
        rows.append((model.uri, ", ".join(places), State(kind, f"{_STATE_WORDS[model.state]}{reason}")))
    columns = (Column("model"), Column("deployed as"), Column("state"))
    return Table(title="Models", columns=columns, rows=tuple(rows))


def _badness(model: ModelTaint) -> tuple[int, int]:
    """Give the order of a model: the worst state first, and the worst reason."""
    return list(TaintState).index(model.state), [*TaintReason, None].index(model.reason)


def _timeline(report: TaintValues) -> tuple[Part, ...]:
    """Draw the states of the seals, the data that was checked against them, and the models made of it."""
    shown = _asked_about(report)
    data = {each.name: each for model in shown for each in model.data}
    states = {(each.epoch, each.as_of) for each in data.values()} | {(report.epoch, report.as_of)}
    lanes = {
        "seals": [
            Event(day=day, name=f"epoch {epoch}", note="now" if (epoch, day) == (report.epoch, report.as_of) else "")
            for epoch, day in states
        ],
        "data, as checked": [
            Event(day=each.as_of, name=name, note=f"epoch {each.epoch}", kind=_newness(each.epoch, report))
            for name, each in data.items()
        ],
        "models, as registered": [
            Event(day=model.made, name=model.uri, note=str(model.state), kind=_kind_of(model.state))
            for model in shown
            if model.made is not None
        ],
    }
    return timeline("Seals, data and models", lanes) if data else ()


def _newness(epoch: int, report: TaintValues) -> Kind:
    return "good" if epoch == report.epoch else "warn"


def _kind_of(state: TaintState) -> Kind:
    if state.is_tainted:
        return "bad"
    return "good" if state is TaintState.UNTAINTED else "warn"


def _blocked(report: TaintValues) -> Table:
    rows = tuple((address, "removed") for address in report.blocked)
    return Table(title="Blocked", columns=(Column("address"), Column("state")), rows=rows)


def _lacking(report: TaintValues) -> Table:
    said = "a record that should have stayed was removed; scrub its source again"
    rows = tuple((each, said) for each in report.lacking)
    return Table(title="Lacking a record", columns=(Column("dataset"), Column("why")), rows=rows)
