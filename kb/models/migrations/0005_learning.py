from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kb.models.fields import OrderedJsonField, UtcDatetimeField


class Migration(migrations.Migration):
    """Keep questions that were not answered, and ratings of answers."""

    dependencies = [("kb", "0004_live")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AnswerRating",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("question", fields.TextField(unique=False)),
                ("faq_number", fields.IntField()),
                ("passage_id", fields.CharField(max_length=100)),
                ("helpful", fields.BooleanField()),
                ("release", fields.IntField()),
                ("rated_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "answer_rating",
                "app": "kb",
                "indexes": [Index(fields=["rated_at"])],
                "pk_attr": "id",
                "table_description": "AnswerRating in kb.models",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="AskedQuestion",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("group_key", fields.CharField(max_length=64)),
                ("text", fields.TextField(unique=False)),
                ("locale", fields.CharField(max_length=20)),
                ("outcome", fields.CharField(max_length=20)),
                ("hits", OrderedJsonField()),
                ("release", fields.IntField()),
                ("asked_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("closed_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("closed_reason", fields.CharField(null=True, max_length=20)),
                ("closed_note", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "asked_question",
                "app": "kb",
                "indexes": [
                    Index(fields=["closed_at", "group_key"]),
                    Index(fields=["asked_at"]),
                ],
                "pk_attr": "id",
                "table_description": "AskedQuestion in kb.models",
            },
            bases=["Row"],
        ),
    ]
