"""sealscrub takes sealed arrest records out of machine learning for policing."""

__version__ = "0.1.0"
