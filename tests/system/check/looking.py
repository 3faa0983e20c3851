"""`sporlos check` on a page of a shop, and what it says."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.system.pages import Pages
from tests.system.product import ROOT, Product

SHOP, STATS = "shop.test", "stats.test"
SETTINGS = f"""
[[sites]]
id = "{SHOP}"
origins = ["http://{SHOP}", "https://{SHOP}"]
profile = "NO"
"""
TAG = f'<script defer src="http://{STATS}/s.js" data-site="{SHOP}"></script>'
PRODUCT = """<script type="application/ld+json">{"@type": "Product", "sku": "60316", "name": "Politistasjon",
    "offers": {"price": "749.00", "priceCurrency": "NOK"}}</script>"""
DENIED = """<script>window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) }
    gtag('consent', 'default', {analytics_storage: 'denied'})</script>"""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the command said."""

    code: int
    out: str
    err: str

    @property
    def seen(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """What it saw at first."""
        return json.loads(self.out)["seen"]["before"]

    def words(self, *levels: str) -> list[str]:
        """The findings of these levels."""
        return [one["word"] for one in json.loads(self.out)["findings"] if one["level"] in levels]

    @property
    def faults(self) -> list[str]:
        """What must be mended."""
        return self.words("fault")


@dataclass(frozen=True, slots=True)
class Stage:
    """A shop, and a collector."""

    pages: Pages
    product: Product

    def check(self, path: str, *arguments: str, scheme: str = "http", port: int = 0) -> Looked:
        """Run the command on a page of the shop."""
        resolve = (f"{SHOP}=127.0.0.1:{port or self.pages.port}", f"{STATS}=127.0.0.1:{self.product.collector}")
        where = [f"--resolve={one}" for one in resolve]
        return run(f"{scheme}://{SHOP}{path}", "--json", *where, "--seconds=5", *arguments)


def run(*arguments: str, before: str = "") -> Looked:
    """The command, in a process of its own; `before`: Python that runs first."""
    program = (
        f"{before}\nimport sys\nfrom proxy.cli import main\nsys.argv = ['sporlos', 'check', *sys.argv[1:]]\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    return Looked(done.returncode, done.stdout, done.stderr)
