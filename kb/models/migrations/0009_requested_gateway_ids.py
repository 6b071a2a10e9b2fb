from tortoise import fields, migrations
from tortoise.migrations import operations as ops

# Ids that were handed over and never linked, and that nothing else vouches for.
MOVE = """
UPDATE "facility" SET "requested_gateway_id" = "gateway_id", "gateway_id" = NULL
WHERE "gateway_id" IS NOT NULL AND EXISTS (
    SELECT 1 FROM "workflow_event" e
    WHERE e."facility_id" = "facility"."id" AND e."kind" = 'LINK_REQUESTED'
) AND NOT EXISTS (
    SELECT 1 FROM "workflow_event" e WHERE e."facility_id" = "facility"."id" AND (
        e."kind" IN ('LINKED', 'PROFILE_APPROVED')
        OR (e."kind" = 'FACILITY_REGISTERED' AND CAST(e."payload" AS TEXT) LIKE '%gateway_id%')
    )
)
"""


class Migration(migrations.Migration):
    """Keep Gateway IDs that were handed over apart until somebody links them."""

    dependencies = [("kb", "0008_names_and_addresses")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Facility",
            name="requested_gateway_id",
            field=fields.CharField(null=True, max_length=50),
        ),
        ops.RunSQL(MOVE, ops.RunSQL.noop),
    ]
