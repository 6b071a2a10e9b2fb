"""Facilities that are asked for one by one at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from kb.asyncpg_backend import Client
from kb.rules.roles import Role
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect, current_client
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.views import (
    FacilityIdKind,
    FacilityLocator,
    facilities_by_id,
    find_facility,
)
from kb.services.knowledge.decision_filter import DecisionBasis
from tests.templates import demo_template
from tests.trial_databases import PostgresDatabases

BRAND = Viewer(Role.BRAND, organisation="Demo Brand")
HELPDESK = Viewer(Role.HELPDESK)
SHARED, HIDDEN = 2, 1


def reads_are_batched() -> bool:
    return current_client().capabilities.dialect == "postgres"


async def found(number: int, viewer: Viewer = OPERATOR) -> FacilityView | None:
    return await find_facility(FacilityLocator(FacilityIdKind.ID, str(number)), viewer)


async def all_found(*asked: tuple[int, Viewer]) -> list[int | None]:
    views = await asyncio.gather(*(found(number, viewer) for number, viewer in asked))
    return [view and view.id for view in views]


async def one_by_one(numbers: Iterable[int]) -> list[FacilityView | None]:
    return [(await facilities_by_id([number], OPERATOR))[0] for number in numbers]


async def test_each_asker_gets_its_own_and_four_are_read_by_one_statement(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    numbers = (7, 3, 3, 150, 9_999, 12, 1, 200, 44)
    views = await asyncio.gather(*map(found, numbers))
    assert len(statements) == (3 if reads_are_batched() else len(numbers))
    assert [view and view.id for view in views] == [7, 3, 3, 150, None, 12, 1, 200, 44]
    assert views == await one_by_one(numbers)


async def test_what_is_read_together_is_for_the_same_eyes(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    other = Viewer(Role.BRAND, organisation="Another Brand")
    asked = [(HIDDEN, HELPDESK), (HIDDEN, BRAND), (SHARED, BRAND), (SHARED, other)]
    assert await all_found(*asked) == [HIDDEN, None, SHARED, None]
    assert len(statements) == (3 if reads_are_batched() else 4)
    assert await all_found(*reversed(asked)) == [None, SHARED, None, HIDDEN]


async def test_ids_of_other_systems_are_read_together_however_they_are_spelt(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    spelt = {
        "DEMO-OS-000002": 2,
        "demo-os-000003": 3,
        "Demo-OS-000002 ": 2,
        "DEMO-OS-9": None,
        "DÉMO-OS-000002": None,
        "DEMO-OS-000150": 150,
    }
    views = await asyncio.gather(
        *(find_facility(FacilityLocator(FacilityIdKind.OS_ID, text), OPERATOR) for text in spelt)
    )
    assert [view and view.id for view in views] == list(spelt.values())
    # A text with letters beyond ASCII may be kept in several ways, and is looked for by itself.
    assert len(statements) == (3 if reads_are_batched() else len(spelt))
    assert [view for view in views if view] == await one_by_one(n for n in spelt.values() if n)


async def test_a_number_too_large_for_the_database_is_nobodys(portfolio: DecisionBasis) -> None:
    assert await all_found((10**30, OPERATOR), (SHARED, OPERATOR)) == [None, SHARED]


async def test_who_gives_up_takes_nothing_from_the_others(portfolio: DecisionBasis) -> None:
    for turns in range(6):
        asking = [asyncio.create_task(found(number)) for number in (2, 3, 3, 4, 5)]
        for _ in range(turns):
            await asyncio.sleep(0)
        asking[0].cancel()
        asking[2].cancel()
        views = await asyncio.gather(*asking, return_exceptions=True)
        assert [getattr(views[place], "id", None) for place in (1, 3, 4)] == [3, 4, 5]


@pytest.fixture
async def client(postgres_databases: PostgresDatabases) -> AsyncIterator[Client]:
    settings = postgres_databases.copy(demo_template(postgres_databases))
    async with connect(settings, everywhere=False):
        client = current_client()
        assert isinstance(client, Client)
        yield client
    postgres_databases.drop(settings)


async def test_all_that_wait_learn_what_went_wrong_and_the_next_are_answered(
    client: Client,
) -> None:
    batched = client.batched
    failures = await asyncio.gather(
        *(batched.rows("SELECT id FROM no_such_table WHERE id", (), number) for number in (1, 2)),
        return_exceptions=True,
    )
    assert [type(failure).__name__ for failure in failures] == ["OperationalError"] * 2
    assert await all_found((SHARED, OPERATOR)) == [SHARED]


async def test_what_was_written_before_is_read(portfolio: DecisionBasis) -> None:
    before = await found(SHARED)
    assert before is not None
    client = current_client()
    await client.execute_query("UPDATE facility SET address = 'There' WHERE id = 2")
    now, beside = await asyncio.gather(found(SHARED), found(3))
    assert now is not None
    assert (now.address, beside and beside.id) == ("There", 3)
