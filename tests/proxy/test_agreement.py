"""Several collectors and one salt: they agree through a real Redis that forgets, and through no other."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from proxy.agreement import Agreement, NotForgetful
from proxy.privacy.memory import new_memory
from proxy.privacy.salts import OVERLAP_SECONDS, Salts
from proxy.redis import Redis
from tests.proxy.visit import NOON, OSLO, at, number_of
from tests.system.redis_server import Server, running

MIDNIGHT = at("2026-05-13T00:00")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A Redis that forgets."""
    with running(tmp_path) as started:
        yield started


class Collector:
    """What of a collector's parent has to do with salts, with a clock that the test moves."""

    def __init__(self, url: str, *zones: str) -> None:
        self.now = NOON
        self.salts = Salts(new_memory(), zones or (OSLO,), draws=False)
        self.agreement = Agreement(Redis.at(url), self.salts, lambda: self.now)

    def number(self, **said: object) -> int:
        """The visitor number that a page view gets now."""
        return number_of(self.salts, self.now, **said)

    async def looks_often(self) -> list[str]:
        """A few seconds; what is logged meanwhile, by level."""
        with capture_logs() as said:
            for _ in range(3):
                await self.agreement.look()
        return [str(line["log_level"]) for line in said]

    async def looks_a_minute_later(self) -> list[str]:
        """As above, at a time when Redis is to be verified again."""
        self.agreement._verify_at = 0
        return await self.looks_often()


async def test_two_collectors_agree(server: Server) -> None:
    """The same visitor has one number at both, whoever came first; each zone has a salt of its own."""
    first, second = (Collector(server.url, OSLO, "Europe/London") for _ in range(2))
    await first.agreement.begin()
    await second.agreement.begin()
    assert first.number() == second.number() != 0
    salts = [bytes(one.salts._page.current(slot)) for one in (first, second) for slot in (0, 1)]
    assert salts[:2] == salts[2:]
    assert len({bytes(32), *salts}) == 3


async def test_a_key_lives_to_the_end_of_its_day(server: Server) -> None:
    """It is named for zone and day, and Redis forgets it by itself at midnight there."""
    collector = Collector(server.url, OSLO, "Europe/London")
    await collector.agreement.begin()
    assert sorted(server.ask("KEYS", "*").splitlines()) == [
        "sporlos:salt:Europe/London:2026-05-12",
        "sporlos:salt:Europe/Oslo:2026-05-12",
    ]
    left = {zone: int(server.ask("PTTL", f"sporlos:salt:{zone}:2026-05-12")) for zone in collector.salts.zones}
    assert 0 < left[OSLO] <= (MIDNIGHT - NOON) * 1000
    assert (MIDNIGHT - NOON) * 1000 < left["Europe/London"] <= (MIDNIGHT - NOON + 3600) * 1000


async def test_a_collector_that_is_started_again_within_the_day_has_the_same_salt(server: Server) -> None:
    """Its visitors go on; the day after it is another."""
    first = Collector(server.url)
    await first.agreement.begin()
    again = Collector(server.url)
    again.now += 3600
    await again.agreement.begin()
    assert again.number() == first.number()
    again.now = MIDNIGHT + 1
    await again.agreement.look()
    assert again.number() not in (0, first.number())


async def test_clocks_that_differ_agree_once_both_have_the_day(server: Server) -> None:
    """Around midnight the one ahead is alone with the new day, for as long as they differ; nothing worse."""
    ahead, behind = (Collector(server.url) for _ in range(2))
    ahead.now, behind.now = MIDNIGHT + 5, MIDNIGHT - 5
    for collector in (ahead, behind):
        await collector.agreement.begin()
    assert ahead.number() != behind.number()
    behind.now = MIDNIGHT + 1
    await behind.agreement.look()
    assert ahead.number(peer="203.0.113.9") == behind.number(peer="203.0.113.9") != 0


async def test_while_redis_is_away_visits_are_counted(server: Server) -> None:
    """Nobody gets a number and it is said once, not each second; once Redis is there, everybody gets one."""
    server.stop()
    collector = Collector(server.url)
    with capture_logs() as said:
        await collector.agreement.begin()
    assert [line["log_level"] for line in said] == ["error"]
    assert await collector.looks_often() == []
    assert collector.number() == 0
    server.start()
    assert await collector.looks_often() == ["info"]
    assert collector.number() != 0


async def test_a_day_that_has_its_salt_goes_on_without_redis(server: Server) -> None:
    """A failing Redis changes no number before midnight; it is only mentioned."""
    collector = Collector(server.url)
    await collector.agreement.begin()
    number = collector.number()
    server.stop()
    collector.now += 3600
    assert await collector.looks_often() == []
    assert await collector.looks_a_minute_later() == ["warning"]
    assert collector.number() == number


async def test_a_day_that_begins_without_redis_is_counted_until_it_is_back(server: Server) -> None:
    """Yesterday's salt is wiped on time all the same."""
    collector = Collector(server.url)
    await collector.agreement.begin()
    old = bytes(collector.salts._page.current(0))
    number = collector.number()
    server.stop()
    collector.now = MIDNIGHT
    assert collector.number() == 0
    assert await collector.looks_often() == ["error"]
    collector.now = MIDNIGHT + OVERLAP_SECONDS
    assert await collector.looks_often() == []
    assert old not in bytes(collector.salts._page.view)
    server.start()
    assert await collector.looks_often() == ["info"]
    assert collector.number() not in (0, number)


PERSISTENT = {
    "it saves": ("save", "3600 1"),
    "it appends": ("appendonly", "yes"),
    "it lists slow commands": ("slowlog-log-slower-than", "10000"),
}


@pytest.mark.parametrize(("name", "value"), PERSISTENT.values(), ids=PERSISTENT.keys())
async def test_a_redis_that_keeps_what_it_is_given_is_refused(server: Server, name: str, value: str) -> None:
    """It is told no salt, and the operator hears which setting it is."""
    assert server.ask("CONFIG", "SET", name, value) == "OK"
    collector = Collector(server.url)
    with pytest.raises(NotForgetful, match=f"{name} is '{value}'"):
        await collector.agreement.begin()
    assert (collector.number(), server.ask("KEYS", "*")) == (0, "")


async def test_a_redis_with_a_replica_is_refused(server: Server, tmp_path: Path) -> None:
    """The replica may keep what it is sent, and for a while it may come back for what it has missed."""
    folder = tmp_path / "replica"
    folder.mkdir()
    with running(folder, "--replicaof", "127.0.0.1", str(server.port)) as replica:
        while server.ask("WAIT", "1", "1000") != "1":
            pass
        for url, reason in ((server.url, "connected_slaves is '1'"), (replica.url, "role is 'slave'")):
            with pytest.raises(NotForgetful, match=reason):
                await Collector(url).agreement.begin()
    while "connected_slaves:0" not in server.ask("INFO", "replication"):
        pass
    with pytest.raises(NotForgetful, match="repl_backlog_active is '1'"):
        await Collector(server.url).agreement.begin()
    assert server.ask("KEYS", "*") == ""


async def test_a_redis_that_begins_to_keep_things_gets_no_further_salt(server: Server) -> None:
    """It is told within a minute; from midnight on visits are counted, until it forgets again."""
    collector = Collector(server.url)
    await collector.agreement.begin()
    server.ask("CONFIG", "SET", "appendonly", "yes")
    assert await collector.looks_a_minute_later() == ["error"]
    assert collector.number() != 0
    collector.now = MIDNIGHT
    assert await collector.looks_often() == ["error"]
    assert (collector.number(), server.ask("DBSIZE")) == (0, "1")
    server.ask("CONFIG", "SET", "appendonly", "no")
    assert await collector.looks_often() == ["info"]
    assert collector.number() != 0


LEAST = ("~sporlos:salt:*", "+set", "+get", "+config|get", "+info", "+select")
"""What a collector's user must be allowed."""


@pytest.mark.parametrize("missing", [None, "+config|get", "+info"])
async def test_a_user_with_few_rights_is_enough(server: Server, missing: str | None) -> None:
    """Without those that show whether Redis forgets, it is refused."""
    rights = [right for right in LEAST if right != missing]
    server.ask("ACL", "SETUSER", "collector", "on", ">s3cret/word", "-@all", *rights)
    collector = Collector(f"redis://collector:s3cret%2Fword@127.0.0.1:{server.port}/3")
    if missing is None:
        await collector.agreement.begin()
        assert collector.number() != 0
    else:
        with pytest.raises(NotForgetful, match="NOPERM"):
            await collector.agreement.begin()


@pytest.mark.parametrize(
    ("url", "reason"),
    [("redis://:right@{}", None), ("redis://:wrong@{}", "WRONGPASS"), ("redis://{}", "NOAUTH")],
    ids=["right", "wrong", "none"],
)
async def test_a_password(server: Server, url: str, reason: str | None) -> None:
    """The right one is enough; a wrong one or none is told in one line."""
    server.ask("CONFIG", "SET", "requirepass", "right")
    collector = Collector(url.format(f"127.0.0.1:{server.port}"))
    if reason is None:
        await collector.agreement.begin()
        assert collector.number() != 0
    else:
        with pytest.raises(NotForgetful, match=reason):
            await collector.agreement.begin()


@pytest.mark.parametrize("value", ["", "short", "s" * 33])
async def test_what_is_no_salt_is_not_used(server: Server, value: str) -> None:
    """Whatever somebody has put under the key, nothing of it gets into the page."""
    server.ask("SET", "sporlos:salt:Europe/Oslo:2026-05-12", value)
    collector = Collector(server.url)
    await collector.agreement.begin()
    assert collector.number() == 0
    assert not any(collector.salts._page.current(0))


async def test_a_refusal_does_not_quote_the_salt(tmp_path: Path) -> None:
    """Redis repeats what it doesn't understand; only the first word of that is told."""
    with running(tmp_path, "--rename-command", "SET", "SOMETHING") as server:
        collector = Collector(server.url)
        with capture_logs() as said:
            await collector.agreement.begin()
        assert [line["reason"] for line in said] == ["Redis doesn't take a salt (ERR)"]
        assert not any(collector.salts._page.current(0))


async def test_a_redis_that_keeps_silent_holds_up_nobody() -> None:
    """While it is waited for, this very loop takes its connection; when it hangs up, visits are counted."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        collector = Collector(f"redis://127.0.0.1:{listening.getsockname()[1]}")
        with capture_logs() as said:
            asking = asyncio.create_task(collector.agreement.begin())
            connection, _ = await asyncio.get_running_loop().sock_accept(listening)
            connection.close()
            await asking
    assert not any(word in str(said[0]["reason"]) for word in ("took longer", "timed out"))
    assert collector.number() == 0


@pytest.mark.parametrize("answer", [b"", b"+" + b"x" * 2000, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"*999999999\r\n"])
async def test_what_is_no_redis_is_away(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too slow, too long, another protocol: the collector counts and asks again."""
    monkeypatch.setattr("proxy.redis._EXCHANGE_SECONDS", 0.2)

    given_up = asyncio.Event()

    async def reply(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await given_up.wait()
        writer.close()

    async with await asyncio.start_server(reply, "127.0.0.1", 0) as other:
        collector = Collector(f"redis://127.0.0.1:{other.sockets[0].getsockname()[1]}")
        with capture_logs() as said:
            await collector.agreement.begin()
        given_up.set()
    assert [line["log_level"] for line in said] == ["error"]
    assert collector.number() == 0
