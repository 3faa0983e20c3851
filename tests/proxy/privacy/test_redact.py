"""The second line of defence: what looks like a person is taken out, however it is written down."""

import unicodedata
from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.privacy.redact import clean, decoded
from proxy.privacy.scrub import path

UNCUT = 10**6
TEXTS = {
    "nothing to say": ("", ""),
    "a product": ("Politistasjon 60316", "Politistasjon 60316"),
    "a price and a discount": ("749,00 kr, -50%", "749,00 kr, -50%"),
    "a time of day": ("kl. 10:30:00", "kl. 10:30:00"),
    "a name of code": ("std::cout", "std::cout"),
    "blanks around": ("  lego  ", "lego"),
    "lines": ("lego\r\n\tcity\u2028by", "lego city by"),
    "wide letters": ("\uff2c\uff25\uff27\uff2f", "LEGO"),
    "a lone surrogate": ("lego\udcff", "lego"),
    "NUL": ("le\x00go", "lego"),
    "an e-mail address": ("spør anna@shop.no om det", "spør (removed) om det"),
    "percent-encoded": ("anna%40shop.no", "(removed)"),
    "twice": ("anna%2540shop.no", "(removed)"),
    "three times": ("anna%252540shop.no", "(removed)"),
    "four times: no honest text": ("anna%25252540shop.no", "(removed)"),
    "five times": ("anna%2525252540shop.no", "(removed)"),
    "an innocent text, encoded three times": ("Lego%252520City", "Lego City"),
    "a wide at": ("anna\uff20shop.no", "(removed)"),
    "a wide percent sign": ("anna\uff0540shop.no", "(removed)"),
    "a space without width": ("an\u200bna@sh\u200bop.no", "(removed)"),
    "one within the escape": ("anna%4\u200b0shop.no", "(removed)"),
    "(at)": ("anna(at)shop.no", "(removed)"),
    "[at]": ("anna [at] shop.no", "(removed)"),
    "an apostrophe before the at": ("o'brien@shop.ie", "(removed)"),
    "with its scheme": ("mailto:anna@shop.no", "mailto:(removed)"),
    "a national number": ("kunde 01019000083.", "kunde (removed)."),
    "a national number in two parts": ("010190 00083", "(removed)"),
    "a national number around a space without width": ("0101\u200b9000083", "(removed)"),
    "eleven digits that are none": ("01019000084", "01019000084"),
    "twelve digits": ("101019000083", "101019000083"),
    "an IPv4 address": ("fra 192.0.2.77!", "fra (removed)!"),
    "an IPv4 address after a dot": ("v.192.0.2.77.", "v.(removed)."),
    "an IPv6 address": ("[2001:db8::77]:443", "[(removed)]:443"),
    "an IPv6 address after a word and a colon": ("ip:2001:db8::77", "ip(removed)"),
    "an IPv6 address in full": ("2001:0DB8:0:0:0:0:0:77", "(removed)"),
    "a mapped address": ("::ffff:192.0.2.77", "(removed)(removed)"),
    "a network card": ("00:1a:2b:3c:4d:5e", "(removed)"),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS.keys())
def test_a_text_is_cleaned(text: str, expected: str) -> None:
    """One spelling, one line, nobody in it; what is innocent stays as it is."""
    assert clean(text) == expected


def _national_number(day: int, month: int, year: int, individual: int, first: int) -> str:
    """Valid from 2032 on: the first check digit may leave a remainder of 0 to 3. Empty where the digits can't be."""
    ten = f"{day:02}{month:02}{year:02}{individual:03}{first}"
    if sum(w * int(d) for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), ten, strict=True)) % 11 > 3:
        return ""
    second = -sum(w * int(d) for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), ten, strict=True)) % 11
    return f"{ten}{second}" if second < 10 else ""


days = st.one_of(st.integers(1, 31), st.integers(41, 71))
months = st.one_of(st.integers(1, 12), st.integers(41, 52), st.integers(66, 77), st.integers(81, 92))
nationals = st.builds(_national_number, days, months, st.integers(0, 99), st.integers(0, 999), st.integers(0, 9))
emails = st.from_regex(r"[a-z0-9æøå._+-]{1,20}@[a-z0-9-]{1,15}\.(no|com|museum)", fullmatch=True)
v6 = st.ip_addresses(v=6, network="2000::/3")
literals = st.one_of(st.ip_addresses(v=4).map(str), v6.map(str), v6.map(lambda address: address.exploded.upper()))
secrets = st.one_of(nationals.filter(bool), emails, literals)
any_text = st.text(st.characters(exclude_categories=()))
around = st.text(max_size=15).filter(lambda t: not any(c.isnumeric() for c in unicodedata.normalize("NFKC", t)))


def _escaped(text: str, rounds: int) -> str:
    for _ in range(rounds):
        text = "".join(f"%{byte:02X}" for byte in text.encode()) if "%" not in text else text.replace("%", "%25")
    return text


@pytest.mark.parametrize("cleaner", [clean, path], ids=["in a text", "in a path"])
@given(secret=secrets, before=around, after=around, rounds=st.integers(0, 6))
def test_no_person_comes_through(
    cleaner: Callable[[str], str], secret: str, before: str, after: str, rounds: int
) -> None:
    """An e-mail, a national number or a network address is gone, raw or percent-encoded however often."""
    kept = cleaner(before + _escaped(secret, rounds) + after)
    assert secret not in kept
    assert secret not in decoded(kept)


@given(any_text)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """What is clean stays as it is."""
    once = clean(text, UNCUT)
    assert clean(once, UNCUT) == once


@given(any_text, st.integers(0, 300))
def test_a_clean_text_can_be_stored(text: str, most: int) -> None:
    """One line of printable UTF-8 of at most so many characters, from any text at all, surrogates and NULs too."""
    kept = clean(text, most)
    assert len(kept) <= most
    assert kept.isprintable()
    assert kept.encode().decode() == kept


ADVERSARIES = {
    "dotted": "1.", "digits": "1", "letters before a colon": "a", "ats": "@", "blank ats": " @", "spelled ats": "(at)",
    "escapes": "%25", "cut escapes": "%2", "colons": ":", "groups": "1:", "unseen": "\u200b", "wide": "\uff05",
    "national": "010190 ", "parameters": "&a", "segments": "/a1", "token": "a1", "composed": "e\u0301",
}  # fmt: skip


@pytest.mark.parametrize("cleaner", [clean, path], ids=["a text", "a path"])
@pytest.mark.parametrize("piece", ADVERSARIES.values(), ids=ADVERSARIES.keys())
def test_a_hostile_text_costs_in_proportion_to_its_length(cleaner: Callable[[str], str], piece: str) -> None:
    """Eight times as long takes far less than sixty-four times as long: no search goes back and forth."""

    def seconds(characters: int) -> float:
        text = (piece * characters)[: characters - 2] + "::"
        spent = []
        for _ in range(3):
            began = process_time()
            cleaner(text)
            spent.append(process_time() - began)
        return min(spent)

    assert seconds(16_000) < 25 * max(seconds(2_000), 1e-4)
