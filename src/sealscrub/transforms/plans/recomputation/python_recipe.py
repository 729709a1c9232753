"""Load a recipe written in Python, from a module that the person running the plan has allowed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from typing import Any

from sealscrub.errors import ConfigError, Spelled

__all__ = ["load_recipe"]


def load_recipe(reference: str, allowed: Collection[str], where: str) -> Callable[..., Any]:
    """Import the function that a plan names.

    Importing a module runs it, and a plan may come from somebody else: nothing is imported, not a parent package
    either, before the module is found among those that are allowed.

    Parameters
    ----------
    reference : str
        ``module:function``.
    allowed : collection of str
        Modules and packages that may be imported, by their full names; a package stands for all that is in it.
    where : str
        The recipe's place in the plan, for errors.

    Returns
    -------
    callable

    Raises
    ------
    ConfigError
        When the reference is not of this form, the module is not allowed, or the function does not exist.

    Examples
    --------
    >>> load_recipe("os:getcwd", ["features"], "tables.features.derived.risk")
    Traceback (most recent call last):
    sealscrub.errors.ConfigError: tables.features.derived.risk: the Python module os is not allowed
    <BLANKLINE>
    Hint: read it, then allow it by allow_python=['os']
    """
    module, colon, function = reference.partition(":")
    parts = module.split(".")
    if not colon or not function.isidentifier() or not all(part.isidentifier() for part in parts):
        hint = "write module:function, as in features.risk:build."
        raise ConfigError("the recipe is not the name of a Python function", where=where, hint=hint)
    packages = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    if packages.isdisjoint(allowed):
        hint = Spelled(
            f"read it, then allow it by allow_python=[{module!r}]", f"read it, then allow it by --allow-python {module}"
        )
        raise ConfigError(f"the Python module {module} is not allowed", where=where, hint=hint)
    return _imported(module, function, where)


def _imported(module: str, function: str, where: str) -> Callable[..., Any]:
    try:
        found = getattr(importlib.import_module(module), function, None)
    except ModuleNotFoundError as error:
        missing = error.name if error.name and module.startswith(error.name) else ""
        what = "does not exist" if missing else "needs a module that is not installed"
        hint = "check the name, and that it can be imported from here."
        raise ConfigError(f"the Python module {module} {what}", where=where, hint=hint) from None
    except Exception as error:
        message = f"the Python module {module} cannot be imported ({type(error).__name__})"
        raise ConfigError(message, where=where, hint="import it on its own to see why.") from None
    if not callable(found):
        raise ConfigError(f"the module {module} has no function {function}", where=where, hint="check the name.")
    called: Callable[..., Any] = found
    return called
