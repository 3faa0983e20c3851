"""One process at a time."""

from pathlib import Path

import pytest

from pipeline import lock


def test_a_lock_is_held_by_one_until_it_is_closed(tmp_path: Path) -> None:
    """Whoever comes second is told, and gets it when the first has gone."""
    first = lock.take(tmp_path / "deep" / "file.lock")
    with pytest.raises(lock.Taken):
        lock.take(tmp_path / "deep" / "file.lock")
    first.close()
    lock.take(tmp_path / "deep" / "file.lock").close()
