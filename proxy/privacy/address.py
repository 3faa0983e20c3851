"""The client's address: found, unwrapped, and cut. Enters: the socket's peer and one header. Leaves: a network.

The whole address goes to one place besides, the visitor number's hash, and is never kept.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from socket import AF_INET, AF_INET6, inet_pton

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_KEPT_BITS = {4: 24, 6: 48}
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
    hops = [hop for value in forwarded for hop in _split(value)][-_MOST_HOPS:]
    # trust before unwrapping: whoever sits in 2002:a00:1::/48 would else pass for the proxy at 10.0.0.1
    while client is not None and hops and is_in(client, trusted):
        client = _read(hops.pop())
    return None if client is None else unwrap(client)


def _split(header: str) -> list[str]:
    """The hops of `X-Forwarded-For` or `Forwarded` (RFC 7239), left to right; anything odd stays one odd hop."""
    return [_for_parameter(hop) for hop in header.split(",")]


def _for_parameter(hop: str) -> str:
    for parameter in hop.split(";"):
        name, equals, value = parameter.strip().partition("=")
        if equals and name.strip().lower() == "for":
            return value
    return hop


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
    return truncated(address)[0]


def truncated(address: Address) -> tuple[Network, str]:
    """The same with its text, both from memory if the network was seen lately."""
    kept = _KEPT_BITS[address.version]
    return _network(address.version, int(address) >> (address.max_prefixlen - kept))


@lru_cache(maxsize=16_384)
def _network(version: int, prefix: int) -> tuple[Network, str]:
    kind = IPv4Network if version == 4 else IPv6Network  # noqa: PLR2004 - the versions of the protocol
    kept = _KEPT_BITS[version]
    network = kind((prefix << (kind(0).max_prefixlen - kept), kept))
    return network, str(network)


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Whether one of the networks holds the address."""
    return any(address.version == network.version and address in network for network in networks)
