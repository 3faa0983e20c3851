"""Who may look: users, API tokens, login links, the session key, secrets of feeds, in one SQLite file (mode 0600).

Enters: names, passwords, secrets. Leaves: yes or no, and a new secret exactly once. Kept are an Argon2id string of a
password and SHA-256 hashes of secrets; those of feeds as they are, since a page shows them again. Each call opens the
file for itself, so threads and other processes (`sporlos user`, `sporlos token`) may use it at the same time.
"""

import functools
import hashlib
import hmac
import os
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from cryptography.exceptions import InvalidKey
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
LONGEST_NAME = 60
_LINK_SECONDS = 3600.0
_BUSY_SECONDS = 10.0
_MEMORY_KIBIBYTES, _ITERATIONS, _LANES = 19 * 1024, 2, 1
"""OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two iterations, one lane."""


class AccountError(ValueError):
    """A name or password that can't be taken; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of an API token once it has been shown."""

    name: str
    created: float
    """Seconds since 1970."""
    revoked: float | None


class Accounts:
    """The accounts of one back office, in `file`."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        file.parent.mkdir(parents=True, exist_ok=True)
        # made here, not by SQLite: its journal takes over the mode of the file
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        with self._open() as db:
            db.executescript(resources.files("dashboards").joinpath("accounts.sql").read_text(encoding="utf-8"))
            _add_generations(db)
            db.execute("INSERT OR IGNORE INTO session_key (only, key) VALUES (1, ?)", (Fernet.generate_key(),))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # autocommit: whatever a method promises is one statement, so a kill leaves it done or not done
        db = sqlite3.connect(self._file, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous = FULL")
            yield db
        finally:
            db.close()

    def session_key(self) -> bytes:
        """The key that signs and encrypts session cookies; made at the first start."""
        with self._open() as db:
            key: bytes = db.execute("SELECT key FROM session_key").fetchone()[0]
        return key

    def has_users(self) -> bool:
        """Whether anybody can log in with a password."""
        with self._open() as db:
            return db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None

    def set_password(self, name: str, password: str) -> None:
        """Make a user, or give one a new password, which ends its sessions. Takes 30 ms of a core and 19 MiB.

        Raises:
            AccountError: the name is empty or too long, or the password too short or too long.
        """
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise AccountError(f"a user's name has 1 to {LONGEST_NAME} printable characters")
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise AccountError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
        made = _derive(password)
        with self._open() as db:
            db.execute(
                "INSERT OR REPLACE INTO users (name, password, generation) VALUES (?, ?, ?)",
                (name, made, _new_generation()),
            )

    def remove(self, name: str) -> bool:
        """Remove a user, which ends its sessions; whether there was one."""
        with self._open() as db:
            return db.execute("DELETE FROM users WHERE name = ?", (name.strip(),)).rowcount > 0

    def generation(self, user: str | None) -> int | None:
        """What a session of this user must carry; `user` None: who came by a one-time link. None: no such user."""
        with self._open() as db:
            if user is None:
                row = db.execute("SELECT generation FROM session_key").fetchone()
            else:
                row = db.execute("SELECT generation FROM users WHERE name = ?", (user,)).fetchone()
        return None if row is None else int(row[0])

    def end_sessions(self, user: str | None) -> None:
        """End every session of this user; `user` None: of all who came by a one-time link."""
        with self._open() as db:
            if user is None:
                db.execute("UPDATE session_key SET generation = ?", (_new_generation(),))
            else:
                db.execute("UPDATE users SET generation = ? WHERE name = ?", (_new_generation(), user))

    def verify(self, name: str, password: str) -> bool:
        """Whether this is the user's password. An unknown name costs the same work as a known one."""
        with self._open() as db:
            row = db.execute("SELECT password FROM users WHERE name = ?", (name.strip(),)).fetchone()
        known = row is not None
        try:
            Argon2id.verify_phc_encoded(_normal(password[:LONGEST_PASSWORD]), row[0] if known else _nobodys())
        except InvalidKey:
            return False
        return known

    def new_token(self, name: str) -> str:
        """A new API token; only its hash is kept, so this is the one time it can be read."""
        if not name.strip() or len(name) > LONGEST_NAME:
            raise AccountError(f"a token's name has 1 to {LONGEST_NAME} characters")
        token = secrets.token_urlsafe(32)
        with self._open() as db:
            db.execute("INSERT INTO tokens VALUES (?, ?, ?, NULL)", (_hash(token), name.strip(), self._clock()))
        return token

    def tokens(self) -> list[Token]:
        """All tokens ever made, oldest first, revoked ones too."""
        with self._open() as db:
            rows = db.execute("SELECT name, created, revoked FROM tokens ORDER BY created, name").fetchall()
        return [Token(*row) for row in rows]

    def revoke(self, name: str) -> bool:
        """Revoke every token of that name; whether there was one to revoke."""
        sql = "UPDATE tokens SET revoked = ? WHERE name = ? AND revoked IS NULL"
        with self._open() as db:
            return db.execute(sql, (self._clock(), name.strip())).rowcount > 0

    def token_valid(self, token: str) -> bool:
        """Whether the token was made here and not revoked."""
        sql = "SELECT 1 FROM tokens WHERE hash = ? AND revoked IS NULL"
        with self._open() as db:
            return db.execute(sql, (_hash(token),)).fetchone() is not None

    def new_login_link_secret(self) -> str:
        """A secret that logs in once, within an hour."""
        secret = secrets.token_urlsafe(32)
        with self._open() as db:
            db.execute("DELETE FROM login_links WHERE expires < ?", (self._clock(),))
            db.execute(
                "INSERT INTO login_links (hash, expires) VALUES (?, ?)", (_hash(secret), self._clock() + _LINK_SECONDS)
            )
        return secret

    def use_login_secret(self, secret: str) -> bool:
        """Whether the secret was valid; from now on it is not. Marked on disk before this says yes."""
        sql = "UPDATE login_links SET used = 1 WHERE hash = ? AND used = 0 AND expires > ?"
        with self._open() as db:
            return db.execute(sql, (_hash(secret), self._clock())).rowcount == 1

    def feed_secret(self, site: str) -> str:
        """The secret in the addresses that platforms fetch this site's feeds from; made when it is first asked for."""
        with self._open() as db:
            db.execute("INSERT OR IGNORE INTO feeds VALUES (?, ?)", (site, secrets.token_urlsafe(32)))
            secret: str = db.execute("SELECT secret FROM feeds WHERE site = ?", (site,)).fetchone()[0]
        return secret

    def renew_feed_secret(self, site: str) -> None:
        """Make the addresses that were given out worthless; the page shows the new ones."""
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?)", (site, secrets.token_urlsafe(32)))

    def feed_site(self, secret: str) -> str | None:
        """The site whose feeds this secret opens. As long as it takes says nothing of how near a wrong one was."""
        with self._open() as db:
            rows = db.execute("SELECT site, secret FROM feeds").fetchall()
        asked = _hash(secret)
        found = [site for site, known in rows if hmac.compare_digest(_hash(known), asked)]
        return found[0] if found else None


def _add_generations(db: sqlite3.Connection) -> None:
    """Bring a file of the first version up to date. Two processes may open it at once, so one of them waits."""
    db.execute("BEGIN IMMEDIATE")
    for table in ("users", "session_key"):
        columns = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
        if "generation" not in columns:
            db.execute(f"ALTER TABLE {table} ADD COLUMN generation INTEGER NOT NULL DEFAULT 0")
    db.execute("COMMIT")


def _new_generation() -> int:
    """By chance, not by counting: a user who was removed and made again must not revive an old session."""
    return secrets.randbits(63)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _normal(password: str) -> bytes:
    """One byte sequence for one text: keyboards differ in how they compose an `å`."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _derive(password: str) -> str:
    salt = secrets.token_bytes(16)
    kdf = Argon2id(salt=salt, length=32, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY_KIBIBYTES)
    return kdf.derive_phc_encoded(_normal(password))


@functools.cache
def _nobodys() -> str:
    """What an unknown name is checked against, so that the answer's time doesn't tell which names exist."""
    return _derive(secrets.token_urlsafe(32))
