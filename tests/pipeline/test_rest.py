"""What fails is left alone for a while, and nothing else for its sake."""

import threading
from collections.abc import Callable
from pathlib import Path

from structlog.testing import capture_logs

from pipeline.ship.rest import Rests
from pipeline.ship.shipper import Shipper
from pipeline.spool.spool import Spool
from pipeline.store.database import Store
from tests.pipeline.test_ship import NOW, row, stored, tally_of


def test_a_rest_is_longer_each_time_until_it_goes_well() -> None:
    """Up to half a minute, of each for itself, and never quite regular."""
    rests: Rests[str] = Rests()
    seconds = [rests.begin("a", NOW) for _ in range(40)]
    nominal = [min(0.5 * 2**tries, 30.0) for tries in range(40)]
    assert all(least / 2 <= rested <= least for rested, least in zip(seconds, nominal, strict=True))
    assert len(set(seconds)) > 35
    assert rests.begin("b", NOW) <= 0.5
    rests.end("a")
    assert rests.begin("a", NOW) <= 0.5


def test_a_rest_ends_with_its_time_and_when_the_clock_is_set_back() -> None:
    """A clock that jumped must not keep anything waiting for hours."""
    rests: Rests[str] = Rests()
    seconds = rests.begin("a", NOW, "why")
    assert rests.resting(NOW) == rests.resting(NOW + seconds - 0.01) == {"a": "why"}
    assert rests.resting(NOW + seconds + 0.01) == rests.resting(NOW - 3600) == {}


class Hours(threading.Event):
    """Time passes only where somebody waits; before each wait an event comes in. Stops after so many.

    Args:
        mend: is done after half of them.
    """

    def __init__(self, spool: Spool, site: str, waits: int, mend: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._spool, self._site, self._waits, self._mend = spool, site, waits, mend
        self.waited: list[float] = []

    def now(self) -> float:
        """As the shipper is told."""
        return NOW + sum(self.waited)

    def wait(self, timeout: float | None = None) -> bool:
        """Let it pass at once."""
        self.waited.append(timeout or 0.0)
        self._spool.append([row(self._site, len(self.waited))], tally_of(self._site, 1))
        if len(self.waited) == self._waits // 2:
            self._mend()
        if len(self.waited) == self._waits:
            self.set()
        return self.is_set()


def test_a_broken_spool_does_not_slow_the_others(store: Store, tmp_path: Path) -> None:
    """It is tried again ever more seldom, and told of all the time; the others are shipped as often as ever."""
    site, broken = "slowed.no", tmp_path / "worker-0.sqlite"
    broken.write_bytes(b"this is no database" * 1000)
    good = Spool(tmp_path / "worker-1.sqlite")
    hours = Hours(good, site, waits=60)
    working = Shipper(store, tmp_path, hours.now)
    with capture_logs() as logs:
        working.run(hours)
    tries = [
        line["retry_seconds"] for line in logs if "worker-0" in str(line.get("reason")) and "retry_seconds" in line
    ]
    assert set(hours.waited) == {0.4}
    assert 4 <= len(tries) <= 9
    assert tries[-1] > 4 * tries[0]
    assert "worker-0.sqlite" in working.done.trouble
    assert stored(store, site) == [*range(1, 61)]
    working = Shipper(store, tmp_path, hours.now)
    assert working.round({broken: "it is broken"}) == 0
    assert working.done.trouble == "it is broken"
    good.close()


def test_a_spool_that_has_been_mended_is_shipped(store: Store, tmp_path: Path) -> None:
    """Without having been started anew, and then all is well."""
    site, broken = "mended.no", tmp_path / "worker-0.sqlite"
    broken.write_bytes(b"this is no database" * 1000)
    good = Spool(tmp_path / "worker-1.sqlite")

    def mend() -> None:
        broken.unlink()
        spool = Spool(broken)
        spool.append([row(site, 999)], tally_of(site, 1))
        spool.close()

    hours = Hours(good, site, waits=30, mend=mend)
    working = Shipper(store, tmp_path, hours.now)
    working.run(hours)
    assert stored(store, site) == [*range(1, 31), 999]
    assert working.done.trouble == ""
    good.close()
