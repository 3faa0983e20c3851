"""Everything that the embedded engine holds, as rows: searching its compressed parts would prove nothing.

Enters: its folder, which no process uses any more. Leaves: each table's rows, and those of the engine's own
logs. Read by a process of its own, since the engine lets go of a folder only at the end of its process.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from chdb import session

_ENDLESS_OR_ITS_OWN = """numbers numbers_mt zeros zeros_mt primes generate_random unicode symbols licenses
    documentation functions contributors jemalloc_profile_text jemalloc_sampled_allocations""".split()
"""System tables without an end, of the engine's own words by the ten megabytes, or that write files when read."""
_TABLES = f"""
    SELECT concat('`', database, '`.`', name, '`') FROM system.tables
    WHERE lower(database) != 'information_schema' AND engine NOT LIKE '%View'
        AND NOT (database = 'system' AND name IN {tuple(_ENDLESS_OR_ITS_OWN)})
    FORMAT TSVRaw
"""  # noqa: S608 - words of the line above


def rows(store: Path) -> Iterator[tuple[str, bytes]]:
    """Each table, by database and name, with its rows as text."""
    done = subprocess.run([sys.executable, __file__, str(store)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    rest = done.stdout
    while rest:
        head, _, rest = rest.partition(b"\n")
        name, _, length = head.decode().partition(" ")
        yield name, rest[: int(length)]
        rest = rest[int(length) :]


def unread_parts(store: Path, tables: bytes) -> list[Path]:
    """Folders of parts that belong to no table that was read. `tables`: the rows of `system.tables`."""
    folders = {part.parent.parent for part in store.rglob("checksums.txt")}
    return [folder for folder in folders if f"{folder}/".encode() not in tables]


def _write_rows(store: Path) -> None:
    with TemporaryDirectory() as folder:
        saved = Path(folder) / "logs"
        # the engine keeps logs if it is told to, and throws away at its start what it kept before
        if (store / "data" / "system").is_dir():
            shutil.copytree(store / "data" / "system", saved)
        logs = [log.name for log in saved.glob("*_log")]
        settings = Path(folder) / "settings.xml"
        kept = "".join(f"<{log}><database>system</database><table>{log}</table></{log}>" for log in logs)
        settings.write_text(f"<clickhouse>{kept}</clickhouse>", encoding="utf-8")
        engine = session.Session(f"{store}?config-file={settings}")
        engine.query("SYSTEM FLUSH LOGS")
        for part in saved.glob("*_log/*/checksums.txt"):
            log, name = part.parent.parent.name, part.parent.name
            shutil.copytree(part.parent, store / "data" / "system" / log / "detached" / name)
            engine.query(f"ALTER TABLE system.{log} ATTACH PART '{name}'")
    for table in engine.query(_TABLES).bytes().decode().split():
        # a few want rights that the embedded engine gives to nobody; they would hold its users, of which there are none
        with suppress(Exception):
            found = engine.query(f"SELECT * FROM {table} FORMAT TSVRaw").bytes()  # noqa: S608 - the engine's own names
            sys.stdout.buffer.write(f"{table.replace('`', '')} {len(found)}\n".encode() + found)
    engine.close()


if __name__ == "__main__":
    _write_rows(Path(sys.argv[1]))
