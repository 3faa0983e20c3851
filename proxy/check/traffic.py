"""What the network brings while a page is loaded. Enters: requests and answers. Leaves: our scripts, and reports."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Response

from proxy.check.observed import Loaded, Report


class _Event(msgspec.Struct):
    n: str
    items: Any = None


class _Body(msgspec.Struct):
    """A native body, as far as it is of interest here."""

    e: list[_Event]
    s: str = ""
    m: str = ""


_NUMBERS = "item_id sporlosProduct sku productID productGroupID gtin13".split()
"""Under which a page may say which product it is."""
_NAMES = "item_name sporlosName name".split()


# A browser keeps nothing but the status of an answer to a beacon that went elsewhere. Said once more as an ordinary
# request, which the collector lets every page read, it tells its word. Somebody else's answer has none.
_ASK_AGAIN = """async ([url, body]) => {
  try { return String((await (await fetch(url, {method: 'POST', body, credentials: 'omit'})).json()).refused ?? '') }
  catch { return '' }
}"""
_ACCEPTED = 202


@dataclass  # without slots: Playwright notes on the listener's owner what it listens to
class Traffic:
    """What the network brings while the page is loaded."""

    known: str = ""
    """Where our script is, if nothing in its bytes tells."""
    requests: dict[str, None] = field(default_factory=dict)
    scripts: dict[str, Loaded] = field(default_factory=dict)
    reports: dict[Request, Report] = field(default_factory=dict)
    _open: dict[Request, asyncio.Future[None]] = field(default_factory=dict)
    _reading: set[asyncio.Task[None]] = field(default_factory=set)

    @contextmanager
    def of(self, page: Page) -> Iterator[None]:
        """Listen to a page, for the time of the block."""
        listeners = {"request": self.request, "response": self.response, "requestfailed": self.failed}
        for event, listener in listeners.items():
            page.on(event, listener)  # type: ignore[call-overload]  # typed for a literal name each
        yield
        for event, listener in listeners.items():
            page.remove_listener(event, listener)

    def request(self, request: Request) -> None:
        """Something was asked for."""
        if not request.is_navigation_request() or request.frame.parent_frame:
            self.requests[request.url] = None
        report = _report(request)
        if report:
            self.reports[request] = report
            self._open[request] = asyncio.get_running_loop().create_future()

    def response(self, response: Response) -> None:
        """It was answered; what the answer says is read by the way."""
        task = asyncio.ensure_future(self._read(response))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    def failed(self, request: Request) -> None:
        """It was not."""
        failure = request.failure or "no answer"
        if request in self.reports:
            self._answered(request, failure=failure)
        elif request.resource_type == "script":
            self.scripts[request.url] = Loaded(request.url, failure=failure)

    async def settled(self, seconds: float) -> None:
        """Until every report has its answer, or patience is over."""
        if self._open:
            await asyncio.wait(self._open.values(), timeout=seconds)
        await asyncio.gather(*self._reading)

    async def ask_again(self, page: Page) -> None:
        """Find the collector's word for what it did not take."""
        for request, report in self.reports.items():
            if report.status not in (0, _ACCEPTED):
                refused = await page.evaluate(_ASK_AGAIN, [request.url, request.post_data])
                self.reports[request] = replace(report, refused=refused)

    async def _read(self, response: Response) -> None:
        request = response.request
        if request in self.reports:
            self._answered(request, status=response.status)
        elif request.resource_type == "script":
            self.scripts[request.url] = await _loaded(response, self.known)

    def _answered(self, request: Request, *, status: int = 0, failure: str = "") -> None:
        self.reports[request] = replace(self.reports[request], status=status, failure=failure)
        if not self._open[request].done():
            self._open[request].set_result(None)


def _report(request: Request) -> Report | None:
    """A request whose body has the shape of a native one, wherever it goes."""
    if request.method != "POST":
        return None
    try:
        body = msgspec.json.decode(request.post_data_buffer or b"", type=_Body)
    except msgspec.DecodeError:
        return None
    names = tuple(event.n.lstrip("-") for event in body.e)
    seen = [_item(event.items) for event in body.e if event.n == "view_item"]
    return Report(
        request.url,
        body.s,
        body.m,
        names,
        products=tuple(_first(item, _NAMES) or _first(item, _NUMBERS) for item in seen if _first(item, _NUMBERS)),
        unnumbered=tuple(_first(item, _NAMES) for item in seen if not _first(item, _NUMBERS)),
    )


def _item(items: object) -> dict[str, Any]:
    first = items[0] if isinstance(items, list) and items else None
    return first if isinstance(first, dict) else {}


def _first(item: dict[str, Any], names: list[str]) -> str:
    return next((str(item[name]) for name in names if item.get(name)), "")


async def _loaded(response: Response, known: str) -> Loaded:
    body = b""
    with suppress(PlaywrightError):  # a redirect has none
        body = await response.body()
    headers = response.headers
    return Loaded(
        url=response.url,
        status=response.status,
        is_ours=(b"sporlos" in body and b"sendBeacon" in body) or response.url == known,
        content_type=headers.get("content-type", ""),
        cache_control=headers.get("cache-control", ""),
        digest="sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode(),
    )
