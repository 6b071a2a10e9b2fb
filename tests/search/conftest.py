"""The search over the real content, built once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import pytest

from kb.content.records import Library
from kb.search import SearchIndex
from kb.search.facts import FactReader
from tests.rules.shipped import shipped_library
from tests.templates import prepared_search


@pytest.fixture(scope="session")
def library() -> Library:
    return shipped_library()


@pytest.fixture(scope="session")
def index(library: Library) -> SearchIndex:
    return SearchIndex.build(library, prepared=prepared_search(library))


@pytest.fixture(scope="session")
def fact_reader(library: Library) -> Callable[[str], FactReader]:
    """The reader of facts of a language: making one compiles hundreds of patterns."""
    return cache(partial(FactReader, library.profile_facts))
