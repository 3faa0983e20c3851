"""Answers: the same bytes whoever asks, and the integrator's fault in one word."""

import json
from itertools import combinations_with_replacement

import pytest
from aiohttp import web

from pipeline.outcome import Outcome
from proxy import reply

ABOUT_THE_VISITOR = (
    Outcome.STORED, Outcome.DUPLICATE, Outcome.ROBOT, Outcome.PREFETCH, Outcome.REFERRER_SPAM, Outcome.RATE_LIMITED,
    Outcome.OPTED_OUT, Outcome.NOT_CONSENTED,
)  # fmt: skip
TOLD = {
    Outcome.MALFORMED: 400,
    Outcome.TOO_LARGE: 413,
    Outcome.UNKNOWN_SITE: 404,
    Outcome.UNKNOWN_SENDER: 401,
    Outcome.WRONG_ORIGIN: 403,
    Outcome.UNKNOWN_EVENT: 400,
}


def seen(answer: web.Response) -> tuple[int, dict[str, str], object]:
    """All that the sender can tell one answer from another by."""
    return answer.status, dict(answer.headers), answer.body


def test_an_answer_says_nothing_about_the_visitor() -> None:
    """Stored, robot, prefetch, objector: one, two or three of them give one answer, status, headers and body."""
    for many in (1, 2, 3):
        for outcomes in combinations_with_replacement(ABOUT_THE_VISITOR, many):
            assert seen(reply.accepted([*outcomes])) == seen(reply.accepted([Outcome.STORED]))
            assert seen(reply.accepted_plausible([*outcomes])) == seen(reply.accepted_plausible([Outcome.STORED]))


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("other", ABOUT_THE_VISITOR)
def test_beside_a_fault_that_is_told_a_robot_is_not(told: Outcome, other: Outcome) -> None:
    """A batch of which some events can't be read has one answer for everybody."""
    assert seen(reply.accepted([told, other])) == seen(reply.accepted([told, Outcome.STORED]))
    assert seen(reply.accepted_plausible([told, other])) == seen(reply.accepted_plausible([told, Outcome.STORED]))


@pytest.mark.parametrize(("outcome", "status"), TOLD.items())
def test_what_an_integrator_got_wrong_is_said(outcome: Outcome, status: int) -> None:
    """By its status and one word."""
    answer = reply.accepted([outcome, outcome])
    assert (answer.status, json.loads(answer.body)) == (status, {"refused": str(outcome)})


def test_plausibles_answer_counts_what_was_dropped() -> None:
    """202 and a header; 400 for what can't be read."""
    assert reply.accepted_plausible([Outcome.STORED]).headers.get("x-plausible-dropped") is None
    assert reply.accepted_plausible([Outcome.STORED, Outcome.UNKNOWN_SITE]).headers["x-plausible-dropped"] == "1"
    assert reply.accepted_plausible([Outcome.WRONG_ORIGIN] * 2).headers["x-plausible-dropped"] == "2"
    assert reply.accepted_plausible([Outcome.MALFORMED]).status == 400


@pytest.mark.parametrize("outcome", sorted(set(ABOUT_THE_VISITOR) - {Outcome.NOT_CONSENTED}))
def test_of_a_named_visitor_nothing_is_said(outcome: Outcome) -> None:
    """A shop's server hears the same of him, whatever became of his event; of its own events it hears all."""
    named, own = (reply.results([reply.Result(outcome, is_of_visitor=is_his)]) for is_his in (True, False))
    assert seen(named) == seen(reply.results([reply.Result(Outcome.STORED, is_of_visitor=True)]))
    assert json.loads(own.body)["results"][0]["outcome"] == outcome


@pytest.mark.parametrize("outcome", [*TOLD, Outcome.NOT_CONSENTED, Outcome.EXPIRED])
def test_what_a_servers_event_says_wrong_is_told(outcome: Outcome) -> None:
    """Whoever it is about: it rests on the event alone."""
    [result] = json.loads(reply.results([reply.Result(outcome, "so", is_of_visitor=True)]).body)["results"]
    assert result == {"outcome": outcome, "why": "so"}


ANSWERS = {
    "accepted": reply.accepted([Outcome.STORED]),
    "refused": reply.refused(Outcome.WRONG_ORIGIN),
    "unavailable": reply.unavailable(),
    "preflight": reply.preflight(),
    "image": reply.image(),
    "script": reply.script(b"x"),
    "not found": reply.not_found(),
    "not allowed": reply.not_allowed(),
}


FOR_SERVERS = {
    "results": reply.results([reply.Result(Outcome.STORED)]),
    "turned away": reply.turned_away(Outcome.UNKNOWN_SENDER, "no token"),
    "nothing": reply.nothing(),
    "validated": reply.validated([]),
}


@pytest.mark.parametrize("answer", FOR_SERVERS.values(), ids=FOR_SERVERS)
def test_a_servers_answer_is_for_no_page(answer: web.Response) -> None:
    """No page may read it, since it would have to hold a token; nothing keeps it."""
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_no_answer_leaves_anything_on_the_device(answer: web.Response) -> None:
    """No cookie, no name for the copy in the cache; any page may read it."""
    assert not {"Set-Cookie", "ETag", "Last-Modified"} & set(answer.headers)
    assert not answer.cookies
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_an_image_is_a_picture_of_one_pixel_that_nobody_keeps() -> None:
    """Else the second view of a page would not be seen."""
    answer = reply.image()
    assert answer.body[:6] == b"GIF89a"
    assert answer.body[6:10] == bytes((1, 0, 1, 0))
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_is_turned_away_for_want_of_room_hears_when_to_come_again() -> None:
    """503, with a number of seconds."""
    answer = reply.unavailable()
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
