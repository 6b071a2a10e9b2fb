from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kb.models.fields import NameField, OrderedJsonField, UtcDatetimeField


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Facility",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("name", NameField(max_length=300)),
                ("country", fields.CharField(max_length=2)),
                ("os_id", fields.CharField(null=True, unique=True, max_length=50)),
                ("gateway_id", fields.CharField(null=True, unique=True, max_length=50)),
                ("better_work_id", fields.CharField(null=True, unique=True, max_length=50)),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "facility",
                "app": "kb",
                "indexes": [Index(fields=["name", "id"]), Index(fields=["country", "id"])],
                "pk_attr": "id",
                "table_description": "Facility in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="FacilityProjection",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                (
                    "facility",
                    fields.ForeignKeyField(
                        "kb.Facility",
                        source_field="facility_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="projections",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("cycle_number", fields.IntField()),
                ("is_current", fields.BooleanField()),
                ("name", NameField(max_length=300)),
                ("country", fields.CharField(max_length=2)),
                ("decision_key", fields.CharField(max_length=200)),
                ("last_event_sequence", fields.IntField()),
                ("state", OrderedJsonField()),
                ("updated_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "facility_projection",
                "app": "kb",
                "unique_together": (("facility", "cycle_number"),),
                "indexes": [
                    Index(fields=["is_current", "name", "facility_id"]),
                    Index(fields=["is_current", "country", "facility_id"]),
                    Index(fields=["is_current", "decision_key", "facility_id"]),
                ],
                "pk_attr": "id",
                "table_description": "FacilityProjection in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Faq",
            fields=[
                (
                    "number",
                    fields.IntField(generated=False, primary_key=True, unique=True, db_index=True),
                ),
                ("slug", fields.CharField(max_length=200)),
            ],
            options={
                "table": "faq",
                "app": "kb",
                "pk_attr": "number",
                "table_description": "Faq in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="FaqRevision",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                (
                    "faq",
                    fields.ForeignKeyField(
                        "kb.Faq",
                        source_field="faq_id",
                        db_constraint=True,
                        to_field="number",
                        related_name="revisions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("content_hash", fields.CharField(max_length=64)),
                ("section", fields.IntField()),
                ("question", fields.TextField(unique=False)),
                ("body", OrderedJsonField()),
            ],
            options={
                "table": "faq_revision",
                "app": "kb",
                "unique_together": (("faq", "content_hash"),),
                "pk_attr": "id",
                "table_description": "FaqRevision in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="KnowledgeRelease",
            fields=[
                (
                    "number",
                    fields.IntField(generated=False, primary_key=True, unique=True, db_index=True),
                ),
                ("content_hash", fields.CharField(db_index=True, max_length=64)),
                ("published_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("program_version", fields.CharField(max_length=50)),
                ("note", fields.TextField(null=True, unique=False)),
                ("record_count", fields.IntField()),
            ],
            options={
                "table": "knowledge_release",
                "app": "kb",
                "pk_attr": "number",
                "table_description": "KnowledgeRelease in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="AccreditedHost",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("name", fields.CharField(max_length=200)),
            ],
            options={
                "table": "accredited_host",
                "app": "kb",
                "unique_together": (("release", "key"),),
                "pk_attr": "id",
                "table_description": "AccreditedHost in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="Ambiguity",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("title", fields.TextField(unique=False)),
                ("ask", fields.CharField(max_length=50)),
            ],
            options={
                "table": "ambiguity",
                "app": "kb",
                "unique_together": (("release", "key"),),
                "pk_attr": "id",
                "table_description": "Ambiguity in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="Country",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("name", fields.CharField(max_length=200)),
            ],
            options={
                "table": "country",
                "app": "kb",
                "unique_together": (("release", "key"),),
                "pk_attr": "id",
                "table_description": "Country in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="Fact",
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
                ("position", fields.IntField()),
                ("owner_kind", fields.CharField(max_length=30)),
                ("owner_key", fields.CharField(max_length=300)),
                ("topic", fields.CharField(max_length=50)),
                ("valid_from", fields.DateField()),
                ("precision", fields.CharField(max_length=10)),
                ("layer", fields.CharField(max_length=30)),
                ("value", fields.TextField(null=True, unique=False)),
                ("text", fields.TextField(unique=False)),
                ("source_key", fields.CharField(max_length=300)),
                ("checked_on", fields.DateField()),
            ],
            options={
                "table": "fact",
                "app": "kb",
                "indexes": [
                    Index(fields=["release_id", "owner_kind", "owner_key", "topic", "valid_from"])
                ],
                "pk_attr": "id",
                "table_description": "Fact in kb.models",
            },
            bases=["ReleasePart"],
        ),
        ops.CreateModel(
            name="Fee",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("code", fields.CharField(max_length=50)),
                ("title", fields.TextField(unique=False)),
                ("payer", fields.CharField(null=True, max_length=50)),
                ("charge", fields.CharField(max_length=50)),
            ],
            options={
                "table": "fee",
                "app": "kb",
                "unique_together": (("release", "key"),),
                "pk_attr": "id",
                "table_description": "Fee in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="GlossaryEntry",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("term", fields.CharField(max_length=200)),
                ("text", fields.TextField(unique=False)),
            ],
            options={
                "table": "glossary_entry",
                "app": "kb",
                "unique_together": (("release", "key"),),
                "pk_attr": "id",
                "table_description": "GlossaryEntry in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="KnowledgeRecord",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("record_kind", fields.CharField(max_length=30)),
            ],
            options={
                "table": "knowledge_record",
                "app": "kb",
                "unique_together": (("release", "record_kind", "key"),),
                "pk_attr": "id",
                "table_description": "KnowledgeRecord in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="LawOverlay",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("title", fields.TextField(unique=False)),
            ],
            options={
                "table": "law_overlay",
                "app": "kb",
                "unique_together": (("release", "key"),),
                "pk_attr": "id",
                "table_description": "LawOverlay in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="Passage",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                (
                    "revision",
                    fields.ForeignKeyField(
                        "kb.FaqRevision",
                        source_field="revision_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="passages",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("key", fields.CharField(db_index=True, max_length=200)),
                ("position", fields.IntField()),
                ("text", fields.TextField(unique=False)),
            ],
            options={
                "table": "passage",
                "app": "kb",
                "unique_together": (("revision", "key"),),
                "pk_attr": "id",
                "table_description": "Passage in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ReleaseFaq",
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
                ("position", fields.IntField()),
                (
                    "revision",
                    fields.ForeignKeyField(
                        "kb.FaqRevision",
                        source_field="revision_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "release_faq",
                "app": "kb",
                "unique_together": (("release", "revision"),),
                "pk_attr": "id",
                "table_description": "ReleaseFaq in kb.models",
            },
            bases=["ReleasePart"],
        ),
        ops.CreateModel(
            name="RuleRow",
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
                ("position", fields.IntField()),
                ("table_key", fields.CharField(max_length=20)),
                ("row_key", fields.CharField(max_length=20)),
                ("body", OrderedJsonField()),
            ],
            options={
                "table": "rule_row",
                "app": "kb",
                "unique_together": (("release", "row_key"),),
                "pk_attr": "id",
                "table_description": "RuleRow in kb.models",
            },
            bases=["ReleasePart"],
        ),
        ops.CreateModel(
            name="RuleTable",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("title", fields.TextField(unique=False)),
            ],
            options={
                "table": "rule_table",
                "app": "kb",
                "unique_together": (("release", "key"),),
                "pk_attr": "id",
                "table_description": "RuleTable in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="ServiceCycle",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                (
                    "facility",
                    fields.ForeignKeyField(
                        "kb.Facility",
                        source_field="facility_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="service_cycles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.IntField()),
                ("opened_on", fields.DateField()),
                ("closed_on", fields.DateField(null=True)),
            ],
            options={
                "table": "service_cycle",
                "app": "kb",
                "unique_together": (("facility", "number"),),
                "pk_attr": "id",
                "table_description": "ServiceCycle in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="SharingGrant",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                (
                    "facility",
                    fields.ForeignKeyField(
                        "kb.Facility",
                        source_field="facility_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sharing_grants",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("grantee_kind", fields.CharField(max_length=30)),
                ("grantee", fields.CharField(max_length=200)),
                ("channel", fields.CharField(max_length=30)),
                ("granted_on", fields.DateField()),
                ("revoked_on", fields.DateField(null=True)),
            ],
            options={
                "table": "sharing_grant",
                "app": "kb",
                "indexes": [Index(fields=["grantee_kind", "grantee", "facility_id"])],
                "pk_attr": "id",
                "table_description": "SharingGrant in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Source",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("title", fields.TextField(unique=False)),
                ("layer", fields.CharField(max_length=30)),
                ("dated", fields.DateField(null=True)),
                ("checked_on", fields.DateField()),
            ],
            options={
                "table": "source",
                "app": "kb",
                "unique_together": (("release", "key"),),
                "pk_attr": "id",
                "table_description": "Source in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="Statement",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("text", fields.TextField(unique=False)),
            ],
            options={
                "table": "statement",
                "app": "kb",
                "unique_together": (("release", "key"),),
                "pk_attr": "id",
                "table_description": "Statement in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="ToolVersion",
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
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=300)),
                ("body", OrderedJsonField()),
                ("version", fields.CharField(max_length=50)),
                ("planned", fields.BooleanField()),
            ],
            options={
                "table": "tool_version",
                "app": "kb",
                "unique_together": (("release", "key"),),
                "pk_attr": "id",
                "table_description": "ToolVersion in kb.models",
            },
            bases=["ReleaseRow"],
        ),
        ops.CreateModel(
            name="WorkflowEvent",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "facility",
                    fields.ForeignKeyField(
                        "kb.Facility",
                        source_field="facility_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "cycle",
                    fields.ForeignKeyField(
                        "kb.ServiceCycle",
                        source_field="cycle_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("sequence", fields.IntField()),
                ("kind", fields.CharField(max_length=60)),
                ("occurred_on", fields.DateField()),
                ("recorded_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("actor_role", fields.CharField(max_length=50)),
                ("actor", fields.CharField(null=True, max_length=200)),
                ("payload", OrderedJsonField()),
                ("idempotency_key", fields.CharField(null=True, max_length=200)),
            ],
            options={
                "table": "workflow_event",
                "app": "kb",
                "unique_together": (("facility", "sequence"), ("facility", "idempotency_key")),
                "pk_attr": "id",
                "table_description": "WorkflowEvent in kb.models",
            },
            bases=["Row"],
        ),
    ]
