"""Scan and scrub of files, each format by its own engine."""

__all__: list[str] = []
