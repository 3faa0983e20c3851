"""`proxy.privacy.rate`: how much one address may send."""

from ipaddress import ip_address

from proxy.privacy.rate import SPAN_SECONDS, Pace, RateLimit

ONE, OTHER = ip_address("193.212.4.117"), ip_address("2a01:799::7")
NOON = 1_800_000_000.0


def test_an_address_may_send_its_share_and_no_more() -> None:
    """The event that goes past the share is refused, and so are those after it; another address has its own share."""
    rate = RateLimit(most=10)
    assert [rate.allows(ONE, 5, NOON + second) for second in range(4)] == [True, True, False, False]
    assert rate.allows(OTHER, 10, NOON + 4)


def test_after_ten_minutes_everyone_begins_anew() -> None:
    """The share comes back with the next key."""
    rate = RateLimit(most=1)
    assert [rate.allows(ONE, 1, NOON + after) for after in (0, 1, SPAN_SECONDS)] == [True, False, True]


def test_the_key_lives_ten_minutes_and_is_overwritten_in_place() -> None:
    """The old key is nowhere in the object any more, also when the clock was set back."""
    rate = RateLimit(most=1)
    seen = set()
    for now in (NOON, NOON + SPAN_SECONDS, NOON - 5):
        rate.allows(ONE, 1, now)
        seen.add(bytes(rate._key))
        assert len(rate._tally._counted) == 1
    assert len(seen) == 3
    assert bytes(32) not in seen


def test_nothing_held_is_an_address() -> None:
    """What is counted by is a number that another key would not give."""
    first, second = RateLimit(most=1), RateLimit(most=1)
    for rate in (first, second):
        rate.allows(ONE, 1, NOON)
    assert first._tally._counted.keys() != second._tally._counted.keys()
    assert int(ONE) not in first._tally._counted


def test_a_socket_without_an_address_is_not_limited() -> None:
    """A local socket is our own proxy's."""
    assert all(RateLimit(most=1).allows(None, 5, NOON) for _ in range(3))


def test_a_visitor_faster_than_a_person_shows() -> None:
    """By its number, for ten minutes; who has none is nobody in particular."""
    pace = Pace(2)
    assert [pace.allows(7, 1, NOON + second) for second in range(3)] == [True, True, False]
    assert pace.allows(8, 2, NOON + 3)
    assert pace.allows(7, 1, NOON + SPAN_SECONDS)
    assert all(pace.allows(0, 100, NOON) for _ in range(5))


def test_a_household_is_one_sender() -> None:
    """Of IPv6 the /64 counts: a machine may send under as many addresses of it as it likes."""
    rate = RateLimit(2)
    addresses = [ip_address(f"2001:db8:1:2::{number}") for number in (1, 2, 3)]
    assert [rate.allows(address, 1, NOON) for address in addresses] == [True, True, False]
    assert rate.allows(ip_address("2001:db8:1:3::1"), 1, NOON)
