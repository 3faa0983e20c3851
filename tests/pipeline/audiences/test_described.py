"""The page that says what the files say: held to the files."""

import re
from pathlib import Path

import pytest

from pipeline.audiences.exports import campaigns, keywords
from pipeline.audiences.exports.labels import LABELS
from pipeline.audiences.exports.listed import EXPORTS
from pipeline.audiences.exports.meta_labels import NUMBERS
from pipeline.audiences.tiers import KINDS, Kind

PAGE = (Path(campaigns.__file__).parent / "EXPORTS.md").read_text(encoding="utf-8")


def test_each_file_is_described() -> None:
    """Under the name that it leaves by, and no file that isn't made."""
    assert re.findall(r"^\| `([a-z.-]+\.(?:tsv|csv|md))` \|", PAGE, re.MULTILINE) == [
        export.file for export in EXPORTS.values()
    ]


@pytest.mark.parametrize(("label", "number", "kind"), [*zip(LABELS, NUMBERS, KINDS, strict=True)], ids=LABELS)
def test_each_label_is_described(label: str, number: str, kind: Kind) -> None:
    """Its words, where its steps begin, and the number behind it."""
    cells = re.search(rf"^\| `{label}` \| (.*) \|$", PAGE, re.MULTILINE)[1].split(" | ")
    words, steps, behind = cells[0], cells[2], cells[3]
    said = re.findall(r"`([^`]+)`", words)
    assert said == ([kind.words[0], kind.words[-1]] if " to " in words else [*kind.words])
    assert steps == ", ".join(f"{edge * 100:.3g} %" for edge in kind.edges)
    assert behind.startswith(f"`{number}`")


@pytest.mark.parametrize("column", [*campaigns.COLUMNS, *keywords.COLUMNS])
def test_each_column_of_a_sheet_is_described(column: str) -> None:
    """Those that people read; the platforms' own are the platforms' to explain."""
    assert f"`{column}`" in PAGE
