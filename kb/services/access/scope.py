"""Which facilities, and which of their events, each viewer sees: decided here and nowhere else.

`scope_of` is the one place that looks at the kind of rows. Statements on facilities, the feed of
events and the queues of listeners are all made from the scope that it gives, criterion by
criterion, so that none of them can admit more than the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Protocol, assert_never

from tortoise.expressions import Q, Subquery

from kb.models import SharingGrant
from kb.rules.events import OF_GRANTEES, Event, EventKind, without_other_grants
from kb.services.access.matrix import BRAND_GRANTEE, GATEWAY_PROFILE_EVENTS, Rows, Viewer

# A brand sees no others with whom a facility shares, so it sees no event that names them or that
# may be about one that does.
_NOT_FOR_BRANDS = (*OF_GRANTEES, EventKind.RECORD_CONTESTED)

Mark = Callable[[Any], str]
"""Takes a value of a statement and gives its placeholder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What must hold of a facility for a viewer to see it; None stands for no such condition.

    `kinds` asks for an event of one of these kinds, and lets no other events be seen. `brand` asks
    for a sharing grant in force to that brand.
    """

    facility_ids: tuple[int, ...] | None = None
    countries: tuple[str, ...] | None = None
    kinds: tuple[EventKind, ...] | None = None
    brand: str | None = None

    def criteria(self) -> Iterator[tuple[_Criterion, Any]]:
        """The conditions that there are, with their values."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                yield CRITERIA[field.name], value

    def covers(self, kind: EventKind) -> bool:
        """Whether events of a kind are seen at the facilities that are seen."""
        if self.kinds is not None:
            return kind in self.kinds
        return self.brand is None or kind not in _NOT_FOR_BRANDS

    @property
    def every_event(self) -> bool:
        """Whether all events of the facilities are seen.

        To others gaps in a count of events would tell that there are more.
        """
        return all(self.covers(kind) for kind in EventKind)

    @property
    def from_registration(self) -> bool:
        """Whether a facility is seen from its registration on, as soon as it is registered."""
        return self.facility_ids is None and self.kinds is None and self.brand is None

    @property
    def projections(self) -> str:
        """The table in which facilities stand as they may be seen.

        Brands have one of their own, made from the events but what is shared with others.
        """
        return "facility_projection" if self.brand is None else "brand_projection"

    @property
    def status_only(self) -> str:
        """The SQL term for whether only the status of a facility is seen, and no data."""
        return "FALSE" if self.brand is None else "p.status_only"

    @property
    def version(self) -> str:
        """The SQL term for the number of changes of a facility (f) that the viewer may know of.

        Who is told of all of them has the version of the facility.
        """
        if self.every_event:
            return "f.version"
        return (
            "(SELECT COUNT(*) FROM workflow_event v WHERE v.facility_id = f.id "
            f"AND v.kind {among_covered(self)})"
        )

    def version_of(self, version: int, events: Iterable[Event]) -> int:
        """The number of changes that the viewer may know of, by the facility's own version."""
        return version if self.every_event else sum(self.covers(event.kind) for event in events)

    def row_condition(self, mark: Mark) -> str:
        """The SQL condition on `projections`, as p, that holds for what is seen.

        Every statement on facilities has it, so that hidden facilities cost the same work as
        missing ones.
        """
        conditions = (criterion.in_sql(value, mark) for criterion, value in self.criteria())
        return " AND ".join(conditions) or "TRUE"

    @property
    def changed_on(self) -> str:
        """The SQL term for the day of the last change, of those that are told, in `projections`."""
        if self.kinds is None:
            return "p.changed_on"
        return (
            "(SELECT MAX(e.occurred_on) FROM workflow_event e "
            f"WHERE e.facility_id = p.facility_id AND e.kind {among_covered(self)})"
        )

    @property
    def latest_kind(self) -> str | None:
        """The SQL term for the kind of the last event that is told, which is of `changed_on`.

        None where it is not kept in `projections`.
        """
        if self.kinds is not None:
            return None
        if self.brand is None:
            return "p.latest_kind"
        return "CASE WHEN p.status_only THEN NULL ELSE p.latest_kind END"

    @property
    def is_counted(self) -> bool:
        """Whether counts of what is seen are kept, to be read by `count_condition`."""
        return self.facility_ids is None and self.kinds is None

    def count_condition(self, mark: Mark) -> str:
        """The SQL condition on a table of kept counts, as p, that holds for what is seen."""
        everybodys = replace(self, brand=self.brand or "")
        return everybodys.row_condition(mark)

    def placed_events(self) -> Q:
        """An SQL condition that keeps every event the viewer may be told of.

        It keeps more than those: other events of the same facilities, and events of facilities that
        were shared once, because a brand is told when sharing ended.
        """
        return Q(*(criterion.placed(value) for criterion, value in self.criteria()))

    def concerned_by(self, event: FacilityEvent, shared: tuple[bool, bool]) -> bool:
        """Whether anything is told of an event.

        `shared` tells whether the facility shared with the brand just before it, and just after.
        """
        turns = shared[0] is not shared[1]
        return (turns or self.covers(event.kind)) and all(
            criterion.holds(value, event, any(shared)) for criterion, value in self.criteria()
        )

    def known(self, events: Iterable[Event]) -> Iterable[Event]:
        """The events that the viewer may know of; from them follows the state that it sees."""
        if self.brand is None:
            return events
        return without_other_grants(events, BRAND_GRANTEE, self.brand)


@lru_cache(maxsize=10_000)
def among_covered(scope: Scope) -> str:
    """The end of an SQL condition on the kind of an event, which holds for those that are seen.

    The kinds are written out, as they are words of this program; placeholders would take time in
    every statement.
    """
    covered = ", ".join(f"'{kind.value}'" for kind in EventKind if scope.covers(kind))
    return f"IN ({covered or 'NULL'})"


class FacilityEvent(Protocol):
    """An event with the facility that it belongs to."""

    @property
    def facility_id(self) -> int:
        """The number of the facility."""

    @property
    def country(self) -> str:
        """Where the facility is."""

    @property
    def kind(self) -> EventKind:
        """What happened."""


@dataclass(frozen=True, slots=True)
class _Criterion:
    """One condition, as each path asks it."""

    in_sql: Callable[[Any, Mark], str]
    placed: Callable[[Any], Q]
    holds: Callable[[Any, FacilityEvent, bool], bool]


def _ever_shared_with(brand: str) -> Q:
    grants = SharingGrant.filter(grantee_kind=BRAND_GRANTEE, grantee=brand)
    return Q(event__facility_id__in=Subquery(grants.values("facility_id")))


CRITERIA: Mapping[str, _Criterion] = {
    "facility_ids": _Criterion(
        in_sql=lambda ids, mark: f"p.facility_id IN ({_marks(ids, mark)})",
        placed=lambda ids: Q(event__facility_id__in=ids),
        holds=lambda ids, event, _: event.facility_id in ids,
    ),
    "countries": _Criterion(
        in_sql=lambda codes, mark: f"p.country IN ({_marks(codes, mark)})",
        placed=lambda codes: Q(event__facility__country__in=codes),
        holds=lambda codes, event, _: event.country in codes,
    ),
    "kinds": _Criterion(
        in_sql=lambda kinds, mark: (
            "EXISTS (SELECT 1 FROM workflow_event e WHERE e.facility_id = p.facility_id "
            f"AND e.kind IN ({_marks(kinds, mark)}))"
        ),
        placed=lambda kinds: Q(event__kind__in=kinds),
        holds=lambda kinds, event, _: event.kind in kinds,
    ),
    "brand": _Criterion(
        in_sql=lambda brand, mark: f"p.brand = {mark(brand)}",
        placed=_ever_shared_with,
        holds=lambda _, __, shared: shared,
    ),
}


def _marks(values: Iterable[Any], mark: Mark) -> str:
    marks = (mark(str(value)) if isinstance(value, str) else mark(value) for value in values)
    return ", ".join(marks) or "NULL"


NOTHING = Scope(facility_ids=())


@lru_cache(maxsize=10_000)
def scope_of(viewer: Viewer) -> Scope:
    """What the viewer sees; a brand without a name sees nothing."""
    rows = viewer.rights.rows
    match rows:
        case Rows.ALL:
            return Scope()
        case Rows.OWN:
            return Scope(facility_ids=viewer.facility_ids)
        case Rows.OWN_COUNTRIES:
            return Scope(countries=viewer.countries)
        case Rows.SHARED:
            return Scope(brand=viewer.organisation) if viewer.organisation else NOTHING
        case Rows.ON_GATEWAY:
            return Scope(kinds=GATEWAY_PROFILE_EVENTS)
        case Rows.NONE:
            return NOTHING
        case _:
            assert_never(rows)
