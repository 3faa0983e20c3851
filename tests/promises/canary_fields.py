"""Where in a good request a canary may stand. Enters: a canary as it is written. Leaves: bodies, queries and headers.

Two lists of each: fields of which something is kept, where only what can be recognised may be sent, and fields of which
nothing is, where anything may. Which is which is the third promise, and these lists are its examination.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from tests.promises.canaries import CLICKS
from tests.system.product import PAGE, SITE

Fields = tuple[str | int, ...]

HEADERS = """Referer Cookie Accept-Language Origin Authorization From Via Sec-CH-UA X-Real-IP CF-Connecting-IP
    True-Client-IP Forwarded X-Odd X-Request-ID Content-Type Sec-Purpose Host Accept If-None-Match User-Agent Date
    Cookie2 Proxy-Authorization X-Forwarded-Host X-Forwarded-Proto X-Forwarded-User X-Device-ID X-CSRF-Token ETag
    traceparent tracestate baggage Range If-Modified-Since Max-Forwards Warning Priority DNT Sec-GPC""".split()
"""None of them is kept; of two a word of a closed list is."""

_ITEM_PROSE = """item_name item_brand item_category item_category2 item_category3 item_category4 item_category5
    item_list_name""".split()
_ITEM = ["item_id", "item_variant", *_ITEM_PROSE]
_ITEM_HIDDEN = "price quantity index coupon affiliation item_list_id unheard_of".split()
_EVENT_HIDDEN = """n i t o v ms sd currency unheard_of user_id userId client_id customer email phone transaction_id
    coupon tax shipping user_data ip""".split()
_PAGE_HIDDEN = "s m w e unheard_of user_id uid session_id client_id email title h d ip ua".split()
_UTM = "utm_source utm_medium utm_campaign utm_content utm_term ref".split()
_QUERY_HIDDEN = """email name navn phone tlf q s search order_id ordre token session PHPSESSID utm_id utm_userid
    user id""".split()
_CLOSED_BELOW = "order ordre kvittering checkout kasse min-side account reset unsubscribe avmeld nb/ordre".split()
_PLAUSIBLE = "u r p props url referrer".split()
_PLAUSIBLE_HIDDEN = "n d $ revenue name domain v h i sd e screen_width user_id unheard_of".split()
_ITEM_TEXT_CHARACTERS = 200


def open_urls(secret: str) -> Iterator[str]:
    """The shop's pages with a canary in a part of the address that is kept, once it is cleaned."""
    encoded = quote(secret, safe="")
    for shown in dict.fromkeys((secret, encoded)):
        yield f"{PAGE}/{shown}"
        yield f"{PAGE}/lego/{shown}/by/"
        yield f"{PAGE}/lego-{shown}"
        yield f"{PAGE}/#/{shown}?utm_term={shown}"  # a route behind it is a path like any other
        yield f"{PAGE}/lego#!/{shown}/by"
        yield from (f"{PAGE}/a?{name}={shown}" for name in _UTM)


def closed_urls(secret: str) -> Iterator[str]:
    """The same with a canary where nothing is kept."""
    encoded = quote(secret, safe="")
    yield f"https://{secret}@{SITE}/bruker"
    yield f"https://navn:{encoded}@{SITE}/bruker"
    yield f"{PAGE}:{secret}/port"
    yield from (f"{PAGE}/{below}/{secret}" for below in _CLOSED_BELOW)
    yield f"{PAGE}/ordre/{encoded}/{encoded}?{encoded}"
    yield f"{PAGE}/a;jsessionid={secret}"
    yield f"{PAGE}/a&email={encoded}"
    yield f"{PAGE}/a#{secret}"
    yield f"{PAGE}/a#{secret}/{encoded}?email={encoded}"
    yield f"{PAGE}/a#{secret}#/b"
    yield f"{PAGE}/a#/b?email={encoded}&{encoded}#{encoded}"
    yield from (f"{PAGE}/{before}{below}/{encoded}" for before in ("#/", "#!/") for below in _CLOSED_BELOW)
    yield f"{PAGE}/a?{secret}"
    yield f"{PAGE}/a?{encoded}=1"
    yield from (f"{PAGE}/a?{name}={encoded}" for name in _QUERY_HIDDEN)
    yield f"{PAGE}/a?utm_source=x&{'&'.join(f'p{number}={encoded}' for number in range(30))}"[:2000]


def click_urls() -> Iterator[str]:
    """A click's number under each name, as links and broken links carry it."""
    for name, value in CLICKS.items():
        yield f"{PAGE}/a?{name}={value}"
        yield f"{PAGE}/a?utm_source=x&{name.upper()}={value}"
        yield f"{PAGE}/a?{name}={value}&{name}={value}"
        yield f"{PAGE}/a&{name}={value}"
        yield f"{PAGE}/a;{name}={value}"
        yield f"{PAGE}/a#{name}={value}"
        yield f"{PAGE}/a%3F{name}%3D{value}"
        yield f"{PAGE}/{name}={value}"


def open_bodies(secret: str) -> Iterator[dict[str, Any]]:
    """The script's dialect, a canary in one field at a time, of those that are kept."""
    yield from (page({("u",): url}) for url in open_urls(secret))
    yield page({("r",): f"https://{secret}/"})
    yield page({("r",): f"https://[{secret}]/"})
    yield page({("r",): f"https://{secret}.no/"})
    yield from (page({("e", 0, "items", 0, name): secret}) for name in ("item_id", "item_variant"))
    yield from prose_bodies(secret)


def prose_bodies(secret: str) -> Iterator[dict[str, Any]]:
    """The fields in which people write: there eight digits are a telephone number, elsewhere they are a product."""
    yield from (page({("e", 0, "items", 0, name): secret}) for name in _ITEM_PROSE)
    for shown in (len(secret) - 8, secret.find("@") + 1):  # a field that is cut may leave a canary's beginning
        filled = "x" * (_ITEM_TEXT_CHARACTERS - shown - 1) + " " + secret
        yield page({("e", 0, "items", 0, "item_name"): filled, ("e", 0, "items", 0, "item_category"): filled})
    yield page({("e", 0, "n"): "gift_wrapped", ("e", 0, "props"): {"paper": secret, "ribbon": secret}})
    yield page({("e", 0, "n"): "search", ("e", 0, "q"): secret})
    yield page({("e", 0, "q"): secret.upper()})


def closed_bodies(secret: str | int) -> Iterator[dict[str, Any]]:
    """The same for the fields of which nothing is kept."""
    yield from (page({("u",): url}) for url in closed_urls(str(secret)))
    yield from (page({("r",): url.replace(SITE, "google.com")}) for url in closed_urls(str(secret)))
    yield page({("r",): secret})
    yield page({("u",): secret})
    yield from (page({(name,): secret}) for name in _PAGE_HIDDEN)
    yield from (page({("e", 0, name): secret}) for name in _EVENT_HIDDEN)
    yield page({("e", 0, "n"): "purchase", ("e", 0, "o"): secret, ("e", 0, "i"): secret})
    yield from (page({("e", 0, "items", 0, name): secret}) for name in _ITEM_HIDDEN)
    yield from (page({("e", 0, name): secret}) for name in ("items", "props"))
    yield from (page({("e", 0, name): {"name": secret, "list": [secret]}}) for name in ("unheard_of", "user_data"))
    yield page({("e", 0, "n"): "gift_wrapped", ("e", 0, "props"): {"name": secret, "user_id": secret}})
    yield page({("e", 0, "n"): "gift_wrapped", ("e", 0, "props"): {str(secret): "x"}})
    yield page({("e", 0, "props"): {"paper": secret}})
    yield page({(str(secret),): secret})
    yield page({("e", 0, str(secret)): secret})


def open_plausible_bodies(secret: str) -> Iterator[dict[str, Any]]:
    """Plausible's dialect: fields that are kept."""
    good = _plausible()
    yield from ({**good, "u": url} for url in open_urls(secret))
    yield from ({**good, name: secret} for name in _PLAUSIBLE)
    yield {**good, "n": "gift_wrapped", "p": {"paper": secret}}
    yield {**good, "n": "gift_wrapped", "props": json.dumps({"ribbon": secret})}


def closed_plausible_bodies(secret: str | int) -> Iterator[dict[str, Any]]:
    """And those that are not."""
    good = _plausible()
    yield from ({**good, "u": url} for url in closed_urls(str(secret)))
    yield from ({**good, "r": url.replace(SITE, "google.com")} for url in closed_urls(str(secret)))
    yield from ({**good, name: secret} for name in _PLAUSIBLE_HIDDEN)
    yield {**good, "n": "gift_wrapped", "p": {"name": secret, str(secret): secret}}
    yield {**good, "p": {"paper": secret}}
    yield {**good, "$": {"amount": secret, "currency": secret, "order": secret}}
    yield {**good, "d": f"{SITE},{secret}"}


def open_queries(secret: str) -> Iterator[str]:
    """The pixel's."""
    yield from (urlencode({"s": SITE, "u": url}) for url in open_urls(secret))


def closed_queries(secret: str) -> Iterator[str]:
    """The pixel's, where nothing is kept."""
    yield from (urlencode({"s": SITE, "u": url}) for url in closed_urls(secret))
    yield from (urlencode({"s": SITE, "u": PAGE, "r": url.replace(SITE, "google.com")}) for url in closed_urls(secret))
    yield urlencode({"s": secret, "u": secret, secret: secret})
    yield urlencode({"s": SITE, "u": f"{PAGE}/a", "user_id": secret, "_": secret})
    yield f"s={SITE}&u={PAGE}/a&{quote(secret, safe='')}&&="


def refused(secret: str) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Good pages with a canary in them, and what makes the product refuse each at the door."""
    busy = busy_closed_page(secret)
    yield busy, {"Cookie": "sporlos_opt_out=1"}
    yield busy, {"User-Agent": f"Googlebot/2.1 {secret.encode().decode('latin-1')}"}
    yield busy, {"Sec-Purpose": "prefetch"}
    yield busy, {"Sec-GPC": "1", "DNT": "1"}
    yield busy, {"Accept-Language": "", "Accept-Encoding": ""}
    yield busy, {"Origin": "https://another.shop"}
    yield busy, {"X-Forwarded-For": "unknown"}
    yield busy | {"m": "off"}, {}
    yield busy | {"m": "count"}, {}
    yield busy | {"s": "another.shop"}, {}
    yield busy | {"u": f"https://another.shop/{secret}"}, {}
    yield busy | {"e": busy["e"] * 30}, {}


def forms(secret: str) -> Iterator[str]:
    """What somebody might send to the page where one opts out, which needs to know nothing."""
    yield urlencode({"name": secret, "email": secret, "reason": secret, secret: secret})
    yield f"count=no&email={quote(secret, safe='')}"
    yield "count=no"
    yield "count=yes"


def busy_page(secret: str) -> dict[str, Any]:
    """A page with the canary in every field that takes a text."""
    items = [dict.fromkeys((*_ITEM, "unheard_of"), secret)]
    wrapped = {"n": "gift_wrapped", "i": secret, "o": secret, "q": secret, "props": {"paper": secret, "x": secret}}
    return {
        "s": SITE,
        "u": f"{PAGE}/{quote(secret, safe='')}?utm_campaign={quote(secret, safe='')}",
        "r": f"https://google.com/{quote(secret, safe='')}",
        "m": "measure",
        "user_id": secret,
        "e": [{"n": "page_view", "i": secret}, {"n": "view_item", "items": items}, wrapped],
    }


def busy_closed_page(secret: str) -> dict[str, Any]:
    """The same for fields of which nothing is kept."""
    hidden = quote(secret, safe="")
    purchase = {"n": "purchase", "i": secret, "o": secret, "customer": secret, "props": {"name": secret}}
    return {
        "s": SITE,
        "u": f"{PAGE}/ordre/{hidden}?navn={hidden}#{secret}",
        "r": f"https://google.com/{hidden}?q={hidden}",
        "m": "measure",
        "user_id": secret,
        "e": [{"n": "page_view", "i": secret}, purchase, {"n": secret[:60]}],
    }


def page(changes: dict[Fields, object]) -> dict[str, Any]:
    """A good page of the script's dialect, but for these fields."""
    made: dict[str, Any] = {
        "s": SITE,
        "u": f"{PAGE}/lego",
        "m": "measure",
        "e": [{"n": "view_item", "currency": "NOK", "items": [{"item_id": "60316", "price": 749.0}]}],
    }
    made = copy.deepcopy(made)
    for fields, value in changes.items():
        where: Any = made
        for field in fields[:-1]:
            where = where[field]
        where[fields[-1]] = value
    return made


def _plausible() -> dict[str, Any]:
    return {"n": "pageview", "u": f"{PAGE}/lego", "d": SITE}
