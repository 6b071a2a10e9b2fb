"""Where the data lies, and where the knowledge comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

from kb.database_urls import ALLOWED_URLS, credentials, tortoise_config
from kb.errors import InvalidInputError


class StorageSettings(BaseSettings):
    """The database, the content, and how long questions are kept."""

    database_url: str = Field(
        "sqlite://kb.sqlite3",
        repr=False,
        description=f"Where the data lies: {ALLOWED_URLS}. PostgreSQL is meant for production.",
    )
    database_listen_url: str | None = Field(
        None,
        repr=False,
        description="Where to listen for what others record, if a pooler such as PgBouncer stands "
        "before PostgreSQL: a URL that leads to PostgreSQL itself.",
    )
    database_replica_urls: tuple[str, ...] = Field(
        (),
        repr=False,
        description="JSON list of URLs of streaming replicas, on which facilities are read, never "
        "older than the last write; and all that may be read while the primary is away.",
    )
    database_replica_wait: float = Field(
        0.05,
        ge=0,
        description="Seconds to wait for a replica to have what was written, before the primary "
        "is read and that replica is passed over for five seconds.",
    )
    database_timeout: float = Field(
        10.0,
        gt=0,
        description="Seconds to wait for a statement on PostgreSQL, or for the lock on SQLite.",
    )
    database_pool_size: int = Field(
        5, ge=1, description="Most connections to PostgreSQL that one process holds."
    )
    content_dir: Path | None = Field(
        None, description="Folder of content files; the ones that were installed, if not set."
    )
    semantic_search: bool = Field(
        False,
        description="Whether publishing makes vectors for likeness of meaning, where the extra "
        "`semantic` is installed. Making them takes minutes, and questions take longer.",
    )
    questions_kept_days: int = Field(
        180, ge=1, le=36_500, description="Days for which questions without an answer are kept."
    )
    ratings_kept_days: int = Field(
        730, ge=1, le=36_500, description="Days for which ratings of answers are kept."
    )

    @field_validator("database_url")
    @classmethod
    def _can_be_read(cls, url: str) -> str:
        credentials(url)
        return url

    @field_validator("database_listen_url")
    @classmethod
    def _leads_to_postgresql(cls, url: str | None) -> str | None:
        if url is not None:
            _check_server("KB_DATABASE_LISTEN_URL", url)
        return url

    @field_validator("database_replica_urls")
    @classmethod
    def _lead_to_postgresql(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            _check_server("KB_DATABASE_REPLICA_URLS", url)
        return urls

    @model_validator(mode="after")
    def _replicas_of_postgresql(self) -> Self:
        if self.database_replica_urls and self.sqlite_file is not None:
            allowed = "nothing where KB_DATABASE_URL is an SQLite file, which has no replicas"
            raise InvalidInputError("KB_DATABASE_REPLICA_URLS", "…", allowed)
        return self

    @property
    def sqlite_file(self) -> Path | None:
        """The file of the embedded database, or None on PostgreSQL."""
        file = credentials(self.database_url).get("file_path")
        return Path(file) if file else None

    @property
    def database_name(self) -> str:
        """The database in words, without its password."""
        return database_in_words(self.database_url)

    def tortoise(self) -> dict[str, Any]:
        """The configuration for Tortoise ORM."""
        return tortoise_config(
            self.database_url,
            self.database_timeout,
            self.database_pool_size,
            self.database_replica_urls,
            self.database_replica_wait,
        )


def _check_server(setting: str, url: str) -> None:
    if "file_path" in credentials(url, setting):
        raise InvalidInputError(setting, url, "postgres://USER:PASSWORD@HOST:PORT/NAME")


def database_in_words(url: str) -> str:
    """What a URL leads to, without its password."""
    parts = credentials(url)
    if file := parts.get("file_path"):
        return f"the SQLite file {Path(file)}"
    return f"the PostgreSQL database {parts['database']} on {parts['host'] or 'localhost'}"
