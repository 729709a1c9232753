"""Training of weights by Splink: expectation maximisation over pairs of one arrest day, on another extract."""

from __future__ import annotations

import logging
import math
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import duckdb
import polars as pl

from sealscrub.errors import IncompleteError, UsageError

from .best_matches import draw_sample
from .comparison_levels import LEVELS
from .link_model import LinkModel, starting_model
from .record_fields import checked_pairs, checked_records
from .splink_levels import TRAINED, comparisons, training_table
from .standard_records import standardise

__all__ = ["train"]

_MOST_SEALS = 10_000
_RANDOM_PAIRS = 3e6
_MOST_ROUNDS = 100
"""Of expectation maximisation."""
_MEMORY = "3GB"
"""From here on DuckDB spills."""
_EVEN_ODDS = 0.0
"""The weight at which a pair is as likely right as wrong: trained weights review from here on."""
_STRONGEST, _WEAKEST = 15.0, -6.0
"""Weights are kept within these, so no single level decides alone whatever a small sample says."""


def train(
    seals: pl.DataFrame,
    rows: pl.DataFrame,
    *,
    trained_on: str,
    pairs: pl.DataFrame | None = None,
    seed: int = 1,
) -> LinkModel:
    """Train a model by Splink, on an extract other than those that it will decide.

    How often levels agree by chance comes from random pairs. How often they agree in records of one arrest comes from
    expectation maximisation over the pairs of one day, or from labelled pairs. A level that the extract does not show
    keeps the weight with which the library comes, and so do the gate and the upper threshold. The lower one is 0, if
    a pair is as likely right as wrong.

    Parameters
    ----------
    seals : polars.DataFrame
        ``id`` and the fields of :data:`FIELDS`, as text; of several rows of one id the first is used.
    rows : polars.DataFrame
        Likewise; ids are unique.
    trained_on : str
        Digest of the extract.
    pairs : polars.DataFrame, optional
        ``seal``, ``row`` and ``same``, a boolean. Those that are the same are used in place of maximisation.
    seed : int
        Of the random pairs and of the seals that are used if there are more than are needed.

    Returns
    -------
    LinkModel

    Raises
    ------
    ColumnError
        When a column is absent, or is not one of those compared.
    UsageError
        When an id is null or there twice, a field is not text, or no labelled pair is the same.
    IncompleteError
        When no seal has a row of its day, or maximisation does not converge.

    Examples
    --------
    >>> from sealscrub.datasets import make_named_arrests
    >>> older = make_named_arrests(3_000, seed=4, noise=2)
    >>> model = train(older.seals, older.rows, trained_on="0" * 64)
    >>> model.weights["last_name"]["exact"] > model.weights["last_name"]["close"] > 0
    True
    """
    seals = checked_records(seals, side="seals", unique=False)
    rows = checked_records(rows, side="rows", unique=True)
    same = None if pairs is None else _same_pairs(pairs)
    if seals.is_empty() or rows.is_empty():
        raise _nothing_to_train()
    its, theirs = (training_table(side) for side in standardise(seals, rows))
    if same is None:
        chosen = draw_sample(its["unique_id"].to_list(), _MOST_SEALS, seed)
        its = its.filter(pl.col("unique_id").is_in(pl.Series(chosen).implode()))
    trained, share = _train_weights(its, theirs, same, seed)
    start = starting_model()
    window = math.log2(2 * start.window_days + 1)
    prior = start.prior if share is None else math.log2(share / (1 - share)) - window
    _check_separation(trained, prior, start)
    gate = dict(start.weights["arrest_date"])
    gate["missing"] = min(gate["missing"], -math.log2(rows.height) - prior)
    weights = {field: dict(start.weights[field]) for field in LEVELS}
    for field, levels in trained.items():
        weights[field].update(levels)
    weights["arrest_date"] = gate
    rounded = {
        field: {level: round(weight, 4) for level, weight in levels.items()} for field, levels in weights.items()
    }
    return replace(start, weights=rounded, prior=round(prior, 4), lower=_EVEN_ODDS, trained_on=trained_on)


def _same_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    if pairs.schema.get("same") != pl.Boolean:
        raise UsageError("labelled pairs need a Boolean column 'same'", where="pairs", hint="set it for each pair.")
    same = checked_pairs(pairs, name="pairs").filter("same").select("seal", "row")
    if same.is_empty():
        raise UsageError("no labelled pair is the same", where="pairs", hint="leave the pairs out, to train without.")
    return same


def _train_weights(
    seals: pl.DataFrame, rows: pl.DataFrame, same: pl.DataFrame | None, seed: int
) -> tuple[dict[str, dict[str, float]], float | None]:
    """Weights of the levels that were seen, and the share of right pairs among those of one day."""
    try:
        with _splink(seals, rows) as (linker, database):
            linker.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=seed)
            share = None
            if same is None:
                session = linker.training.estimate_parameters_using_expectation_maximisation(
                    "l.arrest_day = r.arrest_day"
                )
                share = _share_of_matches(session)
            else:
                _labelled(linker, database, same)
            return _weights(linker.misc.save_model_to_json()), share
    except IncompleteError:
        raise
    except Exception as error:  # whatever Splink or DuckDB raises may show a row
        if type(error).__name__ == "EMTrainingException":
            raise _nothing_to_train() from None
        if _no_room(error):
            raise IncompleteError(
                "training ran out of memory, or of space on the disk to which it spills",
                hint=f"free space, or set TMPDIR to a private folder with more; now it is {tempfile.gettempdir()}.",
            ) from None
        raise IncompleteError(
            f"Splink could not train on these records ({type(error).__name__})",
            hint="check the extract: it needs days with many arrests, and filled fields.",
        ) from None


def _no_room(error: BaseException | None) -> bool:
    return error is not None and (
        isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException)
        or _no_room(error.__cause__ or error.__context__)
    )


@contextmanager
def _splink(seals: pl.DataFrame, rows: pl.DataFrame) -> Iterator[tuple[Any, Any]]:
    """A linker in a database of its own, whose spill is a private folder that is deleted with it."""
    from splink import DuckDBAPI, Linker, SettingsCreator

    logger, before = logging.getLogger("splink"), logging.getLogger("splink").level
    with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.CRITICAL)
        connection = duckdb.connect(":memory:", config={"temp_directory": folder, "memory_limit": _MEMORY})
        try:
            connection.execute("set enable_progress_bar = false")
            database = DuckDBAPI(connection)
            tables = [
                database.register(frame.to_arrow(), dataset_display_name=name)
                for name, frame in (("seals", seals), ("source", rows))
            ]
            settings = SettingsCreator(
                link_type="link_only",
                comparisons=comparisons(),
                probability_two_random_records_match=1 / max(rows.height, 2),
                max_iterations=_MOST_ROUNDS,
                em_convergence=1e-4,
            )
            yield Linker(tables, settings, log_level=None, validate_settings=False), database
        finally:
            connection.close()
            logger.setLevel(before)


def _share_of_matches(session: Any) -> float:
    history = session._core_model_settings_history
    if len(history) > _MOST_ROUNDS:
        raise IncompleteError(
            "expectation maximisation has not converged",
            hint="train on a larger extract, or on one whose names and birth dates are filled; or give labelled pairs.",
        )
    share = float(history[-1].probability_two_random_records_match)
    if not 1e-9 < share < 0.5:
        raise _unseparated()
    return share


def _labelled(linker: Any, database: Any, same: pl.DataFrame) -> None:
    labels = same.select(
        source_dataset_l=pl.lit("seals"), unique_id_l="seal", source_dataset_r=pl.lit("source"), unique_id_r="row"
    )
    linker.training.estimate_m_from_pairwise_labels(database.register(labels.to_arrow()))


def _weights(model: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for comparison in model["comparisons"]:
        field = comparison["output_column_name"]
        for level in comparison["comparison_levels"]:
            m, u = level.get("m_probability"), level.get("u_probability")
            if field in TRAINED and _is_chance(m) and _is_chance(u):
                weight = math.log2(m / u)
                found.setdefault(field, {})[level["label_for_charts"]] = min(_STRONGEST, max(_WEAKEST, weight))
    return found


def _is_chance(value: object) -> bool:
    return isinstance(value, float) and 1e-7 < value <= 1


def _check_separation(trained: Mapping[str, Mapping[str, float]], prior: float, start: LinkModel) -> None:
    """Refuse weights under which even equal names and birth dates would not seal."""
    alike = sum(trained.get(field, {}).get("exact", 0.0) for field in ("last_name", "first_name", "birth_date"))
    if prior + alike < start.upper:
        raise _unseparated()


def _unseparated() -> IncompleteError:
    return IncompleteError(
        "the training found no clear matches",
        hint="train on an extract that holds records of these seals, with birth dates; or give labelled pairs.",
    )


def _nothing_to_train() -> IncompleteError:
    return IncompleteError(
        "there is nothing to train on: no seal has a row of its arrest day",
        hint="give an extract of the years of these seals, with its arrest dates.",
    )
