"""What a real shop has on file beside its pages: the products as it tells Google of them, and what its ads have cost.

Enters: the settings. Leaves: two files in the demo's folder, for the settings `catalogue` and `spend`.
"""

import csv
import io
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from demo.catalogue import CURRENCY, PRODUCTS, Product
from proxy.settings import Settings
from proxy.site import Site

_PRODUCT = (
    "id", "title", "description", "link", "image_link", "availability", "price", "brand", "condition", "product_type",
)  # fmt: skip
"""As https://support.google.com/merchants/answer/7052112 names them."""
_SPENT = ("week", "channel", "amount", "impressions")
_A_WEEK = {"paid_search": (9_000, 120_000), "paid_social": (5_500, 210_000)}
"""Channel → kroner, and how often the ads were seen; give or take a quarter."""


def write(settings: Settings, site: Site, today: date) -> None:
    """Write what the site's settings name, unless it says the same already.

    Raises:
        OSError: it can't be written.
    """
    shop = f"http://{settings.demo.listen}"
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=back) for back in range(settings.demo.weeks, 0, -1)]
    # tabs, as Google's own text files have them, and commas, as spreadsheets do
    papers = (
        (site.catalogue, "\t", [_PRODUCT, *(_line(product, shop) for product in PRODUCTS)]),
        (site.spend, ",", [_SPENT, *(_spent(each, channel) for each in mondays for channel in _A_WEEK)]),
    )
    for path, delimiter, rows in papers:
        text = _text(rows, delimiter)
        if path is not None and not (path.exists() and path.read_text(encoding="utf-8") == text):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def _line(product: Product, shop: str) -> Sequence[object]:
    return (
        product.id, product.name, product.text, f"{shop}{product.path}", f"{shop}/bilde/{product.id}.svg",
        "in_stock", f"{product.price}.00 {CURRENCY}", product.brand, "new", product.category.name,
    )  # fmt: skip


def _spent(monday: date, channel: str) -> Sequence[object]:
    amount, impressions = _A_WEEK[channel]
    # by the week's name and not by chance: what was spent doesn't change with the next start
    share = 0.75 + zlib.crc32(f"{monday}{channel}".encode()) % 500 / 1000
    return f"{monday:%G-W%V}", channel, round(amount * share), round(impressions * share)


def _text(rows: Iterable[Sequence[object]], delimiter: str) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return written.getvalue()
