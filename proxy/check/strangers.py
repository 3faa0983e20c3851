"""Who else is on the page. Enters: what was seen. Leaves: findings, and the names that hosts are known by.

The list is that of the project third-party-web, as far as it is about advertising, statistics, social networks and
marketing, and one of ours for what shops in the Nordic countries have besides.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from urllib.parse import urlsplit

from proxy.check.finding import Finding, Level, Word, fault, ok, warning
from proxy.check.observed import Observations, Visit

TAG_MANAGER = "tag-manager"
_LISTS = ("trackers.txt", "more_trackers.txt")
_COOKIES = """_ga _ga_* _gid _gat* _gcl_* _fbp _fbc _hj* _clck _clsk _ttp _tt_* _pin_unauth _scid _uet* __utm* _pk_*
    mp_*_mixpanel ajs_* ph_phc_* __kla_id amplitude_* _rdt_uuid cto_bundle _lfa hubspotutk __hs*""".split()
"""Patterns of the cookies that statistics and advertising set on the shop's own host."""


def judge(seen: Observations) -> Iterator[Finding]:
    """What comes before a choice is a fault; what comes after one is for the shop to decide, and worth knowing."""
    before = trackers_of(seen.before)
    for name, hosts in before.items():
        yield fault(
            Word.TRACKER_BEFORE_CONSENT,
            f"{name} is on the page before anybody has agreed to it ({', '.join(hosts)})",
            "take it out, or load it after the visitor's choice: theme, plug-ins and the tag manager's container.",
        )
    for name, hosts in (trackers_of(seen.after) if seen.after else {}).items():
        if name not in before:
            yield warning(
                Word.TRACKER_AFTER_CONSENT,
                f"{name} is on the page once a visitor has agreed ({', '.join(hosts)})",
                "what it learns leaves the shop; is it still needed?",
            )
    managers = tag_managers_of(seen.before)
    if managers:
        yield warning(
            Word.TAG_MANAGER,
            f"a tag manager is on the page ({', '.join(managers)}); what it loads is listed here, as far as it did",
            "it is asked for by every visitor, with his address: without other tags the script can stand in the page.",
        )
    if not before:
        yield ok(Word.NO_TRACKERS, "nobody else's tracker was asked for before a choice")
    yield from _cookies(seen)


def _cookies(seen: Observations) -> Iterator[Finding]:
    for level, visit, when in (
        (Level.FAULT, seen.before, "before a choice"),
        (Level.WARNING, seen.after, "after it"),
    ):
        names = visit.cookies if visit else ()
        tracking = tuple(name for name in names if any(fnmatchcase(name, one) for one in _COOKIES))
        if tracking:
            todo = "find out what sets them, and let it wait for the visitor's choice."
            yield Finding(level, Word.TRACKING_COOKIES, f"cookies of trackers {when}: {', '.join(tracking)}", todo)
        elif visit:
            yield ok(Word.COOKIES, f"cookies {when}: {', '.join(names) or 'none'}")


def trackers_of(visit: Visit) -> Mapping[str, tuple[str, ...]]:
    """Name → hosts that the page asked, without the tag managers."""
    found: dict[str, dict[str, None]] = {}
    for url in visit.requests:
        name, kind = known(url)
        if name and kind != TAG_MANAGER:
            found.setdefault(name, {})[urlsplit(url).hostname or ""] = None
    return {name: tuple(hosts) for name, hosts in found.items()}


def tag_managers_of(visit: Visit) -> tuple[str, ...]:
    """Their names."""
    all_known = map(known, visit.requests)
    return tuple(dict.fromkeys(name for name, kind in all_known if kind == TAG_MANAGER))


def known(url: str) -> tuple[str, str]:
    """Name and kind of whom an address belongs to; both empty for everybody else."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if host.endswith("googletagmanager.com") and parts.path.startswith("/gtag/"):
        return "Google tag", "analytics"  # the same host serves the container and Google's own measuring
    table = _table()
    labels = host.split(".")
    found = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return next((table[name] for name in found if name in table), ("", ""))


@cache
def _table() -> Mapping[str, tuple[str, str]]:
    table: dict[str, tuple[str, str]] = {}
    for file in _LISTS:
        text = resources.files("proxy.check").joinpath(file).read_text(encoding="utf-8")
        for line in text.splitlines():
            if line and not line.startswith("#"):
                host, kind, name = line.split("\t")
                table[host] = (name, kind)
    return table
