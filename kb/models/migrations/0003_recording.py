from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from kb.models.append_only import AppendOnly, Changeable
from kb.models.chain import GENESIS, event_hash
from kb.models.fields import OrderedJsonField, UtcDatetimeField

BATCH = 200
COLUMNS = (
    "facility_id",
    "cycle_id",
    "sequence",
    "kind",
    "occurred_on",
    "recorded_at",
    "actor_role",
    "actor",
    "payload",
    "idempotency_key",
)


async def chain_events(apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Give the events that are there already their place in the chain of their facility."""
    facilities = apps.get_model("kb.Facility").all().using_db(editor.client)
    events: Any = apps.get_model("kb.WorkflowEvent")
    ids = await facilities.order_by("id").values_list("id", flat=True)
    for start in range(0, len(ids), BATCH):
        batch = events.filter(facility_id__in=ids[start : start + BATCH]).using_db(editor.client)
        rows = await batch.order_by("facility_id", "sequence")
        facility, last = None, GENESIS
        for row in rows:
            if row.facility_id != facility:
                facility, last = row.facility_id, GENESIS
            row.previous_hash = last
            row.hash = event_hash(last, **{name: getattr(row, name) for name in COLUMNS})
            last = row.hash
        if rows:
            changed = events.bulk_update(
                rows, ["previous_hash", "hash"], batch_size=BATCH, using_db=editor.client
            )
            await changed


class Migration(migrations.Migration):
    """Chain the events, and keep tokens, messages, audit and idempotency keys."""

    dependencies = [("kb", "0002_refusals")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("hash", fields.CharField(unique=True, max_length=64)),
                ("label", fields.CharField(max_length=200)),
                ("role", fields.CharField(max_length=30)),
                ("organisation", fields.CharField(null=True, max_length=200)),
                ("country", fields.CharField(null=True, max_length=2)),
                (
                    "facility",
                    fields.ForeignKeyField(
                        "kb.Facility",
                        source_field="facility_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="tokens",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_used_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "api_token",
                "app": "kb",
                "pk_attr": "id",
                "table_description": "ApiToken in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("who", fields.CharField(max_length=200)),
                ("role", fields.CharField(max_length=30)),
                ("organisation", fields.CharField(null=True, max_length=200)),
                ("what", fields.CharField(max_length=60)),
                ("facility_id", fields.IntField(null=True)),
                ("before", OrderedJsonField(null=True)),
                ("after", OrderedJsonField(null=True)),
            ],
            options={
                "table": "audit_entry",
                "app": "kb",
                "indexes": [Index(fields=["facility_id", "id"]), Index(fields=["who", "id"])],
                "pk_attr": "id",
                "table_description": "AuditEntry in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("caller", fields.CharField(max_length=200)),
                ("key", fields.CharField(max_length=200)),
                ("content", fields.CharField(max_length=64)),
                (
                    "facility",
                    fields.ForeignKeyField(
                        "kb.Facility",
                        source_field="facility_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="idempotency_keys",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "event",
                    fields.ForeignKeyField(
                        "kb.WorkflowEvent",
                        source_field="event_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="idempotency_keys",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("version", fields.IntField()),
                ("today", fields.DateField()),
            ],
            options={
                "table": "idempotency_key",
                "app": "kb",
                "unique_together": (("caller", "key"),),
                "pk_attr": "id",
                "table_description": "IdempotencyKey in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="OutboxMessage",
            fields=[
                (
                    "id",
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
                        related_name="message",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=60)),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("attempts", fields.IntField(default=0)),
                ("last_error", fields.TextField(null=True, unique=False)),
                ("claimed_by", fields.CharField(null=True, max_length=100)),
                ("claimed_until", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("mailed_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("posted_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("finished_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("outcome", fields.CharField(null=True, max_length=20)),
            ],
            options={
                "table": "outbox_message",
                "app": "kb",
                "indexes": [Index(fields=["finished_at", "due_at"])],
                "pk_attr": "id",
                "table_description": "OutboxMessage in kb.models",
            },
            bases=["Row"],
        ),
        ops.AddField(
            model_name="Facility",
            name="contact_email",
            field=fields.CharField(null=True, max_length=254),
        ),
        ops.AddField(
            model_name="WorkflowEvent",
            name="hash",
            field=fields.CharField(db_default="", max_length=64),
        ),
        ops.AddField(
            model_name="WorkflowEvent",
            name="previous_hash",
            field=fields.CharField(db_default="", max_length=64),
        ),
        AppendOnly(tables=("audit_entry",)),
        Changeable(tables=("workflow_event",)),
        ops.RunPython(chain_events, ops.RunPython.noop),
        AppendOnly(tables=("workflow_event",)),
    ]
