"""What the operator sets: read once, frozen, every fault reported at once.

Enters: a TOML file, environment variables (`SPORLOS_COLLECTOR__LISTEN` for `[collector] listen`). Leaves: `Settings`.
"""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from pipeline.store.address import checked
from proxy.redis import Redis
from proxy.site import DEMO_SITE, Part, Site, TimeZone, demo_site


class Invalid(Exception):
    """The settings can't be used; the message names every fault."""


class Address(str):
    """`host:port`."""

    __slots__ = ()

    @property
    def host(self) -> str:
        """The part before the last colon, without the brackets of an IPv6 address."""
        return self.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The number after the last colon."""
        return int(self.rpartition(":")[2])


def _address(value: str) -> Address:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the highest port there is
        raise ValueError("expected host:port, for example 127.0.0.1:8080")
    return Address(value)


Listen = Annotated[str, AfterValidator(_address)]
Layer = Literal["refuse", "mark"]


class Robots(Part):
    """What is done with events whose sender looks like a robot, by what gives him away.

    `refuse`: not counted, and on the panel of what is not. `mark`: counted, with the layer's word in the row.
    """

    robot: Layer = "refuse"
    """What he calls himself."""
    automation: Layer = "refuse"
    """The page saw that a program drives its browser."""
    prefetch: Layer = "refuse"
    referrer_spam: Layer = "refuse"
    missing_headers: Layer = "mark"
    """Shops' own servers report without them, too."""
    rate_anomaly: Layer = "mark"
    """Faster than a person clicks, as one visitor number."""


class Collector(Part):
    """The door that visitors' browsers knock at."""

    listen: Listen = Address("127.0.0.1:8080")
    public_url: str = ""
    """Where visitors' browsers reach the collector, `https://stats.shop.no`; empty: at `listen`."""
    script: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_-]{1,60}){1,4}\.js$")] = "/s.js"
    """Where the script is served; events go to `e` beside it."""
    admin: Listen = Address("127.0.0.1:8082")
    """Health and metrics; not for the internet."""
    workers: int = Field(default=1, ge=1, le=64)
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks whose forwarding header is believed."""
    forwarded_header: str = "X-Forwarded-For"
    places: Path | None = None
    """A file in MaxMind's format that tells country and region of a network; read when the collector starts."""
    visitor_input: Literal["full", "truncated"] = "full"
    """What of the address the visitor number is made from, in memory."""
    salts: Literal["forget", "keep", "redis"] = "forget"
    """After a restart: a new salt, or the same one from a file that lives in memory (tmpfs), or from Redis."""
    redis: str = Field(default="", repr=False)
    """`redis://[:password@]host:port/db` or `rediss://…`, for several collectors that agree on salts."""
    events_per_address: int = Field(default=3000, ge=1)
    """That one address may send in ten minutes to one worker; a mobile network's many customers share one."""
    events_per_visitor: int = Field(default=500, ge=1)
    """That one visitor can cause in ten minutes with a worker; more is the layer `rate_anomaly`."""
    robots: Robots = Robots()
    spool_mebibytes: int = Field(default=1024, ge=1)


class BackOffice(Part):
    """The pages for the people who run the shop."""

    listen: Listen = Address("127.0.0.1:8081")
    secure_cookie: bool = False
    """Set it where the pages are served over HTTPS."""


class ClickHouse(Part):
    """Where the rows go."""

    url: Annotated[str, AfterValidator(checked)] = Field(default="chdb", repr=False)
    """`chdb`: embedded in `data`; or a server, `http(s)://user:password@host:port/database`."""
    password_file: Path | None = None
    """The password stands on its first line, and not in the URL; read by the back office only."""
    ca_file: Path | None = None
    """The certificate authority of a server whose certificate no public one has signed."""
    answer_seconds: int = Field(default=60, ge=1, le=3600)
    """How long a server may be silent before it is taken for gone."""
    cluster: str = ""
    """Its name in the servers' settings, where the server is one of several."""
    memory_mebibytes: int = Field(default=1024, ge=256)


class Retention(Part):
    """How long what is kept. What is dropped leaves a receipt; nothing is kept longer for anybody."""

    events_hours: int = Field(default=48, ge=30, le=720)
    """Rows about single visits. The day must be closed before: 30. Beyond 48, "anonymised" is not true any more."""
    quarantine_hours: int = Field(default=48, ge=30, le=720)
    """Rows that the store refused; the same holds."""
    counts_months: int = Field(default=25, ge=3, le=120)
    """Counts, once the whole month is older. Closing a month needs the last two."""


class Demo(Part):
    """The shop and the visitors of `sporlos serve --demo`."""

    listen: Listen = Address("127.0.0.1:8090")
    visitors_a_day: int = Field(default=2_500, ge=1, le=100_000)
    weeks: int = Field(default=5, ge=0, le=52)
    """Of its past, made at its first start; 0: it begins yesterday."""


class Settings(BaseSettings):
    """Everything, frozen."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="SPORLOS_", env_nested_delimiter="__", validate_default=True
    )

    data: Path = Path("data")
    time_zone: TimeZone = "Europe/Oslo"
    collector: Collector = Collector()
    backoffice: BackOffice = BackOffice()
    clickhouse: ClickHouse = ClickHouse()
    retention: Retention = Retention()
    demo: Demo = Demo()
    sites: tuple[Site, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _sites_inherit(cls, values: dict[str, Any]) -> dict[str, Any]:
        sites = values.get("sites")
        if isinstance(sites, list):
            zone = {"time_zone": values.get("time_zone", cls.model_fields["time_zone"].default)}
            values = values | {"sites": [zone | site if isinstance(site, dict) else site for site in sites]}
        return values

    @model_validator(mode="after")
    def _redis_is_named(self) -> "Settings":
        if self.collector.redis:
            Redis.at(self.collector.redis)
        if (self.collector.salts == "redis") != bool(self.collector.redis):
            raise ValueError('collector: salts = "redis" and the address in `redis` go together')
        return self

    @model_validator(mode="after")
    def _each_name_means_one_shop(self) -> "Settings":
        named = {
            "sites: each id": [site.id for site in self.sites],
            "ga4: each measurement id": [measured for site in self.sites for measured in site.ga4],
            "senders: each token": [sender.token_sha256 for site in self.sites for sender in site.senders],
        }
        for what, names in named.items():
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} may stand once; twice here: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _regions_are_looked_up(self) -> "Settings":
        for site in self.sites:
            regions = [area for area in site.areas if "-" in area]
            if regions and self.collector.places is None:
                raise ValueError(f"sites: {site.id}: areas: {regions[0]} is a region: [collector] places tells of none")
        return self

    @property
    def spool(self) -> Path:
        """The folder of the spool files."""
        return self.data / "spool"


def load(file: Path | None, *, demo: bool = False) -> Settings:
    """Read the file, if one is given, and the environment, which goes before the file; add the demo's shop to them.

    Raises:
        Invalid: naming every fault: where, what was found, what was expected.
    """
    if file is not None and not file.is_file():
        raise Invalid(f"{file}: there is no such file")
    try:
        found = _reading(file)()
    except ValidationError as error:
        found_faults = error.errors()
        faults = [
            _fault(fault["loc"], fault["msg"], fault["input"])
            for fault in found_faults
            # a list whose only member is wrong is not also too short
            if not any(other["loc"] and other["loc"][:-1] == fault["loc"] for other in found_faults)
        ]
        raise Invalid("\n".join(dict.fromkeys(faults))) from None
    except (SettingsError, ValueError) as error:
        raise Invalid(f"{file or 'environment'}: {error}") from None
    return _with_demo(found) if demo else found


def _reading(file: Path | None) -> type[Settings]:
    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no file that nobody named is read
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    return FromFile


def _with_demo(settings: Settings) -> Settings:
    """Add the demo's shop.

    Its visitors' addresses come in a forwarding header, since all of them live on this machine.
    """
    port = Address(settings.demo.listen).port
    hosts = {Address(settings.demo.listen).host, "127.0.0.1", "localhost"}
    origins = tuple(sorted(f"http://{host}:{port}" for host in hosts))
    shop = demo_site(origins, settings.time_zone, settings.data / "demo")
    trusted = (*settings.collector.trusted_proxies, IPv4Network("127.0.0.1/32"))
    return settings.model_copy(
        update={
            "sites": (*(site for site in settings.sites if site.id != DEMO_SITE), shop),
            "collector": settings.collector.model_copy(update={"trusted_proxies": trusted}),
        }
    )


_KINDS = frozenset({"IPv4Network", "IPv6Network"})


def _fault(where: tuple[int | str, ...], message: str, found: object) -> str:
    # where one of several kinds would do, pydantic names the kinds that it tried
    name = ".".join(str(part) for part in where if "[" not in str(part) and str(part) not in _KINDS) or "settings"
    # a password may stand at the wrong place, too, and a token where its hash belongs
    secret = {"clickhouse", "redis", "senders", "ga4"} & set(where)
    shown = "" if secret or isinstance(found, dict | list) else f" (found: {found!r})"
    return f"{name}: {message.removeprefix('Value error, ')}{shown}"
