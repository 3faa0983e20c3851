"""May this come in? One word why not, the integrator's faults first."""

import pytest

from pipeline.event import EVENT_NAMES
from pipeline.outcome import Outcome
from proxy.admit import LAYERS, Door, Pass, Watch, admit, door_of, drop_event, drop_late
from proxy.arrival import RawEvent, RawPage
from proxy.bots import is_robot
from proxy.lookups import LOOKUPS
from proxy.origin import origin_of
from proxy.privacy.caps import Caps
from proxy.privacy.memory import new_memory
from proxy.privacy.modes import Mode
from proxy.privacy.rate import RateLimit
from proxy.site import Site
from tests.proxy.visit import CHROME, NOON, arrive

SETTINGS = Site(
    id="shop.no", origins=("https://shop.no", "https://www.shop.no:8443"), profile="FR", events={"quiz": ("score",)}
)
DOOR = door_of(SETTINGS, "Europe/Oslo", LOOKUPS, EVENT_NAMES, Caps(new_memory(), ["shop.no"]))
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HERE = "https://shop.no/lego"


def page(url: str = HERE, *names: str, **said: object) -> RawPage:
    """A page with events of these names, or one page view."""
    events = tuple(RawEvent(name=name) for name in names or ("page_view",))
    return RawPage(**{"site": "shop.no", "url": url, "events": events} | said)


def watch(*marked: Outcome, most: int = 1000) -> Watch:
    """The watch with these layers counted and marked, all others refused."""
    spam = "darodar.com".__eq__
    return Watch(is_robot, spam, RateLimit(most), {layer: layer in marked for layer in LAYERS})


PAGES = {
    "a visitor": (page(), {}, None),
    "from the page's own script": (page(), {"origin": "https://shop.no"}, None),
    "another port of the shop": (page("https://www.shop.no:8443/"), {"origin": "https://shop.no"}, None),
    "the usual port, said": (page("https://shop.no:443/"), {}, None),
    "another scheme": (page("http://shop.no/"), {}, Outcome.WRONG_ORIGIN),
    "another port": (page("https://shop.no:8443/"), {}, Outcome.WRONG_ORIGIN),
    "a host below": (page("https://x.shop.no/"), {}, Outcome.WRONG_ORIGIN),
    "a host that ends alike": (page("https://ashop.no/"), {}, Outcome.WRONG_ORIGIN),
    "user info that looks like the shop": (page("https://shop.no@evil.example/"), {}, Outcome.WRONG_ORIGIN),
    "a port that is none": (page("https://shop.no:port/"), {}, Outcome.WRONG_ORIGIN),
    "no URL": (page("lego"), {}, Outcome.WRONG_ORIGIN),
    "nowhere": (page(""), {}, Outcome.WRONG_ORIGIN),
    "sent by another site's page": (page(), {"origin": "https://evil.example"}, Outcome.WRONG_ORIGIN),
    "sent by nobody's page": (page(), {"origin": "null"}, Outcome.WRONG_ORIGIN),
    "a prefetch": (page(), {"purpose": "prefetch;prerender"}, Outcome.PREFETCH),
    "a robot": (page(), {"user_agent": ROBOT}, Outcome.ROBOT),
    "a robot's prefetch": (page(), {"user_agent": ROBOT, "purpose": "prefetch"}, Outcome.ROBOT),
    "a browser that a program drives": (page(automated=True), {}, Outcome.AUTOMATION),
    "a spammer's link": (page(referrer="http://www.Darodar.com/x"), {}, Outcome.REFERRER_SPAM),
    "a link that only looks like it": (page(referrer="http://darodar.com.vg.no/x"), {}, None),
    "without what every browser sends": (page(), {"bare": True}, Outcome.MISSING_HEADERS),
    "a visitor who has opted out": (page(), {"opted_out": True}, Outcome.OPTED_OUT),
    "a robot that has": (page(), {"opted_out": True, "user_agent": ROBOT}, Outcome.OPTED_OUT),
    "one who has, at the wrong door": (page("https://evil.example"), {"opted_out": True}, Outcome.WRONG_ORIGIN),
    "a visitor who wants no statistics": (page(mode="off"), {}, Outcome.NOT_CONSENTED),
    "a robot at the wrong door": (page("https://evil.example"), {"user_agent": ROBOT}, Outcome.WRONG_ORIGIN),
    "unknown events only": (page(HERE, "hopp", "sprett"), {}, Outcome.UNKNOWN_EVENT),
    "a robot's unknown events": (page(HERE, "hopp"), {"user_agent": ROBOT}, Outcome.UNKNOWN_EVENT),
    "some unknown events": (page(HERE, "hopp", "page_view"), {}, None),
    "a robot's, some unknown": (page(HERE, "hopp", "page_view"), {"user_agent": ROBOT}, Outcome.ROBOT),
}


@pytest.mark.parametrize(("sent", "headers", "word"), PAGES.values(), ids=PAGES.keys())
def test_a_page_comes_in_or_is_refused_with_a_word(
    sent: RawPage, headers: dict[str, object], word: Outcome | None
) -> None:
    """What an integrator must hear comes before what a robot must not."""
    assert admit(sent, arrive(**headers), DOOR, watch()) == (word or Pass(Mode.MEASURE, ""))


SERVERS = {
    "an event on no page": (page(""), {}, None),
    "a program by its name": (page(), {"user_agent": "python-requests/2.32"}, None),
    "a spammer's link": (page(referrer="http://darodar.com/x"), {}, None),
    "a page of another shop": (page("https://evil.example/"), {}, Outcome.WRONG_ORIGIN),
    "an unknown event": (page("", "hopp"), {}, Outcome.UNKNOWN_EVENT),
    "what nobody may count": (page("", mode="off"), {}, Outcome.NOT_CONSENTED),
    "a visitor's": (page(""), {"peer": "203.0.113.77"}, None),
    "a visiting robot's": (page(), {"peer": "203.0.113.77", "user_agent": ROBOT}, Outcome.ROBOT),
    "a visitor who came by spam": (
        page(referrer="http://darodar.com/x"),
        {"peer": "203.0.113.77"},
        Outcome.REFERRER_SPAM,
    ),
}


@pytest.mark.parametrize(("sent", "headers", "word"), SERVERS.values(), ids=SERVERS.keys())
def test_a_shops_server_is_no_visitor_and_no_robot(
    sent: RawPage, headers: dict[str, object], word: Outcome | None
) -> None:
    """It may report what happened on no page; the visitors that it names are looked at as anyone is."""
    said = {"peer": "", "by_server": True} | headers
    assert admit(sent, arrive(**said), DOOR, watch()) == (word or Pass(Mode.MEASURE, ""))


@pytest.mark.parametrize(("age_seconds", "word"), [(0, None), (4200, None), (4201, Outcome.EXPIRED)])
def test_a_server_is_late_when_the_day_is_over(age_seconds: int, word: Outcome | None) -> None:
    """Ten minutes are left to what was under way at midnight; here the day is an hour old."""
    assert drop_late(RawEvent(name="purchase", age_ms=age_seconds * 1000), now=NOON, day_starts=NOON - 3600) == word


SEEN = {word: (sent, headers) for sent, headers, word in PAGES.values() if word in LAYERS}


@pytest.mark.parametrize("layer", SEEN)
def test_a_layer_can_mark_instead_of_refusing(layer: Outcome) -> None:
    """Then the page comes in with the layer's word on it, and only that layer's finds do."""
    sent, headers = SEEN[layer]
    assert admit(sent, arrive(**headers), DOOR, watch(layer)) == Pass(Mode.MEASURE, layer)
    assert admit(sent, arrive(**headers), DOOR, watch(*set(LAYERS) - {layer})) == layer


def test_what_is_marked_has_its_share_like_everyone() -> None:
    """The limit of an address holds for it, too."""
    guard = watch(Outcome.ROBOT, most=1)
    words = [admit(page(), arrive(user_agent=ROBOT), DOOR, guard) for _ in range(2)]
    assert words == [Pass(Mode.MEASURE, "robot"), Outcome.RATE_LIMITED]


@pytest.mark.parametrize(("name", "word"), [("purchase", None), ("quiz", None), ("hopp", Outcome.UNKNOWN_EVENT)])
def test_an_event_is_known_or_declared(name: str, word: Outcome | None) -> None:
    """GA4's names and the site's own, nothing else."""
    assert drop_event(RawEvent(name=name), DOOR, by_server=False) == word


def test_only_a_shops_server_takes_money_back() -> None:
    """A page that could would let anybody take any sum off the shop's revenue."""
    refund = RawEvent(name="refund", value=1e9, currency="NOK")
    assert drop_event(refund, DOOR, by_server=False) == Outcome.UNKNOWN_EVENT
    assert drop_event(refund, DOOR, by_server=True) is None


def test_a_door_is_made_of_the_settings() -> None:
    """Origins as they stand, hosts as somebody registered them, the profile's mode, the declared properties."""
    assert isinstance(DOOR, Door)
    assert DOOR.origins == {"https://shop.no", "https://www.shop.no:8443"}
    assert DOOR.shop.own_hosts == {"shop.no"}
    assert DOOR.shop.before_consent is Mode.MEASURE
    assert DOOR.shop.props == {"quiz": frozenset({"score"})}


ORIGINS = {
    "https://Shop.no/lego?x#y": "https://shop.no",
    "https://shop.no:443/": "https://shop.no",
    "http://shop.no:443/": "http://shop.no:443",
    "http://[2001:db8::1]:8080/x": "http://[2001:db8::1]:8080",
    "https://anna:x@shop.no/": "https://shop.no",
    "javascript:alert(1)": "",
    "file:///home/anna": "",
    "https:///lego": "",
    "https://[": "",
    "https://shop.no:99999/": "",
    "": "",
}


@pytest.mark.parametrize(("url", "origin"), ORIGINS.items())
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    """Scheme, host and the port where it is not the usual one; empty for what is not of the web."""
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("user_agent", "robot"),
    [
        (CHROME, False),
        (ROBOT, True),
        ("curl/8.5.0", True),
        ("python-requests/2.32", True),
        ("", True),
        ("\udcff" * 20, False),
    ],
)
def test_robots_say_what_they_are(user_agent: str, robot: bool) -> None:  # noqa: FBT001 - a table's column
    """Or say nothing, which no browser does."""
    assert is_robot(user_agent) is robot
