# ruff: noqa: D106 - Meta is Tortoise's, and says nothing of its own
"""The order in which events became visible, which is what subscriptions go by."""

from __future__ import annotations

from tortoise import fields

from kb.models.base import DatabaseRow
from kb.models.facilities import WorkflowEvent


class EventPosition(DatabaseRow):
    """The place of an event among all events.

    Whoever can read a position can also read every lower one that there will ever be. Ids do not
    have that: on PostgreSQL a transaction that took a lower id may be committed later.
    """

    position = fields.BigIntField(primary_key=True)
    event: fields.OneToOneRelation[WorkflowEvent] = fields.OneToOneField(
        "kb.WorkflowEvent", related_name="placed", on_delete=fields.RESTRICT
    )
    event_id: int

    class Meta:
        table = "event_position"


class UnplacedEvent(DatabaseRow):
    """An event that is committed but has no position yet; always empty on SQLite."""

    event_id = fields.BigIntField(primary_key=True, generated=False)

    class Meta:
        table = "unplaced_event"
