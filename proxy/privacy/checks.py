"""What tells a person's number from any other: dates, check digits, issuers, lengths, and how chance looks.

Enters: digits or a code, without separators. Leaves: yes or no. No list of real numbers is needed or kept.
"""

import re
from collections.abc import Mapping
from operator import add
from string import ascii_letters, digits
from types import MappingProxyType

_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_MOST_REMAINDER = 3
_MONTHS: Mapping[str, int] = MappingProxyType(
    {f"{month + added:02}": month for month in range(1, 13) for added in (0, 40, 65, 80)}
)
"""As written, and as meant: +40 is an H-number, +65 and +80 are the synthetic ones of NAV and Skatteetaten."""
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIRST_D_DAY = 41
_DATE = re.compile(
    r"(?:19\d|20[0-4])\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19\d|20[0-4])\d",
    re.ASCII,
)

_ISSUER = re.compile(
    r"4(?:.{15}|.{18})$"  # Visa; its 13 digits have died out, and are what an EAN has
    r"|(?:5[1-5]..|222[1-9]|22[3-9].|2[3-6]..|27[01].|2720).{12}$"  # Mastercard
    r"|3[47].{13}$"  # American Express
    r"|(?:30[0-5]|3095|3[689]).{11,16}$"  # Diners
    r"|(?:6011|64[4-9]|65|62|35(?:2[89]|[3-8])).{12,17}$"  # Discover, UnionPay, JCB
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-37]).{10,15}$"  # Maestro
    r"|(?:5019|220[0-4]).{12,15}$"  # Dankort, Mir
)
_SHORTEST_CARD, _LONGEST_CARD = 14, 19
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_GTIN_LENGTHS = (8, 12, 13, 14)

_IBANS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 "
    "DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 "
    "IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 "
    "MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 "
    "SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
_IBAN_LENGTHS: Mapping[str, int] = MappingProxyType({word[:2]: int(word[2:]) for word in _IBANS.split()})

_PARTS = re.compile(r"[A-Za-z0-9]+")
_ONE_KIND = re.compile(r"[A-Z]?[a-z]{1,19}|[A-Z]{1,19}|[0-9]+|[A-Z0-9]{1,12}|[a-z0-9]{1,10}")
"""A word, a number, or a short article number: what a slug is joined of."""
_USUAL_PAIRS = frozenset(
    group[0] + second
    for group in (
        "abcdfgiklmnprstuvy baeiloruy caehklort dabeiorsuy eabcdefghiklmnoprstvwx faefilort gaeghlnorsu haeiotu "
        "icdefgklmnoprstuv jaeou kaeijklorst labegiklostuvy mabeimopu nadegijknost oabdfgklmnoprstuvwxy paeiloprstu "
        "rabcdefgikmnorstuy sacdehijklmnopstuy tabehilorstuy uaegklmnprst vaeio wae xeipt ybklmost"
    ).split()
    for second in group[1:]
)
"""Each first letter and those that follow it: 19 of 20 pairs in the words of Norwegian and English shops, and little
more than one of three in letters drawn by lot."""
_ODDS_CHANGE, _ODDS_DIGITS, _ODDS_USUAL, _ODDS_UNUSUAL = 2, -3, -3, 4
"""Twice the logarithm of how much likelier a pair is in a drawn code than in a shop's words, rounded."""


def _odds_of_pair(one: str, other: str) -> int:
    if one.isdigit() or other.isdigit():
        return _ODDS_DIGITS if one.isdigit() and other.isdigit() else _ODDS_CHANGE
    if one.islower() and other.isupper():
        return _ODDS_CHANGE
    return _ODDS_USUAL if (one + other).lower() in _USUAL_PAIRS else _ODDS_UNUSUAL


_PAIR_ODDS: Mapping[str, int] = MappingProxyType(
    {a + b: _odds_of_pair(a, b) for a in ascii_letters + digits for b in ascii_letters + digits}
)
_LEAST_ODDS = -9
"""Two of a thousand base62 keys of 20 characters stay below, and so do all but one of 2,000 names in camel case."""
_SHORTEST_STRETCH = 20
_HEX = re.compile(r"[0-9a-f]{16,}")
_HEX_CHANGE = re.compile(r"[0-9](?=[a-f])|[a-f](?=[0-9])")
_LEAST_CHANGES = 3


def is_national_number(digits: str) -> bool:
    """Whether eleven digits are a Norwegian national number, D-number (day + 40), H-number or a synthetic one.

    Both check digits are tried. Up to 2031 the first one's weighted sum must be divisible by 11; numbers given out from
    2032 on may leave 0, 1, 2 or 3. The second one stays as it was. So the new rule holds the present one.

    Sources: Skatteetaten, "Nytt fødselsnummer fra 2032" (its examples are in the test); forskrift til
    folkeregisterloven § 2-2-1; for synthetic numbers Skatteetaten's Tenor and NAV's Dolly.
    """
    day = int(digits[:2])
    month = _MONTHS.get(digits[2:4])
    if month is None or not 1 <= (day - 40 if day >= _FIRST_D_DAY else day) <= _LONGEST[month - 1]:
        return False
    return _remainder(digits, _FIRST_WEIGHTS) <= _MOST_REMAINDER and _remainder(digits, _SECOND_WEIGHTS) == 0


def is_account(digits: str) -> bool:
    """Whether eleven digits are a Norwegian bank account: the last is a check digit, modulus 11.

    Source: Bits (Finans Norge), "Kontonummer"; the weights are those of a national number's second digit.
    """
    return _remainder(digits, _SECOND_WEIGHTS) == 0


def _remainder(digits: str, weights: tuple[int, ...]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False)) % 11


def is_card(digits: str) -> bool:
    """Whether 14 to 19 digits are a payment card: a public issuer's first digits and length, and Luhn's check digit.

    BankAxept has no public range; its cards are nearly all joined with a Visa or a Mastercard.

    Sources: ISO/IEC 7812-1 (Luhn, annex B) and the networks' published ranges.
    """
    if not _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD or not _ISSUER.match(digits):
        return False
    numbers = [int(digit) for digit in reversed(digits)]
    return (sum(numbers[::2]) + sum(_DOUBLED[number] for number in numbers[1::2])) % 10 == 0


def is_gtin(digits: str) -> bool:
    """Whether the digits are an article's number: EAN-8, UPC-A, EAN-13 (an ISBN, too) or GTIN-14.

    Source: GS1 General Specifications, section 7.9: weights 3 and 1 from the right, modulus 10.
    """
    if len(digits) not in _GTIN_LENGTHS:
        return False
    numbers = [int(digit) for digit in reversed(digits)]
    return (sum(numbers[::2]) + 3 * sum(numbers[1::2])) % 10 == 0


def is_date(digits: str) -> bool:
    """Whether eight digits are a day between 1900 and 2049, with the year first or last."""
    return _DATE.fullmatch(digits) is not None


def iban_length(country: str) -> int:
    """How many characters an IBAN of this country (ISO 3166, two capitals) has; 0: it has none.

    Source: SWIFT's IBAN registry, ISO 13616.
    """
    return _IBAN_LENGTHS.get(country, 0)


def is_iban(code: str) -> bool:
    """Whether letters and digits are an IBAN: its country's length, and remainder 1 modulo 97 (ISO 7064).

    Letters count as 10 to 35, and the first four characters as the last: `int(…, 36)` gives each its number.
    """
    return len(code) == iban_length(code[:2]) and int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1


def looks_drawn(code: str) -> bool:
    """Whether a code, or a stretch of it, was drawn by lot: a key, a session, a link for one person.

    Neighbours are weighed: changes between digits and letters, or within a word from small to capital, speak for
    chance, and so do letters that don't follow each other in words; words and whole numbers speak against. A stretch
    counts by itself, lest a key hide behind a slug.
    """
    total = stretch = drawn = 0
    for part in _PARTS.findall(code):
        odds = _odds(part)
        total += odds
        if stretch + odds < 0:
            stretch = drawn = 0
            continue
        stretch += odds
        drawn += len(part) if odds > 0 else 0
        if drawn >= _SHORTEST_STRETCH:
            return True
    return total > _LEAST_ODDS


def _odds(part: str) -> int:
    if _ONE_KIND.fullmatch(part):
        return -len(part)
    if _HEX.fullmatch(part) and len(_HEX_CHANGE.findall(part)) >= _LEAST_CHANGES:
        return 2 * len(part)
    return sum(map(_PAIR_ODDS.__getitem__, map(add, part, part[1:])))
