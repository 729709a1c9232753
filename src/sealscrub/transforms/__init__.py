"""Inputs: scan and scrub of frames and files."""
