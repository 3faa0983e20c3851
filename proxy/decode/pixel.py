"""A page without scripts: an image whose address carries what a page view needs.

Enters: the query of `GET /e.gif?s=SITE&u=URL&r=REFERRER`, and where `u` is missing the header `Referer`, which is the
page itself if its referrer policy lets it be, else the shop's front page. Leaves: a page with one page view. Never
measured: an image can carry no consent, and where nothing is done before consent, nothing comes of it.
"""

from collections.abc import Mapping

from pipeline.event import PAGE_VIEW
from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawPage
from proxy.decode import limits

_CANT_ASK = "image"
"""No word of consent: see `privacy/modes.py`, counting at most."""
SITE_CHARACTERS = 200


def decode(query: Mapping[str, str], page: str) -> tuple[tuple[RawPage, ...], tuple[Outcome, ...]]:
    """One page view, or a refusal."""
    site, url, referrer = query.get("s", ""), query.get("u", page), query.get("r", "")
    if not site or not url:
        return (), (Outcome.MALFORMED,)
    if len(site) > SITE_CHARACTERS or max(len(url), len(referrer)) > limits.URL_CHARACTERS:
        return (), (Outcome.TOO_LARGE,)
    view = RawEvent(name=PAGE_VIEW)
    return (RawPage(site=site, url=url, referrer=referrer, mode=_CANT_ASK, events=(view,)),), ()
