"""A file of places in the running product: regions on the dashboard, and a clear word where it can't be used."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.proxy.atlas import ATLAS, BERGEN_ADDRESS, OSLO_ADDRESS, STOCKHOLM_ADDRESS, UNTOLD_ADDRESS, write
from tests.system.product import PAGE, SITE, Product, until

Make = Callable[..., Product]

VISITORS = {
    OSLO_ADDRESS: ["NO", "NO-03"],
    BERGEN_ADDRESS: ["NO", "NO-46"],
    STOCKHOLM_ADDRESS: ["SE", "SE-AB"],
    UNTOLD_ADDRESS: ["NO", ""],
}
SETTINGS = 'workers = 2\ntrusted_proxies = ["127.0.0.0/8"]\nplaces = "{}"'


def view(product: Product, address: str) -> int:
    """A page view from an address, as the web server in front reports it."""
    body = {"s": SITE, "u": f"{PAGE}/lego", "e": [{"n": "page_view"}], "m": "measure"}
    return product.post(json.dumps(body), headers={"X-Forwarded-For": address}).status


def regions(product: Product, token: str) -> dict[str, int]:
    """Page views by region, as the panel has them."""
    return {row[0]: row[1] for row in product.panel("regions", token)["rows"]}


def test_regions_are_seen_and_a_worker_that_dies_goes_on_with_the_same_file(make: Make, tmp_path: Path) -> None:
    """Each visitor has the region of his network, also where the file has been taken away meanwhile."""
    file = write(tmp_path / "places.mmdb", ATLAS)
    product = make(collector=SETTINGS.format(file))
    product.start()
    product.wait_ready()
    token = product.token()
    assert product.panel("regions", token)["rows"] == []
    assert {view(product, address) for address in VISITORS} == {202}
    told = {region: 1 for _, region in VISITORS.values()}
    until(lambda: regions(product, token) == told, "each region is seen", product.died)
    file.unlink()
    for number in (1, 2):
        before = set(product.pids("worker"))
        assert product.kill("worker")
        until(partial(_is_back, product, before), f"the workers are back {number}", product.died)
    assert {view(product, address) for address in VISITORS} == {202}
    twice = {region: 2 for _, region in VISITORS.values()}
    until(lambda: regions(product, token) == twice, "each region is seen again", product.died)
    assert product.stop() == 0
    assert sorted(json.loads(row) for row in product.stored("toJSONString([country, region])")) == sorted(
        [*VISITORS.values()] * 2
    )


def _is_back(product: Product, before: set[int]) -> bool:
    now = set(product.pids("worker"))
    if len(now) < 2 or now & before:
        return False
    product.wait_ready()
    return True


@pytest.mark.parametrize("command", ["serve", "collect"])
def test_a_file_that_cant_be_used_is_told_before_anything_is_started(make: Make, tmp_path: Path, command: str) -> None:
    """One line with setting, path and fault, exit code 2; what needs no file starts without it."""
    file = tmp_path / "places.mmdb"
    file.write_text("no such file of places", encoding="utf-8")
    product = make(collector=SETTINGS.format(file))
    ended = product.run(command)
    assert ended.returncode == 2
    assert f"collector.places: {file}: not a file in MaxMind's format (.mmdb); is it still packed?" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert product.run("token", "list").returncode == 0
