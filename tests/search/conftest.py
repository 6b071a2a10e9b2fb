"""The search over the real content, built once."""

from __future__ import annotations

import pytest

from kb.content.records import Library
from kb.search import SearchIndex
from tests.rules.shipped import shipped_library
from tests.templates import prepared_search


@pytest.fixture(scope="session")
def library() -> Library:
    return shipped_library()


@pytest.fixture(scope="session")
def index(library: Library) -> SearchIndex:
    return SearchIndex.build(library, prepared=prepared_search(library))
