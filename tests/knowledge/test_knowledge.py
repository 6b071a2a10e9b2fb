"""The knowledge in use is one release, swapped when a newer one is published."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tortoise.transactions import in_transaction

import kb.services.knowledge.holder
from kb.content.library import Record
from kb.errors import NothingPublishedError, TamperedReleaseError, UnreadableReleaseError
from kb.models.knowledge import KnowledgeRecord
from kb.services.knowledge.holder import KnowledgeHolder, load_knowledge
from kb.services.knowledge.releases import publish
from kb.settings import Settings
from tests.rules.shipped import two_faqs

LATER = datetime(2026, 12, 1, tzinfo=UTC)


async def test_a_database_without_a_release_says_what_to_run(database: Settings) -> None:
    with pytest.raises(NothingPublishedError) as refused:
        await load_knowledge()
    assert str(refused.value) == "Nothing is published yet. Run: kb content publish"


async def test_the_current_release_is_loaded(published: Settings) -> None:
    knowledge = await load_knowledge()
    assert knowledge.release.number == 1
    assert knowledge.library.content_hash == knowledge.release.content_hash
    assert sorted(knowledge.library.faqs) == list(range(1, 24))
    assert len(repr(knowledge)) < 1_000  # not the texts, each time that a task is written out


async def test_without_a_newer_release_the_knowledge_stays(published: Settings) -> None:
    knowledge = await load_knowledge()
    holder = KnowledgeHolder(knowledge)
    assert not await holder.refresh_if_newer()
    assert holder.current is knowledge


async def test_a_newer_release_replaces_library_and_decisions_together(
    published: Settings,
) -> None:
    knowledge = await load_knowledge()
    holder = KnowledgeHolder(knowledge)
    await publish(two_faqs(), at=LATER)
    assert await holder.refresh_if_newer()
    assert holder.current.release.number == 2
    assert holder.current.library is not knowledge.library
    assert holder.current.decisions is not knowledge.decisions
    assert not await holder.refresh_if_newer()


async def test_a_release_that_does_not_fit_the_program_is_told_in_a_line(
    published: Settings,
) -> None:
    holder = KnowledgeHolder(await load_knowledge())
    of_a_newer_program = [Record(kind, "x", {}) for kind in ("rumour", "whisper")]
    await publish([*two_faqs(), *of_a_newer_program], at=LATER)
    with pytest.raises(UnreadableReleaseError) as refused:
        await holder.refresh_if_newer()
    version = holder.current.release.program_version
    assert str(refused.value) == (
        f"Knowledge release 2, published by version {version}, does not fit this program: "
        "rumour x: no release holds this kind. Serve it with that version, or publish what fits: "
        "kb content publish"
    )
    assert holder.current.release.number == 1


async def test_a_release_that_was_tampered_with_is_not_served(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kb.services.knowledge.holder, "_LIBRARIES", {})
    row = await KnowledgeRecord.filter(record_kind="system").first()
    assert row is not None
    async with in_transaction() as connection:
        if published.sqlite_file is None:
            await connection.execute_query("SET LOCAL session_replication_role = replica")
        else:
            every_trigger = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for trigger in (await connection.execute_query(every_trigger))[1]:
                await connection.execute_query(f'DROP TRIGGER "{trigger["name"]}"')
        changed = {**row.body, "title": "Everything is free"}
        await KnowledgeRecord.filter(pk=row.pk).using_db(connection).update(body=changed)
    with pytest.raises(TamperedReleaseError, match="Knowledge release 1 is not what was published"):
        await load_knowledge()
