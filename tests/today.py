"""The day on which a test runs, asked when it is needed: a run may go over midnight."""

import datetime as dt

__all__ = ["today"]


def today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
