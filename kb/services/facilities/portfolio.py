"""The facilities that a viewer sees, counted: a fixed number of statements, however many."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from kb.rules.events import Event, EventKind
from kb.rules.folding import fold
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.access.scope import scope_of
from kb.services.facilities.sql import (
    CURRENT_INDEXED,
    FacilityFilter,
    Statement,
    apply_filter,
    apply_properties,
)
from kb.services.knowledge.decision_filter import DecisionBasis, decisions_by_key
from kb.services.knowledge.portfolio import Member, Portfolio, months_until

_SELECT = (
    "SELECT p.facility_id, p.decision_key, {changed_on}, {status_only} FROM {projections} p "
    f"WHERE {CURRENT_INDEXED}"
)
_EVENTS = (
    "SELECT p.facility_id, p.country, {status_only}, e.kind, e.occurred_on, e.sequence, e.payload "
    "FROM {projections} p JOIN workflow_event e ON e.facility_id = p.facility_id "
    f"WHERE {CURRENT_INDEXED}"
)
# Facilities whose events are folded before others get their turn.
_AT_ONCE = 50

# A day is a text on SQLite.
_MONTH = "SUBSTR(CAST(e.occurred_on AS VARCHAR(10)), 1, 7)"
_MONTHLY = (
    f"SELECT {_MONTH}, e.kind, COUNT(*) FROM {{projections}} p "
    f"JOIN workflow_event e ON e.facility_id = p.facility_id WHERE {CURRENT_INDEXED}"
)


async def portfolio(
    viewer: Viewer, by: DecisionBasis, only: FacilityFilter, as_of: date | None = None
) -> Portfolio:
    """The facilities that fit as they stand now, or as they stood at the end of a day.

    One statement. NotPermittedError for those who may not read where facilities stand. Only what
    the viewer sees is looked at, so that no count tells of anything else.
    """
    require(viewer, Capability.READ_STATUS)
    past = as_of is not None and as_of < by.now.date()
    members = await (_on(viewer, only, as_of) if past and as_of else _now(viewer, only))
    decisions = await decisions_by_key(
        dict.fromkeys(member.decision_key for member in members), by, as_of
    )
    return Portfolio(
        as_of=as_of or by.now.date(),
        members=tuple(
            member
            for member in members
            if all(each.fits(decisions[member.decision_key]) for each in only.all_of())
        ),
        decisions=decisions,
    )


async def monthly_events(
    viewer: Viewer, by: DecisionBasis, only: FacilityFilter, months: int, last: date
) -> Mapping[str, Mapping[EventKind, int]]:
    """Month, as 2021-10, to how often what happened in it at the facilities that fit now.

    The months up to that of `last`, oldest first; what the viewer is not told of is not counted.
    """
    require(viewer, Capability.READ_HISTORY)
    wanted = months_until(last, months)
    kinds = [kind for kind in EventKind if scope_of(viewer).covers(kind)]
    statement = Statement(_MONTHLY, viewer)
    statement.with_data()
    await apply_filter(statement, only, by, viewer)
    statement.also(f"e.kind {statement.among(kind.value for kind in kinds)}")
    first = date.fromisoformat(f"{wanted[0]}-01")
    statement.also(f"e.occurred_on >= {statement.mark(first)}")
    statement.also(f"e.occurred_on <= {statement.mark(last)}")
    statement.text += f" GROUP BY {_MONTH}, e.kind"
    found: dict[str, dict[EventKind, int]] = {month: {} for month in wanted}
    for month, kind, number in await statement.rows():
        found[month][EventKind(kind)] = number
    return found


async def _now(viewer: Viewer, only: FacilityFilter) -> list[Member]:
    statement = Statement(_SELECT, viewer)
    for each in only.all_of():
        apply_properties(statement, each, viewer)
    statement.text += " ORDER BY p.name, p.facility_id"
    return [
        Member(id_, key, _day(changed), bool(status_only))
        for id_, key, changed, status_only in await statement.rows()
    ]


async def _on(viewer: Viewer, only: FacilityFilter, as_of: date) -> list[Member]:
    statement = Statement(_EVENTS, viewer)
    for each in only.all_of():
        apply_properties(statement, each, viewer)
    statement.also(f"e.occurred_on <= {statement.mark(as_of)}")
    statement.text += " ORDER BY p.name, p.facility_id, e.sequence"
    scope = scope_of(viewer)
    happened: dict[tuple[int, str, bool], list[Event]] = defaultdict(list)
    for id_, country, status_only, kind, day, sequence, payload in await statement.rows():
        event = Event(EventKind(kind), _day(day) or as_of, sequence, json.loads(payload))
        happened[id_, country, bool(status_only)].append(event)
    members = []
    for place, ((id_, country, status_only), events) in enumerate(happened.items(), start=1):
        days = [event.occurred_on for event in events if scope.covers(event.kind)]
        state = fold(country, scope.known(events), as_of)
        members.append(Member(id_, state.profile.key, max(days, default=None), status_only))
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return members


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
