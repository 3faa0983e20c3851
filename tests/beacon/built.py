"""What is served of the script, from its source. Run by `script/beacon`, which writes it beside the source.

It is made here and not when the collector starts, so that the collector loads no minifier, and one version of the
product has one hash, whatever versions of the compressors are about.
"""

from pathlib import Path

import brotli
import minify
import zopfli.gzip

BEACON = Path(__file__).parents[2] / "proxy/beacon"
GOAL = 1900
"""Bytes gzipped. Umami's script, which does less, has 2,219."""


def built() -> dict[str, bytes]:
    """File → what must be in it."""
    served = minify.string("text/javascript", (BEACON / "s.js").read_text(encoding="utf-8")).encode()
    return {
        "s.min.js": served,
        "s.min.js.gz": zopfli.gzip.compress(served, numiterations=100),
        "s.min.js.br": brotli.compress(served, mode=brotli.MODE_TEXT, quality=11, lgwin=22),
    }


def sizes(files: dict[str, bytes]) -> str:
    """One line, the goal beside it."""
    raw, gzipped, compressed = (f"{len(content):,}" for content in files.values())
    return f"{raw} bytes, {gzipped} gzipped (goal: {GOAL:,}), {compressed} with brotli"


if __name__ == "__main__":
    made = built()
    for name, content in made.items():
        (BEACON / name).write_bytes(content)
    print(sizes(made))  # noqa: T201 - a verb's answer
