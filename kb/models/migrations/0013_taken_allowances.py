from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Keep what callers have taken of their allowances, for all processes."""

    dependencies = [("kb", "0012_status_only")]

    initial = False

    operations = [
        ops.CreateModel(
            name="TakenAllowance",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("client", fields.CharField(max_length=64, unique=True)),
                ("filled_until", fields.FloatField(db_index=True)),
            ],
            options={
                "table": "taken_allowance",
                "app": "kb",
                "pk_attr": "id",
                "table_description": "TakenAllowance in kb.models",
            },
            bases=["Row"],
        ),
    ]
