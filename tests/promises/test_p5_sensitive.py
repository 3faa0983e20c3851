"""P5: what is of an assortment that the shop has marked is in no export, nor in what is recommended.

Its events never enter (`test_p5_never.py`). But the shop's own product file names such products too, and what is made
of it would say their ids, names and categories to an advertiser, with numbers that are noise. Settings are read as the
product reads them, files are made as it makes them, of weeks in which everything was seen much.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from dashboards.advertisers import Advertisers
from dashboards.backoffice import _offers
from pipeline.audiences.contribute import category_of
from pipeline.audiences.exports.listed import EXPORTS
from pipeline.audiences.noise import noised
from pipeline.audiences.public import public_keys
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser, Product
from pipeline.audiences.tables import TABLES
from pipeline.store.database import Store
from proxy import settings
from proxy.serving import premises
from tests.pipeline.recommendations.closed import closed, published, said
from tests.promises.p5_shop import MONDAYS

SITE = "marked.no"
MARKED = {
    "k-4711": ("Profil 12-pk", "Helse > Kondomer"),  # by the group, whose list has the word
    "k-4712": ("Bønnematte", "Tekstil > Trosartikler > Matter"),  # by the shop's own word, at a level in the middle
    "k-4713": ("Stearinlys", "Lys", "https://marked.no/trosartikler/lys"),  # by its page, whose events never enter
}
OTHERS = {str(60300 + nth): (f"Politistasjon {nth}", f"Leker > {nth}") for nth in range(12)}
WORDS = (
    "k-4711",
    "k-4712",
    "k-4713",
    "profil",
    "kondomer",
    "bønnematte",
    "trosartikler",
    "tekstil",
    "stearinlys",
    "helse",
)
_SETTINGS = """
[[sites]]
id = "marked.no"
origins = ["https://marked.no"]
profile = "NO"
exports = [{exports}]
recommendations = true
catalogue = "{catalogue}"
campaigns = [["google", "cpc", "jul"]]
areas = ["NO"]
{marks}
"""
_MARKS = 'sensitive = ["Trosartikler"]\nsensitive_groups = ["sexual_health"]'


def shops(folder: Path, marks: str = _MARKS) -> tuple[Advertisers, Advertisers]:
    """The shop as whoever makes exports has it, and as whoever recommends does."""
    lines = ["id\ttitle\tproduct_type\tlink\tbrand"]
    lines += ["\t".join([name, *([*said, ""][:3]), "Lego"]) for name, said in (MARKED | OTHERS).items()]
    catalogue = folder / "products.tsv"
    catalogue.write_text("\n".join(lines), encoding="utf-8")
    file = folder / "sporlos.toml"
    exports = ", ".join(f'"{name}"' for name in EXPORTS)
    file.write_text(_SETTINGS.format(exports=exports, catalogue=catalogue, marks=marks), encoding="utf-8")
    found = premises(settings.load(file))
    return Advertisers(found.declared), Advertisers(found.recommending)


def seen_much() -> tuple[Week, ...]:
    """Weeks of a ledger in which the marked products stand as others do: of before they were marked."""
    products = tuple(Product(name, said[0], said[1]) for name, said in (MARKED | OTHERS).items())
    before = Advertiser(SITE, frozenset(), catalogue=products, campaigns=(("google", "cpc", "jul"),), areas=("NO",))
    public = public_keys(before)
    liked = {category_of(said[1]) for name, said in MARKED.items()}
    weeks = []
    for monday in MONDAYS:
        tables = {}
        for name, table in TABLES.items():
            most = before.revenue_cap if name == "revenue" else table.most
            # what is marked is liked by those who have a mobile, and so would stand in the brief
            sums = {
                key: most * (9000 if name == "affinity" and key[0] in liked and key[2] == "mobile" else 3000)
                for key in public[name] or ()
            }
            tables[name] = noised(table, most, sums, public[name])
        weeks.append(Week(SITE, monday, tables))
    return tuple(weeks)


WEEKS = seen_much()


@pytest.mark.parametrize("name", EXPORTS)
def test_what_is_marked_is_in_no_export(tmp_path: Path, name: str) -> None:
    """Neither id, name nor category, in whatever week it was marked; of what isn't all is there."""
    shop = shops(tmp_path)[0][SITE]
    assert [product.id for product in shop.catalogue] == list(OTHERS)
    text = EXPORTS[name].make(WEEKS, shop).decode().lower()
    assert [word for word in WORDS if word in text] == []
    assert text.count("\n") > 5 or name not in ("google_labels", "meta_labels", "brief", "keywords")


def test_it_would_be_if_nothing_were_marked(tmp_path: Path) -> None:
    """In labels, brief and keywords: so it isn't missing by mistake."""
    shop = shops(tmp_path, marks="")[0][SITE]
    said_in: Mapping[str, str] = {name: EXPORTS[name].make(WEEKS, shop).decode().lower() for name in EXPORTS}
    assert all(word in said_in["keywords"] for word in ("profil", "kondomer", "bønnematte", "trosartikler"))
    assert all(word in said_in["brief"] for word in ("kondomer", "trosartikler"))
    assert all("k-4711" in said_in[name] for name in ("google_labels", "meta_labels"))


def test_what_is_marked_is_not_recommended(store: Store, tmp_path: Path) -> None:
    """It has no file, and stands beside nothing, though counts of before it was marked have it by its id."""
    closed(store, SITE, {0: [["k-4711", "60300", "60301"]] * 20})
    for marks, there in ((_MARKS, False), ("", True)):
        recommending = shops(tmp_path, marks)[1]
        assert published(store, tmp_path, _offers(recommending)) == []
        assert bool(said(tmp_path, SITE, "k-4711")) == there
        assert ("k-4711" in str(said(tmp_path, SITE, "60300"))) == there
        assert ("k-4711" in str(said(tmp_path, SITE))) == there
        assert "60301" in str(said(tmp_path, SITE, "60300"))
