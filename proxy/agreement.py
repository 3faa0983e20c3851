"""One salt a day for several collectors, agreed on through a Redis that forgets.

Enters: where the Redis is, and the days that have begun without a salt. Leaves: the same salt in the page of every
collector, under a key that is gone when the day ends. Redis is asked each time, before it is told anything, whether it
keeps what it is given.

Only the workers' parent asks, never a visitor's request, and in a thread: a name that doesn't resolve or a host that is
silent must not hold up renewals, restarts and health.

    NotForgetful   it keeps what it is given, or won't say
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from proxy.privacy.page import draw, erase
from proxy.privacy.salts import Salts, Undrawn
from proxy.redis import Away, Line, Redis, Refused, connected

_ASK_EVERY_SECONDS = 1.0
_VERIFY_EVERY_SECONDS = 60.0
_FORGETFUL = {"save": "", "appendonly": "no", "slowlog-log-slower-than": "-1"}
"""No file, and no list of slow commands: it would quote the one that brings the salt."""
_ALONE = {"role": "master", "connected_slaves": "0", "repl_backlog_active": "0"}
"""No replica, which may have files of its own, and none that could come back for what it has missed."""
_PASSING = frozenset({"LOADING", "BUSY", "MASTERDOWN"})

log = structlog.get_logger("sporlos.agreement")


class NotForgetful(Exception):
    """Redis keeps what it is given, or won't say whether it does; it is told no salt."""


class Agreement:
    """Fills the days that have begun without a salt, and says when it can't.

    Args:
        redis: what all collectors share.
        salts: the page, opened with `draws=False` by this process and its workers.
        now: seconds since 1970.
    """

    def __init__(self, redis: Redis, salts: Salts, now: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._salts = salts
        self._now = now
        self._verify_at = 0.0
        self._told = ("", False)

    async def begin(self) -> None:
        """Agree for the first time. A Redis that is away may come; one that keeps what it is given must be set right.

        Raises:
            NotForgetful: it was reached.
        """
        try:
            await self._agree()
        except Away as away:
            self._tell(away, counting=True)

    async def keep(self, stop: asyncio.Event) -> None:
        """Look every second until told to stop."""
        while not stop.is_set():
            await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _ASK_EVERY_SECONDS)

    async def look(self) -> None:
        """Fill what is to be filled; where nothing is, see now and then that Redis still forgets."""
        try:
            await self._agree()
        except (Away, NotForgetful) as reason:
            self._tell(reason, counting=bool(self._salts.undrawn(self._now())))

    async def _agree(self) -> None:
        loop_time = asyncio.get_running_loop().time()
        now = self._now()
        self._salts.renew(now)
        days = self._salts.undrawn(now)
        if not days and loop_time < self._verify_at:
            return
        self._verify_at = loop_time + _VERIFY_EVERY_SECONDS
        # a thread that ends, and its stack with it: a register that held a salt for the TLS library may be saved there
        with ThreadPoolExecutor(1) as thread:
            await asyncio.get_running_loop().run_in_executor(thread, agree, self._redis, days, now)
        for day in days:
            self._salts.take(day, self._now())
        if self._told[0]:
            log.info("Redis is there and forgets; the salts are agreed on")
        self._told = ("", False)

    def _tell(self, reason: Exception, *, counting: bool) -> None:
        """Once for each change, not each second."""
        if (str(reason), counting) == self._told:
            return
        self._told = (str(reason), counting)
        if counting:
            log.error(
                "no salt could be agreed on: visits are counted without visitor numbers until one is",
                reason=str(reason),
            )
        elif isinstance(reason, NotForgetful):
            log.error(
                "Redis no longer forgets: the salt in use may be on a disk by now; from midnight on visits are counted"
                " without visitor numbers, unless it is set right",
                reason=str(reason),
            )
        else:
            log.warning("Redis is away; the salt in use is here, the next one is not", reason=str(reason))


def agree(redis: Redis, days: Sequence[Undrawn], now: float) -> None:
    """Put into the page, for each day, the salt that the first collector to ask has drawn; blocks for seconds.

    Raises:
        Away: nothing was put there.
        NotForgetful: as well; Redis was not told anything.
    """
    with connected(redis) as line:
        _verify(line, redis)
        try:
            for day in days:
                _agree_on(line, day, now)
        except BaseException:
            for day in days:
                erase(day.salt)
            raise


def _agree_on(line: Line, day: Undrawn, now: float) -> None:
    draw(day.salt)
    key = f"sporlos:salt:{day.zone}:{day.day}"
    try:
        line.ask("SET", key, day.salt, "NX", "PX", str(max(1, int((day.ends - now) * 1000))))
        line.ask_for("GET", key, into=day.salt)  # ours, or that of whoever was first
    except Refused as refused:
        raise Away(f"Redis doesn't take a salt ({refused})") from None


def _verify(line: Line, redis: Redis) -> None:
    try:
        if redis.user or redis.password:
            line.ask("AUTH", *([redis.user] if redis.user else []), redis.password)
        if redis.database:
            line.ask("SELECT", str(redis.database))
        settings = {name: line.ask("CONFIG", "GET", name) for name in _FORGETFUL}
        replication = line.ask("INFO", "replication")
    except Refused as refused:
        if str(refused) in _PASSING:
            raise Away(f"Redis is not ready ({refused})") from None
        raise NotForgetful(
            f"Redis won't say whether it keeps what it is given ({refused}): "
            "it must let this user in, have this database, and allow CONFIG GET and INFO"
        ) from None
    for name, wanted in _FORGETFUL.items():
        found = list(settings[name] or ())[1:]
        if found != [wanted]:
            said = repr(found[0]) if found else "unknown"
            raise NotForgetful(f"Redis keeps what it is given: {name} is {said}, and must be {wanted!r}")
    lines = dict(line.partition(":")[::2] for line in str(replication).splitlines())
    for name, wanted in _ALONE.items():
        if lines.get(name) != wanted:
            raise NotForgetful(
                f"Redis passes on what it is given: {name} is {lines.get(name)!r}, and must be {wanted!r} (no replicas)"
            )
