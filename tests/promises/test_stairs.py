"""Which room may know which, and that the maps are true."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("proxy", "pipeline", "dashboards", "demo")
FILES = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def name_of(file: Path) -> str:
    """The module in a file."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(file: Path) -> Iterator[str]:
    """Everything that a file imports, in whatever corner of it: `a.b` for `from a import b` and for `import a.b`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = "." * node.level
            yield from (f"{above}{node.module or ''}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("__import__", "importlib.import_module"):
            yield ast.unparse(node.args[0]).strip("'\"")


def is_below(module: str, rooms: tuple[str, ...]) -> bool:
    """Whether a module is one of the rooms or in one."""
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("file", [f for f in FILES if name_of(f).startswith(("pipeline", "dashboards"))], ids=name_of)
def test_who_counts_events_never_meets_people(file: Path) -> None:
    """Neither `pipeline` nor `dashboards` imports `proxy` or the demo."""
    assert [module for module in imports_of(file) if is_below(module, ("proxy", "demo", "tests"))] == []


@pytest.mark.parametrize("file", [f for f in FILES if name_of(f).startswith("pipeline")], ids=name_of)
def test_what_keeps_the_events_does_not_know_who_looks_at_them(file: Path) -> None:
    """`pipeline` imports nothing of `dashboards`."""
    assert [module for module in imports_of(file) if is_below(module, ("dashboards",))] == []


@pytest.mark.parametrize("file", [f for f in FILES if name_of(f).startswith("proxy.privacy")], ids=name_of)
def test_the_audited_room_can_be_read_alone(file: Path) -> None:
    """It imports the standard library, `cryptography`, what goes in and what comes out."""
    room = ("proxy.privacy", "proxy.arrival", "pipeline.event", "pipeline.outcome")
    allowed = ("cryptography", *room, *sys.stdlib_module_names)
    assert [module for module in imports_of(file) if not is_below(module, allowed)] == []


@pytest.mark.parametrize("file", [f for f in FILES if name_of(f).startswith("proxy.privacy")], ids=name_of)
def test_the_audited_room_speaks_to_nobody(file: Path) -> None:
    """No log, no socket that connects, no process: what is personal has no way out of it but an event."""
    talkative = ("logging", "subprocess", "asyncio", "sqlite3", "http", "urllib.request", "smtplib", "pickle", "shelve")
    assert [module for module in imports_of(file) if is_below(module, talkative)] == []
    assert [
        module for module in imports_of(file) if module.startswith("socket.") and "inet" not in module.lower()
    ] == []


def test_one_file_makes_events() -> None:
    """`Event(` stands in `proxy/privacy/forget.py` and nowhere else in the product."""
    makers = {
        name_of(file)
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] == "Event"
        # not threading's and asyncio's, which are no visits
        and ast.unparse(node.func) not in ("asyncio.Event", "threading.Event")
    }
    assert makers == {"proxy.privacy.forget"}


@pytest.mark.parametrize("file", [f for f in FILES if name_of(f).startswith("proxy.privacy")], ids=name_of)
def test_the_audited_room_prints_nothing(file: Path) -> None:
    """Not even while somebody looks for a fault."""
    calls = (node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    assert {"print", "breakpoint"} & {ast.unparse(call.func) for call in calls} == set()


MAPS = """proxy proxy/privacy proxy/decode proxy/check proxy/contract proxy/imports pipeline pipeline/imports
    pipeline/spool pipeline/ship pipeline/store pipeline/closing pipeline/retain pipeline/audiences
    pipeline/recommendations proxy/exports""".split()


@pytest.mark.parametrize("room", MAPS)
def test_the_map_names_what_is_in_the_room(room: str) -> None:
    """The numbered lines of its first file, against its listing; numbers run from one."""
    folder = ROOT / room
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    lines = re.findall(r"^(\d+)\. +`([^`]+)`", docstring, re.MULTILINE)
    there = {
        path.name + ("/" if path.is_dir() else "")
        for path in folder.iterdir()
        if path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")
    }
    assert sorted(name for _, name in lines) == sorted(there - {"__init__.py"})
    assert [int(number) for number, _ in lines] == list(range(1, len(lines) + 1))


@pytest.mark.parametrize("room", MAPS)
def test_a_map_holds_no_code(room: str) -> None:
    """It is there to be read."""
    body = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8")).body
    assert [type(node) for node in body] == [ast.Expr]


ALONE = """
import importlib, os, sys
libraries, modules = (names.split(",") for names in sys.argv[1:])
for library in libraries:
    importlib.import_module(library)
for module in modules:
    if not (child := os.fork()):
        importlib.import_module(module)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(module)
"""


def test_each_module_can_be_imported_alone() -> None:
    """In an interpreter that has seen none of ours, whatever the order: no module leans on another's side effect."""
    ours = (*PACKAGES, *sys.stdlib_module_names)
    tops = {module.partition(".")[0] for file in FILES for module in imports_of(file)}
    libraries = sorted(top for top in tops if top not in ours)  # loaded once: they are what takes long
    done = subprocess.run(
        [sys.executable, "-c", ALONE, ",".join(libraries), ",".join(map(name_of, FILES))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "", done.stderr


def test_the_room_that_counts_runs_without_the_room_that_knows() -> None:
    """With `proxy` made impossible to import, all of `pipeline` and `dashboards` still loads."""
    modules = [name_of(file) for file in FILES if name_of(file).startswith(("pipeline", "dashboards"))]
    script = f"import sys, importlib; sys.modules['proxy'] = None; [importlib.import_module(m) for m in {modules}]"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
