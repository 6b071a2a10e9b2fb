"""A batch of rows brought together with the facilities that are known, and written."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tortoise.queryset import QuerySet

from kb.models import AuditEntry, Facility, WorkflowEvent
from kb.models.facilities import event_of
from kb.models.ids import with_any_id
from kb.rules.days import local_days
from kb.rules.events import Event
from kb.rules.spelling import name_key, place_key, plain_id
from kb.services.access.entries import caller_of
from kb.services.database import one_at_a_time
from kb.services.lists.columns import ADDRESS, CONTACT, FACILITY_LIST, IDS, PLACE
from kb.services.lists.events_of_row import added_by
from kb.services.lists.matching import Matching, RecordedEntry, address_kept, at_places_of, ids_kept
from kb.services.lists.outcomes import Answers, ListSource, Outcome, Remark, contradictions
from kb.services.lists.rows import FacilityRow, RowRefusal
from kb.services.recording.append import Addition, NewEvent, append_events

IMPORT = "IMPORT"
"""What the audit says was done."""

_KEPT = (*IDS, CONTACT, ADDRESS, PLACE)


@dataclass(eq=False, slots=True)
class _Draft:
    """A facility with what the rows so far have added to it."""

    facility: Facility
    is_new: bool
    known: list[Event] = field(default_factory=list)
    new: list[Event] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    is_changed: bool = False
    is_listed: bool = False

    @property
    def record(self) -> RecordedEntry:
        return self.facility

    def columns(self) -> dict[str, str | None]:
        return {column: getattr(self.facility, column) for column in _KEPT}


class Batch:
    """Some rows of a list. In one transaction: `find`, then `take` each row, then `write`.

    `answers` is what earlier rows of the list answered, by the id of the facility. `remarks` say
    of a row which was not refused how it was understood.
    """

    def __init__(self, source: ListSource, answers: Mapping[int, Answers]) -> None:
        self.source = source
        self.answers = answers
        self.drafts: list[_Draft] = []
        self.matching: Matching[_Draft] = Matching(FACILITY_LIST)
        self.outcomes: Counter[Outcome] = Counter()
        self.remarks: list[Remark] = []

    @property
    def events(self) -> int:
        """How many events the rows have added."""
        return sum(len(draft.new) for draft in self.drafts)

    def answered(self) -> dict[int, Answers]:
        """What the list has answered by now, by the id of the facility."""
        return {draft.facility.id: draft.answers for draft in self.drafts if draft.answers}

    async def find(self, rows: Sequence[FacilityRow]) -> None:
        """Read the facilities that the rows may mean, and hold them locked until the end."""
        await one_at_a_time("import of facilities")
        facilities: dict[int, Facility] = {}
        for column in IDS:
            wanted = {plain_id(row.ids[column]) for row in rows if column in row.ids}
            if wanted:
                facilities |= await _locked(with_any_id(Facility.all(), wanted, [column]))
        ids = {
            (column, id_.casefold())
            for facility in facilities.values()
            for column in IDS
            if (id_ := getattr(facility, column))
        }
        nameless = [
            row
            for row in rows
            if not any((column, id_.casefold()) in ids for column, id_ in row.ids.items())
        ]
        names = {name_key(row.name) for row in nameless if row.name}
        if names:
            facilities |= await _locked(Facility.filter(name_key__in=sorted(names)))
        events: dict[int, list[Event]] = defaultdict(list)
        for event in await WorkflowEvent.filter(facility_id__in=list(facilities)).order_by(
            "sequence"
        ):
            events[event.facility_id].append(event_of(event))
        for id_ in sorted(facilities):
            await asyncio.sleep(0)
            answers = dict(self.answers.get(id_, {}))
            self._add(_Draft(facilities[id_], is_new=False, known=events[id_], answers=answers))
        if near := at_places_of(nameless):
            neighbours = Facility.filter(near).only("id", "name", "country", ADDRESS, *IDS)
            for facility in await neighbours.order_by("id"):
                await asyncio.sleep(0)
                if facility.id not in facilities:
                    self.matching.add_neighbour(facility)

    def take(self, row: FacilityRow) -> list[RowRefusal]:
        """Add a row to its facility, or to a new one; when it is refused, it adds nothing."""
        match = self.matching.meant_by(row)
        if match.refusals:
            self.outcomes[Outcome.DUPLICATE if match.is_duplicate else Outcome.REFUSED] += 1
            return list(match.refusals)
        draft = match.draft or _Draft(self._registered(row), is_new=True)
        before = draft.columns()
        draft.facility.update_from_dict(
            {**_columns_of(row, draft.facility.address), **ids_kept(row, draft.facility)}
        )
        known = [*draft.known, *draft.new]
        days = local_days(draft.facility.country, self.source.now)
        new, refusals = added_by(row, known, draft.facility, days.today)
        refusals += [
            RowRefusal(column, f"{day} is in the future", f"{days.latest} or an earlier day")
            for column, day in row.days.items()
            if day > days.latest
        ]
        refusals += _contradictions(row, draft.answers)
        if refusals:
            draft.facility.update_from_dict(before)
            self.outcomes[Outcome.REFUSED] += 1
            return refusals
        draft.new += new
        draft.answers |= {column: (row.line, answer) for column, answer in row.answers.items()}
        is_changed = draft.columns() != before
        draft.is_changed |= is_changed
        if match.draft is None:
            outcome = Outcome.CREATED
        else:
            outcome = Outcome.UPDATED if new or is_changed else Outcome.UNCHANGED
        self.outcomes[outcome] += 1
        if match.remark is not None:
            self.remarks.append(Remark(row.line, row.name, match.remark))
        elif row.name not in (None, draft.facility.name):
            taken_for = f"is taken for {draft.facility.name!r}, which keeps that name"
            self.remarks.append(Remark(row.line, row.name, taken_for))
        self._add(draft)
        return []

    async def write(self) -> None:
        """Write what the rows have added, with all that follows from it."""
        new = [draft.facility for draft in self.drafts if draft.is_new]
        for facility, id_ in zip(new, await _fresh_ids(len(new)), strict=True):
            facility.id = id_
            facility._custom_generated_pk = True  # else the number is left to the database
        await Facility.bulk_create(new)
        changed = [draft.facility for draft in self.drafts if draft.is_changed and not draft.is_new]
        if changed:
            await Facility.bulk_update(changed, fields=_KEPT)
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

    def _registered(self, row: FacilityRow) -> Facility:
        columns = _columns_of(row, None)
        return Facility(name=row.name, country=row.country, created_at=self.source.now, **columns)

    def _add(self, draft: _Draft) -> None:
        """Make a facility known to the rows that follow, by all ids that it has by now."""
        self.matching.add(draft)
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


def _columns_of(row: FacilityRow, recorded: str | None) -> dict[str, str]:
    """What a row says of the facility besides name and country."""
    address = address_kept(row.address, recorded)
    columns = {CONTACT: row.contact, ADDRESS: address, PLACE: place_key(address)}
    return {**row.ids, **{column: text for column, text in columns.items() if text}}


def _contradictions(row: FacilityRow, answers: Answers) -> list[RowRefusal]:
    """Answers that an earlier row of the list contradicts, unless the row says when each held."""
    if "eligibility_recorded_on" in row.days:
        return []
    return contradictions(row.answers, answers, FACILITY_LIST)


async def _locked(facilities: QuerySet[Facility]) -> dict[int, Facility]:
    rows = await facilities.order_by("id").select_for_update(no_key=True)
    return {facility.id: facility for facility in rows}


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
