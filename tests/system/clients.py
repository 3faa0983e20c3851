"""Other people's clients as their packages ship them, and what they take for the world.

Enters: npm, and pages that a test writes. Leaves: a shop on this machine whose pages load a package's files untouched,
and a way on which a program that speaks to Google is heard here instead.
"""

import asyncio
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

GOOGLE = "www.google-analytics.com"
HOST = "shop.localhost"
"""Browsers know that it is this machine; trackers, which keep still on `localhost`, don't."""
_WANTED = Path(__file__).with_name("clients.txt").read_text(encoding="utf-8").split()


def installed(folder: Path) -> Path:
    """The packages' files, from the registry or from what npm has kept of it where there is no way out."""
    npm = shutil.which("npm")
    if npm is None:
        if os.environ.get("CI"):
            pytest.fail("npm is missing")
        pytest.skip("npm is missing")
    flags = ["--prefix", str(folder), "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run([npm, "install", *flags, *_WANTED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "node_modules"


@dataclass
class Shop:
    """Pages by path, and the packages' files beside them."""

    packages: Path
    url: str = ""
    pages: dict[str, str] = field(default_factory=dict)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A page of the test's, a file of a package's, or a page that isn't there."""
        if request.path.startswith("/node_modules/"):
            file = self.packages / request.path.removeprefix("/node_modules/")
            # a module names its neighbour without an extension, as bundlers and Node read it
            return web.FileResponse(file if file.suffix else file.with_suffix(".js"))
        html = self.pages.get(request.path, "<!doctype html><title>x</title>")
        return web.Response(text=html, content_type="text/html")


@asynccontextmanager
async def shop(packages: Path) -> AsyncIterator[Shop]:
    """A shop that listens."""
    opened = Shop(packages)
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", opened.serve)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        opened.url = f"http://{HOST}:{runner.addresses[0][1]}"
        yield opened
    finally:
        await runner.cleanup()


@asynccontextmanager
async def instead_of_google(collector: int, folder: Path) -> AsyncIterator[dict[str, str]]:
    """A proxy that leads to the collector whoever asks for Google; the environment in which a program uses it."""
    certificate, key = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    inner = await asyncio.start_server(lambda r, w: _lead(r, w, collector), "127.0.0.1", 0, ssl=context)
    tls = inner.sockets[0].getsockname()[1]

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        assert asked.startswith(f"CONNECT {GOOGLE}:443 ".encode()), asked
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _lead(reader, writer, tls)

    outer = await asyncio.start_server(connect, "127.0.0.1", 0)
    async with inner, outer:
        address = f"http://127.0.0.1:{outer.sockets[0].getsockname()[1]}"
        yield {"https_proxy": address, "SSL_CERT_FILE": str(certificate), "no_proxy": ""}


async def _lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Bytes to a port of this machine and back, until either end has said all."""
    there, back = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(65_536):
            sink.write(chunk)
            await sink.drain()
    except ConnectionError:
        pass  # whoever has his answer may hang up
    finally:
        sink.close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Google's name, signed by nobody but itself, for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, GOOGLE)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(GOOGLE)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "google.pem", folder / "google.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return files
