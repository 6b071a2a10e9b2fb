"""On which days a change may have happened, and what a backdated one changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kb.errors import (
    IllegalTransitionError,
    InvalidInputError,
)
from kb.models import (
    ServiceCycle,
    WorkflowEvent,
)
from tests.recording.conftest import (
    NOW,
    OFFICER,
    TODAY,
    Record,
    Register,
    facility_user,
)


async def test_an_event_is_never_later_than_today_nor_before_registration(
    register: Register, record: Record
) -> None:
    facility_id = (await register(occurred_on=date(2026, 11, 1))).facility.id
    for day in (TODAY + timedelta(1), date(2026, 10, 31)):
        with pytest.raises(InvalidInputError) as refused:
            await record(OFFICER, facility_id, "ENROLLED", occurred_on=day)
        assert refused.value.field == "occurred_on"
    done = await record(OFFICER, facility_id, "ENROLLED", occurred_on=date(2026, 11, 1))
    assert done.event.event.occurred_on == date(2026, 11, 1)
    assert done.event.recorded_at == NOW


@pytest.mark.parametrize(
    ("country", "now", "today", "others"),
    [
        # It is 06:41 of the 27th in Hanoi, 05:41 in Dhaka, and 19:42 of the 26th in Managua.
        ("VN", "2026-11-26T23:41Z", "2026-11-27", {"2026-11-26": "earlier", "2026-11-28": "later"}),
        ("BD", "2026-11-26T23:41Z", "2026-11-27", {"2026-11-26": "earlier", "2026-11-28": "later"}),
        ("NI", "2026-11-27T01:42Z", "2026-11-26", {"2026-11-25": "earlier", "2026-11-27": "later"}),
    ],
)
async def test_today_is_the_day_where_the_facility_is(
    register: Register,
    record: Record,
    country: str,
    now: str,
    today: str,
    others: dict[str, str],
) -> None:
    then = datetime.fromisoformat(now)
    officer = replace(OFFICER, countries=(country,))
    made = await register(officer, country=country, now=then)
    assert made.event.event.occurred_on == date.fromisoformat(today)
    facility_id = made.facility.id
    own = facility_user(facility_id)
    options: dict[str, Any] = {"payload": {"steps": [1]}, "now": then}
    for day in (*others, today):
        with pytest.raises((InvalidInputError, IllegalTransitionError)) as refused:
            await record(
                own,
                facility_id,
                "SELF_ASSESSMENT_COMPLETED",
                occurred_on=date.fromisoformat(day),
                **options,
            )
        # Today's is refused for another reason than its day.
        assert isinstance(refused.value, IllegalTransitionError) is (day == today), day
    done = await record(
        officer, facility_id, "ELIGIBILITY_RECORDED", payload={"enrolled": "NO"}, now=then
    )
    assert done.event.event.occurred_on == date.fromisoformat(today)


async def test_a_facility_records_today_only_unless_a_setting_lets_it_go_back(
    register: Register, record: Record
) -> None:
    facility_id = (await register(occurred_on=date(2026, 11, 1))).facility.id
    await record(OFFICER, facility_id, "ENROLLED", occurred_on=date(2026, 11, 1))
    own, yesterday = facility_user(facility_id), TODAY - timedelta(1)
    with pytest.raises(InvalidInputError) as refused:
        await record(own, facility_id, "INTEREST_DECLARED", occurred_on=yesterday)
    assert refused.value.allowed == (
        "2026-11-23; earlier days are for PROGRAMME_OFFICER, SLCP_OFFICER, ADMIN"
    )
    done = await record(
        own, facility_id, "INTEREST_DECLARED", occurred_on=yesterday, backdating_days=1
    )
    assert done.event.event.occurred_on == yesterday


async def test_a_backdated_assessment_makes_the_interest_declared_since_come_too_late(
    register: Register, record: Record
) -> None:
    facility_id = (await register(occurred_on=date(2026, 9, 1))).facility.id
    own = facility_user(facility_id)
    for kind, day in (("ENROLLED", date(2026, 9, 1)), ("CYCLE_OPENED", date(2026, 9, 2))):
        await record(OFFICER, facility_id, kind, occurred_on=day)
    declared = await record(own, facility_id, "INTEREST_DECLARED")
    assert "|BEFORE_ASSESSMENT|NONE|" in declared.facility.decision_key
    done = await record(
        OFFICER,
        facility_id,
        "ASSESSED",
        payload={"kind": "VCC"},
        occurred_on=date(2026, 10, 1),
    )
    assert done.event.event.sequence == 5
    assert "|AFTER_ASSESSMENT|VCC|" in done.facility.decision_key


async def test_a_backdated_event_is_checked_against_its_own_day(
    register: Register, record: Record
) -> None:
    facility_id = (await register(occurred_on=date(2026, 9, 1))).facility.id
    await record(OFFICER, facility_id, "ENROLLED", occurred_on=date(2026, 10, 10))
    with pytest.raises(IllegalTransitionError) as refused:
        await record(OFFICER, facility_id, "CYCLE_OPENED", occurred_on=date(2026, 10, 9))
    assert refused.value.guard == "IS_ENROLLED"
    await record(OFFICER, facility_id, "CYCLE_OPENED", occurred_on=date(2026, 10, 10))


async def test_an_earlier_cycle_told_later_keeps_each_event_in_its_own(
    register: Register, record: Record
) -> None:
    facility_id = (await register(occurred_on=date(2026, 1, 1))).facility.id
    for kind, day in (
        ("ENROLLED", date(2026, 1, 1)),
        ("CYCLE_OPENED", date(2026, 9, 1)),
        ("ASSESSED", date(2026, 9, 5)),
        ("CYCLE_OPENED", date(2026, 2, 1)),
        ("CYCLE_CLOSED", date(2026, 8, 1)),
    ):
        payload = {"kind": "ONSITE"} if kind == "ASSESSED" else {}
        done = await record(OFFICER, facility_id, kind, occurred_on=day, payload=payload)
    assert done.facility.cycle == 2
    cycles = await ServiceCycle.all().order_by("number").values_list("opened_on", "closed_on")
    assert list(cycles) == [
        (date(2026, 2, 1), date(2026, 8, 1)),
        (date(2026, 9, 1), None),
    ]
    assessed = await WorkflowEvent.get(kind="ASSESSED").select_related("cycle")
    assert assessed.cycle is not None
    assert assessed.cycle.number == 2
