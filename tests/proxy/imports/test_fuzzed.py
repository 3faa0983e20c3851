"""Whatever a file holds, it is read or it is said in one line why not."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.imports.cells import ImportedDay, faults
from proxy.imports.table import Unreadable, files
from tests.proxy.imports import test_ga4, test_matomo, test_plausible, test_umami
from tests.proxy.imports.told import days_of

GOOD = {
    "plausible": test_plausible.EXPORT,
    "ga4": {"days.csv": test_ga4.DAYS, "pages.csv": f"{test_ga4.HEAD}Date,Page path,Views\n20260501,/lego,3\n"},
    "matomo": test_matomo.REPORTS,
    "umami": test_umami.export(
        test_umami.row("a", "b", "2026-05-01 10:00:00"), test_umami.row("c", "d", "2026-05-01 10:00:00", utm_source="x")
    ),
}


@st.composite
def damaged(draw: st.DrawFn, text: str) -> bytes:
    """A good file of which a piece is something else."""
    body = text.encode()
    begin = draw(st.integers(0, len(body)))
    end = draw(st.integers(begin, min(len(body), begin + 40)))
    written = st.text(max_size=20).map(lambda said: said.encode(errors="replace"))
    number = st.integers(0, 10**15).map(lambda said: str(said).encode())
    piece = draw(st.one_of(st.binary(max_size=20), written, number))
    return body[:begin] + piece + body[end:]


def told(tool: str, paths: list[Path]) -> list[ImportedDay] | str:
    """What the files tell, or why they don't."""
    try:
        return days_of(tool, files(paths))
    except Unreadable as error:
        return str(error)


@pytest.mark.parametrize("tool", sorted(GOOD))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_in_one_line(tool: str, tmp_path: Path, data: st.DataObject) -> None:
    """Never another error; and what is read is days that the store takes."""
    hit = data.draw(st.sampled_from(sorted(GOOD[tool])))
    for name, text in GOOD[tool].items():
        (tmp_path / name).write_bytes(data.draw(damaged(text)) if name == hit else text.encode())
    found = told(tool, [tmp_path / name for name in GOOD[tool]])
    if isinstance(found, str):
        assert "\n" not in found
    else:
        assert [faults(day) for day in found] == [[] for _ in found]


@pytest.mark.parametrize("tool", sorted(GOOD))
@given(body=st.binary(max_size=300))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_at_all_is_refused_in_one_line(tool: str, tmp_path: Path, body: bytes) -> None:
    """A picture, a program, nothing."""
    path = tmp_path / next(iter(GOOD[tool]))
    path.write_bytes(body)
    assert "\n" not in str(told(tool, [path]))
