"""What can be set from outside: environment variables with the prefix KB_."""

from __future__ import annotations

import json
import re
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import ValidationError, model_validator
from pydantic_settings import SettingsConfigDict, SettingsError

from kb.errors import InvalidInputError
from kb.settings.access import AccessSettings
from kb.settings.messages import MessageSettings
from kb.settings.reliance import RelianceSettings
from kb.settings.serving import ServingSettings
from kb.settings.storage import StorageSettings, database_in_words

_DATABASES = ("database_url", "database_listen_url", "database_replica_urls")
_ADDRESSES = ("mail_url", "webhook_url", "oidc_jwks_url")
"""What may hold a key as its user, its path or its query."""


class Settings(MessageSettings, RelianceSettings, AccessSettings, ServingSettings, StorageSettings):
    """All settings, read from the environment; InvalidInputError names the one that is wrong."""

    model_config = SettingsConfigDict(env_prefix="KB_", frozen=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except SettingsError as error:  # no JSON where JSON is needed; says nothing of the value
            name = _variable(error)
            purpose = type(self).model_fields[name.removeprefix("KB_").lower()].description
            raise InvalidInputError(name, "…", f"JSON. It is for: {purpose}") from None
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            allowed = str(first["msg"]).removeprefix("Input should be ")
            allowed = allowed.removeprefix("Value error, ")
            shown = type(self).model_fields[name].repr  # not of secrets, and what may hold one
            value = first["input"] if shown else "…"
            raise InvalidInputError(f"KB_{name.upper()}", value, allowed) from None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Say what else must be set, given what is."""
        needs = (
            (self.oidc_issuer is not None, "KB_OIDC_ISSUER is set", "oidc_audience"),
            (self.oidc_issuer is not None, "KB_OIDC_ISSUER is set", "oidc_jwks_url"),
            (self.webhook_url is not None, "KB_WEBHOOK_URL is set", "webhook_secret"),
            (self.mail_url.startswith("smtp"), "KB_MAIL_URL is a mail server", "gateway_link"),
            (self.mail_url.startswith("smtp"), "KB_MAIL_URL is a mail server", "platform_link"),
        )
        for needed, because, name in needs:
            if needed and not getattr(self, name):
                raise InvalidInputError(f"KB_{name.upper()}", "", f"a value, because {because}")
        return self

    @property
    def on_trial(self) -> bool:
        """Whether the server is for trying out: embedded database, reached from this machine."""
        return self.sqlite_file is not None and self.loopback and not self.trusted_proxies

    def shown(self) -> dict[str, tuple[str, str]]:
        """Every environment variable with its value now, passwords left out, and its meaning."""
        return {
            f"KB_{name.upper()}": (_plain(name, getattr(self, name)), field.description or "")
            for name, field in type(self).model_fields.items()
        }


def _plain(name: str, value: Any) -> str:
    if name in _DATABASES and value:
        urls = [value] if isinstance(value, str) else value
        return ", ".join(map(database_in_words, urls))
    if name in _ADDRESSES and value:
        return _server_in_words(value)
    if isinstance(value, (tuple, dict)):
        return json.dumps(value) if value else ""
    return str(value or "")


def _server_in_words(url: str) -> str:
    """What an address leads to, without what may be a key."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return url
    rest = "/…" if parts.path.strip("/") or parts.query or parts.fragment else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{rest}"


def _variable(error: SettingsError) -> str:
    named = re.search(r'field "(\w+)"', str(error))
    return f"KB_{named[1].upper()}" if named else "KB_…"
