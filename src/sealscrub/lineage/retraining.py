"""A model trained again when seals have come, and the proof that the training gives the same model again."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from sealscrub.errors import ConfigError, NotReproduced
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.transforms.plans import Plan

from .clean_data import CleanData
from .count_models import decremented
from .model_state import model_digest

__all__ = ["RefreshReport", "Refreshed", "refresh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReport:
    """How a model was refreshed. It says nothing of the records, not even whether there were any.

    Attributes
    ----------
    method : str
        ``retrained`` or ``decremented``.
    verified : str
        ``twice``: two trainings on the clean data gave the same bits. ``digest``: the training gave the recorded
        digest. ``scratch``: the decrement gave the bits of a training from scratch. ``no``: nothing was compared.
    digest : str
        Of the new model; see :func:`model_digest`.
    epoch, as_of
        Of the index.

    Examples
    --------
    >>> RefreshReport(method="retrained", verified="twice", digest="5b1f", epoch=4, as_of=date(2026, 11, 25)).verified
    'twice'
    """

    method: str
    verified: str
    digest: str
    epoch: int
    as_of: date


@dataclass(frozen=True, slots=True, eq=False)
class Refreshed:
    """A new model, and how it came about.

    Examples
    --------
    >>> report = RefreshReport(method="retrained", verified="twice", digest="5b1f", epoch=4, as_of=date(2026, 11, 25))
    >>> Refreshed({"weights": [0.5]}, report)
    Refreshed(dict, retrained, verified='twice')
    """

    model: Any
    report: RefreshReport

    def __repr__(self) -> str:
        return f"Refreshed({type(self.model).__name__}, {self.report.method}, verified={self.report.verified!r})"


def refresh(
    train: Any,
    data: Any,
    index: Index,
    model: Any = None,
    on: On | Mapping[str, On | None] | None = None,
    *,
    plan: Plan | None = None,
    verify: bool | str = True,
    method: str = "retrain",
    target: str | None = None,
    probe: Any = None,
    use: str = "training",
    policy: Policy | None = None,
    seed: int = 0,
) -> Refreshed:
    """Give the model that there would be had the sealed records never existed.

    The data is scrubbed and the model trained from scratch, twice, and the two compared bit for bit: what is not
    reproducible cannot be shown to be clean. There is no approximate way: a model that was only nudged away from a
    record still depends on it.

    Parameters
    ----------
    train : callable, or estimator
        From clean data to a fitted model; or an unfitted estimator, for data in one frame. It gets `data` in the
        container in which that came.
    data : frame, or mapping of str to frame
        What the model is trained on, sealed records included.
    index : Index
        From :func:`sealscrub.open_index`.
    model : object, optional
        The earlier model. It is never changed; the new one must be of its type.
    on : mapping, or iterable of str; or mapping of table to these
        Which columns are keys. Of several tables each must be named, with None if it holds no records.
    plan : Plan, optional
        Scrubs several tables with all that links them, in the place of `on`.
    verify : bool or str
        True trains twice. The digest of an earlier training on the same clean data is compared instead of training
        again. False compares nothing, and the report says so.
    method : str
        ``retrain``; or ``decrement``: for models of counts, subtract the sealed rows from `model`, and compare with a
        training from scratch. If the bits differ, the training from scratch is returned.
    target : str, optional
        With an estimator: the column to be learned. The others, less the key columns, are the features.
    probe : object, optional
        Rows for which predictions are compared as well.
    use : str
        What the data is for; the index must have been published for it.
    policy : Policy, optional
        How strict to be.
    seed : int
        Seed of Python's and NumPy's global generators, set before each training. Other sources of chance are for
        `train` to fix.

    Returns
    -------
    Refreshed
        ``model`` and ``report``.

    Raises
    ------
    NotReproduced
        When two trainings gave different models, or the recorded digest is another.
    ConfigError
        When something is asked for that cannot be done.
    UnsuitableIndex, ExpiredIndex, UncheckedKeys, LowCoverage, ColumnError
        As :func:`sealscrub.scrub` does.

    Notes
    -----
    Anyone who holds the old and the new model can see from the difference what was sealed (Chen et al., "When Machine
    Unlearning Jeopardizes Privacy", CCS 2021): refresh in batches, and withdraw the old one.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": ["M14000016", "K14612345", "M14000017"], "age": [20, 90, 30]})
    >>> on = {"arrest_number": "arrest_no"}
    >>> new = refresh(lambda clean: {"mean": clean["age"].mean()}, arrests, example_index(["K14612345"]), on=on)
    >>> new.model, new.report.verified
    ({'mean': 25.0}, 'twice')
    """
    _check_options(method, verify, model)
    clean = CleanData.of(data, index, on, plan=plan, use=use, policy=policy)
    fit = clean.fitting(train, target)
    new = _train_seeded(fit, clean.fresh, model, probe, seed)
    if isinstance(verify, str) and new.digest != verify:
        raise NotReproduced(
            "this training gave another model than the recorded one",
            hint="compare data, index, library versions and processor with the recorded ones.",
        )
    if method == "decrement":
        less = decremented(model, fit, clean, target)
        if less is not None and _looked_at(less, probe).is_as(new):
            return _refreshed(less, "decremented", "scratch", new.digest, index)
    if verify is True:
        _check_same(new, _train_seeded(fit, clean.fresh, model, probe, seed))
    verified = "digest" if isinstance(verify, str) else "twice" if verify else "no"
    return _refreshed(new.model, "retrained", verified, new.digest, index)


def _refreshed(model: Any, method: str, verified: str, digest: str, index: Index) -> Refreshed:
    report = RefreshReport(method=method, verified=verified, digest=digest, epoch=index.epoch, as_of=index.as_of)
    return Refreshed(model, report)


@dataclass(frozen=True, slots=True, eq=False)
class _TrainedModel:
    """A model, the digest of its state, and that of what it says about the probe."""

    model: Any
    digest: str
    said: str

    def is_as(self, other: _TrainedModel) -> bool:
        return (self.digest, self.said) == (other.digest, other.said)

    def __repr__(self) -> str:
        return "_Trained()"


def _check_options(method: str, verify: bool | str, model: Any) -> None:
    if method not in ("retrain", "decrement"):
        raise ConfigError(f"unknown method {method!r}", hint="use 'retrain' or 'decrement'; both are exact.")
    if method == "decrement" and model is None:
        raise ConfigError("a decrement needs a model", hint="give model=….")
    if method == "decrement" and not verify:
        raise ConfigError("a decrement is always compared with a training from scratch", hint="leave verify out.")
    if isinstance(verify, str) and not verify.startswith("sha256:"):
        raise ConfigError("verify is not a digest", hint="give that of an earlier report: sha256:….")


def _train_seeded(
    fit: Callable[[Any], Any], fresh: Callable[[], Any], model: Any, probe: Any, seed: int
) -> _TrainedModel:
    """Train on the clean data with the generators set."""
    python, numpy = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    try:
        new = fit(fresh())
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
    if new is None:
        raise ConfigError("train returned nothing", hint="return the fitted model.")
    if model is not None and new is model:
        raise NotReproduced("train returned the old model", hint="train a new one each time; return nothing cached.")
    if model is not None and type(new) is not type(model):
        raise ConfigError(f"train gives a {type(new).__name__}, and the model is a {type(model).__name__}")
    return _looked_at(new, probe)


def _looked_at(model: Any, probe: Any) -> _TrainedModel:
    digest = model_digest(model)  # before it is asked, which can change it
    if probe is None:
        return _TrainedModel(model, digest, "")
    names = ("predict", "predict_proba", "decision_function", "transform")
    said = {name: getattr(model, name)(probe) for name in names if hasattr(model, name)}
    if not said:
        raise ConfigError("the model makes no predictions for the probe", hint="leave probe out.")
    return _TrainedModel(model, digest, model_digest(said))


def _check_same(new: _TrainedModel, again: _TrainedModel) -> None:
    if new.model is again.model and not isinstance(new.model, str | int | float | tuple | frozenset):
        raise NotReproduced(
            "train returned the same object twice, so nothing was compared", hint="return nothing cached."
        )
    if not new.is_as(again):
        raise NotReproduced(
            "two trainings on the same clean data gave different models",
            hint="fix every source of chance: random_state, seeds of other libraries, threads, the order of sets.",
        )
