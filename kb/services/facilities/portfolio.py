"""The facilities that a viewer sees, counted: a fixed number of statements, however many."""

from __future__ import annotations

import asyncio
import json
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from kb.rules.days import local_days
from kb.rules.events import Event, EventKind
from kb.rules.folding import fold
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.access.scope import among_covered, scope_of
from kb.services.facilities.counts import are_kept, counts_by_key
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.reading import EVERYTHING, FacilityReads
from kb.services.facilities.sql import (
    CURRENT_INDEXED,
    FacilityFilter,
    SqlStatement,
    apply_filter,
    apply_properties,
)
from kb.services.facilities.views import facilities_by_id, facilities_by_key
from kb.services.knowledge.decision_filter import DecisionBasis, decisions_by_key
from kb.services.knowledge.portfolio import Member, Portfolio, months_until, portfolio_of

_EVENTS = (
    "SELECT p.facility_id, p.country, {status_only}, e.kind, e.occurred_on, e.sequence, e.payload "
    "FROM {projections} p JOIN workflow_event e ON e.facility_id = p.facility_id "
    f"WHERE {CURRENT_INDEXED}"
)
# Facilities whose events are folded before others get their turn.
_AT_ONCE = 50

_MONTHLY_KEPT = "SELECT p.month, p.kind, SUM(p.number) FROM event_count p WHERE TRUE"

# A day is a text on SQLite.
_MONTH = "SUBSTR(CAST(e.occurred_on AS VARCHAR(10)), 1, 7)"
_MONTHLY, _MONTHLY_TOO_LATE = (
    f"SELECT {_MONTH}, e.kind, {number} FROM {{projections}} p "
    f"JOIN workflow_event e ON e.facility_id = p.facility_id WHERE {CURRENT_INDEXED}"
    for number in ("COUNT(*)", "-COUNT(*)")
)
_KINDS = {kind.value: kind for kind in EventKind}


async def portfolio(
    viewer: Viewer, by: DecisionBasis, only: FacilityFilter, as_of: date | None = None
) -> Portfolio:
    """The facilities that fit as they stand now, or as they stood at the end of a day.

    One statement. NotPermittedError for those who may not read where facilities stand. Only what
    the viewer sees is looked at, so that no count tells of anything else.
    """
    require(viewer, Capability.READ_STATUS)
    day = as_of or by.now.date()
    if _is_past(as_of, by):
        stood = await _on(viewer, only, day)
        keys = dict.fromkeys(member.decision_key for member in stood)
        return portfolio_of(stood, only.fitting(await decisions_by_key(keys, by, as_of)), day)
    numbers = await counts_by_key(viewer, only)
    keys = dict.fromkeys(key for key, _ in numbers)
    decisions = only.fitting(await decisions_by_key(keys, by, as_of))
    fitting = {key: number for key, number in numbers.items() if key[0] in decisions}
    return Portfolio(day, fitting, decisions)


async def facilities_with(
    keys: Collection[str],
    viewer: Viewer,
    by: DecisionBasis,
    only: FacilityFilter,
    *,
    first: int,
    skip: int = 0,
    as_of: date | None = None,
    reads: FacilityReads = EVERYTHING,
) -> list[tuple[str, FacilityView]]:
    """A part of the facilities that `portfolio` counts, by name: those with these keys.

    Each as it stands now, with the key by which it was counted. One statement; two for a day in the
    past.
    """
    require(viewer, Capability.READ_STATUS)
    if as_of and _is_past(as_of, by):
        stood = [member for member in await _on(viewer, only, as_of) if member.decision_key in keys]
        part = stood[skip : skip + first]
        views = await facilities_by_id([member.id for member in part], viewer, reads)
        return [
            (member.decision_key, view)
            for member, view in zip(part, views, strict=True)
            if view is not None
        ]
    return [
        (view.decision_key, view)
        for view in await facilities_by_key(keys, viewer, only, first=first, skip=skip, reads=reads)
    ]


def _is_past(as_of: date | None, by: DecisionBasis) -> bool:
    return as_of is not None and as_of < by.now.date()


def last_day(counts: Portfolio, now: datetime) -> date:
    """The last day that has begun at any of the facilities counted, whose events bear it."""
    countries = {key[:2] for key, _ in counts.numbers}
    return max((local_days(country, now).latest for country in countries), default=counts.as_of)


async def monthly_events(
    viewer: Viewer, by: DecisionBasis, only: FacilityFilter, months: int, last: date
) -> Mapping[str, Mapping[EventKind, int]]:
    """Month, as 2021-10, to how often what happened in it at the facilities that fit now.

    The months up to that of `last`, oldest first; what the viewer is not told of is not counted.
    """
    require(viewer, Capability.READ_HISTORY)
    wanted = months_until(last, months)
    first = date.fromisoformat(f"{wanted[0]}-01")
    by_month: dict[str, Counter[EventKind]] = {month: Counter() for month in wanted}
    covered = among_covered(scope_of(viewer))
    if only.decides or not are_kept(viewer, only):
        statement = SqlStatement(_MONTHLY, viewer)
        await _happened(statement, viewer, by, only, first, last)
    else:
        statement = SqlStatement(_MONTHLY_KEPT, viewer, of_counts=True)
        await apply_filter(statement, only, by, viewer)
        statement.also(f"p.kind {covered}")
        statement.also(f"p.month {statement.among(wanted)}")
        statement.text += " GROUP BY p.month, p.kind"
        end = last.replace(day=monthrange(last.year, last.month)[1])
        if last < end:  # whole months are kept
            statement = SqlStatement(_MONTHLY_TOO_LATE, viewer, before=statement)
            await _happened(statement, viewer, by, only, last + timedelta(days=1), end)
    statement.text += " ORDER BY 1, 2"
    for month, kind, number in await statement.rows():
        by_month[month][_KINDS[kind]] += number
    return {month: +events for month, events in by_month.items()}


async def _happened(
    statement: SqlStatement,
    viewer: Viewer,
    by: DecisionBasis,
    only: FacilityFilter,
    first: date,
    last: date,
) -> None:
    """Ask for what happened from one day to another, by month."""
    statement.with_data()
    await apply_filter(statement, only, by, viewer)
    statement.also(f"e.kind {among_covered(scope_of(viewer))}")
    statement.also(f"e.occurred_on >= {statement.mark(first)}")
    statement.also(f"e.occurred_on <= {statement.mark(last)}")
    statement.text += f" GROUP BY {_MONTH}, e.kind"


async def _on(viewer: Viewer, only: FacilityFilter, as_of: date) -> list[Member]:
    statement = SqlStatement(_EVENTS, viewer)
    for each in only.all_of():
        apply_properties(statement, each, viewer)
    statement.also(f"e.occurred_on <= {statement.mark(as_of)}")
    statement.text += " ORDER BY p.name, p.facility_id, e.sequence"
    scope = scope_of(viewer)
    happened: dict[tuple[int, str, bool], list[Event]] = defaultdict(list)
    for id_, country, status_only, kind, day, sequence, payload in await statement.rows():
        event = Event(EventKind(kind), _day(day) or as_of, sequence, json.loads(payload))
        happened[id_, country, bool(status_only)].append(event)
    stood = []
    for place, ((id_, country, status_only), events) in enumerate(happened.items(), start=1):
        days = [event.occurred_on for event in events if scope.covers(event.kind)]
        state = fold(country, scope.known(events), as_of)
        stood.append(Member(id_, state.profile.key, max(days, default=None), status_only))
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return stood


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
