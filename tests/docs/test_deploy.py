"""The files for running it in containers name settings, commands and headers that there are."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from typer.main import get_command

from kb.cli import app
from kb.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def test_they_set_what_can_be_set() -> None:
    written = CONTAINER + (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    names = {name.removeprefix("KB_").lower() for name in re.findall(r"KB_[A-Z_]+", written)}
    assert len(names) > 4
    assert names <= Settings.model_fields.keys()
    given = COMPOSE["services"]["server"]["environment"]
    proxies = COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert given["KB_TRUSTED_PROXIES"] == f'["{proxies}"]'


def test_they_run_commands_that_there_are() -> None:
    commands = [each["command"] for each in COMPOSE["services"].values() if "command" in each]
    (started,) = re.findall(r"^CMD \[(.+)\]$", CONTAINER, re.MULTILINE)
    for command in [*commands, [started.strip('"')]]:
        found = get_command(app)
        for name in command:
            found = found.commands[name]


def test_a_server_has_longer_to_stop_than_it_drains() -> None:
    drains = int(re.findall(r"KB_DRAIN_SECONDS=(\d+)", CONTAINER)[0])
    grace = int(COMPOSE["services"]["server"]["stop_grace_period"].removesuffix("s"))
    assert grace == drains + 15  # as docs/proxies.md advises


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
