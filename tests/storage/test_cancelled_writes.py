import asyncio

from kb.models import AuditEntry, Facility
from kb.services.database import connect
from kb.settings import Settings
from tests.storage.stored import MORNING


async def write_entries(count: int) -> None:
    await AuditEntry.bulk_create(
        AuditEntry(at=MORNING, who="desk", role="HELPDESK", what="READ") for _ in range(count)
    )


async def test_after_a_cancelled_write_of_many_rows_later_writes_are_kept(
    database_settings: Settings,
) -> None:
    async with connect(database_settings, everywhere=False):
        for pause in range(12):
            writing = asyncio.create_task(write_entries(50))
            for _ in range(pause):
                await asyncio.sleep(0)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await write_entries(1)
            await Facility.create(name="Example Garments", country="VN", created_at=MORNING)
    async with connect(database_settings, everywhere=False):
        assert await Facility.all().count() == 12
        assert await AuditEntry.all().count() % 50 == 12
