"""Who did what and when, with before and after; readings are written by `kb.services.readings`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q, RawSQL

from kb.models import AuditEntry
from kb.models.fields import storable
from kb.services.access.api_keys import TOKEN_CREATED, TOKEN_REVOKED
from kb.services.access.entries import entry_by
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.paging import PageRequest, decode_cursor, encode_cursor

PUBLISHED = "KNOWLEDGE_PUBLISHED"
_ORDER = "AUDIT"

EXPORTED = "EXPORTED"
OF_TOKENS = (TOKEN_CREATED, TOKEN_REVOKED)


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
