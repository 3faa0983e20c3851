"""What the back office says of itself in numbers. Enters: the shipper, and a way to read the status. Leaves: metrics.

What the shipper has done it knows by itself. What waits and what is missing has to be counted in the spools and the
store: in a thread, when somebody asks, and at most every half a minute. The first to ask is told the next time.
"""

import threading
from collections.abc import Callable

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector as MetricSource

from dashboards.premises import Status
from pipeline.ship.shipper import Shipper
from pipeline.store.database import StoreError
from pipeline.upkeep import Upkeep

_COUNT_AFTER_SECONDS = 30.0

log = structlog.get_logger("sporlos.backoffice")


class Account:
    """The status as of a moment ago.

    Args:
        read: counts it; may block for seconds.
        clock: seconds since 1970.
    """

    def __init__(self, read: Callable[[], Status], clock: Callable[[], float]) -> None:
        self._read, self._clock = read, clock
        self._counting: threading.Thread | None = None
        self._counted_at = 0.0
        self._latest: Status | None = None

    def latest(self) -> Status | None:
        """What was counted last, if it has been; begins to count anew when that is too long ago."""
        at_rest = self._counting is None or not self._counting.is_alive()
        if at_rest and self._clock() - self._counted_at >= _COUNT_AFTER_SECONDS:
            self._counted_at = self._clock()
            self._counting = threading.Thread(target=self._count, name="account")
            self._counting.start()
        return self._latest

    def finish(self) -> None:
        """Wait until nobody counts: the store is about to be closed."""
        if self._counting is not None:
            self._counting.join()

    def _count(self) -> None:
        try:
            self._latest = self._read()
        except StoreError as error:
            self._latest = None  # better no number than an old one
            log.warning("the events can't be counted for the metrics", reason=str(error))


class ShippingMetrics(MetricSource):
    """Reads what the shipper has done when somebody asks."""

    def __init__(self, shipper: Shipper, account: Account) -> None:
        self._shipper, self._account = shipper, account

    def collect(self) -> list[Metric]:
        """All of it, without waiting for anything."""
        done = self._shipper.done
        found: list[Metric] = [
            _counter("sporlos_shipments", "Shipments acknowledged", done.shipments),
            _counter("sporlos_shipped_rows", "Rows put into the store", done.rows),
            _counter("sporlos_duplicates", "Events that were sent again and are stored once", done.duplicates),
            _counter("sporlos_quarantined_rows", "Rows that the store refuses, set aside", done.quarantined),
            _counter("sporlos_expired_rows", "Rows whose time was over before they could be shipped", done.expired),
            _counter("sporlos_shipment_failures", "Attempts that failed and are tried again", done.failures),
            _gauge("sporlos_last_shipment_seconds", "When the last shipment was acknowledged, Unix time", done.last_at),
            _gauge("sporlos_shipping_trouble", "1 while the latest attempt to ship has failed", bool(done.trouble)),
        ]
        status = self._account.latest()
        if status is None:
            return found
        waiting = sum(account.waiting for account in status.accounts)
        age = max(0.0, status.counted_at - status.oldest_waiting) if status.oldest_waiting else 0.0
        return [
            *found,
            _gauge("sporlos_waiting_events", "Events in the spools", waiting),
            _gauge("sporlos_waiting_bytes", "What the spools take on the disk", status.waiting_bytes),
            _gauge("sporlos_oldest_waiting_seconds", "Age of the oldest event in the spools", age),
            _gauge("sporlos_missing_events", "Events that are not accounted for", status.missing),
        ]


def _counter(name: str, said: str, value: float) -> Metric:
    family = CounterMetricFamily(name, said)
    family.add_metric([], value)
    return family


def _gauge(name: str, said: str, value: float) -> Metric:
    family = GaugeMetricFamily(name, said)
    family.add_metric([], value)
    return family


class UpkeepMetrics(MetricSource):
    """Reads what upkeep has done when somebody asks."""

    def __init__(self, upkeep: Upkeep) -> None:
        self._upkeep = upkeep

    def collect(self) -> list[Metric]:
        """Closed and dropped since the start, and whether the latest pass was whole."""
        done = self._upkeep.done
        closed = CounterMetricFamily("sporlos_closed", "Days, weeks and months closed")
        closed.add_metric([], done.closed)
        dropped = CounterMetricFamily("sporlos_dropped_partitions", "Partitions dropped, each with a receipt")
        dropped.add_metric([], done.dropped)
        trouble = GaugeMetricFamily(
            "sporlos_upkeep_trouble", "1 if the latest pass could not close or drop all that was due"
        )
        trouble.add_metric([], float(bool(done.trouble)))
        return [closed, dropped, trouble]
