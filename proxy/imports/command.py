"""`sporlos import`: its arguments. Enters: a way to the settings. Leaves: the command, for `proxy/cli.py`."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from proxy.settings import Settings

Tool = Annotated[str, typer.Argument(metavar="TOOL", help="plausible, ga4, matomo or umami.")]
Files = Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="What it exported; all of it at once.")]
Site = Annotated[str, typer.Option(metavar="ID", help="Which shop's numbers they are. Needed where there are several.")]
Currency = Annotated[str, typer.Option(metavar="CODE", help="Of the money in the files, for example NOK.")]
Config = Annotated[Path | None, typer.Option(help="Settings (TOML). Default: sporlos.toml, if it is there.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be imported.")]
Remove = Annotated[bool, typer.Option("--remove", help="Take out again what was imported from this tool.")]


def import_command(installed: Callable[[Path | None], Settings]) -> Callable[..., None]:
    """The command; `installed` gives the settings of an installation that is there."""

    def import_days(
        tool: Tool,
        files: Files = None,
        site: Site = "",
        currency: Currency = "",
        config: Config = None,
        *,
        dry_run: DryRun = False,
        remove: Remove = False,
    ) -> None:
        """Import the days that another tool has counted: nobody's visits, their numbers only.

        Run again with newer files of the same tool, their days take the place of the old ones. Days that were counted
        here are never overwritten.
        """
        from proxy import importing  # noqa: PLC0415 - each command loads what it runs

        wish = importing.Wish(tool, tuple(files or ()), site, currency, dry_run, remove)
        sys.exit(asyncio.run(importing.run(installed(config), wish)))

    return import_days
