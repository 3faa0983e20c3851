"""Everything that the product wrote. Enters: a product that was sent canaries. Leaves: bytes by place.

It is run in surroundings where whatever it writes is found: its working folder, its home and its temporary folder are
ours, and the kernel may write its memory to a file when it crashes.
"""

import json
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.promises.canaries import ALL, EMAIL
from tests.promises.canary_office import PERSON, ask_everything, log_in_once, pages
from tests.promises.canary_rows import rows
from tests.promises.canary_servers import let_in
from tests.promises.canary_traffic import LAST_PAGE, Answers, send_broken, send_everything, send_slowly
from tests.system.product import SITE, Product, ask, until

TRUSTING = 'trusted_proxies = ["127.0.0.1/32", "10.0.0.0/8"]'

_SURROUNDED = """
ulimit -c unlimited
mkdir -p "$1/here" "$1/home" "$1/tmp" && cd "$1/here"
export HOME="$1/home" TMPDIR="$1/tmp" PYTHONPATH="$2"
shift 2 && exec "$@"
"""
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - looked at, not written


@dataclass(frozen=True, slots=True)
class Searched:
    """A product that was given every canary, and everything that it wrote."""

    product: Product
    places: dict[str, bytes]
    answers: Answers


def search(product: Product, *, thorough: bool) -> Searched:
    """Send everything, look at everything: while it runs, after a worker has crashed, and after it has ended."""
    before = shared_memory()
    let_in(product)
    under = ("sh", "-c", _SURROUNDED, "sh", str(product.folder), str(product.source))
    product.start("collect", under=under)
    product.wait_ready(product.admin)
    slow = list(send_slowly(product, ALL[:8] if thorough else ()))
    answers = send_everything(product, thorough=thorough)
    if thorough:
        answers += send_broken(product.collector, product.admin)
    places = {
        f"running: {name}": data for name, data in files(product.folder)
    }  # nobody ships yet: the spool has it all
    product.start("backoffice", under=under)
    product.wait_ready()
    token = product.token()
    secrets = tuple(ALL[:11]) if thorough else (EMAIL,)
    answers += ask_everything(product, token, secrets)
    if thorough:
        answers += send_broken(product.office)
    until(lambda: f"/{LAST_PAGE}" in json.dumps(product.panel("pages", token)), "all is shipped", product.died)
    places |= told(product, token)
    for connection in slow:
        with connection:
            answers.texts.add(connection.recv(4096))
    places |= dict(held_open(product))
    crash_worker(product)
    assert [product.stop("collect"), product.stop("backoffice")] == [0, 0]
    places |= {f"stopped: {name}": data for name, data in files(product.folder)}
    places |= dict(new_in_shared_memory(before))
    places |= {f"table {name}": data for name, data in rows(product.data / "clickhouse")}
    places["answers"] = b"\n".join(sorted(text for text in answers.texts if not _is_the_librarys(text)))
    return Searched(product, places, answers)


def _is_the_librarys(answer: bytes) -> bool:
    """A line that aiohttp can't read it quotes to whoever sent it, and to nobody else; the product never sees it."""
    head = answer.partition(b"\r\n\r\n" if answer.startswith(b"HTTP/") else b"}\n")[0]
    status = head.removeprefix(b"HTTP/1.1 ").removeprefix(b"HTTP/1.0 ")[:3]
    return status in (b"400", b"417") and b"text/plain" in head


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, stdout and stderr among them; one that goes away meanwhile is gone."""
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if file.is_file() and "source" not in file.relative_to(folder).parts[:1]:
                yield str(file.relative_to(folder)), file.read_bytes()


def shared_memory() -> frozenset[Path]:
    """What lies in the machine's shared memory."""
    return frozenset(_SHARED_MEMORY.iterdir())


def new_in_shared_memory(before: frozenset[Path]) -> Iterator[tuple[str, bytes]]:
    """What has come to lie there since."""
    for file in shared_memory() - before:
        with suppress(OSError):  # somebody else's
            yield f"shared memory {file.name}", file.read_bytes()


def held_open(product: Product) -> Iterator[tuple[str, bytes]]:
    """Files without a name, or elsewhere, that a process of the product has open: temporary ones, shared memory."""
    for pid in product.pids():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # closed while we looked
                name = descriptor.readlink()
                is_elsewhere = not name.is_relative_to(product.folder) and not name.is_relative_to("/proc")
                if stat.S_ISREG(descriptor.stat().st_mode) and (is_elsewhere or not name.exists()):
                    yield f"open {name.name} of {pid}", descriptor.read_bytes()


def told(product: Product, token: str) -> dict[str, bytes]:
    """What the running product says to whoever asks."""
    places = {
        f"{side} {path}": ask(port, "GET", path, PERSON).body
        for side, port in (("collector", product.admin), ("back office", product.office))
        for path in ("/healthz", "/readyz", "/metrics")
    }
    places["collector /status"] = ask(product.admin, "GET", "/status", PERSON).body
    status = product.run("status")
    places["sporlos status"] = (status.stdout + status.stderr).encode()
    bearer = {"Authorization": f"Bearer {token}"}
    for name in _panels(product, bearer):
        answer = ask(product.office, "GET", f"/api/panels/{name}?site={SITE}", {**PERSON, **bearer})
        assert answer.status == 200, answer
        places[f"panel {name}"] = answer.body
    return places | pages(product, log_in_once(product))


def _panels(product: Product, bearer: dict[str, str]) -> list[str]:
    """The product says which there are when it is asked for one that isn't."""
    answer = ask(product.office, "GET", "/api/panels/no-such-panel", bearer)
    names: str = answer.json()["error"].partition(": ")[2]
    return names.split(", ")


def crash_worker(product: Product) -> None:
    """As a fault in a library of C would; the collector starts another one."""
    for pid in product.pids("worker"):
        os.kill(pid, signal.SIGABRT)
    until(lambda: ask(product.admin, "GET", "/status").json()["restarts"] >= 1, "a worker is started anew")
    product.wait_ready(product.admin)
