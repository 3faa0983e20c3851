"""Two hosts on this machine: a shop whose pages a test writes, and a collector that remembers what it was sent."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from playwright.async_api import Page

from proxy import reply
from proxy.arrival import RawEvent
from proxy.beacon import script
from proxy.decode import native

SCRIPT = script.load()
PATIENCE_SECONDS = 10


@dataclass
class Stage:
    """The double of the network's other end, and the shop's pages by path."""

    shop: str = ""
    collector: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    page_headers: dict[str, str] = field(default_factory=dict)
    page_status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    content_types: list[str] = field(default_factory=list)
    broken: bool = False
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def put(self, path: str, html: str = "", head: str = "", mode: str | None = "measure", more: str = "") -> str:
        """Lay out a page with the tag in it; its address."""
        said = f' data-mode="{mode}"' if mode else ""
        tag = f'<script defer src="{self.collector}/s.js" data-site="shop.no"{said} {more}></script>'
        icon = '<link rel="icon" href="data:,">'
        self.pages[path] = f"<!doctype html><title>x</title>{icon}{head}{tag}<body>{html}"
        return self.shop + path

    async def serve_page(self, request: web.Request) -> web.Response:
        """A page of the shop."""
        html = self.pages.get(request.path)
        async with self.arrived:
            self.asked.append(request.path)
            self.arrived.notify_all()
        if html is None:
            raise web.HTTPNotFound
        return web.Response(text=html, content_type="text/html", headers=self.page_headers, status=self.page_status)

    async def serve_script(self, request: web.Request) -> web.Response:
        """The script as it is shipped."""
        return reply.script(*SCRIPT.accepted(request.headers["Accept-Encoding"]))

    async def receive(self, request: web.Request) -> web.Response:
        """Remember a body; where the test says so, break off instead."""
        body = await request.text()
        if self.broken and request.transport:
            request.transport.abort()
        async with self.arrived:
            self.bodies.append(json.loads(body))
            self.texts.append(body)
            self.content_types.append(request.headers["Content-Type"])
            self.arrived.notify_all()
        return web.Response(status=202)

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """All events so far, or those of one name."""
        return [event for body in self.bodies for event in body["e"] if name in (None, event["n"])]

    def names(self) -> list[str]:
        """The names of all events, in the order they came."""
        return [event["n"] for event in self.events()]

    def read(self, name: str) -> list[RawEvent]:
        """The events of one name, as the collector reads them."""
        pages = [page for text in self.texts for page in native.decode(text.encode())[0]]
        return [event for page in pages for event in page.events if event.name == name]

    async def wait(self, name: str, times: int = 1) -> dict[str, Any]:
        """Wait until an event of that name has come so often; the latest of them."""
        async with self.arrived, asyncio.timeout(PATIENCE_SECONDS):
            await self.arrived.wait_for(lambda: len(self.events(name)) >= times)
        return self.events(name)[-1]

    async def asked_for(self, path: str) -> None:
        """Wait until a page of the shop has been asked for."""
        async with self.arrived, asyncio.timeout(PATIENCE_SECONDS):
            await self.arrived.wait_for(lambda: path in self.asked)

    async def leave(self, page: Page) -> None:
        """Leave the page, and return when all that it had to say must have come."""
        self.pages["/elsewhere"] = '<!doctype html><title>x</title><link rel="icon" href="data:,">'
        await page.goto(self.shop + "/elsewhere")
        seen = len(self.events("marker"))
        marker = json.dumps({"e": [{"n": "marker"}]})
        said = "([to, body]) => fetch(to, {method: 'POST', body, mode: 'no-cors'})"
        await page.evaluate(said, [self.collector + "/e", marker])
        await self.wait("marker", seen + 1)
