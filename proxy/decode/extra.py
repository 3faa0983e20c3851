"""What the script's tag asked for beside views, products and engagement: a short word, and what there is to say of it.

Enters: the word and the value of the native body. Leaves: GA4's name and its properties.
"""

from typing import Any

from proxy.decode import scalars

_CLICK, _DOWNLOAD, _VITALS = "-click", "-download", "-vitals"
_NAMES = {
    _CLICK: "click",
    _DOWNLOAD: "file_download",
    "-form": "form_submit",
    "-404": "page_not_found",
    _VITALS: "web_vitals",
}
"""The dash tells them from a shop's own events, which may have any name."""
_VITALS_STEPS = {"lcp": (100, 0), "inp": (10, 0), "cls": (0.01, 2)}
"""Milliseconds, milliseconds, a share: as coarse as still tells good from bad, so that no two devices differ by it."""


def extra(word: str, said: Any) -> tuple[str, dict[str, str]] | None:  # noqa: ANN401 - whatever JSON holds
    """The event's name and properties; None: it is an event by its own name."""
    name = _NAMES.get(word)
    if name is None:
        return None
    if word == _CLICK:
        return name, scalars.texts({"link_domain": said})
    if word == _DOWNLOAD:
        return name, scalars.texts({"file_extension": said.lower() if isinstance(said, str) else None})
    return name, _vitals(said) if word == _VITALS and isinstance(said, list) else {}


def _vitals(said: list[Any]) -> dict[str, str]:
    return {
        name: f"{round(measured / step) * step:.{digits}f}"
        for (name, (step, digits)), measured in zip(_VITALS_STEPS.items(), said, strict=False)
        if isinstance(measured, int | float)
    }
