"""What a plan says, as it is written in ``sealscrub.toml``; nothing here has looked at any data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sealscrub.tables.formats import file_formats

__all__ = [
    "ColumnRule",
    "DerivedSpec",
    "EdgesSpec",
    "Effect",
    "ElementsSpec",
    "FilesSpec",
    "KeySpec",
    "LinkSpec",
    "PlanSpec",
    "PolicySpec",
    "TableSpec",
]

Constant = bool | int | float | str
Share = Annotated[float, Field(ge=0, le=1)]


class _SpecPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=True)


class Effect(_SpecPart):
    """What happens to a row that is reached: it is removed, or it is kept and some of its columns change."""

    on_match: Literal["drop", "null"] | None = Field(
        None,
        description="drop: the row is removed. null: it stays, and the columns in null and set change. "
        "By default the table's on_match.",
    )
    null: tuple[str, ...] = Field((), strict=False, description="Columns that become null in rows that are reached.")
    set: dict[str, Constant] = Field({}, description="Columns that get this value in rows that are reached.")

    @model_validator(mode="before")
    @classmethod
    def _renamed(cls, value: Any) -> Any:
        if isinstance(value, dict) and "action" in value:
            raise ValueError("action is now called on_match: write on_match = …")
        return value


class KeySpec(Effect):
    """One key of a table's records."""

    scheme: str = Field(description="Name of the scheme: arrest_number, docket, opaque:NAMESPACE, …")
    column: str | None = Field(None, description="The column that holds the key.")
    columns: dict[str, str] | None = Field(
        None, description="The column of each part of a composite key: { nysid = 'NYSID', date = 'ARREST_DATE' }."
    )

    @model_validator(mode="after")
    def _one_of_the_two(self) -> KeySpec:
        if (self.column is None) == (self.columns is None):
            raise ValueError("use column for a key in one column, or columns for a composite key")
        return self


class LinkSpec(Effect):
    """How rows depend on rows of another table: equal values in these columns."""

    table: str = Field(description="The table that they depend on.")
    columns: dict[str, str] = Field(min_length=1, description="Own column = the other table's column.")
    scheme: str | None = Field(None, description="Compare canonical values of this scheme instead of plain values.")
    when: Literal["all", "any"] | None = Field(
        None,
        description="If a value has several parent rows: whether a row is removed when all of them were removed, "
        "or any. By default such a row is an error if only some parents were removed.",
    )
    fan_out: int | None = Field(None, ge=1, description="Most rows that one value may join on either side.")


class ElementsSpec(_SpecPart):
    """Matching elements of a list column, or of ids in one text, that are removed."""

    column: str
    scheme: str | None = Field(None, description="The elements are keys of this scheme.")
    link: str | None = Field(None, description="The elements are values of this TABLE.COLUMN, removed with its rows.")
    columns: dict[str, str] = Field(
        {},
        description="The columns of the other parts of a composite key, if the elements are one part: { county = "
        "'COUNTY' }.",
    )
    field: str | None = Field(None, description="The field that holds the id, in a list of structs.")
    separator: str | None = Field(None, description="The separator, if one text holds several ids.")
    empty: Literal["empty", "null", "drop"] = Field(
        "empty",
        description="What happens to a list that loses its last element: it becomes empty or null, or its row is "
        "removed.",
    )

    @model_validator(mode="after")
    def _one_of_the_two(self) -> ElementsSpec:
        if (self.scheme is None) == (self.link is None):
            raise ValueError("set scheme, or link = 'TABLE.COLUMN'")
        if self.columns and self.scheme is None:
            raise ValueError("columns hold other parts of keys of a scheme: set scheme instead of link")
        return self


class EdgesSpec(_SpecPart):
    """Edges or pairs that rest on supporting records, listed in a column of the edge or in another table."""

    support: str = Field(
        description="A column that lists the supporting records, or TABLE.COLUMN: the column of another table, a row "
        "for each supporting record, that names the edge."
    )
    id: str | None = Field(None, description="The edge's own id, if the support is in another table.")
    scheme: str | None = Field(None, description="The support column lists keys of this scheme.")
    link: str | None = Field(None, description="… or values of this TABLE.COLUMN.")
    columns: dict[str, str] = Field({}, description="As in elements.")
    field: str | None = None
    separator: str | None = None
    count: str | None = Field(None, description="The column that holds the number of supporting records.")

    @model_validator(mode="after")
    def _check_fields(self) -> EdgesSpec:
        if self.columns and self.scheme is None:
            raise ValueError("columns hold other parts of keys of a scheme: say scheme")
        if "." in self.support:
            if self.id is None or self.scheme or self.link:
                raise ValueError("support in another table needs id, and neither scheme nor link")
        elif (self.scheme is None) == (self.link is None) or self.id is not None:
            raise ValueError("a support column needs scheme, or link = 'TABLE.COLUMN', and no id")
        return self


class FilesSpec(_SpecPart):
    """Files that the rows of a manifest name, and that are removed with them."""

    column: str = Field(description="The column that holds each file's path.")
    folder: str = Field(".", description="The folder of these paths, relative to the plan's root.")


class DerivedSpec(_SpecPart):
    """A recipe by which a column or a table is computed from the plan's tables."""

    sql: str | None = Field(None, description="A DuckDB expression or query; `this` is the row.")
    python: str | None = Field(None, description="module:function, which gets frames by name and gives a frame back.")
    reads: tuple[str, ...] = Field((), strict=False, description="The tables that a Python recipe reads.")
    reproduces: Share = Field(1.0, description="Least share of the stored values that the recipe must reproduce.")
    exceptions: Literal["null", "recompute", "keep"] | None = Field(
        None, description="What happens to stored values that the recipe does not reproduce; null by default."
    )
    reason: str | None = Field(None, description="Why exceptions are recomputed or kept; goes into the report.")

    @model_validator(mode="after")
    def _check_fields(self) -> DerivedSpec:
        if (self.sql is None) == (self.python is None):
            raise ValueError("say sql, or python")
        if self.exceptions in ("recompute", "keep") and not (self.reason or "").strip():
            raise ValueError(f"exceptions = {self.exceptions!r} needs a reason")
        return self


def _recipe(value: Any) -> Any:
    return {"sql": value} if isinstance(value, str) else value


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, Mapping) else value


def _known_format(name: str) -> str:
    if name not in file_formats():
        raise ValueError(f"not one of {', '.join(file_formats())}")
    return name


Recipe = Annotated[DerivedSpec, BeforeValidator(_recipe, json_schema_input_type=DerivedSpec | str)]
ColumnRule = Literal["null", "fail"]
Links = dict[str, str] | Annotated[tuple[LinkSpec, ...], Field(strict=False)]


class TableSpec(Effect):
    """One table of the estate: where it is, what reaches its rows, and what happens to them."""

    source: str = Field(description="A file, a folder, a glob, or DATABASE#TABLE, relative to the plan's root.")
    output: str | None = Field(
        None,
        description="Where a Delta or Iceberg table goes: delta:FOLDER below the output, or "
        "iceberg:CATALOG/NAMESPACE.TABLE. By default its source says it.",
    )
    format: Annotated[str, AfterValidator(_known_format)] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    quoting: Literal["minimal", "none"] = "minimal"
    types: dict[str, str] = Field({}, description="DuckDB types of text columns, for recipes and links.")
    keep_levels: tuple[str, ...] = Field((), strict=False, description="Categorical columns with fixed levels.")
    keep_metadata: tuple[str, ...] = Field((), strict=False, description="Entries of metadata that stay.")

    keys: (
        dict[str, str | Annotated[tuple[str, ...], Field(strict=False)]]
        | Annotated[tuple[KeySpec, ...], Field(strict=False)]
    ) = Field({}, description="Which columns are record keys: { SCHEME = 'COLUMN' }, or a list of keys.")
    link: Links = Field({}, description="{ COLUMN = 'TABLE.COLUMN' }: a row is removed with the one it depends on.")
    orphan_of: Links = Field(
        {},
        description="{ COLUMN = 'TABLE.COLUMN' }: a row is removed when it had parents and all were removed.",
    )
    on_match: Literal["drop", "null"] = Field("drop", description="What happens to rows that are reached.")
    accept_marks: tuple[str, ...] = Field(
        (), strict=False, description="Columns in which a null, value or empty text may mark the row."
    )
    elements: Annotated[
        tuple[ElementsSpec, ...],
        Field(strict=False),
        BeforeValidator(_as_tuple, json_schema_input_type=ElementsSpec | list[ElementsSpec]),
    ] = ()
    edges: EdgesSpec | None = None
    files: FilesSpec | None = None
    rekey: tuple[str, ...] = Field((), strict=False, description="Ids that get a surrogate, here and where linked.")
    derived: dict[str, Recipe] = Field({}, description="Columns that are recomputed from the scrubbed tables.")
    derived_from: Recipe | None = Field(None, description="The whole table is recomputed from the scrubbed tables.")
    independent: dict[str, str] | str = Field(
        {},
        description="Columns that do not depend on other records, each with the reason; or the reason why no seal "
        "reaches the table.",
    )
    columns: dict[str, ColumnRule] = Field(
        {}, description="Columns of unknown lineage. null: they become null. fail: the plan fails."
    )
    accept_null: str | None = Field(
        None, description="Why rows may have neither a key nor a link to a row that has one: they are not checked."
    )
    leave: dict[str, str] = Field(
        {}, description="Columns that are not compared with the index, each with the reason why it cannot hold ids."
    )
    narrative: dict[str, Literal["sentence", "null", "drop"]] = Field(
        {},
        description="Columns of texts that mention records. sentence: sentences that mention a sealed one are removed. "
        "null: the text becomes null. drop: the row is removed.",
    )
    refit: tuple[str, ...] = Field(
        (), strict=False, description="Models fitted on this table, which must be fitted again."
    )

    @model_validator(mode="before")
    @classmethod
    def _blocks(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("on_match") in ("elements", "edges", "files"):
            name = value["on_match"]
            if name not in value:
                raise ValueError(f"on_match = {name!r} needs the block {name} = {{ … }}")
            value = {key: part for key, part in value.items() if key != "on_match"}
        return value

    @model_validator(mode="after")
    def _check_fields(self) -> TableSpec:
        if self.derived_from is not None and self.derived_from.exceptions in ("null", "keep"):
            raise ValueError("exceptions: rows of a table that is recomputed as a whole can only be recomputed")
        own = self.derived or self.keys or self.link or self.orphan_of or self.columns or self.narrative
        if self.derived_from is not None and own:
            raise ValueError("a table that is recomputed as a whole has neither keys, links nor columns of its own")
        if not all(reason.strip() for reason in _reasons(self.independent)):
            raise ValueError("independent needs a reason")
        bare = [column for column, reason in self.leave.items() if not reason.strip()]
        if bare:
            raise ValueError(f"leave needs a reason for each column, and has none for {', '.join(map(repr, bare))}")
        if self.accept_null is not None and not self.accept_null.strip():
            raise ValueError("accept_null needs a reason")
        if self.narrative.keys() & self.leave.keys():
            raise ValueError("a column cannot be in both leave and narrative")
        return self


def _reasons(independent: dict[str, str] | str) -> list[str]:
    return [independent] if isinstance(independent, str) else list(independent.values())


class PolicySpec(_SpecPart):
    """How strict the plan is; what the command line says counts more."""

    allow: tuple[Literal["withheld"], ...] = Field((), strict=False)
    accept: tuple[Literal["near", "unparsable", "null", "chance"], ...] = Field((), strict=False)
    min_coverage: Share = 0.95
    max_unparsable: Share = 0.05
    min_recall: Share | None = None
    recall_alpha: Share = 0.05


class PlanSpec(_SpecPart):
    """A plan: the tables of an estate, and what happens to each when records are sealed."""

    version: Literal[1]
    index: str | None = Field(None, description="The published index, relative to the plan's root.")
    key_file: str | None = Field(None, description="The matching key, relative to the plan's root.")
    names: str | None = Field(
        None, description="A published file of names that are looked for in narratives, relative to the plan's root."
    )
    use: str = Field("training", description="What the data is for; the index must be published for it.")
    policy: PolicySpec = PolicySpec()
    fan_out: int = Field(1000, ge=1, description="Most rows that one value of a link may join on either side.")
    memory: str = Field("2GB", pattern=r"^\d+(MB|GB)$", description="Most memory for recipes before they spill.")
    tables: dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], TableSpec] = Field(min_length=1)
