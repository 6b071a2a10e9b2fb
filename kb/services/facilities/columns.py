"""Columns of statements on facilities that hold what else there is of each, as JSON.

Whatever follows from the events or the grants of a facility is so read with the facility itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from kb.rules.events import Event, FacilityState, Grant
from kb.rules.folding import GRANTING, fold_cycles, fold_grants
from kb.services.access.matrix import BRAND_GRANTEE, Capability, Viewer
from kb.services.access.scope import Scope, scope_of
from kb.services.facilities.events import event_as_read


@dataclass(frozen=True, slots=True)
class GrantView:
    """Whom a facility lets see its data, by which channel, and since when."""

    grantee_kind: str
    grantee: str
    channel: str
    granted_on: date


@dataclass(frozen=True, slots=True)
class CycleView:
    """A service cycle of a facility as it ended, or as it stands; `grants` are for its data."""

    number: int
    opened_on: date | None
    closed_on: date | None
    decision_key: str
    grants: tuple[GrantView, ...]


def cycles_column(scope: Scope, *, sqlite: bool) -> str:
    """The service cycles: the projections, and the events from which the grants follow."""
    days = (
        f"json_extract(c.state, '$.{name}')" if sqlite else f"c.state -> '{name}'"
        for name in ("opened_on", "closed_on")
    )
    of_brand = "" if scope.brand is None else " AND c.brand = p.brand"
    stood = _rows(
        ("c.cycle_number", *days, "c.decision_key"),
        f"FROM {scope.projections} c WHERE c.facility_id = p.facility_id{of_brand}",
        sqlite=sqlite,
    )
    kinds = ", ".join(f"'{kind.value}'" for kind in GRANTING)
    granting = _events(f" AND e.kind IN ({kinds})", sqlite=sqlite)
    if sqlite:  # to which the results would be texts
        return f"json_array(json({stood}), json({granting}))"
    return f"json_build_array({stood}, {granting})"


def events_column(*, sqlite: bool) -> str:
    """All events, from which follows where the facility stood on any day."""
    return _events("", sqlite=sqlite)


def grants_column(scope: Scope, *, sqlite: bool) -> str:
    """Whom the facility shares its data with now, longest first; of a brand itself alone."""
    of_brand = (
        ""
        if scope.brand is None
        else f" AND g.grantee_kind = '{BRAND_GRANTEE}' AND g.grantee = p.brand"
    )
    return _rows(
        ("h.grantee_kind", "h.grantee", "h.channel", "h.granted_on"),
        "FROM (SELECT g.* FROM sharing_grant g WHERE g.facility_id = p.facility_id "
        f"AND g.revoked_on IS NULL{of_brand} ORDER BY g.granted_on, g.id) h",
        sqlite=sqlite,
    )


def _events(condition: str, *, sqlite: bool) -> str:
    payload = "json(e.payload)" if sqlite else "e.payload"
    return _rows(
        ("e.sequence", "e.kind", "e.occurred_on", payload),
        f"FROM workflow_event e WHERE e.facility_id = p.facility_id{condition}",
        sqlite=sqlite,
    )


def _rows(terms: Sequence[str], of: str, *, sqlite: bool) -> str:
    """The SQL term for rows as a JSON array of arrays; NULL may stand for none."""
    array, list_ = (
        ("json_array", "json_group_array") if sqlite else ("json_build_array", "json_agg")
    )
    return f"(SELECT {list_}({array}({', '.join(terms)})) {of})"


def grants_of_view(grants: str | None) -> tuple[GrantView, ...]:
    """Whom a facility shares its data with now, from what a view of it has of them."""
    return tuple(
        GrantView(kind, grantee, channel, date.fromisoformat(day))
        for kind, grantee, channel, day in orjson.loads(grants or "[]")
    )


def states_on(
    country: str, events: str | None, as_of: date, viewer: Viewer
) -> tuple[FacilityState, ...]:
    """Where a facility stood at the end of each service cycle up to a day, and on that day."""
    last = as_of.isoformat()
    rows = (row for row in orjson.loads(events or "[]") if row[2] <= last)
    return fold_cycles(country, _known(rows, viewer))


def _known(rows: Iterable[Sequence[Any]], viewer: Viewer) -> Iterable[Event]:
    return scope_of(viewer).known(event_as_read(*row) for row in rows)


def cycles_of_view(cycles: str | Sequence[FacilityState], viewer: Viewer) -> tuple[CycleView, ...]:
    """The service cycles that a view of a facility has, the present one last.

    Before the first there is one with the number 0. Who may not read with whom facilities share is
    given no grants.
    """
    shown = viewer.may(Capability.READ_SHARING)
    if not isinstance(cycles, str):
        grants = cycles[-1].grants if shown else ()
        return tuple(
            CycleView(
                state.cycle,
                state.opened_on,
                state.closed_on,
                state.profile.key,
                _of_cycle(state.cycle, grants),
            )
            for state in cycles
        )
    stood, granting = orjson.loads(cycles)
    grants = fold_grants(_known(granting or (), viewer)) if shown else ()
    return tuple(
        CycleView(number, _day(opened_on), _day(closed_on), key, _of_cycle(number, grants))
        for number, opened_on, closed_on, key in sorted(stood)
    )


def _of_cycle(number: int, grants: Iterable[Grant]) -> tuple[GrantView, ...]:
    return tuple(
        GrantView(grant.grantee_kind, grant.grantee, grant.channel, grant.granted_on)
        for grant in grants
        if grant.cycle == number
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
