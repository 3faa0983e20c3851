"""Everything that one page shows, in one answer. Enters: a site and a period; leaves: all panels, if anything changed.

Pages ask about every second. Each time two cheap questions are put to the store: who is here, and has anything come
since. Only if something has are the other panels asked again, once for all who look, and with a rest in between: the
engine is shared with the shipper.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from aiohttp import web

from dashboards.office import Office
from dashboards.panels import PANELS, ask, gather
from dashboards.panels.cells import Cells
from dashboards.period import BadQuestionError, Window, before, named
from dashboards.web.answers import complaint, reply, shaped, store_trouble
from dashboards.web.gate import OFFICE
from pipeline import regions
from pipeline.store.database import Answer, StoreError

_ASKED_EACH_TIME = frozenset({"live", "pulse"})
_ROWS_A_TABLE = 100
_REST_FACTOR, _LONGEST_REST_SECONDS = 2.0, 0.5
"""After asking all panels, rest for twice as long as that took, but an event must show up within two seconds."""
_EMPTY_DAYS = 2
"""A weekend: so many days running may have had nobody. More are a gap between two tools, or in our own counting."""
_COUNTED_DAYS = """SELECT day FROM closings WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date}
        AND grain IN ('day', 'imported') GROUP BY day, grain HAVING argMax(rests_on, run) != 0
    UNION DISTINCT SELECT day FROM events WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date}"""


@dataclass(slots=True)
class _Drawn:
    """What was last drawn of one site and period; a lock makes those who ask at once wait for one answer."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    version: str = ""
    panels: dict[str, Any] = field(default_factory=dict)
    rest_until: float = 0.0


class Board:
    """Draws the page's numbers; keeps one drawing for each site and period, which are few."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._drawn: dict[tuple[str, str], _Drawn] = {}

    async def draw(self, window: Window, period: str, seen: str) -> dict[str, Any]:
        """What changed since the version `seen`; `panels` is None where nothing did."""
        drawn = self._drawn.setdefault((window.shop.id, period), _Drawn())
        async with drawn.lock:
            now = self._office.clock()
            live, pulse = await asyncio.to_thread(self._ask_cheap, window, now)
            version = _version(window, pulse, now)
            if version != drawn.version:
                await asyncio.sleep(drawn.rest_until - time.monotonic())
                began = time.monotonic()
                drawn.panels = await asyncio.to_thread(self._ask_all, window, now)
                drawn.version = version
                rest = _REST_FACTOR * (time.monotonic() - began)
                drawn.rest_until = time.monotonic() + min(rest, _LONGEST_REST_SECONDS)
            return {
                "version": drawn.version,
                "from": window.first,
                "to": window.last,
                "events": pulse.rows[0][1] + pulse.rows[0][3],
                "live": shaped(live),
                "panels": None if seen == drawn.version else drawn.panels,
                "regions": {} if seen == drawn.version else _called(drawn.panels["regions"]["rows"]),
            }

    def _ask_cheap(self, window: Window, now: float) -> tuple[Answer, Answer]:
        return self._ask("live", window, now), self._ask("pulse", window, now)

    def _ask_all(self, window: Window, now: float) -> dict[str, Any]:
        names = [name for name in PANELS if name not in _ASKED_EACH_TIME]
        cells = gather(self._office.store, names, window, now)
        panels: dict[str, Any] = {
            name: shaped(self._ask(name, window, now, cells), _ROWS_A_TABLE) for name in names if name != "timeline"
        }
        # hours, where there are few days: two bars for two days would say nothing
        days = [self._ask("timeline", part, now, cells) for part in window.parts()]
        hours = [row for answer in days for row in answer.rows]
        panels["timeline"] = shaped(Answer(days[0].columns, hours))
        earlier = self._comparable(window, now)
        panels["before"] = shaped(self._ask("overview", earlier, now)) if earlier else None
        return panels

    def _comparable(self, window: Window, now: float) -> Window | None:
        """The time before, if the shop was counted all the while: growth against half a week would be invented."""
        earlier = before(window, now)
        if earlier is None:
            return None
        reach = timedelta(days=_EMPTY_DAYS + 1)
        names = {"site": window.shop.id, "from": str(earlier.first - reach), "to": str(earlier.last)}
        days = sorted(day for (day,) in self._office.store.query(_COUNTED_DAYS, names).rows)
        # one from before, as the first day of any counting is seldom a whole one
        if not days or days[0] >= earlier.first:
            return None
        # a day without a visit leaves no trace, so it can't be told from one that nobody counted
        nearest = max(day for day in days if day < earlier.first)
        within = [nearest, *(day for day in days if day > nearest), earlier.last + timedelta(days=1)]
        return earlier if all(later - day <= reach for day, later in pairwise(within)) else None

    def _ask(self, name: str, window: Window, now: float, cells: Cells | None = None) -> Answer:
        return ask(self._office.store, name, window, now, cells)


def _version(window: Window, pulse: Answer, now: float) -> str:
    """Changes with the events, the refusals, closings, the date; and with today in the window, each minute.

    Yesterday until now moves on with the clock. Days that are over stay drawn, until they are read from their counts.
    """
    _, *numbers = pulse.rows[0]
    is_over = window.last < datetime.fromtimestamp(now, window.shop.zone).date()
    said = (window.first, window.last, window.open(now), *numbers, 0 if is_over else int(now // 60))
    return ".".join(map(str, said))


def _called(rows: list[list[Any]]) -> dict[str, str]:
    """Names of the regions in these rows, of those that are known by one."""
    return {code: regions.names()[code] for code, *_ in rows if code in regions.names()}


BOARD = web.AppKey("board", Board)


async def dashboard(request: web.Request) -> web.Response:
    """`GET /api/dashboard?site=&period=&version=`."""
    try:
        window = named(request.app[OFFICE], request.query)
        period, seen = request.query.get("period", "today"), request.query.get("version", "")
        return reply(await request.app[BOARD].draw(window, period, seen))
    except BadQuestionError as error:
        return complaint(str(error), 400)
    except StoreError as error:
        return store_trouble(error)
