"""From a plan to what is drawn of it."""

from __future__ import annotations
