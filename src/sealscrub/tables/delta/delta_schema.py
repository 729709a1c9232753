"""The schema and the properties of a Delta table: what is structure, what declares, and what is metadata."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from sealscrub.errors import UnreadableInput

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

__all__ = ["DeltaSchema", "as_declared", "new_metadata"]

_STRUCTURE = ("delta.", "parquet.field.", "__CHAR_VARCHAR_TYPE_STRING")
_PHYSICAL = "delta.columnMapping.physicalName"
_HISTORY = frozenset({"delta.inCommitTimestampEnablementVersion", "delta.inCommitTimestampEnablementTimestamp"})


@dataclass(slots=True)
class DeltaSchema:
    """The columns and properties that the metadata of a version name.

    Attributes
    ----------
    fields : list of dict
        The columns, as the log writes them.
    partitions : list of str
        Columns that are not in the files.
    configuration : dict
        The table's properties.
    texts : dict
        Entries of metadata that are not structure: what they say, by their names.
    """

    fields: list[dict[str, Any]]
    partitions: list[str]
    configuration: dict[str, str]
    texts: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, metadata: Mapping[str, Any], where: str) -> DeltaSchema:
        """Read the metadata of a version.

        Raises
        ------
        UnreadableInput
            When they name no columns.
        """
        try:
            fields = json.loads(metadata["schemaString"])["fields"]
            made = cls(fields, list(metadata.get("partitionColumns") or ()), dict(metadata.get("configuration") or {}))
            if len({name.lower() for name in made.columns}) < len(made.columns):
                raise ValueError
        except (KeyError, TypeError, ValueError):
            raise UnreadableInput("the log names no schema that can be read", where=where) from None
        for name in ("name", "description"):
            if metadata.get(name):
                made.texts.setdefault(name, []).append(str(metadata[name]))
        for name, value in made.configuration.items():
            if not name.startswith("delta."):
                made.texts.setdefault(name, []).append(str(value))
        for name, value in _entries(fields):
            if not name.startswith(_STRUCTURE):
                made.texts.setdefault(name, []).append(value)
        return made

    @property
    def columns(self) -> list[str]:
        """Names of the columns in their order."""
        return [each["name"] for each in self.fields]

    @property
    def physical(self) -> dict[str, str]:
        """What the files call the columns."""
        return {each["name"]: (each.get("metadata") or {}).get(_PHYSICAL, each["name"]) for each in self.fields}

    @property
    def nullable(self) -> dict[str, bool]:
        """Which columns can hold a null."""
        return {each["name"]: bool(each.get("nullable", True)) for each in self.fields}

    @property
    def constrained(self) -> bool:
        """Whether values of rows are bound to a condition, or to other values."""
        bound = ("delta.generationExpression", "delta.invariants")
        named = any(name.startswith("delta.constraints.") for name in self.configuration)
        return named or any(name in bound for name, _ in _entries(self.fields))

    def declared(self, column: str) -> Any:
        """Give the type of a column, as the log writes it: a text, or what says its fields."""
        return next(each["type"] for each in self.fields if each["name"] == column)

    def primitive(self, column: str) -> str:
        """Give the type of a partition column, as the log writes it."""
        return next(str(each["type"]) for each in self.fields if each["name"] == column)

    @property
    def names(self) -> list[str]:
        """Names of the columns, and of the fields inside of them."""
        return list(dict.fromkeys(_field_names(self.fields)))

    @property
    def declarations(self) -> list[str]:
        """What declares the table: properties with constraints, and expressions of columns."""
        stated = [
            text for name, value in self.configuration.items() if name.startswith("delta.") for text in (name, value)
        ]
        return [*stated, *(value for name, value in _entries(self.fields) if name.startswith(_STRUCTURE))]

    def written(self, kept: Collection[str]) -> dict[str, Any]:
        """Give the metadata of a new table, but for its id: structure, and the entries that are kept."""
        properties = {
            name: value
            for name, value in self.configuration.items()
            if name in kept or (name.startswith("delta.") and name not in _HISTORY)
        }
        schema = {"type": "struct", "fields": [_stripped(each, kept) for each in self.fields]}
        texts: dict[str, Any] = {
            name: self.texts[name][0] for name in ("name", "description") if name in kept and name in self.texts
        }
        spelled = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
        return {**texts, **new_metadata(spelled, self.partitions, properties)}


def new_metadata(
    schema: str, partitions: Sequence[str] = (), properties: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """Give the metadata of a new table with a schema, as the log writes it, but for its id and texts."""
    return {
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema,
        "partitionColumns": list(partitions),
        "configuration": dict(sorted(properties.items())),
    }


def _inner(kind: Any) -> list[dict[str, Any]]:
    """Give the fields of a type, at every depth of lists and maps but not of structs."""
    if not isinstance(kind, dict):
        return []
    if kind.get("type") == "struct":
        return list(kind.get("fields", ()))
    return [each for part in ("elementType", "keyType", "valueType") for each in _inner(kind.get(part))]


def _field_names(fields: list[dict[str, Any]]) -> Iterator[str]:
    for each in fields:
        yield each["name"]
        yield from _field_names(_inner(each.get("type")))


def _entries(fields: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Give the entries of the metadata of fields, at every depth."""
    for each in fields:
        for name, value in (each.get("metadata") or {}).items():
            yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield from _entries(_inner(each.get("type")))


def _stripped(node: Any, kept: Collection[str]) -> Any:
    """Take the metadata that are not kept from a field, at every depth."""
    if isinstance(node, list):
        return [_stripped(each, kept) for each in node]
    if not isinstance(node, dict):
        return node
    made = {name: _stripped(value, kept) for name, value in node.items() if name != "metadata"}
    if "metadata" in node:
        entries = node["metadata"] or {}
        made["metadata"] = {
            name: value for name, value in entries.items() if name.startswith(_STRUCTURE) or name in kept
        }
    return made


def as_declared(held: pl.Series, declared: Any, dtype: PolarsDataType) -> pl.Series:
    """Give values of a file under the names and types of the schema; a field that the file has not is null.

    Parameters
    ----------
    held : polars.Series
        As the file holds them, whose fields are called by their physical names.
    declared : str or dict
        The type, as the log writes it.
    dtype : polars.DataType or type of it
        The same, of polars.
    """
    fields = declared.get("fields") if isinstance(declared, dict) else None
    if not fields or not isinstance(held.dtype, pl.Struct) or not isinstance(dtype, pl.Struct):
        return held.cast(dtype, strict=True)
    named = {inner.name.lower(): inner.name for inner in held.dtype.fields}
    made = []
    for each, kind in zip(fields, dtype.fields, strict=True):
        physical = (each.get("metadata") or {}).get(_PHYSICAL, each["name"]).lower()
        values = held.struct.field(named[physical]) if physical in named else pl.Series([None] * len(held))
        made.append(as_declared(values, each["type"], kind.dtype).alias(each["name"]))
    whole = pl.DataFrame(made).to_struct(held.name)
    return whole.to_frame().select(pl.when(held.is_not_null()).then(pl.col(held.name))).to_series()
