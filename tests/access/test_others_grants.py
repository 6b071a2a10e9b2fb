"""Whatever a facility shares with others changes nothing that a brand sees, on any day.

Facilities come in twins. Both have the same events and share with the same brand; one of them also
shares with others, again and again, and withdraws it. The brand must not be able to tell which.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.models import Facility
from kb.rules.codes import SharingStatus, WorkflowState
from kb.rules.events import OF_GRANTEES, Event, EventKind, without_other_grants
from kb.rules.folding import fold_cycles
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.demo.scenarios import SCENARIOS
from kb.services.lists.exporting import export_facilities
from kb.services.live.bus import Bus
from kb.services.live.following import CaughtUp, Happened, follow_portfolio
from kb.services.recording.append import Addition, NewEvent, append_events
from kb.settings import Settings
from tests.global_ids import global_id, number_of
from tests.tokens import token_for

BRAND = Viewer(Role.BRAND, organisation="Northwind")
FIRST_DAY = date(2025, 1, 1)
PAIRS = 12

PlannedEvent = tuple[EventKind, dict[str, Any]]


def shares(grantee: str, kind: str = "BRAND") -> PlannedEvent:
    channel = "EMAIL_LINK" if kind == "BRAND" else "ACCREDITED_HOST"
    payload = {"channel": channel, "grantee_kind": kind, "grantee": grantee}
    return EventKind.SHARED, payload


def withdraws(grantee: str, kind: str = "BRAND") -> PlannedEvent:
    return EventKind.UNSHARED, {"grantee_kind": kind, "grantee": grantee}


def shows(grantee: str) -> PlannedEvent:
    return EventKind.SIGHT_GRANTED, {"grantee_kind": "BRAND", "grantee": grantee}


def hides(grantee: str) -> PlannedEvent:
    return EventKind.SIGHT_WITHDRAWN, {"grantee_kind": "BRAND", "grantee": grantee}


OWN = (shares("Northwind"), withdraws("Northwind"))
OTHERS = (
    *(shows("Southwind"), hides("Southwind"), shows("northwind"), hides("northwind")),
    *(shares("Southwind"), withdraws("Southwind")),
    *(shares("northwind"), withdraws("northwind")),
    *(shares("Northwind", "ACCREDITED_HOST"), withdraws("Northwind", "ACCREDITED_HOST")),
    *(shares("Demo Host", "ACCREDITED_HOST"), withdraws("Demo Host", "ACCREDITED_HOST")),
)


@dataclass
class Twins:
    """The ids of the plain facility and of the one that shares with others, and their days."""

    plain: int
    other: int
    days: list[date]


def of_twins(
    random: Random,
) -> tuple[list[tuple[PlannedEvent, date]], list[tuple[PlannedEvent, date]]]:
    """The events of both, each with its day; both share with the brand in the end."""
    events = [
        event for event in random.choice(SCENARIOS).events(random) if event[0] not in OF_GRANTEES
    ]
    for event in OWN * random.randint(0, 1):
        events.insert(random.randint(1, len(events)), event)
    # Some share with the brand in an earlier service cycle only, and then with others.
    own_start = max((place for place, event in enumerate(events) if event == OWN[1]), default=0)
    events.insert(random.randint(own_start + 1, len(events)), OWN[0])
    plain = [(event, FIRST_DAY + timedelta(2 * place)) for place, event in enumerate(events)]
    other = list(plain)
    for _ in range(random.randint(1, 8)):
        place = random.randint(1, len(other)) if random.random() < 0.5 else len(other)
        day = other[place - 1][1] + timedelta(random.randint(0, 1))
        other.insert(place, (random.choice(OTHERS), day))
    return plain, other


def recorded(event: PlannedEvent, day: date) -> NewEvent:
    kind, payload = event
    at = datetime.combine(day, time(12), UTC)
    return NewEvent(kind, day, at, "FACILITY", actor="Somebody", payload=payload)


@dataclass
class World:
    """Asks in the name of the brand, and of the helpdesk, about all twins."""

    settings: Settings
    http: httpx.AsyncClient
    twins: list[Twins] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    async def arrive(self) -> None:
        random = Random(2021)
        for number in range(PAIRS):
            ids = []
            events = of_twins(random)
            for dated_events in events:
                facility = await Facility.create(
                    name=f"Twin {number}", country="VN", created_at=datetime.now(UTC)
                )
                await append_events(
                    [Addition(facility, [recorded(*dated) for dated in dated_events])]
                )
                ids.append(facility.id)
            days = sorted({day for _, day in events[1]})
            self.twins.append(Twins(*ids, days))
        self.tokens["brand"] = await token_for(self.settings, BRAND)
        self.tokens["helpdesk"] = await token_for(self.settings, Viewer(Role.HELPDESK))

    async def ask(self, query: str, who: str = "brand", **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        answer = (await self.http.post("/graphql", json=body, headers=headers)).json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data


@pytest.fixture
async def world(demo_server: tuple[Settings, httpx.AsyncClient]) -> World:
    arrived = World(*demo_server)
    await arrived.arrive()
    return arrived


FLOW = "workflow{} {{ state steps {{ code state doneOn }} nextActions {{ code }} }}"
APPLIES = "whatApplies{} {{ summary sharing {{ status text }} dataLabels {{ code }} }}"
ONE = """
    name osId gatewayId betterWorkId contactEmail version
    sharing { granteeKind grantee channel grantedOn }
    history(first: 100) {
        totalCount edges { cursor }
        nodes { kind occurredOn recordedAt cycle sequence actor details { name value } }
    }
"""


def seen_on(days: list[date]) -> str:
    """A query for all that there is to see of a facility, now and on these days."""
    past = " ".join(
        f"f{place}: {FLOW.format(on)} a{place}: {APPLIES.format(on)}"
        for place, on in enumerate(f'(asOf: "{day}")' for day in days)
    )
    return (
        "query($id: ID!) { facility(by: {id: $id}) "
        f"{{ {ONE} {FLOW.format('')} {APPLIES.format('')} {past} }} }}"
    )


@pytest.mark.slow
async def test_no_brand_can_tell_what_a_facility_shares_with_others_on_any_day(world: World):
    differs = 0
    for twins in world.twins:
        for start in range(0, len(twins.days), 8):
            query = seen_on(twins.days[start : start + 8])
            plain, other = [
                await world.ask(query, id=global_id(facility))
                for facility in (twins.plain, twins.other)
            ]
            assert plain == other
        shown = [
            await world.ask(seen_on([]), "helpdesk", id=global_id(facility))
            for facility in (twins.plain, twins.other)
        ]
        differs += shown[0] != shown[1]
    assert differs == PAIRS  # the helpdesk does see what the brand must not


async def test_no_filter_count_or_order_tells_a_brand_what_is_shared_with_others(world: World):
    pairs = [(twins.plain, twins.other) for twins in world.twins]
    criteria = [
        *(f"workflowState: [{state}]" for state in WorkflowState),
        *(f"sharing: [{status}]" for status in SharingStatus),
    ]
    matches = 0
    for criterion in criteria:
        data = await world.ask(
            f"{{ facilities(first: 100 filter: {{{criterion}}}) {{ totalCount nodes {{ id }} }} }}"
        )
        ids = {number_of(node["id"]) for node in data["facilities"]["nodes"]}
        matches += len(ids)
        assert data["facilities"]["totalCount"] == len(ids)
        assert all((plain in ids) is (other in ids) for plain, other in pairs), criterion
    assert matches == 4 * PAIRS  # each facility has one state and one status
    counts = (
        await world.ask(
            "{ facilityRollup { total byCountry { count } byAssessor { count } "
            "bySharing { count } byPrimaryBlocker { count } } }"
        )
    )["facilityRollup"]
    assert counts.pop("total") == 2 * PAIRS
    assert all(entry["count"] % 2 == 0 for some in counts.values() for entry in some)
    for order in ("NAME", "COUNTRY", "ID", "NEWEST"):
        data = await world.ask(
            f"{{ facilities(first: 100 orderBy: {order}) {{ nodes {{ id }} }} }}"
        )
        ids = [number_of(node["id"]) for node in data["facilities"]["nodes"]]
        places = [sorted((ids.index(plain), ids.index(other))) for plain, other in pairs]
        assert all(last - first == 1 for first, last in places), order


async def test_no_subscription_tells_a_brand_what_is_shared_with_others(world: World):
    async def always(viewer: Viewer) -> bool:
        return True

    bus = Bus(world.settings, always)
    received: dict[int, list[object]] = {}
    async for change in await follow_portfolio(bus, BRAND, bus.cursors.seal(0)):
        if isinstance(change, CaughtUp):
            break
        facility_id = change.facility.id if hasattr(change, "facility") else change.facility_id
        kind = change.event.event.kind if isinstance(change, Happened) else type(change)
        received.setdefault(facility_id, []).append(kind)
    assert len(received) == 2 * PAIRS
    for twins in world.twins:
        assert received[twins.plain] == received[twins.other]


async def test_an_export_tells_a_brand_nothing_of_what_is_shared_with_others(world: World):
    to = io.StringIO()
    assert await export_facilities(BRAND, to, now=datetime.now(UTC)) == 2 * PAIRS
    lines = to.getvalue().splitlines()[1:]
    assert len(lines) == 2 * PAIRS
    assert lines[::2] == lines[1::2]


KNOWN = st.sampled_from(
    [
        *((kind, {}) for kind in EventKind if kind not in (*OF_GRANTEES, EventKind.ASSESSED)),
        (EventKind.ASSESSED, {"kind": "ONSITE"}),
        *OWN,
        *(shows("Northwind"), hides("Northwind")),
    ]
)


@given(st.lists(KNOWN, max_size=20), st.lists(st.tuples(st.integers(0), st.sampled_from(OTHERS))))
def test_by_what_a_brand_may_know_a_facility_stands_the_same_with_and_without_others(
    known: list[PlannedEvent], others: list[tuple[int, PlannedEvent]]
) -> None:
    plain = [(event, FIRST_DAY + timedelta(place)) for place, event in enumerate(known)]
    every = list(plain)
    for number, event in others:
        place = number % (len(every) + 1)
        every.insert(place, (event, every[place - 1][1] if place else FIRST_DAY))
    stands = []
    for dated in (plain, every):
        events = [
            Event(kind, day, sequence, payload)
            for sequence, ((kind, payload), day) in enumerate(dated, start=1)
        ]
        seen = list(without_other_grants(events, "BRAND", "Northwind"))
        assert [(event.kind, event.payload) for event in seen] == known
        stands.append(
            [
                (state.profile.key, state.cycle, dict(state.step_dates), state.grants)
                for state in fold_cycles("VN", seen)
            ]
        )
    assert stands[0] == stands[1]
