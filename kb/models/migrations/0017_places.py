from typing import Any

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from kb.rules.spelling import place_key

BATCH = 1_000


async def fill_place_keys(apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Give those that are there already the key of their addresses."""
    for name in ("kb.Facility", "kb.Supplier"):
        model: Any = apps.get_model(name)
        addressed = model.filter(address__not_isnull=True).using_db(editor.client)
        ids = await addressed.order_by("id").values_list("id", flat=True)
        for start in range(0, len(ids), BATCH):
            rows = await model.filter(id__in=ids[start : start + BATCH]).using_db(editor.client)
            for row in rows:
                row.place_key = place_key(row.address)
            await model.bulk_update(rows, ["place_key"], using_db=editor.client)


class Migration(migrations.Migration):
    """Find facilities and suppliers whose names are misspelt by their addresses."""

    dependencies = [("kb", "0016_ids_in_any_case")]

    initial = False

    operations = [
        *(
            ops.AddField(
                model_name=model,
                name="place_key",
                field=fields.CharField(null=True, max_length=500),
            )
            for model in ("Facility", "Supplier")
        ),
        ops.AddIndex(model_name="Facility", index=Index(fields=("place_key", "country"))),
        ops.AddIndex(model_name="Supplier", index=Index(fields=("brand", "place_key", "country"))),
        ops.RunPython(fill_place_keys, ops.RunPython.noop),
    ]
