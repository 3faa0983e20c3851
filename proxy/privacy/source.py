"""How the visitor found the shop.

Enters: the page's kept query parameters and the full referrer. Leaves: a channel, a source and a campaign; of the
referrer its registrable host, of a click id whose it was.
"""

from collections.abc import Callable
from typing import NamedTuple

from proxy.privacy.redact import clean
from proxy.privacy.scrub import Location, host_of
from proxy.privacy.words import lines_of

_SEARCH = frozenset("google bing duckduckgo yahoo ecosia startpage qwant kvasir yandex baidu brave kagi".split())
_SOCIAL = frozenset(
    "facebook fb instagram ig tiktok pinterest snapchat linkedin twitter x reddit youtube meta threads bluesky".split()
)
_ASSISTANTS = frozenset("chatgpt perplexity gemini claude copilot openai".split())
_PAID_MEDIA = frozenset("cpc ppc paid paidsearch paid_search paidsocial paid_social cpm display banner ads ad".split())
_EMAIL = frozenset("email e-mail newsletter nyhetsbrev epost e-post".split())
HOPS = frozenset(lines_of("hops"))
"""Payment and delivery: a visitor who comes back from them has not come from them."""
MAILERS = frozenset("mailchimp hubspot marketo klaviyo vero omeda mailerlite".split())
"""They number the readers of a mail, not the clicks on an advertisement."""
_KNOWN = {
    "facebook.com": "facebook",
    "fb.me": "facebook",
    "instagram.com": "instagram",
    "t.co": "x",
    "x.com": "x",
}


class Source(NamedTuple):
    """How a page view came about."""

    entry: bool
    """From outside the shop."""
    channel: str
    source: str
    medium: str
    campaign: str
    content: str
    term: str
    referrer: str
    paid_by: str


WITHIN = Source(
    entry=False, channel="", source="", medium="", campaign="", content="", term="", referrer="", paid_by=""
)


def source_of(
    page: Location, referrer: str, own_hosts: frozenset[str], hops: frozenset[str], registrable: Callable[[str], str]
) -> Source:
    """Where the visitor came from.

    Args:
        page: the page's own address, for its campaign parameters.
        referrer: full URL of the page before, or empty.
        own_hosts: registrable hosts of the shop itself.
        hops: registrable hosts that visitors only pass through, paying.
        registrable: the part of a host that somebody registered (`www.google.co.uk` → `google.co.uk`).
    """
    host = host_of(referrer) if referrer else ""
    came_from = registrable(host) if host else ""
    if came_from in own_hosts or came_from in hops:
        return WITHIN
    if "." not in came_from or clean(came_from) != came_from:
        came_from = ""  # the name of no site: somebody's own machine, by name or address, or a person
    mail = page.paid_by in MAILERS
    paid_by = "" if mail else page.paid_by
    source = page.query.get("utm_source") or page.query.get("ref") or _source_name(came_from) or page.paid_by
    medium = page.query.get("utm_medium", "")
    return Source(
        entry=True,
        channel="email" if mail else _channel(source.lower(), medium.lower(), page),
        source=source,
        medium=medium,
        campaign=page.query.get("utm_campaign", ""),
        content=page.query.get("utm_content", ""),
        term=page.query.get("utm_term", ""),
        referrer=came_from,
        paid_by=paid_by,
    )


def _source_name(host: str) -> str:
    """`google.no` and `google.com` are one source."""
    name = host.partition(".")[0]
    return _KNOWN.get(host) or (name if name in _SEARCH or name in _SOCIAL or name in _ASSISTANTS else host)


def _channel(source: str, medium: str, page: Location) -> str:
    name = source.partition(".")[0]
    # before the paid ones: a mail's click number would else make an advertisement of it
    if medium in _EMAIL:
        return "email"
    if medium in _PAID_MEDIA or page.paid_by in ("google", "microsoft") or (page.paid_by and medium):
        return "paid_social" if name in _SOCIAL else "paid_search" if name in _SEARCH else "paid_other"
    known = ((_SOCIAL, "social"), (_SEARCH, "search"), (_ASSISTANTS, "assistant"))
    other = "campaign" if "utm_campaign" in page.query else "referral" if source else "direct"
    return next((channel for names, channel in known if name in names), other)
