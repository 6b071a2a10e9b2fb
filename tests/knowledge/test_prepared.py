"""The search over a release is prepared once, kept beside it, and loaded from there."""

from __future__ import annotations

import json
import logging
import pickle
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import numpy
import pytest

from kb.content.library import library_from
from kb.models import Prepared
from kb.search import SearchIndex
from kb.search.prepared import NotPreparedError, PreparedSearch, code_version
from kb.services.knowledge.holder import Searching, load_knowledge
from kb.services.knowledge.prepared import Kind, keep_prepared, prepared, search_key
from kb.services.knowledge.releases import publish
from kb.settings import Settings
from tests.rules.shipped import two_faqs
from tests.templates import PUBLISHED_AT

QUESTION = "is the slcp gateway fre"
RECORDS = two_faqs()
LIBRARY = library_from(RECORDS)
PREPARED = PreparedSearch.of(LIBRARY)
KEPT = PREPARED.to_bytes()
KEY = search_key(LIBRARY.content_hash)


@pytest.fixture(autouse=True)
def _new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Searching, "_built", {})


def preparing(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if "prepared" in record.message]


def test_what_was_kept_gives_the_answers_of_what_was_built() -> None:
    prepared = PreparedSearch.from_bytes(KEPT, LIBRARY.content_hash)
    loaded = SearchIndex.build(LIBRARY, prepared=prepared)
    built = SearchIndex.build(LIBRARY)
    for text in (QUESTION, "what do we pay", "who decides about a dispute", "hello"):
        assert loaded.ask(text) == built.ask(text)
    assert loaded.ask(QUESTION).hits[0].faq_number == 14


def test_the_same_content_is_prepared_as_the_same_bytes() -> None:
    assert PreparedSearch.of(library_from(reversed(RECORDS))).to_bytes() == KEPT


def changed(**first_line: str) -> bytes:
    line, _, body = KEPT.partition(b"\n")
    return json.dumps({**json.loads(line), **first_line}).encode() + b"\n" + body


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (b"", "the first line is no JSON"),
        (b"[]\n" + KEPT, "the content is another"),
        (changed(content="0" * 64), "the content is another"),
        (changed(code="0" * 64), "the code is another"),
        (KEPT[:-1], "the sha256 is another"),
        (KEPT[:-9] + bytes([KEPT[-9] ^ 1]) + KEPT[-8:], "the sha256 is another"),
    ],
)
def test_other_or_damaged_bytes_are_refused(kept: bytes, why: str) -> None:
    with pytest.raises(NotPreparedError, match=why):
        PreparedSearch.from_bytes(kept, LIBRARY.content_hash)


def test_bytes_that_would_run_code_are_not_read_whatever_their_hash() -> None:
    packed = BytesIO()
    numpy.savez(packed, **{"en/stems": numpy.array([{"an": "object"}], dtype=object)})
    body = packed.getvalue()
    first = {"content": LIBRARY.content_hash, "code": code_version()}
    line = json.dumps({**first, "sha256": sha256(body).hexdigest()}).encode()
    for kept in (line + b"\n" + body, pickle.dumps({"en": []})):
        with pytest.raises(NotPreparedError):
            PreparedSearch.from_bytes(kept, LIBRARY.content_hash)


async def test_the_first_process_keeps_it_and_the_next_one_loads_it(
    database: Settings,
) -> None:
    await publish(RECORDS, at=PUBLISHED_AT)
    first = (await (await load_knowledge()).searching.index()).ask(QUESTION)
    assert await prepared(Kind.SEARCH, KEY) == KEPT
    Searching._built.clear()
    assert (await (await load_knowledge()).searching.index()).ask(QUESTION) == first
    assert await Prepared.all().count() == 1  # who prepares it keeps it


@pytest.mark.parametrize("kept", [KEPT[:-1], b"no such form"])
async def test_what_is_damaged_is_not_answered_from_but_prepared_again_and_said(
    database: Settings, kept: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(RECORDS, at=PUBLISHED_AT)
    await keep_prepared(Kind.SEARCH, KEY, kept)
    with caplog.at_level(logging.WARNING):
        found = (await (await load_knowledge()).searching.index()).ask(QUESTION)
    assert found.hits[0].faq_number == 14
    assert len(preparing(caplog)) == 1
    assert await prepared(Kind.SEARCH, KEY) == KEPT


async def test_what_other_code_prepared_stays_for_the_processes_that_run_it(
    database: Settings,
) -> None:
    await publish(RECORDS, at=PUBLISHED_AT)
    await keep_prepared(Kind.SEARCH, f"{LIBRARY.content_hash} {'0' * 64}", b"older")
    await (await load_knowledge()).searching.index()
    assert await Prepared.all().order_by("id").values_list("body", flat=True) == [
        b"older",
        KEPT,
    ]


async def test_the_last_four_are_kept(database: Settings) -> None:
    for number in range(6):
        await keep_prepared(Kind.SEARCH, f"{number}", b"%d" % number)
    bodies = await Prepared.all().order_by("id").values_list("body", flat=True)
    assert [bytes(body) for body in bodies] == [b"2", b"3", b"4", b"5"]


def test_new_passages_are_known_to_a_head_that_is_prepared_with_them() -> None:
    faq = LIBRARY.faqs[14]
    passage = replace(faq.passages[0], id="14.new-passage")
    library = replace(LIBRARY, faqs={**LIBRARY.faqs, 14: replace(faq, passages=(passage,))})
    prepared = PreparedSearch.of(library)
    assert "14.new-passage" in prepared.trained_head().labels
    again = PreparedSearch.from_bytes(prepared.to_bytes(), library.content_hash)
    assert again.trained_head().labels == prepared.trained_head().labels
