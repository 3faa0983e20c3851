"""Who may look: passwords, tokens and one-time links in a file."""

import multiprocessing
import os
import signal
import sqlite3
import stat
from pathlib import Path

import pytest

from dashboards.accounts import AccountError, Accounts

PASSWORD = "riktig hest batteri"


class Clock:
    """A clock that a test moves."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Accounts:
    """Accounts in a new file."""
    return Accounts(tmp_path / "accounts.sqlite", clock)


def test_password_opens_only_its_own_account(accounts: Accounts) -> None:
    """The right password of the right name, and nothing near it."""
    assert not accounts.has_users()
    accounts.set_password("kari", PASSWORD)
    assert accounts.has_users()
    assert accounts.verify("kari", PASSWORD)
    assert not accounts.verify("kari", PASSWORD + " ")
    assert not accounts.verify("ola", PASSWORD)


def test_new_password_replaces_the_old_one(accounts: Accounts) -> None:
    """After a change the old one is worth nothing."""
    accounts.set_password("kari", PASSWORD)
    accounts.set_password("kari", "noe helt annet")
    assert not accounts.verify("kari", PASSWORD)
    assert accounts.verify("kari", "noe helt annet")


def test_password_is_the_same_however_the_keyboard_composes_it(accounts: Accounts) -> None:
    """An å is one character on some keyboards and two on others."""
    accounts.set_password("kari", "blåbærsyltetøy")
    assert accounts.verify("kari", "bla\u030abærsyltetøy")


@pytest.mark.parametrize(
    ("name", "password"), [("", PASSWORD), ("x" * 61, PASSWORD), ("a\nb", PASSWORD), ("kari", "kort")]
)
def test_impossible_names_and_short_passwords_are_refused(accounts: Accounts, name: str, password: str) -> None:
    """The fault is said, and nothing is kept."""
    with pytest.raises(AccountError):
        accounts.set_password(name, password)
    assert not accounts.has_users()


def test_login_link_works_once(accounts: Accounts) -> None:
    """The second use fails, also from a second opening of the file."""
    secret = accounts.new_login_link_secret()
    assert accounts.use_login_secret(secret)
    assert not accounts.use_login_secret(secret)


def test_login_link_lives_for_an_hour(accounts: Accounts, clock: Clock) -> None:
    """An hour later it is worth nothing."""
    early, late = accounts.new_login_link_secret(), accounts.new_login_link_secret()
    clock.now += 3599
    assert accounts.use_login_secret(early)
    clock.now += 2
    assert not accounts.use_login_secret(late)


def _use_and_die(file: Path, secret: str) -> None:
    if Accounts(file, Clock()).use_login_secret(secret):
        os.kill(os.getpid(), signal.SIGKILL)


def test_login_link_stays_used_after_a_kill(tmp_path: Path) -> None:
    """The process that was told yes is killed at once; the next one is told no."""
    file = tmp_path / "accounts.sqlite"
    secret = Accounts(file, Clock()).new_login_link_secret()
    victim = multiprocessing.get_context("spawn").Process(target=_use_and_die, args=(file, secret))
    victim.start()
    victim.join(60)
    assert victim.exitcode == -9
    assert not Accounts(file, Clock()).use_login_secret(secret)


def test_token_opens_until_it_is_revoked_from_another_process(accounts: Accounts, tmp_path: Path) -> None:
    """`sporlos token revoke` runs beside the server: no restart is needed."""
    token = accounts.new_token("grafana")
    assert accounts.token_valid(token)
    assert not accounts.token_valid(token[:-1])
    beside = Accounts(tmp_path / "accounts.sqlite")
    assert beside.revoke("grafana")
    assert not beside.revoke("grafana")
    assert not accounts.token_valid(token)
    assert [(known.name, known.revoked is not None) for known in accounts.tokens()] == [("grafana", True)]


def test_file_is_the_owners_and_holds_no_secret(accounts: Accounts, tmp_path: Path) -> None:
    """Mode 0600; of passwords, tokens and links only hashes."""
    accounts.set_password("kari", PASSWORD)
    secrets = [PASSWORD, accounts.new_token("grafana"), accounts.new_login_link_secret()]
    file = tmp_path / "accounts.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    assert b"$argon2id$" in content
    assert not [secret for secret in secrets if secret.encode() in content]


def test_session_key_outlives_a_restart(accounts: Accounts, tmp_path: Path) -> None:
    """It is made once; another file has another."""
    assert Accounts(tmp_path / "accounts.sqlite").session_key() == accounts.session_key()
    assert Accounts(tmp_path / "other.sqlite").session_key() != accounts.session_key()


def test_file_survives_being_opened_by_an_older_process(accounts: Accounts, tmp_path: Path) -> None:
    """Opening twice changes nothing: the schema is made only where it is missing."""
    accounts.set_password("kari", PASSWORD)
    Accounts(tmp_path / "accounts.sqlite")
    with sqlite3.connect(tmp_path / "accounts.sqlite") as db:
        assert db.execute("SELECT count(*) FROM users").fetchone() == (1,)
    db.close()


def test_removed_user_is_gone(accounts: Accounts) -> None:
    """The password opens nothing any more; the second time there is nobody to remove."""
    accounts.set_password("kari", PASSWORD)
    assert accounts.generation("kari") is not None
    assert accounts.remove(" kari ")
    assert not accounts.remove("kari")
    assert not accounts.verify("kari", PASSWORD)
    assert accounts.generation("kari") is None


def test_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """Users and the key stay, and sessions can be ended."""
    file = tmp_path / "accounts.sqlite"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE users (name TEXT PRIMARY KEY, password TEXT NOT NULL) STRICT")
        db.execute("CREATE TABLE session_key (only INTEGER PRIMARY KEY CHECK (only = 1), key BLOB NOT NULL) STRICT")
        db.execute("INSERT INTO users VALUES ('kari', 'x')")
        db.execute("INSERT INTO session_key VALUES (1, X'01')")
    db.close()
    accounts = Accounts(file)
    assert accounts.session_key() == b"\x01"
    assert (accounts.generation("kari"), accounts.generation(None)) == (0, 0)
    accounts.end_sessions("kari")
    accounts.end_sessions(None)
    assert 0 not in {accounts.generation("kari"), accounts.generation(None)}
    assert Accounts(file).generation("kari") == accounts.generation("kari")
