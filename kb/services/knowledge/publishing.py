"""From content files to a knowledge release: read, check, try the golden cases, publish."""

from __future__ import annotations

import asyncio
from datetime import datetime
from importlib.resources.abc import Traversable

from tortoise.transactions import in_transaction

from kb.content.golden import failures
from kb.content.library import (
    Record,
    content_hash,
    library_from,
    read_folder,
)
from kb.content.records import Library
from kb.errors import ContentError, GoldenCaseError
from kb.progress import ProgressReport, no_report
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.audit import note_publishing
from kb.services.knowledge.prepared import PreparedKind, content_key, keep_prepared, prepared
from kb.services.knowledge.releases import (
    Published,
    ReleaseInfo,
    current_release,
    publish,
    too_long,
)


async def publish_content(
    folder: Traversable | None,
    *,
    at: datetime,
    note: str | None = None,
    by: Viewer = OPERATOR,
    semantic: bool = False,
    most_new_vectors: int | None = None,
    progress: ProgressReport = no_report,
) -> Published:
    """Publish a content folder, or without one the content that comes with the program.

    ContentError with all problems, or GoldenCaseError with all wrong answers; nothing is written
    then, and the release before stays the current one. `by` is who publishes, for the audit.

    Files that this code has read before and that are the current release are not read again.

    With `semantic` the release also gets vectors for likeness of meaning, if the extra is
    installed; see `kb.services.knowledge.vectors.missing_vectors` for the other arguments.
    """
    current = await current_release()
    key = await asyncio.to_thread(content_key, folder)
    if current is not None and not semantic and await _is_content_of(current, key):
        return Published(current.number, created=False)
    records, library = await asyncio.to_thread(publishable, folder)
    vectors = None
    if semantic:
        from kb.services.knowledge.vectors import missing_vectors  # it loads the search

        same = current is not None and current.content_hash == content_hash(records)
        vectors = await missing_vectors(
            library,
            current.number if current is not None and same else None,
            most_new=most_new_vectors,
            progress=progress,
        )
    async with in_transaction():
        release = await publish(records, at=at, note=note, vectors=vectors)
        if release.created:
            await note_publishing(by, release.number, now=at)
        await keep_prepared(PreparedKind.CONTENT, key, library.content_hash.encode())
    return release


async def is_published(folder: Traversable | None) -> bool:
    """Whether this code has read these files before and they are the current release."""
    release = await current_release()
    key = await asyncio.to_thread(content_key, folder)
    return release is not None and await _is_content_of(release, key)


async def _is_content_of(release: ReleaseInfo, key: str) -> bool:
    return await prepared(PreparedKind.CONTENT, key) == release.content_hash.encode()


def publishable(folder: Traversable | None) -> tuple[tuple[Record, ...], Library]:
    """The records of a content folder, and their library.

    ContentError with all problems, GoldenCaseError with all golden cases that come out wrong.
    """
    content = read_folder(folder)
    problems = list(too_long(content.records))
    if problems:
        raise ContentError(problems)
    library = library_from(content.records)
    wrong = failures(content.golden_cases, library)
    if wrong:
        raise GoldenCaseError(wrong)
    return content.records, library
