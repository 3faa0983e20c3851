"""What the parts cost by themselves, without a socket: an event through the privacy room, rows through the shipper."""

import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec

from pipeline.event import COLUMNS, encode
from pipeline.outcome import Counted, Outcome
from pipeline.ship.shipper import Shipper
from pipeline.spool.spool import EVENTS, Spool
from pipeline.store.database import Store
from proxy.app import Collector
from proxy.arrival import Arrival
from proxy.counters import Counters
from proxy.decode import native
from proxy.privacy import memory
from proxy.privacy.address import client_address
from proxy.privacy.forget import forget
from proxy.privacy.modes import Mode
from proxy.privacy.salts import Salts
from proxy.settings import load
from proxy.worker import caps_of, make_collector, zones_of

_VISITORS = 5000
_ROWS_A_COMMIT = 50
_LOOK_SECONDS = 0.02


def collector_of(config: Path, folder: Path) -> Collector:
    """A worker's inside, without its port."""
    settings = load(config)
    salts = Salts(memory.new_memory(), zones_of(settings))
    salts.renew(time.time())
    counters = Counters(os.memfd_create("counters"), 1)
    caps = caps_of(os.memfd_create("caps"), settings)
    return make_collector(settings, 0, salts, caps, Spool(folder / "inside.sqlite"), counters)


def rows_of(collector: Collector, body: bytes, user_agent: str, address: str) -> list[bytes]:
    """One request's way from bytes to rows."""
    arrival = Arrival(
        address=client_address("127.0.0.1", (address,), collector.trusted_proxies),
        user_agent=user_agent,
        language="nb-NO,nb",
        now=time.time(),
    )
    (page,), _refused = native.decode(body)
    reading = collector.doors[page.site].reading
    forgotten = collector.salts.under(
        reading.shop.time_zone,
        arrival.now,
        lambda day: forget(page, arrival, Mode.MEASURE, reading, day, collector.rules),
    )
    return [encode(event) for event in forgotten.events]


class Forgetting:
    """Bytes to rows without a socket: what decoding and forgetting an event costs.

    Visitors come from many networks, each of which has been seen before that day, as nearly all have in a shop.
    """

    def __init__(self, collector: Collector, user_agent: str) -> None:
        self._collector = collector
        now = time.time()
        self._arrivals = [
            Arrival(
                address=client_address("127.0.0.1", (f"84.{n % 200}.{n % 251}.{n % 253}",), collector.trusted_proxies),
                user_agent=user_agent,
                language="nb-NO,nb",
                now=now,
            )
            for n in range(_VISITORS)
        ]

    def seconds(self, body: bytes) -> float:
        """Of one request with this body, on average."""
        doors, salts, rules = self._collector.doors, self._collector.salts, self._collector.rules
        began = time.perf_counter()
        for arrival in self._arrivals:
            (page,), _ = native.decode(body)
            reading = doors[page.site].reading
            zone = reading.shop.time_zone
            salts.under(zone, arrival.now, partial(forget, page, arrival, Mode.MEASURE, reading, rules=rules))
        return (time.perf_counter() - began) / len(self._arrivals)


def shipping_ratios(
    collector: Collector, body: bytes, user_agent: str, pairs: int, counts: Sequence[int]
) -> list[list[float]]:
    """Rows a second from spool to store, as parts of what a plain insert of as many does; for each number of rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spool").mkdir()
        store = Store("chdb", folder, 1024)
        store.migrate()
        spool = Spool(folder / "spool" / "bench.sqlite")
        shipper = Shipper(store, folder / "spool", time.time)
        sample = rows_of(collector, body, user_agent, "84.1.7.7")[0]
        ratios = [
            [_shipping_ratio(store, spool, shipper, sample, rows, number) for number in range(pairs + 1)]
            for rows in counts
        ]
        store.close()
    return [each[1:] for each in ratios]  # the first one warms up


def _shipping_ratio(store: Store, spool: Spool, shipper: Shipper, sample: bytes, rows: int, number: int) -> float:
    day = datetime.now(UTC).date().isoformat()
    tally = Counter({Counted("bench", day, "view_item", Outcome.STORED): _ROWS_A_COMMIT})
    shipped, plainly = (_with_ids_of_their_own(sample, rows) for _ in range(2))
    for first in range(0, rows, _ROWS_A_COMMIT):
        spool.append(shipped[first : first + _ROWS_A_COMMIT], tally)
    ending = b",1]\n"
    body = ending.join(plainly) + ending
    took: dict[bool, float] = {}
    # each goes first as often as the other, and waits until the engine has merged what the one before brought
    for is_plain in (False, True) if number % 2 else (True, False):
        _wait_for_merges(store)
        took[is_plain] = _seconds(
            partial(store.insert, EVENTS, (*COLUMNS, "batch"), body, f"plain-{rows}-{number}")
            if is_plain
            else shipper.round
        )
    return took[True] / took[False]


def _wait_for_merges(store: Store) -> None:
    while store.query("SELECT count() FROM system.merges").rows[0][0]:
        time.sleep(_LOOK_SECONDS)


def _with_ids_of_their_own(sample: bytes, rows: int) -> list[bytes]:
    """So many events, none of which is another's retry."""
    place = list(COLUMNS).index("event_id")
    row = msgspec.json.decode(sample + b"]")
    return [msgspec.json.encode([*row[:place], random.getrandbits(63), *row[place + 1 :]])[:-1] for _ in range(rows)]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
