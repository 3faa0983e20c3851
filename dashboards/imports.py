"""Imported days on the local socket: for the command of this machine that reads another tool's files.

Enters: a day's counts, already cleaned, or the name of a tool. Leaves: one word a day, see `Import`; or how many days.
"""

import asyncio

import msgspec
from aiohttp import web

from pipeline.imports.cells import SOURCES, ImportedDay, faults
from pipeline.upkeep import Upkeep


def imports_routes(upkeep: Upkeep) -> list[web.RouteDef]:
    """`POST /imports` with an `ImportedDay`, `?only_say=1`: nothing is written; `DELETE /imports?site=&source=`."""

    async def keep(request: web.Request) -> web.Response:
        # not `read`, which stops at a megabyte: who may open this socket may fill the store anyway
        body = await request.content.read()
        try:
            imported = msgspec.json.decode(body, type=ImportedDay)
        except msgspec.DecodeError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        wrong = faults(imported)
        if not upkeep.knows(imported.site):
            wrong.append("the site is not one of the settings")
        if wrong:
            raise web.HTTPBadRequest(text="; ".join(wrong))
        only_say = request.query.get("only_say", "") == "1"
        return _answer(await asyncio.to_thread(upkeep.import_day, imported, only_say=only_say))

    async def remove(request: web.Request) -> web.Response:
        site, source = request.query.get("site", ""), request.query.get("source", "")
        if not upkeep.knows(site) or source not in SOURCES:
            raise web.HTTPBadRequest(text=f"expected a site of the settings and a source: {', '.join(SOURCES)}")
        return _answer(await asyncio.to_thread(upkeep.remove_import, site, source))

    return [web.post("/imports", keep), web.delete("/imports", remove)]


def _answer(said: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(said), content_type="application/json")
