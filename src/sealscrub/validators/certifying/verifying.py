"""Verify a certificate: as far as what is at hand allows, level by level, and say which were reached."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.certificates import Certificate, Level, Receipts, Role, State
from sealscrub.certificates.envelope import key_id_of
from sealscrub.errors import SealscrubError
from sealscrub.index import Index
from sealscrub.transforms import scan
from sealscrub.transforms.formats.names import printable

from .building_again import built_again, keys_of, policy_of, tested_again
from .telling import columns_of, facts_of, unchecked

__all__ = ["Verification", "verify"]


@dataclass(frozen=True, slots=True)
class Verification:
    """How far a certificate was verified.

    Attributes
    ----------
    certificate : Certificate
    levels : tuple of Level
        0 signature · 1 digests · 2 rows against the index · 3 nullity run again · 4 data and models built again.
    stale : bool
        The index given is of a later state than the one certified: the certificate says nothing about what was
        sealed since.
    """

    certificate: Certificate
    levels: tuple[Level, ...]
    stale: bool = False

    @property
    def failed(self) -> bool:
        """Whether a level failed."""
        return any(level.state is State.FAILED for level in self.levels)

    @property
    def exit_code(self) -> int:
        """0 all that was asked for was reached · 1 something does not verify."""
        return 1 if self.failed else 0

    def to_text(self) -> str:
        """Render for the terminal."""
        statement = self.certificate.statement
        lines = [
            "certificate does not verify" if self.failed else "certificate verifies",
            "",
            *facts_of(statement, self.certificate.key_id),
            "",
            *(_line(level) for level in self.levels),
        ]
        if self.stale:
            epoch = statement.predicate.index.epoch
            lines += ["", f"stale: seals newer than epoch {epoch} are known; ask for a new certificate."]
        left_out = unchecked(statement)
        if left_out:
            lines += ["", "not checked when it was issued:", *(f"  {each}" for each in left_out)]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """Render as JSON."""
        return (
            json.dumps(
                {
                    "verified": not self.failed,
                    "stale": self.stale,
                    "key_id": self.certificate.key_id,
                    "levels": [
                        {"level": each.number, "title": each.title, "state": each.state.value, "why": each.why}
                        for each in self.levels
                    ],
                    "statement": self.certificate.statement.document(),
                },
                indent=1,
                ensure_ascii=False,
            )
            + "\n"
        )


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
        The dataset that it is about.
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
    """
    levels = [_signed(certificate, index, today), certificate.matches(data, tuple(map(Path, models)), schema)]
    levels.append(_rows(certificate, data, index, read_as))
    levels.append(tested_again(certificate.statement, rerun, raw, index))
    levels.append(built_again(certificate.statement, rerun, raw, retrain, data, receipts, schema))
    stale = index is not None and certificate.statement.predicate.index.before(index)
    return Verification(certificate, tuple(levels), stale)


def _signed(certificate: Certificate, index: Index | None, today: date | None) -> Level:
    """Level 0; whether a publisher signed is known where an index of theirs is at hand."""
    level = certificate.signature(today)
    if index is None or certificate.statement.predicate.signer is not Role.PUBLISHER or level.state is State.FAILED:
        return level
    if certificate.key_id != key_id_of(index.publisher_public_key):
        return replace(
            level, state=State.FAILED, why="signed as publisher, by a key that is not the index's publisher's"
        )
    return replace(level, why=f"{level.why}, the index's")


def _line(level: Level) -> str:
    why = f" ({level.why})" if level.why else ""
    return printable(f"L{level.number}  {level.state.value:<10}{level.title}{why}")


def _rows(certificate: Certificate, data: Any, index: Index | None, read_as: Any) -> Level:
    predicate = certificate.statement.predicate
    columns = columns_of(certificate.statement)
    title = "no row has a key that the index holds" + (f", in the columns {columns}" if columns else "")
    state = predicate.index
    if index is not None and state.follows(index) is False:
        return Level(2, title, State.FAILED, "the index is of another registry, or under another key")
    if data is None or index is None:
        return Level(2, title, State.NOT_ASKED, "give data, --index and --key-file")
    if state.after(index):
        return Level(2, title, State.FAILED, f"the index is older than the certified one, of epoch {state.epoch}")
    if index.audience != state.audience or not set(state.uses) & set(index.uses):
        return Level(2, title, State.FAILED, "the index is for another audience or use than the certified one")
    use = next(use for use in state.uses if use in index.uses)
    policy = policy_of(certificate.statement)
    try:
        report = scan(data, index, keys_of(certificate.statement), use=use, policy=policy, read_as=read_as)
    except SealscrubError as error:
        return Level(2, title, State.FAILED, error.message)
    if report.found:
        return Level(2, title, State.FAILED, "sealed or withheld records are in the data")
    if not report.complete:
        return Level(2, title, State.FAILED, "not everything could be checked")
    let_by = f", {', '.join(predicate.accepted)} accepted" if predicate.accepted else ""
    seen = f"epoch {index.epoch} as of {index.as_of}{let_by}"
    if state.follows(index) is None:
        return Level(2, title, State.PARTLY, f"{seen}; the certificate does not name the registry of its index")
    return Level(2, title, State.REACHED, seen)
