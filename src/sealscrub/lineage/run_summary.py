"""What MLflow's own page of a run shows about its data: parameters, metrics and a description. All of it travels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from sealscrub.reports import printable

from .run_record import RunRecord

__all__ = ["describe_run", "run_metrics", "run_params"]

NOTE = "mlflow.note.content"
"""MLflow's tag that holds a run's description, in Markdown."""
_TITLE = "### Sealed records"
_CLOSING = "*sealscrub wrote this. It would read the same had the removed records never existed.*"
_VERDICT = "sealscrub.verdict."


def run_params(record: Mapping[str, Any]) -> dict[str, str]:
    """Give the parameters of one dataset: its key columns, what its policy accepted, and seeds.

    Examples
    --------
    >>> record = {"name": "train", "keys": [{"scheme": "arrest_number", "columns": ["no"]}], "accepted": [],
    ...           "seeds": {"numpy": 0}}
    >>> run_params(record)["sealscrub.train.keys"]
    'no (arrest_number)'
    """
    of = f"sealscrub.{record['name']}"
    keys = ", ".join(f"{'+'.join(key['columns'])} ({key['scheme']})" for key in record["keys"])
    seeds = {f"{of}.seed.{what}": str(seed) for what, seed in record["seeds"].items()}
    return {f"{of}.keys": keys, f"{of}.accepted": ", ".join(record["accepted"]) or "nothing", **seeds}


def run_metrics(record: Mapping[str, Any]) -> dict[str, float]:
    """Give the numbers that may travel: the epoch, and how many checks were made. None counts records.

    Examples
    --------
    >>> record = {"name": "train", "index": {"sealscrub.epoch": "3"}, "checks": {"rowScan": "pass", "nullity": "pass"}}
    >>> run_metrics(record)
    {'sealscrub.epoch': 3.0, 'sealscrub.train.checks_passed': 2.0, 'sealscrub.train.checks_not_made': 0.0}
    """
    results, of = list(record["checks"].values()), f"sealscrub.{record['name']}"
    return {
        "sealscrub.epoch": float(record["index"]["sealscrub.epoch"]),
        f"{of}.checks_passed": float(results.count("pass")),
        f"{of}.checks_not_made": float(results.count("notChecked")),
    }


def describe_run(client: Any, run_id: str) -> None:
    """Write the run's description: which data was checked against which index, and the pages among its artifacts.

    What anyone else wrote there stays.
    """
    tags = client.get_run(run_id).data.tags
    record = RunRecord.of(tags)
    if record is None:
        return
    pages = [each.path for each in client.list_artifacts(run_id, "sealscrub") if each.path.endswith(".html")]
    before, _, rest = tags.get(NOTE, "").partition(_TITLE)
    after = rest.partition(_CLOSING)[2]
    own = f"{_TITLE}\n\n{_described(record, tags, sorted(pages))}\n\n{_CLOSING}"
    client.set_tag(run_id, NOTE, f"{before.rstrip()}\n\n{own}{after}".lstrip())


def _described(record: RunRecord, tags: Mapping[str, str], pages: Iterable[str]) -> str:
    lines = [
        f"Checked against index `{record.index}`: epoch {record.epoch}, as of {record.as_of.isoformat()}, "
        f"for {', '.join(record.uses)} by {record.audience}.",
        "",
        "| data | content digest | passed | not checked |",
        "|---|---|---|---|",
    ]
    for name in record.datasets:
        digest = tags[f"sealscrub.dataset.{name}"].rpartition(":")[2]
        cells = (_code(name), _code(digest), _checks(tags, name, "pass"), _checks(tags, name, "notChecked"))
        lines.append(f"| {' | '.join(cells)} |")
    listed = ", ".join(_code(PurePosixPath(page).name) for page in pages)
    return "\n".join([*lines, *(["", f"Pages among the artifacts, in `sealscrub`: {listed}."] if listed else [])])


def _checks(tags: Mapping[str, str], name: str, result: str) -> str:
    start = f"{_VERDICT}{name}."
    found = sorted(tag.removeprefix(start) for tag, said in tags.items() if tag.startswith(start) and said == result)
    return ", ".join(map(_code, found)) or "–"


def _code(name: str) -> str:
    return f"`{printable(name).replace('`', '').replace('|', '/')}`"
