import pytest
from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from kb.models import Facility, FacilityProjection, SharingGrant, WorkflowEvent
from kb.services.knowledge.releases import publish
from kb.settings import Settings
from tests.storage.stored import (
    CHANGEABLE,
    MODELS,
    MORNING,
    add_facility,
    one_of_each,
    query,
    row_counts,
)

APPEND_ONLY = [model for model in MODELS if model._meta.db_table not in CHANGEABLE]


@pytest.fixture
async def rows_before(database: Settings) -> dict[str, int]:
    await publish(one_of_each(), at=MORNING, vectors=b"numbers")
    await add_facility()
    return await row_counts()


async def test_every_append_only_table_refuses_update_and_delete(
    rows_before: dict[str, int],
) -> None:
    for model in APPEND_ONLY:
        table = model._meta.db_table
        assert rows_before[table] > 0, table
        column = model._meta.db_pk_column
        for change in (f'UPDATE "{table}" SET "{column}" = "{column}"', f'DELETE FROM "{table}"'):
            with pytest.raises(IntegrityError, match=f"{table} is append-only"):
                await query_or_change(model, change)
    assert await row_counts() == rows_before


async def query_or_change(model: type[Model], sql: str) -> None:
    await model._meta.db.execute_query(sql)


async def test_an_event_cannot_be_changed_through_its_model(rows_before: dict[str, int]) -> None:
    event = await WorkflowEvent.get()
    event.kind = "SOMETHING_ELSE"
    with pytest.raises(IntegrityError, match="workflow_event is append-only"):
        await event.save()
    with pytest.raises(IntegrityError, match="workflow_event is append-only"):
        await event.delete()
    assert (await WorkflowEvent.get()).kind == "INTEREST_DECLARED"


async def test_replacing_or_truncating_counts_as_deleting(
    database: Settings, rows_before: dict[str, int]
) -> None:
    change = (
        "INSERT OR REPLACE INTO workflow_event SELECT * FROM workflow_event"
        if database.sqlite_file
        else "TRUNCATE facility CASCADE"
    )
    with pytest.raises(IntegrityError, match="workflow_event is append-only"):
        await query(change)
    assert await row_counts() == rows_before


async def test_a_facility_with_events_cannot_be_deleted(rows_before: dict[str, int]) -> None:
    with pytest.raises(IntegrityError):
        await Facility.all().delete()
    assert await row_counts() == rows_before


async def test_a_sequence_or_idempotency_key_is_taken_once_for_each_facility(
    database: Settings,
) -> None:
    facility = await add_facility()
    other = await Facility.create(name="Other", country="ID", created_at=MORNING)

    async def record(of: Facility, sequence: int, key: str | None) -> None:
        await WorkflowEvent.create(
            facility=of,
            sequence=sequence,
            kind="K",
            occurred_on=MORNING.date(),
            recorded_at=MORNING,
            actor_role="FACILITY",
            payload={},
            idempotency_key=key,
        )

    await record(facility, 2, "once")
    await record(facility, 3, None)
    await record(other, 1, "once")
    with pytest.raises(IntegrityError):
        await record(facility, 3, None)
    with pytest.raises(IntegrityError):
        await record(facility, 4, "once")
    assert await WorkflowEvent.all().count() == 4


async def test_only_one_projection_of_a_facility_is_current(database: Settings) -> None:
    await add_facility()
    row = await FacilityProjection.get()
    copy = {name: getattr(row, name) for name in row._meta.db_fields if name != "id"}
    with pytest.raises(IntegrityError):
        await FacilityProjection.create(**copy | {"cycle_number": 2})
    await FacilityProjection.create(**copy | {"cycle_number": 2, "is_current": False})
    assert await FacilityProjection.all().count() == 2


async def test_a_grant_can_be_given_again_once_it_is_revoked(database: Settings) -> None:
    await add_facility()
    grant = await SharingGrant.get()
    again = {name: getattr(grant, name) for name in grant._meta.db_fields if name != "id"}
    with pytest.raises(IntegrityError):
        await SharingGrant.create(**again)
    await SharingGrant.all().update(revoked_on=MORNING.date())
    await SharingGrant.create(**again)
    assert await SharingGrant.filter(revoked_on=None).count() == 1
