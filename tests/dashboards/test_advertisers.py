"""Files that a shop declares, as they come: replaced while they are read, no files at all, very large."""

import os
import tracemalloc
from pathlib import Path

import pytest

from dashboards.advertisers import Advertisers, Declared
from pipeline.audiences import catalogue
from pipeline.audiences.catalogue import Catalogue
from tests.dashboards.advertising import declared, product_file

SITE = "files.shop"
_MEBIBYTE = 1 << 20


def test_file_that_is_replaced_while_it_is_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read may be half of each, so what it said before holds until it is whole."""
    now = [2e9]
    said, read = declared(tmp_path, SITE), catalogue.read
    file = said.catalogue
    assert file is not None
    shops = Advertisers([said], lambda: now[0])
    assert len(shops[SITE].catalogue) == 12

    def replaced(path: Path, *more: object) -> Catalogue:
        path.write_text(product_file(2), encoding="utf-8")
        found = read(path, *more)  # type: ignore[arg-type]
        path.write_text(product_file(9), encoding="utf-8")
        return found

    file.write_text(product_file(4), encoding="utf-8")
    now[0] = file.stat().st_mtime + 61
    monkeypatch.setattr(catalogue, "read", replaced)
    assert len(shops[SITE].catalogue) == 12
    monkeypatch.undo()
    now[0] = file.stat().st_mtime + 61
    assert len(shops[SITE].catalogue) == 9


@pytest.mark.timeout(20)
def test_pipe_and_folder_are_no_files(tmp_path: Path) -> None:
    """Nobody waits for what may never be written."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        shops = Advertisers([Declared(declared(tmp_path, SITE).settings, path)])
        assert (SITE in shops, shops.troubles(SITE)) == (False, (f"{path}: it is not a file",))


def test_large_file_takes_little_more_than_itself(tmp_path: Path) -> None:
    """Most of it are descriptions, of which nothing is kept; a sign beyond Latin-1 must not make it four times that."""
    said = declared(tmp_path, SITE)
    assert said.catalogue is not None
    line = f"{'x' * 2000} 😀"
    text = "id\ttitle\tdescription\n" + "".join(f"{number}\tBall\t{line}\n" for number in range(8000))
    said.catalogue.write_text(text, encoding="utf-8")
    size = said.catalogue.stat().st_size
    shops = Advertisers([said])
    tracemalloc.start()
    try:
        assert len(shops[SITE].catalogue) == 8000
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 1.5 * size + 8 * _MEBIBYTE
