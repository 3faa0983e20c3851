"""P3: a user agent becomes browser family, system family and device class, and they are the right ones.

Judged by ua-parser's own test cases for the families that are kept.
"""

from collections import Counter
from pathlib import Path

from proxy.lookups import agent

FIXTURES = Path(__file__).parents[1] / "proxy" / "fixtures"


def rows_of(name: str) -> list[list[str]]:
    """A fixture's rows, without its head."""
    text = (FIXTURES / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("# ")]


BROWSERS = {
    "Chrome": ["Chrome", "Chrome Mobile", "Chrome Mobile iOS", "Chromium", "HeadlessChrome"],
    "Safari": ["Safari", "Mobile Safari", "Mobile Safari UI/WKWebView"],
    "Firefox": ["Firefox", "Firefox Mobile", "Firefox iOS", "Firefox Alpha", "Firefox Beta"],
    "Edge": ["Edge", "Edge Mobile"],
    "Opera": ["Opera", "Opera Mobile", "Opera Mini", "Opera Coast", "Opera Neon"],
    "Samsung Internet": ["Samsung Internet"],
    "Vivaldi": ["Vivaldi"],
    "DuckDuckGo": ["DuckDuckGo Mobile"],
    "Facebook app": ["Facebook"],
    "Instagram app": ["Instagram"],
    "Google app": ["Google"],
    "Android app": ["Chrome Mobile WebView"],
}
KEPT = {family: word for word, families in BROWSERS.items() for family in families}


def test_browsers_agree_with_ua_parsers_cases() -> None:
    """Every case of a family that is kept has its word; every other family is `(other)`."""
    rows = rows_of("ua_parser_browsers.tsv")
    wrong = [
        (family, found, user_agent)
        for family, user_agent in rows
        if (found := agent(user_agent).browser) != KEPT.get(family, "(other)")
    ]
    assert len(rows) > 1000
    assert len({KEPT[family] for family, _ in rows if family in KEPT}) >= 11
    assert wrong == []


LINUX = ("Linux", "Ubuntu", "Debian", "Fedora", "CentOS", "Gentoo", "Mandriva", "Puppy", "PCLinuxOS", "Slackware")
TELEVISION = "FireHbbTV GoogleTV LG Panasonic Philips Samsung Sony webOS".split()
SYSTEMS = {
    "iOS": "iOS",
    "Android": "Android",
    "Mac OS X": "macOS",
    "Chrome OS": "ChromeOS",
    **dict.fromkeys((*LINUX, "Red Hat", "Linux Mint"), "Linux"),
    **dict.fromkeys(TELEVISION, "TV"),
}


def system_of(family: str) -> str:
    """The word for a system of ua-parser's cases.

    They say `Windows XP`, where ua-parser now says `Windows` and a version; a telephone's Windows is no Windows here.
    """
    if family.startswith("Windows") and family not in ("Windows Phone", "Windows Mobile"):
        return "Windows"
    return SYSTEMS.get(family, "(other)")


def test_systems_agree_with_ua_parsers_cases() -> None:
    """Every case of a system that is kept has its word; BlackBerry, Symbian and their like are `(other)`."""
    rows = rows_of("ua_parser_systems.tsv")
    wrong = [(family, found, ua) for family, ua in rows if (found := agent(ua).os) != system_of(family)]
    assert len(rows) > 300
    assert wrong == []


DEVICES = {
    "tablet": ("iPad", "Kindle", "Playbook", "TouchPad", "GT-P7510", "SGH-T869"),
    "desktop": ("HbbTV", "PlayStation 3", "PlayStation 4", "Nintendo Wii", "Tesla", "WebTV", "Dreamcast"),
    "mobile": (
        "iPhone",
        "iPod",
        "Nexus 5",
        "Lumia",
        "HTC Desire",
        "BlackBerry",
        "DROID",
        "L710",
        "GT-I",
        "GT-N",
        "ZTE",
    ),
}
"""What it is → what ua-parser calls it: what one sits before (a console, a car) is a desktop."""


def test_devices_agree_with_ua_parsers_cases() -> None:
    """Each case whose family names a thing that everybody knows has that thing's class.

    The list is read in its order, since a `BlackBerry Playbook` is a tablet. Families that say nothing of the size
    (`Other`, a number of a model) are left out.
    """
    judged, wrong = Counter[str](), []
    for family, user_agent in rows_of("ua_parser_devices.tsv"):
        device = next((device for device, names in DEVICES.items() if any(name in family for name in names)), None)
        if device is None:
            continue
        judged[device] += 1
        if agent(user_agent).device != device:
            wrong.append((family, agent(user_agent).device, user_agent))
    assert min(judged["tablet"], judged["mobile"], judged["desktop"]) >= 15
    assert wrong == []


def test_no_version_is_kept() -> None:
    """Two versions of one browser are one and the same; so is what stands between them."""
    user_agents = [user_agent for _, user_agent in rows_of("ua_parser_browsers.tsv")]
    words = {word for user_agent in user_agents for word in agent(user_agent)}
    assert len(user_agents) > 1000
    assert len(words) <= 12 + 8 + 3 + 1
    assert [word for word in words if any(letter.isdigit() for letter in word)] == []
