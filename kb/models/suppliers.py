# ruff: noqa: D106 - Meta is Tortoise's, and says nothing of its own
"""The suppliers of a brand as the brand itself knows them, apart from the facilities here."""

from __future__ import annotations

from typing import Any

from tortoise import fields

from kb.models.base import DatabaseRow
from kb.models.fields import NameField, UtcDatetimeField
from kb.rules.spelling import name_key, place_key


class Supplier(DatabaseRow):
    """An entry of a brand's own list. Nothing in it comes from the table of facilities.

    `brand` is the organisation whose list it is. `reference` is the brand's own number for it,
    `decision_key` the profile that the brand has noted, with what it does not know as UNKNOWN.
    """

    id = fields.IntField(primary_key=True)
    brand = fields.CharField(max_length=200)
    name = NameField()
    name_key = NameField()
    country = fields.CharField(max_length=2)
    address = fields.CharField(max_length=500, null=True)
    place_key = fields.CharField(max_length=500, null=True)
    reference = fields.CharField(max_length=50, null=True)
    os_id = fields.CharField(max_length=50, null=True)
    gateway_id = fields.CharField(max_length=50, null=True)
    note = fields.CharField(max_length=1000, null=True)
    decision_key = fields.CharField(max_length=200)
    updated_at = UtcDatetimeField()

    class Meta:
        table = "supplier"
        unique_together = (("brand", "reference"), ("brand", "os_id"), ("brand", "gateway_id"))
        indexes = (
            ("brand", "name", "id"),
            ("brand", "name_key", "country"),
            ("brand", "place_key", "country"),
            ("brand", "decision_key"),
        )

    def __init__(self, **values: Any) -> None:
        if "name" in values:
            values["name_key"] = name_key(values["name"])
        if "address" in values:
            values["place_key"] = place_key(values["address"])
        super().__init__(**values)
