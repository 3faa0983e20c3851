"""`sporlos status` where no back office runs: it opens the store itself, and tells of trouble all the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pipeline.spool.spool import Spool
from pipeline.store.address import left_behind
from pipeline.store.database import Store
from proxy.report import show
from proxy.settings import Address, ClickHouse, Collector, Retention, Settings
from tests.clickhouse_server.away import Away, start
from tests.pipeline.test_ship import row, tally_of


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Away]:
    """A store that a command can open while the engine of this process is in use."""
    with start(tmp_path / "engine") as running:
        yield running


@pytest.fixture
def settings(server: Away, tmp_path: Path, unused_tcp_port: int) -> Settings:
    """An installation of which nothing runs, with one event that waits."""
    data = tmp_path / "data"
    (data / "spool").mkdir(parents=True)
    spool = Spool(data / "spool" / "worker-1.sqlite")
    spool.append([row("told.no", 1)], tally_of("told.no", 1))
    spool.close()
    admin = Address(f"127.0.0.1:{unused_tcp_port}")
    return Settings(data=data, collector=Collector(admin=admin), clickhouse=ClickHouse(url=server.url))


def with_(settings: Settings, **changed: object) -> Settings:
    """The same, but for that."""
    return settings.model_copy(update=changed)


async def test_trouble_is_told_without_a_back_office(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """A spool that can't be read, rows that are kept too long, what waits."""
    (settings.spool / "worker-0.sqlite").write_bytes(b"no database" * 100)
    assert await show(with_(settings, retention=Retention(events_hours=72))) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("back office: ")]
    assert line.startswith("back office: not running; the oldest event waits ")
    assert "; trouble: worker-0.sqlite: " in line
    assert '; ROWS ARE KEPT LONGER THAN 48 HOURS: "anonymised" is not true' in line


async def test_without_trouble_none_is_told(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Only that neither side is running."""
    assert await show(settings) == 1
    said = capsys.readouterr().out
    assert "collector: not running" in said
    assert "trouble" not in said
    assert "KEPT" not in said


async def test_a_store_that_can_not_be_opened_hides_nothing_of_the_collector(
    settings: Settings, server: Away, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its line stands above the reason."""
    server.kill()
    assert await show(settings) == 1
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "collector: not running"
    assert second.startswith("back office: http://localhost:")


async def test_an_embedded_store_that_is_no_longer_used_is_told_of(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the start, and in the status: nothing is dropped from it, and it stays as it is."""
    folder = settings.data / "clickhouse"
    folder.mkdir()
    with capture_logs() as logs:
        await show(settings)
    (loud,) = [line["reason"] for line in logs if line["log_level"] == "error"]
    assert loud.startswith(f"{folder.resolve()} is an embedded store that `[clickhouse] url` no longer uses")
    assert f"; trouble: {loud}\n" in capsys.readouterr().out
    assert folder.is_dir()


def test_an_embedded_store_lies_where_it_is_looked_for(store: Store, tmp_path: Path) -> None:
    """The engine's own folder is what is told of; while it is used, or where there is none, nothing is."""
    (path,) = store.query("SELECT path FROM system.disks WHERE name = 'default'").rows[0]
    data = Path(path).parent
    assert str(Path(path).resolve()) in left_behind("http://localhost", data)
    assert left_behind("chdb", data) == ""
    assert left_behind("http://localhost", tmp_path) == ""
