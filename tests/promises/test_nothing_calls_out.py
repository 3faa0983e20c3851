"""Nothing calls out: no look-up, no telemetry, no script, font or image from elsewhere.

The whole suite runs in a network namespace without a route (`script/test`), so whatever called out would fail. That it
really is one is tried here, and that no file which browsers get names another host.
"""

import os
import re
import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SENT = [
    *(ROOT / "dashboards/web").glob("*.*"),
    *(ROOT / "dashboards/panels").glob("*.json"),
    *(ROOT / "proxy/beacon").glob("*.js"),
    ROOT / "proxy/optout.html",
]
_HOST = re.compile(r"""(?:https?:|["'(=])//[\w.-]+\.\w+[^\s"'<)]*""")
_NOT_LOADED = ("https://vega.github.io/schema/", "http://www.w3.org/", "https://stats.shop.no/")
"""Names of formats, and an example in a comment."""


def test_the_tests_run_where_there_is_no_way_out() -> None:
    """An address that is somebody's is unreachable, not merely silent."""
    if "SPORLOS_OFFLINE" not in os.environ:
        if os.environ.get("CI"):
            pytest.fail("no network namespace: run by script/test")
        pytest.skip("not run by script/test")
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_STREAM) as out, pytest.raises(OSError, match="unreachable"):
            out.connect((address, 443))


@pytest.mark.parametrize("file", SENT, ids=lambda file: file.name)
def test_what_browsers_get_names_no_other_host(file: Path) -> None:
    """Nothing to load from elsewhere, in pages, styles, scripts and charts."""
    named = _HOST.findall(file.read_text(encoding="utf-8"))
    assert [found for found in named if not found.startswith(_NOT_LOADED)] == []


def test_the_room_holds_no_address_of_a_service() -> None:
    """No host is named in its code; its lists name hosts that are looked for, never asked."""
    files = (ROOT / "proxy").rglob("*.py")
    named = {
        (file.name, found)
        for file in files
        for found in re.findall(r"https?://[\w.-]+\.\w+", re.sub(r'""".*?"""', "", file.read_text(), flags=re.DOTALL))
        if not found.endswith((".shop.no", "//shop.no", ".invalid"))
    }
    assert named == set()
