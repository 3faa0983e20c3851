"""What the page says can be exported is what is read."""

import re

from proxy.imports.ga4 import _DIMENSIONS, _MEASURES, _SECONDS
from proxy.imports.matomo import _REPORTS
from tests.system.product import ROOT

PAGE = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")


def test_every_column_of_googles_that_is_named_is_read() -> None:
    """Rows and values of the table, by Google's own names."""
    lines = re.findall(r"^\| (Date.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
    assert len(lines) > 7
    dims = {name.strip() for rows, _ in lines for name in re.split(r"[,·]", rows)} - {"Date"}
    values = {name.strip() for _, values in lines for name in re.split(r"[,;]", values)} - {"the same"}
    assert dims <= set(_DIMENSIONS)
    assert values <= {column for columns in _MEASURES.values() for column in columns} | {
        "Engaged sessions", "Items purchased", "Item revenue", _SECONDS,
    }  # fmt: skip


def test_every_report_of_matomos_is_named_and_every_named_one_is_read() -> None:
    """A second one of a module is written with its last part."""
    part = PAGE[PAGE.index("## Matomo") : PAGE.index("    for method in")]
    named, module = set(), ""
    for found in re.findall(r"`(\w*\.\w+)`", part):
        module = found.partition(".")[0] or module
        named.add(f"{module}.{found.partition('.')[2]}")
    assert named == set(_REPORTS) - {"API.get"}
