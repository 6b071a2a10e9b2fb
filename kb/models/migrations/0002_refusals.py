from tortoise import migrations
from tortoise.migrations import operations as ops

from kb.models.append_only import AppendOnly


class Migration(migrations.Migration):
    """What the tables must refuse: changed history, and two where there can be only one."""

    dependencies = [("kb", "0001_initial")]

    initial = False

    operations = [
        AppendOnly(
            tables=(
                "workflow_event",
                "knowledge_release",
                "faq_revision",
                "passage",
                "release_faq",
                "source",
                "country",
                "tool_version",
                "law_overlay",
                "fee",
                "accredited_host",
                "statement",
                "glossary_entry",
                "ambiguity",
                "rule_table",
                "rule_row",
                "fact",
                "knowledge_record",
            )
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "uid_facility_projection_is_current" '
            'ON "facility_projection" ("facility_id") WHERE "is_current"',
            'DROP INDEX "uid_facility_projection_is_current"',
        ),
        ops.RunSQL(
            'CREATE UNIQUE INDEX "uid_sharing_grant_not_revoked" ON "sharing_grant" '
            '("facility_id", "grantee_kind", "grantee", "channel") WHERE "revoked_on" IS NULL',
            'DROP INDEX "uid_sharing_grant_not_revoked"',
        ),
    ]
