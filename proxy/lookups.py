"""What the privacy room must know about the world: countries, regions, user agents, registrable hosts.

Enters: a truncated network, a user agent, a host. Leaves: a few words. All from tables that the dependencies ship, and
regions from a file of the operator's; nothing is asked over a network, and what is remembered holds no user agent and
no address (see `privacy/memo.py`).
"""

from collections.abc import Callable
from dataclasses import replace

import iptocc
import ua_parser
from publicsuffixlist import PublicSuffixList

from proxy import bots
from proxy.privacy import coarse
from proxy.privacy.address import parse
from proxy.privacy.coarse import Agent, Area
from proxy.privacy.memo import remembered
from proxy.privacy.shop import Lookups

_suffixes = PublicSuffixList()


@remembered(most=20_000)
def area(network: str) -> Area:
    """The country that the registries name, or none; of regions the table knows nothing."""
    return Area(iptocc.country_code(network.partition("/")[0]) or "", "")


@remembered(most=20_000)
def agent(user_agent: str) -> Agent:
    """Browser, system and device of a user agent."""
    # bytes that are no UTF-8 arrive as lone surrogates, which the parser refuses
    result = ua_parser.parse(user_agent.encode(errors="replace").decode())
    browser = result.user_agent.family if result.user_agent else ""
    system = result.os.family if result.os else ""
    return coarse.agent(browser, system, user_agent)


@remembered(most=20_000)
def is_robot(user_agent: str) -> bool:
    """Whether a user agent is a robot's, see `bots.py`."""
    return bots.is_robot(user_agent)


def is_referrer_spam(host: str) -> bool:
    """Whether a registrable host is a referrer spammer's, see `bots.py`."""
    return bots.is_referrer_spam(host)


def registrable(host: str) -> str:
    """`www.google.co.uk` → `google.co.uk`; a host that nobody registered (an address, `localhost`) stays itself."""
    return host if parse(host) is not None else _registrable(host)  # an address is its own result: not remembered


@remembered(most=20_000)
def _registrable(host: str) -> str:
    return _suffixes.privatesuffix(host) or host


LOOKUPS = Lookups(area=area, agent=agent, registrable=registrable)


def with_places(places: Callable[[str], Area]) -> Lookups:
    """The same, places' file first: it knows regions, and whose a network is today rather than who it was given to."""
    return replace(LOOKUPS, area=lambda network: found if (found := places(network)).country else area(network))
