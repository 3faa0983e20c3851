"""What it costs to publish what others looked at: 5,000 products, eight weeks of pairs, 500 of them sold out.

`script/bench recommendations [PRODUCTS]`. The tables are filled directly, with 40 partners a product and week. Printed:
seconds of each query and of a whole publication, and the memory at its peak.
"""

import json
import resource
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import resources
from itertools import pairwise
from pathlib import Path

from pipeline.audiences.shop import Product
from pipeline.recommendations.publish import files
from pipeline.recommendations.shelf import publish, shelf
from pipeline.recommendations.together import BOUGHT, VIEWED, WEEKS, seen, together, window_of
from pipeline.store.database import Store

_PRODUCTS, _PARTNERS, _SOLD_OUT = 5_000, 40, 10
_SITE, _FIRST, _RUN = "bench", date(2026, 1, 5), 1
_ROUNDS = 3


def main(products: int) -> None:
    """Print it."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store("chdb", Path(folder) / "store", 1024)
        store.migrate()
        _fill(store, products)
        catalogue = [
            Product(f"p{n}", f"Leke nummer {n}", available=bool(n % _SOLD_OUT), link=f"https://shop.no/leke/{n}")
            for n in range(products)
        ]
        for line in _measured(store, Path(folder), catalogue):
            print(json.dumps(line))  # noqa: T201 - it is what a bench is for
        store.close()


def _fill(store: Store, products: int) -> None:
    names = {"site": _SITE, "first": _FIRST.isoformat(), "run": _RUN, "products": products, "weeks": WEEKS}
    for what in ("pairs", "products"):
        sql = resources.files("bench").joinpath(f"recommendations_{what}.sql").read_text(encoding="utf-8")
        store.command(sql, names | {"partners": _PARTNERS})
    spans = [("week", _FIRST + timedelta(weeks=week)) for week in range(WEEKS)]
    spans += [("day", _FIRST + timedelta(days=day)) for day in range(7 * WEEKS)]
    rows = (json.dumps([_SITE, grain, day.isoformat(), _RUN, 1, 0]) for grain, day in spans)
    body = "\n".join(rows).encode()
    store.insert("closings", ("site", "grain", "day", "run", "rests_on", "at"), body, "bench")


def _measured(store: Store, data: Path, catalogue: list[Product]) -> Iterator[dict[str, object]]:
    window = window_of(store, _SITE)
    assert window is not None  # noqa: S101 - it was filled just now
    pairs = store.query("SELECT count() FROM weekly").rows[0][0]
    yield {"products": len(catalogue), "rows of pairs": pairs, "cells of products": len(catalogue) * 7 * WEEKS}
    most = 12 + len(catalogue) // _SOLD_OUT
    for _ in range(_ROUNDS):
        times = [time.perf_counter()]
        seen(store, window)
        times.append(time.perf_counter())
        for pair in (VIEWED, BOUGHT):
            together(store, window, pair, most)
            times.append(time.perf_counter())
        count = publish(shelf(data, _SITE), files(store, window, catalogue))
        times.append(time.perf_counter())
        spent = [round(after - before, 2) for before, after in pairwise(times)]
        yield {"files": count, **dict(zip(("seen", "viewed", "bought", "all of a publication"), spent, strict=True))}
    peak_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    tracemalloc.start()
    publish(shelf(data, _SITE), files(store, window, catalogue))
    held = tracemalloc.get_traced_memory()[1] >> 20
    sizes = [file.stat().st_size for file in shelf(data, _SITE).glob("r/*.json")]
    yield {
        "MiB that Python holds at its peak": held,
        "MiB of the process at its peak, engine and all": peak_before,
        "KiB of a file": round(sum(sizes) / len(sizes) / 1024, 1),
        "MiB of a set": round(sum(sizes) / (1 << 20), 1),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _PRODUCTS)
