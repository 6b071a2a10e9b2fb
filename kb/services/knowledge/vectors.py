"""Vectors for likeness of meaning: made when content is published, and kept with the release.

They need the optional extra `semantic`. Embedding a text takes tens of milliseconds, so the vectors
made last are used again for every text that they have.
"""

from __future__ import annotations

import asyncio
import logging

from kb.content.records import Library
from kb.models import ReleaseVectors
from kb.progress import ProgressReport
from kb.search.semantic import Embedder, SemanticUnavailableError, Vectors, installed
from kb.search.texts import every_text
from kb.services.knowledge.prepared import newest_body
from kb.services.knowledge.releases import vectors_of

logger = logging.getLogger(__name__)


async def missing_vectors(
    library: Library, release: int | None, *, most_new: int | None, progress: ProgressReport
) -> bytes | None:
    """Vectors of all texts of a library, to be kept with its release.

    `release` is the one that has these texts already, if any. None when it has its vectors, without
    the extra, and where more than `most_new` texts would have to be embedded; the last is logged.
    `progress` counts the new texts.
    """
    if not installed():
        return None
    try:
        if release is not None and _read(await vectors_of(release)) is not None:
            return None
        before = _read(await newest_body(ReleaseVectors.all()))
        return await asyncio.to_thread(_made, library, before, most_new, progress)
    except SemanticUnavailableError as error:
        logger.warning("The release gets no vectors for likeness of meaning: %s.", error)
        return None


def _read(stored: bytes | None) -> Vectors | None:
    try:
        return None if stored is None else Vectors.from_bytes(stored)
    except SemanticUnavailableError:
        return None  # those of another model are of no use


def _made(
    library: Library, before: Vectors | None, most_new: int | None, progress: ProgressReport
) -> bytes:
    texts = every_text(library)
    new = len(texts) if before is None else sum(text not in before for text in texts)
    if most_new is not None and new > most_new:
        raise SemanticUnavailableError(
            f"{new} texts are new, and embedding them takes long; kb content publish does it"
        )
    return Vectors.made(texts, Embedder(), before, progress).to_bytes()
