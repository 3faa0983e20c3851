"""A few words for what a browser says of itself. Enters: families and headers. Leaves: members of closed sets only."""

import re
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
        "Firefox iOS": "Firefox", "Firefox Alpha": "Firefox", "Firefox Beta": "Firefox", "Edge": "Edge",
        "Edge Mobile": "Edge", "Opera": "Opera", "Opera Mobile": "Opera", "Opera Mini": "Opera",
        "Opera Touch": "Opera", "Opera GX": "Opera", "Opera Coast": "Opera", "Opera Neon": "Opera",
        "Samsung Internet": "Samsung Internet", "Vivaldi": "Vivaldi", "DuckDuckGo Mobile": "DuckDuckGo",
        "DuckDuckGo": "DuckDuckGo", "Facebook": "Facebook app", "Instagram": "Instagram app", "Google": "Google app",
        "Chrome Mobile WebView": "Android app",
    }
)  # fmt: skip
_SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "Windows": "Windows", "Mac OS X": "macOS", "iOS": "iOS", "Android": "Android", "Chrome OS": "ChromeOS",
        "KaiOS": "KaiOS",
        "Arch Linux": "Linux", "CentOS": "Linux", "Debian": "Linux", "Fedora": "Linux", "Gentoo": "Linux",
        "Kubuntu": "Linux", "Linux": "Linux", "Linux Mint": "Linux", "Lubuntu": "Linux", "Mageia": "Linux",
        "Mandriva": "Linux", "openSUSE": "Linux", "PCLinuxOS": "Linux", "Puppy": "Linux", "Red Hat": "Linux",
        "Slackware": "Linux", "SUSE": "Linux", "Ubuntu": "Linux",
        "ATV OS X": "TV", "Chromecast": "TV", "Chromecast Android": "TV", "Chromecast Fuchsia": "TV",
        "Chromecast Linux": "TV", "FireHbbTV": "TV", "GoogleTV": "TV", "LG": "TV", "Panasonic": "TV",
        "Philips": "TV", "Samsung": "TV", "Sony": "TV", "Tizen": "TV", "tvOS": "TV", "Web0S": "TV", "webOS": "TV",
    }
)  # fmt: skip
"""ua-parser's families; a maker's name as a system is what television sets say, an iPad says iOS or macOS."""
_SAT_BEFORE = re.compile(
    r"\bTV\b|SmartTV|SMART-TV|AndroidTV|GoogleTV|Apple ?TV|HbbTV|BRAVIA|VIDAA|CrKey|NetCast|Roku|\bAFT[A-Z]|Chromebook"
)
_TABLET = re.compile(
    r"iPad|Tablet(?! PC)|tablet|PlayBook|TouchPad|Kindle|Silk-Accelerated|MediaPad|\bTab\b|\bPad\b"
    r"|Nexus (?:7|9|10)\b|\bKF[A-Z]{2,5}\b|\bGT-P\d|\bSM-[TPX]\d{3}"
)
_TELEPHONE = re.compile(
    r"Mobi|iPhone|iPod|Phone|MIDP|Opera Mini|BlackBerry|BB10|Symb|Series ?[346]0|KAIOS|UP\.Browser|Nokia|SonyEricsson"
)
_LANGUAGES = frozenset(
    """no nb nn sv da fi is en de fr es it pl nl lt lv et uk ru ro bg cs sk hu pt tr ar fa ur so ti vi th zh ja ko hi
    el hr sr sl sq se""".split()
)
_WIDTHS = frozenset((320, 360, 480, 768, 1024, 1280, 1536, 1920))
_CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
    IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES
    VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG""".split()
)
"""ISO 4217, what is paid with."""
_MINOR_DIGITS = MappingProxyType({"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "KWD": 3, "BHD": 3, "JOD": 3})
_MOST_MINOR = 10**12
_COUNTRY = re.compile(r"[A-Z]{2}")
_REGION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")


class Area(NamedTuple):
    """What is kept of where a network is."""

    country: str
    """ISO 3166-1, two letters, or empty."""
    region: str
    """ISO 3166-2 (`NO-03`), of the country, or empty."""


NOWHERE = Area("", "")


class Agent(NamedTuple):
    """What is kept of a user agent."""

    browser: str
    os: str
    device: str


def agent(browser_family: str, os_family: str, user_agent: str) -> Agent:
    """One of 12 browsers, 8 systems, 3 devices. Versions would make rare visitors recognisable, so there are none."""
    return Agent(_BROWSERS.get(browser_family, OTHER), _SYSTEMS.get(os_family, OTHER), _device(os_family, user_agent))


def _device(os_family: str, user_agent: str) -> str:
    """What it is, from what it says.

    Television sets and Chromebooks count as desktops: they are sat before and no thumb scrolls them. An iPad with the
    desktop's site, its default since 2019, says word for word what a Mac says, and is counted as one.
    """
    if _SAT_BEFORE.search(user_agent):
        return "desktop"
    if _TABLET.search(user_agent):
        return "tablet"
    if _TELEPHONE.search(user_agent) or os_family in ("iOS", "KaiOS"):
        return "mobile"
    # Android's own rule: the browser of a telephone says Mobile, a tablet's doesn't
    return "tablet" if os_family == "Android" else "desktop"


@remembered(most=2000)
def language(accept_language: str) -> str:
    """The first language asked for, without region."""
    code = accept_language.partition(",")[0].partition(";")[0].partition("-")[0].strip().lower()
    return code if code in _LANGUAGES else OTHER if code else ""


def area(country: str, region: str) -> Area:
    """Two codes, as far as they are some: what a file says beyond (a town, a postcode, a place) would single out."""
    if not _COUNTRY.fullmatch(country):
        return NOWHERE
    within = _REGION.fullmatch(region)
    return Area(country, region if within and within[1] == country else "")


def viewport(width: int) -> int:
    """A width that the script's buckets have, or 0."""
    return width if width in _WIDTHS else 0


def currency(code: str) -> str:
    """A code of ISO 4217, in capitals, or empty: three letters that nobody pays with could be anybody's."""
    code = code.upper()
    return code if code in _CURRENCIES else ""


def minor_units(amount: float, code: str) -> int:
    """749.0 NOK → 74900 øre. Amounts beyond 10^12 are none, so that a day's sum stays in 64 bits."""
    minor = amount * 10.0 ** _MINOR_DIGITS.get(code, 2)
    if not -_MOST_MINOR < minor < _MOST_MINOR:  # not a number compares false, too
        return 0
    return round(minor)
