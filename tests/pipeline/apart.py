"""A database of a test's own in the one engine of the process: what is dropped or forged there is nobody else's."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from pipeline.store.database import Store


@contextmanager
def database_apart(store: Store, name: str, *, migrated: bool = True) -> Iterator[Store]:
    """The same engine with another database, all migrations applied unless told otherwise."""
    store.command(f"DROP DATABASE IF EXISTS {name} SYNC")
    store.command(f"CREATE DATABASE {name}")
    path = store.query("SELECT path FROM system.disks WHERE name = 'default'").rows[0][0]
    apart = copy.copy(store)
    for attribute, value in vars(store).items():
        if isinstance(value, Client):
            setattr(apart, attribute, clickhouse_connect.get_client(interface="chdb", path=path, database=name))
    if migrated:
        apart.migrate()
    yield apart
    for value in vars(apart).values():
        if isinstance(value, Client):
            value.close()
    store.command(f"DROP DATABASE {name} SYNC")
