"""What a shop pastes into its pages. Enters: settings, the script. Leaves: lines of HTML, and an address to link to."""

from proxy.beacon.script import Script
from proxy.privacy.modes import Mode
from proxy.settings import Settings
from proxy.site import Site


def tag(settings: Settings, site: Site) -> str:
    """The one line that loads the script, whichever version is served."""
    return _tag(settings, site, settings.collector.script)


def pinned_tag(settings: Settings, site: Site, script: Script) -> str:
    """The line for a page that wants just these bytes: the browser refuses others, so it changes with each version.

    Source: https://www.w3.org/TR/SRI/; without `crossorigin` a browser can't check what another host serves.
    """
    integrity = f' integrity="{script.integrity}" crossorigin="anonymous"'
    return _tag(settings, site, script.lasting(settings.collector.script), integrity)


def opt_out(settings: Settings) -> str:
    """The page where a visitor asks not to be counted."""
    return f"{base(settings)}/opt-out"


def _tag(settings: Settings, site: Site, path: str, more: str = "") -> str:
    # before consent to count is what the script does unasked
    mode = "" if site.before_consent is Mode.COUNT else f' data-mode="{site.before_consent}"'
    return f'<script defer src="{base(settings)}{path}"{more} data-site="{site.id}"{mode}></script>'


def base(settings: Settings) -> str:
    """Where browsers reach the collector, without a slash at the end."""
    return settings.collector.public_url.rstrip("/") or f"http://{settings.collector.listen}"
