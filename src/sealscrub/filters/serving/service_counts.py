"""Counts of a service that do not reveal a single event: added up over a time, and rounded down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from sealscrub.errors import ConfigError, MissingExtra

__all__ = ["RoundedCounters"]

_KINDS = ("answered", "refused", "unavailable")


class RoundedCounters:
    """How many requests were answered, refused, or met no index. An answer of any kind counts as one.

    What is read changes once in an interval at most, and by whole steps, so no one who asks about a record and
    reads the counts before and after learns from them. There is no count of sealed records.

    Parameters
    ----------
    interval_s : float
        Least seconds between two changes.
    step : int
        To multiples of which counts are rounded down; the rest counts later.

    Raises
    ------
    ConfigError
        When one is not positive.

    Examples
    --------
    >>> counters = RoundedCounters(interval_s=60, step=10)
    >>> counters.add("answered")
    >>> counters.read()
    {'answered': 0, 'refused': 0, 'unavailable': 0}
    """

    def __init__(
        self, interval_s: float = 60.0, step: int = 10, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if interval_s <= 0 or step < 1:
            raise ConfigError("the interval and the step of counters must be positive")
        self.interval_s, self.step = interval_s, step
        self._clock = clock
        self._lock = threading.Lock()
        self._counts = dict.fromkeys(_KINDS, 0)
        self._shown = dict(self._counts)
        self._shown_at = clock()

    def add(self, kind: str) -> None:
        """Count one request."""
        with self._lock:
            self._counts[kind] += 1

    def read(self) -> dict[str, int]:
        """What may be shown now."""
        with self._lock:
            if self._clock() - self._shown_at >= self.interval_s:
                self._shown = {kind: count - count % self.step for kind, count in self._counts.items()}
                self._shown_at = self._clock()
            return dict(self._shown)

    def to_prometheus(self, registry: Any = None) -> None:
        """Register with a Prometheus registry, its default one if none is given.

        Raises
        ------
        MissingExtra
            When prometheus_client is not installed.
        """
        try:
            from prometheus_client import REGISTRY
            from prometheus_client.core import CounterMetricFamily
        except ImportError:
            raise MissingExtra("this needs prometheus-client", hint="pip install prometheus-client") from None
        counters = self

        class Collector:
            def collect(self) -> Iterable[Any]:
                family = CounterMetricFamily("sealscrub_requests", "Requests, rounded down.", labels=["outcome"])
                for kind, count in counters.read().items():
                    family.add_metric([kind], count)
                yield family

        (registry or REGISTRY).register(Collector())

    def to_opentelemetry(self, meter: Any) -> None:
        """Observe with an OpenTelemetry meter.

        Raises
        ------
        MissingExtra
            When opentelemetry is not installed.
        """
        try:
            from opentelemetry.metrics import Observation
        except ImportError:
            raise MissingExtra("this needs opentelemetry-api", hint="pip install opentelemetry-api") from None

        def observe(_: object) -> list[Any]:
            return [Observation(count, {"outcome": kind}) for kind, count in self.read().items()]

        meter.create_observable_counter("sealscrub.requests", callbacks=[observe], description="Rounded down.")

    def __repr__(self) -> str:
        return f"RoundedCounters(interval_s={self.interval_s}, step={self.step})"
