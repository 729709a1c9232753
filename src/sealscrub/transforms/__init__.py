"""Inputs: finding and taking out sealed records in frames and files."""
