"""What is next to a file and shows that it was checked: certificates, reports, entries of an audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sealscrub.certificates import content_digest, open_certificate, sha256_of
from sealscrub.errors import InvalidCertificate, SealscrubError, UnreadableInput
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.lake_folders import DELTA, lake_format
from sealscrub.transforms import Report
from sealscrub.transforms.scrub_report_values import Verdict

from .last_checks import Evidence, Proof

if TYPE_CHECKING:
    from sealscrub.certificates import Certificate
    from sealscrub.index import Index

__all__ = ["Beside", "LoggedScrub", "beside", "logged_files", "take_report"]

_SUFFIX = ".certificate.json"


class Beside:
    """What shows a check, gathered for one thing.

    Attributes
    ----------
    found : list of Evidence
    doubts : list of str
        What was there and does not hold.
    unread : list of str
        What could not be read.
    """

    def __init__(self) -> None:
        self.found: list[Evidence] = []
        self.doubts: list[str] = []
        self.unread: list[str] = []


def beside(
    path: Path,
    index: Index,
    *,
    certificate: Path | None = None,
    report: Path | None = None,
    public_keys: Sequence[Path] = (),
    logged: Mapping[str, Evidence | str] | None = None,
    of_data: bool = True,
    address: DeltaAddress | IcebergAddress | None = None,
) -> Beside:
    """Gather what there is of a file or a folder.

    Parameters
    ----------
    path : Path
    index : Index
        The newest.
    certificate, report : Path, optional
    public_keys : sequence of Path
        Of certifiers who are trusted.
    logged : mapping, optional
        By SHA-256 of a file, what an audit log says about it (:func:`logged_files`).
    of_data : bool
        Whether it is data; a model file is recognised by SHA-256 only.
    address : DeltaAddress or IcebergAddress, optional
        If it is the folder of such a table.

    Returns
    -------
    next to
    """
    gathered = Beside()
    if not path.exists():
        gathered.unread.append("it does not exist")
        return gathered
    named = [certificate] if certificate is not None else _certificates(path)
    for each in named:
        try:
            _take_certificate(gathered, each, path, public_keys, of_data, address)
        except InvalidCertificate as error:
            gathered.doubts.append(f"{each.name}: {error.message}")
        except SealscrubError as error:
            gathered.unread.append(f"{each.name}: {error.message}")
    if report is not None:
        take_report(gathered, report, [path], index)
    said = logged.get(sha256_of(path)) if logged and path.is_file() else None
    if isinstance(said, Evidence):
        gathered.found.append(said)
    elif said is not None:
        gathered.doubts.append(said)
    return gathered


def take_report(gathered: Beside, report: Path, written: Iterable[Path], index: Index) -> None:
    """Take an operator's report for what it says, if the data was not changed since it was written.

    It names its index and no registry: of another index, whose registry that is of is not known.
    """
    try:
        said = Report.from_json(report.read_text("utf-8"))
        at = report.stat().st_mtime
        changed = max((file.stat().st_mtime for path in written for file in _files(path)), default=0.0)
    except (OSError, UnicodeDecodeError):
        gathered.unread.append(f"{report.name}: cannot be read")
        return
    except UnreadableInput as error:
        gathered.unread.append(f"{report.name}: {error.message}")
        return
    if said.verdict not in (Verdict.SCRUBBED, Verdict.CLEAN):
        gathered.doubts.append(f"{report.name}: the run ended as {said.verdict.value}")
    elif changed > at:
        gathered.doubts.append(f"{report.name}: the data was changed after it was written")
    else:
        gathered.found.append(
            Evidence(
                proof=Proof.REPORT,
                source=report.name,
                made=dt.datetime.fromtimestamp(at, dt.UTC).date(),
                epoch=said.epoch,
                as_of=said.as_of,
                not_after=said.not_after,
                registry=index.header.facts.registry if said.index_id == index.id else None,
                audience=said.audience,
                uses=(said.use,),
            )
        )


@dataclass(frozen=True, kw_only=True)
class LoggedScrub:
    """A scrub that was done, as an audit log has it.

    Attributes
    ----------
    written : str
        SHA-256 of the file that it wrote.
    on : datetime.date
    epoch : int
        Of the index that it was done with.
    index, registry : str or None
        Ids of that index and of its registry.
    log : str
        Name of the log's file.
    entry : int
        Number of the entry in it.
    """

    written: str
    on: dt.date
    epoch: int
    index: str | None = None
    registry: str | None = None
    log: str
    entry: int


def logged_files(scrubs: Iterable[LoggedScrub], index: Index) -> dict[str, Evidence | str]:
    """Say which files an audit log knows as scrubbed, by their SHA-256.

    Parameters
    ----------
    scrubs : iterable of LoggedScrub
        In the log's order: of a file that was written twice, the last counts.
    index : Index
        The newest.

    Returns
    -------
    dict of str to Evidence or str
        A doubt in words if the log does not say what the index was for.
    """
    facts = index.header.facts
    found: dict[str, Evidence | str] = {}
    for each in scrubs:
        is_newest = each.index == index.id
        if not is_newest and each.epoch >= facts.epoch:
            found[each.written] = f"{each.log}: scrubbed with an index of this epoch, of another day or use"
            continue
        found[each.written] = Evidence(
            proof=Proof.LOG,
            source=f"{each.log}, entry {each.entry}",
            made=each.on,
            epoch=each.epoch,
            as_of=facts.as_of if is_newest else each.on,
            not_after=facts.not_after if is_newest else None,
            registry=facts.registry if is_newest else each.registry,
            audience=facts.audience,
            uses=facts.uses,
        )
    return found


def _certificates(path: Path) -> list[Path]:
    names = dict.fromkeys((path.name + _SUFFIX, path.stem + _SUFFIX))
    return [place for name in names if (place := path.with_name(name)).is_file()]


def _take_certificate(
    gathered: Beside,
    place: Path,
    path: Path,
    keys: Sequence[Path],
    of_data: bool,
    address: DeltaAddress | IcebergAddress | None,
) -> None:
    opened = _open_signed(place, keys)
    said = opened.statement.predicate
    if not _is_about(opened, path, of_data, address):
        gathered.doubts.append(f"{place.name}: it is about other contents")
        return
    gathered.found.append(
        Evidence(
            proof=Proof.CERTIFICATE,
            source=place.name,
            made=opened.statement.issued().date(),
            epoch=said.index.epoch,
            as_of=dt.date.fromisoformat(said.index.as_of),
            not_after=dt.date.fromisoformat(said.not_after),
            registry=said.index.registry,
            audience=said.index.audience,
            uses=tuple(said.index.uses),
        )
    )


def _open_signed(place: Path, keys: Sequence[Path]) -> Certificate:
    """Open a certificate that one of the keys signed."""
    for key in keys:
        try:
            return open_certificate(place, key)
        except InvalidCertificate:
            continue
    raise InvalidCertificate("none of the given keys signed it" if keys else "no key is given that may have signed it")


def _is_about(opened: Certificate, path: Path, of_data: bool, address: DeltaAddress | IcebergAddress | None) -> bool:
    """Whether a certificate is about what is there now."""
    if path.is_file() and sha256_of(path) in opened.statement.files().values():
        return True
    certified, lake = opened.statement.content(), lake_format(path)
    if address is None and lake == DELTA:
        address = DeltaAddress(path)
    if not of_data or certified is None or (address is None and lake is not None):
        return False  # a digest of rows is of no table that is not read
    return certified == content_digest(path if address is None else str(address)).value


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
