"""The shop's own product file: read in the forms that Google takes, with every fault at its line."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audiences.catalogue import Catalogue, parse, read
from pipeline.audiences.shop import Product

POLICE = Product(
    "60316",
    'Politistasjon, 12" høy',
    "Leker > Lego",
    "Lego",
    link="https://leker.no/lego/60316?utm_source=google",
    image_link="https://leker.no/bilder/60316.jpg",
    price="749.00 NOK",
)
BEAR = Product("b-1", "Bjørn", available=False)

TSV = (
    "id\ttitle\tproduct_type\tbrand\tavailability\tlink\timage_link\tprice\tcolor\n"
    '60316\t"Politistasjon, 12"" høy"\tLeker > Lego\tLego\tin_stock\t'
    "https://leker.no/lego/60316?utm_source=google\thttps://leker.no/bilder/60316.jpg\t749.00 NOK\tblå\n"
    "b-1\tBjørn\t\t\tout of stock\t\t\t\t\n"
)
CSV = (
    "ID [id],Title [title],Product type [product_type],Brand [brand],Availability [availability],Link [link],"
    "Image link [image_link],Price [price]\r\n"
    '60316,"Politistasjon, 12"" høy",Leker > Lego,Lego,In Stock,'
    "https://leker.no/lego/60316?utm_source=google,https://leker.no/bilder/60316.jpg,749.00 NOK\r\n"
    "\r\n"
    "b-1,Bjørn,,,out_of_stock,,,\r\n"
)
SEMICOLONS = CSV.replace(",", ";").replace("Politistasjon;", "Politistasjon,")
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>
<title>Leker</title><link>https://leker.no</link>
<item>
  <title>for readers</title>
  <g:id> 60316 </g:id><g:title>Politistasjon, 12" høy</g:title>
  <g:product_type>Leker &gt; Lego</g:product_type><g:product_type>Jul</g:product_type>
  <g:brand><![CDATA[Lego]]></g:brand><g:availability>in_stock</g:availability>
  <link>https://leker.no/lego/60316?utm_source=google</link><g:image_link>https://leker.no/bilder/60316.jpg</g:image_link>
  <g:shipping><g:country>NO</g:country><g:price>49.00 NOK</g:price></g:shipping><g:price>749.00 NOK</g:price>
</item>
<item><g:id>b-1</g:id><title>Bjørn</title><g:availability>out_of_stock</g:availability></item>
</channel></rss>
"""
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>Leker</title><link rel="self" href="https://leker.no"/>
<entry>
  <g:id>60316</g:id><title>Politistasjon, 12" høy</title><g:product_type>Leker &gt; Lego</g:product_type>
  <g:brand>Lego</g:brand><link href="https://leker.no/lego/60316?utm_source=google"/>
  <g:image_link>https://leker.no/bilder/60316.jpg</g:image_link><g:price>749.00 NOK</g:price>
</entry>
<entry><g:id>b-1</g:id><g:title>Bjørn</g:title><g:availability>out of stock</g:availability></entry>
</feed>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("text", [TSV, CSV, SEMICOLONS, RSS, ATOM])
def test_all_forms_say_the_same(text: str, encoding: str) -> None:
    """Tabs, commas, semicolons, RSS and Atom, in each encoding that Google takes."""
    declared = text.replace('encoding="UTF-8"', f'encoding="{"utf-8" if encoding == "utf-8-sig" else encoding}"')
    assert parse(declared.encode(encoding)) == Catalogue((POLICE, BEAR), ())


def test_what_can_be_ordered_is_available() -> None:
    """Also before it is there; a file that doesn't say has it in stock."""
    lines = "id\tavailability\na\tpreorder\nb\tbackorder\nc\tout_of_stock\nd\t\n"
    assert [product.available for product in parse(lines.encode()).products] == [True, True, False, True]


def faults(content: str | bytes) -> list[str]:
    """What is wrong, as an operator reads it."""
    return [str(fault) for fault in parse(content if isinstance(content, bytes) else content.encode()).faults]


def test_every_fault_is_named_with_its_line() -> None:
    """And takes no other line with it."""
    lines = [
        "id\ttitle\tavailability\tlink",
        "a\tgood\tin_stock\thttps://leker.no/a",
        "\tno id\t\t",
        'b\t"two\nlines"\tin_stock\t',
        "a\tagain\t\t",
        f"{'x' * 51}\tlong\t\t",
        "c\x07\tbell\t\t",
        "",
        "d\tsoon\tmaybe\t",
        "e\tscript\t\tjavascript:alert(1)",
        "f\tfew cells",
        "g\tgood\tin_stock\thttp://leker.no/g",
    ]
    read = parse("\n".join(lines).encode())
    assert [product.id for product in read.products] == ["a", "b", "g"]
    assert [str(fault) for fault in read.faults] == [
        "line 3: expected an id of 1 to 50 characters",
        "line 6: the id 'a' stands twice",
        "line 7: expected an id of 1 to 50 characters",
        "line 8: expected an id of 1 to 50 characters",
        "line 10: expected an availability among in_stock, preorder, backorder, out_of_stock",
        "line 11: expected a link that begins with https:// or http://",
        "line 12: expected 4 cells, found 2",
    ]


def test_faults_of_xml_have_their_lines_too() -> None:
    """That of the product's beginning."""
    text = RSS.replace("<g:id> 60316 </g:id>", "").replace(
        "<g:id>b-1</g:id>", "<g:id>b-1</g:id><g:link>ftp://x</g:link>"
    )
    assert faults(text) == [
        "line 4: expected an id of 1 to 50 characters",
        "line 12: expected a link that begins with https:// or http://",
    ]


def test_a_file_that_breaks_off_is_said_to() -> None:
    """With what was read before."""
    broken = parse(RSS[: RSS.index("<item><g:id>b-1")].encode())
    assert broken.products == (POLICE,)
    assert str(broken.faults[0]).startswith("line 12: it is no XML: ")
    swallowed = TSV.replace('12"" høy"', '12"" høy')
    assert faults(swallowed) == ["line 2: expected 9 cells, found 2 up to line 3, maybe of a quote that doesn't close"]
    former = csv.field_size_limit(131_072)  # the process has one for all readers
    try:
        assert faults(f'id\n"{"x" * 200_000}"') == ["line 2: field larger than field limit (131072)"]
    finally:
        csv.field_size_limit(former)


def is_marked(text: str) -> bool:
    """A shop that has marked two words, found as whole words."""
    return bool({"kondomer", "bibler"} & set(re.findall(r"\w+", text.lower())))


SENSITIVE = {
    "the narrowest level": "a\tX\tHelse > Kondomer\t\t",
    "the widest level": "a\tX\tKondomer > Ekstra\t\t",
    "one category of two": 'a\tX\t"Lego, Helse > Kondomer"\t\t',
    "Google's category": "a\tX\tHelse\tHealth & Beauty > Kondomer\t",
    "the name": "a\tKondomer 12-pk\tHelse\t\t",
    "the page's path": "a\tX\tHelse\t\thttps://leker.no/helse/kondomer/x",
    "the path, in percents": "a\tX\tHelse\t\thttps://leker.no/%6Bondomer%2Fx",
}


@pytest.mark.parametrize("why", SENSITIVE)
def test_what_is_of_a_marked_assortment_is_left_out(why: str) -> None:
    """By any word that the collector would know it by; how many they are is all that is said."""
    head = "id\ttitle\tproduct_type\tgoogle_product_category\tlink"
    rest = "b\tKondomeriets vase\tGaver\t\thttps://kondomer.no/gaver/vase"
    assert parse(f"{head}\n{SENSITIVE[why]}\n{rest}\n".encode(), is_marked) == Catalogue(
        (Product("b", "Kondomeriets vase", "Gaver", link="https://kondomer.no/gaver/vase"),), (), 1
    )
    assert len(parse(f"{head}\n{SENSITIVE[why]}\n{rest}\n".encode()).products) == 2


@pytest.mark.parametrize("more", ["product_type", "google_product_category"])
def test_each_of_a_products_categories_in_xml_is_looked_at(more: str) -> None:
    """Ads go by the first one, and the second is what it is, too; no product has those of the one before it."""
    second = RSS.replace("<g:product_type>Jul</g:product_type>", f"<g:{more}>Gaver &gt; Bibler</g:{more}>")
    assert parse(second.encode(), is_marked) == Catalogue((BEAR,), (), 1)
    assert parse(RSS.encode(), is_marked) == Catalogue((POLICE, BEAR), (), 0)


def test_an_id_that_is_sensitive_once_is_sensitive() -> None:
    """Whichever of its lines says so."""
    lines = ["a\tX\tLego", "b\tX\tLego", "a\tX\tBibler", "c\tX\tBibler", "c\tX\tLego"]
    read = parse("\n".join(["id\ttitle\tproduct_type", *lines]).encode(), is_marked)
    assert ([product.id for product in read.products], read.left_out) == (["b"], 2)


def kept(own: str) -> str:
    """A collector that has one spelling for raised and plain numbers, and keeps no id with an at."""
    return "" if "@" in own else own.replace("²", "2")


def test_an_id_is_read_as_events_have_it() -> None:
    """With the shop's own spelling beside it, by which its pages and the platforms know the product."""
    read = parse("id\ttitle\nm²\tFlis\nb-1\tBjørn\n".encode(), kept_as=kept)
    assert read == Catalogue((Product("m2", "Flis", spelt="m²"), Product("b-1", "Bjørn")), ())
    assert [product.own_id for product in read.products] == ["m²", "b-1"]


def test_an_id_that_no_event_can_carry_is_counted() -> None:
    """Its product stays in the file, since platforms know it; no event's id is the shop's own."""
    read = parse(b"id\ttitle\na@b\tBear\nc\tCar\n", kept_as=kept)
    assert read == Catalogue((Product("a@b", "Bear"), Product("c", "Car")), (), unkept=1)


def test_ids_that_events_cannot_tell_apart_are_none() -> None:
    """Each is said at its line: the numbers of both are neither's."""
    read = parse("id\tavailability\nm2\t\nx\tnever\nb\t\nm²\t\n".encode(), kept_as=kept)
    assert [product.id for product in read.products] == ["b"]
    assert list(map(str, read.faults)) == [
        "line 2: the id 'm2' is cleaned to what another's is, so events can't tell them apart",
        "line 3: expected an availability among in_stock, preorder, backorder, out_of_stock",
        "line 5: the id 'm²' is cleaned to what another's is, so events can't tell them apart",
    ]


def test_what_events_cannot_tell_from_a_sensitive_product_is_none() -> None:
    """Else numbers of a marked product, of weeks before it was marked, would be told as the other's."""
    read = parse("id\ttitle\nm2\tBibler\nm²\tFlis\nb\tBjørn\n".encode(), is_marked, kept)
    assert ([product.id for product in read.products], read.left_out) == (["b"], 1)


WRONG = {
    "": "line 1: the file is empty",
    "id\ttitle\n": "line 1: there is no product in it",
    "title\nBear\n": "line 1: expected the names of columns, id among them",
    "id\tid\n1\t2\n": "line 1: the column id stands twice",
    "<rss><channel/></rss>": "line 1: expected elements item (RSS) or entry (Atom)",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_product_file_is_said_to_be_none(text: str) -> None:
    """In one line."""
    assert faults(text) == [WRONG[text]]
    assert faults(b"\xff\xfe\x00") == ["line 1: it is neither XML nor text in UTF-8, UTF-16 or Latin-1"]


BOMB = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>\n<rss><item><id>&b;</id></item></rss>'
STRANGER = '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname">]>\n<rss><item><id>&f;</id></item></rss>'


@pytest.mark.parametrize("text", [BOMB, STRANGER])
def test_xml_opens_nothing_and_grows_nothing(text: str) -> None:
    """Entities of its own making are refused, and what they'd be put into with them."""
    read = parse(text.encode())
    assert read.products == ()
    assert [fault.why for fault in read.faults] == [
        "it declares a document type or entities, which a product file has no use for"
    ]


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | st.sampled_from([TSV, RSS]).map(str.encode))
def test_no_file_is_too_strange(content: bytes) -> None:
    """Whatever its bytes: products with ids, or faults at lines, and never nothing at all."""
    read = parse(content)
    assert read.products or read.faults
    assert all(1 <= len(product.id) <= 50 for product in read.products)
    assert all(fault.line >= 1 for fault in read.faults)


def test_a_file_is_read_where_it_lies(tmp_path: Path) -> None:
    """One that isn't there is said by the system."""
    (tmp_path / "products.xml").write_text(RSS, encoding="utf-8")
    assert read(tmp_path / "products.xml").products == (POLICE, BEAR)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.xml")
