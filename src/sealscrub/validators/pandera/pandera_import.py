"""Loading pandera, and seeing to it that nothing switches its checks off."""

from __future__ import annotations

import contextlib
import importlib.util
import warnings

from sealscrub.errors import ConfigError, MissingExtra

__all__: list[str] = []

if importlib.util.find_spec("pandera") is None:
    raise MissingExtra.of("pandera", "pandera")

with warnings.catch_warnings():  # of what else is installed
    warnings.simplefilter("ignore")
    with contextlib.suppress(ImportError):
        import pandera.pandas
    import pandera.polars  # noqa: F401 - so that its warnings end here

from pandera.config import ValidationDepth, get_config_context, get_config_global


def require_data_depth() -> None:
    """Let pandera look at the values of lazy frames too, and refuse if it is set not to look at values.

    By default it looks only at the schema of a ``LazyFrame``, and skips every check without a word. If no one said
    how deep it is to look, it looks at schema and data from now on, in this process.

    Raises
    ------
    ConfigError
        When validation is switched off, or limited to the schema or the data.
    """
    config, here = get_config_global(), get_config_context(validation_depth_default=None)
    if not (config.validation_enabled and here.validation_enabled):
        raise ConfigError(
            "pandera's validation is switched off, so nothing would be checked",
            hint="see PANDERA_VALIDATION_ENABLED.",
        )
    if config.validation_depth is None:
        config.validation_depth = ValidationDepth.SCHEMA_AND_DATA
    for depth in (config.validation_depth, here.validation_depth):
        if depth not in (None, ValidationDepth.SCHEMA_AND_DATA):
            raise ConfigError(
                f"pandera is set to look at {depth.value}, so not everything would be checked",
                hint="see PANDERA_VALIDATION_DEPTH, and config_context.",
            )
