"""Numbers that mean a visitor, an order or an event for one day, and nothing the day after.

Each is the first 8 bytes of BLAKE2b keyed with the day's salt; `person` keeps the purposes apart, and every part of the
input goes in with its length, so that no two inputs run together. After the salt is wiped nobody can compute one again.
"""

from hashlib import blake2b
from struct import Struct

from pipeline.event import VisitorNumber

_NUMBER_BYTES = 8
_VISITOR, _ORDER, _EVENT = b"visitor", b"order", b"event"
_TWO, _THREE = Struct(">2I"), Struct(">3I")


def visitor_number(salt: memoryview, site: str, origin: bytes, user_agent: str) -> VisitorNumber:
    """The day's number of whoever uses this address and user agent on this site; never 0, which means nobody.

    Args:
        salt: 32 bytes of the shared page; read in place, never copied into an object.
        site: the shop's id.
        origin: the address, packed; or its network's text, where the operator chose `visitor_input = "truncated"`.
        user_agent: the header, whole.
    """
    name, agent = site.encode(), user_agent.encode("utf-8", "surrogatepass")
    lengths = _THREE.pack(len(name), len(origin), len(agent))
    return VisitorNumber(_keyed(salt, _VISITOR, lengths + name + origin + agent) or 1)


def order_key(salt: memoryview, site: str, order: str) -> int:
    """Joins the browser's and the server's report of one order within the day; 0 where there is no number."""
    return _keyed(salt, _ORDER, _told_apart(site, order)) if order else 0


def event_id(salt: memoryview, site: str, sent_id: str) -> int:
    """Recognises a retry; the sender's own id, which could be anything, is not kept."""
    return _keyed(salt, _EVENT, _told_apart(site, sent_id)) if sent_id else 0


def _told_apart(site: str, word: str) -> bytes:
    name, rest = site.encode(), word.encode("utf-8", "surrogatepass")
    return _TWO.pack(len(name), len(rest)) + name + rest


def _keyed(salt: memoryview, purpose: bytes, parts: bytes) -> int:
    # the hash object's copy of the key is zeroed by CPython when the object goes, which is here
    return int.from_bytes(blake2b(parts, digest_size=_NUMBER_BYTES, key=salt, person=purpose).digest(), "big")
