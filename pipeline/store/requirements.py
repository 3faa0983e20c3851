"""What a store must be, keep and allow, asked at the start: better one clear line then than an odd error in the night.

Enters: a way to ask the store. Leaves: one line a fault, with what to do; none where it is fit.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from pipeline.schema import BACK_OFFICE, grants, migrations

Ask = Callable[[str], Sequence[Sequence[Any]]]

OLDEST = (25, 3)
"""The oldest release with long support that has all we use: `CHECK GRANT` came last, in 24.11, long after parameters of
views (23.1) and `session_timezone` (23.6). Tried with the engine that the embedded one is made from."""
CLOCKS_APART_SECONDS = 60.0
"""Rows leave after 48 hours by the server's clock, ten minutes early; one that is further off breaks the promise, or
drops rows that nobody has counted."""

_WINDOW = re.compile(r"\b(?:non_)?replicated_deduplication_window = (\d+)")
_OURS = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)\b.*\bnon_replicated_deduplication_window\b", re.DOTALL)


def of_server(ask: Ask, clock: Callable[[], float]) -> list[str]:
    """Version, time zone, clock."""
    before = clock()
    [[version, zone, milliseconds]] = ask("SELECT version(), timezone(), toUnixTimestamp64Milli(now64(3))")
    after = clock()
    faults = []
    numbers = tuple(int(number) for number in re.findall(r"\d+", str(version))[:2])
    if numbers < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        faults.append(f"ClickHouse {version} is too old; {wanted} or later is needed")
    if zone != "UTC":
        faults.append(
            f"times are told in {zone} although UTC is asked for; let the user change the setting `session_timezone`"
        )
    # somewhere between the two it was asked: only what lies outside is a difference
    ahead = max(milliseconds / 1000 - after, min(milliseconds / 1000 - before, 0.0))
    if abs(ahead) > CLOCKS_APART_SECONDS:
        side = "ahead of" if ahead > 0 else "behind"
        faults.append(f"its clock is {abs(ahead):.0f} s {side} this machine's; set both by a time server")
    return faults


def of_tables(ask: Ask, database: str) -> list[str]:
    """Rights on each table, and tokens that are remembered."""
    faults = []
    for privileges, on in _needed(database):
        if not ask(f"CHECK GRANT {privileges} ON {on}")[0][0]:
            faults.append(f"the user may not {privileges} on {on}; give it the rights that `schema/grants.sql` lists")
    tables = ask("SELECT name, engine_full FROM system.tables WHERE database = currentDatabase()")
    engines: dict[str, str] = dict(map(tuple, tables))
    for table in _remembering():
        window = _WINDOW.search(engines.get(table, ""))
        replicated = "Replicated" in engines.get(table, "")  # remembers by itself, unless told not to
        distributed = engines.get(table, "").startswith("Distributed")  # the tables behind it do
        if distributed or (replicated and not window) or (window and int(window[1])):
            continue
        faults.append(
            f"{database}.{table} would store an insert that is tried again twice;"
            f" ALTER TABLE {database}.{table} MODIFY SETTING non_replicated_deduplication_window = 10000"
        )
    return faults


def _needed(database: str) -> list[tuple[str, str]]:
    """Privileges and what on, from the very statements that an operator is told to run."""
    found = (re.fullmatch(rf"GRANT (.+) ON (\S+) TO {BACK_OFFICE}", statement) for statement in grants(database))
    return [(match[1], match[2]) for match in found if match]


def _remembering() -> list[str]:
    """The tables that are inserted into with a token."""
    return [match[1] for _, sql in migrations() if (match := _OURS.search(sql))]
