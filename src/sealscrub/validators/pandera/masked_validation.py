"""Validating a frame so that values are looked at, and none is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaError, SchemaErrors

from sealscrub.errors import ConfigError, SealscrubError, UsageError

from .container_check import DROPS, MaskedSchemaError
from .pandera_import import require_data_depth

__all__ = ["validate"]


def validate(schema: Any, data: Any, *, lazy: bool = False) -> Any:
    """Validate a frame by a schema or model of pandera, its values too, and show none of them in an error.

    Every row is looked at, whatever pandera's own settings say. Checks that are not ours are masked as well.

    Parameters
    ----------
    schema : DataFrameSchema or DataFrameModel
    data : pandas.DataFrame, polars.DataFrame, polars.LazyFrame or pyspark.sql.DataFrame
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
    _refuse_dropping(schema)
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
        except (SealscrubError, MemoryError):
            raise
        except (Exception, pl.exceptions.PanicException) as error:  # a parser's own, whose text may hold rows
            raise MaskedSchemaError(
                f"the schema could not be applied ({type(error).__name__}), so nothing was checked", check="schema"
            ) from None
    _refuse_noted(checked)
    return checked


def _refuse_dropping(schema: Any) -> None:
    """Refuse a schema, or a model, that drops the rows which fail instead of raising."""
    made = schema.to_schema() if hasattr(schema, "to_schema") else schema
    index = getattr(made, "index", None)
    parts = [made, *(getattr(made, "columns", None) or {}).values(), index, *(getattr(index, "indexes", None) or ())]
    if any(getattr(part, "drop_invalid_rows", False) for part in parts):
        raise ConfigError("the schema drops rows that fail", hint=DROPS)


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
