"""The knowledge in use: one release in memory, swapped whole when a newer one is published."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from kb.content.library import library_from
from kb.content.records import Library
from kb.errors import NothingPublishedError
from kb.services.decisions import Decisions
from kb.services.releases import ReleaseInfo, current_release, load_release


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One release: what it holds, and the decisions made with it. They belong together."""

    release: ReleaseInfo
    library: Library
    decisions: Decisions


async def load_knowledge() -> Knowledge:
    """The current release, read from the tables; NothingPublishedError when there is none."""
    release = await current_release()
    if release is None:
        raise NothingPublishedError("Nothing is published yet. Run: kb content publish")
    records = await load_release(release.number)
    library = await asyncio.to_thread(library_from, records)
    return Knowledge(release, library, Decisions(library))


class KnowledgeHolder:
    """Holds the knowledge that answers are given from; `current` changes in one assignment."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.current = knowledge
        self._refreshing = asyncio.Lock()

    async def refresh_if_newer(self) -> bool:
        """Take over a release published since; tells whether there was one.

        Requests that are under way keep what they began with.
        """
        async with self._refreshing:
            published = await current_release()
            if published is None or published.number == self.current.release.number:
                return False
            self.current = await load_knowledge()
            return True
