"""Guarded models as MLflow's: logged with their guard, served by ``mlflow models serve``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cloudpickle
import polars as pl

from sealscrub.atomic_write import refuse_address
from sealscrub.boundary import bound
from sealscrub.errors import ConfigError, UnreadableInput
from sealscrub.tables import frame_adapter
from sealscrub.tables.containers import is_frame

from .guarded_model import Guarded, GuardedAsync
from .request_records import read_records

__all__ = ["ServedGuard", "log_guarded_model", "save_guarded_model"]

_GUARD = "guarded.pkl"


@bound
class ServedGuard:
    """What MLflow serves: a guard and the method that it is asked by.

    Parameters
    ----------
    guarded : Guarded
        From :func:`sealscrub.filters.guard`.
    method : str
        Of the guarded model; empty if it is called itself.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.filters import guard
    >>> safe = guard(len, example_index(["K14612345"]), {"arrest_number": "id"}, oracle_ok=True)
    >>> ServedGuard(safe, "").predict(["K14612345", "M14000017"])
    1
    """

    def __init__(self, guarded: Guarded, method: str) -> None:
        self.guarded, self.method = guarded, method

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Answer a request as the guard does; `params` go to the model."""
        asked = getattr(self.guarded, self.method) if self.method else self.guarded
        answer = asked(data, **(params or {}))
        if isinstance(answer, Iterator):
            return list(answer)
        return answer.to_list() if isinstance(answer, pl.Series) else answer

    def predict_stream(self, data: Any, params: dict[str, Any] | None = None) -> Iterator[Any]:
        """Answer a request piece by piece: by the model's own ``predict_stream``, or record by record."""
        own = getattr(self.guarded, "predict_stream", None)
        if own is None and self.method and isinstance(data, Mapping):  # MLflow streams about one record at a time
            import pandas as pd

            data = pd.DataFrame([data])
        if own is not None:
            yield from own(data, **(params or {}))
            return
        answer = self.predict(data, params)
        if is_frame(answer):
            answer = frame_adapter(answer).values(frame_adapter(answer).columns).to_dicts()
        yield from answer.tolist() if hasattr(answer, "tolist") else answer

    def __repr__(self) -> str:
        return f"ServedGuard({self.guarded!r}, method={self.method!r})"


@bound
def log_guarded_model(
    guarded: Guarded,
    name: str = "model",
    *,
    method: str = "predict",
    input_example: Any = None,
    signature: Any = None,
    pip_requirements: Sequence[str] | None = None,
    **options: Any,
) -> Any:
    """Log a model together with its guard, as a model of MLflow's kind ``python_function``.

    Parameters
    ----------
    guarded : Guarded
        From :func:`sealscrub.filters.guard`. Its index is logged as a reference to its file, and its key not at all:
        anyone who serves it has both where they were, or where ``SEALSCRUB_INDEX`` and ``SEALSCRUB_KEY_FILE`` say. With
        a :class:`LiveIndex` the service follows the newest index; an :class:`Index` is that one or none.
    name : str
        Of the logged model.
    method : str
        By which the model is asked; empty if it is a callable.
    input_example : frame or list of dict, optional
        A request. Records that may not be returned are removed from it, and key fields are emptied; the signature is
        that of what is left.
    signature : mlflow.models.ModelSignature, optional
        In place of the one that `input_example` shows.
    pip_requirements : sequence of str, optional
        What a server installs; by default this version of sealscrub and, for its estimators, of scikit-learn.
    **options
        For :func:`mlflow.pyfunc.log_model`.

    Returns
    -------
    mlflow.models.model.ModelInfo

    Raises
    ------
    ConfigError
        When this is not a guard, or what is to be served must be awaited.
    MissingExtra
        When mlflow is not installed.

    Notes
    -----
    ``known`` is logged with the guard: give a callable that looks ids up if the list itself may not travel.

    Examples
    --------
    >>> log_guarded_model(len)
    Traceback (most recent call last):
    ...
    sealscrub.errors.UsageError: log_guarded_model: guarded has to be Guarded, not builtin_function_or_method
    ...
    """
    with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder:
        made = _save_arguments(guarded, method, input_example, signature, pip_requirements, Path(folder))
        return _pyfunc().log_model(name=name, **made, **options)


@bound
def save_guarded_model(
    guarded: Guarded,
    path: str | Path,
    *,
    method: str = "predict",
    input_example: Any = None,
    signature: Any = None,
    pip_requirements: Sequence[str] | None = None,
    **options: Any,
) -> None:
    """Save a model together with its guard in a folder, as :func:`log_guarded_model` logs it.

    Parameters
    ----------
    guarded, method, input_example, signature, pip_requirements
        As in :func:`log_guarded_model`.
    path : str or Path
        A new folder.
    **options
        For :func:`mlflow.pyfunc.save_model`.

    Raises
    ------
    ConfigError, MissingExtra
        As :func:`log_guarded_model`.
    UsageError
        When the folder has the address of a table for a name.

    Examples
    --------
    >>> save_guarded_model(len, "model")
    Traceback (most recent call last):
    ...
    sealscrub.errors.UsageError: save_guarded_model: guarded has to be Guarded, not builtin_function_or_method
    ...
    """
    refuse_address(path)
    with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder:
        made = _save_arguments(guarded, method, input_example, signature, pip_requirements, Path(folder))
        _pyfunc().save_model(path=str(path), **made, **options)


def _save_arguments(
    guarded: Any, method: str, example: Any, signature: Any, requirements: Sequence[str] | None, folder: Path
) -> dict[str, Any]:
    if not isinstance(guarded, Guarded) or isinstance(guarded, GuardedAsync):
        raise ConfigError("this is not a guard that can be served", hint="give what guard(…) made of a model.")
    _pyfunc()
    served = ServedGuard(guarded, method)
    kept = None if example is None else _kept(guarded, example)
    clean: Any = None if kept is None else _empty_key_fields(kept, guarded._judge.columns)
    if kept is not None and signature is None:
        from mlflow.models import infer_signature

        said: Any = served.predict(kept) if len(kept) else None
        signature = infer_signature(clean, said)
    data = folder / "guard"
    data.mkdir()
    (data / _GUARD).write_bytes(cloudpickle.dumps(served))
    return {
        "loader_module": __name__,
        "data_path": str(data),
        "input_example": clean if clean is not None and len(clean) else None,
        "signature": signature,
        "pip_requirements": list(requirements) if requirements is not None else _requirements(guarded.model),
        "streamable": True,
    }


def _kept(guarded: Guarded, example: Any) -> Any:
    """Give a request's survivors as a pandas frame."""
    import pandas as pd

    judge = guarded._judge
    rows = pl.DataFrame(example) if isinstance(example, list) else example
    records = read_records(rows, None, judge.columns, "input_example")
    kept = records.kept(~judge.start().judged(records.keys()), ())
    return kept if isinstance(kept, pd.DataFrame) else pl.DataFrame(kept).to_pandas()


def _empty_key_fields(kept: Any, columns: Sequence[str]) -> Any:
    """Put into key fields what stands for "none" in every scheme, so they keep their type."""
    import pandas as pd

    return kept.assign(**{name: 0 if pd.api.types.is_numeric_dtype(kept[name]) else "" for name in columns})


def _requirements(model: Any) -> list[str]:
    found = [f"sealscrub[mlflow]=={version('sealscrub')}"]
    if type(model).__module__.startswith("sklearn."):
        found.append(f"scikit-learn=={version('scikit-learn')}")
    return found


def _pyfunc() -> Any:
    import mlflow.pyfunc

    return mlflow.pyfunc


def _load_pyfunc(path: str) -> ServedGuard:
    """Load what was saved; MLflow calls this."""
    file = Path(path) / _GUARD
    served = cloudpickle.loads(file.read_bytes())
    if not isinstance(served, ServedGuard):
        raise UnreadableInput("holds no guarded model", where=str(file))
    return served
