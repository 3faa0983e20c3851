"""Where in a text stands a number of one person: national, telephone, card, bank account.

Enters: a text in one spelling. Leaves: the places of what was found. `groups.py` cuts the digits out, `checks.py` knows
check digits; here stands which groupings, neighbours and words in front make them a person's.
"""

import re
from collections.abc import Iterator

from proxy.privacy.checks import is_account, is_card, is_date, is_gtin, is_national_number
from proxy.privacy.groups import Window, groups_in, windows

_NATIONAL = frozenset({(11,), (6, 5), (6, 3, 2), (2, 2, 2, 5), (2, 2, 2, 3, 2)})
_NATIONAL_OF_FULL_YEAR = frozenset({(8, 5), (8, 3, 2), (2, 2, 4, 5), (2, 2, 4, 3, 2)})
_ACCOUNT = (4, 2, 5)
_PHONE = frozenset({(8,), (2, 2, 2, 2), (3, 2, 3)})
_MOBILE = frozenset({(2, 3, 3), (3, 3, 2), (3, 5), (5, 3)})
_LONGEST_PHONE = 15
"""ITU-T E.164, without the plus."""
_EUROPE = "34"
"""The first digit of its countries' numbers (ITU-T E.164, zones 3 and 4)."""
_PLUS = re.compile(r"(?<!\d)(?:\(\+|\+\(|\+)$")
_ANNOUNCED = re.compile(
    r"(?:(?:tlf|telf|tel|telefon|mob|mobil|phone)\.?(?:nr|nummer)?|ring|sms|vipps)[ _.:-]{0,2}$", re.IGNORECASE
)
_SLURRED = re.compile(r"(?<!\w)(?:er|nå|på|til|mitt)$", re.IGNORECASE)
"""Words that are typed without the blank behind them: `nå99887766`."""
_ARTICLE = re.compile(
    r"(?:vare|art|artikkel|produkt|modell|ean|gtin|sku|isbn)\.? ?(?:nr|nummer)?[ .:-]{0,2}$", re.IGNORECASE
)
_GLUED_BEFORE = re.compile(r"[\w#]$|[\w,.][.,/+-]$")
_GLUED_BEHIND = re.compile(r"\w|[.,]\d|-\w")
"""A letter, a hyphen or a decimal point makes a longer code of eight digits: `ORD-99887766`, `99887766-XL`."""
_PRICED = re.compile(r"\s?(?:kr|nok|,-)", re.IGNORECASE)


def numbers_in(text: str, *, prose: bool) -> Iterator[tuple[int, int]]:
    """Where each find begins and ends, in order; the rest of the text, if it holds more numbers than anybody types."""
    behind = 0
    for groups in groups_in(text):
        if groups is None:
            yield behind, len(text)
            return
        for first, (begin, _end) in enumerate(groups):
            if begin < behind:
                continue
            plus = _PLUS.search(text, max(behind, begin - 3), begin)
            for window in windows(text, groups[first:]):
                if (plus and _is_international(window)) or _is_a_persons(window, prose=prose):
                    behind = window.end
                    yield plus.start() if plus else begin, behind
                    break


def _is_a_persons(window: Window, *, prose: bool) -> bool:
    """Whether it is a number of any kind: which lengths there are is said here, and how each is tried below."""
    digits = window.digits
    match len(digits):
        case 8 | 10:
            return prose and _is_bare_phone(window)
        case 11:
            return _is_national(window, prose=prose) or _is_account(window)
        case 12 if digits.startswith("0047"):
            return True
        case 13 if window.shape in _NATIONAL_OF_FULL_YEAR and is_date(digits[:8]):
            return is_national_number(digits[:4] + digits[6:])
        case _:
            return _is_card(window, prose=prose) or (prose and _is_foreign_phone(window))


def _is_international(window: Window) -> bool:
    """Behind a plus, eight to fifteen digits; Norwegian ones have eight behind the 47, maybe with a (0) between."""
    if len(window.digits) > _LONGEST_PHONE or any("+" in sign for sign in window.signs):
        return False
    if window.digits.startswith("47") and len(window.shape) > 1:
        return len(window.digits) == len("4799887766") + window.digits.startswith("470")
    return True


def _is_foreign_phone(window: Window) -> bool:
    """Two zeroes in place of the plus. Articles' numbers begin so, too: those that could not be Europe's stay."""
    digits = window.digits
    if not digits.startswith("00") or digits[2] == "0" or len(digits) > _LONGEST_PHONE + 2:
        return False
    return digits[2] in _EUROPE or not is_gtin(digits)


def _is_national(window: Window, *, prose: bool) -> bool:
    """In prose however it is grouped. In a code as it is usually written and alone, since codes are grouped, too."""
    if window.shape not in _NATIONAL and not (prose and len(window.signs) == 1):
        return False
    if not prose and len(window.shape) > 1 and window.is_joined:
        return False
    return is_national_number(window.digits)


def _is_account(window: Window) -> bool:
    """With its two dots only: eleven bare digits are a national number or nobody's."""
    return window.shape == _ACCOUNT and window.signs == {"."} and is_account(window.digits)


def _is_card(window: Window, *, prose: bool) -> bool:
    """A bare GTIN-14 in a code is an article's case, even where it could be a Diners card.

    One in ten Diners numbers is a GTIN-14 as well. Diners is rare in Norway and a card has no business in a code, while
    product numbers there are GTINs every day. In prose, or in groups, it is a card.
    """
    if not window.signs <= {"", "-", ".", "_"} or not is_card(window.digits):
        return False
    return prose or len(window.shape) > 1 or not is_gtin(window.digits)


def _is_bare_phone(window: Window) -> bool:
    """Eight digits, maybe behind a 47 without its plus, as Norwegians group them; no date, size, price or article.

    Behind a word that announces a telephone any grouping will do. Without one, the groupings that sizes and prices have
    as well are a mobile's only.
    """
    digits, shape, signs, before = window.digits, window.shape, window.signs, window.before
    if len(digits) > len("99887766"):
        if not digits.startswith("47"):
            return False
        digits, shape = digits[2:], shape[1:] if shape[0] == len("47") else (shape[0] - 2, *shape[1:])
        signs -= {""}
    if digits[0] in "01" or len(signs) > 1 or not signs <= {"", "-", ".", "/"}:
        return False
    if is_date(digits) and (shape not in _PHONE or not _ANNOUNCED.search(before)):
        return False
    if _ANNOUNCED.search(before):
        return True
    if shape not in _PHONE and (shape not in _MOBILE or digits[0] not in "49" or digits.endswith("000")):
        return False
    return not (_is_piece(window) or _ARTICLE.search(before) or _PRICED.match(window.text, window.end))


def _is_piece(window: Window) -> bool:
    """Whether it is part of a longer code, or of a row of sizes."""
    if len(window.shape) > 1 and (window.is_joined or window.is_row):
        return True
    glued = _GLUED_BEFORE.search(window.before) and not _SLURRED.search(window.before)
    return bool(glued or _GLUED_BEHIND.match(window.text, window.end))
