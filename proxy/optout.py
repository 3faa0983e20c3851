"""The page by which a visitor asks not to be counted: linked from the shop's cookie page, without a login.

Enters: a GET, or a POST of one of its two buttons. Leaves: the same page for everybody, and on a POST a cookie that
says `1` and nothing else. It is the only thing that Sporløs ever leaves on a device, it is there because its owner has
asked for it, and it can tell nobody from anybody. Events of whoever has it are refused as `opted_out`, and answered as
all others are.
"""

from collections.abc import Mapping
from importlib import resources
from urllib.parse import urlsplit

from aiohttp import web

COOKIE = "sporlos_opt_out=1"

_LONGEST_SECONDS = 400 * 24 * 3600
"""More than that no browser keeps a cookie (RFC 6265bis, section 5.5)."""
_PAGE = resources.files("proxy").joinpath("optout.html").read_bytes()
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def has_opted_out(cookies: str) -> bool:
    """Whether a header `Cookie` holds ours."""
    return COOKIE in cookies and COOKIE in (cookie.strip() for cookie in cookies.split(";"))


def page(status: int = 200) -> web.Response:
    """The page; it doesn't say whether its reader has opted out, so that it is one page for all."""
    return web.Response(status=status, body=_PAGE, content_type="text/html", charset="utf-8", headers=_HEADERS)


def answer(headers: Mapping[str, str], body: bytes, *, secure: bool) -> web.Response:
    """Set the cookie or take it away, and show the page again; 403 where another site's form was sent.

    Args:
        headers: of the request.
        body: `count=no` or `count=yes`.
        secure: browsers reach us by HTTPS, so the cookie may come along from a shop on another host.
    """
    if _is_foreign(headers):
        return page(403)
    if body not in (b"count=no", b"count=yes"):
        return page(400)
    response = web.Response(status=303, headers=_HEADERS | {"Location": "opt-out#done"})
    lasting = _LONGEST_SECONDS if body == b"count=no" else 0
    reach = "SameSite=None; Secure" if secure else "SameSite=Lax"
    # written by hand: the value is a constant, and nothing of the request may get into it
    response.headers["Set-Cookie"] = f"{COOKIE}; Max-Age={lasting}; Path=/; HttpOnly; {reach}"
    return response


def _is_foreign(headers: Mapping[str, str]) -> bool:
    origin = headers.get("Origin", "")
    if origin in ("", "null"):
        return headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
    return urlsplit(origin).netloc != headers.get("Host", "")
