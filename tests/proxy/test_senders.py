"""A shop's own server: by its token, event by event."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from pipeline.outcome import Counted, Outcome
from proxy.senders import Said, introduction, sha256_of
from proxy.settings import load
from tests.proxy.doorway import PAGE, PURCHASE, ROBOT, SITE, TOKEN, TRUSTED, VISITOR, Worker, opened
from tests.proxy.visit import NOON, at


@pytest_asyncio.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    """A worker at noon."""
    async for one in opened(tmp_path):
        yield one


async def test_each_event_has_its_result_in_the_order_sent(worker: Worker) -> None:
    """Stored, duplicate, or refused with the word that is counted, and why."""
    results = await worker.report(
        PURCHASE,
        {"name": "hopp"},
        {"name": 7},
        PURCHASE,
        {"name": "page_view", "url": "https://evil.example/"},
        {"name": "login", "consent": "off"},
        {"name": "refund", "at": NOON - 86_400, "id": "r"},
        {"name": "login"},
    )
    words = "stored unknown_event malformed duplicate wrong_origin not_consented expired stored".split()
    assert [result["outcome"] for result in results] == words
    assert [bool(result.get("why")) for result in results] == [word != "stored" for word in words]
    assert worker.counted() == Counter(words)
    assert [event["name"] for event in worker.shelf.events] == ["purchase", "login"]


NO_TOKEN = {
    "none": "",
    "another": "Bearer something",
    "another scheme": f"Basic {TOKEN}",
    "no scheme": TOKEN,
    "only the scheme": "Bearer",
    "the hash": f"Bearer {sha256_of(TOKEN)}",
    "not ASCII": "Bearer \u00e6",
}


@pytest.mark.parametrize("authorization", NO_TOKEN.values(), ids=NO_TOKEN)
async def test_who_has_no_token_is_not_read(worker: Worker, authorization: str) -> None:
    """401, how to do it right, one word; counted once, of no site."""
    status, headers, said = await worker.ask("POST", "/v1/events", [PURCHASE], Authorization=authorization)
    assert (status, headers["WWW-Authenticate"], said["refused"]) == (401, "Bearer", "unknown_sender")
    assert worker.counted(site="") == {"unknown_sender": 1}
    assert worker.shelf.events == []


async def test_a_token_may_be_sent_as_clients_send_it(worker: Worker) -> None:
    """The scheme's name has no case, and a blank more is none."""
    for authorization in (f"bearer {TOKEN}", f"BEARER   {TOKEN}"):
        status, _, _ = await worker.ask("POST", "/v1/events", [{"name": "login"}], Authorization=authorization)
        assert status == 200


async def test_the_server_itself_is_no_visitor(worker: Worker) -> None:
    """Neither its address nor its agent become anybody's, and it is no robot, whatever it calls itself."""
    headers = {"User_Agent": "python-requests/2.32", "X_Forwarded_For": "193.212.4.9", "Accept_Language": "nb"}
    [result] = await worker.report(
        PURCHASE | {"consent": "measure", "engaged_ms": 9000}, **headers, Sec_Purpose="prefetch"
    )
    assert result == {"outcome": "stored"}
    [event] = worker.shelf.events
    nobodys = "visitor network country region device browser os language viewport path channel source marked".split()
    assert {name: event[name] for name in nobodys if event[name]} == {}
    assert (event["value"], event["currency"], event["engaged_ms"], event["entry"]) == (74_950, "NOK", 0, 0)


async def test_a_server_makes_up_no_source(worker: Worker) -> None:
    """Silence is no direct visit; what it tells of a source is kept."""
    await worker.report(
        {"name": "page_view", "url": f"{PAGE}/a"},
        {"name": "page_view", "url": f"{PAGE}/a", "referrer": "https://www.google.com/"},
        {"name": "page_view", "url": f"{PAGE}/a?utm_source=brev&utm_medium=email"},
    )
    assert [(event["channel"], event["entry"]) for event in worker.shelf.events] == [
        ("", 0),
        ("search", 1),
        ("email", 1),
    ]


async def test_one_order_of_page_and_server_has_one_key(worker: Worker) -> None:
    """By its number, whoever reports it; a refund of it has the same."""
    assert await worker.browse({"n": "purchase", "o": "A-1001", "v": 749.5, "currency": "NOK"}) == 202
    await worker.report(
        PURCHASE, PURCHASE | {"name": "refund", "id": "r"}, PURCHASE | {"transaction_id": "A-1", "id": ""}
    )
    keys = [event["order_key"] for event in worker.shelf.events]
    assert keys[0] == keys[1] == keys[2] != 0
    assert keys[3] not in (keys[0], 0)


async def test_a_retry_is_told_to_be_one(worker: Worker) -> None:
    """By its id, in the same request and later, and stored once; without an id nobody can tell."""
    nameless = {"name": "purchase", "transaction_id": "A-7"}
    assert [r["outcome"] for r in await worker.report(PURCHASE, PURCHASE, nameless)] == [
        "stored",
        "duplicate",
        "stored",
    ]
    assert [r["outcome"] for r in await worker.report(PURCHASE, nameless)] == ["duplicate", "stored"]
    assert [event["name"] for event in worker.shelf.events] == ["purchase"] * 3


async def test_what_was_not_stored_is_no_duplicate_later(worker: Worker) -> None:
    """503, nothing kept, and the retry is stored."""
    worker.shelf.is_full = True
    status, headers, _ = await worker.ask("POST", "/v1/events", [PURCHASE], Authorization=f"Bearer {TOKEN}")
    assert (status, int(headers["Retry-After"]) > 0) == (503, True)
    worker.shelf.is_full = False
    assert await worker.report(PURCHASE) == [{"outcome": "stored"}]
    assert len(worker.shelf.events) == 1


async def test_a_day_forgets_what_was_sent_before(worker: Worker) -> None:
    """An id means something for one day, as its salt does."""
    await worker.report(PURCHASE)
    worker.now[0] += 86_400
    assert await worker.report(PURCHASE) == [{"outcome": "stored"}]
    assert len({event["event_id"] for event in worker.shelf.events}) == 2


LATE = {
    "in the morning": ("2026-05-12T23:59", "2026-05-12T00:00", "stored", "2026-05-12T00:00"),
    "under way at midnight": ("2026-05-13T00:04", "2026-05-12T23:55", "stored", "2026-05-13T00:00"),
    "of the day before": ("2026-05-13T00:04", "2026-05-12T23:49", "expired", ""),
    "a whole day ago": ("2026-05-12T12:00", "2026-05-11T12:00", "expired", ""),
    "on a day of 25 hours": ("2026-10-25T23:30", "2026-10-25T00:10", "stored", "2026-10-25T00:10"),
}


@pytest.mark.parametrize(("now", "moment", "word", "stands_at"), LATE.values(), ids=LATE)
async def test_an_event_may_be_told_late_while_its_day_has_its_salt(
    worker: Worker, now: str, moment: str, word: str, stands_at: str
) -> None:
    """The local day; what was under way at midnight stands at the new day's first second."""
    worker.now[0] = at(now)
    [result] = await worker.report(PURCHASE | {"at": at(moment)})
    assert result["outcome"] == word
    assert [float(event["ts"]) for event in worker.shelf.events] == ([at(stands_at)] if stands_at else [])
    assert {event["day"] for event in worker.shelf.events} <= {now[:10]}


async def test_a_named_visitor_comes_in_as_by_his_browser(worker: Worker) -> None:
    """The same number, network, country and browser; an objection of his holds."""
    await worker.browse({"n": "login"}, m="measure")
    event = {"name": "login", "url": f"{PAGE}/kvittering", "referrer": f"{PAGE}/kasse", "consent": "measure"}
    await worker.report(event | {"visitor": VISITOR}, event | {"visitor": VISITOR | {"objects": True}}, token=TRUSTED)
    browser, named, objecting = worker.shelf.events
    assert browser["visitor"] == named["visitor"] != 0
    assert objecting["visitor"] == 0
    assert {name for name in browser if browser[name] != named[name]} == {"viewport"} - {"viewport"}
    [refused] = await worker.report(event | {"visitor": VISITOR}, token=TOKEN)
    assert refused["outcome"] == "malformed"


async def test_the_answer_says_nothing_about_a_named_visitor(worker: Worker) -> None:
    """The same for him, a robot, a spammer's link and a retry, as his browser would hear; counted is each."""
    event = {"name": "page_view", "id": "1", "url": f"{PAGE}/"}
    answers = [
        await worker.report(event | more, token=TRUSTED)
        for more in (
            {"visitor": VISITOR},
            {"visitor": VISITOR},
            {"visitor": VISITOR | {"objects": True}},
            {"visitor": VISITOR | {"user_agent": ROBOT}},
            {"visitor": VISITOR, "referrer": "http://darodar.com/"},
        )
    ]
    assert answers == [[{"outcome": "accepted"}]] * 5
    assert worker.counted() == {"stored": 2, "duplicate": 1, "robot": 1, "referrer_spam": 1}


async def test_a_strict_site_wants_consent_of_a_server_too(worker: Worker) -> None:
    """As of anyone; a token is of one shop."""
    results = await worker.report({"name": "login"}, {"name": "login", "consent": "count"}, token="strict")
    assert [result["outcome"] for result in results] == ["not_consented", "stored"]
    assert worker.counted("strict.no") == {"not_consented": 1, "stored": 1}
    assert worker.counted() == {}


async def test_what_can_not_be_read_of_a_known_sender_counts_at_his_site(worker: Worker) -> None:
    """The shop's own panel shows it, with no word of the sender's."""
    await worker.report({"name": "kari@example.no"}, {"kari": 1}, 7)
    assert {(counted.name, counted.outcome) for counted in worker.shelf.tally} == {
        ("", Outcome.UNKNOWN_EVENT),
        ("", Outcome.MALFORMED),
    }
    assert all(counted == Counted(SITE, "2026-05-12", "", counted.outcome) for counted in worker.shelf.tally)


def test_a_token_is_introduced_to_the_settings(tmp_path: Path) -> None:
    """The lines can be pasted as they are and let the token in; without it they are worth nothing."""
    *lines, token = introduction('Ås "net"\\shop', names_visitors=True).splitlines()
    file = tmp_path / "sporlos.toml"
    file.write_text("\n".join(['[[sites]]\nid = "a.no"\norigins = ["https://a.no"]', *lines]), encoding="utf-8")
    [sender] = load(file).sites[0].senders
    assert (sender.name, sender.names_visitors, sender.token_sha256) == ('Ås "net"\\shop', True, sha256_of(token))
    assert token not in file.read_text(encoding="utf-8")
    assert len(token) >= 43
    *lines, another = introduction("x", names_visitors=False).splitlines()
    assert another != token
    assert "names_visitors" not in "".join(lines)


def test_what_was_said_is_remembered_for_its_site_and_day() -> None:
    """The same number of another site or day is another event's."""
    said = Said()
    said.add([("a.no", "2026-05-12", 7), ("b.no", "2026-05-12", 8)])
    assert ("a.no", "2026-05-12", 7) in said
    others = [("b.no", "2026-05-12", 7), ("a.no", "2026-05-13", 7), ("c.no", "2026-05-12", 7)]
    assert not any(other in said for other in others)
    said.add([("a.no", "2026-05-13", 9)])
    assert ("a.no", "2026-05-12", 7) not in said
    assert ("b.no", "2026-05-12", 8) in said


def test_what_was_said_has_a_limit() -> None:
    """Memory must not grow with what a server sends; the newest is what a retry repeats."""
    said = Said()
    for start in range(0, 200_000, 1000):
        said.add([("a.no", "2026-05-12", start + n) for n in range(1000)])
    assert ("a.no", "2026-05-12", 199_999) in said
    assert sum(("a.no", "2026-05-12", n) in said for n in range(200_000)) <= 50_000
