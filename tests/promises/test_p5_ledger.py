"""P5: what leaves is made of the ledger and of what the shop has declared, so nothing goes round the noise."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser
from tests.promises.test_stairs import imports_of, is_below, name_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "pipeline/audiences/exports"
EXPORTS = [file for file in sorted(FOLDER.glob("*.py")) if "\ndef export(" in file.read_text(encoding="utf-8")]
each_export = pytest.mark.parametrize("file", EXPORTS, ids=lambda file: file.stem)
PURE = {
    *("bisect", "codecs", "collections", "csv", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools"),
    *("io", "ipaddress", "itertools", "math", "re", "statistics", "string", "types", "typing", "unicodedata"),
    "urllib.parse",
    "iso3166",  # countries' names, from a table that it ships
}
"""Libraries that look at nothing but what they are given."""
NAMES_OF_REGIONS = "pipeline.regions"
READ_THEIR_OWN_LISTS = {"pipeline.audiences.exports.iab", NAMES_OF_REGIONS}


def reached_from(file: Path) -> Iterator[Path]:
    """The file and all files of ours that it imports, and those that they import."""
    found, waiting = set(), [file]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            yield one
            for module in imports_of(one):
                paths = (ROOT / f"{part.replace('.', '/')}.py" for part in (module, module.rpartition(".")[0]))
                waiting += [path for path in paths if path.exists()]


@each_export
def test_an_export_is_given_ledger_weeks_and_the_shop(file: Path) -> None:
    """By its signature, and it gives bytes: what it has not been given it can't put into them."""
    export = importlib.import_module(name_of(file)).export
    signature = inspect.signature(export)
    assert [one.annotation for one in signature.parameters.values()] == [Sequence[Week], Advertiser]
    assert signature.return_annotation is bytes


@each_export
def test_an_export_can_ask_nobody(file: Path) -> None:
    """Neither a store, a file, a clock nor chance, however far its imports are followed."""
    for one in reached_from(file):
        allowed = PURE | ({"importlib"} if name_of(one) in READ_THEIR_OWN_LISTS else set())
        strange = [name for name in imports_of(one) if not is_below(name, ("pipeline", *allowed))]
        assert strange == [], one
        assert name_of(one).startswith("pipeline.audiences.") or name_of(one) == NAMES_OF_REGIONS, one
        calls = {
            ast.unparse(node.func) for node in ast.walk(ast.parse(one.read_text("utf-8"))) if isinstance(node, ast.Call)
        }
        assert not calls & {"open", "eval", "exec", "__import__", "getattr", "globals"}, one
    names = {name_of(one) for one in reached_from(file)}
    assert "pipeline.audiences.released" in names
    assert not {name for name in names if name.endswith((".contribute", ".ledger", ".release", ".noise"))}


MAKES_THE_SAME = """
import hashlib, importlib, sys
from dataclasses import replace
from tests.pipeline.audiences.drawn import SHOP, shop_weeks
weeks = shop_weeks(2000, 8)
for name in sys.argv[1:]:
    export = importlib.import_module("pipeline.audiences.exports." + name).export
    for shop in (SHOP, replace(SHOP, catalogue=(), campaigns=(), areas=())):
        print(name, hashlib.sha256(export(weeks, shop)).hexdigest())
"""


def test_the_same_weeks_make_the_same_bytes() -> None:
    """In another process, too, where sets and dictionaries have another order."""
    made = [
        subprocess.run(
            [sys.executable, "-c", MAKES_THE_SAME, *(file.stem for file in EXPORTS)],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1]
    assert len(made[0].splitlines()) == 2 * len(EXPORTS) > 0


def test_nobody_reads_exact_sums_but_the_release() -> None:
    """`contributions` stands in the statements that fill and release it; those that tidy up see runs, and no sums."""
    texts = {
        file.relative_to(ROOT).as_posix(): file.read_text("utf-8")
        for room in ("pipeline", "dashboards", "proxy")
        for kind in ("*.py", "*.sql")
        for file in (ROOT / room).rglob(kind)
    }
    asked = re.compile(r"\b(?:FROM|JOIN)\s+(?:sporlos\.)?contributions\b", re.IGNORECASE)
    audiences = {f"pipeline/audiences/{name}" for name in ("contribute.sql", "counted.sql", "sums.sql", "release.py")}
    of_runs = {f"pipeline/closing/{name}" for name in ("highest.sql", "left_over.sql")}
    assert {name for name, text in texts.items() if asked.search(text)} == audiences | of_runs
    assert not [name for name in of_runs if re.search(r"\bamount\b|\bkey\b", texts[name])]
    grants = [line for line in texts["pipeline/schema/grants.sql"].splitlines() if "contributions" in line]
    assert [line.rpartition(" ")[2] for line in grants] == ["sporlos_ship;"]
