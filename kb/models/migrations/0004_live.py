from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from kb.models.announcing import Announce


class Migration(migrations.Migration):
    """Give events an order that subscriptions can go by, and announce them."""

    dependencies = [("kb", "0003_recording")]

    initial = False

    operations = [
        ops.CreateModel(
            name="EventPosition",
            fields=[
                (
                    "position",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "event",
                    fields.OneToOneField(
                        "kb.WorkflowEvent",
                        source_field="event_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="placed",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "event_position",
                "app": "kb",
                "pk_attr": "position",
                "table_description": "EventPosition in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="UnplacedEvent",
            fields=[
                (
                    "event_id",
                    fields.BigIntField(
                        generated=False, primary_key=True, unique=True, db_index=True
                    ),
                ),
            ],
            options={
                "table": "unplaced_event",
                "app": "kb",
                "pk_attr": "event_id",
                "table_description": "UnplacedEvent in kb.models",
            },
            bases=["Row"],
        ),
        ops.RunSQL(
            'INSERT INTO "event_position" ("event_id") '
            'SELECT "id" FROM "workflow_event" ORDER BY "id"',
            ops.RunSQL.noop,
        ),
        Announce(),
    ]
