"""Spark DataFrames."""

__all__: list[str] = []
