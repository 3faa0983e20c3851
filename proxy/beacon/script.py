"""The script as it is served. Enters: the files beside this one. Leaves: bytes, and the hash that a page may ask for.

`script/beacon` makes them of `s.js`. Everyone gets the same: what is decided about a visitor is decided by his browser
when it runs, and by the collector when it hears of it.
"""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha384
from importlib import resources

_ENCODINGS = ("br", "gzip")
"""The smaller first."""
_VERSION_CHARACTERS = 8


@dataclass(frozen=True, slots=True)
class Script:
    """What browsers get.

    Attributes:
        plain: JavaScript, minified.
        encoded: the same by content encoding.
        integrity: for a tag's attribute of this name.
        version: of these bytes, for an address that may be kept for ever.
    """

    plain: bytes
    encoded: dict[str, bytes]
    integrity: str
    version: str

    def accepted(self, encodings: str) -> tuple[bytes, str]:
        """The bytes for a header `Accept-Encoding`, and how they are encoded; empty: they are not."""
        offers = (offer.partition(";") for offer in encodings.lower().split(","))
        wanted = {name.strip() for name, _, weight in offers if weight.strip() not in ("q=0", "q=0.0", "q=0.00")}
        best = next((name for name in _ENCODINGS if name in wanted), "")
        return self.encoded.get(best, self.plain), best

    def lasting(self, path: str) -> str:
        """The address of just these bytes, beside the script's own: `/s.js` → `/s.0a1b2c3d.js`."""
        return f"{path.removesuffix('.js')}.{self.version}.js"


def load() -> Script:
    """What lies beside this file."""
    folder = resources.files("proxy.beacon")
    plain = folder.joinpath("s.min.js").read_bytes()
    digest = sha384(plain)
    return Script(
        plain=plain,
        encoded={
            "br": folder.joinpath("s.min.js.br").read_bytes(),
            "gzip": folder.joinpath("s.min.js.gz").read_bytes(),
        },
        integrity=f"sha384-{b64encode(digest.digest()).decode()}",
        version=digest.hexdigest()[:_VERSION_CHARACTERS],
    )
