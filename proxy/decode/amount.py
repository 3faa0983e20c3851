"""A number as data layers and markup write it. Enters: a text. Leaves: the number, or None.

Shops write prices for people: what is plain to them is read, what could be two numbers is none.
"""

import math
import re

_CHARACTERS = 40
_WRITTEN = re.compile(r"\D{0,6}?(-?\d[\d.,]*?)(?:[.,]-{1,2}|\.?[^\d.,-]{0,6})")
"""With a currency before it or after it, or the dash for no øre."""
_GROUPED = re.compile(r"-?\d{1,3}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*(?:(?!(?P=mark))[.,]\d{1,2})?")
_PARTED = re.compile(r"-?\d+(?:[.,]\d{1,2})?")


def amount(said: str) -> float | None:
    """`1299.5`, `1 299,50`, `1.299,50`, `749,-`, `kr 749`; not `1,299`, `kr 1.299`, `499 - 799`."""
    try:
        read = float(said)
    except ValueError:
        read = float(_plain(said) or math.nan)
    return read if math.isfinite(read) else None


def _plain(said: str) -> str:
    """What Python would read; empty where it could be two numbers, or is none."""
    found = _WRITTEN.fullmatch("".join(said.split())) if len(said) <= _CHARACTERS else None
    if found is None:
        return ""
    figures = found[1]
    grouped = _GROUPED.fullmatch(figures)
    if grouped is not None and (figures.count(grouped["mark"]) > 1 or {".", ","} <= {*figures}):
        return figures.replace(grouped["mark"], "").replace(",", ".")
    return figures.replace(",", ".") if _PARTED.fullmatch(figures) else ""
