"""Verify a certificate: as far as what is at hand allows, level by level, and say which were reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.certificates import Certificate, Level, Receipts, Role, State
from sealscrub.certificates.envelope import key_id_of
from sealscrub.errors import SealscrubError
from sealscrub.index import Index
from sealscrub.matching.hidden_names import hide_names
from sealscrub.reports import Cell, Column, Document, Kind, Name, Reported, Table, printable
from sealscrub.reports import State as Stands
from sealscrub.transforms import scan

from .certificate_text import columns_of, facts_of, unchecked
from .reproduction import built_again, keys_of, not_given, policy_of, tested_again

__all__ = ["Verification", "verify"]


@dataclass(frozen=True, slots=True)
class Verification(Reported):
    """How far a certificate was verified.

    Attributes
    ----------
    certificate : Certificate
    levels : tuple of Level
        0 signature · 1 digests · 2 rows against the index · 3 nullity run again · 4 data and models built again.
    stale : bool
        The index given is of a later state than the one certified: the certificate says nothing about what was
        sealed since.
    annex : mapping, optional
        What the certificate's annex holds, if the custodian opened it. It counts records: ``print`` and notebooks
        do not show it.

    Examples
    --------
    A certificate that is checked against other data does not verify:

    >>> from sealscrub.certificates import load_signer, open_certificate
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.identifiers import generate_certifier
    >>> from sealscrub.validators.certification import certify
    >>> private, public = generate_certifier("team.key")
    >>> data, index = pl.DataFrame({"arrest_no": ["M14000017"]}), example_index(["K14612345"])
    >>> issued = certify(data, index, {"arrest_number": "arrest_no"}, signer=load_signer(private))
    >>> _ = Path("data.cert").write_bytes(issued.certificate)
    >>> verified = verify(open_certificate("data.cert", public), data=data.clear())
    >>> verified.failed, verified.exit_code
    (True, 1)
    """

    certificate: Certificate
    levels: tuple[Level, ...]
    stale: bool = False
    annex: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def failed(self) -> bool:
        """Whether a level failed."""
        return any(level.state is State.FAILED for level in self.levels)

    @property
    def exit_code(self) -> int:
        """0 all that was asked for was reached · 1 something does not verify."""
        return 1 if self.failed else 0

    def _facts(self) -> Mapping[str, Any]:
        return {
            "verified": not self.failed,
            "stale": self.stale,
            "key_id": self.certificate.key_id,
            "levels": [
                {"level": each.number, "title": each.title, "state": each.state.value, "why": each.why}
                for each in self.levels
            ],
            "statement": self.certificate.statement.document(),
            **({} if self.annex is None else {"annex": self.annex}),
        }

    def _document(self) -> Document:
        if self.annex is None:
            return self._brief()
        columns = (Column("of"), Column("said"))
        annex = Table(title="What its annex says", columns=columns, rows=tuple(_leaves(self.annex)))
        brief = self._brief()
        return replace(brief, parts=(*brief.parts, annex), operators_copy="The annex counts records.")

    def _brief(self) -> Document:
        statement = self.certificate.statement
        kinds: dict[State, Kind] = {State.FAILED: "bad", State.REACHED: "good"}
        rows = tuple(
            (
                f"L{each.number}",
                Stands(kinds.get(each.state, "warn"), each.state.value),
                each.title + (f" ({each.why})" if each.why else ""),
            )
            for each in self.levels
        )
        columns = (Column("level"), Column("state"), Column("what the level shows"))
        left_out = tuple((each,) for each in unchecked(statement))
        steps = ("Do not rely on it. Ask who signed it for the right file, data and key.",) if self.failed else ()
        stale = f"Ask for a new certificate: seals newer than epoch {statement.predicate.index.epoch} are known."
        return Document(
            tool="verify",
            kind="bad" if self.failed else "warn" if self.stale else "good",
            headline="certificate does not verify" if self.failed else "certificate verifies",
            facts={"Stale": "yes"} if self.stale else {},
            parts=(
                Table(title="Levels", columns=columns, rows=rows),
                Table(
                    title="What it says",
                    columns=(Column("of"), Column("said")),
                    rows=facts_of(statement, self.certificate.key_id),
                ),
                *(
                    [Table(title="Not checked when it was issued", columns=(Column("check"),), rows=left_out)]
                    if left_out
                    else []
                ),
            ),
            steps=(*steps, *([stale] if self.stale else [])),
        )


def _leaves(value: object, place: str = "") -> Iterator[tuple[Cell, Cell]]:
    """Give a row for each value of a JSON document that is there."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _leaves(each, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _leaves(each, f"{place}[{at}]")
    elif value is not None:
        yield Name(place), str(value)


def verify(
    certificate: Certificate,
    *,
    data: Any = None,
    models: Iterable[str | Path] = (),
    index: Index | None = None,
    rerun: Callable[..., Any] | None = None,
    raw: Any = None,
    retrain: Callable[..., Any] | None = None,
    receipts: Receipts | None = None,
    schema: Mapping[str, pl.DataType] | None = None,
    read_as: Any = None,
    today: date | None = None,
) -> Verification:
    """Verify a certificate as far as what is given allows.

    Parameters
    ----------
    certificate : Certificate
        From :func:`sealscrub.certificates.open_certificate`.
    data : frame, str or Path, optional
        The dataset that it is about; a Delta or Iceberg table may also be given as its library has opened it.
    models : iterable of path
        The model files that it is about.
    index : Index, optional
        The index, or a newer one: the rows are scanned against it.
    rerun : callable, optional
        The function that made the clean data from `raw`: it is tested for nullity with planted records, and its
        result is compared with the certified content. It is your own code, and is run as such.
    raw : frame, optional
        What it takes.
    retrain : callable, optional
        The function that trained the model from `data`: it returns the model (written as the suffix of the certified
        file says: ``.joblib``, ``.pkl``), its bytes, or the path of its file; several in a dict by the names in the
        certificate. The bytes must be the certified ones.
    receipts : Receipts, optional
        What the signer makes receipts from: with `data`, their trees are built again.
    schema, read_as
        How a text file is read.
    today : date, optional
        The day by which the certificate's last day is judged.

    Returns
    -------
    Verification

    Raises
    ------
    UnreadableInput
        When the data or a model file cannot be read.

    Examples
    --------
    >>> from sealscrub.certificates import load_signer, open_certificate
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.identifiers import generate_certifier
    >>> from sealscrub.validators.certification import certify
    >>> private, public = generate_certifier("team.key")
    >>> data, index = pl.DataFrame({"arrest_no": ["M14000017"]}), example_index(["K14612345"])
    >>> issued = certify(data, index, {"arrest_number": "arrest_no"}, signer=load_signer(private))
    >>> _ = Path("data.cert").write_bytes(issued.certificate)
    >>> verified = verify(open_certificate("data.cert", public), data=data, index=index)
    >>> [level.number for level in verified.levels if level.state == "reached"]
    [0, 1, 2]
    """
    levels = [_signed(certificate, index, today), certificate.matches(data, tuple(map(Path, models)), schema)]
    levels.append(_rows(certificate, data, index, read_as))
    levels.append(tested_again(certificate.statement, rerun, raw, index))
    levels.append(built_again(certificate.statement, rerun, raw, retrain, data, receipts, schema))
    stale = index is not None and certificate.statement.predicate.index.before(index)
    found = Verification(certificate, tuple(levels), stale)
    return found if index is None else hide_names(found, index, policy_of(certificate.statement))


def _signed(certificate: Certificate, index: Index | None, today: date | None) -> Level:
    """Level 0; whether a publisher signed is known if an index of theirs is at hand."""
    level = certificate.signature(today)
    if index is None or certificate.statement.predicate.signer is not Role.PUBLISHER or level.state is State.FAILED:
        return level
    if certificate.key_id != key_id_of(index.publisher_public_key):
        return replace(
            level, state=State.FAILED, why="signed as publisher, by a key that is not the index's publisher's"
        )
    return replace(level, why=f"{level.why}, the index's")


def _rows(certificate: Certificate, data: Any, index: Index | None, read_as: Any) -> Level:
    predicate = certificate.statement.predicate
    columns = columns_of(certificate.statement)
    title = "no row has a key that the index holds" + (f", in the columns {columns}" if columns else "")
    state = predicate.index
    if index is not None and state.follows(index) is False:
        return Level(2, title, State.FAILED, "the index is of another registry, or under another key")
    if data is None or index is None:
        return Level(2, title, State.NOT_ASKED, not_given({"data": data, "an index": index}))
    if state.after(index):
        return Level(2, title, State.FAILED, f"the index is older than the certified one, of epoch {state.epoch}")
    if index.audience != state.audience or not set(state.uses) & set(index.uses):
        return Level(2, title, State.FAILED, "the index is for another audience or use than the certified one")
    use = next(use for use in state.uses if use in index.uses)
    policy = policy_of(certificate.statement)
    try:
        keys = keys_of(certificate.statement)
        swept = any(check.id == "sweep" for check in predicate.checks)
        left = predicate.left or {}
        report = scan(data, index, keys, use=use, policy=policy, read_as=read_as, sweep=swept, leave=left)
    except SealscrubError as error:
        return Level(2, title, State.FAILED, error.message)
    if report.found:
        return Level(2, title, State.FAILED, "sealed or withheld records are in the data")
    if not report.complete:
        return Level(2, title, State.FAILED, "not everything could be checked")
    let_by = f", {', '.join(predicate.accepted)} accepted" if predicate.accepted else ""
    seen = f"epoch {index.epoch} as of {index.as_of}{let_by}"
    if predicate.left:
        return Level(2, title, State.PARTLY, f"{seen}; not compared: {', '.join(map(printable, predicate.left))}")
    if state.follows(index) is None:
        return Level(2, title, State.PARTLY, f"{seen}; the certificate does not name the registry of its index")
    return Level(2, title, State.REACHED, seen)
