from typing import Any

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from kb.models.fields import NameField
from kb.rules.spelling import name_key

BATCH = 200


async def fill_name_keys(apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Give the facilities that are there already their names as names are compared."""
    facilities: Any = apps.get_model("kb.Facility")
    ids = await facilities.all().using_db(editor.client).order_by("id").values_list("id", flat=True)
    for start in range(0, len(ids), BATCH):
        rows = await facilities.filter(id__in=ids[start : start + BATCH]).using_db(editor.client)
        for row in rows:  # one by one: bulk_update casts to a type with its collation
            same = facilities.filter(id=row.id).using_db(editor.client)
            await same.update(name_key=name_key(row.name))


class Migration(migrations.Migration):
    """Find facilities by their names however they are spelt, and keep their addresses."""

    dependencies = [("kb", "0007_brand_projections")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Facility",
            name="name_key",
            field=NameField(db_default="", max_length=300),
        ),
        ops.AddField(
            model_name="Facility",
            name="address",
            field=fields.CharField(null=True, max_length=500),
        ),
        ops.AddIndex(
            model_name="Facility",
            index=Index(fields=("name_key", "id")),
        ),
        ops.RunPython(fill_name_keys, ops.RunPython.noop),
    ]
