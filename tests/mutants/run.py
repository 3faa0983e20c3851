"""Switch each control off and see a promise's test fail: `script/test --mutants`.

Enters: the table. Leaves: a line a mutant and an exit code: 0 if every one was caught. First the tests must pass on the
source as it is, else a failure would prove nothing. Takes a few minutes; `--only WORD` runs those whose name has it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.table import MUTANTS, Mutant

_ROOT = Path(__file__).parents[2]
_COPIED = ("proxy", "pipeline", "dashboards", "demo", "tests")
_LONGEST_SECONDS = 300
_FAILED = 1
"""pytest's exit code where a test failed; any other is a fault of ours and catches nothing."""


def main() -> int:
    """Work through the table."""
    parser = argparse.ArgumentParser(
        prog="script/test --mutants", description="Switch each control off, one at a time."
    )
    parser.add_argument("--only", default="", help="only controls whose name holds this")
    chosen = [mutant for mutant in MUTANTS if parser.parse_args().only in mutant.control]
    gone = [mutant for mutant in chosen if mutant.line not in (_ROOT / mutant.file).read_text(encoding="utf-8")]
    if gone:
        _say("".join(f"{one.control}: {one.file} no longer has the line {one.line!r}\n" for one in gone))
        return 1
    with tempfile.TemporaryDirectory(prefix="sporlos-mutants-") as folder:
        sound = _copy(Path(folder) / "sound")
        files = sorted({mutant.caught_by for mutant in chosen})
        _say(f"{len(chosen)} mutants; first the source as it is: {', '.join(files)} …\n")
        if _run(sound, files):
            _say("the tests fail on the source as it is\n")
            return 1
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
            lines = workers.map(lambda numbered: _try(Path(folder), *numbered), enumerate(chosen, 1))
            survivors = sum(not caught for caught in map(_tell, chosen, lines))
    _say(f"{len(chosen) - survivors} passed, {survivors} failed\n")
    return 1 if survivors else 0


def _try(folder: Path, number: int, mutant: Mutant) -> int:
    """The exit code of the tests that should notice."""
    copy = _copy(folder / str(number))
    file = copy / mutant.file
    sound = file.read_text(encoding="utf-8")
    file.write_text(sound.replace(mutant.line, mutant.worse), encoding="utf-8")
    try:
        return _run(copy, [mutant.caught_by])
    finally:
        shutil.rmtree(copy)


def _copy(folder: Path) -> Path:
    for room in _COPIED:
        shutil.copytree(_ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_ROOT / "pyproject.toml", folder)
    return folder


def _run(copy: Path, files: Sequence[str]) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
         *(f"tests/promises/{file}" for file in files)],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )  # fmt: skip
    if done.returncode not in (0, _FAILED):
        raise SystemExit(done.stdout.decode() + done.stderr.decode())
    return done.returncode


def _tell(mutant: Mutant, code: int) -> bool:
    caught = code == _FAILED
    _say(f"{'caught  ' if caught else 'SURVIVED'}  {mutant.control:<42} {mutant.caught_by}\n")
    return caught


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
