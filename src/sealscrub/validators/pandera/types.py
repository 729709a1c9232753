"""Column types of pandera: record keys, none of which is sealed. They are checked wherever schemas are."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sealscrub.boundary import bound
from sealscrub.errors import ConfigError, MissingExtra, SealscrubError
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.matching import Policy

from .checks import FOUND
from .container_check import MaskedSchemaError, judge_column
from .pandera_import import require_data_depth

__all__ = ["record_key"]


def record_key(
    index: Index,
    scheme: str,
    *,
    library: Literal["pandas", "polars"],
    use: str = "training",
    policy: Policy | None = None,
) -> Any:
    """Give a column type: keys of a scheme, none of which is sealed or withheld, and all of which could be checked.

    A type is looked at even where pandera looks at nothing but the schema, as it does by default with a polars
    ``LazyFrame``; its one column is collected for that.

    Parameters
    ----------
    index, use, policy
        As in :func:`no_sealed_records`.
    scheme : str
        What the column holds, such as ``arrest_number``.
    library : {"pandas", "polars"}
        Whose schema it is for.

    Returns
    -------
    type
        A class of :class:`pandera.dtypes.DataType`, for ``Column(…)`` and for the fields of a ``DataFrameModel``. A
        column that fails raises a :class:`MaskedSchemaError`, which holds neither frame nor values. Pandera itself,
        asked with ``lazy=True``, puts it into an error of its own that holds the frame: use :func:`validate` there.

    Raises
    ------
    ConfigError
        When pandera is set not to look at values, or the library does not exist.
    UnsuitableIndex
        When the index holds no keys of the scheme.

    Examples
    --------
    >>> import polars as pl, pandera.polars as pa
    >>> from sealscrub.datasets import example_index
    >>> arrest = record_key(example_index(["K14612345"]), "arrest_number", library="polars")
    >>> schema = pa.DataFrameSchema({"arrest_no": pa.Column(arrest)})
    >>> schema.validate(pl.LazyFrame({"arrest_no": ["M14000017"]})).collect().height
    1
    >>> schema.validate(pl.LazyFrame({"arrest_no": ["K14612345"]}))
    Traceback (most recent call last):
    ...
    sealscrub.validators.pandera.container_check.MaskedSchemaError: column 'arrest_no' holds sealed or withheld records
    """
    require_data_depth()
    index.require_use(use)
    key = _Key(index, index.require(get_scheme(scheme).name), use, policy or Policy())
    if library == "polars":
        return _polars_type(key)
    if library == "pandas":
        return _pandas_type(key)
    raise ConfigError("no types are made for this library", hint="library='pandas' or 'polars'.")


class _Key:
    """What a type holds its column to."""

    def __init__(self, index: Index, scheme: str, use: str, policy: Policy) -> None:
        self.index, self.scheme, self.use, self.policy = index, scheme, use, policy

    def require_clean(self, data: Any) -> None:
        column = getattr(data, "key", None) if hasattr(data, "lazyframe") else getattr(data, "name", None)
        told = f"column {column!r} " if isinstance(column, str) else "the column "
        try:
            clean = judge_column(data, self.index, self.scheme, self.use, self.policy)
        except SealscrubError as error:
            said = f"{told}was not checked: {error.message}"
            raise MaskedSchemaError(said, column=column, check=str(self), schema=self, reason=_reason()) from None
        if not clean:
            raise MaskedSchemaError(told + FOUND, column=column, check=str(self), schema=self, reason=_reason())

    @property
    def name(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"record_key({self.scheme})"

    __repr__ = __str__


def _reason() -> Any:
    from pandera.errors import SchemaErrorReason

    return SchemaErrorReason.DATAFRAME_CHECK


@bound
class _RecordKey:
    """The part that the types of all libraries share."""

    key: ClassVar[_Key]

    def __init__(self) -> None:
        """Make one without arguments, as pandera does of a class."""

    def check(self, pandera_dtype: Any, data_container: Any = None) -> bool:
        """Say whether the column is of this type; raise if it holds what it may not."""
        if data_container is None:
            raise MaskedSchemaError("the column's values were not given, so they were not checked")
        self.key.require_clean(data_container)
        return True

    def coerce(self, data_container: Any) -> Any:
        """Leave the values as they are: a key is read in any spelling."""
        return getattr(data_container, "lazyframe", data_container)

    try_coerce = coerce

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __str__(self) -> str:
        return str(self.key)

    def __repr__(self) -> str:
        return str(self)


def _polars_type(key: _Key) -> Any:
    from pandera.engines import polars_engine

    made: Any = type("PolarsRecordKey", (_RecordKey, polars_engine.DataType), {"key": key})
    made.type = made  # models take a type's own type in its place, which must not check less
    return made


def _pandas_type(key: _Key) -> Any:
    try:
        from pandera.engines import pandas_engine
    except ImportError:
        raise MissingExtra.of("pandas", "pandas") from None
    return type("PandasRecordKey", (_RecordKey, pandas_engine.DataType), {"key": key, "type": object})
