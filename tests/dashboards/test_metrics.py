"""What the back office says of itself in numbers: at once, and counted at most every half a minute."""

import threading

from prometheus_client import CollectorRegistry, generate_latest

from dashboards.metrics import Account, ShippingMetrics
from dashboards.premises import Status
from pipeline.ship.shipper import Shipped
from pipeline.status import DayAccount
from pipeline.store.database import StoreError

ACCOUNTS = [
    DayAccount("a.no", "2026-05-12", received=10, stored=5, waiting=3, refused={"robot": 1}),
    DayAccount("b.no", "2026-05-12", received=4, stored=5, waiting=0, refused={}),
]


class Counting:
    """Stands for the store and the spools; counts how often it was asked, and can be held up."""

    def __init__(self) -> None:
        self.now, self.asked = 1000.0, 0
        self.away = False
        self.go_on = threading.Event()
        self.go_on.set()
        self.account = Account(self.read, lambda: self.now)

    def read(self) -> Status:
        """A status, when it may be read."""
        self.asked += 1
        self.go_on.wait(60)
        if self.away:
            raise StoreError("away")
        return Status(ACCOUNTS, waiting_bytes=4096, oldest_waiting=self.now - 90, counted_at=self.now)


class Shipping:
    """As much of a shipper as is asked."""

    done = Shipped(
        shipments=7, rows=70, duplicates=3, quarantined=2, expired=1, failures=4, last_at=999.5, trouble="full"
    )


def lines(counting: Counting) -> set[str]:
    """What `/metrics` says."""
    registry = CollectorRegistry()
    registry.register(ShippingMetrics(Shipping(), counting.account))  # type: ignore[arg-type]
    text = generate_latest(registry).decode()
    return {line for line in text.splitlines() if not line.startswith("#")}


def test_what_the_shipper_has_done_is_told_without_being_counted() -> None:
    """Also while the first count is still going on; nobody who asks waits for it."""
    counting = Counting()
    counting.go_on.clear()
    told = lines(counting)
    counting.go_on.set()
    counting.account.finish()
    assert {"sporlos_shipments_total 7.0", "sporlos_shipped_rows_total 70.0", "sporlos_duplicates_total 3.0"} <= told
    assert {"sporlos_quarantined_rows_total 2.0", "sporlos_expired_rows_total 1.0"} <= told
    assert {"sporlos_shipping_trouble 1.0", "sporlos_shipment_failures_total 4.0"} <= told
    assert not any(line.startswith("sporlos_missing_events") for line in told)


def test_what_waits_and_what_is_missing_is_told_as_it_was_counted() -> None:
    """Of an event that is there twice as much is wrong as of one that is nowhere."""
    counting = Counting()
    lines(counting)
    counting.account.finish()
    told = lines(counting)
    assert {"sporlos_waiting_events 3.0", "sporlos_waiting_bytes 4096.0", "sporlos_missing_events 2.0"} <= told
    assert "sporlos_oldest_waiting_seconds 90.0" in told


def test_it_is_counted_at_most_every_half_a_minute() -> None:
    """However often somebody asks; the store has other things to do."""
    counting = Counting()
    for later in (0, 1, 29.9, 30, 31):
        counting.now = 1000.0 + later
        lines(counting)
        counting.account.finish()
    assert counting.asked == 2


def test_a_store_that_can_not_be_asked_leaves_no_old_number() -> None:
    """An account of yesterday's would look like all is well."""
    counting = Counting()
    lines(counting)
    counting.account.finish()
    counting.away, counting.now = True, 1031.0
    lines(counting)
    counting.account.finish()
    assert not any(line.startswith("sporlos_missing_events") for line in lines(counting))
