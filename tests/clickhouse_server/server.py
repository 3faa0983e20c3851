"""A ClickHouse server for tests: its HTTP interface, with the real engine embedded, and faults on command.

    python -m tests.clickhouse_server.server --port 8123 --folder DIR [--tls CERT KEY] [--user U --password P]

Enters: what a ClickHouse client sends. Leaves: what a server answers. Three routes of its own, on the same port:
`/fault` (GET what is set and how often each struck, POST one more, DELETE all; see `faults.py`), `/pretend` (POST
`{"version()": "'21.8'"}`: text replaced in every statement, so that the server can say of itself what isn't so) and
`/seen` (GET what the latest statements came with). One engine owns a folder, so one process is one server.
"""

import argparse
import asyncio
import base64
import json
import os
import ssl
import sys
import threading
import uuid
from collections import deque
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.clickhouse_server.engine import Done, Engine, EngineRefused, Question
from tests.clickhouse_server.faults import EXCEPTIONS, PAGES, Fault, Faults
from tests.clickhouse_server.wire import Unreadable, chosen, grow, shrink, status

_OF_THE_TRANSPORT = frozenset(
    """query database user password quota_key query_id session_id session_timeout session_check default_format compress
    decompress buffer_size wait_end_of_query client_protocol_version role stacktrace close_session""".split()
)
_SEEN = 200


Struck = tuple[Fault, asyncio.Event]


class Cut(Exception):
    """The connection is to be closed without a word."""


class Server:
    """Answers for one engine. `user` empty: whoever asks."""

    def __init__(self, engine: Engine, user: str, password: str) -> None:
        self._engine = engine
        self._user, self._password = user, password
        self.faults = Faults()
        self.pretended: dict[str, str] = {}
        self.seen: deque[dict[str, Any]] = deque(maxlen=_SEEN)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One statement, whichever way it came."""
        identity = request.query.get("query_id") or str(uuid.uuid4())
        try:
            early = await self._before_its_body(request)
            self._admit(request)
            question = await self._question(request)
            struck = early or self.faults.strike(question.sql, inserts=question.word == b"INSERT")
            done = await self._suffer(struck, question)
            return await self._reply(request, question, done, identity, struck[0] if struck else None)
        except EngineRefused as error:
            return web.Response(
                status=status(error.code),
                body=f"{error.text} (version {self._engine.version} (official build))\n".encode(),
                headers={**self._headers(identity), "X-ClickHouse-Exception-Code": str(error.code)},
            )
        except Cut:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)

    async def _before_its_body(self, request: web.Request) -> Struck | None:
        """The fault of an insert that is named in the URL: its body need not be read to know."""
        named = Question(request.query.get("query", "").encode())
        early = self.faults.strike(named.sql, inserts=True) if named.word == b"INSERT" else None
        if early and early[0].kind == "cut":
            await request.content.read(max((request.content_length or 2) // 2, 1))
        if early and early[0].kind in {"cut", "refuse"}:
            raise Cut
        return early

    async def _suffer(self, struck: Struck | None, question: Question) -> Done:
        if struck is None:
            return await self._ask(question)
        fault, cleared = struck
        if fault.kind in EXCEPTIONS:
            raise EngineRefused(*EXCEPTIONS[fault.kind])
        if fault.kind in {"hang", "slow"}:
            await _until(cleared, fault.seconds)
        if fault.kind in {"refuse", "hang"} or (fault.kind == "cut" and question.word == b"INSERT"):
            raise Cut
        if fault.kind == "500_before":
            raise web.HTTPInternalServerError(text="upstream connect error\n")
        if fault.kind in PAGES:
            raise web.HTTPOk(text=PAGES[fault.kind], content_type="text/html")
        done = await self._ask(question)
        if fault.kind == "hang_after":
            await _until(cleared, fault.seconds)
        if fault.kind in {"cut_after", "hang_after"}:
            raise Cut
        if fault.kind == "500_after":
            raise web.HTTPInternalServerError(text="upstream connect error\n")
        return done

    async def _ask(self, question: Question) -> Done:
        return await asyncio.to_thread(self._engine.ask, question)

    def _admit(self, request: web.Request) -> None:
        user = request.headers.get("X-ClickHouse-User") or request.query.get("user", "")
        password = request.headers.get("X-ClickHouse-Key") or request.query.get("password", "")
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            user, _, password = base64.b64decode(value).decode().partition(":")
        if self._user and (user, password) != (self._user, self._password):
            raise EngineRefused(
                516,
                f"Code: 516. DB::Exception: {user or 'default'}: Authentication failed: password is incorrect, or there"
                " is no user with such name. (AUTHENTICATION_FAILED)",
            )

    async def _question(self, request: web.Request) -> Question:
        asked = dict(request.query)
        if request.content_type == "multipart/form-data":
            form = await request.post()
            if any(isinstance(value, web.FileField) for value in form.values()):
                raise EngineRefused(48, "Code: 48. DB::Exception: No external tables here. (NOT_IMPLEMENTED)")
            asked |= {name: str(value) for name, value in form.items()}
            body = b""
        else:
            try:
                body = grow(await request.read(), request.headers.get("Content-Encoding", ""))
            except Unreadable as error:
                raise EngineRefused(
                    271, f"Code: 271. DB::Exception: Cannot decompress: {error}. (CANNOT_DECOMPRESS)"
                ) from None
        sql = b"\n".join(part for part in (asked.get("query", "").encode(), body) if part)
        settings = {
            name: value
            for name, value in asked.items()
            if name not in _OF_THE_TRANSPORT and not name.startswith("param_")
        }
        self._remember(request, sql, asked)
        for text, other in self.pretended.items():
            sql = sql.replace(text.encode(), other.encode())
        return Question(
            sql=sql,
            database=request.headers.get("X-ClickHouse-Database") or asked.get("database", ""),
            format=request.headers.get("X-ClickHouse-Format") or asked.get("default_format") or "TabSeparated",
            settings=settings,
            parameters={name[6:]: value for name, value in asked.items() if name.startswith("param_")},
            readonly=request.method == "GET",
        )

    def _remember(self, request: web.Request, sql: bytes, asked: dict[str, str]) -> None:
        heads = {
            name: request.headers[name] for name in ("Content-Encoding", "Accept-Encoding") if name in request.headers
        }
        said = {name: value for name, value in asked.items() if name not in {"query", "password"}}
        self.seen.append({"sql": sql[:200].decode(errors="replace"), "asked": said, "headers": heads})

    async def _reply(
        self, request: web.Request, question: Question, done: Done, identity: str, fault: Fault | None
    ) -> web.StreamResponse:
        headers = self._headers(identity)
        headers["X-ClickHouse-Summary"] = json.dumps(
            {
                "read_rows": str(done.read_rows),
                "written_rows": str(done.written_rows),
                "written_bytes": str(done.written_bytes),
                "elapsed_ns": str(int(done.elapsed_seconds * 1e9)),
            }
        )
        if question.answers:
            headers["X-ClickHouse-Format"] = question.output_format
        # on unless switched off: the setting's default since 2024, as the engine's own `system.settings` says
        wanted = question.answers and request.query.get("enable_http_compression") != "0"
        encoding = chosen(request.headers.get("Accept-Encoding", "")) if wanted else ""
        if encoding:
            headers["Content-Encoding"] = encoding
        body = shrink(done.body, encoding)
        if fault is not None and fault.kind == "cut":
            response = web.StreamResponse(headers={**headers, "Content-Length": str(len(body))})
            await response.prepare(request)
            await response.write(body[: len(body) // 2])
            raise Cut
        return web.Response(body=body, headers=headers)

    def _headers(self, identity: str) -> dict[str, str]:
        return {
            "X-ClickHouse-Server-Display-Name": "test",
            "X-ClickHouse-Query-Id": identity,
            "X-ClickHouse-Timezone": self._engine.time_zone,
        }


def make_app(server: Server) -> web.Application:
    """The routes: the server's, and those that tell it what to do wrong."""

    async def ping(_request: web.Request) -> web.Response:
        return web.Response(text="Ok.\n")

    async def show(_request: web.Request) -> web.Response:
        return web.json_response(server.faults.shown())

    async def add(request: web.Request) -> web.Response:
        try:
            server.faults.add(await request.json())
        except (ValueError, TypeError) as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return web.json_response(server.faults.shown())

    async def clear(_request: web.Request) -> web.Response:
        server.faults.clear()
        return web.json_response(server.faults.shown())

    async def pretend(request: web.Request) -> web.Response:
        server.pretended = await request.json()
        return web.json_response(server.pretended)

    async def seen(_request: web.Request) -> web.Response:
        return web.json_response(list(server.seen))

    app = web.Application(client_max_size=1 << 30)
    app.add_routes([web.get("/fault", show), web.post("/fault", add), web.delete("/fault", clear)])
    app.add_routes([web.post("/pretend", pretend), web.get("/seen", seen), web.get("/ping", ping)])
    app.add_routes([web.get("/{tail:.*}", server.answer), web.post("/{tail:.*}", server.answer)])
    return app


async def serve(arguments: argparse.Namespace) -> None:
    """Until the process is ended; says `ready PORT` once it can be asked."""
    engine = Engine(arguments.folder)
    server = Server(engine, arguments.user, arguments.password)
    # the server's own decompression knows neither lz4 nor what a broken body should be answered with
    runner = web.AppRunner(make_app(server), access_log=None, auto_decompress=False, shutdown_timeout=1)
    await runner.setup()
    tls = None
    if arguments.tls:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*arguments.tls)
    site = web.TCPSite(runner, "127.0.0.1", arguments.port, ssl_context=tls, reuse_address=True)
    await site.start()
    sys.stdout.write(f"ready {runner.addresses[0][1]}\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        server.faults.clear()
        await runner.cleanup()
        engine.close()


async def _until(cleared: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(cleared.wait(), seconds or None)
    except TimeoutError:
        return


def _end_with_parent() -> None:
    """Whoever started it holds the other end of its input; a test that is killed leaves no server behind."""
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="ClickHouse's HTTP interface with chDB behind it, for tests")
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--end-with-input", action="store_true", help="end when standard input is closed")
    arguments = parser.parse_args()
    if arguments.end_with_input:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    asyncio.run(serve(arguments))


if __name__ == "__main__":
    main()
