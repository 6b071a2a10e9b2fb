"""Who did what and when, with before and after, and who read other people's facility data."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from tortoise.expressions import Q, RawSQL

from kb.models import AuditEntry
from kb.models.fields import storable
from kb.rules.roles import Role
from kb.services.access.api_keys import TOKEN_CREATED, TOKEN_REVOKED
from kb.services.access.entries import caller_of, entry_by
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.database import current_client
from kb.services.paging import PageRequest, decode_cursor, encode_cursor

READ = "READ"
PUBLISHED = "KNOWLEDGE_PUBLISHED"
_ORDER = "AUDIT"

EXPORTED = "EXPORTED"
OF_TOKENS = (TOKEN_CREATED, TOKEN_REVOKED)

# The helpdesk has no facility of its own, so each of its readings is written down; of the others,
# but of a facility that reads of itself, one a day.
_EACH_READING = (Role.HELPDESK,)
_OF_ITSELF = (Role.FACILITY,)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are asked for: those that fit every criterion given."""

    facility_id: int | None = None
    who: str | None = None
    what: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditView:
    """One entry: who did or read what.

    `what` is the kind of an event, or one of READ, EXPORTED, KNOWLEDGE_PUBLISHED, TOKEN_CREATED,
    TOKEN_REVOKED and the like. `facility_ids` are the facilities concerned: one, all that were
    read at once, or none. `before` and `after` tell how the facility stood; where none is
    concerned, `after` tells the release that was published, how many facilities were exported, or
    which token was made or revoked.
    """

    id: int
    at: datetime
    who: str
    role: str
    organisation: str | None
    what: str
    facility_ids: tuple[int, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def cursor(self) -> str:
        """The place of the entry in the list."""
        return encode_cursor(_ORDER, self.id)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A part of the entries, newest first."""

    rows: tuple[AuditView, ...]
    has_next: bool
    has_previous: bool


ALL_ENTRIES = AuditFilter()


async def note_change(
    viewer: Viewer,
    facility_id: int,
    what: str,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    now: datetime,
) -> None:
    """Write down a change. Call it in the transaction that makes it."""
    await entry_by(viewer, what, facility_id, now, before, after).save(force_create=True)


async def note_publishing(viewer: Viewer, release: int, *, now: datetime) -> None:
    """Write down who published a release. Call it in the transaction that writes it."""
    entry = entry_by(viewer, PUBLISHED, None, now, after={"release": release})
    await entry.save(force_create=True)


async def note_reading(viewer: Viewer, facility_ids: Iterable[int], *, now: datetime) -> None:
    """Write down that the viewer reads these facilities; it is committed when this returns.

    So none is lost when this process is killed. PostgreSQL does not wait for its disk: when it or
    its machine fails, readings of the last second may be lost, and nothing else is.

    Call it once a request, before the answer: all that were read are one entry. What the helpdesk
    reads is written down each time. What others read is once a day (UTC) for each facility; what a
    facility reads of itself is not.
    """
    ids = set(facility_ids)
    if not ids or viewer.role in _OF_ITSELF:
        return
    readings = _readings()
    if viewer.role in _EACH_READING:
        await readings.write(_Reading(viewer, sorted(ids), now))
        return
    day, who = now.astimezone(UTC).date(), caller_of(viewer)
    ids -= readings.known(who, day)
    if ids:
        since = datetime.combine(day, time(), UTC)
        await readings.write(_Reading(viewer, sorted(ids), now, since))
        readings.known(who, day).update(ids)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Who read which facilities, and when.

    With `since`, those are left out of which it is written down already that they were read then.
    """

    viewer: Viewer
    facility_ids: Sequence[int]
    at: datetime
    since: datetime | None = None

    def row(self) -> tuple[Any, ...]:
        """What the statement takes of it."""
        viewer = self.viewer
        who = caller_of(viewer), viewer.role.value, viewer.organisation
        return self.at, *who, self.since, orjson.dumps(self.facility_ids).decode()


class _Readings:
    """Writes readings into one database, those of all who wait in one statement.

    It begins when everybody whose rows have come has said what was read; while one statement is
    under way others wait for the next. So many readers share the commit. Nobody goes on before the
    reading is committed: none is lost when the process is killed.
    """

    def __init__(self) -> None:
        self._writing: asyncio.Task[None] | None = None
        self._waiting: list[tuple[_Reading, asyncio.Future[None]]] = []
        self._known: tuple[date, dict[str, set[int]]] = date.min, {}

    def known(self, who: str, day: date) -> set[int]:
        """The facilities that a caller is known to have read on the day, as the audit has it."""
        if self._known[0] != day or len(self._known[1]) > CALLERS_KNOWN:
            self._known = day, {}
        return self._known[1].setdefault(who, set())

    async def write(self, reading: _Reading) -> None:
        """Write down a reading; raises what the database says."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((reading, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_waiting())
        await written

    async def _write_waiting(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                failed: BaseException | None = None
                try:
                    await _insert([reading for reading, _ in waiting])
                except Exception as error:
                    failed = error
                for _, written in waiting:
                    if not written.done() and failed is None:
                        written.set_result(None)
                    elif not written.done() and failed is not None:
                        written.set_exception(failed)
        finally:
            self._writing = None


CALLERS_KNOWN = 1_000
"""Of so many callers it is remembered what they have read today."""

_OF_DATABASE: WeakKeyDictionary[object, _Readings] = WeakKeyDictionary()


def _readings() -> _Readings:
    client = current_client()
    readings = _OF_DATABASE.get(client)
    if readings is None:
        readings = _OF_DATABASE[client] = _Readings()
    return readings


_INSERT = f"""\
INSERT INTO audit_entry (at, who, role, organisation, what, facility_id, facility_ids) {{before}}
SELECT r.at, r.who, r.role, r.organisation, '{READ}', CASE WHEN COUNT(*) = 1 THEN MIN({{id}}) END,
       CASE WHEN COUNT(*) > 1 THEN {{array}} END
FROM {{readings}}
WHERE r.since IS NULL OR NOT ({{noted}})
GROUP BY r.place, r.at, r.who, r.role, r.organisation
"""
_NOTED = (
    f"SELECT 1 FROM audit_entry a WHERE a.who = r.who AND a.what = '{READ}' AND a.at >= r.since "
    "AND "
)
_COLUMNS = ", ".join(
    f"json_extract(value, '$[{place}]') AS {name}"
    for place, name in enumerate(("at", "who", "role", "organisation", "since", "ids"))
)
_GIVEN = (
    "UNNEST($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[])"
)
# PostgreSQL has it when this returns, and its disk within a second; no session is set.
_NOT_WAITING = "(SELECT SET_CONFIG('synchronous_commit', 'off', TRUE)) AS not_waiting_for_the_disk"
_INSERT_EACH = f"""\
INSERT INTO audit_entry (at, who, role, organisation, what, facility_id, facility_ids)
SELECT r.at, r.who, r.role, r.organisation, '{READ}',
       CASE WHEN JSONB_ARRAY_LENGTH(r.ids) = 1 THEN (r.ids ->> 0)::int END,
       CASE WHEN JSONB_ARRAY_LENGTH(r.ids) > 1 THEN r.ids END
FROM {_GIVEN} r(at, who, role, organisation, since, ids), {_NOT_WAITING}
"""
"""For PostgreSQL, where each reading is written down: takes half as long as looking for others."""
_INSERTS = {
    "postgres": _INSERT.format(
        before="",
        array="JSONB_AGG(i.id ORDER BY i.id)",
        id="i.id",
        readings=(
            f"{_GIVEN} WITH ORDINALITY r(at, who, role, organisation, since, ids, place), "
            "LATERAL (SELECT value::int AS id FROM JSONB_ARRAY_ELEMENTS_TEXT(r.ids)) i, "
            f"{_NOT_WAITING}"
        ),
        noted=(
            f"EXISTS ({_NOTED} a.facility_id = i.id) "
            f"OR EXISTS ({_NOTED} a.facility_ids @> TO_JSONB(i.id))"
        ),
    ),
    "sqlite": _INSERT.format(
        before=(
            f"WITH r AS (SELECT key AS place, {_COLUMNS} FROM json_each(?)), "
            # Lists are in no index, so those of the caller are gone through once.
            "noted AS MATERIALIZED (SELECT r.place, COALESCE(j.value, a.facility_id) AS id FROM r "
            f"JOIN audit_entry a ON a.who = r.who AND a.what = '{READ}' AND a.at >= r.since "
            "LEFT JOIN json_each(a.facility_ids) j)"
        ),
        array="json_group_array(i.value)",
        id="i.value",
        readings="r, json_each(r.ids) i",
        noted="(r.place, i.value) IN (SELECT place, id FROM noted)",
    ),
}


async def _insert(readings: Sequence[_Reading]) -> None:
    client = current_client()
    run = getattr(client, "run", client.execute_query)
    dialect = client.capabilities.dialect
    rows = [reading.row() for reading in readings]
    if dialect == "sqlite":
        values: list[Any] = [json.dumps([[_as_text(value) for value in row] for row in rows])]
    else:
        values = [list(column) for column in zip(*rows, strict=True)]
        if all(reading.since is None for reading in readings):
            await run(_INSERT_EACH, values)
            return
    await run(_INSERTS[dialect], values)


def _as_text(value: object) -> object:
    """A moment as SQLite has it; whatever else as it is."""
    return value.astimezone(UTC).isoformat(" ") if isinstance(value, datetime) else value


async def note_export(viewer: Viewer, facilities: int, *, now: datetime) -> None:
    """Write down that the viewer took a list of so many facilities with it."""
    entry = entry_by(viewer, EXPORTED, None, now, after={"facilities": facilities})
    await entry.save(force_create=True)


async def audit_entries(
    viewer: Viewer, page: PageRequest, only: AuditFilter = ALL_ENTRIES
) -> AuditPage:
    """One page of what was done and read, newest first.

    NotPermittedError for roles that may not read it, InvalidInputError for a bad cursor.
    """
    require(viewer, Capability.READ_AUDIT)
    rows = AuditEntry.all()
    if only.facility_id is not None:
        read_with = _READ_WITH[AuditEntry._meta.db.capabilities.dialect]
        rows = rows.annotate(read_with=RawSQL(read_with.format(int(only.facility_id))))
        rows = rows.filter(Q(facility_id=only.facility_id) | Q(read_with=True))
    if only.who is not None:
        rows = rows.filter(who=storable("who", only.who))
    if only.what is not None:
        rows = rows.filter(what__in=[storable("what", action) for action in only.what])
    if only.since is not None:
        rows = rows.filter(at__gte=only.since)
    if only.until is not None:
        rows = rows.filter(at__lt=only.until)
    for name, cursor, beyond in (
        ("after", page.after, "id__lt"),
        ("before", page.before, "id__gt"),
    ):
        if cursor is not None:
            (place,) = decode_cursor(name, cursor, _ORDER, int)
            rows = rows.filter(**{beyond: place})
    entries = await rows.order_by("id" if page.backwards else "-id").limit(page.size + 1)
    more, views = len(entries) > page.size, tuple(_view(row) for row in entries[: page.size])
    if page.backwards:
        return AuditPage(views[::-1], page.before is not None, more)
    return AuditPage(views, more, page.after is not None)


_READ_WITH = {
    "postgres": "facility_ids @> '[{}]'",
    "sqlite": "EXISTS (SELECT 1 FROM json_each(facility_ids) WHERE json_each.value = {})",
}


def _facilities_of(row: AuditEntry) -> tuple[int, ...]:
    if row.facility_ids is not None:
        return tuple(row.facility_ids)
    return () if row.facility_id is None else (row.facility_id,)


def _view(row: AuditEntry) -> AuditView:
    return AuditView(
        id=row.id,
        at=row.at,
        who=row.who,
        role=row.role,
        organisation=row.organisation,
        what=row.what,
        facility_ids=_facilities_of(row),
        before=row.before,
        after=row.after,
    )
