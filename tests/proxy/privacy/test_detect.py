"""What looks like a person goes, in every form that people write it in; the sentence around it and the goods stay."""

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.privacy import checks
from proxy.privacy.detect import REMOVED, suspicious, without_persons

BEFORE = "Hei, kan dere nå meg? Det er"
AFTER = "jeg bruker, takk og hilsen fra Kåre"

digits = st.text("0123456789", min_size=8, max_size=8)
blanks = st.sampled_from([" ", ".", "-", "‐", "–"])  # noqa: RUF001 - what word processors make of a hyphen


def _national_numbers(first_remainders: range) -> st.SearchStrategy[str]:
    day = st.builds("{:02}".format, st.one_of(st.integers(1, 28), st.integers(41, 68)))
    month = st.builds(
        lambda month, added: f"{month + added}".zfill(2), st.integers(1, 12), st.sampled_from([0, 40, 65, 80])
    )

    def number(date: tuple[str, str], rest: int, remainder: int) -> str:
        nine = f"{date[0]}{date[1]}{rest:05}"
        first = (remainder - sum(w * int(d) for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), nine, strict=True))) % 11
        ten = f"{nine}{first}"
        second = -sum(w * int(d) for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), ten, strict=False)) % 11
        return f"{ten}{second}" if first < 10 and second < 10 else ""

    return st.builds(number, st.tuples(day, month), st.integers(0, 99_999), st.sampled_from(first_remainders)).filter(
        bool
    )


def _with_check_digit(stems: st.SearchStrategy[str], check: Callable[[str], bool]) -> st.SearchStrategy[str]:
    return stems.map(lambda stem: next((stem + d for d in "0123456789" if check(stem + d)), "")).filter(bool)


def _grouped(number: str, sign: str, *sizes: int) -> str:
    ends = [sum(sizes[: n + 1]) for n in range(len(sizes))]
    return sign.join(number[end - size : end] for end, size in zip(ends, sizes, strict=True))


def _one_of(numbers: st.SearchStrategy[str], *forms: Callable[[str, str], str]) -> st.SearchStrategy[str]:
    return st.builds(lambda number, sign, form: form(number, sign), numbers, blanks, st.sampled_from(forms))


NATIONAL_FORMS = (
    lambda n, _: n,
    lambda n, s: _grouped(n, s, 6, 5),
    lambda n, s: _grouped(n, s, 6, 3, 2),
    lambda n, s: _grouped(n, s, 2, 2, 2, 5),
    lambda n, s: f"{_grouped(n[:6], s, 2, 2, 2)} {n[6:]}",
    lambda n, _: f"{n[:6]}  {n[6:]}",
)
phones = st.builds(lambda first, n: first + n[1:], st.sampled_from("23456789"), digits)
PHONE_FORMS = (lambda n, s: _grouped(n, s, 2, 2, 2, 2), lambda n, s: _grouped(n, s, 3, 2, 3), lambda n, _: n)
COUNTRY_FORMS = tuple(
    lambda n, s, code=code, form=form: code + form(n, s)  # type: ignore[misc]
    for code in ("+47", "+47 ", "(+47) ", "0047", "0047 ", "+47 (0)", "00 47 ")
    for form in PHONE_FORMS
)
foreign = st.builds(lambda code, n: code + n, st.sampled_from(["46", "45", "1", "354", "44"]), digits)
FOREIGN_FORMS = (
    lambda n, _: f"+{n}",
    lambda n, s: f"+{n[:2]} {n[2:5]}{s}{n[5:]}",
    lambda n, _: f"+{n[:2]} ({n[2:4]}) {n[4:]}",
)
cards = _with_check_digit(
    st.one_of(
        st.from_regex(r"(4[0-9]{4}|5[1-5][0-9]{3}|2[3-6][0-9]{3}|60110|35400|62[0-9]{3})[0-9]{10}", fullmatch=True),
        st.from_regex(r"3[47][0-9]{12}|3[689][0-9]{11}|4[0-9]{17}", fullmatch=True),
    ),
    checks.is_card,
)
CARD_FORMS = (
    lambda n, _: n if len(n) != 14 else _grouped(n, "-", 4, 6, 4),  # a bare one of fourteen may be an article's case
    lambda n, s: _grouped(n, s, 4, 4, 4, len(n) - 12) if s != "." else n[:6] + "-" + n[6:],
)
accounts = _with_check_digit(st.text("0123456789", min_size=10, max_size=10), checks.is_account)
COUNTRIES = st.sampled_from(["NO", "SE", "DK", "FI", "DE", "GB", "MT", "NL", "FR", "PL", "LC", "XK"])


def _iban(country: str, letters: str) -> str:
    body = letters[: checks.iban_length(country) - 4]
    value = int("".join(str(int(c, 36)) for c in f"{body}{country}00"))
    return f"{country}{98 - value % 97:02}{body}"


ibans = st.builds(_iban, COUNTRIES, st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=28, max_size=28))
IBAN_FORMS = (
    lambda n, _: n,
    lambda n, _: n.lower(),
    lambda n, _: " ".join(n[at : at + 4] for at in range(0, len(n), 4)),
    lambda n, _: "-".join(n[at : at + 4] for at in range(0, len(n), 4)),
)
names = st.from_regex(r"[a-zæøå0-9]([a-zæøå0-9._+-]{0,15}[a-zæøå0-9])?", fullmatch=True)
hosts = st.from_regex(r"[a-zæøå]{2,12}(-[a-z]{2,8})?", fullmatch=True)
emails = st.builds(
    lambda name, at, host, dot, top: name + at + host + dot + top,
    names,
    st.sampled_from(["@", " @ ", "@ ", "(at)", " [at] ", " at ", " krøllalfa ", "&#64;", "_at_", "-at-"]),
    hosts,
    st.sampled_from([".", " dot ", " (dot) ", " punktum ", "[dot]"]),
    st.sampled_from(["no", "com", "se", "museum"]),
)
hexes = st.binary(min_size=16, max_size=40).map(bytes.hex)
parts = st.binary(min_size=12, max_size=40).map(lambda data: data.hex() + "-_xY")
KINDS = {
    "national number": _one_of(_national_numbers(range(1)), *NATIONAL_FORMS),
    "national number of 2032": _one_of(_national_numbers(range(4)), *NATIONAL_FORMS),
    "telephone with its country": _one_of(phones, *COUNTRY_FORMS),
    "foreign telephone": _one_of(foreign, *FOREIGN_FORMS),
    "card": _one_of(cards, *CARD_FORMS),
    "bank account": accounts.map(lambda n: _grouped(n, ".", 4, 2, 5)),
    "IBAN": _one_of(ibans, *IBAN_FORMS),
    "e-mail": emails,
    "UUID": st.uuids().map(str),
    "UUID without hyphens": st.uuids().map(lambda uuid: uuid.hex),
    "hash": st.one_of(hexes, hexes.map(str.upper)),
    "JWT": st.builds(lambda a, b, c: f"eyJ{a}.{b}.{c}", parts, parts, parts),
    "IPv4 address": st.ip_addresses(v=4).map(str),
    "IPv6 address": st.ip_addresses(v=6, network="2000::/3").map(str),
    "network card": st.binary(min_size=6, max_size=6).map(lambda mac: mac.hex(":")),
}  # fmt: skip


@pytest.mark.parametrize("prose", [True, False], ids=["in prose", "in a code"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
@given(data=st.data())
def test_a_number_goes_and_its_sentence_stays(kind: st.SearchStrategy[str], prose: bool, data: st.DataObject) -> None:  # noqa: FBT001 - a table's column
    """Any valid one, in any usual form, within a sentence."""
    found = data.draw(kind)
    assert without_persons(f"{BEFORE} {found} {AFTER}", prose=prose) == f"{BEFORE} {REMOVED} {AFTER}"


def _is_a_telephone_only(written: str) -> bool:
    groups = [int(group) for group in re.findall("[0-9]+", written)]
    ascending = len({b - a for a, b in pairwise(groups)}) == 1 and 0 < groups[1] - groups[0] <= 10
    return not ascending and not checks.is_date("".join(re.findall("[0-9]", written)))


@given(
    _one_of(phones, *PHONE_FORMS).filter(_is_a_telephone_only),
    st.sampled_from(["", "ring ", "tlf. ", "Mobil: ", "(", "47 ", "på "]),
    st.sampled_from([" ", ". ", ", ", "; ", "? "]),
)
def test_a_bare_telephone_goes_from_prose_only(phone: str, before: str, after: str) -> None:
    """Eight digits that somebody typed are a telephone; in a code they are a code, unless they are an address."""
    kept = without_persons(f"{BEFORE} {before}{phone}{after}{AFTER}", prose=True)
    assert kept == f"{BEFORE} {before.removeprefix('47 ')}{REMOVED}{after}{AFTER}"
    assert without_persons(phone, prose=False) == (REMOVED if phone.count(".") == 3 else phone)


TELEPHONES = {
    "in pairs": ("ring 99 88 77 66 nå", "ring (removed) nå"),
    "in pairs, by itself": ("99 88 77 66", "(removed)"),
    "in threes": ("998 87 766", "(removed)"),
    "in one": ("99887766", "(removed)"),
    "after a product": ("60316 99887766", "60316 (removed)"),
    "before a product": ("+47 99 88 77 66 60316", "(removed) 60316"),
    "glued to its word": ("tlf99887766", "tlf(removed)"),
    "as fours, behind its word": ("tlf 9988 7766", "tlf (removed)"),
    "a product's fours": ("rtx 4070 4080", "rtx 4070 4080"),
    "a date behind a word": ("ring 26.11.2026", "ring 26.11.2026"),
    "an article's number": ("varenr. 99887766", "varenr. 99887766"),
    "zeroes in place of the plus": ("0046 70 123 45 67", "(removed)"),
    "an article's zeroes": ("0012345678905", "0012345678905"),
    "a sum": ("2+99887766", "2+99887766"),
    "too long": ("+1234567890123456", "+1234567890123456"),
    "Arabic digits": ("٩٩٨٨٧٧٦٦", "(removed)"),
}


@pytest.mark.parametrize(("text", "expected"), TELEPHONES.values(), ids=TELEPHONES.keys())
def test_a_telephone_is_known_by_its_neighbours(text: str, expected: str) -> None:
    """What eight digits are depends on how they are grouped and on what stands beside them."""
    assert without_persons(text, prose=True) == expected


def _gtin(length: int) -> st.SearchStrategy[str]:
    return _with_check_digit(st.text("0123456789", min_size=length - 1, max_size=length - 1), checks.is_gtin)


isbns = _with_check_digit(digits.map(lambda n: f"9788{n}"), checks.is_gtin)
INNOCENT = {
    "EAN-13": _gtin(13).filter(lambda n: not n.startswith("00")),
    "ISBN": st.builds(lambda n, s: _grouped(n, s, 3, 2, 2, 5, 1), isbns, st.sampled_from(["-", " ", ""])),
    "LEGO number": st.integers(10_000, 99_999).map(str),
    "LEGO numbers": st.integers(10_000, 99_999).map(lambda n: f"{n} og {n + 7}"),
    "price": st.builds("{} {:03},{:02} kr".format, st.integers(1, 99), st.integers(0, 999), st.integers(0, 99)),
    "price in millions": st.builds("{} {:03} {:03} kr".format, *[st.integers(10, 99), *[st.integers(0, 999)] * 2]),
    "date": st.dates().map(str),
    "date with points": st.dates().map(lambda day: f"{day:%d.%m.%Y}"),
    "date and time": st.datetimes().map(lambda now: f"{now:%d.%m.%Y kl. %H:%M:%S}"),
    "compact date": st.dates(min_value=date(1950, 1, 1), max_value=date(2049, 12, 31)).map(lambda day: f"{day:%Y%m%d}"),
    "size": st.tuples(*[st.integers(1, 999)] * 3).map(lambda size: "x".join(map(str, size))),
    "row of sizes": st.integers(20, 40).map(lambda size: " ".join(str(size + 2 * n) for n in range(4))),
    "order code": phones.map(lambda n: f"ORD-{n}"),
    "article with a letter": phones.map(lambda n: f"A{n}"),
    "variant": phones.map(lambda n: f"{n}-XL"),
    "version": st.tuples(*[st.integers(0, 30)] * 3).map(lambda version: ".".join(map(str, version))),
    "years": st.just("2025-2026"),
    "organisation": st.just("987 654 321"),
    "picture": st.just("logo@2x.png"),
    "at as a word": st.just("jeg tror at den er fin"),
    "price for several": st.just("3 @ 50 kr"),
    "name of code": st.just("std::cout"),
    "slug": st.just("lego-city-politistasjon-med-helikopter-60316"),
    "shop window": st.just("shopify_NO_7891234567890_43211234567890"),
}  # fmt: skip


@pytest.mark.parametrize("prose", [True, False], ids=["in prose", "in a code"])
@pytest.mark.parametrize("kind", INNOCENT.values(), ids=INNOCENT.keys())
@given(data=st.data())
def test_goods_stay(kind: st.SearchStrategy[str], prose: bool, data: st.DataObject) -> None:  # noqa: FBT001 - a table's column
    """What shops are full of is left alone, by itself and within a sentence."""
    text = data.draw(kind)
    assert without_persons(text, prose=prose) == text
    assert without_persons(f"vare {text} {AFTER}", prose=prose) == f"vare {text} {AFTER}"


@given(st.one_of(_gtin(8), _gtin(12).filter(lambda n: not n.startswith("0047")), _gtin(14)))
def test_a_code_may_be_any_article_number(gtin: str) -> None:
    """EAN-8, UPC-A and GTIN-14 stay where nobody types telephones or cards."""
    assert without_persons(gtin, prose=False) == gtin


CARDS = {
    "Diners in prose": ("30000000000087", True, REMOVED),
    "Diners that is a case as well": ("30000000000087", False, "30000000000087"),
    "Diners in groups": ("3000-000000-0087", False, REMOVED),
    "Visa before its expiry": ("4111 1111 1111 1111 12/27", True, f"{REMOVED} 12/27"),
    "national number in a longer code": ("7012-010190-00083", False, "7012-010190-00083"),
    "national number of a full year": ("01.01.1990 00083", False, REMOVED),
    "full year, a wrong digit": ("01.01.1990 00084", True, "01.01.1990 00084"),
    "JWT without a secret": ("eyJhbGciOiIifQ.e30x.", False, REMOVED),
    "IBAN that goes on": ("NO9386011117947X", True, "NO9386011117947X"),
    "bare account": ("12345678903", True, "12345678903"),
    "e-mail in pieces": ("anna dot olsen at gmail dot com", True, REMOVED),
    "two hashes in a name": (f"a_{'0a' * 16}-b_{'0b' * 16}", False, f"a_{REMOVED}-b_{REMOVED}"),
    "drawn key": ("/reset/3kTMd9WqZx81LpQv7RtY", True, REMOVED),
    "key behind a slug": ("ny-pute-til-kari-3kTMd9WqZx81LpQv7RtY", False, REMOVED),
    "endless slug": ("lego-" * 60, False, f"{'lego-' * 51}l{REMOVED}"),
    "IBAN behind its word": ("IBANNO9386011117947", True, f"IBAN{REMOVED}"),
}


@pytest.mark.parametrize(("text", "prose", "expected"), CARDS.values(), ids=CARDS.keys())
def test_what_could_be_two_things_is_decided(text: str, prose: bool, expected: str) -> None:  # noqa: FBT001 - a table
    """Each decision that a comment explains."""
    assert without_persons(text, prose=prose) == expected


FLOODS = {
    "numbers": "0101 ", "e-mails": "a@b.no ", "spelled e-mails": "a at b.no ", "keys": "aB3dE6gH9kL2nP5rS8uW ",
    "IPv6": "2001:db8::1 ", "IBANs": "NO93 8601 1117 947 ", "addresses": "192.0.2.1 ",
}  # fmt: skip


@pytest.mark.parametrize("piece", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_is_not_looked_at_but_taken_out(piece: str) -> None:
    """Whoever sends more than anybody types can neither cost much nor get the last of them through."""
    text = (piece * 4_000)[: 4_000 // len(piece) * len(piece)]
    kept = without_persons(text, prose=True)
    assert piece.strip() not in kept
    assert len(kept) < 800


pieces = st.lists(
    st.one_of(*KINDS.values(), *INNOCENT.values(), st.text("abcXYZ019 .-@:+()/", max_size=6)), max_size=6
).map("".join)


@given(st.one_of(pieces, st.text()), st.booleans())
def test_a_second_look_finds_nothing_new(text: str, prose: bool) -> None:  # noqa: FBT001 - drawn
    """What one find hid at its side is found as well, however they are glued together."""
    once = without_persons(text, prose=prose)
    assert without_persons(once, prose=prose) == once


@given(st.one_of(*KINDS.values()))
def test_the_cheap_look_suspects_every_kind(found: str) -> None:
    """A text that it lets pass would not be looked at again."""
    assert suspicious(found)
    assert suspicious(f"x{found}")


@pytest.mark.parametrize("text", ["togbane i tre", "LEGO City 60316", "nyhetsbrev-uke47", "749,00 kr", "v1.2.3"])
def test_most_texts_need_no_closer_look(text: str) -> None:
    """The ordinary is let pass at once."""
    assert not suspicious(text)
