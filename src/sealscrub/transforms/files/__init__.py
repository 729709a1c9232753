"""Scan and scrub of files, each format by its own engine."""
