"""The client's address: found, unwrapped, and cut. Enters: the socket's peer and one header. Leaves: a network.

The whole address goes to one place besides, the visitor number's hash, and is never kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from itertools import islice
from socket import AF_INET, AF_INET6, inet_pton

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_KEPT_BITS = {4: 24, 6: 48}
_IPV4_BYTES = 4
_MOST_HOPS = 50
"""A header of thousands of hops is somebody's joke on our processor."""


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """Who sent this: the peer, or, if that is a trusted proxy, the first untrusted hop from the right.

    Args:
        peer: the socket's other end.
        forwarded: values of the one header that our proxies write, in order of receipt.
        trusted: networks of our own proxies.

    Returns:
        None where the peer has no address (a local socket) or the rightmost untrusted hop is not one: believing a hop
        further left would let anyone choose his address.
    """
    client = _read(peer)
    hops = islice(_hops(forwarded), _MOST_HOPS)
    # trust before unwrapping: whoever sits in 2002:a00:1::/48 would else pass for the proxy at 10.0.0.1
    while client is not None and is_in(client, trusted) and (hop := next(hops, None)) is not None:
        client = _read(hop)
    return None if client is None else unwrap(client)


def _hops(forwarded: Sequence[str]) -> Iterator[str]:
    """The hops of `X-Forwarded-For` or `Forwarded` (RFC 7239), the nearest first; anything odd stays one odd hop."""
    for value in reversed(forwarded):
        for hop in _split(value, ","):
            yield _node(hop) if "=" in hop else hop


def _node(hop: str) -> str:
    """What `for=` says; with two of them, which no proxy writes, nobody knows which is true: no address."""
    parameters = (parameter.partition("=") for parameter in _split(hop, ";"))
    nodes = [value for name, _, value in parameters if name.strip().lower() == "for"]
    return nodes[0] if len(nodes) == 1 else hop


def _split(text: str, separator: str) -> Iterable[str]:
    """The parts from right to left, a separator in a quoted string being none.

    From the right, since only there stands what our proxy wrote: a quote that a stranger left open further left would
    else swallow it. With the quotes, since a proxy repeats in them what a stranger chose: `host="x,for=1.1.1.1"`.
    """
    return _split_quoted(text, separator) if '"' in text else reversed(text.split(separator))


def _split_quoted(text: str, separator: str) -> Iterator[str]:
    end = at = len(text)
    while at > 0:
        at -= 1
        if text[at] == '"':
            at = _opening(text, at)
        elif text[at] == separator:
            yield text[at + 1 : end]
            end = at
    yield text[:end]


def _opening(text: str, closing: int) -> int:
    """Where the quoted string begins that ends at `closing`; 0 if nowhere: then all of the rest is one odd hop."""
    at = text.rfind('"', 0, closing)
    while at > 0 and text[at - 1] == "\\":
        at = text.rfind('"', 0, at)
    return max(at, 0)


def parse(text: str) -> Address | None:
    """An address without quotes, brackets, port and zone, and out of any tunnel's wrapping."""
    address = _read(text)
    return None if address is None else unwrap(address)


def _read(text: str) -> Address | None:
    """As `parse`, but for tunnels: only an IPv4 address that a socket for both families shows as IPv6 is one again."""
    text = text.strip().strip('"').strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]  # IPv4 with a port
    text = text.partition("%")[0]
    try:
        # a fifth of what `ipaddress` takes to read the same texts, and no stricter or laxer than it
        address = IPv6Address(inet_pton(AF_INET6, text)) if ":" in text else IPv4Address(inet_pton(AF_INET, text))
    except (OSError, ValueError):
        return None
    return address if isinstance(address, IPv4Address) else address.ipv4_mapped or address


def unwrap(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one: mapped, 6to4, Teredo's client, NAT64.

    Without this a whole IPv4 address would survive in the first 48 bits of a 6to4 address, and one visitor would be
    two, with and without the wrapping.
    """
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def truncate(address: Address) -> Network:
    """The /24 or /48 that the address lies in: at least 256 or 2^80 others could have sent the same."""
    kept = _KEPT_BITS[address.version]
    return ip_network((int(address) >> (address.max_prefixlen - kept) << (address.max_prefixlen - kept), kept))


def truncated(address: Address) -> str:
    """The same as text: `193.212.4.0/24`, `2a02:2121:4::/48`."""
    packed = address.packed
    if len(packed) == _IPV4_BYTES:
        return f"{packed[0]}.{packed[1]}.{packed[2]}.0/24"
    return _ipv6_network(packed[:6])


@lru_cache(maxsize=16_384)
def _ipv6_network(prefix: bytes) -> str:
    return str(IPv6Network((prefix + bytes(10), 48)))


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Whether one of the networks holds the address."""
    return any(address.version == network.version and address in network for network in networks)
