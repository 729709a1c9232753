"""Working on the blocks of a file in threads, and giving the results back in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_order"]

_Block = TypeVar("_Block")
_Result = TypeVar("_Result")

_THREADS = max(1, min(4, os.cpu_count() or 1))
_BLOCKS_AHEAD = 2


def in_order(blocks: Iterator[_Block], work: Callable[[_Block], _Result]) -> Iterator[_Result]:
    """Work on blocks in a few threads; a few blocks are in memory at a time, however many there are.

    An error of ``blocks`` is raised after the results of the blocks that came before it, so the caller
    knows the place in the file that it is about.
    """
    waiting: deque[Future[_Result]] = deque()
    fault: Exception | None = None
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="sealscrub")
    try:
        while True:
            while fault is None and len(waiting) < _THREADS + _BLOCKS_AHEAD:
                try:
                    waiting.append(pool.submit(work, next(blocks)))
                except Exception as error:  # raised below, in its turn
                    fault = error
            if not waiting:
                break
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    if fault is not None and not isinstance(fault, StopIteration):
        raise fault
