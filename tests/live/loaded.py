"""What the process has loaded from which servers are forked."""

from __future__ import annotations

import os
from pathlib import Path

import graphql_schema.app
import graphql_schema.mcp.server  # noqa: F401 - which the app loads when it starts
from kb.content.library import library_from, read_content
from kb.search import SearchIndex
from kb.services.knowledge import holder as knowledge
from tests.templates import SHARED, prepared_search

library = library_from(read_content())
knowledge._LIBRARIES[library.content_hash] = library
shared = os.environ.get(SHARED)  # not there when a benchmark serves
knowledge.Searching._built[library.content_hash, False] = SearchIndex.build(
    library, prepared=prepared_search(Path(shared), library) if shared else None
)
