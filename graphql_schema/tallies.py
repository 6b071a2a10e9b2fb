"""Numbers for Prometheus that are counted in place.

Every operation counts several, always in the thread of the loop. So they need no lock, which
prometheus_client's own take for each number.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class Count:
    """How often something happened."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0

    def inc(self) -> None:
        """Count it once more."""
        self.number += 1


class Counts(Collector):
    """Counts that labels tell apart."""

    def __init__(
        self, name: str, description: str, labels: Sequence[str], registry: CollectorRegistry
    ) -> None:
        self._family = name, description, None, labels
        self._counts: dict[tuple[str, ...], Count] = {}
        registry.register(self)

    def labels(self, *values: str) -> Count:
        """The count with these labels."""
        return self._counts.setdefault(values, Count())

    def collect(self) -> Iterator[CounterMetricFamily]:
        """All of them, for Prometheus."""
        family = CounterMetricFamily(*self._family)
        for values, count in self._counts.items():
            family.add_metric(values, count.number)
        yield family


class Distribution:
    """How many amounts there were up to each of some bounds, and their sum."""

    __slots__ = ("bounds", "numbers", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.numbers = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, amount: float) -> None:
        """Count an amount."""
        self.numbers[bisect_left(self.bounds, amount)] += 1
        self.total += amount


class Distributions(Collector):
    """Distributions that labels tell apart; `bounds` rise."""

    def __init__(
        self,
        name: str,
        description: str,
        labels: Sequence[str],
        bounds: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._family = name, description, None, None, labels
        self._bounds = bounds
        self._distributions: dict[tuple[str, ...], Distribution] = {}
        registry.register(self)

    def labels(self, *values: str) -> Distribution:
        """The distribution with these labels."""
        return self._distributions.setdefault(values, Distribution(self._bounds))

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """All of them, for Prometheus."""
        family = HistogramMetricFamily(*self._family)
        names = [*map(floatToGoString, self._bounds), "+Inf"]
        for values, distribution in self._distributions.items():
            buckets = list(zip(names, accumulate(distribution.numbers), strict=True))
            family.add_metric(values, buckets, distribution.total)
        yield family
