"""API keys on both databases: made, used, ended, and never found again in the tables."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from pydantic import SecretStr

import kb.services.access.api_keys
from kb.errors import (
    NotPermittedError,
    UnauthenticatedError,
)
from kb.models import ApiToken
from kb.rules.roles import Role
from kb.services.access.api_keys import (
    ApiKeys,
    list_tokens,
    revoke_token,
)
from kb.services.access.callers import Callers, command_viewer, maintainer
from kb.services.access.matrix import ANONYMOUS, OPERATOR, Capability, Viewer
from kb.services.database import FAILURES
from kb.settings import Settings
from kb.settings.access import AnonymousReads
from tests.access.keys import made, refused
from tests.storage.stored import query
from tests.web.statements import counted_statements


async def test_a_key_says_who_shows_it(keys: ApiKeys):
    created = await made(keys, Viewer(Role.BRAND, organisation="Demo Brand", label="dashboard"))
    assert await keys.viewer_of(created.key) == Viewer(
        Role.BRAND,
        organisation="Demo Brand",
        token_id=created.token.id,
        expires_at=created.token.expires_at,
        label="dashboard",
    )


async def test_a_key_has_256_random_bits_and_only_its_keyed_hash_is_held(keys: ApiKeys):
    first, two = (await made(keys)).key, (await made(keys)).key
    assert first != two
    assert first.startswith("kb_")
    assert len(first) == 3 + 43
    rows = await query("SELECT * FROM api_token ORDER BY id")
    stored = json.dumps(rows, default=str)
    assert first not in stored
    assert first[3:] not in stored
    assert [len(row["hash"]) for row in rows] == [64, 64]


async def test_another_pepper_makes_every_key_unknown(keys: ApiKeys, peppered: Settings):
    key = (await made(keys)).key
    other = peppered.model_copy(
        update={"token_pepper": SecretStr("another pepper of 32 letters ....")}
    )
    assert "not known" in await refused(ApiKeys(other), key)


async def test_unknown_revoked_and_expired_keys_are_refused_in_the_same_words(keys: ApiKeys):
    revoked, expired = await made(keys), await made(keys)
    await revoke_token(OPERATOR, revoked.token.id)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await ApiToken.filter(id=expired.token.id).update(expires_at=past)
    messages = {
        await refused(keys, key)
        for key in (
            revoked.key,
            expired.key,
            "kb_" + "A" * 43,
            "kb_short",
            "kb_" + "é" * 43,
            revoked.key + "x",
        )
    }
    assert messages == {
        "The API key is not known, has expired or was revoked. Ask whoever runs this server."
    }


async def test_a_key_expires_while_it_is_remembered(keys: ApiKeys, monkeypatch: pytest.MonkeyPatch):
    created = await made(keys, lifetime=timedelta(seconds=1))
    viewer = await keys.viewer_of(created.key)
    assert await keys.still_valid(viewer)
    await asyncio.sleep((created.token.expires_at - datetime.now(UTC)).total_seconds())
    assert not await keys.still_valid(viewer)
    assert keys.who_shows(created.key)() is None
    assert "has expired" in await refused(keys, created.key)


async def test_a_key_that_a_wrong_clock_called_expired_is_good_when_the_clock_is_put_right(
    keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
):
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(days=91)

    key = (await made(keys)).key
    with monkeypatch.context() as wrong:
        wrong.setattr(kb.services.access.api_keys, "datetime", Ahead)
        assert "has expired" in await refused(keys, key)
    assert (await keys.viewer_of(key)).role is Role.HELPDESK


async def test_a_key_that_was_just_checked_costs_no_statement(keys: ApiKeys):
    key = (await made(keys)).key
    assert keys.who_shows(key)() is None
    viewer = await keys.viewer_of(key)
    await ApiToken.all().delete()  # nobody looks
    assert keys.who_shows(key)() == await keys.viewer_of(key) == viewer
    assert await keys.still_valid(viewer)


async def test_a_revoked_key_ends_within_five_seconds_in_a_process_that_knew_it(
    keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
):
    assert kb.services.access.api_keys.CACHE_SECONDS + 2 <= 5
    monkeypatch.setattr(kb.services.access.api_keys, "CACHE_SECONDS", 0.2)
    created = await made(keys)
    viewer = await keys.viewer_of(created.key)
    await revoke_token(OPERATOR, created.token.id)
    await asyncio.sleep(kb.services.access.api_keys.CACHE_SECONDS)
    assert not await keys.still_valid(viewer)
    assert "was revoked" in await refused(keys, created.key)


async def test_one_look_tells_all_who_ask_at_once_whether_they_may_go_on(
    keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kb.services.access.api_keys, "CACHE_SECONDS", 0.0)
    created = [await made(keys) for _ in range(3)]
    viewers = [await keys.viewer_of(each.key) for each in created]
    await revoke_token(OPERATOR, created[1].token.id)
    with counted_statements() as sent:
        answers = await asyncio.gather(*map(keys.still_valid, viewers * 50))
    assert answers == [True, False, True] * 50
    assert len(sent) == 1, sent


async def test_who_asks_while_a_look_is_on_its_way_is_told_what_holds_after_that(
    keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kb.services.access.api_keys, "CACHE_SECONDS", 0.0)
    created = await made(keys)
    viewer = await keys.viewer_of(created.key)
    with counted_statements() as sent:
        before = asyncio.create_task(keys.still_valid(viewer))
        for _ in range(2):  # it asks, and the look begins
            await asyncio.sleep(0)
        after = asyncio.create_task(keys.still_valid(viewer))
        assert await before
        assert await after
    assert len(sent) == 2, sent


async def test_the_last_use_is_written_when_asked_for_and_once_for_many_uses(keys: ApiKeys):
    created = await made(keys)
    before = datetime.now(UTC)
    for _ in range(3):
        await keys.viewer_of(created.key)
    (token,) = await list_tokens(OPERATOR)
    assert token.last_used_at is None
    await keys.note_uses()
    (token,) = await list_tokens(OPERATOR)
    assert token.last_used_at is not None
    assert before <= token.last_used_at <= datetime.now(UTC)
    await ApiToken.all().update(last_used_at=None)
    await keys.note_uses()
    assert (await list_tokens(OPERATOR))[0].last_used_at is None


async def test_the_last_uses_of_many_keys_are_written_in_one_statement(keys: ApiKeys):
    shown = [await made(keys) for _ in range(5)]
    unused = await made(keys)
    for created in shown:
        await keys.viewer_of(created.key)
    with counted_statements() as sent:
        await keys.note_uses()
        await keys.note_uses()
    assert len(sent) == 1, sent
    used = {token.id for token in await list_tokens(OPERATOR) if token.last_used_at is not None}
    assert used == {created.token.id for created in shown}
    assert unused.token.id not in used


async def test_a_last_use_that_cannot_be_written_is_kept_and_the_later_one_of_two(keys: ApiKeys):
    first, second = [await made(keys) for _ in range(2)]
    for created in (first, second):
        await keys.viewer_of(created.key)
    await ApiToken._meta.db.execute_script("ALTER TABLE api_token RENAME TO elsewhere")
    writing = asyncio.create_task(keys.note_uses())
    await asyncio.sleep(0)  # it has begun
    again = datetime.now(UTC)
    await keys.viewer_of(second.key)  # it is remembered
    with pytest.raises(FAILURES):
        await writing
    await ApiToken._meta.db.execute_script("ALTER TABLE elsewhere RENAME TO api_token")
    await keys.note_uses()
    used = {token.id: token.last_used_at for token in await list_tokens(OPERATOR)}
    assert used[first.token.id] is not None
    assert used[first.token.id] < again <= used[second.token.id]


async def test_the_authorization_header_is_read_strictly(keys: ApiKeys, peppered: Settings):
    callers = Callers(peppered)
    key = (await made(keys)).key
    assert (await callers.viewer_of(f"bearer  {key} ")).role is Role.HELPDESK
    assert await callers.viewer_of(None) is ANONYMOUS
    for header in ("", "Bearer", "Bearer ", key, f"Basic {key}", f"Token {key}", "Bearer a.b.c"):
        with pytest.raises(UnauthenticatedError):
            await callers.viewer_of(header)


async def test_a_server_may_answer_nobody_without_a_token(peppered: Settings):
    callers = Callers(peppered.model_copy(update={"anonymous_reads": AnonymousReads.NOTHING}))
    with pytest.raises(UnauthenticatedError, match="only those who show a token"):
        await callers.viewer_of(None)


async def test_who_is_told_without_the_database_only_if_it_would_be_let_in(peppered: Settings):
    callers = Callers(peppered)
    created = await made(callers.keys)
    for header in (f"Bearer {created.key}", f"Basic {created.key}"):
        assert callers.who_shows(header)() is None
    viewer = await callers.viewer_of(f"Bearer {created.key}")
    assert callers.who_shows(f"Bearer {created.key}")() == viewer
    assert callers.who_shows(f"Basic {created.key}")() is None
    assert callers.who_shows(None)() is ANONYMOUS
    closed = Callers(peppered.model_copy(update={"anonymous_reads": AnonymousReads.NOTHING}))
    assert closed.who_shows(None)() is None


async def test_commands_act_for_the_token_and_without_one_as_operator_only_on_sqlite(
    keys: ApiKeys, peppered: Settings
):
    key = SecretStr((await made(keys)).key)
    viewer = await command_viewer(peppered.model_copy(update={"token": key}))
    assert viewer.role is Role.HELPDESK
    if peppered.sqlite_file:
        assert await command_viewer(peppered) is OPERATOR
    else:
        with pytest.raises(UnauthenticatedError, match="KB_TOKEN"):
            await command_viewer(peppered)


async def test_the_server_is_looked_after_without_a_key_or_by_one_that_may(
    keys: ApiKeys, peppered: Settings
):
    publishing = Capability.PUBLISH_KNOWLEDGE
    assert await maintainer(peppered, publishing) is OPERATOR
    for role, may in ((Role.ADMIN, True), (Role.HELPDESK, False)):
        key = SecretStr((await made(keys, Viewer(role))).key)
        shown = peppered.model_copy(update={"token": key})
        if may:
            assert (await maintainer(shown, publishing)).role is role
        else:
            with pytest.raises(NotPermittedError):
                await maintainer(shown, publishing)


async def test_who_was_let_in_may_go_on_until_the_key_ends(peppered: Settings):
    callers = Callers(peppered)
    created = await made(callers.keys)
    viewer = await callers.viewer_of(f"Bearer {created.key}")
    assert await callers.still_valid(viewer)
    ended = replace(viewer, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert not await callers.still_valid(ended)


async def test_commands_on_postgresql_need_a_key():
    settings = Settings(database_url="postgresql://kb@127.0.0.1/kb")
    with pytest.raises(UnauthenticatedError, match="kb token create --role ADMIN"):
        await command_viewer(settings)
