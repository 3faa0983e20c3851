"""A few words for what a browser says of itself. Enters: families and headers. Leaves: members of closed sets only."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from proxy.privacy.memo import remembered

OTHER = "(other)"

_BROWSERS: Mapping[str, str] = MappingProxyType(
    {
        "Chrome": "Chrome", "Chrome Mobile": "Chrome", "Chrome Mobile iOS": "Chrome", "Chromium": "Chrome",
        "HeadlessChrome": "Chrome", "Mobile Safari": "Safari", "Safari": "Safari",
        "Mobile Safari UI/WKWebView": "Safari", "Firefox": "Firefox", "Firefox Mobile": "Firefox",
        "Firefox iOS": "Firefox", "Edge": "Edge",
        "Edge Mobile": "Edge", "Opera": "Opera", "Opera Mobile": "Opera", "Opera Touch": "Opera",
        "Samsung Internet": "Samsung Internet", "Vivaldi": "Vivaldi", "DuckDuckGo Mobile": "DuckDuckGo",
        "DuckDuckGo": "DuckDuckGo", "Facebook": "Facebook app", "Instagram": "Instagram app", "Google": "Google app",
        "Chrome Mobile WebView": "Android app",
    }
)  # fmt: skip
_SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "Windows": "Windows", "Mac OS X": "macOS", "iOS": "iOS", "Android": "Android", "Linux": "Linux",
        "Ubuntu": "Linux", "Fedora": "Linux", "Debian": "Linux", "Chrome OS": "ChromeOS", "Tizen": "TV",
        "webOS": "TV", "tvOS": "TV", "KaiOS": "KaiOS",
    }
)  # fmt: skip
_LANGUAGES = frozenset(
    """no nb nn sv da fi is en de fr es it pl nl lt lv et uk ru ro bg cs sk hu pt tr ar fa ur so ti vi th zh ja ko hi
    el hr sr sl sq se""".split()
)
_WIDTHS = frozenset((320, 360, 480, 768, 1024, 1280, 1536, 1920))
_MINOR_DIGITS = MappingProxyType({"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "KWD": 3, "BHD": 3, "JOD": 3})
_MOST_MINOR = 10**12


class Agent(NamedTuple):
    """What is kept of a user agent."""

    browser: str
    os: str
    device: str


def agent(browser_family: str, os_family: str, user_agent: str) -> Agent:
    """One of 12 browsers, 8 systems, 3 devices. Versions would make rare visitors recognisable, so there are none."""
    return Agent(_BROWSERS.get(browser_family, OTHER), _SYSTEMS.get(os_family, OTHER), _device(os_family, user_agent))


def _device(os_family: str, user_agent: str) -> str:
    if "iPad" in user_agent or "Tablet" in user_agent:
        return "tablet"
    if "Mobi" in user_agent or os_family in ("iOS", "KaiOS"):
        return "mobile"
    return "tablet" if os_family == "Android" else "desktop"


@remembered(most=2000)
def language(accept_language: str) -> str:
    """The first language asked for, without region."""
    code = accept_language.partition(",")[0].partition(";")[0].partition("-")[0].strip().lower()
    return code if code in _LANGUAGES else OTHER if code else ""


def viewport(width: int) -> int:
    """A width that the script's buckets have, or 0."""
    return width if width in _WIDTHS else 0


def currency(code: str) -> str:
    """Three capital letters, or empty."""
    code = code.upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else ""  # noqa: PLR2004 - ISO 4217


def minor_units(amount: float, code: str) -> int:
    """749.0 NOK → 74900 øre. Amounts beyond 10^12 are none, so that a day's sum stays in 64 bits."""
    minor = amount * 10.0 ** _MINOR_DIGITS.get(code, 2)
    if not -_MOST_MINOR < minor < _MOST_MINOR:  # not a number compares false, too
        return 0
    return round(minor)
