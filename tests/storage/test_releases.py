import asyncio
import json
from datetime import UTC, date, datetime

import pytest
from tortoise.exceptions import ValidationError

from kb.content.library import Record, content_hash
from kb.errors import NotFoundError, NothingPublishedError
from kb.models import Fact, Faq, FaqRevision, Passage, RuleRow, Source
from kb.services.knowledge.releases import (
    Published,
    current_release,
    load_release,
    publish,
    release_info,
)
from kb.settings import Settings
from tests.rules.shipped import shipped_records
from tests.storage.stored import MORNING, faq, one_of_each, row_counts

A, B = one_of_each("The first answer."), one_of_each("The second answer.")


def as_bytes(records: tuple[Record, ...]) -> bytes:
    """The records with their order and the order of all keys."""
    return json.dumps([(record.kind, record.key, record.body) for record in records]).encode()


async def test_nothing_is_published_at_first(database: Settings) -> None:
    assert await current_release() is None
    with pytest.raises(NothingPublishedError, match="Nothing is published yet"):
        await load_release()


async def test_a_release_is_loaded_as_it_was_published_byte_for_byte(database: Settings) -> None:
    assert await publish(A, at=MORNING) == Published(1, created=True)
    assert as_bytes(await load_release()) == as_bytes(A)


async def test_a_release_tells_when_and_with_what_it_was_published(database: Settings) -> None:
    await publish(A, at=MORNING, note="First words")
    info = await current_release()
    assert info == await release_info(1)
    assert info is not None
    assert (info.number, info.content_hash, info.record_count) == (1, content_hash(A), len(A))
    assert (info.published_at, info.note) == (MORNING, "First words")


async def test_publishing_unchanged_content_makes_no_new_release(database: Settings) -> None:
    await publish(A, at=MORNING)
    before = await row_counts()
    later = datetime(2021, 10, 5, tzinfo=UTC)
    assert await publish(tuple(reversed(A)), at=later) == Published(1, created=False)
    assert await row_counts() == before


async def test_an_older_state_that_comes_back_is_a_third_release(database: Settings) -> None:
    published = [await publish(records, at=MORNING) for records in (A, B, A)]
    assert published == [Published(number, created=True) for number in (1, 2, 3)]
    assert as_bytes(await load_release(1)) == as_bytes(A)
    assert as_bytes(await load_release(2)) == as_bytes(B)
    assert as_bytes(await load_release()) == as_bytes(A)


async def test_a_wording_is_stored_once_however_many_releases_have_it(database: Settings) -> None:
    for records in (A, B, A):
        await publish(records, at=MORNING)
    assert await Faq.all().order_by("number").values_list("number", flat=True) == [2, 7]
    assert await FaqRevision.filter(faq_id=7).count() == 2
    assert await FaqRevision.filter(faq_id=2).count() == 1
    passages = await Passage.filter(revision__faq_id=7).order_by("revision_id", "position")
    assert [(passage.key, passage.text) for passage in passages if passage.key == "7.b"] == [
        ("7.b", "The first answer."),
        ("7.b", "The second answer."),
    ]


async def test_a_new_slug_is_the_slug_of_the_entry_from_then_on(database: Settings) -> None:
    await publish([faq(7, "An answer.", slug="old")], at=MORNING)
    await publish([faq(7, "An answer.", slug="new")], at=MORNING)
    assert (await Faq.get()).slug == "new"
    assert [record.body["slug"] for record in await load_release(1)] == ["old"]


async def test_dated_facts_can_be_asked_for_by_owner_topic_and_day(database: Settings) -> None:
    await publish(A, at=MORNING)
    facts = await Fact.all().order_by("position")
    assert [(fact.owner_kind, fact.owner_key, fact.topic, fact.value) for fact in facts] == [
        ("country", "VN", "kinds", "ROLLOUT"),
        ("country", "BD", "kinds", "ROLLOUT"),
        ("country", "BD", "kinds", None),
        ("law_overlay", "vn", "availability", "true"),
        ("fee", "host-sharing", "amounts", '{"currency": "USD", "amount": "199.00"}'),
    ]
    assert {(fact.layer, fact.precision, fact.valid_from, fact.source_key) for fact in facts} == {
        ("SHARED_FAQS_2021", "MONTH", date(2021, 10, 1), "the-source")
    }
    assert await Fact.filter(valid_from__lte=date(2021, 9, 30)).count() == 0


async def test_rule_rows_and_columns_repeat_what_the_bodies_say(database: Settings) -> None:
    await publish(A, at=MORNING)
    rows = await RuleRow.all().order_by("position").values_list("table_key", "row_key", "body")
    assert rows == [("C", row["id"], row) for row in A[-2].body["rows"]]
    source = await Source.get()
    assert (source.title, source.dated) == ("The source", date(2021, 10, 1))


async def test_a_release_that_does_not_exist_is_not_found(database: Settings) -> None:
    await publish(A, at=MORNING)
    with pytest.raises(NotFoundError, match="There is no knowledge release '2'"):
        await load_release(2)


async def test_publishing_that_fails_leaves_nothing_behind(database: Settings) -> None:
    await publish(A, at=MORNING)
    before = await row_counts()
    with pytest.raises(ValidationError):
        await publish([*B, Record("host", "x", {"name": "x" * 201})], at=MORNING)
    assert await row_counts() == before
    assert as_bytes(await load_release()) == as_bytes(A)


async def test_of_two_who_publish_the_same_at_once_one_makes_the_release(
    database: Settings,
) -> None:
    published = await asyncio.gather(*(publish(A, at=MORNING) for _ in range(3)))
    assert sorted(release.created for release in published) == [False, False, True]
    assert {release.number for release in published} == {1}


async def test_the_real_content_is_loaded_as_it_was_published(published: Settings) -> None:
    from kb.content.library import library_from

    records = shipped_records()
    assert as_bytes(await load_release()) == as_bytes(records)
    assert library_from(await load_release()) == library_from(records)
