"""The pepper of a server is kept for its owner alone, or has to be given."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kb.errors import (
    InvalidInputError,
    StorageError,
)
from kb.services.access.api_keys import (
    _make_secret,
    pepper_of,
)
from kb.settings import Settings


def test_on_sqlite_the_pepper_is_kept_beside_the_database_for_its_owner_only(tmp_path: Path):
    settings = Settings(database_url=f"sqlite://{tmp_path}/kb.sqlite3")
    pepper = pepper_of(settings)
    assert len(pepper) == 43
    assert pepper_of(settings) == pepper
    (file,) = tmp_path.iterdir()
    assert file.name == "kb.sqlite3.pepper"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_pepper_that_cannot_be_kept_is_told_in_one_line(tmp_path: Path):
    settings = Settings(database_url=f"sqlite://{tmp_path}/missing/kb.sqlite3")
    with pytest.raises(StorageError, match=r"kb\.sqlite3\.pepper"):
        pepper_of(settings)


def test_on_postgresql_a_missing_pepper_is_refused_with_what_to_do():
    with pytest.raises(InvalidInputError, match=r"KB_TOKEN_PEPPER.*openssl rand -base64 32"):
        pepper_of(Settings(database_url="postgres://db.example/kb"))


def test_a_secret_that_another_process_has_made_meanwhile_is_left_alone(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    _make_secret(secret)
    first = secret.read_text()
    _make_secret(secret)
    assert secret.read_text() == first
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]
