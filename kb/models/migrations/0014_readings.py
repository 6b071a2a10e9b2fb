from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from kb.models.sql_steps import OnPostgreSQL


class Migration(migrations.Migration):
    """Let one entry of the audit tell of all facilities that were read at once."""

    dependencies = [("kb", "0013_taken_allowances")]

    initial = False

    operations = [
        ops.AddField(
            model_name="AuditEntry",
            name="facility_ids",
            field=fields.JSONField(null=True),
        ),
        OnPostgreSQL(
            (
                'CREATE INDEX "idx_audit_entry_facility_ids" ON "audit_entry" '
                'USING gin ("facility_ids" jsonb_path_ops)',
            ),
            ('DROP INDEX "idx_audit_entry_facility_ids"',),
        ),
    ]
