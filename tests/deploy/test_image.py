"""The image as it is described, read instruction by instruction; it is not built here."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
KNOWN = frozenset("FROM RUN COPY ENV WORKDIR VOLUME USER EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD".split())


def instructions() -> list[tuple[str, str]]:
    """(`COPY`, its rest), comments and continued lines taken together."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    found = [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]
    return [(name, rest) for name, rest in found]


def all_of(name: str) -> list[str]:
    """The rests of one kind of instruction."""
    return [rest for found, rest in instructions() if found == name]


def copied() -> list[str]:
    """What comes from the source tree."""
    return [source for rest in all_of("COPY") if not rest.startswith("--from") for source in rest.split()[:-1]]


def test_each_line_is_an_instruction() -> None:
    """Of those that a builder knows."""
    assert {name for name, _ in instructions()} <= KNOWN


def test_the_builder_is_sent_what_is_copied_and_nothing_else() -> None:
    """Each source exists and is let through `.dockerignore`, which keeps out everything else."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert ignored[0] == "*"
    assert sorted(line[1:] for line in ignored if line.startswith("!")) == sorted(copied())
    assert [source for source in copied() if not (ROOT / source).exists()] == []


def test_what_is_copied_is_enough_to_run(tmp_path: Path) -> None:
    """In a folder with nothing else, every package of the distribution is there and both roles load."""
    for source in copied():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__"))
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    assert [package for package in packages if not (tmp_path / package.replace(".", "/")).is_dir()] == []
    program = (
        "from proxy import cli, worker; from dashboards import backoffice; print(backoffice.__file__, cli.__file__)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(tmp_path / "dashboards/backoffice.py"), str(tmp_path / "proxy/cli.py")]


def test_only_what_the_lock_names_is_installed() -> None:
    """Checked by its hash, never built; no tools of development."""
    (install,) = (rest for rest in all_of("RUN") if "pip install" in rest)
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert "--requirement /requirements.lock" in install
    assert "requirements.lock" in copied()


def test_it_runs_as_nobody_of_importance() -> None:
    """A user by number, before whom nothing is started, and who owns the volume."""
    names = [name for name, _ in instructions()]
    assert all_of("USER") == ["10001:10001"]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert "RUN" not in names[names.index("USER") :]
    assert all_of("VOLUME") == ['["/var/lib/sporlos"]']


def test_it_ends_as_the_product_ends() -> None:
    """By the signal that drains; and it says how it is."""
    assert all_of("STOPSIGNAL") == ["SIGTERM"]
    assert all_of("ENTRYPOINT") == ['["sporlos"]'], "a shell between would keep the signal to itself"
    assert len(all_of("HEALTHCHECK")) == 1


def test_a_tag_is_not_a_moving_one() -> None:
    """Python's minor version is said, and is the oldest that the product takes."""
    assert {rest.split()[0] for rest in all_of("FROM")} == {"python:3.11-slim"}
