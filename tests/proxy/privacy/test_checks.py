"""Check digits, issuers, lengths and chance: what is a person's number, and what only looks like one."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.privacy import checks

NATIONAL_NUMBERS = {
    "the present rule": ("01019000083", True),
    "Skatteetaten's example for 2032": ("02013299997", True),
    "its first one of a man born 1982": ("30108299920", True),
    "its second one, whose remainder is 1": ("30108299939", True),
    "a wrong last digit": ("01019000082", False),
    "a remainder of 4": ("30108299963", False),
    "D-number: day + 40": ("41019000077", True),
    "H-number: month + 40": ("01419000066", True),
    "Skatteetaten's synthetic: month + 80": ("15889010220", True),
    "NAV's synthetic: month + 65": ("01669000037", True),
    "day 0": ("00019099946", False),
    "day 32": ("32019099937", False),
    "day 72": ("72019099920", False),
    "30 February": ("30029099959", False),
    "month 13": ("01139099903", False),
    "month 53": ("01539099996", False),
    "month 65": ("01659099914", False),
    "month 78": ("01789099932", False),
}


@pytest.mark.parametrize(("digits", "valid"), NATIONAL_NUMBERS.values(), ids=NATIONAL_NUMBERS.keys())
def test_national_numbers_of_every_kind_are_known(digits: str, valid: bool) -> None:  # noqa: FBT001 - a table's column
    """By date and both check digits, under the present rule and the one from 2032 on."""
    assert checks.is_national_number(digits) is valid


CARDS = {
    "Visa": ("4111111111111111", True),
    "Visa of 19": ("4000000000000000006", True),
    "Mastercard": ("5555555555554444", True),
    "Mastercard, the lowest of the new range": ("2221000000000009", True),
    "Mastercard, the highest": ("2720999999999996", True),
    "below it": ("2220999999999991", False),
    "above it": ("2721000000000004", False),
    "American Express": ("378282246310005", True),
    "Diners": ("30569309025904", True),
    "Discover": ("6011111111111117", True),
    "JCB": ("3530111333300000", True),
    "the lowest JCB": ("3528000000000007", True),
    "Maestro": ("6759649826438453", True),
    "UnionPay": ("6200000000000005", True),
    "Dankort": ("5019717010103742", True),
    "a wrong check digit": ("4111111111111112", False),
    "nobody's range": ("9111111111111110", False),
    "thirteen digits, as an EAN has": ("4222222222222", False),
    "a Visa of 15": ("411111111111116", False),
}


@pytest.mark.parametrize(("digits", "valid"), CARDS.values(), ids=CARDS.keys())
def test_cards_are_known_by_issuer_length_and_luhn(digits: str, valid: bool) -> None:  # noqa: FBT001 - as above
    """The networks' own test cards, and their ranges' edges."""
    assert checks.is_card(digits) is valid


CODES = {
    "a bank account": (checks.is_account, "12345678903", True),
    "a wrong one": (checks.is_account, "12345678904", False),
    "EAN-13": (checks.is_gtin, "4006381333931", True),
    "EAN-8": (checks.is_gtin, "96385074", True),
    "UPC-A": (checks.is_gtin, "036000291452", True),
    "GTIN-14": (checks.is_gtin, "10614141000415", True),
    "a wrong EAN": (checks.is_gtin, "4006381333932", False),
    "ten digits": (checks.is_gtin, "1234567890", False),
    "a Norwegian IBAN": (checks.is_iban, "NO9386011117947", True),
    "a British one": (checks.is_iban, "GB29NWBK60161331926819", True),
    "a Maltese one": (checks.is_iban, "MT84MALT011000012345MTLCAST001S", True),
    "an IBAN with a wrong digit": (checks.is_iban, "NO9386011117948", False),
    "one digit too many": (checks.is_iban, "NO93860111179470", False),
    "no country": (checks.is_iban, "XX9386011117947", False),
    "a day": (checks.is_date, "20261126", True),
    "a day, the year last": (checks.is_date, "26111990", True),
    "a month 13": (checks.is_date, "20261301", False),
    "a telephone": (checks.is_date, "99887766", False),
}


@pytest.mark.parametrize(("check", "code", "valid"), CODES.values(), ids=CODES.keys())
def test_codes_are_told_apart(check, code, valid) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a table
    """Published examples of each, and the same with one thing wrong."""
    assert check(code) is valid


@given(st.text("0123456789", min_size=14, max_size=14))
def test_of_ten_last_digits_one_makes_a_card(middle: str) -> None:
    """Luhn's digit lets nine of ten numbers in an issuer's range be no card."""
    assert sum(checks.is_card(f"4{middle}{last}") for last in "0123456789") == 1


SLUGS = """
    lego-city-politistasjon-med-helikopter-60316 LegoStarWarsMilleniumFalcon75192 barnebursdagsinvitasjoner-12-stk
    shopify_NO_7891234567890_43211234567890 NO_PMAX_Lego_ROAS400_2024Q4_v2 IMG_20231126_101530_beskaaret
    SM-S928BZKGEUB-titanium-gray iPhone15ProMax256GB-MQ6L3QN Screenshot_2023-11-26-10-15-30 RTX4090-24G-OC-ROG-STRIX
    ABC123456DEF12345678 nyhetsbrev_2026-11-26_variantB 00012345600001234567 sommerklaer-til-barn-str-98-104
    DPA_ViewContent14D_Excl_Purchase180D gave-til-far-under-500-kroner XXL-HETTEGENSER-HERRE-SVART
    manylinux_2_17_x86_64 DejaVuSans-ExtraLight QTnfLwEv-politistasjon-med-helikopter
    QTnfLwEv-politistasjon-og-et-helikopter-K9qvTnfL-playmobil-riddere-hester-borg-Zx8wEvQk-bursdagsinvitasjon
    undertoysett-ull-baby-0-3-mnd 2024_Q4_BlackFriday_NO_Prospecting_LAL1_Video15s
""".split()


@pytest.mark.parametrize("slug", SLUGS)
def test_slugs_and_article_numbers_were_not_drawn(slug: str) -> None:
    """Words, numbers and short codes, however they are joined, were written by somebody."""
    assert not checks.looks_drawn(slug)


def test_a_key_does_not_hide_behind_a_slug() -> None:
    """However many words stand before it and after it."""
    words = "nytt-passord-til-din-konto-i-butikken-var-er-her-"
    assert checks.looks_drawn(f"{words}3kTMd9WqZx81-LpQv7RtY9aBd-{words}")
    assert not checks.looks_drawn(words)


ALPHABETS = {
    "base62": (string.ascii_letters + string.digits, 20),
    "base64url": (string.ascii_letters + string.digits + "-_", 22),
    "letters": (string.ascii_letters, 28),
    "small": (string.ascii_lowercase + string.digits, 28),
    "capitals, as a ULID": ("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 26),
    "hex": ("0123456789abcdef", 24),
}


@pytest.mark.parametrize(("alphabet", "length"), ALPHABETS.values(), ids=ALPHABETS.keys())
def test_of_a_thousand_drawn_keys_nine_hundred_and_ninety_are_known(alphabet: str, length: int) -> None:
    """Chance may write a word now and then, but not more often than one time in a hundred."""
    lot = random.Random(2032)
    keys = ["".join(lot.choices(alphabet, k=length)) for _ in range(1_000)]
    assert sum(map(checks.looks_drawn, keys)) >= 990
