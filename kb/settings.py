"""What can be set from outside: environment variables with the prefix KB_."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.exceptions import ConfigurationError

from kb.errors import InvalidInputError

ALLOWED_URLS = "sqlite://FILE, sqlite:///ABSOLUTE/FILE or postgres://USER:PASSWORD@HOST:PORT/NAME"

POSTGRES_OPTIONS = frozenset(
    {"host", "port", "user", "password", "schema", "application_name", "ssl", "sslmode"}
    | {"min_size", "max_size", "max_inactive_connection_lifetime", "statement_cache_size"}
)


class AnonymousReads(StrEnum):
    """What callers without a token may read.

    KNOWLEDGE is what FAQs, countries, fees and the like say; EVERYTHING also has the facilities.
    AUTO is EVERYTHING on the embedded database behind a loopback address, and else KNOWLEDGE.
    """

    AUTO = "AUTO"
    KNOWLEDGE = "KNOWLEDGE"
    EVERYTHING = "EVERYTHING"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Settings(BaseSettings):
    """All settings, read from the environment; InvalidInputError names the one that is wrong."""

    model_config = SettingsConfigDict(env_prefix="KB_", frozen=True)

    database_url: str = Field(
        "sqlite://kb.sqlite3",
        repr=False,
        description=f"Where the data lies: {ALLOWED_URLS}. PostgreSQL is meant for production.",
    )
    database_timeout: float = Field(
        10.0,
        gt=0,
        description="Seconds to wait for a statement on PostgreSQL, or for the lock on SQLite.",
    )
    database_pool_size: int = Field(
        5, ge=1, description="Most connections to PostgreSQL that one process holds."
    )
    host: str = Field("127.0.0.1", description="Address on which the API listens.")
    port: int = Field(8000, ge=1, le=65535, description="Port on which the API listens.")
    content_dir: Path | None = Field(
        None, description="Folder of content files; the ones that were installed, if not set."
    )
    max_page_size: int = Field(
        100, ge=1, le=1000, description="Most entries that one page of a connection may have."
    )
    anonymous_reads: AnonymousReads = Field(
        AnonymousReads.AUTO,
        description="What callers without a token may read: KNOWLEDGE, EVERYTHING, or AUTO: "
        "EVERYTHING only on SQLite behind a loopback address.",
    )
    log_level: LogLevel = Field(LogLevel.INFO, description="DEBUG, INFO, WARNING or ERROR.")

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            allowed = str(first["msg"]).removeprefix("Input should be ")
            raise InvalidInputError(f"KB_{name.upper()}", first["input"], allowed) from None

    @field_validator("database_url")
    @classmethod
    def _can_be_read(cls, url: str) -> str:
        _credentials(url)
        return url

    @property
    def sqlite_file(self) -> Path | None:
        """The file of the embedded database, or None on PostgreSQL."""
        file = _credentials(self.database_url).get("file_path")
        return Path(file) if file else None

    @property
    def database_name(self) -> str:
        """The database in words, without its password."""
        if self.sqlite_file:
            return f"the SQLite file {self.sqlite_file}"
        given = _credentials(self.database_url)
        return f"the PostgreSQL database {given['database']} on {given['host'] or 'localhost'}"

    @property
    def loopback(self) -> bool:
        """Whether the API can be reached from this machine only."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def anonymous_reads_everything(self) -> bool:
        """Whether callers without a token may read the facilities too."""
        if self.anonymous_reads is AnonymousReads.AUTO:
            return self.sqlite_file is not None and self.loopback
        return self.anonymous_reads is AnonymousReads.EVERYTHING

    def shown(self) -> dict[str, tuple[str, str]]:
        """Every environment variable with its value now, passwords left out, and its meaning."""
        return {
            f"KB_{name.upper()}": (
                self.database_name if name == "database_url" else str(getattr(self, name) or ""),
                field.description or "",
            )
            for name, field in type(self).model_fields.items()
        }

    def tortoise(self) -> dict[str, Any]:
        """The configuration for Tortoise ORM."""
        given = _credentials(self.database_url)
        if self.sqlite_file:
            engine = "kb.sqlite_backend"
            given |= {
                "busy_timeout": round(self.database_timeout * 1000),
                "synchronous": "NORMAL",  # safe with write-ahead logging
                "recursive_triggers": "ON",  # INSERT OR REPLACE is refused like a DELETE
            }
        else:
            engine = "tortoise.backends.asyncpg"
            given = {
                "minsize": 1,
                "maxsize": self.database_pool_size,
                "timeout": self.database_timeout,
                "command_timeout": self.database_timeout,
            } | given
        return {
            "connections": {"default": {"engine": engine, "credentials": given}},
            "apps": {
                "kb": {
                    "models": ["kb.models"],
                    "default_connection": "default",
                    "migrations": "kb.models.migrations",
                }
            },
        }


def _credentials(url: str) -> dict[str, Any]:
    """What a database URL says, or InvalidInputError; passwords are left out of the message."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        if not rest or rest == ":memory:" or "?" in rest:
            raise InvalidInputError("KB_DATABASE_URL", url, ALLOWED_URLS)
        return {"file_path": unquote(rest)}
    try:
        shown = urlsplit(url)
        shown = shown._replace(netloc=shown.netloc.rpartition("@")[2])
    except ValueError:
        raise InvalidInputError("KB_DATABASE_URL", f"{scheme}://…", ALLOWED_URLS) from None
    if scheme not in {"postgres", "postgresql"}:
        raise InvalidInputError("KB_DATABASE_URL", shown.geturl(), ALLOWED_URLS)
    try:
        given: dict[str, Any] = expand_db_url(url)["credentials"]
    except (ConfigurationError, ValueError):
        raise InvalidInputError("KB_DATABASE_URL", shown.geturl(), ALLOWED_URLS) from None
    unknown = sorted(given.keys() - POSTGRES_OPTIONS - {"database"})
    if unknown:
        allowed = f"the options {', '.join(sorted(POSTGRES_OPTIONS))}"
        raise InvalidInputError("KB_DATABASE_URL", unknown[0], allowed)
    if not given["database"]:
        raise InvalidInputError("KB_DATABASE_URL", shown.geturl(), ALLOWED_URLS)
    if "sslmode" in given:
        given["ssl"] = given.pop("sslmode")
    return given
