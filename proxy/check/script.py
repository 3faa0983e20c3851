"""Is our script on the page, and does it run? Enters: one visit. Leaves: findings."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from proxy.check.finding import Finding, Word, fault, ok, warning
from proxy.check.observed import STATUS_FAILED, Loaded, Tag, Visit

_TAG = '<script defer src="https://stats.shop.no/s.js" data-site="shop.no"></script>'


def judge(visit: Visit) -> Iterator[Finding]:
    """The script that counts is the first one: a second finds it there and goes."""
    if visit.ran:
        yield ok(Word.SCRIPT_RUNS, f"the script runs{_from(visit)}")
        yield from _around(visit)
    else:
        yield _why_not(visit)


def _from(visit: Visit) -> str:
    urls = [loaded.url for loaded in visit.scripts if loaded.is_ours]
    return f": {urls[0]}" if urls else ""


def _why_not(visit: Visit) -> Finding:
    tag = visit.tags[0] if visit.tags else None
    if tag is None:
        return fault(
            Word.NO_SCRIPT,
            "the script is not on the page",
            f"paste {_TAG} into the head of every page, with your addresses. If a consent banner adds it later,"
            " name the banner's button: --accept SELECTOR.",
        )
    loaded = next((one for one in visit.scripts if one.url == tag.src), None)
    return _not_asked_for(visit, tag) or _not_got(tag, loaded or Loaded(tag.src)) or _not_run(tag, loaded)


def _not_asked_for(visit: Visit, tag: Tag) -> Finding | None:
    """What the page's own rules keep from being loaded at all."""
    against = [one for one in visit.violations if one.url.partition("#")[0] == tag.src and one.is_enforced]
    if against:
        return fault(
            Word.SCRIPT_BLOCKED_BY_CSP,
            f"the page's Content-Security-Policy blocks the script ({against[0].directive})",
            f"add {origin(tag.src)} to script-src and connect-src.",
        )
    if urlsplit(visit.url).scheme == "https" and urlsplit(tag.src).scheme == "http":
        return fault(
            Word.SCRIPT_MIXED_CONTENT,
            f"the page is https, the script is not: {tag.src}",
            "serve the collector by https, and write https:// in the tag.",
        )
    return None


def _not_got(tag: Tag, loaded: Loaded) -> Finding | None:
    if "ERR_BLOCKED_BY" in loaded.failure:
        return fault(
            Word.SCRIPT_BLOCKED_BY_CLIENT,
            f"the browser itself blocked {tag.src} ({loaded.failure})",
            "serve the script under a path of the shop's own domain: docs/install.md, the last part.",
        )
    if loaded.failure or not loaded.status:
        return fault(
            Word.SCRIPT_UNREACHABLE,
            f"nothing answered at {tag.src}{f' ({loaded.failure})' if loaded.failure else ''}",
            "is the collector running, and is its name in the DNS? Open the script's address in a browser.",
        )
    if loaded.status >= STATUS_FAILED or not loaded.is_ours:
        what = f"with {loaded.status}" if loaded.status >= STATUS_FAILED else "by something that is not the script"
        return fault(
            Word.SCRIPT_NOT_SERVED,
            f"{tag.src} is answered {what}",
            "the path must be `[collector] script`, and whatever stands in front must pass it on as it is.",
        )
    return None


def _not_run(tag: Tag, loaded: Loaded | None) -> Finding:
    if tag.integrity and loaded and loaded.digest not in tag.integrity.split():
        return fault(
            Word.SCRIPT_INTEGRITY,
            "the script's bytes are not those that the tag's integrity attribute was made of",
            f'use the versioned address, or integrity="{loaded.digest}".',
        )
    if tag.integrity and not tag.has_crossorigin:
        return fault(
            Word.SCRIPT_INTEGRITY,
            "the tag has an integrity attribute and no crossorigin, so the browser can't check it",
            'add crossorigin="anonymous" to the tag.',
        )
    return fault(
        Word.SCRIPT_DID_NOT_RUN,
        "the script was loaded and did not start",
        "look at the browser's console; a tag manager or a consent tool may have changed the tag's type.",
    )


def _around(visit: Visit) -> Iterator[Finding]:
    """What is not as good as it could be, although it runs."""
    if len(visit.tags) > 1:
        yield warning(
            Word.SCRIPT_TWICE,
            f"the tag stands on the page {len(visit.tags)} times; the first one counts",
            "take the others out: theme, plug-in or tag manager, not several of them.",
        )
    if visit.tags and not visit.tags[0].waits:
        yield warning(
            Word.SCRIPT_HOLDS_PAGE_UP, "the page waits for the script before it goes on", "add defer to the tag."
        )
    loaded = next((one for one in visit.scripts if one.is_ours), None)
    if loaded and not _is_cached(loaded.cache_control):
        yield warning(
            Word.SCRIPT_NOT_CACHED,
            f"browsers may not keep the script (Cache-Control: {loaded.cache_control or 'none'})",
            "the collector says max-age=3600; something in front of it takes that away.",
        )


def _is_cached(cache_control: str) -> bool:
    words = cache_control.lower()
    return bool(re.search(r"max-age=[1-9]", words)) and "no-store" not in words and "no-cache" not in words


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
