"""Entries of the audit as they are written down: who did or read what, and when."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from kb.models import AuditEntry
from kb.services.access.matrix import Viewer

_LONGEST = 200


def caller_of(viewer: Viewer) -> str:
    """A name for who asks that stays the same: the token's number, else role and label."""
    if viewer.token_id is not None:
        return f"token {viewer.token_id}"
    name = f"{viewer.role} {viewer.label or ''}".strip()
    if len(name) > _LONGEST:  # shortened, and still nobody else's
        return f"{name[: _LONGEST - 65]} {sha256(name.encode()).hexdigest()}"
    return name


def entry_by(
    viewer: Viewer,
    what: str,
    facility_id: int | None,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """An entry on what the viewer did, not saved yet."""
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
