from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Forget why messages did not leave where they have left since, or where that names somebody."""

    dependencies = [("kb", "0023_wider_ids")]

    initial = False

    operations = [
        ops.RunSQL(
            "UPDATE outbox_message SET last_error = NULL "
            "WHERE outcome = 'DELIVERED' OR last_error LIKE '%@%'",
            ops.RunSQL.noop,
        ),
    ]
