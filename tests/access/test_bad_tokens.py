"""Tokens that are made up are looked for only so often; good ones go on working."""

from __future__ import annotations

import secrets

import pytest

import kb.services.access.api_keys
from kb.errors import TooOftenError, UnauthenticatedError
from kb.rules.roles import Role
from kb.services.access.callers import Callers
from kb.settings import Settings
from tests.tokens import helpdesk_token

HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"


def made_up() -> str:
    return f"Bearer kb_{secrets.token_urlsafe(32)}"


@pytest.fixture
async def callers(database: Settings) -> Callers:
    return Callers(database.model_copy(update={"bad_token_rate": 3}))


@pytest.mark.parametrize(("wait", "said"), [(1, "1 second."), (2, "2 seconds.")])
def test_one_second_is_one(wait: int, said: str) -> None:
    assert str(TooOftenError("You ask too often.", wait)) == f"You ask too often. Go on in {said}"


async def test_an_address_may_show_only_so_many_bad_tokens(
    callers: Callers, database: Settings, statements: list[str]
) -> None:
    known, new = await helpdesk_token(database), await helpdesk_token(database)
    await callers.viewer_of(f"Bearer {known}", HERE)
    for _ in range(3):
        with pytest.raises(UnauthenticatedError):
            await callers.viewer_of(made_up(), HERE)
    looked_up = len(statements)
    for token in (made_up(), f"Bearer {new}", "Bearer kb_short"):
        with pytest.raises(TooOftenError, match=r"Go on in 20 seconds\.") as refused:
            await callers.viewer_of(token, HERE)
        assert (refused.value.code, refused.value.wait) == ("RATE_LIMITED", 20)
    assert len(statements) == looked_up
    assert (await callers.viewer_of(f"Bearer {known}", HERE)).role is Role.HELPDESK
    assert (await callers.viewer_of(f"Bearer {new}", ELSEWHERE)).role is Role.HELPDESK
    assert (await callers.viewer_of(f"Bearer {new}", HERE)).role is Role.HELPDESK


async def test_one_bad_token_is_looked_for_once_however_often_it_is_shown(
    callers: Callers, statements: list[str]
) -> None:
    token = made_up()
    for _ in range(10):
        with pytest.raises(UnauthenticatedError):
            await callers.viewer_of(token, HERE)
    assert len(statements) == 1


async def test_only_the_latest_bad_tokens_are_remembered(
    callers: Callers, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kb.services.access.api_keys, "BAD_KEYS_KEPT", 1)
    first, second = made_up(), made_up()
    for token, looked_up in ((first, 1), (second, 2), (second, 2), (first, 3)):
        with pytest.raises(UnauthenticatedError):
            await callers.viewer_of(token, HERE)
        assert len(statements) == looked_up


async def test_good_tokens_do_not_count(callers: Callers, database: Settings) -> None:
    for _ in range(5):
        token = await helpdesk_token(database)
        assert (await callers.viewer_of(f"Bearer {token}", HERE)).role is Role.HELPDESK
