"""The chart library, from the installed package and never from another host.

Enters: nothing. Leaves: one JavaScript file (and its gzip) in a cache folder, named by its version, made once. Making
it takes seconds, so it happens in a thread while the application starts; whoever asks earlier waits for it.
"""

import gzip
import os
from importlib.metadata import version
from pathlib import Path

import vl_convert

_VEGA_LITE = "6.4"
NAME = f"vega-{_VEGA_LITE}-{version('vl-convert-python')}.js"


def make(cache: Path) -> Path:
    """The library's file, made if it isn't there. A kill in the middle leaves no half file under the name."""
    file = cache / NAME
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        code = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=_VEGA_LITE).encode()
        _write(cache / f"{NAME}.gz", gzip.compress(code, mtime=0))
        _write(file, code)
    return file


def _write(file: Path, content: bytes) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}.part")
    draft.write_bytes(content)
    draft.replace(file)
