from typing import Any

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kb.models.counting import KeepCounts

# What a brand is told of changed the facility for it last; these it is not told of.
NOT_FOR_BRANDS = "'SHARED', 'UNSHARED', 'SIGHT_GRANTED', 'SIGHT_WITHDRAWN', 'RECORD_CONTESTED'"
PROJECTIONS = {
    "FacilityProjection": ("facility_projection", "", ("is_current",)),
    "BrandProjection": (
        "brand_projection",
        f" AND e.kind NOT IN ({NOT_FOR_BRANDS})",
        ("brand", "is_current"),
    ),
}
COUNTS: dict[str, tuple[str, dict[str, Any]]] = {
    "FacilityCount": (
        "facility_count",
        {"decision_key": fields.CharField(max_length=200), "status_only": fields.BooleanField()},
    ),
    "LastChangeCount": ("last_change_count", {"changed_on": fields.DateField()}),
    "EventCount": (
        "event_count",
        {"month": fields.CharField(max_length=7), "kind": fields.CharField(max_length=60)},
    ),
}


class Migration(migrations.Migration):
    """Keep counts of facilities and of what happened to them, and the day of the last change."""

    dependencies = [("kb", "0017_places")]

    initial = False

    operations = [
        *(
            ops.AddField(model_name=model, name="changed_on", field=fields.DateField(null=True))
            for model in PROJECTIONS
        ),
        *(
            ops.RunSQL(
                f"UPDATE {table} SET changed_on = (SELECT MAX(e.occurred_on) "
                f"FROM workflow_event e WHERE e.facility_id = {table}.facility_id{only})",
                ops.RunSQL.noop,
            )
            for table, only, _ in PROJECTIONS.values()
        ),
        *(
            ops.AddIndex(
                model_name=model, index=Index(fields=[*first, "changed_on", "facility_id"])
            )
            for model, (_, _, first) in PROJECTIONS.items()
        ),
        ops.AddIndex(model_name="WorkflowEvent", index=Index(fields=["occurred_on"])),
        *(
            ops.CreateModel(
                name=name,
                fields=[
                    (
                        "id",
                        fields.BigIntField(
                            generated=True, primary_key=True, unique=True, db_index=True
                        ),
                    ),
                    ("brand", fields.CharField(max_length=200)),
                    ("country", fields.CharField(max_length=2)),
                    ("slot", fields.IntField()),
                    ("number", fields.IntField()),
                    *columns.items(),
                ],
                options={
                    "table": table,
                    "app": "kb",
                    "unique_together": (("brand", "country", *columns, "slot"),),
                    "pk_attr": "id",
                    "table_description": f"{name} in kb.models",
                },
                bases=["KeptCount"],
            )
            for name, (table, columns) in COUNTS.items()
        ),
        KeepCounts(),
    ]
