"""Exports on the local socket: for the command of this machine.

Enters: a site, an export, a week. Leaves: what there is, as JSON, or a file; what can't leave is 409 and says why.
"""

import asyncio

import msgspec
from aiohttp import hdrs, web

from dashboards.outgoing import NoFile, Outgoing


class Standing(msgspec.Struct, frozen=True):
    """What there is of one site."""

    site: str
    switched_on: tuple[str, ...]
    weeks: tuple[str, ...]
    """That are released, oldest first."""
    waits: tuple[str, ...] = ()
    """Why weeks that are over are not among them."""
    troubles: tuple[str, ...] = ()
    """Why files of the shop can't be read."""


def exports_routes(outgoing: Outgoing) -> list[web.RouteDef]:
    """`GET /exports?site=`: a `Standing`; `GET /exports/{name}?site=&week=`: a file, of the newest week by default.

    `GET /ledger/verify`: whether what they are made of was changed.
    """

    def standing(site: str) -> Standing:
        advertisers = outgoing.advertisers
        return Standing(
            site,
            tuple(name for name in outgoing.listed if name in advertisers.switched_on(site)),
            outgoing.weeks(site),
            tuple(f"{wait.week} is not released: {wait.why}" for wait in outgoing.waits(site)),
            advertisers.troubles(site),
        )

    async def tell(request: web.Request) -> web.Response:
        return _answer(await asyncio.to_thread(standing, request.query.get("site", "")))

    async def verdict(_request: web.Request) -> web.Response:
        return _answer(await asyncio.to_thread(outgoing.verify))

    async def hand_out(request: web.Request) -> web.Response:
        name, site, week = (request.match_info["name"], request.query.get("site", ""), request.query.get("week", ""))
        found = await asyncio.to_thread(outgoing.file, site, name, week)
        if isinstance(found, NoFile):
            raise web.HTTPConflict(text=found.line)
        headers = {hdrs.ETAG: f'"{found.etag}"', "Week": found.week}
        return web.Response(body=found.body, content_type=found.export.form.media_type, headers=headers)

    return [web.get("/exports", tell), web.get("/exports/{name}", hand_out), web.get("/ledger/verify", verdict)]


def _answer(said: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(said), content_type="application/json")
