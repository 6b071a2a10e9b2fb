"""The files for running it in containers name settings, commands and headers that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from kb.cli import app
from kb.errors import InvalidInputError
from kb.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
CLUSTER = yaml.safe_load((DEPLOY / "cluster" / "compose.yaml").read_text(encoding="utf-8"))
KUBERNETES = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "server.yaml").read_text("utf-8")))
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def with_secrets(text: str) -> str:
    """A value as Compose has it, once .env holds what it asks for."""
    return re.sub(r"\$\{KB_PASSWORD:\?in \.env\}", "secret", text)


def test_they_set_what_can_be_set() -> None:
    files = [*DEPLOY.glob("**/*.yaml"), *DEPLOY.glob("**/Containerfile*")]
    written = "".join(file.read_text(encoding="utf-8") for file in files)
    words = set(re.findall(r"KB_[A-Z_]+", written)) - {"KB_PASSWORD"}
    names = {word.removeprefix("KB_").lower() for word in words}
    assert len(names) > 4
    assert names <= Settings.model_fields.keys()
    for compose, server in ((COMPOSE, "server"), (CLUSTER, "server1")):
        variables = compose["services"][server]["environment"]
        proxies = compose["networks"]["default"]["ipam"]["config"][0]["subnet"]
        assert variables["KB_TRUSTED_PROXIES"] == f'["{proxies}"]'


def test_they_run_commands_that_there_are() -> None:
    services = [*COMPOSE["services"].values(), *CLUSTER["services"].values()]
    commands = [each["command"] for each in services if "command" in each and "image" not in each]
    assert len(commands) == 4
    (started,) = re.findall(r"^CMD \[(.+)\]$", CONTAINER, re.MULTILINE)
    for command in [*commands, [started.strip('"')]]:
        known = get_command(app)
        for name in command:
            known = known.commands[name]


def test_a_server_has_longer_to_stop_than_it_drains() -> None:
    drains = int(re.findall(r"KB_DRAIN_SECONDS=(\d+)", CONTAINER)[0])
    graces = [
        int(each["stop_grace_period"].removesuffix("s"))
        for compose in (COMPOSE, CLUSTER)
        for each in compose["services"].values()
        if "stop_grace_period" in each
    ]
    (pods,) = [
        each["spec"]["template"]["spec"] for each in KUBERNETES if each["kind"] == "Deployment"
    ]
    graces.append(pods["terminationGracePeriodSeconds"])
    assert graces == [drains + 15] * 4  # as docs/proxies.md advises


def test_the_image_holds_every_file_that_the_wheel_is_made_of() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE))
    allowed = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert set(" ".join(copied).split()) == allowed
    assert all((ROOT / name).exists() for name in allowed)


def test_nginx_says_of_a_request_what_the_docs_advise() -> None:
    def headers(text: str) -> set[str]:
        return set(re.findall(r"proxy_set_header (\S+) ", text))

    docs = (ROOT / "docs" / "proxies.md").read_text(encoding="utf-8")
    advised = headers(docs[docs.index("## nginx") : docs.index("## Caddy")])
    own = headers((DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert own == advised - {"X-Forwarded-Prefix"}


def test_the_cluster_never_takes_over_without_what_was_acknowledged() -> None:
    node = yaml.safe_load((DEPLOY / "cluster" / "patroni.yaml").read_text(encoding="utf-8"))
    shared = node["bootstrap"]["dcs"]
    assert shared["synchronous_mode"] is True
    assert shared["postgresql"]["parameters"]["synchronous_commit"] == "on"
    assert shared["ttl"] >= shared["loop_wait"] + 2 * shared["retry_timeout"]  # Patroni's own rule


def test_the_servers_of_a_cluster_say_to_which_database_and_prepare_nothing_at_the_pooler() -> None:
    environment = CLUSTER["services"]["server1"]["environment"]
    settings = Settings(
        database_url=with_secrets(environment["KB_DATABASE_URL"]),
        database_listen_url=with_secrets(environment["KB_DATABASE_LISTEN_URL"]),
        database_replica_urls=json.loads(with_secrets(environment["KB_DATABASE_REPLICA_URLS"])),
    )
    primary = settings.tortoise()["connections"]["default"]["credentials"]
    assert (primary["host"], primary["statement_cache_size"]) == ("pgbouncer", 0)
    assert primary["password"] == "secret"
    nodes = [name for name in CLUSTER["services"] if name.startswith("node")]
    assert [replica["host"] for replica in primary["replicas"]] == nodes


def test_each_part_of_a_cluster_has_its_own_secrets_and_reaches_no_more_than_it_needs() -> None:
    services = CLUSTER["services"]
    servers = {"migrate", "publish", "server1", "server2"}
    nodes = {name for name in services if name.startswith("node")}
    secrets = {name: each["env_file"] for name, each in services.items() if "env_file" in each}
    assert secrets == dict.fromkeys(servers, "server.env") | dict.fromkeys(nodes, "postgres.env")
    who_reaches_etcd = {
        name for name, each in services.items() if "storage" in each.get("networks", ())
    }
    assert who_reaches_etcd == {"etcd", *nodes}
    assert services["etcd"]["networks"] == ["storage"]


def test_the_servers_are_no_superuser_of_their_database() -> None:
    postgres = COMPOSE["services"]["postgres"]
    assert "POSTGRES_USER" not in postgres["environment"]
    assert "CREATE ROLE kb LOGIN" in (DEPLOY / "database.sh").read_text(encoding="utf-8")
    assert "./database.sh:/docker-entrypoint-initdb.d/database.sh:ro" in postgres["volumes"]


def test_nobody_is_trusted_as_a_proxy_on_kubernetes_until_somebody_says_who() -> None:
    (values,) = [each["data"] for each in KUBERNETES if each["kind"] == "ConfigMap"]
    with pytest.raises(InvalidInputError, match="KB_TRUSTED_PROXIES"):
        Settings(trusted_proxies=json.loads(values["KB_TRUSTED_PROXIES"]))
