"""Logging the data of a model in MLflow: what it is, and what it was checked against."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sealscrub import __version__
from sealscrub.certificates import ContentDigest, content_digest, sha256_of
from sealscrub.certificates.content import batches
from sealscrub.certificates.table_version import table_version
from sealscrub.errors import ConfigError, UncheckedKeys, UnreadableInput
from sealscrub.index import Index
from sealscrub.matching import Policy, parse_on
from sealscrub.matching.hidden_names import refuse_ids
from sealscrub.matching.key_columns import On
from sealscrub.tables.single_readings import hold_rows
from sealscrub.transforms import scan
from sealscrub.transforms.next_steps import scrub_first
from sealscrub.validators.certification.certificate_issue import StillSealed
from sealscrub.validators.nullity import NullityReport, NullityVerdict

from .members import add_members
from .membership import Membership, ids_of, roaring, seal_membership
from .mlflow_dataset import mlflow_dataset, source_address, version_tags
from .run_record import (
    accepted_tag,
    artifact_path,
    checked_name,
    dataset_tags,
    index_tags,
    logged_record,
    mlflow_module,
    tracked,
)
from .run_summary import describe_run, run_metrics, run_params

if TYPE_CHECKING:
    from sealscrub.validators.great_expectations import SuiteOutcome

__all__ = ["NOT_LOGGED", "log_dataset"]

NOT_LOGGED = (
    "a name that would be logged",
    "choose another: name=, source=, run_name=, experiment=, or in code=, seeds=, verdicts=.",
)
"""What is said about names that the tracking store, which is shared, would keep."""
_COMMIT = "mlflow.source.git.commit"


def log_dataset(
    data: Any,
    index: Index,
    on: On,
    *,
    name: str = "train",
    members: str | Path | None = None,
    annex_key: bytes | None = None,
    use: str = "training",
    policy: Policy | None = None,
    source: str | None = None,
    plan: str | Path | None = None,
    code: Mapping[str, str] | None = None,
    lock: str | Path | None = None,
    seeds: Mapping[str, int] | None = None,
    nullity: NullityReport | None = None,
    expectations: Sequence[SuiteOutcome] = (),
    verdicts: Mapping[str, str] | None = None,
    schema: Mapping[str, pl.DataType] | None = None,
    sweep: bool = True,
    leave: Mapping[str, str] | None = None,
) -> ContentDigest:
    """Log the clean data of a model in the active MLflow run.

    Models that are logged in the run belong to it, and :func:`sealscrub.lineage.taint` finds them by it. What is
    logged (a dataset input, tags, parameters, metrics, a description and artifacts) would be the same, but for the
    membership's encryption, had the sealed records never been in the raw data: it holds no digest of that data, and no
    counts.

    Parameters
    ----------
    data : frame, str or Path
        The clean data: a frame, a Parquet file or a folder of them, a text file under a `schema`, a table of a
        database by its address, or a Delta or Iceberg table by its address or as its library has opened it. Of the
        latter, table id and version are logged.
    index : Index
        Against which it is checked once more. All the data of a run is checked against one index.
    on : mapping, or iterable of str
        Its key columns.
    name : str
        What the dataset is called: letters, digits, ``-`` and ``_``. Each dataset of a run has a name of its own; the
        same data may be logged again under theirs.
    members : str or Path, optional
        The custodian's file of record numbers, created if it does not exist. With it, the run gets a membership: which
        records the data holds, encrypted to the annex key. Without, ``taint`` can only say "possible".
    annex_key : bytes, optional
        The custodian's annex public key, 32 bytes; by default the one that the index's key names.
    use : str
        The use that the index must be for.
    policy : Policy, optional
        Keys that are near or do not parse must be accepted, and the run says so: ``taint`` then says "possible", as
        the records of such rows are not known.
    source : str, optional
        Where the data came from, as an address; by default the path or the address, or the code that logs a frame.
        A password in the address of a database is left out.
    plan : str or Path, optional
        The plan's file by which it was scrubbed: its digest is logged.
    code : mapping, optional
        ``{"gitCommit": …, "lockDigest": …}``; the commit is otherwise MLflow's own tag of the run, if there is one.
    lock : str or Path, optional
        The lock file of the environment: its digest is logged.
    seeds : mapping of str to int, optional
        By what they are for.
    nullity : NullityReport, optional
        A passed nullity test with planted records; one over real records is refused, as certificates refuse it.
    expectations : sequence of SuiteOutcome
        What :func:`sealscrub.gx.run_suite` gave: suites that hold, checked against this index.
    verdicts : mapping of str to str, optional
        Of other checks: ``pass`` or ``notChecked``. What failed is not evidence, and may reveal sealed records.
    schema : mapping of str to polars.DataType, optional
        The types in which a text file is read.
    sweep : bool
        Whether everything that is not a key column is compared with the index as well; the record says so.
    leave : mapping of str to str, optional
        Columns that cannot hold ids of records, and why: they are left out, and the record says so.

    Returns
    -------
    ContentDigest
        Of the data; MLflow's own digest reads the first 10,000 rows.

    Raises
    ------
    StillSealed
        When the data hold sealed or withheld records; exit code 1, and nothing is logged.
    IncompleteError
        When something could not be checked, or the tracking store refuses.
    UnreadableInput
        When the data cannot be read, or another version was committed meanwhile.
    ConfigError
        When no run is active, the run was logged with another index or has other data of this name, a name is the id
        of a sealed record, or an argument makes no sense.
    MissingExtra
        When mlflow or pyroaring is not installed.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index, on = example_index(["K14612345"]), {"arrest_number": "no"}
    >>> clean = pl.DataFrame({"no": ["M14000017"], "age": [30]})
    >>> log_dataset(clean, index, on, members="seals.members", seeds={"numpy": 0})
    Traceback (most recent call last):
    ...
    sealscrub.errors.ConfigError: no MLflow run is active
    ...
    """
    mlflow = mlflow_module()
    run = mlflow.active_run()
    if run is None:
        raise ConfigError("no MLflow run is active", hint="with mlflow.start_run(): …")
    policy, run_id, client = policy or Policy(), run.info.run_id, mlflow.MlflowClient()
    if members is not None:
        roaring()
    checks = _checks(nullity, verdicts, expectations, index)
    with tracked("give the run"):
        logged = client.get_run(run_id).data.tags
    if logged.get("sealscrub.index", index.id) != index.id:
        raise ConfigError("the run's data was checked against another index", hint="scrub all of it with one index.")
    data = hold_rows(data)
    version = table_version(data)
    _check_clean(data, index, on, use, policy, checked_name(name), sweep, leave)
    digest, first = content_digest(data, schema=schema), next(iter(batches(data, schema)))
    record = {
        "sealscrub": "dataset",
        "version": 1,
        "tool": __version__,
        "name": name,
        "digest": str(digest),
        "index": index_tags(index),
        "keys": [{"scheme": key.scheme, "columns": key.columns} for key in parse_on(on)],
        "accepted": sorted({*policy.accept, *policy.allow}),
        "swept": sweep,
        "left": dict(sorted((leave or {}).items())),
        "checks": checks,
        "code": _code(code, lock, logged.get(_COMMIT)),
        "seeds": {what: int(seed) for what, seed in sorted((seeds or {}).items())},
        "plan": None if plan is None else f"sha256:{sha256_of(plan)}",
        "nullity": None if nullity is None else {"function": nullity.function, "verdict": str(nullity.verdict)},
        "expectations": [json.loads(suite.to_json()) for suite in expectations],
    }
    address = source_address(data, source)
    refuse_ids(index, policy, *NOT_LOGGED, record, address or "")
    record["table"] = None if version is None else version.model_dump()
    if dataset_tags(name, "", membership=False).keys() & logged.keys():
        _refuse_other(record, logged_record(client, run_id, name))
    with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder:
        place = Path(folder)
        (place / f"{name}.json").write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        if members is not None:
            sealed = _membership(data, index, on, schema, members, annex_key, run_id, name, policy)
            (place / f"{name}.members").write_bytes(sealed)
        if table_version(data) != version:
            raise UnreadableInput("the table changed while it was logged", where=name, hint="run it again.")
        with tracked("take the dataset"):
            client.log_artifacts(run_id, str(place), Path(artifact_path(name, "json")).parent.as_posix())
            made = mlflow_dataset(name, digest, first, address, version, logged)
            mlflow.log_input(made, context=name, tags=version_tags(version))
            _log_summary(client, run_id, record, _tags(record, membership=members is not None) | index_tags(index))
    return digest


def _check_clean(
    data: Any, index: Index, on: On, use: str, policy: Policy, name: str, sweep: bool, leave: Mapping[str, str] | None
) -> None:
    if policy.quarantine:
        raise ConfigError(
            "rows cannot be quarantined here", hint="scrub the data with quarantine=, and log what is left."
        )
    report = scan(data, index, on, use=use, policy=policy, name=name, sweep=sweep, leave=leave)
    if report.found:
        raise StillSealed(
            "cannot log: sealed or withheld records found",
            where=name,
            hint=scrub_first(report),
        )
    if not report.complete:
        raise UncheckedKeys(
            "cannot log: not everything in the data could be checked",
            where=name,
            hint="scan them to see what; scrub with quarantine, or accept it in the policy.",
        )


def _refuse_other(record: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Refuse to write over what a run says about other data, whose records would be forgotten."""
    now = json.loads(json.dumps(record))
    seeds = before.get("seeds", {})
    if any(now[part] != before.get(part) for part in ("digest", "keys", "accepted")) or any(
        seeds.get(what, seed) != seed for what, seed in now["seeds"].items()
    ):
        raise ConfigError(
            "the run already has other data of this name, or the same data with other keys, seeds or another policy",
            where=record["name"],
            hint="give each dataset of a run its own name, such as name='test'.",
        )


def _membership(
    data: Any,
    index: Index,
    on: On,
    schema: Mapping[str, pl.DataType] | None,
    members: str | Path,
    annex_key: bytes | None,
    run_id: str,
    name: str,
    policy: Policy,
) -> bytes:
    ids, unread = ids_of(batches(data, schema), parse_on(on), index)
    numbers, stamp = add_members(members, ids)
    facts = Membership(
        run=run_id,
        name=name,
        index=index.id,
        spaces=tuple(ids),
        stamp=stamp,
        allowed=tuple(sorted(policy.allow)),
        unread=unread,
    )
    return seal_membership(facts, numbers, annex_key if annex_key is not None else index.annex_public_key)


def _checks(
    nullity: NullityReport | None,
    verdicts: Mapping[str, str] | None,
    suites: Sequence[SuiteOutcome],
    index: Index,
) -> dict[str, str]:
    """Say what was checked and passed; a failure is never logged, since a sealed record may be its cause."""
    for suite in suites:
        if not suite.success:
            raise ConfigError(
                f"the suite {suite.suite!r} ended with {suite.verdict.value}", hint="data that failed it is not logged."
            )
        if suite.index and suite.index.get("index") != index.id:
            raise ConfigError(f"the suite {suite.suite!r} was run against another index", hint="run it with this one.")
    own = {"rowScan": "pass", "nullity": "notChecked", "expectations": "pass" if suites else "notChecked"}
    checks = own | dict(verdicts or {})
    if any(verdict not in ("pass", "notChecked") for verdict in checks.values()):
        raise ConfigError("a verdict must be pass or notChecked", hint="data that failed a check is not logged.")
    if (verdicts or {}).keys() & {"rowScan", "nullity", *(["expectations"] if suites else [])}:
        raise ConfigError("rowScan and nullity cannot be given as verdicts", hint="give the report: nullity=…")
    if nullity is None:
        return checks
    if not nullity.planted:
        raise ConfigError(
            "the nullity test ran over real records: its verdict would reveal whether there were any",
            hint="run it with plant=True.",
        )
    if nullity.verdict is not NullityVerdict.PASS:
        raise ConfigError(f"the nullity test ended with {nullity.verdict}", hint="only a PASS is logged.")
    return checks | {"nullity": "pass"}


def _code(code: Mapping[str, str] | None, lock: str | Path | None, commit: str | None) -> dict[str, str]:
    found = {"gitCommit": commit} if commit else {}
    if lock is not None:
        found["lockDigest"] = f"sha256:{sha256_of(lock)}"
    return found | dict(code or {})


def _tags(record: Mapping[str, Any], *, membership: bool) -> dict[str, str]:
    """Give the tags by which runs are found; the artifact has them all in one place."""
    name = record["name"]
    tags = dataset_tags(name, record["digest"], membership=membership)
    tags |= {f"sealscrub.verdict.{name}.{check}": result for check, result in record["checks"].items()}
    tags |= {f"sealscrub.code.{part}": value for part, value in record["code"].items()}
    tags |= {f"sealscrub.seed.{what}": str(seed) for what, seed in record["seeds"].items()}
    if record["plan"]:
        tags[f"sealscrub.plan.{name}"] = record["plan"]
    if record["accepted"]:
        tags |= accepted_tag(name, record["accepted"])
    return tags


def _log_summary(client: Any, run_id: str, record: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    """Log tags, parameters and metrics at once, then what they say in words."""
    from mlflow.entities import Metric, Param, RunTag

    client.log_batch(
        run_id,
        metrics=[Metric(key, value, int(time.time() * 1000), 0) for key, value in run_metrics(record).items()],
        params=[Param(key, value) for key, value in run_params(record).items()],
        tags=[RunTag(key, value) for key, value in sorted(tags.items())],
    )
    describe_run(client, run_id)
