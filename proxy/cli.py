"""The `sporlos` command: wiring only, and the one place that sees every package.

Exit codes: 0 done, 1 failed, 2 the settings or the arguments are wrong.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboards.accounts import AccountError, Accounts
from pipeline.store.database import StoreError
from proxy import logs, settings
from proxy.agreement import NotForgetful
from proxy.check.command import check
from proxy.exports.command import export_command
from proxy.imports.command import import_command
from proxy.settings import Invalid, Settings
from proxy.stopping import stop_event

_DEFAULT_FILE = Path("sporlos.toml")

app = typer.Typer(
    name="sporlos",
    help="A shop's own traffic statistics, which forget who the visitor is before anything touches a disk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a pretty traceback prints local variables
)
token_app = typer.Typer(no_args_is_help=True, help="Tokens for reading the panels' numbers by a program.")
user_app = typer.Typer(no_args_is_help=True, help="Who may log in to the dashboard.")
receipts_app = typer.Typer(no_args_is_help=True, help="What was dropped, when.")
app.add_typer(token_app, name="token")
app.add_typer(user_app, name="user")
app.add_typer(receipts_app, name="receipts")
app.command()(check)

Config = Annotated[Path | None, typer.Option(help="Settings (TOML). Default: sporlos.toml, if it is there.")]
Demo = Annotated[bool, typer.Option("--demo", help="Add a demo shop and visitors who don't exist.")]
Lifeline = Annotated[int | None, typer.Option(hidden=True)]
Past = Annotated[bool, typer.Option("--past")]


@app.command()
def serve(config: Config = None, *, demo: Demo = False) -> None:
    """Run everything on this machine: collector, back office and, with --demo, a shop with visitors."""
    from proxy import serving  # noqa: PLC0415 - each command loads what it runs

    loaded = _load(
        serving.starter_settings(config or _found_file(), _DEFAULT_FILE, demo=demo), demo=demo, for_shops=True
    )
    arguments = _arguments(config or _found_file(), demo=demo)
    _run(lambda stop: serving.serve(loaded, arguments, stop, demo=demo))


@app.command()
def collect(config: Config = None, *, demo: Demo = False, lifeline: Lifeline = None) -> None:
    """Run the collector: the workers that shops' pages report to."""
    from proxy import collector  # noqa: PLC0415 - as above

    loaded = _without_store(_load(config, demo=demo, for_shops=True))
    _run(lambda stop: collector.collect(loaded, _arguments(config, demo=demo), stop), lifeline)


@app.command()
def backoffice(config: Config = None, *, demo: Demo = False, lifeline: Lifeline = None) -> None:
    """Run the back office: what ships events into ClickHouse and shows the dashboard."""
    from dashboards import backoffice as office  # noqa: PLC0415 - as above
    from proxy.serving import premises  # noqa: PLC0415 - as above

    place = premises(_load(config, demo=demo, for_shops=True))
    _run(lambda stop: office.run(place, stop), lifeline)


@app.command()
def status(config: Config = None, *, demo: Demo = False) -> None:
    """Show whether every event is accounted for: received = refused + stored + waiting."""
    from proxy import report  # noqa: PLC0415 - as above

    sys.exit(asyncio.run(report.show(_installed(config, demo=demo))))


@app.command()
def close(
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The shop's calendar day; it must be over.")],
    site: Annotated[list[str] | None, typer.Option(help="Which shop; may stand several times. Default: all.")] = None,
    config: Config = None,
    *,
    demo: Demo = False,
) -> None:
    """Turn a day's rows into counts now. It happens by itself after midnight, and again for what comes late."""
    from proxy import closing  # noqa: PLC0415 - as above

    loaded = _installed(config, demo=demo)
    sys.exit(asyncio.run(closing.close(loaded, day.date(), site or [one.id for one in loaded.sites])))


@token_app.command("new")
def token_new(
    name: str,
    config: Config = None,
    *,
    events: Annotated[bool, typer.Option("--events", help="For a shop's server that reports events.")] = False,
    names_visitors: Annotated[bool, typer.Option("--names-visitors", help="It may tell of visitors, too.")] = False,
) -> None:
    """Make a token; it is printed once, as the last line."""
    if events:
        from proxy import senders  # noqa: PLC0415 - as above

        typer.echo("For the settings, below the lines of its shop. The last line is the token, shown once:", err=True)
        typer.echo(senders.introduction(name, names_visitors=names_visitors))
        return
    typer.echo(f"Token {name!r}. It is shown once; send it as `Authorization: Bearer …`:", err=True)
    typer.echo(_accounts(config).new_token(name))


@token_app.command("list")
def token_list(config: Config = None) -> None:
    """List the tokens."""
    for token in _accounts(config).tokens():
        made = datetime.fromtimestamp(token.created, UTC).date()
        typer.echo(f"{token.name}\tmade {made}\t{'revoked' if token.revoked else 'valid'}")


@token_app.command("revoke")
def token_revoke(name: str, config: Config = None) -> None:
    """Make a token worthless."""
    if not _accounts(config).revoke(name):
        typer.echo(f"there is no valid token {name!r}", err=True)
        raise typer.Exit(1)


@user_app.command("add")
def user_add(
    name: str,
    config: Config = None,
    password: Annotated[
        str,
        typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for if not given."),
    ] = "",
) -> None:
    """Let somebody log in, or give them a new password."""
    _accounts(config).set_password(name, password)


@user_app.command("link")
def user_link(config: Config = None) -> None:
    """Print a link that logs the operator in once, within an hour."""
    typer.echo(f"http://{_load(config).backoffice.listen}/login?once={_accounts(config).new_login_link_secret()}")


@user_app.command("remove")
def user_remove(name: str, config: Config = None) -> None:
    """Let somebody in no longer; his sessions end, too."""
    if not _accounts(config).remove(name):
        typer.echo(f"there is no user {name!r}", err=True)
        raise typer.Exit(1)


@receipts_app.command("verify")
def receipts_verify(
    config: Config = None,
    *,
    noted: Annotated[
        str, typer.Option(help="A hash that an earlier check named as the last; it must be in the chain.")
    ] = "",
) -> None:
    """Check that no receipt was changed or taken out; exit code 1 if one was."""
    from proxy import receipts  # noqa: PLC0415 - as above

    sys.exit(asyncio.run(receipts.verify(_installed(config), noted)))


@receipts_app.command("list")
def receipts_list(
    config: Config = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List what was dropped, oldest first."""
    from proxy import receipts  # noqa: PLC0415 - as above

    sys.exit(asyncio.run(receipts.show(_installed(config), as_json=as_json)))


@app.command(hidden=True)
def worker(
    number: Annotated[int, typer.Option()],
    shared: Annotated[list[int], typer.Option()],
    config: Config = None,
    *,
    demo: Demo = False,
    lifeline: Lifeline = None,
) -> None:
    """Run one worker of the collector that started it."""
    from proxy import worker as one  # noqa: PLC0415 - as above

    loaded = _without_store(_load(config, demo=demo, for_shops=True))
    _run(lambda stop: one.work(loaded, number, one.Shared(*shared), stop), lifeline)


@app.command(hidden=True)
def visitors(config: Config = None, *, demo: Demo = True, past: Past = False, lifeline: Lifeline = None) -> None:
    """Run the demo shop and its visitors; `--past`: make what was before, while nobody else has the store."""
    from demo import stage  # noqa: PLC0415 - as above

    loaded, play = _load(config, demo=demo), stage.make_past if past else stage.run
    _run(lambda stop: play(loaded, stop), lifeline)


def main() -> None:
    """Run the command line."""
    os.umask(0o077)  # rows and accounts are the operator's alone, whatever the system's habit
    logs.configure()
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(1)
    except AccountError as error:
        typer.echo(f"not done: {error}", err=True)
        sys.exit(2)


def _found_file() -> Path | None:
    return _DEFAULT_FILE if _DEFAULT_FILE.is_file() else None


def _load(config: Path | None, *, demo: bool = False, for_shops: bool = False) -> Settings:
    try:
        loaded = settings.load(config or _found_file(), demo=demo)
    except Invalid as faults:
        raise _wrong(str(faults)) from None
    if for_shops and not loaded.sites:
        raise _wrong("sites: at least one is needed: [[sites]] with an id and its origins")
    return loaded


def _installed(config: Path | None, *, demo: bool = False) -> Settings:
    """The settings of an installation that is there: a command that only looks must not make one."""
    loaded = _load(config, demo=demo)
    if not loaded.data.is_dir():
        raise _wrong(f"data: there is nothing at {loaded.data.resolve()}; another folder, or --config?")
    return loaded


def _wrong(faults: str) -> typer.Exit:
    typer.echo(f"The settings can't be used:\n{faults}", err=True)
    return typer.Exit(2)


def _without_store(loaded: Settings) -> Settings:
    """For the processes that strangers talk to: they don't hold what would open the database, nor pass it on."""
    for name in [name for name in os.environ if name.startswith("SPORLOS_CLICKHOUSE")]:
        del os.environ[name]
    return loaded.model_copy(update={"clickhouse": settings.ClickHouse()})


def _accounts(config: Path | None) -> Accounts:
    data = _load(config).data
    try:
        return Accounts(data / "backoffice.sqlite")
    except OSError as error:
        raise _wrong(f"data: {data.resolve()} can't be used: {error.strerror}") from None


app.command("import")(import_command(_installed))
app.command("export")(export_command(_installed, _accounts))


def _arguments(config: Path | None, *, demo: bool) -> list[str]:
    """The arguments by which a child finds the same settings."""
    file = config or _found_file()
    return [*(["--config", str(file)] if file else []), *(["--demo"] if demo else [])]


def _run(start: Callable[[asyncio.Event], Coroutine[Any, Any, None]], lifeline: int | None = None) -> None:
    """Run until stopped. Where uvloop is there, it answers a third more requests on one core."""
    import uvloop  # noqa: PLC0415 - token and user don't need it

    async def until_stopped() -> None:
        await start(stop_event(lifeline))

    try:
        uvloop.run(until_stopped())
    except (Invalid, NotForgetful) as error:
        raise _wrong(str(error) if isinstance(error, Invalid) else f"collector.redis: {error}") from None
    except (OSError, StoreError) as error:
        typer.echo(f"can't run: {error}", err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    main()
