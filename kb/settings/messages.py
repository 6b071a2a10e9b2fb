"""Where messages go, and what they link to."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from kb.settings.checks import LongSecret, SafeUrl


class MessageSettings(BaseSettings):
    """E-mail, the webhook, and the pages that messages name."""

    mail_url: str = Field(
        "file://var/mailbox",
        repr=False,
        description="Where the messages of FAQ 9 go: file://FOLDER for trying out, "
        "smtp://USER@HOST:PORT, smtps://USER@HOST:PORT, or nothing at all.",
    )
    mail_password: SecretStr | None = Field(
        None, repr=False, description="Password of the mail server."
    )
    mail_from: str = Field("kb@localhost", description="Address that messages come from.")
    webhook_url: SafeUrl | None = Field(
        None,
        repr=False,
        description="Address that gets the messages as signed JSON: https://…, or http:// on this "
        "machine.",
    )
    webhook_private: bool = Field(
        False,
        description="Whether the webhook may lie on this machine or in a private network.",
    )
    webhook_secret: LongSecret | None = Field(
        None,
        repr=False,
        description="Secret of 32 characters or more with which they are signed; needed with "
        "KB_WEBHOOK_URL.",
    )
    gateway_link: str | None = Field(
        None,
        description="Address of the registration page of the Gateway, for the invitation; needed "
        "to send e-mail.",
    )
    platform_link: str | None = Field(
        None,
        description="Address of the Better Work platform, for the e-mail with the Facility ID; "
        "needed to send e-mail.",
    )

    @field_validator("mail_url")
    @classmethod
    def _a_folder_or_a_mail_server(cls, url: str) -> str:
        parts = urlsplit(url)
        _ = parts.port  # ValueError when it is no number
        server = parts.scheme in {"smtp", "smtps"} and parts.hostname and not parts.password
        if url and not server and not (parts.scheme == "file" and url != "file://"):
            raise ValueError(
                "file://FOLDER, smtp://USER@HOST:PORT or smtps://USER@HOST:PORT, with the password "
                "in KB_MAIL_PASSWORD, or nothing"
            )
        return url
