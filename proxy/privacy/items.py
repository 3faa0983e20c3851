"""The products of an event, as a row's parallel arrays. Enters: what a page called them. Leaves: words and numbers.

Money becomes whole minor units of the event's currency.
"""

from pipeline.outcome import Note
from proxy.arrival import RawItem
from proxy.privacy import coarse
from proxy.privacy.reading import Reading

Words = tuple[str, ...]
Numbers = tuple[int, ...]
Columns = tuple[Words, Words, Words, Words, Words, Words, Numbers, Numbers, Numbers]
"""From `item_id` to `item_quantity`, each as long as there are products."""


def columns_of(items: tuple[RawItem, ...], currency: str, reading: Reading, remarks: list[tuple[str, Note]]) -> Columns:
    """The columns of an event's products, at least one."""
    if len(items) == 1:  # nine of ten: a product's own page
        [item] = items
        name = reading.words_of(item)
        remarks += name.remarks
        return (
            *name.alone,
            (item.index,),
            (coarse.minor_units(item.price, currency),),
            (item.quantity,),
        )
    names = [reading.words_of(item) for item in items]
    ids, words, brands, variants, categories, lists, noted, _ = zip(*names, strict=True)
    for each in noted:
        remarks += each
    return (
        ids,
        words,
        brands,
        variants,
        categories,
        lists,
        tuple([item.index for item in items]),
        tuple([coarse.minor_units(item.price, currency) for item in items]),
        tuple([item.quantity for item in items]),
    )
