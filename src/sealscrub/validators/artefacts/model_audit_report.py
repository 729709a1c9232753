"""What an audit of a model file has found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sealscrub.boundary import bound
from sealscrub.reports import Document

from .audit_values import AuditValues
from .model_document import model_brief, model_document

__all__ = ["ModelAudit"]


@bound
@dataclass(frozen=True, kw_only=True)
class ModelAudit(AuditValues):
    """What model files still hold, as far as they could be read. It holds no identifier and no value of a row.

    Attributes
    ----------
    target : str
        What was audited, as it was named.
    files : int
        How many files were read.
    findings, notes, not_checked : tuple
    schemes : tuple of str
        What identifiers were looked up under.
    coverage : float
        Share of the seals that keys of these schemes are known to recognise.
    min_coverage : float
    recall : str
        Of schemes that stand for links: the least share of the seals that the links find, or that it is not known;
        empty if none does.
    too_few : str
        Why too few of the seals would have been recognised; empty if that is not so.
    rows : int or None
        How many sealed feature rows were looked for; None if none were given.
    weakenings : tuple of str
        What the sandbox of the reading process leaves open.
    epoch, as_of, not_after, index_id
        Of the index.

    Examples
    --------
    >>> import pathlib, pickle, tempfile
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.validators.artefacts import audit_model
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "model.pkl"
    >>> _ = file.write_bytes(pickle.dumps({"classes": ["theft", "fraud"]}))
    >>> audit = audit_model(file, example_index(["K14612345"]))
    >>> audit.exit_code, audit.files, audit.findings
    (0, 1, ())
    """

    def _document(self) -> Document:
        return model_document(self)

    def _brief(self) -> Document:
        return model_brief(self)

    def _facts(self) -> Mapping[str, Any]:
        return asdict(self) | {
            "as_of": self.as_of.isoformat(),
            "not_after": self.not_after.isoformat(),
            "verdict": self.verdict,
            "complete": self.complete,
            "exit_code": self.exit_code,
        }
