"""The rules are tested with the rulebook that ships."""

from __future__ import annotations

import pytest

from kb.content.library import library_from, read_content
from kb.content.records import Library
from kb.rules.rulebook import Rulebook


@pytest.fixture(scope="session")
def library() -> Library:
    return library_from(read_content())


@pytest.fixture(scope="session")
def rulebook(library: Library) -> Rulebook:
    return library.rulebook
