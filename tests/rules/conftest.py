"""The rules are tested with the rulebook that ships."""

from __future__ import annotations

import pytest

from kb.content.records import Library
from kb.rules.rulebook import Rulebook
from tests.rules.shipped import shipped_library


@pytest.fixture(scope="session")
def library() -> Library:
    return shipped_library()


@pytest.fixture(scope="session")
def rulebook(library: Library) -> Rulebook:
    return library.rulebook
