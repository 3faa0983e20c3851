"""Other tools' words in ours. Enters: what they call a browser, a system, a device, a channel. Leaves: closed lists.

Browsers and systems go by ua-parser's families through `privacy/coarse.py`, which knows what of them is kept.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from proxy.privacy import coarse

_COUNTRY = re.compile(r"[A-Z]{2}")
_WINDOWS = "windows"
_NOTHING = frozenset({"(not set)", "(none)", "(direct)", "direct / none", "unknown", "(unknown)", "n/a", "-"})

_BROWSERS: Mapping[str, str] = MappingProxyType(
    {
        "chrome": "Chrome", "chrome mobile": "Chrome Mobile", "chrome mobile ios": "Chrome Mobile iOS",
        "crios": "Chrome Mobile iOS", "chromium": "Chromium", "headless chrome": "HeadlessChrome",
        "safari": "Safari", "mobile safari": "Mobile Safari", "ios": "Mobile Safari",
        "safari (in-app)": "Mobile Safari UI/WKWebView", "ios-webview": "Mobile Safari UI/WKWebView",
        "firefox": "Firefox", "firefox mobile": "Firefox Mobile", "firefox mobile ios": "Firefox iOS",
        "fxios": "Firefox iOS", "edge": "Edge", "microsoft edge": "Edge", "edge-chromium": "Edge", "edge-ios": "Edge",
        "opera": "Opera", "opera mobile": "Opera Mobile", "opera mini": "Opera Mini", "opera-mini": "Opera Mini",
        "opera touch": "Opera Touch", "opera gx": "Opera GX", "samsung internet": "Samsung Internet",
        "samsung browser": "Samsung Internet", "samsung": "Samsung Internet", "vivaldi": "Vivaldi",
        "duckduckgo": "DuckDuckGo", "duckduckgo privacy browser": "DuckDuckGo", "facebook": "Facebook",
        "instagram": "Instagram", "google search app": "Google", "android webview": "Chrome Mobile WebView",
        "chrome webview": "Chrome Mobile WebView", "chromium-webview": "Chrome Mobile WebView",
    }
)  # fmt: skip
_SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "mac": "Mac OS X", "macintosh": "Mac OS X", "mac os": "Mac OS X", "macos": "Mac OS X", "mac os x": "Mac OS X",
        "ios": "iOS", "ipados": "iOS", "android": "Android", "android os": "Android", "chrome os": "Chrome OS",
        "chromeos": "Chrome OS", "linux": "Linux", "gnu/linux": "Linux", "ubuntu": "Ubuntu", "kaios": "KaiOS",
        "tizen": "Tizen", "webos": "webOS", "tvos": "tvOS",
    }
)  # fmt: skip
_DEVICES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("desktop", "laptop", "ultra-wide", "smart tv", "tv", "console", "smart display"), "desktop"),
        **dict.fromkeys(("mobile", "smartphone", "phablet", "feature phone"), "mobile"),
        "tablet": "tablet",
    }
)
"""Television sets are sat before, see `privacy/coarse.py`."""
_CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        # Google Analytics' default channel group
        "direct": "direct", "organic search": "search", "organic shopping": "referral", "paid search": "paid_search",
        "organic social": "social", "organic video": "social", "paid social": "paid_social",
        **dict.fromkeys(("display", "cross-network", "paid shopping", "paid video", "paid other"), "paid_other"),
        "email": "email", "referral": "referral", "affiliates": "referral", "ai assistant": "assistant",
        # Matomo's `referrer_type`
        "1": "direct", "2": "search", "3": "referral", "6": "campaign", "7": "social", "8": "assistant",
    }
)  # fmt: skip


def browser(name: str) -> str:
    """One of our browsers, `(other)`, or empty if none is named."""
    return coarse.agent(_BROWSERS.get(name.lower(), ""), "", "").browser if said(name) else ""


def system(name: str) -> str:
    """One of our systems, `(other)`, or empty if none is named."""
    known = name.lower()
    family = "Windows" if known.startswith(_WINDOWS) else _SYSTEMS.get(known, "")
    return coarse.agent("", family, "").os if said(name) else ""


def device(name: str) -> str:
    """`desktop`, `mobile`, `tablet`, or empty."""
    return _DEVICES.get(name.lower(), "")


def channel(name: str) -> str:
    """One of the channels of `privacy/source.py`, or `(unknown)`."""
    return _CHANNELS.get(name.lower(), "(unknown)")


def country(code: str) -> str:
    """ISO 3166-1 alpha-2, or empty."""
    code = code.upper()
    return code if _COUNTRY.fullmatch(code) and code not in ("XX", "ZZ") else ""


def language(code: str) -> str:
    """A language without its region, as of `Accept-Language`."""
    return coarse.language(code.replace("_", "-"))


def said(text: str) -> str:
    """A text, or empty where a tool says that it has none."""
    return "" if text.lower() in _NOTHING else text
