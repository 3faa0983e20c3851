"""The whole product with a ClickHouse server away from it: sent, seen on a panel, and accounted for."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clickhouse_server.away import Away, start
from tests.clickhouse_server.certificates import signed_for_localhost
from tests.system.product import SITE, Product, until

Make = Callable[..., Product]
SHOP = f'[[sites]]\nid = "{SITE}"\norigins = ["https://{SITE}"]\nprofile = "FR"\n'
PASSWORD = "p:ss/w@rd ø"


def seen(product: Product, token: str) -> int:
    """Page views on the dashboard's first panel."""
    found: dict[str, Any] = product.panel("overview", token)
    names = [column["name"] for column in found["columns"]]
    return int(found["rows"][0][names.index("page_views")]) if found["rows"] else 0


def send_and_see(product: Product, views: int, token: str, before: int = 0) -> None:
    """So many page views, until all of them are on the panel."""
    for number in range(views):
        assert product.view(f"page-{number}").status == 202
    until(lambda: seen(product, token) >= before + views, "all are on the panel", product.died)
    assert seen(product, token) == before + views


def adds_up(product: Product, received: int) -> None:
    """`sporlos status` says that each of them is stored, and none is missing."""
    said = product.run("status")
    assert said.returncode == 0, said.stderr
    (day,) = (line for line in said.stdout.splitlines() if re.match(r" *\d{4}-", line))
    counts = [int(cell) for cell in day.split()[2:]]
    assert counts[:2] == [received, received], said.stdout
    assert "every event is accounted for" in said.stdout


@pytest.mark.timeout(240)
def test_a_shop_with_a_server_that_asks_for_a_password(make: Make, tmp_path: Path) -> None:
    """Events come through to a panel and the account; while the server is killed they wait, and come afterwards."""
    with start(tmp_path / "engine", user="sporlos_ship", password=PASSWORD) as server:
        product = make(settings=f'[clickhouse]\nurl = "{server.url}/shop"\n{SHOP}')
        product.start()
        product.wait_ready()
        token = product.token()
        send_and_see(product, 5, token)
        adds_up(product, 5)

        server.kill()
        assert product.view("while-it-is-away").status == 202
        until(lambda: "shipping failed" in product.err.read_text(), "shipping has failed", product.died)
        assert PASSWORD not in product.err.read_text()
        server.start()
        until(lambda: seen(product, token) == 6, "the one that waited is on the panel", product.died)
        adds_up(product, 6)
        assert product.stop() == 0
    assert not (product.data / "clickhouse").exists()


@pytest.mark.timeout(240)
def test_a_shop_with_a_server_behind_a_private_certificate(make: Make, tmp_path: Path) -> None:
    """TLS with an authority of one's own, and the password in a file."""
    made = signed_for_localhost(tmp_path)
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    with start(tmp_path / "engine", user="u", password=PASSWORD, tls=made.tls, authority=made.authority) as server:
        place = f'url = "https://u@localhost:{server.port}"\npassword_file = "{secret}"\nca_file = "{made.authority}"'
        product = make(settings=f"[clickhouse]\n{place}\n{SHOP}")
        product.start()
        product.wait_ready()
        send_and_see(product, 3, product.token())
        adds_up(product, 3)
        assert product.stop() == 0


def test_a_server_that_is_too_old_is_said_in_one_line(make: Make, tmp_path: Path) -> None:
    """The back office doesn't start, and says why; nothing has been made there."""
    with start(tmp_path / "engine") as server:
        server.pretend({"version()": "'22.3.1.1'"})
        product = make(settings=f'[clickhouse]\nurl = "{server.url}"\n{SHOP}')
        product.start("backoffice")
        assert product.wait("backoffice") == 1
        said = product.err.read_text()
        assert "ClickHouse 22.3.1.1 is too old; 25.3 or later is needed" in said
        assert "Traceback" not in said
        assert no_tables(server)


def no_tables(server: Away) -> bool:
    """Whether nothing but the question has come."""
    return not any("CREATE TABLE" in seen["sql"] for seen in server.seen())


@pytest.mark.parametrize("url", ["clickhouse://db:9000", "http://u:secret@db:port"])
def test_a_url_that_is_none_is_a_fault_of_the_settings(make: Make, url: str) -> None:
    """Exit code 2, the setting named, the password not."""
    product = make(settings=f'[clickhouse]\nurl = "{url}"\n{SHOP}')
    done = product.run("status")
    assert done.returncode == 2
    assert "clickhouse.url: expected chdb, or http(s)://user:password@host:port/database" in done.stderr.replace(
        "\n", " "
    )
    assert "secret" not in done.stderr + done.stdout
