"""Promise 1: every form in which an address arrives, every lie about it, and which client is meant.

A row: the socket's peer, the lines of the one header that is read, and the client with the network that is kept of it.
The proxies are `OURS`; what no row names, no proxy has sent.
"""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from itertools import chain, repeat
from typing import NamedTuple
from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from proxy.app import arrive
from proxy.privacy.address import Address, Network, client_address, truncate

OURS = tuple(map(ip_network, ("10.0.0.0/8", "fd00::/8", "2400:cb00::/32")))
NO_PROXIES: tuple[Network, ...] = ()


class Client(NamedTuple):
    """Who is meant; None: nobody, which is counted without a visitor and without a network."""

    address: str | None
    network: str | None


class Row(NamedTuple):
    """One request, as far as it says where it is from."""

    peer: str
    lines: Sequence[str]
    client: Client
    trusted: tuple[Network, ...] = OURS


NOBODY = Client(None, None)
ANNA = Client("198.51.100.7", "198.51.100.0/24")
BERIT = Client("2001:db8:7:8:9::1", "2001:db8:7::/48")
PROXY = Client("10.0.0.1", "10.0.0.0/24")
FURTHER = Client("10.0.0.2", "10.0.0.0/24")
SPOOF = "192.0.2.66"
CHAIN_49 = ", ".join(repeat("10.0.0.2", 49))

PEERS = {
    "IPv4": ("198.51.100.7", ANNA),
    "IPv4, first of its network": ("198.51.100.0", Client("198.51.100.0", ANNA.network)),
    "IPv4, last of its network": ("198.51.100.255", Client("198.51.100.255", ANNA.network)),
    "IPv4 with a port": ("198.51.100.7:51234", ANNA),
    "IPv6": ("2001:db8:7:8:9::1", BERIT),
    "IPv6 in full": ("2001:0db8:0007:0008:0009:0000:0000:0001", BERIT),
    "IPv6 in capitals": ("2001:DB8:7:8:9::1", BERIT),
    "IPv6 in brackets": ("[2001:db8:7:8:9::1]", BERIT),
    "IPv6 in brackets with a port": ("[2001:db8:7:8:9::1]:443", BERIT),
    "IPv6 with a zone": ("fe80::1%eth0", Client("fe80::1", "fe80::/48")),
    "IPv6 with an escaped zone": ("[fe80::1%25eth0]:443", Client("fe80::1", "fe80::/48")),
    "IPv6, last of its network": ("2001:db8:7:ffff:ffff:ffff:ffff:ffff",
                                  Client("2001:db8:7:ffff:ffff:ffff:ffff:ffff", BERIT.network)),
    "mapped": ("::ffff:198.51.100.7", ANNA),
    "mapped, in hexadecimal": ("::ffff:c633:6407", ANNA),
    "mapped, with zone, brackets, port": ("[::ffff:198.51.100.7%2]:80", ANNA),
    "6to4": ("2002:c633:6407::1", ANNA),
    "6to4, another subnet of the same": ("2002:c633:6407:ffff:1:2:3:4", ANNA),
    "Teredo: the client, never the server": ("2001:0:c000:242:8000:63bf:39cc:9bf8", ANNA),
    "NAT64": ("64:ff9b::198.51.100.7", ANNA),
    "NAT64, in hexadecimal": ("64:ff9b::c633:6407", ANNA),
    # only who runs it knows where in a local NAT64's address the IPv4 one is (RFC 8215); the cut leaves none of it
    "NAT64 of a local network": ("64:ff9b:1::198.51.100.7", Client("64:ff9b:1::c633:6407", "64:ff9b:1::/48")),
    # deprecated (RFC 4291, RFC 6145), not routed, and partly something else: `::1` would be 0.0.0.1
    "IPv4-compatible": ("::198.51.100.7", Client("::c633:6407", "::/48")),
    "IPv4-translated": ("::ffff:0:198.51.100.7", Client("::ffff:0:c633:6407", "::/48")),
    "loopback": ("::1", Client("::1", "::/48")),
    "octal": ("0306.063.0144.07", NOBODY),
    "octal of the loopback": ("0177.0.0.1", NOBODY),
    "hexadecimal": ("0xc6.0x33.0x64.0x7", NOBODY),
    "leading zeroes": ("198.051.100.007", NOBODY),
    "leading zeroes in a mapped one": ("::ffff:198.051.100.7", NOBODY),
    "short": ("127.1", NOBODY),
    "one number": ("3325256711", NOBODY),
    "one part too many": ("198.51.100.7.1", NOBODY),
    "a part too large": ("198.51.100.256", NOBODY),
    "IPv6 with a part too long": ("2001:db8:00007::1", NOBODY),
    "IPv6 with two gaps": ("2001::7::1", NOBODY),
    "digits of another script": ("\u0661\u0669\u0668.51.100.7", NOBODY),
    "a zero byte": ("198.51.100.7\0", NOBODY),
    "a local socket": ("", NOBODY),
    "a local socket's path": ("/run/shop.sock", NOBODY),
}  # fmt: skip

FORWARDED_FOR = {
    "an untrusted peer's header": Row("198.51.100.7", [SPOOF], ANNA),
    "an untrusted peer's header, nobody trusted": Row("198.51.100.7", [SPOOF], ANNA, NO_PROXIES),
    "nobody trusted, the peer a private one": Row("10.0.0.1", ["198.51.100.7"], PROXY, NO_PROXIES),
    "an untrusted peer who names a proxy of ours": Row("198.51.100.7", [f"{SPOOF}, 10.0.0.1"], ANNA),
    "a peer beside the trusted network": Row("11.0.0.1", [SPOOF], Client("11.0.0.1", "11.0.0.0/24")),
    "a trusted proxy that sends none": Row("10.0.0.1", [], PROXY),
    "one hop": Row("10.0.0.1", ["198.51.100.7"], ANNA),
    "one hop with a port": Row("10.0.0.1", ["198.51.100.7:51234"], ANNA),
    "one hop in blanks": Row("10.0.0.1", [" \t198.51.100.7\t "], ANNA),
    "one hop, quoted": Row("10.0.0.1", ['"198.51.100.7"'], ANNA),
    "one hop, IPv6": Row("10.0.0.1", ["2001:db8:7:8:9::1"], BERIT),
    "one hop, IPv6 in brackets with a port": Row("10.0.0.1", ["[2001:db8:7:8:9::1]:51234"], BERIT),
    "one hop, mapped": Row("10.0.0.1", ["::ffff:198.51.100.7"], ANNA),
    "one hop, 6to4": Row("10.0.0.1", ["2002:c633:6407::1"], ANNA),
    "the proxy seen as mapped": Row("::ffff:10.0.0.1", ["198.51.100.7"], ANNA),
    "the proxy with a zone": Row("fd00::1%eth0", ["198.51.100.7"], ANNA),
    "a proxy named as mapped in the header": Row("10.0.0.1", ["198.51.100.7, ::ffff:10.0.0.2"], ANNA),
    "two proxies, mixed families": Row("10.0.0.1", ["2001:db8:7:8:9::1, fd00::2, 10.0.0.2"], BERIT),
    "mixed families, IPv6 proxy outside": Row("fd00::1", ["198.51.100.7, 10.0.0.2"], ANNA),
    "a spoof on the left": Row("10.0.0.1", [f"{SPOOF}, 198.51.100.7"], ANNA),
    "a spoof that names a proxy of ours on the left": Row("10.0.0.1", ["10.9.9.9, 198.51.100.7"], ANNA),
    "a spoof behind a named proxy": Row("10.0.0.1", [f"{SPOOF}, 10.9.9.9, 198.51.100.7"], ANNA),
    "a spoof of fifty": Row("10.0.0.1", [", ".join(repeat(SPOOF, 50)), "198.51.100.7"], ANNA),
    "an open quote on the left": Row("10.0.0.1", [f'"{SPOOF}, 198.51.100.7'], ANNA),
    "an open bracket on the left": Row("10.0.0.1", [f"[{SPOOF}, 198.51.100.7"], ANNA),
    "for= on the left": Row("10.0.0.1", [f"for={SPOOF};, 198.51.100.7"], ANNA),
    "junk on the left": Row("10.0.0.1", ["<script>, ;;==, 198.51.100.7"], ANNA),
    "empty elements on the left": Row("10.0.0.1", [" ,, \t,198.51.100.7"], ANNA),
    "junk on the right: nobody further left is believed": Row("10.0.0.1", [f"{SPOOF}, junk"], NOBODY),
    "unknown on the right": Row("10.0.0.1", [f"{SPOOF}, unknown"], NOBODY),
    # RFC 9110 would skip it, but it may be a proxy's word for a client without an address
    "an empty element on the right": Row("10.0.0.1", [f"{SPOOF},"], NOBODY),
    "an empty line": Row("10.0.0.1", [""], NOBODY),
    "a short form on the right": Row("10.0.0.1", [f"{SPOOF}, 127.1"], NOBODY),
    "blanks instead of a comma": Row("10.0.0.1", [f"{SPOOF} 198.51.100.7"], NOBODY),
    "two lines": Row("10.0.0.1", [SPOOF, "198.51.100.7"], ANNA),
    "two lines, the last of our own": Row("10.0.0.1", [f"{SPOOF}, 198.51.100.7", "10.0.0.2, 10.0.0.3"], ANNA),
    "two lines, the last empty": Row("10.0.0.1", ["198.51.100.7", ""], NOBODY),
    "all hops ours": Row("10.0.0.1", ["10.0.0.2, 10.0.0.3"], FURTHER),
    "fifty hops": Row("10.0.0.1", [f"{SPOOF}, 198.51.100.7, {CHAIN_49}"], ANNA),
    "fifty hops on fifty lines": Row("10.0.0.1", ["198.51.100.7", *repeat("10.0.0.2", 49)], ANNA),
    "more than fifty": Row("10.0.0.1", [f"198.51.100.7, 10.0.0.2, {CHAIN_49}"], FURTHER),
    "thousands": Row("10.0.0.1", [",".join(chain([SPOOF], repeat("10.0.0.2", 2000)))], FURTHER),
    "6to4 that claims to hold a proxy of ours": Row("2002:a00:1::1", [SPOOF], PROXY),
    "NAT64 that claims it": Row("64:ff9b::10.0.0.1", [SPOOF], PROXY),
    "Teredo that claims it": Row("2001:0:c000:242:8000:63bf:f5ff:fffe", [SPOOF], PROXY),
    "a hop whose 6to4 claims it": Row("10.0.0.1", [f"{SPOOF}, 2002:a00:2::1"], FURTHER),
    "a local socket, which is no proxy": Row("", ["198.51.100.7"], NOBODY),
}

FORWARDED = {
    "for": Row("10.0.0.1", ["for=198.51.100.7"], ANNA),
    "for in capitals": Row("10.0.0.1", ["FOR=198.51.100.7"], ANNA),
    "for among others": Row("10.0.0.1", ["by=10.0.0.1;For=198.51.100.7;proto=https;host=shop.no"], ANNA),
    "blanks around the parameters": Row("10.0.0.1", ["proto=https ;\tfor=198.51.100.7 ; by=10.0.0.1"], ANNA),
    "quoted": Row("10.0.0.1", ['for="198.51.100.7"'], ANNA),
    "quoted with a port": Row("10.0.0.1", ['for="198.51.100.7:4711"'], ANNA),
    "quoted with a hidden port": Row("10.0.0.1", ['for="198.51.100.7:_p"'], ANNA),
    "quoted IPv6": Row("10.0.0.1", ['for="[2001:db8:7:8:9::1]"'], BERIT),
    "quoted IPv6 with a port": Row("10.0.0.1", ['for="[2001:db8:7:8:9::1]:4711";proto=https'], BERIT),
    "two hops": Row("10.0.0.1", [f"for={SPOOF}, for=198.51.100.7"], ANNA),
    "two hops, the nearer ours": Row("10.0.0.1", ['for=198.51.100.7;by="[fd00::1]",for="[fd00::1]"'], ANNA),
    "two lines": Row("10.0.0.1", [f"for={SPOOF}", "for=198.51.100.7"], ANNA),
    "unknown": Row("10.0.0.1", [f"for={SPOOF}, for=unknown"], NOBODY),
    "hidden": Row("10.0.0.1", [f"for={SPOOF}, for=_hidden"], NOBODY),
    "hidden, quoted": Row("10.0.0.1", [f'for={SPOOF}, for="_SEVKISEK"'], NOBODY),
    "no for": Row("10.0.0.1", [f"for={SPOOF}, proto=https;by=10.0.0.1"], NOBODY),
    "an empty for": Row("10.0.0.1", [f"for={SPOOF}, for="], NOBODY),
    "two for in one element, which no proxy writes": Row("10.0.0.1", [f"for={SPOOF};for=198.51.100.7"], NOBODY),
    "a parameter that ends in for": Row("10.0.0.1", [f"not-for={SPOOF};for=198.51.100.7"], ANNA),
    # a proxy repeats the Host header, which the client chose, in quotes
    "a host that holds a hop": Row("10.0.0.1", [f'for=198.51.100.7;host="x,for={SPOOF}"'], ANNA),
    "a host that holds a parameter": Row("10.0.0.1", [f'host="x;for={SPOOF};y";for=198.51.100.7'], ANNA),
    "a host with escaped quotes": Row("10.0.0.1", [rf'for=198.51.100.7;host="\",for={SPOOF},\""'], ANNA),
    "a host that ends in a backslash": Row("10.0.0.1", [rf'for=198.51.100.7;host="x,for={SPOOF}\\"'], ANNA),
    "an open quote on the left": Row("10.0.0.1", [f'for={SPOOF};host=", for=198.51.100.7'], ANNA),
    "an open quote on the left, ours quoted": Row("10.0.0.1", [f'for={SPOOF};host=", for="198.51.100.7"'], ANNA),
    "an open quote on the right": Row("10.0.0.1", [f'for={SPOOF}, for=198.51.100.7"'], NOBODY),
}

SINGLE = {
    "written by the proxy": Row("2400:cb00::1", ["198.51.100.7"], ANNA),
    "IPv6": Row("2400:cb00::1", ["2001:db8:7:8:9::1"], BERIT),
    "from a stranger": Row("198.51.100.7", [SPOOF], ANNA),
    "missing": Row("2400:cb00::1", [], Client("2400:cb00::1", "2400:cb00::/48")),
    "sent along by a stranger, then written by the proxy": Row("2400:cb00::1", [SPOOF, "198.51.100.7"], ANNA),
}

TABLE: dict[str, dict[str, Row]] = {
    "X-Forwarded-For": {f"peer: {name}": Row(peer, [], client) for name, (peer, client) in PEERS.items()}
    | {f"hop: {name}": Row("10.0.0.1", [peer], client) for name, (peer, client) in PEERS.items() if "\0" not in peer}
    | FORWARDED_FOR,
    "Forwarded": FORWARDED,
    "CF-Connecting-IP": SINGLE,
    "True-Client-IP": SINGLE,
}
ROWS = [
    pytest.param(header, row, id=f"{header}: {name}") for header, rows in TABLE.items() for name, row in rows.items()
]
OTHERS = ("X_Forwarded_For", "X-Forwarded", "X-Real-IP", "X-Client-IP", "Client-IP", "Forwarded-For", "Via",
          "X-Original-Forwarded-For", "X-Cluster-Client-IP", "Fastly-Client-IP", "X-Forwarded-Host")  # fmt: skip


def requested(row: Row, configured: str, sent: CIMultiDict[str]) -> Address | None:
    """The client that the collector finds in a request with these headers."""
    transport = Mock()
    transport.get_extra_info.side_effect = {"peername": (row.peer, 51234)}.get
    request = make_mocked_request("POST", "/e", headers=sent, transport=transport)
    return arrive(request, configured, row.trusted, now=0.0).address


def test_the_table_is_a_table() -> None:
    """Long enough to be worth its name, and each network holds its client."""
    clients = [row.client for rows in TABLE.values() for row in rows.values()]
    assert len(clients) >= 60
    for client in set(clients) - {NOBODY}:
        assert ip_address(client.address) in ip_network(client.network)


@pytest.mark.parametrize(("header", "row"), ROWS)
def test_each_form_has_one_client_and_one_network(header: str, row: Row) -> None:  # noqa: ARG001 - it names the row
    """Found from the right, out of its wrapping, and cut to /24 or /48."""
    address = client_address(row.peer, row.lines, row.trusted)
    assert (address and str(address)) == row.client.address
    assert (address and str(truncate(address))) == row.client.network


@pytest.mark.parametrize(("header", "row"), ROWS)
def test_the_collector_finds_it_among_headers_that_claim_otherwise(header: str, row: Row) -> None:
    """The configured header only, however it is spelt; what all the others say is nobody's word."""
    sent = CIMultiDict((name, SPOOF) for name in (*OTHERS, *TABLE) if name != header)
    sent.extend((header.swapcase(), line) for line in row.lines)
    address = requested(row, header, sent)
    assert (address and str(address)) == row.client.address


@pytest.mark.parametrize(("header", "row"), ROWS)
def test_a_header_that_is_not_the_configured_one_says_nothing(header: str, row: Row) -> None:
    """The same lines under every other name leave the client as he is without them."""
    sent = CIMultiDict((name, line) for name in (*OTHERS, *TABLE) for line in row.lines if name != header)
    assert requested(row, header, sent) == client_address(row.peer, (), row.trusted)
