"""The page's two languages. Enters: a query, a cookie or `Accept-Language`; leaves: a language and its words."""

import json
from importlib import resources
from types import MappingProxyType

from aiohttp import web

COOKIE = "sporlos_language"
_YEAR_SECONDS = 365 * 86400


def _read(language: str) -> MappingProxyType[str, str]:
    text = resources.files("dashboards.web").joinpath(f"{language}.json").read_text(encoding="utf-8")
    return MappingProxyType(json.loads(text))


WORDS = MappingProxyType({language: _read(language) for language in ("en", "nb")})

_SPOKEN = MappingProxyType({"en": "en", "nb": "nb", "no": "nb", "nn": "nb", "da": "nb", "sv": "nb"})
"""A Dane or a Swede reads Norwegian rather than English on a Norwegian shop's page."""


def language_of(request: web.Request) -> str:
    """The language chosen by the switch, else the first that the browser asks for and we speak, else English."""
    for chosen in (request.query.get("lang", ""), request.cookies.get(COOKIE, "")):
        if chosen in WORDS:
            return chosen
    asked = (part.split(";")[0].strip().lower() for part in request.headers.get("Accept-Language", "").split(","))
    return next((_SPOKEN[tag.split("-")[0]] for tag in asked if tag.split("-")[0] in _SPOKEN), "en")


def remember(request: web.Request, response: web.StreamResponse) -> None:
    """Keep what the switch chose, in a cookie of the staff's browser."""
    chosen = request.query.get("lang", "")
    if chosen in WORDS:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR_SECONDS, path="/", httponly=True, samesite="Lax")
