"""Who did what and when, with before and after, and who read other people's facility data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from kb.models import AuditEntry
from kb.models.fields import storable
from kb.rules.roles import Role
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.paging import PageRequest, decode_cursor, encode_cursor

READ = "READ"
PUBLISHED = "KNOWLEDGE_PUBLISHED"
_ORDER = "AUDIT"
_LONGEST = 200

# They read facilities that are neither their own nor shared with them.
_READS_OF_OTHERS = (Role.HELPDESK,)


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
    """One entry. `what` is the kind of an event, READ or KNOWLEDGE_PUBLISHED.

    `before` and `after` tell how the facility stood; of a publication, `after` tells the release.
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


def caller_of(viewer: Viewer) -> str:
    """A name for who asks that stays the same: the token's number, else role and label."""
    if viewer.token_id is not None:
        return f"token {viewer.token_id}"
    name = f"{viewer.role} {viewer.label or ''}".strip()
    if len(name) > _LONGEST:  # shortened, and still nobody else's
        return f"{name[: _LONGEST - 65]} {sha256(name.encode()).hexdigest()}"
    return name


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
    await _entry(viewer, what, facility_id, now, before, after).save(force_create=True)


async def note_publishing(viewer: Viewer, release: int, *, now: datetime) -> None:
    """Write down who published a release. Call it in the transaction that writes it."""
    entry = _entry(viewer, PUBLISHED, None, now, after={"release": release})
    await entry.save(force_create=True)


async def note_reading(viewer: Viewer, facility_ids: Iterable[int], *, now: datetime) -> None:
    """Write down that the viewer reads these facilities, in one INSERT, if that is recorded.

    It is for the helpdesk, whose job gives it no facility of its own. Call it once a request.
    """
    ids = sorted(set(facility_ids))
    if viewer.role in _READS_OF_OTHERS and ids:
        await AuditEntry.bulk_create([_entry(viewer, READ, one, now) for one in ids])


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
        rows = rows.filter(what__in=[storable("what", one) for one in only.what])
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


def _entry(
    viewer: Viewer,
    what: str,
    facility_id: int | None,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    return AuditEntry(
        at=now,
        who=caller_of(viewer),
        role=viewer.role,
        organisation=viewer.organisation,
        what=what,
        facility_id=facility_id,
        before=before,
        after=after,
    )


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
