"""A spool file with a row that no store takes, as only a fault of ours could write it; a process of its own.

    python -m tests.system.faults.poison SPOOL_FOLDER NAME SITE TIME_ZONE FIRST

Enters: a folder of spools. Leaves: a file of six events numbered from FIRST, the third of which is poison, and an exit
code of 0 once they are durable.
"""

import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pipeline import lock
from pipeline.event import COLUMNS, Event, VisitorNumber, encode
from pipeline.outcome import Counted, Outcome
from pipeline.spool.spool import Spool, SpoolError

EVENTS = 6
POISON = 2
"""Which of them it is, from 0."""
_NAME = "view_item"


def numbered(site: str, day: str, number: int, *, poison: bool) -> bytes:
    """A row as a worker spools it; one that is poison has a negative id, which only the store can see to be none."""
    values: dict[str, Any] = {
        column: "" for column, kind in COLUMNS.items() if "String" in kind and not kind.startswith(("Array", "Map"))
    }
    values |= {"site": site, "day": day, "ts": f"{time.time():.3f}", "name": _NAME, "path": "/", "value": 100 * number}
    values |= {"visitor": VisitorNumber(0), "viewport": 0, "continued": 0, "entry": 0, "event_id": 1}
    row = encode(Event(**values))
    return row.replace(b'"%s",1,' % _NAME.encode(), b'"%s",%d,' % (_NAME.encode(), -1 if poison else 0))


def main(folder: str, name: str, site: str, zone: str, first: str) -> int:
    """Write it; 1 if there is no room."""
    path, day = Path(folder, f"{name}.sqlite"), datetime.now(ZoneInfo(zone)).date().isoformat()
    rows = [numbered(site, day, int(first) + n, poison=n == POISON) for n in range(EVENTS)]
    try:
        with lock.take(path.with_suffix(".lock")):
            spool = Spool(path)
            spool.append(rows, Counter({Counted(site, day, _NAME, Outcome.STORED): EVENTS}))
            spool.close()
    except (SpoolError, OSError):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
