"""Another tool's days in the running product: seen like days of its own, marked, and taken out again."""

import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.system.product import SITE, Product, ask, engine, products

FIRST = date.today().replace(day=1) - timedelta(days=100)  # noqa: DTZ011 - any day that is long over
LAST = FIRST + timedelta(days=2)
_SETTINGS = """
[[sites]]
id = "{site}"
origins = ["https://{site}"]
"""


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """One shop, running."""
    with products() as maker:
        made: Product = maker(tmp_path / "one")
        made.start()
        made.wait_ready()
        yield made


def export(file: Path, views: int = 30, broken: str = "") -> str:
    """Three days as Plausible exports them; `broken` stands for the views of the last."""
    days = [FIRST + timedelta(days=n) for n in range(3)]
    visitors = [f'"{day}",10,{broken if day == LAST and broken else views},4,12,600' for day in days]
    pages = [
        f'"{day}","{SITE}","{path}",5,5,{views // 3}'
        for day in days
        for path in ("/lego", "/kari@example.com", "/ordre/10485")
    ]
    tables = {
        "imported_visitors": ["date,visitors,pageviews,bounces,visits,visit_duration", *visitors],
        "imported_pages": ["date,hostname,page,visits,visitors,pageviews", *pages],
    }
    with zipfile.ZipFile(file, "w") as archive:
        for name, lines in tables.items():
            archive.writestr(f"{name}_{FIRST:%Y%m%d}_{LAST:%Y%m%d}.csv", "\n".join(lines) + "\n")
    return str(file)


def panel(product: Product, token: str, name: str) -> list[list[object]]:
    """A panel's rows of the three days."""
    path = f"/api/panels/{name}?site={SITE}&from={FIRST}&to={LAST}"
    reply = ask(product.office, "GET", path, {"Authorization": f"Bearer {token}"})
    assert reply.status == 200, reply
    rows: list[list[object]] = reply.json()["rows"]
    return rows


def test_imported_days_are_seen_and_marked_and_can_be_taken_out(product: Product, tmp_path: Path) -> None:
    """First only said, then imported, then the same, then replaced by a newer export, then gone."""
    token, file = product.token(), export(tmp_path / "export.zip")
    said = product.run("import", "plausible", file, "--dry-run")
    assert (said.returncode, "3 imported" in said.stdout, "nothing is written" in said.stdout) == (0, True, True)
    assert panel(product, token, "pages") == []
    done = product.run("import", "plausible", file)
    assert done.returncode == 0, done.stderr
    assert f"{SITE}: 3 days from plausible, {FIRST} to {LAST}" in done.stdout
    assert "values held something personal, which was taken out" in done.stdout
    assert panel(product, token, "overview")[0][:5] == [30, 36, 90, 1 / 3, 50.0]
    assert panel(product, token, "pages") == [["/:id", 30, 15, 0], ["/lego", 30, 15, 0], ["/ordre", 30, 15, 0]]
    assert panel(product, token, "notes") == [["imported", "Plausible", 3]]
    again = product.run("import", "plausible", file)
    assert (again.returncode, "3 there already, and the same" in again.stdout) == (0, True)
    newer = product.run("import", "plausible", export(tmp_path / "newer.zip", views=60))
    assert (newer.returncode, "3 replaced" in newer.stdout) == (0, True)
    assert panel(product, token, "overview")[0][2] == 180
    other = product.run("import", "umami", "--remove")
    assert (other.returncode, other.stdout) == (0, f"{SITE}: 0 days from umami are taken out\n")
    gone = product.run("import", "plausible", "--remove")
    assert (gone.returncode, gone.stdout) == (0, f"{SITE}: 3 days from plausible are taken out\n")
    assert panel(product, token, "pages") == panel(product, token, "notes") == []


def test_a_broken_file_imports_nothing(product: Product, tmp_path: Path) -> None:
    """Not even the days before the broken line, which is named; its text is not."""
    done = product.run("import", "plausible", export(tmp_path / "export.zip", broken="kari@example.com"))
    assert done.returncode == 1
    assert f"imported_visitors_{FIRST:%Y%m%d}_{LAST:%Y%m%d}.csv: line 4: expected a number in the column" in done.stderr
    assert "Nothing was imported." in done.stderr
    assert "kari" not in done.stderr + done.stdout
    assert panel(product, product.token(), "pages") == []


def test_days_that_may_not_be_imported_are_left_out_and_said(product: Product, tmp_path: Path) -> None:
    """Too old, too recent: each with its days; exit code 1 where nothing was left to do."""
    today = date.today()  # noqa: DTZ011 - the shop's may be another; it is too recent as well
    lines = [f"{day},10,30,4,12,600" for day in (date(2001, 1, 1), today, today + timedelta(days=30))]
    file = tmp_path / "imported_visitors.csv"
    file.write_text("\n".join(["date,visitors,pageviews,bounces,visits,visit_duration", *lines]), encoding="utf-8")
    done = product.run("import", "plausible", str(file))
    assert done.returncode == 1
    assert "1 left out: older than counts are kept (`counts_months` of `[retention]`) (2001-01-01)" in done.stdout
    assert "2 left out: not over, or rows of them may still be here" in done.stdout
    assert f"({today} to {today + timedelta(days=30)})" in done.stdout


def test_it_works_while_nothing_runs_and_nothing_personal_is_stored(product: Product, tmp_path: Path) -> None:
    """The command opens the store itself; every text of every imported row is read."""
    assert product.stop() == 0
    assert product.run("import", "plausible", export(tmp_path / "export.zip")).returncode == 0
    asked = "SELECT dim, value, label FROM sporlos.daily ORDER BY ALL FORMAT TSVRaw"
    (answer,) = engine(product.data / "clickhouse", asked)
    kept = answer.decode()
    assert "/lego" in kept
    assert not [word for word in ("kari", "10485", "example") if word in kept]
    assert b"kari@example.com" not in product.err.read_bytes() + product.out.read_bytes()


def test_what_is_not_said_is_asked_for(tmp_path: Path) -> None:
    """Of several shops one must be named; a tool, files and a currency that exist. Exit code 2."""
    with products() as maker:
        two = _SETTINGS.format(site="one.test") + _SETTINGS.format(site="two.test")
        product: Product = maker(tmp_path / "two", settings=two)
        product.data.mkdir()
        file = export(tmp_path / "export.zip")
        money = tmp_path / "money.csv"
        money.write_text("Date,Views,Purchase revenue\n20260501,3,12.5\n", encoding="utf-8")
        cases = {
            ("plausible", file): "--site: which? one.test, two.test",
            ("plausible", file, "--site", "three.test"): "three.test is not a site of these settings",
            ("excel", file): "the tool is one of plausible, ga4, matomo, umami",
            ("plausible",): "expected files to import, or --remove and none",
            ("plausible", file, "--remove"): "expected files to import, or --remove and none",
            ("ga4", str(money), "--site", "one.test"): "--currency: the files tell revenue; in which currency?",
            ("ga4", str(money), "--site", "one.test", "--currency", "KRONER"): "expected a code of ISO 4217",
        }
        for arguments, said in cases.items():
            done = product.run("import", *arguments)
            assert (done.returncode, said in done.stderr) == (2, True), (arguments, done.stderr)
        assert not (product.data / "clickhouse").exists()
