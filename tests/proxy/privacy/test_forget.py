"""What an `Event` holds of a visit, by mode, profile and signal."""

from dataclasses import replace

import msgspec
import pytest

from pipeline.event import COLUMNS, Event, encode
from proxy.arrival import RawEvent, RawItem
from proxy.privacy.modes import Mode
from proxy.privacy.salts import Salts
from proxy.privacy.shop import Rules, Shop
from tests.proxy.visit import NOON, SHOP, SITE, arrive, at, forgotten, make_salts, page_of

COUNTING = replace(SHOP, before_consent=Mode.COUNT)  # as in Norway and Germany
KEYED = {"event_id", "visitor", "order_key"}
"""Numbers under the day's salt: not the same in two runs."""


@pytest.fixture
def salts() -> Salts:
    """A day's salt, drawn for this test."""
    return make_salts()


def held(event: Event) -> dict[str, object]:
    """The fields of an event, keyed numbers as whether there is one."""
    fields = msgspec.structs.asdict(event)
    return {name: value != 0 if name in KEYED else value for name, value in fields.items()}


def test_a_purchase_is_kept_as_documented(salts: Salts) -> None:
    """Every column of the row, from a request that says as much as one can."""
    item = RawItem(
        id="60316",
        name="Politistasjon",
        brand="LEGO",
        variant="rød",
        categories=("Lego", "City", "", "", ""),
        list="Søk",
        index=2,
        price=749.0,
        quantity=2,
    )
    purchase = RawEvent(
        name="purchase",
        id="k3j9x0a1",
        age_ms=1200,
        items=(item,),
        value=1498.5,
        currency="nok",
        order="A-4711",
        search_term="Lego CITY",
        engaged_ms=15000,
        scroll=80,
        props={"colour": "red"},
    )
    page = page_of(
        purchase,
        url=f"https://www.{SITE}/lego/60316?utm_source=facebook&utm_medium=paid&utm_campaign=jul&fbclid=abc&email=x",
        referrer="https://l.facebook.com/l.php?u=x",
        viewport=1536,
        mode="measure",
    )
    [event] = forgotten(salts, arrive(peer="::ffff:193.212.4.117"), page)
    assert held(event) == {
        "site": SITE, "day": "2026-05-12", "ts": f"{NOON - 1.2:.3f}", "name": "purchase",
        "event_id": True, "visitor": True, "order_key": True, "entry": 0, "path": "/lego/:id",
        "network": "193.212.4.0/24", "country": "NO", "region": "",
        "device": "desktop", "browser": "Chrome", "os": "Windows", "language": "nb", "viewport": 1536,
        "channel": "paid_social", "source": "facebook", "medium": "paid", "campaign": "jul", "content": "", "term": "",
        "referrer": "facebook.com", "paid_by": "meta", "marked": "", "continued": 0,
        "item_id": ("60316",), "item_name": ("Politistasjon",), "item_brand": ("LEGO",), "item_variant": ("rød",),
        "item_category": ("Lego / City",), "item_list": ("Søk",), "item_index": (2,), "item_price": (74900,),
        "item_quantity": (2,), "value": 149850, "currency": "NOK", "search_term": "lego city",
        "engaged_ms": 15000, "scroll": 80, "props": {},
    }  # fmt: skip


def test_an_empty_request_is_kept_too(salts: Salts) -> None:
    """A page view of nobody knows nothing but its page and its moment."""
    [event] = forgotten(salts, arrive(peer="", user_agent="", language=""), page_of(mode="count"))
    assert {name: value for name, value in held(event).items() if value} == {
        "site": SITE, "day": "2026-05-12", "ts": f"{NOON:.3f}", "name": "page_view", "entry": 1, "path": "/lego/:id",
        "channel": "direct",
    }  # fmt: skip


MODES = {
    "before consent in France": (SHOP, "", {}, True),
    "before consent in Norway": (COUNTING, "", {}, False),
    "consent": (COUNTING, "measure", {}, True),
    "no consent": (SHOP, "count", {}, False),
    "a word that nobody knows": (SHOP, "everything", {}, False),
    "an objection in France": (SHOP, "", {"objects": True}, False),
    "an objection beside consent": (SHOP, "measure", {"objects": True}, False),
    "an address that can't be known": (SHOP, "measure", {"peer": ""}, False),
}


@pytest.mark.parametrize(("shop", "mode", "headers", "measured"), MODES.values(), ids=MODES.keys())
def test_only_who_may_be_measured_is(
    salts: Salts,
    shop: Shop,
    mode: str,
    headers: dict[str, object],
    measured: bool,  # noqa: FBT001 - a table's column
) -> None:
    """A number, and what was read on the device, by consent or by law only, and never against a signal."""
    raw = RawEvent(name="page_view", engaged_ms=9000, scroll=70)
    [event] = forgotten(salts, arrive(**headers), page_of(raw, mode=mode, viewport=1536), shop=shop)
    from_device = (event.visitor != 0, event.viewport, event.engaged_ms, event.scroll)
    assert from_device == ((True, 1536, 9000, 70) if measured else (False, 0, 0, 0))


def test_an_undeclared_property_is_dropped(salts: Salts) -> None:
    """Its name and its value, also where the same property is declared for another event."""
    props = {"colour": "anna@shop.no", "anna": "hemmelig"}
    view, purchase = forgotten(
        salts, page=page_of(RawEvent(name="page_view", props=props), RawEvent(name="purchase", props=props))
    )
    assert view.props == {"colour": "(removed)"}
    assert purchase.props == {}


ENTRIES = {
    "a page view from outside": ("page_view", "https://vg.no/", 1),
    "a page view without a word": ("page_view", "", 1),
    "a page view from the shop": ("page_view", f"https://{SITE}/", 0),
    "a return from paying": ("page_view", "https://pay.klarna.com/", 0),
    "another event from outside": ("view_item", "https://vg.no/", 0),
}


@pytest.mark.parametrize(("name", "referrer", "entry"), ENTRIES.values(), ids=ENTRIES.keys())
def test_a_visit_begins_with_a_page_view_from_outside(salts: Salts, name: str, referrer: str, entry: int) -> None:
    """That is how visits are counted where nobody is measured."""
    [event] = forgotten(salts, page=page_of(RawEvent(name=name), referrer=referrer))
    assert event.entry == entry


@pytest.mark.parametrize("age_ms", [0, 1000, 300_000])
def test_an_event_is_never_before_its_salts_day(salts: Salts, age_ms: int) -> None:
    """A number and the day beside it belong together."""
    just_after = at("2026-05-12T00:00:02")
    [event] = forgotten(salts, arrive(just_after), page_of(RawEvent(name="page_view", age_ms=age_ms)))
    assert event.day == "2026-05-12"
    assert float(event.ts) == max(just_after - age_ms / 1000, at("2026-05-12T00:00"))


def test_a_retry_has_the_same_event_number_and_no_number_has_none(salts: Salts) -> None:
    """The sender's own number is hashed, since it could be anything."""
    page = page_of(RawEvent(name="page_view", id="k3j9x0a1"), RawEvent(name="page_view"))
    first, without = forgotten(salts, page=page)
    again, _ = forgotten(salts, arrive(NOON + 5), page)
    assert first.event_id == again.event_id != 0
    assert without.event_id == 0


def test_one_id_of_two_visitors_is_two_events(salts: Salts) -> None:
    """A page that counts its events instead of drawing numbers must not lose all visitors but the first."""
    page = page_of(RawEvent(name="page_view", id="1"), RawEvent(name="view_item", id="1"))
    ids = [
        event.event_id for who in ("203.0.113.77", "198.51.100.9") for event in forgotten(salts, arrive(peer=who), page)
    ]
    assert len(set(ids)) == 4


def test_a_refund_without_an_id_is_known_by_its_order_and_amount(salts: Salts) -> None:
    """Google's Measurement Protocol sends none with a retry; another amount is another refund."""
    refund = RawEvent(name="refund", order="A-1001", value=149.0, currency="NOK")
    other = RawEvent(name="refund", order="A-1001", value=50.0, currency="NOK")
    one, again, another = forgotten(salts, page=page_of(refund, refund, other))
    assert one.event_id == again.event_id != another.event_id
    assert forgotten(salts, page=page_of(RawEvent(name="refund", value=1.0)))[0].event_id == 0


def test_one_order_has_one_key_whoever_reports_it(salts: Salts) -> None:
    """The browser's report and the server's are joined within the day; the next day's key is another."""
    page = page_of(RawEvent(name="purchase", order="A-4711"))
    [by_browser] = forgotten(salts, page=page)
    [by_server] = forgotten(salts, arrive(peer="198.51.100.9", user_agent="shop"), page)
    [tomorrow] = forgotten(salts, arrive(NOON + 86400), page)
    assert by_browser.order_key == by_server.order_key != tomorrow.order_key


def test_truncated_input_makes_neighbours_one_visitor(salts: Salts) -> None:
    """What the operator pays for a number that was never made of a whole address."""
    rules = Rules(truncated_input=True)
    neighbours = [forgotten(salts, arrive(peer=f"203.0.113.{host}"), rules=rules)[0].visitor for host in (7, 8)]
    whole = [forgotten(salts, arrive(peer=f"203.0.113.{host}"))[0].visitor for host in (7, 8)]
    assert len(set(neighbours)) == 1
    assert len({*neighbours, *whole}) == 3


def test_parts_of_the_input_do_not_run_together(salts: Salts) -> None:
    """A long address and a short user agent are not the same visitor as a short and a long one."""
    [one] = forgotten(salts, arrive(peer="203.0.113.77", user_agent="ABCDEFGHIJKLxyz"))
    [other] = forgotten(salts, arrive(peer="cb00:714d:4142:4344:4546:4748:494a:4b4c", user_agent="xyz"))
    assert one.visitor != other.visitor


def test_a_row_has_the_columns_of_the_table_and_nothing_else(salts: Salts) -> None:
    """In their order; the spool adds the batch."""
    [event] = forgotten(salts)
    row = msgspec.json.decode(encode(event) + b"]")
    assert len(row) == len(COLUMNS)
    assert tuple(COLUMNS) == event.__struct_fields__
