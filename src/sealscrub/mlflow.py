"""Guarded models in MLflow: ``log_guarded_model(guard(model, index, on, known=known), input_example=rows)``."""

from __future__ import annotations

from sealscrub.filters.mlflow_models import ServedGuard, log_guarded_model, save_guarded_model

__all__ = ["ServedGuard", "log_guarded_model", "save_guarded_model"]
