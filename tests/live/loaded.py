"""What the process has loaded from which servers are forked."""

from __future__ import annotations

import graphql_schema.app
import graphql_schema.mcp.server  # noqa: F401 - which the app loads when it starts
from kb.search import SearchIndex
from kb.services.knowledge import holder as knowledge
from tests.rules.shipped import shipped_library
from tests.templates import prepared_search

library = shipped_library()
knowledge._LIBRARIES[library.content_hash] = library
knowledge.Searching._built[library.content_hash, False] = SearchIndex.build(
    library, prepared=prepared_search(library)
)
