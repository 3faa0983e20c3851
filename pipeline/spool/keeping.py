"""How long a row may be here. Enters: the hour and the sites' time zones. Leaves: the line between kept and over.

The same line that `events` is emptied by: rows past it may wait in no spool and come to no table any more.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.spool.contents import Head

KEEP_SECONDS = 2870 * 60.0
"""48 hours less the ten minutes that dropping a day may take."""
_SURE_SECONDS = 50 * 60.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What is still kept at one moment."""

    since: float
    """Rows of earlier moments are over."""
    first_day: str = ""
    """Rows of earlier days are: a day is dropped whole, by the age of its first row."""

    def is_over(self, head: Head) -> bool:
        """Whether that row may not be here any more. One that can't be read is not said to be."""
        return (head.ts is not None and head.ts < self.since) or (head.day != "" and head.day < self.first_day)

    @property
    def surely_since(self) -> float:
        """Rows from here on have surely left nowhere, whatever the store's clock says."""
        return self.since + _SURE_SECONDS


def kept_at(now: float, zones: Collection[str], keep_seconds: float = KEEP_SECONDS) -> Kept:
    """What is still kept at `now`, in seconds since 1970.

    Args:
        zones: names of the sites' time zones. A day is dropped when it is old enough in all of them; none: no day is.
    """
    since = now - keep_seconds
    days = [datetime.fromtimestamp(since, ZoneInfo(zone)).date() for zone in zones]
    return Kept(since, (min(days) + timedelta(days=1)).isoformat() if days else "")
