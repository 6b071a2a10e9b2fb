# ruff: noqa: D106 - Meta is Tortoise's, and says nothing of its own
"""API tokens: who is asking, when it is not the operator of the machine."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields

from kb.models.base import DatabaseRow
from kb.models.facilities import Facility
from kb.models.fields import UtcDatetimeField


class ApiToken(DatabaseRow):
    """A key somebody was given, without the key itself.

    `hash` is the HMAC-SHA-256 of the key in hexadecimal. `role` is a `kb.rules.roles.Role`; an
    organisation, a country or a facility narrows what the role may see.
    """

    id = fields.IntField(primary_key=True)
    hash = fields.CharField(max_length=64, unique=True)
    label = fields.CharField(max_length=200)
    role = fields.CharField(max_length=30)
    organisation = fields.CharField(max_length=200, null=True)
    country = fields.CharField(max_length=2, null=True)
    facility: fields.ForeignKeyNullableRelation[Facility] = fields.ForeignKeyField(
        "kb.Facility", related_name="tokens", null=True, on_delete=fields.RESTRICT
    )
    facility_id: int | None
    created_at = UtcDatetimeField()
    expires_at = UtcDatetimeField()
    revoked_at: datetime | None = UtcDatetimeField(null=True)
    last_used_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "api_token"


class TakenAllowance(DatabaseRow):
    """Until when, in seconds since 1970 by the database, what a client took fills one of its rates.

    `client` is a keyed hash of the rate and of the client, whose address it may be.
    """

    client = fields.CharField(max_length=64, primary_key=True)
    filled_until = fields.FloatField(db_index=True)

    class Meta:
        table = "taken_allowance"
