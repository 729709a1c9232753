"""A check of pandera that says yes or no for all rows, and lets no schema drop rows by its answer."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Never

import polars as pl
from pandera.api.checks import Check

from sealscrub.boundary import bound
from sealscrub.errors import ConfigError, SealscrubError

from .container_check import DROPS

__all__ = ["WholeCheck"]

_why: ContextVar[tuple[int, str]] = ContextVar("why_a_check_failed", default=(0, ""))


@bound
class WholeCheck(Check):
    """A check whose answer is of the frame or column, and not of its rows.

    If a schema drops rows, pandera's polars backend takes an answer of no for all rows, drops every one and passes;
    an error it takes for none there and in pandas, and every row passes. Here all of that ends in an error.
    """

    @classmethod
    def get_backend(cls, check_obj: Any) -> Any:
        """Give pandera's own: backends are registered for its class, and for no class made of it."""
        return Check.get_backend(check_obj)

    def __call__(self, check_obj: Any, column: str | None = None) -> Any:
        """Ask, and answer so that pandera cannot drop rows by it."""
        _why.set((id(self), ""))
        polars = isinstance(check_obj, pl.LazyFrame | pl.DataFrame)
        if not polars and not type(check_obj).__module__.startswith("pandas."):
            return super().__call__(check_obj, column)
        try:
            result = super().__call__(check_obj, column)
        except SealscrubError as error:
            _why.set((id(self), f"{type(error).__name__}: {error.message}"))
            return _CheckAnswer(pl.LazyFrame({"passed": [False]}) if polars else False)
        passed = result.check_passed
        return result if not polars or passed.collect().item() else _CheckAnswer(passed)

    @property
    def error(self) -> str | None:
        """What pandera's error says about a failure."""
        check, why = _why.get()
        return why if why and check == id(self) else self._said

    @error.setter
    def error(self, said: str | None) -> None:
        self._said = said


class _CheckAnswer:
    """What pandera's backends read of a check that failed."""

    failure_cases = None

    def __init__(self, passed: pl.LazyFrame | bool) -> None:
        self.check_passed, self.check_output = passed, _NoRows()


class _NoRows:
    """Is where pandera looks for which rows passed."""

    def collect(self) -> _NoRows:
        """Give itself, as pandera collects what it will ask."""
        return self

    def __len__(self) -> Never:
        raise ConfigError("a schema with sealscrub's checks or types cannot drop rows", hint=DROPS)

    def __bool__(self) -> bool:
        return False
