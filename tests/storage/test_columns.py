from datetime import UTC, datetime, timedelta, timezone

import pytest

from kb.models import Facility, FacilityProjection
from kb.settings import Settings
from tests.storage.stored import MORNING, add_facility

HANOI = timezone(timedelta(hours=7))
LIMA = timezone(timedelta(hours=-5))
NAIVE = datetime(2021, 10, 4, 9, 30)


async def test_a_moment_without_a_time_zone_is_refused_on_every_way_in(database: Settings) -> None:
    await add_facility()
    with pytest.raises(ValueError, match="2021-10-04T09:30:00 has no time zone"):
        await Facility.create(name="Other", country="VN", created_at=NAIVE)
    with pytest.raises(ValueError, match="has no time zone"):
        await Facility.all().update(created_at=NAIVE)
    with pytest.raises(ValueError, match="has no time zone"):
        await Facility.filter(created_at__lte=NAIVE)
    with pytest.raises(ValueError, match="has no time zone"):
        await Facility.filter(created_at__in=[MORNING, NAIVE])
    facility = await Facility.get()
    facility.created_at = NAIVE
    with pytest.raises(ValueError, match="has no time zone"):
        await facility.save()
    assert [row.created_at for row in await Facility.all()] == [MORNING]


async def test_moments_with_different_offsets_are_compared_as_moments(database: Settings) -> None:
    nine_in_lima = datetime(2021, 10, 4, 9, tzinfo=LIMA)  # 14:00 in UTC
    await Facility.create(name="created", country="VN", created_at=nine_in_lima)
    await Facility.create(name="updated", country="VN", created_at=MORNING)
    await Facility.filter(name="updated").update(created_at=nine_in_lima)
    await Facility.bulk_create([Facility(name="bulk", country="VN", created_at=nine_in_lima)])
    minute = timedelta(minutes=1)
    nine_in_hanoi_time = datetime(2021, 10, 4, 21, tzinfo=HANOI)  # the same moment
    assert await Facility.filter(created_at__lte=nine_in_hanoi_time).count() == 3
    assert await Facility.filter(created_at__lte=nine_in_hanoi_time - minute).count() == 0
    assert await Facility.filter(created_at__gt=nine_in_hanoi_time - minute).count() == 3
    assert await Facility.filter(created_at__in=[nine_in_hanoi_time]).count() == 3
    span = (nine_in_hanoi_time - minute, nine_in_hanoi_time + minute)
    assert await Facility.filter(created_at__range=span).count() == 3
    assert {row.created_at for row in await Facility.all()} == {nine_in_lima.astimezone(UTC)}


async def test_names_sort_by_code_points_on_both_databases(database: Settings) -> None:
    names = ["a b", "A", "B", "a", "ab", "Z", "É", "_", "a-b", "Ab"]
    await Facility.bulk_create(
        [Facility(name=name, country="VN", created_at=MORNING) for name in names]
    )
    stored = await Facility.all().order_by("name").values_list("name", flat=True)
    assert stored == sorted(names)
    after_a = await Facility.filter(name__gt="a").order_by("name").values_list("name", flat=True)
    assert after_a == ["a b", "a-b", "ab", "É"]


async def test_a_json_object_keeps_the_order_of_its_keys(database: Settings) -> None:
    await add_facility()
    state = {"z": {"b": 1, "a": [1.5, None, True]}, "a": "É “quoted” \\", "m": "1.40"}
    await FacilityProjection.all().update(state=state)
    (row,) = await FacilityProjection.all()
    assert list(row.state) == ["z", "a", "m"]
    assert list(row.state["z"]) == ["b", "a"]
    assert row.state == state
