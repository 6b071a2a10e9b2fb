"""Who did what and when, with before and after, and who read other people's facility data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from kb.models import AuditEntry
from kb.models.fields import storable
from kb.rules.roles import Role
from kb.services.access.api_keys import TOKEN_CREATED, TOKEN_REVOKED
from kb.services.access.entries import caller_of, entry_by
from kb.services.access.matrix import Capability, Viewer, require
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
    what: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditView:
    """One entry. `what` is the kind of an event, or another thing that somebody did.

    READ, EXPORTED, KNOWLEDGE_PUBLISHED, TOKEN_CREATED and TOKEN_REVOKED are such things. `before`
    and `after` tell how the facility stood; `after` tells the release that was published, how many
    facilities were exported, or which token was made or revoked.
    """

    id: int
    at: datetime
    who: str
    role: str
    organisation: str | None
    what: str
    facility_id: int | None
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
    """Write down that the viewer reads these facilities, in one INSERT. Call it once a request.

    What the helpdesk reads is written down each time. What others read is once a day (UTC) for
    each facility; what a facility reads of itself is not.
    """
    ids = set(facility_ids)
    if not ids or viewer.role in _OF_ITSELF:
        return
    if viewer.role not in _EACH_READING:
        since = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
        noted = AuditEntry.filter(facility_id__in=ids, who=caller_of(viewer), what=READ)
        ids -= {entry.facility_id or 0 for entry in await noted.filter(at__gte=since)}
    if ids:
        await AuditEntry.bulk_create([entry_by(viewer, READ, id_, now) for id_ in sorted(ids)])


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
        rows = rows.filter(facility_id=only.facility_id)
    if only.who is not None:
        rows = rows.filter(who=storable("who", only.who))
    if only.what:
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
    found = await rows.order_by("id" if page.backwards else "-id").limit(page.size + 1)
    more, views = len(found) > page.size, tuple(_view(row) for row in found[: page.size])
    if page.backwards:
        return AuditPage(views[::-1], page.before is not None, more)
    return AuditPage(views, more, page.after is not None)


def _view(row: AuditEntry) -> AuditView:
    return AuditView(
        id=row.id,
        at=row.at,
        who=row.who,
        role=row.role,
        organisation=row.organisation,
        what=row.what,
        facility_id=row.facility_id,
        before=row.before,
        after=row.after,
    )
