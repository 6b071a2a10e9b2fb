from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Keep what follows from the content and takes long to find out."""

    dependencies = [("kb", "0010_suppliers")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Prepared",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("kind", fields.CharField(max_length=20)),
                ("key", fields.CharField(max_length=200)),
                ("body", fields.BinaryField()),
            ],
            options={
                "table": "prepared",
                "indexes": [Index(fields=["kind", "key"])],
                "app": "kb",
                "pk_attr": "id",
                "table_description": "Prepared in kb.models",
            },
            bases=["Row"],
        ),
    ]
