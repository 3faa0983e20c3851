"""`sporlos export`: its arguments. Enters: ways to settings and accounts. Leaves: the command, for `proxy/cli.py`."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from dashboards.accounts import Accounts
from proxy.settings import Settings

Name = Annotated[str, typer.Argument(metavar="NAME", help="Which; without it, what there is.", show_default=False)]
Site = Annotated[str, typer.Option(metavar="ID", help="Which shop's. Needed where several have exports on.")]
Week = Annotated[str, typer.Option(metavar="WEEK", help="Such as 2026-W48. Default: the newest that is released.")]
Output = Annotated[Path | None, typer.Option(metavar="FILE", help="Where to. Default: standard output.")]
Config = Annotated[Path | None, typer.Option(help="Settings (TOML). Default: sporlos.toml, if it is there.")]
NewSecret = Annotated[
    bool, typer.Option("--new-secret", help="Give the feeds new addresses; the dashboard's page shows them.")
]

Demo = Annotated[bool, typer.Option("--demo", help="Of the demo shop, too.")]
Verify = Annotated[bool, typer.Option("--verify", help="Check that nothing that was released has been changed since.")]


def export_command(
    installed: Callable[..., Settings], accounts: Callable[[Path | None], Accounts]
) -> Callable[..., None]:
    """The command; `installed` gives the settings of an installation that is there, `accounts` its accounts."""

    def export(
        name: Name = "",
        site: Site = "",
        week: Week = "",
        output: Output = None,
        config: Config = None,
        *,
        new_secret: NewSecret = False,
        verify: Verify = False,
        demo: Demo = False,
    ) -> None:
        """Write a file for advertisers, made of a released week; without a name, list what there is.

        The same export of the same week has the same bytes, as long as the shop's own files stay as they are.
        """
        from proxy import exporting  # noqa: PLC0415 - each command loads what it runs

        wish = exporting.Wish(name, site, week, output, new_secret=new_secret, verify=verify)
        sys.exit(asyncio.run(exporting.run(installed(config, demo=demo), wish, lambda: accounts(config))))

    return export
