"""The session: an encrypted, signed cookie. Enters: who logged in; leaves: a `Session`, or None for anything else."""

from collections.abc import Callable
from typing import Literal

import msgspec
from aiohttp import web
from cryptography.fernet import Fernet, InvalidToken

COOKIE = "sporlos_session"
_LIVES_SECONDS = 12 * 3600


class Session(msgspec.Struct, frozen=True):
    """Somebody who logged in within the last twelve hours."""

    name: str
    by: Literal["link", "password"]
    """With a one-time link (the operator, who may make users), or with a password."""
    generation: int
    """The accounts' number when it began; a log-out or a new password makes another, and this one is over."""

    @property
    def user(self) -> str | None:
        """The user whose generation counts; None: the one of one-time links."""
        return None if self.by == "link" else self.name


class Sessions:
    """Gives out session cookies and reads them back. A key of the accounts' file signs them."""

    def __init__(self, key: bytes, clock: Callable[[], float], *, secure: bool) -> None:
        self._fernet = Fernet(key)
        self._clock = clock
        self._secure = secure

    def put(self, response: web.StreamResponse, session: Session) -> None:
        """Let the response log the browser in."""
        sealed = self._fernet.encrypt_at_time(msgspec.json.encode(session), int(self._clock()))
        response.set_cookie(
            COOKIE,
            sealed.decode("ascii"),
            max_age=_LIVES_SECONDS,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    def drop(self, response: web.StreamResponse) -> None:
        """Let the response log the browser out."""
        response.del_cookie(COOKIE, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def read(self, request: web.Request) -> Session | None:
        """Who asks; None where the cookie is missing, forged or too old. Whether it was ended isn't known here."""
        try:
            sealed = request.cookies.get(COOKIE, "").encode("ascii")
            plain = self._fernet.decrypt_at_time(sealed, _LIVES_SECONDS, int(self._clock()))
            return msgspec.json.decode(plain, type=Session)
        except (InvalidToken, UnicodeEncodeError, msgspec.DecodeError):
            return None
