"""What the privacy room must know about the world: countries, user agents, registrable hosts.

Enters: a truncated network, a user agent, a host. Leaves: a few words. All from tables that the dependencies ship;
nothing is asked over a network. The caches hold no user agent and no address: they are keyed by Python's own keyed
hash, whose key lives and dies with the process.
"""

from functools import lru_cache

import iptocc
import ua_parser
from publicsuffixlist import PublicSuffixList

from proxy import bots
from proxy.privacy import coarse
from proxy.privacy.address import Network, parse
from proxy.privacy.coarse import Agent
from proxy.privacy.forget import Lookups

_CACHED_AGENTS = 20_000

_agents: dict[int, Agent] = {}
_robots: dict[int, bool] = {}
_suffixes = PublicSuffixList()


def country(network: Network) -> str:
    """ISO 3166-1 alpha-2, or empty where the table knows none."""
    return iptocc.country_code(str(network.network_address)) or ""


def agent(user_agent: str) -> Agent:
    """Browser, system and device of a user agent."""
    key = hash(user_agent)
    found = _agents.get(key)
    if found is None:
        # bytes that are no UTF-8 arrive as lone surrogates, which the parser refuses
        result = ua_parser.parse(user_agent.encode(errors="replace").decode())
        browser = result.user_agent.family if result.user_agent else ""
        system = result.os.family if result.os else ""
        found = coarse.agent(browser, system, user_agent)
        _remember(_agents, key, found)
    return found


def is_robot(user_agent: str) -> bool:
    """Whether a user agent is a robot's, see `bots.py`."""
    key = hash(user_agent)
    found = _robots.get(key)
    if found is None:
        found = bots.is_robot(user_agent)
        _remember(_robots, key, found)
    return found


def registrable(host: str) -> str:
    """`www.google.co.uk` → `google.co.uk`; a host that nobody registered (an address, `localhost`) stays itself."""
    return host if parse(host) is not None else _registrable(host)


@lru_cache(maxsize=4096)
def _registrable(host: str) -> str:
    return _suffixes.privatesuffix(host) or host


LOOKUPS = Lookups(country=country, agent=agent, registrable=registrable)


def _remember(cache: dict[int, Agent] | dict[int, bool], key: int, value: Agent | bool) -> None:  # noqa: FBT001 - a verdict
    if len(cache) >= _CACHED_AGENTS:
        cache.clear()
    cache[key] = value  # type: ignore[assignment]  # each cache is filled with its own kind
