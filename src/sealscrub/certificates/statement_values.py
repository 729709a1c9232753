"""What a statement holds: what is certified, by what, and on what grounds."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from .content import ALGORITHM
from .envelope import Role
from .structure import STRUCTURE

if TYPE_CHECKING:
    from sealscrub.index import Index

__all__ = [
    "PREDICATE_TYPE",
    "STATEMENT_TYPE",
    "Annex",
    "Check",
    "IndexState",
    "KeyOfTable",
    "Predicate",
    "ReceiptTree",
    "StatementValues",
    "Subject",
    "TableVersion",
]

PREDICATE_TYPE = "https://github.com/sealscrub/sealscrub/exclusion/v1"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"

Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )


class TableVersion(_Frozen):
    """Which version of which table of a lake was read; a version of Iceberg is the id of a snapshot."""

    format: Literal["delta", "iceberg"]
    table: Annotated[str, StringConstraints(pattern=r"^([0-9a-f-]{36})?$")]
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,20}$")]

    def __str__(self) -> str:
        return f"{self.version or 'none'} of the {self.format} table {self.table}".rstrip()


class Subject(_Frozen):
    """What is certified: a name, and digests by algorithm; of a table of a lake, which version it was."""

    name: str
    digest: dict[str, Hex64]
    annotations: TableVersion | None = None

    def tells_structure(self) -> bool:
        """Whether it has a digest of names, types, levels and metadata."""
        return any(name.startswith(f"{STRUCTURE}/") for name in self.digest)


class IndexState(_Frozen):
    """The index against which it was checked.

    The registry's name and the key's id distinguish two registries' epochs. Certificates issued before they were
    recorded have neither.
    """

    id: str
    epoch: int
    as_of: str
    not_after: str
    uses: tuple[str, ...]
    audience: str
    registry: str | None = None
    key_id: str | None = None

    @classmethod
    def of(cls, index: Index) -> IndexState:
        """Return the state of an index."""
        return cls(
            id=index.id,
            epoch=index.epoch,
            as_of=index.as_of.isoformat(),
            not_after=index.not_after.isoformat(),
            uses=index.uses,
            audience=index.audience,
            registry=index.header.facts.registry,
            key_id=index.key_id,
        )

    def follows(self, index: Index) -> bool | None:
        """Whether an index is of the same registry, under the same key; None if the certificate does not say."""
        if self.id == index.id:
            return True
        if self.registry is None or self.key_id is None:
            return None
        return (self.registry, self.key_id) == (index.header.facts.registry, index.key_id)

    def before(self, index: Index) -> bool:
        """Whether an index is of a later state of the same registry."""
        return self.follows(index) is not False and self._state() < (index.epoch, index.as_of.isoformat())

    def after(self, index: Index) -> bool:
        """Whether an index is of an earlier state of the same registry."""
        return self.follows(index) is not False and self._state() > (index.epoch, index.as_of.isoformat())

    def _state(self) -> tuple[int, str]:
        return self.epoch, self.as_of


class KeyOfTable(_Frozen):
    """A key column, by scheme."""

    scheme: str
    columns: tuple[str, ...]


class Check(_Frozen):
    """A check that was made, and how it ended. What was not checked is said, and is not a pass."""

    id: str
    result: Literal["pass", "notChecked"]
    detail: str = ""


class Annex(_Frozen):
    """The salted digest to which the annex is bound."""

    commitment: Hex64


class ReceiptTree(_Frozen):
    """The tree from which personal exclusion receipts are made, by scheme.

    In verifiable mode it names the key under which a receipt's value is proved (RFC 9497).
    """

    scheme: str
    root: Hex64
    size: int
    public_key: Hex64 | None = None


class Predicate(_Frozen):
    """What is said about the subjects."""

    tool: dict[str, str]
    jurisdictions: dict[str, str]
    index: IndexState
    keys: tuple[KeyOfTable, ...]
    accepted: tuple[str, ...]
    min_coverage: Annotated[str, StringConstraints(pattern=r"^(0|1|0\.[0-9]{1,17})$")] | None = None
    recall: dict[str, str] | None = None
    reviewed: dict[str, str] | None = None
    left: dict[str, str] | None = None
    checks: tuple[Check, ...]
    code: dict[str, str]
    signer: Role = Field(strict=False)
    issued_at: str
    nonce: str
    not_after: str
    annex: Annex | None
    receipts: tuple[ReceiptTree, ...]


class StatementValues(_Frozen):
    """What :class:`.statement.Statement` holds."""

    type: str = Field(alias="_type", default=STATEMENT_TYPE)
    subject: tuple[Subject, ...]
    predicate_type: str = PREDICATE_TYPE
    predicate: Predicate

    def document(self) -> dict[str, Any]:
        """The statement as JSON values."""
        document = self.model_dump(mode="json", by_alias=True)
        index = document["predicate"]["index"]
        predicate = document["predicate"]
        optional = [(index, name) for name in ("registry", "keyId")]
        optional += [(predicate, name) for name in ("minCoverage", "recall", "reviewed", "left")]
        optional += [(tree, "publicKey") for tree in document["predicate"]["receipts"]]
        optional += [(subject, "annotations") for subject in document["subject"]]
        for part, name in optional:
            if part[name] is None:  # what is absent is spelled as it was before it could be present
                del part[name]
        return document

    def content(self) -> str | None:
        """Content digest of the dataset, if it is about one."""
        return next(iter(self.contents()), None)

    def contents(self) -> tuple[str, ...]:
        """Content digests in it; a statement that was read has one at most."""
        return tuple(each.digest[ALGORITHM] for each in self.subject if ALGORITHM in each.digest)

    def unknown(self) -> tuple[str, ...]:
        """Subjects that have a digest by an algorithm which this release does not compute, by name."""
        known = {ALGORITHM, "sha256"}
        return tuple(
            each.name
            for each in self.subject
            if any(name not in known and not name.startswith(f"{STRUCTURE}/") for name in each.digest)
        )

    def structures(self) -> dict[str, str]:
        """Structure digests of the dataset, by form.

        Earlier certificates have none, and a statement that was read has one at most.
        """
        return {
            name.partition("/")[2]: value
            for each in self.subject
            for name, value in each.digest.items()
            if name.startswith(f"{STRUCTURE}/")
        }

    def files(self) -> dict[str, str]:
        """SHA-256 of each certified file, by name."""
        return {each.name: each.digest["sha256"] for each in self.subject if "sha256" in each.digest}

    def versions(self) -> tuple[TableVersion, ...]:
        """Which versions of which tables of a lake were read."""
        return tuple(each.annotations for each in self.subject if each.annotations is not None)

    def expired(self, today: date) -> bool:
        """Whether its last day is past."""
        return date.fromisoformat(self.predicate.not_after) < today

    def issued(self) -> datetime:
        """When it was issued, UTC."""
        return datetime.fromisoformat(self.predicate.issued_at)
