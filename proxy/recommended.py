"""What others looked at, for the shop's own pages: files that the back office has published, handed out as they are.

Enters: a product and a shop, as anybody may name them. Leaves: JSON, the same bytes for everyone. Nothing else of the
request is looked at, nothing is counted, and nothing is kept in memory: the system has the files there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from aiohttp import web

from pipeline.recommendations.shelf import FRONT, file_of, shelf, take
from proxy.site import Site

_FRONT, _BEFORE, _AFTER = "/r.json", "/r/", ".json"
_LONGEST = 200
"""Characters of a product's id, as the decoders have it."""
_FOUND = "public, max-age=3600"
_NOT_FOUND = "public, max-age=600"
"""It may be new in the catalogue; and pages of what nobody looks at must not ask each time."""


@dataclass(frozen=True, slots=True)
class _Shelf:
    folder: Path
    origins: frozenset[str]


class Recommended:
    """Answers `GET /r/{product}.json?s=site`, and `GET /r.json?s=site` with what is popular now.

    Args:
        data: the folder of all files.
        sites: of the settings; those that want it are answered for.
    """

    def __init__(self, data: Path, sites: Iterable[Site]) -> None:
        self._shelves = {
            site.id: _Shelf(shelf(data, site.id), frozenset(site.origins)) for site in sites if site.recommendations
        }

    @staticmethod
    def is_asked(path: str) -> bool:
        """Whether a path, decoded, is one of these."""
        return path == _FRONT or (path.startswith(_BEFORE) and path.endswith(_AFTER))

    def answer(self, request: web.BaseRequest) -> web.Response:
        """200, 304, 404 where no such file is published, or 405.

        Raises:
            OSError: a file that is there can't be read.
        """
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        found = self._shelves.get(request.query.get("s", ""))
        body = take(found.folder, _file(request.path)) if found is not None else None
        headers = {"Vary": "Origin", "X-Content-Type-Options": "nosniff"}
        origin = request.headers.get("Origin", "").lower()
        if found is not None and origin in found.origins:
            headers["Access-Control-Allow-Origin"] = origin
        if body is None:
            return web.Response(status=404, headers=headers | {"Cache-Control": _NOT_FOUND})
        tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        headers |= {"Cache-Control": _FOUND, "ETag": tag}
        if _has(request.headers.get("If-None-Match", ""), tag):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="application/json", headers=headers)


def _file(path: str) -> str:
    """The name of what is asked for; of an id that nobody can have, one that no file has."""
    if path == _FRONT:
        return FRONT
    product = path.removeprefix(_BEFORE).removesuffix(_AFTER)
    return file_of(product) if 0 < len(product) <= _LONGEST else "none"


def _has(tags: str, tag: str) -> bool:
    """Whether a header `If-None-Match` names it: RFC 9110, 13.1.2, by weak comparison."""
    return tags.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in tags.split(","))
