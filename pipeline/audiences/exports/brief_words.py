"""What the audience brief says beside its numbers, in the language of whoever reads it.

Enters: a shop's country. Leaves: words. Names that have to be found again elsewhere stay as they are there: areas as in
Google's Editor, segments as the IAB has them, categories and sources as the shop and its visitors do.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language's. A name in braces is a place for what it says."""

    title: str
    to: str
    """Between the first week and the last."""
    preface: str
    kinds: Mapping[str, str]
    """Headings, by what groups are of."""
    devices: Mapping[str, str]
    columns: tuple[str, str, str, str]
    point: str
    """Before a number's decimals."""
    none_stands_out: str
    too_few: str
    none_fits: str


ENGLISH = Words(
    title="Audience brief: {site}, {weeks}",
    to="to",
    preface=(
        "Counts with noise, of at least 50 visitor-days each; no line is about a person. "
        "A lift of 1.3: this group's visitors look at the category 1.3 times as often as all visitors. "
        "Segments are those of the {taxonomy} (IAB Tech Lab, CC BY 3.0), by the category's name."
    ),
    kinds={"area": "Areas", "device": "Devices", "source": "Sources"},
    devices={"desktop": "desktop", "mobile": "mobile"},
    columns=("Category", "Lift", "Visitor-days", "Segments"),
    point=".",
    none_stands_out="No group stands out: of {counts} counts, {said} may be said.",
    too_few="Too few visitors to say.",
    none_fits="none fits",
)
NORWEGIAN = Words(
    title="Målgruppenotat: {site}, {weeks}",
    to="til",
    preface=(
        "Tall med støy, hvert av minst 50 besøksdager; ingen linje handler om en person. "
        "Løft 1,3: de besøkende i gruppen ser på kategorien 1,3 ganger så ofte som alle besøkende. "
        "Segmentene er fra {taxonomy} (IAB Tech Lab, CC BY 3.0), valgt etter navnet på kategorien."
    ),
    kinds={"area": "Områder", "device": "Enheter", "source": "Kilder"},
    devices={"desktop": "datamaskin", "mobile": "mobil"},
    columns=("Kategori", "Løft", "Besøksdager", "Segmenter"),
    point=",",
    none_stands_out="Ingen gruppe skiller seg ut: av {counts} tall kan {said} oppgis.",
    too_few="For få besøkende til at noe kan sies.",
    none_fits="ingen passer",
)


def words_of(country: str) -> Words:
    """Norwegian for a shop in Norway, else English, as agencies' tools and forms are."""
    return NORWEGIAN if country == "NO" else ENGLISH
