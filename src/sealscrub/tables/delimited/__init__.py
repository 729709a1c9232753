"""Delimited text: CSV, TSV and their kin."""

__all__: list[str] = []
