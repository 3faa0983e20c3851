"""Who is the client, whatever a header claims, and how little of the address is kept."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from proxy.privacy.address import client_address, is_in, parse, truncate, unwrap

PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "fd00::/8")))
addresses = st.ip_addresses()

FORMS = {
    "IPv4": ("203.0.113.9", "203.0.113.9"),
    "IPv4 with a port": ("203.0.113.9:51234", "203.0.113.9"),
    "IPv4 with blanks around": ("  203.0.113.9\t", "203.0.113.9"),
    "IPv4 in quotes": ('"203.0.113.9"', "203.0.113.9"),
    "IPv4 with a port in quotes": ('"203.0.113.9:80"', "203.0.113.9"),
    "IPv4 in brackets": ("[203.0.113.9]:80", "203.0.113.9"),
    "IPv6": ("2001:db8::1", "2001:db8::1"),
    "IPv6 in capitals": ("2001:DB8::A", "2001:db8::a"),
    "IPv6 in brackets": ("[2001:db8::1]", "2001:db8::1"),
    "IPv6 with a port": ("[2001:db8::1]:443", "2001:db8::1"),
    "IPv6 with a port in quotes": ('"[2001:db8::1]:443"', "2001:db8::1"),
    "IPv6 with a zone": ("fe80::1%eth0", "fe80::1"),
    "IPv6 with an escaped zone in brackets": ("[fe80::1%25eth0]:80", "fe80::1"),
    "mapped": ("::ffff:203.0.113.9", "203.0.113.9"),
    "mapped in hexadecimal": ("::ffff:cb00:7109", "203.0.113.9"),
    "mapped in brackets with a port": ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
    "6to4": ("2002:cb00:7109::1", "203.0.113.9"),
    "Teredo: the client, not the server": ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.45"),
    "NAT64": ("64:ff9b::203.0.113.9", "203.0.113.9"),
    "NAT64 in hexadecimal": ("64:ff9b::cb00:7109", "203.0.113.9"),
    "leading zeroes, which some read as octal": ("203.0.113.009", None),
    "three parts": ("203.0.113", None),
    "one number": ("3405803785", None),
    "digits of another script": ("\u0662\u0660\u0663.0.113.9", None),
    "a name": ("localhost", None),
    "RFC 7239's unknown": ("unknown", None),
    "RFC 7239's hidden name": ("_gazonk", None),
    "a socket's path": ("unix:", None),
    "nothing": ("", None),
    "an open bracket": ("[2001:db8::1", "2001:db8::1"),
    "junk": ("<script>", None),
    "a lone surrogate": ("\udcff", None),
}


@pytest.mark.parametrize(("text", "expected"), FORMS.values(), ids=FORMS.keys())
def test_an_address_is_read_in_every_form_it_comes_in(text: str, expected: str | None) -> None:
    """Wrapping, zone, port, brackets and quotes go; what is no address is none."""
    assert parse(text) == (None if expected is None else ip_address(expected))


CLIENTS = {
    "no proxy is configured for this peer: its header is a stranger's": ("198.51.100.7", ["1.1.1.1"], "198.51.100.7"),
    "no header": ("10.0.0.1", [], "10.0.0.1"),
    "one hop": ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
    "a spoof in front": ("10.0.0.1", ["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
    "a spoofed proxy in front": ("10.0.0.1", ["1.1.1.1, 10.9.9.9, 198.51.100.7"], "198.51.100.7"),
    "two of our proxies": ("10.0.0.1", ["198.51.100.7, 10.0.0.2"], "198.51.100.7"),
    "trusted in the middle of strangers": ("10.0.0.1", ["1.1.1.1, 10.0.0.3, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
    "the header repeated": ("10.0.0.1", ["1.1.1.1", "198.51.100.7"], "198.51.100.7"),
    "repeated, the last of our own": ("10.0.0.1", ["1.1.1.1, 198.51.100.7", "10.0.0.2"], "198.51.100.7"),
    "all hops are ours": ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
    "the proxy is seen as mapped": ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
    "a proxy of the other family": ("fd00::1", ["198.51.100.7"], "198.51.100.7"),
    "IPv6 behind IPv4": ("10.0.0.1", ["1.1.1.1, 2001:db8::7"], "2001:db8::7"),
    "mixed families on the way": ("10.0.0.1", ["2001:db8::7, fd00::2, 10.0.0.2"], "2001:db8::7"),
    "a tunnelled client": ("10.0.0.1", ["2002:c633:6407::1"], "198.51.100.7"),
    "a tunnel that claims to hold our proxy": ("2002:a00:1::1", ["1.1.1.1"], "10.0.0.1"),
    "a hop whose tunnel claims it": ("10.0.0.1", ["1.1.1.1, 2002:a00:2::1"], "10.0.0.2"),
    "NAT64 that claims it": ("64:ff9b::10.0.0.1", ["1.1.1.1"], "10.0.0.1"),
    "junk is nearer than an address": ("10.0.0.1", ["198.51.100.7, junk"], None),
    "junk is further than an address": ("10.0.0.1", ["junk, 198.51.100.7"], "198.51.100.7"),
    "an empty hop is nearer": ("10.0.0.1", ["198.51.100.7,"], None),
    "an empty header": ("10.0.0.1", [""], None),
    "Forwarded": ("10.0.0.1", ["for=198.51.100.7;proto=https;by=10.0.0.1"], "198.51.100.7"),
    "Forwarded in capitals": ("10.0.0.1", ["Proto=https; FOR=198.51.100.7"], "198.51.100.7"),
    "Forwarded, quoted IPv6": ("10.0.0.1", ['for=1.1.1.1, for="[2001:db8::7]:4711"'], "2001:db8::7"),
    "Forwarded, spoofed": ("10.0.0.1", ["for=1.1.1.1, for=198.51.100.7"], "198.51.100.7"),
    "Forwarded, an open quote before ours": ("10.0.0.1", ['for="1.1.1.1, for=198.51.100.7'], "198.51.100.7"),
    "Forwarded, unknown": ("10.0.0.1", ["for=198.51.100.7, for=unknown"], None),
    "Forwarded, a host that holds a hop": ("10.0.0.1", ['for=198.51.100.7;host="x,for=1.1.1.1"'], "198.51.100.7"),
    "Forwarded, a host that holds a parameter": ("10.0.0.1", ['host="x;for=1.1.1.1";for=198.51.100.7'], "198.51.100.7"),
    "Forwarded, two for": ("10.0.0.1", ["for=1.1.1.1;for=198.51.100.7"], None),
    "Forwarded, a quote that nobody opened": ("10.0.0.1", ['for=1.1.1.1, for=198.51.100.7"'], None),
    "Forwarded without for": ("10.0.0.1", ["proto=https"], None),
    "a local socket": ("", ["198.51.100.7"], None),
    "fifty hops of ours": ("10.0.0.1", [", ".join(["198.51.100.7", *["10.0.0.2"] * 49])], "198.51.100.7"),
    "sixty hops: past fifty nobody looks": ("10.0.0.1", [", ".join(["1.1.1.1", *["10.0.0.2"] * 60])], "10.0.0.2"),
}


@pytest.mark.parametrize(("peer", "forwarded", "expected"), CLIENTS.values(), ids=CLIENTS.keys())
def test_the_client_is_the_first_hop_that_is_not_ours(peer: str, forwarded: list[str], expected: str | None) -> None:
    """From the right, from a trusted peer only, and never past what can't be read."""
    assert client_address(peer, forwarded, PROXIES) == (None if expected is None else ip_address(expected))


@given(spoofed=st.lists(st.one_of(addresses.map(str), st.text(max_size=20)), max_size=60), client=addresses)
def test_no_spoof_changes_the_client(spoofed: list[str], client: IPv4Address | IPv6Address) -> None:
    """Whatever stands left of the hop that our proxy wrote, the client is that hop."""
    assume(not is_in(client, PROXIES))
    honest = client_address("10.0.0.1", [str(client)], PROXIES)
    assert client_address("10.0.0.1", [*spoofed, str(client)], PROXIES) == honest == unwrap(client)


@given(
    left=st.text(alphabet='for=1.1.1.1,;"\\\\ ', max_size=40),
    host=st.text(alphabet='for=1.1.1.1,;"\\\\ ', max_size=40),
    first=st.booleans(),
    client=addresses,
)
def test_no_host_changes_the_client(left: str, host: str, *, first: bool, client: IPv4Address | IPv6Address) -> None:
    """A proxy that repeats the client's own words in quotes, behind what the client sent, is read as it meant it."""
    assume(not is_in(client, PROXIES))
    escaped = host.replace("\\", r"\\").replace('"', r"\"")
    parameters = [f'for="{client if client.version == 4 else f"[{client}]"}"', f'host="{escaped}"']
    element = ";".join(parameters if first else reversed(parameters))
    assert client_address("10.0.0.1", [f"{left},{element}"], PROXIES) == unwrap(client)


@given(address=addresses, host=st.integers(min_value=0, max_value=2**80 - 1))
def test_neighbours_are_one_network(address: IPv4Address | IPv6Address, host: int) -> None:
    """All of a /24 or a /48 become the same, and no bit of the host survives."""
    dropped = {4: 8, 6: 80}[address.version]
    network = truncate(address)
    neighbour = type(address)(int(address) >> dropped << dropped | host % 2**dropped)
    assert truncate(neighbour) == network
    assert network.prefixlen == {4: 24, 6: 48}[address.version]
    assert int(network.network_address) % 2**dropped == 0
    assert network.version == address.version
    assert address in network


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_none(text: str) -> None:
    """A header is never a fault of ours, and an IPv6 address that is left holds no tunnelled IPv4."""
    found = parse(text)
    assert found is None or found.version == 4 or found.sixtofour is None
