"""Numbers as shops write them."""

import pytest

from proxy.decode.amount import amount

READ = {
    "749": 749.0, "749.5": 749.5, "749,5": 749.5, "749,50": 749.5, "1 299,50": 1299.5, "1\u00a0299,50": 1299.5,
    "1\u202f299": 1299.0, "1.299,50": 1299.5, "1,299.50": 1299.5, "1.299.000": 1299000.0, "1,299,000": 1299000.0,
    "kr 749": 749.0, "kr. 749,00": 749.0, "749 kr": 749.0, "749,-": 749.0, "749.--": 749.0, "NOK 1 299,00": 1299.0,
    "€12.50": 12.5, "12,50 €": 12.5, "Pris: 99,90": 99.9, "-5": -5.0, " 5 ": 5.0, "1.299": 1.299, "1e3": 1000.0,
}  # fmt: skip
NONE = [
    "",
    "kr",
    "1,299",
    "kr 1.299",
    "499 - 799",
    "2 for 100",
    "1.2.3",
    "1,29,50",
    "NaN",
    "inf",
    "-inf",
    "ring oss på 99999999",
]


@pytest.mark.parametrize(("said", "number"), READ.items())
def test_a_plain_number_is_read(said: str, number: float) -> None:
    """With either mark, with spaces, with a currency before or after."""
    assert amount(said) == number


@pytest.mark.parametrize("said", NONE)
def test_what_could_be_two_numbers_is_none(said: str) -> None:
    """Nor is what is no number at all."""
    assert amount(said) is None
