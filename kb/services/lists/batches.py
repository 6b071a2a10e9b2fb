"""A batch of rows brought together with the facilities that are known, and written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kb.models import AuditEntry, Facility, WorkflowEvent
from kb.models.facilities import event_of
from kb.rules.events import Event
from kb.rules.os_ids import problem_of_os_id
from kb.services.access.matrix import Viewer
from kb.services.audit import caller_of
from kb.services.lists.columns import CONTACT, IDS
from kb.services.lists.events_of_row import added_by
from kb.services.lists.rows import Refusal, Row
from kb.services.recording.append import Addition, NewEvent, append_events

IMPORT = "IMPORT"
"""What the audit says was done."""


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Source:
    """Which list is imported, by whom and when."""

    name: str
    viewer: Viewer
    today: date
    now: datetime


@dataclass(eq=False, slots=True)
class _Draft:
    """A facility with what the rows so far have added to it."""

    facility: Facility
    is_new: bool
    known: list[Event] = field(default_factory=list)
    new: list[Event] = field(default_factory=list)
    is_changed: bool = False
    is_listed: bool = False

    def told(self) -> dict[str, str | None]:
        return {column: getattr(self.facility, column) for column in (*IDS, CONTACT)}


class Batch:
    """Some rows of a list. In one transaction: `find`, then `take` each row, then `write`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.drafts: list[_Draft] = []
        self.by_id: dict[tuple[str, str], _Draft] = {}
        self.by_name: dict[tuple[str, str], list[_Draft]] = defaultdict(list)
        self.outcomes: Counter[Outcome] = Counter()
        self.names_kept = 0

    @property
    def events(self) -> int:
        """How many events the rows have added."""
        return sum(len(draft.new) for draft in self.drafts)

    async def find(self, rows: Sequence[Row]) -> None:
        """Read the facilities that the rows may mean, and hold them locked until the end."""
        found: dict[int, Facility] = {}
        for column in IDS:
            wanted = {row.ids[column] for row in rows if column in row.ids}
            found |= await _locked(f"{column}__in", wanted)
        held = {(column, getattr(one, column)) for one in found.values() for column in IDS}
        nameless = [row for row in rows if not held & set(row.ids.items())]
        found |= await _locked("name__in", {row.name for row in nameless if row.name})
        events: dict[int, list[Event]] = defaultdict(list)
        for event in await WorkflowEvent.filter(facility_id__in=list(found)).order_by("sequence"):
            events[event.facility_id].append(event_of(event))
        for id_ in sorted(found):
            self._add(_Draft(found[id_], is_new=False, known=events[id_]))

    def take(self, row: Row) -> list[Refusal]:
        """Add a row to its facility, or to a new one; when it is refused, it adds nothing."""
        draft, refusals = self._meant_by(row)
        if refusals:
            self.outcomes[Outcome.REFUSED] += 1
            return refusals
        is_first = draft is None
        draft = draft or _Draft(self._registered(row), is_new=True)
        before = draft.told()
        draft.facility.update_from_dict(_told_by(row))
        known = [*draft.known, *draft.new]
        new, refusals = added_by(row, known, draft.facility, self.source.today)
        if refusals:
            draft.facility.update_from_dict(before)
            self.outcomes[Outcome.REFUSED] += 1
            return refusals
        draft.new += new
        is_changed = draft.told() != before
        draft.is_changed |= is_changed
        if is_first:
            outcome = Outcome.CREATED
        else:
            outcome = Outcome.UPDATED if new or is_changed else Outcome.UNCHANGED
        self.outcomes[outcome] += 1
        self.names_kept += row.name not in (None, draft.facility.name)
        self._add(draft)
        return []

    async def write(self) -> None:
        """Write what the rows have added, with all that follows from it."""
        new = [draft.facility for draft in self.drafts if draft.is_new]
        for facility, id_ in zip(new, await _fresh_ids(len(new)), strict=True):
            facility.id = id_
            facility._custom_generated_pk = True  # else the number is left to the database
        await Facility.bulk_create(new)
        changed = [one.facility for one in self.drafts if one.is_changed and not one.is_new]
        if changed:
            await Facility.bulk_update(changed, fields=(*IDS, CONTACT))
        additions = [
            Addition(draft.facility, [self._event(event) for event in draft.new])
            for draft in self.drafts
            if draft.new or draft.is_changed
        ]
        if additions:
            await append_events(additions)
            await AuditEntry.create(
                at=self.source.now,
                who=caller_of(self.source.viewer),
                role=self.source.viewer.role,
                organisation=self.source.viewer.organisation,
                what=IMPORT,
                after={
                    "list": self.source.name,
                    **{str(name): count for name, count in sorted(self.outcomes.items())},
                },
            )

    def _meant_by(self, row: Row) -> tuple[_Draft | None, list[Refusal]]:
        """The facility that a row speaks of, None for one that is new; or why it is refused."""
        found = {
            column: self.by_id[column, id_]
            for column, id_ in row.ids.items()
            if (column, id_) in self.by_id
        }
        if not found:
            return self._named(row)
        column, draft = next(iter(found.items()))
        facility = draft.facility
        named = f"{facility.name}, which {column} {row.ids[column]} names"
        refusals = [
            Refusal(
                other,
                f"{row.ids[other]!r} is an id of {one.facility.name}, and not of {named}",
                "ids of one facility",
            )
            for other, one in found.items()
            if one is not draft
        ]
        refusals += [
            Refusal(
                other,
                f"{row.ids[other]!r} contradicts {getattr(facility, other)} of {named}",
                "the id that is recorded, because ids are never changed",
            )
            for other in _conflicts(row, facility)
            if other not in found
        ]
        if row.country is not None and row.country != facility.country:
            wrong = f"{row.country} contradicts {facility.country}, the country of {named}"
            refusals.append(Refusal("country", wrong, "the country that is recorded"))
        elif "os_id" in row.ids and (
            problem := problem_of_os_id(row.ids["os_id"], facility.country)
        ):
            refusals.append(Refusal("os_id", f"{row.ids['os_id']!r} {problem[0]}", problem[1]))
        return draft, refusals

    def _named(self, row: Row) -> tuple[_Draft | None, list[Refusal]]:
        """The one facility with the name and country of a row, whose ids do not contradict it."""
        if row.name is None or row.country is None:
            missing = "name" if row.name is None else "country"
            told = " and ".join(f"{column} {id_}" for column, id_ in row.ids.items())
            wrong = f"is empty, and no facility is known by {told or 'its name alone'}"
            return None, [Refusal(missing, wrong, "name and country, to register a facility")]
        same = [
            draft
            for draft in self.by_name[row.name, row.country]
            if not _conflicts(row, draft.facility)
        ]
        if len(same) > 1:
            wrong = f"{len(same)} facilities in {row.country} have the name {row.name!r}"
            return None, [Refusal("name", wrong, f"one of {', '.join(IDS)} to tell which")]
        return (same[0] if same else None), []

    def _registered(self, row: Row) -> Facility:
        told = _told_by(row)
        return Facility(name=row.name, country=row.country, created_at=self.source.now, **told)

    def _add(self, draft: _Draft) -> None:
        """Make a facility known to the rows that follow, by all ids that it has by now."""
        if draft not in self.by_name[draft.facility.name, draft.facility.country]:
            self.by_name[draft.facility.name, draft.facility.country].append(draft)
        for column in IDS:
            id_ = getattr(draft.facility, column)
            if id_ is not None:
                self.by_id[column, id_] = draft
        if not draft.is_listed:
            draft.is_listed = True
            self.drafts.append(draft)

    def _event(self, event: Event) -> NewEvent:
        return NewEvent(
            kind=event.kind,
            occurred_on=event.occurred_on,
            recorded_at=self.source.now,
            actor_role=self.source.viewer.role,
            actor=f"Import of {self.source.name}"[:200],
            payload=event.payload,
        )


def _told_by(row: Row) -> dict[str, str]:
    """What a row tells of the facility itself besides its name and country."""
    return {**row.ids, **({CONTACT: row.contact} if row.contact else {})}


def _conflicts(row: Row, facility: Facility) -> list[str]:
    """The ids of a row that are not those which the facility has."""
    return [
        column for column, id_ in row.ids.items() if getattr(facility, column) not in (None, id_)
    ]


async def _locked(criterion: str, values: set[str]) -> dict[int, Facility]:
    if not values:
        return {}
    found = Facility.filter(**{criterion: sorted(values)}).order_by("id")
    return {one.id: one for one in await found.select_for_update(no_key=True)}


async def _fresh_ids(count: int) -> list[int]:
    """Numbers for new facilities, known before they are written, so that events can refer to them.

    Nobody else gets them: PostgreSQL gives each once, and on SQLite the transaction is alone.
    """
    if not count:
        return []
    client = Facility._meta.db
    if client.capabilities.dialect == "postgres":
        rows = await client.execute_query_dict(
            "SELECT nextval(pg_get_serial_sequence('facility', 'id')) AS id "
            "FROM generate_series(1, $1::int)",
            [count],
        )
        return [row["id"] for row in rows]
    rows = await client.execute_query_dict("SELECT COALESCE(MAX(id), 0) AS last FROM facility")
    return [rows[0]["last"] + place for place in range(1, count + 1)]
