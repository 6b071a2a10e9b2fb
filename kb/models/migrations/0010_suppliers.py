from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kb.models.fields import NameField, UtcDatetimeField


class Migration(migrations.Migration):
    """Keep a list of suppliers for each brand, apart from the facilities."""

    dependencies = [("kb", "0009_requested_gateway_ids")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Supplier",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("brand", fields.CharField(max_length=200)),
                ("name", NameField(max_length=300)),
                ("name_key", NameField(max_length=300)),
                ("country", fields.CharField(max_length=2)),
                ("address", fields.CharField(null=True, max_length=500)),
                ("reference", fields.CharField(null=True, max_length=50)),
                ("os_id", fields.CharField(null=True, max_length=50)),
                ("gateway_id", fields.CharField(null=True, max_length=50)),
                ("note", fields.CharField(null=True, max_length=1000)),
                ("decision_key", fields.CharField(max_length=200)),
                ("updated_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier",
                "app": "kb",
                "unique_together": (
                    ("brand", "reference"),
                    ("brand", "os_id"),
                    ("brand", "gateway_id"),
                ),
                "indexes": [
                    Index(fields=["brand", "name", "id"]),
                    Index(fields=["brand", "name_key", "country"]),
                    Index(fields=["brand", "decision_key"]),
                ],
                "pk_attr": "id",
                "table_description": "Supplier in kb.models",
            },
            bases=["Row"],
        ),
    ]
