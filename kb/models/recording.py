# ruff: noqa: D106 - Meta is Tortoise's, and says nothing of its own
"""What is written down in the same transaction as an event: messages, audit, idempotency keys."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tortoise import fields

from kb.models.base import DatabaseRow
from kb.models.facilities import Facility, WorkflowEvent
from kb.models.fields import OrderedJsonField, UtcDatetimeField


class OutboxMessage(DatabaseRow):
    """A message that an event sends (FAQ 9), until it is delivered or given up.

    It is due at `due_at`; a dispatcher claims it until `claimed_until`. `mailed_at` and
    `posted_at` tell what the mailbox and the webhook have had. Once it is finished, `outcome` is
    DELIVERED or GIVEN_UP. `last_error` says why it did not leave, without any address, until it
    does.
    """

    id = fields.BigIntField(primary_key=True)
    event: fields.OneToOneRelation[WorkflowEvent] = fields.OneToOneField(
        "kb.WorkflowEvent", related_name="message", on_delete=fields.RESTRICT
    )
    event_id: int
    kind = fields.CharField(max_length=60)
    created_at = UtcDatetimeField()
    due_at = UtcDatetimeField()
    attempts = fields.IntField(default=0)
    last_error = fields.TextField(null=True)
    claimed_by = fields.CharField(max_length=100, null=True)
    claimed_until: datetime | None = UtcDatetimeField(null=True)
    mailed_at: datetime | None = UtcDatetimeField(null=True)
    posted_at: datetime | None = UtcDatetimeField(null=True)
    finished_at: datetime | None = UtcDatetimeField(null=True)
    outcome = fields.CharField(max_length=20, null=True)

    class Meta:
        table = "outbox_message"
        indexes = (("finished_at", "due_at"),)


class AuditEntry(DatabaseRow):
    """Who did or read what, when. The database refuses to change or delete it.

    `what` is the kind of an event, or what else was done, in the word of the service that does it,
    such as READ, IMPORT or TOKEN_REVOKED. `before` and `after` are how the facility stood; both are
    None for a reading, `before` for a facility that was registered. What concerns no facility, or
    many that are only counted, has in `after` what it was about. Several facilities that were read
    at once are in `facility_ids`.
    """

    id = fields.BigIntField(primary_key=True)
    at = UtcDatetimeField()
    who = fields.CharField(max_length=200)
    role = fields.CharField(max_length=30)
    organisation = fields.CharField(max_length=200, null=True)
    what = fields.CharField(max_length=60)
    facility_id: int | None = fields.IntField(null=True)
    facility_ids: list[int] | None = fields.JSONField(null=True)
    before: dict[str, Any] | None = OrderedJsonField(null=True)
    after: dict[str, Any] | None = OrderedJsonField(null=True)

    class Meta:
        table = "audit_entry"
        indexes = (("facility_id", "id"), ("who", "id"))


class IdempotencyKey(DatabaseRow):
    """A key that a caller sent with a change, so that the same change is made once.

    `content` is the SHA-256 of what the caller asked for. `version` is the facility's version
    after the change, `today` the day on which it was made: what the answer is given again from.
    """

    id = fields.BigIntField(primary_key=True)
    caller = fields.CharField(max_length=200)
    key = fields.CharField(max_length=200)
    content = fields.CharField(max_length=64)
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "kb.Facility", related_name="idempotency_keys", on_delete=fields.RESTRICT
    )
    facility_id: int
    event: fields.ForeignKeyRelation[WorkflowEvent] = fields.ForeignKeyField(
        "kb.WorkflowEvent", related_name="idempotency_keys", on_delete=fields.RESTRICT
    )
    event_id: int
    version = fields.IntField()
    today: date = fields.DateField()

    class Meta:
        table = "idempotency_key"
        unique_together = (("caller", "key"),)
