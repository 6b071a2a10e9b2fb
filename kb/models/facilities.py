# ruff: noqa: D106 - Meta is Tortoise's, and says nothing of its own
"""Facilities and their workflow: events are the truth, projections are made from them."""

from __future__ import annotations

from datetime import date
from typing import Any

from tortoise import fields

from kb.models.base import DatabaseRow
from kb.models.fields import NameField, OrderedJsonField, UtcDatetimeField
from kb.rules.events import Event, EventKind, FacilityState
from kb.rules.spelling import name_key, place_key


class Facility(DatabaseRow):
    """A factory or other facility, under the ids of the systems that know it.

    `os_id` is its Open Supply Hub id, `gateway_id` its Gateway Facility ID, `better_work_id` its
    id on the Better Work platform. `requested_gateway_id` is the one that it handed over to be
    linked (FAQ 10), until that is done; others may hand over the same. Messages go to
    `contact_email`. `version` counts changes, for optimistic locking. `name_key` is the name as
    names are compared, however they are spelt; by `place_key`, made from the address, those are
    found that may be the same under another name.
    """

    id = fields.IntField(primary_key=True)
    name = NameField()
    name_key = NameField(db_default="")
    country = fields.CharField(max_length=2)
    address = fields.CharField(max_length=500, null=True)
    place_key = fields.CharField(max_length=500, null=True)
    os_id = fields.CharField(max_length=50, null=True, unique=True)
    gateway_id = fields.CharField(max_length=50, null=True, unique=True)
    requested_gateway_id = fields.CharField(max_length=50, null=True)
    better_work_id = fields.CharField(max_length=50, null=True, unique=True)
    contact_email = fields.CharField(max_length=254, null=True)
    created_at = UtcDatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "facility"
        indexes = (("name", "id"), ("country", "id"), ("name_key", "id"), ("place_key", "country"))

    def __init__(self, **values: Any) -> None:
        if "name" in values:
            values["name_key"] = name_key(values["name"])
        if "address" in values:
            values["place_key"] = place_key(values["address"])
        super().__init__(**values)


class ServiceCycle(DatabaseRow):
    """One Better Work service cycle of a facility; `number` counts from 1 for each facility."""

    id = fields.IntField(primary_key=True)
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "kb.Facility", related_name="service_cycles", on_delete=fields.RESTRICT
    )
    facility_id: int
    number = fields.IntField()
    opened_on = fields.DateField()
    closed_on: date | None = fields.DateField(null=True)

    class Meta:
        table = "service_cycle"
        unique_together = (("facility", "number"),)


class WorkflowEvent(DatabaseRow):
    """Something that happened to a facility. The database refuses to change or delete it.

    `sequence` counts the events of a facility from 1. `occurred_on` is the day it happened,
    `recorded_at` the moment it was written down. `cycle` is None for what belongs to no service
    cycle; it is the one as it was when the event was recorded. `idempotency_key` is always None:
    the keys of callers are in `IdempotencyKey`, and this stays because the hash is made from it.

    `hash` is made from `previous_hash`, the hash of the event before, and from all other columns
    but `id`, so that what was written cannot be changed unnoticed; see `kb.models.chain`.
    """

    id = fields.BigIntField(primary_key=True)
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "kb.Facility", related_name="events", on_delete=fields.RESTRICT
    )
    facility_id: int
    cycle: fields.ForeignKeyNullableRelation[ServiceCycle] = fields.ForeignKeyField(
        "kb.ServiceCycle", related_name="events", null=True, on_delete=fields.RESTRICT
    )
    cycle_id: int | None
    sequence = fields.IntField()
    kind = fields.CharField(max_length=60)
    occurred_on = fields.DateField()
    recorded_at = UtcDatetimeField()
    actor_role = fields.CharField(max_length=50)
    actor = fields.CharField(max_length=200, null=True)
    payload = OrderedJsonField()
    idempotency_key = fields.CharField(max_length=200, null=True)
    previous_hash = fields.CharField(max_length=64, db_default="")
    hash = fields.CharField(max_length=64, db_default="")

    class Meta:
        table = "workflow_event"
        unique_together = (("facility", "sequence"), ("facility", "idempotency_key"))
        indexes = (("occurred_on",), ("facility_id", "occurred_on", "sequence"))


def event_of(row: WorkflowEvent) -> Event:
    """The event as the rules read it."""
    return Event(EventKind(row.kind), row.occurred_on, row.sequence, row.payload)


class Projection(DatabaseRow):
    """Where a facility stands in one service cycle, recomputed from its events at any time.

    `cycle_number` is 0 before the first cycle. One row for each facility is the current one.
    Facilities with the same `decision_key` get the same decision. `name`, `country` and the ids
    repeat the facility's, so that a page of facilities is read from this table alone. `contested`
    are the numbers of events that the facility says are wrong; None for none. `changed_on` and
    `latest_kind` are the day and the kind of the last event that those are told of who see the row;
    the same in all cycles.
    """

    facility_id: int
    cycle_number = fields.IntField()
    is_current = fields.BooleanField()
    name = NameField()
    country = fields.CharField(max_length=2)
    os_id = fields.CharField(max_length=50, null=True)
    gateway_id = fields.CharField(max_length=50, null=True)
    better_work_id = fields.CharField(max_length=50, null=True)
    decision_key = fields.CharField(max_length=200)
    last_event_sequence = fields.IntField()
    changed_on: date | None = fields.DateField(null=True)
    latest_kind = fields.CharField(max_length=60, null=True)
    contested: list[int] | None = fields.JSONField(null=True)
    state = OrderedJsonField()
    updated_at = UtcDatetimeField()

    class Meta:
        abstract = True


def columns_of(state: FacilityState) -> dict[str, Any]:
    """The columns of a projection that follow from where the facility stands."""
    return {
        "cycle_number": state.cycle,
        "decision_key": state.profile.key,
        "last_event_sequence": state.last_sequence,
        "contested": list(state.contested) or None,
        "state": {
            "opened_on": state.opened_on.isoformat() if state.opened_on else None,
            "closed_on": state.closed_on.isoformat() if state.closed_on else None,
            "step_dates": {code: day.isoformat() for code, day in state.step_dates.items()},
        },
    }


class FacilityProjection(Projection):
    """Where a facility stands by all of its events."""

    id = fields.BigIntField(primary_key=True)
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "kb.Facility", related_name="projections", on_delete=fields.CASCADE
    )

    class Meta:
        table = "facility_projection"
        unique_together = (("facility", "cycle_number"),)
        indexes = (
            ("is_current", "name", "facility_id"),
            ("is_current", "country", "facility_id"),
            ("is_current", "decision_key", "facility_id"),
            ("is_current", "changed_on", "facility_id"),
        )


class BrandProjection(Projection):
    """Where a facility stands as one brand sees it: by its events but what it shares with others.

    There are rows for the brands that the facility shares with now, or has given sight of its
    status, and for no others. With `status_only` the brand sees where it stands, and no data.
    """

    id = fields.BigIntField(primary_key=True)
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "kb.Facility", related_name="brand_projections", on_delete=fields.CASCADE
    )
    brand = fields.CharField(max_length=200)
    status_only = fields.BooleanField(db_default=False)

    class Meta:
        table = "brand_projection"
        unique_together = (("facility", "brand", "cycle_number"),)
        indexes = (
            ("brand", "is_current", "name", "facility_id"),
            ("brand", "is_current", "country", "facility_id"),
            ("brand", "is_current", "decision_key", "facility_id"),
            ("brand", "is_current", "changed_on", "facility_id"),
        )


class SharingGrant(DatabaseRow):
    """Whom a facility lets see its data, and by which channel; the facility decides (FAQ 19)."""

    id = fields.IntField(primary_key=True)
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "kb.Facility", related_name="sharing_grants", on_delete=fields.RESTRICT
    )
    facility_id: int
    grantee_kind = fields.CharField(max_length=30)
    grantee = fields.CharField(max_length=200)
    channel = fields.CharField(max_length=30)
    granted_on = fields.DateField()
    revoked_on: date | None = fields.DateField(null=True)

    class Meta:
        table = "sharing_grant"
        indexes = (("grantee_kind", "grantee", "facility_id"),)
