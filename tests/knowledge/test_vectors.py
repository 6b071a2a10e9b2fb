"""Vectors for likeness of meaning are made when content is published, and kept with the release.

With the real embedding, over two FAQs only: it takes tens of milliseconds for each text.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from kb.content.library import Record, library_from
from kb.content.records import Library
from kb.models import ReleaseVectors
from kb.progress import ProgressReport, no_report
from kb.search import SearchIndex, semantic
from kb.search.texts import texts_of
from kb.services.knowledge.holder import Searching, load_knowledge
from kb.services.knowledge.publishing import publish_content
from kb.services.knowledge.releases import Published, publish, vectors_of
from kb.services.knowledge.vectors import missing_vectors
from kb.settings import Settings
from tests.rules.shipped import two_faqs
from tests.templates import PUBLISHED_AT
from tests.trial_databases import on_sqlite

pytestmark = pytest.mark.slow

QUESTION = "do we owe anything for the sign-up"


@pytest.fixture
def embedding() -> None:
    if semantic.installed():
        return
    message = "NOT TESTED: likeness of meaning. Install the extra [semantic]."
    if os.environ.get("KB_REQUIRE_SEMANTIC") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="module")
def records() -> tuple[Record, ...]:
    """Everything but most texts: all but two FAQs, and of each list of phrasings the first."""
    return tuple(
        replace(record, body=_shortened(record.body)) if record.kind == "faq" else record
        for record in two_faqs()
    )


def _shortened(body: Any) -> Any:
    if isinstance(body, dict):
        return {
            name: part[:1] if name == "phrasings" else _shortened(part)
            for name, part in body.items()
        }
    return [*map(_shortened, body)] if isinstance(body, list) else body


async def made(
    library: Library,
    release: int | None = None,
    most_new: int | None = None,
    progress: ProgressReport = no_report,
) -> bytes | None:
    return await missing_vectors(library, release, most_new=most_new, progress=progress)


def with_phrasing(records: Iterable[Record], phrasing: str) -> tuple[Record, ...]:
    """The records with one more phrasing of FAQ 14."""
    return tuple(
        replace(record, body={**record.body, "phrasings": [*record.body["phrasings"], phrasing]})
        if (record.kind, record.key) == ("faq", "14")
        else record
        for record in records
    )


@pytest.mark.usefixtures("embedding")
async def test_the_search_over_a_release_uses_the_vectors_kept_with_it(
    database: Settings, records: tuple[Record, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Searching, "_built", {})
    library = library_from(records)
    vectors = await made(library)
    assert await publish(records, at=PUBLISHED_AT, vectors=vectors) == Published(1, True, True)
    assert await vectors_of(1) == vectors
    served = await (await load_knowledge()).searching.index()
    without = SearchIndex.build(library)
    answer = served.ask(QUESTION)
    assert answer == SearchIndex.build(library, vectors=vectors).ask(QUESTION)
    assert answer.hits[0].faq_number == without.ask(QUESTION).hits[0].faq_number == 14
    assert answer.hits[0].score > without.ask(QUESTION).hits[0].score


@on_sqlite
@pytest.mark.usefixtures("embedding")
async def test_only_new_texts_are_embedded_for_the_next_release(
    database: Settings, records: tuple[Record, ...]
) -> None:
    first: list[tuple[int, int]] = []
    vectors = await made(library_from(records), progress=lambda *counts: first.append(counts))
    assert first[-1] == (len(first), len(first))
    await publish(records, at=PUBLISHED_AT, vectors=vectors)
    later = library_from(with_phrasing(records, "what is on the invoice"))
    second: list[tuple[int, int]] = []
    again = await made(later, progress=lambda *counts: second.append(counts))
    assert second == [(1, 1)]
    assert again == semantic.Vectors.made(semantic_texts(later), semantic.Embedder()).to_bytes()


def semantic_texts(library: Library) -> list[str]:
    return [text for faq in library.faqs.values() for text in texts_of(faq)]


@pytest.mark.usefixtures("embedding")
async def test_a_release_published_without_vectors_gets_them_once(
    database: Settings, records: tuple[Record, ...]
) -> None:
    library = library_from(records)
    await publish(records, at=PUBLISHED_AT)
    assert await vectors_of(1) is None
    vectors = await made(library, release=1)
    assert await publish(records, at=PUBLISHED_AT, vectors=vectors) == Published(1, False, True)
    assert await vectors_of(1) == vectors
    assert await made(library, release=1) is None


@on_sqlite
@pytest.mark.usefixtures("embedding")
async def test_vectors_of_another_model_are_made_anew(
    database: Settings, records: tuple[Record, ...]
) -> None:
    await publish(records, at=PUBLISHED_AT)
    await ReleaseVectors.create(release_id=1, body=b'{"model": "other"}\n')
    vectors = await made(library_from(records), release=1)
    await publish(records, at=PUBLISHED_AT, vectors=vectors)
    assert vectors is not None
    assert await vectors_of(1) == vectors


@on_sqlite
@pytest.mark.usefixtures("embedding")
async def test_where_there_is_no_time_a_release_goes_without_vectors_and_it_is_said_why(
    database: Settings, records: tuple[Record, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await made(library_from(records), most_new=5) is None
    count = len(set(semantic_texts(library_from(records))))
    assert [record.message for record in caplog.records] == [
        f"The release gets no vectors for likeness of meaning: {count} texts are new, and "
        "embedding them takes long; kb content publish does it."
    ]


@on_sqlite
async def test_without_the_extra_content_is_published_without_vectors_and_without_a_word(
    database: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(semantic, "PACKAGE", "no_such_package")
    done = await publish_content(None, at=PUBLISHED_AT, semantic=True)
    assert done == Published(1, created=True, vectors=False)
    assert await vectors_of(1) is None
    assert caplog.records == []
