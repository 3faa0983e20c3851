"""The page by which a visitor asks not to be counted."""

import pytest

from proxy import optout

OWN = {"Host": "stats.shop.no", "Origin": "https://stats.shop.no"}


def test_the_page_is_one_for_all() -> None:
    """In both languages, without a script, from nowhere else."""
    page = optout.page()
    assert page.status == 200
    assert page.body == optout.page().body
    text = bytes(page.body or b"").decode()
    assert "Ikke tell meg" in text
    assert "Don't count me" in text
    assert "<script" not in text
    assert "src=" not in text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(("body", "seconds"), [(b"count=no", 34_560_000), (b"count=yes", 0)])
@pytest.mark.parametrize(("secure", "reach"), [(True, "SameSite=None; Secure"), (False, "SameSite=Lax")])
def test_a_button_sets_or_takes_away_a_cookie_that_says_one(
    body: bytes,
    seconds: int,
    secure: bool,  # noqa: FBT001 - a table's column
    reach: str,
) -> None:
    """The same for everybody, read by no script."""
    answer = optout.answer(OWN, body, secure=secure)
    assert (answer.status, answer.headers["Location"]) == (303, "opt-out#done")
    assert answer.headers["Set-Cookie"] == f"sporlos_opt_out=1; Max-Age={seconds}; Path=/; HttpOnly; {reach}"


FOREIGN = [
    {"Host": "stats.shop.no", "Origin": "https://evil.example"},
    {"Host": "stats.shop.no", "Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Host": "stats.shop.no", "Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_sites_form_chooses_for_nobody(headers: dict[str, str]) -> None:
    """Neither in nor out."""
    answer = optout.answer(headers, b"count=no", secure=True)
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"count=maybe", b"count=no&count=yes", b"\xff"])
def test_what_is_no_choice_changes_nothing(body: bytes) -> None:
    """400, and the page."""
    answer = optout.answer(OWN, body, secure=True)
    assert answer.status == 400
    assert "Set-Cookie" not in answer.headers
