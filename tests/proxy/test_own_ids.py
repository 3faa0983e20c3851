"""Settings and product file of a shop whose ids the collector cleans: its products are looked for as rows have them."""

from pathlib import Path

from dashboards.advertisers import Advertisers
from proxy import settings
from proxy.serving import premises

_SETTINGS = """
[[sites]]
id = "spelt.no"
origins = ["https://spelt.no"]
profile = "NO"
exports = ["google_labels"]
recommendations = true
catalogue = "{catalogue}"
"""


def test_products_are_looked_for_as_the_collector_spells_them(tmp_path: Path) -> None:
    """For exports and for recommendations; a telephone number stays unknown, and is counted."""
    catalogue = tmp_path / "products.tsv"
    catalogue.write_text("id\nm²-12\n+4791234567\nb-1\n", encoding="utf-8")
    file = tmp_path / "sporlos.toml"
    file.write_text(_SETTINGS.format(catalogue=catalogue), encoding="utf-8")
    found = premises(settings.load(file))
    for shops in (Advertisers(found.declared), Advertisers(found.recommending)):
        assert [(product.id, product.own_id) for product in shops["spelt.no"].catalogue] == [
            ("m2-12", "m²-12"),
            ("+4791234567", "+4791234567"),
            ("b-1", "b-1"),
        ]
        assert shops.unkept("spelt.no") == 1
