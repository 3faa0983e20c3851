"""A machine of one gigabyte: the whole product under a fifth of a million events, and what its processes took.

What is compared is the sum of each process's highest resident size (`VmHWM`), as if all of them had had it at the same
moment, without the pages of libraries that are counted once more for each further process. A limit set by a control
group would need rights that neither a build nor a shop's own user has everywhere.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

from tests.system.product import BROWSER, PAGE, SITE, Product, engine, until

EVENTS, A_REQUEST, VISITORS = 200_000, 50, 6_000
MACHINE_MEBIBYTES = 1024
LEAST_MEBIBYTES = 256
PANELS = """overview timeline sources campaigns pages products countries devices browsers systems live refused marked
    notes""".split()
ROLES = ("serve", "collect", "worker", "backoffice")


def body(chance: random.Random) -> str:
    """A visitor who looks at products on some pages and buys now and then."""
    product = str(60_000 + chance.randrange(3_000))
    item = {"item_id": product, "item_name": f"Sett {product}", "item_category": "Lego", "price": 749.0, "quantity": 1}
    told: list[dict[str, object]] = [{"n": "page_view"}, {"n": "view_item", "currency": "NOK", "items": [item]}]
    told += [{"n": "engagement", "ms": 9000, "sd": 70}] * 2
    told += [{"n": "add_to_cart", "currency": "NOK", "items": [item]}]
    events = [{**event, "t": -1000 * (A_REQUEST - n)} for n, event in enumerate(told * (A_REQUEST // len(told)))]
    page = f"{PAGE}/lego/{chance.choice(('city', 'technic', 'duplo'))}-{chance.randrange(800)}?utm_source=nyhetsbrev"
    return json.dumps({"s": SITE, "u": page, "r": "https://www.google.com/", "w": 1536, "m": "measure", "e": events})


def send(product: Product, seed: int, requests: int) -> set[int]:
    """Send requests one after the other; the answers' statuses."""
    chance = random.Random(seed)
    connection = HTTPConnection("127.0.0.1", product.collector, timeout=30)
    statuses = set()
    for _ in range(requests):
        visitor = chance.randrange(VISITORS)
        address = f"84.{seed}.{visitor >> 8}.{visitor & 255}"
        connection.request("POST", "/e", body(chance), {"User-Agent": BROWSER, "X-Forwarded-For": address})
        answer = connection.getresponse()
        answer.read()
        statuses.add(answer.status)
    connection.close()
    return statuses


def mebibytes(pid: int, field: str) -> int:
    """A line of the kernel's account of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (found,) = (line for line in lines if line.startswith(f"{field}:"))
    return int(found.split()[1]) // 1024


def mapped(pid: int) -> Counter[str]:
    """By file, how much of it a process has in memory, in mebibytes' 1024th parts."""
    found: Counter[str] = Counter()
    name = ""
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if not words[0].endswith(":"):
            name = words[5] if len(words) > 5 and words[5].startswith("/") else ""
        elif name and words[0] in ("Shared_Clean:", "Private_Clean:"):
            found[name] += int(words[1])
    return found


def counted_twice(product: Product) -> int:
    """What more than one process has of one file, but for the largest share of it, in mebibytes."""
    shares = [mapped(pid) for pid in product.pids()]
    largest: Counter[str] = Counter()
    for share in shares:
        largest |= share
    return (sum(share.total() for share in shares) - largest.total()) // 1024


def highest(product: Product) -> dict[str, int]:
    """By role, what its processes took at most, in mebibytes."""
    return {role: sum(mebibytes(pid, "VmHWM") for pid in product.pids(role)) for role in ROLES}


def test_a_machine_of_one_gigabyte_is_enough(make: Callable[..., Product]) -> None:
    """With the least memory that can be set, 200,000 events arrive, every panel answers, and all fits the machine."""
    product = make(collector='trusted_proxies = ["127.0.0.1/32"]')
    settings = product.config.read_text()
    product.config.write_text(f"{settings}\n[clickhouse]\nmemory_mebibytes = {LEAST_MEBIBYTES}\n")
    product.start()
    product.wait_ready()
    running = set(product.pids())
    sys.stdout.write(f"at rest: {highest(product)}\n")
    with ThreadPoolExecutor(2) as senders:
        done = senders.map(lambda seed: send(product, seed, EVENTS // A_REQUEST // 2), (1, 2))
    assert set.union(*done) == {202}
    token = product.token()
    until(lambda: seen(product, token) == EVENTS // 5, "all page views are shown", product.died)
    for name in PANELS:
        assert product.panel(name, token)["columns"], name
    status = product.run("status")
    assert (status.returncode, "every event is accounted for" in status.stdout) == (0, True), status.stdout
    assert set(product.pids()) == running, "a process was started anew: it had ended"
    took, twice = highest(product), counted_twice(product)
    sys.stdout.write(f"at most: {took}; of that counted more than once: {twice}\n")
    assert product.stop() == 0
    assert engine(product.data / "clickhouse", "SELECT count() FROM sporlos.events FORMAT TSV") == [b"%d\n" % EVENTS]
    assert sum(took.values()) - twice <= MACHINE_MEBIBYTES, (took, twice)


def seen(product: Product, token: str) -> int:
    """Page views on the dashboard."""
    answer = product.panel("overview", token)
    ((row),) = answer["rows"]
    named = dict(zip((column["name"] for column in answer["columns"]), row, strict=True))
    return int(named["page_views"])
