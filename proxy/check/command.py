"""`sporlos check`: looks, and tells. Enters: arguments. Leaves: lines or JSON, and an exit code.

0: nothing must be mended. 1: something must. 2: the page couldn't be looked at, or the arguments are wrong.
"""

import asyncio
import re
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from proxy.check.asked import Asked, Wrong
from proxy.check.finding import Finding, Level
from proxy.check.observed import Observations
from proxy.check.verdict import has_fault, judge

_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.FAULT: "bold red"}
_FAULTY, _NOT_LOOKED = 1, 2
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What a terminal obeys instead of showing it: title, colours, lines that were there."""

Expect = Annotated[
    list[str] | None,
    typer.Option(metavar="EVENT", help="What the page must send: view_item on a product's page, purchase after one."),
]
Accept = Annotated[
    str,
    typer.Option(
        metavar="SELECTOR", help="The consent banner's button that agrees (CSS, text=Godta): press, look again."
    ),
]
Script = Annotated[str, typer.Option(metavar="URL", help="Where the script is, if nothing about it tells.")]
Resolve = Annotated[
    list[str] | None, typer.Option(metavar="HOST=ADDRESS[:PORT]", help="Look there, whatever the DNS says.")
]
Insecure = Annotated[bool, typer.Option("--insecure", help="Take a certificate that nobody signed.")]
Seconds = Annotated[float, typer.Option(min=1, max=120, help="How long to wait for the page to become quiet.")]
Browser = Annotated[Path | None, typer.Option(metavar="PATH", help="The Chromium to use. Default: the one found here.")]
Json = Annotated[bool, typer.Option("--json", help="Findings, and what they rest on, as JSON.")]


def check(
    url: Annotated[str, typer.Argument(metavar="URL", help="A page of the shop: https://…")],
    *,
    expect: Expect = None,
    accept: Accept = "",
    script: Script = "",
    resolve: Resolve = None,
    insecure: Insecure = False,
    seconds: Seconds = 10,
    browser: Browser = None,
    as_json: Json = False,
) -> None:
    """Load a page of the shop in a browser, and say what is wrong with it. It is not counted as a visit.

    Exit code 1 if something must be mended, 2 if the page could not be looked at. Needs the package's extra "check".
    """
    try:
        asked = Asked(url, script, accept, tuple(expect or ()), browser, tuple(resolve or ()), insecure, seconds)
    except Wrong as faults:
        sys.exit(_not_looked(str(faults)))
    sys.exit(look(asked, as_json=as_json))


def look(asked: Asked, *, as_json: bool) -> int:
    """Look at the page and print what is right and wrong with it."""
    try:
        from proxy.check import chromium  # noqa: PLC0415 - an extra, which the other commands do without
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "playwright":
            raise
        return _not_looked("this needs Playwright: pip install '.[check]', or pip install playwright")
    try:
        seen = asyncio.run(chromium.observe(asked))
    except (chromium.NoBrowser, chromium.NoPage) as error:
        return _not_looked(str(error))
    findings = judge(seen)
    if as_json:
        sys.stdout.write(f"{_json(seen, findings)}\n")
    else:
        _print(seen, findings)
    return _FAULTY if has_fault(findings) else 0


def _not_looked(why: str) -> int:
    lines = "\n".join(map(_shown, why.split("\n")))
    sys.stderr.write(f"not checked: {lines}\n")
    return _NOT_LOOKED


def _json(seen: Observations, findings: tuple[Finding, ...]) -> str:
    """What was seen comes along: a finding that surprises is explained by it."""
    return msgspec.json.encode({"url": seen.before.url, "findings": findings, "seen": seen}).decode()


def _shown(text: str) -> str:
    """Parts of it are the page's: names, addresses, what it answers."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _print(seen: Observations, findings: tuple[Finding, ...]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(_shown(seen.before.url)))
    for finding in findings:
        line = Text.assemble((f"{finding.level:<8}", _STYLES[finding.level]), _shown(finding.said))
        line.append(f" [{finding.word}]", "dim")
        if finding.todo:
            line.append(f"\n        → {_shown(finding.todo)}")
        console.print(line)
    faults = sum(finding.level is Level.FAULT for finding in findings)
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    console.print(f"{faults} faults, {warnings} warnings")
