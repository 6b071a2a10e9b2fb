"""API keys on both databases: made, used, ended, and never found again in the tables."""

from __future__ import annotations

import asyncio
import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from pydantic import SecretStr

import kb.services.access.api_keys
from kb.errors import (
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    StorageError,
    UnauthenticatedError,
)
from kb.models import ApiToken, AuditEntry
from kb.rules.roles import Role
from kb.services.access.api_keys import (
    ApiKeys,
    CreatedToken,
    _make_secret,
    has_keeper,
    list_tokens,
    pepper_of,
    revoke_token,
)
from kb.services.access.callers import Callers, command_viewer, maintainer, token_maker
from kb.services.access.matrix import ANONYMOUS, OPERATOR, Capability, Viewer
from kb.services.database import FAILURES
from kb.settings import Settings
from kb.settings.access import AnonymousReads
from tests.storage.stored import add_facility, query
from tests.trial_databases import PEPPER
from tests.web.test_facilities import counted_statements

HELPDESK = Viewer(Role.HELPDESK, label="The desk")


@pytest.fixture
def peppered(database: Settings) -> Settings:
    return database.model_copy(update={"token_pepper": PEPPER})


@pytest.fixture
def keys(peppered: Settings) -> ApiKeys:
    return ApiKeys(peppered)


async def made(keys: ApiKeys, viewer: Viewer = HELPDESK, **options: object) -> CreatedToken:
    return await keys.create(OPERATOR, viewer, **options)


async def refused(keys: ApiKeys, key: str) -> str:
    with pytest.raises(UnauthenticatedError) as caught:
        await keys.viewer_of(key)
    return str(caught.value)


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


@pytest.mark.parametrize(
    ("viewer", "wrong"),
    [
        (Viewer(Role.BRAND), "organisation"),
        (Viewer(Role.BRAND, organisation=" "), "organisation"),
        (Viewer(Role.PROGRAMME_OFFICER), "country"),
        (Viewer(Role.PROGRAMME_OFFICER, countries=("Vietnam",)), "country"),
        (Viewer(Role.PROGRAMME_OFFICER, countries=("VN", "BD")), "country"),
        (Viewer(Role.FACILITY), "facility"),
        (Viewer(Role.HELPDESK, countries=("VN",)), "country"),
        (Viewer(Role.BRAND, organisation="B", facility_ids=(1,)), "facility"),
        (Viewer(Role.OPERATOR), "role"),
        (Viewer(Role.ANONYMOUS), "role"),
        (Viewer(Role.HELPDESK, label="x" * 201), "label"),
        (Viewer(Role.HELPDESK, label="\0"), "label"),
    ],
)
async def test_a_scope_that_does_not_fit_the_role_is_refused(
    keys: ApiKeys, viewer: Viewer, wrong: str
):
    with pytest.raises(InvalidInputError) as caught:
        await made(keys, viewer)
    assert caught.value.field == wrong
    assert await ApiToken.all().count() == 0


async def test_a_key_for_a_facility_needs_the_facility(keys: ApiKeys):
    facility = await add_facility()
    created = await made(keys, Viewer(Role.FACILITY, facility_ids=(facility.id,)))
    assert (await keys.viewer_of(created.key)).facility_ids == (facility.id,)
    with pytest.raises(NotFoundError, match="There is no facility '999'"):
        await made(keys, Viewer(Role.FACILITY, facility_ids=(999,)))


@pytest.mark.parametrize("days", [0, -1, 366])
async def test_a_lifetime_is_more_than_nothing_and_at_most_what_is_set(keys: ApiKeys, days: int):
    with pytest.raises(InvalidInputError, match="at most 365 days"):
        await made(keys, lifetime=timedelta(days=days))


async def test_a_key_lasts_90_days_unless_told_otherwise(keys: ApiKeys):
    token = (await made(keys)).token
    assert token.expires_at - token.created_at == timedelta(days=90)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.OPERATOR)])
async def test_only_admins_and_the_operator_make_list_and_revoke_keys(keys: ApiKeys, role: Role):
    token = (await made(keys)).token
    somebody = Viewer(role)
    with pytest.raises(NotPermittedError, match="token of ADMIN, to create, list and revoke"):
        await keys.create(somebody, HELPDESK)
    with pytest.raises(NotPermittedError):
        await list_tokens(somebody)
    with pytest.raises(NotPermittedError):
        await revoke_token(somebody, token.id)
    assert [token.revoked_at for token in await list_tokens(Viewer(Role.ADMIN))] == [None]


async def test_revoking_twice_keeps_the_first_moment_and_an_unknown_token_is_not_found(
    keys: ApiKeys,
):
    token = (await made(keys)).token
    first = await revoke_token(OPERATOR, token.id)
    assert await revoke_token(OPERATOR, token.id) == first
    assert first.state(datetime.now(UTC)) == "REVOKED"
    for unknown in (0, -1, 999, 2**40):
        with pytest.raises(NotFoundError):
            await revoke_token(OPERATOR, unknown)


async def test_of_several_who_revoke_a_key_at_once_one_does_and_the_audit_says_when(keys: ApiKeys):
    token = (await made(keys)).token
    moments = [datetime(2031, 10, 4, 9, minute, tzinfo=UTC) for minute in range(4)]
    views = await asyncio.gather(
        *(revoke_token(OPERATOR, token.id, now=moment) for moment in moments)
    )
    (noted,) = await AuditEntry.filter(what="TOKEN_REVOKED")
    assert {view.revoked_at for view in views} == {noted.at}


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


async def test_on_postgresql_the_first_admin_key_and_no_other_needs_no_key(
    keys: ApiKeys, peppered: Settings
):
    assert await token_maker(peppered, Role.ADMIN) is OPERATOR
    if peppered.sqlite_file:
        return
    with pytest.raises(UnauthenticatedError):
        await token_maker(peppered, Role.HELPDESK)
    admin = await made(keys, Viewer(Role.ADMIN))
    with pytest.raises(UnauthenticatedError):
        await token_maker(peppered, Role.ADMIN)
    with_token = peppered.model_copy(update={"token": SecretStr(admin.key)})
    assert (await token_maker(with_token, Role.HELPDESK)).role is Role.ADMIN
    await revoke_token(OPERATOR, admin.token.id)
    assert await token_maker(peppered, Role.ADMIN) is OPERATOR


async def test_only_an_admin_key_that_is_valid_can_manage_keys(keys: ApiKeys):
    await made(keys, Viewer(Role.HELPDESK))
    last_year = datetime.now(UTC) - timedelta(days=365)
    await keys.create(OPERATOR, Viewer(Role.ADMIN), timedelta(days=30), now=last_year)
    assert not await has_keeper()
    admin = await made(keys, Viewer(Role.ADMIN))
    assert await has_keeper()
    await revoke_token(OPERATOR, admin.token.id)
    assert not await has_keeper()


def test_on_sqlite_the_pepper_is_kept_beside_the_database_for_its_owner_only(tmp_path: Path):
    settings = Settings(database_url=f"sqlite://{tmp_path}/kb.sqlite3")
    pepper = pepper_of(settings)
    assert len(pepper) == 43
    assert pepper_of(settings) == pepper
    (file,) = tmp_path.iterdir()
    assert file.name == "kb.sqlite3.pepper"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_pepper_that_cannot_be_kept_is_told_in_one_line(tmp_path: Path):
    settings = Settings(database_url=f"sqlite://{tmp_path}/missing/kb.sqlite3")
    with pytest.raises(StorageError, match=r"kb\.sqlite3\.pepper"):
        pepper_of(settings)


def test_on_postgresql_a_missing_pepper_is_refused_with_what_to_do():
    with pytest.raises(InvalidInputError, match=r"KB_TOKEN_PEPPER.*openssl rand -base64 32"):
        pepper_of(Settings(database_url="postgres://db.example/kb"))


def test_a_secret_that_another_process_has_made_meanwhile_is_left_alone(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    _make_secret(secret)
    first = secret.read_text()
    _make_secret(secret)
    assert secret.read_text() == first
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


async def test_a_listed_key_is_valid_revoked_or_expired(keys: ApiKeys) -> None:
    created = await made(keys)
    (listed,) = await list_tokens(OPERATOR)
    assert listed.state(listed.created_at) == "VALID"
    assert listed.state(listed.expires_at) == "EXPIRED"
    revoked = await revoke_token(OPERATOR, created.token.id)
    assert revoked.state(revoked.created_at) == "REVOKED"
