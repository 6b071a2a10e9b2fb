from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from kb.models.append_only import AppendOnly


class Migration(migrations.Migration):
    """Keep the vectors of a release's texts with it."""

    dependencies = [("kb", "0005_learning")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ReleaseVectors",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                (
                    "release",
                    fields.ForeignKeyField(
                        "kb.KnowledgeRelease",
                        source_field="release_id",
                        db_constraint=True,
                        to_field="number",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("body", fields.BinaryField()),
            ],
            options={
                "table": "release_vectors",
                "app": "kb",
                "pk_attr": "id",
                "table_description": "ReleaseVectors in kb.models",
            },
            bases=["Row"],
        ),
        AppendOnly(tables=("release_vectors",)),
    ]
