"""`sporlos serve`: everything on one machine, started in order, ended in order.

Enters: settings. Leaves: a collector and a back office that run until told otherwise, and the three things to know
once they do: the script tag, the dashboard's address, a login.
"""

import asyncio
import math
import os
import shutil
import socket
import sys
from importlib import resources
from pathlib import Path

import aiohttp

from dashboards.accounts import Accounts
from dashboards.advertisers import Declared
from dashboards.office import Shop
from dashboards.premises import Premises
from pipeline import lock
from pipeline.audiences.shop import Advertiser
from pipeline.retain.retention import Limits
from pipeline.store.address import Access
from proxy import tag
from proxy.beacon import script
from proxy.children import Child
from proxy.places import hold
from proxy.privacy.reading import kept_as
from proxy.privacy.sensitive import Marked
from proxy.settings import Address, Settings
from proxy.site import Site

_READY_WITHIN_SECONDS = 120.0
_ASK_EVERY_SECONDS = 0.1
_TELL_EVERY_SECONDS = 3.0


def starter_settings(file: Path | None, default: Path, *, demo: bool) -> Path | None:
    """The settings file; where there is none, one to start with, unless it is all a demo."""
    if file is None and not demo:
        with resources.as_file(resources.files("proxy").joinpath("starter.toml")) as starter:
            shutil.copyfile(starter, default)
        _say(f"wrote {default}: put your shop's id and origins there")
        return default
    return file


def premises(settings: Settings) -> Premises:
    """The settings as the back office takes them."""
    listen = Address(settings.backoffice.listen)
    retention, served = Limits(**settings.retention.model_dump()), script.load()
    return Premises(
        data=settings.data,
        spool=settings.spool,
        time_zone=settings.time_zone,
        host=listen.host,
        port=listen.port,
        store_url=settings.clickhouse.url,
        memory_mebibytes=settings.clickhouse.memory_mebibytes,
        secure_cookie=settings.backoffice.secure_cookie,
        shops=tuple(
            Shop(
                site.id,
                site.time_zone or settings.time_zone,
                tag.tag(settings, site),
                retention,
                tag.pinned_tag(settings, site, served),
                tag.opt_out(settings),
                site.recommendations,
            )
            for site in settings.sites
        ),
        retention=retention,
        store_access=Access(
            settings.clickhouse.password_file,
            settings.clickhouse.ca_file,
            settings.clickhouse.answer_seconds,
            settings.clickhouse.cluster,
        ),
        declared=tuple(declared(site) for site in settings.sites if site.exports),
        recommending=tuple(declared(site) for site in settings.sites if site.recommendations),
    )


def declared(site: Site) -> Declared:
    """A shop with exports on, as whoever makes them takes it."""
    said = Advertiser(
        site.id,
        frozenset(site.exports),
        site.market,
        site.money,
        site.counted_money,
        campaigns=site.campaigns,
        areas=site.areas,
        is_sensitive=Marked(site.sensitive_groups, site.sensitive).is_in,
        kept_as=kept_as,
    )
    return Declared(said, site.catalogue, site.spend)


async def serve(settings: Settings, arguments: list[str], stop: asyncio.Event, *, demo: bool) -> None:
    """Run everything until `stop` is set.

    Raises:
        OSError: an address is taken.
        Invalid: the file of places can't be used.
    """
    if settings.collector.places is not None:
        os.close(hold(settings.collector.places))  # before anything starts: one clear line
    places = {
        "[collector] listen": settings.collector.listen,
        "[collector] admin": settings.collector.admin,
        "[backoffice] listen": settings.backoffice.listen,
    }
    for setting, place in (places | ({"[demo] listen": settings.demo.listen} if demo else {})).items():
        must_be_free(place, setting)
    try:
        settings.spool.mkdir(parents=True, exist_ok=True)
        alone = lock.take(settings.data / "serve.lock")
    except lock.Taken:
        raise OSError(f"{settings.data.resolve()} is in use: Sporløs is running on this data folder already") from None
    except OSError as error:
        raise OSError(f"data: {settings.data.resolve()} can't be used: {error.strerror}") from None
    collector = Child("collector", ["collect", *arguments])
    office = Child("back office", ["backoffice", *arguments])
    visitors = Child("demo", ["visitors", *arguments])
    # stopped in this order: what the collector drains into the spool, the back office still ships
    children = [*([visitors] if demo else []), collector, office]
    try:
        if demo:
            await _make_past(arguments, stop)
        _say("starting the collector and the back office …")
        collector.start()
        office.start()
        ready = await _ready(f"http://{settings.collector.admin}/readyz", "the collector", collector, stop)
        # no deadline: the store may be away for hours, and what visitors send waits in the spool
        office_url = f"http://{settings.backoffice.listen}/readyz"
        ready = ready and await _ready(office_url, "the back office", office, stop, math.inf)
        if ready and demo:
            _say("making a day of visits that never happened …")
            visitors.start()
            ready = await _ready(f"http://{settings.demo.listen}/", "the demo shop", visitors, stop)
        if ready:
            _tell(settings, demo=demo)
            await stop.wait()
    finally:
        _say("stopping: answering what is under way, shipping what waits …")
        for child in children:
            await child.stop()
        alone.close()


async def _make_past(arguments: list[str], stop: asyncio.Event) -> None:
    """Let the demo make its past, by itself: the store has room for one process. Without a past it goes on, too."""
    past = Child("the demo's past", ["visitors", "--past", *arguments])
    running, stopped = asyncio.create_task(past.once()), asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    await past.stop()
    if await running and not stop.is_set():
        _say("the demo has no past; why stands above")


def must_be_free(place: str, setting: str) -> None:
    """Refuse an address that somebody has, before a worker shares it by mistake.

    Raises:
        OSError: naming the address.
    """
    address = Address(place)
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise OSError(
                f"{place}: {error.strerror}; is Sporløs running already? Else set another port ({setting})"
            ) from None


async def _ready(
    url: str, name: str, child: Child, stop: asyncio.Event, within_seconds: float = _READY_WITHIN_SECONDS
) -> bool:
    """Wait until somebody answers 200; False if that will not happen any more."""
    loop = asyncio.get_running_loop()
    began = told = loop.time()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        while not stop.is_set():
            try:
                async with session.get(url) as answer:
                    if answer.ok:
                        return True
            except (aiohttp.ClientError, TimeoutError):
                pass
            if child.gave_up is not None or loop.time() - began > within_seconds:
                raise OSError(f"{name} does not start; what it says stands above")
            if loop.time() - told > _TELL_EVERY_SECONDS:
                told = loop.time()
                _say(f"waiting for {name} ({loop.time() - began:.0f} s) …")
            await asyncio.sleep(_ASK_EVERY_SECONDS)
    return False


def _tell(settings: Settings, *, demo: bool) -> None:
    secret = Accounts(settings.data / "backoffice.sqlite").new_login_link_secret()
    tags = "\n".join(f"    {tag.tag(settings, site)}" for site in settings.sites)
    shop = f"\n  Demo shop      http://{settings.demo.listen}/\n" if demo else ""
    _say(
        f"ready.\n\n  Paste this into the <head> of your pages:\n{tags}\n\n"
        f"  Dashboard      http://{settings.backoffice.listen}/\n"
        f"  Log in once    http://{settings.backoffice.listen}/login?once={secret}\n{shop}\n"
        "  The login is good for one use within an hour. Stop with Ctrl-C."
    )


def _say(text: str) -> None:
    sys.stdout.write(f"sporlos: {text}\n")
    sys.stdout.flush()
