"""Google's categories of assortments that are marked: by their number, as product files have them, or by their name."""

import pytest

from pipeline.audiences.catalogue import parse
from proxy.privacy.sensitive import STARTER, Marked
from proxy.privacy.words import lines_of

LINES = [line.split(" ", 2) for line in lines_of("google_categories")]
FEED = """<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item>
<g:id>a</g:id><g:google_product_category> 775 </g:google_product_category>
</item></channel></rss>"""


def test_googles_categories_are_of_groups_that_there_are_each_once() -> None:
    """Numbers are digits, and names begin at Google's widest level."""
    assert {group for _, group, _ in LINES} == {"pharmacy", "health", "sexual_health", "religion"} < STARTER.keys()
    numbers, names = [number for number, _, _ in LINES], [name for _, _, name in LINES]
    assert all(number.isascii() and number.isdecimal() and number[0] != "0" for number in numbers)
    assert len(set(numbers)) == len(set(names)) == len(LINES)
    widest = {name.partition(" > ")[0] for name in names}
    assert widest == {
        "Apparel & Accessories",
        "Business & Industrial",
        "Health & Beauty",
        "Mature",
        "Religious & Ceremonial",
    }


@pytest.mark.parametrize("group", STARTER)
def test_a_category_of_googles_is_marked_with_its_group_alone(group: str) -> None:
    """By its number and by its whole name, as a product file has either."""
    marked = Marked([group])
    words = Marked(categories=STARTER[group])
    for number, of, name in LINES:
        assert marked.is_in(f"google_product_category {number}") == (of == group)
        assert marked.is_in(f"google_product_category {name}") >= (of == group)
        assert not words.is_in(f"google_product_category {number}")


@pytest.mark.parametrize(
    "text",
    ["775", "Lego 775", "/lego/775", "google_product_category 7750", "google_product_category 77", "775 > Lego"],
)
def test_a_number_that_isnt_googles_says_nothing(text: str) -> None:
    """A shop has numbers of its own, of its products and of its categories."""
    assert Marked(STARTER).is_in("google_product_category 775")
    assert not Marked(STARTER).is_in(text)


NUMBERED = {
    "condoms": ("", "775", "sexual_health"),
    "a wheelchair": ("Hjelpemidler", "3364", "health"),
    "a wheelchair, by name": (
        "",
        "Health & Beauty > Health Care > Mobility & Accessibility > Accessibility Equipment > Wheelchairs",
        "health",
    ),
    "medicine": ("Annet", "518", "pharmacy"),
    "prayer beads": ("Smykker", "3923", "religion"),
}


@pytest.mark.parametrize(("own", "googles", "group"), NUMBERED.values(), ids=NUMBERED.keys())
def test_a_product_is_left_out_by_googles_number(own: str, googles: str, group: str) -> None:
    """Where its group is marked, and no other."""
    file = f"id\tproduct_type\tgoogle_product_category\na\t{own}\t{googles}\nb\tLego\t1253\n".encode()
    for marked in STARTER:
        read = parse(file, Marked([marked]).is_in)
        assert ([product.id for product in read.products], read.left_out) == (
            (["b"], 1) if marked == group else (["a", "b"], 0)
        )


def test_the_shops_own_number_of_a_category_is_not_googles() -> None:
    """What stands as `product_type` is the shop's, whatever its number means to Google."""
    assert parse(b"id\tproduct_type\na\t775\n", Marked(STARTER).is_in).left_out == 0


def test_googles_number_is_read_in_xml_too() -> None:
    """With whatever blanks are around it."""
    assert parse(FEED.encode(), Marked(["sexual_health"]).is_in).left_out == 1
    own = FEED.replace("g:google_product_category", "g:product_type")
    assert parse(own.encode(), Marked(STARTER).is_in).left_out == 0
