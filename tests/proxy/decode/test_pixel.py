"""A page without scripts."""

import pytest

from pipeline.outcome import Outcome
from proxy.decode import pixel
from proxy.privacy.modes import Mode, mode_of

PAGE = "https://shop.no/lego"


def test_an_image_is_a_page_view_that_is_never_measured() -> None:
    """It can carry no consent."""
    [page], refused = pixel.decode({"s": "shop.no", "u": PAGE, "r": "https://vg.no/", "m": "measure"}, "")
    assert (page.site, page.url, page.referrer, page.mode) == ("shop.no", PAGE, "https://vg.no/", "image")
    assert mode_of(page.mode, Mode.MEASURE, objects=False) is Mode.COUNT
    assert mode_of(page.mode, Mode.OFF, objects=False) is Mode.OFF
    assert [event.name for event in page.events] == ["page_view"]
    assert refused == ()


def test_without_an_address_the_page_is_the_one_that_asked() -> None:
    """The header `Referer` of an image is its page."""
    [page], _ = pixel.decode({"s": "shop.no"}, PAGE)
    assert (page.url, page.referrer) == (PAGE, "")


REFUSED = {
    "no site": ({"u": PAGE}, "", Outcome.MALFORMED),
    "no page": ({"s": "shop.no"}, "", Outcome.MALFORMED),
    "an empty page": ({"s": "shop.no", "u": ""}, PAGE, Outcome.MALFORMED),
    "a long site": ({"s": "x" * 201, "u": PAGE}, "", Outcome.TOO_LARGE),
    "a long page": ({"s": "shop.no", "u": "x" * 2001}, "", Outcome.TOO_LARGE),
    "a long page that asked": ({"s": "shop.no"}, "x" * 2001, Outcome.TOO_LARGE),
    "a long referrer": ({"s": "shop.no", "u": PAGE, "r": "x" * 2001}, "", Outcome.TOO_LARGE),
}


@pytest.mark.parametrize(("query", "page", "word"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_missing_or_too_long_is_refused(query: dict[str, str], page: str, word: Outcome) -> None:
    """With the word that says which."""
    assert pixel.decode(query, page) == ((), (word,))
