"""kb doctor says what is wrong with a set-up, why that matters, and what to do."""

from __future__ import annotations

import asyncio
import shutil
from collections import namedtuple
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from kb.models import KnowledgeRelease, WorkflowEvent
from kb.services.access.identity_provider import SigningKeys
from kb.services.database import connect
from kb.services.doctor.findings import Finding, Verdict
from kb.services.doctor.machine import examine_machine
from kb.services.doctor.outside import examine_outside
from kb.services.doctor.storage import examine_storage
from kb.services.knowledge.releases import publish
from kb.settings import Settings
from kb.settings.access import AnonymousReads
from tests.cli.conftest import Run
from tests.recording.receivers import free_port, http_receiver, mail_server
from tests.rules.shipped import shipped_records
from tests.templates import published_template
from tests.trial_databases import PostgresDatabases

LINKS = {"gateway_link": "https://gateway.example", "platform_link": "https://platform.example"}


def verdicts(findings: object) -> dict[str, str]:
    assert isinstance(findings, list)
    return {finding.subject: finding.verdict.value for finding in findings}


def machine(subject: str, **options: object) -> Finding:
    settings = Settings(**{"database_url": "postgres://kb@db.example/kb", **options})
    (finding,) = [each for each in examine_machine(settings) if each.subject == subject]
    return finding


def test_it_examines_everything_and_ends_with_0_without_a_fault(
    kb_filled: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "disk_usage", Disk(9_000_000_000))
    ran = kb_filled("doctor")
    for subject in ("database", "database rights", "knowledge release", "clock", "messages"):
        assert f"│ {subject} " in ran.out
    for subject in ("token pepper", "proxy", "origins", "anonymous reads", "disk space", "mail"):
        assert f"│ {subject} " in ran.out
    assert "reach nobody" in ran.out
    assert "Faults: 0." in ran.err
    assert ran.code == 0


def test_a_fault_is_told_with_its_remedy_and_exit_code_1(kb: Run):
    ran = kb("doctor")
    assert "Run: kb migrate" in ran.out
    assert "FAULT" in ran.out
    assert ran.code == 1


async def test_older_tables_newer_tables_and_no_knowledge_are_faults(database_settings: Settings):
    assert verdicts(list(await examine_storage(database_settings)))["knowledge release"] == "FAULT"
    async with connect(database_settings, everywhere=False):
        client = WorkflowEvent._meta.db
        await client.execute_query(
            "INSERT INTO tortoise_migrations (app, name, applied_at) "
            f"VALUES ('kb', '9999_later', '{datetime.now(UTC):%Y-%m-%d}')"
        )
    (finding,) = await examine_storage(database_settings)
    assert "newer than this program" in finding.text


async def test_a_release_that_is_not_what_was_published_is_a_fault(published_settings: Settings):
    async with connect(published_settings, everywhere=False):
        (release,) = await KnowledgeRelease.all()
        client = WorkflowEvent._meta.db
        drop = (
            "DROP TRIGGER knowledge_release_refuses_update"
            if published_settings.sqlite_file
            else "ALTER TABLE knowledge_release DISABLE TRIGGER ALL"
        )
        await client.execute_query(drop)
        made_up = "0" * len(release.content_hash)
        await client.execute_query(f"UPDATE knowledge_release SET content_hash = '{made_up}'")
    findings = {finding.subject: finding for finding in await examine_storage(published_settings)}
    assert findings["knowledge release"].verdict is Verdict.FAULT
    assert "not what was published" in findings["knowledge release"].text


async def test_a_release_of_an_older_program_is_a_fault_that_says_what_to_do(
    database_settings: Settings,
):
    records = [each for each in shipped_records() if each.key != "DAY_NOT_COVERED"]
    async with connect(database_settings, everywhere=False):
        await publish(records, at=datetime.now(UTC))
    findings = {finding.subject: finding for finding in await examine_storage(database_settings)}
    finding = findings["knowledge release"]
    assert finding.verdict is Verdict.FAULT
    assert finding.text.startswith("Release 1 is of another version of the program: ")
    assert "route DAY_NOT_COVERED is missing" in finding.text
    assert finding.remedy == "Publish the content of this one: kb content publish."


async def test_a_database_that_does_not_answer_is_one_fault():
    settings = Settings(
        database_url=f"postgres://kb@127.0.0.1:{free_port()}/kb",
        token_pepper="a pepper of more than thirty-two characters",
    )
    (finding,) = await examine_storage(settings)
    assert (finding.subject, finding.verdict) == ("database", Verdict.FAULT)
    assert "no server answers there" in finding.text


async def test_a_user_that_may_not_add_rows_is_a_fault(postgres_databases: PostgresDatabases):
    settings = postgres_databases.copy(published_template(postgres_databases))
    url = urlsplit(settings.database_url)
    owner = await asyncpg.connect(settings.database_url)
    role = url.path.removeprefix("/") + "_reader"
    try:
        await owner.execute(
            f"CREATE ROLE \"{role}\" LOGIN PASSWORD 'reader'; "
            f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{role}"'
        )
        netloc = f"{role}:reader@{url.netloc.rpartition('@')[2]}"
        reader = settings.model_copy(update={"database_url": url._replace(netloc=netloc).geturl()})
        findings = {finding.subject: finding for finding in await examine_storage(reader)}
        assert findings["database rights"].verdict is Verdict.FAULT
        assert "workflow_event" in findings["database rights"].text
    finally:
        await owner.execute(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')
        await owner.close()
        postgres_databases.drop(settings)


async def test_events_of_the_future_tell_that_a_clock_was_wrong(
    kb_filled: Run, monkeypatch: pytest.MonkeyPatch
):
    class Earlier(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2000, 1, 1, tzinfo=UTC)

    monkeypatch.setattr("kb.services.doctor.storage.datetime", Earlier)
    ran = await asyncio.to_thread(kb_filled, "doctor")
    (line,) = [line for line in ran.out.splitlines() if line.startswith("│ clock ")]
    assert "FAULT" in line
    assert "NTP" in line


def test_secrets_that_are_missing_or_easily_guessed_are_faults():
    assert machine("token pepper").verdict is Verdict.FAULT
    assert machine("token pepper", token_pepper="ab" * 20).verdict is Verdict.FAULT
    good = "k3Jq9vXw0TzLr7Yb2NdMhs5PfGc8Ea1U"
    assert machine("token pepper", token_pepper=good).verdict is Verdict.OK


def test_tokens_on_the_open_road_are_a_fault():
    open_road = machine("proxy", host="0.0.0.0")
    assert open_road.verdict is Verdict.FAULT
    assert "KB_TRUSTED_PROXIES" in open_road.remedy
    assert machine("proxy").verdict is Verdict.WARNING
    behind = machine("proxy", host="0.0.0.0", trusted_proxies=("10.0.0.7",))
    assert behind.verdict is Verdict.OK


def test_origins_without_tls_and_strangers_without_a_rate_are_warnings():
    assert machine("origins", allowed_origins=("http://a.example",)).verdict is Verdict.WARNING
    assert machine("origins", allowed_origins=("https://a.example",)).verdict is Verdict.OK
    assert machine("anonymous reads", anonymous_rate=0).verdict is Verdict.WARNING
    closed = machine("anonymous reads", anonymous_rate=0, anonymous_reads=AnonymousReads.NOTHING)
    assert closed.verdict is Verdict.OK
    assert machine("metrics", metrics_open=True).verdict is Verdict.WARNING


class Disk:
    """A disk with so much room."""

    def __init__(self, free: int) -> None:
        self.free = free

    def __call__(self, _folder: Path) -> object:
        return namedtuple("Usage", "free")(self.free)


@pytest.mark.parametrize(
    ("free", "expected"),
    [(199_000_000, "FAULT"), (1_999_000_000, "WARNING"), (2_000_000_000, "OK")],
)
def test_a_disk_that_fills_is_told_before_it_is_full(
    free: int, expected: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "disk_usage", Disk(free))
    assert machine("disk space").verdict.value == expected


async def test_a_mail_server_is_tried_without_sending_anything():
    with mail_server() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        good = Settings(mail_url=url, mail_from="kb@programme.example", **LINKS)
        assert verdicts(list(await examine_outside(good)))["mail"] == "OK"
        assert verdicts(list(await examine_outside(Settings(mail_url=url, **LINKS)))) == {
            "mail": "WARNING",  # from an address on this machine
            "webhook": "OK",
        }
        assert server.got == []


async def test_whoever_does_not_answer_is_a_fault():
    nobody = f"127.0.0.1:{free_port()}"
    settings = Settings(
        mail_url=f"smtp://{nobody}",
        webhook_url=f"http://{nobody}/hook",
        webhook_secret="s" * 32,
        oidc_issuer="https://login.example",
        oidc_audience="kb",
        oidc_jwks_url=f"http://{nobody}/keys",
        **LINKS,
    )
    assert verdicts(list(await examine_outside(settings))) == {
        "mail": "FAULT",
        "webhook": "FAULT",
        "identity provider": "FAULT",
    }


async def test_a_webhook_to_which_every_message_is_refused_is_a_fault():
    async with http_receiver() as receiver:
        there = {"webhook_url": receiver.url, "webhook_secret": "s" * 32}
        refused = await examine_outside(Settings(mail_url="", **there))
        allowed = await examine_outside(Settings(mail_url="", webhook_private=True, **there))
    assert verdicts(list(refused))["webhook"] == "FAULT"
    (finding,) = [each for each in refused if each.subject == "webhook"]
    assert "in a private network (KB_WEBHOOK_PRIVATE)." in finding.text
    assert "set KB_WEBHOOK_PRIVATE" in finding.remedy
    assert verdicts(list(allowed))["webhook"] == "OK"
    assert receiver.got == []


async def test_a_key_in_the_address_of_an_identity_provider_reaches_neither_report_nor_log(
    caplog: pytest.LogCaptureFixture,
):
    async with http_receiver(fails_half=True) as receiver:
        url = f"{receiver.url}?key=hunter2"
        provider = {"oidc_issuer": "i", "oidc_audience": "kb", "oidc_jwks_url": url}
        (*_, finding) = await examine_outside(Settings(mail_url="", **provider))
        receiver.requests = 0
        assert await SigningKeys(url).key("any") is None
    assert finding.text == "It gives no keys: it answered 503. Nobody can come in with a JWT."
    assert "it answered 503" in caplog.text
    assert "hunter2" not in caplog.text
