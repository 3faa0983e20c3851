"""What a browser saw of a page: plain values. Made by `chromium.py`, judged by `verdict.py`."""

from dataclasses import dataclass, field
from urllib.parse import urljoin

STATUS_FAILED = 400
"""The lowest status of HTTP that means failure."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A script element that looks like ours."""

    src: str
    """Absolute."""
    site: str = ""
    mode: str = ""
    integrity: str = ""
    has_crossorigin: bool = False
    waits: bool = True
    """`defer`, `async`, a module, or put there by another script: the page goes on being read meanwhile."""

    @property
    def endpoint(self) -> str:
        """Where the script of this address sends to."""
        return urljoin(self.src, "e")


@dataclass(frozen=True, slots=True)
class Loaded:
    """How one of our scripts was answered."""

    url: str
    status: int = 0
    """0: not at all."""
    failure: str = ""
    """The browser's word for why there was no answer."""
    is_ours: bool = False
    """Its bytes are a Sporløs script's."""
    content_type: str = ""
    cache_control: str = ""
    digest: str = ""
    """`sha384-…` of its bytes, as an `integrity` attribute has it."""


@dataclass(frozen=True, slots=True)
class Report:
    """One request that carried events, and its answer."""

    url: str
    site: str = ""
    mode: str = ""
    """What the page said of consent; empty: nothing."""
    names: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    """What `view_item` tells of, by name or number."""
    unnumbered: tuple[str, ...] = ()
    """The names of those that have no number; empty ones, too."""
    status: int = 0
    refused: str = ""
    """The collector's word, where it gave one."""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """What the page's Content-Security-Policy had against an address."""

    url: str
    directive: str
    is_enforced: bool = True


@dataclass(frozen=True, slots=True)
class Markup:
    """What stands on the page to find products by."""

    described: int = 0
    """Products in JSON-LD."""
    groups: int = 0
    """Product groups in JSON-LD: several variants under one name."""
    unreadable: int = 0
    """JSON-LD that is no JSON."""
    microdata: int = 0
    marked: int = 0
    """Elements with `data-sporlos-product`."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the page's consent tools say. Empty: there is none of that kind."""

    mode: str = ""
    """Google Consent Mode's `analytics_storage`, as it stands last: granted or denied."""
    tcf: str = ""
    """The IAB's API: granted, denied, or asked, while the visitor hasn't answered."""

    @property
    def has_tool(self) -> bool:
        """Whether any is on the page."""
        return bool(self.mode or self.tcf)

    @property
    def is_granted(self) -> bool:
        """Whether any says yes."""
        return "granted" in (self.mode, self.tcf)


@dataclass(frozen=True, slots=True)
class Visit:
    """One load of the page."""

    url: str
    """Where it ended, after redirects."""
    status: int = 200
    ran: bool = False
    """`window.sporlos` is the script's, not only the stub that waits for it."""
    tags: tuple[Tag, ...] = ()
    scripts: tuple[Loaded, ...] = ()
    reports: tuple[Report, ...] = ()
    violations: tuple[Violation, ...] = ()
    requests: tuple[str, ...] = ()
    """Every address that the page and its frames asked for."""
    cookies: tuple[str, ...] = ()
    """Names of those that are there at the end."""
    markup: Markup = field(default_factory=Markup)
    consent: Consent = field(default_factory=Consent)

    @property
    def names(self) -> tuple[str, ...]:
        """All events, in the order they were sent."""
        return tuple(name for report in self.reports for name in report.names)


@dataclass(frozen=True, slots=True)
class Observations:
    """The page before the visitor has chosen anything, and once more after he has agreed."""

    before: Visit
    after: Visit | None = None
    """Only where the button to agree was named, and was there."""
    accepting: str = ""
    """The selector of that button."""
    expected: tuple[str, ...] = ()
    """Names of events that the page must send."""
