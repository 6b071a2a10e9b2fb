"""A batch of rows brought together with the facilities that are known, and written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kb.models import AuditEntry, Facility, WorkflowEvent
from kb.models.facilities import event_of
from kb.rules.days import local_days
from kb.rules.events import Event
from kb.rules.inputs import Ternary
from kb.rules.os_ids import problem_of_os_id
from kb.rules.spelling import AddressMatch, compare_addresses, full_name_key, name_key
from kb.services.access.entries import caller_of
from kb.services.access.matrix import Viewer
from kb.services.lists.columns import ADDRESS, CONTACT, IDS, NEW_FACILITY
from kb.services.lists.events_of_row import added_by
from kb.services.lists.rows import Refusal, Row
from kb.services.recording.append import Addition, NewEvent, append_events

IMPORT = "IMPORT"
"""What the audit says was done."""

_KEPT = (*IDS, CONTACT, ADDRESS)


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "likely duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Source:
    """Which list is imported, by whom and when."""

    name: str
    viewer: Viewer
    now: datetime


Answers = Mapping[str, tuple[int, Ternary]]
"""What a list has answered for a facility so far: the line and the answer, by column."""


@dataclass(eq=False, slots=True)
class _Draft:
    """A facility with what the rows so far have added to it."""

    facility: Facility
    is_new: bool
    known: list[Event] = field(default_factory=list)
    new: list[Event] = field(default_factory=list)
    answers: dict[str, tuple[int, Ternary]] = field(default_factory=dict)
    is_changed: bool = False
    is_listed: bool = False

    def columns(self) -> dict[str, str | None]:
        return {column: getattr(self.facility, column) for column in _KEPT}


@dataclass(frozen=True, slots=True)
class _Match:
    """The facility that a row speaks of, None for a new one; or why it cannot be told."""

    draft: _Draft | None = None
    refusals: Sequence[Refusal] = ()
    is_duplicate: bool = False
    remark: str | None = None


class Batch:
    """Some rows of a list. In one transaction: `find`, then `take` each row, then `write`.

    `answers` is what earlier rows of the list answered, by the id of the facility. `remarks` say
    of a row which was not refused how it was understood.
    """

    def __init__(self, source: Source, answers: Mapping[int, Answers]) -> None:
        self.source = source
        self.answers = answers
        self.drafts: list[_Draft] = []
        self.by_id: dict[tuple[str, str], _Draft] = {}
        self.by_name: dict[tuple[str, str], list[_Draft]] = defaultdict(list)
        self.outcomes: Counter[Outcome] = Counter()
        self.remarks: list[tuple[Row, str]] = []

    @property
    def events(self) -> int:
        """How many events the rows have added."""
        return sum(len(draft.new) for draft in self.drafts)

    def answered(self) -> dict[int, Answers]:
        """What the list has answered by now, by the id of the facility."""
        return {draft.facility.id: draft.answers for draft in self.drafts if draft.answers}

    async def find(self, rows: Sequence[Row]) -> None:
        """Read the facilities that the rows may mean, and hold them locked until the end."""
        found: dict[int, Facility] = {}
        for column in IDS:
            wanted = {row.ids[column] for row in rows if column in row.ids}
            found |= await _locked(f"{column}__in", wanted)
        ids = {(column, getattr(facility, column)) for facility in found.values() for column in IDS}
        nameless = [row for row in rows if not ids & set(row.ids.items())]
        found |= await _locked("name_key__in", {name_key(row.name) for row in nameless if row.name})
        events: dict[int, list[Event]] = defaultdict(list)
        for event in await WorkflowEvent.filter(facility_id__in=list(found)).order_by("sequence"):
            events[event.facility_id].append(event_of(event))
        for id_ in sorted(found):
            answers = dict(self.answers.get(id_, {}))
            self._add(_Draft(found[id_], is_new=False, known=events[id_], answers=answers))

    def take(self, row: Row) -> list[Refusal]:
        """Add a row to its facility, or to a new one; when it is refused, it adds nothing."""
        match = self._meant_by(row)
        if match.refusals:
            self.outcomes[Outcome.DUPLICATE if match.is_duplicate else Outcome.REFUSED] += 1
            return list(match.refusals)
        draft = match.draft or _Draft(self._registered(row), is_new=True)
        before = draft.columns()
        draft.facility.update_from_dict(_columns_of(row, draft.facility.address))
        known = [*draft.known, *draft.new]
        days = local_days(draft.facility.country, self.source.now)
        new, refusals = added_by(row, known, draft.facility, days.today)
        refusals += [
            Refusal(column, f"{day} is in the future", f"{days.latest} or an earlier day")
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
            self.remarks.append((row, match.remark))
        elif row.name not in (None, draft.facility.name):
            self.remarks.append(
                (row, f"is taken for {draft.facility.name!r}, which keeps that name")
            )
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

    def _meant_by(self, row: Row) -> _Match:
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
                f"{row.ids[other]!r} is an id of {another.facility.name}, and not of {named}",
                "ids of one facility",
            )
            for other, another in found.items()
            if another is not draft
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
        return _Match(draft, refusals)

    def _named(self, row: Row) -> _Match:
        """The facility with the name, country and address of a row, whose ids do not contradict."""
        if row.name is None or row.country is None:
            missing = "name" if row.name is None else "country"
            ids = " and ".join(f"{column} {id_}" for column, id_ in row.ids.items())
            wrong = f"is empty, and no facility is known by {ids or 'its name alone'}"
            allowed = "name and country, to register a facility"
            return _Match(refusals=[Refusal(missing, wrong, allowed)])
        alike = [
            draft
            for draft in self.by_name[name_key(row.name), row.country]
            if not _conflicts(row, draft.facility)
        ]
        same_name = [draft for draft in alike if _is_named(draft, row.name)]
        if row.is_new:
            return self._declared_new(row, alike)
        if row.address is None:
            candidates = same_name
        else:
            compared = [(draft, _compared(draft, row.address)) for draft in alike]
            candidates = [draft for draft, match in compared if match is AddressMatch.SAME]
            near = [draft for draft, match in compared if match is AddressMatch.ALIKE]
            if not candidates and near:
                return _duplicate(row, near[0])
            nowhere = [draft for draft in alike if draft.facility.address is None]
            candidates = candidates or [draft for draft in nowhere if draft in same_name]
            if not candidates and not nowhere:
                return self._at_another_address(row, same_name)
        if len(candidates) > 1:
            wrong = f"{len(candidates)} facilities in {row.country} have the name {row.name!r}"
            allowed = f"one of {', '.join(IDS)}, or the address on record, to tell which"
            return _Match(refusals=[Refusal("name", wrong, allowed)])
        if not candidates and alike:
            return _duplicate(row, alike[0])
        return _Match(candidates[0] if candidates else None)

    def _declared_new(self, row: Row, alike: Sequence[_Draft]) -> _Match:
        """A new facility, or the one that the same row made before."""
        for draft in alike:
            same = (draft.facility.name, draft.facility.address) == (row.name, row.address)
            if same:
                return _Match(draft)
        return _Match()

    def _at_another_address(self, row: Row, same_name: Sequence[_Draft]) -> _Match:
        if not same_name:
            return _Match()
        other = same_name[0].facility
        return _Match(
            remark=f"is registered as another facility than {other.name!r} at {other.address!r}, "
            "because its address is another one"
        )

    def _registered(self, row: Row) -> Facility:
        columns = _columns_of(row, None)
        return Facility(name=row.name, country=row.country, created_at=self.source.now, **columns)

    def _add(self, draft: _Draft) -> None:
        """Make a facility known to the rows that follow, by all ids that it has by now."""
        same_name = self.by_name[name_key(draft.facility.name), draft.facility.country]
        if draft not in same_name:
            same_name.append(draft)
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


def _columns_of(row: Row, recorded: str | None) -> dict[str, str]:
    """What a row says of the facility besides name and country; the recorded address stays if it
    is the same in another spelling.
    """
    address = row.address
    if recorded and address and compare_addresses(recorded, address) is AddressMatch.SAME:
        address = recorded
    given = {CONTACT: row.contact, ADDRESS: address}
    return {**row.ids, **{column: text for column, text in given.items() if text}}


def _is_named(draft: _Draft, name: str) -> bool:
    return full_name_key(draft.facility.name) == full_name_key(name)


def _compared(draft: _Draft, address: str) -> AddressMatch:
    recorded = draft.facility.address
    return AddressMatch.DIFFERENT if recorded is None else compare_addresses(recorded, address)


def _duplicate(row: Row, draft: _Draft) -> _Match:
    facility = draft.facility
    at = f" at {facility.address!r}" if facility.address else ""
    wrong = f"{row.name!r} is likely {facility.name!r}{at}, under another spelling"
    allowed = (
        f"the name and address as recorded, or an id, if it is the same; {NEW_FACILITY} yes if not"
    )
    return _Match(refusals=[Refusal("name", wrong, allowed)], is_duplicate=True)


def _contradictions(row: Row, answers: Answers) -> list[Refusal]:
    """Answers that an earlier row of the list contradicts, unless the row says when each held."""
    if "eligibility_recorded_on" in row.days:
        return []
    return [
        Refusal(
            column,
            f"says {answer.lower()}, but line {answers[column][0]} says "
            f"{answers[column][1].lower()} of the same facility",
            "one answer; or an address or an id for each, if they are two facilities",
        )
        for column, answer in row.answers.items()
        if column in answers and answers[column][1] != answer
    ]


def _conflicts(row: Row, facility: Facility) -> list[str]:
    """The ids of a row that are not those which the facility has."""
    return [
        column for column, id_ in row.ids.items() if getattr(facility, column) not in (None, id_)
    ]


async def _locked(criterion: str, values: set[str]) -> dict[int, Facility]:
    if not values:
        return {}
    found = Facility.filter(**{criterion: sorted(values)}).order_by("id")
    return {facility.id: facility for facility in await found.select_for_update(no_key=True)}


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
