"""Where a page lives. Enters: a URL. Leaves: its origin as a browser's `Origin` header spells it."""

from urllib.parse import urlsplit

from proxy.privacy.memo import remembered

_LONGEST_HOST = 253
"""RFC 1035; the spelling of a longer one takes milliseconds."""


@remembered(most=20_000)
def origin_of(url: str) -> str:
    """Scheme, host and port of a URL as a browser's `Origin` header has them; empty if it is not one of the web."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host or len(host) > _LONGEST_HOST or parts.scheme not in ("http", "https"):
        return ""
    default = {"http": 80, "https": 443}[parts.scheme]
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + ("" if port in (None, default) else f":{port}")
