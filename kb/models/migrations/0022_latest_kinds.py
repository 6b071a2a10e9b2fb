from tortoise import fields, migrations
from tortoise.migrations import operations as ops

# What a brand is not told of.
NOT_FOR_BRANDS = "'SHARED', 'UNSHARED', 'SIGHT_GRANTED', 'SIGHT_WITHDRAWN', 'RECORD_CONTESTED'"
PROJECTIONS = {
    "FacilityProjection": ("facility_projection", ""),
    "BrandProjection": ("brand_projection", f" AND e.kind NOT IN ({NOT_FOR_BRANDS})"),
}


class Migration(migrations.Migration):
    """Keep the kind of the last event beside its day, so that pages need not look for it."""

    dependencies = [("kb", "0021_events_counted_at_once")]

    initial = False

    operations = [
        *(
            ops.AddField(
                model_name=model,
                name="latest_kind",
                field=fields.CharField(max_length=60, null=True),
            )
            for model in PROJECTIONS
        ),
        *(
            ops.RunSQL(
                f"UPDATE {table} SET latest_kind = (SELECT e.kind FROM workflow_event e "
                f"WHERE e.facility_id = {table}.facility_id{only} "
                "ORDER BY e.occurred_on DESC, e.sequence DESC LIMIT 1)",
                ops.RunSQL.noop,
            )
            for table, only in PROJECTIONS.values()
        ),
    ]
