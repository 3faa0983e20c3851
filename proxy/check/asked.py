"""What is to be looked at, and how: the command's arguments as a value."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


class Wrong(Exception):
    """The arguments can't be used; the message names every fault."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One check.

    Raises:
        Wrong: naming every fault.
    """

    url: str
    script: str = ""
    """Where the script is, if nothing in its tag or its bytes tells."""
    accept: str = ""
    """Selector of the button that agrees."""
    expected: tuple[str, ...] = ()
    """Names of events that the page must send."""
    browser: Path | None = None
    resolve: tuple[str, ...] = ()
    """`host=address` or `host=address:port`, before the DNS is asked."""
    insecure: bool = False
    """Whether a certificate that nobody signed will do."""
    seconds: float = 10.0
    """How long to wait for a page that doesn't become quiet, for an answer, and for the button."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        faults = [f"{self.url!r}: expected an address, for example https://shop.no/"]
        if parts.scheme in ("http", "https") and parts.hostname:
            faults.clear()
        # what is no pair of names would end the browser's own argument and begin another rule
        strange = [one for one in self.resolve if "," in one or " " in one or not all(one.partition("="))]
        faults += [f"--resolve {one!r}: expected host=address, for example shop.no=127.0.0.1:8443" for one in strange]
        if faults:
            raise Wrong("\n".join(faults))
