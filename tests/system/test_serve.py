"""`sporlos serve` and its parts, from outside."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.product import BROWSER, PAGE, ROOT, SITE, Product, ask, free_ports, until

Make = Callable[..., Product]


def test_says_what_an_operator_needs_once_ready(make: Make) -> None:
    """The script tag, the dashboard's address and a login that works once; then SIGTERM ends it with 0."""
    product = make()
    product.start()
    until(lambda: "ready." in product.out.read_text(), "it says that it is ready", product.died)
    said = product.out.read_text()
    tag = re.search(r'<script defer src="(http://[^"]+)" data-site="shop.test"', said)
    assert tag is not None
    assert tag[1] == f"http://127.0.0.1:{product.collector}/s.js"
    assert f"http://127.0.0.1:{product.office}/" in said
    once = re.search(r"(/login\?once=\S+)", said)
    assert once is not None
    first, second = (ask(product.office, "GET", once[1]) for _ in range(2))
    assert "sporlos" in first.headers.get("set-cookie", "")
    assert "sporlos" not in second.headers.get("set-cookie", "")
    assert product.stop() == 0
    assert product.pids() == []


@pytest.mark.parametrize("taken", ["collector", "admin", "office"])
def test_taken_port_is_one_clear_line(make: Make, taken: str) -> None:
    """A port that somebody has ends it with 1 and names the address, before anything is started."""
    product = make()
    port = getattr(product, taken)
    with socket.create_server(("127.0.0.1", port)):
        product.start()
        assert product.wait() == 1
    assert f"127.0.0.1:{port}: Address already in use" in product.err.read_text()
    assert "Traceback" not in product.err.read_text()


@pytest.mark.parametrize("command", ["serve", "collect", "backoffice", "status"])
def test_wrong_settings_are_all_named(make: Make, command: str) -> None:
    """Every fault of the settings is told at once, with exit code 2."""
    product = make()
    faulty = product.config.read_text().replace('profile = "FR"', 'profile = "XX"\ncolour = "red"')
    product.config.write_text('time_zone = "Mars/Olympus"\n' + faulty.replace("127.0.0.1:", "127.0.0.1-", 1))
    ended = product.run(command)
    assert ended.returncode == 2
    for fault in ("time_zone", "sites.0.profile", "sites.0.colour", "listen", "Mars/Olympus"):
        assert fault in ended.stderr
    assert "Traceback" not in ended.stderr


def test_missing_settings_file_is_told(make: Make) -> None:
    """A file that isn't there is a fault of the settings, not a reason to start without."""
    product = make()
    product.config.unlink()
    ended = product.run("serve")
    assert (ended.returncode, "no such file" in ended.stderr) == (2, True)


def test_stopping_ships_what_was_acknowledged(product: Product) -> None:
    """Events acknowledged just before SIGTERM are in the store after it."""
    for word in ("alfa", "bravo", "charlie", "delta", "echo"):
        assert product.view(word).status == 202
    assert product.stop() == 0
    assert sorted(product.stored("path")) == ["/alfa", "/bravo", "/charlie", "/delta", "/echo"]


def test_full_spool_says_come_back_later_and_recovers(make: Make) -> None:
    """With nobody shipping, a full spool answers 503 with Retry-After; once shipped, 202 again, and it adds up."""
    product = make(collector="spool_mebibytes = 1")
    product.start("collect")
    product.wait_ready(product.admin)
    items = [{"item_id": "x", "item_name": "Lang " * 30, "item_brand": "Merke"}] * 30
    body = json.dumps({"s": SITE, "u": f"{PAGE}/a", "e": [{"n": "view_item", "items": items}] * 10})
    statuses: list[int] = []
    while not statuses or statuses[-1] == 202:
        last = product.post(body)
        statuses.append(last.status)
        assert len(statuses) < 100
    assert last.status == 503
    assert int(last.headers["retry-after"]) > 0
    product.start("backoffice")
    product.wait_ready()
    until(lambda: product.post(body).status == 202, "the collector takes events again", product.died)
    status = product.run("status")
    assert (status.returncode, "every event is accounted for" in status.stdout) == (0, True), status.stdout
    assert "spool_full" in status.stdout.replace("\n", "")
    assert [product.stop("collect"), product.stop("backoffice")] == [0, 0]
    assert len(product.stored("name")) == 10 * statuses.count(202) + 10


def test_health_and_metrics_of_both(product: Product) -> None:
    """Both sides tell a probe that they are well, and Prometheus what they did; the public port tells neither."""
    product.view("a")
    for port in (product.admin, product.office):
        assert ask(port, "GET", "/healthz").status == 200
        assert ask(port, "GET", "/readyz").status == 200
    assert b'sporlos_events_total{outcome="stored"} 1.0' in ask(product.admin, "GET", "/metrics").body
    assert b"sporlos_shipments_total" in ask(product.office, "GET", "/metrics").body
    for path in ("/healthz", "/readyz", "/metrics", "/status"):
        assert ask(product.collector, "GET", path).status == 404


def test_not_ready_while_a_worker_is_away(make: Make) -> None:
    """The collector is ready only while its workers listen, so a balancer sends nobody to one that can't answer."""
    product = make()
    product.start("collect")
    product.wait_ready(product.admin)
    (parent,) = set(product.pids("collect")) - set(product.pids("worker"))
    killed = set(product.kill("worker"))
    until(lambda: set(product.pids("worker")) - killed, "the worker is started again", product.died)
    product.wait_ready(product.admin)
    assert parent in product.pids("collect")
    assert product.view("a").status == 202


def test_processes_show_no_secret(product: Product) -> None:
    """Neither arguments nor environment of any process hold a salt, an address or a user agent."""
    address = "203.0.113.77"
    product.post(json.dumps({"s": SITE, "u": PAGE, "e": [{"n": "page_view"}]}), headers={"X-Forwarded-For": address})
    for pid in product.pids():
        for file in ("cmdline", "environ"):
            shown = Path(f"/proc/{pid}/{file}").read_bytes()
            assert address.encode() not in shown
            assert BROWSER.encode() not in shown
            # 32 bytes as hex or base64 would be a word of 43 letters or more that we did not put there
            ours = {word for word in re.findall(rb"[\w+/=-]{43,}", shown) if b"/" not in word and b"_" not in word}
            assert not ours, (file, ours)


def test_plausible_event_is_on_the_panel(make: Make) -> None:
    """The README's curl: 202, and the panel's JSON counts it; `script/bench` tells how soon."""
    product = make()
    product.start("serve", "--demo")
    product.wait_ready()
    until(lambda: "ready." in product.out.read_text(), "the demo is ready", product.died)
    token, page = product.token(), f"http://127.0.0.1:{product.shop}/helt-egen-side"
    body = json.dumps({"n": "pageview", "u": page, "d": "demo.shop"})
    assert product.post(body, "/api/event").status == 202
    until(lambda: "/helt-egen-side" in json.dumps(product.panel("pages", token, "demo.shop")), "it is shown")


def _may_unshare() -> bool:
    return (
        subprocess.run(
            ["unshare", "--net", "ip", "link", "set", "lo", "up"], capture_output=True, check=False
        ).returncode
        == 0
    )


def test_nothing_needs_a_network(make: Make) -> None:
    """In a network namespace with nothing but itself, an event comes all the way to the store."""
    if not _may_unshare():
        pytest.skip("network namespaces are not permitted here")
    product = make()
    product.start("serve", under=["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"])
    until(lambda: "ready." in product.out.read_text(), "it is ready without a network", product.died)
    (inside,) = product.pids("serve")
    entered = ["nsenter", f"--net=/proc/{inside}/ns/net", "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}"]
    body = json.dumps({"s": SITE, "u": f"{PAGE}/alene", "e": [{"n": "page_view"}]})
    address = f"http://127.0.0.1:{product.collector}/e"
    sent = subprocess.run([*entered, "-A", BROWSER, "-d", body, address], capture_output=True, text=True, check=True)
    assert sent.stdout == "202"
    assert product.stop() == 0
    assert product.stored("path") == ["/alene"]


def test_pixel_is_no_success_when_nothing_is_stored(make: Make) -> None:
    """With a full spool the image is not sent either: any 2xx means that the event is on the disk."""
    product = make(collector="spool_mebibytes = 1")
    product.start("collect")
    product.wait_ready(product.admin)
    many = [{"n": "page_view"}] * 50
    until(lambda: product.view("lego", e=many).status == 503, "the spool is nearly full", product.died)
    until(lambda: product.view("lego").status == 503, "it is full", product.died)
    image = ask(product.collector, "GET", f"/e.gif?s={SITE}&u={PAGE}/{'y' * 250}", {"User-Agent": BROWSER})
    assert (image.status, image.headers["retry-after"]) == (503, "2")


def test_two_collectors_never_write_one_spool(product: Product) -> None:
    """One that was started beside the first on the same data waits, gives up, and loses nothing."""
    for word in ("alfa", "bravo"):
        assert product.view(word).status == 202
    beside = product.config.with_name("beside.toml")
    text = product.config.read_text()
    for port, other in zip((product.collector, product.admin), free_ports(2), strict=True):
        text = text.replace(f":{port}", f":{other}")
    beside.write_text(text)
    second = subprocess.Popen(
        [sys.executable, "-m", "proxy.cli", "collect", "--config", str(beside)], cwd=ROOT, stderr=subprocess.PIPE
    )
    lock = product.data / "spool" / "worker-0.lock"
    until(lambda: _has_open(second.pid, lock), "its worker asks for the spool", product.died)
    assert product.view("charlie").status == 202
    second.terminate()
    second.communicate(timeout=30)
    assert product.run("status").returncode == 0
    assert product.stop() == 0
    assert sorted(product.stored("path")) == ["/alfa", "/bravo", "/charlie"]


def _has_open(parent: int, lock: Path) -> bool:
    """A descendant of a process is there that knows of the lock: its worker has begun."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return any(b"worker" in Path(f"/proc/{child}/cmdline").read_bytes() for child in children) and lock.exists()


def test_a_second_serve_on_the_same_data_is_one_clear_line(product: Product) -> None:
    """Before it has started anything."""
    beside = product.config.with_name("beside.toml")
    text = product.config.read_text()
    for port, other in zip((product.collector, product.admin, product.office), free_ports(3), strict=True):
        text = text.replace(f":{port}", f":{other}")
    beside.write_text(text)
    ended = subprocess.run(
        [sys.executable, "-m", "proxy.cli", "serve", "--config", str(beside)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode, "in use" in ended.stderr, "Traceback" in ended.stderr) == (1, True, False)


def test_what_is_written_is_the_operators_alone(product: Product) -> None:
    """Nobody else on the machine can read a row."""
    assert product.view("alfa").status == 202
    files = (file for file in product.data.rglob("*") if not file.is_symlink())
    open_to_others = [file for file in files if file.stat().st_mode & 0o077]
    assert open_to_others == []


CLEAR = {
    "a password that is too short": (["user", "add", "eva", "--password", "kort"], 2, "not done"),
    "a token without a name": (["token", "new", ""], 2, "not done"),
    "a user who isn't there": (["user", "remove", "eva"], 1, "no user"),
    "a token that isn't there": (["token", "revoke", "t"], 1, "no valid token"),
    "a folder without data": (["status"], 2, "nothing at"),
}


@pytest.mark.parametrize(("command", "code", "said"), CLEAR.values(), ids=CLEAR.keys())
def test_a_mistake_is_one_clear_line(make: Make, command: list[str], code: int, said: str) -> None:
    """And an exit code that says whose it was."""
    ended = make().run(*command)
    assert (ended.returncode, said in ended.stderr, "Traceback" in ended.stderr) == (code, True, False), ended.stderr
