"""`sporlos check` on pages of a shop that is and isn't set up right, reporting to a collector that runs."""

import sys
from pathlib import Path

import pytest

from tests.clickhouse_server.certificates import signed_for_localhost
from tests.system.check.looking import DENIED, PRODUCT, SHOP, STATS, TAG, Stage, run
from tests.system.pages import serving
from tests.system.product import ask, until


def outcomes(stage: Stage) -> dict[str, int]:
    """How events ended, since the collector started."""
    ended: dict[str, int] = ask(stage.product.admin, "GET", "/status").json()["outcomes"]
    return ended


def test_a_page_that_is_set_up_right_has_nothing_to_mend(stage: Stage) -> None:
    """All findings are good ones, the product has its name, and the exit code is 0."""
    page = stage.pages.put("/clean", "<h1>Politistasjon</h1>", DENIED + TAG + PRODUCT)
    looked = stage.check(page, "--expect=page_view", "--expect=view_item")
    assert (looked.code, looked.words("fault", "warning")) == (0, [])
    assert looked.words("ok") == [
        "script_runs",
        "events_accepted",
        "product_seen",
        "consent_waits",
        "no_trackers",
        "cookies",
    ]
    assert looked.seen["reports"][0]["products"] == ["Politistasjon"]


def test_a_check_is_not_a_visit(stage: Stage) -> None:
    """Its events are refused as a robot's, whatever consent allows; none is stored."""
    before = outcomes(stage)
    assert stage.check(stage.pages.put("/robot", "", TAG)).code == 0
    until(lambda: outcomes(stage).get("robot", 0) > before.get("robot", 0), "it is refused", stage.product.died)
    assert outcomes(stage).get("stored", 0) == before.get("stored", 0) == 0


def test_lines_for_people_say_what_to_do(stage: Stage) -> None:
    """Without --json: how bad, what, and what to do about it."""
    stage.pages.put("/plain", "")
    looked = run(f"http://127.0.0.1:{stage.pages.port}/plain", "--seconds=5")
    assert looked.code == 1
    assert "fault   the script is not on the page [no_script]\n        → paste <script defer src=" in looked.out
    assert looked.out.endswith("1 faults, 0 warnings\n")


@pytest.mark.parametrize(
    ("policy", "word"),
    [
        ("script-src 'self'", "script_blocked_by_csp"),
        (f"script-src 'unsafe-inline' http://{STATS}; connect-src 'self'", "events_blocked_by_csp"),
    ],
)
def test_a_content_security_policy_that_is_in_the_way(stage: Stage, policy: str, word: str) -> None:
    """Of the script, or of its reports."""
    page = stage.pages.put("/policy", "", TAG, {"Content-Security-Policy": policy})
    looked = stage.check(page)
    assert (looked.code, looked.faults) == (1, [word])


def test_a_strict_policy_that_allows_the_collector_is_no_fault(stage: Stage) -> None:
    """What the finding says to add is enough; neither is the check itself in the policy's way."""
    policy = f"default-src 'none'; script-src http://{STATS}; connect-src http://{STATS}; img-src data:"
    page = stage.pages.put("/strict", "", TAG, {"Content-Security-Policy": policy})
    assert stage.check(page).faults == []


def test_a_page_that_may_not_report_is_told_which_line_to_add(stage: Stage) -> None:
    """The same page under another name."""
    stage.pages.put("/clean", "", TAG)
    looked = run(
        "http://www.other.test/clean",
        "--json",
        f"--resolve=www.other.test=127.0.0.1:{stage.pages.port}",
        f"--resolve={STATS}=127.0.0.1:{stage.product.collector}",
    )
    assert looked.faults == ["wrong_origin"]
    assert 'add \\"http://www.other.test\\" to `origins`' in looked.out


def test_a_site_that_the_collector_does_not_have(stage: Stage) -> None:
    """A typing error in the tag."""
    page = stage.pages.put("/unknown", "", TAG.replace(f'data-site="{SHOP}"', 'data-site="shopp.test"'))
    assert stage.check(page).faults == ["unknown_site"]


def test_a_script_that_is_somewhere_else(stage: Stage) -> None:
    """The path answers, with something that is not the script."""
    page = stage.pages.put("/elsewhere", "", TAG.replace(f"http://{STATS}/s.js", "/missing.js"))
    assert stage.check(page).faults == ["script_not_served"]


def test_a_collector_that_does_not_run(stage: Stage) -> None:
    """Nothing answers at the script's address."""
    page = stage.pages.put("/nobody", "", TAG.replace(f"http://{STATS}/", "http://nobody.test/"))
    assert stage.check(page).faults == ["script_unreachable"]


def test_a_script_whose_bytes_are_not_those_of_the_tag(stage: Stage) -> None:
    """With the right hash it runs, and the finding gives it."""
    wrong = TAG.replace("></", ' integrity="sha384-AAAA" crossorigin="anonymous"></')
    looked = stage.check(stage.pages.put("/integrity", "", wrong))
    assert looked.faults == ["script_integrity"]
    right = wrong.replace("sha384-AAAA", looked.seen["scripts"][0]["digest"])
    assert stage.check(stage.pages.put("/integrity", "", right)).faults == []


def test_a_script_over_http_on_a_page_over_https(stage: Stage, tmp_path: Path) -> None:
    """Browsers don't even ask for it."""
    with serving(signed_for_localhost(tmp_path).tls) as secure:
        secure.put("/", "", TAG)
        looked = stage.check("/", "--insecure", scheme="https", port=secure.port)
    assert looked.faults == ["script_mixed_content"]


def test_the_script_put_there_by_another_one(stage: Stage) -> None:
    """As a tag manager does, which takes its element away again."""
    inserted = f"""<script>const one = document.createElement('script'); one.src = 'http://{STATS}/s.js'
        one.dataset.site = '{SHOP}'; one.onload = () => one.remove(); document.head.append(one)</script>"""
    looked = stage.check(stage.pages.put("/inserted", "", inserted))
    assert looked.faults == []
    assert looked.seen["tags"][0]["site"] == SHOP


def test_a_products_page_without_a_product(stage: Stage) -> None:
    """A warning where nothing was expected, and a fault where it was."""
    page = stage.pages.put("/no-product", "<h1>Politistasjon</h1>", DENIED + TAG)
    assert (stage.check(page).code, stage.check(page).words("warning")) == (0, ["no_product"])
    assert stage.check(page, "--expect=view_item").faults == ["expected_missing"]


def test_a_product_without_a_number(stage: Stage) -> None:
    """Its markup is read, and says nothing to count by; broken markup is told, too."""
    bare = PRODUCT.replace('"sku": "60316", ', "")
    broken = '<script type="application/ld+json">{"@type": "Product", "name": "Politi"stasjon"}</script>'
    assert stage.check(stage.pages.put("/bare", "", TAG + bare)).faults == ["product_without_id"]
    assert stage.check(stage.pages.put("/broken", "", TAG + broken)).faults == ["markup_unreadable"]


def test_a_page_that_changes_what_is_read_is_told_in_one_line(stage: Stage) -> None:
    """Its scripts have the first word: what comes of them may be no text."""
    changed = (
        "<script>window.String = () => 7; window.dataLayer = [['consent', 'default', {analytics_storage: 1}]]</script>"
    )
    looked = stage.check(stage.pages.put("/changed", "", changed + TAG))
    assert (looked.code, looked.out, looked.err.count("\n")) == (2, "", 1)
    assert "can't be read" in looked.err


def test_a_page_says_nothing_to_the_terminal(stage: Stage) -> None:
    """A product's name that would set the title of the window is shown as text."""
    name = r"\u001b]0;owned\u0007\u009b2J\rPolitistasjon"
    page = stage.pages.put("/terminal", "", DENIED + TAG + PRODUCT.replace("Politistasjon", name))
    where = (f"--resolve={SHOP}=127.0.0.1:{stage.pages.port}", f"--resolve={STATS}=127.0.0.1:{stage.product.collector}")
    looked = run(f"http://{SHOP}{page}", *where, "--seconds=5")
    assert "Politistasjon" in looked.out
    assert [one for one in looked.out if ord(one) < 32 or 127 <= ord(one) < 160 if one != "\n"] == []


def test_what_cannot_be_looked_at_is_told_in_one_line(stage: Stage, tmp_path: Path) -> None:
    """No page, no browser, no Playwright, no address: exit code 2, nothing on stdout, and what to do."""
    nobody = "--resolve=shop.test=127.0.0.1:9"
    without = "import sys; sys.modules['playwright'] = sys.modules['playwright.async_api'] = None"
    page = f"http://127.0.0.1:{stage.pages.port}/clean"
    tries = {
        "http://shop.test/ can't be loaded": run("http://shop.test/", nobody),
        "install one (Debian: apt-get install chromium)": run(page, f"--browser={tmp_path / 'chromium'}"),
        "doesn't start": run(page, f"--browser={sys.executable}"),
        "pip install playwright": run(page, before=without),
        "expected an address": run("shop.no"),
    }
    for told, looked in tries.items():
        assert (looked.code, looked.out) == (2, "")
        assert looked.err.startswith("not checked: ")
        assert told in looked.err
        assert looked.err.count("\n") == 1
