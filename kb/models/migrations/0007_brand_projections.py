from collections import defaultdict
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from kb.errors import KbError
from kb.models.facilities import event_of
from kb.models.fields import NameField, OrderedJsonField, UtcDatetimeField
from kb.rules.events import without_other_grants
from kb.rules.folding import fold_cycles

BATCH = 200
BRAND = "BRAND"


async def fill(apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Project each facility for the brands that it shares with already."""
    grants = apps.get_model("kb.SharingGrant").all().using_db(editor.client)
    shared = grants.filter(grantee_kind=BRAND, revoked_on=None).order_by("facility_id")
    brands: dict[int, set[str]] = defaultdict(set)
    for facility_id, brand in await shared.values_list("facility_id", "grantee"):
        brands[facility_id].add(brand)
    ids = list(brands)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        facilities: Any = apps.get_model("kb.Facility").filter(id__in=batch)
        events: Any = apps.get_model("kb.WorkflowEvent").filter(facility_id__in=batch)
        rows: dict[int, list[Any]] = defaultdict(list)
        for row in await events.using_db(editor.client).order_by("sequence"):
            rows[row.facility_id].append(row)
        model: Any = apps.get_model("kb.BrandProjection")
        made = [
            model(**columns)
            for facility in await facilities.using_db(editor.client)
            for brand in sorted(brands[facility.id])
            for columns in _projected(facility, brand, rows[facility.id])
        ]
        await model.bulk_create(made, using_db=editor.client)


def _projected(facility: Any, brand: str, rows: list[Any]) -> list[dict[str, Any]]:
    """Its rows in the columns of this migration, by the present rules, which read them."""
    try:
        events = list(without_other_grants(map(event_of, rows), BRAND, brand))
        states = fold_cycles(facility.country, events)
    except (KbError, ValueError):  # whatever somebody wrote into an event; `verify` tells of it
        return []
    seen = {event.sequence for event in events}
    return [
        {
            "cycle_number": state.cycle,
            "decision_key": state.profile.key,
            "last_event_sequence": state.last_sequence,
            "state": {
                "opened_on": state.opened_on.isoformat() if state.opened_on else None,
                "closed_on": state.closed_on.isoformat() if state.closed_on else None,
                "step_dates": {code: day.isoformat() for code, day in state.step_dates.items()},
            },
            "facility_id": facility.id,
            "brand": brand,
            "is_current": state is states[-1],
            "name": facility.name,
            "country": facility.country,
            "updated_at": max(row.recorded_at for row in rows if row.sequence in seen),
        }
        for state in states
    ]


class Migration(migrations.Migration):
    """Project each facility for each brand that it shares with, by what that brand may know."""

    dependencies = [("kb", "0006_vectors")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BrandProjection",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                (
                    "facility",
                    fields.ForeignKeyField(
                        "kb.Facility",
                        source_field="facility_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="brand_projections",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("brand", fields.CharField(max_length=200)),
                ("cycle_number", fields.IntField()),
                ("is_current", fields.BooleanField()),
                ("name", NameField(max_length=300)),
                ("country", fields.CharField(max_length=2)),
                ("decision_key", fields.CharField(max_length=200)),
                ("last_event_sequence", fields.IntField()),
                ("state", OrderedJsonField()),
                ("updated_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "brand_projection",
                "app": "kb",
                "unique_together": (("facility", "brand", "cycle_number"),),
                "indexes": [
                    Index(fields=["brand", "is_current", "name", "facility_id"]),
                    Index(fields=["brand", "is_current", "country", "facility_id"]),
                    Index(fields=["brand", "is_current", "decision_key", "facility_id"]),
                ],
                "pk_attr": "id",
                "table_description": "BrandProjection in kb.models",
            },
            bases=["Projection"],
        ),
        ops.RunPython(fill, ops.RunPython.noop),
    ]
