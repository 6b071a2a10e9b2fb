"""The knowledge in use: one release in memory, swapped whole when a newer one is published."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, TypeVar

from kb.content.library import content_hash, library_from
from kb.content.records import Library
from kb.errors import (
    ContentError,
    NothingPublishedError,
    Problem,
    TamperedReleaseError,
    UnreadableReleaseError,
)
from kb.rules.public_record import RELIANCE, Reliance
from kb.services.knowledge.decisions import Decisions
from kb.services.knowledge.prepared import PreparedKind, keep_prepared, prepared, search_key
from kb.services.knowledge.releases import (
    ReleaseInfo,
    current_release,
    load_release,
    vectors_of,
)

if TYPE_CHECKING:  # it takes long to load, and need not be there for the first answer
    from kb.search import SearchIndex
    from kb.search.prepared import PreparedSearch

# Releases are never changed, and content with the same hash is the same in any of them.
_LIBRARIES: dict[str, Library] = {}
_MOST_KEPT = 2

Found = TypeVar("Found")

logger = logging.getLogger(__name__)


class Searching:
    """The search over one release: made ready when it is first needed, then kept."""

    # Kept by content hash, like the libraries, and by whether there are vectors.
    _built: ClassVar[dict[tuple[str, bool], SearchIndex]] = {}
    _one_at_a_time: ClassVar = threading.Lock()

    def __init__(self, library: Library, vectors: bytes | None) -> None:
        self._library = library
        self._vectors = vectors
        self._key = library.content_hash, vectors is not None
        self._building: asyncio.Task[SearchIndex] | None = None

    async def index(self) -> SearchIndex:
        """The index; the first call waits for it, some seconds where it is not prepared yet.

        A caller that is stopped meanwhile does not stop the building, else a busy server might
        begin it again and again.
        """
        index = self._built.get(self._key)
        if index is not None:
            return index
        if self._building is None or self._building.done():
            self._building = asyncio.create_task(self._loaded_or_prepared())
        return await asyncio.shield(self._building)

    async def run(self, search: Callable[[SearchIndex], Found]) -> Found:
        """What a search finds; off the event loop where it embeds the question."""
        index = await self.index()
        return await asyncio.to_thread(search, index) if index.embeds else search(index)

    async def _loaded_or_prepared(self) -> SearchIndex:
        key = search_key(self._library.content_hash)
        kept = await prepared(PreparedKind.SEARCH, key)
        index, fresh = await asyncio.to_thread(self._build, kept)
        if fresh is not None:
            try:
                await keep_prepared(PreparedKind.SEARCH, key, fresh)
            except Exception as error:  # it is ready all the same; the next process tries again
                logger.warning("could not keep the prepared search: %s", error)
        return index

    def _build(self, kept: bytes | None) -> tuple[SearchIndex, bytes | None]:
        """The index, and its prepared form where what is kept is not that."""
        from kb.search import SearchIndex

        with self._one_at_a_time:
            if self._key in self._built:
                return self._built[self._key], None
            form, fresh = self._prepared(kept)
            made = SearchIndex.build(self._library, vectors=self._vectors, prepared=form)
            while len(self._built) >= _MOST_KEPT:
                del self._built[next(iter(self._built))]
            self._built[self._key] = made
            return made, fresh

    def _prepared(self, kept: bytes | None) -> tuple[PreparedSearch, bytes | None]:
        from kb.search.prepared import NotPreparedError, PreparedSearch

        content = self._library.content_hash
        try:
            if kept is not None:
                return PreparedSearch.from_bytes(kept, content), None
        except NotPreparedError as error:
            logger.warning("the search is prepared again: of the form that is kept, %s", error)
        fresh = PreparedSearch.of(self._library).to_bytes()
        return PreparedSearch.from_bytes(fresh, content), fresh


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One release: what it holds, and the decisions and the search made with it."""

    release: ReleaseInfo
    library: Library = field(repr=False)  # megabytes of text; asyncio writes out results of tasks
    decisions: Decisions
    searching: Searching


async def load_knowledge(reliance: Reliance = RELIANCE) -> Knowledge:
    """The current release, read from the tables; NothingPublishedError when there is none.

    `reliance` tells for how long facts of each topic can be relied on. TamperedReleaseError when
    the content is not what was published, UnreadableReleaseError when it does not fit this program.
    """
    release = await current_release()
    if release is None:
        raise NothingPublishedError("Nothing is published yet. Run: kb content publish")
    library = _LIBRARIES.get(release.content_hash)
    if library is None:
        library = await _library_of(release)
        while len(_LIBRARIES) >= _MOST_KEPT:
            del _LIBRARIES[next(iter(_LIBRARIES))]
        _LIBRARIES[release.content_hash] = library
    searching = Searching(library, await vectors_of(release.number))
    return Knowledge(release, library, Decisions(library, reliance=reliance), searching)


async def _library_of(release: ReleaseInfo) -> Library:
    records = await load_release(release.number)
    unfit: Problem | None = None
    try:
        library = await asyncio.to_thread(library_from, records)
        found = library.content_hash
    except ContentError as error:
        unfit, found = error.problems[0], content_hash(records)
    if found != release.content_hash:
        raise TamperedReleaseError(
            f"Knowledge release {release.number} is not what was published: its content has "
            "another hash. Restore its rows from a backup."
        )
    if unfit is not None:
        raise UnreadableReleaseError(
            f"Knowledge release {release.number}, published by version {release.program_version}, "
            f"does not fit this program: {unfit} Serve it with that version, or publish what fits: "
            "kb content publish"
        )
    return library


class KnowledgeHolder:
    """Holds the knowledge that answers are given from; `current` changes in one assignment."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.current = knowledge
        self._refreshing = asyncio.Lock()

    async def refresh_if_newer(self) -> bool:
        """Take over a newer release; returns whether there was one.

        Requests that are under way keep what they began with.
        """
        async with self._refreshing:
            published = await current_release()
            if published is None or published.number == self.current.release.number:
                return False
            newer = await load_knowledge(self.current.decisions.reliance)
            await newer.searching.index()
            self.current = newer
            return True
