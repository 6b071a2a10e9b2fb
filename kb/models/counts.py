# ruff: noqa: D106 - Meta is Tortoise's, and says nothing of its own
"""Counts of facilities and of what happened to them, which triggers of the database keep.

Each count is the sum of `number` over its slots; see `kb.models.counting`. `brand` is the one whose
facilities are counted, as it sees them, and empty where all are.
"""

from __future__ import annotations

from tortoise import fields

from kb.models.base import DatabaseRow

_COUNTED = ("brand", "country")


class KeptCount(DatabaseRow):
    """A part of a count; only the sum over all slots tells anything, and 0 is no count."""

    id = fields.BigIntField(primary_key=True)
    brand = fields.CharField(max_length=200)
    country = fields.CharField(max_length=2)
    slot = fields.IntField()
    number = fields.IntField()

    class Meta:
        abstract = True


class FacilityCount(KeptCount):
    """How many facilities have a decision key now."""

    decision_key = fields.CharField(max_length=200)
    status_only = fields.BooleanField()

    class Meta:
        table = "facility_count"
        unique_together = ((*_COUNTED, "decision_key", "status_only", "slot"),)


class LastChangeCount(KeptCount):
    """At how many facilities the last thing that is seen of them happened on a day."""

    changed_on = fields.DateField()

    class Meta:
        table = "last_change_count"
        unique_together = ((*_COUNTED, "changed_on", "slot"),)


class EventCount(KeptCount):
    """How often something happened in a month, as 2021-10, at facilities whose data is seen.

    Of the facilities of a brand all events are counted, also those that it is not told of.
    """

    month = fields.CharField(max_length=7)
    kind = fields.CharField(max_length=60)

    class Meta:
        table = "event_count"
        unique_together = ((*_COUNTED, "month", "kind", "slot"),)
