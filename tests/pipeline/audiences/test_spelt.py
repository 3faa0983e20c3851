"""A product whose id events spell otherwise: met by their spelling, told by the shop's own."""

from datetime import date

from pipeline.audiences import persons
from pipeline.audiences.contribute import _declared
from pipeline.audiences.exports import google_labels, meta_labels
from pipeline.audiences.public import public_keys
from pipeline.audiences.released import Released, Week
from pipeline.audiences.shop import Advertiser, Product
from pipeline.audiences.tables import Key

TILE, BEAR = Product("m2-12", "Flis", "Gulv", spelt="m²-12"), Product("b-1", "Bjørn", "Leker")
SHOP = Advertiser("a.no", frozenset(("google_labels", "meta_labels")), catalogue=(TILE, BEAR))
SEEN: dict[Key, int] = {
    ("m2-12", "desktop"): 900,
    ("m2-12", "mobile"): 900,
    ("b-1", "desktop"): 100,
    ("b-1", "mobile"): 100,
}
WEEKS = (Week("a.no", date(2026, 6, 1), {"interest": Released("interest", SEEN, 0.8, 0.0, 5.0, 0)}),)


def test_labels_are_of_its_events_and_under_its_own_id() -> None:
    """Merchant Center and Meta's catalogue match the file by the shop's spelling."""
    for made in (google_labels.export(WEEKS, SHOP), meta_labels.export(WEEKS, SHOP)):
        rows = [line.replace("\t", ",").split(",") for line in made.decode().splitlines()[1:]]
        assert [row[0] for row in rows] == ["m²-12", "b-1"]
        assert rows[0][1] == "interest-4"


def test_its_keys_are_those_of_events() -> None:
    """What gets noise, and what a day's products are compared with."""
    assert {key[0] for key in public_keys(SHOP)["interest"] or ()} == {"m2-12", "b-1"}
    assert ("(product)", ("m2-12", "Gulv"), 0) in _declared(SHOP)


def test_its_own_id_may_leave() -> None:
    """It is the catalogue's, and events' spelling of it is nobody's."""
    assert persons._of_labels(SHOP)["id"]("m²-12") is None
    assert persons._of_labels(SHOP)["id"]("m2-12") is persons.Why.UNDECLARED
