"""From content files to a knowledge release: read, check, try the golden cases, publish."""

from __future__ import annotations

import asyncio
from datetime import datetime
from importlib.resources.abc import Traversable

from kb.content.golden import failures
from kb.content.library import Record, library_from, read_content, read_golden_cases
from kb.errors import GoldenCaseError
from kb.services.releases import Published, publish


async def publish_content(
    folder: Traversable | None, *, at: datetime, note: str | None = None
) -> Published:
    """Publish a content folder, or without one the content that comes with the program.

    ContentError with all problems, or GoldenCaseError with all wrong answers; nothing is written
    then, and the release before stays the current one.
    """
    records = await asyncio.to_thread(publishable, folder)
    return await publish(records, at=at, note=note)


def publishable(folder: Traversable | None) -> tuple[Record, ...]:
    """The records of a content folder that has no problem and answers every golden case."""
    records = read_content(folder)
    wrong = failures(read_golden_cases(folder), library_from(records))
    if wrong:
        raise GoldenCaseError(wrong)
    return records
