"""Where the database is: what its URL may say, and what Tortoise ORM is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from tortoise.backends.base.config_generator import expand_db_url
from tortoise.exceptions import ConfigurationError

from kb.errors import InvalidInputError

ALLOWED_URLS = "sqlite://FILE, sqlite:///ABSOLUTE/FILE or postgres://USER:PASSWORD@HOST:PORT/NAME"

POSTGRES_OPTIONS = frozenset(
    {"host", "port", "user", "password", "schema", "application_name", "ssl", "sslmode"}
    | {"min_size", "max_size", "max_inactive_connection_lifetime", "statement_cache_size"}
)

REPLICA_PATIENCE = 1.0
"""Seconds that a server has to let somebody connect, or to say how far it is, where there are
others to read on.
"""


def credentials(url: str, setting: str = "KB_DATABASE_URL") -> dict[str, Any]:
    """What a database URL says, or InvalidInputError for the setting; without its password."""
    scheme, _, rest = url.partition("://")
    shown = _without_password(url)
    if scheme == "sqlite":
        if not rest or rest == ":memory:" or "?" in rest:
            raise InvalidInputError(setting, shown, ALLOWED_URLS)
        return {"file_path": unquote(rest)}
    if scheme not in {"postgres", "postgresql"}:
        raise InvalidInputError(setting, shown, ALLOWED_URLS)
    try:
        parts: dict[str, Any] = expand_db_url(url)["credentials"]
    except (ConfigurationError, ValueError):
        raise InvalidInputError(setting, shown, ALLOWED_URLS) from None
    unknown = sorted(parts.keys() - POSTGRES_OPTIONS - {"database"})
    if unknown:
        allowed = f"the options {', '.join(sorted(POSTGRES_OPTIONS))}"
        raise InvalidInputError(setting, unknown[0], allowed)
    if not parts["database"]:
        raise InvalidInputError(setting, shown, ALLOWED_URLS)
    if "sslmode" in parts:
        parts["ssl"] = parts.pop("sslmode")
    return parts


def tortoise_config(
    url: str,
    timeout: float,
    pool_size: int,
    replica_urls: Sequence[str] = (),
    replica_wait: float = 0.0,
) -> dict[str, Any]:
    """The configuration for Tortoise ORM.

    `timeout` is in seconds, for a statement or a lock; `replica_wait` for how long to wait until a
    replica has what was written.
    """
    parts = credentials(url)
    if "file_path" in parts:
        engine = "kb.sqlite_backend"
        parts |= {
            "busy_timeout": round(timeout * 1000),
            "synchronous": "FULL",  # what was committed outlives a power cut
            "recursive_triggers": "ON",  # INSERT OR REPLACE is refused like a DELETE
        }
    else:
        engine = "kb.asyncpg_backend"
        usual = {"minsize": 1, "maxsize": pool_size, "timeout": timeout, "command_timeout": timeout}
        parts = usual | parts
        if replica_urls:
            usual["timeout"] = min(timeout, REPLICA_PATIENCE)  # there are other servers to read on
            followers = [usual | credentials(url) for url in replica_urls]
            parts |= {"replicas": followers, "replica_wait": replica_wait}
    return {
        "connections": {"default": {"engine": engine, "credentials": parts}},
        "apps": {
            "kb": {
                "models": ["kb.models"],
                "default_connection": "default",
                "migrations": "kb.models.migrations",
            }
        },
    }


def _without_password(url: str) -> str:
    """The URL without whatever may be a password in it, however wrong it is."""
    scheme, mark, rest = url.partition("://") if "://" in url else ("", "", url)
    place, asks, options = rest.partition("?")
    if "@" in options:  # a password may hold the mark of a question
        return f"{scheme}{mark}…"
    return f"{scheme}{mark}{place.rpartition('@')[2]}{'?…' if asks else ''}"
