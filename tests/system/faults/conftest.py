"""A shop whose store is away: the product and the test server, a small disk for its data, salts that outlive it."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.clickhouse_server.away import Away, start
from tests.system.product import PAGE, SITE, Product, products

ANSWER_SECONDS = 5
_DISK = "48m"


def noon_zone() -> str:
    """A time zone where it is about noon: over midnight ids are made anew, and a retry would be another event."""
    west = datetime.now(UTC).hour - 12
    return f"Etc/GMT{west:+d}" if west else "Etc/UTC"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Away]:
    """The store, in a process and a folder of its own."""
    with start(tmp_path / "engine") as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, server: Away) -> Iterator[Product]:
    """Two workers and a back office that ship there; not started yet."""
    folder = tmp_path / "installation"
    data = str((folder / "data").resolve()).encode()
    salts = Path("/dev/shm", f"sporlos-{os.getuid()}-{hashlib.blake2b(data, digest_size=8).hexdigest()}")  # noqa: S108
    settings = f"""
[clickhouse]
url = "{server.url}"
answer_seconds = {ANSWER_SECONDS}

[[sites]]
id = "{SITE}"
origins = ["{PAGE}"]
profile = "FR"
time_zone = "{noon_zone()}"
"""
    with products() as make:
        yield make(folder, settings=settings, collector='workers = 2\nsalts = "keep"')
    salts.unlink(missing_ok=True)


@pytest.fixture
def disk(shop: Product) -> Iterator[Path | None]:
    """The product's data folder as a small disk; none where that can't be had, which is said."""
    shop.data.mkdir()
    mounted = _mount(shop.data)
    if mounted:
        if os.environ.get("CI"):
            pytest.fail(mounted)
        print(f"SKIPPED: the disk is not filled, since {mounted}")  # noqa: T201 - the rest of the test goes on
        yield None
        return
    yield shop.data
    subprocess.run(["umount", "--lazy", str(shop.data)], check=True)


def _mount(folder: Path) -> str:
    """Mount a small disk there, or why not."""
    if os.geteuid() or shutil.which("mount") is None:
        return "only root can mount a small disk"
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"no disk of our own can be mounted: {done.stderr.strip()}" if done.returncode else ""
