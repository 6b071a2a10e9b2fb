"""API keys are made, listed and revoked by who may, within what is set."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from kb.errors import (
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    UnauthenticatedError,
)
from kb.models import ApiToken, AuditEntry
from kb.rules.roles import Role
from kb.services.access.api_keys import (
    ApiKeys,
    has_keeper,
    list_tokens,
    revoke_token,
)
from kb.services.access.callers import token_maker
from kb.services.access.matrix import OPERATOR, Viewer
from kb.settings import Settings
from tests.access.keys import HELPDESK, made
from tests.storage.stored import add_facility


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


async def test_a_listed_key_is_valid_revoked_or_expired(keys: ApiKeys) -> None:
    created = await made(keys)
    (listed,) = await list_tokens(OPERATOR)
    assert listed.state(listed.created_at) == "VALID"
    assert listed.state(listed.expires_at) == "EXPIRED"
    revoked = await revoke_token(OPERATOR, created.token.id)
    assert revoked.state(revoked.created_at) == "REVOKED"
