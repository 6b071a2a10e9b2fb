"""The service cycles of facilities: as they stand, and as they stood on a day in the past."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from kb.models import Facility
from kb.rules.events import EventKind
from kb.rules.facts import ALL_LAYERS
from kb.rules.roles import Role
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.facilities.columns import CycleView, GrantView, cycles_of_view, states_on
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.histories import as_they_stood, cycles_now
from kb.services.facilities.reading import FacilityReads
from kb.services.facilities.views import facilities_by_id
from kb.services.facilities.what_applies import cycles_of, summary_of, what_applies
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.recording.append import Addition, NewEvent, append_events

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
BRAND = Viewer(Role.BRAND, organisation="Demo Brand")
VIEWERS = (
    OPERATOR,
    BRAND,
    Viewer(Role.FACILITY, facility_ids=(2, 20, 21)),
    Viewer(Role.PROGRAMME_OFFICER, countries=("BD", "VN")),
    Viewer(Role.HELPDESK),
)

OPENED, SHARED, UNSHARED = EventKind.CYCLE_OPENED, EventKind.SHARED, EventKind.UNSHARED
EVENTS = FacilityReads(("events",))
FIRST = date(2026, 1, 5)
HOST = {"grantee_kind": "ACCREDITED_HOST", "grantee": "Host", "channel": "ACCREDITED_HOST"}


def to_brand(name: str, channel: str = "EMAIL_LINK") -> dict[str, str]:
    return {"grantee_kind": "BRAND", "grantee": name, "channel": channel}


async def recorded(*events: tuple[EventKind, int, dict[str, Any]]) -> Facility:
    """A facility with events so many days after the first, recorded in this order."""
    facility = await Facility.create(name="Of two brands", country="VN", created_at=NOW)
    new = [
        NewEvent(kind, FIRST + timedelta(days), NOW, "FACILITY", payload=payload)
        for kind, days, payload in events
    ]
    await append_events([Addition(facility, new)])
    return facility


async def seen(viewer: Viewer, *ids: int) -> dict[int, FacilityView]:
    """The views of facilities that a viewer sees; of all demo facilities without any id."""
    views = await facilities_by_id(ids or range(1, 201), viewer)
    return {view.id: view for view in views if view is not None}


async def test_projections_tell_of_cycles_what_the_events_tell_in_one_statement(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    numbers = []
    for viewer in VIEWERS:
        views = await seen(viewer)
        events = {
            view.id: view.events
            for view in await facilities_by_id(list(views), viewer, EVENTS)
            if view is not None
        }
        statements.clear()
        told = await cycles_now(views, viewer)
        assert len(statements) == 1
        assert told == {
            view.id: cycles_of_view(states_on(view.country, events[view.id], TODAY, viewer), viewer)
            for view in views.values()
        }
        numbers.append((len(told), sum(len(cycle.grants) for of in told.values() for cycle in of)))
    assert numbers == [(200, 28), (20, 20), (3, 3), (108, 18), (200, 28)]


async def test_each_reader_is_told_its_own_of_whom_the_data_of_each_cycle_is_shared_with(
    portfolio: DecisionBasis,
) -> None:
    facility = await recorded(
        (SHARED, 0, to_brand("Before any cycle")),
        (OPENED, 1, {}),
        (SHARED, 2, to_brand("Demo Brand")),
        (SHARED, 2, to_brand("Demo Brand", "ACCREDITED_HOST")),
        (SHARED, 3, to_brand("Other Brand")),
        (SHARED, 4, HOST),
        (UNSHARED, 4, {"grantee_kind": "BRAND", "grantee": "Other Brand"}),
        (OPENED, 20, {}),
        (SHARED, 20, to_brand("Other Brand")),  # on the day of the new cycle, but after it
        (SHARED, 30, to_brand("Demo Brand")),  # of which the new cycle takes the place of the old
        (EventKind.CYCLE_CLOSED, 40, {}),
        (SHARED, 19, to_brand("Late Brand")),  # recorded late, so it belongs to the first cycle
    )

    def given(name: str, day: int, channel: str = "EMAIL_LINK", kind: str = "BRAND") -> GrantView:
        return GrantView(kind, name, channel, FIRST + timedelta(day))

    own = given("Demo Brand", 2, "ACCREDITED_HOST"), given("Demo Brand", 30)
    host = given("Host", 4, "ACCREDITED_HOST", "ACCREDITED_HOST")
    late, other = given("Late Brand", 19), given("Other Brand", 20)
    for viewer, first, second in (
        (OPERATOR, (own[0], host, late), (own[1], other)),
        (BRAND, own[:1], own[1:]),
        (Viewer(Role.BRAND, organisation="Other Brand"), (), (other,)),
    ):
        view = (await seen(viewer, facility.id))[facility.id]
        told = (await cycles_now([facility.id], viewer))[facility.id]
        assert [
            (cycle.number, cycle.opened_on, cycle.closed_on, cycle.grants) for cycle in told
        ] == [
            (1, FIRST + timedelta(1), None, first),
            (2, FIRST + timedelta(20), FIRST + timedelta(40), second),
        ]
        assert told[-1].decision_key == view.decision_key
        (with_events,) = await facilities_by_id([facility.id], viewer, EVENTS)
        assert with_events is not None
        states = states_on("VN", with_events.events, TODAY, viewer)
        assert cycles_of_view(states, viewer) == told


async def test_data_that_is_shared_still_is_told_of_with_its_labels_however_many_cycles_later(
    portfolio: DecisionBasis,
) -> None:
    facility = await recorded(
        (EventKind.ENROLLED, 0, {}),
        (OPENED, 1, {}),
        (EventKind.INTEREST_DECLARED, 2, {}),
        (EventKind.PROFILE_APPROVED, 3, {"gateway_id": "DEMO-GW-7"}),
        (EventKind.LINKED, 4, {}),
        (EventKind.SELF_ASSESSMENT_COMPLETED, 5, {"steps": [1]}),
        (EventKind.ASSESSED, 6, {"kind": "ONSITE"}),
        (SHARED, 7, to_brand("Demo Brand")),
        (OPENED, 20, {}),
        (EventKind.ASSESSED, 25, {"kind": "VCC"}),
        (OPENED, 40, {}),
        (OPENED, 60, {}),
    )
    view = (await seen(BRAND, facility.id))[facility.id]
    stood = (await cycles_now([facility.id], BRAND))[facility.id]
    knowledge = portfolio.knowledge
    told = cycles_of(stood, knowledge, TODAY, ALL_LAYERS)
    assert [(cycle.number, len(cycle.grants)) for cycle in told] == [(4, 0), (2, 0), (1, 1)]
    answer = what_applies(view, knowledge, TODAY, viewer=BRAND)
    letter = summary_of(answer, knowledge, TODAY, ALL_LAYERS, today=TODAY, cycles=told)
    assert (
        "- Shared with Demo Brand by an e-mailed link, since 2026-01-12. This is data of service "
        "cycle 1, which came before the present one."
    ) in letter.splitlines()
    headings = [line for line in letter.splitlines() if line.startswith("### What the data")]
    assert headings == [
        "### What the data may be called",
        "### What the data of service cycle 2 may be called",
        "### What the data of service cycle 1 may be called",
    ]
    assert "- Step 1: Better Work assessment data, collected on site." in letter


async def test_of_a_facility_without_a_cycle_there_is_one_with_the_number_0(
    portfolio: DecisionBasis,
) -> None:
    facility = await recorded((EventKind.ENROLLED, 0, {}))
    key = "VN|YES|UNKNOWN|UNKNOWN|NONE|NOT_DECLARED|NONE|NO||NONE|NONE|NONE||"
    assert await cycles_now([facility.id], OPERATOR) == {
        facility.id: (CycleView(0, None, None, key, ()),)
    }


async def test_of_a_facility_that_a_viewer_does_not_see_no_cycle_is_told(
    portfolio: DecisionBasis,
) -> None:
    assert await cycles_now([1, 2], Viewer(Role.FACILITY, facility_ids=(1,))) == {
        1: (await cycles_now([1], OPERATOR))[1],
        2: (),
    }


async def test_a_view_has_the_cycles_of_its_day_if_they_were_read_with_it_or_it_is_of_the_past(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    (now,) = await facilities_by_id([2], BRAND, FacilityReads.of({"cycles"}, (), ()))
    assert now is not None
    told = cycles_of_view(now.cycles, BRAND)
    assert told == (await cycles_now([2], BRAND))[2]
    assert [grant.grantee for grant in told[-1].grants] == ["Demo Brand"]
    statements.clear()
    opened_on = told[-1].opened_on
    assert opened_on is not None
    (then,) = await as_they_stood([now], opened_on - timedelta(1), NOW, BRAND)
    assert len(statements) == 1
    then_told = cycles_of_view(then.cycles, BRAND)
    assert [cycle.number for cycle in then_told] == [cycle.number for cycle in told[:-1]]
    assert [cycle.grants for cycle in then_told] == [()] * len(then_told)


async def test_what_another_brand_is_given_is_not_read_into_what_a_brand_is_told(
    portfolio: DecisionBasis,
) -> None:
    facility = await recorded((OPENED, 0, {}), (SHARED, 1, to_brand("Demo Brand")))
    before = await cycles_now([facility.id], BRAND)
    other = [
        NewEvent(kind, TODAY, NOW, "FACILITY", payload=to_brand("Other Brand"))
        for kind in (SHARED, UNSHARED, SHARED)
    ]
    await append_events([Addition(facility, other)])
    assert await cycles_now([facility.id], BRAND) == before
    told = (await cycles_now([facility.id], OPERATOR))[facility.id]
    assert [grant.grantee for grant in told[0].grants] == ["Demo Brand", "Other Brand"]
