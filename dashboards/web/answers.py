"""The panels' JSON. Enters: a panel's name, a site and dates; leaves: columns and rows, or one clear line."""

import asyncio
from typing import Any

import orjson
import structlog
from aiohttp import web

from dashboards.panels import PANELS, ask
from dashboards.period import BadQuestionError, asked
from dashboards.web.gate import OFFICE
from pipeline.store.database import Answer, StoreError

log = structlog.get_logger("sporlos.dashboards")


def shaped(answer: Answer, most: int | None = None) -> dict[str, Any]:
    """An answer as it leaves: `{"columns": [{"name", "type"}], "rows": [[…]]}`, at most so many rows."""
    columns = [{"name": name, "type": kind} for name, kind in answer.columns]
    return {"columns": columns, "rows": [list(row) for row in answer.rows[:most]]}


def reply(value: dict[str, Any], status: int = 200) -> web.Response:
    """A JSON response; NaN becomes null."""
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")


def complaint(error: str, status: int) -> web.Response:
    """What was wrong, in one line."""
    return reply({"error": error}, status)


def store_trouble(error: StoreError) -> web.Response:
    """The store did not answer: the operator reads why, the asker that it may pass."""
    log.warning("a panel got no answer", reason=str(error))
    return complaint("the store does not answer at the moment", 503)


async def panel(request: web.Request) -> web.Response:
    """`GET /api/panels/{name}?site=&from=&to=&until=`."""
    office, name = request.app[OFFICE], request.match_info["name"]
    if name not in PANELS:
        return complaint("no such panel; there are: " + ", ".join(sorted(PANELS)), 404)
    try:
        window = asked(office, request.query)
        answer = await asyncio.to_thread(ask, office.store, name, window, office.clock())
    except BadQuestionError as error:
        return complaint(str(error), 400)
    except StoreError as error:
        return store_trouble(error)
    return reply(shaped(answer))
