"""What both chains are, noted once: lines that were written by an earlier version must hold in every later one."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import msgspec

from pipeline.audiences import ledger
from pipeline.audiences.released import Released
from pipeline.retain import receipts
from pipeline.store.database import Answer

NOW = 1_779_000_000.123
FIRST = "dc9c8916dd1925f33a0e46ce28f42996ff35e84b61794856b8e9cf33f0b82592"
SECOND = "7880aa89e3ad6ca87df2251b73551c055a7d9a42858aff356efe83455693ae50"
INTEREST = "02ebfb4fd94dab7053dccbd2dd91fc89bb662f257fed0abfa6802071e9ed990e"
REVENUE = "e08927347fa8465b1f33bd40a4179f86055c0466794156467c03b3705af692cc"


class Listening:
    """A store that has these rows, and tells what it was to insert."""

    def __init__(self, lines: Sequence[msgspec.Struct]) -> None:
        self._rows = [msgspec.structs.astuple(line) for line in lines]
        self.said: tuple[Any, ...] = ()

    def insert(self, *said: object) -> None:
        """Tell it."""
        self.said = said

    def query(self, *_: object) -> Answer:
        """All of them."""
        return Answer((), self._rows)


def test_receipts_are_hashed_and_written_as_ever() -> None:
    """The hash, the row, its token, and the line that `sporlos receipts list --json` prints, to the byte."""
    first = receipts.next_after(None, NOW, "events", "2026-05-14", 12, 3456)
    second = receipts.next_after(first, NOW + 1, "waiting", "week 2026-05-11 æ", 0, 2**63)
    assert (first.hash, second.hash) == (FIRST, SECOND)
    store = Listening([second])
    receipts.write(store, second)
    row = f'[2,"2026-05-17 06:40:01.123","waiting","week 2026-05-11 æ",0,9223372036854775808,"{FIRST}","{SECOND}"]'
    columns = ("number", "at", "what", "span", "rows", "bytes", "previous", "hash")
    table, named, body, token = store.said
    assert (table, named, body.decode().splitlines(), token) == ("receipts", columns, [row], "receipt-2-0")
    assert msgspec.json.encode(second).decode() == (
        '{"number":2,"at":"2026-05-17T06:40:01.123Z","what":"waiting","span":"week 2026-05-11 æ","rows":0,'
        f'"bytes":9223372036854775808,"previous":"{FIRST}","hash":"{SECOND}"}}'
    )


def test_lines_of_the_ledger_are_hashed_and_written_as_ever() -> None:
    """The hash, the rows and their token, to the byte."""
    interest = Released("interest", {("b", "c"): 7, ('æ\n"', ""): -1}, 0.8, 0.0, 5.0, 0)
    revenue = Released("revenue", {}, 0.08, 9.5e-7, 25000.0, 291)
    lines = ledger.lines_after(None, NOW, "x.no", date(2026, 5, 11), [(interest, 1), (revenue, 2000)])
    assert [line.hash for line in lines] == [INTEREST, REVENUE]
    said = f'{{"lines":2,"head":"{REVENUE}","broken":0,"why":""}}'
    assert msgspec.json.encode(ledger.LEDGER.examine(lines)).decode() == said
    store = Listening(lines)
    assert ledger.write(store, lines)
    table, named, body, token = store.said
    assert (table, token) == ("releases", "release-1-0")
    assert named == (
        *("number", "at", "site", "week", "release_table", "most", "epsilon", "delta", "scale", "threshold", "cells"),
        *("cells_hash", "previous", "hash"),
    )
    begin = '"2026-05-17 06:40:00.123","x.no","2026-05-11"'
    cells = r'"[[[\"b\",\"c\"],7],[[\"æ\\n\\\"\",\"\"],-1]]"'
    of_cells, of_none = (sha256(text).hexdigest() for text in (lines[0].cells.encode(), b"[]"))
    assert body.decode().splitlines() == [
        f'[1,{begin},"interest",1,0.8,0.0,5.0,0,{cells},"{of_cells}","{"0" * 64}","{INTEREST}"]',
        f'[2,{begin},"revenue",2000,0.08,9.5e-7,25000.0,291,"[]","{of_none}","{INTEREST}","{REVENUE}"]',
    ]
