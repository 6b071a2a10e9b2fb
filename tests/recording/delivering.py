"""Settings by which messages go out, and what became of one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from kb.models import OutboxMessage
from kb.settings import Settings
from tests.trial_databases import PEPPER

SECRET = "a secret of thirty-two characters"


NEEDED = {
    "gateway_link": "https://gateway.example/register",
    "platform_link": "https://platform.example/",
    "token_pepper": PEPPER,
}


EMAIL = "office@factory.example"


MINUTE = timedelta(minutes=1)


def by_files(folder: Path) -> Settings:
    return Settings(mail_url=f"file://{folder}", **NEEDED)


def by_mail(port: int) -> Settings:
    return Settings(mail_url=f"smtp://127.0.0.1:{port}", mail_from="kb@kb.example", **NEEDED)


def by_webhook(url: str) -> Settings:
    return Settings(
        mail_url="", webhook_url=url, webhook_secret=SECRET, webhook_private=True, **NEEDED
    )


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def outcome() -> tuple[str | None, int, str | None]:
    row = await OutboxMessage.get()
    return row.outcome, row.attempts, row.last_error
