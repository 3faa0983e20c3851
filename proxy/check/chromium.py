"""Loads a page in a browser of its own, which forgets everything. Enters: an address. Leaves: observations.

Nothing is judged here. The browser says in its name that it is this command, so no collector counts it as a visitor.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import resources
from pathlib import Path

import msgspec
from playwright.async_api import BrowserContext, Page, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from proxy.check.asked import Asked
from proxy.check.observed import Consent, Markup, Observations, Tag, Violation, Visit
from proxy.check.traffic import Traffic

NAME = "sporlos-check/1"
"""What the browser calls itself besides; lists of robots know the word."""

_NAMES = "chromium chromium-browser google-chrome google-chrome-stable chrome msedge".split()
_PLACES = (Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),)
_QUIET = """--disable-background-networking --disable-component-update --disable-sync --disable-quic
    --no-first-run""".split()
_LOAD_SECONDS = 30.0


class NoBrowser(Exception):
    """There is none, or it doesn't start."""


class NoPage(Exception):
    """The page can't be loaded at all."""


class _Looked(msgspec.Struct):
    """What `look.js` answers."""

    ran: bool
    tags: tuple[Tag, ...]
    violations: tuple[Violation, ...]
    markup: Markup
    consent: Consent


async def observe(asked: Asked) -> Observations:
    """Load the page, and where a button to agree is named, press it and load the page once more.

    Raises:
        NoBrowser: naming what to install.
        NoPage: naming the browser's reason.
    """
    async with async_playwright() as playwright, _window(playwright, asked) as window:
        page = await window.new_page()
        before = await _visit(page, asked)
        after = await _visit(page, asked) if asked.accept and await _press(page, asked) else None
        return Observations(before=before, after=after, accepting=asked.accept, expected=asked.expected)


@asynccontextmanager
async def _window(playwright: Playwright, asked: Asked) -> AsyncIterator[BrowserContext]:
    path = asked.browser or _found() or Path(playwright.chromium.executable_path)
    if not path.exists():
        where = f"at {path}" if asked.browser else "on this machine"
        raise NoBrowser(f"no Chromium {where}: install one (Debian: apt-get install chromium), or name it by --browser")
    rules = [f"--host-resolver-rules={','.join(map(_rule, asked.resolve))}"] if asked.resolve else []
    try:
        # root can't have Chromium's sandbox; everybody else should, as it opens other people's scripts
        browser = await playwright.chromium.launch(
            executable_path=path, args=[*_QUIET, *rules], chromium_sandbox=os.geteuid() != 0
        )
    except PlaywrightError as error:
        raise NoBrowser(f"{path} doesn't start: {error.message.splitlines()[0]}") from None
    try:
        page = await browser.new_page()
        own_name = str(await page.evaluate("navigator.userAgent")).replace("Headless", "")
        await page.close()
        window = await browser.new_context(
            user_agent=f"{own_name} {NAME}",
            viewport={"width": 1280, "height": 900},
            ignore_https_errors=asked.insecure,
            service_workers="block",  # what one answers is not what the network does
        )
        await window.add_init_script(_text("watch.js"))
        yield window
    finally:
        await browser.close()


def _found() -> Path | None:
    paths = [Path(path) for name in _NAMES if (path := shutil.which(name))]
    return next((path for path in (*paths, *_PLACES) if path.exists()), None)


def _rule(resolved: str) -> str:
    host, _, address = resolved.partition("=")
    return f"MAP {host} {address}"


async def _press(page: Page, asked: Asked) -> bool:
    try:
        await page.click(asked.accept, timeout=1000 * asked.seconds)
    except PlaywrightError:
        return False
    await _quiet(page, asked.seconds)  # the banner tells its tool and stores its cookie
    return True


async def _visit(page: Page, asked: Asked) -> Visit:
    traffic = Traffic(asked.script)
    try:
        with traffic.of(page):
            answer = await page.goto(asked.url, timeout=1000 * _LOAD_SECONDS)
            await _quiet(page, asked.seconds)
            await traffic.settled(asked.seconds)
        ours = [url for url, loaded in traffic.scripts.items() if loaded.is_ours]
        looked = msgspec.convert(await page.evaluate(_text("look.js"), ours), _Looked)
        await traffic.ask_again(page)
    except PlaywrightError as error:
        raise NoPage(f"{asked.url} can't be loaded: {_reason(error)}") from None
    except msgspec.ValidationError as error:
        # the page's own scripts can change what ours reads
        raise NoPage(f"{asked.url} can't be read: {error}") from None
    cookies = await page.context.cookies()
    tags = looked.tags
    return Visit(
        url=page.url,
        status=answer.status if answer else 0,
        ran=looked.ran,
        tags=tags,
        scripts=tuple(one for url, one in traffic.scripts.items() if one.is_ours or url in {tag.src for tag in tags}),
        reports=tuple(traffic.reports.values()),
        violations=looked.violations,
        requests=tuple(traffic.requests),
        cookies=tuple(sorted({cookie["name"] for cookie in cookies})),
        markup=looked.markup,
        consent=looked.consent,
    )


async def _quiet(page: Page, seconds: float) -> None:
    with suppress(PlaywrightTimeout):  # a page that goes on asking for more is looked at as it is
        await page.wait_for_load_state("networkidle", timeout=1000 * seconds)


def _reason(error: PlaywrightError) -> str:
    return error.message.splitlines()[0].removeprefix("Page.goto: ").partition(" at http")[0]


def _text(file: str) -> str:
    return resources.files("proxy.check").joinpath(file).read_text(encoding="utf-8")
