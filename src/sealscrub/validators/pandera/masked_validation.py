"""Validating a frame so that values are looked at, and none is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import BackendNotFoundError, SchemaError, SchemaErrors

from sealscrub.errors import ConfigError, SealscrubError, UsageError
from sealscrub.tables.opener import names_of, read_frame

from .container_check import DROPS, MaskedSchemaError
from .pandera_import import require_data_depth

__all__ = ["validate"]


def validate(schema: Any, data: Any, *, lazy: bool = False) -> Any:
    """Validate a frame by a schema or model of pandera, its values too, and show none of them in an error.

    Every row is looked at, whatever pandera's own settings say. Checks that are not ours are masked as well.

    Parameters
    ----------
    schema : DataFrameSchema or DataFrameModel
    data : pandas.DataFrame, polars.DataFrame, polars.LazyFrame, pyspark.sql.DataFrame, str or path-like
        A frame of the library that the schema is for; or what is read into one of pandas or polars: a file, of which a
        format of text is read as text, or a table of a database, of Delta or of Iceberg by its address. A
        ``DeltaTable`` and pyiceberg's ``Table`` are taken too.
    lazy : bool
        Whether all that is wrong is found before an error is raised, instead of the first.

    Returns
    -------
    frame
        As the schema returns it.

    Raises
    ------
    MaskedSchemaError
        When the frame is not as the schema says: which columns and which checks, without values. When code of the
        schema fails, such as a parser: the kind of its error, without the text.
    ConfigError
        When pandera's validation is switched off, or the schema, a column or the model drops rows
        (``drop_invalid_rows``): which rows were dropped would reveal who is sealed, and sealed rows may pass.
    UsageError
        When the data is not of a kind that the schema is for.
    UnreadableInput
        When a file or table cannot be read.

    Examples
    --------
    >>> import polars as pl, pandera.polars as pa
    >>> schema = pa.DataFrameSchema({"name": pa.Column(checks=pa.Check.isin(["Ann"]))})
    >>> validate(schema, pl.LazyFrame({"name": ["Somebody"]}))
    Traceback (most recent call last):
    ...
    sealscrub.validators.pandera.container_check.MaskedSchemaError: column 'name' fails dataframe_check
    """
    require_data_depth()
    if not callable(getattr(schema, "validate", None)):
        raise UsageError("this is not a schema", hint="give a DataFrameSchema or a DataFrameModel of pandera.")
    made = _refuse_dropping(schema)
    data = _read(made, data)
    with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        try:
            checked = schema.validate(data, lazy=lazy)
        except MaskedSchemaError:
            raise
        except SchemaErrors as errors:
            said = list(dict.fromkeys(_text_free_message(each) for each in errors.schema_errors))
            raise MaskedSchemaError("; ".join(said), check="schema", schema=None) from None
        except SchemaError as error:
            raise MaskedSchemaError(
                _text_free_message(error), column=_column(error), reason=error.reason_code
            ) from None
        except BackendNotFoundError:
            raise _refusal(data) from None
        except (SealscrubError, MemoryError):
            raise
        except (Exception, pl.exceptions.PanicException) as error:  # a parser's own, whose text may hold rows
            raise MaskedSchemaError(
                f"the schema could not be applied ({type(error).__name__}), so nothing was checked", check="schema"
            ) from None
    _refuse_noted(checked)
    return checked


def _read(schema: Any, data: Any) -> Any:
    """Read what is named, or what a library of lakes has opened, into a frame of the library of a schema."""
    names, library = names_of(data), type(schema).__module__.split(".")
    if names is None and ("pandas" not in library or hasattr(data, "iloc")):
        return data
    if names is None or len(names) > 1 or not {"pandas", "polars"}.intersection(library):
        raise _refusal(data)
    frame = read_frame(data)
    return frame if "polars" in library else frame.to_pandas()


def _refusal(data: Any) -> UsageError:
    return UsageError(
        f"this schema is not for a {type(data).__module__}.{type(data).__qualname__}",
        hint="give a frame of the schema's own library; or, to a schema of pandas or polars, one file, the address of "
        "one table, or a Delta or Iceberg table.",
    )


def _refuse_dropping(schema: Any) -> Any:
    """Refuse a schema, or a model, that drops the rows which fail instead of raising; give the schema."""
    made = schema.to_schema() if hasattr(schema, "to_schema") else schema
    index = getattr(made, "index", None)
    parts = [made, *(getattr(made, "columns", None) or {}).values(), index, *(getattr(index, "indexes", None) or ())]
    if any(getattr(part, "drop_invalid_rows", False) for part in parts):
        raise ConfigError("the schema drops rows that fail", hint=DROPS)
    return made


def _refuse_noted(checked: Any) -> None:
    """Raise what pandera only notes down: for a Spark frame it raises nothing, which looks like a pass."""
    if not type(checked).__module__.startswith("pyspark."):
        return
    noted = checked.pandera.errors
    if noted:
        said = sorted({str(entry.get("column") or "the frame") for entry in _entries(noted)})
        raise MaskedSchemaError(f"{', '.join(said) or 'the frame'} fails the schema", check="schema")


def _entries(noted: Any) -> Iterator[dict[str, Any]]:
    """Give each error of pandera's report, which is in it by kind and reason."""
    if isinstance(noted, Mapping):
        if "check" in noted:
            yield dict(noted)
        else:
            for part in noted.values():
                yield from _entries(part)
    elif isinstance(noted, list):
        for part in noted:
            yield from _entries(part)


def _text_free_message(error: Any) -> str:
    """What a schema error is about, and none of its text, which quotes values."""
    if isinstance(error, MaskedSchemaError):
        return str(error)
    column, reason = _column(error), error.reason_code
    return f"{f'column {column!r}' if column else 'the frame'} fails {getattr(reason, 'value', 'a check')}"


def _column(error: Any) -> str | None:
    name = error.column_name if error.column_name is not None else getattr(error.schema, "name", None)
    return name if isinstance(name, str) else None
