"""What other people's trackers send where a text or a number should be."""

import pytest

from proxy.decode import scalars

TEXTS = {
    "a text": ("a", "a"),
    "a whole number": (5, "5"),
    "a fraction": (1.5, "1.5"),
    "a yes": (True, "true"),
    "nothing": (None, ""),
    "several": (["a"], ""),
    "the longest": ("x" * 2000, "x" * 2000),
    "a longer one": ("x" * 2001, ""),
}


@pytest.mark.parametrize(("sent", "read"), TEXTS.values(), ids=TEXTS.keys())
def test_one_value_is_a_text(sent: object, read: str) -> None:
    """Whatever it was; half a text is none."""
    assert scalars.text(sent) == read


NUMBERS = {
    "a whole number": (749, 749.0),
    "a fraction": (749.5, 749.5),
    "a text": ("749.50", 749.5),
    "nothing": (None, 0.0),
    "an empty text": ("", 0.0),
    "words": ("much", None),
    "a comma": ("749,50", 749.5),
    "two numbers, perhaps": ("1,299", None),
    "no number": ("nan", None),
    "without end": ("inf", None),
    "a yes": (True, None),
    "several": ([1], None),
    "a billion": (1e9, 1e9),
    "more than that": (-1e9 - 1, None),
    "digits without end": (10**400, None),
}


@pytest.mark.parametrize(("sent", "read"), NUMBERS.values(), ids=NUMBERS.keys())
def test_an_amount_is_a_number_or_told_to_be_none(sent: object, read: float | None) -> None:
    """Nothing said is nothing owed; what can't be read is not counted as nothing."""
    assert scalars.number(sent) == read


WHOLES = {
    "a number": (5, 5),
    "a text": ("5", 5),
    "a fraction": (4.6, 5),
    "too much": (500, 100),
    "too little": (-1, None),
    "a yes": (True, None),
    "words": ("much", None),
    "nothing": (None, None),
    "no number": (float("nan"), None),
}


@pytest.mark.parametrize(("sent", "read"), WHOLES.values(), ids=WHOLES.keys())
def test_a_whole_number_is_cut_off(sent: object, read: int | None) -> None:
    """At the most that it may be."""
    assert scalars.whole(sent, 100) == read
