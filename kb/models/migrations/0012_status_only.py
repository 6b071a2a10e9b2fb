from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Let brands see where a facility stands without its data."""

    dependencies = [("kb", "0011_prepared")]

    initial = False

    operations = [
        ops.AddField(
            model_name="BrandProjection",
            name="status_only",
            field=fields.BooleanField(db_default=False),
        ),
    ]
