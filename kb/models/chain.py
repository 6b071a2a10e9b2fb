"""The hash chain of a facility's events: what was written cannot be changed unnoticed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64
"""What the first event of a facility has for the hash of the event before it."""


def event_hash(
    previous_hash: str,
    *,
    facility_id: int,
    cycle_id: int | None,
    sequence: int,
    kind: str,
    occurred_on: date,
    recorded_at: datetime,
    actor_role: str,
    actor: str | None,
    payload: dict[str, Any],
    idempotency_key: str | None,
) -> str:
    """The SHA-256, in hexadecimal, of the hash before and of the event as canonical JSON.

    This must stay as it is for good: a changed rule would make every old event look tampered with.
    """
    content = {
        "facility_id": facility_id,
        "cycle_id": cycle_id,
        "sequence": sequence,
        "kind": str(kind),
        "occurred_on": occurred_on.isoformat(),
        "recorded_at": recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_role": str(actor_role),
        "actor": actor,
        "payload": payload,
        "idempotency_key": idempotency_key,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256((previous_hash + text).encode()).hexdigest()
