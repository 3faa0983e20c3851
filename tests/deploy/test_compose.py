"""The containers as they are described: what the schema, the product and the machine have to say about it.

No container is started here: what is checked is what can be without an engine for them.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline.store.database import Store
from proxy.settings import Address, Settings, load

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
WHOLE: dict[str, Any] = YAML(typ="safe").load(COMPOSE)
SERVICES: dict[str, dict[str, Any]] = WHOLE["services"]
OURS = ("collector", "backoffice")
MACHINE_MEBIBYTES = 2048


def fits_the_schema(file: Path) -> bool:
    """Whether the Compose specification's own schema takes a file."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def settings_of(service: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What a container's process reads."""
    for name, value in SERVICES[service]["environment"].items():
        monkeypatch.setenv(name, value)
    return load(ROOT / "deploy/sporlos.toml")


def mebibytes(size: str) -> int:
    """Of `320m`, `1g`."""
    return int(size[:-1]) * {"m": 1, "g": 1024}[size[-1]]


def test_it_is_a_compose_file(tmp_path: Path) -> None:
    """It passes the specification's schema, and one with a slip in it doesn't."""
    slip = tmp_path / "docker-compose.yml"
    slip.write_text(COMPOSE.read_text().replace("cap_drop", "cap_dorp"))
    assert (fits_the_schema(COMPOSE), fits_the_schema(slip)) == (True, False)


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_is_there(service: str) -> None:
    """Each file comes with the source, each volume, network and secret is declared."""
    declared = {name: set(WHOLE[name]) for name in ("volumes", "networks", "secrets")}
    for mount in SERVICES[service]["volumes"]:
        source = mount.split(":")[0]
        assert (ROOT / source).is_file() if source.startswith("./") else source in declared["volumes"], mount
    assert set(SERVICES[service]["networks"]) <= declared["networks"]
    assert set(SERVICES[service].get("secrets", [])) <= declared["secrets"]


@pytest.mark.parametrize("service", OURS)
def test_each_runs_a_command_that_there_is(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sub-command exists, takes `--config`, and the settings that it would read are right."""
    command, option, file = SERVICES[service]["command"]
    done = subprocess.run(
        [sys.executable, "-m", "proxy.cli", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert option in done.stdout
    assert f"./deploy/sporlos.toml:{file}:ro" in SERVICES[service]["volumes"]
    assert settings_of(service, monkeypatch).sites


def test_the_collector_has_no_way_to_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret, no address, no network in common: the internet-facing process can only append to the spool."""
    collector = SERVICES["collector"]
    assert "secrets" not in collector
    assert not set(collector["networks"]) & set(SERVICES["clickhouse"]["networks"])
    assert "clickhouse" not in settings_of("collector", monkeypatch).model_fields_set
    assert [mount.split(":")[1] for mount in collector["volumes"] if not mount.endswith(":ro")] == [
        "/var/lib/sporlos/spool"
    ]


def test_the_back_office_finds_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the server's name, user and database, the password in a mounted file; their network leads nowhere else."""
    loaded = settings_of("backoffice", monkeypatch).clickhouse
    server = SERVICES["clickhouse"]["environment"]
    assert loaded.url == f"http://{server['CLICKHOUSE_USER']}@clickhouse:8123/sporlos"
    assert str(loaded.password_file) == server["CLICKHOUSE_PASSWORD_FILE"] == "/run/secrets/clickhouse_password"
    assert WHOLE["networks"]["store"] == {"internal": True}


def test_the_spool_is_one_folder_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one appends to is what the other ships from."""
    monkeypatch.setenv("SPORLOS_DATA", "/var/lib/sporlos")  # the image says so
    for service in OURS:
        assert f"spool:{settings_of(service, monkeypatch).spool}" in SERVICES[service]["volumes"]


@pytest.mark.parametrize("service", SERVICES)
def test_ports_are_open_on_this_machine_only(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And lead to where the process listens; the store has none, nor have health and metrics."""
    loaded = settings_of("backoffice", monkeypatch)
    ports = {"collector": loaded.collector.listen, "backoffice": loaded.backoffice.listen}
    expected = [f"127.0.0.1:{port}:{port}" for port in (Address(ports[service]).port,)] if service in ports else []
    assert SERVICES[service].get("ports", []) == expected


def test_the_header_of_who_is_in_front_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes through a published port comes from the network's gateway: that, and nobody else."""
    trusted = settings_of("collector", monkeypatch).collector.trusted_proxies
    assert [str(network) for network in trusted] == [f"{WHOLE['networks']['front']['ipam']['config'][0]['gateway']}/32"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_may_do_little(service: str) -> None:
    """No capability, no new privilege, no swap; a limit of memory, a health check. Ours write only where they must."""
    found = SERVICES[service]
    assert (found["cap_drop"], found["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert found["mem_limit"] == found["memswap_limit"]
    assert found["healthcheck"]["test"][0] == "CMD"
    assert found.get("read_only", False) is (service in OURS)


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_container_leaves_behind_is_bounded(service: str) -> None:
    """No core file, which would hold what was in memory, and a log that is cut off at 50 MB."""
    found = SERVICES[service]
    assert found["ulimits"]["core"] == 0
    assert found["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}


def test_they_fit_a_machine_of_two_gigabytes() -> None:
    """All three limits together, and the engine's own limit within its container's."""
    assert sum(mebibytes(service["mem_limit"]) for service in SERVICES.values()) <= MACHINE_MEBIBYTES


@pytest.mark.parametrize("service", OURS)
def test_there_is_time_to_end_in_good_order(service: str) -> None:
    """The children have 30 seconds; `kill -9` comes well after."""
    assert int(SERVICES[service]["stop_grace_period"].removesuffix("s")) >= 40


def test_the_collector_takes_events_while_the_store_is_away() -> None:
    """It waits for nobody; the back office waits for a store that answers."""
    assert "depends_on" not in SERVICES["collector"]
    assert SERVICES["backoffice"]["depends_on"] == {"clickhouse": {"condition": "service_healthy"}}


def test_the_server_is_of_the_version_that_is_tested(store: Store) -> None:
    """The embedded engine runs the tests; the server is of the same release."""
    tested = str(store.query("SELECT version()").rows[0][0]).split(".")
    assert SERVICES["clickhouse"]["image"] == f"clickhouse/clickhouse-server:{tested[0]}.{tested[1]}"
