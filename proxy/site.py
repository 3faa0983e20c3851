"""A shop as its operator describes it: `[[sites]]` of the settings."""

from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from proxy.origin import origin_of
from proxy.privacy import coarse
from proxy.privacy.modes import PROFILES, Mode
from proxy.privacy.routes import route_of

DEMO_SITE = "demo.shop"


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("expected a name of the IANA time zone database, for example Europe/Oslo") from None
    return name


def _origin(value: str) -> str:
    parts = urlsplit(value)
    origin = origin_of(value)
    if not origin or parts.path or parts.query or parts.username:
        raise ValueError("expected scheme and host without a path, for example https://www.shop.no")
    return origin


def _host(value: str) -> str:
    host = value.strip().lower()
    if origin_of(f"https://{host}") != f"https://{host}" or "." not in host:
        raise ValueError("expected a host, for example betaling.no")
    return host


def _route(value: str) -> str:
    route_of(value)
    return value


def _currency(value: str) -> str:
    if value and coarse.currency(value) != value:
        raise ValueError("expected a code of ISO 4217, for example NOK")
    return value


def _area(value: str) -> str:
    if not value or value not in coarse.area(value[:2], value):
        raise ValueError("expected a code of ISO 3166, for example NO or NO-03")
    return value


TimeZone = Annotated[str, AfterValidator(_time_zone)]
Origin = Annotated[str, AfterValidator(_origin)]
Host = Annotated[str, AfterValidator(_host)]
Pattern = Annotated[str, AfterValidator(_route)]
Profile = Literal["STRICT", "NO", "DE", "FR", "UK"]
Group = Literal["pharmacy", "health", "sexual_health", "religion", "politics", "union", "orientation", "childrens_help"]
Export = Literal[
    "google_labels", "meta_labels", "campaigns", "meridian", "robyn", "google_ads", "value_rules", "brief", "keywords"
]
Word = Annotated[str, Field(max_length=200)]
Campaign = tuple[Word, Word, Word]
_COUNTRIES = {"NO": "NO", "DE": "DE", "FR": "FR", "UK": "GB"}
"""Profile → the country that it is of."""
_MONEY = {"NO": "NOK", "SE": "SEK", "DK": "DKK", "DE": "EUR", "FR": "EUR", "GB": "GBP"}
"""Country → what is paid with there."""
_CAPS = {"NOK": 1000, "SEK": 1000, "DKK": 1000}
"""Currency → what of a visitor's orders a day is counted, where nothing is said: of orders of some 600."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a secret of 32 random bytes, in hex: the settings hold no secret, and a random one needs no slow hash."""


class Part(BaseModel):
    """A section of the settings: frozen, and without a word that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sender(Part):
    """A server of the shop's that may report events: `sporlos token new NAME --events` prints the lines to paste."""

    name: str = Field(min_length=1, max_length=60)
    token_sha256: Digest
    names_visitors: bool = False
    """Whether it may tell a visitor's address and user agent, for visitors who have agreed to that."""


class Site(Part):
    """A shop."""

    id: str = Field(min_length=1, max_length=100, pattern=r"^[a-z0-9.-]+$")
    origins: tuple[Origin, ...] = Field(min_length=1)
    profile: Profile = "STRICT"
    """What is done before consent; without a country named, nothing is."""
    time_zone: TimeZone = ""
    """Where this shop's day begins; empty: as for all."""
    events: dict[str, tuple[str, ...]] = {}
    """Further event names, each with the properties it may carry."""
    senders: tuple[Sender, ...] = ()
    """Who may report to `/v1/events`."""
    ga4: dict[Annotated[str, Field(pattern=r"^G-[A-Z0-9]{4,20}$")], Digest] = {}
    """Google's measurement ids that mean this shop, each with the SHA-256 of its `api_secret`."""
    routes: tuple[Pattern, ...] = ()
    """Patterns of paths, see `privacy/routes.py`."""
    hops: tuple[Host, ...] = ()
    """Hosts that visitors pass through while they pay, beyond the list."""
    sensitive: tuple[str, ...] = ()
    """Names of categories whose products, pages and searches become `(sensitive)`."""
    sensitive_groups: tuple[Group, ...] = ()
    """The same by groups of the starter list."""
    recommendations: bool = False
    """Whether "others also looked at" is published for the shop's pages, at `/r/{product}.json`."""
    exports: tuple[Export, ...] = ()
    """What is made for advertisers of each week that is over."""
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    """ISO 3166-1; empty: the profile's."""
    currency: Annotated[str, AfterValidator(_currency)] = ""
    """ISO 4217; empty: the country's, of those that are known here."""
    revenue_cap: int | None = Field(default=None, ge=1, le=1_000_000)
    """What of one visitor's orders of a day is counted for advertisers at most, in whole units of the currency; none:
    1,000 kroner, 100 of another. The noise grows with it: good is one and a half times what an order is on average."""
    catalogue: Path | None = None
    """The product file that the shop makes for Google; read anew when it changes."""
    campaigns: tuple[Campaign, ...] = ()
    """Of which advertisers are told: source, medium, campaign; all others are one. None: those that many came by."""
    areas: tuple[Annotated[str, AfterValidator(_area)], ...] = ()
    """Countries and regions that ads are shown in, `NO` or `NO-03`; all others are one. None: countries that many came
    from. A visit from a region that stands here counts for it, and not for its country."""
    spend: Path | None = None
    """What the channels have cost: `week,channel,amount,impressions`; read anew when it changes."""

    @model_validator(mode="after")
    def _advertises_somewhere(self) -> Self:
        missing = {"country": self.market, "currency": self.money}
        for name in [name for name, value in missing.items() if self.exports and not value]:
            raise ValueError(f"{name}: needed, as exports are switched on and nothing else tells it")
        return self

    @property
    def market(self) -> str:
        """The country that the shop advertises in; empty: not known."""
        return self.country or _COUNTRIES.get(self.profile, "")

    @property
    def money(self) -> str:
        """The currency that its sales are told in; empty: not known."""
        return self.currency or _MONEY.get(self.market, "")

    @property
    def counted_money(self) -> int:
        """What of one visitor's orders of a day is counted at most."""
        return self.revenue_cap or _CAPS.get(self.money, 100)

    @property
    def before_consent(self) -> Mode:
        """What is done with a page that says nothing of consent."""
        return PROFILES[self.profile]


def demo_site(origins: tuple[str, ...], time_zone: str, papers: Path) -> Site:
    """The demo's shop, with everything switched on; measured like a French one, as if every visitor had agreed.

    Args:
        origins: of its pages.
        time_zone: IANA name.
        papers: the folder of its product file and of what its ads have cost; the demo writes them.
    """
    return Site(
        id=DEMO_SITE,
        origins=origins,
        profile="FR",
        time_zone=time_zone,
        recommendations=True,
        exports=get_args(Export),
        country="NO",
        currency="NOK",
        catalogue=papers / "products.tsv",
        spend=papers / "spend.csv",
        campaigns=(
            ("google", "cpc", "julegaver"),
            ("google", "cpc", "lego_hoest"),
            ("facebook", "paid_social", "adventskalender"),
            ("nyhetsbrev", "email", "ukens_leker"),
        ),
        areas=("NO", "SE", "DK"),
    )
