"""The search over the real content, built once."""

from __future__ import annotations

import pytest

from kb.content.library import library_from, read_content
from kb.content.records import Library
from kb.search import SearchIndex


@pytest.fixture(scope="session")
def library() -> Library:
    return library_from(read_content())


@pytest.fixture(scope="session")
def index(library: Library) -> SearchIndex:
    return SearchIndex.build(library)
