"""Promise 1: the IP address is used in memory only, and little of it is ever written."""

import os
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.event import encode
from proxy.lookups import with_places
from proxy.places import Places, held, hold
from proxy.privacy.rate import RateLimit
from proxy.settings import Collector
from tests.proxy.atlas import OSLO_ADDRESS, city, write
from tests.proxy.visit import arrive, forgotten, make_salts, page_of

SALTS = make_salts()
strangers = st.one_of(st.ip_addresses(v=4, network="193.0.0.0/8"), st.ip_addresses(v=6, network="2a00::/12"))


@given(strangers)
def test_no_row_holds_an_address(address: IPv4Address | IPv6Address) -> None:
    """Only the network it lies in, shared with at least 255 others, wherever else the visitor's browser put it."""
    text = str(address)
    page = page_of(referrer=f"http://{f'[{text}]' if ':' in text else text}/{text}")
    [event] = forgotten(SALTS, arrive(peer=text, forwarded=(text,), user_agent=f"Browser of {text}"), page)
    row = encode(event)
    kept = event.network.partition("/")[0]
    assert event.network.endswith("/24" if address.version == 4 else "/48")
    if text != kept:  # an address that ends in zeroes is spelt like its network
        assert text.encode() not in row
    assert address.exploded == text or address.exploded.encode() not in row
    assert str(int(address)).encode() not in row
    assert address.packed.hex().encode() not in row.lower()


@pytest.mark.parametrize("wrapped", ["::ffff:193.212.4.117", "2002:c1d4:475::1", "64:ff9b::c1d4:475"])
def test_a_tunnel_hides_no_whole_address_in_its_network(wrapped: str) -> None:
    """A wrapped IPv4 address is unwrapped before it is cut, else all of it would survive the cut."""
    [event] = forgotten(SALTS, arrive(peer=wrapped))
    assert event.network == "193.212.4.0/24"


@given(strangers)
def test_country_and_region_are_looked_up_on_what_is_left_of_the_address(address: IPv4Address | IPv6Address) -> None:
    """Neither the table nor the operator's file of places ever sees the whole of it, and both have been asked."""
    asked: list[str] = []
    told: list[str] = []

    class Spied:
        def get(self, ip_address: str) -> None:
            told.append(ip_address)

    lookups = with_places(Places(Spied()))
    spied = replace(lookups, area=lambda network: asked.append(network) or lookups.area(network))
    forgotten(SALTS, arrive(peer=str(address)), lookups=spied)
    [network] = asked
    assert ip_network(network).prefixlen == {4: 24, 6: 48}[address.version]
    assert told == [str(ip_network(network).network_address)]


def test_a_row_has_the_region_that_a_file_tells_of_what_is_left_of_the_address(tmp_path: Path) -> None:
    """A file that knows single addresses is asked about none: here it would place each of them elsewhere."""
    known = {"84.208.20.0/32": city("NO", "03"), "84.208.20.117/32": city("NO", "11"), "84.208.20.118/31": city("SE")}
    descriptor = hold(write(tmp_path / "places.mmdb", known))
    lookups = with_places(held(descriptor))
    for address in (OSLO_ADDRESS, "84.208.20.118", f"::ffff:{OSLO_ADDRESS}"):
        [event] = forgotten(SALTS, arrive(peer=address), lookups=lookups)
        assert (event.network, event.country, event.region) == ("84.208.20.0/24", "NO", "NO-03")
    os.close(descriptor)


@given(st.lists(st.one_of(st.ip_addresses().map(str), st.text(max_size=20)), min_size=1, max_size=5))
def test_nobody_is_believed_who_tells_another_address_than_his_own(claims: list[str]) -> None:
    """Unless the operator named the sender as a proxy; by default nobody is."""
    assert Collector().trusted_proxies == ()
    honest, spoofed = arrive(peer="193.212.4.117"), arrive(peer="193.212.4.117", forwarded=(", ".join(claims),))
    assert forgotten(SALTS, honest) == forgotten(SALTS, spoofed)


@given(strangers)
def test_the_limit_of_an_address_is_counted_without_it(address: IPv4Address | IPv6Address) -> None:
    """What is held is a hash under a key of ten minutes: another limiter holds another, and none the address."""
    limits = [RateLimit(1), RateLimit(1)]
    for limit in limits:
        limit.allows(address, 1, 0.0)
    held = [set(limit._tally._counted) for limit in limits]
    assert not held[0] & held[1]
    assert int(address) not in held[0] | held[1]
