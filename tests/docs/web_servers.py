"""The web servers of docs/proxies, run with the snippets as they stand there. Enters: a name, ports. Leaves: a server.

Only addresses, ports and places for files are exchanged; all that the snippets promise is theirs.
"""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.system.product import ROOT, free_ports, tail, until

SNIPPETS = ROOT / "docs/proxies"
_MODULES = "mpm_event authz_core proxy proxy_http headers setenvif"


@dataclass(frozen=True, slots=True)
class Written:
    """A configuration on the disk, and how its server reads it."""

    check: Sequence[str]
    run: Sequence[str]


@dataclass(frozen=True, slots=True)
class WebServer:
    """One that runs."""

    port: int
    folder: Path

    def logs(self) -> str:
        """All that it has written down so far, wherever."""
        files = [file for file in sorted(self.folder.rglob("*")) if file.suffix in (".log", ".out")]
        return "\n".join(tail(file, 100_000) for file in files)


def nginx(folder: Path, port: int, upstream: int) -> Written:
    """The snippet within a shop's server block that logs what it serves."""
    file = folder / "nginx.conf"
    file.write_text(f"""
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log {folder}/access.log;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "the shop"; }}
{_snippet("nginx.conf", upstream)}
    }}
}}
""")
    command = ["nginx", "-c", str(file), "-e", str(folder / "start.log")]
    return Written([*command, "-t"], command)


def caddy(folder: Path, port: int, upstream: int) -> Written:
    """The whole file, on a port of this machine, with a log of the shop's own and somewhere else for Caddy's."""
    file = folder / "Caddyfile"
    text = _snippet("Caddyfile", upstream)
    host = f"http://:{port} {{\n\tbind 127.0.0.1\n\tlog {{\n\t\toutput file {folder}/access.log\n\t}}"
    text = text.replace("\nshop.no {", f"\n{host}")
    text = text.replace("\n{\n", f"\n{{\n\tadmin off\n\tstorage file_system {folder}/storage\n", 1)
    text = text.replace("\tlog default {", f"\tlog default {{\n\t\toutput file {folder}/error.log", 1)
    text = text.replace("# handle { … the shop … }", 'handle {\n\t\trespond "the shop"\n\t}')
    file.write_text(text)
    told = ["--config", str(file), "--adapter", "caddyfile"]
    return Written(["caddy", "validate", *told], ["caddy", "run", *told])


def apache(folder: Path, port: int, upstream: int) -> Written:
    """The snippet within a shop's host, whose own line about its log does as the snippet says."""
    file = folder / "apache.conf"
    snippet = _snippet("apache.conf", upstream)
    own_log = "CustomLog ${APACHE_LOG_DIR}/access.log combined"
    if "Takes the place of the CustomLog line" in snippet:
        own_log = ""
    modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in _MODULES.split())
    (folder / "htdocs").mkdir()
    file.write_text(f"""
{modules}
Define APACHE_LOG_DIR {folder}
ServerName shop.test
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
Listen 127.0.0.1:{port}
User www-data
Group www-data
<VirtualHost *>
DocumentRoot {folder}/htdocs
<Directory />
AllowOverride None
</Directory>
{own_log}
{snippet}
</VirtualHost>
""")
    command = ["apache2", "-f", str(file)]
    return Written([*command, "-t"], [*command, "-D", "FOREGROUND"])


KINDS: dict[str, Callable[[Path, int, int], Written]] = {"nginx": nginx, "caddy": caddy, "apache2": apache}


def is_there(kind: str) -> bool:
    """Whether this machine has it."""
    return shutil.which(kind) is not None


@contextmanager
def running(kind: str, folder: Path, upstream: int) -> Iterator[WebServer]:
    """Until the block ends; the server itself has found its configuration to be right."""
    (port,) = free_ports(1)
    written = KINDS[kind](folder, port, upstream)
    checked = subprocess.run(written.check, capture_output=True, text=True, check=False, cwd=folder)
    assert checked.returncode == 0, checked.stderr
    with (folder / "server.out").open("wb") as out:
        process = subprocess.Popen(written.run, cwd=folder, stdout=out, stderr=out)
    server = WebServer(port, folder)
    try:
        until(lambda: _listens(port), f"{kind} listens", lambda: "" if process.poll() is None else server.logs())
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _snippet(name: str, upstream: int) -> str:
    text = (SNIPPETS / name).read_text(encoding="utf-8")
    assert text.count("127.0.0.1:8080") == 1
    return text.replace("127.0.0.1:8080", f"127.0.0.1:{upstream}")
