"""How soon an acknowledged event is on a panel: one by one, while nothing else happens. `script/bench visible` runs it.

Seconds and no ratio: what is waited for is the shipper's pause between two rounds, and no work.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from bench.collector import answers, body_of, free_port, request_of, serving

_EVENTS = 100
_GOAL_SECONDS, _GIVEN_UP_SECONDS = 2.0, 60.0
_SETTINGS = """
data = "{data}"
[collector]
listen = "127.0.0.1:{listen}"
admin = "127.0.0.1:{admin}"
trusted_proxies = ["127.0.0.1/32"]
[backoffice]
listen = "127.0.0.1:{office}"
[[sites]]
id = "bench"
origins = ["https://bench.shop"]
profile = "FR"
"""


def _seconds_until_shown(listen: int, office: int, token: str, number: int) -> float:
    body = body_of(1)
    collector, pages = HTTPConnection("127.0.0.1", listen), HTTPConnection("127.0.0.1", office)
    headers = request_of(1).headers | {"X-Forwarded-For": f"84.208.{number}.1"}
    collector.request("POST", "/e", body, headers)
    answer = collector.getresponse()
    if answer.status != 202:  # noqa: PLR2004 - accepted
        raise SystemExit(f"the collector answers {answer.status}")
    sent = time.perf_counter()
    while time.perf_counter() - sent < _GIVEN_UP_SECONDS:
        pages.request("GET", "/api/panels/overview?site=bench", headers={"Authorization": f"Bearer {token}"})
        told = json.loads(pages.getresponse().read())
        columns = [column["name"] for column in told["columns"]]
        if told["rows"] and told["rows"][0][columns.index("visitors")] > number:
            return time.perf_counter() - sent
        time.sleep(0.01)
    raise SystemExit(f"event {number} is on no panel after {_GIVEN_UP_SECONDS:.0f} s")


def main() -> None:
    """Measure and print."""
    listen, admin, office = (free_port() for _ in range(3))
    with tempfile.TemporaryDirectory(prefix="sporlos-bench-") as name:
        config = Path(name) / "sporlos.toml"
        config.write_text(_SETTINGS.format(data=name, listen=listen, admin=admin, office=office), encoding="utf-8")
        command = ["-m", "proxy.cli", "serve", "--config", str(config)]
        with serving(command, lambda: answers(admin, "/readyz") and answers(office, "/readyz")):
            made = [sys.executable, "-m", "proxy.cli", "token", "new", "bench", "--config", str(config)]
            token = subprocess.run(made, capture_output=True, text=True, check=True).stdout.splitlines()[-1]  # noqa: S603 - our own
            took = sorted(_seconds_until_shown(listen, office, token, number) for number in range(_EVENTS))
    middle, late = statistics.median(took), took[int(len(took) * 0.99) - 1]
    goal = f"(goal: ≤ {_GOAL_SECONDS:.0f} s at p99)"
    sys.stdout.write(f"202 → on a panel, {_EVENTS} events: median {middle:.2f} s, p99 {late:.2f} s {goal}\n")


if __name__ == "__main__":
    main()
