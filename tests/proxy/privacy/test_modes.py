"""What is done with a page's events, by what was said, where, and by whom it is objected to."""

import pytest

from proxy.privacy.modes import PROFILES, Mode, mode_of

OFF, COUNT, MEASURE = Mode.OFF, Mode.COUNT, Mode.MEASURE
TABLE = [
    # said, before consent, objects → mode
    ("", OFF, False, OFF),
    ("", COUNT, False, COUNT),
    ("", MEASURE, False, MEASURE),
    ("", MEASURE, True, COUNT),
    ("", COUNT, True, COUNT),
    ("", OFF, True, OFF),
    ("off", MEASURE, False, OFF),
    ("off", MEASURE, True, OFF),
    ("count", MEASURE, False, COUNT),
    ("count", OFF, False, COUNT),
    ("measure", COUNT, False, MEASURE),
    ("measure", OFF, False, MEASURE),
    ("measure", MEASURE, True, COUNT),
    ("measure", OFF, True, COUNT),
    ("MEASURE", MEASURE, False, COUNT),
    ("denied", MEASURE, False, COUNT),
    ("denied", OFF, False, OFF),
    ("yes please", COUNT, False, COUNT),
    ("yes please", OFF, False, OFF),
]


@pytest.mark.parametrize(("said", "before", "objects", "mode"), TABLE)
def test_the_strictest_of_three_says_what_is_done(said: str, before: Mode, objects: bool, mode: Mode) -> None:  # noqa: FBT001 - a table's column
    """Consent, the country's rule where nothing was said, and the browser's objection."""
    assert mode_of(said, before, objects=objects) is mode


def test_profiles_are_as_their_countries_have_it() -> None:
    """Without a country named: nothing before consent."""
    assert dict(PROFILES) == {"STRICT": OFF, "NO": COUNT, "DE": COUNT, "FR": MEASURE, "UK": MEASURE}
