"""The search over a release is prepared once, kept beside it, and loaded from there."""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from io import BytesIO

import numpy
import pytest

from kb.content.library import Record, library_from
from kb.content.records import Library
from kb.models import Prepared
from kb.search import SearchIndex
from kb.search.prepared import NotPreparedError, PreparedSearch
from kb.search.shipped import code_version
from kb.services.knowledge.holder import Searching, load_knowledge
from kb.services.knowledge.prepared import PreparedKind, keep_prepared, prepared, search_key
from kb.services.knowledge.releases import publish
from kb.settings import Settings
from tests.rules.shipped import two_faqs
from tests.templates import PUBLISHED_AT

QUESTION = "is the slcp gateway fre"

Damage = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Release:
    """Content, and its search in the form that is kept, with its key."""

    records: tuple[Record, ...]
    library: Library
    kept: bytes
    key: str


@pytest.fixture(scope="module")
def release() -> Release:
    records = two_faqs()
    library = library_from(records)
    kept = PreparedSearch.of(library).to_bytes()
    return Release(records, library, kept, search_key(library.content_hash))


@pytest.fixture(autouse=True)
def _new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Searching, "_built", {})


def preparing(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if "prepared" in record.message]


def test_what_was_kept_gives_the_answers_of_what_was_built(release: Release) -> None:
    prepared = PreparedSearch.from_bytes(release.kept, release.library.content_hash)
    loaded = SearchIndex.build(release.library, prepared=prepared)
    built = SearchIndex.build(release.library)
    for text in (QUESTION, "what do we pay", "who decides about a dispute", "hello"):
        assert loaded.ask(text) == built.ask(text)
    assert loaded.ask(QUESTION).hits[0].faq_number == 14


def test_the_same_content_is_prepared_as_the_same_bytes(release: Release) -> None:
    assert PreparedSearch.of(library_from(reversed(release.records))).to_bytes() == release.kept


def with_first_line(kept: bytes, **changed: str) -> bytes:
    line, _, body = kept.partition(b"\n")
    return json.dumps({**json.loads(line), **changed}).encode() + b"\n" + body


def with_a_bit_flipped(kept: bytes) -> bytes:
    return kept[:-9] + bytes([kept[-9] ^ 1]) + kept[-8:]


def without_the_last_byte(kept: bytes) -> bytes:
    return kept[:-1]


@pytest.mark.parametrize(
    ("damaged", "why"),
    [
        (lambda kept: b"", "the first line is no JSON"),
        (lambda kept: b"[]\n" + kept, "the content is another"),
        (partial(with_first_line, content="0" * 64), "the content is another"),
        (partial(with_first_line, code="0" * 64), "the code is another"),
        (without_the_last_byte, "the sha256 is another"),
        (with_a_bit_flipped, "the sha256 is another"),
    ],
)
def test_other_or_damaged_bytes_are_refused(release: Release, damaged: Damage, why: str) -> None:
    with pytest.raises(NotPreparedError, match=why):
        PreparedSearch.from_bytes(damaged(release.kept), release.library.content_hash)


def test_bytes_that_would_run_code_are_not_read_whatever_their_hash(release: Release) -> None:
    packed = BytesIO()
    numpy.savez(packed, **{"en/stems": numpy.array([{"an": "object"}], dtype=object)})
    body = packed.getvalue()
    first = {"content": release.library.content_hash, "code": code_version()}
    line = json.dumps({**first, "sha256": sha256(body).hexdigest()}).encode()
    for kept in (line + b"\n" + body, pickle.dumps({"en": []})):
        with pytest.raises(NotPreparedError):
            PreparedSearch.from_bytes(kept, release.library.content_hash)


async def test_the_first_process_keeps_it_and_the_next_one_loads_it(
    database: Settings, release: Release
) -> None:
    await publish(release.records, at=PUBLISHED_AT)
    first = (await (await load_knowledge()).searching.index()).ask(QUESTION)
    assert await prepared(PreparedKind.SEARCH, release.key) == release.kept
    Searching._built.clear()
    assert (await (await load_knowledge()).searching.index()).ask(QUESTION) == first
    assert await Prepared.all().count() == 1  # who prepares it keeps it


@pytest.mark.parametrize("damaged", [without_the_last_byte, lambda kept: b"no such form"])
async def test_what_is_damaged_is_not_answered_from_but_prepared_again_and_said(
    database: Settings, release: Release, damaged: Damage, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(release.records, at=PUBLISHED_AT)
    await keep_prepared(PreparedKind.SEARCH, release.key, damaged(release.kept))
    with caplog.at_level(logging.WARNING):
        answer = (await (await load_knowledge()).searching.index()).ask(QUESTION)
    assert answer.hits[0].faq_number == 14
    assert len(preparing(caplog)) == 1
    assert await prepared(PreparedKind.SEARCH, release.key) == release.kept


async def test_what_other_code_prepared_stays_for_the_processes_that_run_it(
    database: Settings, release: Release
) -> None:
    await publish(release.records, at=PUBLISHED_AT)
    await keep_prepared(PreparedKind.SEARCH, f"{release.library.content_hash} {'0' * 64}", b"older")
    await (await load_knowledge()).searching.index()
    assert await Prepared.all().order_by("id").values_list("body", flat=True) == [
        b"older",
        release.kept,
    ]


async def test_the_last_four_are_kept(database: Settings) -> None:
    for number in range(6):
        await keep_prepared(PreparedKind.SEARCH, f"{number}", b"%d" % number)
    bodies = await Prepared.all().order_by("id").values_list("body", flat=True)
    assert [bytes(body) for body in bodies] == [b"2", b"3", b"4", b"5"]


def test_new_passages_are_known_to_a_head_that_is_prepared_with_them(release: Release) -> None:
    faq = release.library.faqs[14]
    passage = replace(faq.passages[0], id="14.new-passage")
    library = replace(
        release.library, faqs={**release.library.faqs, 14: replace(faq, passages=(passage,))}
    )
    prepared = PreparedSearch.of(library)
    assert "14.new-passage" in prepared.trained_head().labels
    again = PreparedSearch.from_bytes(prepared.to_bytes(), library.content_hash)
    assert again.trained_head().labels == prepared.trained_head().labels
