"""A site and the days asked about. Enters: what stands in a query string; leaves: a `Window`, or one clear line.

A day is the site's calendar day. `until` cuts a window at an instant, so that today until now can be compared with
yesterday until the same time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from dashboards.office import Office, Shop
from pipeline.status import all_kept_since

_LONGEST_DAYS = 800
"""A little more than the 25 months that counts are kept."""
_FIRST_YEAR, _LAST_YEAR = 1971, 2148
"""The whole years of the store's dates, in every time zone. Past them it counts days until its memory is full."""

_DAYS_BACK = {"today": (0, 0), "yesterday": (1, 1), "both": (1, 0), "week": (7, 1), "month": (30, 1), "year": (365, 1)}
"""Period → how many days ago its first and last day are. The long ones hold whole days only."""

PERIODS = tuple(_DAYS_BACK)
LONGEST_BY_HOUR = 2
"""Days that are drawn hour by hour."""


class BadQuestionError(ValueError):
    """The question can't be answered; the message is for who asked."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days `first` to `last` of a site, cut at the instant `until`."""

    shop: Shop
    first: date
    last: date
    until: datetime

    def parameters(self, now: float) -> dict[str, str]:
        """What the panels' SQL takes, as text; each file uses the ones that it names."""
        return {
            "site": self.shop.id,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "until": _instant(self.until),
            "time_zone": self.shop.time_zone,
            "now": _instant(datetime.fromtimestamp(now, UTC)),
            "open": self.open(now).isoformat(),
        }

    def open(self, now: float) -> date:
        """Days from here on are answered from their rows, those before from what closing has left of them."""
        return all_kept_since(now, [self.shop.time_zone], self.shop.retention.events_hours)

    def parts(self) -> list["Window"]:
        """The same window in the pieces that a timeline is drawn in: few days one by one, many at once."""
        count = (self.last - self.first).days + 1
        if count > LONGEST_BY_HOUR:
            return [self]
        dates = (self.first + timedelta(days=n) for n in range(count))
        return [replace(self, first=day, last=day) for day in dates]


def asked(office: Office, query: Mapping[str, str]) -> Window:
    """The window that `site`, `from`, `to` and `until` of a query string describe.

    Raises:
        BadQuestionError: an unknown site, or dates that are none.
    """
    shop = _shop(office, query)
    today = _today(shop, office.clock())
    first = _date("from", query.get("from", ""), today)
    last = _date("to", query.get("to", ""), max(today, first))
    if first > last:
        raise BadQuestionError(f"from ({first}) is after to ({last})")
    if (last - first).days > _LONGEST_DAYS:
        raise BadQuestionError(f"from and to are more than {_LONGEST_DAYS} days apart")
    return Window(shop, first, last, _until(query.get("until", ""), office.clock()))


def named(office: Office, query: Mapping[str, str]) -> Window:
    """The window that `site` and `period` (one of `PERIODS`) describe.

    Raises:
        BadQuestionError: an unknown site or period.
    """
    shop = _shop(office, query)
    period = query.get("period", "today")
    if period not in PERIODS:
        raise BadQuestionError(f"period is one of {', '.join(PERIODS)}")
    today = _today(shop, office.clock())
    first, last = (today - timedelta(days=ago) for ago in _DAYS_BACK[period])
    return Window(shop, first, last, _until("", office.clock()))


def before(window: Window, now: float) -> Window | None:
    """The days before; if today is in the window, until the same time of day, and None where those rows have left."""
    length = window.last - window.first + timedelta(days=1)
    first, last = window.first - length, window.last - length
    local_now = datetime.fromtimestamp(now, window.shop.zone)
    is_over = window.last < local_now.date()
    if not is_over and first < window.open(now):
        return None
    return replace(window, first=first, last=last, until=(local_now - length).astimezone(UTC))


def _shop(office: Office, query: Mapping[str, str]) -> Shop:
    shop = office.shop(query.get("site", ""))
    if shop is None:
        raise BadQuestionError("site is unknown here; known: " + ", ".join(s.id for s in office.sites))
    return shop


def _today(shop: Shop, now: float) -> date:
    return datetime.fromtimestamp(now, shop.zone).date()


def _date(name: str, text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        parsed = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadQuestionError(f"{name} is no date; write YYYY-MM-DD") from None
    return _within_reach(name, parsed).date()


def _until(text: str, now: float) -> datetime:
    if not text:
        return datetime.fromtimestamp(now, UTC) + timedelta(days=1)
    try:
        parsed = datetime.fromisoformat(text)
        moment = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadQuestionError("until is no instant; write YYYY-MM-DDThh:mm:ssZ") from None
    return _within_reach("until", moment)


def _within_reach(name: str, moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise BadQuestionError(f"{name} lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
