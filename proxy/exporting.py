"""`sporlos export`: what is made of released weeks for advertisers.

Enters: an export, a site, a week. Leaves: a file, or a list of what there is, and an exit code. It asks whoever has the
store, as every command does; a file is whole or not there.
"""

import os
import re
import stat
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from dashboards.accounts import Accounts
from dashboards.exports import Standing
from pipeline.audiences.exports.listed import EXPORTS
from pipeline.chain import Verdict
from pipeline.store.database import StoreError
from proxy.office import Desk, NoAnswer, ask, desk
from proxy.settings import Settings

_WEEK = re.compile(r"\d{4}-W\d{2}")


class Unclear(ValueError):
    """The arguments don't say what to do; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator wants."""

    name: str = ""
    """Empty: a list of what there is."""
    site: str = ""
    week: str = ""
    output: Path | None = None
    new_secret: bool = False
    verify: bool = False


def sites_of(settings: Settings, wish: Wish) -> list[str]:
    """The sites that are meant: one, unless it is a list that is wanted.

    Raises:
        Unclear: that, or something else, is not said.
    """
    known = [site.id for site in settings.sites]
    with_exports = [site.id for site in settings.sites if site.exports]
    with_feeds = [site.id for site in settings.sites if any(EXPORTS[name].is_feed for name in site.exports)]
    if wish.name and wish.name not in EXPORTS:
        raise Unclear(f"the export is one of {', '.join(EXPORTS)}")
    if wish.week and not _WEEK.fullmatch(wish.week):
        raise Unclear("--week: expected a week like 2026-W48")
    if not wish.name and (wish.week or wish.output):
        raise Unclear(f"which export? One of {', '.join(EXPORTS)}")
    if wish.name and (wish.new_secret or wish.verify):
        raise Unclear("--new-secret and --verify go without an export: they are about all of them")
    if wish.new_secret and wish.verify:
        raise Unclear("--new-secret or --verify: one at a time")
    if wish.site and wish.site not in known:
        raise Unclear(f"--site: {wish.site} is not a site of these settings; known: {', '.join(known)}")
    if not wish.site and not with_exports and not wish.verify:  # what was released is there all the same
        raise Unclear("no site has exports switched on: put names into its `exports`")
    asked = [wish.site] if wish.site else with_feeds if wish.new_secret else with_exports
    if len(asked) > 1 and (wish.name or wish.new_secret):
        raise Unclear(f"--site: which? {', '.join(asked)}")
    if wish.new_secret and not {*asked} & {*with_feeds}:
        raise Unclear(f"no feed is switched on for {wish.site or 'any site'}, so there is no address to renew")
    return asked


async def run(settings: Settings, wish: Wish, accounts: Callable[[], Accounts]) -> int:
    """Do what is wished. 0: done; 1: not, and why; 2: the wish is unclear."""
    try:
        sites = sites_of(settings, wish)
        if wish.new_secret:
            accounts().renew_feed_secret(sites[0])
            sys.stderr.write(f"{sites[0]}: the feeds have new addresses, which the dashboard's page /exports shows\n")
            return 0
        async with desk(settings) as here:
            if wish.verify:
                return said_of(await ask(here.session, "/ledger/verify", Verdict))
            if wish.name:
                await _write(here, sites[0], wish)
            else:
                for site in sites:
                    _tell(await ask(here.session, "/exports", Standing, site=site))
    except Unclear as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (StoreError, NoAnswer, aiohttp.ClientError, OSError) as error:
        sys.stderr.write(f"not exported: {error}\n")
        return 1
    return 0


async def _write(here: Desk, site: str, wish: Wish) -> None:
    params = {"site": site, "week": wish.week}
    async with here.session.get(f"/exports/{wish.name}", params=params) as answer:
        body = await answer.read()
    if not answer.ok:
        raise NoAnswer(body.decode())
    if wish.output is None:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    try:
        put(wish.output, body)
    except OSError as error:
        raise NoAnswer(f"{wish.output}: {error.strerror or error}") from None
    sys.stderr.write(f"{site}: {wish.name} of {answer.headers['Week']} is in {wish.output}\n")


def put(file: Path, body: bytes) -> None:
    """Write a file that is never seen half: whoever fetches it meanwhile gets the old one.

    A new one is the operator's alone, as all files are that commands make; it may be read by whom the old one could be:
    a web server, say. What is no file, such as `/dev/stdout`, is written into: in its place, others would miss it.

    Raises:
        OSError: it can't be written.
    """
    if file.exists() and not file.is_file():
        file.write_bytes(body)
        return
    file = file.resolve()
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".sporlos-export-", delete=False) as half:
        try:
            half.write(body)
            half.flush()
            if file.exists():
                os.fchmod(half.fileno(), stat.S_IMODE(file.stat().st_mode))
            os.fsync(half.fileno())
            Path(half.name).replace(file)
        except BaseException:
            Path(half.name).unlink(missing_ok=True)
            raise


def said_of(verdict: Verdict) -> int:
    """Say whether the ledger holds. 0: it does; 1: it doesn't."""
    if verdict.broken:
        sys.stdout.write(f"line {verdict.broken} of the ledger: {verdict.why}; {verdict.lines} before it hold\n")
        return 1
    sys.stdout.write(f"{verdict.lines} lines of the ledger hold; the last hash: {verdict.head}\n")
    return 0


def _tell(standing: Standing) -> None:
    sys.stdout.write(f"{standing.site}: {_weeks(standing.weeks)}\n")
    for line in (*standing.waits, *standing.troubles):
        sys.stdout.write(f"  {line}\n")
    for export in EXPORTS.values():
        state = "on" if export.name in standing.switched_on else "off"
        sys.stdout.write(f"{state}\t{export.name}\t{export.file}\n")


def _weeks(weeks: Sequence[str]) -> str:
    if not weeks:
        return "no week is released yet"
    return f"released {weeks[0]}" if len(weeks) == 1 else f"{len(weeks)} weeks are released, {weeks[0]} to {weeks[-1]}"
