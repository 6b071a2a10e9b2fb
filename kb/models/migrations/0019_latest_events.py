from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Find the first and the last events of a facility without looking at the others."""

    dependencies = [("kb", "0018_counts")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="WorkflowEvent",
            index=Index(fields=["facility_id", "occurred_on", "sequence"]),
        ),
    ]
